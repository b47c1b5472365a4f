"""Access and refresh tokens: the token route, and who may call the others."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import parse_qsl

from attrs import frozen

from akeneo_erp_bridge.testing.pim._behaviour import Behaviour
from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, dumps, loads, text
from akeneo_erp_bridge.testing.pim._refusal import Refusal, broken_json
from akeneo_erp_bridge.testing.pim._store import Journal, Table

BAD_CLIENT = 'Parameter "client_id" is missing or does not match any client, or secret is invalid'
BAD_USER = "No user found for the given username and password"
NO_GRANT = 'Parameter "grant_type", "username" or "password" is missing, empty or invalid'
NO_REFRESH = 'Parameter "grant_type" or "refresh_token" is missing or empty'
DEAD_REFRESH = "Refresh token is invalid or has expired"


@frozen(kw_only=True)
class Connection:
    """The four strings of one connection, as the PIM's settings page shows them."""

    client_id: str
    secret: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Connection(client_id={self.client_id!r}, username={self.username!r})"

    def knows_client(self, basic: str) -> bool:
        """Whether a Basic header's payload is this client."""
        try:
            # validate=True: a trailing newline, as a careless shell script leaves it, is refused
            given = base64.b64decode(basic, validate=True)
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(given, f"{self.client_id}:{self.secret}".encode())

    def knows_user(self, username: str, password: str) -> bool:
        """Whether this is the connection's user."""
        return hmac.compare_digest(f"{username}:{password}".encode(), f"{self.username}:{self.password}".encode())


class Tokens:
    """Issues tokens and checks them. Part of the durable state, so clients survive a restart of the PIM."""

    def __init__(
        self, journal: Journal, connection: Connection, behaviour: Behaviour, clock: Callable[[], datetime]
    ) -> None:
        self._connection = connection
        self._behaviour = behaviour
        self._clock = clock
        self._access: Table[JsonObject] = Table("access_token", journal, dumps, _decode)
        self._refresh: Table[JsonObject] = Table("refresh_token", journal, dumps, _decode)

    def answer(self, request: Request) -> Answer:
        """The token route. Its errors are 422 with Akeneo's body, not RFC 6749's."""
        limit = self._behaviour.token_body_limit
        if len(request.body) > limit:
            raise Refusal(413, f"Request content exceeded the maximum allowed size of {limit} bytes")
        fields = _fields(request)
        scheme, _, payload = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic" or not self._connection.knows_client(payload):
            raise Refusal(422, BAD_CLIENT)
        match fields.get("grant_type"):
            case "password":
                self._check_user(fields)
            case "refresh_token":
                self._use_refresh_token(fields)
            case None | "":
                raise Refusal(422, NO_GRANT)
            case _:
                raise Refusal(422, "This grant type is not authorized for this client")
        return Answer.json(self._issue())

    def issue_to_app(self, scopes: Sequence[str]) -> str:
        """A token that has no end, and may do no more than these scopes say."""
        access = secrets.token_hex(32)
        self._access.put(access, {"scopes": [*scopes]})
        return access

    def check(self, request: Request) -> list[str] | None:
        """Refuse with 401 unless the call carries a live token. Gives the scopes of an App's; a connection has none."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(401, "Authentication is required")
        found = self._access.get(token)
        if found is None:
            raise Refusal(401, "The access token provided is invalid.")
        scopes = found.get("scopes")
        if isinstance(scopes, list):
            return [str(one) for one in scopes]
        if self._dead(found):
            raise Refusal(401, "The access token provided has expired.")
        return None

    def expire(self) -> None:
        """Kill all access tokens, those of Apps too, as a PIM user does who disconnects them."""
        _empty(self._access)

    def revoke_refresh(self) -> None:
        """Kill all refresh tokens."""
        _empty(self._refresh)

    def _check_user(self, fields: dict[str, str]) -> None:
        username, password = fields.get("username"), fields.get("password")
        if not username or not password:
            raise Refusal(422, NO_GRANT)
        if not self._connection.knows_user(username, password):
            raise Refusal(422, BAD_USER)

    def _use_refresh_token(self, fields: dict[str, str]) -> None:
        token = fields.get("refresh_token")
        if not token:
            raise Refusal(422, NO_REFRESH)
        found = self._refresh.get(token)
        if found is None or self._dead(found) or not self._behaviour.refresh_works:
            raise Refusal(422, DEAD_REFRESH)
        # rotation: each refresh token works once
        self._refresh.remove(token)

    def _issue(self) -> JsonObject:
        seconds = self._behaviour.token_seconds
        access, refresh = secrets.token_hex(32), secrets.token_hex(32)
        now = self._clock().timestamp()
        self._access.put(access, {"until": now + seconds})
        self._refresh.put(refresh, {"until": now + self._behaviour.refresh_token_seconds})
        return {
            "access_token": access,
            "expires_in": seconds,
            "token_type": "bearer",
            "scope": None,
            "refresh_token": refresh,
        }

    def _dead(self, token: JsonObject) -> bool:
        until = token["until"]
        return not isinstance(until, (int, float)) or self._clock().timestamp() >= until


def _decode(content: bytes) -> JsonObject:
    value = loads(content)
    return value if isinstance(value, dict) else {}


def _empty(table: Table[JsonObject]) -> None:
    for key in table.all_keys():
        table.remove(key)


def _fields(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(request.body.decode("utf-8", "replace")))
    if kind != "application/json":
        raise Refusal(
            415,
            f'"{kind}" in "Content-Type" header is not valid.'
            ' Only "application/json" or "application/x-www-form-urlencoded" are allowed.',
        )
    try:
        value = loads(request.body)
    except ValueError:
        raise broken_json() from None
    return {key: text(value, key) for key in value} if isinstance(value, dict) else {}
