"""What JSON is made of, for a checker: it knows neither what is in a list nor that keys are texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast


def members(value: object) -> Mapping[str, object] | None:
    """An object of JSON, or `None` for anything else."""
    # the cast: JSON has no other keys
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else None


def lines(value: object) -> list[object] | None:
    """A list of JSON, or `None` for anything else."""
    # the cast: anything may be inside, which is what it says
    return list(cast("list[object]", value)) if isinstance(value, list | tuple) else None
