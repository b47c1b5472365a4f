"""The Event Platform's management API as values: destinations, what it tells, and each call with its reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic, TypeAlias, TypeVar

from attrs import evolve, field, frozen

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.akeneo._auth import PasswordAuth, TokenKeeper, token_of
from akeneo_erp_bridge.akeneo._calls import every, one
from akeneo_erp_bridge.akeneo._errors import problem_of, read_body, was_there
from akeneo_erp_bridge.akeneo._flow import Alone, Answer, Call, Flow, exchange
from akeneo_erp_bridge.akeneo._json import dumps
from akeneo_erp_bridge.akeneo._kinds import address
from akeneo_erp_bridge.akeneo._retry import RetryPolicy
from akeneo_erp_bridge.catalog import Entity, JsonObject, JsonValue
from akeneo_erp_bridge.errors import ConfigurationError, UnexpectedAnswer

__all__ = [
    "Asked",
    "Destination",
    "Https",
    "Kafka",
    "PubSub",
    "Subscriber",
    "Subscription",
    "client_id_of",
    "create_subscriber",
    "delete_subscriber",
    "get_subscriber",
    "get_subscription",
    "list_subscribers",
    "list_subscriptions",
    "pause",
    "platform_url",
    "refreshed",
    "subscribe",
    "unsubscribe",
    "update_subscriber",
    "update_subscription",
]

T = TypeVar("T")
_SUBSCRIBERS: Final = "/api/v1/subscribers"


@frozen(kw_only=True)
class Https:
    """Events come by POST to an address that answers 200 within 5 seconds, and never redirects.

    *secrets* sign them: one, or two while one replaces the other. *headers*, at most five, are not signed.

    >>> Https(url="https://shop.example.com/events", secrets=["new", "old"]).config()
    {'url': 'https://shop.example.com/events', 'secret': {'primary': 'new', 'secondary': 'old'}}
    """

    url: str
    secrets: Sequence[str] = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)

    def config(self) -> JsonObject:
        """What the platform is told."""
        if not 1 <= len(self.secrets) <= 2 or not all(self.secrets):
            raise ConfigurationError(
                "give one secret, or two while one replaces the other; without one anybody tells events"
            )
        secret: JsonObject = dict(zip(("primary", "secondary"), self.secrets, strict=False))
        return {"url": self.url, "secret": secret, **({"headers": dict(self.headers)} if self.headers else {})}


@frozen(kw_only=True)
class PubSub:
    """Events go to a topic of Google Cloud Pub/Sub, to which Akeneo's delivery account may publish.

    >>> PubSub(project_id="shop", topic_id="pim-events").config()
    {'project_id': 'shop', 'topic_id': 'pim-events'}
    """

    project_id: str
    topic_id: str

    def config(self) -> JsonObject:
        """What the platform is told."""
        return {"project_id": self.project_id, "topic_id": self.topic_id}


@frozen(kw_only=True)
class Kafka:
    """Events go to a topic of Apache Kafka; *sasl_auth* and *tls* are the platform's own objects.

    >>> Kafka(broker="kafka.example.com:9092", topic="pim", sasl_auth={"mechanism": "plain"})
    Kafka(broker='kafka.example.com:9092', topic='pim')
    """

    broker: str
    topic: str
    sasl_auth: Mapping[str, JsonValue] = field(repr=False)
    tls: Mapping[str, JsonValue] = field(factory=dict[str, JsonValue], repr=False)

    def config(self) -> JsonObject:
        """What the platform is told."""
        tls: JsonObject = {"tls": dict(self.tls)} if self.tls else {}
        return {"broker": self.broker, "topic": self.topic, "sasl_auth": dict(self.sasl_auth), **tls}


Destination: TypeAlias = Https | PubSub | Kafka
_TYPES: Final[Mapping[type[Destination], str]] = {Https: "https", PubSub: "pubsub", Kafka: "kafka"}


@frozen(kw_only=True)
class Subscriber(Entity):
    """Who is told of events, and where to write when something is wrong. `status` is `active` or `deleted`.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> decode(Subscriber, {"id": "018e", "name": "Web shop", "status": "active"}).status
    'active'
    """

    id: str
    name: str | None = None
    subject: str | None = None
    status: str | None = None
    contact: Mapping[str, object] = field(factory=dict[str, object], repr=False)  # personal


@frozen(kw_only=True)
class Subscription(Entity):
    """Which events go where. `status` is `active`, `suspended`, `revoked` or `deleted`; what is suspended is lost.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> lost = decode(Subscription, {"id": "019f", "status": "suspended", "events": ["com.akeneo.pim.v1.product.updated"]})
    >>> lost.status, lost.events
    ('suspended', ('com.akeneo.pim.v1.product.updated',))
    """

    id: str
    type: str | None = None
    status: str | None = None
    subject: str | None = None
    events: tuple[str, ...] = ()
    filter: str | None = None
    send_product_identifier: bool = False
    config: Mapping[str, object] = field(factory=dict[str, object], repr=False)


@frozen
class Asked(Generic[T]):
    """One call to the platform, and how its answer is read."""

    call: Call
    read: Callable[[JsonValue], T]
    otherwise: Asked[T] | None = None
    """What to ask where the answer tells nothing."""

    def signed(self, pim_url: str, client_id: str, keeper: TokenKeeper, policy: RetryPolicy) -> Flow[Answer]:
        """Send it with the headers that the platform knows a PIM's connection by."""
        headers = {"X-PIM-URL": pim_url, "X-PIM-CLIENT-ID": client_id, "X-PIM-TOKEN": token_of(keeper)}
        return exchange(evolve(self.call, headers={**self.call.headers, **headers}), None, policy)

    def is_untold(self, answer: Answer) -> bool:
        """Whether it was done, and `otherwise` tells how things are now."""
        return self.otherwise is not None and 200 <= answer.status < 300 and not answer.content

    def result(self, answer: Answer) -> T:
        """Read the answer; raises the error that explains a bad one."""
        if self.call.method == "DELETE":
            return self.read(was_there(self.call, answer))
        if not 200 <= answer.status < 300:
            raise problem_of(self.call, answer)
        raw = read_body(self.call, answer) if answer.content else None
        try:
            return self.read(raw)
        except ValueError as error:
            raise UnexpectedAnswer(
                f"{self.call}: the platform sent something this package cannot read: {error}"
            ) from error


