"""`VariantsToPim`: flat rows of an ERP into the PIM, as product models with their variants."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpItem, ItemReader
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import CompiledMapping, ItemMapping, Member, VariantMapping
from akeneo_erp_bridge.sync._plans._apply import Moved
from akeneo_erp_bridge.sync._plans._json import parts_text, read_parts
from akeneo_erp_bridge.sync._plans._parted import PartedPlan
from akeneo_erp_bridge.sync._plans._sealed import read_plan_file
from akeneo_erp_bridge.sync._plans._structure import structure_of_plan
from akeneo_erp_bridge.sync._preflight import Checked, checked
from akeneo_erp_bridge.sync._reading._choice import Only
from akeneo_erp_bridge.sync._reading._scope import Reads, Scope, check_words
from akeneo_erp_bridge.sync._rows._choice import RowChoice
from akeneo_erp_bridge.sync._rows._groups import RowGroups
from akeneo_erp_bridge.sync._rows._stages import How, Planning, Running, Stage
from akeneo_erp_bridge.sync._rows._store import RowStore
from akeneo_erp_bridge.sync._state import ParkedItem, SyncState, Writes
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._telling._announce import Announcer
from akeneo_erp_bridge.sync._words import GUARDED, counted
from akeneo_erp_bridge.sync._writer import Hook, no_hook
from akeneo_erp_bridge.sync.engine import ErpToPim
from akeneo_erp_bridge.sync.observe import RunMode, RunObserver
from akeneo_erp_bridge.sync.options import SyncOptions
from akeneo_erp_bridge.sync.plan import ItemChange, Plan
from akeneo_erp_bridge.sync.report import SyncReport

__all__ = ["VariantPlan", "VariantReport", "VariantsToPim"]

ItemT = TypeVar("ItemT", bound=ErpItem)
M = TypeVar("M", bound=ErpItem)
R = TypeVar("R", Plan, SyncReport)


@frozen
class VariantReport:
    """The accounts of root models, sub models and products, in the order they were written.

    Each balances on its own. Rows that no model takes are parked among the products.

    >>> from datetime import timedelta
    >>> from akeneo_erp_bridge.sync import Tally
    >>> models = Tally(read=2, created=2).report("models of products", timedelta(0))
    >>> shirts = Tally(read=12, created=11, parked=1).report("products", timedelta(0))
    >>> report = VariantReport([models, shirts])
    >>> report.products.written, report.exit_code, report.accounts_for_everything()
    (11, 1, True)
    """

    parts: Sequence[SyncReport]

    @property
    def products(self) -> SyncReport:
        """The account of the variants and simple products: one for each row of the ERP that was new."""
        return self.parts[-1]

    @property
    def exit_code(self) -> int:
        """The worst of the parts: see `SyncReport.exit_code`."""
        return max(one.exit_code for one in self.parts)

    @property
    def run_id(self) -> str:
        """What logs, run history and notifications know the run by; the parts share it."""
        return self.products.run_id

    def accounts_for_everything(self) -> bool:
        """Whether each part balances."""
        return all(one.accounts_for_everything() for one in self.parts)

    def __str__(self) -> str:
        return "\n".join(str(one) for one in self.parts)


@frozen
class VariantPlan(PartedPlan):
    """What a run would do: to root models, sub models and products. A file holds all of it, as that of a `Plan` does.

    >>> from datetime import timedelta
    >>> from akeneo_erp_bridge.sync import Tally
    >>> names = ("models of products", "sub models of products", "products")
    >>> plan = VariantPlan([Plan(Tally().report(name, timedelta(0))) for name in names])
    >>> plan.products.stream, len(VariantPlan.from_json(plan.to_json()).parts)
    ('products', 3)
    """

    parts: Sequence[Plan]

    @property
    def products(self) -> Plan:
        """The plan of the variants and simple products."""
        return self.parts[-1]

    def to_json(self) -> str:
        """Write all parts as JSON; see `Plan.to_json`."""
        return parts_text(self.parts)

    @classmethod
    def from_json(cls, text: str) -> VariantPlan:
        """Read what `to_json` wrote; see `Plan.from_json`."""
        return cls(read_parts(text, "plan", Plan))

    @classmethod
    def load(cls, path: Path | str) -> VariantPlan:
        """Read what `save` wrote; see `Plan.load`."""
        return cls(read_parts(read_plan_file(path), f"plan file {str(path)!r}", Plan))

    def _plans(self) -> Sequence[Plan]:
        return self.parts


def _origin(job: VariantsToPim[ItemT]) -> str:
    return f"{job.mapping.source.__name__} items of the PIM {job.pim.url}"


class _StageOf(ErpToPim[M]):
    """One of the jobs inside: what it writes was checked as a whole before."""

    _shows_all = False  # the rows' file keeps rows that the ERP has stopped to show, and gives them out no more

    def __init__(
        self,
        erp: ItemReader[M],
        mapping: ItemMapping[M],
        job: VariantsToPim[ItemT],
        stream: str,
        checked: Checked,
        announcer: Announcer,
        scope: Scope[M],
    ) -> None:
        options = evolve(job.options, stream=stream)
        super().__init__(erp, mapping, job.pim, job.state, options=options, stop=job.stop, hook=job.hook)
        self.run_id = announcer.run_id
        self._shared = announcer
        self._checked = checked
        self._from = _origin(job)
        self._asked = scope

    def cursor(self) -> Cursor | None:
        """Up to where the rows are settled."""
        return self.state.cursor(self.stream, CompiledMapping(self.mapping, *self._preflight()).context)

    def check(self, plan: Plan) -> None:
        """Raise for a plan that is not this stage's."""
        self._applying(plan, "refuse", "", self.hook, ())

    def _preflight(self) -> Checked:
        structure, misfits = self._checked
        own = {one.cell.key for one in self.mapping.bindings}
        return structure, [one for one in misfits if one.cell in own]

    def _origin(self) -> str:
        return self._from

    def _announcer(self, mode: RunMode) -> Announcer:
        return self._shared

    def _scope(self, reads: Reads, only: Only[M] | None, writes: Writes) -> Scope[M]:
        return self._asked


