"""What preflight found, and how much of a run it concerns."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from akeneo_erp_bridge.rules import Problem, Severity


@frozen
class Misfit(Problem):
    """A problem that preflight found.

    `cell` is the key of the cell that does not fit, empty where the mapping as a whole does not. `codes` are the
    codes that are not in the PIM, where the other values of the cell would fit. `severity` tells what a run has to
    leave out that goes on all the same: the cell, the items that hold one of the codes, or everything.

    >>> from akeneo_erp_bridge.catalog import PimStructure
    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> from akeneo_erp_bridge.mapping import ProductMapping
    >>> from akeneo_erp_bridge.rules import Cell
    >>> class Drill(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> drills = ProductMapping(Drill, Drill.number.to(Cell("artikel")))
    >>> misfit = drills.preflight(PimStructure(attributes={}))[0]
    >>> misfit.cell, misfit.code, misfit.severity
    ('artikel', 'no_attribute', 'skip_cell')
    >>> print(misfit)
    artikel: attribute 'artikel' is not in the PIM; make it there, by hand or with `setup`, or correct the cell of rule 'number'
    """

    cell: str = ""
    codes: frozenset[str] = frozenset()


def at_cell(
    cell: str, code: str, detail: str, *, severity: Severity = "skip_cell", codes: Iterable[str] = ()
) -> Misfit:
    """One cell does not fit."""
    return Misfit(code, cell, detail, severity, cell, frozenset(codes))


def of_mapping(code: str, detail: str, *, place: str = "") -> Misfit:
    """The mapping does not fit."""
    return Misfit(code, place, detail, "abort")


def listed(codes: Iterable[str], longest: int = 12) -> str:
    """Codes for a message, in order."""
    words = sorted(codes)
    return ", ".join(words[:longest]) + (", ..." if len(words) > longest else "")
