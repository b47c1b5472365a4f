"""A plan of models and variants: one file, applied in order."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import ProductModelPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, ProductModelCode
from akeneo_erp_bridge.errors import BrakeApplied, ConfigurationError
from akeneo_erp_bridge.sync import Brakes, SqliteState, SyncOptions, VariantPlan, VariantsToPim
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Stopped
from shirts import ONE_LEVEL, TWO_LEVELS, Shirt, Shirts, fill, mapping, models, products, shirt

ROWS = [shirt(number) for number in range(9)]


@pytest.fixture
def simulator() -> PimSimulator:
    return fill(PimSimulator())


def job(
    erp: Shirts, pim: AkeneoClient, state: SqliteState, folder: Path, *, brakes: Brakes | None = None, fatal: int = -1
) -> VariantsToPim[Shirt]:
    seen = count()

    def hook(_: str) -> None:
        if next(seen) == fatal:
            raise Stopped

    options = SyncOptions(page_size=4, brakes=brakes or Brakes())
    return VariantsToPim(erp, mapping(TWO_LEVELS), pim, state, rows=folder / "rows.db", options=options, hook=hook)


def test_all_parts_are_applied_in_order_and_the_next_run_has_nothing_to_do(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, tmp_path: Path
) -> None:
    one = job(Shirts(ROWS), pim, state, tmp_path)
    one.plan().save(tmp_path / "plan.json")
    plan = VariantPlan.load(tmp_path / "plan.json")
    assert [part.stream for part in plan.parts] == ["models of products", "sub models of products", "products"]
    assert len(list(plan.lines())) == 2 + 3 + 9
    report = one.apply(plan)
    assert report.accounts_for_everything()
    assert [part.created for part in report.parts] == [2, 3, 9]
    assert (len(models(pim)), len(products(pim))) == (5, 9)
    simulator.forget_calls()
    assert [part.unchanged for part in one.apply(plan).parts] == [2, 3, 9]
    assert [part.unchanged for part in one.run().parts] == [2, 3, 9]
    assert simulator.mutating_calls == []


def test_a_model_that_moved_is_refused_and_the_others_go_on(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    erp = Shirts(ROWS)
    job(erp, pim, state, tmp_path).run()
    for number in range(9):
        erp.put(shirt(number, name=f"Anew {number // 6}"))
    one = job(erp, pim, state, tmp_path)
    plan = one.plan()
    pim.product_models.upsert(
        ProductModelPatch(code=ProductModelCode("ST0"), values=[Value(AttributeCode("name"), "Julia's")])
    )
    report = one.apply(plan)
    assert [(part.updated, part.parked) for part in report.parts] == [(1, 1), (0, 0), (0, 0)]
    assert "name: planned on 'Shirt 0', and it is \"Julia's\" now" in report.parts[0].parked_items[0].detail
    assert [part.updated for part in one.apply(plan, moved="replan").parts] == [1, 0, 0]
    assert [models(pim)[code].values.text("name") for code in ("ST0", "ST1")] == ["Anew 0", "Anew 1"]


def test_stopped_anywhere_the_same_plan_is_applied_again(tmp_path: Path) -> None:
    for fatal in count():
        folder, simulator = tmp_path / str(fatal), fill(PimSimulator())
        folder.mkdir()
        with simulator.client() as pim, SqliteState(folder / "state.db") as state:
            plan = job(Shirts(ROWS), pim, state, folder).plan()
            try:
                job(Shirts(ROWS), pim, state, folder, fatal=fatal).apply(plan)
            except Stopped:
                stopped = True
            else:
                stopped = False
            again = job(Shirts(ROWS), pim, state, folder).apply(VariantPlan.from_json(plan.to_json()))
            assert [(part.read, part.parked) for part in again.parts] == [(2, 0), (3, 0), (9, 0)]
            assert (len(models(pim)), pim.products.count()) == (5, 9)
            simulator.forget_calls()
            assert [part.unchanged for part in job(Shirts(ROWS), pim, state, folder).run().parts] == [2, 3, 9]
            assert simulator.mutating_calls == []
        if not stopped:
            assert fatal == 15
            return


def test_nothing_is_written_of_a_plan_of_which_a_part_is_wrong(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, tmp_path: Path
) -> None:
    one = job(Shirts(ROWS), pim, state, tmp_path)
    plan = one.plan()
    with pytest.raises(ConfigurationError, match="2 parts, and this mapping makes 3; make a new plan"):
        one.apply(VariantPlan(plan.parts[1:]))
    with pytest.raises(ConfigurationError, match="is not for 'models of products'"):
        one.apply(VariantPlan([plan.parts[1], plan.parts[0], plan.parts[2]]))
    with pytest.raises(ConfigurationError, match="is not for 'sub models of products'"):
        one.apply(VariantPlan([plan.parts[0], plan.parts[2], plan.parts[1]]))
    with pytest.raises(ConfigurationError, match="it is a Plan, which has a load of its own"):
        VariantPlan.from_json(plan.parts[0].to_json())
    other = VariantsToPim(Shirts([]), mapping(ONE_LEVEL), pim, state, rows=tmp_path / "rows.db")
    with pytest.raises(ConfigurationError, match="3 parts, and this mapping makes 2"):
        other.apply(plan)
    (tmp_path / "bad").mkdir()
    rows = [shirt(0), shirt(1, name="Shirrt"), shirt(6)]
    bad = job(Shirts(rows), pim, state, tmp_path / "bad", brakes=Brakes(after=1))
    with pytest.raises(BrakeApplied, match="is not whole, nothing was written"):
        bad.apply(bad.plan())
    assert simulator.mutating_calls == []
