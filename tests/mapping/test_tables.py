"""Tables of the business from files: every wrong row is told, with its line, at once."""

from __future__ import annotations

import contextlib
import csv
import io
import pickle
import sys
import tempfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from akeneo_erp_bridge.errors import ConfigurationError, MissingExtra, WrongRows
from akeneo_erp_bridge.mapping import (
    decimal,
    lookup,
    lookup_from,
    measured,
    options_from,
    per_pack,
    read_table,
    slug,
    yes_no,
)
from akeneo_erp_bridge.rules import Problem, Put

Rows = Sequence[Sequence[object]]
Write = Callable[[Rows], Path]


def text(cell: object) -> str:
    return "" if cell is None else str(cell)


@pytest.fixture(params=["csv", "yaml", "xlsx"])
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Write:
    """Writes rows, the header first, as a file of each kind. Line n is row n, but for YAML: one more line a row."""
    suffix: str = request.param

    def to_csv(rows: Rows) -> str:
        lines = io.StringIO()
        csv.writer(lines).writerows([list(map(text, row)) for row in rows])
        return lines.getvalue()

    def to_yaml(rows: Rows) -> str:
        header = rows[0]
        items = (
            ", ".join(f'{name}: "{text(cell)}"' for name, cell in zip(header, row, strict=True)) for row in rows[1:]
        )
        return "# the rows\n" + "".join(f"- {{{item}}}\n" for item in items)

    def to(rows: Rows) -> Path:
        path = tmp_path / f"table.{suffix}"
        if suffix == "xlsx":
            book = Workbook()
            for row in rows:
                book.worksheets[0].append(list(row))
            book.save(path)
        else:
            path.write_text(to_csv(rows) if suffix == "csv" else to_yaml(rows), encoding="utf-8")
        return path

    return to


COLOURS = [("erp", "pim"), ("Rot", "red"), ("007", "bond"), ("Grün", "green")]


def test_a_table_is_a_mapping_that_knows_its_lines(write: Write) -> None:
    table = read_table(write(COLOURS), key="erp", value="pim")
    assert dict(table) == {"Rot": "red", "007": "bond", "Grün": "green"}
    assert dict(table.lines) == {"Rot": 2, "007": 3, "Grün": 4}
    assert pickle.loads(pickle.dumps(table)) == table
    assert lookup(table).run("GRÜN") == Put("green")
    assert measured(table).possible() == {"red", "bond", "green"}


def test_a_lookup_of_a_file_is_named_after_it(write: Write) -> None:
    path = write(COLOURS)
    rule = lookup_from(path, key="erp", value="pim", unknown="review")
    outcome = rule.run("mauve")
    assert isinstance(outcome, Problem)
    assert f"'{path.name}'" in outcome.detail
    assert rule.iso().back("green") == "Grün"


def test_values_are_read_as_what_they_are(write: Write) -> None:
    path = write([("pack", "size", "sold"), ("CTN", "12", "ja"), ("PAL", "480", "nein")])
    sizes = read_table(path, key="pack", value="size", of=int, ignore=["sold"])
    assert per_pack(sizes, base="PCE").run((2, "pal")) == Put(Decimal(960))
    assert dict(read_table(path, key="pack", value="size", of=Decimal, ignore="*")) == {"CTN": 12, "PAL": 480}
    assert read_table(path, key="pack", value="sold", read=yes_no("de"), ignore="*")["PAL"] is False


def test_every_wrong_row_is_told_at_once(write: Write) -> None:
    rows = [
        ("erp", "factor", "note"),
        ("a", "1,5", ""),
        ("", "2", ""),
        ("b", "zwei", ""),
        ("c", None, ""),
        ("A", "3", ""),
        ("d", "4", ""),
    ]
    path = write(rows)
    with pytest.raises(WrongRows) as caught:
        read_table(path, key="erp", value="factor", read=decimal("de_DE"))
    assert [line for line, _ in caught.value.rows] == [1, 3, 4, 5, 6]
    told = str(caught.value)
    for part in (
        "'note'",
        "'erp' is empty",
        "'zwei'",
        "'factor' is empty",
        "'A' is in line 2 already",
        f"{path.name}, line 6",
    ):
        assert part in told
    assert str(pickle.loads(pickle.dumps(caught.value))) == told


