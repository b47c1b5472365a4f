"""Laws 18 and 19: what goes wrong for a moment, and what stays wrong."""

from __future__ import annotations

from collections.abc import Sequence

from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import CursorExpired, ErpUnreachable, MappingError
from akeneo_erp_bridge.rules import Problem
from akeneo_erp_bridge.testing.conformance._bench import Bench, ItemT, Read, differences, listed
from akeneo_erp_bridge.testing.conformance._http_faults import Faults
from akeneo_erp_bridge.testing.conformance._verdicts import Absent, broken, lacks
from akeneo_erp_bridge.testing.conformance._worlds import Breaks

MOST_CALLS = 40
"""Of a read with more calls, so many fail, evenly spread; the certificate says so."""
_GOES_ON = 4


def positions(bench: Bench[ItemT], calls: int) -> list[int]:
    """The calls that are to fail, from 1."""
    if calls <= MOST_CALLS:
        return list(range(1, calls + 1))
    bench.remark(f"of {calls} calls, {MOST_CALLS} were let fail")
    return sorted({1 + round(place * (calls - 1) / (MOST_CALLS - 1)) for place in range(MOST_CALLS)})


def alone(bench: Bench[ItemT], calls: int, name: str, offered: Sequence[str], *, at_once: bool) -> list[int]:
    """The calls that are to fail alone with one of the faults offered, from 1.

    All of them, unless it was seen with many failures *at_once* that the adapter tries each call again: then one
    failure alone is no other thing, and each call shows that with one of the faults. Next to a live ERP that is the
    difference between a minute and seconds.
    """
    places = positions(bench, calls)
    return places[offered.index(name) :: len(offered)] if at_once else places


def tried_again(faults: Faults, calls: int) -> bool:
    """Whether all the calls of a walk came through, beside those that failed."""
    return faults.calls - faults.struck >= calls


def transient(bench: Bench[ItemT]) -> None:
    """Law 18."""
    limit = max(1, len(bench.keys()) // 3)
    faults = Faults()
    whole = bench.read(bench.adapter(faults), limit=limit)
    if not faults.calls:
        raise Absent(
            "no call of the adapter passed `faults`: use faults.transport(...), or put `with faults.call():` around each"
        )
    for name in faults.offered:
        at_once = all(_passes(bench, whole, name, at, limit, faults.calls) for at in (1, 2))
        for at in alone(bench, faults.calls, name, faults.offered, at_once=at_once):
            found = _through(bench, name, at, limit)
            if found.prints != whole.prints or found.tombstones != whole.tombstones:
                seen = differences(whole.prints, found.prints)
                raise broken(
                    f"call {at} of a read failed once ({name}), and without an error the read ended with something "
                    f"else ({seen or 'other tombstones'})",
                    "Try again, or raise ErpUnreachable; take no failure for an empty answer",
                )


def _passes(bench: Bench[ItemT], whole: Read[ItemT], name: str, at: int, limit: int, calls: int) -> bool:
    """Whether a read in which each second call fails is as the whole one, without an error. If not, nothing is broken yet."""
    faults = Faults()
    faults.alternate(name, at=at)
    try:
        found = bench.read(bench.adapter(faults), limit=limit)
    except Exception:  # noqa: BLE001 - which error it is, is judged where the call fails alone
        return False
    same = found.prints == whole.prints and found.tombstones == whole.tombstones
    return same and tried_again(faults, calls)


def _through(bench: Bench[ItemT], name: str, at: int, limit: int) -> Read[ItemT]:
    """A read with one fault, that goes on at its last cursor after `ErpUnreachable`, as the next run does."""
    faults = Faults()
    faults.fail(name, at=at)
    found = Read[ItemT](bench.cold_paths)
    since: Cursor | None = None
    for _ in range(_GOES_ON):
        try:
            # made anew, for the next run is another process, and making it may call the ERP as well
            for page in bench.pages(bench.adapter(faults), since, limit=limit):
                found.take(page)
                since = page.resume
        except ErpUnreachable:
            continue
        except CursorExpired:
            since = None  # as the engine does; it costs reads, and loses nothing
            continue
        except Exception as error:
            raise broken(
                f"call {at} of a read failed once ({name}), and the adapter raised {type(error).__name__}: {error}",
                "Try again, or raise ErpUnreachable, which says that a later run may succeed",
            ) from error
        return found
    raise broken(
        f"call {at} of a read failed once ({name}), and {_GOES_ON} reads after it failed as well",
        "Begin each read as if none had been before",
    )


def one_record(bench: Bench[ItemT]) -> None:
    """Law 19."""
    world = bench.world
    if not isinstance(world, Breaks):
        raise lacks("world", Breaks)
    adapter, keys = bench.adapter(), bench.keys()
    key = keys[1]
    before = bench.read(adapter)
    with world.broken(key):
        try:
            found = bench.read(adapter)
        except Exception as error:
            raise broken(
                f"record {key!r} alone cannot be read, and the whole read ends with {type(error).__name__}: {error}",
                "Deliver the record as the ERP gives it: a field that cannot be parsed is a Problem of that item alone",
            ) from error
        lost = before.prints.keys() - found.prints.keys()
        if lost:
            raise broken(
                f"record {key!r} alone cannot be read, and a read leaves out {listed(lost)} without a word",
                "Deliver each record, also the one that cannot be parsed: the engine parks it, and tells its key",
            )
        others = {one for one in found.changed_since(before) if one != key}
        if others:
            raise broken(f"record {key!r} is broken, and {listed(others)} differ", "Parse each record by itself")
        said = [text for item in found.items[key] for text in _problems(bench, item)]
        if not said:
            raise broken(
                f"record {key!r} is broken, and all its fields can be read",
                "Put nothing in the place of what cannot be parsed: deliver the ERP's value as it is",
            )
        if not any(key in text for text in said):
            raise broken(f"the problem of record {key!r} does not name it ({said[0]})", "Deliver the key with it")


def _problems(bench: Bench[ItemT], item: ItemT) -> list[str]:
    """What reading the cold fields of an item says, field by field."""
    said: list[str] = []
    for spec in bench.cold:
        if isinstance(bench.outcome(item, spec), Problem):
            try:
                getattr(item, spec.name)
            except MappingError as error:
                said.append(str(error))
    return said
