"""Flat rows become models and variants, and what goes wrong is told row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.classification import Cold, Temperature
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, FamilyCode
from akeneo_erp_bridge.erp import Cursor, Page, cold
from akeneo_erp_bridge.errors import ConfigurationError, MappingError, PreflightFailed, StateError, TemperatureRefused
from akeneo_erp_bridge.mapping import PARENT, VariantMapping, Variants, lookup
from akeneo_erp_bridge.rules import Outcome, Owner, Put, Rule
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions, VariantReport, VariantsToPim
from akeneo_erp_bridge.sync._rows._text import read_row, write_row
from akeneo_erp_bridge.testing import PimSimulator
from shirts import BINDINGS, ONE_LEVEL, TWO_LEVELS, Shirt, Shirts, by_colour, fill, mapping, models, products, shirt

Job = VariantsToPim[Shirt]


@pytest.fixture
def simulator() -> PimSimulator:
    return fill(PimSimulator())


@pytest.fixture
def pim(simulator: PimSimulator) -> Iterator[AkeneoClient]:
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as client:
        yield client


Make = Callable[..., Job]


@pytest.fixture
def make(pim: AkeneoClient, tmp_path: Path) -> Iterator[Make]:
    """A job over these rows, with the state of the test."""
    with SqliteState(tmp_path / "state.db") as state:

        def one(erp: Shirts, variants: Variants[Shirt], page_size: int = 4, *, retry_parked: bool = False) -> Job:
            options = SyncOptions(page_size=page_size, retry_parked=retry_parked)
            return VariantsToPim(erp, mapping(variants), pim, state, rows=tmp_path / "rows.db", options=options)

        yield one


def ran(job: Job) -> VariantReport:
    report = job.run()
    assert report.accounts_for_everything(), report
    return report


def parked(report: VariantReport, part: int = -1) -> dict[str, str]:
    return {str(one.key): f"{one.path}: {one.detail}" for one in report.parts[part].parked_items}


# ---- levels ----
def test_each_value_goes_to_the_level_that_holds_it(make: Make, pim: AkeneoClient) -> None:
    job = make(Shirts([shirt(n) for n in range(12)]), TWO_LEVELS)
    plan = job.plan()
    assert [sorted(part.changes[0].cells) for part in plan.parts] == [
        ["categories", "code", "family_variant", "name"],
        ["care", "code", "colour", "parent"],
        ["parent", "size", "sku", "supplier_note"],
    ]
    report = ran(job)
    assert [part.created for part in report.parts] == [2, 4, 12]
    assert report.exit_code == 0
    assert sorted(models(pim)) == ["ST0", "ST0_blau", "ST0_rot", "ST1", "ST1_blau", "ST1_rot"]
    root, sub = models(pim)["ST0"], models(pim)["ST0_blau"]
    assert (root.parent, root.family_variant, root.categories) == (None, "by_colour_and_size", ("shirts",))
    assert (sub.parent, sub.values.option("colour"), sub.values.text("care")) == ("ST0", "blue", "care of 0 blau")
    one = products(pim)["0004"]
    assert (one.parent, one.family, one.categories) == ("ST0_blau", "clothing", ("shirts",))
    assert (one.values.option("size"), one.values.text("supplier_note")) == ("m", "note 4")
    assert (one.values.text("name"), one.values.option("colour")) == ("Shirt 0", "blue")  # from above


def test_one_level_takes_one_model(make: Make, pim: AkeneoClient) -> None:
    report = ran(make(Shirts([by_colour(n) for n in range(12)]), ONE_LEVEL))
    assert [(part.stream, part.created) for part in report.parts] == [("models of products", 4), ("products", 12)]
    assert models(pim)["ST1"].values.option("colour") == "blue"
    assert products(pim)["0005"].parent == "ST1"


@pytest.mark.parametrize("variants", [ONE_LEVEL, TWO_LEVELS])
def test_a_variant_shows_the_whole_row_again(make: Make, pim: AkeneoClient, variants: Variants[Shirt]) -> None:
    rows = [(by_colour if variants is ONE_LEVEL else shirt)(n) for n in range(12)]
    ran(make(Shirts(rows), variants))
    colours = {"rot": "red", "blau": "blue"}
    for row in rows:
        values = products(pim)[str(row["number"])].values
        seen = [values.text(code) for code in ("name", "care", "supplier_note")]
        assert seen == [row["name"], row["care"], row["note"]]
        assert (values.option("colour"), values.option("size")) == (
            colours[str(row["colour"])],
            str(row["size"]).lower(),
        )


def test_a_mapping_of_variants_makes_no_flat_products(pim: AkeneoClient) -> None:
    with SqliteState(":memory:") as state, pytest.raises(ConfigurationError, match="give it to VariantsToPim"):
        ErpToPim(Shirts([shirt(0)]), mapping(TWO_LEVELS), pim, state)


def test_no_change_no_call(make: Make, simulator: PimSimulator) -> None:
    erp = Shirts([shirt(n) for n in range(12)])
    ran(make(erp, TWO_LEVELS))
    simulator.forget_calls()
    for number in range(12):
        erp.put(shirt(number, stock=number + 100))
    again = ran(make(erp, TWO_LEVELS))
    everything = ran(make(erp, TWO_LEVELS, retry_parked=True))
    assert simulator.mutating_calls == []
    assert [part.read for part in again.parts] == [0, 0, 0]  # stock is not even kept
    assert [part.unchanged for part in everything.parts] == [2, 4, 12]


def test_a_change_of_all_rows_changes_their_model_alone(make: Make, pim: AkeneoClient, simulator: PimSimulator) -> None:
    erp = Shirts([shirt(n) for n in range(12)])
    ran(make(erp, TWO_LEVELS))
    for number in range(6):
        erp.put(shirt(number, name="Shirt, now better"))
    simulator.forget_calls()
    report = ran(make(erp, TWO_LEVELS))
    assert [part.updated for part in report.parts] == [1, 0, 0]
    assert len(simulator.mutating_calls) == 1
    assert products(pim)["0000"].values.text("name") == "Shirt, now better"


def test_a_row_without_a_model_is_a_simple_product_with_all_its_values(make: Make, pim: AkeneoClient) -> None:
    ran(make(Shirts([shirt(0), shirt(1, style=None)]), TWO_LEVELS))
    alone = products(pim)["0001"]
    assert alone.parent is None
    assert (alone.values.text("name"), alone.values.option("colour"), alone.categories) == (
        "Shirt 0",
        "red",
        ("shirts",),
    )


@pytest.mark.parametrize(("lone", "parent"), [("model", "ST0"), ("simple", None)])
def test_a_lone_row_is_what_was_chosen(make: Make, pim: AkeneoClient, lone: str, parent: str | None) -> None:
    ran(make(Shirts([by_colour(0), by_colour(3), by_colour(4)]), evolve(ONE_LEVEL, lone=lone)))  # type: ignore[arg-type]  # one of both words
    assert products(pim)["0000"].parent == parent
    assert products(pim)["0003"].parent == "ST1"
    assert ("ST0" in models(pim)) is (parent is not None)


def test_categories_may_be_the_variants_own(make: Make, pim: AkeneoClient) -> None:
    rows = [by_colour(0), by_colour(1, group="X")]
    ran(make(Shirts(rows), evolve(ONE_LEVEL, categories="variant")))
    assert models(pim)["ST0"].categories == ()
    assert products(pim)["0001"].categories == ("sale",)


# ---- disagreement ----
def test_rows_that_disagree_are_listed_and_their_model_waits(make: Make, pim: AkeneoClient) -> None:
    rows = [by_colour(0), by_colour(1, name="Shirrt"), by_colour(2), by_colour(3)]
    report = ran(make(Shirts(rows), ONE_LEVEL))
    said = parked(report, 0)["ST0"]
    assert "name" in said
    assert "'Shirt 0' (rows 0000, 0002), 'Shirrt' (row 0001)" in said
    assert set(parked(report)) == {"0000", "0001", "0002"}
    assert "its model 'ST0' is not in the PIM" in parked(report)["0000"]
    assert list(products(pim)) == ["0003"]  # the other model goes on


def test_a_model_that_is_mended_brings_its_variants_in(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([shirt(0), shirt(1, name="Shirrt"), shirt(3)])
    ran(make(erp, TWO_LEVELS))
    assert products(pim) == {}
    erp.put(shirt(1))  # the siblings are not told again
    report = ran(make(erp, TWO_LEVELS))
    assert [part.created for part in report.parts] == [1, 2, 3]
    assert sorted(products(pim)) == ["0000", "0001", "0003"]


def test_a_disagreement_in_a_model_that_is_there_keeps_no_variant_out(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([by_colour(0), by_colour(1)])
    ran(make(erp, ONE_LEVEL))
    erp.put(by_colour(2, name="Shirrt"))
    report = ran(make(erp, ONE_LEVEL))
    assert (report.parts[0].parked, report.products.created) == (1, 1)
    assert products(pim)["0002"].parent == "ST0"
    assert models(pim)["ST0"].values.text("name") == "Shirt 0"


@pytest.mark.parametrize(("choice", "name"), [("first", "A"), ("most", "B")])
def test_a_disagreement_may_be_decided(make: Make, pim: AkeneoClient, choice: str, name: str) -> None:
    rows = [by_colour(0, name="A"), by_colour(1, name="B"), by_colour(2, name="B")]
    job = make(Shirts(rows), evolve(ONE_LEVEL, disagreement=choice))  # type: ignore[arg-type]  # one of both words
    notes = job.plan().parts[0].changes[0].cells["name"].notes
    assert notes == ("the rows disagree: 'A' (row 0000), 'B' (rows 0001, 0002)",)
    ran(job)
    assert models(pim)["ST0"].values.text("name") == name


def test_a_row_that_says_nothing_does_not_disagree(make: Make, pim: AkeneoClient) -> None:
    silent = by_colour(1)
    del silent["name"]
    ran(make(Shirts([by_colour(0), silent]), ONE_LEVEL))
    assert models(pim)["ST0"].values.text("name") == "Shirt 0"


def test_a_wrong_value_of_one_row_names_the_row(make: Make) -> None:
    report = ran(make(Shirts([by_colour(0), by_colour(1, colour="mauve")]), ONE_LEVEL))
    assert "row 0001: 'mauve' is not in the table" in parked(report, 0)["ST0"]


# ---- axes ----
def test_a_row_without_an_axis_value_is_parked_alone(make: Make, pim: AkeneoClient) -> None:
    report = ran(make(Shirts([by_colour(0), by_colour(1, size=None), by_colour(2)]), ONE_LEVEL))
    assert "axis 'size' has no value" in parked(report)["0001"]
    assert sorted(products(pim)) == ["0000", "0002"]


def test_rows_with_the_same_axes_are_parked_both_and_the_others_go_on(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([by_colour(0), by_colour(1, size="s"), by_colour(2)])
    report = ran(make(erp, ONE_LEVEL))
    assert set(parked(report)) == {"0000", "0001"}
    assert "rows 0000, 0001 are the same variant (size=s)" in parked(report)["0000"]
    assert list(products(pim)) == ["0002"]
    erp.put(by_colour(1))
    assert ran(make(erp, ONE_LEVEL)).products.created == 2
    assert sorted(products(pim)) == ["0000", "0001", "0002"]


def test_an_axis_of_a_product_in_the_pim_does_not_change_unless_allowed(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([by_colour(0), by_colour(1)])
    ran(make(erp, ONE_LEVEL))
    erp.put(by_colour(1, size="L"))
    report = ran(make(erp, ONE_LEVEL))
    assert "'m' in the PIM and 'l' in the ERP" in parked(report)["0001"]
    assert "axis_change='allow'" in parked(report)["0001"]
    assert ran(make(erp, evolve(ONE_LEVEL, axis_change="allow"))).products.updated == 1
    assert products(pim)["0001"].values.option("size") == "l"


# ---- over time ----
@pytest.mark.parametrize(
    ("before", "after"), [("ST0", "ST1"), (None, "ST1"), ("ST0", None)], ids=["moves", "joins", "leaves"]
)
def test_a_row_that_changes_its_model_is_parked_unless_allowed(
    make: Make, pim: AkeneoClient, before: str | None, after: str | None
) -> None:
    erp = Shirts([by_colour(0), by_colour(3), by_colour(1, style=before)])
    ran(make(erp, ONE_LEVEL))
    erp.put(by_colour(1, style=after, colour="blau" if after else "rot", name="Shirt 0"))
    report = ran(make(erp, evolve(ONE_LEVEL, disagreement="first")))
    assert "regroup='allow'" in parked(report)["0001"]
    assert products(pim)["0001"].parent == before
    allowed = ran(make(erp, evolve(ONE_LEVEL, disagreement="first", regroup="allow")))
    assert allowed.products.parked == 0
    moved = products(pim)["0001"]
    assert moved.parent == after
    assert moved.values.option("colour") == ("blue" if after else "red")


def test_a_deleted_row_disables_its_product_and_leaves_the_model(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([by_colour(0), by_colour(1)])
    ran(make(erp, ONE_LEVEL))
    for number in (0, 1):
        erp.remove(number)
        assert ran(make(erp, ONE_LEVEL)).products.tombstoned == 1
    assert [one.enabled for one in products(pim).values()] == [False, False]
    assert "ST0" in models(pim)
    erp.put(by_colour(0))
    ran(make(erp, ONE_LEVEL))
    assert products(pim)["0000"].enabled


# ---- rows that do not fit ----
def test_rows_of_one_model_with_two_family_variants_are_named(make: Make, pim: AkeneoClient) -> None:
    kind = (Shirt.note >> lookup({"deep": "by_colour_and_size", "flat": "by_size", "odd": "none"})).default("by_size")
    variants = evolve(TWO_LEVELS, family_variant=kind)
    rows = [
        shirt(0, note="deep"),
        shirt(1, note="flat"),
        shirt(6, note="flat"),
        shirt(12, note="deep"),
        shirt(7, note="odd"),
    ]
    job = make(Shirts(rows), variants)
    with pytest.raises(PreflightFailed, match="family variant 'none' is not in the PIM"):
        job.run()
    rows.pop()
    known = (Shirt.note >> lookup({"deep": "by_colour_and_size", "flat": "by_size"})).default("by_size")
    report = ran(make(Shirts(rows), evolve(TWO_LEVELS, family_variant=known)))
    assert "0000 says 'by_colour_and_size', 0001 says 'by_size'" in parked(report, 0)["ST0"]
    assert set(parked(report)) == {"0000", "0001"}
    assert products(pim)["0006"].parent == "ST1"
    assert products(pim)["0012"].parent == "ST2_rot"
    assert models(pim)["ST1"].values.option("colour") == "red"  # which the other family variant keeps below


def test_a_sub_model_of_two_models_is_parked(make: Make) -> None:
    variants = evolve(TWO_LEVELS, sub_model=Shirt.colour)
    report = ran(make(Shirts([shirt(0), shirt(6)]), variants))
    assert "sub model 'rot' has rows of several models (st0, st1)" in parked(report, 1)["rot"]


def test_rows_without_a_key_and_second_rows_of_a_key_are_parked(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([by_colour(0), by_colour(1), by_colour(2, number=None), by_colour(4, number="0001")])
    job = make(erp, ONE_LEVEL, page_size=10)
    erp.read_items = lambda since, *, fields, limit: iter([whole(erp)])  # type: ignore[method-assign]  # every reading shows all
    report = ran(job)
    assert report.products.parked == 2
    assert any("no key in field 'number'" in one and "Shirt 0" in one for one in parked(report).values())
    assert "twice with different content" in parked(report)["0001 (another row)"]
    assert products(pim)["0001"].values.text("supplier_note") == "note 1"
    assert ran(job).products.parked == 2
    del erp.log[2:]
    again = ran(job)
    assert (again.products.parked, again.products.waiting, again.products.tombstoned) == (0, 0, 0)
    assert ran(job).exit_code == 0
    assert sorted(products(pim)) == ["0000", "0001"]


def whole(erp: Shirts) -> Page[Shirt]:
    return Page([Shirt(row) for _, row in erp.log if row is not None], [], Cursor("snapshot", ""))


def test_codes_that_differ_in_case_are_one_model(make: Make, pim: AkeneoClient) -> None:
    ran(make(Shirts([by_colour(0), by_colour(1, style="st0")]), ONE_LEVEL))
    assert list(models(pim)) == ["ST0"]
    assert {one.parent for one in products(pim).values()} == {"ST0"}


# ---- whose it is ----
def test_what_a_user_adds_to_a_model_stays(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([by_colour(0), by_colour(1)])
    ran(make(erp, ONE_LEVEL))
    root = models(pim)["ST0"]
    pim.product_models.upsert(evolve(root, categories=(*root.categories, CategoryCode("sale"))))
    for number in (0, 1):
        erp.put(by_colour(number, group="S", name="New"))
    ran(make(erp, ONE_LEVEL))
    assert set(models(pim)["ST0"].categories) == {"shirts", "sale"}


def test_models_and_variants_that_are_there_are_adopted(make: Make, pim: AkeneoClient, simulator: PimSimulator) -> None:
    ran(make(Shirts([by_colour(0), by_colour(1)]), ONE_LEVEL))
    again = make(Shirts([by_colour(0), by_colour(1)]), ONE_LEVEL)
    again.options = evolve(again.options, stream="another connector")
    again.rows = again.rows.with_name("other.rows")
    simulator.forget_calls()
    assert [part.unchanged for part in ran(again).parts] == [1, 2]
    assert simulator.mutating_calls == []
    assert len(products(pim)) == 2


def test_a_simple_product_that_is_there_is_converted_only_when_allowed(make: Make, pim: AkeneoClient) -> None:
    family = FamilyCode("clothing")
    pim.products.create(ProductPatch(family=family, values=[Value(AttributeCode("sku"), "0000")]))
    erp = Shirts([by_colour(0), by_colour(1)])
    report = ran(make(erp, ONE_LEVEL))
    assert "null in the PIM and 'ST0' in the ERP" in parked(report)["0000"]
    ran(make(erp, evolve(ONE_LEVEL, regroup="allow")))
    assert products(pim)["0000"].parent == "ST0"


# ---- declared wrongly ----
def problems(job: Job) -> str:
    with pytest.raises(PreflightFailed) as caught:
        job.plan()
    return str(caught.value)


def test_preflight_asks_for_levels_and_axes(make: Make) -> None:
    erp = Shirts([])
    assert "sub_model" in problems(make(erp, evolve(TWO_LEVELS, sub_model=None)))
    assert "has one level; leave it out" in problems(make(erp, evolve(TWO_LEVELS, family_variant="by_size")))
    assert "'nowhere' is not in the PIM" in problems(make(erp, evolve(ONE_LEVEL, family_variant="nowhere")))
    job = make(erp, ONE_LEVEL)
    job.mapping = VariantMapping(Shirt, ONE_LEVEL, *BINDINGS[:-1])
    assert "'by_size' tells its variants apart by 'size', which no binding fills" in problems(job)
    job.mapping = VariantMapping(Shirt, ONE_LEVEL, *BINDINGS[:-1], evolve(BINDINGS[-1], owner=Owner.PIM))
    assert "the ERP must fill it" in problems(job)


def test_the_parent_is_not_bound_by_hand() -> None:
    with pytest.raises(MappingError, match="made by Variants"):
        VariantMapping(Shirt, ONE_LEVEL, *BINDINGS, Shirt.style.to(PARENT))


def test_a_hot_field_groups_nothing() -> None:
    with pytest.raises(TemperatureRefused, match="cannot group"):
        Variants(model=Shirt.stock.map(str), family_variant="by_size")  # type: ignore[arg-type]  # the misuse


def test_a_store_that_is_something_else_is_refused(make: Make, tmp_path: Path) -> None:
    (tmp_path / "rows.db").write_text("not a database, and quite long enough to look like one " * 40)
    with pytest.raises(StateError, match=r"rows\.db"):
        make(Shirts([by_colour(0)]), ONE_LEVEL).run()


def test_a_lost_store_costs_reading_and_no_call(make: Make, simulator: PimSimulator, tmp_path: Path) -> None:
    erp = Shirts([shirt(n) for n in range(12)])
    ran(make(erp, TWO_LEVELS))
    for file in tmp_path.glob("rows.db*"):
        file.unlink()
    simulator.forget_calls()
    report = ran(make(erp, TWO_LEVELS))
    assert [part.unchanged for part in report.parts] == [2, 4, 12]
    assert simulator.mutating_calls == []


# ---- rules that group are rules like any other ----
class Grouping(Rule[Shirt, str, Cold]):
    """A rule of a user's own that says it reads the style."""

    def __init__(self, read: Callable[[Shirt], str]) -> None:
        self.read = read

    @property
    def label(self) -> str:
        return "grouping()"

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({Cold})

    @property
    def sources(self) -> frozenset[str]:
        return frozenset({"style"})

    def run(self, source: Shirt) -> Outcome[str]:
        return Put(self.read(source))


