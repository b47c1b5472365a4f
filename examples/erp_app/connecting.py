"""The pages of connecting: the door for strangers, and the two steps through the PIM."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from akeneo_erp_bridge.akeneo.apps import AppStart
from akeneo_erp_bridge.errors import SignInRefused
from erp_app.security import new_session, session_of
from erp_app.site import Site

_MOST_STARTS: Final = 100


def routes(site: Site) -> list[Route]:
    """All that a stranger may see."""
    connecting = Connecting()
    return [
        site.open("/connect", connect),
        site.open("/activate", connecting.activate),
        site.open("/callback", connecting.callback),
    ]


class Connecting:
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
