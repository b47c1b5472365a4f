"""Excel workbooks, as openpyxl writes them and as Excel does: kinds of cells, formulas, errors, sheets."""

from __future__ import annotations

import gc
import re
import shutil
import tracemalloc
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from akeneo_erp_bridge.erp import CsvAdapter, Defect, ErpItem, ExcelAdapter, FolderAdapter, ItemReader, cold
from akeneo_erp_bridge.errors import ErpRefused, ErpUnreachable
from akeneo_erp_bridge.rules import Problem


class Article(ErpItem):
    number = cold(str, "number", key=True)
    weight = cold(Decimal, "weight")
    since = cold(date, "since")
    changed = cold(datetime, "changed")


def workbook(folder: Path, *rows: list[Any], sheet: str = "Articles", above: int = 0) -> Path:
    book = Workbook()
    book.active.title = "About"
    there = book.create_sheet(sheet)
    for _ in range(above):
        there.append(["Our articles, as of today"])
    for row in rows:
        there.append(row)
    path = folder / "articles.xlsx"
    book.save(path)
    return path


def mended(path: Path, pattern: str, by: str) -> None:
    """The XML of the second sheet changed, for what openpyxl does not write."""
    copy = path.with_suffix(".new")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet2.xml":
                text, count = re.subn(pattern, by, data.decode())
                assert count, data.decode()
                data = text.encode()
            target.writestr(name, data)
    shutil.move(copy, path)


def rows(erp: ItemReader[Article], *fields: str, limit: int = 100) -> list[dict[str, Any]]:
    wanted = frozenset({"number", *fields})
    return [dict(one.row) for page in erp.read_items(None, fields=wanted, limit=limit) for one in page.items]


def adapter(path: Path, **options: Any) -> ExcelAdapter[Article]:
    return ExcelAdapter(path, Article, **{"sheet": "Articles", **options})


def test_numbers_texts_days_and_moments(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    path = workbook(
        tmp_path,
        ["number", "weight", "since", "changed"],
        ["007", 0.1, date(2026, 3, 1), moment.replace(tzinfo=None)],
        [4006381333931, 12, date(2026, 3, 2), moment.replace(tzinfo=None)],
        [5.0, "1,5", None, None],
    )
    found = rows(adapter(path, zone=UTC), "weight", "since", "changed")
    assert [one["number"] for one in found] == ["007", 4006381333931, 5], "a text keeps its zeros, a number has none"
    assert [repr(one["weight"]) for one in found] == ["Decimal('0.1')", "12", "'1,5'"]
    assert [one["since"] for one in found] == [date(2026, 3, 1), date(2026, 3, 2), None]
    assert type(found[0]["since"]) is date
    assert found[0]["changed"] == moment
    assert [Article(one).key for one in found] == ["007", "4006381333931", "5"]


def test_a_moment_without_a_zone_is_a_problem(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["number", "changed"], ["1", datetime(2026, 3, 1, 8, 30)])  # noqa: DTZ001 - as Excel has it
    (row,) = rows(adapter(path), "changed")
    outcome = Article.changed.run(Article(row))
    assert isinstance(outcome, Problem)
    assert "a moment with a time zone" in str(outcome)


def test_sheets_by_name_and_number_and_a_header_below(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["number", "weight"], ["1", 2], above=2)
    for sheet in ("Articles", 2):
        erp = adapter(path, sheet=sheet, header_row=3)
        assert rows(erp, "weight") == [{"number": "1", "weight": 2}]
        assert erp.describe().field_names == {"number", "weight"}
    for sheet in ("Artikel", 3, 0):
        with pytest.raises(ErpRefused, match=rf"sheet {sheet!r} is not there; it has 'About', 'Articles'"):
            rows(adapter(path, sheet=sheet))
    with pytest.raises(ErpRefused, match="row 9 of sheet 'Articles' is empty"):
        rows(adapter(path, header_row=9))


def test_a_formula_is_read_by_its_stored_value(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["number", "weight"], ["1", "=1+1.5"], ["2", "=2+2"], ["3", 7])
    mended(path, r"<f>1\+1.5</f><v\s*/?>(</v>)?", "<f>1+1.5</f><v>2.5</v>")
    first, second, third = rows(adapter(path), "weight")
    assert (first["weight"], third["weight"]) == (Decimal("2.5"), 7)
    assert isinstance(second["weight"], Defect)
    assert "row 3, column 'weight': the formula has no stored value; open the file in Excel" in second["weight"].reason
    assert second["number"] == "2"


def test_an_error_cell_spoils_its_field_alone(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["number", "weight"], ["1", "#N/A"], ["2", 1])
    first, second = rows(adapter(path), "weight")
    assert "articles.xlsx, row 2, column 'weight': the cell holds the error #N/A" in str(first["weight"])
    assert (first["number"], second["weight"]) == ("1", 1)


def test_empty_rows_and_what_stands_beside_the_table_are_left_out(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["number", "weight"], ["1", 2], [], ["2"], [None, None, "sum: 2"], ["3", 4, "", "a note"])
    assert rows(adapter(path), "weight") == [
        {"number": "1", "weight": 2},
        {"number": "2", "weight": None},
        {"number": "3", "weight": 4},
    ]


def test_dimensions_that_are_wrong_cut_nothing(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["number", "weight"], ["1", 2], ["2", 3])
    mended(path, r'<dimension ref="[^"]*"', '<dimension ref="A1"')
    assert len(rows(adapter(path), "weight")) == 2


def test_merged_and_hidden_cells_are_told(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["number", "weight", "memo"])
    sheet.append(["1", 2, "x"])
    sheet.append([None, 2, "x"])
    sheet.merge_cells("A2:A3")
    sheet.column_dimensions["C"].hidden = True
    book.save(tmp_path / "a.xlsx")
    facts = ExcelAdapter(tmp_path / "a.xlsx", Article).check().facts
    assert facts["undeclared"] == "memo"
    assert "cells are merged" in facts["notes"]
    assert "hidden" in facts["notes"]
    second = rows(ExcelAdapter(tmp_path / "a.xlsx", Article), "weight")[1]
    assert (second["number"], Article(second).key) == (None, "")


@pytest.mark.parametrize("content", [b"", b"number;weight\n", b"\xd0\xcf\x11\xe0 an old workbook", b"PK\x03\x04 torn"])
def test_what_is_no_workbook_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "articles.xls"
    path.write_bytes(content)
    with pytest.raises(ErpRefused, match=r"articles\.xls is no \.xlsx workbook, or a damaged one"):
        rows(adapter(path))
    with pytest.raises(ErpUnreachable, match="No such file"):
        rows(adapter(tmp_path / "nowhere.xlsx"))


def test_a_sheet_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["number"], *([str(one)] for one in range(50)))
    mended(path, r'<row r="40".*', "<row")
    with pytest.raises(ErpRefused, match=r"articles\.xlsx: the sheet is damaged"):
        rows(adapter(path))


