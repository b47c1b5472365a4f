"""Everything this package raises, as one tree.

The roots answer the caller's first question: *whose fault is it, and is it worth a retry?*

::

    BridgeError
    |-- ConfigurationError          yours to change; never worth a retry             exit 2
    |   |-- MissingExtra            an optional dependency is not installed
    |   |-- PreflightFailed         the mapping does not fit the PIM or the ERP
    |   `-- WrongRows               a table of the business does not hold what it should
    |-- PimError
    |   |-- PimUnreachable          no answer in time; worth a retry                 exit 3
    |   |-- PimBroken               a 5xx that outlived the retries                  exit 3
    |   |-- UnexpectedAnswer        an answer that is not Akeneo's (wrong URL?)      exit 2
    |   `-- PimRefused              the PIM said no (4xx); carries violations        exit 1
    |       |-- SignInRefused       wrong client id, secret, user or password        exit 2
    |       |-- Forbidden           403, a right is missing                          exit 2
    |       |-- NotFound            404, unknown or hidden from this user
    |       |-- NotOffered          this PIM has no such operation                   exit 2
    |       |-- TooLarge            413, or a 403 that means the same
    |       `-- RateLimited         429 that outlived the retries; `retry_after`     exit 3
    |-- EventRefused                an event that Akeneo did not sign, or long ago     exit 2
    |-- ErpError
    |   |-- ErpUnreachable          worth a retry                                    exit 3
    |   |-- ErpRefused              the ERP said no; never worth a retry             exit 2
    |   `-- CursorExpired           read everything again
    |-- MappingError                an ERP item cannot become a product              exit 2
    |   `-- TemperatureRefused      a hot or internal value on its way to the PIM
    |-- StateError                  the state file is locked, corrupt or too new     exit 4
    |-- SinkError                   the shop refused or did not answer               exit 3
    `-- BrakeApplied                the run stopped early, on purpose                exit 5
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from attrs import frozen

__all__ = [
    "BrakeApplied",
    "BridgeError",
    "ConfigurationError",
    "CursorExpired",
    "ErpError",
    "ErpRefused",
    "ErpUnreachable",
    "EventRefused",
    "Forbidden",
    "MappingError",
    "MissingExtra",
    "NotFound",
    "NotOffered",
    "PimBroken",
    "PimError",
    "PimRefused",
    "PimUnreachable",
    "PreflightFailed",
    "RateLimited",
    "SignInRefused",
    "SinkError",
    "StateError",
    "TemperatureRefused",
    "TooLarge",
    "UnexpectedAnswer",
    "Violation",
    "WrongRows",
]


@frozen(kw_only=True)
class Violation:
    """One reason why the PIM refused a resource: Akeneo's `errors[]` entry."""

    message: str
    property: str | None = None
    attribute: str | None = None
    locale: str | None = None
    scope: str | None = None

    def __str__(self) -> str:
        place = "/".join(part for part in (self.property, self.attribute, self.locale, self.scope) if part)
        return f"{place}: {self.message}" if place else self.message


class BridgeError(Exception):
    """Root of everything this package raises; `exit_code` is what a program should end with."""

    exit_code: ClassVar[int] = 1


class ConfigurationError(BridgeError):
    """The program or its settings must change; a retry gives the same."""

    exit_code = 2


class MissingExtra(ConfigurationError):
    """An optional dependency is needed and absent."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an optional dependency: pip install 'akeneo_erp_bridge[{extra}]'")
        self.what = what
        self.extra = extra

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str]]:
        return type(self), (self.what, self.extra)


class PreflightFailed(ConfigurationError):
    """The mapping does not fit the PIM's structure or the ERP's schema; nothing was written."""

    def __init__(self, problems: Sequence[object]) -> None:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"preflight found {len(problems)} problem(s), nothing was written:\n{lines}")
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[PreflightFailed], tuple[Sequence[object]]]:
        return type(self), (self.problems,)


class WrongRows(ConfigurationError):
    """Rows of a table in a file are wrong; all of them, each with its line.

    `rows` holds the line (from 1) and what is wrong there.
    """

    def __init__(self, name: str, rows: Sequence[tuple[int, str]]) -> None:
        told = "\n".join(f"  - {name}, line {line}: {what}" for line, what in rows)
        super().__init__(f"{name}: {len(rows)} wrong row{'s' if len(rows) > 1 else ''}\n{told}")
        self.name = name
        self.rows = tuple(rows)

    def __reduce__(self) -> tuple[type[WrongRows], tuple[str, Sequence[tuple[int, str]]]]:
        return type(self), (self.name, self.rows)


class PimError(BridgeError):
    """Something between us and the PIM went wrong."""


class PimUnreachable(PimError):
    """No usable answer in time, after all retries. Worth another try later."""

    exit_code = 3


class PimBroken(PimError):
    """The PIM answered 5xx (or 408) to the last try as well."""

    exit_code = 3

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class UnexpectedAnswer(PimError):
    """An answer no Akeneo PIM gives: HTML, a redirect, JSON of another shape. Is the URL right?"""

    exit_code = 2


class PimRefused(PimError):
    """The PIM said no (4xx).

    `status` is the HTTP status, `violations` the PIM's reasons, field by field.
    """

    def __init__(self, message: str, *, status: int, violations: Sequence[Violation] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.violations = tuple(violations)


class SignInRefused(PimRefused):
    """Client id, secret, user name or password is wrong, or the access was revoked."""

    exit_code = 2


class Forbidden(PimRefused):
    """403: the connection lacks a right; the message names it where the PIM does."""

    exit_code = 2


class NotFound(PimRefused):
    """404: unknown, or hidden from this user by catalogue rights."""


class NotOffered(PimRefused):
    """404 or 405: this PIM has no such operation; another version or edition has."""

    exit_code = 2


class TooLarge(PimRefused):
    """413, or a 403 without JSON on a large body: send less at a time."""


class RateLimited(PimRefused):
    """429, still after the last retry. `retry_after` is the pause the PIM asked for, where it said so."""

    exit_code = 3

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message, status=429)
        self.retry_after = retry_after


class EventRefused(BridgeError):
    """A request that claims to be from Akeneo, and whose signature, time or shape says otherwise."""

    exit_code = 2


class ErpError(BridgeError):
    """Something between us and the ERP went wrong."""


class ErpUnreachable(ErpError):
    """The ERP does not answer, or failed in a way that may pass. Worth a retry."""

    exit_code = 3


class ErpRefused(ErpError):
    """The ERP said no: wrong log-in, unknown table or column, missing right. Never worth a retry."""

    exit_code = 2


class CursorExpired(ErpError):
    """The ERP no longer knows this cursor; the engine reads everything again."""


class MappingError(BridgeError):
    """A mapping is wrong in itself, whatever the data. Never worth a retry."""

    exit_code = 2


class TemperatureRefused(MappingError):
    """A hot or internal value was on its way to the PIM. Send it to commerce with `HotRelay`."""


class StateError(BridgeError):
    """The state file cannot be used: locked by another run, corrupt, or from a newer version."""

    exit_code = 4


class SinkError(BridgeError):
    """The shop refused offers, or does not answer."""

    exit_code = 3


class BrakeApplied(BridgeError):
    """The run stopped itself before it did harm: too many parked items, or too many deletions."""

    exit_code = 5
