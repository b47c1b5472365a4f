"""Rules in one line, as they were written: what differs from the usual is told, a long table by its beginning."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from akeneo_erp_bridge.rules import shown

_SAMPLE: Final = 24
_ROOM: Final = 30


def call(name: str, /, *given: str, **options: tuple[object, object]) -> str:
    """A call; of the options, each a value and what it usually is, those that differ.

    >>> call("lookup", "colours", unknown=("keep", "problem"), name=("table", "table"))
    "lookup(colours, unknown='keep')"
    """
    told = [f"{option}={shown(value)}" for option, (value, usual) in options.items() if value != usual]
    return f"{name}({', '.join([*filter(None, given), *told])})"


def rows_told(rows: Mapping[str, object]) -> str:
    """A table by its first rows, as many as a label has room for.

    >>> rows_told({"rot": "red", "blau": "blue"}), rows_told({word: word * 9 for word in "abcde"})
    ("{'rot': 'red', 'blau': 'blue'}", "{'a': 'aaaaaaaaa', 'b': 'bbbbbbbbb', ... 5 in all}")
    """
    told: list[str] = []
    for word, value in rows.items():
        told.append(f"{shown(word, longest=_SAMPLE)}: {_value(value)}")
        if sum(map(len, told)) > _ROOM:
            break
    more = [f"... {len(rows)} in all"] if len(told) < len(rows) else []
    return "{" + ", ".join([*told, *more]) + "}"


def _value(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else shown(value, longest=_SAMPLE)