def test_a_rule_that_groups_sees_what_the_mapping_reads(make: Make, pim: AkeneoClient) -> None:
    by_row = Grouping(lambda item: "_".join(sorted(item.row)))
    ran(make(Shirts([by_colour(0)]), evolve(ONE_LEVEL, model=by_row)))
    (code,) = models(pim)
    assert "style" in code
    assert "stock" not in code


def test_a_rule_that_groups_and_raises_parks_its_row_alone(make: Make, pim: AkeneoClient) -> None:
    fragile = Grouping(lambda item: str(item.row["style"])[:3] if item.style != "ST1" else str(1 // 0))
    report = make(Shirts([by_colour(0), by_colour(3), by_colour(6)]), evolve(ONE_LEVEL, model=fragile)).run()
    assert report.accounts_for_everything()
    assert "rule 'grouping()' raised ZeroDivisionError" in parked(report)["0003"]
    assert sorted(products(pim)) == ["0000", "0006"]


def test_a_column_of_another_shape_is_told_as_everywhere() -> None:
    """The row is kept, and what cannot be read in it is a problem of its cell."""
    deep = cold(str, "deep[0].name").__get__(None, Shirt)
    for value in ({"name": "x"}, "text", [["x"]]):
        row = Shirt(shirt(0, deep=value)).narrowed({"number", "deep[0].name"}).row
        kept = read_row(write_row(row))
        assert kept == row
        assert deep.run(Shirt(kept)) == deep.run(Shirt(shirt(0, deep=value)))
