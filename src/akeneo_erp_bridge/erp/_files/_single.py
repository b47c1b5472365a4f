"""`CsvAdapter` and `ExcelAdapter`: items from one file, streamed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Generic, TypeVar

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._files._columns import Columns, Undeclared
from akeneo_erp_bridge.erp._files._csv import Csv
from akeneo_erp_bridge.erp._files._excel import Excel
from akeneo_erp_bridge.erp._files._table import FileFormat
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp.interfaces import Cursor, ErpField, ErpSchema, Health, Page
from akeneo_erp_bridge.errors import BridgeError, CursorExpired, ErpUnreachable

ItemT = TypeVar("ItemT", bound=ErpItem)

HOT_PAGE = 500
_NO_ALIASES: Mapping[str, Sequence[str]] = {}


class FileAdapter(Generic[ItemT]):
    """What adapters of one file have in common: each run reads the whole file, and goes on in it after a stop."""

    def __init__(self, path: Path | str, item: type[ItemT], file_format: FileFormat, columns: Columns) -> None:
        self.path = Path(path)
        self._item = item
        self._format = file_format
        self._columns = columns
        self._undeclared = Undeclared(item)

    def describe(self) -> ErpSchema:
        """The columns of the header, by their declared names where `aliases` knows them."""
        with self._format.opened(self.path, self._expected()) as table:
            return ErpSchema(self.path.name, tuple(ErpField(name) for name in self._columns.places(table)))

    def check(self) -> Health:
        """Open the file and read its header; the facts name the columns that the item class does not declare."""
        try:
            with self._format.opened(self.path, self._expected()) as table:
                columns, notes = list(self._columns.places(table)), table.notes
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        facts = {"undeclared": ", ".join(self._undeclared.among(columns)), "notes": "; ".join(notes)}
        message = f"{self.path.name} has {len(columns)} columns"
        return Health(ok=True, message=message, facts={name: told for name, told in facts.items() if told})

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The rows, in the file's order. Raises `ErpRefused` for a field that no column is there for."""
        version = self._version()
        start = self._start(since, version)
        batch: list[ItemT] = []
        with self._format.opened(self.path, self._expected()) as table:
            self._undeclared.tell(table.name, self._columns.places(table))
            for number, row in self._columns.rows(table, fields, self._item):
                if number <= start:
                    continue
                batch.append(self._item(row))
                if len(batch) == limit:
                    yield Page(batch, (), Cursor("snapshot", str(number), version))
                    batch = []
        if self._version() != version:
            raise ErpUnreachable(f"{self.path.name} changed while it was read; the next run reads it again")
        # the blob of a complete snapshot is empty: the next run begins anew
        yield Page(batch, (), Cursor("snapshot", "", version))

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """All rows, or those of the keys asked for; the relay sends on what changed."""
        fields = self.describe().field_names
        wanted = None if keys is None else {ErpKey(key) for key in keys}
        for page in self.read_items(since, fields=fields, limit=HOT_PAGE):
            kept = [one for one in page.items if wanted is None or one.key in wanted]
            yield Page(kept, (), page.resume)

    # ---- inside ----
    def _expected(self) -> list[str]:
        return self._columns.spellings([spec.path for spec in self._item.specs.values()])

    def _start(self, since: Cursor | None, version: str) -> int:
        if since is None or not since.blob:
            return 0
        if since.kind != "snapshot" or not since.blob.isdigit():
            raise CursorExpired(f"{self.path.name}: the cursor is not one of this adapter's")
        if since.schema_hash != version:
            raise CursorExpired(
                f"{self.path.name} is no longer the file that the cursor is of; all of it is read again"
            )
        return int(since.blob)

    def _version(self) -> str:
        try:
            facts = self.path.stat()
        except OSError as error:
            raise ErpUnreachable(
                f"{self.path.absolute()} cannot be read ({error.strerror}); check the path and your rights"
            ) from error
        return hashlib.sha256(f"{facts.st_size}/{facts.st_mtime_ns}".encode()).hexdigest()[:16]


class CsvAdapter(FileAdapter[ItemT], Generic[ItemT]):
    r"""Reads a CSV file with a header line; each run reads the whole file, and goes on in it after a stop.

    ::

        erp = CsvAdapter("articles.csv", Article)
        erp = CsvAdapter("articles.csv", Article, encoding="cp1252", delimiter=";", aliases={"number": ["Article No."]})

    Texts stay texts: leading zeros survive. Encoding and delimiter are found out where they are not named, or refused; see
    `Csv`. `aliases` are other names that a column may have, compared without regard to case and blanks; `optional` are
    columns that the file may lack. A row of another length than the header, with a stray quote or with bytes of another
    encoding is parked, and the others go on; see `Defect`. A file that changed between two pages of one interrupted run makes
    its cursor `CursorExpired`, upon which all of it is read again.

    Raises `ErpUnreachable` when the file cannot be opened, or changes while it is read, and `ErpRefused`, naming file and
    line or column, for doubled or missing columns, an encoding or delimiter that is not sure, a quote that is never
    closed or a file without a header line.

    >>> import tempfile
    >>> from akeneo_erp_bridge.erp import cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "articles.csv")
    ...     _ = path.write_text("Article No.;name\n00018;Drill\n")
    ...     erp = CsvAdapter(path, Article, aliases={"number": ["article no."]})
    ...     [page] = erp.read_items(None, fields=frozenset({"number"}), limit=500)
    >>> [item.key for item in page.items]
    ['00018']
    """

    def __init__(
        self,
        path: Path | str,
        item: type[ItemT],
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
        aliases: Mapping[str, Sequence[str]] = _NO_ALIASES,
        optional: Collection[str] = (),
    ) -> None:
        columns = Columns(aliases, frozenset(optional))
        super().__init__(path, item, Csv(encoding=encoding, delimiter=delimiter), columns)


class ExcelAdapter(FileAdapter[ItemT], Generic[ItemT]):
    """Reads a sheet of an .xlsx workbook (extra `excel`); each run reads all of it, and goes on in it after a stop.

    ::

        erp = ExcelAdapter("articles.xlsx", Article, sheet="Articles", header_row=3)

    See `Excel` for what becomes of cells, and `CsvAdapter` for `aliases` and `optional`. `check` tells of merged and hidden
    cells. Raises `ErpUnreachable` when the file cannot be opened, `ErpRefused` for what is no .xlsx workbook, a sheet that
    is not there, and doubled or missing columns; `MissingExtra` without openpyxl, when it reads.

    >>> import tempfile
    >>> from openpyxl import Workbook
    >>> from akeneo_erp_bridge.erp import cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     book = Workbook()
    ...     for row in (["Price list of May"], ["number", "pack"], ["00018", 10]):
    ...         book.active.append(row)
    ...     book.save(Path(folder, "articles.xlsx"))
    ...     erp = ExcelAdapter(Path(folder, "articles.xlsx"), Article, header_row=2, optional=["name"])
    ...     [page] = erp.read_items(None, fields=frozenset({"number"}), limit=500)
    >>> [item.key for item in page.items]
    ['00018']
    """

    def __init__(
        self,
        path: Path | str,
        item: type[ItemT],
        *,
        sheet: str | int = 1,
        header_row: int = 1,
        zone: tzinfo | None = None,
        aliases: Mapping[str, Sequence[str]] = _NO_ALIASES,
        optional: Collection[str] = (),
    ) -> None:
        columns = Columns(aliases, frozenset(optional))
        super().__init__(path, item, Excel(sheet=sheet, header_row=header_row, zone=zone), columns)
