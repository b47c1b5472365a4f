"""How an adapter signs in over HTTP. The secret is never shown, and goes to one origin only."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from typing import Final, TypeAlias

import httpx
from attrs import define, field, frozen

from akeneo_erp_bridge.erp._http._json import members
from akeneo_erp_bridge.errors import ErpRefused, ErpUnreachable

_EARLY: Final = 60.0
"""Seconds before its end from which a token is not used any more."""
_UNSAID: Final = 300.0
"""Seconds that a token is used whose answer does not say for how long."""


@frozen
class BasicAuth:
    """User name and password with each request (RFC 7617).

    >>> BasicAuth("bridge", "its password")
    BasicAuth(user='bridge')
    """

    user: str
    password: str = field(repr=False)


@frozen
class BearerToken:
    """A token that somebody else keeps fresh (RFC 6750).

    >>> BearerToken("a token")
    BearerToken()
    """

    token: str = field(repr=False)


@frozen
class HeaderAuth:
    """A secret in a header of its own, such as an API key.

    >>> HeaderAuth("APIKey", "a secret")
    HeaderAuth(name='APIKey')
    """

    name: str
    value: str = field(repr=False)


@frozen
class ClientCredentials:
    """OAuth 2.0 for a program without a person (RFC 6749, section 4.4): the token is fetched, and renewed in time.

    With Microsoft Entra the address is ``https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`` and the scope
    ends in ``/.default`` ("The OAuth 2.0 client credentials flow on the Microsoft identity platform").

    >>> ClientCredentials("https://login.example.com/token", "bridge", "a secret", scope="https://erp.example.com/.default")
    ClientCredentials(token_url='https://login.example.com/token', client_id='bridge', scope='https://erp.example.com/.default')
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None


HttpAuth: TypeAlias = BasicAuth | BearerToken | HeaderAuth | ClientCredentials
"""The ways to sign in over HTTP."""


@define
class Signer:
    """Gives the header that signs a request. One serves all threads; they renew a token once together."""

    auth: HttpAuth | None
    http: httpx.Client | None = field(repr=False)
    """For the token's address, where tokens are fetched; it holds no cookies of the ERP's."""
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(factory=threading.Lock, repr=False)
    _token: str | None = field(default=None, repr=False)
    _ends: float = 0.0

    def header(self) -> tuple[str, str] | None:
        """Name and value, or `None` where nobody signs in."""
        match self.auth:
            case None:
                return None
            case BasicAuth(user, password):
                return "Authorization", f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
            case BearerToken(token):
                return "Authorization", f"Bearer {token}"
            case HeaderAuth(name, value):
                return name, value
            case ClientCredentials() as credentials:
                with self._lock:
                    if self.http is not None and (self._token is None or self.clock() >= self._ends):
                        self._fetch(credentials, self.http)
                    return "Authorization", f"Bearer {self._token}"

    def renew(self, refused: tuple[str, str] | None) -> bool:
        """Whether there is another header than the one that was refused; fetches one unless another thread has."""
        if not isinstance(self.auth, ClientCredentials):
            return False
        with self._lock:
            if self._token is not None and refused == ("Authorization", f"Bearer {self._token}"):
                self._token = None
        return True

    def _fetch(self, credentials: ClientCredentials, http: httpx.Client) -> None:
        where = credentials.token_url.partition("?")[0]
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            **({} if credentials.scope is None else {"scope": credentials.scope}),
        }
        try:
            answer = http.post(credentials.token_url, data=form, headers={"Accept": "application/json"})
        except httpx.HTTPError as error:
            raise ErpUnreachable(f"no token from {where} ({type(error).__name__}); check the address") from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise ErpUnreachable(f"no token from {where}: HTTP {answer.status_code}; try again later")
        try:
            wire = members(answer.json()) or {}
        except ValueError:
            wire = {}
        token, code = wire.get("access_token"), wire.get("error")
        if answer.status_code == 200 and isinstance(token, str):
            lasts = str(wire.get("expires_in"))
            seconds = float(lasts) if lasts.isdecimal() else _UNSAID
            self._token = token
            self._ends = self.clock() + max(seconds - _EARLY, seconds / 2)
            return
        if isinstance(code, str):
            said = str(wire.get("error_description") or "no reason given").partition("\n")[0][:200].strip()
            raise ErpRefused(
                f"{where} gave no token for '{credentials.client_id}': {code}: {said}; check the client id, its secret and "
                "the scope"
            )
        raise ErpRefused(f"{where} gave no token (HTTP {answer.status_code}); is it a token endpoint?")
