"""CSV files as ERPs and people write them: encodings, delimiters, quotes, headers that drift, rows that are torn."""

from __future__ import annotations

import logging
import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.erp import CsvAdapter, Defect, ErpItem, cold, hot, internal, snapshot_diff
from akeneo_erp_bridge.errors import ErpRefused, ErpUnreachable
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, constant, decimal, in_unit, sku
from akeneo_erp_bridge.rules import Cell, Problem
from akeneo_erp_bridge.sync import ErpToPim, ParkedItem, SqliteState
from akeneo_erp_bridge.sync._words import rival
from akeneo_erp_bridge.testing import PimSimulator

FIELDS = frozenset({"number", "name"})


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    price = hot(str, "price")


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "articles.csv"
    path.write_bytes(text.encode(encoding))
    return path


def rows(erp: CsvAdapter[Article], limit: int = 100) -> list[dict[str, Any]]:
    return [dict(one.row) for page in erp.read_items(None, fields=FIELDS, limit=limit) for one in page.items]


# ---- encoding and delimiter ----
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = "number;name;price\r\n007;Säge;1\r\n".replace(";", delimiter)
    assert rows(CsvAdapter(written(tmp_path, text, encoding), Article)) == [{"number": "007", "name": "Säge"}]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16-le", "utf-8-sig", "cp850"])
def test_a_named_encoding_is_used(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "number;name\n1;Säge\n", encoding)
    assert rows(CsvAdapter(path, Article, encoding=encoding)) == [{"number": "1", "name": "Säge"}]


def test_an_encoding_that_is_not_sure_is_refused_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "number;name\n1;Saw\n2;Säge\n", "cp1252")
    with pytest.raises(ErpRefused, match=r"articles\.csv, line 3: byte 0xE4 is not UTF-8.*encoding='cp1252'"):
        rows(CsvAdapter(path, Article))
    path = written(tmp_path, "number;name\n1;Saw\n", "utf-16-le")
    with pytest.raises(ErpRefused, match="no byte order mark; name the encoding"):
        rows(CsvAdapter(path, Article))
    with pytest.raises(ErpRefused, match="unknown encoding: utf-9"):
        rows(CsvAdapter(path, Article, encoding="utf-9"))


def test_the_line_of_a_foul_byte_is_right_far_into_a_file(tmp_path: Path) -> None:
    path = tmp_path / "articles.csv"
    path.write_bytes(b"number;name\n" + b"1;S\xc3\xa4ge\n" * 200_000 + b"2;S\xe4ge\n")
    with pytest.raises(ErpRefused, match="line 200002: byte 0xE4"):
        rows(CsvAdapter(path, Article))


def test_a_delimiter_that_is_not_sure_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "number;name,number|name\n1;a,b|c\n")
    with pytest.raises(ErpRefused, match=r"not sure among .*name it, e\.g\. delimiter=';'"):
        rows(CsvAdapter(path, Article))


def test_a_delimiter_is_not_taken_from_texts(tmp_path: Path) -> None:
    path = written(tmp_path, "number;name\n1;a, b, c\n2;a, b, d\n")
    assert [one["name"] for one in rows(CsvAdapter(path, Article))] == ["a, b, c", "a, b, d"]


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    erp = CsvAdapter(written(tmp_path, "number\n1\n2\n"), Article)
    pages = erp.read_items(None, fields=frozenset({"number"}), limit=9)
    assert [one.key for page in pages for one in page.items] == ["1", "2"]


def test_quoted_texts_hold_lines_quotes_and_delimiters(tmp_path: Path) -> None:
    path = written(tmp_path, 'number;name\n1;"two\nlines; ""quoted"""\n;;\n\n2;Saw\n'.replace(";;\n", ";\n"))
    assert [one["name"] for one in rows(CsvAdapter(path, Article))] == ['two\nlines; "quoted"', "Saw"]


# ---- headers ----
def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, "Number ;name\n1;Saw\n")
    wanted = r"articles\.csv: column 'number' is missing; the nearest is 'Number '.*aliases=\{'number': \['Number '\]\}"
    with pytest.raises(ErpRefused, match=wanted):
        rows(CsvAdapter(path, Article))
    assert rows(CsvAdapter(path, Article, aliases={"number": ["Number"]})) == [{"number": "1", "name": "Saw"}]


