"""Set-up on request: proposed, shown, created; never silently, never twice, and again after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.catalog import (
    AssetFamilyPatch,
    AssetPatch,
    Attribute,
    AttributeGroupPatch,
    AttributeOption,
    AttributePatch,
    AttributeType,
    CategoryPatch,
    EntityAttributePatch,
    EntityOptionPatch,
    EntityValue,
    Metric,
    PimStructure,
    RecordPatch,
)
from akeneo_erp_bridge.codes import (
    AssetCode,
    AssetFamilyCode,
    AttributeCode,
    AttributeGroupCode,
    CategoryCode,
    FamilyCode,
    LocaleCode,
    OptionCode,
    RecordCode,
)
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.errors import ConfigurationError, PlanOutdated, PreflightFailed
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, as_set, boolean, clean, each, in_unit, lookup
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, setup
from akeneo_erp_bridge.sync._plans._sealed import check_sum
from akeneo_erp_bridge.sync.setup import Blueprint, Piece, SetupPlan
from akeneo_erp_bridge.testing import Behaviour, Fault, PimSimulator
from world import Article, ListErp, make_mapping, row

CHANNEL = {"code": "ecommerce", "category_tree": "master", "locales": ["en_US", "de_DE"], "currencies": ["EUR"]}

WHOLE = Blueprint.of(
    setup.attribute_group("erp", labels={"en_US": "ERP", "de_DE": "ERP-Daten"}),
    setup.measurement_family("Pack", "PIECE", {"PIECE": Decimal(1), "BOX": Decimal(12)}),
    setup.association_type("spare_part", labels={"en_US": "Spare part"}, is_quantified=True),
    setup.category_tree("erp_tree", {"tools": {"drills": {}, "saws": {}}}, labels={"drills": {"en_US": "Drills"}}),
    setup.reference_entity(
        "brands",
        {"kartell": {"en_US": "Kartell", "de_DE": "Kartell"}, "vitra": {}},
        attributes=[
            EntityAttributePatch(code=AttributeCode("country"), type="single_option"),
            EntityAttributePatch(
                code=AttributeCode("designer"),
                type="reference_entity_single_link",
                extra={"reference_entity_code": "designers"},
            ),
        ],
        labels={"en_US": "Brands"},
    ),
    Piece.of(EntityOptionPatch(code=OptionCode("it"), labels={LocaleCode("en_US"): "Italy"}), "brands", "country"),
    Piece.of(
        RecordPatch(code=RecordCode("alessi"), values={AttributeCode("country"): [EntityValue(data="it")]}), "brands"
    ),
    setup.reference_entity("designers"),
    setup.asset_family("packshots", attributes=[EntityAttributePatch(code=AttributeCode("angle"), type="text")]),
    Piece.of(
        AssetPatch(code=AssetCode("front"), values={AttributeCode("angle"): [EntityValue(data="0")]}), "packshots"
    ),
    setup.attribute("sku", AttributeType.IDENTIFIER),
    setup.attribute("name", AttributeType.TEXT, localizable=True, labels={"en_US": "Name"}, max_characters=80),
    setup.attribute("description", AttributeType.TEXTAREA, localizable=True, scopable=True),
    setup.attribute("height", AttributeType.NUMBER, number_min="0"),
    setup.attribute("list_price", AttributeType.PRICE_COLLECTION),
    setup.metric("weight", "Weight", "KILOGRAM", labels={"en_US": "Weight", "de_DE": "Gewicht"}),
    setup.metric("per_pack", "Pack", "PIECE"),
    setup.select("colour", {"red": {"en_US": "Red", "de_DE": "Rot"}, "blue": {"en_US": "Blue"}}),
    setup.select("size", ["s", "m", "l"]),
    setup.select("uses", ["indoor", "outdoor"], many=True),
    setup.attribute("brand", AttributeType.REFERENCE_ENTITY, reference_data_name="brands"),
    setup.attribute("pictures", AttributeType.ASSET_COLLECTION, reference_data_name="packshots"),
    setup.family(
        "clothing",
        ["sku", "name", "weight", "colour", "size", "brand"],
        label="name",
        required={"ecommerce": ["sku", "name"]},
        labels={"en_US": "Clothing"},
    ),
    setup.family_variant("by_colour_and_size", "clothing", (["colour"], ["brand"]), (["size"], ["weight"])),
    group="erp",
)


def empty(simulator: PimSimulator) -> PimSimulator:
    """A PIM in which people have made a channel, and nothing else."""
    simulator.load("/api/rest/v1/categories", [{"code": "master"}])
    simulator.load("/api/rest/v1/channels", [CHANNEL])
    return simulator


def client(simulator: PimSimulator) -> AkeneoClient:
    return AkeneoClient(
        simulator.url,
        PasswordAuth(**simulator.auth_kwargs),
        transport=simulator.transport(),
        options=Options(retry=RetryPolicy(attempts=1)),
    )


@pytest.fixture
def bare() -> PimSimulator:
    return empty(PimSimulator())


@pytest.fixture
def pim(bare: PimSimulator) -> Iterator[AkeneoClient]:
    with client(bare) as one:
        yield one


def proposed(blueprint: Blueprint, pim: AkeneoClient) -> SetupPlan:
    return setup.propose(blueprint, setup.look(pim, blueprint))


def actions(plan: SetupPlan) -> dict[str, str]:
    return {str(one.ref): one.action for one in plan.steps}


def notes(plan: SetupPlan) -> str:
    return "\n".join(one.note for one in plan.steps if one.note)


# ---- from nothing to everything ----
def check_whole(pim: AkeneoClient) -> None:
    """What the blueprint says is what the PIM's own API shows."""
    assert pim.attribute_groups.get("erp").labels["de_DE"] == "ERP-Daten"
    weight = pim.attributes.get("weight")
    assert (weight.type, weight.group, weight.default_metric_unit) == (AttributeType.METRIC, "erp", "KILOGRAM")
    assert weight.decimals_allowed
    name = pim.attributes.get("name")
    assert (name.localizable, name.scopable, name.max_characters) == (True, False, 80)
    assert pim.attribute_options("colour").get("red").labels == {"en_US": "Red", "de_DE": "Rot"}
    assert [one.code for one in pim.attribute_options("size").list()] == ["s", "m", "l"]
    family = pim.families.get("clothing")
    assert set(family.attributes) == {"sku", "name", "weight", "colour", "size", "brand"}
    assert (family.attribute_as_label, set(family.attribute_requirements["ecommerce"])) == ("name", {"sku", "name"})
    variant = pim.family_variants("clothing").get("by_colour_and_size")
    assert (variant.axes, variant.level_of(AttributeCode("weight"))) == (("colour", "size"), 2)
    assert pim.categories.get("drills").parent == "tools"
    assert pim.association_types.get("spare_part").is_quantified
    assert pim.measurement_families.get("Pack").units["BOX"].convert_from_standard[0].value == 12  # type: ignore[index]  # a plain text as code
    assert pim.reference_entities.records("brands").get("kartell").text("label", locale="de_DE") == "Kartell"
    assert pim.reference_entities.records("brands").get("alessi").text("country") == "it"
    assert pim.reference_entities.attributes("brands").get("designer").extra["reference_entity_code"] == "designers"
    assert pim.asset_families.assets("packshots").get("front").text("angle") == "0"


