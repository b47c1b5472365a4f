"""What is in a state, in numbers: for the person who looks after it."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Final, cast

from attrs import frozen

from akeneo_erp_bridge.erp import CursorKind
from akeneo_erp_bridge.sync._stored._database import Row, Session
from akeneo_erp_bridge.sync._stored._tables import VERSION
from akeneo_erp_bridge.sync._words import OFFERS, counted

_OF_A_RELAY: Final = "not recorded of a relay; its cursor tells when it last moved"


@frozen(kw_only=True)
class ParkedCount:
    """How many items are parked for one reason, and since when the first of them waits.

    >>> print(ParkedCount(code="not_a_number", count=43, since=datetime(2026, 6, 10, 3, tzinfo=UTC)))
    43 not_a_number since 2026-06-10 03:00 UTC
    """

    code: str
    count: int
    since: datetime | None

    def __str__(self) -> str:
        return f"{self.count} {self.code}{_since(self.since)}"


@frozen(kw_only=True)
class StreamSummary:
    """One stream of a state.

    `cursor` is the kind of cursor, `reached` when it was, `is_finished` whether that run came to its end. `items` is how
    many the ledger holds, without those that are `gone`. `intents` are of items that were perhaps sent, and not answered:
    between two runs there are some only after a stop. A relay keeps no history of runs: `runs` is 0.

    >>> print(StreamSummary(stream="products", cursor="snapshot", is_finished=True, items=1957, gone=3, runs=12))
    products
      origin  nobody's yet
      cursor  snapshot, to the end
      ledger  1957 items, and 3 gone
      parked  nothing
      held    0 cells
      intents 0
      runs    12
    """

    stream: str
    origin: str | None = None
    cursor: CursorKind | None = None
    reached: datetime | None = None
    is_finished: bool = False
    items: int = 0
    gone: int = 0
    parked: tuple[ParkedCount, ...] = ()
    held: int = 0
    intents: int = 0
    runs: int = 0
    last_run: datetime | None = None

    def __str__(self) -> str:
        """Some lines, the first with the stream's name."""
        reached = f", reached {_told(self.reached)}" if self.reached else ""
        end = "" if self.cursor is None else ", to the end" if self.is_finished else ", not to the end"
        last = f", the last began {_told(self.last_run)}" if self.last_run else ""
        lines = {
            "origin": self.origin or "nobody's yet",
            "cursor": f"{self.cursor or 'none'}{reached}{end}",
            "ledger": f"{counted(self.items, 'item')}, and {self.gone} gone",
            "parked": "; ".join(map(str, self.parked)) or "nothing",
            "held": counted(self.held, "cell"),
            "intents": str(self.intents),
            "runs": _OF_A_RELAY if self.origin == OFFERS else f"{self.runs}{last}",
        }
        return "\n".join([self.stream, *(f"  {word:<8}{text}" for word, text in lines.items())])


@frozen(kw_only=True)
class StateSummary:
    """What is in a state: no values of items, no cursor's content, no password.

    `place` is the file, or the database without its password; `format` the version of the tables, `size` is in bytes.

    >>> from akeneo_erp_bridge.erp import Cursor
    >>> from akeneo_erp_bridge.sync import Settled, SqliteState
    >>> with SqliteState(":memory:") as state:
    ...     state.settle("products", Settled(cursor=Cursor("sequence", "1200"), at=datetime(2026, 6, 10, 3, tzinfo=UTC)))
    ...     summary = state.inspect()
    >>> [(one.stream, one.cursor, one.is_finished) for one in summary.streams]
    [('products', 'sequence', False)]
    """

    place: str
    format: int
    size: int
    streams: tuple[StreamSummary, ...]

    def __str__(self) -> str:
        """For a terminal, some lines for each stream."""
        head = f"{self.place}: format {self.format}, {_bytes(self.size)}, {counted(len(self.streams), 'stream')}"
        return "\n".join([head, *(str(one) for one in self.streams)])


def summed_up(db: Session, place: str, size: int) -> StateSummary:
    """Count everything."""
    origins = _by_stream(db, "SELECT stream, origin FROM origin")
    cursors = _by_stream(db, "SELECT stream, kind, reached, finished FROM cursor")
    ledger, gone, held, intents, runs = (
        {one: int(row[1]) for one, row in _by_stream(db, query).items()} for query in _COUNTS
    )
    last_runs = _by_stream(db, _LAST_RUNS)
    parked: defaultdict[str, list[ParkedCount]] = defaultdict(list)
    for stream, code, count, since in db.execute(_PARKED):
        parked[stream].append(ParkedCount(code=code, count=int(count), since=_moment(since)))
    streams = {*origins, *cursors, *ledger, *held, *intents, *runs, *parked}
    return StateSummary(
        place=place,
        format=VERSION,
        size=size,
        streams=tuple(
            StreamSummary(
                stream=one,
                origin=origins[one][1] if one in origins else None,
                # the column was written from a Cursor, so it holds one of its kinds
                cursor=cast("CursorKind", cursors[one][1]) if one in cursors else None,
                reached=_moment(cursors[one][2]) if one in cursors else None,
                is_finished=one in cursors and bool(cursors[one][3]),
                items=ledger.get(one, 0) - gone.get(one, 0),
                gone=gone.get(one, 0),
                parked=tuple(parked[one]),
                held=held.get(one, 0),
                intents=intents.get(one, 0),
                runs=runs.get(one, 0),
                last_run=_moment(last_runs[one][1]) if one in last_runs else None,
            )
            for one in sorted(streams)
        ),
    )


_COUNTS: Final = (
    "SELECT stream, count(*) FROM ledger GROUP BY stream",
    "SELECT stream, count(*) FROM ledger WHERE gone <> 0 GROUP BY stream",
    "SELECT stream, count(*) FROM held GROUP BY stream",
    "SELECT stream, count(*) FROM intent GROUP BY stream",
    "SELECT stream, count(*) FROM run GROUP BY stream",
)
_PARKED: Final = (
    "SELECT stream, code, count(*), min(since) FROM parked GROUP BY stream, code ORDER BY stream, count(*) DESC, code"
)
_LAST_RUNS: Final = "SELECT stream, started FROM run WHERE place IN (SELECT max(place) FROM run GROUP BY stream)"


def _by_stream(db: Session, query: str) -> dict[str, Row]:
    return {row[0]: row for row in db.execute(query)}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _since(moment: datetime | None) -> str:
    return f" since {_told(moment)}" if moment else ""


def _told(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else "never"


def _bytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{size / 1_000:.1f} kB"
