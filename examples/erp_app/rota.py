"""The schedule that a person chose, looked at every few seconds; the library says what is due."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Final

from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.sync import LastRuns, NextRun, ScheduleFile, run_if_due
from erp_app.config import Config
from erp_app.connection import Connection
from erp_app.jobs import Jobs
from erp_app.settings import ChoicesFile

_log: Final = logging.getLogger("erp_app")


class Rota:
    """Runs what is due, in a thread of its own."""

    def __init__(
        self, config: Config, connection: Connection, choices: ChoicesFile, jobs: Jobs, *, look: timedelta
    ) -> None:
        self._zone = config.zone
        self._connection = connection
        self._choices = choices
        self._jobs = jobs
        self._look = look
        self._memory = ScheduleFile(_file(config.folder))
        self._ended = Event()
        self._thread = Thread(target=self._watch, name="schedule")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more; a run that was begun has to be stopped by `Jobs.close`."""
        self._ended.set()
        self._thread.join()

    def begin_anew(self) -> None:
        """A schedule was chosen: its first run comes at its next time, not at once."""
        now = datetime.now(UTC)
        self._memory.write(LastRuns().done("full", at=now).done("delta", at=now))

    def next(self) -> NextRun | None:
        """What begins next by itself, and when; `None`: nothing."""
        when = self._choices.load().periodicity(self._zone)
        if when is None or not self._connection.is_there:
            return None
        return when.next(self._memory.read(), datetime.now(UTC))

    def _watch(self) -> None:
        while not self._ended.wait(self._look.total_seconds()):
            try:
                when = self._choices.load().periodicity(self._zone)
                if when is not None and self._connection.is_there:
                    run_if_due(when, self._jobs.run_due, memory=self._memory)
            except BridgeError as error:
                _log.error("the schedule cannot be looked at: %s", error)


def _file(folder: Path) -> Path:
    return folder / "schedule.json"
