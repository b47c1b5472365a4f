"""Flat rows, several of them about one item, become one row with lines inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby


def nested_rows(rows: Iterable[Mapping[str, object]], *, by: str, into: str) -> Iterator[dict[str, object]]:
    """One row for each run of rows with the same value in column `by`; the rows of the run are a list in column `into`.

    For an ERP that has one row a language, a pack or a barcode: the other columns are those of the first row of a run,
    and `translations` or a field such as ``lines[*].ean`` reads the list. Rows of one item must follow each other
    (``ORDER BY``), for only one run is held in memory.

    >>> rows = [{"MATNR": "1", "SPRAS": "E", "MAKTX": "Drill"}, {"MATNR": "1", "SPRAS": "D", "MAKTX": "Bohrer"}]
    >>> [(row["MATNR"], len(row["texts"])) for row in nested_rows(rows, by="MATNR", into="texts")]
    [('1', 2)]
    """
    for _, run in groupby(rows, key=lambda row: row.get(by)):
        lines = list(run)
        yield {**lines[0], into: lines}
