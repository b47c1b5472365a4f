"""Law 5: what a PIM user made, survives; what we made, we take away again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, LocaleCode, ProductUuid
from akeneo_erp_bridge.mapping import CATEGORIES, as_set, clean, in_unit, price_in, reference
from akeneo_erp_bridge.rules import Cell, Owner
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import (
    ADOPTED,
    COLOUR,
    COLOURED,
    MSRP,
    NAME,
    NAMED,
    WEIGHT,
    Part,
    cells,
    killed,
    only,
    part,
    parts,
    product,
    run,
)

CATEGORISED = (Part.category >> clean() >> as_set()).to(CATEGORIES)
TAGS: Cell[frozenset[str]] = Cell("tags")
TAGGED = Part.groups.to(TAGS)


def by_hand(pim: AkeneoClient, uuid: str, *values: Value, categories: tuple[str, ...] | None = None) -> None:
    """A PIM user sets values of a product, or makes it."""
    patch = ProductPatch(uuid=ProductUuid(uuid), values=list(values))
    if categories is not None:
        patch = ProductPatch(
            uuid=ProductUuid(uuid), values=list(values), categories=[CategoryCode(one) for one in categories]
        )
    pim.products.upsert(patch)


def value(code: str, data: object, locale: str | None = None) -> Value:
    return Value(AttributeCode(code), data, locale=LocaleCode(locale) if locale else None)  # type: ignore[arg-type]  # any data, for short


@pytest.fixture
def tags(simulator: PimSimulator) -> None:
    """A multi-select."""
    simulator.load("/api/rest/v1/attributes", [{"code": "tags", "type": "pim_catalog_multiselect", "group": "erp"}])
    simulator.load("/api/rest/v1/attributes/tags/options", [{"code": code} for code in ("new", "sale", "users")])


# ---- products that were there before us ----
def test_a_value_that_was_there_before_us_is_never_erased(pim: AkeneoClient, state: SqliteState) -> None:
    by_hand(pim, ADOPTED, value("sku", "X"), value("colour", "blue"))
    erp = parts(part(colour=None))
    for name in ("first", "second", "third"):
        erp.rows[0]["name"] = name
        run(erp, product(NAMED, COLOURED), pim, state)
        assert cells(only(pim)) == {"sku": "X", "name": name, "colour": "blue", "categories": []}


def test_a_value_that_was_there_and_is_the_erps_too_is_ours_to_erase(pim: AkeneoClient, state: SqliteState) -> None:
    by_hand(pim, ADOPTED, value("sku", "X"), value("colour", "blue"))
    erp = parts(part(colour="blue"))
    run(erp, product(COLOURED), pim, state)
    erp.rows[0]["colour"] = None
    run(erp, product(COLOURED), pim, state)
    assert only(pim).values.option("colour") is None


def test_a_category_that_both_want_stays_the_users(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    by_hand(pim, ADOPTED, value("sku", "X"), categories=("shirts",))
    erp = parts(part(category="shirts"))
    run(erp, product(CATEGORISED), pim, state)
    simulator.forget_calls()
    erp.rows[0]["category"] = " Shirts"
    run(erp, product(CATEGORISED), pim, state)
    assert simulator.mutating_calls == []
    erp.rows[0]["category"] = "promotions"
    run(erp, product(CATEGORISED), pim, state)
    assert sorted(only(pim).categories) == ["promotions", "shirts"]


@pytest.mark.usefixtures("tags")
def test_an_empty_list_of_the_erp_takes_nothing_of_the_users(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part(groups=["new"]))
    run(erp, product(TAGGED), pim, state)
    by_hand(pim, only(pim).uuid, value("tags", ["new", "users"]))
    for wanted, there in (([], ["users"]), (["sale"], ["sale", "users"]), ([], ["users"]), (["new"], ["new", "users"])):
        erp.rows[0]["groups"] = wanted
        run(erp, product(TAGGED), pim, state)
        assert sorted(only(pim).values.options("tags")) == there


def test_a_price_in_another_currency_stays(pim: AkeneoClient, state: SqliteState) -> None:
    rule = reference(Part.price >> price_in("EUR"), reason="margin", min_age=timedelta(0), min_change=Decimal("0.001"))
    erp = parts(part(price="3.30"))
    run(erp, product(rule.to(MSRP)), pim, state)
    both = [{"amount": "3.30", "currency": "EUR"}, {"amount": "4.00", "currency": "USD"}]
    by_hand(pim, only(pim).uuid, value("msrp", both))
    erp.rows[0]["price"] = "5.50"
    run(erp, product(rule.to(MSRP)), pim, state)
    prices = {one.currency: one.amount for one in only(pim).values.prices("msrp")}
    assert prices == {"EUR": Decimal("5.50"), "USD": Decimal("4.00")}
    erp.rows[0]["price"] = None
    run(erp, product(rule.to(MSRP)), pim, state)
    assert [one.currency for one in only(pim).values.prices("msrp")] == ["USD"]


class Emptied(httpx.BaseTransport):
    """A PIM that keeps measurements without an amount, as old ones do; the simulator makes none."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        body = answer.read().replace(b'"amount":"1.0000"', b'"amount":null')
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return httpx.Response(answer.status_code, headers=headers, content=body)


def test_a_measurement_that_cannot_be_read_is_replaced(simulator: PimSimulator, state: SqliteState) -> None:
    with AkeneoClient(
        simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=Emptied(simulator.transport())
    ) as pim:
        by_hand(pim, ADOPTED, value("sku", "X"), value("weight", {"amount": "1", "unit": "KILOGRAM"}))
        assert '"amount": None' in str(only(pim).values.raw("weight")).replace("'", '"')
        erp = parts(part(weight="2"), part("Y", weight="3"))
        assert run(erp, product((Part.weight >> in_unit("KILOGRAM")).to(WEIGHT)), pim, state).written == 2
        amounts = [metric.amount for one in pim.products.list() if (metric := one.values.metric("weight"))]
        assert sorted(amounts) == [2, 3]


