"""Laws 1 to 4 and 15: health, schema, and reading while nothing goes on."""

from __future__ import annotations

from attrs import asdict

from akeneo_erp_bridge.erp import ErpField, ItemWriter
from akeneo_erp_bridge.erp._paths import ABSENT, look_up
from akeneo_erp_bridge.errors import ErpRefused
from akeneo_erp_bridge.testing.conformance._bench import Bench, ItemT, Read, differences, listed
from akeneo_erp_bridge.testing.conformance._secrets import found_in
from akeneo_erp_bridge.testing.conformance._verdicts import Absent, broken, lacks
from akeneo_erp_bridge.testing.conformance._worlds import Locks

_SENTENCE = 3
"""Words. Less tells nobody what to do."""


def health(bench: Bench[ItemT]) -> None:
    """Law 1."""
    good = bench.adapter().check()
    if not good.ok:
        raise broken(f"check() says that it cannot read: {good.message}", "Mend the credential, or the check")
    world = bench.world
    if not isinstance(world, Locks):
        raise Absent(f"check() says ok, but {lacks('world', Locks)}, so that no bad credential was tried")
    with world.locked():
        message = _refusal(bench)
        if len(message.split()) < _SENTENCE or "Traceback" in message:
            raise broken(
                f"for a refused credential check() says no more than {message!r}",
                "Say what the ERP refused, and what a person should do",
            )
        shown = found_in(message, bench.subject.secrets)
        if shown:
            raise broken(f"the message of check() shows {shown}", "Leave passwords and tokens out of messages")
        _refused_read(bench)


def _refusal(bench: Bench[ItemT]) -> str:
    try:
        adapter = bench.adapter()
    except ErpRefused as error:  # it signs in when it is made
        return str(error)
    try:
        bad = adapter.check()
    except Exception as error:
        raise broken(
            f"for a refused credential check() raised {type(error).__name__}: {error}",
            "It never raises: say it in Health(ok=False, message=...)",
        ) from error
    if bad.ok:
        raise broken(
            f"check() says ok ({bad.message}) while the ERP refuses the credential",
            "Let check() sign in and read a little",
        )
    return " ".join([bad.message, *bad.facts.values()])


def _refused_read(bench: Bench[ItemT]) -> None:
    try:
        found = bench.read(bench.adapter())
    except ErpRefused:
        return
    except Exception as error:
        raise broken(
            f"for a refused credential read_items raised {type(error).__name__}: {error}",
            "Raise ErpRefused, for which nobody tries again and again",
        ) from error
    raise broken(
        f"while the ERP refuses the credential, read_items gave {len(found.items)} items and no error",
        "Raise ErpRefused: an empty read looks as if all items were gone",
    )


def schema(bench: Bench[ItemT]) -> None:
    """Law 2."""
    adapter = bench.adapter()
    described = adapter.describe()
    if not described.fields:
        raise Absent("describe() names no fields: they are known only at run time")
    by_name = {one.name: one for one in described.fields}
    for path in (*bench.cold_paths, *bench.hot_paths):
        if not described.has(path):
            raise broken(
                f"{bench.subject.item.__name__} declares '{path}', and describe() does not name it",
                "Name each field that can be read, with its type",
            )
        if path in by_name and not by_name[path].readable:
            raise broken(f"describe() says that '{path}' cannot be read", "Declare it readable, or do not read it")
    for one in described.fields:
        _check_field(one)
    for items in bench.read(adapter).items.values():
        for name in items[0].row:
            if not described.has(name):
                raise broken(
                    f"item {items[0].key!r} has '{name}', which describe() does not name",
                    "Name each field that a record may have",
                )
    if isinstance(adapter, ItemWriter) and not any(one.writable for one in described.fields):
        raise broken(
            "the adapter has write_item, and describe() says of no field that it can be written",
            "Set writable=True where the ERP lets you write",
        )


def _check_field(one: ErpField) -> None:
    # what a vendor's adapter gives at run time, no type says for sure
    facts: dict[str, object] = asdict(one)
    kind, writable = facts["kind"], facts["writable"]
    if not isinstance(kind, str) or not kind.strip():
        raise broken(f"describe() gives no type for '{one.name}'", "Give the ERP's own word for its type")
    if not isinstance(writable, bool):
        raise broken(f"describe() says writable={writable!r} of '{one.name}'", "Say True or False")


def two_reads(bench: Bench[ItemT]) -> None:
    """Law 3."""
    there = set(bench.keys())
    adapter = bench.adapter()
    first = bench.read(adapter)
    if "" in first.items:
        raise broken(
            f"{len(first.items[''])} item(s) have no key at '{bench.key_path}'", "Deliver the key with each item"
        )
    if set(first.items) != there:
        missing, strange = there - set(first.items), set(first.items) - there
        raise broken(
            f"a read of everything leaves out {listed(missing)} of the ERP, and shows {listed(strange)} that are not there",
            "Read all items, and no others",
        )
    for limit in (max(1, len(there) // 3), 500):
        again = bench.read(adapter, limit=limit)
        if again.prints != first.prints:
            raise broken(
                f"the next read, with limit={limit}, shows something else ({differences(first.prints, again.prints)})",
                "Give each value in one form, in an order that stays, and leave nothing out at the end of a page",
            )


def nothing_new(bench: Bench[ItemT]) -> None:
    """Law 4."""
    adapter = bench.adapter()
    first = bench.read(adapter)
    then = bench.read(adapter, first.resume)
    dead = then.tombstones & first.items.keys()  # of others, deleted a while ago, it may tell once more
    if dead:
        raise broken(
            f"nothing was deleted, and a read from the last cursor gives tombstones: {listed(dead)}",
            "What a read of changes does not show is still there; only deletions are tombstones",
        )
    changed = then.changed_since(first)
    if changed:
        raise broken(
            f"nothing was changed, and a read from the last cursor gives other values for {listed(changed)}",
            "Read the same fields in the same form whether all is read or what changed",
        )


def projection(bench: Bench[ItemT]) -> None:
    """Law 15."""
    adapter = bench.adapter()
    everything = bench.read(adapter)
    for path in bench.cold_paths:
        if not any(path in _held(everything, key, path) for key in everything.items):
            raise broken(
                f"'{path}' was asked for, and no record has it",
                "Deliver each field asked for, with None where it has no value; or let one item have a value",
            )
        narrow = bench.read(adapter, paths=tuple({bench.key_path, path}))
        for key in everything.items:
            before, after = _held(everything, key, path), _held(narrow, key, path)
            if before != after:
                raise broken(
                    f"asked for '{path}' alone, item {key!r} has {after or 'nothing'} there, and {before or 'nothing'} "
                    "when all fields are asked for",
                    "Read at least the fields asked for, whichever they are",
                )


def _held(read: Read[ItemT], key: str, path: str) -> dict[str, str]:
    """What the rows of a key have at a path, by path, or nothing."""
    values = [value for item in read.items.get(key, ()) if (value := look_up(item.row, path)) is not ABSENT]
    return {path: repr(values)} if values else {}
