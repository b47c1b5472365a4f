"""A connection that is cut at one call, before or after the shop has acted."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

__all__ = ["Interruptions"]


class Interruptions:
    """Counts the calls of a sink, and cuts the connection at one of them, once.

    A sink's connection makes each of its calls inside `call`, which raises `ConnectionResetError` where it is due. Cut
    `late`, the shop has acted and the sink does not know. Without `at` nothing is cut, only counted.

    >>> cut = Interruptions(1, late=True)
    >>> with cut.call():
    ...     print("the first call")
    the first call
    >>> with cut.call():
    ...     print("the shop acts")
    Traceback (most recent call last):
        ...
    ConnectionResetError: the connection was cut at call 1
    """

    def __init__(self, at: int | None = None, *, late: bool = False) -> None:
        self.at = at
        self.late = late
        self.calls = 0
        self._counting = Lock()  # a sink may have several connections

    @contextmanager
    def call(self) -> Generator[None]:
        """One request and its answer."""
        with self._counting:
            number = self.calls
            self.calls += 1
        if not self.late:
            self._cut(number)
        yield
        if self.late:
            self._cut(number)

    def _cut(self, number: int) -> None:
        if number == self.at:
            raise ConnectionResetError(f"the connection was cut at call {number}")
