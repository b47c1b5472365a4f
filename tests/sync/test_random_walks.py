"""Two PIMs, one history: in one of them the process dies again and again, and both end the same."""

from __future__ import annotations

import os
import random
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.catalog import Product, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.mapping import CATEGORIES, ENABLED, as_set, clean, price_in, reference
from akeneo_erp_bridge.rules import Cell, Owner
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import Fault, PimSimulator
from bench_erp import COLOUR, MSRP, NAME, NAMED, Part, Row, Rows, Stopped, dying_after, product, run
from world import fill

TAGS: Cell[frozenset[str]] = Cell("tags")
MAPPINGS = {
    "all": product(
        NAMED,
        (Part.colour >> clean()).to(COLOUR),
        (Part.category >> clean() >> as_set()).to(CATEGORIES),
        Part.groups.to(TAGS),
        Part.active.to(ENABLED),
        reference(Part.price >> price_in("EUR"), reason="margin", min_age=timedelta(0), min_change=Decimal("0.1")).to(
            MSRP
        ),
    ),
    "seeds": product(
        (Part.name >> clean()).to(NAME, owner=Owner.SEED),
        (Part.category >> clean() >> as_set()).to(CATEGORIES, owner=Owner.SEED),
        (Part.colour >> clean()).to(COLOUR),
    ),
    "few": product(NAMED, Part.groups.to(TAGS)),
}
NUMBERS = ("A", "B", "C", "D")
KEYS = ("1", "2", "3", "4", "5")


class World:
    """A PIM, a memory, and an ERP that both histories share."""

    def __init__(self, stack: ExitStack) -> None:
        self.simulator = fill(PimSimulator())
        self.simulator.load(
            "/api/rest/v1/attributes", [{"code": "tags", "type": "pim_catalog_multiselect", "group": "erp"}]
        )
        self.simulator.load("/api/rest/v1/attributes/tags/options", [{"code": code} for code in "abu"])
        options = Options(retry=RetryPolicy(attempts=1, first_pause=timedelta(0)))
        auth = PasswordAuth(**self.simulator.auth_kwargs)
        transport = self.simulator.transport()
        self.pim = stack.enter_context(AkeneoClient(self.simulator.url, auth, transport=transport, options=options))
        self.state = stack.enter_context(SqliteState(":memory:"))

    def shown(self) -> dict[str, object]:
        """What a PIM user sees, by SKU."""
        return {str(one.values.text("sku")): _plain(one) for one in self.pim.products.list()}

    def by_sku(self, sku: str) -> Product | None:
        return self.pim.products.list({"sku": [{"operator": "IN", "value": [sku]}]}).first()


def _plain(one: Product) -> tuple[object, ...]:
    prices = sorted((price.currency, price.amount) for price in one.values.prices("msrp"))
    texts = (one.values.text("name", locale="en_US"), one.values.option("colour"))
    return one.enabled, *texts, sorted(one.categories), sorted(one.values.options("tags")), prices


# ---- what happens ----
def edit_the_erp(rng: random.Random, erp: Rows[Part]) -> None:
    """Rows come, change, go, and change their numbers."""
    for _ in range(rng.randint(0, 3)):
        what = rng.random()
        if what < 0.3 or not erp.rows:
            key = rng.choice(KEYS)
            erp.rows = [one for one in erp.rows if one["id"] != key] + [_row(rng, key)]
            erp.dead = [one for one in erp.dead if one != key]
        elif what < 0.45:
            row = erp.rows.pop(rng.randrange(len(erp.rows)))
            erp.dead.append(str(row["id"]))
        else:
            row = rng.choice(erp.rows)
            column = rng.choice([one for one in row if one != "id"])
            row[column] = _row(rng, "x")[column]


