"""The "changed at" column of a table: its order, its bounds and its values, as the database has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from akeneo_erp_bridge.erp._sql_source import KeyOrder
from akeneo_erp_bridge.erp._timestamp_cursor import Position
from akeneo_erp_bridge.errors import ErpRefused
from akeneo_erp_bridge.rules import shown

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


class ChangedAt:
    """Orders a table by stamp and key, and reads stamps.

    SQLite keeps stamps as texts of many forms, which do not compare as times do: there, and only there,
    they are brought to one form, in UTC where they name a zone, before the database compares them.
    """

    def __init__(
        self,
        column: ColumnElement[object],
        keys: KeyOrder,
        dialect: str,
        *,
        source: str = "",
    ) -> None:
        from sqlalchemy import String, type_coerce

        self._keys = keys
        self._key = keys.key
        self._where = f"'{source}', column '{column.key}'"
        self._as_text = dialect == "sqlite"
        # its DATETIME counts in 1/300 s and comes to us rounded, so that no stamp need equal the column it is from
        self._rounds = dialect == "mssql"
        raw: ColumnElement[object] = type_coerce(column, String()) if self._as_text else column
        self._stamp: ColumnElement[object] = _one_form(raw) if self._as_text else raw
        self.columns = (self._stamp.label("changed_at_"), raw.label("changed_at_raw_"))
        """What to select for `moment`."""
        self.order = (self._stamp, *keys.columns)

    def after(self, position: Position) -> list[ColumnElement[bool]]:
        """What holds for the rows after a position."""
        from sqlalchemy import and_, or_

        there = self._key.is_not(None)
        if position.is_start:
            return [there]
        bound = self._bound(position.stamp)
        if position.key is None or self._rounds:
            return [there, self._stamp >= bound]
        tied = and_(self._stamp == bound, self._keys.beyond(position.key))
        return [there, or_(self._stamp > bound, tied)]

    def check(self, connection: Connection) -> None:
        """Raises `ErpRefused` where a row has no stamp: no later run would find it again."""
        from sqlalchemy import select

        query = select(self._key, self.columns[1]).where(self._stamp.is_(None), self._key.is_not(None)).limit(1)
        row = connection.execute(query).first()
        if row is not None:
            raise self._refused(row[0], row[1])

    def moment(self, values: Sequence[object], key: object) -> datetime:
        """The stamp of a row, from its `columns`. Raises `ErpRefused` for what is no date and time."""
        stamp, raw = values
        if not self._as_text:
            if isinstance(stamp, datetime):
                return stamp
            raise self._refused(key, stamp)
        try:
            moment, written = datetime.fromisoformat(str(stamp)), datetime.fromisoformat(str(raw))
        except ValueError:
            raise self._refused(key, raw) from None
        return moment if written.tzinfo is None else moment.replace(tzinfo=UTC)

    def _bound(self, stamp: datetime) -> datetime | str:
        if self._as_text:
            return stamp.replace(tzinfo=None).isoformat(" ", "milliseconds")
        return stamp - timedelta(milliseconds=10) if self._rounds else stamp

    def _refused(self, key: object, raw: object) -> ErpRefused:
        return ErpRefused(
            f"{self._where}: the row with key {shown(key)} holds {shown(raw)}, which is no date and time, so its "
            "changes could not be found; fill it in (ISO 8601 in SQLite), or read without changed_at"
        )


def _one_form(raw: ColumnElement[object]) -> ColumnElement[object]:
    from sqlalchemy import String, case, func

    # strftime takes "12:30" for a time in the year 2000, and a number for a day of the Julian calendar
    is_date = raw.op("GLOB", is_comparison=True)("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*")
    return case((is_date, func.strftime("%Y-%m-%d %H:%M:%f", raw, type_=String())), else_=None)
