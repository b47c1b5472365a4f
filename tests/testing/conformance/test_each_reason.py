"""A law has more than one way to be broken; each is seen, and said in its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpField, ErpRef, ErpSchema, Health, Page, WriteResult
from akeneo_erp_bridge.errors import CursorExpired, ErpError, ErpRefused, ErpUnreachable
from akeneo_erp_bridge.testing.conformance import examine
from kit_broken import kit_of
from kit_erp import KINDS, TOKEN, Adapter, Article

Change = Callable[[Page[Article], Cursor | None], Page[Article]]


def with_(**methods: object) -> type[Adapter]:
    """The right adapter with other methods."""
    return type("Variant", (Adapter,), methods)


def pages(change: Change) -> type[Adapter]:
    """The right adapter with other pages."""

    def read_items(self: Adapter, since: Cursor | None, **asked: Any) -> Iterator[Page[Article]]:
        for page in Adapter.read_items(self, since, **asked):
            yield change(page, since)

    return with_(read_items=read_items)


def items(change: Callable[[Article], Article | None]) -> type[Adapter]:
    """The right adapter with other items."""
    return with_(made=lambda self, item: change(item))


def refusing(answer: Callable[[Adapter], Any]) -> type[Adapter]:
    """One that reads another way while the credential is refused."""

    def read_items(self: Adapter, since: Cursor | None, **asked: Any) -> Iterator[Page[Article]]:
        if self.erp.is_locked:
            answer(self)
            yield Page((), (), Cursor("timestamp", ""))
            return
        yield from Adapter.read_items(self, since, **asked)

    return with_(read_items=read_items)


def health(ok: str, refused: Health | Exception) -> type[Adapter]:
    def check(self: Adapter) -> Health:
        if self.erp.is_locked and isinstance(refused, Exception):
            raise refused
        return (
            refused if self.erp.is_locked and isinstance(refused, Health) else Health(ok=not ok, message=ok or "well")
        )

    return with_(check=check)


def row(item: Article, **values: object) -> Article:
    return Article({**item.row, **values})


def raises(error: Exception) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def described(*fields: ErpField) -> type[Adapter]:
    return with_(describe=lambda self: ErpSchema("memory", fields))


ALL = [ErpField(name, kind, writable=True) for name, kind in KINDS.items()]
REFUSED = "the ERP refuses the token; make a new one"


def one_page(self: Adapter, since: Cursor | None, **asked: Any) -> Iterator[Page[Article]]:
    found = list(Adapter.read_items(self, since, **asked))
    yield Page([one for page in found for one in page.items], (), found[-1].resume)


def other_exception(self: Adapter, *asked: Any) -> object:
    try:
        return Adapter.call(self, *asked)
    except ErpUnreachable as error:
        raise OSError(str(error)) from None


def fails_for_good(self: Adapter, *asked: Any) -> object:
    try:
        if self.erp.rows["A-00"]["note"] != "failing":
            return Adapter.call(self, *asked)
    except ErpUnreachable:
        self.erp.rows["A-00"]["note"] = "failing"
    raise ErpUnreachable("it failed before")


def written_wrong(change: Callable[[WriteResult], WriteResult]) -> type[Adapter]:
    def write_item(self: Adapter, draft: Article, **how: Any) -> WriteResult:
        return change(Adapter.write_item(self, draft, **how))

    return with_(write_item=write_item)


def on_conflict(act: Callable[[Adapter, Article, ErpRefused], object]) -> type[Adapter]:
    def write_item(self: Adapter, draft: Article, **how: Any) -> WriteResult:
        try:
            return Adapter.write_item(self, draft, **how)
        except ErpRefused as error:
            act(self, draft, error)
            raise

    return with_(write_item=write_item)


def overwrite(self: Adapter, draft: Article, error: ErpRefused) -> None:
    key = str(error).split()[1]
    self.erp.put(key, dict(draft.row))


def blob(value: object) -> Change:
    return lambda page, since: evolve(page, resume=evolve(page.resume, blob=value))


def raw_cursor(self: Adapter, since: Cursor | None, **asked: Any) -> Iterator[Page[Article]]:
    try:
        yield from Adapter.read_items(self, since, **asked)
    except CursorExpired as error:
        raise KeyError(str(error)) from None


def without_hash(self: Adapter, since: Cursor | None, **asked: Any) -> Iterator[Page[Article]]:
    for page in Adapter.read_items(self, since, **asked):
        yield evolve(page, resume=evolve(page.resume, schema_hash=""))


def eager(item: Article) -> Article:
    if item.row.get("weight") == "heavy":
        raise ErpError(f"{item.key}: no weight")
    return item


def stale_hot(self: Adapter, since: Cursor | None, *, keys: list[str] | None) -> Iterator[Page[Article]]:
    for page in Adapter.read_hot(self, since, keys=keys):
        yield page if keys is None else evolve(page, items=[row(one, stock=int(one.key[2:])) for one in page.items])


def dragging_hot(self: Adapter, since: Cursor | None, *, keys: list[str] | None) -> Iterator[Page[Article]]:
    for page in Adapter.read_hot(self, since, keys=keys):
        extra = [] if since is None else [Article({"number": "A-05", "stock": 99, "price": "1"})]
        yield evolve(page, items=[*page.items, *extra])


def tells_all(self: Adapter, asked: dict[str, str]) -> object:
    try:
        return Adapter.fetch(self, asked)
    except ErpUnreachable as error:
        raise ErpUnreachable(f"no answer for {TOKEN}: {error}") from None


def shouts(self: Adapter) -> Health:
    print(f"signing in with {TOKEN}")
    return Adapter.check(self)


WAYS: list[tuple[int, str, type[Adapter]]] = [
    (1, "check() says that it cannot read: no", health("no", Health(ok=False, message=REFUSED))),
    (1, "check() raised ErpRefused", health("", ErpRefused("no"))),
    (1, "check() says no more than '401 '", health("", Health(ok=False, message="401 "))),
    (1, "shows secret 1", health("", Health(ok=False, message=f"the ERP refuses {TOKEN}, make another"))),
    (1, "read_items gave 0 items and no error", refusing(lambda self: None)),
    (1, "read_items raised ErpUnreachable", refusing(raises(ErpUnreachable("401")))),
    (2, "'name' cannot be read", described(*(evolve(one, readable=one.name != "name") for one in ALL))),
    (2, "gives no type for 'name'", described(*(evolve(one, kind="") if one.name == "name" else one for one in ALL))),
    (2, "no field that it can be written", described(*(evolve(one, writable=False) for one in ALL))),
    (2, "writable=1 of 'number'", described(*(evolve(one, writable=1) for one in ALL))),
    (2, "has 'colour', which", items(lambda item: row(item, colour="red"))),
    (3, "leaves out 'A-03' of the ERP", items(lambda item: None if item.key == "A-03" else item)),
    (3, "shows 'A-99' that are not", items(lambda item: row(item, number="A-99") if item.key == "A-03" else item)),
    (3, "item(s) have no key", items(lambda item: row(item, number="") if item.key == "A-03" else item)),
    (4, "gave no page at all", with_(read_items=lambda self, since, **asked: iter(()))),
    (4, "other values for", pages(lambda page, since: evolve(page, items=[row(one, note="") for one in page.items]) if since else page)),
    (5, "brings it not at all", pages(lambda page, since: evolve(page, items=()) if since else page)),
    (5, "brings it with its old values", items(lambda item: row(item, name="always"))),
    (7, "leaves out item 'A-01'", with_(read_hot=lambda self, since, *, keys: iter([Page((), (), Cursor("token", ""))]))),
    (7, "keys=['A-01']) does not show", with_(read_hot=stale_hot)),
    (7, "read_hot changes 'A-05' too", with_(read_hot=dragging_hot)),
    (10, "comes as an item", pages(lambda page, since: evolve(page, items=[*page.items, *(Article({"number": one}) for one in page.tombstones)], tombstones=page.tombstones) if since else page)),
    (11, "came in one page although limit=", with_(read_items=one_page)),
    (12, "cannot be stored", pages(blob(datetime(2024, 1, 1, tzinfo=UTC)))),
    (12, "is another one when it was stored", pages(blob((1, 2)))),
    (13, "raised KeyError", with_(read_items=raw_cursor)),
    (13, "schema_hash is empty", with_(read_items=without_hash)),
    (15, "'note' was asked for, and no record has it", items(lambda item: Article({name: one for name, one in item.row.items() if name != "note"}))),
    (16, "page(s). Give pages", with_(read_items=one_page)),
    (18, "the adapter raised OSError", with_(call=other_exception)),
    (18, "reads after it failed as well", with_(call=fails_for_good)),
    (19, "the whole read ends with ErpError", items(eager)),
    (19, "all its fields can be read", items(lambda item: row(item, weight="0") if item.row.get("weight") == "heavy" else item)),
    (20, "WriteResult.created is True for the first write and True", written_wrong(lambda told: evolve(told, created=True))),
    (20, "and write_item names 'A-00'", written_wrong(lambda told: evolve(told, ref=ErpRef(ErpKey("A-00"), "1")))),
    (21, "for a key that nobody used", with_(find_by_key=lambda self, key: ErpRef(ErpKey("A-00"), "1"))),
    (22, "wrote item", on_conflict(overwrite)),
    (22, "write_item raised OSError", on_conflict(lambda *_: raises(OSError("conflict"))())),
    (22, "does not say of which item", on_conflict(lambda *_: raises(ErpRefused("conflict"))())),
    (24, "has no value in the ERP, and comes as", items(lambda item: row(item, pieces=item.row.get("pieces") or 0))),
    (24, "has no value in the ERP, and is a problem", items(lambda item: row(item, pieces="-" if item.row.get("pieces") is None else item.row["pieces"]))),
    (23, "Where stamps are whole seconds, an edit may bear the very stamp", pages(lambda page, since: evolve(page, items=()) if since else page)),
    (24, "If the ERP itself rounds it or fills it in, let the world's `create` say so: raise CannotHold('weight', why)", items(lambda item: row(item, weight=str(item.row["weight"])[:4]) if item.row.get("weight") else item)),
    (24, "zero, false and empty False in 'active'", items(lambda item: row(item, active=item.row.get("active") or None))),
    (25, "comes as datetime.datetime", items(lambda item: row(item, released=str(item.row["released"])[:19] + "+00:00") if item.row.get("released") else item)),
    (25, "raise CannotHold('released', why)", items(lambda item: row(item, released=str(item.row["released"])[:19] + "+00:00") if item.row.get("released") else item)),
    (26, "the text", items(lambda item: row(item, note=str(item.row.get("note"))[:100]))),
    (28, "the adapter's repr shows secret 1", with_(__repr__=lambda self: f"Adapter({TOKEN})")),
    (28, "what is printed shows secret 1", with_(check=shouts)),
    (28, "an exception shows secret 1", with_(fetch=tells_all)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "said", "adapter"), WAYS, ids=lambda one: one if isinstance(one, (int, str)) else ""
)
def test_a_law_says_how_it_was_broken(number: int, said: str, adapter: type[Adapter]) -> None:
    ruling = examine(kit_of(adapter), only=[number]).rulings[number]
    assert ruling.verdict == "failed"
    assert said in ruling.reason
    assert TOKEN not in ruling.reason
