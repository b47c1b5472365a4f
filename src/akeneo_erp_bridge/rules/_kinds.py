"""The classes a rule's values are of, read from what its author declared."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal, NewType, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
U = TypeVar("U")
Kinds: TypeAlias = "frozenset[type[object]] | None"


def either(one: Kinds, other: Kinds) -> Kinds:
    """The classes of both; nothing is known of both where nothing is known of one."""
    return None if one is None or other is None else one | other


def declared(rule: type[object], base: type[object]) -> Kinds:
    """The value of a rule class, as its bases say it: ``Rule[str, Decimal, Never]`` gives `Decimal`."""
    for kind in rule.__mro__:
        for parent in vars(kind).get("__orig_bases__", ()):
            if get_origin(parent) is base:
                return kinds_of(get_args(parent)[1])
    return None


def returned(function: Callable[[T], U]) -> Kinds:
    """What a function says it returns; a class returns its instances."""
    if isinstance(function, type):
        return frozenset({function})
    try:
        return kinds_of(get_type_hints(function).get("return", Any))
    except Exception:  # noqa: BLE001 - hints of others may name what cannot be imported here: nothing is known then
        return None


def kinds_of(hint: object) -> Kinds:
    """The classes behind a type hint; `None` where it says nothing, as `object` and a type variable do.

    >>> sorted(kind.__name__ for kind in kinds_of(dict[str, int] | None))
    ['NoneType', 'dict']
    """
    if isinstance(hint, NewType):
        return kinds_of(hint.__supertype__)
    origin = get_origin(hint)
    if origin is Literal:
        members: tuple[object, ...] = get_args(hint)
        return frozenset(type(one) for one in members)
    if origin in (Union, types.UnionType):
        return _any_of([kinds_of(one) for one in get_args(hint)])
    if hint is None:
        return frozenset({types.NoneType})
    known = hint if origin is None else origin
    says_nothing = known in (object, Any) or not isinstance(known, type)
    return None if says_nothing else frozenset({cast("type[object]", known)})  # the cast: tested on this line


def _any_of(members: Sequence[Kinds]) -> Kinds:
    known = [one for one in members if one is not None]
    return frozenset[type[object]]().union(*known) if len(known) == len(members) else None


kinds_of_class = cache(declared)
"""As `declared`, for the classes of rules, of which there are few."""
