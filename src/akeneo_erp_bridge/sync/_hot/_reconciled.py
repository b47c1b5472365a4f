"""`Reconciliation`: what a comparison of the shop with the ERP found and did."""

from __future__ import annotations

from attrs import frozen

from akeneo_erp_bridge.sync.report import SyncReport


@frozen
class Reconciliation:
    """The account of `HotRelay.reconcile`: ``read = right + repaired + added + parked``.

    `right` are items that the shop shows as the ERP has them, and rows that gave way to others of their key. `repaired`
    were offered before and shown otherwise; `added` were never offered before. Both were sent, and taken. `parked` are
    wrong in the ERP, or were refused. `unknown` are those, of whatever became of them, that the shop did not know at all.

    >>> from datetime import timedelta
    >>> from akeneo_erp_bridge.sync import Tally
    >>> report = Tally(read=300, unchanged=297, updated=2, created=1).report("offers", timedelta(seconds=4))
    >>> print(Reconciliation.of(report, unknown=0))
    offers: 300 compared = 297 right + 2 repaired + 1 added + 0 parked; 0 unknown to the shop
    """

    read: int
    right: int
    repaired: int
    added: int
    parked: int
    unknown: int
    report: SyncReport

    @classmethod
    def of(cls, report: SyncReport, unknown: int) -> Reconciliation:
        """Of the report of its run."""
        return cls(
            read=report.read,
            right=report.unchanged,
            repaired=report.updated,
            added=report.created,
            parked=report.parked,
            unknown=unknown,
            report=report,
        )

    @property
    def exit_code(self) -> int:
        """As `SyncReport.exit_code`: 0, or 1 where something is parked."""
        return self.report.exit_code

    def __str__(self) -> str:
        told = (
            f"{self.report.stream}: {self.read} compared = {self.right} right + {self.repaired} repaired "
            f"+ {self.added} added + {self.parked} parked; {self.unknown} unknown to the shop"
        )
        return "\n".join([told, *(f"  parked  {one}" for one in self.report.parked_items[:20])])