def _row(rng: random.Random, key: str) -> Row:
    return {
        "id": key,
        "number": rng.choice([*NUMBERS, *NUMBERS, *NUMBERS, "", None]),
        "name": rng.choice(["one", "two", "", None, "x" * 300]),
        "colour": rng.choice(["red", "blue", None, "no such"]),
        "category": rng.choice(["shirts", "promotions", None]),
        "groups": rng.choice([[], ["a"], ["b"], ["a", "b"], None]),
        "active": rng.choice([True, False, True, None]),
        "price": rng.choice(["1", "2", "2.10", None]),
    }


def edit_the_pim(rng: random.Random, worlds: list[World]) -> None:
    """A PIM user changes, makes or deletes a product, in both PIMs alike."""
    sku = rng.choice(NUMBERS)
    action = rng.choice(["colour", "categories", "tags", "prices", "delete", "make", "name", "disable"])
    data: dict[str, Any] = {
        "colour": rng.choice(["red", "blue", None]),
        "tags": rng.choice([["u"], ["a", "u"], ["u", "b"], []]),
        "prices": rng.choice([[{"amount": "7", "currency": "USD"}], [], [{"amount": "9", "currency": "EUR"}]]),
        "categories": rng.choice([["master"], ["shirts", "master"], []]),
    }
    for world in worlds:
        there = world.by_sku(sku)
        if there is None:
            if action == "make":
                world.pim.products.create(ProductPatch(values=[_value("sku", sku), _value("colour", data["colour"])]))
        elif action == "delete":
            world.pim.products.delete(there.uuid)
        elif action == "categories":
            world.pim.products.upsert(
                ProductPatch(uuid=there.uuid, categories=[CategoryCode(one) for one in data["categories"]])
            )
        elif action == "disable":
            world.pim.products.upsert(ProductPatch(uuid=there.uuid, enabled=False))
        elif action in ("colour", "tags", "prices"):
            code = "msrp" if action == "prices" else action
            world.pim.products.upsert(ProductPatch(uuid=there.uuid, values=[_value(code, data[action])]))


def _value(code: str, data: Any) -> Value:
    return Value(AttributeCode(code), data)


SEEDS = range(int(os.environ.get("WALKS", "6")))
"""A walk takes some seconds; ``WALKS=200`` walks all night."""


@pytest.mark.parametrize("seed", SEEDS)
def test_the_end_is_the_same_however_often_it_dies(seed: int) -> None:
    rng = random.Random(seed)
    erp: Rows[Part] = Rows(Part)
    erp.kind = rng.choice(["snapshot", "timestamp"])
    with ExitStack() as stack:
        worlds = [World(stack), World(stack)]
        for step in range(12):
            edit_the_erp(rng, erp)
            mapping = MAPPINGS[rng.choice(["all", "all", "all", "seeds", "few"])]
            page_size = rng.choice([1, 2, 500])
            tries = rng.randint(0, 3)
            for _ in range(tries):
                if rng.random() < 0.2:
                    worlds[1].simulator.fail_next(Fault(method="PATCH", status=500, times=1))
                try:
                    run(
                        erp,
                        mapping,
                        worlds[1].pim,
                        worlds[1].state,
                        page_size=page_size,
                        hook=dying_after(rng.randint(0, 8)),
                    )
                except (Stopped, BridgeError):
                    continue
                finally:
                    worlds[1].simulator.forgive()
            for world in worlds:  # what one item leaves to another in one run, the other may take in the next
                run(erp, mapping, world.pim, world.state, page_size=page_size)
            reports = [run(erp, mapping, one.pim, one.state, page_size=page_size) for one in worlds]
            where = f"seed {seed}, step {step}"
            assert worlds[0].shown() == worlds[1].shown(), where
            parked = [{one.key for one in world.state.parked("products")} for world in worlds]
            assert parked[0] == parked[1], where
            assert (reports[0].exit_code == 0) == (reports[1].exit_code == 0), where
            for world in worlds:
                world.simulator.forget_calls()
                run(erp, mapping, world.pim, world.state, page_size=page_size)
                assert world.simulator.mutating_calls == [], where
            if rng.random() < 0.6:
                edit_the_pim(rng, worlds)
