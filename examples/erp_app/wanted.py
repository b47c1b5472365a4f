"""What somebody wants to be imported, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.sync import SyncReport

Kind = Literal["new", "full", "part", "again"]
"""What is new; everything; chosen articles; everything, with what could not be imported before."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@frozen
class Wanted:
    """An import that somebody wants. `keys` or `category` choose the articles of a part."""

    kind: Kind
    keys: tuple[str, ...] = ()
    category: str = ""
    is_resumed: bool = False

    def as_json(self) -> dict[str, JsonValue]:
        """For the file that a killed process leaves behind."""
        return {"kind": self.kind, "keys": list(self.keys), "category": self.category}

    @classmethod
    def of(cls, found: Mapping[str, JsonValue]) -> Wanted:
        """What is gone on with.

        >>> Wanted.of(Wanted("part", ("DR-18",)).as_json())
        Wanted(kind='part', keys=('DR-18',), category='', is_resumed=True)
        """
        keys = found.get("keys")
        kind: Kind = next((one for one in KINDS if one == found.get("kind")), "new")
        named = tuple(map(str, keys)) if isinstance(keys, list) else ()
        return cls(kind, named, str(found.get("category") or ""), is_resumed=True)


@frozen
class Progress:
    """Where things stand, as one value: who looks sees all of it from the same moment. `number` grows with each change."""

    number: int = 0
    wanted: Wanted | None = None
    """What runs now; `None`: nothing does."""
    so_far: SyncReport | None = None
    total: int | None = None
    """How many articles a run of everything will read; `None`: nobody knows."""
    is_stopping: bool = False
    trouble: str = ""
    """Why the last import failed, also where it came too early for the history to tell."""
