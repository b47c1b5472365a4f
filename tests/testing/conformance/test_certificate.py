"""What a vendor sees: pytest's words, and the certificate."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from akeneo_erp_bridge.errors import ConfigurationError, ErpRefused
from akeneo_erp_bridge.testing.conformance import LAWS, ErpConformance, Faults, examine
from akeneo_erp_bridge.testing.conformance._bench import _version_of
from chromium import chromium
from kit_erp import Adapter, Article, World

ROOT = Path(__file__).parents[3]


class Small:
    """A world that can do no more than each must."""

    def __init__(self) -> None:
        self.all = World()
        self.is_closed = False

    def keys(self) -> list[str]:
        return self.all.keys()

    def edit_cold(self, key: str) -> None:
        self.all.edit_cold(key)

    def close(self) -> None:
        self.is_closed = True


class ReadsOnly:
    """The adapter without its further protocols."""

    def __init__(self, inner: Adapter) -> None:
        self.describe, self.check, self.read_items = inner.describe, inner.check, inner.read_items


class Kit(ErpConformance[Article]):
    item = Article
    source = ROOT / "tests" / "kit_erp.py"

    def world(self) -> Small:
        return Small()

    def make_adapter(self, faults: Faults) -> ReadsOnly:
        erp = self.world().all.erp
        return ReadsOnly(Adapter(erp, faults.transport(erp.transport())))


VENDOR = """
from akeneo_erp_bridge.testing.conformance import ErpConformance
from kit_erp import Adapter, Article, World
import pytest

class TestAcme(ErpConformance[Article]):
    item = Article
    version = "4.2"

    def world(self):
        return World()

    def make_adapter(self, faults):
        erp = self.world().erp
        return Adapter(erp, faults.transport(erp.transport()))

    @pytest.mark.skip(reason="takes long")
    def test_16_many_items_take_little_memory(self):
        ...

    def test_02_describe_names_what_records_hold(self):
        pass

    @pytest.mark.xfail(reason="known")
    def test_of_our_own(self):
        assert False
