"""Lists of which the ERP and the PIM's users own a part each: categories, multi-selects, price collections."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue


def listed(value: JsonValue) -> list[JsonValue]:
    """The members of a list cell; none where it is empty.

    >>> listed(None), listed(["a"])
    ([], ['a'])
    """
    return list(value) if isinstance(value, list | tuple) else []


def name(member: JsonValue) -> str:
    """What makes two members the same: the code, or the currency of a price.

    >>> name("Shirts"), name({"amount": "9.90", "currency": "EUR"})
    ('shirts', 'eur')
    """
    return str(member.get("currency") if isinstance(member, Mapping) else member).lower()


def names(members: JsonValue) -> set[str]:
    """The names of a list cell's members."""
    return {name(one) for one in listed(members)}


@frozen
class Merged:
    """A list with our part in it: the `whole` as it travels, and which of our wishes others had put there before."""

    whole: list[JsonValue]
    shared: list[JsonValue]


def merge(wanted: JsonValue, ours: set[str], now: JsonValue) -> Merged:
    """Ours are added, those of ours that are no longer wanted are removed, all others stay.

    `ours` are the names we added earlier, `now` is the list in the PIM. A price is replaced in its own currency,
    so it is ours then; a code that others had put there stays theirs.

    >>> merge(["shirts"], {"hats"}, ["hats", "sale"]).whole
    ['sale', 'shirts']
    >>> merge(["sale"], set(), ["sale"]).shared
    ['sale']
    """
    mine = listed(wanted)
    wishes = names(wanted)
    theirs = [one for one in listed(now) if name(one) not in ours]
    rest = [one for one in theirs if name(one) not in wishes]
    shared = sorted(name(one) for one in theirs if isinstance(one, str) and name(one) in wishes)
    return Merged(sorted(rest + mine, key=name), [*shared])
