"""Goods of few GTINs come, change and go; runs and plans die anywhere while the lists lag: no GTIN ever has two products."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import pytest

from adoption_bench import (
    BY_EAN,
    EAN,
    A,
    B,
    C,
    Good,
    Lagging,
    Where,
    erp_of,
    good,
    goods,
)
from akeneo_erp_bridge.catalog import JsonValue, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import (
    Adopt,
    ErpToPim,
    SqliteState,
    SyncOptions,
    any_gtin,
    by_key,
    match,
    search,
)
from akeneo_erp_bridge.sync.plan import Plan
from akeneo_erp_bridge.testing import Fault
from bench_erp import Rows, Stopped, dying_after

UPC = f"00{C}"
MPN = Cell[str]("mpn")


def same_gtin(cells: Mapping[str, JsonValue]) -> Where | None:
    return {"ean": [{"operator": "IN", "value": sorted(any_gtin(str(cells["ean"])))}]} if "ean" in cells else None


RULES = {
    "match": BY_EAN,
    "search": Adopt(by=[search(same_gtin, name="EAN")]),
    "both": Adopt(by=[match(EAN, spelled=any_gtin), match(MPN)]),
}
SEEDS = range(int(os.environ.get("WALKS", "6")))
"""A walk takes some seconds; ``WALKS=200`` walks all night."""


class Walk:
    """A PIM whose lists lag, a memory, and an ERP of six items that share three GTINs."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lagging = Lagging()
        self.pim = self.lagging.pim
        self.state = SqliteState(":memory:")
        self.erp: Rows[Good] = erp_of()
        self.rule = RULES[self.rng.choice([*RULES])]
        self.plan: Plan | None = None
        self.made = 0

    def edit_the_erp(self) -> None:
        """Rows come, go and change; a number is one item's, and its GTIN stays."""
        for _ in range(self.rng.randint(1, 3)):
            number, gtin = self.rng.choice([("N", A), ("M", A), ("O", B), ("P", B), ("Q", B), ("R", UPC)])
            self.erp.rows = [one for one in self.erp.rows if one["number"] != number]
            self.erp.dead = [one for one in self.erp.dead if one != f"key of {number}"]
            if self.rng.random() < 0.85:
                spelled = self.rng.choice([gtin, gtin.zfill(14)])
                self.erp.rows.append(good(number, ean=spelled, name=self.rng.choice(["one", "two", None])))
            else:
                self.erp.dead.append(f"key of {number}")
        self.rng.shuffle(self.erp.rows)

    def edit_the_pim(self) -> None:
        """A PIM user makes a product, once all lists show what there is; or deletes one."""
        self.lagging.now += timedelta(minutes=6)
        there = list(self.pim.products.list())
        free = [one for one in (A, B, UPC) if one.zfill(14) not in self.gtins()]
        if free and self.rng.random() < 0.6:
            self.made += 1
            cells = {"ean": self.rng.choice(free), "sku": f"HERS {self.made}"}
            values = [Value(AttributeCode(code), text) for code, text in cells.items()]
            self.pim.products.create(ProductPatch(values=values))
        elif there:
            self.pim.products.delete(self.rng.choice(there).uuid)
        self.lagging.now += timedelta(minutes=6)

    def go(self, *, dies: bool) -> None:
        """A run, a run of a part, or a plan that is applied now or later; it may die anywhere."""
        rng = self.rng
        options = SyncOptions(adopt=self.rule, page_size=rng.choice([1, 2, 500]))
        hook = dying_after(rng.randint(0, 9)) if dies else None
        job = ErpToPim(self.erp, goods(), self.pim, self.state, options=options, hook=hook)
        what = rng.random()
        try:
            if what < 0.5 or not dies:
                job.run()
            elif what < 0.65:
                job.run(only=by_key(*(str(one["id"]) for one in self.erp.rows if rng.random() < 0.5), "key of N"))
            elif what < 0.8 or self.plan is None:
                self.plan = job.plan()
            else:
                plan, self.plan = self.plan, None
                job.apply(plan, moved=rng.choice(["refuse", "replan"]))
        except (Stopped, BridgeError):
            return

    def gtins(self) -> Counter[str]:
        """How many products there are of each GTIN, whether the lists show them by now or not.

        A change of what a user has deleted makes a stub; it has no number, and a kill may leave it.
        """
        now = self.lagging.now
        self.lagging.now += timedelta(minutes=6)
        there = [one.values for one in self.pim.products.list() if one.values.text("sku")]
        self.lagging.now = now
        return Counter(str(one.text("ean")).zfill(14) for one in there)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_gtin_ever_has_two_products(seed: int) -> None:
    walk = Walk(seed)
    rng, simulator = walk.rng, walk.lagging.simulator
    for step in range(12):
        where = f"seed {seed}, step {step}"
        walk.edit_the_erp()
        if rng.random() < 0.3:
            walk.edit_the_pim()
        for _ in range(rng.randint(1, 4)):
            if rng.random() < 0.2:
                simulator.fail_next(Fault(method="PATCH", status=500, times=1))
            walk.go(dies=rng.random() < 0.8)
            simulator.forgive()
            assert max(walk.gtins().values(), default=0) <= 1, (where, walk.gtins())
            walk.lagging.now += timedelta(minutes=rng.choice([0, 0, 1, 3, 6]))
        if rng.random() < 0.4:
            walk.lagging.now += timedelta(minutes=6)
            for row in walk.erp.rows:
                row["name"] = where  # what a user has deleted is missed when its item changes
            walk.go(dies=False)
            walk.go(dies=False)
            wanted = {str(one["ean"]).zfill(14) for one in walk.erp.rows}
            assert wanted <= walk.gtins().keys(), where
            simulator.forget_calls()
            walk.go(dies=False)
            assert simulator.mutating_calls == [], where
