"""`Waves`: the jobs of one connector, in the order in which the PIM needs what they write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final, Protocol

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync._scope import Reads
from akeneo_erp_bridge.sync._state import Writes
from akeneo_erp_bridge.sync.plan import Plan
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

    def plan(self, *, reads: Reads = "new", writes: Writes = "both") -> Plan | VariantPlan:
        """What it would do."""
        ...

    def run(self, *, reads: Reads = "new", writes: Writes = "both") -> SyncReport | VariantReport:
        """Do it."""
        ...


@frozen
class WavesPlan:
    """The plans of all waves, in their order. What an earlier wave would make is not there yet for a later one's.

    To have them reviewed, save and apply each with the job that made it, one wave after the other.
    """

    parts: Sequence[Plan]

    def __str__(self) -> str:
        return "\n".join(str(one) for one in self.parts)


@frozen
class WavesReport:
    """The accounts of all waves, in their order. Each balances on its own."""

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
    """Runs jobs one after the other, whatever order they are given in: reference data, categories, models, products.

    ::

        report = Waves(products, brands, groups).run()  # brands, then groups, then products

    Links are written by the job of the products once their targets are there, and files after the thing that they
    belong to. What a brake stopped keeps the waves behind it from being begun; what was parked does not. `reads` and
    `writes` are what each job is asked for: see `ErpToPim`.
    Raises `ConfigurationError` for no job at all, two jobs of one stream, and a job that writes something else.
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
        """What `run` would do, each wave on the PIM as it is now."""
        done = [job.plan(reads=reads, writes=writes) for job in self.jobs]
        return WavesPlan([part for one in done for part in ([one] if isinstance(one, Plan) else one.parts)])

    def run(self, *, reads: Reads = "new", writes: Writes = "both") -> WavesReport:
        """Do it."""
        return WavesReport(list(self._run(reads, writes)))

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
