"""Values of rows as a rule can use them: what the database holds, and never what a library takes it for.

A value that does not fit the type of its column (SQLite holds any) comes as it is, for the field to say what is wrong with
it; the other rows go on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.erp._defect import Defect
from akeneo_erp_bridge.erp._sql._keys import untyped
from akeneo_erp_bridge.erp._sql._source import MYSQL
from akeneo_erp_bridge.rules import shown

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause
    from sqlalchemy.types import TypeEngine

Made: TypeAlias = Callable[[object], object]

_DAY: Final = timedelta(days=1)


@frozen
class Values:
    """How the columns of a database are read.

    MariaDB's days of zeros ('0000-00-00') are no days, so they are null. A moment without a zone gets `zone`, where given.
    """

    dialect: str
    zone: tzinfo | None

    def of(self, source: FromClause, names: Sequence[str]) -> Columns:
        """The reading of some columns."""
        columns = [(name, source.c[name]) for name in names]
        made = [(name, how) for name, column in columns if (how := self._made(column.type)) is not None]
        odd = [(name, text) for name, column in columns if (text := self._odd(column)) is not None]
        return Columns(
            tuple(names),
            tuple(self._selected(column) for _, column in columns),
            tuple(made),
            tuple(name for name, _ in odd),
            tuple(one for _, one in odd),
        )

    def _selected(self, column: ColumnElement[object]) -> ColumnElement[object]:
        from sqlalchemy import case
        from sqlalchemy.types import Float, Time

        if self.dialect == "sqlite":
            return untyped(column)
        if self.dialect in MYSQL and isinstance(column.type, Float | Time):
            return untyped(column)  # the library rounds floats to ten places, and takes days off a time
        fits = self._fits(column)
        return column if fits is None else case((fits, column), else_=None)

    def _odd(self, column: ColumnElement[object]) -> ColumnElement[object] | None:
        """The text of a value that the driver could not hand over, and null for all others."""
        from sqlalchemy import Text, case, cast, not_

        fits = self._fits(column)
        return None if fits is None else case((not_(fits), cast(column, Text)), else_=None)

    def _fits(self, column: ColumnElement[object]) -> ColumnElement[bool] | None:
        return fits_python(column) if self.dialect == "postgresql" else None

    # ---- what is made of a value ----
    def _made(self, kind: TypeEngine[object]) -> Made | None:
        from sqlalchemy.types import NullType

        if self.dialect == "sqlite":
            return self._made_in_sqlite(kind)
        if self.dialect in MYSQL and (is_time(kind) or isinstance(kind, NullType)):
            return self._without_zeros
        return self._zoned if self.zone is not None and (is_time(kind) or isinstance(kind, NullType)) else None

    def _made_in_sqlite(self, kind: TypeEngine[object]) -> Made | None:
        from sqlalchemy.types import JSON, Boolean, Date, DateTime, Float, Numeric, Time

        if isinstance(kind, Numeric) and not isinstance(kind, Float):
            scale = kind.scale or 0
            return lambda raw: _decimal(raw, scale)
        for one, made in (
            (Boolean, _boolean),
            (DateTime, self._moment),
            (Date, _day),
            (Time, _time),
            (JSON, _document),
        ):
            if isinstance(kind, one):
                return made
        return None

    def _zoned(self, raw: object) -> object:
        if isinstance(raw, datetime) and raw.tzinfo is None and self.zone is not None:
            return raw.replace(tzinfo=self.zone)
        return raw

    def _without_zeros(self, raw: object) -> object:
        if isinstance(raw, str) and raw.startswith("0000-00-00"):
            return None
        if isinstance(raw, timedelta) and timedelta() <= raw < _DAY:
            return (datetime.min + raw).time()  # noqa: DTZ901 - only its time is taken
        return self._zoned(raw)

    def _moment(self, raw: object) -> object:
        try:
            return self._zoned(datetime.fromisoformat(raw)) if isinstance(raw, str) else raw
        except ValueError:
            return raw


@frozen
class Columns:
    """Some columns of a source: what is selected for them, and the row that is made of what comes."""

    names: tuple[str, ...]
    wanted: tuple[ColumnElement[object], ...]
    made: tuple[tuple[str, Made], ...]
    odd: tuple[str, ...]
    odd_wanted: tuple[ColumnElement[object], ...]

    @property
    def selected(self) -> tuple[ColumnElement[object], ...]:
        """What to select: the columns in their order, and what is needed besides."""
        return (*self.wanted, *(one.label(f"odd_{at}_") for at, one in enumerate(self.odd_wanted)))

    def row(self, values: Sequence[object]) -> dict[str, object]:
        """A row by column, of what `selected` gives; what stands behind that is left out."""
        width = len(self.names)
        row = dict(zip(self.names, values[:width], strict=True))
        for name, made in self.made:
            row[name] = made(row[name])
        if self.odd:
            odd = zip(self.odd, values[width : width + len(self.odd)], strict=True)
            row |= {name: text for name, text in odd if text is not None}
        return row


def is_time(kind: TypeEngine[object]) -> bool:
    """Whether a type is of days, moments or times."""
    from sqlalchemy.types import Date, DateTime, Time

    return isinstance(kind, Date | DateTime | Time)


def fits_python(column: ColumnElement[object]) -> ColumnElement[bool] | None:
    """What holds for the days, moments and times of PostgreSQL that Python has too; `None` for columns of others.

    PostgreSQL knows 'infinity', years before Christ and beyond 9999, and 24:00; its driver fails on them.
    """
    from sqlalchemy import DateTime, Time, cast, literal_column, type_coerce
    from sqlalchemy.dialects.postgresql import DOMAIN
    from sqlalchemy.types import Date

    if isinstance(column.type, DOMAIN):
        column = type_coerce(column, column.type.data_type)
    kind = column.type
    if isinstance(kind, Date):
        return column.between(literal_column("DATE '0001-01-01'"), literal_column("DATE '9999-12-31'"))
    if isinstance(kind, DateTime):
        # in the zone of the session, in which the driver is told it
        here = cast(column, DateTime()) if kind.timezone else column
        first, last = (f"TIMESTAMP '{one}'" for one in ("0001-01-02", "9999-12-31 23:59:59.999999"))
        return here.between(literal_column(first), literal_column(last))
    if isinstance(kind, Time):
        return column < literal_column("TIME '24:00'")
    return None


def read_utf8(raw: bytes) -> str | Defect:
    """A text of SQLite, which takes any bytes for one."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return Defect(f"holds {shown(raw)}, which is no UTF-8; store it as UTF-8 (it may be of Windows, cp1252)")


