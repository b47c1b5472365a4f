"""A column that counts changes, such as a rowversion: its cursor, and the transactions that commit out of order.

A number is taken when a row is written, and seen when its transaction commits; so a smaller one may appear after a larger
one. Where the database knows below which number nothing is open any more, it is asked: ``MIN_ACTIVE_ROWVERSION()`` of SQL
Server, ``pg_snapshot_xmin`` of PostgreSQL for columns of type xid8. Elsewhere, each run goes back by `behind` numbers. In both,
a number counts only if it was there when its run began, so that a long or interrupted run moves nothing past a row which is
still to appear.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from akeneo_erp_bridge.erp._sql._keys import KeyOrder, untyped
from akeneo_erp_bridge.erp.interfaces import Cursor
from akeneo_erp_bridge.errors import CursorExpired, ErpRefused
from akeneo_erp_bridge.rules import shown

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause

_log: Final = logging.getLogger("akeneo_erp_bridge")


@frozen
class Run:
    """How far a run is: where it began (`after`), what counts at its end (`ceiling`), the place of its last row."""

    after: int | None
    ceiling: int
    at: tuple[int, str | int | None] | None = None

    def beyond(self, number: int, key: str | int | None) -> Run:
        """Behind one more row. Without a key that can be compared, the rows of this number come again."""
        if key is None and self.at is not None and self.at[0] == number:
            return self
        return evolve(self, at=(number, key))

    def cursor(self, version: str) -> Cursor:
        """To go on within this run."""
        return Cursor("sequence", json.dumps({"after": self.after, "ceiling": self.ceiling, "at": self.at}), version)

    def ended(self, version: str) -> Cursor:
        """To begin the next run."""
        return Cursor("sequence", json.dumps({"done": self.ceiling}), version)


class Counted:
    """Orders a source by its counting column and key."""

    def __init__(
        self,
        source: FromClause,
        column: ColumnElement[object],
        keys: KeyOrder,
        dialect: str,
        behind: int,
    ) -> None:
        from sqlalchemy import BigInteger, String, cast
        from sqlalchemy.types import NullType

        self._source, self._keys, self._name = source, keys, column.key
        self._may_hold_anything = dialect == "sqlite"
        column = untyped(column) if self._may_hold_anything else column
        self._column = column
        self._is_rowversion = dialect == "mssql" and not _is_integer(column)
        self._is_transaction = dialect == "postgresql" and isinstance(column.type, NullType)
        self.value: ColumnElement[object] = (
            cast(cast(column, String()), BigInteger()) if self._is_transaction else column
        )
        """What to select for `number`."""
        self.order = (column, *keys.columns)
        self.behind = 0 if self._bound() is not None else behind

    def begun(self, since: Cursor | None, version: str, connection: Connection) -> Run:
        """The run that a cursor begins or goes on with. Raises `CursorExpired` for one that is not of this column."""
        run = None if since is None else self._parsed(since, version)
        if isinstance(run, Run):
            return run
        ceiling = self._ceiling(connection)
        if run is None:
            return Run(None, ceiling)
        if ceiling < run - self.behind:
            raise CursorExpired(
                f"the cursor is at {run}, and the column '{self._name}' ends at {ceiling}; all is read again"
            )
        return Run(run - self.behind, ceiling)

    def after(self, run: Run) -> list[ColumnElement[bool]]:
        """What holds for the rows that a run still has to read."""
        from sqlalchemy import and_, or_

        wanted: list[ColumnElement[bool]] = [self._keys.is_key, self._is_number]
        if run.at is not None:
            number, key = run.at
            here = self._literal(number)
            tied = self._column == here
            wanted.append(or_(self._column > here, tied if key is None else and_(tied, self._keys.beyond(key))))
        elif run.after is not None:
            wanted.append(self._column > self._literal(run.after))
        return wanted

    def beside(self, run: Run) -> ColumnElement[bool]:
        """What holds for the rows that have no number, and for those without a key that changed: they have no place."""
        from sqlalchemy import and_, or_

        keyless = self._keys.is_none
        if run.after is not None:
            keyless = and_(keyless, self._column > self._literal(run.after))
        return or_(self._is_none, keyless)

    def check(self, connection: Connection) -> None:
        """Tells of the rows without a number. Raises `ErpRefused` where all are so, and not just null: it counts nothing."""
        from sqlalchemy import select

        query = select(self._keys.key, self._column).select_from(self._source)
        row = connection.execute(query.where(self._is_none).limit(1)).first()
        if row is None:
            return
        odd = connection.execute(query.where(self._is_none, self._column.is_not(None)).limit(1)).first()
        if odd is not None and connection.execute(query.where(self._is_number).limit(1)).first() is None:
            self.number(odd[1], odd[0])
        key, raw = row if odd is None else odd
        _log.warning(
            "column '%s': the row with key %s holds %s, which is no whole number; each such row is read in each run",
            self._name,
            shown(key),
            shown(raw),
        )

    def number(self, raw: object, key: object) -> int:
        """The number of a row, from `value`."""
        if isinstance(raw, bytes):
            return int.from_bytes(raw, "big")
        if isinstance(raw, int):
            return raw
        raise ErpRefused(
            f"column '{self._name}': the row with key {shown(key)} holds {shown(raw)}, which is no whole number; "
            "name a column that counts changes, or use changed_at"
        )

    # ---- inside ----
    @property
    def _is_number(self) -> ColumnElement[bool]:
        from sqlalchemy import func

        return func.typeof(self._column) == "integer" if self._may_hold_anything else self._column.is_not(None)

    @property
    def _is_none(self) -> ColumnElement[bool]:
        from sqlalchemy import func

        return func.typeof(self._column) != "integer" if self._may_hold_anything else self._column.is_(None)

    def _ceiling(self, connection: Connection) -> int:
        from sqlalchemy import func, select

        bound = self._bound()
        if bound is not None:
            # everything below is committed; what the bound itself counts is still to come
            last: object = connection.execute(select(self._as_number(bound))).scalar()
            return max(self.number(last, "-") - 1, 0)
        counted = select(func.max(self._column)).select_from(self._source).where(self._is_number)
        last = connection.execute(counted).scalar()
        return 0 if last is None else self.number(last, "-")

    def _bound(self) -> ColumnElement[object] | None:
        from sqlalchemy import func, literal_column

        if self._is_rowversion:
            return literal_column("MIN_ACTIVE_ROWVERSION()")
        return func.pg_snapshot_xmin(func.pg_current_snapshot()) if self._is_transaction else None

    def _as_number(self, value: ColumnElement[object]) -> ColumnElement[object]:
        from sqlalchemy import BigInteger, String, cast

        return cast(cast(value, String()), BigInteger()) if self._is_transaction else value

    def _literal(self, number: int) -> ColumnElement[object]:
        from sqlalchemy import LargeBinary, literal, literal_column

        if self._is_transaction:
            return literal_column(f"'{number:d}'::xid8")
        if self._is_rowversion:
            return literal(number.to_bytes(8, "big"), LargeBinary(8))
        return literal(number)

    def _parsed(self, since: Cursor, version: str) -> Run | int:
        try:
            wire: object = json.loads(since.blob)
        except ValueError:
            wire = None
        if since.kind == "sequence" and since.schema_hash == version:
            match wire:
                case {"done": int(done)}:
                    return done
                case {
                    "after": int() | None as after,
                    "ceiling": int(ceiling),
                    "at": [int(number), str() | int() | None as key],
                }:
                    return Run(after, ceiling, (number, key))
                case {"after": int() | None as after, "ceiling": int(ceiling), "at": None}:
                    return Run(after, ceiling)
                case _:
                    pass
        raise CursorExpired("the cursor is of other columns or another adapter; all is read again")


def _is_integer(column: ColumnElement[object]) -> bool:
    try:
        return column.type.python_type is int
    except NotImplementedError:
        return False
