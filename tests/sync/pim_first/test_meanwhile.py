"""What users of the PIM do while the ERP takes its time is neither undone nor lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from akeneo_erp_bridge.codes import ProductModelCode, ProductUuid
from akeneo_erp_bridge.sync.pim_first import CategoryTag, NewSkus, Sequence, SkuPattern, SqliteSkuBook
from born_bench import STATE, A, B, BornBench
from born_models import ModelBench

IN_ERP = CategoryTag("to_erp", exported="in_erp")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[BornBench]:
    one = BornBench(tmp_path)
    with one.state:
        yield one


def _once(boundary: str, user: Callable[[], object]) -> Callable[[str], None]:
    """A user does something at the first of these boundaries."""
    left = [user]

    def hook(name: str) -> None:
        if name == boundary and left:
            left.pop()()

    return hook


def test_a_category_that_a_user_adds_stays(bench: BornBench) -> None:
    bench.make(A, "T-1", tag="", categories=["to_erp"])

    def user() -> None:
        more = {"uuid": A, "categories": ["to_erp", "drills"]}
        bench.simulator.load("/api/rest/v1/products-uuid", [more])

    assert bench.run(IN_ERP, hook=_once("export.written", user)).out.created == 1
    assert sorted(bench.product(A).categories) == ["drills", "in_erp"]


def test_a_category_that_a_user_adds_to_a_model_stays(tmp_path: Path) -> None:
    bench = ModelBench(tmp_path)
    with bench.state:
        bench.make_model("shirt", categories=["to_erp"])
        bench.make_variant(A, "S-1", "shirt", "s", is_tagged=False)

        def user() -> None:
            bench.simulator.load("/api/rest/v1/product-models", [{"code": "shirt", "categories": ["to_erp", "drills"]}])

        assert bench.run(IN_ERP, hook=_once("export.written", user)).out.created == 1
        model = bench.pim.product_models.get(ProductModelCode("shirt"))
        assert sorted(model.categories) == ["drills", "in_erp"]


@pytest.mark.parametrize("number", ["T-1", None])
def test_a_product_that_a_user_deletes_is_not_made_anew(bench: BornBench, number: str | None) -> None:
    """Neither to take its tag away, nor to tell why it is refused."""
    bench.make(A, number, tag="to_export")
    bench.make(B, "T-2", tag="to_export")
    boundary = "export.settled" if number is None else "export.written"
    bench.run(STATE, hook=_once(boundary, lambda: bench.pim.products.delete(ProductUuid(A))))
    assert [str(one.uuid) for one in bench.pim.products.list()] == [B]
    assert bench.product(B).values.option("erp_state") == "exported"


def test_a_product_that_a_user_deletes_gets_no_sku(bench: BornBench, tmp_path: Path) -> None:
    with SqliteSkuBook(tmp_path / "skus.db") as book:
        skus = NewSkus(SkuPattern("TO-", Sequence(4)), book)
        bench.make(A, None)
        bench.make(B, None)
        report = bench.run(skus=skus, hook=_once("sku.reserved", lambda: bench.pim.products.delete(ProductUuid(A))))
    assert [str(one.uuid) for one in bench.pim.products.list()] == [B]
    assert (report.out.created, report.out.parked) == (1, 0)


def test_a_sku_that_a_user_types_stays(bench: BornBench, tmp_path: Path) -> None:
    with SqliteSkuBook(tmp_path / "skus.db") as book:
        skus = NewSkus(SkuPattern("TO-", Sequence(4)), book)
        bench.make(A, None)
        bench.run(skus=skus, hook=_once("sku.reserved", lambda: bench.edit(A, sku="MINE")))
    assert bench.product(A).values.text("sku") == "MINE"
    assert list(bench.erp.rows()) == ["MINE"]
