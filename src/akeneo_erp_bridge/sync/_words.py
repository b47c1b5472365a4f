"""What people read: numbers, and the reasons for which an item is parked."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Defect, ErpItem, column_of
from akeneo_erp_bridge.erp._placed_row import place_of
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.rules import Problem, shown
from akeneo_erp_bridge.sync._state import ParkedItem

OFFERS: Final = "offers to a shop"
"""Whose the stream of a relay is."""


def counted(number: int, word: str) -> str:
    """A number and its word, in the singular for one.

    >>> counted(1, "update"), counted(2, "update")
    ('1 update', '2 updates')
    """
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def told(error: BaseException, longest: int = 2000) -> str:
    """An error in words. Of one that is not ours only its place, since its text may hold anything, also a password.

    >>> told(BridgeError("the PIM does not answer"))
    'the PIM does not answer'
    """
    if isinstance(error, BridgeError):
        text = str(error).encode("utf-8", "backslashreplace").decode()
        return text if len(text) <= longest else text[: longest - 1] + "…"
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "an unknown place"
    return f"raised at {place}; the program's own output tells more"


def no_key(item: ErpItem, fingerprint: str) -> ParkedItem:
    """The row has no key that could be used."""
    path = item.key_spec().path
    raw_key = item.row.get(path)
    if isinstance(raw_key, Defect):
        return ParkedItem(ErpKey(""), "unreadable", path, raw_key.reason, fingerprint, sample=item.sample())
    seen = ", ".join(map(shown, item.values_at([path]).values())) or "nothing"  # a key is cold
    place = place_of(item)
    detail = (
        f"the item{f' in {place},' if place else ''} has no key in field '{path}', which holds {seen}; give it a text, a whole number or a UUID "
        f"({_seen(item)})"
    )
    return ParkedItem(ErpKey(""), "no_key", path, detail, fingerprint, sample=item.sample())


def _seen(item: ErpItem) -> str:
    """What a person may find a row by: the values that may be shown, and of the others the names of their columns."""
    sample = item.sample()
    values = [f"{shown(one)}: {seen}" for one, seen in sample.items()]
    told = {*sample, *map(column_of, sample)}
    columns = [shown(one) for one in item.row if str(one) not in told]
    texts = [f"the row says {_first(values, 5)}"] if values else []
    texts += [f"{'its other columns' if values else 'the columns of the row'}: {_first(columns)}"] if columns else []
    return "; ".join(texts) or "the row is empty"


def _first(some: Sequence[str], longest: int = 8) -> str:
    more = f" and {len(some) - longest} more" if len(some) > longest else ""
    return ", ".join(some[:longest]) + more


TWICE: Final = "the ERP has this key twice with different content; the first row counts, remove or renumber the other"


def rival(key: ErpKey, context: str, row: ErpItem | None = None, first: ErpItem | None = None) -> ParkedItem:
    """A second row of one key; with the *row* itself, and the *first* one where both are at hand."""
    told = "; ".join(_apart(row, first)) if row is not None else ""
    detail = f"{TWICE} ({told})" if told else TWICE
    # without a fingerprint: when the first row goes, this one is looked at anew
    return ParkedItem(key, "duplicate", "", detail, "", context, row.sample() if row is not None else {})


def _apart(row: ErpItem, first: ErpItem | None) -> Iterator[str]:
    """Where two rows of one key stand, and in which fields they differ; the values of those that may be shown."""
    places = [place_of(one) for one in (first, row) if one is not None]
    if place_of(row):
        yield f"this one is in {place_of(row)}" + (
            f", the first in {places[0]}" if len(places) == 2 and places[0] else ""
        )
    if first is None:
        return
    shown_of, seen_of = first.sample(), row.sample()
    paths = dict.fromkeys(spec.path for spec in row.specs.values())
    one, other = first.values_at(paths), row.values_at(paths)
    different = [path for path in paths if one.get(path) != other.get(path)]
    told = [
        path
        if isinstance(one.get(path), Defect) or isinstance(other.get(path), Defect)
        else _told_apart(path, shown_of, seen_of)
        for path in different
    ]
    if told:
        yield f"they differ in {_first(told, 5)}"


def _told_apart(path: str, first: Mapping[str, str], row: Mapping[str, str]) -> str:
    old, new = first.get(path), row.get(path)
    return f"{path}: {old or 'nothing'}, and here {new or 'nothing'}" if old != new else path


def unplaced(problems: Sequence[Problem]) -> list[Problem]:
    """What keeps a row from a place among the models; of a second row of one key it is that."""
    found = [one for one in problems if one.code == "variants"]
    return [Problem("duplicate", "", TWICE) if one.detail == TWICE else one for one in found]


SECOND: Final = "duplicate_identifier"
"""The code of an item whose SKU or code another item has."""


def second(key: ErpKey, name: str, first: ErpKey, context: str) -> ParkedItem:
    """A second key of one SKU or code."""
    detail = (
        f"{shown(name)} is in the PIM for ERP key {shown(str(first))}; give one of the two another number, or, "
        f"if {shown(str(first))} was renumbered, let the ERP report it as deleted"
    )
    return ParkedItem(key, SECOND, "", detail, "", context)


def nameless(identifier: str, reason: str) -> Problem:
    """An item that would be written without its SKU or code."""
    return Problem("no_identifier", identifier, f"no product or category can be without it: {reason}")


def renamed(ref: str, name: str) -> Problem:
    """A code that the PIM cannot change."""
    detail = f"the PIM does not rename {shown(ref)} to {shown(name)}; rename it there, or give it another ERP key"
    return Problem("renamed", "", detail)


def names(some: Sequence[str], longest: int = 5) -> str:
    """Names in a sentence, the first ones.

    >>> names(["A", "B"])
    "'A', 'B'"
    """
    return _first([shown(one) for one in some], longest)


AMBIGUOUS: Final = "ambiguous_match"
"""The code an item is parked with of which nobody knows which product it is."""


def ambiguous(key: ErpKey, detail: str, context: str) -> ParkedItem:
    """An item that is new to us, and may be a product that is there."""
    # without a fingerprint: what is mended may be in the PIM, so each run that reads it looks again
    return ParkedItem(key, AMBIGUOUS, "", detail, "", context)


UNMATCHED: Final = "match_failed"
"""The code an item is parked with for which a rule of adoption could not be asked."""


def unmatched(key: ErpKey, detail: str, context: str) -> ParkedItem:
    """An item that is new to us, and of which a rule cannot tell whether it is there."""
    # without a fingerprint: what is mended is the rule, or the PIM
    return ParkedItem(key, UNMATCHED, "", detail, "", context)


def rule_raised(rule: str, error: Exception) -> str:
    """A function of a user's own did."""
    seen = f"raised {type(error).__name__} ({shown(str(error), longest=200)})"
    return f"'{rule}', by which it would be adopted, {seen}; mend the rule, or correct the item"


