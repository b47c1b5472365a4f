"""Two PIMs, one history of flat rows: in one of them the process dies again and again, and both end the same."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.codes import CategoryCode, ErpKey
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.mapping import VariantMapping
from akeneo_erp_bridge.sync import SqliteState, SyncOptions, VariantReport, VariantsToPim
from akeneo_erp_bridge.testing import Fault, PimSimulator
from bench_erp import Stopped, dying_after
from shirts import BINDINGS, ONE_LEVEL, TWO_LEVELS, Shirt, Shirts, fill, models, products

Row = dict[str, object]
KEYS = [f"{n:04}" for n in range(8)]
STREAMS = ("models of products", "sub models of products", "products")
ODD: tuple[object, ...] = (7, b"x", ["S"], "\ud800", object(), "", "  ", {"a": 1})
UNSORTED = [one for one in BINDINGS if one.cell.attribute != "categories"]


class Erp(Shirts):
    """Rows that change. As a log it tells what changed, each row once; as a snapshot all there is, some of it twice."""

    def __init__(self, *, is_log: bool) -> None:
        super().__init__([])
        self.rows: dict[str, Row] = {}
        self.dead: dict[str, int] = {}
        self.twice: Row | None = None
        self.is_log = is_log
        self.revision = 0
        self.revisions: dict[str, int] = {}

    def put(self, row: Row) -> None:
        key = str(row["number"])
        self.revision += 1
        self.rows[key], self.revisions[key] = row, self.revision
        self.dead.pop(key, None)

    def drop(self, key: str) -> None:
        del self.rows[key]
        self.revision += 1
        self.dead[key] = self.revision

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
        return self._changes(int(since.blob) if since else 0, limit) if self.is_log else self._all(limit)

    def _changes(self, since: int, limit: int) -> Iterator[Page[Shirt]]:
        changed = sorted((n, key) for key, n in {**self.revisions, **self.dead}.items() if n > since)
        for start in range(0, len(changed), limit):
            some = changed[start : start + limit]
            items = [Shirt(self.rows[key]) for _, key in some if key in self.rows]
            gone = [ErpKey(key) for _, key in some if key in self.dead]
            yield Page(items, gone, Cursor("sequence", str(some[-1][0])))

    def _all(self, limit: int) -> Iterator[Page[Shirt]]:
        rows = [*self.rows.values(), *([self.twice] if self.twice is not None else [])]
        for start in range(0, max(len(rows), 1), limit):
            is_last = start + limit >= len(rows)
            gone = [ErpKey(key) for key in self.dead] if is_last else []
            yield Page([Shirt(row) for row in rows[start : start + limit]], gone, Cursor("snapshot", ""))


class World:
    """A PIM and a memory; the ERP is shared."""

    def __init__(self, stack: ExitStack, rows: Path) -> None:
        self.simulator = fill(PimSimulator())
        options = Options(retry=RetryPolicy(attempts=1, first_pause=timedelta(0)))
        auth = PasswordAuth(**self.simulator.auth_kwargs)
        transport = self.simulator.transport()
        self.pim = stack.enter_context(AkeneoClient(self.simulator.url, auth, transport=transport, options=options))
        self.state = stack.enter_context(SqliteState(":memory:"))
        self.rows = rows

    def run(self, erp: Erp, shirts: VariantMapping[Shirt], size: int, hook: Callable[[str], None]) -> VariantReport:
        options = SyncOptions(page_size=size)
        job = VariantsToPim(erp, shirts, self.pim, self.state, rows=self.rows, options=options, hook=hook)
        report = job.run()
        assert report.accounts_for_everything(), report
        return report

    def rest(self, erp: Erp, shirts: VariantMapping[Shirt], size: int) -> VariantReport:
        """Run until nothing is left to do: what one row leaves to another, the other takes in the next run."""
        quiet = 0
        for _ in range(10):
            self.simulator.forget_calls()
            report = self.run(erp, shirts, size, lambda _: None)
            quiet = 0 if self.simulator.mutating_calls else quiet + 1
            if quiet == 2:
                return report
        raise AssertionError("the runs never come to rest")

    def shown(self) -> dict[str, object]:
        """What a PIM user sees."""
        found: dict[str, object] = {
            code: (one.parent, one.family_variant, one.categories, one.values.source)
            for code, one in models(self.pim).items()
        }
        for sku, one in products(self.pim).items():
            found[sku] = (one.parent, one.family, one.enabled, one.categories, one.values.source)
        return found

    def parked(self) -> dict[str, str]:
        return {f"{stream}: {one.key}": one.detail for stream in STREAMS for one in self.state.parked(stream)}


# ---- what happens ----
def edit_the_erp(rng: random.Random, erp: Erp) -> None:
    """Rows come, change, go, and change places."""
    for _ in range(rng.randint(1, 4)):
        what, key = rng.random(), rng.choice(KEYS)
        if key not in erp.rows or what < 0.15:
            erp.put(_row(rng, key))
        elif what < 0.3:
            erp.drop(key)
            if not erp.is_log and rng.random() < 0.5:
                del erp.dead[key]  # a snapshot that only shows it no longer
        elif what < 0.4:
            other = rng.choice(sorted(erp.rows))
            for axis in ("size", "colour"):
                mine, theirs = erp.rows[key][axis], erp.rows[other][axis]
                erp.put({**erp.rows[key], axis: theirs})
                erp.put({**erp.rows[other], axis: mine})
        elif what < 0.5:
            style = str(erp.rows[key]["style"])
            for one in [row for row in erp.rows.values() if row["style"] == style]:
                erp.put({**one, "style": style.swapcase(), "name": f"renamed {style}"})
        else:
            column = rng.choice(["style", "colour", "size", "name", "care", "note", "group"])
            odd = rng.choice(ODD) if rng.random() < 0.15 else _row(rng, key)[column]
            erp.put({**erp.rows[key], column: odd})
    erp.twice = (
        {**_row(rng, rng.choice(sorted(erp.rows))), "note": "twice"} if erp.rows and rng.random() < 0.2 else None
    )


def _row(rng: random.Random, key: str) -> Row:
    return {
        "number": key,
        "style": rng.choice(["A", "A", "a", "B", "B", "C", None]),
        "colour": rng.choice(["rot", "rot", "blau", "blau", "mauve", None]),
        "size": rng.choice(["S", "M", "L", "S", "M", "L", "XXL", None]),
        "name": rng.choice(["one", "one", "one", "two", None]),
        "care": rng.choice(["wash", "wash", "wash", "iron", None]),
        "note": rng.choice(["n1", "n2", None]),
        "group": rng.choice(["S", "S", "X", "?", None]),
    }


def edit_the_pim(rng: random.Random, worlds: list[World]) -> None:
    """A PIM user does the same in both PIMs."""
    action, key, code = rng.choice(["product", "model", "sort"]), rng.choice(KEYS), rng.choice("ABC")
    for world in worlds:
        if action == "product" and (product := products(world.pim).get(key)) is not None:
            world.pim.products.delete(product.uuid)
        elif action == "model" and (model := models(world.pim).get(code)) is not None:
            world.pim.product_models.delete(model.code)
        elif action == "sort" and (model := models(world.pim).get(code)) is not None:
            world.pim.product_models.upsert(evolve(model, categories=[*model.categories, CategoryCode("master")]))


# ---- what must be ----
def _text(row: Row, column: str) -> str | None:
    value = row.get(column)
    return value.strip() or None if isinstance(value, str) else str(value) if isinstance(value, int) else None


def check_rows(world: World, erp: Erp, where: str) -> None:
    """Each row is in the PIM as it stands, or parked."""
    there, parked = products(world.pim), world.parked()
    groups: dict[str, list[Row]] = {}
    for row in erp.rows.values():
        groups.setdefault((_text(row, "style") or "").lower(), []).append(row)
    for key, row in erp.rows.items():
        if f"products: {key}" in parked:
            continue
        assert key in there, (where, key)
        _check_row(there[key], row, groups, (where, key))
    _check_roots(world, groups, parked, where)


def _check_row(found: Product, row: Row, groups: Mapping[str, list[Row]], where: tuple[str, str]) -> None:
    assert found.enabled, where
    style, size, note = _text(row, "style"), _text(row, "size"), _text(row, "note")
    is_alone = len(groups[(style or "").lower()]) == 1
    parent = (found.parent or "").lower().partition("_")[0] or None
    # a row that is alone may be either, as was chosen
    assert parent == (style and style.lower()) or (parent is None and is_alone), where
    assert found.values.option("size") == (size and size.lower()), where
    assert found.values.text("supplier_note") == note, where
    if parent is None:
        assert found.values.text("name") == _text(row, "name"), where


def _check_roots(world: World, groups: Mapping[str, list[Row]], parked: Mapping[str, str], where: str) -> None:
    """A model that is not parked, and has a row, says what all its rows say."""
    there, roots = products(world.pim), {code.lower(): one for code, one in models(world.pim).items()}
    stuck = {one.lower() for one in parked}
    for code, rows in groups.items():
        names = {_text(row, "name") for row in rows}
        held = [row for row in rows if f"products: {row['number']}" not in stuck and there[str(row["number"])].parent]
        if held and f"models of products: {code}" not in stuck and len(names) == 1:
            assert roots[code].values.text("name") == names.pop(), (where, code)


SEEDS = range(int(os.environ.get("WALKS", "4")))
"""A walk takes some seconds; ``WALKS=200`` walks all night."""


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_end_at_the_same_place_however_often_it_dies(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    erp = Erp(is_log=rng.random() < 0.5)
    is_meddled = rng.random() < 0.4
    variants = evolve(
        rng.choice([ONE_LEVEL, TWO_LEVELS]), regroup="allow", axis_change="allow",
        lone=rng.choice(["model", "simple"]), disagreement=rng.choice(["problem", "first", "most"]),
        categories=rng.choice(["model", "variant"]),
    )  # fmt: skip
    with ExitStack() as stack:
        worlds = [World(stack, tmp_path / f"{n}.rows") for n in range(2)]
        for step in range(6):
            edit_the_erp(rng, erp)
            where, size = f"seed {seed}, step {step}", rng.choice([1, 2, 500])
            # under another mapping an ERP that tells what changed is to tell everything
            shirts = VariantMapping(Shirt, variants, *(BINDINGS if rng.random() < 0.8 else UNSORTED))
            for _ in range(rng.randint(0, 3)):
                if rng.random() < 0.2:
                    worlds[1].simulator.fail_next(Fault(method="PATCH", status=500, times=1))
                try:
                    worlds[1].run(erp, shirts, size, dying_after(rng.randint(0, 12)))
                except (Stopped, BridgeError):
                    continue
                finally:
                    worlds[1].simulator.forgive()
            reports = [world.rest(erp, shirts, size) for world in worlds]
            assert worlds[0].shown() == worlds[1].shown(), where
            assert worlds[0].parked() == worlds[1].parked(), where
            assert len({report.exit_code for report in reports}) == 1, where
            if is_meddled:
                edit_the_pim(rng, worlds)
            else:
                check_rows(worlds[0], erp, where)
