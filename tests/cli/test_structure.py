"""`akeneo-erp-bridge structure`, as a shell sees it: files, lines, exit codes."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator

import pytest

from akeneo_erp_bridge import AkeneoClient
from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.testing import Fault, PimSimulator
from shell import SECRET, Shell

CONNECTOR = """
from contextlib import contextmanager

from akeneo_erp_bridge.erp import CsvAdapter, ErpItem, cold
from akeneo_erp_bridge.mapping import CODE, CategoryMapping, ProductMapping, lookup, sku
from akeneo_erp_bridge.rules import Cell

class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")

NUMBER = (Article.number >> sku()).to(Cell("sku"))
FITS = ProductMapping(Article, NUMBER, Article.name.to(Cell("name", locale="en_US")))
CATEGORIES = CategoryMapping(Article, Article.number.to(CODE))
MISFITS = ProductMapping(
    Article,
    NUMBER,
    Article.name.to(Cell("nmae")),
    (Article.name >> lookup({"x": "ultraviolet"})).to(Cell("colour")),
)
ERP = CsvAdapter("articles.csv", Article)

def erp():
    return ERP

@contextmanager
def opened():
    yield ERP
    print("all is closed")
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("shell")
    (folder / "my_connector.py").write_text(CONNECTOR)
    (folder / "articles.csv").write_text("number,title\n1,Hammer\n")
    simulator = PimSimulator(sample=True, secret=SECRET)
    with simulator.serve() as server:
        shell = Shell(simulator, server, folder, "structure")
        assert shell.run("pull", "--options-of", "all").returncode == 0
        yield shell


def test_pull_stores_what_the_environment_names(shell: Shell) -> None:
    answer = shell.run("pull", "--options-of", "colour", "--no-categories", "-o", "some.json")
    assert (answer.returncode, answer.stderr) == (0, "")
    found = PimStructure.load(shell.folder / "some.json")
    assert set(found.options) == {"colour"}
    assert found.categories is None
    assert answer.stdout.startswith(f"some.json: {len(found.attributes)} attributes, ")


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"AKENEO_URL": ""}, 2, "error: set AKENEO_URL in the environment"),
        ({"AKENEO_PASSWORD": "", "AKENEO_USERNAME": ""}, 2, "error: set AKENEO_USERNAME, AKENEO_PASSWORD in the env"),
        ({"AKENEO_CLIENT_SECRET": "other"}, 2, "error: "),
    ],
)
def test_one_line_says_what_is_wrong_and_no_secret(
    shell: Shell, changes: dict[str, str], code: int, words: str
) -> None:
    answer = shell.run("pull", **changes)
    assert answer.returncode == code
    assert answer.stderr.startswith(words)
    assert len(answer.stderr.splitlines()) == 1
    assert SECRET not in answer.stderr + answer.stdout


def test_a_select_that_is_none_is_refused(shell: Shell) -> None:
    answer = shell.run("pull", "--options-of", "colour,name", "-o", "never.json")
    assert (answer.returncode, answer.stderr) == (2, "error: --options-of: no select attribute of the PIM: name\n")
    assert not (shell.folder / "never.json").exists()


def test_diff_with_the_pim_and_with_a_file(shell: Shell) -> None:
    same = shell.run("diff", "structure.json")
    assert (same.returncode, same.stdout) == (0, "nothing changed that a value depends on\n")
    shell.simulator.load("/api/rest/v1/attributes", [{"code": "depth", "type": "pim_catalog_number", "group": "erp"}])
    shell.simulator.load("/api/rest/v1/families", [{"code": "hand_tools", "labels": {"en_US": "By hand"}}])
    grown = shell.run("diff", "structure.json")
    assert grown.returncode == 1
    lines = grown.stdout.splitlines()
    assert "attribute 'depth': added" in lines
    assert lines[-1].endswith("of labels, orders and the like")
    everything = shell.run("diff", "structure.json", "--all").stdout
    assert "labels was" in everything
    assert "labels was" not in grown.stdout
    shell.run("pull", "-o", "now.json", "--options-of", "all")
    assert shell.run("diff", "structure.json", "now.json").stdout == grown.stdout
    assert shell.run("diff", "nowhere.json").returncode == 2


