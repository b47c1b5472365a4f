"""Reading ahead: the next page is on its way while this one is worked on. At most one page, and in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from akeneo_erp_bridge.akeneo._pages import ResourcePage

__all__ = ["pages_ahead", "pages_ahead_async"]

T = TypeVar("T")


def pages_ahead(fetch: Callable[[str], ResourcePage[T]], target: str) -> Iterator[ResourcePage[T]]:
    """Yield the pages from *target* on. What goes wrong with a page is raised behind the items before it."""
    worker = ThreadPoolExecutor(1, thread_name_prefix="akeneo-page")
    try:
        coming = worker.submit(fetch, target)
        while True:
            page = coming.result()
            if page.next is None:
                yield page
                return
            coming = worker.submit(fetch, page.next)
            yield page
    finally:
        # who stops early does not wait for a page that nobody wants
        worker.shutdown(wait=False, cancel_futures=True)


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
