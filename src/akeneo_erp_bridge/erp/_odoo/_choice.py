"""Which choices of items Odoo can be asked for, so that it leaves out none that Python would take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from akeneo_erp_bridge.erp._odoo._paths import PathPlan
from akeneo_erp_bridge.erp._odoo._wire import Raw
from akeneo_erp_bridge.erp.interfaces import Choice

_AT_ONCE: Final = 500
_TEXTS: Final = frozenset({"char", "text", "selection"})
_NUMBERS: Final = frozenset({"integer", "many2one"})
_LARGEST: Final = 2**31
_BY_SOUND: Final = "display_name"  # looked up by parts of names and numbers, not by what it holds


def condition_of(choice: Choice, plan: PathPlan) -> Iterator[Raw]:
    """Conditions which together find the choice; `None` alone means that all must be read.

    Texts equal texts, and whole numbers their digits; amounts and moments are compared in Python.
    """
    values: list[str | int] | None = None
    if plan.can_be_searched and plan.field.name != _BY_SOUND:
        if plan.field.kind in _TEXTS and all(isinstance(one, str) and one for one in choice.values):
            values = list(choice.values)
        elif plan.field.kind in _NUMBERS:
            values = numbers(choice.values)
    if values is None:
        yield None
        return
    for start in range(0, len(values), _AT_ONCE):
        some: list[Raw] = [*values[start : start + _AT_ONCE]]
        yield [".".join(plan.steps), "in", some]


def numbers(values: tuple[str | int, ...]) -> list[str | int]:
    """The numbers whose digits these values are: "7", not "007", which no whole number is written as."""
    found: list[str | int] = []
    for one in values:
        text = str(one)
        if text.lstrip("-").isdecimal() and str(int(text)) == text and abs(int(text)) < _LARGEST:
            found.append(int(text))
    return found
