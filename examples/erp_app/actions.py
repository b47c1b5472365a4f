"""What the forms do. Each is answered by a page to look at, so that a reload sends nothing again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from akeneo_erp_bridge.errors import BridgeError, StateError
from erp_app import words
from erp_app.fields import groups
from erp_app.pages import choose_page, home_page
from erp_app.security import new_session
from erp_app.sends import by_number
from erp_app.settings import chosen
from erp_app.site import Form, Site, see
from erp_app.wanted import BACK, DIRECTIONS, IMPORTED, SENT, STREAMS, Wanted

_MOST_KEYS: Final = 1_000


def routes(site: Site) -> list[Route]:
    """All forms."""
    found = [
        site.done("/import", start),
        site.done("/import/part", start_part),
        site.done("/send", send),
        site.done("/send/part", send_part),
        site.done("/send/retry", send_again),
        site.done("/stop", stop),
        site.done("/choose", choose),
        site.done("/decide", decide),
        site.done("/retry", retry),
        site.done("/disconnect", disconnect),
    ]
    return [*found, site.done("/demo", demo)] if site.others is not None else found


# ---- starting and stopping ----
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
        keys, wrong = _numbers(given["keys"], "Import everything instead.")
        errors |= {"keys": wrong} if wrong else {}
    if errors:
        return home_page(site, request, errors, given)
    site.jobs.start(Wanted("part", keys, "" if keys else given["category"]))
    return see("/", "started")


def retry(site: Site, request: Request, form: Form) -> Response:
    """Try articles again that could not be imported: one, or all."""
    key = _key(form)
    site.jobs.start(Wanted("part", (key,)) if key else Wanted("again"))
    return see("/", "started")


def send(site: Site, request: Request, form: Form) -> Response:
    """Send what is tagged, and bring back what the ERP added."""
    return _sent(site, Wanted("full" if _one(form, "kind") == "full" else "new", direction="send"))


def send_part(site: Site, request: Request, form: Form) -> Response:
    """Send some products, by number."""
    given = _one(form, "numbers")
    numbers, wrong = _numbers(given, "Tag them in the PIM instead.")
    uuids: dict[str, str] = {}
    if not wrong:
        with site.connection.client() as pim:
            uuids = by_number(pim, numbers)
        missing = [one for one in numbers if one not in uuids]
        wrong = f"The PIM has no product with the number {', '.join(missing[:5])}." if missing else ""
    if wrong:
        return home_page(site, request, {"numbers": wrong}, {"numbers": given})
    return _sent(site, Wanted("part", tuple(uuids.values()), direction="send"))


def send_again(site: Site, request: Request, form: Form) -> Response:
    """Send products again that could not be sent: one, or all."""
    key = _key(form)
    return _sent(site, Wanted("part", (key,), direction="send") if key else Wanted("again", direction="send"))


def _sent(site: Site, wanted: Wanted) -> Response:
    if not site.choices.load().sends:
        raise HTTPException(409, "Sending is switched off. Switch it on under What and when.")
    site.jobs.start(wanted)
    return see("/", "sending")


def _numbers(given: str, instead: str) -> tuple[tuple[str, ...], str]:
    """The numbers that somebody wrote below each other, and what is wrong with them."""
    found = tuple(dict.fromkeys(one.strip() for one in re.split(r"[\r\n;]+", given) if one.strip()))
    if not found:
        return found, "Give at least one article number."
    if len(found) > _MOST_KEYS:
        return found, f"These are {len(found)} numbers; {_MOST_KEYS} at most. {instead}"
    return found, ""


def stop(site: Site, request: Request, form: Form) -> Response:
    """End what runs behind its next page."""
    site.jobs.stop()
    return see("/", "stopping")


# ---- deciding and choosing ----
_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    IMPORTED: {"erp": "taken", "pim": "kept"},
    SENT: {"erp": "left", "pim": "given"},
    BACK: {"erp": "coming", "pim": "kept"},
}


def decide(site: Site, request: Request, form: Form) -> Response:
    """Take one of two versions."""
    taken: dict[str, Literal["erp", "pim"]] = {"erp": "erp", "pim": "pim"}
    take, stream = taken.get(_one(form, "take")), _one(form, "stream") or IMPORTED
    if take is None or stream not in STREAMS:
        raise HTTPException(422, "Choose one of the two versions.")
    try:
        site.jobs.decide(stream, _key(form), _one(form, "cell"), take)
    except StateError as error:
        raise HTTPException(409, f"That was decided already, or is over: {error}") from error
    return see("/decide", _SAID[stream][take])


def choose(site: Site, request: Request, form: Form) -> Response:
    """Keep the choices, and tell whether the PIM has a place for them."""
    choices, errors = chosen(form, frozenset(one.code for one in groups(site.config.pictures)))
    if errors:
        return choose_page(site, request, choices, errors)
    before = site.choices.load()
    site.choices.save(choices)
    for direction in DIRECTIONS:
        if before.timing(direction) != choices.timing(direction):
            site.rota.begin_anew(direction)
    try:
        return choose_page(site, request, choices, {}, site.jobs.misfits())
    except BridgeError as error:
        return choose_page(site, request, choices, {}, problem=words.failure(f"{type(error).__name__}: {error}"))


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
    who = _one(form, "who")
    if who == "pim":
        return see("/", "edited" if site.others.edit_in_pim() else "nothing")
    if who == "new":
        return see("/", "created" if site.others.create_in_pim() else "nothing")
    if who == "weigh":
        return see("/", "weighed" if site.others.weigh_in_erp() else "unweighed")
    return see("/", "renamed" if site.others.rename_in_erp() else "nothing")


def _key(form: Form) -> str:
    """An article number, which may hold what a field of a form would change on the way, such as a line break."""
    return unquote(form.get("key", [""])[0])


def _one(form: Form, name: str) -> str:
    return form.get(name, [""])[0].strip()
