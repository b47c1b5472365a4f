"""Imports point to a lower layer or stay in the room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

NAME = "akeneo_erp_bridge"
SRC = Path(__file__).parents[1] / "src" / NAME
LAYERS = {
    **dict.fromkeys(("errors", "codes", "_unset"), 0),
    **dict.fromkeys(("classification", "catalog"), 1),
    "rules": 2,
    **dict.fromkeys(("erp", "akeneo"), 3),
    **dict.fromkeys(("mapping", "commerce"), 4),
    "sync": 5,
    **dict.fromkeys(("testing", "cli"), 6),
}
HTTP_ROOMS = {"akeneo", "erp", "commerce", "testing"}


def imports(path: Path) -> Iterator[str]:
    """Every imported module, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def violations(root: Path) -> list[str]:
    """One line for each import that points up, sideways, or at a library outside its room."""
    found: list[str] = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        room = parts[0]
        if room == "__init__":
            continue
        for module in sorted(set(imports(path))):
            top, *rest = module.split(".")
            place = f"{'/'.join(parts)} imports {module}"
            if top == "cattrs" and parts != ("catalog", "_codec"):
                found.append(place)
            if top == "httpx" and room not in HTTP_ROOMS:
                found.append(place)
            if top == NAME and rest and rest[0] != room:
                lower = LAYERS[rest[0]] < LAYERS[room]
                allowed = lower or (room == "cli" and rest[0] == "testing")
                if not allowed or (room, rest[0]) == ("commerce", "akeneo") or (room, rest[0]) == ("akeneo", "erp"):
                    found.append(place)
    return found


def test_imports_point_down() -> None:
    assert violations(SRC) == []


def test_every_room_has_a_layer() -> None:
    rooms = {path.name.removesuffix(".py") for path in SRC.iterdir() if path.suffix in ("", ".py")}
    assert rooms - {"__init__", "__pycache__", "py.typed"} == set(LAYERS)


def test_a_planted_violation_is_found(tmp_path: Path) -> None:
    for room, line in (
        ("erp", f"from {NAME}.sync import ErpToPim"),
        ("commerce", f"from {NAME} import akeneo"),
        ("mapping", "import httpx"),
        ("catalog", "def f():\n    import cattrs"),
    ):
        (tmp_path / room).mkdir()
        (tmp_path / room / "_x.py").write_text(line)
    assert len({line.split(" ")[0] for line in violations(tmp_path)}) == 4
