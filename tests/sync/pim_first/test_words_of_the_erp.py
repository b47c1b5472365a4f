"""What an ERP says when it refuses a product, and what of it the PIM holds."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.erp import Given
from akeneo_erp_bridge.errors import ErpRefused
from born_bench import A, B, BornBench
from born_erp import MESSAGE, Article

SAID = "sales price 9.90 is below the cost 12.10; stock is 79.90, not 9.90.1"


@pytest.fixture
def bench(tmp_path: Path) -> BornBench:
    one = BornBench(tmp_path)
    one.make(A, "T-1")
    one.edit(A, send_to_erp=True)
    return one


def refuse(bench: BornBench, said: str = SAID) -> None:
    def write_item(*_: Any, **__: Any) -> None:
        raise ErpRefused(said)

    bench.erp.write_item = write_item  # type: ignore[method-assign,assignment]  # an ERP that says no


def test_the_words_go_as_they_were_said_where_nobody_says_otherwise(bench: BornBench) -> None:
    refuse(bench)
    assert bench.run().out.parked == 1
    assert SAID in str(bench.value(A, MESSAGE))


def test_a_function_makes_of_them_what_the_pim_may_hold(bench: BornBench) -> None:
    heard: list[str] = []
    refuse(bench)
    report = bench.run(words=lambda said: heard.append(said) or "The ERP refused it.")  # type: ignore[func-returns-value]  # it notes, and says another thing
    assert bench.value(A, MESSAGE) == "The ERP refused it."
    assert heard
    assert all(SAID in one for one in heard)
    assert [SAID in one.detail for one in report.out.parked_items] == [True]  # who runs the bridge reads all of it
    bench.simulator.forget_calls()
    bench.run(words=lambda said: "The ERP refused it.")
    assert bench.simulator.mutating_calls == []


def test_a_function_that_fails_keeps_the_words_to_itself(bench: BornBench) -> None:
    refuse(bench)
    bench.make(B, "T-2")
    bench.edit(B, send_to_erp=True)
    report = bench.run(words=lambda said: said[1_000])
    assert report.out.parked == 2
    assert bench.value(A, MESSAGE) == "the ERP refused it; its words cannot be shown (IndexError)"


def test_what_is_given_to_a_field_that_is_hot_is_taken_out(bench: BornBench) -> None:
    refuse(bench)
    price: Given[Article] = Given("price", Decimal("9.90"))  # a type checker refuses Article.price.given(...)
    bench.run(at_creation=[Article.unit.given("pc"), price])
    assert "sales price (not shown) is below the cost 12.10; stock is 79.90, not 9.90.1" in str(bench.value(A, MESSAGE))
