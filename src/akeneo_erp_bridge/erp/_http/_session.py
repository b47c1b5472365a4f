"""HTTP as adapters need it: signed, tried again, on one origin, with errors of our own tree."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
from attrs import define, field, frozen

from akeneo_erp_bridge._retry_after import read_retry_after
from akeneo_erp_bridge.erp._http._auth import ClientCredentials, HttpAuth, Signer
from akeneo_erp_bridge.errors import ErpRefused, ErpUnreachable

_PAUSES: Final = (0.5, 2.0, 5.0)
"""Seconds before the second, third and fourth try, where the server names no pause."""
_LONGEST: Final = timedelta(minutes=2)
"""The longest pause a server may ask for; a longer one ends the tries."""
_PASSING: Final = frozenset({429, 502, 503, 504})


@frozen
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By name in small letters."""
    content: bytes = field(repr=False)
    url: str

    def json(self) -> object:
        """The body, with each number that has a point as a `Decimal`.

        Raises `ErpUnreachable` for JSON that breaks off or is garbled on its way, `ErpRefused` for anything else.
        """
        try:
            parsed: object = json.loads(self.content, parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            kind = self.headers.get("content-type", "nothing")
            # half an answer is as good as none: the same call may bring all of it
            if isinstance(error, json.JSONDecodeError) and "json" in kind:
                raise ErpUnreachable(
                    f"{shown_url(self.url)} answered {self.status} with JSON that breaks off or is damaged "
                    f"({len(self.content)} bytes: {error}); try again later"
                ) from None
            raise ErpRefused(
                f"{shown_url(self.url)} answered {self.status} with {kind} instead of JSON; is the address right, and is "
                "no log-in page in between?"
            ) from None
        return parsed


@define
class HttpSession:
    """Requests to one origin. One serves all threads.

    429, 502, 503, 504 and lost connections are tried again, `Retry-After` is obeyed. A write is tried again only where
    the server cannot have acted: after 429, or when there was no connection. Redirects are not followed.
    """

    origin: str
    who: str
    auth: HttpAuth | None
    http: httpx.Client = field(repr=False)
    tokens: httpx.Client | None = field(repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    signer: Signer = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.signer = Signer(self.auth, self.tokens)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()
        if self.tokens is not None:
            self.tokens.close()

    def own(self, link: str, against: str) -> str:
        """A link of an answer as an address of ours. Raises `ErpRefused` for one to another host: it gets no secret."""
        url = urljoin(against, link)
        if origin_of(url) != self.origin:
            raise ErpRefused(
                f"{self.who} answers with a link to {origin_of(url)}, and is itself {self.origin}; it is not followed, "
                "for the credentials stay with their host. Use the address that the links have"
            )
        return url

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        repeatable: bool = True,
    ) -> Answer:
        """Send until there is an answer that stays; it may be a refusal. Raises `ErpUnreachable` where there is none."""
        if origin_of(url) != self.origin:
            raise ErpRefused(f"{shown_url(url)} is not at {self.origin}")
        renewed = False
        tries = 0
        while True:
            signature = self.signer.header()
            answer, trouble, reached = self._once(method, url, headers or {}, content, signature)
            if answer is not None and answer.status == 401 and not renewed and self.signer.renew(signature):
                renewed = True
                continue
            if answer is not None and answer.status not in _PASSING:
                return self._staying(method, answer)
            may_again = repeatable or not reached or (answer is not None and answer.status == 429)
            pause = _pause(answer, tries) if may_again else None
            if pause is None:
                said = f"HTTP {answer.status}" if answer is not None else trouble
                raise ErpUnreachable(
                    f"{self.who} at {self.origin} does not answer {method} {urlsplit(url).path} ({said}, tried "
                    f"{tries + 1} time{'s' if tries else ''}); check the address, and that it runs"
                )
            tries += 1
            self.sleep(pause)

    def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        signature: tuple[str, str] | None,
    ) -> tuple[Answer | None, str, bool]:
        """The answer, else what was in the way; and whether the request may have arrived."""
        signed = {**headers, **({} if signature is None else dict([signature]))}
        try:
            got = self.http.request(method, url, headers=signed, content=content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return None, f"{type(error).__name__}: {error}", False
        except (httpx.TransportError, httpx.DecodingError) as error:
            return None, f"{type(error).__name__}: {error}", True
        found = {name.lower(): value for name, value in got.headers.items()}
        return Answer(got.status_code, found, got.content, url), "", True

    def _staying(self, method: str, answer: Answer) -> Answer:
        if 300 <= answer.status < 400 and answer.status != 304:
            target = urljoin(answer.url, answer.headers.get("location", ""))
            raise ErpRefused(
                f"{self.who}: {method} {shown_url(answer.url)} is redirected to {shown_url(target)}, which is not "
                "followed, for it may be a log-in page; check the address and the credentials"
            )
        return answer


def session_to(
    url: str,
    who: str,
    auth: HttpAuth | None,
    *,
    timeout: timedelta,
    headers: Mapping[str, str],
    transport: httpx.BaseTransport | None,
) -> HttpSession:
    """A session with the server of an address. Raises `ErpRefused` for what is no address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ErpRefused(f"{shown_url(url)} is no address; write https://host/path, and the password elsewhere")
    seconds = timeout.total_seconds()
    http = httpx.Client(timeout=seconds, transport=transport, headers=dict(headers), follow_redirects=False)
    # a client of its own: neither cookies nor a transport to the ERP may reach the token's address
    is_fetched = isinstance(auth, ClientCredentials)
    tokens = httpx.Client(timeout=seconds, follow_redirects=False) if is_fetched else None
    return HttpSession(origin_of(url), who, auth, http, tokens)


def origin_of(url: str) -> str:
    """Scheme, host and port, with the port that the scheme stands for left out.

    >>> origin_of("HTTPS://Erp.example.com:443/odata?x=1"), origin_of("http://127.0.0.1:4004")
    ('https://erp.example.com', 'http://127.0.0.1:4004')
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    plain = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname or ''}" + ("" if port in (None, plain) else f":{port}")


def shown_url(url: str) -> str:
    """An address for a message: without what may be secret or endless in it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"[:200]


def _pause(answer: Answer | None, tries: int) -> float | None:
    if tries >= len(_PAUSES):
        return None
    asked = None if answer is None else read_retry_after(answer.headers.get("retry-after"), now=datetime.now(UTC))
    if asked is None:
        return _PAUSES[tries]
    return asked.total_seconds() if asked <= _LONGEST else None


def _no_number(text: str) -> str:
    """NaN and Infinity are no JSON; as texts they are refused where a number is read."""
    return text
