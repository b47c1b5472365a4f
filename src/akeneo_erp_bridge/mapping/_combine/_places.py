"""One attribute, several places: a rule for each locale, each channel, or each pair of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, overload

from attrs import evolve

from akeneo_erp_bridge.classification import PimSafe
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.rules import Binding, Cell, Owner, Rule

S = TypeVar("S")
T = TypeVar("T")


@overload
def localized(
    attribute: str, rules: Mapping[str, Rule[S, str, PimSafe]], *, channel: str | None = None, owner: Owner = Owner.ERP
) -> tuple[Binding[S], ...]: ...
@overload
def localized(
    attribute: Cell[T],
    rules: Mapping[str, Rule[S, T, PimSafe]],
    *,
    channel: str | None = None,
    owner: Owner = Owner.ERP,
) -> tuple[Binding[S], ...]: ...
def localized(
    attribute: str | Cell[T],
    rules: Mapping[str, Rule[S, T, PimSafe]],
    *,
    channel: str | None = None,
    owner: Owner = Owner.ERP,
) -> tuple[Binding[S], ...]:
    """One rule for each locale of an attribute; a locale that is not named is left alone.

    A text attribute may be given by its code; one of another type by its cell, whose type the rules must have.
    Raises `MappingError` for a cell that has a locale already.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     english = cold(str, "name_en")
    ...     german = cold(str, "name_de")
    >>> [str(one.cell) for one in localized("name", {"en_US": Article.english, "de_DE": Article.german})]
    ['name[en_US]', 'name[de_DE]']
    """
    cell = _cell(attribute, "localized")
    _refuse(cell.locale, cell, "locale")
    place = cell if channel is None else _on_channel(cell, channel)
    return tuple(rule.to(evolve(place, locale=locale), owner=owner) for locale, rule in rules.items())


@overload
def channelled(
    attribute: str, rules: Mapping[str, Rule[S, str, PimSafe]], *, locale: str | None = None, owner: Owner = Owner.ERP
) -> tuple[Binding[S], ...]: ...
@overload
def channelled(
    attribute: Cell[T], rules: Mapping[str, Rule[S, T, PimSafe]], *, locale: str | None = None, owner: Owner = Owner.ERP
) -> tuple[Binding[S], ...]: ...
def channelled(
    attribute: str | Cell[T],
    rules: Mapping[str, Rule[S, T, PimSafe]],
    *,
    locale: str | None = None,
    owner: Owner = Owner.ERP,
) -> tuple[Binding[S], ...]:
    """One rule for each channel of an attribute; a channel that is not named is left alone.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     name = cold(str, "name")
    ...     web_title = cold(str, "web_title")
    >>> [str(one.cell) for one in channelled("title", {"ecommerce": Article.web_title, "print": Article.name})]
    ['title[ecommerce]', 'title[print]']
    """
    cell = _cell(attribute, "channelled")
    if locale is not None:
        _refuse(cell.locale, cell, "locale")
        cell = evolve(cell, locale=locale)
    return tuple(rule.to(_on_channel(cell, channel), owner=owner) for channel, rule in rules.items())


@overload
def fan_out(
    attribute: str, rules: Mapping[tuple[str, str], Rule[S, str, PimSafe]], *, owner: Owner = Owner.ERP
) -> tuple[Binding[S], ...]: ...
@overload
def fan_out(
    attribute: Cell[T], rules: Mapping[tuple[str, str], Rule[S, T, PimSafe]], *, owner: Owner = Owner.ERP
) -> tuple[Binding[S], ...]: ...
def fan_out(
    attribute: str | Cell[T], rules: Mapping[tuple[str, str], Rule[S, T, PimSafe]], *, owner: Owner = Owner.ERP
) -> tuple[Binding[S], ...]:
    """One rule for each pair of a locale and a channel; a pair that is not named is left alone.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     name = cold(str, "name")
    ...     web_title = cold(str, "web_title")
    >>> pairs = {("en_US", "ecommerce"): Article.web_title, ("en_US", "print"): Article.name}
    >>> [str(one.cell) for one in fan_out("title", pairs)]
    ['title[en_US, ecommerce]', 'title[en_US, print]']
    """
    cell = _cell(attribute, "fan_out")
    _refuse(cell.locale, cell, "locale")
    return tuple(
        rule.to(_on_channel(evolve(cell, locale=locale), channel), owner=owner)
        for (locale, channel), rule in rules.items()
    )


def _cell(attribute: str | Cell[T], name: str) -> Cell[T]:
    if isinstance(attribute, Cell):
        return attribute
    if not attribute:
        raise MappingError(f"{name}(...): name the attribute")
    return Cell(attribute)


def _on_channel(cell: Cell[T], channel: str) -> Cell[T]:
    _refuse(cell.channel, cell, "channel")
    return evolve(cell, channel=channel)


def _refuse(given: str | None, cell: Cell[T], what: str) -> None:
    if given is not None:
        raise MappingError(f"cell '{cell}' has the {what} '{given}' already; give it without one")
