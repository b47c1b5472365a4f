"""How long changes take, in a histogram whose size does not grow."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

from attrs import define, field, frozen

_SMALLEST: Final = 1e-4  # seconds; what is quicker is told as this
_STEP: Final = 1.05  # each bucket is so much wider than the one before: figures are right to 5 %
_BUCKETS: Final = 500  # the last one begins after a month
_LOG: Final = math.log(_STEP)


@frozen
class Latency:
    """How long it took from a change in the ERP to the shop, of `count` offers.

    Half of them took no longer than `p50`, 99 of 100 no longer than `p99`, each to within 5 %; none longer than `longest`.

    >>> print(Latency(150, timedelta(milliseconds=12), timedelta(milliseconds=80), timedelta(seconds=1.5)))
    half of 150 offers within 12 ms, 99 of 100 within 80 ms, all within 1.5 s
    """

    count: int
    p50: timedelta
    p99: timedelta
    longest: timedelta

    def __str__(self) -> str:
        return (
            f"half of {self.count} offers within {_told(self.p50)}, 99 of 100 within {_told(self.p99)}, "
            f"all within {_told(self.longest)}"
        )


@define
class LatencyHistogram:
    """Counts how long each took."""

    _counts: list[int] = field(factory=lambda: [0] * _BUCKETS, init=False, repr=False)
    _count: int = field(default=0, init=False)
    _longest: float = field(default=0.0, init=False)

    def add(self, seconds: float) -> None:
        """One took so long. A clock that was set back makes it zero."""
        seconds = max(seconds, 0.0)
        place = math.ceil(math.log(max(seconds, _SMALLEST) / _SMALLEST) / _LOG)
        self._counts[min(place, _BUCKETS - 1)] += 1
        self._count += 1
        self._longest = max(self._longest, seconds)

    def sum_up(self) -> Latency | None:
        """The figures; nothing where there was nothing.

        >>> histogram = LatencyHistogram()
        >>> for milliseconds in range(1, 101):
        ...     histogram.add(milliseconds / 1000)
        >>> print(histogram.sum_up())
        half of 100 offers within 52 ms, 99 of 100 within 100 ms, all within 100 ms
        """
        if self._count == 0:
            return None
        return Latency(self._count, self._share(0.5), self._share(0.99), timedelta(seconds=self._longest))

    def _share(self, share: float) -> timedelta:
        wanted, seen = math.ceil(self._count * share), 0
        for place, count in enumerate(self._counts):
            seen += count
            if seen >= wanted:
                return timedelta(seconds=min(_SMALLEST * _STEP**place, self._longest))
        return timedelta(seconds=self._longest)


def _told(one: timedelta) -> str:
    seconds = one.total_seconds()
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
