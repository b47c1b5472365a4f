"""Rules over rows inside a row, cells of links, and what preflight says of both."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.catalog import (
    Attribute,
    JsonValue,
    Metric,
    PimStructure,
    canonical_rows,
    encode_rows,
    table_columns,
)
from akeneo_erp_bridge.codes import AttributeCode, UnitCode
from akeneo_erp_bridge.erp import ErpItem, Lines, cold, hot
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping import (
    ProductMapping,
    TableRows,
    association,
    bill_of_materials,
    blob,
    fetched,
    file_in,
    quantified,
    table,
    wanted_links,
)
from akeneo_erp_bridge.mapping._shapes._links import LinkField
from akeneo_erp_bridge.rules import CLEAR, Cell, Outcome, Problem, Put, Rule


class Line(ErpItem):
    part = cold(str, "part")
    count = cold(int, "count")
    stock = hot(int, "stock")


class Kit(ErpItem):
    number = cold(str, "number", key=True)
    lines = cold(Lines, "lines")


PARTS: Cell[TableRows] = Cell("parts")
COLUMNS = [
    {"code": "part", "data_type": "select"},
    {"code": "count", "data_type": "number"},
    {"code": "weight", "data_type": "measurement"},
    {"code": "note", "data_type": "text"},
    {"code": "fragile", "data_type": "boolean"},
]
ATTRIBUTE = Attribute(code=AttributeCode("parts"), type="pim_catalog_table", extra={"table_configuration": COLUMNS})
SKU = Attribute(code=AttributeCode("sku"), type="pim_catalog_identifier")
STRUCTURE = PimStructure(attributes={SKU.code: SKU, ATTRIBUTE.code: ATTRIBUTE})


# ---- law 1 inside of lines ----
class Sly(Rule[Line, int, object]):
    """A rule of a user's own that reads the line and does not say what."""

    def run(self, source: Line) -> Outcome[int]:
        return Put(source.stock)

    @property
    def label(self) -> str:
        return "sly()"


@pytest.mark.parametrize("column", [Line.stock, Sly()])
def test_a_hot_column_is_as_hot_as_a_hot_field(column: Rule[Line, int, object]) -> None:
    untyped: Rule[Kit, TableRows, object] = Kit.lines >> table(Line, {"part": Line.part, "stock": column}, merge=False)
    with pytest.raises(TemperatureRefused, match="hot"):
        untyped.to(PARTS)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the checkers silenced
    kit: Rule[Kit, object, object] = Kit.lines >> bill_of_materials(Line, component=Line.part, quantity=column)
    with pytest.raises(TemperatureRefused, match="hot"):
        kit.to(quantified("PACK"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # as above


def test_what_is_read_inside_of_lines_is_no_field_of_the_item() -> None:
    rule = Kit.lines >> table(Line, {"part": Line.part, "count": Line.count}, merge=False)
    assert rule.sources == {"lines"}


# ---- rows ----
def test_a_problem_names_the_row_and_the_column() -> None:
    rule = table(Line, {"part": Line.part, "count": Line.count}, merge=False)
    outcome = rule.run(Lines([{"part": "a", "count": 1}, {"part": "b", "count": "many"}]))
    assert isinstance(outcome, Problem)
    assert outcome.path.startswith("row 2, column count")


def test_absent_and_blank_cells_are_left_out_and_zero_is_a_value() -> None:
    rule = table(Line, {"part": Line.part, "count": Line.count}, merge=False)
    outcome = rule.run(Lines([{"part": "a", "count": 0}, {"part": "b", "count": ""}, {"part": "c"}]))
    assert outcome == Put(({"part": "a", "count": 0}, {"part": "b"}, {"part": "c"}))


@pytest.mark.parametrize("raw", ["text", {"part": "a"}, [1], [{"part": "a"}, None], 7])
def test_lines_are_a_list_of_rows(raw: object) -> None:
    outcome = Kit.lines.run(Kit({"number": "K", "lines": raw}))
    assert isinstance(outcome, Problem)
    assert "a list of rows" in outcome.detail


def test_a_table_needs_a_column() -> None:
    with pytest.raises(MappingError, match="at least the column"):
        table(Line, {}, merge=False)


def test_rules_travel_between_processes_and_compare_by_value() -> None:
    for make in (
        lambda: table(Line, {"part": Line.part}, merge=True),
        lambda: bill_of_materials(Line, component=Line.part, quantity=Line.count, duplicates="sum"),
        lambda: file_in("pictures"),
        lambda: fetched(len.__call__),
        lambda: blob("a.jpg"),
    ):
        assert make() == make()
    rule = table(Line, {"part": Line.part}, merge=True)
    assert pickle.loads(pickle.dumps(rule)) == rule


def test_whose_rows_they_are_is_a_part_of_the_mapping() -> None:
    """The ledger is compared anew when it changes."""
    hashes = {
        ProductMapping(Kit, (Kit.lines >> table(Line, {"part": Line.part}, merge=merge)).to(PARTS)).hash
        for merge in (True, False)
    }
    assert len(hashes) == 2


# ---- tables as the PIM takes them ----
def test_cells_are_written_by_the_type_of_their_column() -> None:
    row = {"part": "a", "count": Decimal("1.50"), "weight": Metric(Decimal(2), UnitCode("KILOGRAM")), "fragile": False}
    assert encode_rows([row], ATTRIBUTE) == [
        {"part": "a", "count": "1.50", "weight": {"amount": "2", "unit": "KILOGRAM"}, "fragile": False}
    ]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ({"count": "2"}, "column 'count' needs an int or a Decimal"),
        ({"count": True}, "column 'count' needs an int or a Decimal"),
        ({"weight": 2}, "column 'weight' needs a Metric"),
        ({"fragile": 1}, "column 'fragile' needs True or False"),
        ({"note": 7}, "column 'note' \\(text\\) needs a text"),
        ({"colour": "red"}, "no column colour"),
        ({"part": ""}, "a row without its first cell"),
    ],
)
def test_a_cell_of_another_type_is_refused(cell: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        encode_rows([{"part": "a", **cell}], ATTRIBUTE)  # type: ignore[dict-item]  # that is the point


def test_an_attribute_without_columns_is_no_table() -> None:
    with pytest.raises(ValueError, match="is no table"):
        table_columns(SKU)


ROWS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.tuples(st.integers(-99, 99), st.text(max_size=3)), max_size=3
)


