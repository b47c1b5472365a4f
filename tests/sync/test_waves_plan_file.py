"""A plan of several jobs: one file, held against all of them, and applied wave by wave."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import CategoryPatch, ProductModelPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, ProductModelCode
from akeneo_erp_bridge.errors import BrakeApplied, BridgeError, ConfigurationError, PreflightFailed
from akeneo_erp_bridge.mapping import CATEGORIES, CODE, ProductMapping, RecordMapping, as_set, clean, lookup, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import (
    Brakes,
    ErpToPim,
    Plan,
    SqliteState,
    SyncOptions,
    VariantPlan,
    Waves,
    WavesPlan,
)
from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from killing import fatal_boundaries
from link_bench import by_sku
from shirts import fill, models, products
from waves_bench import GROUP_ROWS, SHIRT_ROWS, STREAMS, TOOL_ROWS, TOOLS, connector
from world import Article, ListErp, row


@pytest.fixture
def simulator() -> PimSimulator:
    return fill(PimSimulator())


def stored(plan: WavesPlan) -> WavesPlan:
    """Through a file, as on another day."""
    return WavesPlan.from_json(plan.to_json())


def applied(waves: Waves, plan: WavesPlan) -> list[tuple[int, int, int]]:
    report = waves.apply(stored(plan))
    assert report.accounts_for_everything()
    return [(part.written, part.unchanged, part.parked) for part in report.parts]


# ---- what is planned is written ----
def test_a_plan_comes_back_as_it_was(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    plan = connector(pim, state, tmp_path).plan()
    plan.save(tmp_path / "plan.json")
    back = WavesPlan.load(tmp_path / "plan.json")
    assert [part.stream for part in back.parts] == STREAMS
    assert [len(parts) for parts in back.waves] == [1, 3, 1]
    assert back.to_json() == plan.to_json() == (tmp_path / "plan.json").read_text()
    assert (tmp_path / "plan.json").stat().st_mode & 0o777 == 0o600
    assert str(back) == str(plan)
    assert str(back).count("plan for ") == 5


def test_all_waves_are_applied_and_the_next_run_has_nothing_to_do(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, tmp_path: Path
) -> None:
    """The tools are in a category that the first wave makes."""
    waves = connector(pim, state, tmp_path)
    plan = waves.plan()
    assert simulator.mutating_calls == []
    assert applied(waves, plan) == [(2, 0, 0), (2, 0, 0), (3, 0, 0), (9, 0, 0), (5, 0, 0)]
    assert (len(models(pim)), len(products(pim))) == (5, 14)
    assert by_sku(pim)["000004"].categories == ("drills",)
    simulator.forget_calls()
    assert applied(waves, plan) == [(0, 2, 0), (0, 2, 0), (0, 3, 0), (0, 9, 0), (0, 5, 0)]
    assert [part.unchanged for part in waves.run().parts] == [2, 2, 3, 9, 5]
    assert simulator.mutating_calls == []


def test_lines_and_page_are_of_all_waves(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    plan = connector(pim, state, tmp_path).plan()
    lines = [json.loads(line) for line in plan.lines()]
    assert list(dict.fromkeys(line["stream"] for line in lines)) == STREAMS
    assert len(lines) == 2 + 2 + 3 + 9 + 5
    page = plan.to_html()
    assert page.count("<tbody class=item") == len(lines)
    assert page.count("<h1>") == 1
    made = page.partition("<p class=made>")[2].partition("</p>")[0]
    origins = list(dict.fromkeys(one.origin for one in plan.parts))
    assert len(origins) > 1
    assert made.partition(": ")[2] == "; ".join(origins), "all that was read, and not the first wave alone"
    plan.save_html(tmp_path / "plan.html")
    assert (tmp_path / "plan.html").read_text() == page


# ---- what moved ----
def test_each_wave_is_held_against_what_is_there_at_its_turn(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    connector(pim, state, tmp_path).run()
    anew = [{**one, "name": f"{one['name']} anew"} for one in SHIRT_ROWS]
    waves = connector(pim, state, tmp_path, shirts=[*SHIRT_ROWS, *anew], tools=[{**one, "name": "Anew"} for one in TOOL_ROWS])  # fmt: skip
    plan = waves.plan()
    edited = Value(AttributeCode("name"), "Julia's")
    pim.product_models.upsert(ProductModelPatch(code=ProductModelCode("ST0"), values=[edited]))
    report = waves.apply(stored(plan))
    assert [(part.updated, part.parked) for part in report.parts] == [(0, 0), (1, 1), (0, 0), (0, 0), (5, 0)]
    assert "name: planned on 'Shirt 0', and it is \"Julia's\" now" in report.parts[1].parked_items[0].detail
    assert (report.exit_code, models(pim)["ST0"].values.text("name")) == (1, "Julia's")
    assert [part.updated for part in waves.apply(stored(plan), moved="replan").parts] == [0, 1, 0, 0, 0]
    assert models(pim)["ST0"].values.text("name") == "Shirt 0 anew"


def test_what_an_earlier_wave_writes_has_moved_for_a_later_one(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    """Two jobs make the same product: each was planned as though the other did nothing."""
    notes = ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell[str]("sku")),
        (Article.name >> clean()).to(Cell[str]("care")),
    )
    options = [SyncOptions(stream=name) for name in ("tools", "notes")]
    waves = Waves(
        ErpToPim(ListErp([row(1, category="shirts")]), TOOLS, pim, state, options=options[0]),
        ErpToPim(ListErp([row(1)]), notes, pim, state, options=options[1]),
    )
    plan = waves.plan()
    assert [len(part.creates) for part in plan.parts] == [1, 1]
    report = waves.apply(stored(plan))
    assert [(part.created, part.parked) for part in report.parts] == [(1, 0), (0, 1)]
    assert "'000001' is in the PIM by now, and was to be created" in report.parts[1].parked_items[0].detail
    assert [part.written for part in waves.apply(stored(plan), moved="replan").parts] == [0, 1]
    (product,) = pim.products.list()
    assert product.values.text("name") == product.values.text("care") == "Shirt 1"


def test_what_hangs_on_a_parked_item_is_parked_with_the_pims_reason(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    waves = connector(pim, state, tmp_path)
    plan = waves.plan()
    pim.categories.upsert(CategoryPatch(code=CategoryCode("tools")))  # a tree of its own, by somebody else
    report = waves.apply(stored(plan))
    assert [(part.written, part.parked) for part in report.parts] == [(1, 1), (2, 0), (3, 0), (9, 0), (5, 0)]
    assert "'tools' is in the PIM by now" in report.parts[0].parked_items[0].detail

    pim.categories.upsert(CategoryPatch(code=CategoryCode("saws"), parent=CategoryCode("master")))
    saws = [row(9, category="planes")]
    later = connector(pim, state, tmp_path, groups=[*GROUP_ROWS, {"number": "planes", "category": "saws"}], tools=saws)
    plan = later.plan()
    wrong = evolve(plan.parts[0], changes=[])
    report = later.apply(WavesPlan([[wrong], *plan.waves[1:]]))
    (item,) = report.parts[-1].parked_items
    assert (item.code, "planes" in item.detail) == ("refused", True), item


def test_records_before_categories_rest_on_the_same_structure(state: SqliteState, tmp_path: Path) -> None:
    """Their wave comes first, and the plan is applied again when the categories of a later one are there."""
    simulator = fill(PimSimulator(behaviour=evolve(Behaviour(), has_enterprise=True)))
    simulator.load("/api/rest/v1/reference-entities", [{"code": "brands"}])
    brands = RecordMapping(
        "brands", Article, (Article.number >> sku()).to(CODE), Article.name.to(Cell[str]("label", locale="en_US"))
    )
    with simulator.client() as pim:
        job = ErpToPim(ListErp([{"number": "nordwerk", "name": "Nordwerk"}]), brands, pim, state)
        waves = Waves(job, *connector(pim, state, tmp_path).jobs)
        plan = waves.plan()
        assert [part.stream for part in plan.parts] == ["records of brands", *STREAMS]
        assert [one[0] for one in applied(waves, plan)] == [1, 2, 2, 3, 9, 5]
        simulator.forget_calls()
        assert [one[1] for one in applied(waves, plan)] == [1, 2, 2, 3, 9, 5]
        assert simulator.mutating_calls == []


def test_a_table_that_leads_to_what_is_not_there_yet_is_no_plan_and_yet_a_run(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    """As `WavesPlan` says: preflight holds a table against the PIM as it is."""
    by_table = ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell[str]("sku")),
        (Article.category >> lookup({"drills": "drills"}) >> as_set()).to(CATEGORIES),
    )
    waves = connector(pim, state, tmp_path, tool_mapping=by_table)
    with pytest.raises(PreflightFailed, match="not in the PIM: drills"):
        waves.plan()
    assert [part.created for part in waves.run().parts] == [2, 2, 3, 9, 5]


# ---- what is refused ----
def other_tools() -> ProductMapping[Article]:
    return ProductMapping(Article, (Article.number >> sku()).to(Cell[str]("sku")))


def test_nothing_is_written_of_a_plan_of_which_a_wave_is_wrong(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, tmp_path: Path
) -> None:
    waves = connector(pim, state, tmp_path)
    plan = waves.plan()
    groups, shirts, tools = plan.waves
    wrong: dict[str, tuple[Waves, WavesPlan]] = {
        "this plan is of 2 waves, and 3 jobs would write it; apply it with the jobs that made it": (
            waves, WavesPlan([groups, shirts])),
        "this plan is of 3 waves, and 1 job would write it": (Waves(waves.jobs[0]), plan),
        "is not for 'tools'; apply it with the job that made it": (waves, WavesPlan([groups, shirts, shirts[2:]])),
        "2 parts, and this mapping makes 3; make a new plan": (waves, WavesPlan([groups, shirts[1:], tools])),
        "0 parts for stream 'tools', and its job makes 1; make a new plan": (waves, WavesPlan([groups, shirts, []])),
        "stream 'tools' was made by another mapping": (
            connector(pim, state, tmp_path, tool_mapping=other_tools()), plan),
        "is for Article items of the PIM http://elsewhere": (
            waves, WavesPlan([groups, shirts, [evolve(tools[0], origin="Article items of the PIM http://elsewhere")]])),
        "does not tell what it rests on": (
            waves,
            WavesPlan([groups, shirts, [evolve(tools[0], changes=[evolve(tools[0].changes[0], base=None)])]])),
    }  # fmt: skip
    for words, (jobs, one) in wrong.items():
        with pytest.raises(ConfigurationError) as raised:
            jobs.apply(one)
        assert words in str(raised.value)
        assert len(str(raised.value).splitlines()) == 1
    with pytest.raises(ConfigurationError, match="neither 'refuse' nor 'replan'"):
        waves.apply(plan, moved="never")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # as somebody may write it
    (tmp_path / "bad").mkdir()
    bad = [{**one, "name": None, "number": ""} for one in TOOL_ROWS]
    stopped = connector(pim, state, tmp_path / "bad", tools=bad, brakes=Brakes(after=1))
    with pytest.raises(BrakeApplied, match="stream 'tools' is not whole, nothing was written"):
        stopped.apply(stopped.plan())
    assert simulator.mutating_calls == []


def test_a_plan_for_another_structure_is_refused(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, tmp_path: Path
) -> None:
    waves = connector(pim, state, tmp_path)
    plan = waves.plan()
    simulator.load("/api/rest/v1/attributes", [{"code": "new", "type": "pim_catalog_text", "group": "erp"}])
    with pytest.raises(ConfigurationError, match="was made when the PIM had another structure; make a new plan"):
        waves.apply(stored(plan))
    assert simulator.mutating_calls == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("Drill 4", "Drill 5"), "it was altered after it was made; make a new plan"),
        (lambda text: text.replace('"stream": "tools"', '"stream": "other"'), "it was altered"),
        (lambda text: text[:-40], "make a new plan"),
        (lambda text: text.replace('"format": 1', '"format": 2', 1), "it is of format 2, and this version reads 1"),
        (lambda text: "{}", "it is no plan file; name one"),
        (lambda text: WavesPlan.from_json(text).parts[0].to_json(), "it is a Plan, which has a load of its own"),
        (lambda text: VariantPlan(WavesPlan.from_json(text).parts).to_json(), "it is a VariantPlan, which has"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_as_it_was_made_is_one_line(
    change: Callable[[str], str], words: str, pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(change(connector(pim, state, tmp_path).plan().to_json()))
    with pytest.raises(ConfigurationError) as raised:
        WavesPlan.load(path)
    assert str(raised.value).startswith(f"plan file '{path}': ")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_other_kinds_do_not_take_it(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    text = connector(pim, state, tmp_path).plan().to_json()
    kinds: list[Callable[[str], object]] = [Plan.from_json, VariantPlan.from_json]
    for read in kinds:
        with pytest.raises(ConfigurationError, match="it is a WavesPlan, which has a load of its own"):
            read(text)


# ---- kills ----
@contextmanager
def opened(folder: Path) -> Iterator[tuple[PimSimulator, AkeneoClient, SqliteState]]:
    with PimSimulator(folder / "pim.db") as simulator, SqliteState(folder / "state.db") as state:
        auth = PasswordAuth(**simulator.auth_kwargs)
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
            yield simulator, pim, state


def apply_killed(folder: Path, fatal: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(Path(__file__).with_name("killed_waves.py")), str(folder), str(fatal)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def content(pim: AkeneoClient) -> dict[str, object]:
    """Everything that the waves write, products with the UUIDs that the plan has chosen."""
    found = by_sku(pim)
    assert len(found) == pim.products.count(), "a product exists twice"
    categories: dict[str, object] = {str(one.code): one.parent for one in pim.categories.list()}
    above: dict[str, object] = {code: (one.parent, one.values.source) for code, one in models(pim).items()}
    return {**categories, **above, **{number: (one.uuid, one.parent, one.categories, one.values.source) for number, one in found.items()}}  # fmt: skip


def test_killed_at_the_boundaries_the_same_file_ends_in_the_same_pim(tmp_path: Path) -> None:
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    with opened(prepared) as (simulator, pim, state):
        fill(simulator)
        connector(pim, state, prepared).plan().save(prepared / "plan.json")

    whole = shutil.copytree(prepared, tmp_path / "whole")
    answer = apply_killed(whole, 0)
    assert answer.returncode == 0, answer.stderr
    boundaries = answer.stdout.split()
    assert set(boundaries) == {"state.intended", "pim.sent", "state.settled"}
    assert len(boundaries) == 3 * (1 + 1 + 1 + 3 + 2)  # trees at once, products by fours
    with opened(whole) as (_, pim, _):
        expected = content(pim)
    assert len(expected) == 5 + 5 + 14

    # the last boundary of each wave, too: the next begins on what is there
    for fatal in sorted({*fatal_boundaries(boundaries), 3, 9, 18}):
        folder = shutil.copytree(prepared, tmp_path / str(fatal))
        assert apply_killed(folder, fatal).returncode == -signal.SIGKILL
        again = apply_killed(folder, 0)
        assert again.returncode == 0, again.stderr
        with opened(folder) as (simulator, pim, state):
            assert content(pim) == expected, f"killed at {fatal}, {boundaries[fatal - 1]}"
            simulator.forget_calls()
            assert [part.unchanged for part in connector(pim, state, folder).run().parts] == [2, 2, 3, 9, 5]
            assert simulator.mutating_calls == []


def test_a_plan_that_is_not_whole_says_so_before_a_kill_could_matter(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    """A failed check is in the run history, under the stream that it is about."""
    waves = connector(pim, state, tmp_path)
    groups, shirts, _ = waves.plan().waves
    with pytest.raises(BridgeError):
        waves.apply(WavesPlan([groups, shirts, shirts[2:]]))
    (record,) = state.runs("tools")
    assert (record.stream, "is not for 'tools'" in (record.error or "")) == ("tools", True)
