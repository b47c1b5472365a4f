"""Everything this package raises, as one tree.

The roots answer the caller's first question: *whose fault is it, and is it worth a retry?* Where no exit code stands, it
is that of the error above, and 2 for the root; 1 is of a run that came to its end, and no error has it.

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
    |   `-- PimRefused              the PIM said no (4xx); carries violations        exit 2
    |       |-- SignInRefused       wrong client id, secret, user or password        exit 2
    |       |-- Forbidden           403, a right is missing                          exit 2
    |       |-- NotFound            404, unknown or hidden from this user
    |       |-- NotOffered          this PIM has no such operation                   exit 2
    |       |-- TooLarge            413, send less at a time
    |       `-- RateLimited         429 that outlived the retries; `retry_after`     exit 3
    |-- EventRefused                an event that Akeneo did not sign, or long ago     exit 2
    |-- ErpError
    |   |-- ErpUnreachable          worth a retry                                    exit 3
    |   |-- ErpRefused              the ERP said no; never worth a retry             exit 2
    |   |   `-- ErpConflict         an item has changed since it was read: read it again
    |   `-- CursorExpired           read everything again
    |-- MappingError                an ERP item cannot become a product              exit 2
    |   `-- TemperatureRefused      a hot or internal value on its way to where it may not go
    |-- StateError                  the state file is locked, corrupt or too new     exit 4
    |   `-- StateInUse              another run has it; that run does the work
    |-- StopAsked                   the run ended between two pages, as asked        exit 0
    |-- SinkError                   the shop refused or did not answer               exit 3
    |-- OffersRefused               offers that are not signed by whom they should   exit 2
    `-- BrakeApplied                a plan that a brake stopped is not carried out   exit 5
"""

from __future__ import annotations

from collections.abc import Sequence

from akeneo_erp_bridge.errors._pim import (
    EventRefused,
    Forbidden,
    NotFound,
    NotOffered,
    PimBroken,
    PimError,
    PimRefused,
    PimUnreachable,
    RateLimited,
    SignInRefused,
    TooLarge,
    UnexpectedAnswer,
)
from akeneo_erp_bridge.errors._root import BridgeError
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

for _one in (
    BridgeError,
    PimError,
    PimUnreachable,
    PimBroken,
    UnexpectedAnswer,
    PimRefused,
    SignInRefused,
    Forbidden,
    NotFound,
    NotOffered,
    TooLarge,
    RateLimited,
    EventRefused,
):
    _one.__module__ = __name__  # tracebacks and pickles name them where they are public


class ConfigurationError(BridgeError):
    """The program or its settings must change; a retry gives the same.

    >>> from datetime import timedelta
    >>> from akeneo_erp_bridge.erp import timestamp_cursor
    >>> timestamp_cursor(overlap=-timedelta(hours=1))
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ConfigurationError: an overlap is a length of time, not -1 day, 23:00:00; write e.g. ...
    """

    exit_code = 2


