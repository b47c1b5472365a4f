"""`Excel`: how a workbook is read (extra `excel`)."""

from __future__ import annotations

import zipfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, tzinfo
from decimal import Decimal
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, cast

from attrs import frozen

from akeneo_erp_bridge.erp._defect import Defect
from akeneo_erp_bridge.erp._files._table import Table, TableRow
from akeneo_erp_bridge.errors import ErpRefused, ErpUnreachable, MissingExtra

if TYPE_CHECKING:
    from openpyxl import Workbook


class AnyCell(Protocol):
    """What is asked of a cell, whichever of the library's kinds it is of."""

    @property
    def value(self) -> object: ...
    @property
    def data_type(self) -> str: ...
    @property
    def number_format(self) -> str | None: ...


class Sheet(Protocol):
    """What is asked of a sheet that is streamed."""

    def reset_dimensions(self) -> None: ...
    def iter_rows(self, *, min_row: int) -> Iterator[tuple[AnyCell, ...]]: ...


_NOTES: Final = (
    (b"<mergeCell ", "cells are merged: only the first of them holds the value"),
    (b'hidden="1"', "rows or columns are hidden: they are read as the others"),
)
_FORMULAS: Final = (b"<f>", b"<f ", b"<f/>")
_AT_ONCE: Final = 1 << 16


@frozen(kw_only=True)
class Excel:
    """A sheet of an .xlsx workbook, streamed: `sheet` by name or number (1 is the first), `header_row` by its number.

    ::

        FolderAdapter("/srv/drop", Article, pattern="*.xlsx", contents="full", file_format=Excel(sheet="Articles"))

    A cell of text stays text, with its leading zeros. A number is an `int` where it is whole, else a `Decimal` of its shortest
    digits. A day is a `date`, a moment a `datetime` in `zone`, which Excel does not know: without it a moment has none, and
    a field of type `datetime` is a problem. A formula is read as the value that was last stored with it. An error such as
    #N/A, and a formula that no value was stored for, are a `Defect`: the item is parked, with sheet, row and column.

    Rows are streamed; of each, the library keeps about 100 bytes, and of the workbook the table of its texts. A sheet ends at
    1,048,576 rows, so that is 100 MB at most.

    >>> import tempfile
    >>> from openpyxl import Workbook
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     book = Workbook()
    ...     for row in (["number", "weight"], ["00018", 1.5], ["00019", 2.0]):
    ...         book.active.append(row)
    ...     book.save(Path(folder, "articles.xlsx"))
    ...     with Excel().opened(Path(folder, "articles.xlsx"), ["number"]) as table:
    ...         print(list(table.rows))
    [(2, ['00018', Decimal('1.5')]), (3, ['00019', 2])]

    Source: ECMA-376, part 1, 18.3 (worksheets) and 18.4.8 (texts).
    """

    sheet: str | int = 1
    header_row: int = 1
    zone: tzinfo | None = None

    @contextmanager
    def opened(self, path: Path, expected: Sequence[str]) -> Generator[Table]:
        """The table of a sheet; see `FileFormat`."""
        notes, has_formulas = _looked_over(path)
        with closing(_workbook(path, values=True)) as book:
            rows = self._sheet(book, path).iter_rows(min_row=self.header_row)
            if not has_formulas:
                yield self._table(path, rows, repeat(()), notes)
                return
            # read twice side by side: with values one cannot see formulas, and with formulas no values
            with closing(_workbook(path, values=False)) as other:
                yield self._table(path, rows, self._sheet(other, path).iter_rows(min_row=self.header_row), notes)

    def _sheet(self, book: Workbook, path: Path) -> Sheet:
        names: list[str] = book.sheetnames
        name = self.sheet if isinstance(self.sheet, str) else None
        if isinstance(self.sheet, int) and 1 <= self.sheet <= len(names):
            name = names[self.sheet - 1]
        if name not in names:
            raise ErpRefused(f"{path.name}: sheet {self.sheet!r} is not there; it has {', '.join(map(repr, names))}")
        # the cast: the stubs of the library take a sheet that is streamed for one that is written
        sheet = cast("Sheet", book[name])
        sheet.reset_dimensions()  # what some programs write there is too small, and rows would be cut
        return sheet

    def _table(
        self,
        path: Path,
        rows: Iterator[tuple[AnyCell, ...]],
        formulas: Iterator[tuple[AnyCell, ...]],
        notes: Sequence[str],
    ) -> Table:
        first = next(rows, ())
        next(formulas, ())
        header = [str(cell.value) if cell.value is not None else "" for cell in first]
        while header and not header[-1]:
            header.pop()
        if not header:
            raise ErpRefused(
                f"{path.name}: row {self.header_row} of sheet {self.sheet!r} is empty, it holds no names of columns; "
                "say header_row=..., or was the export cut short?"
            )
        return Table(path.name, header, self._rows(path, header, rows, formulas), "row", notes)

    def _rows(
        self,
        path: Path,
        header: Sequence[str],
        rows: Iterator[tuple[AnyCell, ...]],
        formulas: Iterator[tuple[AnyCell, ...]],
    ) -> Iterator[TableRow]:
        width = len(header)
        try:
            for number, (cells, beside) in enumerate(zip(rows, formulas, strict=False), start=self.header_row + 1):
                values: list[object] = [None] * width
                for at, cell in enumerate(cells[:width]):  # what stands beside the table is nobody's column
                    has_formula = at < len(beside) and beside[at].data_type == "f"
                    try:
                        values[at] = self._value(cell, has_formula=has_formula)
                    except ValueError as error:
                        where = f"{path.name}, row {number}, column '{header[at]}'"
                        values[at] = Defect(f"{where}: {error}")
                if any(one is not None and one != "" for one in values):
                    yield number, values
        except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, OSError) as error:
            raise ErpRefused(
                f"{path.name}: the sheet is damaged ({type(error).__name__}: {error}); export it anew"
            ) from error

    def _value(self, cell: AnyCell, *, has_formula: bool) -> object:
        value: object = cell.value
        if cell.data_type == "e":
            raise ValueError(f"the cell holds the error {value}; mend the sheet")
        if value is None and has_formula:
            raise ValueError("the formula has no stored value; open the file in Excel and save it")
        if isinstance(value, float):
            return int(value) if value.is_integer() else Decimal(repr(value))
        if isinstance(value, datetime):
            return value.date() if _is_day(cell) else value.replace(tzinfo=self.zone)
        return value


