"""A receiver as one runs it: uvicorn in processes of its own, over real connections."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from sync.pim_first.signed_events import SECRET, Request, event

APP = f"""
from akeneo_erp_bridge.sync.pim_first import QueueReceiver, SqliteQueue

receiver = QueueReceiver(SqliteQueue("queue.db"), secrets=[{SECRET!r}])
"""


class Served:
    """Its processes, its address and what it logs."""

    def __init__(self, folder: Path, workers: int) -> None:
        (folder / "app.py").write_text(APP)
        line = [sys.executable, "-m", "uvicorn", "app:receiver", "--app-dir", str(folder), "--port", "0"]
        # a connection that comes in the moment uvicorn stops listening is not told so: a busy sender keeps it for ever
        line += ["--no-access-log", "--timeout-graceful-shutdown", "5"]
        line += ["--workers", str(workers)] if workers > 1 else []
        self._process = subprocess.Popen(line, cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self._workers = workers
        self._is_up = threading.Event()
        self.log: list[str] = []
        self.url = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait(self) -> None:
        """Until all its processes answer."""
        assert self._is_up.wait(60), "".join(self.log)
        assert self.url, "".join(self.log)

    def _read(self) -> None:
        assert self._process.stderr is not None
        started = 0
        for line in self._process.stderr:
            self.log.append(line)
            if found := re.search(r"running on (http://[\d.]+:\d+)", line):
                self.url = found[1]
            started += "startup complete" in line
            if self.url and started == self._workers:
                self._is_up.set()
        self._is_up.set()  # it has ended

    def kill(self) -> None:
        """All its processes, at once, in whatever they do."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """As an operator does; the exit code."""
        self._process.terminate()
        return self._process.wait(60)

    def close(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()


@contextmanager
def uvicorn_process(folder: Path, workers: int = 1) -> Iterator[Served]:
    served = Served(folder, workers)
    try:
        served.wait()
        yield served
    finally:
        served.close()


class Load:
    """Senders that tell one event after the other, each over a connection that is kept, until the server is gone."""

    def __init__(self, url: str, name: str, senders: int = 8) -> None:
        self.safe: set[str] = set()
        self.told: set[str] = set()
        self.statuses: set[int] = set()
        self._url, self._name = url, name
        self._changed = threading.Condition()
        self._stopped = False
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(senders)]
        for one in self._threads:
            one.start()

    def _send(self, sender: int) -> None:
        with httpx.Client(timeout=60) as client, suppress(httpx.TransportError):
            number = 0
            while not self._stopped:
                key = f"{self._name}-{sender}-{number}"
                self.told.add(key)
                status = post(client, self._url, event(key, id=key))
                with self._changed:
                    self.statuses.add(status)
                    if status == 200:
                        self.safe.add(key)
                    self._changed.notify_all()
                number += 1

    def wait_for(self, count: int) -> None:
        """Until so many were answered 200."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.safe) >= count, timeout=120)

    def stop(self) -> None:
        self._stopped = True
        self.join()

    def join(self) -> None:
        for one in self._threads:
            one.join()


def post(client: httpx.Client, url: str, request: Request) -> int:
    content, headers = request
    return client.post(url, content=content, headers=headers).status_code
