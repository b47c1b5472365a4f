"""One connection to a shop: signs in, sends, tries again, and never sends a credential anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Lock
from typing import Final

import httpx
from attrs import frozen

from akeneo_erp_bridge._retry_after import read_retry_after
from akeneo_erp_bridge.commerce._shops._json import Json, read_json, write_json
from akeneo_erp_bridge.errors import ConfigurationError, SinkError

PAUSES: Final = (timedelta(milliseconds=500), timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4))
"""Before the second try, the third, and so on."""
_PASSING: Final = frozenset({429, 502, 503, 504})
_LONGEST_RETRY_AFTER: Final = timedelta(minutes=1)


@frozen
class Answer:
    """What a shop said: the HTTP status, its headers, and JSON, `None` where it gave none."""

    status: int
    headers: httpx.Headers
    json: Json
    is_json: bool


class Connection:
    """Sends to one shop. Everything sent through it may be sent twice: it sets values, and adds nothing.

    `sign_in` answers the headers that sign a request; `is_unsigned` tells from an answer that they do not count any
    more. Raises `SinkError` when the shop does not answer, stays busy, or redirects.
    """

    def __init__(
        self,
        shop: str,
        url: str,
        *,
        sign_in: Callable[[], Mapping[str, str]],
        is_unsigned: Callable[[Answer], bool],
        headers: Mapping[str, str] | None = None,
        timeout: timedelta,
        pauses: Sequence[timedelta],
        transport: httpx.BaseTransport | None,
    ) -> None:
        self.name = f"{shop} at {url}"
        self._sign_in = sign_in
        self._is_unsigned = is_unsigned
        self._pauses = tuple(pauses)
        self._signature: Mapping[str, str] | None = None
        self._signing = Lock()
        self._http = httpx.Client(
            base_url=_address(url),
            headers={"Content-Type": "application/json", "Accept": "application/json", **(headers or {})},
            timeout=timeout.total_seconds(),
            transport=transport,
            follow_redirects=False,  # a credential goes to this address and to no other
            # a shop that gives a cookie beside the token would go on with it when the token has ended
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    def call(self, method: str, path: str, body: Json = None, *, params: Sequence[tuple[str, str]] = ()) -> Answer:
        """A signed request; where the sign-in has ended, it is renewed once."""
        signature = self._signed_after(None)
        answer = self.send(method, path, body, params=params, headers=signature)
        if self._is_unsigned(answer):
            signature = self._signed_after(signature)
            answer = self.send(method, path, body, params=params, headers=signature)
            if self._is_unsigned(answer):
                raise SinkError(
                    f"{self.name} refuses {method} {path or 'its API'}; is the key or the user still valid? "
                    "It needs the right to change products"
                )
        return answer

    def send(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request as it is, again after each pause while the trouble may pass."""
        content = None if body is None else write_json(body)
        trouble = ""
        for pause in (*self._pauses, None):
            try:
                answer = self._http.request(method, path, content=content, params=list(params), headers=headers)
            except httpx.RequestError as error:
                # its text may quote a header, and with it a credential
                trouble, asked = type(error).__name__, None
            else:
                if answer.status_code not in _PASSING:
                    return self._read(answer)
                trouble, asked = (
                    f"HTTP {answer.status_code}",
                    read_retry_after(answer.headers.get("Retry-After"), now=datetime.now(UTC)),
                )
            if pause is None:
                break
            if asked is not None and asked > _LONGEST_RETRY_AFTER:
                raise SinkError(f"{self.name} asks to wait {asked.total_seconds():.0f} seconds; run again later")
            time.sleep((pause if asked is None else asked).total_seconds())
        raise SinkError(f"{self.name} does not answer ({trouble}); check the address and that it runs")

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def strange(self, answer: Answer) -> SinkError:
        """An answer that this shop does not give while it is well."""
        if answer.status >= 500:
            return SinkError(f"{self.name} fails (HTTP {answer.status}); look into its log")
        return SinkError(f"{self.name} gave an answer of another kind (HTTP {answer.status}); is the URL right?")

    # ---- inside ----
    def _signed_after(self, old: Mapping[str, str] | None) -> Mapping[str, str]:
        """A signature other than `old`; of several threads that need a new one, the first signs in."""
        with self._signing:
            if self._signature is None or self._signature is old:
                self._signature = dict(self._sign_in())
            return self._signature

    def _read(self, answer: httpx.Response) -> Answer:
        if answer.is_redirect:
            raise SinkError(
                f"{self.name} redirects (HTTP {answer.status_code}), which is not followed; correct the URL"
            )
        try:
            return Answer(answer.status_code, answer.headers, read_json(answer.content), is_json=True)
        except (ValueError, RecursionError):
            return Answer(answer.status_code, answer.headers, None, is_json=False)


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url.rstrip("/"))
    except (httpx.InvalidURL, TypeError):
        raise ConfigurationError("the shop's URL cannot be read; write it as in https://shop.example.com") from None
    if address.scheme not in ("http", "https") or not address.host or address.userinfo:
        raise ConfigurationError(
            "the shop's URL needs http or https and a host, and no user name or password in it, as in "
            "https://shop.example.com"
        )
    return address
