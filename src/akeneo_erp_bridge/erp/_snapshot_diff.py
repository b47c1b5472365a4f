"""`snapshot_diff`: deletions of an ERP that cannot tell them, found by what is no longer there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Generic, TypeVar, cast

from attrs import asdict, evolve, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._defect import Defect
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._seen_store import SeenStore
from akeneo_erp_bridge.erp.interfaces import Choice, ChoiceReader, Cursor, ErpSchema, Health, ItemReader, Page
from akeneo_erp_bridge.errors import CursorExpired

ItemT = TypeVar("ItemT", bound=ErpItem)


def snapshot_diff(reader: ItemReader[ItemT], store: Path | str) -> SnapshotDiff[ItemT]:
    r"""The same reader, with the keys that went missing as tombstones on the last page of a complete read.

    >>> import shutil, tempfile
    >>> from akeneo_erp_bridge.erp import CsvAdapter, ErpItem, cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> folder = Path(tempfile.mkdtemp())
    >>> erp = snapshot_diff(CsvAdapter(folder / "articles.csv", Article), folder / "articles.keys")
    >>> fields = frozenset({"number"})
    >>> _ = (folder / "articles.csv").write_text("number\nA\nB\n")
    >>> first = list(erp.read_items(None, fields=fields, limit=500))[-1]
    >>> _ = (folder / "articles.csv").write_text("number\nB\n")
    >>> list(erp.read_items(first.resume, fields=fields, limit=500))[-1].tombstones
    ('A',)
    >>> shutil.rmtree(folder)

    `store` is an SQLite file for the keys, one per stream; it is made when it is missing, and belongs to the
    engine's state: back them up together. A lost or foreign store makes the cursor `CursorExpired`.

    **When a read is complete.** A run that began with ``since=None`` reads everything, by the protocol. So does
    one that began with the last cursor of another run, if that cursor is of kind "snapshot": this kind says
    that each run begins anew. Runs from cursors of other kinds read changes, and their silence means nothing.
    The run must have come to its end, in one go or with stops; an error, or a consumer who leaves, gives no
    tombstones. Nor does a read without a page, one in which no item has a key, or one with an item whose key could
    not be read (`Defect`), since it may be any of those that seem to be missing.

    A choice of items (`ChoiceReader`) is passed on, and found without deletions.

    Tombstones come again until the cursor of their page comes back as `since`; so a plan, whose cursor nobody
    keeps, uses nothing up. One page is held back, to know which is the last.

    Raises `StateError` for a store that cannot be used, and what the reader raises.
    """
    return SnapshotDiff(reader, store)


class SnapshotDiff(Generic[ItemT]):
    """What `snapshot_diff` makes: an `ItemReader`.

    >>> from akeneo_erp_bridge.erp import CsvAdapter, cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> erp = SnapshotDiff(CsvAdapter("articles.csv", Article), "articles.keys")
    >>> isinstance(erp, ItemReader), erp.store.name  # the store is made when it reads
    (True, 'articles.keys')
    """

    def __init__(self, reader: ItemReader[ItemT], store: Path | str) -> None:
        self.reader = reader
        self.store = Path(store)

    def describe(self) -> ErpSchema:
        """The fields of the reader."""
        return self.reader.describe()

    def check(self) -> Health:
        """The health of the reader."""
        return self.reader.check()

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The reader's pages; the last one with the keys that are gone."""
        with closing(SeenStore(self.store)) as store:
            run = _begun(since, store)
            inner = None if since is None else Cursor(since.kind, run.blob, since.schema_hash)
            held: Page[ItemT] | None = None
            items = 0
            pages = iter(self.reader.read_items(inner, fields=fields, limit=limit))
            while True:
                try:
                    page = next(pages, None)
                except Exception:
                    if held is not None:
                        yield run.page(held)  # or a reader that fails at each second page would never get on
                    raise
                if page is None:
                    break
                if held is not None:
                    yield run.page(held)
                if any(_has_torn_key(item) for item in page.items):
                    run = evolve(run, sure=False)
                # before the page is out: whoever goes on after it has its keys counted
                store.record(run.number, [key for item in page.items if (key := item.key)], page.tombstones)
                items += len(page.items)
                held = page
            if held is None:
                return
            # keys that were not asked for, or not read, would make everything look deleted
            tells = run.full and run.sure and (items == 0 or store.has_seen(run.number))
            missing = store.tell_missing(run.number, run.base) if tells else []
            yield run.last_page(held, missing)

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The items of a choice, and perhaps all; what it does not show is not missing, so that it tells no deletions."""
        if isinstance(self.reader, ChoiceReader):
            # the cast: a reader of these items chooses among them, which no check at run time can see
            some = cast("ChoiceReader[ItemT]", self.reader).read_some(choice, fields=fields, limit=limit)
        else:
            some = self.reader.read_items(None, fields=fields, limit=limit)
        with closing(SeenStore(self.store)) as store:
            for page in some:
                # an item that came with a choice and is gone before the next complete read is missed there
                store.record(store.run, [key for item in page.items if (key := item.key)], ())
                yield Page(page.items, (), page.resume)


@frozen(kw_only=True)
class _Run:
    """A run of reading, as the cursor keeps it.

    `base` is the last complete run whose tombstones the holder of the cursor has settled. `blob` is the
    reader's own cursor. `sure`: no item was met whose key is a `Defect`, and which may be any of those that are missing.
    """

    store: str
    number: int
    full: bool
    done: bool = False
    base: int = 0
    blob: str = ""
    sure: bool = True

    def page(self, inner: Page[ItemT]) -> Page[ItemT]:
        """A page from which to go on within this run."""
        return Page(inner.items, inner.tombstones, _wrapped(self, inner.resume))

    def last_page(self, inner: Page[ItemT], missing: Sequence[ErpKey]) -> Page[ItemT]:
        """The page from which to begin the next run."""
        ended = evolve(self, done=True, base=self.number if self.full else self.base)
        return Page(inner.items, (*inner.tombstones, *missing), _wrapped(ended, inner.resume))


def _has_torn_key(item: ErpItem) -> bool:
    return isinstance(item.row.get(item.key_spec().path), Defect)


def _wrapped(run: _Run, inner: Cursor) -> Cursor:
    return Cursor(inner.kind, json.dumps(asdict(evolve(run, blob=inner.blob))), inner.schema_hash)


def _begun(since: Cursor | None, store: SeenStore) -> _Run:
    if since is None:
        return _Run(store=store.id, number=store.begin(), full=True)
    run = _parsed(since.blob)
    if run is None or run.store != store.id or run.number > store.run:
        raise CursorExpired(f"the cursor is not one of the key store {store.path}; all is read again")
    return evolve(run, number=store.begin(), full=since.kind == "snapshot", done=False, sure=True) if run.done else run


def _parsed(blob: str) -> _Run | None:
    try:
        wire: object = json.loads(blob)
    except ValueError:
        return None
    match wire:
        case {
            "store": str(store),
            "number": int(number),
            "full": bool(full),
            "done": bool(done),
            "base": int(base),
            "blob": str(inner),
        }:
            run = _Run(store=store, number=number, full=full, done=done, base=base, blob=inner)
            match wire:
                case {"sure": False}:
                    return evolve(run, sure=False)
                case _:  # cursors of earlier versions do not say
                    return run
        case _:
            return None
