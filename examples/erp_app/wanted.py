"""What somebody wants to be done, in which direction, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.sync import SyncReport

IMPORTED: Final = "products"
SENT: Final = "exports"
BACK: Final = "exports back"
STREAMS: Final = (IMPORTED, SENT, BACK)
"""The names of the state's memories: from the ERP; to the ERP; and what comes back of what was sent."""

Direction = Literal["import", "send"]
DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)
Kind = Literal["new", "full", "part", "again"]
"""What is new; everything; chosen articles or products; what is new, with what could not be done before."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@frozen
class Wanted:
    """An import or a sending that somebody wants.

    `keys` choose the articles of a part by their numbers, or its products by their UUIDs; `category` chooses articles.
    """

    kind: Kind
    keys: tuple[str, ...] = ()
    category: str = ""
    direction: Direction = "import"
    is_resumed: bool = False

    @property
    def reads_all(self) -> bool:
        """Whether all is read from the start: what a killed run had begun is gone on with, not begun again."""
        return self.kind == "full" and not self.is_resumed

    def as_json(self) -> dict[str, JsonValue]:
        """For the file that a killed process leaves behind."""
        return {"kind": self.kind, "keys": list(self.keys), "category": self.category, "direction": self.direction}

    @classmethod
    def of(cls, found: Mapping[str, JsonValue]) -> Wanted:
        """What is gone on with.

        >>> Wanted.of(Wanted("part", ("DR-18",)).as_json())
        Wanted(kind='part', keys=('DR-18',), category='', direction='import', is_resumed=True)
        """
        keys = found.get("keys")
        kind: Kind = next((one for one in KINDS if one == found.get("kind")), "new")
        direction: Direction = next((one for one in DIRECTIONS if one == found.get("direction")), "import")
        named = tuple(map(str, keys)) if isinstance(keys, list) else ()
        return cls(kind, named, str(found.get("category") or ""), direction, is_resumed=True)


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
    """Why the last run failed, also where it came too early for the history to tell."""
    failed: Direction | None = None
    """Which direction that was."""