def rule_refused(rule: str, asked: object, error: BridgeError) -> str:
    """The PIM does not look for that."""
    seen = f"asked for {shown(asked, longest=200)}, which the PIM refused: {told(error, 500)}"
    return f"'{rule}', by which it would be adopted, {seen}; mend the rule, or correct the item"


def product(ref: str, identifier: JsonValue) -> str:
    """What a product of the PIM is called."""
    name = names([identifier]) if isinstance(identifier, str) else "a product without identifier"
    return f"{name} ({ref})" if identifier != ref else name


def several(rule: str, products: Sequence[str], most: int) -> str:
    """Why an item has no product: there are several."""
    more = " and more" if len(products) > most else ""
    found = f"{', '.join(products[:most])}{more}"
    return f"'{rule}' finds several products of the PIM: {found}; merge them there, or give the item the SKU of one"


def owned(rule: str, product: str, owner: str) -> str:
    """Why an item has no product: it is another item's."""
    return f"'{rule}' finds {product}, which is ERP key {shown(owner)} already; correct '{rule}' of one of the two"


def wanted_by(rule: str, product: str, others: Sequence[str]) -> str:
    """Why an item has no product: other items of the same page would have it too."""
    return (
        f"'{rule}' finds {product}, and so it does for ERP key {names(others)}; correct '{rule}', or give one its SKU"
    )


def finds(rule: str, product: str) -> str:
    """What a rule says."""
    return f"'{rule}' finds {product}"


def left(reason: str, ref: str) -> str:
    """A reason, for an item whose own product is in the PIM in part: a user had deleted it, and a run was stopped at it."""
    return (
        f"{reason}; the item's own product was deleted in the PIM and is there again in part, as {ref}, since a run was "
        "stopped while writing it: delete that one there"
    )


def made(owner: str) -> str:
    """Why an item has no product: another item was written under the same values, and the PIM may not show it yet."""
    return f"ERP key {shown(owner)} has the same values to be known by, and was written a short time ago; correct one of the two"


def unlinked(key: ErpKey, cell: str, missing: Sequence[str]) -> ParkedItem:
    """Links to what is not in the PIM."""
    detail = f"not in the PIM: {names(missing)}; each run tries again, until it is there or the ERP names it no longer"
    return ParkedItem(key, "no_target", cell, detail)


GUARDED: Final = "guarded"
"""The code an item is parked with that would change what is not to change."""


def guarded(key: str, old: JsonValue, new: JsonValue, remedy: str) -> Problem:
    """A cell that would change, and is not to."""
    detail = f"it is {shown(old)} in the PIM and {shown(new)} in the ERP; {remedy}"
    return Problem(GUARDED, key, detail)


def circle(way: Sequence[str]) -> Problem:
    """A kit that would be a part of itself."""
    detail = f"it would be a part of itself: {' > '.join(way)}; correct the bill of materials in the ERP"
    return Problem("circle", "", detail, "skip_cell")


def self_link(name: str, type_code: str) -> Problem:
    """A link of a product to itself that the PIM takes in one direction only."""
    detail = f"{shown(name)} names itself, which the two-way type '{type_code}' does not take; correct the ERP"
    return Problem("self_link", "", detail, "skip_cell")
