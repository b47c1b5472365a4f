"""Models from JSON, by the codec, which is loaded when the first one is read."""

from __future__ import annotations

from typing import TypeVar

from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.catalog._json import JsonValue

__all__ = ["decode"]

E = TypeVar("E", bound=Entity)


def decode(kind: type[E], raw: JsonValue) -> E:
    """Read one thing of the PIM.

    Raises `ValueError` naming the thing, the path inside it, and what was seen there.

    >>> from akeneo_erp_bridge.catalog import Locale
    >>> decode(Locale, {"code": "en_US", "enabled": "yes"})
    Traceback (most recent call last):
        ...
    ValueError: Locale 'en_US': $.enabled: expected a boolean, got a text: 'yes'
    """
    # Loading cattrs takes a quarter of the time httpx takes, and a program that reads products alone never needs it.
    from akeneo_erp_bridge.catalog._codec import structure

    return structure(kind, raw)