def test_what_is_no_structure_file_is_said(shell: Shell) -> None:
    (shell.folder / "plan.json").write_text('{"format": 1, "changes": []}')
    words = "it is no structure file; name one that `structure pull` or `save` wrote, or pull it from the PIM again"
    for name in ("plan.json", "articles.csv"):
        answer = shell.run("check", name, "my_connector:FITS")
        assert (answer.returncode, answer.stderr) == (2, f"error: structure file '{name}': {words}\n")
    gone = shell.run("check", "nope.json", "my_connector:FITS")
    assert (gone.returncode, gone.stderr) == (
        2, "error: structure file 'nope.json' cannot be read (No such file or directory); "
        "check the path and your rights, or pull it from the PIM again\n"
    )  # fmt: skip


def test_pull_says_why_there_are_no_options(shell: Shell) -> None:
    told = shell.run("pull", "-o", "none.json").stdout
    assert ", options not read (--options-of reads them), " in told
    assert "0 options" not in told
    assert "categories not read" in shell.run("pull", "--no-categories", "-o", "none.json").stdout
    assert re.search(
        r", [1-9]\d* options of 1 attribute, ", shell.run("pull", "--options-of", "colour", "-o", "some.json").stdout
    )


def test_check_needs_no_pim(shell: Shell) -> None:
    gone = {"AKENEO_URL": "http://127.0.0.1:9"}
    fine = shell.run("check", "structure.json", "my_connector:FITS", "my_connector:CATEGORIES", **gone)
    assert (fine.returncode, fine.stderr) == (0, "")
    assert fine.stdout == "my_connector:FITS: 2 bindings, all fit\nmy_connector:CATEGORIES: 1 binding, all fit\n"
    bad = shell.run("check", "structure.json", "my_connector:FITS", "my_connector:MISFITS", "--items", "20000", **gone)
    assert bad.returncode == 2
    assert "attribute 'nmae' is not in the PIM" in bad.stderr
    assert "not an option of 'colour': ultraviolet" in bad.stderr
    assert "items: 20000; requests: about" in bad.stdout
    assert "options to create: 1;" in bad.stdout


def test_check_asks_the_erp_where_it_is_told_to(shell: Shell) -> None:
    for name, closed in {"ERP": False, "erp": False, "opened": True}.items():
        answer = shell.run("check", "structure.json", "my_connector:FITS", "--erp", f"my_connector:{name}")
        assert answer.returncode == 2
        assert "field 'name' is not in articles.csv; it has number, title" in answer.stderr
        assert ("all is closed" in answer.stdout) is closed
    answer = shell.run("check", "structure.json", "my_connector:FITS", "--erp", "my_connector:FITS")
    assert answer.stderr == "error: my_connector:FITS is a ProductMapping, not an adapter: it reads no items\n"


def test_a_file_that_cannot_be_written_is_told_before_the_pim_is_asked(shell: Shell) -> None:
    shell.simulator.forget_calls()
    cases = {
        ("pull", "-o", "nix/s.json"): "nix/s.json cannot be written: there is no folder nix; make it",
        ("pull", "-o", "."): ". is a folder; name a file in it",
        (
            "types",
            "structure.json",
            "-o",
            "nix/pim.py",
        ): "nix/pim.py cannot be written: there is no folder nix; make it",
    }
    for arguments, words in cases.items():
        answer = shell.run(*arguments)
        assert (answer.returncode, answer.stderr) == (2, f"error: {words}\n")
    assert shell.simulator.calls == []


