"""The row that measures a run whole: `ErpToPim.run` against a slow PIM, beside four connections that never wait."""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
from bridge import MAPPING, Rows, carried, furnished, prepared_lines
from instant_pim import serving
from rows import AUTH, UNLIMITED, Figures, compared

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.sync import ErpToPim, SqliteState


class Recording(httpx.BaseTransport):
    """Keeps what a PIM answers about its structure, by target."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.answers: dict[str, str] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        if request.method == "GET" and "/products" not in request.url.path:
            self.answers[request.url.raw_path.decode()] = answer.read().decode()
        return answer


def record(file: Path) -> None:
    """What a run asks such a PIM about its structure, for `serving`."""
    simulator = furnished()
    transport = Recording(simulator.transport())
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=transport) as pim, SqliteState(":memory:") as state:
        assert ErpToPim(Rows(1), MAPPING, pim, state).run().created == 1
    file.write_text(json.dumps({"url": simulator.url, "answers": transport.answers}), encoding="utf-8")


def whole_run(size: int) -> Figures:
    """`ErpToPim.run` whole, from its preflight to the end of its history, against a PIM that takes 250 ms a request.

    Beside it, in the same process and at the same PIM, what four connections carry that post prepared lines and never wait.
    The time counts what `slow_pim` leaves out: preflight, what is known and read of everything, late links, held cells.
    """
    delay, at_once, lot = 0.25, 4, 100
    bodies = [prepared_lines(start, lot) for start in range(0, size, lot)]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        record(Path(folder) / "answers.json")
        state = opened.enter_context(SqliteState(Path(folder) / "state.db"))
        url = opened.enter_context(serving(0, delay, Path(folder) / "answers.json"))
        pim = opened.enter_context(AkeneoClient(url, AUTH, options=UNLIMITED))
        http = opened.enter_context(httpx.Client(base_url=url))
        begun = time.perf_counter()
        report = ErpToPim(Rows(size), MAPPING, pim, state).run(reads="all")
        took = time.perf_counter() - begun
        assert report.accounts_for_everything(), report
        assert report.created == size, report
        floor = carried(http, bodies, at_once, size)
    return compared(size / took, floor, "products/s")
