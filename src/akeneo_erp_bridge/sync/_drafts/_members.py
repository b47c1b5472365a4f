"""Lists of which the ERP and the PIM's users own a part each: categories, options, prices, links, rows of tables."""

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


def name(member: JsonValue, by: str = "") -> str:
    """What makes two members the same: the code, or what the key *by* holds, such as the currency of a price.

    >>> name("Shirts"), name({"amount": "9.90", "currency": "EUR"}, "currency")
    ('shirts', 'eur')
    """
    return str(member.get(by) if isinstance(member, Mapping) else member).lower()


def names(members: JsonValue, by: str = "") -> set[str]:
    """The names of a list cell's members."""
    return {name(one, by) for one in listed(members)}


@frozen
class Merged:
    """A list with our part in it: the `whole` as it travels, and which of our wishes others had put there before."""

    whole: list[JsonValue]
    shared: list[JsonValue]


def merge(wanted: JsonValue, ours: set[str], now: JsonValue, by: str = "", *, is_ordered: bool = False) -> Merged:
    """Ours are added, those of ours that are no longer wanted are removed, all others stay.

    `ours` are the names we added earlier, `now` is the list in the PIM. A price is replaced in its own currency,
    so it is ours then, as are a quantity and the row of a table; a code that others had put there stays theirs.
    In a list whose order says something, ours come behind the others, in our order.

    >>> merge(["shirts"], {"hats"}, ["hats", "sale"]).whole
    ['sale', 'shirts']
    >>> merge(["sale"], set(), ["sale"]).shared
    ['sale']
    """
    mine = listed(wanted)
    wishes = names(wanted, by)
    theirs = [one for one in listed(now) if name(one, by) not in ours]
    rest = [one for one in theirs if name(one, by) not in wishes]
    shared = sorted(name(one, by) for one in theirs if isinstance(one, str) and name(one, by) in wishes)
    whole = rest + mine
    return Merged(whole if is_ordered else sorted(whole, key=lambda one: name(one, by)), [*shared])
