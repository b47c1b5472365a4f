"""`Waves`: the jobs of one connector, in the order in which the PIM needs what they write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError, PreflightFailed
from akeneo_erp_bridge.mapping import CATEGORIES, Misfit
from akeneo_erp_bridge.sync._plans._apply import Moved
from akeneo_erp_bridge.sync._plans._json import read_waves, waves_text
from akeneo_erp_bridge.sync._plans._parted import PartedPlan
from akeneo_erp_bridge.sync._plans._sealed import read_plan_file
from akeneo_erp_bridge.sync._reading._scope import Reads
from akeneo_erp_bridge.sync._state import Writes
from akeneo_erp_bridge.sync._words import counted
from akeneo_erp_bridge.sync.plan import ItemChange, Plan
from akeneo_erp_bridge.sync.report import SyncReport, Tally
from akeneo_erp_bridge.sync.variants import VariantPlan, VariantReport

__all__ = ["Job", "Waves", "WavesPlan", "WavesReport"]

_RANKS: Final[Mapping[str, int]] = {
    "reference_entity_record": 0,
    "asset": 0,
    "category": 1,
    "product_model": 2,
    "product": 3,
}
"""What refers to something comes after it."""


class Job(Protocol):
    """What can be a wave: `ErpToPim`, `VariantsToPim`, or a job of your own."""

    @property
    def stream(self) -> str:
        """Its memory in the state; no two waves share one."""
        ...

    @property
    def resource(self) -> str:
        """What it writes, as its mapping says: "category", "product"."""
        ...

    def preflight(self) -> object:
        """Raise `PreflightFailed` with all that does not fit, as `run` would. What else it gives, nobody looks at."""
        ...

    def plan(self, *, reads: Reads = "new", writes: Writes = "both") -> Plan | VariantPlan:
        """What it would do."""
        ...

    def run(self, *, reads: Reads = "new", writes: Writes = "both") -> SyncReport | VariantReport:
        """Do it."""
        ...

    def check_parts(self, parts: Sequence[Plan], *, categories: Sequence[ItemChange] = ()) -> None:
        """Raise for the parts of a plan that `apply_parts` would not begin with; write nothing.

        `categories` are the changes to categories in all of the plan. Categories are part of the PIM's structure, and
        those that the plan itself has written by now do not make it one for another structure.
        """
        ...

    def apply_parts(
        self, parts: Sequence[Plan], *, moved: Moved = "refuse", categories: Sequence[ItemChange] = ()
    ) -> Sequence[SyncReport]:
        """Write what the parts of its plan show, as far as their base holds: an account for each of them."""
        ...


@frozen
class WavesPlan(PartedPlan):
    """The plans of all waves, in their order: for each wave its one plan, or the parts of models and variants.

    One file holds all of it, as that of a `Plan` does; `Waves.apply` writes it wave by wave.

    Each wave is planned on the PIM as it is when the plan is made, and nothing that an earlier wave would make is there
    yet. So a plan tells what a later wave sends, and cannot tell:

    - what the PIM will say to it. A category that an earlier wave creates is in the products' cells by its code; if that
      category is parked when the plan is applied, the PIM refuses the products that name it, and they are parked.
    - links to what an earlier wave creates. They are counted as `unlinked`, and made by the next run.
    - whether a table of codes fits: where `lookup` leads to a category that only an earlier wave creates, the preflight
      of the later one fails, and there is no plan. Run, or apply, the earlier wave first.
    - that two waves write the same item. Each is planned as though the other did nothing: both create it, or both rest
      on the same value. At its turn the later one finds that it has moved.
    - what would come behind a brake. A run begins no wave behind one that a brake stopped; a plan shows them, and
      `Waves.apply` refuses all of it.

    >>> categories, products = (Plan(Tally().report(name, timedelta(0))) for name in ("categories", "products"))
    >>> plan = WavesPlan([[categories], [products]])
    >>> [part.stream for part in WavesPlan.from_json(plan.to_json()).parts]
    ['categories', 'products']
    """

    waves: Sequence[Sequence[Plan]]

    @property
    def parts(self) -> Sequence[Plan]:
        """The plans of all waves, one after the other."""
        return [part for parts in self.waves for part in parts]

    def to_json(self) -> str:
        """Write all waves as JSON; see `Plan.to_json`."""
        return waves_text(self.waves)

    @classmethod
    def from_json(cls, text: str) -> WavesPlan:
        """Read what `to_json` wrote; see `Plan.from_json`."""
        return cls(read_waves(text, "plan", Plan))

    @classmethod
    def load(cls, path: Path | str) -> WavesPlan:
        """Read what `save` wrote; see `Plan.load`."""
        return cls(read_waves(read_plan_file(path), f"plan file {str(path)!r}", Plan))

    def _plans(self) -> Sequence[Plan]:
        return self.parts


@frozen
class WavesReport:
    """The accounts of all waves, in their order. Each balances on its own.

    >>> categories = Tally(read=2, created=2).report("categories", timedelta(0))
    >>> products = Tally(read=300, created=299, parked=1).report("products", timedelta(0))
    >>> report = WavesReport([categories, products])
    >>> [part.exit_code for part in report.parts], report.exit_code
    ([0, 1], 1)
    """

    parts: Sequence[SyncReport]

    @property
    def exit_code(self) -> int:
        """The worst of the parts: see `SyncReport.exit_code`."""
        return max(one.exit_code for one in self.parts)

    def accounts_for_everything(self) -> bool:
        """Whether each part balances."""
        return all(one.accounts_for_everything() for one in self.parts)

    def __str__(self) -> str:
        return "\n".join(str(one) for one in self.parts)


class Waves:
    r"""Runs jobs one after the other, whatever order they are given in: reference data, categories, models, products.

    Links are written by the job of the products once their targets are there, and files after the thing that they
    belong to. What a brake stopped keeps the waves behind it from being begun; what was parked does not. `reads` and
    `writes` are what each job is asked for: see `ErpToPim`.
    Raises `ConfigurationError` for no job at all, two jobs of one stream, and a job that writes something else.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from akeneo_erp_bridge import Cell, ErpItem, ErpToPim, ProductMapping, SqliteState
    >>> from akeneo_erp_bridge.erp import CsvAdapter, cold
    >>> from akeneo_erp_bridge.mapping import CATEGORIES, CODE, PARENT, CategoryMapping, constant
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> class Row(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> groups = CategoryMapping(Row, Row.number.to(CODE), constant("master").to(PARENT))
    >>> ladders = ProductMapping(Row, Row.number.to(Cell("sku")), constant(frozenset({"ladders"})).to(CATEGORIES))
    >>> with TemporaryDirectory() as folder, PimSimulator(sample=True).client() as pim, SqliteState(":memory:") as state:
    ...     for name, rows in {"groups": "number\nladders\n", "articles": "number\nLD-3\n"}.items():
    ...         _ = Path(folder, name).with_suffix(".csv").write_text(rows)
    ...     products = ErpToPim(CsvAdapter(f"{folder}/articles.csv", Row), ladders, pim, state)
    ...     report = Waves(products, ErpToPim(CsvAdapter(f"{folder}/groups.csv", Row), groups, pim, state)).run()
    >>> [part.balance for part in report.parts]
    ['1 read = 0 unchanged + 1 written + 0 held + 0 parked', '1 read = 0 unchanged + 1 written + 0 held + 0 parked']
    """

    def __init__(self, *jobs: Job) -> None:
        if not jobs:
            raise ConfigurationError("no job was given; name at least one")
        for one in jobs:
            if one.resource not in _RANKS:
                raise ConfigurationError(
                    f"job '{one.stream}' writes {one.resource!r}, which has no place among the waves ({', '.join(_RANKS)})"
                )
        streams = [one.stream for one in jobs]
        twice = sorted({one for one in streams if streams.count(one) > 1})
        if twice:
            raise ConfigurationError(
                f"several jobs have the stream '{twice[0]}'; give each its own, by SyncOptions(stream=...)"
            )
        self.jobs: Sequence[Job] = sorted(jobs, key=lambda one: _RANKS[one.resource])

    def plan(self, *, reads: Reads = "new", writes: Writes = "both") -> WavesPlan:
        """What `run` would do, each wave on the PIM as it is now: see `WavesPlan` for what that leaves open."""
        done = [job.plan(reads=reads, writes=writes) for job in self.jobs]
        return WavesPlan([[one] if isinstance(one, Plan) else one.parts for one in done])

    def apply(self, plan: WavesPlan, *, moved: Moved = "refuse") -> WavesReport:
        """Write what a plan shows, wave by wave, and nothing else; no ERP is read.

        ::

            waves.plan().save("monday.plan.json")
            waves.apply(WavesPlan.load("monday.plan.json"))  # in another process, on another day

        First all waves are held against their jobs: a plan for other jobs, another PIM, mapping or structure, and one
        that a brake stopped, raises as `ErpToPim.apply` does before anything is written. Then each item is held against
        ledger and PIM at its wave's turn, so that what an earlier wave wrote counts. What *moved* is refused or drawn up
        anew, as `moved` says: see `ErpToPim.apply`. What is parked in one wave does not keep the next from its turn.

        An error in the middle, such as a PIM that is out of reach or whose structure somebody changes meanwhile, leaves
        the earlier waves written. Apply the same plan again then, and after a kill: what had arrived is recognised.
        """
        pairs = self._with_parts(plan)
        trees = [part for job, parts in pairs if job.resource == "category" for part in parts]
        categories = [change for part in trees for change in part.changes]
        for job, parts in pairs:
            job.check_parts(parts, categories=categories)
        done = (job.apply_parts(parts, moved=moved, categories=categories) for job, parts in pairs)
        return WavesReport([report for reports in done for report in reports])

    def preflight(self) -> None:
        """Ask each job for what does not fit. Raises `PreflightFailed` with all of it, each with the job's stream.

        A category that is not in the PIM is left to the run where one of the jobs brings categories: it may be among them.
        """
        brings_categories = any(job.resource == "category" for job in self.jobs)
        found: list[object] = []
        for job in self.jobs:
            try:
                job.preflight()
            except PreflightFailed as error:
                found += [
                    one.at(job.stream) if isinstance(one, Misfit) else one
                    for one in error.problems
                    if not (brings_categories and _is_category_to_come(one))
                ]
        if found:
            raise PreflightFailed(found)

    def run(self, *, reads: Reads = "new", writes: Writes = "both") -> WavesReport:
        """Do it, after the `preflight` of all waves.

        Each wave begins with its own once more, on the PIM as the waves before it have left it. Raises `PreflightFailed`
        where that fails; `before` tells then what those have written.
        """
        self.preflight()
        done: list[SyncReport] = []
        try:
            for report in self._run(reads, writes):
                done.append(report)  # noqa: PERF402 - what was done before an error counts
        except PreflightFailed as error:
            raise PreflightFailed(error.problems, [f"{one.stream}: {one.balance}" for one in done]) from error
        return WavesReport(done)

    # ---- inside ----
    def _with_parts(self, plan: WavesPlan) -> Sequence[tuple[Job, Sequence[Plan]]]:
        if len(plan.waves) != len(self.jobs):
            told = f"{counted(len(plan.waves), 'wave')}, and {counted(len(self.jobs), 'job')} would write it"
            raise ConfigurationError(f"this plan is of {told}; apply it with the jobs that made it, or make a new plan")
        return list(zip(self.jobs, plan.waves, strict=True))

    def _run(self, reads: Reads, writes: Writes) -> Iterator[SyncReport]:
        stopped: str | None = None
        for job in self.jobs:
            if stopped is not None:
                reason = f"not begun, since an earlier wave was stopped: {stopped}"
                yield Tally().report(job.stream, timedelta(0), reason)
                continue
            done = job.run(reads=reads, writes=writes)
            for part in [done] if isinstance(done, SyncReport) else done.parts:
                yield part
                stopped = stopped or part.stopped_by


def _is_category_to_come(problem: object) -> bool:
    return isinstance(problem, Misfit) and (problem.cell, problem.code) == (CATEGORIES.key, "no_code")
