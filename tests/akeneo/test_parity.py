"""The two clients: the same names, the same signatures, the same answers; and one of them blocks nothing."""

from __future__ import annotations

import asyncio
import inspect
import re
import time
from datetime import timedelta
from typing import Any

import pytest

from akeneo_erp_bridge import akeneo
from akeneo_erp_bridge.akeneo import AkeneoClient, AsyncAkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import CategoryPatch
from akeneo_erp_bridge.codes import CategoryCode
from akeneo_erp_bridge.errors import SignInRefused
from akeneo_erp_bridge.testing import Fault, PimSimulator

pytestmark = pytest.mark.anyio  # the plugin that httpx brings along runs the asynchronous ones


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


TWINS = sorted(name.removeprefix("Async") for name in akeneo.__all__ if name.startswith("Async"))
DUNDER = {"__aenter__": "__enter__", "__aexit__": "__exit__", "__aiter__": "__iter__"}


def members(kind: type[Any]) -> dict[str, Any]:
    """What a user of the class can reach, its inherited members included."""
    found = {name: one for name, one in inspect.getmembers(kind) if not name.startswith("_") or name in DUNDER.values()}
    found |= {DUNDER[name]: one for name, one in inspect.getmembers(kind) if name in DUNDER}
    return found


def signature(member: Any) -> list[tuple[str, str, str]]:
    """Names, kinds and defaults of the parameters."""
    function = member.fget if isinstance(member, property) else member
    parameters = inspect.signature(function).parameters.values()
    return [(one.name, one.kind.name, repr(one.default)) for one in parameters]


def plain(annotation: str) -> str:
    """A type as the other client has it."""
    text = re.sub(r"\bAsync(?=[A-Z])", "", annotation)
    text = re.sub(r"^(?:Awaitable|AsyncIterator|Iterator)\[(.*)\]$", r"\1", text)
    return text.replace("AnyIterable", "Iterable").replace("BaseTransport", "Transport")


@pytest.mark.parametrize("name", TWINS)
def test_twins_have_the_same_members_and_signatures(name: str) -> None:
    ours, theirs = members(getattr(akeneo, name)), members(getattr(akeneo, f"Async{name}"))
    assert ours.keys() == theirs.keys()
    for member, one in ours.items():
        other = theirs[member]
        if not callable(one) and not isinstance(one, property):
            continue
        assert signature(one) == signature(other), member
        function, twin = (two.fget if isinstance(two, property) else two for two in (one, other))
        if not member.startswith("__"):
            said, told = (plain(str(two.__annotations__.get("return", ""))) for two in (function, twin))
            assert said == told, member


def test_the_constructors_are_alike() -> None:
    assert signature(AkeneoClient) == signature(AsyncAkeneoClient)
    annotations = [one.__annotations__ for one in (AkeneoClient, AsyncAkeneoClient)]
    said, told = ({name: plain(str(kind)) for name, kind in one.items()} for one in annotations)
    assert said == told


def client(simulator: PimSimulator, **changes: str) -> AsyncAkeneoClient:
    auth = PasswordAuth(**{**simulator.auth_kwargs, **changes})
    return AsyncAkeneoClient(simulator.url, auth, transport=simulator.async_transport())


async def test_many_tasks_sign_in_once() -> None:
    simulator = PimSimulator(sample=True)
    async with client(simulator) as pim:
        await asyncio.gather(*(pim.families.get("hand_tools") for _ in range(50)))
        assert sum("oauth" in call.path for call in simulator.calls) == 1
        simulator.fail_next(Fault(path="families", expire_tokens=True))
        await asyncio.gather(*(pim.families.get("hand_tools") for _ in range(50)))
    assert sum("oauth" in call.path for call in simulator.calls) == 2


async def test_nothing_blocks_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that take their time, a pause between tries, an upload: another task goes on meanwhile."""
    simulator = PimSimulator(sample=True)
    slow = Fault(path="categories", latency=timedelta(milliseconds=30), times=99)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    async with client(simulator) as pim:
        await pim.features
        loop_thread_sleep = time.sleep

        def refuse(seconds: float) -> None:
            # the simulator sleeps in a thread of its own; nobody may in the loop's
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                loop_thread_sleep(seconds)
            else:
                raise AssertionError(f"time.sleep({seconds}) in the event loop")

        monkeypatch.setattr(time, "sleep", refuse)
        simulator.fail_next(Fault(path="categories", status=429, retry_after=0))
        simulator.fail_next(slow)
        ticking = asyncio.create_task(tick())
        patches = (CategoryPatch(code=CategoryCode(f"c{n}"), parent=CategoryCode("master")) for n in range(450))
        results = [one async for one in pim.categories.upsert_many(patches)]
        ticking.cancel()
    assert all(one.created for one in results)
    assert ticks >= 10
    assert simulator.peak_in_flight == 4


async def test_an_asynchronous_source_is_read_as_it_comes() -> None:
    simulator = PimSimulator(sample=True)

    async def source():  # type: ignore[no-untyped-def]  # an async generator of patches
        for number in range(250):
            await asyncio.sleep(0)
            yield CategoryPatch(code=CategoryCode(f"c{number}"), parent=CategoryCode("master"))
        raise RuntimeError("the source broke")

    async with client(simulator) as pim:
        keys: list[str | None] = []

        async def write() -> None:
            async for result in pim.categories.upsert_many(source()):
                keys.append(result.key)  # noqa: PERF401  # what was written before the error counts

        with pytest.raises(RuntimeError, match="the source broke"):
            await write()
        assert keys == [f"c{number}" for number in range(250)], "what came before is written"
        assert await pim.categories.list({"code": [{"operator": "IN", "value": ["c249"]}]}).first() is not None


async def test_leaving_an_upload_cancels_what_is_in_flight() -> None:
    simulator = PimSimulator(sample=True)
    async with client(simulator) as pim:
        patches = (CategoryPatch(code=CategoryCode(f"c{n}"), parent=CategoryCode("master")) for n in range(950))
        before = asyncio.all_tasks()
        upload = pim.categories.upsert_many(patches)
        assert (await anext(upload)).created
        await upload.aclose()  # type: ignore[attr-defined]  # an async generator, which its type does not tell
        assert asyncio.all_tasks() == before


async def test_a_refused_sign_in_is_told_once_for_all() -> None:
    simulator = PimSimulator(sample=True)
    async with client(simulator, password="wrong") as pim:
        with pytest.raises(SignInRefused, match="Check client id"):
            await pim.families.get("hand_tools")