def test_a_stopped_read_goes_on_in_its_row(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["number"], *([str(one)] for one in range(7)), above=1)
    erp = adapter(path, header_row=2)
    fields = frozenset({"number"})
    first = next(erp.read_items(None, fields=fields, limit=3))
    rest = [one.key for page in erp.read_items(first.resume, fields=fields, limit=3) for one in page.items]
    assert [*(one.key for one in first.items), *rest] == [str(one) for one in range(7)]


def test_a_folder_takes_workbooks_by_their_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["number", "weight"], ["1", 2], sheet="Second")
    book_first = Workbook()
    book_first.active.append(["number", "weight"])
    book_first.active.append(["2", 3])
    book_first.save(path)
    (tmp_path / "articles_b.csv").write_text("number;weight\n3;4\n")
    erp = FolderAdapter(tmp_path, Article, pattern="articles*", contents="delta", settle=timedelta(0))
    assert rows(erp, "weight") == [{"number": "2", "weight": 3}, {"number": "3", "weight": "4"}]


def test_rows_are_streamed(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Articles")
        sheet.append(["number", "weight"])
        for number in range(count):
            sheet.append([number, 1.5])
        book.save(tmp_path / "many.xlsx")
        tracemalloc.start()
        most = 0
        for _ in adapter(tmp_path / "many.xlsx").read_items(None, fields=frozenset({"number"}), limit=1_000):
            gc.collect()  # what is kept, not what waits to be collected
            most = max(most, tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        return most

    peak(2_000)
    grown = peak(12_000) - peak(4_000)
    assert grown <= 150 * 8_000, "the library keeps an empty element for each row; the row itself would be 1,000 bytes"


def test_csv_says_what_a_workbook_is(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["number"], ["1"])
    with pytest.raises(ErpRefused):
        rows(CsvAdapter(path, Article))


def test_a_workbook_that_goes_while_it_is_opened_is_unreachable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openpyxl

    path = workbook(tmp_path, ["number"], ["1"])

    def gone(*_: object, **__: object) -> None:
        path.unlink()
        path.read_bytes()

    monkeypatch.setattr(openpyxl, "load_workbook", gone)
    with pytest.raises(ErpUnreachable, match=r"articles\.xlsx cannot be read \(No such file or directory\)"):
        rows(adapter(path))
