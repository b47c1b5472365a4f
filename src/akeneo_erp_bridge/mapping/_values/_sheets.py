"""Rows of CSV, YAML and Excel files, each with its line; what is wrong with them is collected, not raised one by one."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError, MissingExtra
from akeneo_erp_bridge.rules import shown

_NULL: Final = "tag:yaml.org,2002:null"
_EXCEL_ERRORS: Final = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})


@frozen
class Record:
    """One row: its line in the file, and its cells by column. An empty cell is `None`."""

    line: int
    cells: Mapping[str, object]


@frozen
class Sheet:
    """The rows of a file, and what kept others from being rows (by line)."""

    columns: tuple[str, ...]
    records: tuple[Record, ...]
    faults: tuple[tuple[int, str], ...] = ()


def read_csv(path: Path, *, delimiter: str, encoding: str) -> Sheet:
    """A CSV file with a header line."""
    records: list[Record] = []
    faults: list[tuple[int, str]] = []
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            header = next(reader, list[str]())
            line = reader.line_num + 1
            for values in reader:
                if len(values) == len(header):
                    records.append(Record(line, dict(zip(header, map(_or_none, values), strict=True))))
                elif values:
                    faults.append(
                        (line, f"{len(values)} cells for {len(header)} columns; is a quote or a delimiter missing?")
                    )
                line = reader.line_num + 1  # a record may run over several lines: it is named by its first
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path.name}: not {encoding}; name the encoding, e.g. encoding='cp1252'") from error
    except csv.Error as error:
        raise ConfigurationError(f"{path.name}: {error}; check quotes and the delimiter ({delimiter!r})") from error
    return Sheet(tuple(header), tuple(records), tuple(faults))


def _or_none(text: str) -> str | None:
    return text.strip() or None


# ---- Excel ----
class _Worksheet(Protocol):
    def iter_rows(self, *, values_only: bool) -> Iterable[Sequence[object]]: ...


class _Workbook(Protocol):
    @property
    def sheetnames(self) -> Sequence[str]: ...
    def __getitem__(self, name: str) -> _Worksheet: ...
    def close(self) -> None: ...


def read_excel(path: Path, *, sheet: str | None) -> Sheet:
    """A worksheet with a header row; the first one, where none is named."""
    try:
        # by name, because the library has no types; what we use of it is above
        load: Callable[..., _Workbook] = importlib.import_module("openpyxl").load_workbook
    except ImportError:
        raise MissingExtra(f"reading {path.name}", "excel") from None
    try:
        book = load(path, read_only=True, data_only=True)
    except OSError:
        raise
    except Exception as error:  # the library lets through whatever its own parts raise for a broken file
        raise ConfigurationError(f"{path.name} is no Excel workbook ({type(error).__name__}: {error})") from error
    try:
        name = book.sheetnames[0] if sheet is None else sheet
        if name not in book.sheetnames:
            raise ConfigurationError(f"{path.name} has no sheet {name!r}; it has {', '.join(book.sheetnames)}")
        return _sheet_of(book[name].iter_rows(values_only=True))
    finally:
        book.close()


def _sheet_of(rows: Iterable[Sequence[object]]) -> Sheet:
    lines = iter(rows)
    header = [None if one is None else str(one).strip() for one in next(lines, ())]
    records: list[Record] = []
    faults: list[tuple[int, str]] = []
    for line, values in enumerate(lines, start=2):
        cells = {name: _cell(value) for name, value in zip(header, values, strict=False) if name}
        errors = [f"column {name!r} holds {value}" for name, value in cells.items() if value in _EXCEL_ERRORS]
        if errors:
            faults.append((line, f"{', '.join(errors)}; correct the formula"))
        elif any(value is not None for value in cells.values()):
            records.append(Record(line, cells))
    return Sheet(tuple(name for name in header if name), tuple(records), tuple(faults))


def _cell(value: object) -> object:
    return _or_none(value) if isinstance(value, str) else value


# ---- YAML ----
class _Mark(Protocol):
    @property
    def line(self) -> int: ...


class _Node(Protocol):
    @property
    def tag(self) -> str: ...
    @property
    def value(self) -> object: ...
    @property
    def start_mark(self) -> _Mark: ...


def read_yaml(path: Path, *, key: str, value: str | None) -> Sheet:
    """A mapping of words to values (or to mappings of columns to values), or a list of rows.

    Scalars are texts as they were written: ``no`` is a word here and ``007`` keeps its zeros.
    """
    try:
        yaml = importlib.import_module("yaml")
    except ImportError:
        raise MissingExtra(f"reading {path.name}", "yaml") from None
    compose: Callable[[str, type[object]], _Node | None] = yaml.compose
    broken: type[Exception] = yaml.YAMLError
    try:
        node = compose(path.read_text(encoding="utf-8-sig"), yaml.SafeLoader)
    except (broken, RecursionError) as error:
        raise ConfigurationError(f"{path.name} is no YAML: {' '.join(str(error).split())}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path.name}: not UTF-8, which YAML is written in") from error
    return _YamlRows(key, value).read(node)


class _YamlRows:
    """Collects the rows of one document."""

    def __init__(self, key: str, value: str | None) -> None:
        self._key = key
        self._value = value
        self._columns: dict[str, None] = {}
        self._records: list[Record] = []
        self._faults: list[tuple[int, str]] = []

    def read(self, node: _Node | None) -> Sheet:
        if node is None:
            pass
        elif _is(node, "seq"):
            for one in _nodes(node):
                self._row(_line(one), {}, one)
        elif _is(node, "map"):
            for word, one in _pairs(node):
                self._row(_line(word), {self._key: self._scalar(word, self._key)}, one)
        else:
            self._faults.append((_line(node), "a mapping of words to values, or a list of rows, is needed"))
        return Sheet(tuple(self._columns), tuple(self._records), tuple(self._faults))

    def _row(self, line: int, cells: dict[str, object], node: _Node) -> None:
        if _is(node, "map"):
            for name, one in _pairs(node):
                column = str(self._scalar(name, "a column"))
                if column in cells:
                    self._faults.append((_line(name), f"column {column!r} is given twice"))
                cells[column] = self._scalar(one, column)
        elif cells and self._value is not None:
            cells[self._value] = self._scalar(node, self._value)
        else:
            self._faults.append((line, "a row is a mapping of columns to values"))
            return
        self._columns.update(dict.fromkeys(cells))
        self._records.append(Record(line, cells))

    def _scalar(self, node: _Node, column: str) -> str | None:
        if not isinstance(node.value, str):
            self._faults.append(
                (_line(node), f"{column!r} holds {'a mapping' if _is(node, 'map') else 'a list'}, not one value")
            )
            return None
        return None if node.tag == _NULL else _or_none(node.value)


def _is(node: _Node, kind: str) -> bool:
    return node.tag == f"tag:yaml.org,2002:{kind}"


def _line(node: _Node) -> int:
    return node.start_mark.line + 1


def _nodes(node: _Node) -> Iterator[_Node]:
    found = node.value
    if isinstance(found, list):
        yield from found  # pyright: ignore[reportUnknownVariableType]  # of a sequence node, nodes


def _pairs(node: _Node) -> Iterator[tuple[_Node, _Node]]:
    found = node.value
    if isinstance(found, list):
        yield from found  # pyright: ignore[reportUnknownVariableType]  # of a mapping node, pairs of nodes


def missing_file(path: Path, error: OSError) -> ConfigurationError:
    """What to say about a file that cannot be opened."""
    return ConfigurationError(
        f"{path.absolute()} cannot be read ({error.strerror or shown(error)}); check the path and your rights"
    )
