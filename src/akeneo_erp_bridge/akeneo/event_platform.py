"""Subscriptions to the PIM's events: who is told of what, and where. Cloud PIMs.

::

    with EventPlatform("https://pim.example.com", auth) as platform:
        shop = platform.create_subscriber("Web shop", technical_email="it@example.com")
        platform.subscribe(
            shop.id,
            events=["com.akeneo.pim.v1.product.updated"],
            to=Https(url="https://shop.example.com/events", secrets=[SECRET]),
            where='not user_type="api"',
        )

A subscription begins some minutes after it is made. `akeneo.events` reads what it brings. The platform is a host of
Akeneo's own beside the PIM, which is shown the connection's token: no other host of yours ever is.

The platform keeps logs of what was done and what failed for 30 days. They are not offered here: Akeneo's page on them tells
what an entry holds, and leaves the filters and the shape of the pages to a document of its own, which nobody has checked yet.

Source: Akeneo's documentation of the Event Platform; the routes that list, change and pause are shown by clients alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.akeneo import _event_calls as calls
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._auth import AppAuth, Auth
from akeneo_erp_bridge.akeneo._event_calls import (
    Asked,
    Destination,
    Https,
    Kafka,
    PubSub,
    Subscriber,
    Subscription,
    client_id_of,
    platform_url,
    refreshed,
)
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._tokens import TokenStore
from akeneo_erp_bridge.catalog import JsonValue

__all__ = [
    "AsyncEventPlatform",
    "Destination",
    "EventPlatform",
    "Https",
    "Kafka",
    "PubSub",
    "Subscriber",
    "Subscription",
]

T = TypeVar("T")
_PLATFORM: Final = "https://event.prd.sdk.akeneo.cloud"
_NOBODY: Final = AppAuth(access_token="in a header of its own")  # noqa: S106 - the calls here are not signed
_NO_CONTACT: Final[Mapping[str, JsonValue]] = {}


class EventPlatform:
    """The subscriptions of one PIM. All methods raise the errors of `akeneo_erp_bridge.errors.PimError`.

    *client_id* is needed with an App's token alone. *url* is the platform's; Akeneo has one for all.

    >>> from akeneo_erp_bridge.akeneo import PasswordAuth
    >>> def answer(request: httpx.Request) -> httpx.Response:
    ...     if request.url.path == "/api/oauth/v1/token":
    ...         return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
    ...     return httpx.Response(200, json=[{"id": "018e", "name": "Web shop", "status": "active"}])
    >>> auth = PasswordAuth(client_id="1_abc", secret="s", username="erp", password="p")
    >>> with EventPlatform("https://pim.example.com", auth, transport=httpx.MockTransport(answer)) as platform:
    ...     print([subscriber.name for subscriber in platform.subscribers()])
    ['Web shop']
    """

    def __init__(
        self,
        pim_url: str,
        auth: Auth,
        *,
        client_id: str | None = None,
        url: str = _PLATFORM,
        options: Options | None = None,
        transport: httpx.BaseTransport | None = None,
        tokens: TokenStore | None = None,
    ) -> None:
        self._options = Options() if options is None else options
        self._client_id = client_id_of(auth, client_id)
        self._pim = Session(pim_url, auth, self._options, transport=transport, tokens=tokens)
        self._platform = Session(platform_url(url), _NOBODY, self._options, transport=transport)

    def _ask(self, asked: Asked[T]) -> T:
        keeper, policy = self._pim.keeper, self._options.retry
        self._pim.run(refreshed(keeper, None, policy), self._options)
        shown = keeper.authorization()
        answer = self._platform.run(asked.signed(self._pim.url, self._client_id, keeper, policy), self._options)
        if answer.status == 401 and keeper.renewable:
            self._pim.run(refreshed(keeper, shown, policy), self._options)
            answer = self._platform.run(asked.signed(self._pim.url, self._client_id, keeper, policy), self._options)
        if asked.otherwise is not None and asked.is_untold(answer):
            return self._ask(asked.otherwise)
        return asked.result(answer)

    def subscribers(self) -> tuple[Subscriber, ...]:
        """Return this connection's subscribers."""
        return self._ask(calls.list_subscribers())

    def create_subscriber(
        self, name: str, *, technical_email: str, contact: Mapping[str, JsonValue] = _NO_CONTACT
    ) -> Subscriber:
        """Make a subscriber, at most 20 a PIM; never repeated blindly.

        *contact* may hold `notification_channels`, `notification_webhook_url` and `notification_webhook_secret`.
        """
        return self._ask(calls.create_subscriber(name, technical_email, contact))

    def subscriber(self, subscriber: str) -> Subscriber:
        """Return one subscriber by its id."""
        return self._ask(calls.get_subscriber(subscriber))

    def update_subscriber(
        self,
        subscriber: str,
        *,
        name: str | UnsetType = UNSET,
        contact: Mapping[str, JsonValue] | UnsetType = UNSET,
    ) -> Subscriber:
        """Change a subscriber; what is not named stays."""
        return self._ask(calls.update_subscriber(subscriber, name, contact))

    def delete_subscriber(self, subscriber: str) -> bool:
        """Delete a subscriber, for good; return whether it was there."""
        return self._ask(calls.delete_subscriber(subscriber))

    def subscriptions(self, subscriber: str) -> tuple[Subscription, ...]:
        """Return the subscriptions of a subscriber."""
        return self._ask(calls.list_subscriptions(subscriber))

    def subscribe(
        self,
        subscriber: str,
        *,
        events: Sequence[str],
        to: Destination,
        where: str | None = None,
        send_product_identifier: bool = False,
    ) -> Subscription:
        """Subscribe to events, such as `com.akeneo.pim.v1.product.updated`; at most 20 times a subscriber.

        *where* is the platform's filter: 500 characters, 10 operators. Never repeated blindly. Raises `ConfigurationError`
        for a destination without a secret.
        """
        asked = calls.subscribe(subscriber, self._pim.url, events, to, where, with_identifier=send_product_identifier)
        return self._ask(asked)

    def subscription(self, subscriber: str, subscription: str) -> Subscription:
        """Return one subscription by its id; look at its `status` from time to time."""
        return self._ask(calls.get_subscription(subscriber, subscription))

    def update_subscription(
        self,
        subscriber: str,
        subscription: str,
        *,
        events: Sequence[str] | UnsetType = UNSET,
        to: Destination | UnsetType = UNSET,
        where: str | UnsetType | None = UNSET,
    ) -> Subscription:
        """Change a subscription; what is not named stays."""
        return self._ask(calls.update_subscription(subscriber, subscription, events, to, where))

    def unsubscribe(self, subscriber: str, subscription: str) -> bool:
        """Delete a subscription, for good; return whether it was there."""
        return self._ask(calls.unsubscribe(subscriber, subscription))

    def suspend(self, subscriber: str, subscription: str) -> None:
        """Pause a subscription; what happens meanwhile is lost."""
        return self._ask(calls.pause(subscriber, subscription, "suspend"))

    def resume(self, subscriber: str, subscription: str) -> None:
        """Go on with a subscription; then look in the PIM for what changed meanwhile."""
        return self._ask(calls.pause(subscriber, subscription, "resume"))

    def close(self) -> None:
        """Close the connections."""
        self._pim.close()
        self._platform.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<EventPlatform of {self._pim.url}>"