"""


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_acme.py").write_text(VENDOR, encoding="utf-8")
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    command = [sys.executable, "-m", "pytest", "-p", "akeneo_erp_bridge._pytest_plugin", "-p", "no:cacheprovider", "-q"]
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200"}
    return subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_what_nobody_can_try_is_absent_and_says_what_is_missing() -> None:
    certificate = examine(Kit)
    assert certificate.failed == []
    reasons = {number: certificate.rulings[number].reason for number in certificate.absent}
    assert reasons[6] == "the world has no `edit_hot` (EditsHot)"
    assert reasons[7] == "the adapter has no `read_hot` (HotReader)"
    assert reasons[20] == "the adapter has no `find_by_key` and `write_item` (ItemWriter)"
    assert reasons[28] == "the class lists no `secrets`"
    assert reasons[1].startswith("check() says ok, but the world has no `locked` (Locks)")
    assert reasons[25].startswith("each date and time that was read names its zone, but the world has no `create`")
    assert certificate.passed == [2, 3, 4, 5, 11, 12, 13, 15, 18, 23, 27, 29]


def test_the_world_is_made_once_and_closed_at_the_end() -> None:
    made: list[Small] = []

    class Counts(Kit):
        def world(self) -> Small:
            made.append(Small())
            return made[-1]

    examine(Counts, only=[2, 3, 4])
    assert [one.is_closed for one in made] == [True]
    examine(Counts, only=[2])
    assert len(made) == 2, "another examination has a world of its own"


def test_a_law_that_ends_in_an_error_has_failed() -> None:
    class Fails(Kit):
        def make_adapter(self, faults: Faults) -> ReadsOnly:
            raise ErpRefused("wrong port")

    certificate = examine(Fails, only=[3])
    assert certificate.failed == [3]
    assert certificate.rulings[3].reason == "ErpRefused: wrong port"
    assert certificate.rulings[4].reason == "not run"
    assert certificate.adapter == "unknown"


def test_a_test_in_the_place_of_a_law_says_nothing_about_the_law() -> None:
    class Cheats(Kit):
        def test_03_two_full_reads_give_the_same(self) -> None:
            pass

    certificate = examine(Cheats, only=[3])
    assert certificate.absent == [law.number for law in LAWS]
    assert "replaces" in certificate.rulings[3].reason


def test_the_json_has_every_law_with_its_verdict(tmp_path: Path) -> None:
    certificate = examine(Kit, only=[3, 6])
    path, _ = certificate.save(tmp_path / "new" / "folder")
    wire = json.loads(path.read_text(encoding="utf-8"))
    assert wire["adapter"].endswith("test_certificate.ReadsOnly")
    assert (wire["passed"], wire["failed"], wire["absent"]) == (1, 0, 28)
    assert [one["number"] for one in wire["laws"]] == list(range(1, 30))
    assert {one["number"]: one["verdict"] for one in wire["laws"] if one["number"] in (3, 6, 7)} == {
        3: "passed",
        6: "absent",
        7: "absent",
    }
    assert str(certificate) == "Kit: 1 passed, 0 failed, 28 absent"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigurationError, match=r"the certificate cannot be written to .*file.* name another"):
        examine(Kit, only=[2]).save(tmp_path / "file")


class Loud(Kit):
    """Says markup in an error."""

    version = "<i>1</i>"

    def make_adapter(self, faults: Faults) -> ReadsOnly:
        raise ErpRefused("<script>alert('x')</script> & \u202eevil")


def test_the_page_is_one_file_and_escapes_everything() -> None:
    page = examine(Loud, only=[3]).to_html()
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; [U+202E]evil" in page
    assert re.findall(r"""(?:src|href)=""", page) == []


def test_the_page_in_a_browser(tmp_path: Path) -> None:
    _, page = examine(Kit).save(tmp_path)
    with chromium(tmp_path) as tab:
        for width in (1280, 420):
            tab.open(page, width=width, height=900)
            assert tab.requests == [page.as_uri()]
            assert tab.complaints == []
            assert tab.find("document.documentElement.scrollWidth <= window.innerWidth")
        assert tab.find("document.querySelectorAll('tbody tr').length") == 29
        colours = tab.find(
            "['passed', 'absent'].map(one => getComputedStyle(document.querySelector('.badge.' + one)).backgroundColor)"
        )
        assert len(set(colours)) == 2, "the style is applied, and tells absent from passed"


def test_pytest_says_absent_and_writes_the_certificate(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "--erp-certificate=out", "-k", "02 or 03 or 16 or 28 or own")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"2 passed, 1 xfailed, 2 absent|2 passed, .*2 absent", done.stdout), done.stdout
    assert "TestAcme, law 28: the class lists no `secrets`" in done.stdout
    wire = json.loads((tmp_path / "out" / "TestAcme.json").read_text(encoding="utf-8"))
    assert (wire["adapter"], wire["version"]) == ("kit_erp.Adapter", "4.2")
    laws = {one["number"]: (one["verdict"], one["reason"]) for one in wire["laws"]}
    assert laws[3] == ("passed", "")
    assert laws[2] == ("absent", "the class replaces the kit's test by one of its own")
    assert laws[16] == ("absent", "the class replaces the kit's test by one of its own")
    assert laws[28] == ("absent", "the class lists no `secrets`")
    assert laws[5] == ("absent", "not run")
    assert (tmp_path / "out" / "TestAcme.html").exists()


def test_the_workers_of_xdist_report_too(tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    done = run_pytest(tmp_path, "--erp-certificate=out", "-n2", "-k", "03 or 04 or 28")
    assert done.returncode == 0, done.stdout + done.stderr
    laws = json.loads((tmp_path / "out" / "TestAcme.json").read_text(encoding="utf-8"))["laws"]
    assert [one["number"] for one in laws if one["verdict"] == "passed"] == [3, 4]
    assert {one["reason"] for one in laws if one["number"] == 28} == {"the class lists no `secrets`"}


def test_an_expected_failure_has_failed(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        "    for one in items:\n"
        "        one.add_marker(pytest.mark.xfail(reason='known', raises=AssertionError))\n"
        "import kit_erp\n"
        "kit_erp.Adapter.overlap *= 0\n"
    )
    done = run_pytest(tmp_path, "--erp-certificate=out", "-k", "_09_")
    assert done.returncode == 0, done.stdout + done.stderr
    laws = json.loads((tmp_path / "out" / "TestAcme.json").read_text(encoding="utf-8"))["laws"]
    assert laws[8]["verdict"] == "failed"
    assert "never comes" in laws[8]["reason"]


def test_a_run_without_laws_loads_no_kit(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import sys\ndef test_plain():\n    assert [m for m in sys.modules if m.startswith('akeneo_erp_bridge.')] == ['akeneo_erp_bridge._pytest_plugin']\n"
    )
    done = run_pytest(tmp_path, "test_plain.py")
    assert done.returncode == 0, done.stdout


def test_the_kit_needs_no_pytest() -> None:
    code = (
        "import sys; sys.modules['pytest'] = None\n"
        "from akeneo_erp_bridge.testing.conformance import examine\n"
        "from akeneo_erp_bridge.testing import PimSimulator"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_the_version_is_that_of_the_installed_package_also_where_it_may_be_edited() -> None:
    assert _version_of("akeneo_erp_bridge.erp._files._single") == version("akeneo_erp_bridge")
    assert _version_of("no_such_package.erp") == ""