def test_a_value_that_the_pim_does_not_have_is_told_with_its_line(write: Write) -> None:
    path = write([*COLOURS[:3], ("Grün", "Green")])
    assert len(lookup_from(path, key="erp", value="pim", allowed={"RED", "bond", "green"}).table) == 3
    with pytest.raises(WrongRows, match="line 4: column 'pim' holds 'Green'"):
        lookup_from(path, key="erp", value="pim", allowed=["red", "bond"])


def test_a_column_that_is_not_there_is_told(write: Write) -> None:
    with pytest.raises(WrongRows, match="no column 'code'; there is 'erp', 'pim'"):
        read_table(write(COLOURS), key="erp", value="code", ignore="*")


def test_labels_of_options(write: Write) -> None:
    path = write([("code", "english", "german"), ("red", "Red", "Rot"), ("blue", "Blue", None)])
    red, blue = options_from(path, key="code", labels={"en_US": "english", "de_DE": "german"})
    assert (red.code, red.labels) == ("red", {"en_US": "Red", "de_DE": "Rot"})
    assert (blue.code, blue.labels) == ("blue", {"en_US": "Blue"})
    with pytest.raises(WrongRows, match="'german'"):
        options_from(path, key="code", labels={"en_US": "english"})


# ---- CSV ----
def test_csv_records_are_named_by_their_first_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('k;v\n"a\nb";1\n\nc\nd;x\n')
    with pytest.raises(WrongRows) as caught:
        read_table(path, key="k", value="v", of=int, delimiter=";")
    assert [line for line, _ in caught.value.rows] == [5, 6]


