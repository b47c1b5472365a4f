"""Apps: a PIM user connects one in the browser, and the App exchanges a code for its access token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from html import escape
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import field, frozen

from akeneo_erp_bridge.testing.pim._behaviour import Behaviour
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, dumps, loads, text
from akeneo_erp_bridge.testing.pim._routes import ROOT, Route, RouteTable
from akeneo_erp_bridge.testing.pim._store import Journal, Table
from akeneo_erp_bridge.testing.pim._tokens import Tokens

AUTHORIZE: Final = "/connect/apps/v1/authorize"
EXCHANGE: Final = "/connect/apps/v1/oauth2/token"
CODE_SECONDS: Final = 30

# the beginning of a path: what the scopes of its resource are called; the first that fits counts
RESOURCES: Final = (
    (f"{ROOT}/attributes/{{attribute_code}}/options", "attribute_options"),
    (f"{ROOT}/product", "products"),  # by identifier, by UUID, models
    (f"{ROOT}/media-files", "products"),
    (f"{ROOT}/attribute", "catalog_structure"),  # groups too
    (f"{ROOT}/families", "catalog_structure"),
    (f"{ROOT}/categories", "categories"),
    (f"{ROOT}/locales", "channel_localization"),
    (f"{ROOT}/currencies", "channel_localization"),
    (f"{ROOT}/channels", "channel_settings"),
    (f"{ROOT}/association-types", "association_types"),
    (f"{ROOT}/catalogs", "catalogs"),
)
SCOPES: Final = frozenset(
    f"{verb}_{name}"
    for verb, names in {
        "read": {name for _, name in RESOURCES},
        "write": {name for _, name in RESOURCES} - {"channel_localization"},
        "delete": {"products", "catalogs"},
    }.items()
    for name in names
)
"""Those of the open part; what is Enterprise Edition's needs no scope here."""


@frozen(kw_only=True)
class AppCredentials:
    """What the PIM shows once to whoever makes a custom App: the App's own id and secret.

    >>> AppCredentials(client_id="7d1c", secret="s")
    AppCredentials(client_id='7d1c')
    """

    client_id: str
    secret: str = field(repr=False)


