"""What rows and PIM users do to models and variants after the first run, and how each recovers."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import ProductPatch
from akeneo_erp_bridge.codes import ProductModelCode
from akeneo_erp_bridge.erp import Choice, Cursor, Page
from akeneo_erp_bridge.errors import PreflightFailed, StateError
from akeneo_erp_bridge.mapping import VariantMapping, Variants, lookup
from akeneo_erp_bridge.rules import Binding, Cell, Outcome, Put, Rule
from akeneo_erp_bridge.sync import Brakes, SqliteState, SyncOptions, VariantReport, VariantsToPim
from akeneo_erp_bridge.sync._rows._store import RowStore
from akeneo_erp_bridge.testing import PimSimulator
from shirts import BINDINGS, ONE_LEVEL, TWO_LEVELS, Shirt, Shirts, by_colour, fill, models, products, shirt

FREE: Variants[Shirt] = evolve(ONE_LEVEL, regroup="allow", axis_change="allow")
FREE_TWO: Variants[Shirt] = evolve(TWO_LEVELS, regroup="allow", axis_change="allow")

PLAIN = SyncOptions(page_size=4)
RETRY = evolve(PLAIN, retry_parked=True)


class Snapshot(Shirts):
    """An ERP that shows all it has each time, and tells no deletions."""

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
        yield Page([Shirt(row) for _, row in self.log if row is not None], [], Cursor("snapshot", ""))


class Askable(Shirts):
    """It can be asked for some rows; `doubles` are rows beside the last ones of their numbers."""

    def __init__(self, rows: list[dict[str, object]]) -> None:
        super().__init__(rows)
        self.doubles: list[dict[str, object]] = []
        self.asked: list[Choice] = []

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
        self.asked.append(choice)
        rows = [row for row in (*dict(self.log).values(), *self.doubles) if row is not None]
        found = [Shirt(row) for row in rows if row[choice.path] in choice.values]
        yield Page(found, [], Cursor("snapshot", ""))


class Bench:
    """A PIM, a state and a file of rows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = folder / "rows.db"
        self.simulator = fill(PimSimulator())
        auth = PasswordAuth(**self.simulator.auth_kwargs)
        self.pim = AkeneoClient(self.simulator.url, auth, transport=self.simulator.transport())
        self.state = SqliteState(folder / "state.db")

    def job(
        self,
        erp: Shirts,
        variants: Variants[Shirt] = FREE,
        bindings: Sequence[Binding[Shirt]] = BINDINGS,
        options: SyncOptions = PLAIN,
    ) -> VariantsToPim[Shirt]:
        mapping = VariantMapping(Shirt, variants, *bindings)
        return VariantsToPim(erp, mapping, self.pim, self.state, rows=self.rows, options=options)

    def run(self, erp: Shirts, variants: Variants[Shirt] = FREE, options: SyncOptions = PLAIN) -> VariantReport:
        report = self.job(erp, variants, options=options).run()
        assert report.accounts_for_everything(), report
        return report

    def lose_rows(self) -> None:
        for file in self.folder.glob("rows.db*"):
            file.unlink()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(tmp_path)
    yield one
    one.state.close()
    one.pim.close()


def parked(report: VariantReport, part: int = -1) -> dict[str, str]:
    return {str(one.key): one.detail for one in report.parts[part].parked_items}


def size(bench: Bench, sku: str) -> str | None:
    return products(bench.pim)[sku].values.option("size")


# ---- axes ----
def test_a_row_takes_the_axis_value_that_a_sibling_leaves(bench: Bench) -> None:
    erp = Shirts([by_colour(0), by_colour(1)])
    bench.run(erp)
    erp.put(by_colour(0, size="M"))
    erp.put(by_colour(1, size="L"))
    assert "already has this value" in parked(bench.run(erp))["0000"]  # it is sent first, and the other is still there
    assert bench.run(erp).exit_code == 0
    assert (size(bench, "0000"), size(bench, "0001")) == ("m", "l")


