"""How long a server asks to be left alone: one reading of the header, for every client in this package."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def read_retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """Read a `Retry-After` header, in seconds or as a date; `None` where it is missing or unreadable.

    Source: RFC 9110, section 10.2.3.

    >>> read_retry_after("3", now=datetime.now(UTC))
    datetime.timedelta(seconds=3)
    """
    if header is None:
        return None
    try:
        return max(timedelta(seconds=float(header)), timedelta())
    except (ValueError, OverflowError):
        return _until(header, now)


def _until(header: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    # the zone "-0000" says that the clock is UTC and the place is not known
    return max((moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)) - now, timedelta())
