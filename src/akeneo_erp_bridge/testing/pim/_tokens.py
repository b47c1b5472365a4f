"""Signing in: password and refresh grants, tokens that expire."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from akeneo_erp_bridge.testing.pim._message import JsonObject, Refused, Reply, Request, parse_object
from akeneo_erp_bridge.testing.pim._store import Store

_LIMIT = 300  # bytes of the token route's body


class Tokens:
    """The tokens that were given out; with a file, they outlive the process."""

    def __init__(self, store: Store, auth: dict[str, str], seconds: int, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._auth = auth
        self._seconds = seconds
        self._clock = clock

    def grant(self, request: Request) -> Reply:
        """POST /api/oauth/v1/token."""
        if len(request.body) > _LIMIT:
            raise Refused(413, f"Request content exceeded the maximum allowed size of {_LIMIT} bytes")
        body = parse_object(request.body)
        if self._basic(request) != (self._auth["client_id"], self._auth["secret"]):
            raise Refused(422, 'Parameter "client_id" is missing or does not match any client, or secret is invalid')
        if body.get("grant_type") == "refresh_token":
            self._check_refresh(body)
        elif body.get("grant_type") == "password":
            if (body.get("username"), body.get("password")) != (self._auth["username"], self._auth["password"]):
                raise Refused(422, "No user found for the given username and password")
        else:
            raise Refused(422, 'Parameter "grant_type", "username" or "password" is missing, empty or invalid')
        return self._issue()

    def check(self, request: Request) -> None:
        """401 unless the bearer token is alive."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, "Authentication is required")
        found = self._store.get("token", token)
        if found is None or datetime.fromisoformat(str(found["until"])) <= self._clock():
            raise Refused(401, "The access token provided has expired.")

    def revoke(self) -> None:
        """Every access token is dead from now on; refresh tokens live."""
        for one in list(self._store.all("token")):
            self._store.remove("token", str(one["token"]))

    def revoke_refresh(self) -> None:
        """Every refresh token is dead from now on."""
        for one in list(self._store.all("refresh")):
            self._store.remove("refresh", str(one["token"]))

    def _check_refresh(self, body: JsonObject) -> None:
        token = body.get("refresh_token")
        if not isinstance(token, str) or not token:
            raise Refused(422, 'Parameter "grant_type" or "refresh_token" is missing or empty')
        if self._store.get("refresh", token) is None:
            raise Refused(422, "Refresh token is invalid or has expired")
        self._store.remove("refresh", token)

    def _issue(self) -> Reply:
        access, refresh = secrets.token_hex(20), secrets.token_hex(20)
        until = self._clock() + timedelta(seconds=self._seconds)
        self._store.put("token", access, {"token": access, "until": until.isoformat()})
        self._store.put("refresh", refresh, {"token": refresh})
        return Reply.of(
            200,
            {
                "access_token": access,
                "expires_in": self._seconds,
                "token_type": "bearer",
                "scope": None,
                "refresh_token": refresh,
            },
        )

    @staticmethod
    def _basic(request: Request) -> tuple[str, str]:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        try:
            user, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return (user, secret) if scheme.lower() == "basic" else ("", "")
