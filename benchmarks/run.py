"""`make bench`: what the bridge costs, beside what a hand-written loop costs on the same machine in the same run.

    python benchmarks/run.py [--quick] [--only read,upsert]

Each row runs in a process of its own. Rates are the best of three tries. Nothing here is a test. It ends with 1 where a figure
misses its goal, and names the row; with --quick the sizes are too small for that, and it ends with 0 where all ran.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

HERE = Path(__file__).parent


@frozen
class Row:
    """One line of the table. `goal` is for the ratio where there is a floor, else for the figure."""

    name: str
    title: str
    function: str
    size: int
    quick: int
    goal: float | None
    at_least: bool = True
    orjson: bool = False
    cpu: float | None = None
    """The most of the floor's CPU time that ours may take."""


ROWS = (
    Row("read", "typed read, 5 of 40 values", "rows.read", 20_000, 5_000, 0.95),
    Row("read-speed", "the same, with extra `speed`", "rows.read", 20_000, 5_000, 1.4, orjson=True, cpu=0.7),
    Row("read-ahead", "50 ms a page, 40 ms of work on it", "rows.read_ahead", 5_000, 1_000, 1.6),
    Row("upsert", "upsert of 12 values", "rows.upsert", 20_000, 5_000, 1.0),
    Row("upsert-speed", "the same, with extra `speed`", "rows.upsert", 20_000, 5_000, 1.0, orjson=True, cpu=0.7),
    Row("upsert-hand", "the same, values made on the way", "rows.upsert_by_hand", 20_000, 5_000, 1.0),
    # a floor that writes no JSON: how much of our time is the writing
    Row("upsert-prepared", "upsert / lines written before", "rows.upsert_prepared", 20_000, 5_000, None),
    Row("upsert-slow", "upsert, 200 ms / one at a time", "rows.upsert_slow", 4_000, 2_000, 3.8),
    Row("unchanged", "unchanged records / reading alone", "bridge.unchanged", 50_000, 5_000, 20_000),
    Row("changed", "changed records, 12 cells, to the line", "bridge.changed", 20_000, 2_000, 8_000),
    Row("slow-pim", "first run, 250 ms / 4 connections full", "bridge.slow_pim", 100_000, 4_000, 0.95),
    Row("slow-pim-run", "ErpToPim.run, 250 ms / the same", "whole.whole_run", 100_000, 4_000, 0.95),
    Row("grouping", "flat rows to models and variants", "grouping.rows", 100_000, 5_000, None),
    Row(
        "preflight",
        "preflight, 1,000 cells of 5,000",
        "bridge.preflight",
        1_000,
        200,
        1_000,
        at_least=False,
    ),
    Row("state", "state, a product of 12 cells / its JSON", "state.size", 100_000, 2_000, 1_200, at_least=False),
    Row("state-long", "the same, with texts of 1.2 kB", "state.size_of_long", 20_000, 2_000, None),
    Row("plan", "a plan, for each 10,000 new items", "plans.memory", 100_000, 2_000, None),
    Row("relay", "hot relay, p99 to the shop's call", "bridge.relay", 10_000, 2_000, 250, at_least=False),
    Row("follow", "the same, from the commit in the ERP", "relay.follow", 10_000, 2_000, 250, at_least=False),
    Row("receiver", "500 events/s queued, p99 of the answer", "receiver.answered", 10_000, 1_000, 50, at_least=False),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a figure missed its goal, unless the sizes are small."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/run.py",
        epilog="Ends with 1 where a figure misses its goal, and names the row. A busy machine does that: try that row again.",
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: does it run, not how fast; no goal decides how it ends"
    )
    parser.add_argument("--only", default="", help="names of rows, with commas")
    parser.add_argument("--row", nargs=2, metavar=("FUNCTION", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.row:
        print(json.dumps(measure(*options.row)))
        return 0
    wanted = {name for name in options.only.split(",") if name}
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    print(f"{'':40} {'ours':>14} {'floor':>14} {'ratio':>7}   goal")
    missed: list[str] = []
    for row in ROWS:
        if not wanted or row.name in wanted:
            size = row.quick if options.quick else row.size
            missed += [] if show(row, figures(row.function, size, orjson=row.orjson)) else [row.name]
    if not wanted or "memory" in wanted:
        flat = [
            show_memory("bridge.memory", "records", 20_000 if options.quick else 100_000),
            show_memory("grouping.memory", "rows grouped", 5_000 if options.quick else 100_000),
            show_memory("rows.read_memory", "products read", 2_000 if options.quick else 20_000),
        ]
        missed += [] if all(flat) else ["memory"]
    if not wanted or "import" in wanted:
        missed += [] if show_import() else ["import"]
    if not missed or options.quick:
        return 0
    names = ",".join(missed)
    print(f"{len(missed)} beside the goal: {names}; a busy machine does that, so try again: --only {names}")
    return 1


def measure(function: str, size: str) -> Mapping[str, object]:
    """Run one row here."""
    module, _, name = function.partition(".")
    return asdict(getattr(__import__(module), name)(int(size)))


def figures(function: str, size: int, *, orjson: bool = False) -> Mapping[str, Any]:
    """Run one row in a process of its own; without the extra `speed` unless it is the subject."""
    hidden = "" if orjson else "import sys; sys.modules['orjson'] = None; "
    code = f"{hidden}import run; run.main(['--row', '{function}', '{size}'])"
    answer = subprocess.run([sys.executable, "-c", code], cwd=HERE, stdout=subprocess.PIPE, text=True, check=True)
    found: Mapping[str, Any] = json.loads(answer.stdout)  # as `measure` printed it
    return found


def show(row: Row, found: Mapping[str, Any]) -> bool:
    """One line; whether it met its goal, if it has one."""
    ratio = found["ratio"]
    if row.goal is None:
        line(row.title, found["ours"], found["floor"], ratio, found["unit"], "no goal")
        return True
    by_ratio = ratio is not None and row.goal < 100
    value = ratio if by_ratio else found["ours"]
    met: bool = value >= row.goal if row.at_least else value <= row.goal
    sign = ">=" if row.at_least else "<="
    goal = f"{sign} {row.goal:g} x" if by_ratio else f"{sign} {row.goal:,g} {found['unit']}"
    line(row.title, found["ours"], found["floor"], ratio, found["unit"], goal, met=met)
    if row.cpu is None:
        return met
    is_frugal: bool = found["cpu"] <= row.cpu
    verdict = "met" if is_frugal else "ABOVE GOAL"
    print(f"{'  its CPU time':40} {'':>14} {'':>14} {found['cpu']:>5.2f} x   <= {row.cpu:g} x {verdict}", flush=True)
    return met and is_frugal


def show_memory(function: str, what: str, small: int) -> bool:
    """Ten times as many, and how much more memory; whether that is flat."""
    ours = figures(function, small * 10)["ours"]
    floor = figures(function, small)["ours"]
    title = f"peak memory, {small * 10:,} / {small:,} {what}"
    met: bool = ours / floor <= 1.1
    line(title, ours, floor, ours / floor, "MiB", "<= 1.1 x", met=met)
    return met


def show_import() -> bool:
    """What `import akeneo_erp_bridge` costs, and what the names of a first connector cost; whether the first meets its goal."""
    httpx = started("import httpx")
    names = "from akeneo_erp_bridge import AkeneoClient, ErpToPim, HotRelay, ProductMapping, SqliteState"
    ours = started("import akeneo_erp_bridge")
    met = ours / httpx <= 1.5
    line("import akeneo_erp_bridge / httpx", ours, httpx, ours / httpx, "ms", "<= 1.5 x", met=met)
    ours = started(names)  # httpx is among what they need
    line("its names for a connector / httpx", ours, httpx, ours / httpx, "ms", "no goal")
    return met


def started(code: str) -> float:
    """Milliseconds from an empty interpreter, less what an empty interpreter takes: the median of nine."""

    def once(text: str) -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", text], check=True)
        return (time.perf_counter() - begun) * 1000

    return statistics.median(once(code) - once("pass") for _ in range(9))


def line(
    title: str, ours: float, floor: float | None, ratio: float | None, unit: str, goal: str, *, met: bool | None = None
) -> None:
    """Aligned, with the verdict in words."""
    left = f"{ours:,.0f} {unit}" if ours >= 100 else f"{ours:.1f} {unit}"
    right = "" if floor is None else f"{floor:,.0f}"
    verdict = "" if met is None else "met" if met else "BELOW GOAL" if ">=" in goal else "ABOVE GOAL"
    times = "" if ratio is None else f"{ratio:.2f} x"
    print(f"{title:40} {left:>14} {right:>14} {times:>7}   {goal} {verdict}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
