"""What a run would do, or did: changes item by item and cell by cell; as a file, and as a page for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from attrs import field, frozen

from akeneo_erp_bridge.sync._changes import Action, CellChange, ItemChange, PlanBase
from akeneo_erp_bridge.sync._pages._private_file import write_private
from akeneo_erp_bridge.sync._plans._json import plan_lines, plan_text, read_plan
from akeneo_erp_bridge.sync._plans._page import plan_page
from akeneo_erp_bridge.sync._plans._refused import refusal
from akeneo_erp_bridge.sync._plans._sealed import read_plan_file
from akeneo_erp_bridge.sync._state import HeldCell, ParkedItem
from akeneo_erp_bridge.sync._words import counted
from akeneo_erp_bridge.sync.report import SyncReport

__all__ = ["Action", "CellChange", "ItemChange", "Plan", "PlanBase"]


@frozen
class Plan:
    """A dry run: the account it would end with, each change, what is parked and why, and what PIM users keep from it.

    `held` are the cells that are not written until a person decides, since a PIM user changed them; `kept` those that
    stay as a PIM user has them, since the ERP has nothing new: see `Conflicts`. `apply` leaves both as they are.

    Holds every change in memory; to import more items than fit, use `run`, whose memory is flat.

    `save` makes a file that `load` reads in another process, on another day, for `ErpToPim.apply`. It holds what the
    ERP and the PIM hold of the items that change, so that it is for its owner alone (mode 0600). `origin`, `mapping`
    and `structure` say whose plan it is; it is refused under any other. A file that was altered is refused too, by a
    check sum: that finds mistakes, and does not keep out somebody who makes a new one. `save_html` makes a page for
    people, which needs no program and no network; `lines` gives one JSON object an item, for programs.

    >>> from datetime import timedelta
    >>> from akeneo_erp_bridge.codes import ErpKey
    >>> from akeneo_erp_bridge.sync import LedgerEntry, Tally
    >>> name = CellChange("name[en_US]", old="Drill", new="Cordless drill", rule="name")
    >>> drill = LedgerEntry(ErpKey("DR-18"), "f2", "c1", ref="drill")
    >>> change = ItemChange(drill.key, "update", {name.cell: name}, drill)
    >>> plan = Plan(Tally(read=300, unchanged=299, updated=1, cells=1).report("products", timedelta(0)), [change])
    >>> print(plan)
    plan for products: 0 creates, 1 update (1 cell), 299 unchanged, 0 parked
    >>> [(one.key, cell.old, cell.new) for one in plan.updates for cell in one.cells.values()]
    [('DR-18', 'Drill', 'Cordless drill')]
    >>> Plan.from_json(plan.to_json()).updates == plan.updates
    True
    """

    report: SyncReport
    changes: Sequence[ItemChange] = field(factory=tuple)
    parked: Sequence[ParkedItem] = field(factory=tuple)
    origin: str = ""
    mapping: str = ""
    structure: str = ""
    made_at: datetime | None = None
    held: Sequence[HeldCell] = ()
    kept: Sequence[HeldCell] = ()

    @property
    def stream(self) -> str:
        """The name of the plan's memory in the state."""
        return self.report.stream

    @property
    def creates(self) -> Sequence[ItemChange]:
        """The items the PIM does not have yet."""
        return [one for one in self.changes if one.action == "create"]

    @property
    def updates(self) -> Sequence[ItemChange]:
        """The items that change in some cells."""
        return [one for one in self.changes if one.action == "update"]

    @property
    def deletes(self) -> Sequence[ItemChange]:
        """The items whose products would be deleted in the PIM."""
        return [one for one in self.changes if one.action == "delete"]

    def __str__(self) -> str:
        deletes = f"{counted(len(self.deletes), 'delete')}, " if self.deletes else ""
        held = f", {counted(len(self.held), 'cell')} held" if self.held else ""
        refused = refusal(self.changes)
        return (
            f"plan for {self.report.stream}: {counted(len(self.creates), 'create')}, "
            f"{counted(len(self.updates), 'update')} ({counted(self.report.cells, 'cell')}), {deletes}"
            f"{self.report.unchanged} unchanged, {len(self.parked)} parked{held}"
            f"{'; ' if refused else ''}{refused}"
        )

    # ---- files ----
    def to_json(self) -> str:
        """Write the plan as JSON, an item a line. Numbers keep their digits.

        Raises `ConfigurationError` for a file of which the content is not to be found again.
        """
        return plan_text(self)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read what `to_json` wrote.

        Raises `ConfigurationError` that says what to do, where it is no plan, of another version, or altered.
        """
        return read_plan(text, "plan", cls)

    def save(self, path: str | Path) -> None:
        """Write the plan to a file, mode 0600, all of it or nothing; raises as `to_json`, and where none can be written."""
        write_private(path, [self.to_json()], "plan file")

    @classmethod
    def load(cls, path: str | Path) -> Plan:
        """Read what `save` wrote; raises as `from_json`, and where there is no such file."""
        return read_plan(read_plan_file(path), f"plan file {str(path)!r}", cls)

    def lines(self) -> Iterator[str]:
        """One JSON object an item, without a line break: the changes, what PIM users keep from being written, what is parked.

        ``action`` is create, update, disable, categorise, delete, held, kept or parked. A change has ``cells`` with
        ``old``, ``new``, ``rule`` and ``notes``; what is held or kept has ``cells`` with ``before``, ``erp``, ``pim``,
        ``diff`` (see `HeldCell.diff`) and ``since``; a parked item has ``code`` and ``detail``. Nothing of it is taken
        back by `from_json`.
        """
        return plan_lines(self)

    def to_html(self) -> str:
        """A page for people: search, filters, old beside new. One file, without requests; a plain table without JavaScript."""
        return "".join(plan_page([self]))

    def save_html(self, path: str | Path) -> None:
        """Write the page to a file, mode 0600; raises `ConfigurationError` where none can be written."""
        write_private(path, plan_page([self]), "page")
