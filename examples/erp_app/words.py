"""What the library tells of runs, in the words of people who have never seen a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.sync import RunKind, RunRecord
from erp_app.wanted import BACK, IMPORTED, SENT, Direction

Facts = tuple[tuple[str, str], ...]
"""Numbers of an account, each with what it counts."""

FACTS: Final[Mapping[str, Facts]] = {
    IMPORTED: (("read", "read"), ("created", "new in the PIM"), ("updated", "changed in the PIM"),
               ("unchanged", "unchanged"), ("held", "to decide"), ("parked", "not imported")),
    SENT: (("read", "looked at"), ("created", "new in the ERP"), ("updated", "changed in the ERP"),
           ("unchanged", "unchanged"), ("parked", "not sent")),
    BACK: (("read", "looked at"), ("updated", "changed in the PIM"), ("unchanged", "unchanged"), ("held", "to decide"),
           ("parked", "not brought back")),
}  # fmt: skip
"""What is counted on each way."""

STEPS: Final = {IMPORTED: "Articles read from the ERP", SENT: "Products on their way to the ERP",
                BACK: "Articles of the ERP, on their way back"}  # fmt: skip
WAYS: Final = {IMPORTED: "ERP to PIM", SENT: "PIM to ERP", BACK: "Back to the PIM"}
RUNS: Final[Mapping[Direction, str]] = {"import": "An import is running", "send": "Products are being sent"}

_KINDS: Final[Mapping[str, Mapping[RunKind | None, str]]] = {
    IMPORTED: {"full": "Everything", "delta": "What was new", "partial": "Chosen articles",
               "rebaseline": "Everything, since the ERP had lost its place"},
    SENT: {"full": "Everything", "delta": "What was tagged or changed", "partial": "Chosen products"},
    BACK: {"full": "Everything", "delta": "What the ERP added", "rebaseline": "Everything, since the ERP had lost its place"},
}  # fmt: skip
_NEXT: Final = {IMPORTED: "import", SENT: "sending", BACK: "sending"}


@frozen
class Told:
    """A run of the history."""

    run_id: str
    way: str
    started: datetime
    kind: str
    result: str
    is_well: bool
    counts: Mapping[str, int]
    facts: Facts
    took: timedelta

    @property
    def summary(self) -> str:
        """Its numbers in one line, without what was nothing."""
        return numbers(self.counts, self.facts)


def numbers(counts: Mapping[str, int], facts: Facts) -> str:
    """Numbers in one line: the first, and those of the others that are not 0.

    >>> numbers({"read": 2, "created": 0, "parked": 1}, FACTS["exports"])
    '2 looked at, 1 not sent'
    """
    (first, _), *_ = facts
    return ", ".join(f"{counts.get(one, 0)} {text}" for one, text in facts if one == first or counts.get(one))


def told(record: RunRecord) -> Told:
    """A line of the history in words."""
    stream, result, is_well = record.stream, "Finished", True
    if record.stopped_by and "asked to end" in record.stopped_by:
        result = f"Stopped, as somebody asked; the next {_NEXT.get(stream, 'run')} goes on there"
    elif record.stopped_by:
        result, is_well = f"Stopped itself: {brake(record.stopped_by)}", False
    elif record.error:
        result, is_well = f"Failed: {failure(record.error)}", False
    return Told(
        record.run_id,
        WAYS.get(stream, stream),
        record.started,
        _KINDS.get(stream, {}).get(record.kind, "All that there was"),
        result,
        is_well,
        record.counts,
        FACTS.get(stream, FACTS[IMPORTED]),
        (record.ended or record.started) - record.started,
    )


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
    'the PIM does not answer. Nothing is lost: start again later. (no answer in 30 s)'
    """
    name, _, text = error.partition(": ")
    first = {
        "PimUnreachable": "the PIM does not answer. Nothing is lost: start again later.",
        "PimBroken": "the PIM has trouble. Nothing is lost: start again later.",
        "SignInRefused": "the PIM does not know this connection any more. Connect again.",
        "Forbidden": "the PIM does not let the App do that. Connect again, and grant what it asks for.",
        "ErpUnreachable": "the ERP does not answer. Nothing is lost: start again later.",
        "PreflightFailed": "the PIM has no place for some of the fields.",
    }.get(name)
    return f"{first} ({text})" if first else (text or error)


@frozen
class Line:
    """A line of a log."""

    at: datetime
    level: str
    text: str


_LEVELS: Final = {"DEBUG": "progress", "INFO": "note", "WARNING": "look here", "ERROR": "trouble"}
_NAMES: Final = {IMPORTED: "The import", SENT: "The sending", BACK: "The way back"}
_PAGES: Final = {IMPORTED: "Not imported", SENT: "Not sent", BACK: "Not sent"}
_TEXTS: Final = {
    "began": "{name} began.",
    "page": "{numbers}.",
    "ended": "{name} ended: {numbers}.",
    "parked": "{parked} were left out; the page {page} tells why.",
    "stopped": "{name} stopped itself: {stopped_by}",
    "failed": "{name} failed: {error_text}",
}


def line(found: Mapping[str, JsonValue], zone: ZoneInfo) -> Line:
    """A line of the log of a run in words."""
    at = datetime.fromisoformat(str(found.get("time"))).astimezone(zone)
    level = _LEVELS.get(str(found.get("level")), "note")
    stream, event = str(found.get("stream")), str(found.get("event"))
    name = _NAMES.get(stream, "The run")
    if event == "ended" and found.get("error") == "StopAsked":
        return Line(at, level, f"{name} stopped, as somebody asked.")
    facts = FACTS.get(stream, FACTS[IMPORTED])
    known = {
        "name": name,
        "page": _PAGES.get(stream, "of what is left to do"),
        "numbers": numbers({one: int(str(found.get(f"items_{one}", 0))) for one, _ in facts}, facts),
        "parked": found.get("items_parked", 0),
        "stopped_by": brake(str(found.get("stopped_by"))),
        "error_text": found.get("error_text"),
    }
    return Line(at, level, _TEXTS[event].format(**known) if event in _TEXTS else str(found.get("message")))