def test_a_disk_that_is_full_is_one_line(shell: Shell) -> None:
    answer = shell.run("types", "structure.json", "-o", "/dev/full")
    assert (answer.returncode, answer.stderr) == (2, "error: /dev/full cannot be written: No space left on device\n")


def test_a_program_that_cannot_be_read_is_one_line(shell: Shell) -> None:
    broken = shell.folder / "broken_connector.py"
    cases = {
        "A = 1\nB = (\n": f"{broken}, line 2 is no Python: '(' was never closed",
        "import pandas_of_nobody": f"it imports pandas_of_nobody, which is not installed for {sys.executable}",
        "import my_connector.parts": "it imports my_connector.parts, which is not installed",
    }
    for text, words in cases.items():
        broken.write_text(text)
        answer = shell.run("check", "structure.json", "broken_connector:A")
        assert answer.returncode == 2
        assert answer.stderr.startswith(f"error: broken_connector:A: {words}")
        assert len(answer.stderr.splitlines()) == 1
        sys.modules.pop("broken_connector", None)
    answer = shell.run("check", "structure.json", "absent.connector:A")
    assert answer.stderr.endswith("No module named 'absent'; run the command in the folder of your program\n")


def test_the_first_try_that_fails_is_told_once(shell: Shell) -> None:
    shell.simulator.fail_next(Fault(status=503, path="attributes", times=2))
    answer = shell.run("pull", "-o", "again.json")
    assert answer.returncode == 0
    assert answer.stderr == "GET attributes: the PIM does not answer; trying again ...\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("my_connector", "write it as module:NAME"),
        ("nowhere:FITS", "No module named 'nowhere'"),
        ("my_connector:NOTHING", "has no attribute 'NOTHING'"),
        ("my_connector:Article", "is a type, not a ProductMapping or CategoryMapping"),
    ],
)
def test_check_says_what_a_name_is_not(shell: Shell, name: str, words: str) -> None:
    answer = shell.run("check", "structure.json", name)
    assert answer.returncode == 2
    assert words in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_types_are_written_and_checked(shell: Shell) -> None:
    assert shell.run("types", "structure.json", "-o", "pim.py", "--check").returncode == 1
    assert not (shell.folder / "pim.py").exists()
    assert shell.run("types", "structure.json", "-o", "pim.py").returncode == 0
    assert shell.run("types", "structure.json", "-o", "pim.py", "--check").returncode == 0
    names = runpy.run_path(str(shell.folder / "pim.py"))
    assert names["options"].colour.RED == "red"
    (shell.folder / "pim.py").write_text("# old\n")
    old = shell.run("types", "structure.json", "-o", "pim.py", "--check")
    assert old.returncode == 1
    assert "run: akeneo-erp-bridge structure types structure.json -o pim.py" in old.stdout


def test_a_process_of_its_own(shell: Shell) -> None:
    command = [
        sys.executable,
        "-m",
        "akeneo_erp_bridge",
        "structure",
        "check",
        "structure.json",
        "my_connector:MISFITS",
    ]
    told = {**os.environ, **shell.environment()}
    ended = subprocess.run(command, cwd=shell.folder, env=told, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "attribute 'nmae' is not in the PIM" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("library", ["typer", "rich"])
def test_without_the_extra_one_line_names_it(library: str) -> None:
    hidden = f"import sys; sys.modules[{library!r}] = None; from akeneo_erp_bridge.__main__ import main; main()"
    ended = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "needs the extra akeneo_erp_bridge[cli]; in a clone: python -m pip install -e '.[cli]'; " in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_an_address_without_tls_has_to_be_meant() -> None:
    told = {"AKENEO_URL": "http://pim.example.com", "AKENEO_TOKEN": "t"}
    with pytest.raises(ConfigurationError, match="is not https"):
        AkeneoClient.from_env(told)
    with AkeneoClient.from_env({**told, "AKENEO_PLAIN_HTTP": "yes"}) as pim:
        assert pim.url == "http://pim.example.com"