@pytest.mark.parametrize(
    ("content", "options", "part"),
    [
        (b"k,v\nGr\xfcn,green\n", {}, "encoding='cp1252'"),
        (b'k,v\n"a"b,1\n', {}, "delimiter"),
        (b"k;v\na;1\n", {}, "is the delimiter right"),
        (b"", {}, "no column 'k'; there is none"),
        (b"k,v,v\na,1,2\n", {}, "column 'v' is there twice"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, content: bytes, options: dict[str, str], part: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=part.replace("(", r"\(")):
        read_table(path, key="k", value="v")
    with pytest.raises(ConfigurationError, match=r"t\.csv"):
        read_table(path, key="k", value="v")


def test_an_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("k;v\nGrün;green\n".encode("cp1252"))
    assert read_table(path, key="k", value="v", encoding="cp1252", delimiter=";")["Grün"] == "green"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("t.csv", "t.yaml", "t.xlsx"):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            read_table(tmp_path / name, key="k", value="v")
    with pytest.raises(ConfigurationError, match=r"'\.ods'"):
        read_table(tmp_path / "t.ods", key="k", value="v")


# ---- YAML ----
def yaml(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "t.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def test_yaml_scalars_stay_as_they_were_written(tmp_path: Path) -> None:
    path = yaml(tmp_path, "no: 007\nRot: red\n1.10: yes\n")
    assert dict(read_table(path, key="erp", value="pim")) == {"no": "007", "Rot": "red", "1.10": "yes"}


def test_yaml_of_labels_by_code(tmp_path: Path) -> None:
    path = yaml(tmp_path, "red: {en: Red, de: Rot}\nblue:\n  en: Blue\n")
    options = options_from(path, key="code", labels={"en_US": "en", "de_DE": "de"})
    assert [one.labels for one in options] == [{"en_US": "Red", "de_DE": "Rot"}, {"en_US": "Blue"}]


@pytest.mark.parametrize(
    ("content", "line", "part"),
    [
        ("a: b\na: c\n", 2, "'a' is in line 1 already"),
        ("a: b\nc: [d]\n", 2, "a list"),
        ("a: b\nc: ~\n", 2, "'v' is empty"),
        ("- {k: a, v: b}\n- c\n", 2, "a row is a mapping"),
        ("- {k: a, v: b, v: c}\n", 1, "given twice"),
        ("- {k: a, v: {x: y}}\n", 1, "a mapping, not one value"),
        ("just words\n", 1, "is needed"),
        ("", 1, "no column 'k'"),
    ],
)
def test_wrong_rows_of_yaml(tmp_path: Path, content: str, line: int, part: str) -> None:
    with pytest.raises(WrongRows) as caught:
        read_table(yaml(tmp_path, content), key="k", value="v")
    assert any(where == line and part in what for where, what in caught.value.rows), str(caught.value)


@given(st.text("ab:-[]{}&*!|>'\"#\n ~,?", max_size=20))
def test_no_yaml_gives_another_error(content: str) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(ConfigurationError):
        read_table(yaml(Path(folder), content), key="a", value="b")


def test_what_is_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"t\.yaml is no YAML"):
        read_table(yaml(tmp_path, "a: [b"), key="k", value="v")
    with pytest.raises(ConfigurationError, match=r"t\.yaml is no YAML"):
        read_table(yaml(tmp_path, "[" * 5000), key="k", value="v")
    (tmp_path / "t.yaml").write_bytes(b"\xff\xff")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        read_table(tmp_path / "t.yaml", key="k", value="v")


# ---- Excel ----
def excel(tmp_path: Path, *rows: Sequence[object]) -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.create_sheet("Other").append(["k", "v"])
    book.save(tmp_path / "t.xlsx")
    return tmp_path / "t.xlsx"


def test_numbers_of_excel_are_exact_and_never_read_as_texts_of_a_locale(tmp_path: Path) -> None:
    path = excel(tmp_path, ["k", "v"], [10, 1.234], [20, 5])
    assert dict(read_table(path, key="k", value="v", of=Decimal)) == {"10": Decimal("1.234"), "20": Decimal(5)}
    with pytest.raises(WrongRows, match=r"line 2: column 'v' holds 1\.234, which is not a text"):
        read_table(path, key="k", value="v", read=decimal("de_DE"))


def test_blank_rows_and_failed_formulas_of_excel(tmp_path: Path) -> None:
    path = excel(tmp_path, ["k", "v", None], ["a", "b", None], [None, None, None], [" ", None], ["c", "#N/A"])
    with pytest.raises(WrongRows) as caught:
        read_table(path, key="k", value="v")
    assert caught.value.rows == ((5, "column 'v' holds #N/A; correct the formula"),)


def test_a_sheet_is_named(tmp_path: Path) -> None:
    path = excel(tmp_path, ["a", "b"])
    assert dict(read_table(path, key="k", value="v", sheet="Other")) == {}
    with pytest.raises(ConfigurationError, match="no sheet 'Third'; it has Sheet, Other"):
        read_table(path, key="k", value="v", sheet="Third")
    (tmp_path / "t.xlsx").write_bytes(b"no workbook")
    with pytest.raises(ConfigurationError, match=r"t\.xlsx is no Excel workbook"):
        read_table(path, key="k", value="v")


@pytest.mark.parametrize(("suffix", "module", "extra"), [("yaml", "yaml", "yaml"), ("xlsx", "openpyxl", "excel")])
def test_an_extra_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, module: str, extra: str
) -> None:
    path = tmp_path / f"t.{suffix}"
    path.write_text("")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=rf"akeneo_erp_bridge\[{extra}\]"):
        read_table(path, key="k", value="v")


def test_a_rule_checks_the_cells_of_a_column(tmp_path: Path) -> None:
    path = yaml(tmp_path, "a: Größe\nb: Шина\n")
    with pytest.raises(WrongRows, match=r"line 2: column 'v' does not pass 'slug\(\)': 'Шина'"):
        read_table(path, key="k", value="v", read=slug())
