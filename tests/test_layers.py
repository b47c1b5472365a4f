"""Imports point to a lower layer or stay in the room, wherever in a file they stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

NAME = "akeneo_erp_bridge"
SRC = Path(__file__).parents[1] / "src" / NAME
LAYERS = {
    **dict.fromkeys(("errors", "codes", "_unset", "_private_file", "_retry_after"), 0),
    **dict.fromkeys(("classification", "catalog", "_sqlite_file"), 1),
    "rules": 2,
    **dict.fromkeys(("erp", "akeneo"), 3),
    **dict.fromkeys(("mapping", "commerce"), 4),
    "sync": 5,
    **dict.fromkeys(("testing", "cli"), 6),
    **dict.fromkeys(("__main__", "_pytest_plugin"), 7),
}
FORBIDDEN = {("commerce", "akeneo")}  # one layer up, and yet: hot data never comes near a PIM
HTTP_ROOMS = {"akeneo", "erp", "commerce"}


def imports(path: Path, package: list[str]) -> Iterator[str]:
    """Every imported module, in full: in a function, under `TYPE_CHECKING`, with leading dots or by name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            # in `from package import room` the room is the module; elsewhere the names make no difference
            yield from (f"{module}.{one.name}" for one in node.names)


def may_import(parts: tuple[str, ...], module: str) -> bool:
    """Whether the module at *parts* below the root may import *module*."""
    room, (top, *rest) = parts[0], module.split(".")
    if top == "cattrs":
        return parts == ("catalog", "_codec")
    if top == "httpx":
        # of the test bench, only what stands between a client and the simulator
        transport = room == "testing" and ("http" in parts[-1] or "transport" in parts[-1])
        return room in HTTP_ROOMS or transport
    if top != NAME or (rest and rest[0] == room):
        return True
    if (room, rest[0]) == ("cli", "testing"):
        return True
    return LAYERS.get(rest[0], 99) < LAYERS.get(room, -1) and (room, rest[0]) not in FORBIDDEN


def violations(root: Path) -> list[str]:
    """One line for each import that points up, sideways, or at a library outside its room."""
    return [
        f"{'/'.join(parts)} imports {module}"
        for path in sorted(root.rglob("*.py"))
        if (parts := path.relative_to(root).with_suffix("").parts) != ("__init__",)  # the root names what it likes
        for module in sorted(set(imports(path, [NAME, *parts[:-1]])))
        if not may_import(parts, module)
    ]


def test_imports_point_down() -> None:
    assert violations(SRC) == []


def test_every_room_has_a_layer() -> None:
    rooms = {path.name.removesuffix(".py") for path in SRC.iterdir() if path.suffix in ("", ".py")}
    assert rooms - {"__init__", "__pycache__"} <= set(LAYERS)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("erp/_x.py", f"from {NAME}.sync import ErpToPim"),  # up
        ("erp/_x.py", f"import {NAME}.akeneo"),  # sideways
        ("erp/deep/_x.py", "from ...sync import plan"),  # up, by dots
        ("erp/_x.py", "from .. import mapping"),
        ("erp/_x.py", f"from {NAME} import ErpToPim"),  # through the root
        ("akeneo/_x.py", f"def f():\n    from {NAME}.erp import ErpItem"),  # hidden in a function
        ("commerce/_x.py", f"from {NAME} import akeneo"),  # down, and forbidden
        ("sync/_x.py", f"from {NAME}.testing import PimSimulator"),
        ("errors.py", f"if TYPE_CHECKING:\n    from {NAME}.rules import Cell"),
        ("mapping/_x.py", "import httpx"),
        ("testing/_store.py", "from httpx import Request"),
        ("catalog/_x.py", "def f():\n    import cattrs"),
        ("new_room/_x.py", f"from {NAME}.errors import BridgeError"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, place: str, line: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text(line)
    assert len(violations(tmp_path)) == 1


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("erp/_x.py", "from . import interfaces"),  # the same room
        ("erp/__init__.py", f"from {NAME}.erp._x import y\nfrom {NAME}.rules import Cell"),
        ("cli/_x.py", f"from {NAME}.testing import PimSimulator"),
        ("testing/_transport.py", "import httpx"),
        ("catalog/_codec.py", "import cattrs.preconf.json"),
        ("__init__.py", f"from {NAME}.sync import ErpToPim"),
    ],
)
def test_what_is_allowed_is_not_reported(tmp_path: Path, place: str, line: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text(line)
    assert violations(tmp_path) == []