def test_siblings_change_places_by_way_of_a_third_value(bench: Bench) -> None:
    erp = Shirts([by_colour(0), by_colour(1)])
    bench.run(erp)
    erp.put(by_colour(0, size="M"))
    erp.put(by_colour(1, size="S"))
    assert set(parked(bench.run(erp))) == {"0000", "0001"}
    bench.simulator.forget_calls()
    bench.run(erp)
    assert bench.simulator.mutating_calls == []  # what is refused is not sent again for nothing
    erp.put(by_colour(0, size="L"))
    bench.run(erp)
    bench.run(erp)
    erp.put(by_colour(0, size="M"))
    assert bench.run(erp).exit_code == 0
    assert (size(bench, "0000"), size(bench, "0001")) == ("m", "s")


def test_a_deleted_row_keeps_its_axis_value_until_somebody_deletes_its_product(bench: Bench) -> None:
    erp = Shirts([by_colour(0), by_colour(1)])
    bench.run(erp)
    erp.remove(0)
    erp.put(by_colour(2, size="S"))
    assert "already has this value" in parked(bench.run(erp))["0002"]
    bench.pim.products.delete(products(bench.pim)["0000"].uuid)
    assert bench.run(erp, options=RETRY).exit_code == 0
    assert size(bench, "0002") == "s"


def test_the_axis_of_a_sub_model_is_guarded_too(bench: Bench) -> None:
    own_codes = evolve(TWO_LEVELS, sub_model=Shirt.note)
    erp = Shirts([shirt(0, note="X"), shirt(1, note="X")])
    bench.run(erp, own_codes)
    for number in (0, 1):
        erp.put(shirt(number, note="X", colour="blau"))
    assert "axis_change='allow'" in parked(bench.run(erp, own_codes), 1)["X"]
    assert models(bench.pim)["X"].values.option("colour") == "red"
    assert bench.run(erp, evolve(own_codes, axis_change="allow")).exit_code == 0
    assert models(bench.pim)["X"].values.option("colour") == "blue"


# ---- places ----
def test_a_product_that_was_moved_in_the_pim_is_parked_no_longer(bench: Bench) -> None:
    erp = Shirts([by_colour(0), by_colour(3), by_colour(1)])
    bench.run(erp, ONE_LEVEL)
    erp.put(by_colour(1, style="ST1", colour="blau", care="care of 0 blau"))
    assert "move the product in the PIM" in parked(bench.run(erp, ONE_LEVEL))["0001"]
    uuid = products(bench.pim)["0001"].uuid
    bench.pim.products.upsert(ProductPatch(uuid=uuid, parent=ProductModelCode("ST1")))
    assert bench.run(erp, ONE_LEVEL, RETRY).exit_code == 0


def test_who_leaves_a_model_gets_all_values_of_its_row(bench: Bench) -> None:
    erp = Shirts([by_colour(0), by_colour(1, style=None, name="Lone", care="by hand")])
    first = evolve(FREE, disagreement="first")
    bench.run(erp, first)
    erp.put(by_colour(1, name="Lone", care="by hand"))
    bench.run(erp, first)
    assert products(bench.pim)["0001"].values.text("name") == "Shirt 0"
    erp.put(by_colour(1, style=None, name="Lone", care=None))
    bench.run(erp, first)
    alone = products(bench.pim)["0001"].values
    assert (alone.text("name"), alone.text("care")) == ("Lone", None)


@pytest.mark.parametrize("moved", [0, 6])
def test_a_sub_model_of_two_models_recovers_when_one_of_them_lets_go(bench: Bench, moved: int) -> None:
    own_codes = evolve(FREE_TWO, sub_model=Shirt.note)
    erp = Shirts([shirt(0, note="X"), shirt(6, note="X")])
    assert bench.run(erp, own_codes).products.parked == 2
    erp.put(shirt(moved, note="Y"))
    assert bench.run(erp, own_codes).exit_code == 0
    assert sorted(products(bench.pim)) == ["0000", "0006"]


