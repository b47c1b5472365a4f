"""What is done with each stage of a variant run: planned, or carried out and looked after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol, TypeVar

from attrs import frozen

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.sync._drafts._known import lost
from akeneo_erp_bridge.sync._plans._apply import Moved
from akeneo_erp_bridge.sync._rows._store import RowStore
from akeneo_erp_bridge.sync._state import ParkedItem, Settled, SyncState
from akeneo_erp_bridge.sync._targets._models import ModelTarget
from akeneo_erp_bridge.sync._waits import oldest
from akeneo_erp_bridge.sync.plan import Plan
from akeneo_erp_bridge.sync.report import SyncReport, Tally

__all__ = ["How", "Planning", "Running", "Stage"]

R = TypeVar("R", Plan, SyncReport)


class Stage(Protocol):
    """The job of one level."""

    run_id: str

    @property
    def stream(self) -> str: ...

    def plan(self) -> Plan: ...

    def run(self) -> SyncReport: ...

    def check(self, plan: Plan) -> None: ...

    def apply(self, plan: Plan, *, moved: Moved) -> SyncReport: ...

    def cursor(self) -> Cursor | None: ...


class How(Protocol[R]):
    """Whether stages are planned or run. What stopped an earlier one stops those that hang on it."""

    def do(self, stage: Stage, stopped: str | None) -> R: ...

    def account(self, done: R) -> SyncReport: ...

    def parked(self, done: R) -> Sequence[ParkedItem]: ...

    def before(self, stream: str, store: RowStore) -> None: ...

    def after(self, done: R, above: Sequence[str], store: RowStore) -> None: ...


@frozen
class Planning:
    """Nothing but the rows' file is written."""

    state: SyncState

    def do(self, stage: Stage, stopped: str | None) -> Plan:
        return Plan(report=_not_begun(self.state, stage, stopped)) if stopped else stage.plan()

    def account(self, done: Plan) -> SyncReport:
        return done.report

    def parked(self, done: Plan) -> Sequence[ParkedItem]:
        """Those of this plan, and those of earlier runs that it would not bring in."""
        met = {one.key for one in done.changes} | {one.key for one in done.parked}
        return [*done.parked, *(one for one in self.state.parked(done.report.stream) if one.key not in met)]

    def before(self, stream: str, store: RowStore) -> None:
        pass

    def after(self, done: Plan, above: Sequence[str], store: RowStore) -> None:
        pass


@frozen
class Running:
    """Each stage writes; what the PIM refuses is asked about."""

    state: SyncState
    pim: AkeneoClient

    def do(self, stage: Stage, stopped: str | None) -> SyncReport:
        return _not_begun(self.state, stage, stopped) if stopped else stage.run()

    def account(self, done: SyncReport) -> SyncReport:
        return done

    def parked(self, done: SyncReport) -> Sequence[ParkedItem]:
        return list(self.state.parked(done.stream))

    def before(self, stream: str, store: RowStore) -> None:
        """Rows that the ERP shows no longer are parked no longer."""
        missed = store.missed([one.key for one in self.state.parked(stream)])
        if missed:
            self.state.settle(stream, Settled(closed=missed))

    def after(self, done: SyncReport, above: Sequence[str], store: RowStore) -> None:
        """What was refused gets another turn when its cause may be gone; models that a PIM user deleted are made anew."""
        refused, subs = self._refused(done.stream), self._refused(above[1]) if len(above) > 1 else []
        store.refuse(refused)
        models = store.models_of(refused, subs)
        target = ModelTarget(self.pim)
        there = target.find(sorted({code for some in models.values() for code in some}), {})
        for level, stream in enumerate(above):
            absent = [code for code in models[level] if code.lower() not in there and not target.has(code)]
            known = self.state.entries(stream, [ErpKey(code) for code in absent]).values()
            anew = [lost(one) for one in known if one.cells]
            if anew:
                self.state.settle(stream, Settled(entries=anew))
                store.revive(level, [one.key for one in anew])

    def _refused(self, stream: str) -> list[ErpKey]:
        return [one.key for one in self.state.parked(stream) if one.code == "refused"]


def _not_begun(state: SyncState, stage: Stage, stopped: str) -> SyncReport:
    why = f"not begun, since what it hangs on was stopped: {stopped}"
    tally = Tally(waiting=state.unmet(stage.stream, stage.run_id), waits_for=oldest(state, stage.stream))
    return tally.report(stage.stream, timedelta(0), why, run_id=stage.run_id)