# ---- seeds ----
def test_a_seed_is_sown_at_creation_and_never_again(pim: AkeneoClient, state: SqliteState) -> None:
    mapping = product((Part.name >> clean()).to(NAME, owner=Owner.SEED), COLOURED)
    erp = parts(part("X", name="from the ERP"), part("Y", name=""))
    run(erp, mapping, pim, state)
    by_hand(
        pim, {one.values.text("sku"): one.uuid for one in pim.products.list()}["Y"], value("name", "Julia", "en_US")
    )
    erp.rows = [part("X", name="later", colour="red"), part("Y", name="later", colour="red")]
    run(erp, mapping, pim, state)
    found = {one.values.text("sku"): one.values.text("name", locale="en_US") for one in pim.products.list()}
    assert found == {"X": "from the ERP", "Y": "Julia"}


def test_a_seed_falls_on_no_ground_that_is_taken(pim: AkeneoClient, state: SqliteState) -> None:
    mapping = product(
        (Part.category >> clean() >> as_set()).to(CATEGORIES, owner=Owner.SEED),
        (Part.name >> clean()).to(NAME, owner=Owner.SEED),
        (Part.colour >> clean()).to(COLOUR, owner=Owner.SEED),
    )
    by_hand(pim, ADOPTED, value("sku", "X"), value("name", "Julia", "en_US"), categories=("promotions",))
    run(parts(part(name="ours", category="shirts", colour="red")), mapping, pim, state)
    assert cells(only(pim)) == {"sku": "X", "name": "Julia", "colour": "red", "categories": ["promotions"]}


# ---- after a stop ----
@pytest.mark.parametrize("first_run_dies", [False, True])
def test_what_a_dying_run_created_is_ours(pim: AkeneoClient, state: SqliteState, *, first_run_dies: bool) -> None:
    """The end is the same as without the stop: our category goes when the ERP drops it, our value is cleared."""
    mapping = product(CATEGORISED, COLOURED)
    erp = parts(part(category="shirts", colour="red"))
    (killed if first_run_dies else run)(erp, mapping, pim, state)
    erp.rows[0] |= {"category": "promotions", "colour": None}
    run(erp, mapping, pim, state)
    assert list(only(pim).categories) == ["promotions"]
    assert only(pim).values.option("colour") is None


@pytest.mark.parametrize("second_run_dies", [False, True])
def test_what_a_dying_run_changed_is_ours(pim: AkeneoClient, state: SqliteState, *, second_run_dies: bool) -> None:
    mapping = product(CATEGORISED, COLOURED)
    erp = parts(part(category="shirts", colour="red"))
    run(erp, mapping, pim, state)
    by_hand(pim, only(pim).uuid, categories=("shirts", "master"))
    erp.rows[0] |= {"category": "promotions", "colour": "blue"}
    (killed if second_run_dies else run)(erp, mapping, pim, state)
    erp.rows[0] |= {"category": None, "colour": None}
    run(erp, mapping, pim, state)
    assert list(only(pim).categories) == ["master"]
    assert only(pim).values.option("colour") is None


@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent"])
def test_what_was_not_to_change_is_left_alone_after_a_stop(
    pim: AkeneoClient, state: SqliteState, boundary: str
) -> None:
    """A PIM user's edit of a cell is no matter of a run that changes another."""
    mapping = product(NAMED, COLOURED, CATEGORISED)
    erp = parts(part(name="a", colour="red", category="shirts"))
    run(erp, mapping, pim, state)
    by_hand(pim, only(pim).uuid, value("colour", "blue"), categories=("master",))
    erp.rows[0]["name"] = "b"
    killed(erp, mapping, pim, state, at=boundary)
    run(erp, mapping, pim, state)
    assert cells(only(pim)) == {"sku": "X", "name": "b", "colour": "blue", "categories": ["master"]}


def test_a_cell_that_is_bound_no_longer_stays_ours_through_a_stop(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts(part(name="a", category="shirts"))
    run(erp, product(CATEGORISED), pim, state)
    erp.rows[0]["number"] = "Z"
    killed(erp, product(), pim, state)
    run(erp, product(), pim, state)
    erp.rows[0]["category"] = None
    run(erp, product(CATEGORISED), pim, state)
    assert list(only(pim).categories) == []
    assert simulator.mutating_calls


# ---- reference prices ----
def test_a_reference_price_that_waits_for_its_age_passes_later(
    pim: AkeneoClient, state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing changes in the ERP when the time comes."""
    rule = reference(
        Part.price >> price_in("EUR"), reason="margin", min_age=timedelta(days=30), min_change=Decimal("0.02")
    )
    erp, mapping = parts(part(price="3")), product(rule.to(MSRP))
    today = datetime(2026, 6, 1, tzinfo=UTC)
    days = (
        (0, "3", 3),
        (1, "9", 3),
        (29, "9", 3),
        (31, "9", 9),
        (62, "9.10", 9),
        (63, "9.17", 9),
        (64, "9.18", "9.18"),
    )
    for (
        day,
        price,
        expected,
    ) in days:  # each is compared with what the PIM has, so that many small steps are a large one
        monkeypatch.setattr("akeneo_erp_bridge.sync.engine.datetime", _Clock(today + timedelta(days=day)))
        erp.rows[0]["price"] = price
        run(erp, mapping, pim, state)
        assert [one.amount for one in only(pim).values.prices("msrp")] == [Decimal(expected)], day


class _Clock:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self, _: object) -> datetime:
        return self._now
