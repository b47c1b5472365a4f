"""Laws 11 to 13 and 23: cursors, which outlive reads and processes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from attrs import asdict, evolve

from akeneo_erp_bridge.erp import Cursor, ItemReader
from akeneo_erp_bridge.errors import CursorExpired
from akeneo_erp_bridge.testing.conformance._bench import Bench, ItemT, Read, differences, listed
from akeneo_erp_bridge.testing.conformance._verdicts import broken

_STOPS = 12


def _in_pages(bench: Bench[ItemT], adapter: ItemReader[ItemT]) -> tuple[int, Read[ItemT]]:
    """A read of everything in several pages, and the limit that makes them."""
    limit = max(1, len(bench.keys()) // 4)
    whole = bench.read(adapter, limit=limit)
    if len(whole.cursors) < 2:
        raise broken(
            f"{len(whole.items)} items came in one page although limit={limit}", "Give pages of at most `limit` items"
        )
    return limit, whole


def kill(bench: Bench[ItemT]) -> None:
    """Law 11."""
    adapter = bench.adapter()
    limit, whole = _in_pages(bench, adapter)
    for number in range(1, min(len(whole.cursors), _STOPS)):
        union = bench.stopped(adapter, None, limit=limit, number=number)
        for page in bench.pages(adapter, union.resume, limit=limit):
            union.take(page)
        if union.prints != whole.prints:
            raise broken(
                f"a read that was stopped after page {number} and went on at its cursor is not complete "
                f"({differences(whole.prints, union.prints)})",
                "Let the cursor of a page stand behind the last item of that page, and no further",
            )


def restart(bench: Bench[ItemT]) -> None:
    """Law 12."""
    limit, whole = _in_pages(bench, bench.adapter())
    for number, cursor in enumerate(whole.cursors[:_STOPS], start=1):
        try:
            text = json.dumps(asdict(cursor))
        except (TypeError, ValueError) as error:
            raise broken(
                f"the cursor of page {number} cannot be stored ({error})", "Put text into it, such as JSON"
            ) from error
        wire = json.loads(text)
        stored = Cursor(kind=wire["kind"], blob=wire["blob"], schema_hash=wire["schema_hash"])
        if stored != cursor:
            raise broken(
                f"the cursor of page {number} is another one when it was stored as JSON", "Put text into it, all of it"
            )
        union = bench.stopped(bench.adapter(), None, limit=limit, number=number)
        try:
            for page in bench.pages(bench.adapter(), stored, limit=limit):
                union.take(page)
        except CursorExpired as error:
            raise broken(
                f"a new adapter does not know the cursor of page {number}: {error}",
                "Put into the cursor all that is needed to go on; the process that made it is gone",
            ) from error
        if union.prints != whole.prints:
            raise broken(
                f"a new adapter that goes on at the cursor of page {number} does not complete the read "
                f"({differences(whole.prints, union.prints)})",
                "Put into the cursor all that is needed to go on; the process that made it is gone",
            )


def foreign(bench: Bench[ItemT]) -> None:
    """Law 13."""
    adapter = bench.adapter()
    limit, whole = _in_pages(bench, adapter)
    cursor = whole.cursors[0]
    if not cursor.schema_hash:
        raise broken(
            "Cursor.schema_hash is empty, so that a cursor of other fields cannot be told from a good one",
            "Set it to a hash of what is read: the source and the fields",
        )
    for what, wrong in _wrong(cursor):
        try:
            found = bench.read(adapter, wrong, limit=limit)
        except CursorExpired:
            continue
        except Exception as error:
            raise broken(
                f"for {what} read_items raised {type(error).__name__}: {error}",
                "Raise CursorExpired, and everything is read again",
            ) from error
        raise broken(
            f"{what} was taken for a good one, and gave {len(found.items)} of {len(whole.items)} items",
            "Raise CursorExpired, and everything is read again",
        )


def _wrong(cursor: Cursor) -> Iterator[tuple[str, Cursor]]:
    yield "a damaged cursor", evolve(cursor, blob=f"{cursor.blob[: len(cursor.blob) // 2]}~damaged~")
    yield "a cursor with another system's text", evolve(cursor, blob='{"acme": "2001-01-01"}')
    yield "a cursor of another kind", evolve(cursor, kind="token" if cursor.kind != "token" else "sequence")
    yield "a cursor of another schema_hash", evolve(cursor, schema_hash="of another time")


def settling(bench: Bench[ItemT]) -> None:
    """Law 23."""
    adapter, world = bench.adapter(), bench.world
    edited, other = bench.keys()[:2]
    start = bench.read(adapter)
    world.edit_cold(edited)
    first = _expect(bench, adapter, start, start.resume, {edited}, "read for the first time")
    # nobody came back with the cursor of that read: a plan, or a run that was killed
    again = _expect(bench, adapter, start, start.resume, {edited}, "read again")
    world.edit_cold(other)
    _expect(bench, adapter, first, first.resume, {other}, "read on")
    _expect(bench, adapter, again, again.resume, {other}, "read on, from a cursor that was made beside it")
    # a state that was restored from a backup
    _expect(bench, adapter, start, start.resume, {edited, other}, "read again, after later cursors were used")


def _expect(
    bench: Bench[ItemT],
    adapter: ItemReader[ItemT],
    before: Read[ItemT],
    since: Cursor,
    wanted: set[str],
    how: str,
) -> Read[ItemT]:
    try:
        found = bench.read(adapter, since)
    except CursorExpired:
        found = bench.read(adapter)
    lost = wanted - found.changed_since(before)
    if lost:
        raise broken(
            f"changes of {listed(lost)} do not come when they are {how}",
            "Reading uses nothing up: what a cursor stands before comes each time, until a later cursor is used, and "
            "when an earlier one comes back, again. Where stamps are whole seconds, an edit may bear the very stamp that "
            "the cursor stands at: ask for rows at or after it (>=), or look back by more than a second (`overlap`)",
        )
    return found