def test_an_empty_pim_gets_everything_and_a_second_time_nothing(bare: PimSimulator, pim: AkeneoClient) -> None:
    plan = proposed(WHOLE, pim)
    assert bare.mutating_calls == []  # to propose is to look
    assert {one.action for one in plan.steps} == {"create"}
    report = setup.apply(plan, pim)
    assert (report.is_done, report.exit_code, len(report.of("created"))) == (True, 0, len(plan.steps))
    check_whole(pim)
    assert len(bare.mutating_calls) == plan.calls
    bare.forget_calls()
    assert len(setup.apply(plan, pim).of("there")) == len(plan.steps)
    assert proposed(WHOLE, pim).is_done
    assert bare.mutating_calls == []


def test_over_a_real_socket(bare: PimSimulator) -> None:
    with bare.serve() as server, AkeneoClient(server.url, PasswordAuth(**bare.auth_kwargs)) as pim:
        plan = SetupPlan.from_json(proposed(WHOLE, pim).to_json())
        assert setup.apply(plan, pim).is_done
        check_whole(pim)
        bare.forget_calls()
        assert setup.apply(plan, pim).is_done
        assert bare.mutating_calls == []


def test_everything_comes_after_what_it_needs(pim: AkeneoClient) -> None:
    order = [str(one.ref) for one in proposed(Blueprint.of(*reversed(WHOLE.pieces)), pim).steps]
    for first, then in (
        ("attribute group 'erp'", "attribute 'name'"),
        ("measurement family 'Pack'", "attribute 'per_pack'"),
        ("reference entity 'designers'", "reference entity attribute 'designer' of 'brands'"),
        ("record 'kartell' of 'brands'", "attribute 'brand'"),
        ("attribute 'colour'", "option 'red' of 'colour'"),
        ("option 'red' of 'colour'", "family 'clothing'"),
        ("family 'clothing'", "family variant 'by_colour_and_size' of 'clothing'"),
        ("category 'erp_tree'", "category 'tools'"),
        ("category 'tools'", "category 'drills'"),
    ):
        assert order.index(first) < order.index(then)
    assert setup.apply(proposed(Blueprint.of(*reversed(WHOLE.pieces)), pim), pim).is_done


@settings(max_examples=20)
@given(st.sets(st.integers(0, len(WHOLE.pieces) - 1)))
def test_whatever_part_is_there_the_rest_is_added_once(part: set[int]) -> None:
    simulator = empty(PimSimulator())
    with client(simulator) as pim:
        pieces = [WHOLE.pieces[number] for number in sorted(part)]
        if any(
            one.patch.code == "alessi" for one in pieces
        ):  # a record of which no PIM takes a value without its option
            pieces += [one for one in WHOLE.pieces if one.patch.code == "it" and one not in pieces]
        some = Blueprint(tuple(pieces))
        assert setup.apply(proposed(some, pim), pim).of("refused") == []
        plan = SetupPlan.from_json(proposed(WHOLE, pim).to_json())
        simulator.forget_calls()
        assert setup.apply(plan, pim).is_done
        assert len(simulator.mutating_calls) == plan.calls
        check_whole(pim)
        simulator.forget_calls()
        assert setup.apply(plan, pim).is_done
        assert simulator.mutating_calls == []