class VariantsToPim(Generic[ItemT]):
    """Brings flat rows into the PIM: groups them, writes root models, sub models, then the products below them.

    ::

        job = VariantsToPim(erp, shirts, pim, SqliteState("bridge.db"), rows="shirts.rows")
        print(job.plan())
        report = job.run()

    `rows` is an SQLite file that remembers the rows by their model, since an ERP that tells what changed does not
    tell the siblings again, and to hold all rows would take as much memory as there are. It keeps the fields that the
    mapping reads, no others, and belongs to the state: back them up together. A lost one is made anew by reading the
    whole ERP; what did not change is not written again.

    What the rows of a model disagree on is a problem of the model; a model that is not in the PIM keeps its
    variants out, with the reason, until it is mended. A plan reads the ERP into the file and writes nothing else.

    `plan` and `run` take what to do as those of `ErpToPim` do, with two differences. ``only=...`` chooses rows in the
    file, once it has what is new in the ERP, by fields that the mapping reads; a row brings along its model and all rows
    of it, since what a model holds is what all its rows say. ``writes`` holds on each level: ``"create"`` puts new variants
    below models that are there, which stay as they are; ``"update"`` passes over what is below a new model.

    Raises `PreflightFailed` with every problem before anything is written, and `StateError` for a file that cannot be
    used. Source: Akeneo's ERP guide, on flat items, and its documentation of product models.
    """

    def __init__(
        self,
        erp: ItemReader[ItemT],
        mapping: VariantMapping[ItemT],
        pim: AkeneoClient,
        state: SyncState,
        *,
        rows: Path | str,
        options: SyncOptions | None = None,
        observers: Sequence[RunObserver] = (),
        stop: Stop | None = None,
        hook: Hook | None = None,
    ) -> None:
        self.erp = erp
        self.mapping = mapping
        self.pim = pim
        self.state = state
        self.rows = Path(rows)
        self.options = options or SyncOptions()
        self.observers = observers
        self.stop = stop or Stop()
        self.hook: Hook = hook or no_hook

    @property
    def resource(self) -> str:
        """What it writes in the end; the models are on the way."""
        return "product"

    @property
    def stream(self) -> str:
        """Its memory in the state; the models' have names that begin with "models of"."""
        return self.options.stream or "products"

    def preflight(self) -> PimStructure:
        """Check the mapping and its grouping; see `ErpToPim.preflight`."""
        return self._preflight()[0]

    def plan(self, *, reads: Reads = "new", only: Only[ItemT] | None = None, writes: Writes = "both") -> VariantPlan:
        """What `run` would do now, cell by cell."""
        return VariantPlan(self._told("plan", Planning(self.state), reads, only, writes))

    def run(self, *, reads: Reads = "new", only: Only[ItemT] | None = None, writes: Writes = "both") -> VariantReport:
        """Do it. A run that a brake stops ends there: what hangs on it is not written, and its accounts are empty."""
        return VariantReport(self._told("run", Running(self.state, self.pim), reads, only, writes))

    def apply(self, plan: VariantPlan, *, moved: Moved = "refuse") -> VariantReport:
        """Write what a plan shows, models before what is below them; see `ErpToPim.apply`.

        All parts are held against this job before the first is written.
        """
        return VariantReport(self.apply_parts(plan.parts, moved=moved))

    def check_parts(self, parts: Sequence[Plan], *, categories: Sequence[ItemChange] = ()) -> None:
        """Raise as `apply` does for a plan that is not this job's. `Waves` asks each job before any of them writes.

        `categories` are the changes to categories that are in the same plan: see `Job`.
        """
        with self._applying(parts, categories):
            pass

    def apply_parts(
        self, parts: Sequence[Plan], *, moved: Moved = "refuse", categories: Sequence[ItemChange] = ()
    ) -> Sequence[SyncReport]:
        """`apply`, as `Waves` asks for it: part by part."""
        with self._applying(parts, categories) as pairs:
            return [stage.apply(part, moved=moved) for stage, part in pairs]

    # ---- inside ----
    def _preflight(self) -> Checked:
        return checked(self.erp, self.mapping, self.pim, self.options)

    @contextmanager
    def _applying(
        self, parts: Sequence[Plan], categories: Sequence[ItemChange]
    ) -> Generator[Sequence[tuple[Stage, Plan]]]:
        """Each part with the stage that is to write it, which has been found to be its own."""
        announcer = Announcer(self.observers, "run", self.state)
        with announcer.whole(self.stream):
            structure, misfits = self._preflight()
            checked = structure_of_plan(structure, parts[-1].structure if parts else "", categories), misfits
            with closing(RowChoice(None, self.mapping)) as choice, closing(RowStore(self.rows)) as store:
                groups = RowGroups(CompiledMapping(self.mapping, *checked), self.mapping, store)
                stages = self._stages(groups, checked, announcer, "new", "both", choice)
            if len(stages) != len(parts):
                told = f"{counted(len(parts), 'part')}, and this mapping makes {len(stages)}"
                raise ConfigurationError(f"this plan has {told}; make a new plan")
            pairs = list(zip(stages, parts, strict=True))
            for stage, part in pairs:
                stage.check(part)
            yield pairs

    def _told(self, mode: RunMode, how: How[R], reads: Reads, only: Only[ItemT] | None, writes: Writes) -> list[R]:
        check_words(reads, writes)
        announcer = Announcer(self.observers, mode, self.state)
        some = None if only is None else only.among(self.state, self.stream)
        with announcer.whole(self.stream), closing(RowChoice(some, self.mapping)) as choice:
            return list(self._go(how, announcer, reads, writes, choice))

    def _go(
        self, how: How[R], announcer: Announcer, reads: Reads, writes: Writes, choice: RowChoice[ItemT]
    ) -> Iterator[R]:
        checked = self._preflight()
        with closing(RowStore(self.rows)) as store:
            store.bind(f"stream '{self.stream}' of {_origin(self)}")
            groups = RowGroups(CompiledMapping(self.mapping, *checked), self.mapping, store)
            *stages, products = self._stages(groups, checked, announcer, reads, writes, choice)
            if any(store.outlives(stage.cursor()) for stage in [*stages, products]):
                store.renew()  # the file was restored from a back-up: what came since is given out again
            groups.take_in(
                self.erp,
                limit=self.options.page_size,
                anew=self.options.retry_parked or reads == "all" or self.options.conflicts.look == "all",
                seen=self._seen,
            )
            choice.fill(store)
            stopped: str | None = None
            for level, stage in enumerate(stages):
                done = how.do(stage, stopped)
                yield done
                stopped = stopped or how.account(done).stopped_by
                if stopped is None:
                    store.block(level, self._barred(stage.stream, how.parked(done)))
                    groups.settle()
            if stopped is None:
                how.before(products.stream, store)
            done = how.do(products, stopped)
            yield done
            if stopped is None:
                how.after(done, [stage.stream for stage in stages], store)

    def _seen(self) -> None:
        self.hook("erp.read")
        self.stop.check()

    def _stages(
        self,
        groups: RowGroups[ItemT],
        checked: Checked,
        announcer: Announcer,
        reads: Reads,
        writes: Writes,
        choice: RowChoice[ItemT],
    ) -> list[Stage]:
        """Models, perhaps sub models, products."""
        part, words = choice.models(reads, writes), ("models of", "sub models of")
        levels = self.mapping.levels(checked[0])
        models = [
            self._stage(groups.models(level), mapping, checked, words[level], announcer, part)
            for level, mapping in enumerate((levels.models, levels.sub_models)[: 1 + levels.has_sub_models])
        ]
        own = evolve(choice.products(reads, writes), bars=self._below_none([one.stream for one in models]))
        products = self._stage(groups.products(), levels.products, checked, "", announcer, own)
        return [*models, products]

    def _below_none(self, streams: Sequence[str]) -> Callable[[Sequence[Member[ItemT]]], Collection[ErpKey]]:
        """What finds the rows below models that the PIM does not have."""

        def barred(members: Sequence[Member[ItemT]]) -> Collection[ErpKey]:
            above = {one.key: ErpKey(one.parent) for one in members if one.row.get("parent") is not None}
            codes = sorted(set(above.values()))
            known = [one for stream in streams for one in self.state.entries(stream, codes).values()]
            there = {one.key for one in known if one.cells}
            return {key for key, code in above.items() if code not in there}

        return barred

    def _stage(
        self,
        erp: ItemReader[M],
        mapping: ItemMapping[M],
        checked: Checked,
        word: str,
        announcer: Announcer,
        scope: Scope[M],
    ) -> Stage:
        return _StageOf(erp, mapping, self, f"{word} {self.stream}".strip(), checked, announcer, scope)

    def _barred(self, stream: str, parked: Sequence[ParkedItem]) -> list[tuple[str, str]]:
        """The parked models that can have no rows, and why; another one that is there holds its variants as before."""
        # an entry without cells is of a model that the PIM has lost
        there = {key for key, one in self.state.entries(stream, [one.key for one in parked]).items() if one.cells}
        see = f"see it among the parked '{stream}'"
        absent = [(str(one.key), f"is not in the PIM; {see}") for one in parked if one.key not in there]
        # of another family variant, or below another model: values would go to a level that drops them
        fixed = [(str(one.key), f"cannot become what its rows say; {see}") for one in parked if one.code == GUARDED]
        return [*fixed, *absent]
