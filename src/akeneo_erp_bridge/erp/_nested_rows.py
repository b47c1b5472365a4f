"""Flat rows, several of them about one item, become one row with lines inside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby


def nested_rows(
    rows: Iterable[Mapping[str, object]], *, by: str, into: str, columns: Collection[str] | None = None
) -> Iterator[dict[str, object]]:
    """One row for each run of rows with the same value in column `by`; the rows of the run are a list in column `into`.

    For an ERP that has one row a language, a pack or a barcode: the other columns are those of the first row of a run,
    and `translations` or a field such as ``lines[*].ean`` reads the list. Rows of one item must follow each other
    (``ORDER BY``), for only one run is held in memory.

    *columns* are those that a line keeps. Name them where the rows hold prices or costs: who declares the list, declares
    what is in it, and by default that is all of each row once more.

    >>> rows = [{"MATNR": "1", "SPRAS": "E", "MAKTX": "Drill"}, {"MATNR": "1", "SPRAS": "D", "MAKTX": "Bohrer"}]
    >>> [(row["MATNR"], len(row["texts"])) for row in nested_rows(rows, by="MATNR", into="texts")]
    [('1', 2)]
    >>> next(nested_rows(rows, by="MATNR", into="texts", columns=("SPRAS",)))["texts"]
    [{'SPRAS': 'E'}, {'SPRAS': 'D'}]
    """
    for _, run in groupby(rows, key=lambda row: row.get(by)):
        lines = list(run)
        yield {**lines[0], into: lines if columns is None else [_cut(line, columns) for line in lines]}


def _cut(line: Mapping[str, object], columns: Collection[str]) -> dict[str, object]:
    return {name: value for name, value in line.items() if name in columns}