# ---- from a PIM that people use ----
def test_what_people_made_stays_and_what_is_missing_is_added(bare: PimSimulator, pim: AkeneoClient) -> None:
    bare.load("/api/rest/v1/attribute-groups", [{"code": "erp", "labels": {"en_US": "From the ERP"}}])
    bare.load(
        "/api/rest/v1/attributes",
        [
            {"code": "sku", "type": "pim_catalog_identifier", "group": "erp"},
            {"code": "story", "type": "pim_catalog_textarea", "group": "other"},
            {"code": "name", "type": "pim_catalog_text", "group": "other", "localizable": True, "max_characters": 200},
            {"code": "colour", "type": "pim_catalog_simpleselect", "group": "erp"},
        ],
    )
    bare.load("/api/rest/v1/attributes/colour/options", [{"code": "red", "labels": {"en_US": "Crimson"}}])
    bare.load(
        "/api/rest/v1/families",
        [
            {
                "code": "clothing",
                "attributes": ["sku", "story"],
                "attribute_as_label": "sku",
                "attribute_requirements": {"ecommerce": ["story"]},
            }
        ],
    )
    plan = proposed(WHOLE, pim)
    changes = {str(one.ref): [str(change) for change in one.changes] for one in plan.of("change")}
    assert changes["attribute group 'erp'"] == ["labels[de_DE] + ERP-Daten"]
    # their longer limit does no harm; the group is what the guide asks for
    assert changes["attribute 'name'"] == ["group: other -> erp", "labels[en_US] + Name"]
    assert changes["option 'red' of 'colour'"] == ["labels[de_DE] + Rot"]
    assert changes["family 'clothing'"][0] == "labels[en_US] + Clothing"
    assert "attribute_requirements[ecommerce] + name" in changes["family 'clothing'"]
    assert setup.apply(plan, pim).is_done
    assert pim.attribute_groups.get("erp").labels == {"en_US": "From the ERP", "de_DE": "ERP-Daten"}
    assert pim.attributes.get("name").max_characters == 200
    assert pim.attribute_options("colour").get("red").labels == {"en_US": "Crimson", "de_DE": "Rot"}
    family = pim.families.get("clothing")
    assert "story" in family.attributes
    assert (family.attribute_as_label, "story" in family.attribute_requirements["ecommerce"]) == ("sku", True)
    bare.forget_calls()
    assert setup.apply(plan, pim).is_done
    assert bare.mutating_calls == []


def test_what_is_wider_in_the_pim_is_left_wide(bare: PimSimulator, pim: AkeneoClient) -> None:
    bare.load(
        "/api/rest/v1/attributes",
        [
            {
                "code": "height",
                "type": "pim_catalog_number",
                "group": "other",
                "decimals_allowed": False,
                "negative_allowed": True,
                "number_min": "0.0000",
            }
        ],
    )
    plan = proposed(Blueprint.of(setup.attribute("height", AttributeType.NUMBER, group="OTHER", number_min="0")), pim)
    assert [str(one) for one in plan.steps[0].changes] == ["decimals_allowed: false -> true"]


def test_what_an_old_pim_does_not_tell_is_not_false_by_another_name() -> None:
    old = Attribute(code=AttributeCode("ean"), type=AttributeType.TEXT, group=AttributeGroupCode("erp"))
    wanted = setup.attribute("ean", AttributeType.TEXT, group="erp", is_read_only=False, guideline=None)
    assert setup.propose(wanted, PimStructure(attributes={old.code: old})).is_done


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ({"code": "colour", "type": "pim_catalog_text", "group": "other"}, "has type pim_catalog_text"),
        (
            {"code": "colour", "type": "pim_catalog_simpleselect", "group": "other", "localizable": True},
            "has localizable true, wanted false",
        ),
        ({"code": "Colour", "type": "pim_catalog_simpleselect", "group": "other"}, "the PIM has it as 'Colour'"),
    ],
)
def test_another_type_scope_or_spelling_is_a_conflict_and_holds_up_what_needs_it(
    bare: PimSimulator, pim: AkeneoClient, there: dict[str, object], words: str
) -> None:
    bare.load("/api/rest/v1/attributes", [there])
    plan = proposed(WHOLE, pim)
    assert words in notes(plan)
    done = actions(plan)
    assert done["attribute 'colour'"] == "conflict"
    assert done["option 'red' of 'colour'"] == done["family 'clothing'"] == "blocked"
    assert done["family variant 'by_colour_and_size' of 'clothing'"] == "blocked"
    report = setup.apply(plan, pim)
    assert (report.exit_code, len(report.of("conflict"))) == (1, 1)
    assert {str(one.step.ref) for one in report.of("skipped")} == {
        name for name, action in done.items() if action == "blocked"
    }
    assert pim.attributes.get("colour").type == there["type"]
    assert pim.attributes.get("size").group == "erp"  # the good ones go on


def test_levels_axes_trees_and_conversions_are_not_turned_round(bare: PimSimulator, pim: AkeneoClient) -> None:
    assert setup.apply(proposed(WHOLE, pim), pim).is_done
    other = Blueprint.of(
        setup.family_variant("by_colour_and_size", "clothing", (["size"], []), (["colour"], [])),
        setup.measurement_family("Pack", "PIECE", {"PIECE": Decimal(1), "BOX": Decimal(10)}),
        setup.association_type("spare_part", is_two_way=True),
        CategoryPatch(code=CategoryCode("drills"), parent=CategoryCode("erp_tree")),
    )
    plan = proposed(other, pim)
    assert {one.action for one in plan.steps} == {"conflict"}
    told = notes(plan)
    for words in ("has the axes colour at level 1, wanted size", "converts BOX", "is_two_way", "has parent tools"):
        assert words in told
    moved = Blueprint.of(
        setup.family_variant("by_colour_and_size", "clothing", (["colour"], ["weight"]), (["size"], []))
    )
    assert "has 'weight' at level 2, wanted at level 1" in notes(proposed(moved, pim))
    flat = Blueprint.of(setup.family_variant("by_colour_and_size", "clothing", (["colour"], [])))
    assert "has 2 level(s), wanted 1" in notes(proposed(flat, pim))
    more = Blueprint.of(
        setup.family_variant("by_colour_and_size", "clothing", (["colour"], ["name"]), (["size"], ["weight"])),
        setup.measurement_family("Pack", "PIECE", {"PIECE": Decimal("1.0"), "PALLET": Decimal(480)}),
    )
    plan = proposed(more, pim)
    assert {str(one.ref): [str(it) for it in one.changes] for one in plan.steps} == {
        "measurement family 'Pack'": ["units + PALLET"],
        "family variant 'by_colour_and_size' of 'clothing'": ["level 1 + name"],
    }
    assert setup.apply(plan, pim).is_done
    variant = pim.family_variants("clothing").get("by_colour_and_size")
    assert (variant.level_of(AttributeCode("name")), variant.level_of(AttributeCode("weight"))) == (1, 2)
    assert {"PIECE", "BOX", "PALLET"} == set(pim.measurement_families.get("Pack").units)


