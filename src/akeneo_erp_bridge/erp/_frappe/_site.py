"""`FrappeSite`: one Frappe site, its connection, its DocTypes and its clock."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import httpx
from attrs import frozen

from akeneo_erp_bridge.erp._frappe._words import refusal
from akeneo_erp_bridge.erp._http._auth import HeaderAuth
from akeneo_erp_bridge.erp._http._json import lines, members
from akeneo_erp_bridge.erp._http._session import Answer, session_to, shown_url
from akeneo_erp_bridge.errors import ErpRefused

Wire: TypeAlias = Mapping[str, object]
Filter: TypeAlias = "tuple[str, str, str | int | list[str]]"
"""Field, operator, value."""

_LONGEST: Final = 1500
"""Of a query in an address, in characters; longer ones are sent as a body."""
STANDARD: Final = ("name", "creation", "modified", "owner", "modified_by", "docstatus", "idx", "parent", "parenttype")
_LAYOUT: Final = frozenset({"Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading", "Fold", "Image"})
TABLES: Final = frozenset({"Table", "Table MultiSelect"})


@frozen
class DocField:
    """A field of a DocType."""

    name: str
    kind: str
    options: str
    writable: bool
    max_length: int | None


@frozen
class DocType:
    """A DocType: its fields by name."""

    name: str
    fields: Mapping[str, DocField]


class FrappeSite:
    """A Frappe site, such as one of ERPNext. Adapters for its DocTypes share it.

    ::

        site = FrappeSite("https://erp.example.com", "api key", "api secret", time_zone="Europe/Berlin")
        articles = FrappeAdapter(site, Article, doctype="Item")
        groups = FrappeAdapter(site, Group, doctype="Item Group")

    The key and the secret are made on the page of a user, below "API Access", and have that user's rights. Times of a site
    name no zone: they are in the zone of its System Settings. Give it as `time_zone`, or let it be read, for which the user
    needs the right to read System Settings.

    429, 502, 503, 504 and lost connections are tried again, and `Retry-After` is obeyed. The secret is never shown.

    >>> pictures = httpx.MockTransport(lambda request: httpx.Response(200, content=b"a drill"))
    >>> site = FrappeSite("https://erp.example.com", "a key", "a secret", transport=pictures)
    >>> site.read_file("/files/drill.jpg")
    b'a drill'
    >>> site.read_file("https://elsewhere.example.com/drill.jpg")
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ErpRefused: Frappe answers with a link to https://elsewhere.example.com, ...

    Source: Frappe's documentation, "REST API" (token based authentication, listing documents).
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        api_secret: str,
        *,
        time_zone: str | None = None,
        timeout: timedelta = timedelta(minutes=1),
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        auth = HeaderAuth("Authorization", f"token {api_key}:{api_secret}")
        headers = {"Accept": "application/json"}
        self.session = session_to(self.url, "Frappe", auth, timeout=timeout, headers=headers, transport=transport)
        self._lock = threading.RLock()
        self._zone = None if time_zone is None else _zone_named(time_zone)
        self._doctypes: dict[str, DocType] = {}

    def __repr__(self) -> str:
        return f"FrappeSite({shown_url(self.url)!r})"

    def close(self) -> None:
        """Close the connection."""
        self.session.close()

    def read_file(self, path: str) -> bytes:
        """The content of a file of the site, such as an item's ``image``: ``/files/drill.jpg`` or ``/private/files/...``.

        Raises `ErpRefused` for an address elsewhere, which is not to see the secret: fetch that without it.
        """
        answer = self._ok(self.session.send("GET", self.session.own(quote(path, safe="/:%?=&"), f"{self.url}/")), path)
        return answer.content

    # ---- for the adapters ----
    def zone(self) -> ZoneInfo:
        """The zone of the site's times."""
        with self._lock:
            if self._zone is None:
                settings = self.document("System Settings", "System Settings")
                self._zone = _zone_named(str(settings.get("time_zone") or ""))
            return self._zone

    def doctype(self, name: str) -> DocType:
        """The fields of a DocType and, kept beside it, of its tables; asked for once."""
        with self._lock:
            if name not in self._doctypes:
                query = urlencode({"doctype": name})
                url = f"{self.url}/api/method/frappe.desk.form.load.getdoctype?{query}"
                answer = self._ok(self.session.send("GET", url), f"the fields of {name}")
                for one in lines((members(answer.json()) or {}).get("docs")) or []:
                    found = members(one) or {}
                    self._doctypes.setdefault(str(found.get("name")), _doctype_of(found))
            if name not in self._doctypes:
                raise ErpRefused(f"{self!r} does not tell the fields of {name}; is the DocType's name right?")
            return self._doctypes[name]

    def rows(
        self, doctype: str, fields: Sequence[str], filters: Sequence[Filter], order: str, limit: int, parent: str = ""
    ) -> list[Wire]:
        """Documents of a list; `limit` 0 means all. Rows of a table need their `parent` DocType, for its rights."""
        options = {
            "fields": json.dumps(list(fields)),
            "filters": json.dumps([list(one) for one in filters]),
            "order_by": order,
            "limit_start": "0",
            "limit_page_length": str(limit),
            **({"parent": parent} if parent else {}),
        }
        query = urlencode(options, quote_via=quote)
        doing = f"a list of {doctype}"
        if len(query) <= _LONGEST:
            answer = self.session.send("GET", f"{self.url}/api/resource/{quote(doctype)}?{query}")
        else:
            body = json.dumps({"doctype": doctype, **options}).encode()
            url = f"{self.url}/api/method/frappe.client.get_list"
            # it reads, whatever the verb
            answer = self.session.send("POST", url, headers=_JSON, content=body, repeatable=True)
        wire = members(self._ok(answer, doing).json()) or {}
        found = lines(wire.get("data") if "data" in wire else wire.get("message"))
        if found is None:
            raise ErpRefused(f"{self!r} answers {doing} with something else than one; is it a Frappe site?")
        return [row for one in found if (row := members(one)) is not None]

    def document(self, doctype: str, name: str) -> Wire:
        """One document."""
        answer = self.session.send("GET", self._address(doctype, name))
        # a document that is there once bears the name of its type
        return self._data(self._ok(answer, doctype if name == doctype else f"{doctype} {name}"))

    def write(self, doctype: str, name: str | None, body: Mapping[str, object]) -> Wire:
        """A new document, or an update of one; what it is afterwards."""
        method, url = ("POST", self._address(doctype)) if name is None else ("PUT", self._address(doctype, name))
        content = json.dumps(body, default=_to_json).encode()
        answer = self.session.send(method, url, headers=_JSON, content=content, repeatable=False)
        return self._data(self._ok(answer, f"a new {doctype}" if name is None else f"an update of {doctype} {name}"))

    # ---- inside ----
    def _address(self, doctype: str, name: str | None = None) -> str:
        below = "" if name is None else f"/{quote(name, safe='')}"
        return f"{self.url}/api/resource/{quote(doctype)}{below}"

    def _ok(self, answer: Answer, doing: str) -> Answer:
        if answer.status >= 300:
            raise refusal(answer, doing)
        return answer

    def _data(self, answer: Answer) -> Wire:
        found = members((members(answer.json()) or {}).get("data"))
        if found is None:
            raise ErpRefused(f"{self!r} answers without a document; is it a Frappe site?")
        return found


