"""The pages: what there is to see. Nothing here changes anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from heapq import merge
from itertools import islice
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.rules import Owner
from akeneo_erp_bridge.sync import RunRecord
from erp_app import reasons, words
from erp_app.archive import KINDS
from erp_app.fields import groups, in_words
from erp_app.settings import Choices
from erp_app.site import Site
from erp_app.versions import Versions, versions
from erp_app.wanted import BACK, IMPORTED, SENT, STREAMS, Progress

_MOST: Final = 200  # articles or cells on a page; the report has all of them
_RUNS: Final = 50
_LOOK: Final = 0.2  # seconds between two looks at the progress

_TYPES: Final = {"html": "text/html", "json": "application/json", "csv": "text/csv", "log": "application/jsonl"}


def routes(site: Site) -> list[Route]:
    """All pages but those of connecting."""
    return [
        site.shown("/", home),
        site.shown("/progress", progress),
        site.shown("/choose", choose),
        site.shown("/not-imported", not_imported),
        site.shown("/not-sent", not_sent),
        site.shown("/decide", decide),
        site.shown("/history", history),
        site.shown("/history/{run_id}", log),
        site.shown("/download/{run_id}.{kind}", download),
    ]


# ---- both directions ----
def home(site: Site, request: Request) -> Response:
    """What runs, what ran last, what comes next, and the buttons."""
    return home_page(site, request, {}, {})


def home_page(site: Site, request: Request, errors: Mapping[str, str], given: Mapping[str, str]) -> Response:
    """The same, with what was *given* in a form, and what was wrong with it."""
    try:
        categories, erp_trouble = site.erp.categories(), ""
    except BridgeError as error:
        categories, erp_trouble = [], str(error)
    last = {stream: words.told(run) for stream in STREAMS if (run := _last(site, stream)) is not None}
    now = site.jobs.progress
    return site.page(
        request,
        "home",
        422 if errors else 200,
        last=last.get(IMPORTED),
        sent=last.get(SENT),
        back=last.get(BACK),
        step=_step(now),
        facts=words.FACTS[_step(now)],
        steps=words.STEPS,
        trouble={now.failed: words.failure(now.trouble)} if now.failed else {},
        next={"import": site.rota.next("import"), "send": site.rota.next("send")},
        categories=categories,
        erp_trouble=erp_trouble,
        errors=errors,
        given={"keys": "", "category": "", "numbers": "", **given},
        **_both_ways(),
    )


def _both_ways() -> dict[str, list[str]]:
    return {"goes_out": in_words(Owner.PIM), "comes_back": in_words(Owner.ERP)}


def _last(site: Site, stream: str) -> RunRecord | None:
    return next(iter(site.state.runs(stream)), None)


def _step(now: Progress) -> str:
    """On which way the run is."""
    if now.so_far is not None:
        return now.so_far.stream
    return SENT if now.wanted is not None and now.wanted.direction == "send" else IMPORTED


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


def as_json(now: Progress) -> dict[str, str | int | bool | dict[str, int] | None]:
    """The progress for the script of the page."""
    step, so_far = _step(now), now.so_far
    counts = {name: int(getattr(so_far, name)) if so_far is not None else 0 for name, _ in words.FACTS[step]}
    return {
        "runs": now.wanted is not None,
        "stopping": now.is_stopping,
        "total": now.total if step != BACK else None,
        "step": step,
        "counts": counts,
    }


def choose(site: Site, request: Request) -> Response:
    """What to import and to send, and how often."""
    return choose_page(site, request, site.choices.load(), {})


def choose_page(
    site: Site,
    request: Request,
    choices: Choices,
    errors: Mapping[str, str],
    misfits: list[str] | None = None,
    problem: str = "",
) -> Response:
    """The same, with what came of a form: what was wrong with it, or what the PIM has no place for."""
    return site.page(
        request,
        "choose",
        422 if errors else 200,
        groups=groups(site.config.pictures),
        choices=choices,
        errors=errors,
        misfits=misfits,
        problem=problem,
        **_both_ways(),
    )


# ---- what is left to do ----
def not_imported(site: Site, request: Request) -> Response:
    """Articles that could not be imported, by reason."""
    found = reasons.causes(islice(site.state.parked(IMPORTED), _MOST))
    return site.page(request, "not_imported", causes=found, most=_MOST, last=_last(site, IMPORTED))


def not_sent(site: Site, request: Request) -> Response:
    """Products that the ERP did not take, and what of its articles cannot come back."""
    out = list(islice(site.state.parked(SENT), _MOST))
    numbers = _numbers(site, [item.key for item in out])
    back = reasons.causes(islice(site.state.parked(BACK), _MOST))
    found = reasons.unsent(out, numbers)
    return site.page(request, "not_sent", causes=found, back=back, most=_MOST, last=_last(site, SENT))


def _numbers(site: Site, products: list[ErpKey]) -> dict[str, str]:
    """Of products that the ERP has, the numbers that it has for them."""
    return {str(key): entry.ref for key, entry in site.state.entries(SENT, products).items() if entry.ref}


def decide(site: Site, request: Request) -> Response:
    """Cells with two versions, of all ways."""
    found: list[Versions] = []
    for stream in STREAMS:
        held = list(islice(site.state.held(stream), _MOST - len(found)))
        numbers = _numbers(site, [one.key for one in held]) if stream == SENT else {}
        found += [versions(one, stream, numbers.get(str(one.key), "")) for one in held]
    return site.page(request, "decide", cells=found, most=_MOST)


# ---- what has been ----
def history(site: Site, request: Request) -> Response:
    """The last runs of all ways."""
    each = [site.state.runs(stream) for stream in STREAMS]
    newest = islice(merge(*each, key=lambda run: run.started, reverse=True), _RUNS)
    runs = [words.told(one) for one in newest]
    files = {run.run_id: [kind for kind in KINDS if site.jobs.archive.path(run.run_id, kind)] for run in runs}
    return site.page(request, "history", runs=runs, files=files)


def log(site: Site, request: Request) -> Response:
    """The log of a run."""
    run_id = request.path_params["run_id"]
    if site.jobs.archive.path(run_id, "log") is None:
        raise HTTPException(404, "There is no log of this run any more.")
    lines = [words.line(one, site.config.zone) for one in site.jobs.archive.log(run_id)]
    record = next((one for stream in STREAMS for one in site.state.runs(stream) if one.run_id == run_id), None)
    run = words.told(record) if record is not None else None
    return site.page(request, "log", lines=lines, run=run, run_id=run_id)


def download(site: Site, request: Request) -> Response:
    """A file of a run."""
    run_id, kind = request.path_params["run_id"], request.path_params["kind"]
    wanted = next((one for one in KINDS if one == kind), None)
    path = site.jobs.archive.path(run_id, wanted) if wanted is not None else None
    if wanted is None or path is None:
        raise HTTPException(404, "There is no such file of this run any more.")
    return FileResponse(path, media_type=_TYPES[wanted], filename=f"run-{run_id[:8]}.{wanted}")
