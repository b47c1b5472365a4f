"""What is public is said in `__all__`: all of it, in order, and importable."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
import typing
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

import akeneo_erp_bridge

ROOT = Path(__file__).parents[1] / "src"


def public_modules(root: Path) -> list[str]:
    """Every module below *root* with no underscore in its dotted name; a package is its `__init__.py`."""
    paths = (path.relative_to(root).with_suffix("").parts for path in root.rglob("*.py"))
    names = (parts[:-1] if parts[-1] == "__init__" else parts for parts in paths)
    return sorted(".".join(parts) for parts in names if not any(part.startswith("_") for part in parts))


def names_of(module: ModuleType) -> Iterator[str]:
    """The names without underscore that a module defines, and for a package those that it takes from its inside."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.ImportFrom) and hasattr(module, "__path__") and is_ours(node):
            yield from (one.asname or one.name for one in node.names)


def is_ours(node: ast.ImportFrom) -> bool:
    return node.level > 0 or (node.module or "").split(".")[0] == "akeneo_erp_bridge"


def missing(module: ModuleType) -> set[str]:
    """The public names of *module* that its `__all__` keeps to itself."""
    public = {name for name in names_of(module) if not name.startswith("_")}
    variables = {name for name in public if isinstance(getattr(module, name), typing.TypeVar | typing.ParamSpec)}
    return public - variables - set(module.__all__)


def order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, each by name: the order in which ruff (RUF022) sorts."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


MODULES = public_modules(ROOT)


@pytest.mark.parametrize("name", MODULES)
def test_all_is_complete_sorted_and_importable(name: str) -> None:
    module = importlib.import_module(name)
    names = list(module.__all__)
    assert [one for one in names if not hasattr(module, one)] == []
    assert missing(module) == set()
    assert names == sorted(set(names), key=order)


def test_a_name_that_is_left_out_is_found() -> None:
    module = importlib.import_module("akeneo_erp_bridge.errors")
    names = list(module.__all__)
    try:
        module.__all__ = names[1:]
        assert missing(module) == {names[0]}
    finally:
        module.__all__ = names


def test_the_rooms_are_walked() -> None:
    assert {"akeneo_erp_bridge", "akeneo_erp_bridge.erp", "akeneo_erp_bridge.erp.interfaces"} <= set(MODULES)


def test_the_root_says_the_same_to_checkers_and_to_python() -> None:
    """Its names stand three times: in `__all__`, for checkers, and in the table of rooms."""
    tree = ast.parse(inspect.getsource(akeneo_erp_bridge))
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    checked = {
        one.name: (node.module or "").split(".")[1]
        for block in blocks
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    }
    assert checked == akeneo_erp_bridge._ROOMS
    assert sorted(checked, key=order) == akeneo_erp_bridge.__all__


def test_the_root_loads_a_room_only_when_it_is_asked() -> None:
    code = "import sys, akeneo_erp_bridge; print([m for m in sys.modules if m.startswith(('akeneo_erp_bridge.', 'httpx'))])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_root_knows_its_version_and_its_names() -> None:
    assert akeneo_erp_bridge.__version__ == version("akeneo_erp_bridge")
    assert {*akeneo_erp_bridge.__all__, "__version__"} <= set(dir(akeneo_erp_bridge))
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        _ = akeneo_erp_bridge.Nonsense
