"""Events of the PIM at an even rate: how soon each is answered, and whether all that was answered is in the queue.

    python benchmarks/receiver.py [--seconds 20] [--rate 500]

A uvicorn process is kept on one core. This process sends on the others, over connections that are kept open, and waits for
nobody: each event is due at its moment, and its time is counted from then, also where it was sent later. In the end the
server is killed in the middle of more events. `answered` is a row of `make bench`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen
from rows import Figures

from akeneo_erp_bridge.sync.pim_first import QueueReceiver, SqliteQueue

SECRET = "a secret of the subscription"
RATE = 500
CONNECTIONS = 50
MORE = 500
"""Events that are sent at once, and in the middle of which the server is killed."""


@frozen
class Measured:
    """Waits in seconds, in order, of the events before the kill; and what became of all of them."""

    waits: Sequence[float]
    sent: int
    answered: int
    queued: int
    lost: int
    cpu: float
    """Seconds of its core that the server took, start included."""
    seconds: float

    def wait(self, share: float) -> float:
        """Of this share of the events, in milliseconds."""
        return self.waits[min(int(len(self.waits) * share), len(self.waits) - 1)] * 1000


def request_of(number: int) -> bytes:
    """One event, as it goes over the line."""
    told = {
        "specversion": "1.0",
        "id": f"018f32f9-dfe4-760e-a273-{number:012}",
        "source": "pim",
        "type": "com.akeneo.pim.v1.product.updated",
        "subject": "019256aa-7f77-7f58-bc8c-770f7e369c5b",
        "datacontenttype": "application/json",
        "time": datetime.now(UTC).isoformat(),
        "data": {"product": {"uuid": key_of(number)}, "author": {"identifier": "julia", "type": "user"}},
    }
    body = json.dumps(told).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        "POST /events HTTP/1.1\r\nHost: bridge.example.com\r\nContent-Type: application/json\r\n"
        f"X-AKENEO-SIGNATURE-PRIMARY: {signature}\r\nX-AKENEO-SIGNATURE-ALGORITHM: HmacSHA256\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def key_of(number: int) -> str:
    return f"6a9f8486-2c36-4680-b87f-{number:012}"


class Load:
    """Sends each event at its moment over the first connection that is free."""

    def __init__(self, port: int, size: int, rate: int, server: int) -> None:
        self._port, self._size, self._rate, self._server = port, size, rate, server
        self._requests = [request_of(number) for number in range(size + MORE)]
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self._is_killed = False
        self.waits: dict[int, float] = {}
        self.statuses: dict[int, int] = {}

    async def run(self) -> None:
        """All events, and the kill."""
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await asyncio.open_connection("127.0.0.1", self._port))
        begun = time.perf_counter() + 0.1
        async with asyncio.TaskGroup() as tasks:
            for number in range(self._size + MORE):
                due = begun + min(number, self._size) / self._rate  # the last ones all at once
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                tasks.create_task(self._send(number, due))
            while len(self.statuses) < self._size + MORE // 10:  # noqa: ASYNC110 - in the middle of them
                await asyncio.sleep(0)
            os.kill(self._server, signal.SIGKILL)
            self._is_killed = True

    async def _send(self, number: int, due: float) -> None:
        reader, writer = await self._free.get()
        if self._is_killed:
            self._free.put_nowait((reader, writer))  # for the next one that need not be sent
            return
        with suppress(OSError, asyncio.IncompleteReadError):  # the server was killed: nothing was answered
            writer.write(self._requests[number])
            head = await reader.readuntil(b"\r\n\r\n")
            self.statuses[number] = int(head.split(b" ", 2)[1])
            self.waits[number] = time.perf_counter() - due
        self._free.put_nowait((reader, writer))


def serve(folder: Path, core: int) -> None:
    """A receiver on one core; its port is printed."""
    import uvicorn  # of the server alone

    os.sched_setaffinity(0, {core})
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listener.getsockname()[1], flush=True)
    receiver = QueueReceiver(SqliteQueue(folder / "queue.db"), secrets=[SECRET])
    config = uvicorn.Config(receiver, access_log=False, log_level="warning")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


def measured(size: int, rate: int) -> Measured:
    """So many events, and a kill."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        line = [sys.executable, __file__, "--serve", name, str(cores[-1])]
        with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            os.sched_setaffinity(0, set(cores[:-1]) or set(cores))
            load = Load(port, size, rate, server.pid)
            begun = time.perf_counter()
            asyncio.run(load.run())
            seconds = time.perf_counter() - begun
        os.sched_setaffinity(0, set(cores))
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        with SqliteQueue(folder / "queue.db") as queue:
            queued = {one.key for one in queue.take(2 * (size + MORE))}
    safe = {key_of(number) for number, status in load.statuses.items() if status == 200}
    return Measured(
        waits=sorted(load.waits.get(number, float("inf")) for number in range(size)),
        sent=size + MORE,
        answered=len(safe),
        queued=len(queued),
        lost=len(safe - queued),
        cpu=spent.ru_utime + spent.ru_stime,
        seconds=seconds,
    )


def answered(size: int) -> Figures:
    """The slowest hundredth of the answers at 500 events a second, in milliseconds."""
    found = measured(size, RATE)
    assert found.lost == 0, found
    return Figures(found.wait(0.99), None, "ms", None)


def main() -> int:
    """One load, and all that is known of it."""
    parser = argparse.ArgumentParser(prog="benchmarks/receiver.py")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--serve", nargs=2, metavar=("FOLDER", "CORE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(Path(options.serve[0]), int(options.serve[1]))
        return 0
    size = options.seconds * options.rate
    found = measured(size, options.rate)
    in_time = sum(1 for one in found.waits if one != float("inf"))
    print(f"{size:,} events at {options.rate} a second, server on one core, {CONNECTIONS} connections")
    print(
        f"answered {in_time:,} of {size:,}: p50 {found.wait(0.5):.1f} ms, p99 {found.wait(0.99):.1f} ms, "
        f"slowest {found.waits[-1] * 1000:.1f} ms; CPU of the server {found.cpu / found.seconds:.0%} of its core"
    )
    print(
        f"killed in the middle of {MORE} more: {found.answered:,} of {found.sent:,} answered 200, "
        f"{found.queued:,} in the queue, {found.lost} lost"
    )
    met = found.wait(0.99) <= 50 and found.lost == 0 and in_time == size
    print(f"goal: p99 <= 50 ms, none lost: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
