"""Who is there, and whether a request is theirs: signed cookies, a token in each form, headers for the browser."""

from __future__ import annotations

import hmac
import secrets
import time
from pathlib import Path
from typing import Final

from attrs import frozen
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from erp_app.files import write_text

COOKIE: Final = "erp_app_session"
HOURS: Final = 12
"""How long a person stays signed in."""

_HEADERS: Final = {
    # nothing from elsewhere, no script in a page, in no frame; what a value smuggles in stays text
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


@frozen
class Session:
    """One browser. `is_signed_in`: it came back from the PIM with a code that was good."""

    id: str
    is_signed_in: bool


class Keeper:
    """Makes and checks what browsers bring along; its key is in a file for its owner alone."""

    def __init__(self, path: Path, *, is_secure: bool) -> None:
        if not path.exists():
            write_text(path, [secrets.token_hex(32)])
        self._key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        self._is_secure = is_secure

    def cookie(self, session: Session) -> str:
        """The header that gives a browser its session."""
        kind = "in" if session.is_signed_in else "guest"
        text = f"{session.id}.{kind}.{int(time.time()) + HOURS * 3600}"
        secure = "; Secure" if self._is_secure else ""
        # Lax, since the browser comes back from the PIM by a redirect, which Strict would take for a stranger's
        return f"{COOKIE}={text}.{self._mark(text)}; Path=/; HttpOnly; SameSite=Lax; Max-Age={HOURS * 3600}{secure}"

    def read(self, cookie: str | None) -> Session | None:
        """The session of a cookie; none for one that is not ours, or too old."""
        text, _, mark = (cookie or "").rpartition(".")
        parts = text.split(".")
        if len(parts) != 3 or not hmac.compare_digest(mark.encode(), self._mark(text).encode()):
            return None
        name, kind, until = parts
        return Session(name, kind == "in") if int(until) > time.time() else None

    def csrf(self, session: Session) -> str:
        """What each form of this session carries."""
        return self._mark(f"csrf {session.id}")

    def is_own(self, session: Session, token: str) -> bool:
        """Whether a form is of this session."""
        return hmac.compare_digest(self.csrf(session).encode(), token.encode())

    def _mark(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()


def new_session(*, is_signed_in: bool = False) -> Session:
    """A session that nobody had before."""
    return Session(secrets.token_urlsafe(24).replace(".", "-"), is_signed_in)


def session_of(request: Request) -> Session:
    """The session of a request, which `Guard` found or made."""
    session: Session = request.state.session
    return session


class Guard:
    """Gives each request its session, and each answer the headers that keep browsers out of harm."""

    def __init__(self, app: ASGIApp, keeper: Keeper) -> None:
        self._app = app
        self._keeper = keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = self._keeper.read(Request(scope).cookies.get(COOKIE))
        session = known or new_session()
        scope.setdefault("state", {})["session"] = session

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if known is None and "set-cookie" not in headers:
                    headers.append("set-cookie", self._keeper.cookie(session))
            await send(message)

        await self._app(scope, receive, sending)
