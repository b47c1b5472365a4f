"""The App, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.sync import SqliteState
from erp_app import actions, connecting, pages, words
from erp_app.config import Config
from erp_app.connection import Connection
from erp_app.erp import Erp
from erp_app.jobs import Busy, Jobs
from erp_app.rota import Rota
from erp_app.security import Guard, Keeper
from erp_app.settings import ChoicesFile
from erp_app.site import HERE, Others, Site, environment

LOOK: Final = timedelta(seconds=5)
"""How often the App looks whether something is due."""


def build(config: Config, *, others: Others | None = None, look: timedelta = LOOK) -> ASGIApp:
    """The ASGI application. Raises `BridgeError` where a file of its folder cannot be used."""
    config.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection, erp = Connection(config), Erp(config.erp)
    choices, state = ChoicesFile(config.folder / "choices.json"), SqliteState(config.folder / "bridge.db")
    jobs = Jobs(config, connection, erp, choices, state)
    site = Site(
        config=config,
        connection=connection,
        choices=choices,
        erp=erp,
        state=state,
        jobs=jobs,
        rota=Rota(config, connection, choices, jobs, look=look),
        keeper=Keeper(config.folder / "session.key", is_secure=config.own_url.startswith("https://")),
        others=others,
        pages=environment(config),
    )
    failed = _Failed(site)
    app = Starlette(
        routes=[
            *connecting.routes(site),
            *pages.routes(site),
            *actions.routes(site),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        # a page of a stranger that calls this address by a name of its own is turned away
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=[urlsplit(config.own_url).hostname or "localhost"])
        ],
        exception_handlers={HTTPException: failed, BridgeError: failed, Exception: failed},
        lifespan=lambda _: _life(site),
    )
    return Guard(app, site.keeper)


@asynccontextmanager
async def _life(site: Site) -> AsyncIterator[None]:
    """From the start, which goes on with what a killed process left, to the end, which leaves nothing half done."""
    site.jobs.resume()
    site.rota.start()
    try:
        yield
    finally:
        await run_in_threadpool(site.jobs.close)
        await run_in_threadpool(site.rota.close)
        site.state.close()


class _Failed:
    """A page that says what went wrong."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __call__(self, request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return self._site.page(request, "failed", error.status_code, text=error.detail)
        if isinstance(error, Busy):
            return self._site.page(request, "failed", 409, text=f"Not now: {error}.")
        if isinstance(error, BridgeError):
            return self._site.page(request, "failed", 400, text=words.failure(f"{type(error).__name__}: {error}"))
        # what it says may be anything, also a password; the log of the program has it
        return self._site.page(request, "failed", 500, text="The program has a defect; its log tells where.")
