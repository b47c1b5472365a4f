"""What stands in front of the PIM lets nobody in for an hour: nothing is parked, and the next run does the work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.errors import BridgeError, Forbidden, PimBroken
from akeneo_erp_bridge.sync import ErpToPim, SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from world import ListErp, fill, make_mapping, row

Refusal = Callable[[httpx.Request], httpx.Response]


class Gate(httpx.BaseTransport):
    """Answers writes itself while it is shut."""

    def __init__(self, pim: httpx.BaseTransport, refusal: Refusal) -> None:
        self.pim = pim
        self.refusal = refusal
        self.is_shut = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_shut and request.method == "PATCH":
            return self.refusal(request)
        return self.pim.handle_request(request)


def blocked(request: httpx.Request) -> httpx.Response:
    return httpx.Response(403, html="<h1>Blocked</h1>", request=request)


def failing_lines(request: httpx.Request) -> httpx.Response:
    count = request.content.count(b"\n") + 1
    lines = [{"line": place, "status_code": 503, "message": "busy"} for place in range(1, count + 1)]
    return httpx.Response(200, content="\n".join(json.dumps(line) for line in lines), request=request)


@pytest.mark.parametrize(("refusal", "error"), [(blocked, Forbidden), (failing_lines, PimBroken)])
@pytest.mark.parametrize("rows", [1, 10, 130])
def test_nothing_is_parked_while_the_door_is_shut(
    tmp_path: Path, refusal: Refusal, error: type[BridgeError], rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    simulator = fill(PimSimulator())
    gate = Gate(simulator.transport(), refusal)
    erp = ListErp([row(number) for number in range(1, rows + 1)])
    with (
        AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=gate) as pim,
        SqliteState(tmp_path / "state.db") as state,
    ):
        run = ErpToPim(erp, make_mapping(), pim, state)
        with pytest.raises(error):
            run.run()
        gate.is_shut = False
        report = run.run()
        assert (report.written, report.parked) == (rows, 0)
