"""Streams that are at work in this program: two runs of one memory would send the same items twice."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.errors import StateInUse

# other programs are kept out by the database itself; what a run leaves behind, however it ends, is nothing
_lock: Final = Lock()
_seats: Final[list[_Seat]] = []


@frozen(eq=False)
class _Seat:
    state: object
    stream: str
    run: str


@contextmanager
def occupied(state: object, stream: str, run: str) -> Generator[None]:
    """Have a stream of this state object to oneself; the parts of one *run* share it.

    Raises `StateInUse` while another run has it: it waits for nobody, since a run may take hours.

    >>> state = object()
    >>> with occupied(state, "products", "1"), occupied(state, "products", "1"), occupied(state, "models", "2"):
    ...     with occupied(state, "products", "3"):
    ...         pass
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.StateInUse: stream 'products' is at work in another run of this program; wait for its end, ...
    """
    seat = _Seat(state, stream, run)
    try:
        with _lock:
            if any(one.state is state and one.stream == stream and one.run != run for one in _seats):
                raise StateInUse(
                    f"stream '{stream}' is at work in another run of this program; wait for its end, since that run does "
                    "the work; or give the other job a stream or a state of its own",
                    stream=stream,
                )
            _seats.append(seat)
        yield
    finally:
        with _lock:
            if seat in _seats:
                _seats.remove(seat)
