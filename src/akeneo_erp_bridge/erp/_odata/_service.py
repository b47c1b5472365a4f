"""`ODataService`: one OData 4 service, its connection, its metadata, and how it differs from the standard."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final, Literal

import httpx
from attrs import frozen

from akeneo_erp_bridge.erp._http._auth import HttpAuth
from akeneo_erp_bridge.erp._http._json import members
from akeneo_erp_bridge.erp._http._session import Answer, session_to, shown_url
from akeneo_erp_bridge.erp._odata._batch import (
    BOUNDARY,
    Part,
    json_batch,
    multipart_batch,
    read_json_batch,
    read_multipart_batch,
)
from akeneo_erp_bridge.erp._odata._csdl_json import parse_csdl
from akeneo_erp_bridge.erp._odata._edm import EdmModel
from akeneo_erp_bridge.erp._odata._edmx import parse_edmx
from akeneo_erp_bridge.erp._odata._literals import query_of
from akeneo_erp_bridge.erp._odata._words import refusal, refusal_of

ACCEPT: Final = "application/json;odata.metadata=minimal;IEEE754Compatible=true"
"""Amounts and large whole numbers as texts, for a JSON reader may make floats of them."""
_VERSIONS: Final = {"OData-Version": "4.0", "OData-MaxVersion": "4.01"}
_BATCH_OF: Final = 20
"""Questions in one batch; Business Central takes 100, Gateway's limit is a setting."""


@frozen(kw_only=True)
class ODataDialect:
    """What sets a service apart. The defaults suit a service that keeps to the standard.

    `batch` is the format of `$batch` that it takes, if any. `csrf`: writes and batches need a token that a read fetches
    (SAP). `no_date_is_null`: a date that is not set comes as 0001-01-01 (Business Central). `pages_by`: "key" asks for what
    comes after the last key, which no deletion in between can disturb; "link" follows the service's own next links, for
    services that cannot compare keys.

    >>> ODataDialect(batch="json").csrf
    False
    """

    batch: Literal["json", "multipart"] | None = None
    csrf: bool = False
    no_date_is_null: bool = False
    pages_by: Literal["key", "link"] = "key"


