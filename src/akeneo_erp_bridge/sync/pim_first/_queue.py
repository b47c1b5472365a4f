"""What waits to be looked at in the PIM, and what a queue of it must promise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Final, Literal, Protocol, Self, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError

WorkKind: TypeAlias = Literal["product", "product_model"]
"""What a thing in the PIM is."""

_LONGEST: Final = (
    1024  # bytes: Akeneo's keys have at most 255 characters, and PostgreSQL's index takes some 2,700 bytes
)


@frozen
class Waiting:
    """A product or a product model that somebody must look at.

    `key` is a product's uuid, or its identifier where the sender told no uuid; of a product model it is the code. `number`
    is another each time that the thing is put: it tells what was read before a change from what was read after it. `since`
    is when it was first put.

    >>> from datetime import UTC
    >>> print(Waiting("7e0c", "product", 7, datetime(2026, 8, 1, 9, tzinfo=UTC)))
    product '7e0c', waiting since 2026-08-01 09:00 UTC
    """

    key: str
    kind: WorkKind
    number: int
    since: datetime

    def __str__(self) -> str:
        return f"{self.kind} {self.key!r}, waiting since {self.since:%Y-%m-%d %H:%M} UTC"


class WorkQueue(Protocol):
    """Remembers what is to be looked at, and forgets it when that was done; see `SqliteQueue`.

    One process may put while another one takes. All methods raise `StateError` where the place of the queue cannot be
    used.
    """

    def put(self, things: Iterable[tuple[WorkKind, str]]) -> None:
        """Remember things, all or none of them; they are safe on disk when it returns.

        One that waits already keeps its place and gets another number. Raises `ConfigurationError` for what is no key.
        """
        ...

    def take(self, limit: int) -> list[Waiting]:
        """Return those that wait the longest, in their order; nothing is taken away."""
        ...

    def done(self, some: Sequence[Waiting]) -> None:
        """Forget them, but for those that were put again since they were taken."""
        ...

    def __len__(self) -> int:
        """How many things wait."""
        ...

    def close(self) -> None:
        """Give the place of the queue back."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def is_key(key: str) -> bool:
    """Whether a text can be a key in the PIM: no queue takes an empty one, a long one, half a character, or a zero.

    >>> is_key("7e0c"), is_key(""), is_key(chr(0xD800)), is_key(chr(0)), is_key("x" * 2000)
    (True, False, False, False, False)
    """
    if not key or "\x00" in key:
        return False
    try:
        return len(key.encode()) <= _LONGEST
    except UnicodeEncodeError:
        return False


def checked(things: Iterable[tuple[WorkKind, str]]) -> list[tuple[WorkKind, str]]:
    """Each thing once, in the order given. Raises `ConfigurationError` for what is none."""
    found = list(dict.fromkeys(things))
    for kind, key in found:
        if kind not in {"product", "product_model"}:
            raise ConfigurationError(f"{kind!r} is nothing that waits here; put 'product' or 'product_model'")
        if not is_key(key):
            raise ConfigurationError(
                f"{key[:80]!r} is no key of a {kind}; give 1 to {_LONGEST} bytes of whole characters, none of them zero"
            )
    return found
