"""`ErpToPim`: the path of the data from an ERP to the PIM, as a plan or as a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Generic, TypeVar

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, ItemReader
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import CompiledMapping, ItemMapping, VariantMapping
from akeneo_erp_bridge.sync._braking import Braking, foretold
from akeneo_erp_bridge.sync._conflicts._held import HeldAgain
from akeneo_erp_bridge.sync._drafts._drafter import Drafter
from akeneo_erp_bridge.sync._drafts._later_rows import Ask, asking
from akeneo_erp_bridge.sync._links._late import LateLinks
from akeneo_erp_bridge.sync._plans._apply import Applier, Moved, braking_of_plan, check_plan, only_part
from akeneo_erp_bridge.sync._plans._planner import Planner
from akeneo_erp_bridge.sync._plans._structure import structure_of_plan
from akeneo_erp_bridge.sync._preflight import Checked, checked
from akeneo_erp_bridge.sync._reading._baseline import Baseline
from akeneo_erp_bridge.sync._reading._choice import Only
from akeneo_erp_bridge.sync._reading._reading import Reading
from akeneo_erp_bridge.sync._reading._reading_of import reading_of
from akeneo_erp_bridge.sync._reading._scope import Reads, Scope
from akeneo_erp_bridge.sync._state import SyncState, Writes
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Target
from akeneo_erp_bridge.sync._targets._target_of import target_of
from akeneo_erp_bridge.sync._telling._announce import Announcer, StreamAnnouncer
from akeneo_erp_bridge.sync._telling._watch import Observatory
from akeneo_erp_bridge.sync._waits import oldest, unmet
from akeneo_erp_bridge.sync._writer import Hook, PimWriter, Writer, no_hook
from akeneo_erp_bridge.sync.observe import RunMode, RunObserver
from akeneo_erp_bridge.sync.options import SyncOptions
from akeneo_erp_bridge.sync.plan import ItemChange, Plan
from akeneo_erp_bridge.sync.report import SyncReport, Tally

__all__ = ["ErpToPim"]

ItemT = TypeVar("ItemT", bound=ErpItem)


class ErpToPim(Generic[ItemT]):
    r"""Brings items of an ERP into the PIM: reads, maps, compares, writes what changed, remembers.

    `plan` and `run` are the same path; a plan only swaps the last writer, and `apply` writes one that was saved and
    reviewed. All begin with a preflight and raise `PreflightFailed` with all problems before anything is written. A
    killed run is simply run again: it goes on where the last settled page ended, and ends in the same state. A
    `VariantMapping` is for `VariantsToPim`, and raises `ConfigurationError` here.

    `plan` and `run` take what to do, by default all that is new: ``reads="all"`` is everything, wherever the last run came
    to; ``only=by_key("DR-18")`` a part (also `by_category`, `by_field`, `where`, `by_parked`); ``writes="create"`` what the PIM does not
    have, ``"update"`` what it has.

    A run with `only` or `writes` leaves no trace of what it passes over: it moves no cursor, takes nothing that it
    did not see for deleted, and closes no parked item. The next run without them does what is left. What `only`
    chooses is tried again where it was parked, and a deletion counts where its key is chosen.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from akeneo_erp_bridge import Cell, ProductMapping, SqliteState
    >>> from akeneo_erp_bridge.erp import CsvAdapter, cold
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> class Drill(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> mapping = ProductMapping(Drill, Drill.number.to(Cell("sku")))
    >>> with TemporaryDirectory() as folder, PimSimulator(sample=True).client() as pim, SqliteState(":memory:") as state:
    ...     _ = Path(folder, "drills.csv").write_text("number\nDR-18\n")
    ...     job = ErpToPim(CsvAdapter(f"{folder}/drills.csv", Drill), mapping, pim, state)
    ...     print(job.plan(), job.run().balance, job.run().balance, sep="\n")
    plan for products: 1 create, 0 updates (1 cell), 0 unchanged, 0 parked
    1 read = 0 unchanged + 1 written + 0 held + 0 parked
    1 read = 1 unchanged + 0 written + 0 held + 0 parked
    """

    _shows_all = True
    """Whether what a reading of everything does not show is deleted."""

    def __init__(
        self,
        erp: ItemReader[ItemT],
        mapping: ItemMapping[ItemT],
        pim: AkeneoClient,
        state: SyncState,
        *,
        options: SyncOptions | None = None,
        observers: Sequence[RunObserver] = (),
        stop: Stop | None = None,
        hook: Hook | None = None,
    ) -> None:
        if isinstance(mapping, VariantMapping):
            raise ConfigurationError(
                f"the mapping of {mapping.source.__name__} makes variants; give it to VariantsToPim"
            )
        self.erp = erp
        self.mapping = mapping
        self.pim = pim
        self.state = state
        self.options = options or SyncOptions()
        self.stream = self.options.stream or mapping.stream
        self.observers = observers
        self.stop = stop or Stop()
        self.hook = hook or no_hook

    @property
    def resource(self) -> str:
        """What it writes, as the mapping says: "product", "category"."""
        return self.mapping.resource

    def preflight(self) -> PimStructure:
        """Read the PIM's structure and check the mapping against it and the ERP's schema.

        Each plan and run does so: what a PIM user set up meanwhile counts. Raises `PreflightFailed` with every
        problem found, unless all of them are drift since the options' `baseline`.
        """
        return self._preflight()[0]

    def _preflight(self) -> Checked:
        return checked(self.erp, self.mapping, self.pim, self.options)

    def plan(self, *, reads: Reads = "new", only: Only[ItemT] | None = None, writes: Writes = "both") -> Plan:
        """What `run` would do now, cell by cell. Writes nothing, to the PIM or to the state.

        Reads the items that change from the PIM, so that `apply` can tell later whether they moved.
        """
        planner = Planner[ItemT]()
        scope = self._scope(reads, only, writes)
        braking = self._braking(scope)
        report = self._told(self._announcer("plan"), scope, planner.writer, braking, planner.watched)
        return planner.plan(report, self._origin(), self.pim)

    def apply(self, plan: Plan, *, moved: Moved = "refuse") -> SyncReport:
        """Write what a plan shows, and nothing else; the ERP is not read.

        An item is written where all stands as when the plan was made: its ledger entry, what the PIM holds in the
        cells that change, and for a create, that the PIM has no such item. Others have *moved*. ``"refuse"`` leaves
        them as they are, parked with the code ``moved`` and a line for each cell. ``"replan"`` draws up anew what moved
        in the PIM: what the rules gave is held against what is there now, as a run does, so that a list keeps what
        others put into it meanwhile. An item that was synced meanwhile, deleted in the PIM, or may not change there any
        more is refused all the same.

        The cursor stays: the next run reads those items again, and finds them as the ledger says. What a killed
        `apply` had written is recognised, so that the same plan can be applied again. Links to what the plan itself
        creates are made by the next run. Asked to end by `stop`, it does so between two batches.

        A product is deleted for good only as it was when the plan was made: whatever changed in it, mapped or not, refuses
        the deletion in both ways.

        Raises `ConfigurationError` for a plan of another stream, PIM, mapping or structure, `BrakeApplied` for one
        that a brake stopped or stops now, and `TemperatureRefused` for a change that the mapping did not make; nothing is written then.
        """
        return self._apply(plan, moved, ())

    def check_parts(self, parts: Sequence[Plan], *, categories: Sequence[ItemChange] = ()) -> None:
        """Raise as `apply` does for a plan that is not this job's. `Waves` asks each job before any of them writes.

        `categories` are the changes to categories that are in the same plan: see `Job`.
        """
        announcer = self._announcer("run")
        with announcer.whole(self.stream):
            self._applying(only_part(parts, self.stream), "refuse", announcer.run_id, self.hook, categories)

    def apply_parts(
        self, parts: Sequence[Plan], *, moved: Moved = "refuse", categories: Sequence[ItemChange] = ()
    ) -> Sequence[SyncReport]:
        """`apply`, as `Waves` asks for it: this job's plan has one part, and so has its account."""
        return [self._apply(only_part(parts, self.stream), moved, categories)]

    def run(self, *, reads: Reads = "new", only: Only[ItemT] | None = None, writes: Writes = "both") -> SyncReport:
        """Do it. Returns the account; `report.exit_code` is what a program should end with."""
        scope = self._scope(reads, only, writes)
        announcer, braking = self._announcer("run"), self._braking(scope)
        hook = announcer.watching(self.hook)

        def to_pim(stream: Stream[ItemT], drafter: Drafter[ItemT]) -> Writer:
            return PimWriter(
                stream,
                drafter,
                announcer.run_id,
                hook,
                moves_cursor=scope.is_whole,
                deletions=self.options.deletions,
                braking=braking,
            )

        return self._told(announcer, scope, to_pim, braking)

    # ---- inside ----
    def _scope(self, reads: Reads, only: Only[ItemT] | None, writes: Writes) -> Scope[ItemT]:
        some = None if only is None else only.among(self.state, self.stream)
        return Scope[ItemT].of(self.mapping, reads, some, writes)

    def _braking(self, scope: Scope[ItemT]) -> Braking:
        return Braking(self.options.brakes, self.state, self.stream, scope.part)

    def _announcer(self, mode: RunMode) -> Announcer:
        return Announcer(self.observers, mode, self.state)

    def _apply(self, plan: Plan, moved: Moved, categories: Sequence[ItemChange]) -> SyncReport:
        announcer, tally = self._announcer("run"), Tally(kind="apply", writes=plan.report.writes)
        with announcer.stream(self.stream, tally) as told:
            applier = self._applying(plan, moved, announcer.run_id, announcer.watching(self.hook), categories)
            self.state.bind(self.stream, self._origin(), claim=True)
            tally.left_out = applier.left_out
            applier.write(tally, at_once=self.options.page_size)
            tally.waiting = self.state.unmet(self.stream, announcer.run_id)
            tally.waits_for = oldest(self.state, self.stream)
            return told.close(None)

    def _applying(
        self, plan: Plan, moved: Moved, run_id: str, hook: Hook, categories: Sequence[ItemChange]
    ) -> Applier[ItemT]:
        """What is to write the plan, which has been found to be this job's."""
        structure, misfits = self._preflight()
        own = plan.changes if self.mapping.resource == "category" else ()
        structure = structure_of_plan(structure, plan.structure, categories or own)
        compiled = CompiledMapping(self.mapping, structure, misfits)
        check_plan(plan, compiled, self.stream, self._origin())
        target = target_of(self.mapping, self.pim, compiled.identifier)
        return Applier(
            Stream(self.stream, compiled, target, self.state),
            plan,
            run_id,
            hook,
            moved=moved,
            adopt=self.options.adopt,
            deletions=self.options.deletions,
            braking=braking_of_plan(plan, self.options.brakes, self.state, self.stream),
            stop=self.stop,
        )

    def _told(
        self,
        announcer: Announcer,
        scope: Scope[ItemT],
        make: Callable[[Stream[ItemT], Drafter[ItemT]], Writer],
        braking: Braking,
        watched: Callable[[Target], Target] = lambda target: target,
    ) -> SyncReport:
        tally = Tally(writes=scope.writes, choice=scope.label)
        with announcer.stream(self.stream, tally) as told:
            run_id = announcer.run_id if announcer.mode == "run" else None
            return told.close(self._go(scope, make, braking, watched, run_id, tally, told))

    def _go(
        self,
        scope: Scope[ItemT],
        make: Callable[[Stream[ItemT], Drafter[ItemT]], Writer],
        braking: Braking,
        watched: Callable[[Target], Target],
        run_id: str | None,
        tally: Tally,
        told: StreamAnnouncer,
    ) -> str | None:
        self.state.bind(self.stream, self._origin(), claim=run_id is not None)
        compiled = CompiledMapping(self.mapping, *self._preflight())
        target = watched(target_of(self.mapping, self.pim, compiled.identifier))
        observatory = self._observatory() if run_id is not None and scope.is_whole else None
        stream = Stream(self.stream, compiled, target, self.state)
        drafter = Drafter(
            stream,
            retry_parked=self.options.retry_parked or scope.sieve is not None,
            observatory=observatory,
            scope=scope,
            deletions=self.options.deletions,
            conflicts=self.options.conflicts,
            adopt=self.options.adopt,
            ask=self._asking(),
        )
        among = None if scope.is_whole else drafter.looked_at
        late = LateLinks(stream, drafter.seen, drafter.weigher, among)
        held = HeldAgain(stream, drafter.seen, drafter.weigher)
        tally.left_out = compiled.left_out.told
        writer = told.over(make(stream, drafter))
        try:
            fields, context = self.mapping.source_fields(), compiled.context
            reading = reading_of(self.erp, fields, scope, self.options, self.state, self.stream, context)
            reading.restarts = drafter.begin_anew
            drafter.goes_on = reading.goes_on
            baseline = self._baseline(reading, drafter) if scope.is_whole else None
            braking.foresee(lambda: foretold(self.erp, reading, drafter.burial, scope))
            try:
                stopped = self._walk(reading, drafter, held, late, writer, tally, told, baseline, braking)
            finally:
                kind = scope.kind(covers_all=reading.covers_all, expired=reading.expired)
                tally.kind = (baseline.kind if baseline is not None else None) or kind
            tally.waiting = unmet(self.state, self.stream, run_id, drafter, reading, baseline, is_over=stopped is None)
            if run_id is not None and stopped is None and not scope.is_whole:
                braking.over()
            elif run_id is not None and stopped is None:
                tally.waiting = self.state.finish(self.stream, run_id, covers_all=reading.covers_all)
                if observatory is not None:
                    looked = observatory.sum_up(datetime.now(UTC), covers_all=reading.covers_all)
                    self.state.look(self.stream, looked)
        finally:
            writer.close()
            drafter.close()
        tally.waits_for = oldest(self.state, self.stream)
        return stopped

    def _baseline(self, reading: Reading[ItemT], drafter: Drafter[ItemT]) -> Baseline[ItemT]:
        is_told = self._shows_all and self.mapping.resource == "product"
        return Baseline(reading, self.state, self.stream, drafter.seen, drafter.burial, is_told=is_told)

    def _observatory(self) -> Observatory | None:
        size = self.options.watched
        return Observatory(self.state.watch(self.stream), self.mapping.paths, size=size) if size else None

    def _asking(self) -> Ask[ItemT] | None:
        mapping = self.mapping
        return asking(self.erp, mapping.source, mapping.paths, mapping.source_fields(), self.options.page_size)

    def _walk(
        self,
        reading: Reading[ItemT],
        drafter: Drafter[ItemT],
        held: HeldAgain[ItemT],
        late: LateLinks[ItemT],
        writer: Writer,
        tally: Tally,
        told: StreamAnnouncer,
        baseline: Baseline[ItemT] | None,
        braking: Braking,
    ) -> str | None:
        try:
            reason = self._read_all(reading, drafter, writer, tally, told, baseline, braking)
        except Exception:
            writer.finish()  # what was read before the ERP failed is not lost
            raise
        writer.finish()
        if reason is not None:
            return reason
        # held cells of items that a part has not seen are none of its business
        for draft in chain(held.drafts() if baseline is not None else (), late.drafts(datetime.now(UTC))):
            writer.write(draft, None, tally, datetime.now(UTC))
            writer.finish()
        if baseline is None:
            return None  # a part: what it has not seen is none of its business
        unburied = drafter.burial.unburied()
        if unburied:
            writer.write(drafter.bury(unburied, datetime.now(UTC)), None, tally, datetime.now(UTC))
            writer.finish()
        return self._bury_missing(baseline, drafter, writer, tally, braking)

    def _bury_missing(
        self, baseline: Baseline[ItemT], drafter: Drafter[ItemT], writer: Writer, tally: Tally, braking: Braking
    ) -> str | None:
        """What a reading of everything has not shown is deleted, unless it is more than the brake lets through."""
        # counted first, and looked up again: there may be more of them than fit into memory
        missing = sum(len(keys) for keys in baseline.missing())
        reason = braking.reason_for_missing(tally, missing)
        if reason is not None:
            return reason
        tally.missing = missing
        for keys in baseline.missing() if missing else ():
            now = datetime.now(UTC)
            writer.write(braking.let_through(drafter.bury(self._lost(keys), now)), None, tally, now)
            writer.finish()
            self.stop.check()
        return None

    def _lost(self, keys: Sequence[ErpKey]) -> Sequence[ErpKey]:
        """Those of the items that were not shown which the ERP has no more: all of them, where nobody can tell."""
        return keys

    def _read_all(
        self,
        reading: Reading[ItemT],
        drafter: Drafter[ItemT],
        writer: Writer,
        tally: Tally,
        told: StreamAnnouncer,
        baseline: Baseline[ItemT] | None,
        braking: Braking,
    ) -> str | None:
        for page in reading.as_one_page() if self.mapping.resource == "category" else reading.pages():
            self.hook("erp.read")
            told.lap("read")
            now = datetime.now(UTC)
            draft = drafter.draft(page, now, writer.make_way)
            if baseline is not None:
                baseline.note(page, draft)
            reason = braking.reason(tally, draft)
            if reason is not None:
                return reason
            writer.write(draft, page.resume, tally, now)
            self.stop.check()
        return None

    def _origin(self) -> str:
        return f"{self.mapping.source.__name__} items of the PIM {self.pim.url}"
