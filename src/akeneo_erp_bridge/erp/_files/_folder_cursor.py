"""The cursor of a folder: what is settled, and how far the file under way is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, TypeAlias, cast

from attrs import evolve, frozen

from akeneo_erp_bridge.erp._files._inbox import Found, Inbox
from akeneo_erp_bridge.erp.interfaces import Cursor

FileId: TypeAlias = tuple[str, int, int]
"""Name, size and time of change."""


@frozen
class Mark:
    """Where reading is. `is_anew`: in a read of everything, which takes the archive along.

    `settled` are files of the folder that are read to their end. `at` is the file under way, or in a read of everything
    the last one, and `line` the number of its last row read; -1 when all of it is. `version` is of what is read.
    `archived` is how many files were archived when the run began, those that it archived included; `None` in cursors of
    earlier versions, which did not tell.
    """

    kind: Literal["snapshot", "sequence"]
    is_anew: bool = False
    settled: tuple[FileId, ...] = ()
    at: FileId | None = None
    line: int = -1
    version: str = ""
    archived: int | None = None

    @classmethod
    def of(cls, cursor: Cursor) -> Mark | None:
        """The mark of a cursor; `None` where it is of another adapter."""
        try:
            wire: object = json.loads(cursor.blob)
        except ValueError:
            return None
        match wire:
            case {"anew": bool(anew), "settled": list(), "line": int(line)}:
                inside = cast("dict[str, object]", wire)  # the casts: `_id` looks at each member
                ids = [_id(one) for one in cast("list[object]", inside["settled"])]
                at = inside.get("at")
                here = None if at is None else _id(at)
                archived = inside.get("archived")
                if cursor.kind in ("snapshot", "sequence") and None not in ids and (at is None) == (here is None):
                    known = tuple(one for one in ids if one is not None)
                    kind: Literal["snapshot", "sequence"] = "snapshot" if cursor.kind == "snapshot" else "sequence"
                    count = archived if isinstance(archived, int) else None
                    return cls(kind, anew, known, here, line, cursor.schema_hash, count)
            case _:
                pass
        return None

    def cursor(self) -> Cursor:
        """To go on from here."""
        wire = {
            "anew": self.is_anew,
            "settled": self.settled,
            "at": self.at,
            "line": self.line,
            "archived": self.archived,
        }
        return Cursor(self.kind, json.dumps(wire), self.version)

    def has_settled(self, one: Found) -> bool:
        """Whether all rows of a file are settled, once the cursor of this mark is kept."""
        return one.id in self.settled

    def begun_among(self, files: Sequence[Found]) -> Found | None:
        """The file that is read in part, if it is still there."""
        if self.at is None or self.line < 0:
            return None
        return next((one for one in files if one.id == self.at), None)

    def line_of(self, one: Found) -> int:
        """The last row read of a file; 0 where none was."""
        return max(self.line, 0) if one.id == self.at else 0

    def is_behind(self, one: Found, inbox: Inbox) -> bool:
        """Whether a file was read to its end by this run, or those that it goes on from."""
        if self.has_settled(one):
            return True
        if not (self.is_anew and one.is_archived) or self.at is None:
            return False
        if one.id == self.at:
            return self.line < 0
        name, size, changed = self.at
        there = Found(inbox.archive / name, size, changed, is_archived=True)
        return inbox.place(one) < inbox.place(there)

    def within(self, one: Found, line: int) -> Mark:
        """In the middle of a file."""
        return evolve(self, at=one.id, line=line)

    def beyond(self, one: Found) -> Mark:
        """Behind a file."""
        settled = self.settled if one.is_archived else (*self.settled, one.id)
        return evolve(self, settled=settled, at=one.id if self.is_anew else None, line=-1)

    def is_overtaken(self, archived: Sequence[Found]) -> bool:
        """Whether files were archived that this mark does not know: a later cursor was used before it came back."""
        known = set(self.settled)
        unknown = [one for one in archived if known.isdisjoint((one.id, one.original_id))]
        return self.archived is not None and len(unknown) > self.archived

    def acknowledged(self, archived: int) -> Mark:
        """Once what is settled was archived, which makes so many files there."""
        return evolve(self, settled=(), archived=archived)

    def settling(self, files: Sequence[Found]) -> Mark:
        """With files that need not be read any more."""
        return evolve(self, settled=tuple(one.id for one in files))

    def ended(self) -> Mark:
        """At the end of a run."""
        return evolve(self, is_anew=False, at=None, line=-1)


def _id(wire: object) -> FileId | None:
    match wire:
        case [str(name), int(size), int(changed)]:
            return name, size, changed
        case _:
            return None
