"""Everything this package raises, as one tree.

The roots answer the caller's first question: *whose fault is it, and is it worth a retry?*

::

    BridgeError
    |-- ConfigurationError          yours to change; never worth a retry             exit 2
    |   |-- MissingExtra            an optional dependency is not installed
    |   |-- PreflightFailed         the mapping does not fit the PIM or the ERP
    |   |-- PlanOutdated            the PIM has changed since a setup plan was made
    |   |-- Undeclared              fields of the ERP that no policy says the temperature of
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
    |   |   `-- ErpConflict         an item has changed since it was read: read it again
    |   `-- CursorExpired           read everything again
    |-- MappingError                an ERP item cannot become a product              exit 2
    |   `-- TemperatureRefused      a hot or internal value on its way to the PIM
    |-- StateError                  the state file is locked, corrupt or too new     exit 4
    |   `-- StateInUse              another run has it; that run does the work
    |-- StopAsked                   the run ended between two pages, as asked        exit 0
    |-- SinkError                   the shop refused or did not answer               exit 3
    |-- OffersRefused               offers that are not signed by whom they should   exit 2
    `-- BrakeApplied                the run stopped early, on purpose                exit 5
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, TypeVar

from akeneo_erp_bridge.errors._violation import Violation

__all__ = [
    "BrakeApplied",
    "BridgeError",
    "ConfigurationError",
    "CursorExpired",
    "ErpConflict",
    "ErpError",
    "ErpRefused",
    "ErpUnreachable",
    "EventRefused",
    "Forbidden",
    "MappingError",
    "MissingExtra",
    "NotFound",
    "NotOffered",
    "OffersRefused",
    "PimBroken",
    "PimError",
    "PimRefused",
    "PimUnreachable",
    "PlanOutdated",
    "PreflightFailed",
    "RateLimited",
    "SignInRefused",
    "SinkError",
    "StateError",
    "StateInUse",
    "StopAsked",
    "TemperatureRefused",
    "TooLarge",
    "Undeclared",
    "UnexpectedAnswer",
    "Violation",
    "WrongRows",
]

E = TypeVar("E", bound="BridgeError")


class BridgeError(Exception):
    """Root of everything this package raises; `exit_code` is what a program should end with.

    Each of them survives a pickle, as between processes, with all that it tells.
    """

    exit_code: ClassVar[int] = 1

    def __reduce__(self) -> tuple[Callable[..., BridgeError], tuple[object, ...]]:
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(kind: type[E], args: tuple[object, ...], told: Mapping[str, object]) -> E:
    """An error without its `__init__`, whose arguments are not what it keeps."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(told)
    return error


class ConfigurationError(BridgeError):
    """The program or its settings must change; a retry gives the same."""

    exit_code = 2


