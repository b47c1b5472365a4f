"""What the sinks of all shops do alike: judge, order, look up, write, answer one result for each offer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import ClassVar, Generic, Self, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.codes import CurrencyCode, ErpKey
from akeneo_erp_bridge.commerce._checks import Refused
from akeneo_erp_bridge.commerce._shops._connection import Answer, Connection
from akeneo_erp_bridge.commerce._shops._json import Row, text
from akeneo_erp_bridge.commerce._shops._terms import Terms, Wish
from akeneo_erp_bridge.commerce.interfaces import Offer, OfferResult, OfferValue
from akeneo_erp_bridge.errors import ConfigurationError

FoundT = TypeVar("FoundT")
JobT = TypeVar("JobT")
DoneT = TypeVar("DoneT")


@frozen
class ShopFacts:
    """What a shop is like: its places of stock (names by id), its currencies, and those whose prices include tax."""

    places: Mapping[str, str]
    currencies: Collection[CurrencyCode]
    taxed: Collection[CurrencyCode]


class ShopSink(ABC, Generic[FoundT]):
    """A sink over a `Connection`. A shop says how it finds keys, writes wishes, and shows what it has."""

    _prices_have_places: ClassVar[bool] = False

    def __init__(self, connection: Connection, terms: Terms) -> None:
        self._shop = connection
        self._terms = terms
        self._known: dict[ErpKey, FoundT] = {}
        self._versions: dict[tuple[ErpKey, str], int] = {}
        self._asked_facts: ShopFacts | None = None
        self._plain: str | None = None

    # ---- what a shop says ----
    @abstractmethod
    def _ask_facts(self) -> ShopFacts:
        """What the shop is like."""

    @abstractmethod
    def _find(self, keys: Sequence[ErpKey]) -> Mapping[ErpKey, FoundT | Refused]:
        """Ask the shop, many at once. A key that it does not know is left out, one that is not clear is `Refused`."""

    @abstractmethod
    def _write(self, wishes: Mapping[ErpKey, Wish]) -> Mapping[ErpKey, str]:
        """Write, and answer the keys that were not taken, each with the reason."""

    @abstractmethod
    def _read(self, keys: Sequence[ErpKey]) -> Mapping[ErpKey, Mapping[str, OfferValue]]:
        """What the shop has for the keys that it knows, by feed."""

    # ---- what all do ----
    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._shop.name}>"

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        """Take the offers: one result for each, in their order.

        Raises `SinkError` when the shop does not answer or refuses the sign-in. What was written before that stays;
        sending it again changes nothing.
        """
        if not offers:
            return []
        now = datetime.now(UTC)
        place = self._place()
        errors: list[str | None] = [None] * len(offers)
        wishes: dict[ErpKey, Wish] = {}
        newest: dict[tuple[ErpKey, str], int] = {}
        for index, offer in enumerate(offers):
            values = self._in_time(offer, newest)
            try:
                wish = self._terms.wish(values, place=place, tax_of=self._tax_included, now=now)
            except Refused as error:
                errors[index] = str(error)
                continue
            wishes.setdefault(offer.key, Wish()).add(wish)
            newest.update(((offer.key, feed), offer.version) for feed in values if offer.version)
        refused = self._write({key: wish for key, wish in wishes.items() if wish.prices or wish.stock})
        self._versions.update((one, version) for one, version in newest.items() if one[0] not in refused)
        return [
            OfferResult(offer.key, refused.get(offer.key) if error is None else error)
            for offer, error in zip(offers, errors, strict=True)
        ]

    def read_offers(self, keys: Sequence[ErpKey]) -> Sequence[Offer]:
        """What the shop has now for these keys; one that it does not know is left out, a value that is not there is None.

        Raises `SinkError` when the shop does not answer.
        """
        found = self._read(list(dict.fromkeys(keys)))
        return [Offer(key, found[key]) for key in dict.fromkeys(keys) if key in found]

    def close(self) -> None:
        """Close the connection."""
        self._shop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _in_time(self, offer: Offer, newest: Mapping[tuple[ErpKey, str], int]) -> Mapping[str, OfferValue]:
        """The values that are not older than what was delivered already; an offer without a version always counts."""

        def late(feed: str) -> bool:
            one = (offer.key, feed)
            return 0 < offer.version < max(newest.get(one, 0), self._versions.get(one, 0))

        return {feed: value for feed, value in offer.values.items() if not late(feed)}

    # ---- for a shop ----
    @property
    def _facts(self) -> ShopFacts:
        """What the shop is like, asked for with the first call. Raises `ConfigurationError` where the sink does not fit."""
        if self._asked_facts is None:
            facts = self._ask_facts()
            missing = [one for one in self._terms.spoken_for() if one not in facts.currencies]
            if missing and self._terms.price is not None:
                raise ConfigurationError(
                    f"{self._shop.name} does not sell in {', '.join(missing)}, but in "
                    f"{', '.join(sorted(facts.currencies))}; add the currency to the shop, or correct the sink's"
                )
            self._asked_facts = facts
        return self._asked_facts

    def _place(self) -> str:
        """The place of a plain number of stock; the places of the settings are looked up in the shop's."""
        if self._terms.stock is None and not self._prices_have_places:
            return ""
        if self._plain is None:
            places = self._facts.places
            locations = {erp: the_place(one, places, self._shop.name) for erp, one in self._terms.locations.items()}
            wanted = self._terms.location if self._terms.location is not None else next(iter(locations.values()), None)
            self._plain = the_place(wanted, places, self._shop.name)
            self._terms = evolve(self._terms, locations=locations)
        return self._plain

    def _tax_included(self, currency: CurrencyCode) -> bool:
        return currency in self._facts.taxed

    def _look_up(self, keys: Sequence[ErpKey], *, anew: bool = False) -> tuple[dict[ErpKey, FoundT], dict[ErpKey, str]]:
        """Where each key is, and why the others are nowhere. What was found is remembered; `anew` asks all the same."""
        asked = [key for key in keys if anew or key not in self._known]
        answers = self._find(asked)
        trouble: dict[ErpKey, str] = {}
        for key in asked:
            answer = answers.get(key)
            if answer is None or isinstance(answer, Refused):
                self._known.pop(key, None)
                trouble[key] = f"{key!r} is not known to the shop" if answer is None else str(answer)
            else:
                self._known[key] = answer
        return {key: self._known[key] for key in keys if key in self._known}, trouble

    def _blame(self, lines: Sized, answer: Answer) -> None:
        """A shop that failed (5xx) at one line may have failed at everything: raises `SinkError` where it fails at facts too."""
        if answer.status >= 500 and len(lines) == 1:
            self._ask_facts()

    def _values(self, price: OfferValue, stock: OfferValue) -> Mapping[str, OfferValue]:
        """By feed, as far as this sink has feeds."""
        named = ((self._terms.price, price), (self._terms.stock, stock))
        return {feed: value for feed, value in named if feed is not None}


