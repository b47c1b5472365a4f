"""One adapter for each law of the kit that breaks it, and keeps all others."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from queue import SimpleQueue
from threading import Event, Thread
from typing import ClassVar
from uuid import uuid4

from attrs import evolve

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpSchema, Health, Page, Position, WriteResult
from akeneo_erp_bridge.errors import CursorExpired, ErpUnreachable
from akeneo_erp_bridge.testing.conformance import ErpConformance, Faults
from kit_erp import TOKEN, Adapter, Article, World

Pages = Iterator[Page[Article]]
Row = dict[str, object]


def kit_of(adapter: type[Adapter]) -> type[ErpConformance[Article]]:
    class Conformance(ErpConformance[Article]):
        item = Article
        secrets = (TOKEN,)
        many = 1_100

        def world(self) -> World:
            return World()

        def make_adapter(self, faults: Faults) -> Adapter:
            erp = self.world().erp
            return adapter(erp, faults.transport(erp.transport()))

    Conformance.__name__ = adapter.__name__
    return Conformance


def changed(item: Article, **values: object) -> Article:
    return Article({**item.row, **values})


class HealthIsAssumed(Adapter):
    def check(self) -> Health:
        return Health(ok=True, message="the ERP answers")


class SchemaForgetsAField(Adapter):
    def describe(self) -> ErpSchema:
        return ErpSchema("memory", tuple(one for one in super().describe().fields if one.name != "note"))


class SmallPagesCutTexts(Adapter):
    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Pages:
        for page in super().read_items(since, fields=fields, limit=limit):
            short = [changed(one, name=str(one.row["name"])[:3]) if "name" in one.row else one for one in page.items]
            yield evolve(page, items=short) if limit < 500 else page


class SilenceIsDeletion(Adapter):
    """What a read of changes does not show is taken for deleted."""

    known: frozenset[ErpKey] = frozenset()

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Pages:
        seen: set[ErpKey] = set()
        held: Page[Article] | None = None
        for page in super().read_items(since, fields=fields, limit=limit):
            if held is not None:
                yield held
            seen |= {one.key for one in page.items}
            held = page
        if held is not None:
            yield evolve(held, tombstones=[*held.tombstones, *(self.known - seen)])
        self.known = self.known | seen


class ChangesDragTheNextItemAlong(Adapter):
    """A join by place instead of by key."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # passed on as they came
        self.names: dict[str, tuple[object, Article]] = {}

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Pages:
        for page in super().read_items(since, fields=fields, limit=limit):
            items = list(page.items)
            for one in page.items:
                if since is not None and one.key in self.names and self.names[one.key][0] != one.row.get("name"):
                    after = [other for key, (_, other) in sorted(self.names.items()) if key > one.key]
                    items += [changed(other, note="") for other in after[:1]]
            if limit == 500:
                self.names |= {one.key: (one.row.get("name"), one) for one in page.items}
            yield evolve(page, items=items)


class HotInACold(Adapter):
    def fetch(self, asked: Mapping[str, str]) -> list[Row]:
        rows = super().fetch({**asked, "fields": asked["fields"] + ",stock"})
        for row in rows:
            stock = row.pop("stock")
            if "note" in row and isinstance(stock, int) and stock > 1000:
                row["note"] = f"{row['note']} ({stock} on stock)"
        return rows


class HotByTheStampOfTheItem(Adapter):
    def moved(self, row: Mapping[str, object]) -> str:
        return str(row["changed"])


class TiesAreOver(Adapter):
    """Goes on after a stamp, whichever keys still bear it."""

    def rows(self, after: Position, fields: frozenset[str], limit: int) -> Iterator[Row]:
        for row in super().rows(after, fields, limit):
            if after.key == "" or datetime.fromisoformat(str(row["changed"])) > after.stamp:
                yield row


class NoOverlap(Adapter):
    overlap = timedelta(0)


class NoTombstones(Adapter):
    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Pages:
        for page in super().read_items(since, fields=fields, limit=limit):
            yield evolve(page, tombstones=())


class ReadsAheadOverAStop(Adapter):
    """Believes that the page after a stop was delivered, for it had been fetched."""

    is_open = False

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Pages:
        pages = super().read_items(since, fields=fields, limit=limit)
        if since is not None and self.is_open:
            next(pages, None)
        self.is_open = since is None
        yield from pages
        self.is_open = False


class CursorsInMemory(Adapter):
    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # passed on as they came
        self.cursors: dict[Cursor, Cursor] = {}

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Pages:
        if since is not None and since not in self.cursors:
            raise CursorExpired("the cursor is of another process")
        inner = None if since is None else self.cursors[since]
        for page in super().read_items(inner, fields=fields, limit=limit):
            handle = Cursor("token", uuid4().hex, "memory")
            self.cursors[handle] = page.resume
            yield evolve(page, resume=handle)


class AnyCursorWillDo(Adapter):
    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Pages:
        try:
            yield from super().read_items(since, fields=fields, limit=limit)
        except CursorExpired:
            yield from super().read_items(None, fields=fields, limit=limit)


class TheGreatestStampWins(Adapter):
    def clock(self) -> datetime:
        return datetime(2100, 1, 1, tzinfo=UTC)  # so that no stamp is ahead of it


class WeightOnlyWithPieces(Adapter):
    def fetch(self, asked: Mapping[str, str]) -> list[Row]:
        rows = super().fetch(asked)
        if "pieces" not in asked["fields"]:
            for row in rows:
                row.pop("weight", None)
        return rows


