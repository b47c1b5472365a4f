"""Values that the PIM has no place for any more: they leave the item, and the rest of it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from akeneo_erp_bridge.catalog import Metric, Price
from akeneo_erp_bridge.mapping._checks._misfit import Misfit
from akeneo_erp_bridge.mapping._mapping import Mapped
from akeneo_erp_bridge.rules import Clear, Outcome, Problem, Put


@frozen
class LeftOut:
    """`cells` are left out whole, `codes` are cells of which some values are."""

    cells: Mapping[str, Misfit]
    codes: Mapping[str, Misfit]

    @classmethod
    def of(cls, misfits: Sequence[Misfit]) -> LeftOut:
        """Sort them: the whole cell goes where anything but some of its codes is wrong."""
        whole = {one.cell: one for one in reversed(misfits) if not one.codes}
        partly = {one.cell: one for one in misfits if one.codes and one.cell not in whole}
        return cls(whole, partly)

    @property
    def gone(self) -> frozenset[str]:
        """The cells whose attribute is not in the PIM: with it went what we had written."""
        return frozenset(key for key, one in self.cells.items() if one.code == "no_attribute")

    @property
    def told(self) -> tuple[Misfit, ...]:
        """One for each cell, for the report."""
        return (*self.cells.values(), *self.codes.values())

    def strip(self, mapped: Mapped) -> Mapped:
        """The outcomes without those values, which are told as problems."""
        left_out: list[Problem] = []
        outcomes: dict[str, Outcome[object]] = {}
        for key, outcome in mapped.outcomes.items():
            if key not in self.cells:
                misfit = self.codes.get(key)
                outcomes[key] = misfit if misfit is not None and _holds(outcome, misfit.codes) else outcome
            elif isinstance(outcome, Put | Clear):
                left_out.append(self.cells[key])
        return evolve(mapped, outcomes=outcomes, left_out=left_out)


def _holds(outcome: Outcome[object], codes: frozenset[str]) -> bool:
    return isinstance(outcome, Put) and not codes.isdisjoint(_codes_in(outcome.value))


def _codes_in(value: object) -> frozenset[str]:
    """The codes that a value is made of."""
    if isinstance(value, Metric):
        return frozenset({value.unit})
    if isinstance(value, Price):
        return frozenset({value.currency})
    if isinstance(value, tuple | list | set | frozenset):
        return frozenset(code for one in value for code in _codes_in(one))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # looked at one by one
    return frozenset({value}) if isinstance(value, str) else frozenset()
