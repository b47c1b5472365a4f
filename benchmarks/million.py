"""A million records: first run with a kill in the middle, nothing changed, one in a hundred changed; against a served simulator.

    python benchmarks/million.py [--records 1000000]

Each run is a process of its own, as is the simulator, which keeps its products in memory. The same is done with a tenth
of the records, to compare the memory. Part of `make soak`.
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
from akeneo_erp_bridge.sync import ErpToPim, PageTook, Run, RunObserver, SqliteState, SyncReport

AUTH = PasswordAuth(client_id="client", secret="secret", username="erp", password="password")
EVERY = 100  # one in so many changes in the last run


@frozen
class Records:
    """An ERP whose rows are made while they are read; it goes on behind any row."""

    count: int
    changed: bool

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
        return {**one, "name": f"Renamed drill {number}"} if self.changed and number % EVERY == 0 else one


class Counting(httpx.HTTPTransport):
    """Counts the requests about products; the structure is read once a run, however many records there are."""

    calls = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += "/products" in request.url.path
        return super().handle_request(request)


class Saying(RunObserver):
    """Prints how far a run is, and knows when its first page was settled."""

    def __init__(self) -> None:
        self.first = 0.0
        self._begun = self._told = time.perf_counter()

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        self.first = self.first or time.perf_counter() - self._begun
        if time.perf_counter() - self._told > 0.1:
            self._told = time.perf_counter()
            print(json.dumps({"read": so_far.read}), flush=True)


def one_run(url: str, state_file: str, records: int, *, changed: bool) -> None:
    """One run, and what it took; a line for each tenth of a second of progress, then the figures."""
    saying = Saying()
    transport = Counting()
    with AkeneoClient(url, AUTH, options=UNLIMITED, transport=transport) as pim, SqliteState(state_file) as state:
        job = ErpToPim(Records(records, changed), MAPPING, pim, state, observers=[saying])
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


def run_of(url: str, state_file: Path, records: int, *, changed: bool = False) -> Mapping[str, Any]:
    """The figures of one run in a process of its own."""
    line = command("--run", url, str(state_file), "--records", str(records), *(["--changed"] if changed else []))
    out = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True).stdout
    found: Mapping[str, Any] = json.loads(out.splitlines()[-1])  # as `one_run` printed it
    return found


def killed_run(url: str, state_file: Path, records: int) -> None:
    """A first run that is killed when it has read half of the records.

    Raises `RuntimeError` where it had ended, or read everything, before it was killed: nothing would be left to resume.
    """
    line = command("--run", url, str(state_file), "--records", str(records))
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        read = 0
        for said in process.stdout:
            read = json.loads(said).get("read", records)  # its last line, the figures, has none
            if read >= records // 2:
                os.kill(process.pid, signal.SIGKILL)
                break
    if process.returncode != -signal.SIGKILL or read >= records:
        told = f"it had read {read:,} of {records:,}, and ended with {process.returncode}"
        raise RuntimeError(f"the run that was to be killed in the middle was not: {told}; take more --records")


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
        killed_run(url, state_file, records)
        found = {"resumed": run_of(url, state_file, records)}
        found["unchanged"] = run_of(url, state_file, records)
        found["changed"] = run_of(url, state_file, records, changed=True)
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
    parser.add_argument("--changed", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        with furnished().serve() as server:
            print(server.url, flush=True)
            server.wait()
        return 0
    if options.run:
        url, state_file = options.run
        one_run(url, state_file, options.records, changed=options.changed)
        return 0
    count = options.records
    large, small = measured(count), measured(count // 10)
    print(f"{count:,} records, beside {count // 10:,}; the first run was killed at half")
    for name in ("first", "unchanged", "changed"):
        one = large[name]
        print(
            f"  {name}: {one['counts']}, {one['calls']:,} calls, {one['rate']:,.0f} a second ({one['cpu_rate']:,.0f} of CPU)"
        )
    met = [
        show(f"peak memory, {name} run", large[name]["memory"] / small[name]["memory"], 1.1, "x")
        for name in ("first", "unchanged", "changed")
    ]
    met += [
        show("unchanged records", large["unchanged"]["rate"], 20_000, "a second", at_least=True),
        show("state", large["state"]["bytes"], 1200, "bytes/item"),
        show("from the start after a kill to work", large["resumed"]["first"], 5, "seconds"),
        show("calls of the first run", large["first"]["calls"], _calls(count), "calls"),
        show("calls when nothing changed", large["unchanged"]["calls"], 0, "calls"),
        show("calls when 1 % changed", large["changed"]["calls"], _calls(count // EVERY), "calls"),
    ]
    return 0 if all(met) else 1


def _calls(changed: int) -> float:
    return math.ceil(changed / 100) * 1.05


if __name__ == "__main__":
    sys.exit(main())