def test_aliases_hold_whatever_case_and_blanks(tmp_path: Path) -> None:
    erp = CsvAdapter(
        written(tmp_path, "ARTICLE  no.;name\n1;Saw\n"), Article, aliases={"number": ["Item", "Article No."]}
    )
    assert rows(erp) == [{"number": "1", "name": "Saw"}]
    assert erp.describe().field_names == {"number", "name"}, "preflight knows it by its declared name"
    both = CsvAdapter(
        written(tmp_path, "Item;article no.;name\n1;2;Saw\n"), Article, aliases={"number": ["Item", "Article No."]}
    )
    with pytest.raises(ErpRefused, match=r"'Item', 'article no\.' all are 'number' by aliases"):
        rows(both)


def test_a_column_that_may_be_lacking_leaves_the_value_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "number;price\n1;9\n")
    with pytest.raises(ErpRefused, match="column 'name' is missing"):
        rows(CsvAdapter(path, Article))
    assert rows(CsvAdapter(path, Article, optional=["name"])) == [{"number": "1"}]


def test_new_columns_are_told_once_and_not_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    erp = CsvAdapter(written(tmp_path, "number;name;memo;ek\n1;Saw;x;2\n"), Article)
    assert erp.check().facts == {"undeclared": "memo, ek"}
    with caplog.at_level(logging.INFO, "akeneo_erp_bridge"):
        assert rows(erp) == rows(erp) == [{"number": "1", "name": "Saw"}]
    (line,) = caplog.messages
    assert "nobody declares memo, ek; undeclared columns count as hot, and are not read" in line


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_file_without_a_header_is_no_erp_without_items(tmp_path: Path, text: str) -> None:
    with pytest.raises(ErpRefused, match="no header line; was the export cut short"):
        rows(CsvAdapter(written(tmp_path, text), Article))


# ---- one bad row ----
def problem_of(row: dict[str, Any]) -> str:
    outcome = Article.name.run(Article(row))
    assert isinstance(outcome, Problem)
    return str(outcome)


@pytest.mark.parametrize("torn", ["2;Saw", "2;Saw;3;4"])
def test_a_row_of_another_length_spoils_itself_alone(tmp_path: Path, torn: str) -> None:
    first, second, third = rows(
        CsvAdapter(written(tmp_path, f"number;name;price\n1;Axe;2\n{torn}\n3;Nail;4\n"), Article)
    )
    assert (first["name"], third["name"]) == ("Axe", "Nail")
    assert second["number"] == "2", "what stands before the damage is sure"
    assert f"articles.csv, line 3: {torn.count(';') + 1} values for 3 columns" in problem_of(second)
    assert "Saw" not in problem_of(second), "a value may be hot or internal"


def test_the_key_of_a_torn_row_is_not_guessed(tmp_path: Path) -> None:
    (row,) = rows(CsvAdapter(written(tmp_path, "name;number;price\nSaw;small;2;9\n"), Article))
    assert isinstance(row["number"], Defect)
    assert Article(row).key == ""


def test_a_stray_quote_spoils_its_row_alone(tmp_path: Path) -> None:
    first, second, third = rows(CsvAdapter(written(tmp_path, 'number;name\n1;Axe\n2;"a" b\n3;Nail\n'), Article))
    assert (first["name"], third["name"]) == ("Axe", "Nail")
    assert "articles.csv, line 3" in problem_of(second)


def test_a_quote_that_is_never_closed_refuses_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'number;name\n1;Axe\n2;"Saw\n3;Nail\n')
    erp = CsvAdapter(path, Article)
    pages = erp.read_items(None, fields=FIELDS, limit=1)
    assert next(pages).items[0].key == "1", "what came before is given out"
    with pytest.raises(ErpRefused, match=r"articles\.csv, line 3: unexpected end of data"):
        next(pages)


def test_a_byte_of_another_encoding_spoils_its_field_alone(tmp_path: Path) -> None:
    path = tmp_path / "articles.csv"
    path.write_bytes("number;name\n1;Größe\n".encode() + b"2;S\xe4ge\n")
    first, second = rows(CsvAdapter(path, Article, encoding="utf-8"))
    assert (first["name"], second["number"]) == ("Größe", "2")
    assert "articles.csv, line 3: byte 0xE4 is not utf-8" in problem_of(second)


