"""Texts of others as people are to see them: what steers a terminal, or turns a line around, is spelled out."""

from __future__ import annotations

import re
from typing import Final

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""What would show a text otherwise than it is: controls, directions, half characters."""
_BREAKS: Final = re.compile("[\t\n]")


def plain(text: str) -> str:
    r"""A text of which nothing is hidden. It may have several lines.

    >>> plain("a\x1b[2K\u202eb")
    'a[U+001B][2K[U+202E]b'
    """
    return _UNSEEN.sub(_spelled, text)


def in_a_line(text: str) -> str:
    r"""The same as one line: a text that breaks it could pass for a line of ours.

    >>> in_a_line("a\n0 parked")
    'a[U+000A]0 parked'
    """
    return _BREAKS.sub(_spelled, plain(text))


def _spelled(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"