def test_what_is_needed_and_nowhere_is_said(pim: AkeneoClient) -> None:
    plan = proposed(
        Blueprint.of(
            setup.attribute("name", AttributeType.TEXT, group="nowhere"),
            setup.family("tools", ["gone"], required={"print": []}),
            CategoryPatch(code=CategoryCode("drills"), parent=CategoryCode("nothing")),
        ),
        pim,
    )
    assert {one.action for one in plan.steps} == {"conflict"}
    for words in ("attribute group 'nowhere'", "attribute 'gone'", "category 'nothing'"):
        assert f"needs {words}, which is neither in the PIM nor in the blueprint" in notes(plan)
    channel = Blueprint.of(setup.family("tools", [], required={"print": []}))
    assert "channels are made by people" in notes(proposed(channel, pim))


def test_a_pim_without_reference_entities_says_so() -> None:
    simulator = empty(PimSimulator(behaviour=Behaviour.version_7()))
    with client(simulator) as pim:
        plan = proposed(WHOLE, pim)
        done = actions(plan)
        assert done["reference entity 'brands'"] == done["record 'kartell' of 'brands'"] == "conflict"
        assert done["attribute 'brand'"] == done["family 'clothing'"] == "blocked"
        assert "this PIM knows no reference entity" in notes(plan)
        assert setup.apply(plan, pim).of("refused") == []
        assert pim.attributes.get("weight").group == "erp"


# ---- what the PIM refuses, what changed meanwhile, what dies ----
def test_a_refused_line_has_the_pims_words_and_holds_up_what_needs_it(bare: PimSimulator, pim: AkeneoClient) -> None:
    blueprint = Blueprint.of(
        setup.attribute_group("erp"),
        setup.attribute("sku", AttributeType.IDENTIFIER),
        setup.attribute("name", AttributeType.TEXT, max_characters=1000),
        setup.metric("weight", "Weight", "BUSHEL"),
        setup.family("tools", ["sku", "name"]),
        setup.family("parts", ["sku"]),
        setup.family_variant("by_name", "tools", (["name"], [])),
        group="erp",
    )
    report = setup.apply(proposed(blueprint, pim), pim)
    refused = {str(one.step.ref): one.message for one in report.of("refused")}
    assert refused["attribute 'name'"] == "max_characters: This value should be less than or equal to 255."
    assert refused["attribute 'weight'"] == "default_metric_unit: Please specify a valid metric unit"
    skipped = {str(one.step.ref): one.message for one in report.of("skipped")}
    assert skipped == {
        "family 'tools'": "waits for attribute 'name', which was not made",
        "family variant 'by_name' of 'tools'": "waits for family 'tools', which was not made",
    }
    assert (report.exit_code, pim.families.get("parts").code) == (1, "parts")
    told = str(report)
    assert "refused  attribute 'name': max_characters: This value" in told
    assert told.startswith("setup: 3 created, 0 changed, 0 there already, 2 refused, 2 skipped, 0 conflicts")


def test_a_refused_category_holds_up_those_below_it(bare: PimSimulator, pim: AkeneoClient) -> None:
    tree = setup.category_tree("erp_tree", {"a": {"b": {}}, "c": {}}, labels={"a": {"xx_XX": "Klingon"}})
    report = setup.apply(proposed(tree, pim), pim)
    assert {str(one.step.code): (one.outcome, one.message) for one in report.results} == {
        "erp_tree": ("created", ""),
        "a": ("refused", 'labels: The locale "xx_XX" does not exist.'),
        "c": ("created", ""),
        "b": ("skipped", "waits for category 'a', which was not made"),
    }


def test_a_refusal_of_what_is_written_one_by_one_is_a_result_too(pim: AkeneoClient) -> None:
    strange = EntityAttributePatch(code=AttributeCode("mood"), type="feeling")
    blueprint = Blueprint.of(
        setup.reference_entity("brands", {"kartell": {}}, attributes=[strange]),
        Piece.of(EntityOptionPatch(code=OptionCode("good")), "brands", "mood"),
    )
    report = setup.apply(proposed(blueprint, pim), pim)
    (refused,) = report.of("refused")
    assert 'The attribute type "feeling" does not exist' in refused.message
    assert [str(one.step.ref) for one in report.of("skipped")] == [
        "reference entity option 'good' of 'mood' of 'brands'"
    ]
    assert pim.reference_entities.records("brands").get("kartell").code == "kartell"


def test_a_plan_of_yesterday_does_not_do_what_nobody_saw(bare: PimSimulator, pim: AkeneoClient) -> None:
    plan = proposed(WHOLE, pim)
    bare.load("/api/rest/v1/attributes", [{"code": "size", "type": "pim_catalog_text", "group": "other"}])
    bare.forget_calls()
    with pytest.raises(PlanOutdated, match="attribute 'size' was to be created: has type pim_catalog_text"):
        setup.apply(plan, pim)
    assert bare.mutating_calls == []


def test_a_change_that_was_not_shown_is_not_made(bare: PimSimulator, pim: AkeneoClient) -> None:
    assert setup.apply(proposed(WHOLE, pim), pim).is_done
    bare.load("/api/rest/v1/attributes", [{"code": "name", "max_characters": 10}])
    plan = proposed(WHOLE, pim)
    assert [str(one) for step in plan.of("change") for one in step.changes] == ["max_characters: 10 -> 80"]
    bare.load("/api/rest/v1/attributes", [{"code": "name", "max_characters": 20}])
    with pytest.raises(PlanOutdated, match="max_characters: 20 -> 80"):
        setup.apply(plan, pim)
    there = setup.propose(WHOLE, setup.look(pim, WHOLE))
    with pytest.raises(PlanOutdated, match="attribute 'name' was to be there"):
        setup.apply(SetupPlan([one for one in plan.steps if one.action == "there"] + _as_there(there)), pim)