class AsyncEventPlatform:
    """The subscriptions of one PIM, for programs that await; see `EventPlatform`.

    >>> import asyncio
    >>> def answer(request: httpx.Request) -> httpx.Response:
    ...     return httpx.Response(200, json=[{"id": "019f", "status": "active"}])
    >>> async def main() -> None:
    ...     auth, transport = AppAuth(access_token="t"), httpx.MockTransport(answer)
    ...     async with AsyncEventPlatform("https://pim.example.com", auth, client_id="abc", transport=transport) as platform:
    ...         print([subscription.status for subscription in await platform.subscriptions("018e")])
    >>> asyncio.run(main())
    ['active']
    """

    def __init__(
        self,
        pim_url: str,
        auth: Auth,
        *,
        client_id: str | None = None,
        url: str = _PLATFORM,
        options: Options | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        tokens: TokenStore | None = None,
    ) -> None:
        self._options = Options() if options is None else options
        self._client_id = client_id_of(auth, client_id)
        self._pim = AsyncSession(pim_url, auth, self._options, transport=transport, tokens=tokens)
        self._platform = AsyncSession(platform_url(url), _NOBODY, self._options, transport=transport)

    async def _ask(self, asked: Asked[T]) -> T:
        keeper, policy = self._pim.keeper, self._options.retry
        await self._pim.run(refreshed(keeper, None, policy), self._options)
        shown = keeper.authorization()
        answer = await self._platform.run(asked.signed(self._pim.url, self._client_id, keeper, policy), self._options)
        if answer.status == 401 and keeper.renewable:
            await self._pim.run(refreshed(keeper, shown, policy), self._options)
            answer = await self._platform.run(
                asked.signed(self._pim.url, self._client_id, keeper, policy), self._options
            )
        if asked.otherwise is not None and asked.is_untold(answer):
            return await self._ask(asked.otherwise)
        return asked.result(answer)

    async def subscribers(self) -> tuple[Subscriber, ...]:
        """Return this connection's subscribers."""
        return await self._ask(calls.list_subscribers())

    async def create_subscriber(
        self, name: str, *, technical_email: str, contact: Mapping[str, JsonValue] = _NO_CONTACT
    ) -> Subscriber:
        """Make a subscriber; see `EventPlatform.create_subscriber`."""
        return await self._ask(calls.create_subscriber(name, technical_email, contact))

    async def subscriber(self, subscriber: str) -> Subscriber:
        """Return one subscriber by its id."""
        return await self._ask(calls.get_subscriber(subscriber))

    async def update_subscriber(
        self,
        subscriber: str,
        *,
        name: str | UnsetType = UNSET,
        contact: Mapping[str, JsonValue] | UnsetType = UNSET,
    ) -> Subscriber:
        """Change a subscriber; what is not named stays."""
        return await self._ask(calls.update_subscriber(subscriber, name, contact))

    async def delete_subscriber(self, subscriber: str) -> bool:
        """Delete a subscriber, for good; return whether it was there."""
        return await self._ask(calls.delete_subscriber(subscriber))

    async def subscriptions(self, subscriber: str) -> tuple[Subscription, ...]:
        """Return the subscriptions of a subscriber."""
        return await self._ask(calls.list_subscriptions(subscriber))

    async def subscribe(
        self,
        subscriber: str,
        *,
        events: Sequence[str],
        to: Destination,
        where: str | None = None,
        send_product_identifier: bool = False,
    ) -> Subscription:
        """Subscribe to events; see `EventPlatform.subscribe`."""
        asked = calls.subscribe(subscriber, self._pim.url, events, to, where, with_identifier=send_product_identifier)
        return await self._ask(asked)

    async def subscription(self, subscriber: str, subscription: str) -> Subscription:
        """Return one subscription by its id; look at its `status` from time to time."""
        return await self._ask(calls.get_subscription(subscriber, subscription))

    async def update_subscription(
        self,
        subscriber: str,
        subscription: str,
        *,
        events: Sequence[str] | UnsetType = UNSET,
        to: Destination | UnsetType = UNSET,
        where: str | UnsetType | None = UNSET,
    ) -> Subscription:
        """Change a subscription; what is not named stays."""
        return await self._ask(calls.update_subscription(subscriber, subscription, events, to, where))

    async def unsubscribe(self, subscriber: str, subscription: str) -> bool:
        """Delete a subscription, for good; return whether it was there."""
        return await self._ask(calls.unsubscribe(subscriber, subscription))

    async def suspend(self, subscriber: str, subscription: str) -> None:
        """Pause a subscription; what happens meanwhile is lost."""
        return await self._ask(calls.pause(subscriber, subscription, "suspend"))

    async def resume(self, subscriber: str, subscription: str) -> None:
        """Go on with a subscription; then look in the PIM for what changed meanwhile."""
        return await self._ask(calls.pause(subscriber, subscription, "resume"))

    async def close(self) -> None:
        """Close the connections."""
        await self._pim.close()
        await self._platform.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncEventPlatform of {self._pim.url}>"
