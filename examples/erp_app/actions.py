"""What the forms do. Each is answered by a page to look at, so that a reload sends nothing again."""

from __future__ import annotations

import re
from typing import Final, Literal
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from akeneo_erp_bridge.errors import BridgeError, StateError
from akeneo_erp_bridge.sync import resolve
from erp_app import words
from erp_app.fields import groups
from erp_app.pages import home_page
from erp_app.security import new_session
from erp_app.settings import chosen
from erp_app.site import STREAM, Form, Site, see
from erp_app.wanted import Wanted

_MOST_KEYS: Final = 1_000


def routes(site: Site) -> list[Route]:
    """All forms."""
    found = [
        site.done("/import", start),
        site.done("/import/part", start_part),
        site.done("/stop", stop),
        site.done("/choose", choose),
        site.done("/decide", decide),
        site.done("/retry", retry),
        site.done("/disconnect", disconnect),
    ]
    return [*found, site.done("/demo", demo)] if site.others is not None else found


def start(site: Site, request: Request, form: Form) -> Response:
    """Import what is new, or everything."""
    site.jobs.start(Wanted("full" if _one(form, "kind") == "full" else "new"))
    return see("/", "started")


def start_part(site: Site, request: Request, form: Form) -> Response:
    """Import some articles, by number or by category."""
    given = {"keys": _one(form, "keys"), "category": _one(form, "category")}
    errors: dict[str, str] = {}
    keys: tuple[str, ...] = ()
    if _one(form, "by") == "category":
        if given["category"] not in {code for code, _ in site.erp.categories()}:
            errors["category"] = "Choose a category."
    else:
        keys = tuple(dict.fromkeys(one.strip() for one in re.split(r"[\r\n;]+", given["keys"]) if one.strip()))
        if not keys:
            errors["keys"] = "Give at least one article number."
        elif len(keys) > _MOST_KEYS:
            errors["keys"] = f"These are {len(keys)} numbers; {_MOST_KEYS} at most. Import everything instead."
    if errors:
        return home_page(site, request, errors, given)
    site.jobs.start(Wanted("part", keys, "" if keys else given["category"]))
    return see("/", "started")


def stop(site: Site, request: Request, form: Form) -> Response:
    """End the running import behind its next page."""
    site.jobs.stop()
    return see("/", "stopping")


def retry(site: Site, request: Request, form: Form) -> Response:
    """Try articles again that could not be imported: one, or all."""
    key = _key(form)
    site.jobs.start(Wanted("part", (key,)) if key else Wanted("again"))
    return see("/", "started")


def decide(site: Site, request: Request, form: Form) -> Response:
    """Take one of two versions."""
    taken: dict[str, Literal["erp", "pim"]] = {"erp": "erp", "pim": "pim"}
    take = taken.get(_one(form, "take"))
    if take is None:
        raise HTTPException(422, "Choose one of the two versions.")
    try:
        with site.jobs.between_runs() as state:
            resolve(state, _key(form), _one(form, "cell"), take=take, stream=STREAM)
    except StateError as error:
        raise HTTPException(409, f"That was decided already, or is over: {error}") from error
    return see("/decide", "taken" if take == "erp" else "kept")


def choose(site: Site, request: Request, form: Form) -> Response:
    """Keep the choices, and tell whether the PIM has a place for them."""
    known = groups(site.config.pictures)
    choices, errors = chosen(form, frozenset(one.code for one in known))
    misfits: list[str] | None = None
    problem = ""
    if not errors:
        before = site.choices.load()
        site.choices.save(choices)
        if (before.rhythm, before.at, before.minutes) != (choices.rhythm, choices.at, choices.minutes):
            site.rota.begin_anew()
        try:
            misfits = site.jobs.misfits()
        except BridgeError as error:
            problem = words.failure(f"{type(error).__name__}: {error}")
    status = 422 if errors else 200
    return site.page(
        request, "choose", status, groups=known, choices=choices, errors=errors, misfits=misfits, problem=problem
    )


def disconnect(site: Site, request: Request, form: Form) -> Response:
    """Delete the token, and sign out."""
    with site.jobs.between_runs():
        site.connection.forget()
    answer = see("/connect", "disconnected")
    answer.headers["set-cookie"] = site.keeper.cookie(new_session())
    return answer


def demo(site: Site, request: Request, form: Form) -> Response:
    """Play those who work in the PIM and in the ERP meanwhile."""
    if site.others is None:
        raise HTTPException(404, "There is no demonstration here.")
    if _one(form, "who") == "pim":
        return see("/", "edited" if site.others.edit_in_pim() else "nothing")
    return see("/", "renamed" if site.others.rename_in_erp() else "nothing")


def _key(form: Form) -> str:
    """An article number, which may hold what a field of a form would change on the way, such as a line break."""
    return unquote(form.get("key", [""])[0])


def _one(form: Form, name: str) -> str:
    return form.get(name, [""])[0].strip()
