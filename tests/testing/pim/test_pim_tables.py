"""Table attributes: their columns, and the cells of their rows."""

from __future__ import annotations

from typing import Any

import pytest

from akeneo_erp_bridge.testing import PimSimulator
from pim_bench import API, Caller, seed, value

PART: dict[str, Any] = {"code": "part", "data_type": "select", "options": [{"code": "chuck"}, {"code": "Handle"}]}
COLUMNS: list[dict[str, Any]] = [
    PART,
    {"code": "name", "data_type": "text", "validations": {"max_length": 8}},
    {"code": "pieces", "data_type": "number", "validations": {"min": 1, "max": 9}},
    {"code": "price", "data_type": "number", "validations": {"decimals_allowed": True}},
    {"code": "spare", "data_type": "boolean"},
    {
        "code": "weight",
        "data_type": "measurement",
        "measurement_family_code": "Weight",
        "measurement_default_unit_code": "KILOGRAM",
    },
    {"code": "maker", "data_type": "reference_entity", "reference_entity_identifier": "brands"},
]
NOTE = {"code": "note", "data_type": "text"}


def table(*columns: dict[str, Any]) -> dict[str, Any]:
    return {"type": "pim_catalog_table", "group": "erp", "table_configuration": list(columns)}


@pytest.fixture
def sim() -> PimSimulator:
    sim = seed(PimSimulator())
    sim.load(f"{API}/reference-entities", [{"code": "brands"}])
    sim.load(f"{API}/reference-entities/brands/records", [{"code": "acme"}])
    sim.load(f"{API}/attributes", [{"code": "parts", **table(*COLUMNS)}])
    return sim


def test_columns_are_shown_with_what_the_pim_adds(pim: Caller) -> None:
    shown = pim.get("attributes/parts").json()["table_configuration"]
    assert [one["code"] for one in shown] == ["part", "name", "pieces", "price", "spare", "weight", "maker"]
    assert [one["is_required_for_completeness"] for one in shown] == [True, *[False] * 6]
    assert shown[0] == {
        "code": "part", "data_type": "select", "labels": {}, "validations": {}, "is_required_for_completeness": True,
    }  # fmt: skip


def test_options_of_columns_are_shown_on_request(pim: Caller) -> None:
    (shown,) = pim.items("attributes", search={"code": [{"operator": "IN", "value": ["parts"]}]})
    assert "options" not in shown["table_configuration"][0]
    asked = {"with_table_select_options": "true"}
    assert pim.get("attributes/parts", **asked).json()["table_configuration"][0]["options"] == PART["options"]
    # a column that is sent without its options keeps them
    pim.patch("attributes/parts", table({"code": "part", "data_type": "select"}, NOTE))
    kept = pim.get("attributes/parts", **asked).json()["table_configuration"]
    assert (kept[0]["options"], len(kept)) == (PART["options"], 2)


WRONG_COLUMNS: list[tuple[str, dict[str, Any]]] = [
    ("no column", table()),
    ("one column", table(PART)),
    ("eleven columns", table(PART, *({"code": f"c{n}", "data_type": "text"} for n in range(10)))),
    ("a code twice", table(PART, {"code": "PART", "data_type": "text"})),
    ("text first", table(NOTE, PART)),
    ("a code that is none", table(PART, {**NOTE, "code": "a note"})),
    ("a long code", table(PART, {**NOTE, "code": "a" * 101})),
    ("no code", table(PART, {"data_type": "text"})),
    ("a reserved code", table(PART, {**NOTE, "code": "Product"})),
    ("an unknown type", table(PART, {**NOTE, "data_type": "colour"})),
    ("an unknown property", table(PART, {**NOTE, "width": 5})),
    ("a validation of another type", table(PART, {**NOTE, "validations": {"min": 1}})),
    ("a validation that is no number", table(PART, {"code": "n", "data_type": "number", "validations": {"min": "x"}})),
    ("more least than most", table(PART, {"code": "n", "data_type": "number", "validations": {"min": 2, "max": 1}})),
    ("long texts", table(PART, {**NOTE, "validations": {"max_length": 101}})),
    ("options of a text", table(PART, {**NOTE, "options": [{"code": "a"}]})),
    ("an option without code", table(PART, {"code": "s", "data_type": "select", "options": [{"labels": {}}]})),
    ("no measurement family", table(PART, {"code": "m", "data_type": "measurement"})),
    ("a unit of another family", table(PART, {**COLUMNS[5], "measurement_default_unit_code": "METER"})),
    ("a family for a text", table(PART, {**NOTE, "measurement_family_code": "Weight"})),
    ("an entity that is not there", table(PART, {**COLUMNS[6], "reference_entity_identifier": "towns"})),
    ("a column that is no object", {**table(PART), "table_configuration": [PART, ["x"]]}),
    ("columns of a text", {**table(PART, NOTE), "type": "pim_catalog_text"}),
]


