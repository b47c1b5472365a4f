"""The schedules that a person chose, looked at every few seconds; the library says what is due."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Thread
from typing import Final

from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.sync import LastRuns, NextRun, Periodicity, ScheduleFile, run_if_due
from erp_app.config import Config
from erp_app.connection import Connection
from erp_app.jobs import Jobs
from erp_app.settings import ChoicesFile
from erp_app.wanted import Direction

_log: Final = logging.getLogger("erp_app")
_FILES: Final[Mapping[Direction, str]] = {"import": "schedule.json", "send": "schedule-send.json"}


class Rota:
    """Runs what is due, in a thread of its own. Each direction has a schedule and a memory."""

    def __init__(
        self, config: Config, connection: Connection, choices: ChoicesFile, jobs: Jobs, *, look: timedelta
    ) -> None:
        self._zone = config.zone
        self._connection = connection
        self._choices = choices
        self._jobs = jobs
        self._look = look
        self._memories = {one: ScheduleFile(config.folder / name) for one, name in _FILES.items()}
        self._ended = Event()
        self._thread = Thread(target=self._watch, name="schedule")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more; a run that was begun has to be stopped by `Jobs.close`."""
        self._ended.set()
        self._thread.join()

    def begin_anew(self, direction: Direction) -> None:
        """A schedule was chosen: its first run comes at its next time, not at once."""
        now = datetime.now(UTC)
        self._memories[direction].write(LastRuns().done("full", at=now).done("delta", at=now))

    def next(self, direction: Direction) -> NextRun | None:
        """What begins next by itself, and when; `None`: nothing."""
        when = self._when(direction)
        return None if when is None else when.next(self._memories[direction].read(), datetime.now(UTC))

    def _when(self, direction: Direction) -> Periodicity | None:
        if not self._connection.is_there:
            return None
        return self._choices.load().timing(direction).periodicity(self._zone)

    def _watch(self) -> None:
        while not self._ended.wait(self._look.total_seconds()):
            for direction, memory in self._memories.items():
                try:
                    when = self._when(direction)
                    if when is not None:
                        run_if_due(when, partial(self._jobs.run_due, direction=direction), memory=memory)
                except BridgeError as error:
                    _log.error("the schedule cannot be looked at: %s", error)