class MissingExtra(ConfigurationError):
    """An optional dependency is needed and absent.

    >>> raise MissingExtra("ExcelAdapter", "excel")
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.MissingExtra: ExcelAdapter needs the extra akeneo_erp_bridge[excel]; in a clone: python -m ...
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs the extra akeneo_erp_bridge[{extra}]; in a clone: python -m pip install -e '.[{extra}]'; "
            "elsewhere, see the page Install"
        )
        self.what = what
        self.extra = extra


class PreflightFailed(ConfigurationError):
    """The mapping does not fit the PIM's structure or the ERP's schema; nothing was written.

    `problems` are all of them, as preflight found them. `before` tells what earlier waves of the same run had done, a line
    each; without it, nothing at all was written.

    >>> print(PreflightFailed(["attribute 'weigth' is not in the PIM"]))
    preflight found 1 problem(s), nothing was written:
      - attribute 'weigth' is not in the PIM
    """

    def __init__(self, problems: Sequence[object], before: Sequence[str] = ()) -> None:
        what = "nothing of this wave was written" if before else "nothing was written"
        lines = [f"preflight found {len(problems)} problem(s), {what}:", *(f"  - {problem}" for problem in problems)]
        lines += ["what the waves before it did stays:", *(f"  - {line}" for line in before)] if before else []
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)
        self.before = tuple(before)


class Undeclared(ConfigurationError):
    """Fields of the ERP whose temperature nobody declared, or two declarations disagree on; nothing is guessed.

    `table` is the name of the schema, `lines` one line for each field, with what its name suggests.

    >>> from akeneo_erp_bridge.classification import Cold, Policy, by_name
    >>> from akeneo_erp_bridge.erp import ErpField, ErpSchema
    >>> try:
    ...     Policy([by_name("number", Cold)]).classify(ErpSchema("articles", (ErpField("number"), ErpField("unit_price"))))
    ... except Undeclared as error:
    ...     print(error.table, *error.lines)
    articles unit_price (text): hot? 'unit price' means a current price
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
    """The PIM is no longer as it was when a setup plan was made; nothing was written. Propose anew, and look again.

    `reasons` say what has changed.

    >>> PlanOutdated(["family 'drills' has got attribute 'torque'"]).reasons
    ("family 'drills' has got attribute 'torque'",)
    """

    def __init__(self, reasons: Sequence[str]) -> None:
        lines = "\n".join(f"  - {one}" for one in reasons)
        super().__init__(f"the PIM has changed since the plan was made, nothing was written; propose anew:\n{lines}")
        self.reasons = tuple(reasons)


class WrongRows(ConfigurationError):
    """Rows of a table in a file are wrong; all of them, each with its line.

    `rows` holds the line (from 1) and what is wrong there.

    >>> print(WrongRows("packs.csv", [(3, "column 'pieces' holds 'twelve'"), (4, "'CTN' is in line 2 already")]))
    packs.csv: 2 wrong rows
      - packs.csv, line 3: column 'pieces' holds 'twelve'
      - packs.csv, line 4: 'CTN' is in line 2 already
    """

    def __init__(self, name: str, rows: Sequence[tuple[int, str]]) -> None:
        told = "\n".join(f"  - {name}, line {line}: {what}" for line, what in rows)
        super().__init__(f"{name}: {len(rows)} wrong row{'s' if len(rows) > 1 else ''}\n{told}")
        self.name = name
        self.rows = tuple(rows)


class ErpError(BridgeError):
    """Something between us and the ERP went wrong. Its own exit code is 2.

    >>> from akeneo_erp_bridge.erp import ErpItem, SqlAdapter
    >>> try:
    ...     SqlAdapter("sybase://erp", ErpItem, table="articles")
    ... except ErpError as error:
    ...     print(type(error).__name__, error.exit_code)
    ErpRefused 2
    """


class ErpUnreachable(ErpError):
    """The ERP does not answer, or failed in a way that may pass. Worth a retry.

    >>> from akeneo_erp_bridge.erp import CsvAdapter, ErpItem
    >>> list(CsvAdapter("no such folder/articles.csv", ErpItem).read_items(None, fields=frozenset(), limit=500))
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ErpUnreachable: ...no such folder/articles.csv cannot be read (No such file or directory); ...
    """

    exit_code = 3


class ErpRefused(ErpError):
    """The ERP said no: wrong log-in, unknown table or column, missing right. Never worth a retry.

    >>> from akeneo_erp_bridge.erp import ErpItem, SqlAdapter
    >>> SqlAdapter("sybase://erp", ErpItem, table="articles")
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ErpRefused: the database URL is not usable: NoSuchModuleError; write e.g. sqlite:///erp.db
    """

    exit_code = 2


