"""What a file of any format is to an adapter: a header, and rows with the place they stand at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

from attrs import frozen

from akeneo_erp_bridge.erp._defect import Defect

TableRow: TypeAlias = tuple[int, Sequence[object] | Defect]
"""The number of a line or row, as an editor shows it, and its values; a `Defect` where it could not be split."""


@frozen
class Table:
    """An open file: the names of its columns, its rows as they are read, and notes for people.

    `place` is the word for where a row stands: "line" or "row".

    >>> Table("articles.csv", ("number", "name"), iter([(2, ["DR-18", "Drill"])]), "line").header
    ('number', 'name')
    """

    name: str
    header: Sequence[str]
    rows: Iterator[TableRow]
    place: str
    notes: Sequence[str] = ()


@runtime_checkable
class FileFormat(Protocol):
    """How files of one kind are read; `Csv` and `Excel` are two."""

    def opened(self, path: Path, expected: Sequence[str]) -> AbstractContextManager[Table]:
        """The table of a file. *expected* are names that its header should hold, where that helps to find it.

        Raises `ErpUnreachable` for a file that cannot be opened, `ErpRefused` for one that is no such table; both also
        while rows are read, where the rest of the file cannot be made out.
        """
        ...
