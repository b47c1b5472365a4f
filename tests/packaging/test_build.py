"""What a user installs: the wheel, in an empty environment, with the core's dependencies and nothing else."""

from __future__ import annotations

import email
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME = "akeneo_erp_bridge"
CORE = ["attrs", "cattrs", "httpx", "typing-extensions"]
ROOMS = ["akeneo", "catalog", "classification", "commerce", "erp", "errors", "mapping", "rules", "sync", "testing"]
EXTRAS = [
    "apprise",
    "apscheduler",
    "nh3",
    "openpyxl",
    "orjson",
    "psycopg",
    "rich",
    "sqlalchemy",
    "starlette",
    "typer",
    "uvicorn",
    "yaml",
]


def run(*command: str | Path, cwd: Path) -> str:
    answer = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist, and the wheel that is made from it (so the sdist is whole)."""
    target = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", target, ROOT, cwd=target)
    (sdist,), (wheel,) = target.glob("*.tar.gz"), target.glob("*.whl")
    return sdist, wheel


def test_the_wheel_holds_the_package_and_its_types_and_nothing_else(built: tuple[Path, Path]) -> None:
    names = zipfile.ZipFile(built[1]).namelist()
    assert f"{NAME}/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {NAME}
    ours = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == ours
    assert {f"{NAME}/sync/_pages/_page.{kind}" for kind in ("css", "js")} <= set(names)


def test_the_wheel_names_four_core_dependencies_and_the_licence(built: tuple[Path, Path]) -> None:
    wheel = zipfile.ZipFile(built[1])
    (metadata,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    header = email.message_from_bytes(wheel.read(metadata))
    needs = header.get_all("Requires-Dist", [])
    core = [re.split(r"[^\w-]", need)[0].lower() for need in needs if "extra ==" not in need]
    assert sorted(core) == CORE
    assert header["License-Expression"] == "MIT"


def test_the_wheel_brings_the_plugin_of_pytest(built: tuple[Path, Path]) -> None:
    wheel = zipfile.ZipFile(built[1])
    (points,) = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]
    told = wheel.read(points).decode()
    assert f"[pytest11]\n{NAME}._pytest_plugin = {NAME}._pytest_plugin\n" in told + "\n"


def test_the_sdist_holds_the_licence_and_no_leftovers(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as sdist:
        names = [name.split("/", 1)[1] for name in sdist.getnames()]
    assert {"LICENSE", "README.md", "pyproject.toml", f"src/{NAME}/py.typed"} <= set(names)
    assert [name for name in names if "__pycache__" in name or ".venv" in name or name.endswith(".db")] == []


def test_the_wheel_works_in_an_empty_environment(built: tuple[Path, Path], tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", symlinks=True)  # without pip of its own: ours installs into it
    python = tmp_path / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--no-input")
    run(*pip, "install", "-qq", built[1], cwd=tmp_path)
    code = f"""
import importlib, importlib.util
assert [name for name in {EXTRAS} if importlib.util.find_spec(name)] == []
for room in {ROOMS}:
    importlib.import_module("{NAME}." + room)
import {NAME}
for name in {NAME}.__all__:
    getattr({NAME}, name)
print({NAME}.__version__, {NAME}.__file__)
"""
    version, place = run(python, "-W", "error", "-c", code, cwd=tmp_path).split()
    assert built[1].name.startswith(f"{NAME}-{version}-")
    assert place.startswith(str(tmp_path))
    program = subprocess.run([python.with_name("akeneo-erp-bridge")], capture_output=True, text=True, check=False)
    assert (program.returncode, program.stdout) == (2, "")
    lacking = f"the program akeneo-erp-bridge needs the extra {NAME}[cli]; "
    assert lacking in program.stderr, "the program says what it lacks"