def refreshed(keeper: TokenKeeper, refused: str | None, policy: RetryPolicy) -> Flow[None]:
    """A valid token, another than *refused*."""
    if keeper.authorization() in (None, refused):
        yield Alone(keeper.renew(refused, policy))


def platform_url(url: str) -> str:
    """The platform's address; one without TLS is refused, for it is shown the token."""
    if not url.startswith("https://"):
        raise ConfigurationError(f"{url} is not https; the Event Platform is shown the connection's token")
    return url


def client_id_of(auth: object, given: str | None) -> str:
    """The client id, which a connection's credentials hold and an App's do not."""
    if given is not None:
        return given
    if isinstance(auth, PasswordAuth):
        return auth.client_id
    raise ConfigurationError("give the App's client_id=...; an access token does not tell it")


# ---- the calls ----
def _asked(
    method: str, target: str, what: str, read: Callable[[JsonValue], T], body: JsonObject | None = None
) -> Asked[T]:
    call = Call(
        method=method,
        target=target,
        what=what,
        content=b"" if body is None else dumps(body),
        headers={} if body is None else {"Content-Type": "application/json"},
        repeatable=method != "POST",
        signed=False,
    )
    return Asked(call, read)


def _nothing(_: JsonValue) -> None:
    return None


def _whether(there: JsonValue) -> bool:
    return there is True


def _subscriber(code: str) -> str:
    return address(_SUBSCRIBERS, code)


def _subscription(subscriber: str, code: str) -> str:
    return address(f"{_subscriber(subscriber)}/subscriptions", code)


def list_subscribers() -> Asked[tuple[Subscriber, ...]]:
    return _asked("GET", _SUBSCRIBERS, "the subscribers", every(Subscriber))


def create_subscriber(name: str, email: str, contact: Mapping[str, JsonValue]) -> Asked[Subscriber]:
    body: JsonObject = {"name": name, "contact": {**contact, "technical_email": email}}
    return _asked("POST", _SUBSCRIBERS, f"subscriber {name!r}", one(Subscriber), body)


def get_subscriber(code: str) -> Asked[Subscriber]:
    return _asked("GET", _subscriber(code), f"subscriber {code!r}", one(Subscriber))


def update_subscriber(
    code: str, name: str | UnsetType, contact: Mapping[str, JsonValue] | UnsetType
) -> Asked[Subscriber]:
    body: JsonObject = {} if name is UNSET else {"name": name}
    body = body if contact is UNSET else {**body, "contact": dict(contact)}
    asked = _asked("PATCH", _subscriber(code), f"subscriber {code!r}", one(Subscriber), body)
    return evolve(asked, otherwise=get_subscriber(code))


def delete_subscriber(code: str) -> Asked[bool]:
    return _asked("DELETE", _subscriber(code), f"subscriber {code!r}", _whether)


def list_subscriptions(subscriber: str) -> Asked[tuple[Subscription, ...]]:
    target = f"{_subscriber(subscriber)}/subscriptions"
    return _asked("GET", target, f"the subscriptions of {subscriber!r}", every(Subscription))


def subscribe(
    subscriber: str, pim_url: str, events: Sequence[str], to: Destination, where: str | None, *, with_identifier: bool
) -> Asked[Subscription]:
    body: JsonObject = {
        "source": "pim",
        "subject": pim_url,
        "events": list(events),
        "type": _TYPES[type(to)],
        "config": to.config(),
        **({"filter": where} if where is not None else {}),
        **({"send_product_identifier": True} if with_identifier else {}),
    }
    target = f"{_subscriber(subscriber)}/subscriptions"
    return _asked("POST", target, f"a subscription of {subscriber!r}", one(Subscription), body)


def get_subscription(subscriber: str, code: str) -> Asked[Subscription]:
    return _asked("GET", _subscription(subscriber, code), f"subscription {code!r}", one(Subscription))


def update_subscription(
    subscriber: str,
    code: str,
    events: Sequence[str] | UnsetType,
    to: Destination | UnsetType,
    where: str | UnsetType | None,
) -> Asked[Subscription]:
    body: JsonObject = {} if events is UNSET else {"events": list(events)}
    if to is not UNSET:
        body = {**body, "type": _TYPES[type(to)], "config": to.config()}
    if where is not UNSET:
        body = {**body, "filter": where}
    target = _subscription(subscriber, code)
    asked = _asked("PATCH", target, f"subscription {code!r}", one(Subscription), body)
    return evolve(asked, otherwise=get_subscription(subscriber, code))


def unsubscribe(subscriber: str, code: str) -> Asked[bool]:
    return _asked("DELETE", _subscription(subscriber, code), f"subscription {code!r}", _whether)


def pause(subscriber: str, code: str, verb: str) -> Asked[None]:
    """`suspend` or `resume`; either may be said twice."""
    asked = _asked("POST", f"{_subscription(subscriber, code)}/{verb}", f"subscription {code!r}", _nothing)
    return evolve(asked, call=evolve(asked.call, repeatable=True))
