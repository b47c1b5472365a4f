"""The asynchronous client behind the face of the other one, so that both pass the same tests.

A file that is opened, renamed, removed or cut in the thread of the event loop fails the test: nothing else runs meanwhile.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from akeneo_erp_bridge.akeneo import AsyncAkeneoClient, AsyncListing
from akeneo_erp_bridge.akeneo._async_session import AsyncSession

FILE_EVENTS = frozenset({"open", "os.rename", "os.remove", "os.truncate"})
CODE = frozenset({".py", ".pyc", ".so", ".pth"})
_loops: set[int] = set()
"""The threads in which a watched event loop runs just now."""


def in_the_loop() -> bool:
    """Whether this is the thread of a watched event loop."""
    return threading.get_ident() in _loops


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event in FILE_EVENTS and in_the_loop():
        path = args[0]
        # to import something late is no work on files
        if isinstance(path, str | bytes | Path) and Path(str(path)).suffix not in CODE:
            raise AssertionError(f"{event} {path!r} in the thread of the event loop")


sys.addaudithook(_watch)


@contextmanager
def watched() -> Iterator[None]:
    """What runs meanwhile in this thread leaves files alone."""
    _loops.add(threading.get_ident())
    try:
        yield
    finally:
        _loops.discard(threading.get_ident())


class Blocking:
    """Whatever it wraps; what must be awaited is awaited, in one event loop."""

    def __init__(self, inner: object, runner: asyncio.Runner) -> None:
        self._inner = inner
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        return self._shown(getattr(self._inner, name))

    def _shown(self, found: Any) -> Any:
        if inspect.isawaitable(found):
            with watched():
                return self._runner.run(_awaited(found))
        if isinstance(found, AsyncListing):
            return BlockingListing(found, self._runner)
        if inspect.isasyncgen(found):
            return self._stepped(found)
        if callable(found) and not isinstance(found, type):
            return self._calling(found)
        kind = type(found)
        if (
            kind.__name__.startswith("Async")
            and kind is not AsyncSession
            and kind.__module__.startswith("akeneo_erp_bridge.akeneo.")
        ):
            return Blocking(found, self._runner)
        return found

    def _calling(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            return self._shown(method(*args, **kwargs))

        call.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]  # what inspect looks for
        return call

    def _stepped(self, source: AsyncIterator[Any]) -> Iterator[Any]:
        while True:
            with watched():
                there, one = self._runner.run(_next(source))
            if not there:
                return
            yield one
            del one  # as a `for` of its own would not keep it for the client

    def __repr__(self) -> str:
        return repr(self._inner).replace("Async", "")


class BlockingListing(Blocking):
    def __iter__(self) -> Iterator[Any]:
        return self._stepped(aiter(self._inner))  # type: ignore[call-overload]  # an AsyncListing, as made above


class BlockingClient(Blocking):
    """`AsyncAkeneoClient` for tests that were written for `AkeneoClient`."""

    def __init__(self, make: Callable[[], AsyncAkeneoClient]) -> None:
        runner = asyncio.Runner()
        super().__init__(runner.run(_made(make)), runner)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Close the client and its event loop."""
        inner: Any = self._inner
        self._runner.run(inner.close())
        self._runner.close()


async def _made(make: Callable[[], AsyncAkeneoClient]) -> AsyncAkeneoClient:
    return make()


async def _awaited(found: Any) -> Any:
    return await found


async def _next(source: AsyncIterator[Any]) -> tuple[bool, Any]:
    try:
        return True, await anext(source)
    except StopAsyncIteration:
        return False, None
