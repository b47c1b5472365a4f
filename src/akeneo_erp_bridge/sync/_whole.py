"""Whole numbers that people give as options."""

from __future__ import annotations

from collections.abc import Callable

from attrs import Attribute

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.rules import shown


def at_least(least: int) -> Callable[[object, Attribute[int], object], None]:
    """A validator: raises `ConfigurationError` for anything else than a whole number from `least` on."""

    def check(instance: object, attribute: Attribute[int], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            where = f"{type(instance).__name__}({attribute.name}={shown(value)})"
            raise ConfigurationError(f"{where}: give a whole number, {least} or more")

    return check
