"""What a rule gives, as `encode_data` takes it."""

from __future__ import annotations

from typing import cast

from akeneo_erp_bridge.catalog import Data


def as_data(value: object) -> Data:
    """Sets become sorted lists; what no attribute can hold is refused by `encode_data` itself."""
    if isinstance(value, set | frozenset):
        return sorted(str(code) for code in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # str() takes whatever the rule gave
    return cast("Data", value)  # checked at once by encode_data, which raises for anything else