def the_place(wanted: str | None, places: Mapping[str, str], shop: str) -> str:
    """The id of a place by its id or name; the only one there is where none is wanted.

    `places` are names by id. Raises `ConfigurationError` where it is not clear.
    """
    shown = ", ".join(f"{name!r} ({one})" for one, name in places.items()) or "none at all"
    if wanted is None:
        if len(places) == 1:
            return next(iter(places))
        raise ConfigurationError(f"{shop} has several places of stock: {shown}; say which with location=...")
    if wanted in places:
        return wanted
    named = [one for one, name in places.items() if name == wanted]
    if len(named) != 1:
        raise ConfigurationError(f"{shop} has no one place of stock {wanted!r}; it has {shown}")
    return named[0]


def by_sku(found: Iterable[Row], read: Callable[[Row], FoundT]) -> Mapping[ErpKey, FoundT | Refused]:
    """The variants of a shop by their SKU; one that several have is `Refused`, since nobody can tell which is meant."""
    ids: dict[ErpKey, list[str]] = {}
    variants: dict[ErpKey, FoundT] = {}
    for row in found:
        key = ErpKey(text(row, "sku"))
        ids.setdefault(key, []).append(text(row, "id"))
        variants[key] = read(row)
    return {
        key: one
        if len(ids[key]) == 1
        else Refused(f"{key!r} is the SKU of several variants ({', '.join(ids[key])}); give each its own in the shop")
        for key, one in variants.items()
    }


def at_once(work: Callable[[JobT], DoneT], jobs: Iterable[JobT], *, workers: int) -> list[DoneT]:
    """Do jobs over so many connections at once; results in the order of the jobs, the first error is raised."""
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="shop") as pool:
        try:
            return list(pool.map(work, jobs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # a shop that is down is not asked for each line
            raise