_JSON: Final = {"Content-Type": "application/json"}


def _doctype_of(wire: Wire) -> DocType:
    fields: dict[str, DocField] = {
        name: DocField(
            name, "Datetime" if name in ("creation", "modified") else "Data", "", writable=False, max_length=None
        )
        for name in STANDARD
    }
    for one in lines(wire.get("fields")) or []:
        found = members(one) or {}
        name, kind, length = str(found.get("fieldname")), str(found.get("fieldtype")), found.get("length")
        if kind not in _LAYOUT:
            writable = not (found.get("read_only") or found.get("is_virtual"))
            longest = (
                length
                if isinstance(length, int) and length > 0
                else 140
                if kind in ("Data", "Link", "Select")
                else None
            )
            fields[name] = DocField(name, kind, str(found.get("options") or ""), writable=writable, max_length=longest)
    return DocType(str(wire.get("name")), fields)


def _zone_named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # ZoneInfoNotFoundError is a KeyError
        raise ErpRefused(f"'{name}' is no time zone; write e.g. time_zone=\"Europe/Berlin\"") from None


def _to_json(value: object) -> object:
    if isinstance(value, Decimal):
        # Frappe casts texts to the type of the field; as a number of JSON it would be a float before that
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    raise ErpRefused(f"a {type(value).__name__} is not written to Frappe here; give a text or a number")