class Apps:
    """The custom Apps of one PIM; part of the durable state."""

    def __init__(self, journal: Journal, tokens: Tokens, behaviour: Behaviour, clock: Callable[[], datetime]) -> None:
        self._tokens = tokens
        self._behaviour = behaviour
        self._clock = clock
        self._apps: Table[JsonObject] = Table("app", journal, dumps, _decode)
        self._codes: Table[JsonObject] = Table("app_code", journal, dumps, _decode)

    def offer(self, routes: RouteTable) -> None:
        """What the browser of a PIM user and the App itself ask for."""
        routes.add(Route("", "GET", AUTHORIZE, lambda r, _: self._ask(r, dict(r.query)), "none", True))
        routes.add(Route("", "POST", AUTHORIZE, lambda r, _: self._decide(_form(r)), "none", True))
        routes.add(Route("", "POST", EXCHANGE, lambda r, _: self._exchange(_form(r)), "none", True))

    def add(self, name: str, callback_url: str, credentials: AppCredentials) -> None:
        """A PIM user makes a custom App, or changes the one with this id."""
        self._apps.put(
            credentials.client_id, {"name": name, "secret": credentials.secret, "callback_url": callback_url}
        )

    # -- what the PIM user sees --------------------------------------------------------------------------------------

    def _ask(self, request: Request, query: dict[str, str]) -> Answer:
        """The wizard: which App, what it may do, and two buttons."""
        app = self._apps.get(query.get("client_id", ""))
        if app is None or query.get("response_type") != "code":
            return _page("This App is not known", "<p>The address holds no App of this PIM.</p>", status=400)
        scopes = self._granted(query)
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in query.items()
        )
        rights = "".join(f"<li><code>{escape(one)}</code></li>" for one in scopes) or "<li>nothing</li>"
        return _page(
            f"Connect {text(app, 'name')}?",
            f"<p>{escape(text(app, 'name'))} asks to:</p><ul>{rights}</ul>"
            f'<form method="post" action="{request.base}{AUTHORIZE}">{hidden}'
            '<button name="decision" value="confirm">Confirm</button> '
            '<button name="decision" value="cancel">Cancel</button></form>',
        )

    def _decide(self, form: dict[str, str]) -> Answer:
        app = self._apps.get(form.get("client_id", ""))
        if app is None:
            return _page("This App is not known", "<p>The address holds no App of this PIM.</p>", status=400)
        if form.get("decision") != "confirm":
            back = {"error": "access_denied", "error_description": "The user did not connect the App"}
        else:
            code = secrets.token_hex(32)
            until = self._clock().timestamp() + CODE_SECONDS
            scopes: JsonObject = {"scope": " ".join(self._granted(form))}
            self._codes.put(code, {"client_id": form["client_id"], "until": until, **scopes})
            back = {"code": code}
        callback = text(app, "callback_url")
        joined = "&" if urlsplit(callback).query else "?"
        where = f"{callback}{joined}{urlencode({**back, 'state': form.get('state', '')})}"
        return Answer(302, b"", (("Location", where),))

    def _granted(self, asked: dict[str, str]) -> list[str]:
        """What is known of what was asked for, and the user may grant."""
        may = SCOPES if self._behaviour.app_scopes is None else SCOPES & self._behaviour.app_scopes
        return sorted(may & set(asked.get("scope", "").split()))

    # -- what the App asks for ---------------------------------------------------------------------------------------

    def _exchange(self, form: dict[str, str]) -> Answer:
        """A code for a token. Errors have the shape of RFC 6749 here, and nowhere else in the PIM."""
        app = self._apps.get(form.get("client_id", ""))
        if app is None:
            return _refused("invalid_client", "The App is not known")
        if form.get("grant_type") != "authorization_code":
            return _refused("unsupported_grant_type", "The grant type is not authorization_code")
        identifier = form.get("code_identifier", "")
        wanted = hashlib.sha256((identifier + text(app, "secret")).encode()).hexdigest()
        if not identifier or not hmac.compare_digest(wanted.encode(), form.get("code_challenge", "").encode()):
            return _refused("invalid_client", "The code challenge is not right")
        code = form.get("code", "")
        found = self._codes.get(code) if code else None
        if found is None or found.get("client_id") != form["client_id"]:
            return _refused("invalid_grant", "Code is not valid")
        self._codes.remove(code)
        until = found["until"]
        if not isinstance(until, (int, float)) or self._clock().timestamp() >= until:
            return _refused("invalid_grant", "Code has expired")
        scope = text(found, "scope")
        return Answer.json(
            {"access_token": self._tokens.issue_to_app(scope.split()), "token_type": "bearer", "scope": scope}
        )


def allows(scopes: Collection[str], method: str, template: str) -> bool:
    """Whether an App with these scopes may call a route. Who may write may read."""
    name = next((name for start, name in RESOURCES if template.startswith(start)), None)
    if name is None:
        return True
    if method == "DELETE":
        return f"delete_{name}" in scopes
    if method == "GET" or template.endswith("/search"):
        return not {f"read_{name}", f"write_{name}"}.isdisjoint(scopes)
    return f"write_{name}" in scopes


def _page(title: str, content: str, status: int = 200) -> Answer:
    shown = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}"
        "button{font:inherit;padding:.5rem 1rem}</style></head>"
        f"<body><main><p>Akeneo PIM simulator</p><h1>{escape(title)}</h1>{content}</main></body></html>\n"
    )
    return Answer(status, shown.encode(), (("Content-Type", "text/html; charset=utf-8"),))


def _refused(error: str, description: str) -> Answer:
    return Answer.json({"error": error, "error_description": description}, status=400)


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


def _decode(content: bytes) -> JsonObject:
    value = loads(content)
    return value if isinstance(value, dict) else {}