def test_a_family_variant_that_cannot_change_loses_no_value(bench: Bench) -> None:
    levels = [{"level": 1, "axes": ["size"], "attributes": ["size", "sku", "supplier_note", "name"]}]
    bench.simulator.load(
        "/api/rest/v1/families/clothing/variants", [{"code": "named", "variant_attribute_sets": levels}]
    )
    kind = evolve(FREE, family_variant=Shirt.care >> lookup({"a": "by_size", "b": "named"}))
    bindings = [one for one in BINDINGS if one.cell.attribute != "care"]
    erp = Shirts([by_colour(0, care="a"), by_colour(1, care="a")])
    bench.job(erp, kind, bindings).run()
    for number in (0, 1):
        erp.put(by_colour(number, care="b", name=f"of its own: {number}"))
    report = bench.job(erp, kind, bindings).run()
    assert "the PIM never changes the family variant" in parked(report, 0)["ST0"]
    assert set(parked(report)) == {"0000", "0001"}  # their names would have gone to a level that drops them
    for number in (0, 1):
        erp.put(by_colour(number, care="a"))
    assert bench.job(erp, kind, bindings).run().exit_code == 0


def test_a_row_in_trouble_is_no_trouble_for_the_others(bench: Bench) -> None:
    odd = shirt(3, colour="mauve")  # the only row of its sub model
    report = bench.run(Shirts([shirt(0), shirt(1), odd]), FREE_TWO)
    assert list(parked(report)) == ["0003"]
    assert sorted(products(bench.pim)) == ["0000", "0001"]


# ---- readings ----
@pytest.mark.parametrize("odd", [{"size": "S"}, {"name": "Shirrt"}], ids=["a twin", "a disagreement"])
def test_a_row_that_a_complete_reading_does_not_show_groups_no_more(bench: Bench, odd: dict[str, object]) -> None:
    erp = Snapshot([by_colour(0), by_colour(1, **odd), by_colour(2)])
    assert bench.run(erp).products.parked >= 2
    erp.log.pop(1)
    assert bench.run(erp).exit_code == 0
    assert sorted(products(bench.pim)) == ["0000", "0002"]


def test_a_product_whose_row_is_shown_no_longer_stays_as_it_is(bench: Bench) -> None:
    erp = Snapshot([by_colour(0), by_colour(1)])
    bench.run(erp)
    gone = erp.log.pop(1)
    report = bench.run(erp)
    assert (report.products.tombstoned, report.exit_code) == (0, 0)
    assert products(bench.pim)["0001"].enabled
    erp.log.append(gone)
    bench.simulator.forget_calls()
    bench.run(erp)
    assert bench.simulator.mutating_calls == []


def test_a_second_row_of_a_key_is_past_when_the_key_is_told_again(bench: Bench) -> None:
    erp = Askable([by_colour(0), by_colour(1), by_colour(2), by_colour(3), by_colour(1, note="again")])
    erp.doubles = [by_colour(1)]
    assert list(parked(bench.run(erp))) == ["0001 (another row)"]
    erp.doubles = []
    erp.put(by_colour(1, note="and again"))
    bench.run(erp)
    assert bench.run(erp).exit_code == 0
    assert products(bench.pim)["0001"].values.text("supplier_note") == "and again"


# ---- models in the PIM ----
@pytest.mark.parametrize("change", ["note", "care", "name"])
def test_models_that_a_user_deleted_come_back_when_a_row_changes(bench: Bench, change: str) -> None:
    erp = Shirts([shirt(0), shirt(1), shirt(6)])
    bench.run(erp, FREE_TWO)
    bench.pim.product_models.delete("ST0")
    assert list(products(bench.pim)) == ["0006"]
    for number in (0, 1):
        erp.put(shirt(number, **{change: "new"}))
    for _ in range(3):
        report = bench.run(erp, FREE_TWO)
    assert report.exit_code == 0
    assert models(bench.pim)["ST0"].family_variant == "by_colour_and_size"
    if change == "note":
        assert products(bench.pim)["0000"].parent == "ST0_rot"
        assert (size(bench, "0000"), products(bench.pim)["0000"].values.text("supplier_note")) == ("s", "new")
    if change != "name":
        assert models(bench.pim)["ST0_rot"].values.option("colour") == "red"


