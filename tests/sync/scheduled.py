"""A program in the foreground, whose job waits in the middle for a file. Run by test_schedule_processes.py."""

from __future__ import annotations

import logging
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.errors import ErpUnreachable
from akeneo_erp_bridge.sync import (
    Account,
    Due,
    ErpToPim,
    Every,
    Periodicity,
    ScheduleFile,
    SqliteState,
    Stop,
    SyncOptions,
    run_forever,
)
from akeneo_erp_bridge.testing import PimSimulator
from world import ListErp, make_mapping, row

_log = logging.getLogger("job")


def pause(folder: Path) -> None:
    """Tell that the middle is reached, and wait until the test has seen it."""
    _log.info("in the middle")
    while not (folder / "go").exists():
        time.sleep(0.02)


def whole(folder: Path, due: Due, stop: Stop) -> int:
    """Does not look at the wish to end."""
    pause(folder)
    (folder / "ended").touch()
    return 1


def paged(folder: Path, due: Due, stop: Stop) -> Account:
    """Three pages; the wish to end is looked at behind each."""
    pages: list[str] = []

    def hook(name: str) -> None:
        pages.extend([name] * (name == "erp.read"))
        if name == "erp.read" and len(pages) == 2:
            pause(folder)

    simulator = PimSimulator(folder / "pim.db")
    client = AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport())
    with client as pim, SqliteState(folder / "state.db") as state:
        erp, options = ListErp([row(number) for number in range(30)]), SyncOptions(page_size=10)
        job = ErpToPim(erp, make_mapping(), pim, state, options=options, stop=stop, hook=hook)
        return job.run()


def failing(folder: Path, due: Due, stop: Stop) -> int:
    """Fails twice, and pauses when it is tried the third time."""
    tries = folder / "tries"
    tries.write_text(f"{tries.read_text() if tries.exists() else ''}.")
    if tries.read_text() != "...":
        raise ErpUnreachable("no answer from the ERP")
    pause(folder)
    raise ErpUnreachable("no answer from the ERP")


if __name__ == "__main__":
    # a line is either whole or not there, whoever reads
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    place, job, stop = Path(sys.argv[1]), globals()[sys.argv[2]], Stop()
    when = Periodicity(full=Every(timedelta(days=7)), delta=Every(timedelta(days=7)), retry=timedelta(seconds=1))
    sys.exit(
        run_forever(when, lambda due: job(place, due, stop), memory=ScheduleFile(place / "schedule.json"), stop=stop)
    )
