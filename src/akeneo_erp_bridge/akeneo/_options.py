"""How a client behaves, as one value."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from attrs import field, frozen

from akeneo_erp_bridge.akeneo._bounds import NO_TIME, within
from akeneo_erp_bridge.akeneo._retry import RetryPolicy

__all__ = ["MOST_LINES", "MOST_LINE_BYTES", "Options"]

MOST_LINES: Final = 100
"""Lines the PIM takes in one batch, and items it gives on one page."""
MOST_LINE_BYTES: Final = 1_000_000
"""Bytes the PIM takes in one line of a batch."""


@frozen(kw_only=True)
class Options:
    """Settings of a client; the defaults keep to the limits Akeneo documents.

    `timeout` bounds each wait for the PIM, not the whole call. `concurrency`, `requests_per_second` and
    `option_requests_per_second` are shared by all clients made with `with_options`. `batch_bytes` bounds the body of
    one batch. `page_size` is the items a page asks for, 1 to 100. `line_tries` is how often a line is sent that the
    PIM left unanswered. `plain_http` lets a client show its credentials to an address without TLS, for a network that you
    trust; this very machine needs no such leave. Raises `ConfigurationError` for what is out of range.
    Source: Akeneo's documentation of rate limits.

    >>> Options(page_size=50, timeout=timedelta(seconds=10)).concurrency
    4
    >>> Options(page_size=500)
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.ConfigurationError: page_size is at least 1 and at most 100, not 500
    """

    timeout: timedelta = field(default=timedelta(seconds=60), validator=within(NO_TIME, above=True))
    retry: RetryPolicy = field(factory=RetryPolicy)
    concurrency: int = field(default=4, validator=within(1))
    requests_per_second: float = field(default=100.0, validator=within(1.0))
    option_requests_per_second: float = field(default=3.0, validator=within(1.0))
    batch_lines: int = field(default=MOST_LINES, validator=within(1, MOST_LINES))
    batch_bytes: int = field(default=4_000_000, validator=within(1))
    page_size: int = field(default=MOST_LINES, validator=within(1, MOST_LINES))
    read_ahead: bool = False
    line_tries: int = field(default=3, validator=within(1))
    user_agent: str = "akeneo-erp-bridge"
    plain_http: bool = False
