"""The pages: what there is to see. Nothing here changes anything, but for the two steps of connecting."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from itertools import islice
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from akeneo_erp_bridge.akeneo.apps import AppStart
from akeneo_erp_bridge.errors import BridgeError, SignInRefused
from erp_app import words
from erp_app.archive import KINDS
from erp_app.fields import groups
from erp_app.security import new_session, session_of
from erp_app.site import STREAM, Site
from erp_app.versions import versions
from erp_app.wanted import Progress

_MOST: Final = 200  # articles or cells on a page; the report has all of them
_LOOK: Final = 0.2  # seconds between two looks at the progress
_MOST_STARTS: Final = 100

_TYPES: Final = {"html": "text/html", "json": "application/json", "csv": "text/csv", "log": "application/jsonl"}


def routes(site: Site) -> list[Route]:
    """All pages."""
    connecting = _Connecting()
    return [
        site.open("/connect", connect),
        site.open("/activate", connecting.activate),
        site.open("/callback", connecting.callback),
        site.shown("/", home),
        site.shown("/progress", progress),
        site.shown("/choose", choose),
        site.shown("/not-imported", not_imported),
        site.shown("/decide", decide),
        site.shown("/history", history),
        site.shown("/history/{run_id}", log),
        site.shown("/download/{run_id}.{kind}", download),
    ]


# ---- connecting ----
class _Connecting:
    """What was begun for each session, and waits for the browser to come back."""

    def __init__(self) -> None:
        self._starts: dict[str, AppStart] = {}

    def activate(self, site: Site, request: Request) -> Response:
        """The activation URL: the PIM opens it, and so does the button."""
        start = site.connection.start(request.query_params.get("pim_url", site.connection.pim_url))
        for old in list(self._starts)[: max(0, len(self._starts) - _MOST_STARTS)]:
            self._starts.pop(old, None)  # anybody may begin, and never come back
        self._starts[session_of(request).id] = start
        return RedirectResponse(start.url, 303)

    def callback(self, site: Site, request: Request) -> Response:
        """The callback URL: who comes back with a good code is a user of the PIM, and signed in."""
        start = self._starts.pop(session_of(request).id, None)
        if start is None:
            raise SignInRefused("this browser did not begin to connect, or the program has started anew", status=400)
        site.connection.finish(start, request.query_params)
        answer = RedirectResponse("/?said=connected", 303)
        # another session than the guest's, which somebody may have put into this browser
        answer.headers["set-cookie"] = site.keeper.cookie(new_session(is_signed_in=True))
        return answer


def connect(site: Site, request: Request) -> Response:
    """The only page for strangers, and the one that tells about the connection."""
    grant = site.connection.grant() if session_of(request).is_signed_in else None
    return site.page(request, "connect", grant=grant)


# ---- importing ----
def home(site: Site, request: Request) -> Response:
    """What runs, what ran last, and the buttons."""
    return home_page(site, request, {}, {})


def home_page(site: Site, request: Request, errors: Mapping[str, str], given: Mapping[str, str]) -> Response:
    """The same, with what was *given* in a form, and what was wrong with it."""
    last = next(iter(site.state.runs(STREAM)), None)
    try:
        categories, trouble = site.erp.categories(), ""
    except BridgeError as error:
        categories, trouble = [], str(error)
    return site.page(
        request,
        "home",
        422 if errors else 200,
        last=words.told(last) if last is not None else None,
        trouble=words.failure(site.jobs.progress.trouble),
        next=site.rota.next(),
        categories=categories,
        erp_trouble=trouble,
        errors=errors,
        given={"keys": "", "category": "", **given},
    )


def progress(site: Site, request: Request) -> Response:
    """Each change of the progress, as an event of the server's."""

    async def events() -> AsyncIterator[str]:
        number = -1
        while True:
            now = site.jobs.progress
            if now.number != number:
                number = now.number
                yield f"data: {json.dumps(as_json(now))}\n\n"
            if now.wanted is None:
                return
            await asyncio.sleep(_LOOK)

    return StreamingResponse(events(), media_type="text/event-stream")


def as_json(now: Progress) -> dict[str, str | int | bool | None]:
    """The progress for the script of the page."""
    so_far = now.so_far
    numbers = ("read", "created", "updated", "unchanged", "held", "parked")
    counts = {name: int(getattr(so_far, name)) if so_far is not None else 0 for name in numbers}
    return {"runs": now.wanted is not None, "stopping": now.is_stopping, "total": now.total, **counts}


def choose(site: Site, request: Request) -> Response:
    """What to import, and how often."""
    choices = site.choices.load()
    return site.page(
        request, "choose", groups=groups(site.config.pictures), choices=choices, errors={}, misfits=None, problem=""
    )


# ---- what is left to do ----
def not_imported(site: Site, request: Request) -> Response:
    """Articles that could not be imported, by reason."""
    found = words.causes(islice(site.state.parked(STREAM), _MOST))
    last = next(iter(site.state.runs(STREAM)), None)
    return site.page(request, "not_imported", causes=found, most=_MOST, last=last)


def decide(site: Site, request: Request) -> Response:
    """Cells with two versions."""
    found = [versions(one) for one in islice(site.state.held(STREAM), _MOST)]
    return site.page(request, "decide", cells=found, most=_MOST)


# ---- what has been ----
def history(site: Site, request: Request) -> Response:
    """The last runs."""
    runs = [words.told(one) for one in islice(site.state.runs(STREAM), 50)]
    files = {run.run_id: [kind for kind in KINDS if site.jobs.archive.path(run.run_id, kind)] for run in runs}
    return site.page(request, "history", runs=runs, files=files)


def log(site: Site, request: Request) -> Response:
    """The log of a run."""
    run_id = request.path_params["run_id"]
    if site.jobs.archive.path(run_id, "log") is None:
        raise HTTPException(404, "There is no log of this import any more.")
    lines = [words.line(one, site.config.zone) for one in site.jobs.archive.log(run_id)]
    record = next((one for one in site.state.runs(STREAM) if one.run_id == run_id), None)
    run = words.told(record) if record is not None else None
    return site.page(request, "log", lines=lines, run=run, run_id=run_id)


def download(site: Site, request: Request) -> Response:
    """A file of a run."""
    run_id, kind = request.path_params["run_id"], request.path_params["kind"]
    wanted = next((one for one in KINDS if one == kind), None)
    path = site.jobs.archive.path(run_id, wanted) if wanted is not None else None
    if wanted is None or path is None:
        raise HTTPException(404, "There is no such file of this import any more.")
    return FileResponse(path, media_type=_TYPES[wanted], filename=f"import-{run_id[:8]}.{wanted}")
