"""Reading ahead: the next page is on its way while this one is worked on. At most one page, and in order."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from typing import Final, Generic, TypeAlias, TypeVar

from akeneo_erp_bridge.akeneo._pages import ResourcePage

__all__ = ["pages_ahead", "pages_ahead_async"]

T = TypeVar("T")
# The decoder of JSON holds the interpreter to its end; the other thread must have sent its request before.
_HEAD_START: Final = 0.001
Fetch: TypeAlias = "Callable[[str, Callable[[bytes], None]], ResourcePage[T]]"
"""Fetches one page, and shows its content before it is read."""


class _Ahead(Generic[T]):
    """At most one page beyond the one somebody waits for or works on.

    The next page is asked for when somebody takes this one, or as soon as this one arrives where somebody waits for
    it already: then it is on its way while this one is read.
    """

    def __init__(self, fetch: Fetch[T], guess: Callable[[bytes], str | None], workers: Executor) -> None:
        self._fetch = fetch
        self._guess = guess
        self._workers = workers
        self._lock = threading.Lock()
        self._coming: dict[str, Future[ResourcePage[T]]] = {}
        self._awaited: str | None = None

    def take(self, target: str) -> ResourcePage[T]:
        """This page; the one behind it is on its way."""
        with self._lock:
            self._awaited = target
            coming = self._ask(target)
        page = coming.result()
        with self._lock:
            self._awaited = None
            # a guess was wrong where another page than the next one is on its way; nobody will take it
            self._coming = {one: future for one, future in self._coming.items() if one == page.next}
            if page.next is not None:
                self._ask(page.next)
        return page

    def _ask(self, target: str) -> Future[ResourcePage[T]]:
        if target not in self._coming:
            self._coming[target] = self._workers.submit(self._fetch, target, partial(self._arrived, target))
        return self._coming[target]

    def _arrived(self, target: str, content: bytes) -> None:
        guess = self._guess(content)
        with self._lock:
            if guess is None or guess == target or self._awaited != target:
                return
            self._ask(guess)
        time.sleep(_HEAD_START)


def pages_ahead(fetch: Fetch[T], guess: Callable[[bytes], str | None], target: str) -> Iterator[ResourcePage[T]]:
    """Yield the pages from *target* on. What goes wrong with a page is raised behind the items before it.

    *guess* tells the target of the next page from the content of one that is not read yet.
    """
    workers = ThreadPoolExecutor(2, thread_name_prefix="akeneo-page")  # one receives while the other reads
    ahead = _Ahead(fetch, guess, workers)
    following: str | None = target
    try:
        while following is not None:
            page = ahead.take(following)
            yield page
            following = page.next
    finally:
        # who stops early does not wait for a page that nobody wants
        workers.shutdown(wait=False, cancel_futures=True)


async def pages_ahead_async(
    fetch: Callable[[str], Awaitable[ResourcePage[T]]], target: str
) -> AsyncGenerator[ResourcePage[T], None]:
    """The same, in the event loop."""
    coming = asyncio.ensure_future(fetch(target))
    try:
        while True:
            page = await coming
            if page.next is None:
                yield page
                return
            coming = asyncio.ensure_future(fetch(page.next))
            yield page
    finally:
        # who stops early does not wait for a page that nobody wants, and hears nothing of it
        coming.cancel()
        await asyncio.wait([coming])
        if not coming.cancelled():
            coming.exception()
