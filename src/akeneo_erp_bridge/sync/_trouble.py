"""What people were told of, and that is not over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from attrs import frozen

__all__ = ["Trouble", "TroubleMemory"]


@frozen
class Trouble:
    """Since when a stream's runs fail, and when people were last told of each kind of failure: its error, or ``"brake"``.

    >>> from datetime import UTC
    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> at = datetime(2026, 6, 10, 3, tzinfo=UTC)
    >>> with SqliteState(":memory:") as state:
    ...     state.keep_trouble("products", Trouble(since=at, told={"ErpUnreachable": at}))
    ...     print(state.trouble("products").told.keys(), state.trouble("categories"))
    dict_keys(['ErpUnreachable']) None
    """

    since: datetime
    told: Mapping[str, datetime]


class TroubleMemory(Protocol):
    """Remembers between processes what people were told of, so that they are told once. Both states do."""

    def trouble(self, stream: str) -> Trouble | None:
        """The trouble of the stream that people were told of and that is not over."""
        ...

    def keep_trouble(self, stream: str, trouble: Trouble | None) -> None:
        """Remember it in place of the one before; `None`: it is over."""
        ...
