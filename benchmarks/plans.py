"""The memory of a plan, which holds every change. A row of `make bench`."""

from __future__ import annotations

import gc
from pathlib import Path

from bridge import MAPPING, Rows
from million import AUTH, served
from rows import UNLIMITED, Figures

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.sync import ErpToPim, SqliteState


def memory(size: int) -> Figures:
    """What a plan of so many new items of twelve cells holds, in MiB for each ten thousand of them."""
    with served() as url, AkeneoClient(url, AUTH, options=UNLIMITED) as pim, SqliteState(":memory:") as state:
        assert len(ErpToPim(Rows(100), MAPPING, pim, state).plan().creates) == 100  # now all is imported, and read
        gc.collect()
        before = resident()
        plan = ErpToPim(Rows(size), MAPPING, pim, state).plan()
        gc.collect()
        held = resident() - before
    assert len(plan.creates) == size
    return Figures(held / size * 10_000, None, "MiB", None)


def resident() -> float:
    """The memory that this process has now, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = (one for one in status.splitlines() if one.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
