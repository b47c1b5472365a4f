"""What a public signature asks for, or gives, can be named: by a public name of its own, or by that of what it is a kind of."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import typing
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType

import pytest
from attrs import frozen

from test_public_names import MODULES

OURS = "akeneo_erp_bridge"

_INSIDE = "made by a function or class of its own room, which has it"
_AS_IT_STANDS = "a literal, a callable or a mapping, written as it stands"
UNNAMED = {
    **dict.fromkeys(
        (
            "Columns",
            "Connection",
            "FrozenTable",
            "Handle",
            "Lines",
            "ParkedFilter",
            "Reader",
            "Refusal",
            "Terms",
            "Values",
        ),
        _INSIDE,
    ),
    **dict.fromkeys(
        (
            "Asked",
            "Case",
            "Clock",
            "Disagreement",
            "Empty",
            "ErrorMaker",
            "Factors",
            "Hook",
            "Label",
            "Language",
            "LoneRow",
            "MeasuredKind",
            "Missing",
            "NoMatch",
            "Part",
            "Things",
            "Twice",
            "Wire",
        ),
        _AS_IT_STANDS,
    ),
    "Session": "resources are made by a client, which has it",
    "AsyncSession": "resources are made by a client, which has it",
    "Kind": "resources are made by a client, which knows it",
    "WriteKind": "resources are made by a client, which knows it",
    "Database": "a state's own, for the rooms beside it",
    "_Door": "an adapter of the simulator is made by the simulator",
}
"""Types that a program never has to write down, and why."""


@frozen
class Named:
    """One name in an annotation."""

    where: str
    name: str
    target: object
    is_given: bool


@cache
def only_for_checkers(module: ModuleType) -> dict[str, object]:
    """What a module imports from our package for type checkers alone."""
    found: dict[str, object] = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS):
            inside = importlib.import_module(node.module or "")
            found |= {one.asname or one.name: getattr(inside, one.name, None) for one in node.names}
    return found


def named_in(annotation: object, module: ModuleType, where: str, *, is_given: bool) -> Iterator[Named]:
    if not isinstance(annotation, str):
        return
    for node in ast.walk(ast.parse(annotation, mode="eval")):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            node = ast.Name(node.value)  # noqa: PLW2901  # a name that is quoted once more
        if isinstance(node, ast.Name):
            known = {**only_for_checkers(module), **vars(module)}
            if node.id in known:
                yield Named(where, node.id, known[node.id], is_given)


def signatures(name: str, thing: object) -> Iterator[Named]:
    """All names in the annotations of a public class or function."""
    if inspect.isfunction(thing):
        yield from of_function(name, thing)
    if not inspect.isclass(thing):
        return
    for one in thing.__mro__:
        if not one.__module__.startswith(OURS):
            continue
        module = sys.modules[one.__module__]
        for field, annotation in vars(one).get("__annotations__", {}).items():
            if not field.startswith("_"):
                yield from named_in(annotation, module, f"{name}.{field}", is_given=False)
        for member, raw in vars(one).items():
            if not member.startswith("_") or member in ("__init__", "__call__", "__iter__"):
                method = raw.fget if isinstance(raw, property) else getattr(raw, "__func__", raw)
                if inspect.isfunction(method) and method.__module__ == one.__module__:
                    yield from of_function(f"{name}.{member}", method)


def of_function(name: str, function: Callable[..., object]) -> Iterator[Named]:
    module = sys.modules[function.__module__]
    for parameter, annotation in function.__annotations__.items():
        if not parameter.startswith("_"):
            yield from named_in(annotation, module, f"{name}({parameter})", is_given=parameter == "return")


def public_things() -> dict[str, list[tuple[str, object]]]:
    """By module: the public names, and what they stand for."""
    return {
        name: [(one, getattr(importlib.import_module(name), one)) for one in importlib.import_module(name).__all__]
        for name in MODULES
    }


PUBLIC = public_things()
CLASSES = {id(thing) for things in PUBLIC.values() for _, thing in things if inspect.isclass(thing)}
NAMES = {name for things in PUBLIC.values() for name, _ in things}


def is_nameless(one: Named) -> bool:
    """Whether a program could not write down this type."""
    target = one.target
    if isinstance(target, typing.TypeVar | typing.ParamSpec | ModuleType) or inspect.isfunction(target):
        return False
    if inspect.isclass(target):
        if not target.__module__.startswith(OURS) or id(target) in CLASSES:
            return False
        # what is given may be called by the public name of what it is a kind of; what is asked for has to be made
        above = [base for base in target.__mro__[1:] if id(base) in CLASSES or not base.__module__.startswith(OURS)]
        return not one.is_given or all(base in (object, typing.Generic, typing.Protocol) for base in above)
    return is_ours(one) and one.name not in NAMES


def is_ours(one: Named) -> bool:
    """Whether it is an alias or a code that this package makes."""
    if isinstance(one.target, typing.NewType):
        return str(one.target.__module__).startswith(OURS)
    return typing.get_origin(one.target) is not None and one.name not in dir(typing) + dir(typing.Generic)


@pytest.mark.parametrize("module", MODULES)
def test_each_type_in_a_public_signature_has_a_public_name(module: str) -> None:
    found = {
        f"{one.name} of {one.where}"
        for name, thing in PUBLIC[module]
        for one in signatures(name, thing)
        if one.name not in UNNAMED and is_nameless(one)
    }
    assert sorted(found) == []


def test_each_exception_is_needed() -> None:
    met = {one.name for things in PUBLIC.values() for name, thing in things for one in signatures(name, thing)}
    assert set(UNNAMED) - met == set()


def test_a_type_without_a_public_name_is_found() -> None:
    module = importlib.import_module("akeneo_erp_bridge.akeneo._flow")

    def asks(call: Call) -> Call: ...  # type: ignore[name-defined]  # noqa: F821  # looked up in the other module

    asks.__module__ = module.__name__
    assert [(one.where, is_nameless(one)) for one in of_function("asks", asks)] == [
        ("asks(call)", True),
        ("asks(return)", True),
    ]


@pytest.mark.parametrize("module", [one for one in MODULES if one.startswith((f"{OURS}.akeneo", f"{OURS}.catalog"))])
def test_annotations_can_be_read_while_a_program_runs(module: str) -> None:
    """As frameworks do that build forms and documents of signatures."""
    for _, thing in PUBLIC[module]:
        members = dict(inspect.getmembers(thing)) if inspect.isclass(thing) else {}
        methods = [one for name, one in members.items() if not name.startswith("_") and inspect.isfunction(one)]
        for one in (thing, *methods):
            if inspect.isclass(one) or inspect.isfunction(one):
                typing.get_type_hints(one)
