"""Several jobs in the order in which the PIM needs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.errors import ConfigurationError, PreflightFailed
from akeneo_erp_bridge.mapping import CATEGORIES, CODE, PARENT, CategoryMapping, ProductMapping, as_set, lookup, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import Brakes, ErpToPim, SqliteState, SyncOptions, VariantsToPim, Waves
from akeneo_erp_bridge.testing import PimSimulator
from rich_shirts import MAPPING, RichShirts, filled, put
from world import Article, ListErp, row

GROUPS = CategoryMapping(
    Article,
    (Article.number >> sku()).to(CODE),
    Article.category.to(PARENT),
)
PRODUCTS = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    (Article.category >> as_set()).to(CATEGORIES),
)
GROUP_ROWS: list[dict[str, object]] = [{"number": "new_tree", "category": "master"}]


def job(
    mapping: ProductMapping[Article] | CategoryMapping[Article],
    rows: list[dict[str, object]],
    pim: AkeneoClient,
    state: SqliteState,
    options: SyncOptions | None = None,
) -> ErpToPim[Article]:
    return ErpToPim(ListErp(rows), mapping, pim, state, options=options or SyncOptions())


def test_what_is_referred_to_comes_first_however_the_jobs_are_given(pim: AkeneoClient, state: SqliteState) -> None:
    products = job(PRODUCTS, [row(1, category="new_tree")], pim, state)
    waves = Waves(products, job(GROUPS, GROUP_ROWS, pim, state))
    assert [part.report.stream for part in waves.plan().parts] == ["categories", "products"]
    report = waves.run()
    assert [(part.stream, part.written, part.parked) for part in report.parts] == [
        ("categories", 1, 0),
        ("products", 1, 0),
    ]
    assert (report.exit_code, report.accounts_for_everything()) == (0, True)
    assert next(iter(pim.products.list())).categories == ("new_tree",)


def test_parked_items_do_not_stop_the_waves_behind_them(pim: AkeneoClient, state: SqliteState) -> None:
    groups = job(GROUPS, [*GROUP_ROWS, {"number": "lost", "category": "nowhere"}], pim, state)
    report = Waves(groups, job(PRODUCTS, [row(1, category="new_tree")], pim, state)).run()
    assert [(part.written, part.parked) for part in report.parts] == [(1, 1), (1, 0)]
    assert report.exit_code == 1


def test_what_a_brake_stops_keeps_the_waves_behind_it_from_being_begun(pim: AkeneoClient, state: SqliteState) -> None:
    bad: list[dict[str, object]] = [{"number": "a b", "category": "master"}, {"number": "", "category": "master"}]
    groups = job(GROUPS, bad, pim, state, SyncOptions(brakes=Brakes(after=1, parked_share=0.1)))
    report = Waves(job(PRODUCTS, [row(1, category="master")], pim, state), groups).run()
    assert report.exit_code == 5
    assert "not begun, since an earlier wave was stopped: " in str(report.parts[1])
    assert list(pim.products.list()) == []


def test_models_and_variants_are_waves_of_their_own(tmp_path: Path) -> None:
    with filled() as simulator, simulator.client() as pim, SqliteState(tmp_path / "state.db") as state:
        shirts = VariantsToPim(put(RichShirts([]), 0, 6), MAPPING, pim, state, rows=tmp_path / "rows.db")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # its rows are rich
        groups = job(GROUPS, GROUP_ROWS, pim, state)
        report = Waves(shirts, groups).run()
    assert [part.stream for part in report.parts] == [
        "categories",
        "models of products",
        "sub models of products",
        "products",
    ]
    assert report.exit_code == 0


def test_two_jobs_of_one_stream_and_no_job_are_refused(pim: AkeneoClient, state: SqliteState) -> None:
    one = job(PRODUCTS, [], pim, state)
    with pytest.raises(ConfigurationError, match="several jobs have the stream 'products'"):
        Waves(one, one)
    with pytest.raises(ConfigurationError, match="no job was given"):
        Waves()


def test_a_wave_of_nothing_known_is_refused(simulator: PimSimulator, pim: AkeneoClient, state: SqliteState) -> None:
    class Odd(ErpToPim[Article]):
        @property
        def resource(self) -> str:
            return "family"

    with pytest.raises(ConfigurationError, match="'family', which has no place among the waves"):
        Waves(Odd(ListErp([]), PRODUCTS, pim, state))


def test_all_waves_are_asked_for_the_same(tmp_path: Path, pim: AkeneoClient, state: SqliteState) -> None:
    waves = Waves(
        job(PRODUCTS, [row(1, category="new_tree")], pim, state),
        job(GROUPS, [*GROUP_ROWS, {"number": "shirts", "category": "master"}], pim, state),
    )
    report = waves.run(writes="create")
    assert [(part.created, part.passed_over) for part in report.parts] == [(1, 1), (1, 0)]
    assert [part.report.read for part in waves.plan(reads="all", writes="update").parts] == [2, 1]
    assert [part.kind for part in waves.run(reads="all").parts] == ["full", "full"]


def test_what_does_not_fit_a_later_wave_is_found_before_the_first_one_writes(
    simulator: PimSimulator, pim: AkeneoClient, state: SqliteState
) -> None:
    wrong = ProductMapping(Article, (Article.number >> sku()).to(Cell("sku")), Article.name.to(Cell("nmae")))
    waves = Waves(job(GROUPS, GROUP_ROWS, pim, state), job(wrong, [row(1)], pim, state))
    simulator.forget_calls()
    with pytest.raises(PreflightFailed) as caught:
        waves.run()
    assert "products > nmae: attribute 'nmae' is not in the PIM" in str(caught.value)
    assert "nothing was written" in str(caught.value)
    assert simulator.mutating_calls == []


def test_a_category_that_an_earlier_wave_brings_is_no_misfit(pim: AkeneoClient, state: SqliteState) -> None:
    named = ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell("sku")),
        (Article.category >> lookup({"NT": "new_tree"}, name="trees") >> as_set()).to(CATEGORIES),
    )
    products = job(named, [row(1, category="NT")], pim, state)
    with pytest.raises(PreflightFailed, match="not in the PIM: new_tree"):
        Waves(products).run()
    assert Waves(products, job(GROUPS, GROUP_ROWS, pim, state)).run().exit_code == 0
    assert next(iter(pim.products.list())).categories == ("new_tree",)


def test_a_category_that_no_wave_brought_stops_its_wave_and_tells_what_was_written_before(
    pim: AkeneoClient, state: SqliteState
) -> None:
    named = ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell("sku")),
        (Article.category >> lookup({"NT": "elsewhere"}, name="trees") >> as_set()).to(CATEGORIES),
    )
    waves = Waves(job(named, [row(1, category="NT")], pim, state), job(GROUPS, GROUP_ROWS, pim, state))
    with pytest.raises(PreflightFailed) as caught:
        waves.run()
    assert caught.value.before == ("categories: 1 read = 0 unchanged + 1 written + 0 held + 0 parked",)
    assert "nothing of this wave was written" in str(caught.value)
    assert str(caught.value).endswith("stays:\n  - categories: 1 read = 0 unchanged + 1 written + 0 held + 0 parked")
