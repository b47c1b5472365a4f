"""Signing in: the two ways Akeneo offers, and one token for all threads."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.akeneo._errors import sign_in_refusal, token_refusal, unexpected
from akeneo_erp_bridge.akeneo._flow import Alone, Answer, Call, Flow, exchange
from akeneo_erp_bridge.akeneo._json import dumps
from akeneo_erp_bridge.akeneo._retry import RetryPolicy
from akeneo_erp_bridge.akeneo._tokens import StoredToken, TokenStore
from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.errors import BridgeError, ConfigurationError

__all__ = ["AppAuth", "Auth", "PasswordAuth", "TokenKeeper", "authorised", "token_of"]

_SIGN_IN_ROUTE: Final = "/api/oauth/v1/token"
_LARGEST_TOKEN_BODY: Final = 300
# Renew early, so that a token does not die on its way to the PIM.
_EARLY_SECONDS: Final = 60.0
_EARLY_SHARE: Final = 0.1
_USUAL_LIFE: Final = 3600.0


@frozen(kw_only=True)
class PasswordAuth:
    """Sign in as a *connection*: four texts the PIM shows under Connect > Connection settings.

    Source: Akeneo's documentation of authentication.

    >>> PasswordAuth(client_id="1_abc", secret="s", username="erp_1", password="p")
    PasswordAuth(client_id='1_abc', username='erp_1')
    """

    client_id: str
    secret: str = field(repr=False)
    username: str
    password: str = field(repr=False)


@frozen(kw_only=True)
class AppAuth:
    """Sign in as an App, by the access token it got when a PIM user connected it; it never expires.

    >>> AppAuth(access_token="t")
    AppAuth()
    """

    access_token: str = field(repr=False)


Auth: TypeAlias = PasswordAuth | AppAuth


@frozen
class _Token:
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    renew_at: float

    @property
    def authorization(self) -> str:
        return f"Bearer {self.access}"


class TokenKeeper:
    """Holds the token of one connection; renews it once, however many threads need it."""

    def __init__(
        self,
        auth: Auth,
        *,
        clock: Callable[[], float] = time.monotonic,
        store: TokenStore | None = None,
        url: str = "",
    ) -> None:
        self._auth = auth
        self._clock = clock
        self._store = store
        self._name = f"{url} {auth.client_id} {auth.username}" if isinstance(auth, PasswordAuth) else ""
        self._token: _Token | None = None
        self._failed = 0
        self._failure: BridgeError | None = None
        if isinstance(auth, AppAuth):
            self._token = _Token(auth.access_token, None, float("inf"))

    @property
    def renewable(self) -> bool:
        """Whether a refused token can be replaced without a person."""
        return isinstance(self._auth, PasswordAuth)

    def authorization(self) -> str | None:
        """Return the header to send, or `None` when a token must be fetched first."""
        token = self._token
        return token.authorization if token is not None and self._clock() < token.renew_at else None

    def renew(self, refused: str | None, policy: RetryPolicy) -> Flow[None]:
        """Fetch a new token, unless another thread has done so since *refused* was sent.

        Raises `SignInRefused` when the PIM does not let this connection in. Who waits for its turn while another thread
        fails, fails with it: each would ask a PIM that is away for as long, and one that counts wrong passwords as often.
        """
        return self._in_turn(refused, policy, self._failed)

    def _in_turn(self, refused: str | None, policy: RetryPolicy, failed_before: int) -> Flow[None]:
        current = self.authorization()
        if current is not None and current != refused:
            return
        if self._failure is not None and self._failed != failed_before:
            raise copy(self._failure)
        try:
            yield from self._renew(refused, policy)
        except BridgeError as error:
            # a copy holds no traceback, which would keep alive what its callers have in hand
            self._failed, self._failure = self._failed + 1, copy(error)
            raise
        self._failure = None

    def _renew(self, refused: str | None, policy: RetryPolicy) -> Flow[None]:
        auth = self._auth
        if isinstance(auth, AppAuth):
            return
        old, self._token = self._token, None
        stored = self._loaded()
        if stored is not None and stored.authorization != refused:
            if self._clock() < stored.renew_at:
                self._token = stored  # another process has signed in
                return
            old = stored
        if old is not None and old.refresh is not None:
            body: JsonObject = {"grant_type": "refresh_token", "refresh_token": old.refresh}
            answer = yield from exchange(_token_call(auth, body), _basic(auth), policy)
            if answer.status == 200:
                self._token = self._read(answer)
                self._keep(self._token, answer)
                return
        body = {"grant_type": "password", "username": auth.username, "password": auth.password}
        answer = yield from exchange(_token_call(auth, body), _basic(auth), policy)
        if answer.status != 200:
            raise sign_in_refusal(answer)
        self._token = self._read(answer)
        self._keep(self._token, answer)

    def sign_in(self, policy: RetryPolicy) -> Flow[None]:
        """Fetch a token where there is no valid one."""
        if self.authorization() is None:
            yield Alone(self.renew(None, policy))

    def _loaded(self) -> _Token | None:
        found = self._store.load(self._name) if self._store is not None else None
        if found is None:
            return None
        left = (found.expires - datetime.now(UTC)).total_seconds()
        return _Token(found.access, found.refresh, self._clock() + left - min(_EARLY_SECONDS, left * _EARLY_SHARE))

    def _keep(self, token: _Token, answer: Answer) -> None:
        if self._store is not None:
            _, _, life = _parts(answer.body)
            expires = datetime.now(UTC) + timedelta(seconds=life)
            self._store.save(self._name, StoredToken(access=token.access, refresh=token.refresh, expires=expires))

    def _read(self, answer: Answer) -> _Token:
        try:
            body = answer.body
        except ValueError:
            body = None
        access, refresh, life = _parts(body)
        if access is None:
            raise unexpected("sign-in", answer)
        early = min(_EARLY_SECONDS, life * _EARLY_SHARE)
        return _Token(access, refresh, self._clock() + life - early)


def token_of(keeper: TokenKeeper) -> str:
    """The token without its scheme, for Akeneo's own hosts beside the PIM, which take it in a header of theirs."""
    return (keeper.authorization() or "").removeprefix("Bearer ")


