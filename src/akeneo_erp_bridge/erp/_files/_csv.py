"""`Csv`: how a file of separated values is read."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.erp._defect import Defect
from akeneo_erp_bridge.erp._files._detect import found_delimiter, found_encoding
from akeneo_erp_bridge.erp._files._table import Table, TableRow
from akeneo_erp_bridge.errors import ErpRefused, ErpUnreachable

_SAMPLE: Final = 20  # lines that a delimiter is found in


@frozen(kw_only=True)
class Csv:
    r"""Separated values with a header line (RFC 4180): quoted texts may hold line breaks, and stay texts.

    What is not named is found out: `encoding` by a byte order mark, or because all of the file is UTF-8; `delimiter` among
    ``, ; | \t`` because it gives the columns that are declared, or rows of one length. What is not sure is refused.

    A byte that is not of the encoding, and a row of another length or with a stray quote, spoil the fields they stand in, and
    no more: see `Defect`. Rows without any value are left out. A quote that is never closed spoils the file.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "articles.csv"
    ...     _ = path.write_text("number;text\nA-1;\"two\nlines\"\nA-2;Saw\n")
    ...     with Csv().opened(path, ["number"]) as table:
    ...         print(table.header, list(table.rows))
    ('number', 'text') [(2, ['A-1', 'two\nlines']), (4, ['A-2', 'Saw'])]
    """

    encoding: str | None = None
    delimiter: str | None = None

    @contextmanager
    def opened(self, path: Path, expected: Sequence[str]) -> Generator[Table]:
        """The table of a file; see `FileFormat`."""
        try:
            encoding = self.encoding or found_encoding(path)
            # bytes of another encoding come through, so that only the fields that hold them are lost
            errors = (
                "strict" if encoding.lower().startswith(("utf-16", "utf-32", "utf_16", "utf_32")) else "surrogateescape"
            )
            with path.open(encoding=encoding, errors=errors, newline="") as file:
                delimiter = self.delimiter or found_delimiter(path.name, list(islice(file, _SAMPLE)), expected)
                file.seek(0)
                reading = _Reading(path.name, encoding, delimiter, file)
                yield Table(path.name, reading.header(), reading.rows(), "line")
        except OSError as error:
            raise ErpUnreachable(
                f"{path.absolute()} cannot be read ({error.strerror}); check the path and your rights"
            ) from error
        except LookupError as error:
            raise ErpRefused(f"{path.name}: {error}; name one that Python knows, e.g. 'cp1252'") from error


class _Reading:
    """One pass over an open file."""

    def __init__(self, name: str, encoding: str, delimiter: str, lines: Iterable[str]) -> None:
        self._name, self._encoding, self._delimiter = name, encoding, delimiter
        self._is_foul = False
        self._reader = csv.reader(self._watched(lines), delimiter=delimiter, strict=True)

    def header(self) -> tuple[str, ...]:
        """The names of the columns. Raises `ErpRefused` where there are none."""
        _, values = next(self._records(), (1, ()))
        if isinstance(values, Defect):
            raise ErpRefused(values.reason)
        for one in values:
            if isinstance(one, Defect):
                raise ErpRefused(one.reason)
        if not values:
            # an export that broke off must not look like an ERP without items
            raise ErpRefused(f"{self._name} is empty, it has no header line; was the export cut short?")
        first, *others = map(str, values)
        return (first.removeprefix("\ufeff"), *others)

    def rows(self) -> Iterator[TableRow]:
        """The rows behind the header."""
        return self._records()

    def _watched(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            if not line.isascii() and not _is_clean(line):
                self._is_foul = True
            yield line

    def _records(self) -> Iterator[TableRow]:
        while True:
            number = self._reader.line_num + 1
            self._is_foul = False
            try:
                values = next(self._reader)
            except StopIteration:
                return
            except UnicodeDecodeError as error:
                raise ErpRefused(
                    f"{self._name}, line {number}: {error.reason} ({self._encoding}); was the file cut short?"
                ) from error
            except csv.Error as error:
                yield number, self._defect(number, error)
                continue
            if self._is_foul:
                yield number, [self._checked(one, number) for one in values]
            elif any(values):
                yield number, values

    def _defect(self, number: int, error: csv.Error) -> Defect:
        reason = f"{self._name}, line {number}: {error}; check the quotes and the delimiter ({self._delimiter!r}) of this record"
        if self._reader.line_num != number or "unexpected end" in str(error):
            # a quote that is not closed takes what follows along, and nobody can tell where it should have ended
            raise ErpRefused(reason) from error
        return Defect(reason)

    def _checked(self, value: str, number: int) -> str | Defect:
        foul = next((one for one in value if "\udc80" <= one <= "\udcff"), None)
        if foul is None:
            return value
        return Defect(
            f"{self._name}, line {number}: byte 0x{ord(foul) - 0xDC00:02X} is not {self._encoding}; "
            "name the encoding, e.g. encoding='cp1252', or mend the record"
        )


def _is_clean(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:  # of a byte that was let through
        return False
    return True