def read_json(text: str | bytes) -> object:
    """A document, with all digits of its numbers; a `Defect` for what is none, or is beyond what can be read."""
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return Defect(f"holds {shown(text)}, which is no JSON; mend it in the ERP")


def _decimal(raw: object, scale: int) -> object:
    """SQLite keeps numbers with a point as floats: they are taken by their shortest digits, and filled up with zeros."""
    if not isinstance(raw, int | float) or not isfinite(raw):
        return raw
    digits = repr(raw)
    whole, _, fraction = digits.partition(".")
    if "e" in digits:
        digits = f"{Decimal(digits):f}" if raw >= 1 or raw <= -1 else digits  # 1E+20 is written out
        return Decimal(digits)
    if fraction == "0":  # what a float that is whole is written with
        fraction = ""
    return (
        Decimal(f"{whole}.{fraction:0<{scale}}") if scale > 0 else Decimal(f"{whole}.{fraction}" if fraction else whole)
    )


def _boolean(raw: object) -> object:
    return raw == 1 if isinstance(raw, int) and raw in (0, 1) else raw


def _day(raw: object) -> object:
    try:
        return date.fromisoformat(raw) if isinstance(raw, str) else raw
    except ValueError:
        return raw


def _time(raw: object) -> object:
    try:
        return time.fromisoformat(raw) if isinstance(raw, str) else raw
    except ValueError:
        return raw


def _document(raw: object) -> object:
    return read_json(raw) if isinstance(raw, str | bytes) else raw
