"""From a raw value of the ERP to a typed one: one strict reader per type, no float in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Generic, Protocol, TypeVar, cast
from uuid import UUID

from attrs import frozen

from akeneo_erp_bridge.catalog import is_whole
from akeneo_erp_bridge.rules import shown

LARGEST: Final = 100
"""Beyond so many digits before or after the point, a number is a slip of the pen, and takes megabytes to write."""

LONGEST_KEY: Final = 500
"""In characters."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Takes a raw value, gives a typed one or raises `Unreadable`."""

    def __call__(self, raw: object) -> T_co: ...


class Unreadable(ValueError):
    """The raw value is not of the declared type. `blank`: it is a text of nothing, which means null."""

    def __init__(self, raw: object, wanted: str, *, place: str = "") -> None:
        self.raw, self.wanted = raw, wanted
        self.blank = isinstance(raw, str) and not raw.strip()
        super().__init__(
            f"{place}holds {shown(raw)}, which is not {wanted}; declare the field as str and parse it, or clean it"
        )


def read_text(raw: object) -> str:
    """Text stays text; whole numbers and decimals become their digits."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        return str(raw if isinstance(raw, int) and raw.bit_length() < 64 else read_decimal(raw))
    raise Unreadable(raw, "a text")


def read_key(raw: object) -> str:
    """What names an item: a text, a whole number or a UUID. Empty for everything else, blanks, and what no file can hold."""
    if isinstance(raw, str):
        return raw if len(raw) <= LONGEST_KEY and is_whole(raw) and not raw.isspace() else ""
    if isinstance(raw, int | Decimal | UUID) and not isinstance(raw, bool):
        try:
            return str(raw) if isinstance(raw, UUID) else read_text(raw)
        except Unreadable:
            return ""
    return ""


def read_decimal(raw: object) -> Decimal:
    """Digits with a point. A float of the driver is taken by its shortest digits, never computed with."""
    try:
        if isinstance(raw, str | int | Decimal | float) and not isinstance(raw, bool):
            number = Decimal(repr(raw) if isinstance(raw, float) else raw)
            if number.is_finite() and _is_sensible(raw, number):
                return number
    except InvalidOperation:
        pass
    raise Unreadable(raw, f"a number of at most {LARGEST} digits")


def _is_sensible(raw: object, number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    is_near = isinstance(exponent, int) and exponent >= -LARGEST and number.adjusted() < LARGEST
    return is_near and not (isinstance(raw, str) and "_" in raw)  # Python's own spelling, nobody else's


def read_integer(raw: object) -> int:
    """Whole numbers only: "5.0" is five, "5.5" is a problem."""
    number = read_decimal(raw)
    if number != number.to_integral_value():
        raise Unreadable(raw, "a whole number")
    return int(number)


def read_boolean(raw: object) -> bool:
    """`True`, `False`, 1 and 0. Words need a vocabulary: declare the field as str."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int) and raw in (0, 1):
        return raw == 1
    raise Unreadable(raw, "a boolean")


def read_datetime(raw: object) -> datetime:
    """An aware moment, or ISO 8601 text with a zone."""
    try:
        moment = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
    except ValueError:
        moment = None
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment
    raise Unreadable(raw, "a moment with a time zone (ISO 8601)")


def read_date(raw: object) -> date:
    """A day, or ISO 8601 text of one."""
    try:
        day = date.fromisoformat(raw) if isinstance(raw, str) else raw
    except ValueError:
        day = None
    if isinstance(day, date) and not isinstance(day, datetime):
        return day
    raise Unreadable(raw, "a day (YYYY-MM-DD)")


def read_texts(raw: object) -> frozenset[str]:
    """Several texts, of which the order does not matter, such as the codes of a product's groups."""
    if isinstance(raw, list | tuple | set | frozenset):
        # the cast: of what an ERP delivers as a list, a checker cannot know what is inside; `read_text` checks
        return frozenset(read_text(one) for one in cast("Iterable[object]", raw))
    raise Unreadable(raw, "a list of texts")


class Lines(tuple[Mapping[str, object], ...]):
    """Rows inside a row, such as the components of a kit, as the ERP nests them.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Kit(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     components = cold(Lines, "components")
    >>> Kit({"number": "K-1", "components": [{"part": "DR-18"}, {"part": "BIT-6"}]}).components[1]["part"]
    'BIT-6'
    """

    __slots__ = ()


def read_lines(raw: object) -> Lines:
    """Rows of the ERP inside another."""
    seen = raw
    # the casts: of what an ERP delivers as a list, a checker cannot know what is inside; the loop checks
    rows = cast("Sequence[object]", raw) if isinstance(raw, list | tuple) else (None,)
    # of what a row is, isinstance cannot tell
    lines = [cast("Mapping[str, object]", row) for row in rows if isinstance(row, Mapping)]
    if len(lines) < len(rows):
        raise Unreadable(seen, "a list of rows")
    return Lines(lines)


@frozen
class NullableReader(Generic[T]):
    """Reads null as `None` and the rest as before."""

    read: Reader[T]

    def __call__(self, raw: object) -> T | None:
        return None if raw is None else self.read(raw)


@frozen
class ManyReader(Generic[T]):
    """Reads each member of a list; one that is null or blank is left out."""

    read: Reader[T]
    keeps_null: bool

    def __call__(self, raw: object) -> tuple[T, ...]:
        if not isinstance(raw, list | tuple):
            raise Unreadable(raw, "a list")
        values: list[T] = []
        # the cast: of what an ERP delivers as a list, a checker cannot know what is inside; `read` checks
        members = cast("list[object] | tuple[object, ...]", raw)
        for place, one in enumerate(members, start=1):
            if one is None and not self.keeps_null:
                continue
            try:
                values.append(self.read(one))
            except Unreadable as error:
                if not error.blank:
                    where = f"value {place} of {len(members)} "
                    raise Unreadable(error.raw, error.wanted, place=where) from error
        return tuple(values)


@frozen
class InstanceReader(Generic[T]):
    """Takes instances of one class as they are."""

    kind: type[T]

    def __call__(self, raw: object) -> T:
        if isinstance(raw, self.kind):
            return raw
        raise Unreadable(raw, f"a {self.kind.__name__}")


_READERS: Final[dict[type[object], Callable[[object], object]]] = {
    str: read_text,
    Decimal: read_decimal,
    int: read_integer,
    bool: read_boolean,
    datetime: read_datetime,
    date: read_date,
    frozenset[str]: read_texts,
    Lines: read_lines,
}


def reader_of(kind: type[T]) -> Reader[T]:
    """The reader for a declared type."""
    known = _READERS.get(kind)
    # the table pairs each type with its reader; a dict cannot say so in types
    return cast("Reader[T]", known) if known is not None else InstanceReader(kind)