def test_a_plan_leaves_out_what_hangs_on_a_parked_model(bench: Bench) -> None:
    erp = Shirts([by_colour(0), by_colour(1, name="Shirrt"), by_colour(3)])
    for _ in range(3):
        bench.run(erp)
    for _ in range(2):
        assert not bench.job(erp).plan().products.changes


def test_what_hangs_on_a_stopped_stage_is_not_begun(bench: Bench) -> None:
    erp = Shirts([by_colour(0), by_colour(1, name="Shirrt"), by_colour(3)])
    report = bench.run(erp, options=SyncOptions(brakes=Brakes(after=1)))
    assert report.exit_code == 5
    assert (report.products.stream, report.products.read) == ("products", 0)
    assert "not begun" in str(report.products)
    plan = bench.job(erp, options=SyncOptions(brakes=Brakes(after=1))).plan()
    assert not plan.products.changes
    assert plan.products.report.exit_code == 5


def test_codes_may_change_their_case_and_the_rows_be_lost(bench: Bench) -> None:
    erp = Shirts([shirt(0), shirt(1, style="st0")])
    bench.run(erp, FREE_TWO)
    erp.remove(0)
    bench.run(erp, FREE_TWO)
    bench.lose_rows()
    bench.simulator.forget_calls()
    assert bench.run(erp, FREE_TWO).exit_code == 0
    assert bench.simulator.mutating_calls == []
    assert sorted(models(bench.pim)) == ["ST0", "ST0_rot"]


# ---- rows that do not fit ----
class Raising(Rule[str, str, object]):
    """A rule of a user's own."""

    label = "raising()"

    def run(self, source: str) -> Outcome[str]:
        if source in ("ST1", "L"):
            raise RuntimeError("no")
        return Put(source.lower() if len(source) == 1 else source)


def test_odd_codes_and_rules_that_raise_park_the_row_alone(bench: Bench) -> None:
    rows = [by_colour(0), by_colour(2), by_colour(3), by_colour(6, style="\ud800"), by_colour(9, size="\ud800")]
    raising = evolve(FREE, model=Shirt.style >> Raising())  # type: ignore[arg-type]  # its author says nothing of its temperature
    bindings = [*BINDINGS[:-1], (Shirt.size >> Raising()).to(Cell[str]("size"))]  # type: ignore[arg-type]  # as above
    said = parked(bench.job(Shirts(rows), raising, bindings).run())
    assert set(said) == {"0002", "0003", "0006", "0009"}
    assert "raised RuntimeError" in said["0002"]
    assert "raised RuntimeError" in said["0003"]
    assert "half a character" in said["0006"]
    assert list(products(bench.pim)) == ["0000"]


def test_a_family_variant_whose_axis_nobody_fills_parks_its_rows(bench: Bench) -> None:
    by_rule = evolve(FREE, family_variant=Shirt.care, sub_model=Shirt.colour)
    bindings = [one for one in BINDINGS if one.cell.attribute not in ("care", "size")]
    rows = [by_colour(0, care="by_size"), by_colour(3, care="nope"), by_colour(6, care=None)]
    said = parked(bench.job(Shirts(rows), by_rule, bindings).run())
    assert "'size', which no binding fills" in said["0000"]
    assert "family variant 'nope' is not in the PIM" in said["0003"]
    assert "it has no family variant" in said["0006"]


def test_a_model_has_the_family_variant_of_the_rows_that_have_one(bench: Bench) -> None:
    by_rule = evolve(FREE, family_variant=Shirt.care, sub_model=Shirt.colour)
    bindings = [one for one in BINDINGS if one.cell.attribute != "care"]
    rows = [by_colour(0, care=None), by_colour(1, care="by_size")]
    assert list(parked(bench.job(Shirts(rows), by_rule, bindings).run())) == ["0000"]
    assert products(bench.pim)["0001"].parent == "ST0"


