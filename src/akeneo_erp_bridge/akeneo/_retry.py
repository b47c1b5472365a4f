"""When to try again, and after what pause: a value, decided without a clock or a network."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from attrs import field, frozen

from akeneo_erp_bridge.akeneo._bounds import NO_TIME, within

__all__ = ["Outcome", "RetryPolicy"]


@frozen(kw_only=True)
class Outcome:
    """How one try ended: with a `status`, or without an answer (`None`).

    `reached` is false when no connection was made, so the PIM cannot have acted.

    >>> RetryPolicy(attempts=2).pause_after(1, Outcome(status=429, retry_after=timedelta(seconds=7)))
    datetime.timedelta(seconds=7)
    """

    status: int | None
    retry_after: timedelta | None = None
    reached: bool = True


@frozen(kw_only=True)
class RetryPolicy:
    """Try again after 408, 429, 5xx and dropped connections; obey `Retry-After`, else back off with jitter.

    At most *attempts* tries. Without `Retry-After` the pauses start at *first_pause*, double, and stop growing
    at *longest_pause*; each is shortened by up to half, at random. A `Retry-After` beyond *longest_retry_after*
    ends the tries: the caller learns the pause from `RateLimited`. Raises `ConfigurationError` for less than one try, and
    for pauses below zero.
    Source: Akeneo's documentation of rate limits and retries.
    """

    attempts: int = field(default=6, validator=within(1))
    first_pause: timedelta = field(default=timedelta(milliseconds=500), validator=within(NO_TIME))
    longest_pause: timedelta = field(default=timedelta(seconds=30), validator=within(NO_TIME))
    longest_retry_after: timedelta = field(default=timedelta(minutes=2), validator=within(NO_TIME))
    jitter: Callable[[], float] = field(default=random.random, repr=False, eq=False)

    def pause_after(self, attempt: int, outcome: Outcome, *, repeatable: bool = True) -> timedelta | None:
        """Return the pause before the next try, or `None` to stop; *attempt* counts from 1.

        A request that is not *repeatable* is tried again only where the PIM cannot have acted on it.

        >>> policy = RetryPolicy(jitter=lambda: 1.0)
        >>> policy.pause_after(2, Outcome(status=503)).total_seconds()
        1.0
        >>> policy.pause_after(1, Outcome(status=422)) is None
        True
        """
        if attempt >= self.attempts or not _passing(outcome, repeatable=repeatable):
            return None
        if outcome.retry_after is not None:
            return outcome.retry_after if outcome.retry_after <= self.longest_retry_after else None
        # The exponent is capped because the power of a large attempt number overflows timedelta.
        pause = min(self.first_pause * (1 << min(attempt - 1, 30)), self.longest_pause)
        return pause * (0.5 + self.jitter() / 2)


def _passing(outcome: Outcome, *, repeatable: bool) -> bool:
    status = outcome.status
    if status is None:
        return repeatable or not outcome.reached
    if status == 429:
        return True
    return repeatable and (status == 408 or status >= 500)
