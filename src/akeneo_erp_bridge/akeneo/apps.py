"""How an App gets its access token: a PIM user connects it, in the browser.

::

    app = App(client_id="...", secret="...", scopes={"read_products", "write_products"})

    def activate(request):                                   # the App's activation URL
        start = app.start(request.query["pim_url"])
        request.session["pim_url"], request.session["state"] = start.pim_url, start.state
        return redirect(start.url)

    def callback(request):                                   # the App's callback URL
        grant = app.finish(request.session["pim_url"], request.query, state=request.session["state"])
        user = app.user(request.session["pim_url"], grant)   # with the scope `openid`
        keep(grant.access_token)                             # it never expires, and a PIM user may revoke it
        pim = AkeneoClient(request.session["pim_url"], AppAuth(access_token=grant.access_token))

Source: Akeneo's documentation of Apps, authentication and authorization.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlencode

import httpx
from attrs import field, frozen

from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._auth import AppAuth, TokenKeeper
from akeneo_erp_bridge.akeneo._calls import Calls
from akeneo_erp_bridge.akeneo._errors import problem_of, read_body
from akeneo_erp_bridge.akeneo._flow import Call, Flow, exchange
from akeneo_erp_bridge.akeneo._openid import AppUser, public_key, read_user
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._session import Session, base_url, is_here
from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.errors import ConfigurationError, PimRefused, SignInRefused, UnexpectedAnswer

__all__ = ["App", "AppGrant", "AppStart", "AppUser"]

_AUTHORIZE: Final = "/connect/apps/v1/authorize"
_SCOPES: Final = "/connect/apps/v1/scopes/update"
_TOKEN: Final = "/connect/apps/v1/oauth2/token"  # noqa: S105 - a path
_NOBODY: Final = AppAuth(access_token="none yet")  # noqa: S106 - the calls here are not signed
_CODE_IDENTIFIER_BYTES: Final = 30


@frozen
class AppStart:
    """Where to send the browser, and what to remember until it comes back: keep both in the user's session.

    >>> start = App(client_id="abc", secret="s", scopes={"read_products"}).start("https://pim.example.com")
    >>> start.url.partition("&state=")[0]
    'https://pim.example.com/connect/apps/v1/authorize?response_type=code&client_id=abc&scope=read_products'
    >>> start.state in start.url
    True
    """

    pim_url: str
    url: str
    state: str = field(repr=False)


@frozen(kw_only=True)
class AppGrant:
    """What a PIM user granted. The access token has no end, but may be revoked; `scopes` may be fewer than asked for.

    `id_token` says who the user is, where an OpenID scope was asked for; `App.user` verifies it.
    """

    access_token: str = field(repr=False)
    scopes: frozenset[str] = frozenset()
    id_token: str | None = field(default=None, repr=False)

    def missing(self, wanted: Collection[str]) -> frozenset[str]:
        """The scopes that were not granted; writing implies reading.

        >>> sorted(AppGrant(access_token="t", scopes=frozenset({"write_products"})).missing({"read_products", "openid"}))
        ['openid']
        """
        implied = {scope.replace("write_", "read_", 1) for scope in self.scopes if scope.startswith("write_")}
        return frozenset(wanted) - self.scopes - implied


def _set(scopes: Collection[str]) -> frozenset[str]:
    return frozenset(scopes)


@frozen(kw_only=True)
class App:
    """An App, as its developer registered it. `scopes` are what it asks for.

    >>> App(client_id="abc", secret="s", scopes={"read_products"})
    App(client_id='abc', scopes=frozenset({'read_products'}))
    """

    client_id: str
    secret: str = field(repr=False)
    scopes: frozenset[str] = field(converter=_set)

    def start(self, pim_url: str, *, loopback: bool = False) -> AppStart:
        """Begin: for the request to the App's activation URL, whose `pim_url` the browser brings along.

        Anybody may write that URL, so an address without TLS is refused. Raises `ConfigurationError` for it, and for
        what is no address. With *loopback* an address of this very machine needs no TLS: for development, with a
        simulator that is served here. An App in production leaves it out.
        """
        url = base_url(pim_url)
        if not url.startswith("https://") and not (loopback and is_here(url)):
            raise ConfigurationError(f"{url} is not https; an App sends its user, and its code, nowhere else")
        state = secrets.token_urlsafe(32)
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "scope": " ".join(sorted(self.scopes)),
            "state": state,
        }
        return AppStart(url, f"{url}{_AUTHORIZE}?{urlencode(query)}", state)

    def finish(
        self,
        pim_url: str,
        query: Mapping[str, str],
        *,
        state: str,
        options: Options | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> AppGrant:
        """Exchange the code that the callback brought; it lives for 30 seconds.

        *query* are the callback's parameters, *pim_url* and *state* what `start` gave and the session kept.
        Raises `SignInRefused` when the user declined, when the state is another, or when the PIM refuses the code.
        """
        chosen = Options() if options is None else options
        session = Session(pim_url, _NOBODY, chosen, transport=transport)
        try:
            return session.run(self._exchange(query, state, chosen), chosen)
        finally:
            session.close()

    async def finish_async(
        self,
        pim_url: str,
        query: Mapping[str, str],
        *,
        state: str,
        options: Options | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> AppGrant:
        """`finish`, for programs that await."""
        chosen = Options() if options is None else options
        session = AsyncSession(pim_url, _NOBODY, chosen, transport=transport)
        try:
            return await session.run(self._exchange(query, state, chosen), chosen)
        finally:
            await session.close()

    def user(
        self,
        pim_url: str,
        grant: AppGrant,
        *,
        options: Options | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> AppUser:
        """Return who granted, where the scope `openid` was asked for; verified with the PIM's key. Extra: `openid`.

        Raises `SignInRefused` when there is no ID token, or one that another PIM made, for another App, in another
        time, or that somebody changed.
        """
        token = _identity(grant)
        chosen = Options() if options is None else options
        session = Session(pim_url, _NOBODY, chosen, transport=transport)
        try:
            key = session.run(public_key(chosen), chosen)
        finally:
            session.close()
        return read_user(token, key, pim_url=session.url, client_id=self.client_id)

    async def user_async(
        self,
        pim_url: str,
        grant: AppGrant,
        *,
        options: Options | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> AppUser:
        """`user`, for programs that await."""
        token = _identity(grant)
        chosen = Options() if options is None else options
        session = AsyncSession(pim_url, _NOBODY, chosen, transport=transport)
        try:
            key = await session.run(public_key(chosen), chosen)
        finally:
            await session.close()
        return read_user(token, key, pim_url=session.url, client_id=self.client_id)

    def ask_for_scopes(
        self,
        pim_url: str,
        access_token: str,
        *,
        options: Options | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Tell the PIM's users that the App now wants `scopes`, since it wants more than it was granted.

        It grants nothing: a user has to connect the App again, which gives another token.
        Source: Akeneo's documentation of Apps.
        """
        chosen = Options() if options is None else options
        session = Session(pim_url, AppAuth(access_token=access_token), chosen, transport=transport)
        try:
            session.run(self._asking(session.keeper, chosen), chosen)
        finally:
            session.close()

    async def ask_for_scopes_async(
        self,
        pim_url: str,
        access_token: str,
        *,
        options: Options | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`ask_for_scopes`, for programs that await."""
        chosen = Options() if options is None else options
        session = AsyncSession(pim_url, AppAuth(access_token=access_token), chosen, transport=transport)
        try:
            await session.run(self._asking(session.keeper, chosen), chosen)
        finally:
            await session.close()

    def _asking(self, keeper: TokenKeeper, options: Options) -> Flow[None]:
        target = f"{_SCOPES}?{urlencode({'scopes': ' '.join(sorted(self.scopes))})}"
        # asked twice, it is asked once
        return Calls(keeper, options).tell("POST", target, "the App's scopes")

    def _exchange(self, query: Mapping[str, str], state: str, options: Options) -> Flow[AppGrant]:
        code = _checked(query, state)
        identifier = secrets.token_hex(_CODE_IDENTIFIER_BYTES)
        form = {
            "client_id": self.client_id,
            "code": code,
            "grant_type": "authorization_code",
            "code_identifier": identifier,
            # the PIM's own challenge, not the one of RFC 7636; the secret itself is never sent
            "code_challenge": hashlib.sha256((identifier + self.secret).encode()).hexdigest(),
        }
        call = Call(
            method="POST",
            target=_TOKEN,
            what="the App's access token",
            content=urlencode(form).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            repeatable=False,  # a code is good for one try
            signed=False,
        )
        answer = yield from exchange(call, None, options.retry)
        if not 200 <= answer.status < 300:
            problem = problem_of(call, answer)
            if isinstance(problem, PimRefused):
                raise SignInRefused(f"{problem}; let the user connect the App again", status=answer.status) from problem
            raise problem
        return _grant(call, read_body(call, answer))


def _checked(query: Mapping[str, str], state: str) -> str:
    if not state or not hmac.compare_digest(query.get("state", "").encode(), state.encode()):
        raise _declined("the callback's state is not the one of this session; let the user connect the App again")
    if "error" in query:
        said = query.get("error_description") or query["error"]
        raise _declined(f"the PIM did not connect the App: {said[:200]!r}")
    code = query.get("code", "")
    if not code:
        raise _declined("the callback brought no code; let the user connect the App again")
    return code


def _identity(grant: AppGrant) -> str:
    if grant.id_token is None:
        raise _declined("the grant holds no ID token; was the scope `openid` asked for, and granted?")
    return grant.id_token


def _declined(reason: str) -> SignInRefused:
    return SignInRefused(reason, status=400)  # what the App may answer its browser


def _grant(call: Call, body: JsonValue) -> AppGrant:
    parts: JsonObject = body if isinstance(body, Mapping) else {}
    access, scope, identity = parts.get("access_token"), parts.get("scope"), parts.get("id_token")
    if not isinstance(access, str) or not access:
        raise UnexpectedAnswer(f"{call}: the PIM's answer holds no access token")
    return AppGrant(
        access_token=access,
        scopes=frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
        id_token=identity if isinstance(identity, str) else None,
    )