class ErpConflict(ErpRefused):
    """An item of the ERP is no longer as it was read; nothing was written. Read it again, then decide.

    >>> def checked(number: str, if_version: str, found: str) -> None:
    ...     if found != if_version:
    ...         raise ErpConflict(f"{number} has version {found}, and was read as {if_version}; read it again")
    >>> checked("DR-18", if_version="41", found="42")
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ErpConflict: DR-18 has version 42, and was read as 41; read it again
    """


class CursorExpired(ErpError):
    """The ERP no longer knows this cursor; the engine reads everything again.

    >>> from datetime import timedelta
    >>> from akeneo_erp_bridge.erp import Cursor, timestamp_cursor
    >>> changes = timestamp_cursor(overlap=timedelta(minutes=10))
    >>> list(changes.pages(Cursor("token", "4711"), lambda after: [], fields=frozenset(), limit=500))
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.CursorExpired: the cursor is of another source, of other fields, or damaged; all is read again
    """


class MappingError(BridgeError):
    """A mapping is wrong in itself, whatever the data; or a field is read that an item has no value for.

    Never worth a retry.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Drill(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     ean = cold(str, "ean", key=True)
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.MappingError: Drill declares 2 key fields (number, ean); one is the key
    """

    exit_code = 2


class TemperatureRefused(MappingError):
    """A hot or internal value was on its way to the PIM, or an internal one to commerce. Send a hot one with `HotRelay`.

    >>> from akeneo_erp_bridge.erp import ErpItem, hot
    >>> from akeneo_erp_bridge.rules import Cell
    >>> class Drill(ErpItem):
    ...     stock = hot(int, "stock")
    >>> Drill.stock.to(Cell("stock"))
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.TemperatureRefused: rule 'stock' is hot and may not reach the PIM cell 'stock'. Send it ...
    """


class StateError(BridgeError):
    """The state cannot be used: another run has it, it is damaged, out of reach, or from a newer version.

    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> SqliteState("no such folder/state.db")
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.StateError: state file no such folder/state.db cannot be opened for writing (No such file ...
    """

    exit_code = 4


class StateInUse(StateError):
    """Another run has the state. To a schedule this is no failure: the run is put off.

    `stream` is what a run of the same program has, on the same state object; `None`: another program has the state.

    >>> import tempfile
    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> with tempfile.TemporaryDirectory() as folder, SqliteState(f"{folder}/state.db"):
    ...     SqliteState(f"{folder}/state.db")
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.StateInUse: state file ...
    """

    def __init__(self, message: str, *, stream: str | None = None) -> None:
        super().__init__(message)
        self.stream = stream


class StopAsked(BridgeError):
    """The program was asked to end, and the run did so between two pages; the next run goes on there.

    >>> from akeneo_erp_bridge.sync import Stop
    >>> stop = Stop()
    >>> stop.request()  # as a handler of SIGTERM does
    >>> try:
    ...     stop.check()
    ... except StopAsked as error:
    ...     print(error.exit_code)
    0
    """

    exit_code = 0


class SinkError(BridgeError):
    """The shop refused a delivery as a whole, or does not answer. A single refused offer is an `OfferResult` with an error.

    >>> import httpx
    >>> from akeneo_erp_bridge.codes import ErpKey
    >>> from akeneo_erp_bridge.commerce import Offer, WebhookSink
    >>> closed = httpx.MockTransport(lambda request: httpx.Response(403))
    >>> shop = WebhookSink("https://shop.example.com/offers", secret="a secret", transport=closed)
    >>> shop.deliver([Offer(ErpKey("DR-18"), {"available": 7}, version=1)])
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.SinkError: https://shop.example.com/offers refused 1 offers: HTTP 403; is the secret ...
    """

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
    """A plan is not whole, since a brake stopped the run that made it; nothing was written. Such a run itself raises nothing.

    A brake stops a run before it does harm, at too many parked items or too many deletions; its report says so, with the
    same exit code.

    >>> BrakeApplied("this plan for stream 'products' is not whole, nothing was written").exit_code
    5
    """

    exit_code = 5
