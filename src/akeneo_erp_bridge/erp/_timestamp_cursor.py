"""`timestamp_cursor`: reading on from a "changed at" column, which is all that many ERPs have.

A stamp says when a row was written, not when others could see it, and the clock it was taken from is not
ours. Three rules make up for that; together they lose nothing that appears within `overlap` of its stamp:

1. A run starts at the greatest stamp of the runs before, less `overlap`, and takes the rows of that start along.
2. A stamp later than the beginning of its own run does not count as greatest. So neither a wrong stamp in
   the year 2099, nor one written during a long run, moves the next start past a row that is still to appear.
3. Within a run the place is stamp and key, so that a stop amid a million equal stamps costs one page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, TypeAlias, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.erp.interfaces import Cursor, Page
from akeneo_erp_bridge.errors import ConfigurationError, CursorExpired, ErpRefused
from akeneo_erp_bridge.rules import shown

T = TypeVar("T")

_FORMAT: Final = 1
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_NONE: Final = timedelta(0)


@frozen
class Position:
    """A place in the order of (stamp, key): the rows after it are wanted.

    `stamp` is in UTC; where the cursor was made with ``zone=...`` it names no zone, as in the ERP. `key` is the
    key of the last row read, or the cursor's `first_key`, which comes before all keys of that stamp.

    >>> after = Position(datetime(2026, 5, 4, 10, 12, tzinfo=UTC), "DR-18")
    >>> f"changed >= {after.stamp.isoformat()}" if not after.is_start else "everything"
    'changed >= 2026-05-04T10:12:00+00:00'
    """

    stamp: datetime
    key: str | int | None

    @property
    def is_start(self) -> bool:
        """Whether everything is wanted; `stamp` is then the first moment of the year 1."""
        return self.stamp.replace(tzinfo=UTC) == _BEGINNING


Stamped: TypeAlias = tuple[datetime, str | int | None, T]
"""A row for `TimestampCursor.pages`: when it changed, its key, the item. A key is `None` where it compares with no other."""


def timestamp_cursor(
    *,
    overlap: timedelta,
    zone: tzinfo | None = None,
    source: str = "",
    first_key: str | int | None = "",
    clock: Callable[[], datetime] | None = None,
) -> TimestampCursor:
    """Pages and cursors for an ERP that says when an item changed, and no more.

    An adapter made of it:

    >>> class AcmeErp:
    ...     changes = timestamp_cursor(overlap=timedelta(minutes=10))
    ...     def __init__(self, db):
    ...         self.db = db
    ...     def read_items(self, since, *, fields, limit):
    ...         return self.changes.pages(since, self.changed, fields=fields, limit=limit)
    ...     def changed(self, after):
    ...         query = "SELECT changed, number FROM articles WHERE (changed, number) > (?, ?) ORDER BY changed, number"
    ...         for changed, number in self.db.execute(query, (after.stamp.isoformat(), after.key)):
    ...             yield datetime.fromisoformat(changed), number, Article({"number": number})

    The first run reads everything, the next one what changed since, and what lies in the overlap:

    >>> import sqlite3
    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> db = sqlite3.connect(":memory:")
    >>> _ = db.execute("CREATE TABLE articles (number TEXT, changed TEXT)")
    >>> _ = db.execute("INSERT INTO articles VALUES ('A', '2024-05-01T08:00:00+00:00'), ('B', '2024-05-01T09:55:00+00:00')")
    >>> erp = AcmeErp(db)
    >>> first = list(erp.read_items(None, fields=frozenset({"number"}), limit=500))[-1]
    >>> _ = db.execute("INSERT INTO articles VALUES ('C', '2024-05-01T10:00:00+00:00')")
    >>> second = list(erp.read_items(first.resume, fields=frozenset({"number"}), limit=500))[-1]
    >>> [item.key for item in first.items], [item.key for item in second.items]
    (['A', 'B'], ['B', 'C'])

    `overlap` is how long a row may take from its stamp until we can see it: the ERP's longest transaction, and
    by how much our clock may be ahead of the ERP's. What lies in it is read in each run, and the ledger sees
    that nothing of it is written again. `zone` is the ERP's time zone where its stamps name none, such as
    ``ZoneInfo("Europe/Berlin")``. `source` names what is read: cursors of another source have expired.
    `first_key` comes before all keys: the empty text; say e.g. -1 where keys are whole numbers, or `None` if
    you test for it. `clock` asks the ERP for its time where it tells it; ours by default, which can hold the
    cursor back but never moves it forward. Raises `ConfigurationError` for a negative overlap,
    and in a run for a clock that tells no zone.
    """
    if overlap < timedelta(0):
        raise ConfigurationError(f"an overlap is a length of time, not {overlap}; write e.g. timedelta(minutes=10)")
    return TimestampCursor(overlap, zone, source, first_key, clock or _our_clock)


@frozen
class TimestampCursor:
    """What `timestamp_cursor` makes. It holds no state: one serves all runs and threads.

    >>> changes = timestamp_cursor(overlap=timedelta(minutes=10), clock=lambda: datetime(2026, 5, 4, 12, tzinfo=UTC))
    >>> rows = [(datetime(2026, 5, 4, hour, tzinfo=UTC), f"DR-{hour}", f"drill {hour}") for hour in (8, 10)]
    >>> first, last = changes.pages(None, lambda after: rows, fields=frozenset({"name"}), limit=1)
    >>> first.items, last.items
    (['drill 8'], ['drill 10'])
    >>> asked = []
    >>> _ = list(changes.pages(last.resume, lambda after: asked.append(after) or [], fields=frozenset({"name"}), limit=1))
    >>> asked[0].stamp.isoformat()
    '2026-05-04T09:50:00+00:00'
    """

    overlap: timedelta
    zone: tzinfo | None
    source: str
    first_key: str | int | None
    clock: Callable[[], datetime]

    def pages(
        self,
        since: Cursor | None,
        rows: Callable[[Position], Iterable[Stamped[T]]],
        *,
        fields: frozenset[str],
        limit: int,
        beside: Callable[[Position], Iterable[T]] | None = None,
    ) -> Iterator[Page[T]]:
        """Pages of about `limit` items, each with a cursor to go on from.

        `rows` is called once, and gives all rows after a position, sorted by stamp and then key, in whatever
        order of keys the ERP has. It may give earlier ones too, so an ERP that compares stamps only will do.
        Rows of one stamp and one key are never parted, so they may make a page longer.

        `beside` gives the items that have no place in this order, such as those without a stamp. They come at the end of
        each run, and after a stop all of them again; what it is given is where the run began, or the start where a stop
        made that unknown.

        Raises `CursorExpired` for a cursor of another kind, source, zone or set of `fields`, or from the
        future; `ErpRefused`, naming the key, for a stamp that is none, that lacks a zone or has one against
        the cursor's `zone`, and for rows out of order.
        """
        schema = self._schema(fields)
        run = self._run(since, schema)
        # a cursor from within a run does not tell where that run began
        begun = run.after if run.is_new else self._start(None)
        batch: list[T] = []
        last: Position | None = None
        for stamp, key, item in rows(run.after):
            here = Position(self._own(stamp, key), self._checked(key))
            if last is not None and here.stamp < last.stamp:
                raise ErpRefused(
                    f"item {key!r} of {here.stamp} comes after one of {last.stamp}; sort the rows by stamp, then by key"
                )
            if len(batch) >= limit and here != last:
                yield Page(batch, (), run.cursor(schema))
                batch = []
            last = here
            if here.stamp >= run.after.stamp:
                batch.append(item)
                run = run.beyond(here, self._moment(here.stamp))
        if beside is not None:
            place = run.cursor(schema) if last is not None else since or run.ended(schema)
            for item in beside(begun):
                if len(batch) >= limit:
                    yield Page(batch, (), place)
                    batch = []
                batch.append(item)
        yield Page(batch, (), run.ended(schema))

    # ---- stamps: as the ERP writes them, and as moments ----
    def _own(self, stamp: object, key: object) -> datetime:
        if not isinstance(stamp, datetime):
            raise ErpRefused(f"item {shown(key)} changed at {shown(stamp)}, which is no datetime; parse the stamp")
        if (stamp.tzinfo is None) == (self.zone is None):
            raise ErpRefused(
                f"item {shown(key)} changed at {stamp}, a stamp without a time zone; say which is the ERP's, "
                "e.g. zone=ZoneInfo('Europe/Berlin')"
                if self.zone is None
                else f"item {shown(key)} changed at {stamp}, a stamp with a time zone, yet zone={self.zone} says there is none"
            )
        return _utc(stamp) if self.zone is None else stamp.replace(fold=0)

    def _moment(self, own: datetime) -> datetime:
        """Of an hour that comes twice, the first is meant: too early a moment is read again, a late one is lost."""
        return own if self.zone is None else _utc(own.replace(tzinfo=self.zone))

    def _start(self, mark: datetime | None) -> Position:
        """Where the window begins."""
        beginning = _BEGINNING if self.zone is None else datetime.min  # noqa: DTZ901  # this ERP's stamps name no zone
        if mark is None or mark - _BEGINNING <= self.overlap + _DAY:
            return Position(beginning, self.first_key)  # "no date" is the year 1 in some ERPs
        start = mark - self.overlap
        if self.zone is None:
            return Position(start, self.first_key)
        local, soon = start.astimezone(self.zone), (start + _DAY).astimezone(self.zone)
        # when clocks are about to be set back, the same hands of the clock come again on later rows
        back = max((local.utcoffset() or _NONE) - (soon.utcoffset() or _NONE), _NONE)
        return Position(local.replace(tzinfo=None, fold=0) - back, self.first_key)

    def _checked(self, key: str | int | None) -> str | int | None:
        if not self._fits(key):
            raise ErpRefused(
                f"item {shown(key)} has a {type(key).__name__} for a key, and first_key={self.first_key!r} does not compare "
                "with it; give a first_key that comes before all keys: '' for texts, e.g. -1 for whole numbers"
            )
        return key

    def _fits(self, key: str | int | None) -> bool:
        return self.first_key is None or isinstance(key, str) is isinstance(self.first_key, str)

    # ---- cursors ----
    def _schema(self, fields: frozenset[str]) -> str:
        facts = json.dumps([_FORMAT, self.source, str(self.zone), sorted(fields)])
        return hashlib.sha256(facts.encode()).hexdigest()[:16]

    def _run(self, since: Cursor | None, schema: str) -> _Run:
        now = self.clock()
        if now.tzinfo is None:
            raise ConfigurationError("the clock tells a time without a zone; write e.g. lambda: datetime.now(UTC)")
        now = _utc(now)
        if since is None:
            return _Run(None, now, self._start(None))
        try:
            run = self._parsed(since.blob, now)
        except (ValueError, OverflowError):
            run = None
        if run is None or since.kind != "timestamp" or since.schema_hash != schema:
            raise CursorExpired("the cursor is of another source, of other fields, or damaged; all is read again")
        if run.began > now or (run.mark is not None and run.mark > now):
            # it was made while a clock was wrong, and may have run past changes
            raise CursorExpired(f"the cursor is of {run.mark or run.began}, and it is {now}; all is read again")
        return run

    def _parsed(self, blob: str, now: datetime) -> _Run | None:
        wire: object = json.loads(blob)
        match wire:
            case {"mark": None, "began": None}:
                return _Run(None, now, self._start(None))
            case {"mark": str(mark), "began": None}:
                return _Run(_aware(mark), now, self._start(_aware(mark)))
            case {
                "mark": str() | None as mark,
                "began": str(began),
                "stamp": str(stamp),
                "key": str() | int() | None as key,
            }:
                own = datetime.fromisoformat(stamp)
                if (own.tzinfo is None) is (self.zone is None) or not self._fits(key):
                    return None
                return _Run(_aware(mark) if mark else None, _aware(began), Position(own, key), is_new=False)
            case _:
                return None


@frozen
class _Run:
    """How far a run is: the greatest stamp that counts, the moment it began, the place of its last row.

    `is_new`: it begins, rather than going on after a stop.
    """

    mark: datetime | None
    began: datetime
    after: Position
    is_new: bool = True

    def beyond(self, here: Position, moment: datetime) -> _Run:
        counts = moment <= self.began and (self.mark is None or moment > self.mark)
        return evolve(self, mark=moment if counts else self.mark, after=here)

    def cursor(self, schema: str) -> Cursor:
        """To go on within this run."""
        place = {"began": self.began.isoformat(), "stamp": self.after.stamp.isoformat(), "key": self.after.key}
        return self._cursor(schema, place)

    def ended(self, schema: str) -> Cursor:
        """To begin the next run."""
        return self._cursor(schema, {"began": None})

    def _cursor(self, schema: str, place: dict[str, str | int | None]) -> Cursor:
        mark = self.mark.isoformat() if self.mark is not None else None
        return Cursor("timestamp", json.dumps({"mark": mark, **place}), schema)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return _utc(moment)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _BEGINNING if moment.year == 1 else datetime.max.replace(tzinfo=UTC)


def _our_clock() -> datetime:
    return datetime.now(UTC)
