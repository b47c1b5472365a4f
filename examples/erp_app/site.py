"""What all pages share: the parts of the App, how a page is made, who may see it, and which form is taken."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import parse_qs

from attrs import frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync import SqliteState
from erp_app.config import Config
from erp_app.connection import Connection
from erp_app.erp import Erp
from erp_app.jobs import Jobs
from erp_app.rota import Rota
from erp_app.security import Keeper, session_of
from erp_app.settings import ChoicesFile
from erp_app.wanted import BACK, IMPORTED, SENT, STREAMS
from erp_app.words import RUNS

LARGEST_FORM: Final = 64_000  # bytes
HERE: Final = Path(__file__).parent

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""What would show a text otherwise than it is: controls, directions, half characters."""

Form = Mapping[str, list[str]]


class Others(Protocol):
    """In the demonstration: those who work in the PIM and in the ERP meanwhile."""

    def edit_in_pim(self) -> int:
        """A colleague gives articles better names; how many."""
        ...

    def rename_in_erp(self) -> int:
        """The ERP renames articles; how many."""
        ...

    def create_in_pim(self) -> int:
        """A colleague makes products and tags them for the ERP; how many."""
        ...

    def weigh_in_erp(self) -> int:
        """The people of the ERP add a weight to articles that came from the PIM; how many."""
        ...


@frozen(kw_only=True)
class Site:
    """The parts of one App."""

    config: Config
    connection: Connection
    choices: ChoicesFile
    erp: Erp
    state: SqliteState
    jobs: Jobs
    rota: Rota
    keeper: Keeper
    others: Others | None
    pages: Environment

    def page(self, request: Request, name: str, status: int = 200, **content: object) -> Response:
        """A page, with what each page needs."""
        session = session_of(request)
        progress = self.jobs.progress
        streams = self.state.inspect().streams if session.is_signed_in else ()
        parked = {one.stream: sum(some.count for some in one.parked) for one in streams}
        shared = {
            "path": request.url.path,
            "session": session,
            "csrf": self.keeper.csrf(session),
            "progress": progress,
            "runs": RUNS[progress.wanted.direction] if progress.wanted is not None else "",
            "sends": self._sends(),
            "left_out": parked.get(IMPORTED, 0),
            "not_sent": parked.get(SENT, 0) + parked.get(BACK, 0),
            "to_decide": sum(one.held for one in streams if one.stream in STREAMS),
            "has_others": self.others is not None,
            "said": SAID.get(request.query_params.get("said", "")),
        }
        return HTMLResponse(self.pages.get_template(f"{name}.html").render({**shared, **content}), status)

    def _sends(self) -> bool:
        try:
            return self.choices.load().sends
        except ConfigurationError:
            return False  # the page that says so is to be seen as well

    def open(self, path: str, handler: Callable[[Site, Request], Response]) -> Route:
        """A page that anybody may see."""
        return Route(path, _threaded(lambda request: handler(self, request)), methods=["GET"])

    def shown(self, path: str, handler: Callable[[Site, Request], Response]) -> Route:
        """A page for whoever came from the PIM."""

        def guarded(request: Request) -> Response:
            if not session_of(request).is_signed_in or not self.connection.is_there:
                return RedirectResponse("/connect", 303)
            return handler(self, request)

        return Route(path, _threaded(guarded), methods=["GET"])

    def done(self, path: str, handler: Callable[[Site, Request, Form], Response]) -> Route:
        """What a form does: it must carry the token of a session that came from the PIM."""

        async def guarded(request: Request) -> Response:
            form = await _form(request)
            session = session_of(request)
            if not self.keeper.is_own(session, form.get("csrf", [""])[0]):
                raise HTTPException(403, "This form is not of your session, or too old. Go back, reload, try again.")
            if not session.is_signed_in:
                raise HTTPException(403, "Sign in first: connect from the PIM.")
            return await run_in_threadpool(handler, self, request, form)

        return Route(path, guarded, methods=["POST"])


SAID: Final = {
    "connected": "The App is connected to the PIM.",
    "disconnected": "The connection was deleted here.",
    "started": "The import has started.",
    "sending": "The sending has started.",
    "stopping": "It stops behind what it is writing.",
    "kept": "The PIM’s version stays.",
    "taken": "The ERP’s version will be written by the next import.",
    "given": "The PIM’s version goes to the ERP with the next sending.",
    "coming": "The ERP’s version comes with the next sending.",
    "left": "The ERP’s version stays there, until the PIM’s changes.",
    "edited": "A colleague has given three articles better names in the PIM.",
    "renamed": "The ERP has renamed ten articles.",
    "nothing": "Nothing was changed: import articles first.",
    "created": "A colleague has made two products in the PIM, and tagged them for the ERP.",
    "weighed": "The ERP’s people have weighed what came from the PIM.",
    "unweighed": "Nothing was changed: there is no article from the PIM without a weight. Send products first.",
}
"""What a page says after a form was sent; no other text of an address is shown."""


def see(path: str, said: str = "") -> Response:
    """Send the browser to a page."""
    return RedirectResponse(f"{path}?said={said}" if said else path, 303)


def environment(config: Config) -> Environment:
    """Templates in which every text is escaped, and no character hidden."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_seen,
    )
    made.filters["moment"] = lambda moment: f"{moment.astimezone(config.zone):%d %B %Y, %H:%M}"
    made.filters["day"] = lambda moment: _since(moment, datetime.now(UTC), config)
    made.globals.update(zone=config.zone.key, pim_url=config.pim_url, articles=_articles, products=_products)
    return made


def _since(moment: datetime | None, now: datetime, config: Config) -> str:
    if moment is None:
        return ""
    here = moment.astimezone(config.zone)
    days = (now.astimezone(config.zone).date() - here.date()).days
    return "today" if days < 1 else "yesterday" if days == 1 else f"{here:%d %B %Y} ({days} days ago)"


def _articles(number: int) -> str:
    return "1 article" if number == 1 else f"{number} articles"


def _products(number: int) -> str:
    return "1 product" if number == 1 else f"{number} products"


def _seen(value: object) -> object:
    if type(value) is str:  # a Markup is none: it is made of what went through here
        return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", value)
    return value


def _threaded(handler: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """In a thread, since pages read files and databases."""

    async def threaded(request: Request) -> Response:
        return await run_in_threadpool(handler, request)

    return threaded


async def _form(request: Request) -> Form:
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > LARGEST_FORM:
            raise HTTPException(413, "The form is too large.")
    return parse_qs(content.decode("utf-8", "replace"), keep_blank_values=True)
