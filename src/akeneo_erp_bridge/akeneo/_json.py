"""JSON in and out: orjson where it is installed (extra `speed`), the standard library otherwise."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable
from decimal import Decimal
from functools import cache, partial
from typing import Final

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.catalog._data import decimal_text

__all__ = ["dumps", "loads"]

_LARGE: Final = 50_000


def loads(content: bytes) -> JsonValue:
    """Read JSON; raises `ValueError` for anything else.

    The standard library reads numbers with a fraction as `Decimal`. orjson knows floats only; the catalog turns
    those into a `Decimal` through their shortest text, so an amount of up to 15 digits stays exact. The PIM sends
    amounts as texts, which no decoder touches.
    """
    if len(content) < _LARGE:
        return _codec()[0](content)
    with _collector:
        return _codec()[0](content)


def dumps(value: JsonValue) -> bytes:
    """Write compact UTF-8 JSON; a `Decimal` becomes a numeric text. Raises `ValueError` where that is impossible."""
    try:
        return _codec()[1](value)
    except TypeError as error:
        raise ValueError(str(error)) from None


class _CollectorPause:
    """Keeps the garbage collector from running while a page is decoded.

    A page makes some ten thousand lists and maps at once. The collector looks at them again and again, to find cycles
    JSON cannot contain; that takes up to a third of the time. Threads may overlap: the last one out turns it on again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._was_on = False

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._was_on:
                gc.enable()


_collector: Final = _CollectorPause()


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return decimal_text(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


@cache
def _codec() -> tuple[Callable[[bytes], JsonValue], Callable[[JsonValue], bytes]]:
    try:
        import orjson
    except ImportError:
        return partial(json.loads, parse_float=Decimal), _standard_dumps
    return orjson.loads, partial(orjson.dumps, default=_text)


_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_text)


def _standard_dumps(value: JsonValue) -> bytes:
    return _encoder.encode(value).encode()