def test_a_torn_row_is_parked_and_the_others_are_written(tmp_path: Path) -> None:
    mapping = ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell[str]("sku")),
        constant("hand_tools").to(FAMILY),
        Article.name.to(Cell[str]("name", locale="en_US")),
    )
    path = written(tmp_path, "number;name;price\nA-1;Axe;2\nA-2;Saw\nA-3;Nail;4\n")
    erp = snapshot_diff(CsvAdapter(path, Article), tmp_path / "keys.db")
    simulator = PimSimulator(sample=True)
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim, SqliteState(":memory:") as state:
        report = ErpToPim(erp, mapping, pim, state).run()
        assert (report.created, report.parked) == (2, 1)
        (parked,) = state.parked("products")
        assert (parked.key, parked.code) == ("A-2", "unreadable")
        assert "line 3: 2 values for 3 columns" in parked.detail


class Tool(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    weight = cold(str, "weight")
    group = cold(str, "group")
    note = cold(str, "note")
    price = hot(str, "price")
    cost = internal(str, "cost")


TOOLS = ProductMapping(
    Tool,
    (Tool.number >> sku()).to(Cell[str]("sku")),
    Tool.group.to(FAMILY),
    Tool.name.to(Cell[str]("name", locale="en_US")),
    (Tool.weight >> decimal("de_DE") >> in_unit("KILOGRAM")).to(Cell("weight")),
    Tool.note.to(Cell[str]("supplier_note")),
)
_HEADER = "number;name;weight;group;note;price;cost\n"


def parked_tool(tmp_path: Path, row: str, *, header: str = _HEADER) -> ParkedItem:
    simulator = PimSimulator(sample=True)
    auth = PasswordAuth(**simulator.auth_kwargs)
    erp = CsvAdapter(written(tmp_path, header + row + "\n"), Tool)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim, SqliteState(":memory:") as state:
        ErpToPim(erp, TOOLS, pim, state).run()
        (parked,) = state.parked("products")
        return parked


def test_a_torn_row_is_told_once_and_with_what_it_begins_with(tmp_path: Path) -> None:
    parked = parked_tool(tmp_path, "007;Saw, small;1,5;hand_tools;sharp;19.90")
    assert str(parked) == (
        "007: articles.csv, line 2: 6 values for 7 columns; is a quote or a delimiter missing, or one too many?"
    )
    assert dict(parked.sample) == {"number": "'007'", "the record begins": "'007', 'Saw, small', '1,5', …"}


@pytest.mark.parametrize(
    "row",
    [
        "007;19.90;7.11",
        "007;19.90",
        "007;Saw;x;1,5;hand_tools;sharp;19.90;7.11",
        "007;Saw;x;y;z;1,5;hand_tools;sharp;19.90;7.11",
        '007;"Saw\n008;Axe;1;hand_tools;x;19.90;7.11";x;y;z;7.11',
        "007;Saw 1,5;hand_tools sharp;19.90;7.11;x;y;z",
    ],
)
def test_nothing_hot_or_internal_of_a_torn_row_is_shown(tmp_path: Path, row: str) -> None:
    parked = parked_tool(tmp_path, row)
    told = f"{parked} {dict(parked.sample)}"
    assert "19.90" not in told
    assert "7.11" not in told


def test_a_row_without_a_key_is_told_with_its_line(tmp_path: Path) -> None:
    parked = parked_tool(tmp_path, "007;Axe;1;hand_tools;x;1;1\n;Saw;1;hand_tools;x;1;1")
    assert "the item in articles.csv, line 3, has no key in field 'number', which holds ''" in parked.detail


def test_a_second_row_of_a_key_is_told_with_both_lines_and_what_differs(tmp_path: Path) -> None:
    parked = parked_tool(tmp_path, "007;Axe;1;hand_tools;x;1.10;2.20\n007;Saw;1;hand_tools;x;3.30;4.40")
    assert parked.code == "duplicate"
    assert parked.detail.endswith(
        "(this one is in articles.csv, line 3, the first in articles.csv, line 2; they differ in name: 'Axe', and here 'Saw')"
    )
    assert parked.sample["name"] == "'Saw'"


def test_of_rivals_no_hot_or_internal_value_is_told() -> None:
    first, row = (
        Tool({"number": "007", "name": "Axe", "price": price, "cost": cost})
        for price, cost in (("1.10", "2.20"), ("3", "4"))
    )
    told = rival(row.key, "c", row, first)
    assert "they differ in price, cost)" in told.detail
    assert not any(secret in f"{told} {told.sample}" for secret in ("1.10", "2.20", "'3'", "'4'"))
    torn = Tool({"number": "007", "name": Defect("torn")})
    assert "they differ in name, price, cost)" in rival(row.key, "c", torn, first).detail
    assert "they differ" not in rival(row.key, "c", row).detail, "of a first row that is not at hand nothing is known"


def test_a_row_is_the_same_wherever_it_stands(tmp_path: Path) -> None:
    one, other = rows(CsvAdapter(written(tmp_path, "number;name\n1;Axe\n1;Axe\n"), Article))
    assert one == other
    (first,) = next(iter(CsvAdapter(tmp_path / "articles.csv", Article).read_items(None, fields=FIELDS, limit=1))).items
    again = pickle.loads(pickle.dumps(first))
    assert (again, again.row.place) == (first, "articles.csv, line 2")


def test_of_a_torn_row_no_undeclared_column_is_shown(tmp_path: Path) -> None:
    header = "number;name;memo;weight;group;note;price;cost\n"
    parked = parked_tool(tmp_path, "007;Saw;secret;1;hand_tools;x;19.90", header=header)
    assert dict(parked.sample) == {"number": "'007'"}


def test_places_are_told_one_way(tmp_path: Path) -> None:
    parked = parked_tool(tmp_path, "no;Saw;ca. 2;hand_tools;sharp;19.90;7.11")
    assert parked.path == "weight -> weight"
    bad = written(tmp_path, _HEADER).with_name("foul.csv")
    bad.write_bytes(_HEADER.encode() + b"007;S\xe4ge;1;hand_tools;x;1;1\n")
    simulator = PimSimulator(sample=True)
    with simulator.client() as pim, SqliteState(":memory:") as state:
        ErpToPim(CsvAdapter(bad, Tool, encoding="utf-8"), TOOLS, pim, state).run()
        (foul,) = state.parked("products")
    assert (foul.path, "name" in foul.sample) == ("name -> name[en_US]", False)


def test_nothing_counts_as_deleted_while_a_key_cannot_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "name;number;price\nSaw;1;2\nAxe;2;2\n")
    erp = snapshot_diff(CsvAdapter(path, Article), tmp_path / "keys.db")
    for text, gone in (
        ("name;number;price\nSaw;1;2\nAxe;small;2;2\n", []),
        ("name;number;price\nSaw;1;2\n", ["2"]),
    ):
        first = list(erp.read_items(None, fields=FIELDS, limit=1))[-1].resume
        written(tmp_path, text)
        assert [key for page in erp.read_items(first, fields=FIELDS, limit=1) for key in page.tombstones] == gone
        written(tmp_path, "name;number;price\nSaw;1;2\nAxe;2;2\n")


# ---- size and time ----
def test_a_file_that_grows_while_it_is_read_is_not_done(tmp_path: Path) -> None:
    path = written(tmp_path, "number;name\n1;Axe\n2;Saw\n")
    pages = CsvAdapter(path, Article).read_items(None, fields=FIELDS, limit=1)
    next(pages)
    with path.open("a") as file:
        file.write("3;Nail\n")
    with pytest.raises(ErpUnreachable, match="changed while it was read"):
        list(pages)


def test_memory_is_flat_with_a_found_encoding(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / "articles.csv"
        path.write_text("number;name\n" + "".join(f"{one:07};{'ä' * 40}\n" for one in range(count)))
        tracemalloc.start()
        for _ in CsvAdapter(path, Article).read_items(None, fields=FIELDS, limit=500):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    # a file is checked by the megabyte
    assert peak(60_000) <= 1.2 * peak(30_000)