def test_what_most_rows_say_is_told_apart_to_the_last_letter(bench: Bench) -> None:
    long = "x" * 200
    rows = [by_colour(n, name=long + last) for n, last in enumerate("abb")]
    bench.run(Shirts(rows), evolve(FREE, disagreement="most"))
    assert models(bench.pim)["ST0"].values.text("name") == long + "b"


# ---- the PIM's structure ----
def test_an_attribute_that_left_the_family_is_left_out(bench: Bench) -> None:
    baseline = bench.pim.structure()
    clothing = bench.pim.families.get("clothing")
    bench.pim.families.upsert(evolve(clothing, attributes=[one for one in clothing.attributes if one != "care"]))
    erp = Shirts([by_colour(0), by_colour(1), by_colour(2, style=None)])
    with pytest.raises(PreflightFailed, match="has no attribute 'care'"):
        bench.run(erp)
    report = bench.run(erp, options=SyncOptions(baseline=baseline))
    assert [one.created for one in report.parts] == [1, 3]
    assert [one.cell for one in report.parts[0].left_out] == ["care"]
    assert models(bench.pim)["ST0"].values.text("name") == "Shirt 0"


# ---- the file ----
def test_a_file_of_rows_belongs_to_one_job(bench: Bench) -> None:
    bench.run(Shirts([by_colour(0)]))
    with pytest.raises(StateError, match="give each job a file of its own"):
        bench.run(Shirts([by_colour(3)]), options=SyncOptions(stream="another"))


def test_a_file_of_another_version_is_refused(bench: Bench) -> None:
    bench.run(Shirts([by_colour(0)]))
    with closing(sqlite3.connect(bench.rows)) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(StateError, match="written by another version; delete it"):
        bench.run(Shirts([by_colour(0)]))


def test_a_restored_file_gives_out_what_came_since(bench: Bench) -> None:
    erp = Shirts([by_colour(0), by_colour(1)])
    bench.run(erp)
    shutil.copy(bench.rows, bench.folder / "backup")
    for number in (0, 2):
        erp.put(by_colour(number, note="new"))
    bench.run(erp)
    erp.put(by_colour(1, note="last"))
    for number in range(3, 12):  # so many that the restored file counts beyond where the state has come to
        erp.put(by_colour(number))
    bench.lose_rows()
    shutil.copy(bench.folder / "backup", bench.rows)
    bench.run(erp)
    assert products(bench.pim)["0001"].values.text("supplier_note") == "last"
    assert len(products(bench.pim)) == 12


def test_a_restored_state_reads_what_came_since(bench: Bench) -> None:
    erp = Shirts([by_colour(0), by_colour(1)])
    bench.run(erp)
    bench.state.close()
    shutil.copy(bench.folder / "state.db", bench.folder / "backup")
    bench.state = SqliteState(bench.folder / "state.db")
    erp.put(by_colour(1, note="last"))
    bench.run(erp)
    bench.state.close()
    for file in bench.folder.glob("state.db*"):
        file.unlink()
    shutil.copy(bench.folder / "backup", bench.folder / "state.db")
    bench.state = SqliteState(bench.folder / "state.db")
    bench.simulator.forget_calls()
    assert bench.run(erp).products.read == 1
    assert products(bench.pim)["0001"].values.text("supplier_note") == "last"