def authorised(call: Call, keeper: TokenKeeper, policy: RetryPolicy) -> Flow[Answer]:
    """Send *call* with a valid token, and once more with a new one when the PIM refuses the token."""
    if not call.signed:
        return (yield from exchange(call, None, policy))
    authorization = keeper.authorization()
    if authorization is None:
        yield Alone(keeper.renew(None, policy))
        authorization = keeper.authorization()
    answer = yield from exchange(call, authorization, policy)
    if answer.status != 401:
        return answer
    if keeper.renewable:
        yield Alone(keeper.renew(authorization, policy))
        answer = yield from exchange(call, keeper.authorization(), policy)
    if answer.status == 401:
        raise token_refusal(call, answer, renewable=keeper.renewable)
    return answer


def _parts(body: JsonValue) -> tuple[str | None, str | None, float]:
    if not isinstance(body, Mapping):
        return None, None, 0.0
    access, refresh, life = body.get("access_token"), body.get("refresh_token"), body.get("expires_in")
    return (
        access if isinstance(access, str) and access else None,
        refresh if isinstance(refresh, str) and refresh else None,
        float(life) if isinstance(life, int | float | Decimal) else _USUAL_LIFE,
    )


def _token_call(auth: PasswordAuth, body: JsonObject) -> Call:
    content = dumps(body)
    if len(content) > _LARGEST_TOKEN_BODY:
        raise ConfigurationError(
            f"user name and password make a sign-in of {len(content)} bytes, and the PIM takes at most "
            f"{_LARGEST_TOKEN_BODY}; is the password of {auth.username!r} copied right?"
        )
    # Signing in again does no harm, so this POST may be repeated.
    return Call(
        method="POST",
        target=_SIGN_IN_ROUTE,
        what="sign-in",
        content=content,
        headers={"Content-Type": "application/json"},
        signed=False,
    )


def _basic(auth: PasswordAuth) -> str:
    pair = f"{auth.client_id}:{auth.secret}".encode()
    return "Basic " + base64.b64encode(pair).decode("ascii")