def _is_day(cell: AnyCell) -> bool:
    from openpyxl.styles.numbers import is_datetime

    return is_datetime(cell.number_format) == "date"


def _workbook(path: Path, *, values: bool) -> Workbook:
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as error:  # pragma: no cover - tests run with the extra installed
        raise MissingExtra("Excel", "excel") from error
    try:
        return load_workbook(path, read_only=True, data_only=values)
    except OSError as error:  # it was looked over before, and is gone or locked since
        raise _unreachable(path, error) from error
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise ErpRefused(_no_workbook(path)) from error


def _unreachable(path: Path, error: OSError) -> ErpUnreachable:
    return ErpUnreachable(f"{path.absolute()} cannot be read ({error.strerror}); check the path and your rights")


def _no_workbook(path: Path) -> str:
    return f"{path.name} is no .xlsx workbook, or a damaged one; in Excel, save it as 'Excel Workbook (.xlsx)'"


def _looked_over(path: Path) -> tuple[list[str], bool]:
    """What people should know of the sheets, and whether there are formulas: none of it can be seen while streaming."""
    found: set[bytes] = set()
    wanted = (*_FORMULAS, *(mark for mark, _ in _NOTES))
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    with archive.open(name) as part:
                        tail = b""
                        while chunk := part.read(_AT_ONCE):
                            found.update(mark for mark in wanted if mark in tail + chunk)
                            tail = chunk[-20:]
    except OSError as error:
        raise _unreachable(path, error) from error
    except zipfile.BadZipFile as error:
        raise ErpRefused(_no_workbook(path)) from error
    return [note for mark, note in _NOTES if mark in found], not found.isdisjoint(_FORMULAS)