class ODataService:
    """An OData 4 service. Adapters for its entity sets share it, with one connection and one token.

    ::

        service = ODataService("https://erp.example.com/odata/v4/catalog", auth=BasicAuth("bridge", password))
        articles = ODataAdapter(service, Article, entity_set="Items")
        groups = ODataAdapter(service, Group, entity_set="Categories")

    `below` is a path between the root and the entity sets, such as a company of Business Central. `language` is sent as
    `Accept-Language`; `query` goes into each address, such as ``{"sap-client": "100"}``.

    429, 502, 503, 504 and lost connections are tried again, and `Retry-After` is obeyed. Links of the service are followed
    on its own scheme, host and port only, and redirects not at all. Secrets are never shown.

    >>> service = ODataService("https://erp.example.com/odata", below="companies(1)", query={"sap-client": "100"})
    >>> service.set_address("Items", {"$top": "5"})
    'https://erp.example.com/odata/companies(1)/Items?$top=5&sap-client=100'
    >>> service.close()

    Source: OASIS "OData Version 4.01. Part 1: Protocol", sections 8 (headers), 11 (data service requests).
    """

    def __init__(
        self,
        url: str,
        *,
        auth: HttpAuth | None = None,
        dialect: ODataDialect | None = None,
        below: str = "",
        language: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: timedelta = timedelta(minutes=1),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/") + "/"
        self.dialect = dialect or ODataDialect()
        self.below = f"{below.strip('/')}/" if below else ""
        self.language = language
        self._query = dict(query or {})
        own = {**_VERSIONS, **(headers or {}), **({} if language is None else {"Accept-Language": language})}
        self.session = session_to(
            self.url, "the OData service", auth, timeout=timeout, headers=own, transport=transport
        )
        self._lock = threading.Lock()
        self._model: EdmModel | None = None
        self._csrf: str | None = None

    def __repr__(self) -> str:
        return f"ODataService({shown_url(self.url)!r})"

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def read_file(self, link: str) -> bytes:
        """The content of a stream: by its link, as a field at a property of type `Edm.Stream` holds it, or by its path.

        ::

            service.read_file("Images('DR-18')/content")

        Raises `ErpRefused` for an address elsewhere, which is not to see the credentials: fetch that without them.
        """
        answer = self.session.send("GET", self.session.own(link, self.url), headers={"Accept": "*/*"})
        if answer.status != 200:
            raise refusal(answer, "a stream")
        return answer.content

    # ---- for the adapters ----
    def model(self) -> EdmModel:
        """What `$metadata` says; asked for once."""
        with self._lock:
            if self._model is None:
                accept = "application/xml, application/json;q=0.5"
                address = self.address("$metadata", {})
                answer = self.session.send("GET", address, headers={"Accept": accept})
                if answer.status != 200:
                    raise refusal(answer, "$metadata")
                is_json = answer.content.lstrip()[:1] == b"{"
                self._model = parse_csdl(answer.json()) if is_json else parse_edmx(answer.content)
            return self._model

    def address(self, path: str, options: Mapping[str, str]) -> str:
        """The address of something below the root."""
        return f"{self.url}{path}{query_of({**options, **self._query})}"

    def set_address(self, name: str, options: Mapping[str, str], *, key: str = "") -> str:
        """The address of an entity set, or of one entity in it."""
        return self.address(f"{self.below}{name}{key}", options)

    def read(self, address: str, doing: str, headers: Mapping[str, str] | None = None) -> Mapping[str, object]:
        """A JSON object. Raises what `refusal` makes of a refusal."""
        answer = self.session.send("GET", address, headers={"Accept": ACCEPT, **(headers or {})})
        if answer.status != 200:
            raise refusal(answer, doing)
        return as_object(answer.json(), doing)

    def write(self, method: str, address: str, body: Mapping[str, object], headers: Mapping[str, str]) -> Answer:
        """A write; the answer may be a refusal. With a CSRF token where the dialect says so."""
        content = json.dumps(body, ensure_ascii=False).encode()
        kind = "application/json;IEEE754Compatible=true"
        return self._guarded(
            method, address, content, {"Content-Type": kind, "Accept": ACCEPT, **headers}, repeatable=False
        )

    def read_many(self, addresses: Sequence[str], doing: str, headers: Mapping[str, str]) -> list[Mapping[str, object]]:
        """Several addresses, in batches where the service takes them. An answer that a batch lacks is asked for alone."""
        found: list[Mapping[str, object]] = []
        if self.dialect.batch is None or len(addresses) < 2:
            return [self.read(one, doing, headers) for one in addresses]
        for start in range(0, len(addresses), _BATCH_OF):
            some = addresses[start : start + _BATCH_OF]
            for address, part in zip(some, self._batch(some, headers), strict=True):
                if part is None or part.status == 429 or part.status >= 500:
                    found.append(self.read(address, doing, headers))
                elif part.status != 200:
                    raise refusal_of(part.status, part.body, doing)
                else:
                    found.append(as_object(part.body, doing))
        return found

    # ---- inside ----
    def _batch(self, addresses: Sequence[str], headers: Mapping[str, str]) -> list[Part | None]:
        inside = {"Accept": ACCEPT, **headers}
        relative = [one.removeprefix(self.url) for one in addresses]
        send, read, kind = _FORMATS[self.dialect.batch == "json"]
        accept = "application/json" if self.dialect.batch == "json" else "multipart/mixed"
        address = self.address("$batch", {})
        # the language is said outside too, where CAP looks for it
        own = {**headers, "Content-Type": kind, "Accept": accept}
        # a batch of questions changes nothing, so it may be asked again
        answer = self._guarded("POST", address, send(relative, inside), own, repeatable=True)
        if answer.status not in (200, 202):
            raise refusal(answer, "a $batch")
        return read(answer, len(addresses))

    def _guarded(
        self, method: str, address: str, content: bytes, headers: Mapping[str, str], *, repeatable: bool
    ) -> Answer:
        """Sent with the token of the session, and once more with a new one where it has ended."""
        if not self.dialect.csrf:
            return self.session.send(method, address, headers=headers, content=content, repeatable=repeatable)
        for is_last in (False, True):
            token = self._token()
            own = {**headers, "x-csrf-token": token}
            answer = self.session.send(method, address, headers=own, content=content, repeatable=repeatable)
            wants = answer.headers.get("x-csrf-token", "").lower() == "required"
            if is_last or answer.status != 403 or not wants:
                return answer
            with self._lock:
                self._csrf = None if self._csrf == token else self._csrf
        raise AssertionError("the loop returns")

    def _token(self) -> str:
        """Source: SAP's help on "Cross-Site Request Forgery Protection" of Gateway; the cookies stay with the client."""
        with self._lock:
            if self._csrf is None:
                headers = {"Accept": "application/json", "x-csrf-token": "fetch"}
                answer = self.session.send("GET", self.address("", {}), headers=headers)
                token = answer.headers.get("x-csrf-token", "")
                if answer.status >= 400 and not token:
                    raise refusal(answer, "a CSRF token")
                self._csrf = token
            return self._csrf


def as_object(wire: object, doing: str) -> Mapping[str, object]:
    """A JSON object, for what should be one."""
    found = members(wire)
    if found is None:
        raise refusal_of(200, None, f"{doing} (it answers something else than an object)")
    if "error" in found:
        raise refusal_of(200, wire, doing)  # a service that fails after its first byte can only say so inside
    return found


_Read = Callable[[Answer, int], "list[Part | None]"]
_Send = Callable[[Sequence[str], Mapping[str, str]], bytes]
_FORMATS: Final[Mapping[bool, tuple[_Send, _Read, str]]] = {
    True: (json_batch, lambda answer, count: read_json_batch(answer.json(), count), "application/json"),
    False: (
        multipart_batch,
        lambda answer, count: read_multipart_batch(answer.content, answer.headers.get("content-type", ""), count),
        f"multipart/mixed;boundary={BOUNDARY}",
    ),
}
