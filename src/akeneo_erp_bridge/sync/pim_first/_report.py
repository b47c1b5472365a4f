"""What a run did in both directions."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from akeneo_erp_bridge.sync._state import HeldCell
from akeneo_erp_bridge.sync._words import counted
from akeneo_erp_bridge.sync.report import SyncReport

__all__ = ["PimFirstReport"]


@frozen
class PimFirstReport:
    """The accounts of both ways: what went `out` to the ERP, counted in products, and what came `back`, in ERP items.

    Of `out`, `created` are items that are new in the ERP, `updated` those that were told of a change; `passed_over` are
    products that changed and are none of the ERP's business; `tombstoned` are those that a PIM user deleted, whose items stay
    in the ERP. `edited` is how many cells of the PIM's were changed in the ERP; `edited_cells` are the first hundred.
    `models` has the accounts of product models and their templates, where the job has `Models`.

    >>> from datetime import timedelta
    >>> from akeneo_erp_bridge.sync.report import Tally
    >>> out = Tally(read=3, created=2, parked=1).report("exports", timedelta(seconds=2))
    >>> back = Tally(read=2, unchanged=2).report("exports back", timedelta(seconds=1))
    >>> report = PimFirstReport(out, back)
    >>> report.exit_code, report.accounts_for_everything()
    (1, True)
    """

    out: SyncReport
    back: SyncReport
    edited_cells: Sequence[HeldCell] = ()
    edited: int = 0
    models: PimFirstReport | None = None

    @property
    def exit_code(self) -> int:
        """0: all is well. 1: something is parked or held, in either direction. 5: a brake stopped the way back."""
        return max(self.out.exit_code, self.back.exit_code, self.models.exit_code if self.models is not None else 0)

    def accounts_for_everything(self) -> bool:
        """Whether each product, each model and each item is accounted for exactly once."""
        balances = self.models is None or self.models.accounts_for_everything()
        return balances and self.out.accounts_for_everything() and self.back.accounts_for_everything()

    def __str__(self) -> str:
        lines = [] if self.models is None else [str(self.models)]
        lines += [str(self.out), str(self.back)]
        if self.edited_cells:
            told = f"{counted(self.edited, 'cell')} of the PIM's changed in the ERP"
            lines.append(f"  {told}, the first: {self.edited_cells[0]}")
        return "\n".join(lines)
