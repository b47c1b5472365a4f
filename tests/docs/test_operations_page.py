"""The page of operations shows each of them, and its examples call each of them."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

from akeneo_erp_bridge.akeneo import operations
from akeneo_erp_bridge.testing.pim._transport import SimulatorTransport

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "operations.md"


def test_each_operation_is_in_one_table() -> None:
    shown = [
        name
        for names in re.findall(r"^```\{operations\} (.+)$", PAGE.read_text(), re.MULTILINE)
        for name in names.split()
    ]
    resources = {one.method.rpartition(".")[0] or one.method for one in operations()}
    assert sorted(shown) == sorted(resources)


def test_the_examples_call_each_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[tuple[str, str]] = set()
    handle = SimulatorTransport.handle_request

    def listen(self: SimulatorTransport, request: httpx.Request) -> httpx.Response:
        answer = handle(self, request)
        if answer.status_code < 300:
            asked.add((request.method, request.url.raw_path.decode().partition("?")[0]))
        return answer

    monkeypatch.setattr(SimulatorTransport, "handle_request", listen)
    monkeypatch.chdir(tmp_path)
    document = Sybil(parsers=[PythonCodeBlockParser()]).parse(PAGE)
    for example in document.examples():
        example.evaluate()
    document.namespace["pim"].close()
    silent = [
        one.method for one in operations() if not any(verb == one.verb and one.is_at(path) for verb, path in asked)
    ]
    assert silent == []
