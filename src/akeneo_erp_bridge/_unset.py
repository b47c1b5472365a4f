"""The third state of a field: not `None`, not empty, simply not said."""

from __future__ import annotations

import enum
from typing import Final, Literal, TypeAlias


class Unset(enum.Enum):
    """In a PATCH an unset field is left alone; `None` erases it."""

    UNSET = enum.auto()

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
UnsetType: TypeAlias = Literal[Unset.UNSET]
