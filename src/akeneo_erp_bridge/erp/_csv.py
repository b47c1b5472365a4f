"""`CsvAdapter`: items from a CSV file, streamed."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp.interfaces import Cursor, ErpField, ErpSchema, Health, Page
from akeneo_erp_bridge.errors import BridgeError, CursorExpired, ErpRefused, ErpUnreachable

ItemT = TypeVar("ItemT", bound=ErpItem)

HOT_PAGE = 500


class CsvAdapter(Generic[ItemT]):
    """Reads a CSV file with a header line; each run reads the whole file, and goes on in it after a stop.

    ::

        erp = CsvAdapter("articles.csv", Article, delimiter=";")

    Texts stay texts: leading zeros survive. A file that changed between two pages of one interrupted run makes
    its cursor `CursorExpired`. Raises `ErpUnreachable` when the file cannot be opened, and `ErpRefused`, naming file
    and line, for a row of another length than the header, doubled columns, bytes in another encoding or a
    file without a header line.
    """

    def __init__(
        self, path: Path | str, item: type[ItemT], *, encoding: str = "utf-8-sig", delimiter: str = ","
    ) -> None:
        self.path = Path(path)
        self._item = item
        self._encoding = encoding
        self._delimiter = delimiter

    def describe(self) -> ErpSchema:
        """The columns of the header line."""
        return ErpSchema(self.path.name, tuple(ErpField(name) for name in self._header()))

    def check(self) -> Health:
        """Open the file and read its header."""
        try:
            columns = self._header()
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        return Health(ok=True, message=f"{self.path.name} has {len(columns)} columns")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The rows, in the file's order."""
        version = self._version()
        start = self._start(since, version)
        batch: list[ItemT] = []
        line = 0
        for line, row in enumerate(self._rows(), start=1):
            if line <= start:
                continue
            batch.append(self._item({name: row[name] for name in fields if name in row}))
            if len(batch) == limit:
                yield Page(batch, (), Cursor("snapshot", str(line), version))
                batch = []
        # the blob of a complete snapshot is empty: the next run begins anew
        yield Page(batch, (), Cursor("snapshot", "", version))

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """All rows, or those of the keys asked for; the relay sends on what changed."""
        path, wanted = self._item.key_spec().path, None if keys is None else {ErpKey(key) for key in keys}
        for page in self.read_items(since, fields=frozenset(self._header()), limit=HOT_PAGE):
            kept = [one for one in page.items if wanted is None or str(one.row.get(path)) in wanted]
            yield Page(kept, (), page.resume)

    # ---- inside ----
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
            raise self._unreachable(error) from error
        return hashlib.sha256(f"{facts.st_size}/{facts.st_mtime_ns}".encode()).hexdigest()[:16]

    def _header(self) -> list[str]:
        return self._first(self._lines())

    def _first(self, lines: Iterator[list[str]]) -> list[str]:
        header = next(lines, list[str]())
        if not header:
            # an export that broke off must not look like an ERP without items
            raise ErpRefused(f"{self.path.name} is empty, it has no header line; was the export cut short?")
        return header

    def _rows(self) -> Iterator[dict[str, str]]:
        lines = self._lines()
        header = self._first(lines)
        doubled = sorted({name for name in header if header.count(name) > 1})
        if doubled:
            raise ErpRefused(
                f"{self.path.name}, line 1: columns are given twice: {', '.join(doubled)}; rename one of each"
            )
        for number, values in enumerate(lines, start=2):
            if len(values) != len(header):
                raise ErpRefused(
                    f"{self.path.name}, record {number}: {len(values)} values for {len(header)} columns "
                    f"(it begins with {values[:2]!r}); is a quote or a delimiter ({self._delimiter!r}) missing?"
                )
            yield dict(zip(header, values, strict=True))

    def _lines(self) -> Iterator[list[str]]:
        try:
            with self.path.open(encoding=self._encoding, newline="") as file:
                yield from (values for values in csv.reader(file, delimiter=self._delimiter, strict=True) if values)
        except OSError as error:
            raise self._unreachable(error) from error
        except UnicodeDecodeError as error:
            raise ErpRefused(
                f"{self.path.name}: byte {error.start} is not {self._encoding}; name the encoding, e.g. encoding='cp1252'"
            ) from error
        except csv.Error as error:
            raise ErpRefused(
                f"{self.path.name}: {error}; check quotes and the delimiter ({self._delimiter!r})"
            ) from error

    def _unreachable(self, error: OSError) -> ErpUnreachable:
        return ErpUnreachable(f"{self.path} cannot be read ({error.strerror}); check the path and your rights")
