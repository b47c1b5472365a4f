"""Laws 20 to 22: one item for one key, whatever happens in between."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, cast
from uuid import uuid4

from akeneo_erp_bridge.erp import ItemWriter
from akeneo_erp_bridge.errors import ErpRefused
from akeneo_erp_bridge.testing.conformance._bench import Bench, ItemT, listed
from akeneo_erp_bridge.testing.conformance._http_faults import Faults, Killed
from akeneo_erp_bridge.testing.conformance._laws_faults import positions
from akeneo_erp_bridge.testing.conformance._verdicts import Absent, broken, lacks
from akeneo_erp_bridge.testing.conformance._worlds import Drafts

Moment: TypeAlias = Literal["before", "after"]
_MOMENTS: Final[tuple[Moment, ...]] = ("before", "after")


def _writer(bench: Bench[ItemT], faults: Faults | None = None) -> ItemWriter[object]:
    adapter = bench.adapter(faults)
    if not isinstance(adapter, ItemWriter):
        raise lacks("adapter", ItemWriter)
    # the cast: what a writer takes is what the world's `draft` gives, which no check at run time can see
    return cast("ItemWriter[object]", adapter)


def _draft(bench: Bench[ItemT], mark: str) -> object:
    world = bench.world
    if not isinstance(world, Drafts):
        raise lacks("world", Drafts)
    return world.draft(mark)


def twice(bench: Bench[ItemT]) -> None:
    """Law 20."""
    writer, mark, name = _writer(bench), _mark(), _mark()
    draft, before = _draft(bench, mark), set(bench.keys())
    with bench.passing() as made:
        first = writer.write_item(draft, idempotency_key=name, if_version=None)
        made.append(first.ref.key)
        second = writer.write_item(draft, idempotency_key=name, if_version=None)
        made.append(second.ref.key)
        new = set(bench.keys()) - before
        made.extend(new)
        if len(new) != 1 or first.ref.key != second.ref.key:
            raise broken(
                f"one draft was written twice with one idempotency key, and the ERP has {len(new)} new items "
                f"({listed(new)}; the answers name {first.ref.key!r} and {second.ref.key!r})",
                "Keep the key with the item, and look for it before you create one",
            )
        if first.ref.key not in new:
            raise broken(f"the new item is {listed(new)}, and write_item names {first.ref.key!r}", "Name the item made")
        if not first.created or second.created:
            raise broken(
                f"WriteResult.created is {first.created} for the first write and {second.created} for the second",
                "Say True where an item was made, and False where it was there",
            )


def crash(bench: Bench[ItemT]) -> None:
    """Law 21."""
    faults = Faults()
    writer, mark = _writer(bench, faults), _mark()
    draft = _draft(bench, mark)
    if writer.find_by_key(_mark()) is not None:
        raise broken("find_by_key finds an item for a key that nobody used", "Give None where no item bears the key")
    with bench.passing() as made:
        # counted on a new adapter, as each of those that are killed is
        faults = Faults()
        made.append(_writer(bench, faults).write_item(draft, idempotency_key=_mark(), if_version=None).ref.key)
        if not faults.calls:
            raise Absent("no call of write_item passed `faults`, so that it could not be stopped between two")
        for at in positions(bench, faults.calls):
            for moment in _MOMENTS:
                made.extend(_killed(bench, at, moment))


def _killed(bench: Bench[ItemT], at: int, moment: Moment) -> list[str]:
    name, draft = _mark(), _draft(bench, _mark())
    before = set(bench.keys())
    faults = Faults()
    faults.kill(moment, at=at)
    where = f"the process ended {moment} call {at} of write_item"
    try:
        _writer(bench, faults).write_item(draft, idempotency_key=name, if_version=None)
    except Killed:
        pass
    except Exception as error:
        raise broken(
            f"{where}, and write_item raised {error!r}", "Let BaseException pass: the process is gone"
        ) from error
    half = set(bench.keys()) - before
    writer = _writer(bench)
    found = writer.find_by_key(name)
    if half and (found is None or found.key not in half):
        raise broken(
            f"{where}; the ERP has the new item {listed(half)}, and find_by_key gives "
            f"{'nothing' if found is None else repr(found.key)}",
            "Give the idempotency key to the ERP in the call that creates the item",
        )
    if not half and found is not None:
        raise broken(f"{where}; nothing was created, and find_by_key gives {found.key!r}", "Ask the ERP, not a note")
    writer.write_item(draft, idempotency_key=name, if_version=None)
    new = set(bench.keys()) - before
    if len(new) != 1:
        raise broken(
            f"{where}, and writing once more makes {len(new)} new items ({listed(new)})",
            "Look for the idempotency key before you create an item",
        )
    return sorted(new)


def stale(bench: Bench[ItemT]) -> None:
    """Law 22."""
    writer, mark, name = _writer(bench), _mark(), _mark()
    draft = _draft(bench, mark)
    with bench.passing() as made:
        first = writer.write_item(draft, idempotency_key=name, if_version=None).ref
        made.append(first.key)
        if first.version is None:
            raise Absent("the ERP tells no version of an item: ErpRef.version is None")
        bench.world.edit_cold(first.key)
        reader = bench.adapter()
        before = bench.read(reader).prints.get(first.key)
        try:
            writer.write_item(draft, idempotency_key=name, if_version=first.version)
        except ErpRefused as error:
            if first.key not in str(error) and name not in str(error):
                raise broken(f"the refusal does not say of which item it is: {error}", "Name the item") from error
        except Exception as error:
            raise broken(
                f"for a version that is no longer, write_item raised {type(error).__name__}: {error}",
                "Raise ErpRefused, naming the item",
            ) from error
        else:
            raise broken(
                f"item {first.key!r} was edited after its version {first.version!r}, and write_item with that version "
                "went through",
                "Compare versions in the ERP, in the call that writes, and raise ErpRefused where they differ",
            )
        if bench.read(reader).prints.get(first.key) != before:
            raise broken(
                f"write_item refused a version that is no longer, and wrote item {first.key!r} nevertheless",
                "Compare versions before anything is written",
            )


def _mark() -> str:
    return f"kit-{uuid4().hex[:12]}"
