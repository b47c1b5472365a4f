"""The "changed at" column of a table: its order, its bounds and its values, as the database has them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from akeneo_erp_bridge.erp._sql._keys import KeyOrder
from akeneo_erp_bridge.erp._sql._source import MYSQL
from akeneo_erp_bridge.erp._sql._values import fits_python
from akeneo_erp_bridge.erp._timestamp_cursor import Position
from akeneo_erp_bridge.errors import ErpRefused
from akeneo_erp_bridge.rules import shown

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause

_log: Final = logging.getLogger("akeneo_erp_bridge")


class ChangedAt:
    """Orders a table by stamp and key, and reads stamps.

    SQLite keeps stamps as texts of many forms, which do not compare as times do: there, and only there,
    they are brought to one form, in UTC where they name a zone, before the database compares them.

    A row whose stamp is none has no place in that order. It is among those `beside` it, which are read in each run.
    """

    def __init__(
        self,
        column: ColumnElement[object],
        keys: KeyOrder,
        dialect: str,
        *,
        source: str = "",
        zone: tzinfo | None = None,
    ) -> None:
        from sqlalchemy import String, type_coerce

        self._keys = keys
        self._zone = zone
        self._where = f"'{source}', column '{column.key}'"
        self._as_text = dialect == "sqlite"
        self._fails = dialect == "postgresql"  # its driver, on stamps that are none
        # its DATETIME counts in 1/300 s and comes to us rounded, so that no stamp need equal the column it is from
        self._rounds = dialect == "mssql"
        self._raw: ColumnElement[object] = type_coerce(column, String()) if self._as_text else column
        self._stamp: ColumnElement[object] = _one_form(self._raw, zone) if self._as_text else self._raw
        self._is_stamp, self._is_none = _readable(self._stamp, dialect)
        self.columns = (self._stamp.label("changed_at_"),)
        """What to select for `moment`."""
        self.order = (self._stamp, *keys.columns)

    def after(self, position: Position) -> list[ColumnElement[bool]]:
        """What holds for the rows after a position that have a stamp and a key."""
        from sqlalchemy import and_, or_

        if position.is_start:
            return [self._keys.is_key, self._is_stamp]
        # what is greater than a text is no null; elsewhere, what is greater may be none all the same
        wanted = [self._keys.is_key] if self._as_text else [self._keys.is_key, self._is_stamp]
        bound = self._bound(position.stamp)
        if position.key is None or self._rounds:
            return [*wanted, self._stamp >= bound]
        tied = and_(self._stamp == bound, self._keys.beyond(position.key))
        return [*wanted, or_(self._stamp > bound, tied)]

    def beside(self, position: Position) -> ColumnElement[bool]:
        """What holds for the rows that have no stamp, and for those without a key that changed after a position."""
        from sqlalchemy import and_, or_

        keyless = self._keys.is_none
        if not position.is_start:
            keyless = and_(keyless, self._stamp >= self._bound(position.stamp))
        return or_(self._is_none, keyless)

    def check(self, connection: Connection, source: FromClause) -> None:
        """Tells of the rows without a stamp. Raises `ErpRefused` where all are so, and not just null: it is no such column."""
        from sqlalchemy import Text, cast, select

        seen = cast(self._raw, Text()) if self._fails else self._raw
        rotten = select(self._keys.key, seen).select_from(source).where(self._is_none)
        row = connection.execute(rotten.limit(1)).first()
        if row is None:
            return
        odd = connection.execute(rotten.where(self._raw.is_not(None)).limit(1)).first()
        if odd is not None and connection.execute(select(self._stamp).where(self._is_stamp).limit(1)).first() is None:
            raise self._refused(odd[0], odd[1])
        key, raw = row if odd is None else odd
        _log.warning(
            "%s: the row with key %s holds %s, which is no date and time; each such row is read in each run",
            self._where,
            shown(key),
            shown(raw),
        )

    def moment(self, stamp: object, key: object) -> datetime:
        """The stamp of a row, from its `columns`. Raises `ErpRefused` for what is no date and time."""
        if not self._as_text:
            if isinstance(stamp, datetime):
                return stamp
            raise self._refused(key, stamp)
        try:
            moment = datetime.fromisoformat(str(stamp))
        except ValueError:
            raise self._refused(key, stamp) from None
        return moment.replace(tzinfo=UTC) if self._zone is None else moment

    def _bound(self, stamp: datetime) -> datetime | str:
        if self._as_text:
            return stamp.replace(tzinfo=None).isoformat(" ", "milliseconds")
        return stamp - timedelta(milliseconds=10) if self._rounds else stamp

    def _refused(self, key: object, raw: object) -> ErpRefused:
        told = "which is no date and time"
        if self._as_text and isinstance(raw, str) and raw[:4].isdecimal():
            told += (
                " with a time zone; say which is the ERP's, e.g. zone=ZoneInfo('Europe/Berlin')"
                if self._zone is None
                else f" without one, or one with a time zone, yet zone={self._zone} says there is none"
            )
        return ErpRefused(
            f"{self._where}: the row with key {shown(key)} holds {shown(raw)}, {told}, so its changes could not be found; "
            "fill it in (ISO 8601 in SQLite), or read without changed_at"
        )


def _readable(stamp: ColumnElement[object], dialect: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What holds for the stamps that can be read, and what for all others: null is neither true nor false in SQL."""
    from sqlalchemy import and_, func, not_, or_

    if dialect in MYSQL:
        parts = [one(stamp) > 0 for one in (func.year, func.month, func.day)]  # '0000-00-00', '2026-00-00'
        return and_(*parts), or_(stamp.is_(None), *(not_(one) for one in parts))
    fits = fits_python(stamp) if dialect == "postgresql" else None
    return (stamp.is_not(None), stamp.is_(None)) if fits is None else (fits, or_(stamp.is_(None), not_(fits)))


def _one_form(raw: ColumnElement[object], zone: tzinfo | None) -> ColumnElement[object]:
    """The stamp in one form, and null for what is none, or names a zone where none is expected, or names none."""
    from sqlalchemy import String, and_, case, func, not_, or_

    # strftime takes "12:30" for a time in the year 2000, and a number for a day of the Julian calendar
    is_date = raw.op("GLOB", is_comparison=True)("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*")
    zoned = or_(
        func.substr(raw, -6, type_=String()).op("GLOB", is_comparison=True)("[+-][0-9][0-9]:[0-9][0-9]"),
        func.substr(raw, -1, type_=String()).in_(("Z", "z")),
    )
    # computed, so that "2024-02-31" becomes a day that is in the calendar
    form = func.strftime("%Y-%m-%d %H:%M:%f", raw, "+0 days", type_=String())
    is_of_our_era = or_(raw >= "0001-01-03", form >= "0001")
    fits = and_(is_date, func.typeof(raw) == "text", zoned if zone is None else not_(zoned), is_of_our_era)
    return case((fits, form), else_=None)