class KeepsEverything(Adapter):
    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # passed on as they came
        self.seen: list[Article] = []

    def made(self, item: Article) -> Article:
        self.seen.append(item)
        return item


class ReadsAheadWithoutEnd(Adapter):
    """A thread that fetches on for as long as the consumer lets it."""

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Pages:
        source = super().read_items(since, fields=fields, limit=limit)
        ahead: SimpleQueue[Page[Article]] = SimpleQueue()
        while True:
            page = ahead.get() if not ahead.empty() else next(source, None)
            if page is None:
                return
            taken = Event()
            thread = Thread(target=self._fill, args=(source, ahead, taken))
            thread.start()
            try:
                yield page
            finally:
                taken.set()
                thread.join()

    @staticmethod
    def _fill(source: Pages, ahead: SimpleQueue[Page[Article]], taken: Event) -> None:
        if not taken.wait(0.05):
            for page in source:
                ahead.put(page)
                if taken.is_set():
                    return


class BusyIsTheEnd(Adapter):
    def fetch(self, asked: Mapping[str, str]) -> list[Row]:
        try:
            return super().fetch(asked)
        except ErpUnreachable as error:
            if "503" in str(error):
                return []
            raise


class BadRecordsAreLeftOut(Adapter):
    def made(self, item: Article) -> Article | None:
        try:
            Decimal(str(item.row.get("weight") or 0))
        except InvalidOperation:
            return None
        return item


class TwiceIsTwo(Adapter):
    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # passed on as they came
        self.written_by: set[str] = set()

    def write_item(self, draft: Article, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        if idempotency_key in self.written_by and if_version is None:
            return self.create(draft, "")
        self.written_by.add(idempotency_key)
        return super().write_item(draft, idempotency_key=idempotency_key, if_version=if_version)


class MarksAfterwards(Adapter):
    """Creates an item, and tells the ERP by which key in a second call."""

    def create(self, draft: Article, idempotency_key: str) -> WriteResult:
        made = super().create(draft, "")
        marked = self.written("PUT", {"born_by": idempotency_key, "key": made.ref.key, "if_version": None})
        return WriteResult(marked.ref, created=True)


class OverwritesAnyVersion(Adapter):
    def written(self, method: str, body: Mapping[str, object]) -> WriteResult:
        return super().written(method, {**body, "if_version": None} if method == "PUT" else body)


class ReadingUsesUp(Adapter):
    """Marks as exported what a read of changes shows, whether or not anybody keeps it."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # passed on as they came
        self.exported: set[str] = set()

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Pages:
        for page in super().read_items(since, fields=fields, limit=limit):
            if since is None or limit < 500:
                yield page
                continue
            prints = {one.key: one.fingerprint(("name", "note")) for one in page.items}
            yield evolve(page, items=[one for one in page.items if prints[one.key] not in self.exported])
            self.exported.update(prints.values())


class Floats(Adapter):
    def fetch(self, asked: Mapping[str, str]) -> list[Row]:
        rows = super().fetch(asked)
        for row in rows:
            try:
                row |= {"weight": float(str(row["weight"]))}
            except (KeyError, ValueError):
                continue
        return rows


class LocalTimes(Adapter):
    def fetch(self, asked: Mapping[str, str]) -> list[Row]:
        rows = super().fetch(asked)
        for row in rows:
            if row.get("released"):
                row["released"] = datetime.fromisoformat(str(row["released"])).replace(tzinfo=None).isoformat()
        return rows


class KeysAreNumbers(Adapter):
    def made(self, item: Article) -> Article:
        return changed(item, number=item.key.lstrip("0"))


class FieldsInTheClass(Adapter):
    asked_for: ClassVar[str] = ""

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Pages:
        FieldsInTheClass.asked_for = ",".join(sorted(fields))
        return super().read_items(since, fields=fields, limit=limit)

    def fetch(self, asked: Mapping[str, str]) -> list[Row]:
        return super().fetch({**asked, "fields": self.asked_for})


class LogsTheToken(Adapter):
    def unreachable(self, error: Exception) -> ErpUnreachable:
        logging.getLogger("memory").debug("failed with %r", self._http.headers["Authorization"])
        return super().unreachable(error)


BROKEN: dict[int, type[Adapter]] = {
    1: HealthIsAssumed,
    2: SchemaForgetsAField,
    3: SmallPagesCutTexts,
    4: SilenceIsDeletion,
    5: ChangesDragTheNextItemAlong,
    6: HotInACold,
    7: HotByTheStampOfTheItem,
    8: TiesAreOver,
    9: NoOverlap,
    10: NoTombstones,
    11: ReadsAheadOverAStop,
    12: CursorsInMemory,
    13: AnyCursorWillDo,
    14: TheGreatestStampWins,
    15: WeightOnlyWithPieces,
    16: KeepsEverything,
    17: ReadsAheadWithoutEnd,
    18: BusyIsTheEnd,
    19: BadRecordsAreLeftOut,
    20: TwiceIsTwo,
    21: MarksAfterwards,
    22: OverwritesAnyVersion,
    23: ReadingUsesUp,
    24: Floats,
    25: LocalTimes,
    26: KeysAreNumbers,
    27: FieldsInTheClass,
    28: LogsTheToken,
}
