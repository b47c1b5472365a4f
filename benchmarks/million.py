"""A million records: first run with a kill in the middle, nothing changed, one in a hundred changed, and such a run with a kill near
its end; against a served simulator.

    python benchmarks/million.py [--records 1000000]

Each run is a process of its own, as is the simulator, which keeps its products in memory. The run after a kill must read no more
than what the killed one had left and what it had under way. The same is done with a tenth of the records, to compare the memory.
Part of `make soak`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen
from bridge import MAPPING, Article, furnished, row
from rows import UNLIMITED

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.erp import Cursor, ErpSchema, Health, Page
from akeneo_erp_bridge.sync import ErpToPim, PageTook, Run, RunObserver, SqliteState, SyncOptions, SyncReport

AUTH = PasswordAuth(client_id="client", secret="secret", username="erp", password="password")
EVERY = 100  # one in so many changes
PAGE = SyncOptions().page_size


@frozen
class Records:
    """An ERP whose rows are made while they are read; it goes on behind any row. Some have a name of each `change`; 0: none."""

    count: int
    change: int

    def describe(self) -> ErpSchema:
        return ErpSchema("records")

    def check(self) -> Health:
        return Health(ok=True, message="")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        begin = int(since.blob) if since is not None and since.blob else 0
        for start in range(begin, self.count, limit):
            end = min(start + limit, self.count)
            rows = [self._row(number) for number in range(start, end)]
            yield Page([Article(one) for one in rows], [], Cursor("snapshot", str(end) if end < self.count else ""))

    def _row(self, number: int) -> dict[str, object]:
        one = row(number)
        return {**one, "name": f"Drill {number}, name {self.change}"} if self.change and number % EVERY == 0 else one


class Counting(httpx.HTTPTransport):
    """Counts the requests about products; the structure is read once a run, however many records there are."""

    calls = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += "/products" in request.url.path
        return super().handle_request(request)


class Saying(RunObserver):
    """Prints how far a run is, at once when its first page is settled, and knows when that was.

    With `killed_at` the process kills itself when so many records are settled, while pages behind them are under way.
    """

    def __init__(self, killed_at: int | None) -> None:
        self.first = 0.0
        self._killed_at = killed_at
        self._settled = 0
        self._begun = self._told = time.perf_counter()

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        now = time.perf_counter()
        is_first = not self.first
        self.first = self.first or now - self._begun
        self._settled += PAGE  # pages come in the order of the ERP, and a killed run does not see the last one
        is_over = self._killed_at is not None and self._settled >= self._killed_at
        if is_first or is_over or now - self._told > 0.1:
            self._told = now
            print(json.dumps({"read": so_far.read, "settled": self._settled}), flush=True)
        if is_over:
            os.kill(os.getpid(), signal.SIGKILL)


def one_run(url: str, state_file: str, records: int, *, change: int, killed_at: int | None) -> None:
    """One run, and what it took; a line for each tenth of a second of progress, then the figures."""
    saying = Saying(killed_at)
    transport = Counting()
    with AkeneoClient(url, AUTH, options=UNLIMITED, transport=transport) as pim, SqliteState(state_file) as state:
        job = ErpToPim(Records(records, change), MAPPING, pim, state, observers=[saying])
        working, used = time.perf_counter(), time.process_time()
        report = job.run()
        took, cpu = time.perf_counter() - working, time.process_time() - used
    assert report.accounts_for_everything(), report
    found = {
        "counts": {"read": report.read, "written": report.written, "unchanged": report.unchanged},
        "calls": transport.calls,
        "first": saying.first,
        "rate": report.read / took,
        "cpu_rate": report.read / cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found), flush=True)


def command(*arguments: str) -> list[str]:
    return [sys.executable, __file__, *arguments]


def run_of(url: str, state_file: Path, records: int, *, change: int = 0) -> Mapping[str, Any]:
    """The figures of one run in a process of its own, and the seconds from its start to its first settled page."""
    lines, code = told_by(url, state_file, records, change)
    if code:
        raise subprocess.CalledProcessError(code, "a run")
    found: Mapping[str, Any] = {**lines[-1], "started": lines[0]["at"]}  # as `one_run` and `Saying` printed it
    return found


def told_by(
    url: str, state_file: Path, records: int, change: int, killed_at: int | None = None
) -> tuple[list[dict[str, Any]], int]:
    """What a run in a process of its own prints, each line with the seconds since its start, and how it ended."""
    line = command("--run", url, str(state_file), "--records", str(records), "--change", str(change))
    line += [] if killed_at is None else ["--killed-at", str(killed_at)]
    begun = time.perf_counter()
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [{**json.loads(said), "at": time.perf_counter() - begun} for said in process.stdout]
    return lines, process.returncode


def killed_run(url: str, state_file: Path, records: int, share: float, *, change: int = 0) -> Mapping[str, int]:
    """A run that is killed when this share of the records is settled: how many it had read, and how many were settled.

    Raises `RuntimeError` where it ended before: nothing would be left to resume.
    """
    lines, code = told_by(url, state_file, records, change, int(records * share))
    if code != -signal.SIGKILL or lines[-1]["settled"] >= records:
        told = f"it ended with {code}, and said last: {lines[-1] if lines else 'nothing'}"
        raise RuntimeError(f"the run that was to be killed was not: {told}; take more --records")
    return {name: lines[-1][name] for name in ("read", "settled")}


def resumed_run(
    url: str, state_file: Path, records: int, killed: Mapping[str, int], *, change: int = 0
) -> Mapping[str, Any]:
    """The run after a kill, with the most that it may read: what the killed one had not read, or had under way."""
    rest, under_way = records - killed["read"], killed["read"] - killed["settled"]
    return {**run_of(url, state_file, records, change=change), **killed, "rest": rest, "under_way": under_way}


@contextmanager
def served() -> Iterator[str]:
    """A simulator in a process of its own."""
    with subprocess.Popen(command("--serve"), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def measured(records: int) -> dict[str, Mapping[str, Any]]:
    """All runs, over one state."""
    with served() as url, tempfile.TemporaryDirectory() as folder:
        state_file = Path(folder) / "state.db"
        found = {"resumed": resumed_run(url, state_file, records, killed_run(url, state_file, records, 0.5))}
        found["unchanged"] = run_of(url, state_file, records)
        found["changed"] = run_of(url, state_file, records, change=1)
        killed = killed_run(url, state_file, records, 0.9, change=2)
        found["resumed late"] = resumed_run(url, state_file, records, killed, change=2)
        size = sum(one.stat().st_size for one in Path(folder).iterdir())
        found["state"] = {"bytes": size / records}
    with served() as url, tempfile.TemporaryDirectory() as folder:
        found["first"] = run_of(url, Path(folder) / "state.db", records)
    return found


def show(title: str, figure: float, goal: float, unit: str, *, at_least: bool = False) -> bool:
    met = figure >= goal if at_least else figure <= goal
    sign, verdict = (">=" if at_least else "<="), ("met" if met else "NOT MET")
    print(f"{title:52} {figure:>12,.2f} {unit:12} {sign} {goal:,.2f}  {verdict}", flush=True)
    return met


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where one is beside its goal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--run", nargs=2, metavar=("URL", "STATE"), help=argparse.SUPPRESS)
    parser.add_argument("--change", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--killed-at", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        with furnished().serve() as server:
            print(server.url, flush=True)
            server.wait()
        return 0
    if options.run:
        url, state_file = options.run
        one_run(url, state_file, options.records, change=options.change, killed_at=options.killed_at)
        return 0
    count = options.records
    large, small = measured(count), measured(count // 10)
    print(f"{count:,} records, beside {count // 10:,}; one first run was killed at half")
    for name in ("first", "unchanged", "changed"):
        one = large[name]
        print(
            f"  {name}: {one['counts']}, {one['calls']:,} calls, {one['rate']:,.0f} a second ({one['cpu_rate']:,.0f} of CPU)"
        )
    for name, what in (("resumed", "of a first run"), ("resumed late", "of a run with 1 % changed")):
        one = large[name]
        print(
            f"  after a kill {what}: {one['settled']:,} settled before, {one['under_way']:,} under way, {one['rest']:,} not "
            f"read; the next run read {one['counts']['read']:,}"
        )
    met = [
        show(f"peak memory, {name} run", large[name]["memory"] / small[name]["memory"], 1.1, "x")
        for name in ("first", "unchanged", "changed")
    ]
    met += [
        show("unchanged records", large["unchanged"]["rate"], 20_000, "a second", at_least=True),
        show("state", large["state"]["bytes"], 1200, "bytes/item"),
        show("from the start after a kill to work", large["resumed"]["first"], 5, "seconds"),
        show("from the process to work, over the full state", large["resumed late"]["started"], 5, "seconds"),
        *(
            show(
                f"read after a kill, {what}",
                one[name]["counts"]["read"],
                one[name]["rest"] + one[name]["under_way"],
                "records",
            )
            for one, size in ((large, count), (small, count // 10))
            for name, what in (("resumed", f"first run of {size:,}"), ("resumed late", f"1 % of {size:,} changed"))
        ),
        show("calls of the first run", large["first"]["calls"], _calls(count), "calls"),
        show("calls when nothing changed", large["unchanged"]["calls"], 0, "calls"),
        show("calls when 1 % changed", large["changed"]["calls"], _calls(count // EVERY), "calls"),
    ]
    return 0 if all(met) else 1


def _calls(changed: int) -> float:
    return math.ceil(changed / 100) * 1.05


if __name__ == "__main__":
    sys.exit(main())
