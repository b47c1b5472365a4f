"""The range of a setting: one that lies outside is told when it is made, not by what goes wrong later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from attrs import Attribute

from akeneo_erp_bridge.errors import ConfigurationError

__all__ = ["NO_TIME", "check_within", "within"]

N = TypeVar("N", int, float, timedelta)

NO_TIME: Final = timedelta()


def within(least: N, most: N | None = None, *, above: bool = False) -> Callable[[object, Attribute[N], N], None]:
    """A validator for `attrs`; with *above*, *least* itself is too little."""

    def check(_: object, setting: Attribute[N], value: N) -> None:
        check_within(setting.name, value, least, most, above=above)

    return check


def check_within(name: str, value: N, least: N, most: N | None = None, *, above: bool = False) -> None:
    """Raise `ConfigurationError` for a value out of its range.

    >>> check_within("page_size", 500, 1, 100)
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ConfigurationError: page_size is at least 1 and at most 100, not 500
    """
    if value >= least and not (above and value == least) and (most is None or value <= most):
        return
    low = f"more than {least}" if above else f"at least {least}"
    high = "" if most is None else f" and at most {most}"
    raise ConfigurationError(f"{name} is {low}{high}, not {value}")