def _as_there(plan: SetupPlan) -> list[setup.SetupStep]:
    return [
        setup.SetupStep(kind=one.kind, code=one.code, within=one.within, action="there", wanted=one.wanted)
        for one in plan.of("change")
    ]


def test_what_somebody_did_meanwhile_is_done(bare: PimSimulator, pim: AkeneoClient) -> None:
    plan = proposed(WHOLE, pim)
    bare.load("/api/rest/v1/attribute-groups", [{"code": "erp", "labels": {"en_US": "ERP", "de_DE": "Julias"}}])
    report = setup.apply(plan, pim)
    assert [str(one.step.ref) for one in report.of("there")] == ["attribute group 'erp'"]
    assert pim.attribute_groups.get("erp").labels["de_DE"] == "Julias"


@pytest.mark.parametrize("after", range(0, 39, 3))
def test_a_stop_at_any_wave_is_made_good_by_another_run(after: int) -> None:
    simulator = empty(PimSimulator())
    with client(simulator) as pim:
        plan = proposed(WHOLE, pim)
        left = [after]

        def stop(_: setup.StepResult) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            setup.apply(plan, pim, observer=stop)
        assert setup.apply(plan, pim).is_done
        check_whole(pim)
        simulator.forget_calls()
        assert setup.apply(plan, pim).is_done
        assert simulator.mutating_calls == []


KILLED = """
import os, signal, sys
from pathlib import Path
from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.sync import setup
from akeneo_erp_bridge.testing import PimSimulator

simulator = PimSimulator(sys.argv[1])
pim = AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport())
plan = setup.SetupPlan.from_json(Path(sys.argv[2]).read_text())
seen = []

def die(result):
    seen.append(result)
    if len(seen) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

setup.apply(plan, pim, observer=die)
"""


def test_a_process_that_is_killed_is_run_again(tmp_path: Path) -> None:
    simulator = empty(PimSimulator(tmp_path / "pim.db"))
    with client(simulator) as pim:
        text = proposed(WHOLE, pim).to_json()
    simulator.close()
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    for count in ("5", "20"):
        command = [sys.executable, "-c", KILLED, str(tmp_path / "pim.db"), str(tmp_path / "plan.json"), count]
        assert subprocess.run(command, check=False, env=os.environ).returncode == -signal.SIGKILL
    with PimSimulator(tmp_path / "pim.db") as again, client(again) as pim:
        assert setup.apply(SetupPlan.from_json(text), pim).is_done
        check_whole(pim)


def test_an_outage_skips_the_rest_and_says_what_to_do(bare: PimSimulator, pim: AkeneoClient) -> None:
    plan = proposed(WHOLE, pim)
    bare.fail_next(Fault(status=503, method="PATCH", path="/attributes$", times=9))
    report = setup.apply(plan, pim)
    assert report.of("refused") == []
    assert "apply the plan again" in report.of("skipped")[0].message
    assert pim.attribute_groups.get("erp").code == "erp"
    assert bare.mutating_calls[-1].path == "/api/rest/v1/attributes"  # nobody went on asking
    bare.forgive()
    assert setup.apply(plan, pim).is_done
    check_whole(pim)


def test_an_outage_of_what_is_written_one_by_one(bare: PimSimulator, pim: AkeneoClient) -> None:
    plan = proposed(WHOLE, pim)
    bare.fail_next(Fault(status=503, method="PATCH", path="/reference-entities/", times=9))
    report = setup.apply(plan, pim)
    assert not report.is_done
    assert report.of("refused") == []
    bare.forgive()
    assert setup.apply(plan, pim).is_done


# ---- the plan as a file and on the terminal ----
def test_a_plan_survives_a_file(bare: PimSimulator, pim: AkeneoClient) -> None:
    bare.load("/api/rest/v1/attributes", [{"code": "size", "type": "pim_catalog_text", "group": "other"}])
    bare.load("/api/rest/v1/attribute-groups", [{"code": "erp"}])
    plan = proposed(WHOLE, pim)
    assert {one.action for one in plan.steps} == {"create", "change", "conflict", "blocked"}
    text = plan.to_json()
    assert SetupPlan.from_json(text) == plan
    assert SetupPlan.from_json(text).to_json() == text
    assert '\n      "code": "weight",' in text  # a field a line, for a reviewer


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("format",), 1, "format 1 is not 2"),
        (("steps",), {}, "steps: expected a list"),
        (("steps", 0), "x", r"steps\[0\]: expected an object"),
        (("steps", 0, "kind"), "product", "no step is to 'create' a 'product'"),
        (("steps", 0, "action"), "delete", "no step is to 'delete' a 'measurement family'"),
        (("steps", 0, "within"), ["x"], r"steps\[0\].within: one measurement family lies within nothing"),
        (("steps", 0, "kind"), "option", r"within: one option lies within attribute"),
        (("steps", 0, "code"), None, r"steps\[0\].code: expected a text"),
        (("steps", 0, "wanted"), [], r"steps\[0\].wanted: expected an object"),
        (("steps", 0, "changes"), 1, r"steps\[0\].changes: expected a list"),
    ],
)
def test_a_file_that_is_no_plan_is_told_where(
    pim: AkeneoClient, place: tuple[object, ...], value: object, words: str
) -> None:
    body = json.loads(proposed(WHOLE, pim).to_json())
    inside = body
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    with pytest.raises(ConfigurationError, match=words):
        SetupPlan.from_json(sealed(body))


