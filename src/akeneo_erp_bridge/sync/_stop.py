"""`Stop`: a wish to end, that a run looks at between two pages."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from akeneo_erp_bridge.errors import StopAsked

_WINK: Final = timedelta(seconds=0.2)
"""How long a program that waits does not look whether it was asked to end."""


class Stop:
    """A wish to end, which a signal or another thread makes known. A run that looks at it ends between two pages.

    >>> stop = Stop()
    >>> stop.check()
    >>> stop.request()
    >>> stop.check()
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.StopAsked: the run was asked to end; the next one goes on behind the last page
    """

    def __init__(self) -> None:
        # a plain name: a lock taken in a signal's handler may be held by the code that it interrupts
        self._is_requested = False

    @property
    def is_requested(self) -> bool:
        """Whether somebody asked."""
        return self._is_requested

    def request(self) -> None:
        """Ask. There is no way back."""
        self._is_requested = True

    def check(self) -> None:
        """Raise `StopAsked` once somebody asked. A run looks behind each page, as in `ErpToPim(..., stop=stop)`."""
        if self._is_requested:
            raise StopAsked("the run was asked to end; the next one goes on behind the last page")

    def wait(self, longest: timedelta) -> bool:
        """Wait until somebody asks, or so long; whether somebody did."""
        left = longest
        while not self._is_requested and left > timedelta(0):
            time.sleep(min(left, _WINK).total_seconds())
            left -= _WINK
        return self._is_requested
