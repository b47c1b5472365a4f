"""The package that vendors copy: built, installed beside ours into a fresh environment, found there, its tests run there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "examples" / "vendor_adapter"


def run(*command: str | Path, cwd: Path, expected: int = 0) -> str:
    # what is installed there is meant, and not what this environment's variables point to
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    answer = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert answer.returncode == expected, answer.stdout + answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with both wheels, and what their tests need."""
    folder = tmp_path_factory.mktemp("vendor")
    for source in (ROOT, VENDOR):
        run(sys.executable, "-m", "build", "--wheel", "--outdir", folder / "dist", source, cwd=folder)
    wheels = sorted((folder / "dist").glob("*.whl"))
    assert [one.name.split("-")[0] for one in wheels] == ["acme_erp", "akeneo_erp_bridge"]
    venv.create(folder / "venv", symlinks=True)  # without pip of its own: ours installs into it
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--no-input")
    run(*pip, "install", "-qq", *wheels, "pytest", "mypy", "typer", "rich", cwd=folder)
    return python


def test_the_program_lists_the_vendors_adapter_beside_ours(python: Path, tmp_path: Path) -> None:
    out = run(python.with_name("akeneo-erp-bridge"), "adapters", cwd=tmp_path)
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines()}
    assert lines["acme"] == "acme_erp 1.0.0 reads items, hot"
    assert {"csv", "excel", "folder", "sql", "tryton"} < set(lines)
    assert re.fullmatch(r"akeneo_erp_bridge [\d.]+ reads items, finds some, hot", lines["sql"])


def test_a_program_of_a_user_is_checked_against_the_vendors_types(python: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from acme_erp import AcmeErp, Article\nfrom akeneo_erp_bridge.erp import ItemReader\n"
        'erp: ItemReader[Article] = AcmeErp("https://erp.example", "token", Article)\n'
    )
    run(python, "-m", "mypy", "--strict", program, cwd=tmp_path)
    program.write_text(program.read_text() + 'AcmeErp("https://erp.example", 7, Article)\n')
    assert "incompatible type" in run(python, "-m", "mypy", "--strict", program, cwd=tmp_path, expected=1)


def test_the_vendors_own_tests_run_there(python: Path) -> None:
    out = run(python, "-m", "pytest", "-p", "no:cacheprovider", "-v", VENDOR / "tests", cwd=VENDOR)
    assert "test_adapter.py::test_it_is_found_by_its_name PASSED" in out
    laws = re.findall(r"test_conformance\.py::TestAcme::(test_\d\d)_\w+ (\w+)", out)
    assert len(laws) == 29
    # it does not write, and says so
    assert [law for law, outcome in laws if outcome != "PASSED"] == ["test_20", "test_21", "test_22"], out
