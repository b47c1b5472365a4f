"""Numbers as people say them."""

from __future__ import annotations


def counted(number: int, word: str) -> str:
    """A number and its word, in the singular for one.

    >>> counted(1, "update"), counted(2, "update")
    ('1 update', '2 updates')
    """
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
