"""What the library tells, in the words of people who import articles and have never seen a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.sync import ParkedItem, RunRecord
from erp_app.fields import COLUMNS, LABELS

_PLACE: Final = re.compile(r"^([\w, ]+?) -> ([\w, \[\]]+): ")

_CAUSES: Final[Mapping[str, tuple[str, str]]] = {
    "not_a_number": ("{} is not a number that can be read", "Write it as a number in the ERP, such as 1,250."),
    "ambiguous_number": ("{} can be read as two numbers", "Write it in the ERP in one way, such as 1250,00."),
    "required": ("{} is missing", "Fill it in in the ERP."),
    "unknown_word": ("{} is one that the import does not know", "Correct it in the ERP, or have it added to the import."),
    "unknown_unit": ("{} has a unit that the import does not know", "Correct the unit in the ERP: kg, g or lb."),
    "too_long": ("{} is too long for the PIM", "Shorten it in the ERP."),
    "bad_sku": ("The article number has characters that the PIM does not take", "Renumber the article in the ERP."),
    "no_key": ("The article number is missing", "Give the article a number in the ERP."),
    "duplicate": ("The article number is there twice", "The first one was imported. Renumber or remove the other in the ERP."),
    "duplicate_identifier": ("Two articles come out as the same product", "Renumber one of them in the ERP."),
    "unreadable": ("The row of the ERP cannot be read", "Have the row mended in the ERP."),
    "refused": ("The PIM did not take the article", "Read its answer below, and correct the article in the ERP or the PIM."),
}  # fmt: skip
_OTHER: Final = ("Another reason", "Read the exact message, or show it to whoever looks after the import.")


@frozen
class LeftOut:
    """An article that could not be imported."""

    key: str
    name: str
    said: tuple[tuple[str, str], ...]
    since: datetime | None
    exact: str


@frozen
class Cause:
    """A reason, what to do about it, and the articles it keeps out."""

    title: str
    to_do: str
    articles: tuple[LeftOut, ...]


def causes(parked: Iterable[ParkedItem]) -> list[Cause]:
    """Articles that could not be imported, by their reason; the reason that keeps out most comes first."""
    found: dict[tuple[str, str], list[LeftOut]] = {}
    for item in parked:
        found.setdefault(_cause(item), []).append(_left_out(item))
    told = [Cause(title, to_do, tuple(articles)) for (title, to_do), articles in found.items()]
    return sorted(told, key=lambda one: (-len(one.articles), one.title))


def _cause(item: ParkedItem) -> tuple[str, str]:
    title, to_do = _CAUSES.get(item.code, _OTHER)
    place = _PLACE.match(item.detail)
    field = LABELS.get(place[2], place[2]) if place is not None else "A value"
    return title.format(field), to_do


def _left_out(item: ParkedItem) -> LeftOut:
    place = _PLACE.match(item.detail)
    columns = place[1].split(", ") if place is not None else ["number"]
    said = tuple((COLUMNS.get(one, one), _said(item.sample[one])) for one in columns if one in item.sample)
    name = _said(item.sample.get("name_en", "")) if "name_en" in item.sample else ""
    return LeftOut(str(item.key), name, said, item.since, item.detail)


def _said(shown: str) -> str:
    """What the ERP says, without the quotes in which the library shows it.

    >>> _said("'ca. 2'"), _said("'  '")
    ('ca. 2', '')
    """
    return (shown[1:-1] if len(shown) > 1 and shown[0] == shown[-1] and shown[0] in "'\"" else shown).strip()


# ---- runs ----
_KINDS: Final = {
    "full": "Everything",
    "delta": "What was new",
    "rebaseline": "Everything, since the ERP had lost its place",
    "partial": "Chosen articles",
    None: "Import",
}


@frozen
class Told:
    """A run of the history."""

    run_id: str
    started: datetime
    kind: str
    result: str
    is_well: bool
    counts: Mapping[str, int]
    took: timedelta


def told(record: RunRecord) -> Told:
    """A line of the history in words."""
    result, is_well = "Finished", True
    if record.stopped_by and "asked to end" in record.stopped_by:
        result = "Stopped, as somebody asked; the next import goes on there"
    elif record.stopped_by:
        result, is_well = f"Stopped itself: {brake(record.stopped_by)}", False
    elif record.error:
        result, is_well = f"Failed: {failure(record.error)}", False
    took = (record.ended or record.started) - record.started
    kind = _KINDS.get(record.kind, "Import")
    return Told(record.run_id, record.started, kind, result, is_well, record.counts, took)


_PARKED: Final = re.compile(r"^(\d+) of (\d+) items are parked")


def brake(reason: str) -> str:
    """Why an import stopped itself.

    >>> brake("28 of 275 items are parked, more than 10%; mend the mapping or the ERP")
    '28 of 275 articles cannot be imported, which is too many to go on. Look at Not imported first'
    """
    found = _PARKED.match(reason)
    if found is None:
        return reason
    return (
        f"{found[1]} of {found[2]} articles cannot be imported, which is too many to go on. Look at Not imported first"
    )


def failure(error: str) -> str:
    """An error of a run, and what to do about it.

    >>> failure("PimUnreachable: no answer in 30 s")
    'the PIM does not answer. Nothing is lost: start the import again later. (no answer in 30 s)'
    """
    name, _, text = error.partition(": ")
    first = {
        "PimUnreachable": "the PIM does not answer. Nothing is lost: start the import again later.",
        "PimBroken": "the PIM has trouble. Nothing is lost: start the import again later.",
        "SignInRefused": "the PIM does not know this connection any more. Connect again.",
        "Forbidden": "the PIM does not let the App do that. Connect again, and grant what it asks for.",
        "ErpUnreachable": "the ERP does not answer. Nothing is lost: start the import again later.",
        "PreflightFailed": "the PIM has no place for some of the chosen fields.",
    }.get(name)
    return f"{first} ({text})" if first else (text or error)


@frozen
class Line:
    """A line of a log."""

    at: datetime
    level: str
    text: str


_LEVELS: Final = {"DEBUG": "progress", "INFO": "note", "WARNING": "look here", "ERROR": "trouble"}


def line(found: Mapping[str, JsonValue], zone: ZoneInfo) -> Line:
    """A line of the log of a run in words."""
    at = datetime.fromisoformat(str(found.get("time"))).astimezone(zone)
    level = _LEVELS.get(str(found.get("level")), "note")
    number = {name: found.get(name, 0) for name in ("items_read", "items_created", "items_updated", "items_parked")}
    texts = {
        "began": "The import began.",
        "page": "{items_read} articles read, {items_created} new, {items_updated} changed, {items_parked} not imported.",
        "ended": "The import ended: {items_read} articles read, {items_created} new, {items_updated} changed.",
        "parked": "{items_parked} articles could not be imported; the page Not imported tells why.",
        "stopped": "The import stopped itself: {stopped_by}",
        "failed": "The import failed: {error_text}",
    }
    event = str(found.get("event"))
    if event == "ended" and found.get("error") == "StopAsked":
        return Line(at, level, "The import stopped, as somebody asked.")
    known = {**number, "stopped_by": brake(str(found.get("stopped_by"))), "error_text": found.get("error_text")}
    return Line(at, level, texts[event].format(**known) if event in texts else str(found.get("message")))
