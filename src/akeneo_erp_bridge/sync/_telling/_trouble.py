"""What people were told of, and that is not over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from attrs import evolve, field, frozen

__all__ = ["RECOVERY", "Trouble", "TroubleMemory"]

RECOVERY: Final = "recovery"
"""What the end of a trouble is told as; no error has such a name."""


@frozen
class Trouble:
    """Since when a stream's runs fail, and when people were last told of each kind of failure: its error, or ``"brake"``.

    `told` also has when people were told that it works again, as ``"recovery"``. `ended` is when a run worked again, `None`
    while they fail: what ended a while ago may begin again. `again` counts the failures of each kind that nobody was told of
    since the last one that was told.

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
    ended: datetime | None = None
    again: Mapping[str, int] = field(factory=dict[str, int])

    @property
    def is_open(self) -> bool:
        """Whether people were told that it fails, and not yet that it works again."""
        over = self.told.get(RECOVERY)
        return any(over is None or at > over for kind, at in self.told.items() if kind != RECOVERY)

    def failed(self, kind: str) -> Trouble:
        """With one more failure that nobody was told of."""
        return evolve(self, again={**self.again, kind: self.again.get(kind, 0) + 1})

    def told_at(self, kind: str, now: datetime) -> Trouble:
        """With this told now. What a wrong clock had told later than that was told before it all the same."""
        told = {one: min(at, now) for one, at in self.told.items()}
        return evolve(self, told={**told, kind: now}, again={one: n for one, n in self.again.items() if one != kind})


class TroubleMemory(Protocol):
    """Remembers between processes what people were told of, so that they are told once. Both states do."""

    def trouble(self, stream: str) -> Trouble | None:
        """The trouble of the stream that people were told of, as long as it is not forgotten."""
        ...

    def keep_trouble(self, stream: str, trouble: Trouble | None) -> None:
        """Remember it in place of the one before; `None`: forget it."""
        ...
