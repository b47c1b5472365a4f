"""The PIM changes under a mapping that fitted it: the cells go, the run stays; and without a baseline the run goes."""

from __future__ import annotations

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import ChannelPatch, PimStructure, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, ChannelCode, LocaleCode
from akeneo_erp_bridge.errors import PreflightFailed
from akeneo_erp_bridge.mapping import CATEGORIES, FAMILY, ItemMapping, as_set, clean, lookup
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions, SyncReport
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import COLOURED, NAMED, Part, Rows, cells, only, part, parts, product

GERMAN = (Part.colour >> clean()).to(Cell[str]("name", locale="de_DE"))


def job(
    erp: Rows[Part],
    mapping: ItemMapping[Part],
    pim: AkeneoClient,
    state: SqliteState,
    baseline: PimStructure | None,
) -> ErpToPim[Part]:
    return ErpToPim(erp, mapping, pim, state, options=SyncOptions(baseline=baseline))


def ran(
    erp: Rows[Part], mapping: ItemMapping[Part], pim: AkeneoClient, state: SqliteState, baseline: PimStructure | None
) -> SyncReport:
    report = job(erp, mapping, pim, state, baseline).run()
    assert report.accounts_for_everything()
    return report


def speak(pim: AkeneoClient, *locales: str) -> None:
    """What a PIM user does to a channel."""
    pim.channels.upsert(ChannelPatch(code=ChannelCode("ecommerce"), locales=[LocaleCode(one) for one in locales]))


def test_a_deactivated_locale_stops_a_run_that_has_no_baseline(pim: AkeneoClient, state: SqliteState) -> None:
    speak(pim, "en_US")
    erp = parts(part("X", colour="rot"))
    with pytest.raises(PreflightFailed, match="locale 'de_DE' is not active"):
        ran(erp, product(NAMED, GERMAN), pim, state, None)
    assert list(pim.products.list()) == []


def test_with_a_baseline_the_cells_of_that_locale_are_left_out(pim: AkeneoClient, state: SqliteState) -> None:
    baseline = pim.structure()
    mapping = product(NAMED, GERMAN)
    erp = parts(part("X", colour="rot"), part("Y", colour=None))
    assert ran(erp, mapping, pim, state, baseline).exit_code == 0
    speak(pim, "en_US")
    erp.rows[0].update(name="New", colour="blau")
    report = ran(erp, mapping, pim, state, baseline)
    assert (report.updated, report.parked) == (1, 0)
    assert [(one.key, one.code) for one in report.skipped_cells] == [
        ("key of X", "no_locale"),
        ("key of Y", "no_locale"),
    ]
    assert [one.cell for one in report.left_out] == ["name[de_DE]"]
    assert "left out since the PIM changed: name[de_DE]: locale 'de_DE' is not active" in str(report)
    assert report.exit_code == 1, "somebody should look at it"
    plan = job(erp, mapping, pim, state, baseline).plan()
    assert (plan.changes, plan.report.exit_code) == ([], 1), "and each later run says so"
    speak(pim, "en_US", "de_DE")
    assert ran(erp, mapping, pim, state, baseline).exit_code == 0
    found = {one.values.text("sku"): one for one in pim.products.list()}
    assert found["X"].values.text("name", locale="de_DE") == "blau", "what was left out is made up for"


def test_what_never_fitted_stops_the_run_all_the_same(pim: AkeneoClient, state: SqliteState) -> None:
    speak(pim, "en_US")
    baseline = pim.structure()
    with pytest.raises(PreflightFailed):
        ran(parts(part("X")), product(NAMED, GERMAN), pim, state, baseline)


def test_drift_beside_a_mistake_stops_the_run_and_both_are_told(pim: AkeneoClient, state: SqliteState) -> None:
    baseline = pim.structure()
    speak(pim, "en_US")
    mistaken = product(NAMED, GERMAN, (Part.name >> clean()).to(Cell[str]("nmae")))
    with pytest.raises(PreflightFailed) as caught:
        ran(parts(part("X")), mistaken, pim, state, baseline)
    assert [one.code for one in caught.value.problems] == ["no_locale", "no_attribute"]  # type: ignore[attr-defined]  # the match says which error it is


def test_an_attribute_that_was_removed_and_comes_back_is_written_anew(
    simulator: PimSimulator, pim: AkeneoClient, state: SqliteState
) -> None:
    baseline, erp, mapping = pim.structure(), parts(part("X", colour="red")), product(COLOURED)
    ran(erp, mapping, pim, state, baseline)
    pim.products.upsert(ProductPatch(uuid=only(pim).uuid, values=[Value(AttributeCode("colour"), None)]))
    table = simulator._world.tables["attribute"]  # the API deletes no attribute; a PIM user does
    colour = table.get("colour")
    assert colour is not None
    table.remove("colour")
    report = ran(erp, mapping, pim, state, baseline)
    assert [(one.cell, one.code) for one in report.left_out] == [("colour", "no_attribute")]
    table.put("colour", colour)
    assert "colour" not in cells(only(pim))
    report = ran(erp, mapping, pim, state, baseline)
    assert (report.updated, report.exit_code) == (1, 0)
    assert cells(only(pim))["colour"] == "red"


def test_without_the_identifier_nothing_goes_on(
    pim: AkeneoClient, state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    baseline = pim.structure()
    localized = evolve(baseline.attributes[AttributeCode("sku")], localizable=True)
    now = evolve(baseline, attributes={**baseline.attributes, localized.code: localized})
    monkeypatch.setattr(pim, "structure", lambda: now)
    with pytest.raises(PreflightFailed, match="needs a locale"):
        ran(parts(part("X")), product(NAMED), pim, state, baseline)


def test_items_of_a_family_that_is_gone_are_parked_and_the_others_written(
    pim: AkeneoClient, state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = pim.structure()
    baseline = evolve(live, families={**live.families, "tools": evolve(live.families["clothing"], code="tools")})  # type: ignore[index, dict-item]  # plain texts as codes
    family = (Part.category >> lookup({"S": "clothing", "T": "tools"})).to(FAMILY)
    erp = parts(part("X", category="S"), part("Y", category="T"))
    report = ran(erp, product(NAMED, family), pim, state, baseline)
    assert (report.created, report.parked) == (1, 1)
    assert "not in the PIM: tools" in report.parked_items[0].detail
    assert only(pim).family == "clothing"


def test_a_cell_is_left_out_only_where_it_holds_the_code_that_is_gone(pim: AkeneoClient, state: SqliteState) -> None:
    live = pim.structure()
    baseline = evolve(live, categories={**(live.categories or {}), "sale": None})  # type: ignore[dict-item]  # plain texts as codes
    sorted_ = (Part.category >> lookup({"S": "shirts", "R": "sale"}) >> as_set()).to(CATEGORIES)
    erp = parts(part("X", category="S"), part("Y", category="R"))
    report = ran(erp, product(NAMED, sorted_), pim, state, baseline)
    assert (report.created, report.parked, report.skipped) == (2, 0, 1)
    assert {one.values.text("sku"): one.categories for one in pim.products.list()} == {"X": ("shirts",), "Y": ()}
