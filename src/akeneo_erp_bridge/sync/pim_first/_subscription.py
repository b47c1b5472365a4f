"""What to do when the Event Platform has stopped telling: notice it, go on, and say what is missing."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.akeneo.event_platform import EventPlatform
from akeneo_erp_bridge.errors import ConfigurationError

_log: Final = logging.getLogger("akeneo_erp_bridge")

_FAILING: Final = timedelta(hours=1)
_ADVICE: Final = {
    "revoked": "the connection may no longer receive events; allow it again in the PIM, and subscribe anew",
    "deleted": "it is gone for good; subscribe anew",
}


@frozen(kw_only=True)
class SubscriptionCheck:
    """What a look at a subscription has found, and what was done.

    `before` is its status as it was found, `after` as it is now. `is_whole`: it was active, as far as a single look can
    tell. Where it was not, events are missing: `missing_since` is the moment from which to poll, `None` where nobody
    knows it. `at` is when it was looked at: keep that of the last one which found it active, for the next look.
    Source: see `check_subscription`.

    >>> at = datetime(2026, 8, 1, 9, tzinfo=UTC)
    >>> print(SubscriptionCheck(subscription="019f", before="active", after="active", at=at))
    subscription '019f' is active
    """

    subscription: str
    before: str
    after: str
    at: datetime
    missing_since: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it was found active."""
        return self.before == "active"

    def __str__(self) -> str:
        if self.is_whole:
            return f"subscription {self.subscription!r} is active"
        if self.before != "suspended":
            now = f"is {self.before!r}: {_ADVICE.get(self.before, 'ask Akeneo what that means')}"
        elif self.after == "active":
            now = "was suspended, and is active again"
        elif self.after == "suspended":
            now = "is suspended"
        else:
            now = f"was suspended, and is now {self.after!r}"
        since = (
            "nobody knows since when"
            if self.missing_since is None
            else f"since {self.missing_since:%Y-%m-%d %H:%M} UTC"
        )
        poll = "poll" if self.after == "active" else "poll now, and once more when it is active"
        return f"subscription {self.subscription!r} {now}; events are missing, {since}: {poll}"


def check_subscription(
    platform: EventPlatform,
    subscriber: str,
    subscription: str,
    *,
    active_at: datetime | None = None,
    resume: bool = True,
) -> SubscriptionCheck:
    """Look whether the platform still tells events; let it go on where it has suspended the subscription.

    What happens while a subscription is suspended is told never. Call it every few minutes, and poll the PIM where the
    check is not whole. *active_at* is when the subscription was last found active; the platform suspends it after an hour in
    which too much failed, so the events may be missing since an hour before that. Neither the platform nor this function
    knows of a pause that began and ended between two looks: poll from time to time in any case.

    With *resume* false nothing is changed; a subscription that a person has suspended looks the same as one that the platform
    has. What is found is logged where it is not whole. Raises `PimError` where the platform does not answer, or refuses.

    >>> import httpx
    >>> from akeneo_erp_bridge.akeneo import PasswordAuth
    >>> status = ["suspended"]
    >>> def answer(request: httpx.Request) -> httpx.Response:
    ...     if request.url.path == "/api/oauth/v1/token":
    ...         return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
    ...     if request.url.path.endswith("/resume"):
    ...         status[0] = "active"
    ...         return httpx.Response(204)
    ...     return httpx.Response(200, json={"id": "019f", "status": status[0]})
    >>> auth = PasswordAuth(client_id="1_abc", secret="s", username="erp", password="p")
    >>> with EventPlatform("https://pim.example.com", auth, transport=httpx.MockTransport(answer)) as platform:
    ...     found = check_subscription(platform, "018e", "019f", active_at=datetime(2026, 8, 1, 9, tzinfo=UTC))
    >>> print(found)
    subscription '019f' was suspended, and is active again; events are missing, since 2026-08-01 08:00 UTC: poll

    Source: Akeneo's documentation of the Event Platform, key concepts and HTTPS destinations.
    """
    if active_at is not None and active_at.tzinfo is None:
        raise ConfigurationError(f"active_at={active_at.isoformat()} has no time zone; give one, such as UTC")
    at = datetime.now(UTC)
    before = platform.subscription(subscriber, subscription).status or "unknown"
    after = before
    if before == "suspended" and resume:
        platform.resume(subscriber, subscription)
        after = platform.subscription(subscriber, subscription).status or "unknown"
    since = None if before == "active" or active_at is None else active_at.astimezone(UTC) - _FAILING
    found = SubscriptionCheck(subscription=subscription, before=before, after=after, at=at, missing_since=since)
    if not found.is_whole:
        _log.warning("%s", found)
    return found
