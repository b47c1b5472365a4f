"""Rows inside a row: tables, and bills of materials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, Literal, TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import TableCell
from akeneo_erp_bridge.classification import Temperature
from akeneo_erp_bridge.erp import ErpItem, Lines
from akeneo_erp_bridge.erp._over_lines import OverLines
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping._freeze import frozen_table
from akeneo_erp_bridge.mapping._labels import call
from akeneo_erp_bridge.rules import Kinds, Outcome, Problem, Put, Rule, Step

LineT = TypeVar("LineT", bound=ErpItem)
K = TypeVar("K")
K2 = TypeVar("K2")

TableRows: TypeAlias = tuple[Mapping[str, TableCell], ...]
"""The rows of a table attribute: the value of its cell."""

Duplicates: TypeAlias = Literal["sum", "refuse"]


@frozen
class Table(Rule[Lines, TableRows, K], Generic[LineT, K]):
    """See `table`.

    >>> from akeneo_erp_bridge.erp import cold
    >>> class Pack(ErpItem):
    ...     unit = cold(str, "unit")
    ...     pieces = cold(int, "pieces")
    >>> packs = table(Pack, {"unit": Pack.unit, "pieces": Pack.pieces}, merge=True)
    >>> print(packs.run(Lines([{"unit": "CTN", "pieces": "12"}, {"unit": "PAL", "pieces": "many"}])))
    row 2, column pieces > pieces: holds 'many', which is not a number of at most 100 digits; declare the field as str and parse it, or clean it
    """

    line: type[LineT]
    columns: tuple[tuple[str, Rule[LineT, TableCell, K]], ...]
    merge: bool

    def run(self, source: Lines) -> Outcome[TableRows]:
        """A row for each line; the first wrong cell, or a line without its first column, is the problem of the whole."""
        rows: list[Mapping[str, TableCell]] = []
        paths = _read_by(self.parts)
        for number, raw in enumerate(source, start=1):
            row: dict[str, TableCell] = {}
            line = self.line(raw).narrowed(paths)
            for code, rule in self.columns:
                outcome = rule.run(line)
                if isinstance(outcome, Problem):
                    return outcome.at(f"row {number}, column {code}")
                if isinstance(outcome, Put):
                    row[code] = outcome.value
            if self.columns[0][0] not in row:
                return Problem(
                    "no_row_key", "", f"row {number} has no '{self.columns[0][0]}', which names it; fill it in the ERP"
                )
            rows.append(row)
        return Put(tuple(rows))

    @property
    def label(self) -> str:
        return call("table", *(code for code, _ in self.columns), merge=(self.merge, None))

    @property
    def parts(self) -> tuple[Step, ...]:
        return tuple(rule for _, rule in self.columns)

    @property
    def heads(self) -> tuple[Step, ...]:
        return ()  # the columns get the lines

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return _taint_of(self.parts)

    @property
    def sources(self) -> frozenset[str]:
        return frozenset()  # what the columns read is inside of the lines


def table(line: type[LineT], columns: Mapping[str, Rule[LineT, TableCell, K]], *, merge: bool) -> Table[LineT, K]:
    """The rows of a table attribute, made of the rows that the ERP nests in an item.

    *columns* are rules over one such row, by column code; the first one names the row. With ``merge=True`` we own
    the rows we add, and those of PIM users stay; with ``merge=False`` the table is the ERP's, whole. The order of
    the rows makes no difference. Raises `MappingError` for a table without columns.
    Source: Akeneo's documentation of product values, on tables.

    >>> from akeneo_erp_bridge.erp import cold
    >>> class Ingredient(ErpItem):
    ...     code = cold(str, "code")
    ...     grams = cold(int, "g")
    >>> rule = table(Ingredient, {"ingredient": Ingredient.code, "quantity": Ingredient.grams}, merge=False)
    >>> rule.run(Lines([{"code": "flour", "g": "200"}])).value
    ({'ingredient': 'flour', 'quantity': 200},)
    """
    if not columns:
        raise MappingError("table(...): give at least the column that names the row")
    return Table(line, tuple(columns.items()), merge)


@frozen
class BillOfMaterials(Rule[Lines, Mapping[str, int], K | K2], Generic[LineT, K, K2]):
    """See `bill_of_materials`.

    >>> from akeneo_erp_bridge.erp import cold
    >>> class Part(ErpItem):
    ...     number = cold(str, "part")
    ...     count = cold(int, "count")
    >>> kit = bill_of_materials(Part, component=Part.number, quantity=Part.count)
    >>> print(kit.run(Lines([{"part": "BIT-6", "count": 2}, {"part": "bit-6", "count": 3}])))
    line 2 has the component 'bit-6' again; join the two in the ERP
    """

    line: type[LineT]
    component: Rule[LineT, str, K]
    quantity: Rule[LineT, int, K2]
    duplicates: Duplicates

    def run(self, source: Lines) -> Outcome[Mapping[str, int]]:
        """Quantities by component, whatever its case; the first line that is wrong, or lacks one, is the problem."""
        found: dict[str, tuple[str, int]] = {}
        paths = _read_by(self.parts)
        for number, raw in enumerate(source, start=1):
            line = self.line(raw).narrowed(paths)
            component, quantity = self.component.run(line), self.quantity.run(line)
            for outcome in (component, quantity):
                if isinstance(outcome, Problem):
                    return outcome.at(f"line {number}")
            if not isinstance(component, Put) or not isinstance(quantity, Put):
                return Problem(
                    "no_component", "", f"line {number} lacks its component or its quantity; fill it in the ERP"
                )
            name = component.value
            known = found.get(name.lower())
            if known is not None and self.duplicates == "refuse":
                return Problem("twice", "", f"line {number} has the component {name!r} again; join the two in the ERP")
            found[name.lower()] = (known[0], known[1] + quantity.value) if known else (name, quantity.value)
        return Put(frozen_table(dict(found.values())))

    @property
    def label(self) -> str:
        return call(
            "bill_of_materials", self.component.label, self.quantity.label, duplicates=(self.duplicates, "refuse")
        )

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.component, self.quantity)

    @property
    def heads(self) -> tuple[Step, ...]:
        return ()  # both get the lines

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return _taint_of(self.parts)

    @property
    def sources(self) -> frozenset[str]:
        return frozenset()  # what they read is inside of the lines


def bill_of_materials(
    line: type[LineT],
    *,
    component: Rule[LineT, str, K],
    quantity: Rule[LineT, int, K2],
    duplicates: Duplicates = "refuse",
) -> BillOfMaterials[LineT, K, K2]:
    """The components of a product with their quantities, made of the rows that the ERP nests in an item.

    A component that stands there twice is a problem, or with ``duplicates="sum"`` counted together.

    >>> from akeneo_erp_bridge.erp import cold
    >>> class Component(ErpItem):
    ...     part = cold(str, "part")
    ...     count = cold(int, "count")
    >>> rule = bill_of_materials(Component, component=Component.part, quantity=Component.count, duplicates="sum")
    >>> rule.run(Lines([{"part": "BIT-6", "count": 2}, {"part": "bit-6", "count": 3}])).value
    {'BIT-6': 5}
    """
    return BillOfMaterials(line, component, quantity, duplicates)


def _taint_of(columns: tuple[Step, ...]) -> frozenset[Temperature]:
    """A line is a record too: a rule that reads it and declares nothing counts as hot."""
    return frozenset(one for column in columns for one in column.taint)


def _read_by(columns: tuple[Step, ...]) -> frozenset[str]:
    """What they say they read of a line; they see nothing else."""
    return frozenset(path for column in columns for path in column.sources)


def line_of(step: Step) -> type[ErpItem] | None:
    """The class of the lines that the rules in a step get; `None` for a step whose rules get no lines."""
    return step.line if isinstance(step, Table | BillOfMaterials | OverLines) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # which class it is does not matter here


def merges_rows(step: Step) -> bool:
    """Whether a rule fills a table in our rows alone."""
    if isinstance(step, Table):
        return step.merge  # pyright: ignore[reportUnknownMemberType]  # its rows and temperatures do not matter here
    return any(merges_rows(part) for part in step.parts)


def columns_of(step: Step) -> Iterator[Mapping[str, Kinds]]:
    """The columns of each table that a rule makes, and the classes of their values."""
    if isinstance(step, Table):
        yield {code: rule.gives() for code, rule in step.columns}  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # as above
    else:
        for part in step.parts:
            yield from columns_of(part)