@pytest.mark.parametrize(("old", "new"), [("Red", "SECRET 9.90"), ('"create"', '"change"'), ("check_sum", "sum")])
def test_a_file_that_was_altered_is_no_plan(pim: AkeneoClient, tmp_path: Path, old: str, new: str) -> None:
    plan = proposed(WHOLE, pim)
    plan.save(tmp_path / "plan.json")
    assert SetupPlan.load(tmp_path / "plan.json") == plan
    text = (tmp_path / "plan.json").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "plan.json").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="altered after it was made"):
        SetupPlan.load(tmp_path / "plan.json")


def sealed(body: dict[str, object]) -> str:
    """A file that somebody altered who knows the check sum."""
    text = json.dumps({name: one for name, one in body.items() if name != "check_sum"}, indent=2).removesuffix("\n}")
    return f'{text},\n  "check_sum": "{check_sum(text)}"\n}}'


def test_a_text_that_is_no_plan_is_told() -> None:
    for text in ("no JSON", "[" * 100_000, "[]"):
        with pytest.raises(ConfigurationError, match="this is no setup plan"):
            SetupPlan.from_json(text)


def test_a_plan_that_was_tampered_with_writes_no_more_than_it_shows(bare: PimSimulator, pim: AkeneoClient) -> None:
    assert setup.apply(proposed(WHOLE, pim), pim).is_done
    body = json.loads(proposed(WHOLE, pim).to_json())
    for step in body["steps"]:
        if step["code"] == "name":
            step["wanted"]["group"] = "other"
    bare.forget_calls()
    with pytest.raises(PlanOutdated, match="group: erp -> other"):
        setup.apply(SetupPlan.from_json(sealed(body)), pim)
    assert bare.mutating_calls == []


def test_a_plan_is_a_table_for_people(bare: PimSimulator, pim: AkeneoClient) -> None:
    bare.load("/api/rest/v1/attributes", [{"code": "size", "type": "pim_catalog_text", "group": "other"}])
    lines = str(proposed(WHOLE, pim)).splitlines()
    assert lines[0].startswith("setup plan: ")
    rows = [line.split("  ") for line in lines]
    table = {
        tuple(cell.strip() for cell in row if cell.strip())[:3]: line for row, line in zip(rows, lines, strict=True)
    }
    assert table["create", "attribute", "weight"].endswith('metric; Weight in KILOGRAM; group erp; "Weight" and 1 more')
    assert table["create", "2 options", "of colour"].endswith("red, blue")
    assert table["blocked", "3 options", "of size"].endswith("s, m, l; waits for attribute 'size'")
    assert "has type pim_catalog_text" in table["conflict", "attribute", "size"]
    places = [line.index(word) for line in lines for word in ("root of a tree", "below erp_tree") if word in line]
    assert len(places) == 2
    assert places[0] == places[1]  # columns stand in line
    assert any(
        line.startswith("by hand: the API cannot make attributes read-only.") and "sku, name" in line for line in lines
    )


def test_the_estimate_knows_the_slow_lane_of_options(pim: AkeneoClient) -> None:
    plan = proposed(
        Blueprint.of(
            setup.select("many", [f"o{number}" for number in range(250)], group="other"),
            setup.select("few", ["a"], group="other"),
        ),
        pim,
    )
    assert (plan.calls, plan.option_calls) == (5, 4)
    assert plan.least_time.total_seconds() == pytest.approx(4 / 3)
    assert "5 calls to write it, 4 of them for 251 options: at three a second, 1.3 s or more" in str(plan)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_code_and_no_label_breaks_the_terminal_or_the_file(code: str, label: str) -> None:
    blueprint = Blueprint.of(setup.select("colour", {code: {"en_US": label}}, labels={label or "x": code}, group="erp"))
    plan = setup.propose(blueprint, PimStructure(attributes={}))
    assert SetupPlan.from_json(plan.to_json()) == plan
    plan.to_json().encode()
    assert all(character.isprintable() for line in str(plan).split("\n") for character in line)
    assert str(plan).count("\n") <= 5


@pytest.mark.parametrize("code", ["", "dark-blue", "grün", "red\n", "a b", "../x", "x" * 101, "\x1b[31m"])
def test_a_code_that_no_pim_takes_is_a_conflict_not_a_call(bare: PimSimulator, pim: AkeneoClient, code: str) -> None:
    plan = proposed(Blueprint.of(setup.select("colour", [code], group="other")), pim)
    assert actions(plan)["attribute 'colour'"] == "create"
    assert plan.steps[-1].action == "conflict"
    report = setup.apply(plan, pim)
    assert ([one.outcome for one in report.results], len(bare.mutating_calls)) == (["created", "conflict"], 1)


@pytest.mark.parametrize("code", ["Categories", "label", "two_products", "my_groups"])
def test_reserved_words_are_no_attributes(pim: AkeneoClient, code: str) -> None:
    assert "reserves" in notes(proposed(Blueprint.of(setup.attribute(code, AttributeType.TEXT, group="other")), pim))


def test_hostile_labels_are_written_as_they_are(pim: AkeneoClient) -> None:
    labels = {"en_US": 'x"; DROP \u202e\x1b[2J\n\u00e9', "de_DE": "a\tb"}
    plan = proposed(Blueprint.of(setup.select("colour", {"red": labels}, group="other")), pim)
    assert setup.apply(SetupPlan.from_json(plan.to_json()), pim).is_done
    assert pim.attribute_options("colour").get("red").labels == labels


