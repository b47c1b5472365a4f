"""Adapters of other packages, found as Python finds them: by the metadata of what is installed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from akeneo_erp_bridge import erp
from akeneo_erp_bridge.erp import AdapterEntry, adapters
from akeneo_erp_bridge.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
GROUP = "akeneo_erp_bridge.adapters"


def installed(folder: Path, package: str, code: str, *points: str) -> None:
    """A package with its metadata, as an installer leaves it."""
    (folder / f"{package}.py").write_text(code)
    info = folder / f"{package}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n" + "".join(f"{one}\n" for one in points))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    code = "class Reads:\n    def describe(self): ...\n    def check(self): ...\n    def read_items(self, since, *, fields, limit): ...\n"
    writes = "class Both(Reads):\n    def read_hot(self, since, *, keys): ...\n    def find_by_key(self, key): ...\n    def write_item(self, draft): ...\n"
    installed(
        tmp_path,
        "acme_zz",
        code + writes + "number = 7\n",
        "acme = acme_zz:Reads",
        "acme-full = acme_zz:Both",
        "wrong = acme_zz:number",
    )
    installed(tmp_path, "broken_zz", "raise RuntimeError('no licence file')\n", "broken = broken_zz:Erp")
    installed(tmp_path, "other_zz", code, "acme = other_zz:Reads", "gone = other_zz:Nothing")
    return tmp_path


def test_adapters_are_found_with_their_package(site: Path) -> None:
    found = adapters()
    acme = found["acme"]
    assert (acme.package, acme.version, acme.load().__module__) == ("acme_zz", "1.2", "acme_zz")
    assert acme.protocols() == ("reads items",)
    assert found["acme-full"].protocols() == ("reads items", "hot", "writes")
    assert found["other_zz:acme"].load().__module__ == "other_zz", "a name that two packages use"
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "broken",
            r"adapter 'broken' \(broken_zz:Erp\) of broken_zz 1\.2 cannot be loaded: RuntimeError: no licence file",
        ),
        ("gone", r"adapter 'gone' \(other_zz:Nothing\) of other_zz 1\.2 cannot be loaded: AttributeError"),
        ("wrong", r"adapter 'wrong' \(acme_zz:number\) of acme_zz 1\.2 is a int; it should name the adapter's class"),
    ],
)
def test_a_broken_plug_in_is_named_and_stops_nobody(site: Path, name: str, told: str) -> None:
    entry = adapters()[name]
    with pytest.raises(ConfigurationError, match=told):
        entry.load()
    assert adapters()["acme"].load()


def test_the_program_lists_them_and_says_what_is_broken(site: Path) -> None:
    command = [sys.executable, "-m", "akeneo_erp_bridge", "adapters"]
    env = {"PYTHONPATH": f"{site}:{ROOT / 'src'}", "PATH": "/usr/bin:/bin"}
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert answer.returncode == 1, answer.stderr
    lines = {line.split()[0]: " ".join(line.split()) for line in answer.stdout.splitlines()}
    assert lines["acme"] == "acme acme_zz 1.2 reads items"
    assert lines["acme-full"] == "acme-full acme_zz 1.2 reads items, hot, writes"
    assert "broken: adapter 'broken'" in lines["broken"]
    assert "no licence file" in lines["broken"]


def test_all_of_our_own_are_registered_and_load() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = project["entry-points"][GROUP]
    loaded = {AdapterEntry(name, "ours", "", EntryPoint(name, value, GROUP)).load() for name, value in ours.items()}
    public = {getattr(erp, name) for name in erp.__all__ if name.endswith("Adapter")}
    assert loaded == public
