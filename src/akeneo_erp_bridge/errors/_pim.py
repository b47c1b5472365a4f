"""What goes wrong between us and the PIM. Public in `akeneo_erp_bridge.errors`, whose tree says which is worth a retry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from akeneo_erp_bridge.errors._root import BridgeError
from akeneo_erp_bridge.errors._violation import Violation


class PimError(BridgeError):
    """Something between us and the PIM went wrong: no answer, a strange one, or a no. Its own exit code is 2.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> try:
    ...     PimSimulator().client().families.get("gloves")
    ... except PimError as error:
    ...     print(type(error).__name__, error.exit_code)
    NotFound 2
    """


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
    """The PIM answered 5xx (or 408) to the last try as well. Worth another try later; `status` is the HTTP status.

    `status` is 0 where a batch was answered without a verdict on any of its lines.

    >>> from akeneo_erp_bridge.akeneo import Options, RetryPolicy
    >>> from akeneo_erp_bridge.testing import Fault, PimSimulator
    >>> sim = PimSimulator()
    >>> sim.fail_next(Fault(status=503))
    >>> try:
    ...     sim.client(options=Options(retry=RetryPolicy(attempts=1))).locales.get("en_US")
    ... except PimBroken as error:
    ...     print(error.status, error.exit_code)
    503 3
    """

    exit_code = 3

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class UnexpectedAnswer(PimError):
    """An answer no Akeneo PIM gives: HTML, a redirect, JSON of another shape. Is the URL right?

    >>> from akeneo_erp_bridge.testing import Fault, PimSimulator
    >>> sim = PimSimulator()
    >>> sim.fail_next(Fault(status=200, body=b"<html>Welcome to our shop</html>"))
    >>> sim.client().locales.get("en_US")
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.UnexpectedAnswer: GET locale 'en_US': got 200 with text/html, not Akeneo's JSON; is ...
    """

    exit_code = 2


class PimRefused(PimError):
    """The PIM said no (4xx).

    `status` is the HTTP status, `violations` the PIM's reasons, field by field. A retry gives the same.

    Source: Akeneo's documentation of response codes.

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
    """403: the connection lacks a right, or something in front of the PIM lets nobody in; the message says which.

    >>> from akeneo_erp_bridge.testing import Fault, PimSimulator
    >>> sim = PimSimulator()
    >>> body = b'{"code": 403, "message": "You are not allowed to list locales."}'
    >>> sim.fail_next(Fault(status=403, body=body, content_type="application/json"))
    >>> sim.client().locales.get("en_US")
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.Forbidden: GET locale 'en_US': the PIM says 403: You are not allowed to list locales.
    """

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
    """413: send less at a time.

    >>> from akeneo_erp_bridge.catalog import FamilyPatch
    >>> from akeneo_erp_bridge.codes import FamilyCode
    >>> from akeneo_erp_bridge.testing import Fault, PimSimulator
    >>> sim = PimSimulator()
    >>> sim.fail_next(Fault(status=413))
    >>> sim.client().families.upsert(FamilyPatch(code=FamilyCode("drills")))
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.TooLarge: ...: 17 bytes are too much for the PIM (413); send less at a time
    """


class RateLimited(PimRefused):
    """429, still after the last retry. `retry_after` is the pause the PIM asked for, where it said so.

    Source: Akeneo's documentation of rate limits.

    >>> from datetime import timedelta
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
