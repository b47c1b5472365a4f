"""What is to be looked at, as polls and events put it there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from attrs import frozen

Kind: TypeAlias = Literal["product", "product_model"]


@frozen
class Waiting:
    """One thing that is to be looked at."""

    key: str
    kind: Kind
    number: int
    since: datetime


class WorkQueue(Protocol):
    """What is to be looked at."""

    def put(self, things: Iterable[tuple[Kind, str]]) -> None: ...
    def take(self, limit: int) -> list[Waiting]: ...
    def done(self, some: Sequence[Waiting]) -> None: ...
    def __len__(self) -> int: ...
