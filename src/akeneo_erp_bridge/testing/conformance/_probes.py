"""Items made for the laws of values: what is written into the ERP, as far as it can hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from akeneo_erp_bridge.testing.conformance._bench import Bench, ItemT
from akeneo_erp_bridge.testing.conformance._verdicts import Absent, CannotHold, broken, lacks
from akeneo_erp_bridge.testing.conformance._worlds import Creates


@frozen
class Probe:
    """An item that was made: its key, whether the ERP took the one asked for, and the values it holds, by path."""

    key: str
    has_own_key: bool
    held: Mapping[str, object]


def created(bench: Bench[ItemT], keys: Sequence[str], ladders: Mapping[str, Sequence[object]]) -> Probe | None:
    """Make an item with the first key and values that the ERP can hold, from the hardest to the easiest.

    What it cannot hold at all is left out, and remarked. `None` where it holds none of the keys.
    """
    world = bench.world
    if not isinstance(world, Creates):
        raise lacks("world", Creates)
    left = {path: list(values) for path, values in ladders.items()}
    wanted = list(keys)
    while True:
        values = {path: rungs[0] for path, rungs in left.items()}
        try:
            key = world.create(wanted[0], values)
        except CannotHold as no:
            if no.path == bench.key_path:
                del wanted[0]
            elif no.path in left:
                del left[no.path][0]
            else:
                raise broken(
                    f"the world says that '{no.path}' cannot hold a value, and it was given none", "Name a path given"
                ) from no
            if not wanted or not left.get(no.path, [None]):
                bench.remark(f"not tried, for the ERP cannot hold it: {no}")
            if not wanted:
                return None
            left = {path: rungs for path, rungs in left.items() if rungs}
        else:
            return Probe(key, key == wanted[0], values)


def settable(bench: Bench[ItemT], *kinds: str) -> dict[str, str]:
    """The kind of each cold field of one value that is no key, by path."""
    return {
        one.path: one.kind
        for one in bench.cold
        if one.kind in kinds and not one.is_many and not one.is_key and one.path != bench.key_path
    }


def nothing_shown(bench: Bench[ItemT], what: str) -> Absent:
    """No value could be tried."""
    why = "; ".join(bench.remarks)
    return Absent(f"{bench.subject.item.__name__} has no {what}" + (f" that can be tried ({why})" if why else ""))