@pytest.mark.parametrize("body", [body for _, body in WRONG_COLUMNS], ids=[name for name, _ in WRONG_COLUMNS])
def test_columns_that_are_refused(pim: Caller, body: dict[str, Any]) -> None:
    answer = pim.patch("attributes/other", body)
    assert (answer.status_code, "table_configuration" in answer.text) == (422, True)
    assert pim.get("attributes/other").status_code == 404


def test_the_first_column_and_the_types_are_fixed(pim: Caller) -> None:
    other = {**PART, "code": "piece"}
    for columns in ([other, NOTE], [NOTE, PART], [PART, {"code": "name", "data_type": "boolean"}]):
        assert pim.patch("attributes/parts", table(*columns)).status_code == 422
    assert pim.patch("attributes/parts", table(PART, *COLUMNS[3:], NOTE)).status_code == 204


def test_fifty_table_attributes(pim: Caller) -> None:
    verdicts = pim.verdicts("attributes", [{"code": f"t{n}", **table(PART, NOTE)} for n in range(50)])
    assert [one["status_code"] for one in verdicts] == [*[201] * 49, 422]


ROW: dict[str, Any] = {
    "part": "chuck",
    "name": "Chuck",
    "pieces": "1",
    "price": "9.90",
    "spare": False,
    "weight": {"amount": "1.5", "unit": "KILOGRAM"},
    "maker": "acme",
}


def test_rows_are_kept_whole_and_replaced_whole(pim: Caller) -> None:
    rows = [ROW, {"part": "Handle", "pieces": "9"}]
    key = pim.product("A", values={"parts": value(rows)})
    assert pim.data(key, "parts") == rows
    pim.patch(f"products-uuid/{key}", {"values": {"parts": value([{"part": "Handle"}])}})
    assert pim.data(key, "parts") == [{"part": "Handle"}]
    pim.patch(f"products-uuid/{key}", {"values": {"parts": value([])}})
    assert "parts" not in pim.values(key)


def test_codes_of_cells_are_stored_as_the_pim_spells_them(pim: Caller) -> None:
    sent = {"PART": "handle", "Weight": {"amount": 2, "unit": "gram"}, "name": None, "pieces": ""}
    key = pim.product("A", values={"parts": value([sent])})
    assert pim.data(key, "parts") == [{"part": "Handle", "weight": {"amount": "2", "unit": "GRAM"}}]


WRONG_ROWS: list[tuple[str, Any]] = [
    ("no list", {"part": "chuck"}),
    ("no object", ["chuck"]),
    ("no first cell", [{"name": "Chuck"}]),
    ("an empty first cell", [{"part": ""}]),
    ("a first cell twice", [{"part": "chuck"}, {"part": "CHUCK"}]),
    ("an unknown option", [{"part": "motor"}]),
    ("an option that is no text", [{"part": 5}]),
    ("an unknown column", [{"part": "chuck", "colour": "red"}]),
    ("a text that is none", [{"part": "chuck", "name": 5}]),
    ("a long text", [{"part": "chuck", "name": "Chuck No 1"}]),
    ("a number that is none", [{"part": "chuck", "pieces": "two"}]),
    ("a number not as text", [{"part": "chuck", "pieces": 2}]),
    ("decimals", [{"part": "chuck", "pieces": "1.5"}]),
    ("too little", [{"part": "chuck", "pieces": "0"}]),
    ("too much", [{"part": "chuck", "pieces": "10"}]),
    ("a boolean that is none", [{"part": "chuck", "spare": "yes"}]),
    ("an amount that is none", [{"part": "chuck", "weight": {"amount": "much", "unit": "GRAM"}}]),
    ("a unit of another family", [{"part": "chuck", "weight": {"amount": "1", "unit": "METER"}}]),
    ("a measurement without unit", [{"part": "chuck", "weight": {"amount": "1"}}]),
    ("a measurement that is none", [{"part": "chuck", "weight": "1 GRAM"}]),
    ("an unknown record", [{"part": "chuck", "maker": "nobody"}]),
]


@pytest.mark.parametrize("rows", [rows for _, rows in WRONG_ROWS], ids=[name for name, _ in WRONG_ROWS])
def test_rows_that_are_refused(pim: Caller, rows: Any) -> None:
    key = pim.product("A", values={"parts": value([ROW])})
    answer = pim.patch(f"products-uuid/{key}", {"values": {"parts": value(rows)}})
    assert answer.status_code == 422
    if "errors" in answer.json():
        assert [(one["property"], one["attribute"]) for one in answer.json()["errors"]] == [("values", "parts")]
    assert pim.data(key, "parts") == [ROW]


def test_a_hundred_rows(pim: Caller) -> None:
    options = [{"code": f"o{n}"} for n in range(101)]
    pim.patch("attributes/parts", table({**PART, "options": options}, NOTE))
    rows = [{"part": one["code"]} for one in options]
    key = pim.product("A", values={"parts": value(rows[:100])})
    assert pim.patch(f"products-uuid/{key}", {"values": {"parts": value(rows)}}).status_code == 422
    assert len(pim.data(key, "parts")) == 100
