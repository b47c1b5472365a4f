"""A batch that a shop refuses as a whole: in halves until each bad line is alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

LineT = TypeVar("LineT")


def refused_lines(lines: Sequence[LineT], send: Callable[[Sequence[LineT]], str | None]) -> list[tuple[LineT, str]]:
    """Send lines as few at a time as it takes; the lines that were refused alone, each with its reason.

    `send` answers `None` when it took all of them, else the reason, and then it took none. One bad line among n
    costs at most 1 + 2 log2(n) calls; a batch that is only too long for the shop costs three.

    >>> calls = []
    >>> def shop(lines):
    ...     calls.append(len(lines))
    ...     return "too dear" if 7 in lines else None
    >>> refused_lines(range(16), shop), calls
    ([(7, 'too dear')], [16, 8, 4, 4, 2, 2, 1, 1, 8])
    """
    reason = send(lines) if lines else None
    return [] if reason is None else list(_halves(lines, reason, send))


def _halves(
    lines: Sequence[LineT], reason: str, send: Callable[[Sequence[LineT]], str | None]
) -> Iterator[tuple[LineT, str]]:
    """Lines among which is a bad one; `reason` is theirs where there is only one."""
    if len(lines) == 1:
        yield lines[0], reason
        return
    for half in (lines[: len(lines) // 2], lines[len(lines) // 2 :]):
        of_half = send(half)
        if of_half is not None:
            yield from _halves(half, of_half, send)


def cut(
    lines: Sequence[LineT], size_of: Callable[[LineT], int], *, most: int, most_bytes: int
) -> Iterator[list[LineT]]:
    """Batches of at most so many lines and bytes; a line that is too long by itself goes alone.

    >>> list(cut(["aaa", "b", "cc", "d"], len, most=3, most_bytes=4))
    [['aaa', 'b'], ['cc', 'd']]
    """
    batch: list[LineT] = []
    held = 0
    for line in lines:
        size = size_of(line)
        if batch and (len(batch) == most or held + size > most_bytes):
            yield batch
            batch, held = [], 0
        batch.append(line)
        held += size
    if batch:
        yield batch
