"""The names by which an item's row is cut down for rules and feeds: no item class has its own."""

from __future__ import annotations

from typing import Final

from akeneo_erp_bridge.errors import MappingError

_CUTTING: Final = ("narrowed", "values_at", "shippable", "_cut")
_OURS: Final = __name__.partition(".")[0]


def refuse_overrides(cls: type[object], base: type[object]) -> None:
    """Raise `MappingError` for a class that has one of these names itself, or from a base beside *base*.

    What a row is cut down with decides what rules and feeds see; a class of its own mind could show them prices.
    """
    for name in _CUTTING:
        owner = next(one for one in cls.__mro__ if name in vars(one))
        # items that hold items, in this package, cut down those as well
        if owner is base or (name == "_cut" and owner.__module__.partition(".")[0] == _OURS):
            continue
        raise MappingError(
            f"{cls.__name__} has a '{name}' of its own, by which a rule is given what it may read and a feed what is "
            "not internal; give the field or method another name"
        )