# ---- blueprints ----
def test_blueprints_that_contradict_themselves_are_refused_at_once() -> None:
    red, other = setup.select("colour", ["red"]), setup.select("colour", ["Red"])
    with pytest.raises(ConfigurationError, match="'red' of 'colour' and option 'Red' of 'colour' differ by case alone"):
        Blueprint.of(red, other, group="erp")
    with pytest.raises(ConfigurationError, match="attribute 'colour' is described twice"):
        Blueprint.of(red, setup.attribute("colour", AttributeType.TEXT), group="erp")
    assert Blueprint.of(red, red, group="erp") == Blueprint.of(red, group="erp")
    with pytest.raises(ConfigurationError, match="attribute 'colour' does not say its type and its group"):
        Blueprint.of(red)
    with pytest.raises(ConfigurationError, match="does not say its type"):
        Blueprint.of(AttributePatch(code=AttributeCode("x"), group=AttributeGroupCode("erp")))
    with pytest.raises(ConfigurationError, match="has 3 levels"):
        setup.family_variant("x", "f", ([], []), ([], []), ([], []))
    with pytest.raises(ConfigurationError, match="each attribute names its group"):
        Blueprint.of(AttributeGroupPatch(code=AttributeGroupCode("erp"), attributes=[AttributeCode("sku")]))
    with pytest.raises(ConfigurationError, match="category 'a' is above itself"):
        Blueprint.of(
            CategoryPatch(code=CategoryCode("a"), parent=CategoryCode("b")),
            CategoryPatch(code=CategoryCode("b"), parent=CategoryCode("A")),
        )
    with pytest.raises(ConfigurationError, match="AssetPatch within nothing makes no piece"):
        Piece.of(AssetPatch(code=AssetCode("a")))
    with pytest.raises(ConfigurationError, match="makes no piece"):
        Piece.of(AssetFamilyPatch(code=AssetFamilyCode("a")), "within")


def test_a_mapping_tells_what_it_needs(bare: PimSimulator, pim: AkeneoClient) -> None:
    guessed = Blueprint.for_mapping(make_mapping(), pim.structure(), root="master")
    assert all(one.guess for one in guessed.pieces)
    types = {str(one.body["code"]): one.body["type"] for one in guessed.pieces if one.kind == "attribute"}
    assert types == {
        "sku": AttributeType.IDENTIFIER,
        "name": AttributeType.TEXT,
        "weight": AttributeType.METRIC,
        "colour": AttributeType.TEXT,
        "msrp": AttributeType.PRICE_COLLECTION,
    }
    bodies = {str(one.ref): one.body for one in guessed.pieces}
    assert bodies["attribute 'name'"]["localizable"] is True
    assert bodies["attribute 'weight'"]["metric_family"] == "Weight"
    assert bodies["category 'shirts'"]["parent"] == "master"
    # what is written wins over what was guessed
    blueprint = Blueprint.of(guessed, setup.select("colour", ["red", "blue"]), group="erp")
    plan = proposed(blueprint, pim)
    assert "(guessed: 'sku()" not in str(plan)
    assert "(guessed: it is filled with the ERP's key, number)" in str(plan)
    assert setup.apply(plan, pim).is_done
    assert make_mapping().preflight(pim.structure(with_options_of=[AttributeCode("colour")])) == []


def test_a_mapping_that_fits_needs_nothing(simulator: PimSimulator) -> None:
    with client(simulator) as pim:
        structure = pim.structure()
        guessed = Blueprint.for_mapping(make_mapping(), structure)
        assert guessed.pieces == ()
        clothing = structure.families[FamilyCode("clothing")]
        smaller = evolve(clothing, attributes=tuple(one for one in clothing.attributes if one != "msrp"))
        homeless = evolve(structure, families={smaller.code: smaller})
        (piece,) = Blueprint.for_mapping(make_mapping(), homeless).pieces
        assert (str(piece.ref), piece.body["attributes"]) == ("family 'clothing'", ["msrp"])


class Machine(ErpItem):
    """Kinds of values that the small ERP does not have."""

    number = cold(str, "number", key=True)
    active = cold(str, "active")
    built = cold(date, "built")
    speed = cold(int, "speed")
    kind = cold(str, "kind")


def _volts(word: str) -> Decimal:
    return Decimal(word)


def _rails(word: str) -> frozenset[str]:
    return frozenset(word.split())


def test_the_type_of_an_attribute_is_guessed_from_its_rule(pim: AkeneoClient) -> None:
    kinds = lookup({"D": "drill", "S": "saw"}, name="kinds")
    mapping = ProductMapping(
        Machine,
        Machine.number.to(Cell[str]("sku")),
        Machine.number.to(Cell[str]("supplier_number")),
        (Machine.active >> boolean(true={"J"}, false={"N"})).default(value=True).to(Cell[bool]("active")),
        Machine.built.to(Cell[date]("built")),
        Machine.speed.when(Machine.active >> boolean(true={"J"}, false={"N"})).to(Cell[int]("speed")),
        (Machine.kind >> kinds).catch().to(Cell[str]("kind", channel="ecommerce")),
        (Machine.kind >> kinds >> as_set()).to(Cell[frozenset[str]]("uses")),
        Machine.kind.map(_volts).to(Cell[Decimal]("volts")),
        (Machine.kind.map(_rails) >> each(kinds)).to(Cell[frozenset[str]]("rails")),
        (Machine.speed.map(Decimal) >> in_unit("CUBIT")).to(Cell[Metric]("far")),
        (Machine.kind >> lookup({"D": "drills"})).to(FAMILY),
    )
    guessed = Blueprint.for_mapping(mapping, pim.structure())
    types = {str(one.body["code"]): str(one.body["type"]) for one in guessed.pieces if one.kind == "attribute"}
    assert {code: kind.removeprefix("pim_catalog_") for code, kind in types.items()} == {
        "sku": "identifier",
        "supplier_number": "text",
        "active": "boolean",
        "built": "date",
        "speed": "number",
        "kind": "simpleselect",
        "uses": "multiselect",
        "volts": "number",
        "rails": "multiselect",
    }  # no family has cubits, so nothing is guessed of `far`
    options = {str(one.ref) for one in guessed.pieces if one.kind == "option"}
    assert options == {f"option '{code}' of '{at}'" for at in ("kind", "uses", "rails") for code in ("drill", "saw")}
    assert "needs attribute 'far', which is neither in the PIM nor in the blueprint" in notes(proposed(guessed, pim))
    (kind,) = (one.body for one in guessed.pieces if str(one.ref) == "attribute 'kind'")
    assert (kind["scopable"], kind["localizable"]) == (True, False)