class MissingExtra(ConfigurationError):
    """An optional dependency is needed and absent.

    >>> raise MissingExtra("ExcelAdapter", "excel")
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.MissingExtra: ExcelAdapter needs an optional dependency: pip install 'akeneo_erp_bridge[excel]'
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an optional dependency: pip install 'akeneo_erp_bridge[{extra}]'")
        self.what = what
        self.extra = extra


class PreflightFailed(ConfigurationError):
    """The mapping does not fit the PIM's structure or the ERP's schema; nothing was written."""

    def __init__(self, problems: Sequence[object]) -> None:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"preflight found {len(problems)} problem(s), nothing was written:\n{lines}")
        self.problems = tuple(problems)


class Undeclared(ConfigurationError):
    """Fields of the ERP whose temperature nobody declared, or two declarations disagree on; nothing is guessed.

    `table` is the name of the schema, `lines` one line for each field, with what its name suggests.
    """

    def __init__(self, table: str, lines: Sequence[str]) -> None:
        told = "\n".join(f"  - {line}" for line in lines)
        super().__init__(
            f"{table}: {len(lines)} field(s) need a declaration of Cold, Hot or Internal; "
            f"what follows a name is a suggestion, and declares nothing:\n{told}"
        )
        self.table = table
        self.lines = tuple(lines)


class PlanOutdated(ConfigurationError):
    """The PIM is no longer as it was when a setup plan was made; nothing was written. Propose anew, and look again."""

    def __init__(self, reasons: Sequence[str]) -> None:
        lines = "\n".join(f"  - {one}" for one in reasons)
        super().__init__(f"the PIM has changed since the plan was made, nothing was written; propose anew:\n{lines}")
        self.reasons = tuple(reasons)


class WrongRows(ConfigurationError):
    """Rows of a table in a file are wrong; all of them, each with its line.

    `rows` holds the line (from 1) and what is wrong there.
    """

    def __init__(self, name: str, rows: Sequence[tuple[int, str]]) -> None:
        told = "\n".join(f"  - {name}, line {line}: {what}" for line, what in rows)
        super().__init__(f"{name}: {len(rows)} wrong row{'s' if len(rows) > 1 else ''}\n{told}")
        self.name = name
        self.rows = tuple(rows)


class PimError(BridgeError):
    """Something between us and the PIM went wrong."""


class PimUnreachable(PimError):
    """No usable answer in time, after all retries. Worth another try later.

    >>> from datetime import timedelta
    >>> from akeneo_erp_bridge.akeneo import Options, RetryPolicy
    >>> from akeneo_erp_bridge.testing import Fault, PimSimulator
    >>> sim = PimSimulator()
    >>> sim.fail_next(Fault(reset="before", times=9))
    >>> pim = sim.client(options=Options(retry=RetryPolicy(attempts=2, first_pause=timedelta(milliseconds=1))))
    >>> try:
    ...     pim.locales.get("en_US")
    ... except PimUnreachable as error:
    ...     print(error.exit_code)
    3
    """

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

    >>> from akeneo_erp_bridge.catalog import FamilyPatch
    >>> from akeneo_erp_bridge.codes import FamilyCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> try:
    ...     PimSimulator(sample=True).client().families.upsert(FamilyPatch(code=FamilyCode("no gloves")))
    ... except PimRefused as error:
    ...     print(error.status, *error.violations)
    422 code: Family code may contain only letters, numbers and underscores
    """

    def __init__(self, message: str, *, status: int, violations: Sequence[Violation] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.violations = tuple(violations)


class SignInRefused(PimRefused):
    """Client id, secret, user name or password is wrong, or the access was revoked.

    >>> from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> sim = PimSimulator()
    >>> wrong = PasswordAuth(**{**sim.auth_kwargs, "password": "guessed"})
    >>> try:
    ...     AkeneoClient(sim.url, wrong, transport=sim.transport()).sign_in()
    ... except SignInRefused as error:
    ...     print(error.status, "guessed" in str(error))
    422 False
    """

    exit_code = 2


class Forbidden(PimRefused):
    """403: the connection lacks a right; the message names it where the PIM does."""

    exit_code = 2


class NotFound(PimRefused):
    """404: unknown, or hidden from this user by catalogue rights.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> try:
    ...     PimSimulator().client().families.get("gloves")
    ... except NotFound as error:
    ...     print(error.status)
    404
    """


class NotOffered(PimRefused):
    """404 or 405: this PIM has no such operation; another version or edition has.

    >>> from akeneo_erp_bridge.testing import Behaviour, PimSimulator
    >>> pim = PimSimulator(behaviour=Behaviour.version_6()).client()
    >>> try:
    ...     pim.products.list().first()
    ... except NotOffered as error:
    ...     print(error.status, pim.features.has_product_uuids)
    404 False
    """

    exit_code = 2


class TooLarge(PimRefused):
    """413, or a 403 without JSON on a large body: send less at a time."""


class RateLimited(PimRefused):
    """429, still after the last retry. `retry_after` is the pause the PIM asked for, where it said so.

    >>> RateLimited("GET families: the PIM says 429", retry_after=timedelta(seconds=30)).retry_after
    datetime.timedelta(seconds=30)
    """

    exit_code = 3

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message, status=429)
        self.retry_after = retry_after


class EventRefused(BridgeError):
    """A request that claims to be from Akeneo, and whose signature, time or shape says otherwise.

    >>> from akeneo_erp_bridge.akeneo.events import read_events
    >>> try:
    ...     read_events(b"{}", {}, secrets=["a secret"])
    ... except EventRefused as error:
    ...     print(error)
    the request bears no signature of Akeneo's
    """

    exit_code = 2


class ErpError(BridgeError):
    """Something between us and the ERP went wrong."""


class ErpUnreachable(ErpError):
    """The ERP does not answer, or failed in a way that may pass. Worth a retry."""

    exit_code = 3


class ErpRefused(ErpError):
    """The ERP said no: wrong log-in, unknown table or column, missing right. Never worth a retry."""

    exit_code = 2


class ErpConflict(ErpRefused):
    """An item of the ERP is no longer as it was read; nothing was written. Read it again, then decide."""


class CursorExpired(ErpError):
    """The ERP no longer knows this cursor; the engine reads everything again."""


class MappingError(BridgeError):
    """A mapping is wrong in itself, whatever the data. Never worth a retry."""

    exit_code = 2


class TemperatureRefused(MappingError):
    """A hot or internal value was on its way to the PIM. Send it to commerce with `HotRelay`."""


class StateError(BridgeError):
    """The state cannot be used: another run has it, it is damaged, out of reach, or from a newer version."""

    exit_code = 4


class StateInUse(StateError):
    """Another run has the state. To a schedule this is no failure: the run is put off."""


class StopAsked(BridgeError):
    """The program was asked to end, and the run did so between two pages; the next run goes on there."""

    exit_code = 0


class SinkError(BridgeError):
    """The shop refused offers, or does not answer."""

    exit_code = 3


class OffersRefused(BridgeError):
    """A request that claims to bring offers, and whose signature, time or shape says otherwise.

    >>> from akeneo_erp_bridge.commerce import verify_offers
    >>> try:
    ...     verify_offers(b"{}", {}, secrets=["a secret"])
    ... except OffersRefused as error:
    ...     print(error)
    the request bears no signature
    """

    exit_code = 2


class BrakeApplied(BridgeError):
    """The run stopped itself before it did harm: too many parked items, or too many deletions."""

    exit_code = 5
