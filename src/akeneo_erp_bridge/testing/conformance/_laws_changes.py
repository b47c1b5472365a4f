"""Laws 5 to 10 and 14: what changed comes, whatever the ERP's stamps are like."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from akeneo_erp_bridge.erp import Cursor, HotReader
from akeneo_erp_bridge.errors import CursorExpired
from akeneo_erp_bridge.testing.conformance._bench import Bench, ItemT, Read, listed
from akeneo_erp_bridge.testing.conformance._verdicts import Absent, broken, lacks
from akeneo_erp_bridge.testing.conformance._worlds import (
    Creates,
    Deletes,
    EditsAhead,
    EditsAtOnce,
    EditsHot,
    EditsLate,
)

_TIES = 5
"""Items with one stamp: enough that a page of two ends between them."""


def cold_edit(bench: Bench[ItemT]) -> None:
    """Law 5."""
    adapter, key = bench.adapter(), bench.keys()[1]
    before = bench.read(adapter)
    bench.world.edit_cold(key)
    after = bench.read(adapter, before.resume)
    changed = after.changed_since(before)
    if key not in changed:
        came = "with its old values" if key in after.items else "not at all"
        raise broken(
            f"item {key!r} was edited, and a read from the last cursor brings it {came}",
            "Find changes by what every edit moves, and read the fields from where they are edited",
        )
    if changed != {key}:
        raise broken(
            f"item {key!r} alone was edited, and a read from the last cursor changes {listed(changed - {key})} too",
            "Take each value from the record it belongs to",
        )


def hot_edit_is_cold_silence(bench: Bench[ItemT]) -> None:
    """Law 6."""
    world = bench.world
    if not isinstance(world, EditsHot):
        raise lacks("world", EditsHot)
    adapter, key = bench.adapter(), bench.keys()[1]
    before = bench.read(adapter)
    world.edit_hot(key)
    for what, after in (
        ("a read from the last cursor", bench.read(adapter, before.resume)),
        ("a read of everything", bench.read(adapter)),
    ):
        changed = after.changed_since(before)
        if changed:
            raise broken(
                f"a hot field of {key!r} moved, and {what} shows other cold values for {listed(changed)}",
                "Leave prices and stock out of cold fields: each movement would be written to the PIM",
            )


def hot_edit_comes(bench: Bench[ItemT]) -> None:
    """Law 7."""
    world, adapter = bench.world, bench.adapter()
    if not isinstance(adapter, HotReader):
        raise lacks("adapter", HotReader)
    if not bench.hot_paths:
        raise Absent(f"{bench.subject.item.__name__} declares no hot field")
    if not isinstance(world, EditsHot):
        raise lacks("world", EditsHot)
    # the cast: which items a reader gives, no check at run time can see
    reader, key = cast("HotReader[ItemT]", adapter), bench.keys()[1]
    before = _hot(bench, reader, None, None)
    if key not in before.items:
        raise broken(f"read_hot(None, keys=None) leaves out item {key!r}", "Read all items where no cursor is given")
    world.edit_hot(key)
    changed = _hot(bench, reader, before.resume, None).changed_since(before)
    if key not in changed:
        raise broken(
            f"a hot field of {key!r} moved, and read_hot from the last cursor does not show it",
            "Prices and stock move without the item's stamp: read them by their own, or read them all",
        )
    if changed != {key}:
        raise broken(f"read_hot changes {listed(changed - {key})} too", "Take each value from the record it belongs to")
    if key not in _hot(bench, reader, None, [key]).changed_since(before):
        raise broken(f"read_hot(None, keys=[{key!r}]) does not show the new value", "Read the keys asked for anew")


def _hot(bench: Bench[ItemT], reader: HotReader[ItemT], since: Cursor | None, keys: list[str] | None) -> Read[ItemT]:
    found = Read[ItemT](bench.hot_paths)
    for page in reader.read_hot(since, keys=keys):
        found.take(page)
    return found


def ties(bench: Bench[ItemT]) -> None:
    """Law 8."""
    world = bench.world
    if not isinstance(world, EditsAtOnce):
        raise lacks("world", EditsAtOnce)
    adapter, keys = bench.adapter(), bench.keys()[:_TIES]
    before = bench.read(adapter)
    world.edit_at_once(keys)
    try:
        small = max(1, len(bench.read(adapter, before.resume).items) // 8)
        for limit in (small, small + 1):
            through = bench.read(adapter, before.resume, limit=limit)
            _all_seen(keys, through.changed_since(before), f"in pages of {limit}")
            for number, cursor in enumerate(through.cursors[:-1], start=1):
                union = bench.stopped(adapter, before.resume, limit=limit, number=number)
                for page in bench.pages(adapter, cursor, limit=limit):
                    union.take(page)
                how = f"in pages of {limit}, with a stop after page {number},"
                _all_seen(keys, union.changed_since(before), how)
    finally:
        for key in keys:
            world.edit_cold(key)  # no law after this one is about ties


def _all_seen(keys: Collection[str], changed: Collection[str], how: str) -> None:
    lost = set(keys) - set(changed)
    if lost:
        raise broken(
            f"{len(keys)} items were edited with one stamp, and {how} a read loses {listed(lost)}",
            "Order by stamp and key, and go on after both; `timestamp_cursor` does",
        )


def late_commit(bench: Bench[ItemT]) -> None:
    """Law 9."""
    world = bench.world
    if not isinstance(world, EditsLate):
        raise lacks("world", EditsLate)
    adapter, (late, other) = bench.adapter(), bench.keys()[:2]
    before = bench.read(adapter)
    with world.edit_late(late):
        world.edit_cold(other)
        during = bench.read(adapter, before.resume)
    after = bench.read(adapter, during.resume)
    if late not in during.changed_since(before) | after.changed_since(before):
        raise broken(
            f"the edit of {late!r} was committed after a later edit of {other!r} had been read, and never comes",
            "Begin each read some minutes before the last stamp: timestamp_cursor(overlap=...)",
        )


def deletion(bench: Bench[ItemT]) -> None:
    """Law 10."""
    world = bench.world
    if not bench.subject.tells_deletions:
        raise Absent("the adapter tells no deletions, as its class declares; `snapshot_diff` finds them")
    if not isinstance(world, Deletes):
        raise lacks("world", Deletes)
    key = world.create("kit-deleted", {}) if isinstance(world, Creates) else bench.keys(5)[-1]
    adapter = bench.adapter()
    before = bench.read(adapter)
    if key not in before.items:
        raise broken(f"a read of everything does not show {key!r}", "Read all items")
    world.delete(key)
    after = bench.read(adapter, before.resume)
    if key in after.items:
        raise broken(f"item {key!r} was deleted, and comes as an item", "Give its key in Page.tombstones")
    if key not in after.tombstones and before.resume.kind != "snapshot":
        raise broken(
            f"item {key!r} was deleted, and a read from the last cursor gives no tombstone",
            "Give its key in Page.tombstones; where the ERP cannot tell, say tells_deletions = False",
        )
    if key in bench.read(adapter).items:
        raise broken(f"item {key!r} was deleted, and a read of everything shows it", "Leave out what is deleted")


def future(bench: Bench[ItemT]) -> None:
    """Law 14."""
    world = bench.world
    if not isinstance(world, EditsAhead):
        raise lacks("world", EditsAhead)
    adapter, (ahead, other) = bench.adapter(), bench.keys()[:2]
    before = bench.read(adapter)
    world.edit_ahead(ahead)
    try:
        during = bench.read(adapter, before.resume)
        world.edit_cold(other)
        try:
            after = bench.read(adapter, during.resume)
        except CursorExpired:
            after = bench.read(adapter)
        if other not in after.changed_since(before):
            raise broken(
                f"after a stamp a year ahead (of {ahead!r}) the edit of {other!r} does not come",
                "Let no stamp later than the beginning of its own read move the cursor; or raise CursorExpired",
            )
    finally:
        world.edit_cold(ahead)
