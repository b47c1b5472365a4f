"""What a rule is, as one text: two rules that could give different values have different texts."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Final, cast

import attrs

from akeneo_erp_bridge.rules._rule import Step

_PLAIN: Final = (str, int, float, bytes, Decimal, type(None), type(...))


def identity(thing: object) -> str:
    """A text that stays the same from process to process, and changes with any parameter of a rule.

    Functions count with their code, defaults and closures, not with their docstrings, nor with the functions they call;
    other objects by their fields, or by their type alone where they show none.

    >>> identity({"b": 1, "a": frozenset({"y", "x"})})
    "{'a': {'x', 'y'}, 'b': 1}"
    >>> identity(lambda word: word + "!") == identity(lambda word: word + "?")
    False
    """
    return _told(thing, ())


def _told(thing: object, outside: tuple[int, ...]) -> str:
    if isinstance(thing, _PLAIN) and not isinstance(thing, Enum):
        return repr(thing)
    if id(thing) in outside:
        return "..."  # a function that holds itself
    inside = (*outside, id(thing))
    told = _of_code(thing, inside) or _of_container(thing, inside)
    return told or _of_object(thing, inside)


def _all(things: Iterable[object], outside: tuple[int, ...]) -> list[str]:
    return [_told(one, outside) for one in things]


def _of_code(thing: object, outside: tuple[int, ...]) -> str:
    if isinstance(thing, types.FunctionType):
        cells = [_content(cell) for cell in thing.__closure__ or ()]
        parts = [_undocumented(thing), thing.__defaults__, thing.__kwdefaults__, cells]
        return f"{_name(thing)}({', '.join(_all(parts, outside))})"
    if isinstance(thing, types.CodeType):
        return f"code({thing.co_code.hex()}, {', '.join(_all((thing.co_names, thing.co_consts), outside))})"
    if isinstance(thing, partial):
        # the cast: what a partial holds is untyped by nature; it is only looked at
        held = cast("partial[object]", thing)
        return f"partial({', '.join(_all((held.func, held.args, held.keywords), outside))})"
    if isinstance(thing, types.MethodType):
        return f"{_told(thing.__func__, outside)} of {_told(thing.__self__, outside)}"
    return _name(thing) if isinstance(thing, type | types.BuiltinFunctionType | types.MethodDescriptorType) else ""


def _undocumented(function: types.FunctionType) -> types.CodeType:
    """Its code, whatever its docstring says."""
    code = function.__code__
    is_documented = function.__doc__ is not None and code.co_consts[:1] == (function.__doc__,)
    return code.replace(co_consts=(None, *code.co_consts[1:])) if is_documented else code


def _content(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return ...  # not filled yet


def _of_container(thing: object, outside: tuple[int, ...]) -> str:
    # the casts: what is inside is looked at one by one
    if isinstance(thing, Mapping):
        rows = cast("Mapping[object, object]", thing).items()
        return "{" + ", ".join(sorted(f"{_told(key, outside)}: {_told(one, outside)}" for key, one in rows)) + "}"
    if isinstance(thing, frozenset | set):
        return "{" + ", ".join(sorted(_all(cast("frozenset[object]", thing), outside))) + "}"
    if isinstance(thing, list | tuple):
        return "(" + ", ".join(_all(cast("tuple[object, ...]", thing), outside)) + ")"
    return ""


def _of_object(thing: object, outside: tuple[int, ...]) -> str:
    kind = type(thing)
    if isinstance(thing, Enum):
        return f"{_name(kind)}.{thing.name}"
    fields: Mapping[str, object] = {}
    if attrs.has(kind):
        fields = {one.name: getattr(thing, one.name) for one in attrs.fields(kind)}
    elif isinstance(thing, Step):
        fields = getattr(thing, "__dict__", fields)
    elif kind.__repr__ is not object.__repr__:
        return repr(thing)
    # how a step of a user's own runs is as much a part of it as its parameters
    run = (getattr(kind, "run", None),) if isinstance(thing, Step) else ()
    return f"{_name(kind)}({', '.join(_all((dict(fields), *run), outside))})"


def _module(name: object) -> object:
    """A program has one name, whether it is run or imported, as the command line does with it."""
    if name not in ("__main__", "__mp_main__"):
        return name
    program = sys.modules["__main__"]
    spec, file = getattr(program, "__spec__", None), getattr(program, "__file__", None)
    if spec is not None:
        return spec.name.removesuffix(".__main__")
    return Path(file).stem if isinstance(file, str) else name


def _name(thing: type | Callable[..., object] | object) -> str:
    return f"{_module(getattr(thing, '__module__', ''))}.{getattr(thing, '__qualname__', type(thing).__qualname__)}"