@given(ROWS, st.randoms())
def test_spelling_and_order_are_no_difference(rows: dict[str, tuple[int, str]], rng: object) -> None:
    first: list[JsonValue] = [{"part": key, "count": str(n), "note": note} for key, (n, note) in rows.items()]
    second: list[JsonValue] = [
        {"note": note, "count": f"{n}.000", "part": key.upper()} for key, (n, note) in reversed(rows.items())
    ]
    assert canonical_rows(first, ATTRIBUTE) == canonical_rows(second, ATTRIBUTE)


@given(ROWS, ROWS)
def test_another_content_is_a_difference(one: dict[str, tuple[int, str]], other: dict[str, tuple[int, str]]) -> None:
    def made(rows: dict[str, tuple[int, str]]) -> JsonValue:
        return canonical_rows([{"part": k, "count": str(n), "note": note} for k, (n, note) in rows.items()], ATTRIBUTE)

    assert (made(one) == made(other)) is (one == other)


# ---- preflight ----
@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"part": Line.part, "colour": Line.part}, "no_column"),
        ({"note": Line.part, "part": Line.part}, "wrong_column"),
        ({"part": Line.part, "note": Line.part}, None),
    ],
)
def test_columns_are_held_against_the_attribute(columns: dict[str, Rule[Line, str, object]], code: str | None) -> None:
    rule: Rule[Kit, TableRows, object] = Kit.lines >> table(Line, columns, merge=False)
    cell: Cell[TableRows] = PARTS
    mapping = ProductMapping(Kit, Kit.number.to(Cell[str]("sku")), rule.to(cell))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # of any temperature, for short
    assert [one.code for one in mapping.preflight(STRUCTURE)] == ([code] if code else [])


# ---- links ----
def test_a_bill_of_materials_counts_or_refuses_what_stands_twice() -> None:
    lines = Lines([{"part": "A", "count": 1}, {"part": "a", "count": 2}])
    refusing = bill_of_materials(Line, component=Line.part, quantity=Line.count)
    counting = bill_of_materials(Line, component=Line.part, quantity=Line.count, duplicates="sum")
    outcome = refusing.run(lines)
    assert isinstance(outcome, Problem)
    assert outcome.code == "twice"
    assert counting.run(lines) == Put({"A": 3})
    incomplete = refusing.run(Lines([{"part": "A"}]))
    assert isinstance(incomplete, Problem)
    assert incomplete.code == "no_component"


def test_a_cell_of_links_says_type_and_kind() -> None:
    assert str(association("X", "product_models")) == "associations.X.product_models"
    with pytest.raises(MappingError, match="a link needs a type"):
        association("")
    with pytest.raises(MappingError, match="one of products, product_models"):
        quantified("PACK", "groups")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the checkers silenced


@pytest.mark.parametrize("value", ["A", 7, frozenset({" "}), frozenset({1}), None])
def test_links_are_a_set_of_identifiers(value: object) -> None:
    with pytest.raises(ValueError, match="link"):
        wanted_links(value, LinkField("UPSELL", "products"))


@pytest.mark.parametrize("value", [{"A": 0}, {"A": True}, {"A": 1.0}, {"A": 1, "a": 2}, ["A"], {"": 1}])
def test_quantities_are_whole_numbers_from_1(value: object) -> None:
    with pytest.raises(ValueError, match="PACK"):
        wanted_links(value, LinkField("PACK", "products", is_quantified=True))


# ---- files ----
def test_blank_means_no_file() -> None:
    assert file_in(".").run(" ") == CLEAR
    assert fetched(lambda _: b"").run("") == CLEAR
    assert blob("a.jpg").run(b"") == CLEAR