def test_no_query_of_the_file_walks_through_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million rows are grouped in the time of a million rows."""
    seen: set[str] = set()
    bench, prepare = Bench(tmp_path), RowStore._prepare

    def traced(store: RowStore) -> None:
        prepare(store)
        store._db.set_trace_callback(seen.add)

    monkeypatch.setattr(RowStore, "_prepare", traced)
    erp = Snapshot([shirt(0), shirt(1, size="S"), shirt(3), shirt(4, name="Shirrt"), shirt(6), shirt(7, size="XXL")])
    bench.run(erp, FREE_TWO)
    erp.log.pop()
    bench.run(erp, FREE_TWO)
    bench.state.close()
    bench.pim.close()
    store = RowStore(tmp_path / "plans.db")
    store.begin_all(expired=False)
    asked = sorted(one for one in seen if one.startswith(("SELECT", "UPDATE", "INSERT")) and "PRAGMA" not in one)
    plans = {query: [row[3] for row in store._db.execute(f"EXPLAIN QUERY PLAN {query}")] for query in asked}
    store.close()
    assert len(plans) > 30
    small = (
        "SCAN store",
        "SCAN reading",
        "SCAN dirty",
        "SCAN sqlite_master",
        "SCAN CONSTANT ROW",
        "SCAN 3 CONSTANT ROWS",
        "SCAN (subquery",
    )
    walks = {
        query: plan
        for query, plan in plans.items()
        if any(one.startswith("SCAN") and not one.startswith(small) for one in plan)
        # whose second column is not used
        or any("USING PRIMARY KEY (level=?)" in one for one in plan)
    }
    assert walks == {}


# ---- several states of a row in one run ----
def note(bench: Bench, sku: str) -> str | None:
    return products(bench.pim)[sku].values.text("supplier_note")


@pytest.mark.parametrize("kind", [Shirts, Askable])
def test_the_newest_state_of_a_row_counts(bench: Bench, kind: type[Shirts]) -> None:
    erp = kind([shirt(n) for n in range(12)])
    bench.run(erp, TWO_LEVELS)
    erp.put(shirt(3, note="first change"))
    for number in range(4, 9):
        erp.put(shirt(number, note="other"))
    erp.put(shirt(3, note="second change", care="new care"))
    erp.put(shirt(4, care="new care"))
    erp.put(shirt(5, care="new care"))
    report = bench.run(erp, TWO_LEVELS)
    assert (report.exit_code, note(bench, "0003")) == (0, "second change")
    assert models(bench.pim)["ST0_blau"].values.text("care") == "new care"
    assert bench.run(erp, TWO_LEVELS).products.read == 0


def test_a_row_that_is_deleted_and_back_with_another_content_is_there(bench: Bench) -> None:
    erp = Askable([shirt(n) for n in range(12)])
    bench.run(erp, TWO_LEVELS)
    erp.put(shirt(3, note="first life"))
    for number in range(4, 8):
        erp.put(shirt(number, note="other"))
    erp.remove(3)
    for number in range(4, 8):
        erp.put(shirt(number, note="another"))
    erp.put(shirt(3, note="second life"))
    erp.doubles = [shirt(3, note="its double")]
    report = bench.run(erp, TWO_LEVELS)
    assert (report.exit_code, note(bench, "0003")) == (0, "second life")
    assert all("0003" not in one.values for one in erp.asked), "it is met for the first time"
    assert all(one.enabled for one in products(bench.pim).values())


def test_two_rows_of_one_number_are_told_from_two_states_of_one(bench: Bench) -> None:
    erp = Askable([shirt(n) for n in range(12)])
    bench.run(erp, TWO_LEVELS)
    assert erp.asked == []
    erp.put(shirt(3, note="first row"))
    for number in range(4, 8):
        erp.put(shirt(number, note="other"))
    erp.put(shirt(3, note="second row"))
    erp.put(shirt(4, note="another"))
    erp.doubles = [shirt(3, note="first row")]
    report = bench.run(erp, TWO_LEVELS)
    assert erp.asked == [Choice("number", ("0003", "0004"))]
    assert "twice with different content" in parked(report)["0003 (another row)"]
    assert (note(bench, "0003"), note(bench, "0004")) == ("first row", "another")
    erp.doubles = []  # the first row goes, and what was its rival is the item
    erp.put(shirt(3, note="second row"))
    report = bench.run(erp, TWO_LEVELS)
    assert (report.exit_code, note(bench, "0003")) == (0, "second row")
