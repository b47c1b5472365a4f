"""Encoding and delimiter of a CSV file where nobody named them: found where they are sure, else refused."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from akeneo_erp_bridge.errors import ErpRefused

DELIMITERS: Final = (",", ";", "\t", "|")

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_AT_ONCE: Final = 1 << 20


def found_encoding(path: Path) -> str:
    """UTF-8, or what a byte order mark says. Everything else is one of many, and refused with the line that shows it."""
    with path.open("rb") as file:
        chunk = file.read(_AT_ONCE)
        for mark, name in _MARKS:
            if chunk.startswith(mark):
                return name
        if b"\0" in chunk[:4096]:
            raise ErpRefused(
                f"{path.name}: it holds bytes of zero and no byte order mark; name the encoding, e.g. encoding='utf-16-le'"
            )
        decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
        while chunk:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line += chunk.count(b"\n", 0, max(error.start, 0))
                seen = error.object[error.start]
                raise ErpRefused(
                    f"{path.name}, line {line}: byte 0x{seen:02X} is not UTF-8; name the encoding, e.g. encoding='cp1252'"
                ) from None
            line += chunk.count(b"\n")
            chunk = file.read(_AT_ONCE)
        decoder.reset()
    return "utf-8"


def found_delimiter(name: str, sample: Sequence[str], expected: Collection[str]) -> str:
    """The delimiter of the first lines of a file: the one that gives columns which are expected, or even rows.

    Raises `ErpRefused` where several would do.
    """
    tables = {one: _split(sample, one) for one in DELIMITERS}
    headers = {one: rows[0] for one, rows in tables.items() if rows}
    if not headers or max(map(len, headers.values())) == 1:
        return ","  # a single column, which no delimiter parts
    hits = {one: len({*header}.intersection(expected)) for one, header in headers.items()}
    best = [one for one in DELIMITERS if hits.get(one, 0) == max(hits.values()) > 0]
    if not best:
        best = [one for one, rows in tables.items() if rows and len(rows[0]) > 1 and len({*map(len, rows)}) == 1]
    if len(best) == 1:
        return best[0]
    among = ", ".join(map(repr, best or DELIMITERS))
    raise ErpRefused(
        f"{name}: the delimiter is not sure among {among} (line 1 is {sample[0].strip()[:80]!r}); name it, e.g. delimiter=';'"
    )


def _split(sample: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        rows = [row for row in csv.reader(sample, delimiter=delimiter) if row]
    except csv.Error:
        return []
    return rows[:-1] if len(rows) > 2 else rows  # the last one may have been cut