def test_only_the_records_that_are_named_are_read(bare: PimSimulator, pim: AkeneoClient) -> None:
    brands = setup.reference_entity("brands", {f"b{number}": {} for number in range(250)})
    assert setup.apply(proposed(brands, pim), pim).is_done
    bare.forget_calls()
    assert proposed(Blueprint.of(Piece.of(RecordPatch(code=RecordCode("b7")), "brands")), pim).is_done
    assert len([call for call in bare.calls if call.path.endswith("/records")]) == 1
    assert proposed(brands, pim).is_done


# ---- options on the fly ----
RED = AttributeOption(code=OptionCode("red"), labels={LocaleCode("en_US"): "Red", LocaleCode("de_DE"): "Rot"})


def test_unknown_words_become_options_once_and_known_ones_keep_their_codes(simulator: PimSimulator) -> None:
    with client(simulator) as pim:
        simulator.load("/api/rest/v1/attributes/colour/options", [{"code": "red", "labels": {"de_DE": "Rot"}}])
        options = list(pim.attribute_options("colour").list())
        words = setup.Words.written("ROT", "Mintgrün", " mintgrün", "Blue")
        proposal = setup.propose_options("colour", words, options, locale="de_DE")
        assert proposal.codes == {"ROT": "red", "Mintgrün": "mintgrun", " mintgrün": "mintgrun", "Blue": "blue"}
        assert proposal.problems == ()
        plan = proposed(proposal.blueprint, pim)
        assert actions(plan) == {"option 'mintgrun' of 'colour'": "create"}
        assert setup.apply(plan, pim).is_done
        assert pim.attribute_options("colour").get("mintgrun").labels == {"de_DE": "Mintgrün"}
        again = setup.propose_options("colour", words, pim.attribute_options("colour").list(), locale="de_DE")
        assert (again.codes, again.blueprint.pieces) == (proposal.codes, ())


def test_two_words_of_one_code_are_a_persons_to_decide() -> None:
    proposal = setup.propose_options(
        "colour",
        setup.Words.written("Dark blue", "dark/blue", "Dark-Blue", "DARK  BLUE", "Red!", "???", "x\ud800"),
        [RED],
    )
    assert proposal.codes == {}
    assert proposal.blueprint.pieces == ()
    told = "\n".join(one.detail for one in proposal.problems)
    for word in ("Dark blue", "dark/blue", "Dark-Blue", "Red!", "???"):
        assert repr(word) in told
    assert "its code 'red' is that of 'Red'" in told
    assert "code is empty" in told
    assert "characters that no file can hold" in told
    assert {one.code for one in proposal.problems} == {"no_option_code"}


def test_labels_in_several_locales_and_codes_of_ones_own() -> None:
    labels = setup.Words.written({"en_US": "Mint", "de_DE": "Minze"})
    proposal = setup.propose_options("colour", labels, code_of=lambda word: f"erp_{word}")
    (piece,) = proposal.blueprint.pieces
    assert piece.body == {"code": "erp_Mint", "labels": {"en_US": "Mint", "de_DE": "Minze"}}


@given(st.lists(st.text(max_size=12), max_size=12))
def test_a_code_is_given_to_one_word_alone(words: list[str]) -> None:
    proposal = setup.propose_options("colour", setup.Words.written(*words), [RED])
    folded: dict[str, set[str]] = {}
    for word, code in proposal.codes.items():
        folded.setdefault(code.lower(), set()).add(" ".join(unicodedata.normalize("NFC", word).casefold().split()))
    assert all(len(owners) == 1 for code, owners in folded.items() if code != "red")
    new = {str(one.body["code"]) for one in proposal.blueprint.pieces}
    assert new == set(proposal.codes.values()) - {"red"}
    # each word is accounted for: it has a code, or a problem names it
    without = {
        " ".join(unicodedata.normalize("NFC", word).casefold().split()) for word in words if word not in proposal.codes
    }
    assert len(proposal.problems) >= len(without)


def test_the_words_a_table_does_not_know_are_found_by_reading() -> None:
    rows = [
        {"number": str(place), "colour": word} for place, word in enumerate(["red", "Teal", "", "teal ", "mauve", None])
    ]
    found = setup.unknown_words(Article.colour >> clean(), lookup({"red": "red"}), [Article(row) for row in rows])
    assert list(found) == ["Teal", "mauve"]
    kept = lookup({"red": "red"}, unknown="clear")
    again = setup.unknown_words(Article.colour.map(str), kept, [Article(row) for row in rows[:4]])
    assert again == setup.Words.written("Teal")


def test_a_run_that_misses_an_attribute_stops_and_makes_nothing(bare: PimSimulator, pim: AkeneoClient) -> None:
    bare.load("/api/rest/v1/attributes", [{"code": "sku", "type": "pim_catalog_identifier", "group": "other"}])
    bare.forget_calls()
    with SqliteState(":memory:") as state, pytest.raises(PreflightFailed, match="attribute 'weight' is not in the PIM"):
        ErpToPim(ListErp([row(1)]), make_mapping(), pim, state).run()
    assert bare.mutating_calls == []
