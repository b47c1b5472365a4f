"""Days and moments as ERPs write them, in formats that somebody declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final, Literal, Never, TypeAlias
from zoneinfo import ZoneInfo

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError, MappingError
from akeneo_erp_bridge.mapping._values._strictly import Strictly
from akeneo_erp_bridge.rules import CLEAR, Iso, Outcome, Problem, Put, Rule, shown

Twice: TypeAlias = Literal["problem", "earlier", "later"]

ZERO_DATES: Final = frozenset({"0000-00-00", "0001-01-01", "1753-01-01", "1900-01-01"})
"""What ERPs store where there is no date: SAP and MySQL, .NET, SQL Server and Navision, Excel."""

# directive: (name of the group, fewest digits, most digits)
_PARTS: Final[Mapping[str, tuple[str, int, int]]] = {
    "Y": ("year", 4, 4),
    "m": ("month", 1, 2),
    "d": ("day", 1, 2),
    "H": ("hour", 1, 2),
    "M": ("minute", 1, 2),
    "S": ("second", 1, 2),
    "f": ("fraction", 1, 6),
}
_ZONE: Final = "(?P<zone>Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])"


@frozen
class Format:
    """One declared way to write a date, and the pattern that it became."""

    text: str
    pattern: str

    def read(self, text: str) -> Mapping[str, str] | None:
        """The parts of a text of this format."""
        found = re.fullmatch(self.pattern, text)
        return found.groupdict() if found else None

    def has(self, directive: str) -> bool:
        """Whether the format names this part of a date."""
        return f"%{directive}" in self.text


def formats(where: str, texts: Iterable[str]) -> tuple[Format, ...]:
    """The formats, checked; raises `ConfigurationError` for what reads differently from one machine or century to another."""
    made = tuple(Format(text, _pattern(where, text)) for text in texts)
    if not made:
        raise ConfigurationError(f"{where}: declare at least one format, such as '%d.%m.%Y'")
    for one in made:
        if not (one.has("Y") and one.has("m") and one.has("d")):
            raise ConfigurationError(f"{where}: format {one.text!r} needs %Y, %m and %d")
    return made


def _pattern(where: str, text: str) -> str:
    pieces = re.findall(r"%.|[^%]+|%", text, flags=re.DOTALL)
    seen = [piece for piece in pieces if piece.startswith("%")]
    for piece in seen:
        if piece == "%y":
            raise ConfigurationError(f"{where}: %y has two digits, of which century? Have the ERP write four, for %Y")
        if piece != "%z" and piece[1:] not in _PARTS:
            known = ", ".join(f"%{one}" for one in (*_PARTS, "z"))
            raise ConfigurationError(f"{where}: {piece} is not one of {known} (names of months differ by machine)")
    if len(seen) != len(set(seen)):
        raise ConfigurationError(f"{where}: format {text!r} names a part twice")
    return "".join(_part(piece, before, after) for before, piece, after in _with_neighbours(pieces))


def _with_neighbours(pieces: list[str]) -> Iterator[tuple[str, str, str]]:
    return zip(["", *pieces], pieces, [*pieces[1:], ""], strict=False)


def _part(piece: str, before: str, after: str) -> str:
    if not piece.startswith("%"):
        return re.escape(piece)
    if piece == "%z":
        return _ZONE
    name, fewest, most = _PARTS[piece[1:]]
    if piece != "%f" and (before.startswith("%") or after.startswith("%")):
        fewest = most  # with no sign in between, only a fixed number of digits can be told apart
    return f"(?P<{name}>[0-9]{{{fewest},{most}}})"


def _checked_zeros(where: str, given: Iterable[str]) -> frozenset[str]:
    """The declared zero dates, checked."""
    known = frozenset(given)
    wrong = sorted(one for one in known if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", one))
    if wrong:
        raise ConfigurationError(f"{where}: zero dates are written YYYY-MM-DD, seen {', '.join(map(repr, wrong))}")
    return known


@frozen
class _Reading:
    """Reads a text in each format; what two formats read differently is not guessed."""

    formats: tuple[Format, ...]
    zero_dates: frozenset[str]

    def run(self, source: str) -> Outcome[tuple[datetime, str | None]]:
        text = source.strip()
        if not text:
            return CLEAR
        parts = [read for one in self.formats if (read := one.read(text)) is not None]
        if any("-".join((one["year"], one["month"].zfill(2), one["day"].zfill(2))) in self.zero_dates for one in parts):
            return CLEAR
        found = {made for one in parts if (made := _moment_of(one)) is not None}
        if len(found) == 1:
            return Put(found.pop())
        told = " or ".join(one.text for one in self.formats)
        if found:
            days = " and ".join(sorted(f"{moment:%Y-%m-%d}" for moment, _ in found))
            return Problem("ambiguous_date", "", f"{shown(source)} reads as {days}; declare one format only ({told})")
        return Problem("not_a_date", "", f"{shown(source)} is no date as {told}; correct it in the ERP")


def _moment_of(parts: Mapping[str, str]) -> tuple[datetime, str | None] | None:
    names = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(parts.get(name, "0")) for name in names)
    fraction = int(parts.get("fraction", "0").ljust(6, "0"))
    try:
        # aware only once the zone is known; until then it is what stood on the paper
        return datetime(year, month, day, hour, minute, second, fraction), parts.get("zone")  # noqa: DTZ001  # see above
    except ValueError:
        return None


@frozen
class DayText(Rule[str, date, Never]):
    """See `day`."""

    reading: _Reading

    def run(self, source: str) -> Outcome[date]:
        outcome = self.reading.run(source)
        if not isinstance(outcome, Put):
            return outcome
        moment = outcome.value[0]
        note = () if moment.time() == datetime.min.time() else (f"the time of day was left out of {shown(source)}",)
        return Put(moment.date(), note)

    def iso(self) -> Iso[str, date]:
        """Both ways, for `two_way`: days go back in the format, with leading zeros.

        Raises `ConfigurationError` where there are several formats, or one with a time of day.

        >>> german = day("%d.%m.%Y").iso()
        >>> german.back(german.there("05.06.2026"))
        '05.06.2026'
        """
        (first, *others) = self.reading.formats
        if others or any(first.has(part) for part in "HMSfz"):
            raise ConfigurationError(f"{self.label} has no inverse: declare one format, without a time of day")
        return Iso(Strictly(self), DayWriter(first, self.reading.zero_dates))

    @property
    def label(self) -> str:
        return f"day({', '.join(one.text for one in self.reading.formats)})"


@frozen
class DayWriter:
    """A day in a format; one that means "no date" there is refused."""

    format: Format
    zero_dates: frozenset[str]

    def __call__(self, value: date) -> str:
        if value.isoformat() in self.zero_dates:
            raise MappingError(f"{value} means 'no date' in the ERP; correct it in the PIM")
        parts = {"%Y": f"{value.year:04}", "%m": f"{value.month:02}", "%d": f"{value.day:02}"}
        return re.sub("%[Ymd]", lambda found: parts[found.group()], self.format.text)


def day(*declared: str, zero_dates: Iterable[str] = ZERO_DATES) -> DayText:
    """Parse a day in one of the declared formats, for date attributes; a blank text means "no value".

    A format is made of ``%Y %m %d`` and, where the ERP writes a time too, ``%H %M %S %f %z``; the time of day is left
    out, with a note where it is not midnight. The texts of `zero_dates` (YYYY-MM-DD) mean "no value" as well. A text
    that two formats read as two days is a problem. Raises `ConfigurationError` for two-digit years and for names of
    months.

    >>> day("%d.%m.%Y").run("31.12.2026")
    Put(value=datetime.date(2026, 12, 31), notes=())
    >>> day("%Y%m%d").run("00000000")
    Clear()
    >>> day("%d/%m/%Y", "%m/%d/%Y").run("03/04/2026").code
    'ambiguous_date'
    """
    return DayText(_Reading(formats("day(...)", declared), _checked_zeros("day(...)", zero_dates)))


@frozen
class MomentText(Rule[str, datetime, Never]):
    """See `moment`."""

    reading: _Reading
    zone: str | None
    twice: Twice

    def run(self, source: str) -> Outcome[datetime]:
        outcome = self.reading.run(source)
        if not isinstance(outcome, Put):
            return outcome
        moment, zone = outcome.value
        if zone is not None:
            return Put(moment.replace(tzinfo=_offset(zone)))
        # the second half holds for checkers: a rule whose formats have no zone is not made without one
        return self._local(moment, ZoneInfo(self.zone or "UTC"))

    def _local(self, wall: datetime, zone: ZoneInfo) -> Outcome[datetime]:
        early, late = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
        if early.utcoffset() == late.utcoffset():
            return Put(early)
        if not _exists(wall, zone):
            return Problem(
                "no_such_time", "", f"{wall} was left out in {zone}, when summer time began; correct it in the ERP"
            )
        if self.twice == "problem":
            return Problem(
                "ambiguous_time",
                "",
                f"{wall} came twice in {zone}, when summer time ended; have the ERP write the offset (%z)",
            )
        return Put(early if self.twice == "earlier" else late)

    @property
    def label(self) -> str:
        told = ", ".join(one.text for one in self.reading.formats)
        return f"moment({told}, {self.zone})" if self.zone else f"moment({told})"


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if text[0] == "-" else size)


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


def moment(
    *declared: str, zone: str | None = None, twice: Twice = "problem", zero_dates: Iterable[str] = ZERO_DATES
) -> MomentText:
    """Parse a date with its time, aware of the zone; a blank text and the `zero_dates` mean "no value".

    `zone` is the ERP's (``"Europe/Berlin"``), for formats without ``%z``. An hour that the clocks left out is a
    problem; in one that they passed `twice`, the ``"earlier"`` or the ``"later"`` can be chosen. Raises
    `ConfigurationError` for a format without a zone, an unknown zone, and as `day` does.

    >>> moment("%d.%m.%Y %H:%M", zone="Europe/Berlin").run("01.07.2026 08:30").value.isoformat()
    '2026-07-01T08:30:00+02:00'
    """
    made = formats("moment(...)", declared)
    if zone is None and not all(one.has("z") for one in made):
        raise ConfigurationError(
            "moment(...): the zone is neither declared (zone='Europe/Berlin') nor in the format (%z)"
        )
    if zone is not None:
        _check_zone(zone)
    return MomentText(_Reading(made, _checked_zeros("moment(...)", zero_dates)), zone, twice)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigurationError(
            f"moment(...): no time zone {zone!r}; write one such as 'Europe/Berlin' (on Windows, install tzdata)"
        ) from error
