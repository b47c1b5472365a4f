"""Files on their way into the PIM, and back to see whose they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from itertools import count
from tempfile import TemporaryFile
from typing import BinaryIO, Final, Protocol, TypeAlias, TypeVar

from attrs import define, evolve

from akeneo_erp_bridge.akeneo import RetryPolicy
from akeneo_erp_bridge.akeneo._retry import Outcome
from akeneo_erp_bridge.errors import (
    BridgeError,
    Forbidden,
    NotFound,
    NotOffered,
    PimBroken,
    PimRefused,
    PimUnreachable,
    RateLimited,
    SignInRefused,
)
from akeneo_erp_bridge.mapping import MediaSource, digest_of
from akeneo_erp_bridge.rules import Cell, shown
from akeneo_erp_bridge.sync._targets._target import Found, Verdict
from akeneo_erp_bridge.sync.plan import ItemChange

T = TypeVar("T")

Upload: TypeAlias = Callable[[Cell[str], str, bytes], object]
"""Sends a file to the PIM, for a cell, under a name."""

_NOBODYS_FAULT: Final = (Forbidden, SignInRefused, RateLimited, NotOffered)
_TOO_MANY: Final = 3  # files in a row that are forbidden, from which on no product is at fault
_PIECE: Final = 64 * 1024


class Failed(Exception):
    """A file that did not get there, with the reason; the item goes on without it."""


class Downloads(Protocol):
    """Where the PIM gives its files."""

    def download(self, code: str, target: BinaryIO) -> int:
        """Download a file into an open one."""
        ...


def send_file(source: MediaSource, digest: object, cell: Cell[str], upload: Callable[[str, bytes], T]) -> T:
    """Read and upload one file, and give what the PIM calls it.

    Raises `Failed` where the file is at fault, and the error itself where the PIM cannot be reached.
    """
    try:
        content = source.read()
    except Exception as error:
        raise Failed(f"the file {shown(source.name)} cannot be read any more: {type(error).__name__}") from error
    if digest_of(content) != digest:
        raise Failed(f"the file {shown(source.name)} changed while the run went on; the next run takes it")
    try:
        return upload(source.name, content)
    except _NOBODYS_FAULT:
        raise
    except PimRefused as error:
        raise Failed(f"the PIM refused the file {shown(source.name)} for '{cell.attribute}': {error}") from error


@define
class Rights:
    """Tells a product whose files may not be uploaded from a connection that may upload none.

    A PIM answers both alike. One that takes other files means the product; three in a row mean the connection.
    """

    in_a_row: int = 0

    def given(self) -> None:
        """A file was taken."""
        self.in_a_row = 0

    def refused(self) -> bool:
        """A file was forbidden: whether it is the connection that lacks the right."""
        self.in_a_row += 1
        return self.in_a_row >= _TOO_MANY


class Shelf(Protocol):
    """Where files end up, and can be looked at."""

    retry: RetryPolicy
    rights: Rights

    def get(self, ref: str, cells: Mapping[str, Cell[str]]) -> Found | None: ...

    def digest(self, code: str) -> str | None: ...


def until_known(send: Callable[[], T], retry: RetryPolicy, look: Callable[[], T | None] = lambda: None) -> T:
    """Send once; after an answer that leaves open whether the PIM has taken it, look, and send again if it has not.

    The client sends no upload twice by itself, since the PIM would keep both.
    """
    for attempt in count(1):
        try:
            return send()
        except (PimBroken, PimUnreachable):
            pause = retry.pause_after(attempt, Outcome(status=503))
            if pause is None:
                raise
            time.sleep(pause.total_seconds())
            found = look()
            if found is not None:
                return found
    raise AssertionError  # pragma: no cover - the policy ends the tries


def _patiently(
    upload: Callable[[str, bytes], object], retry: RetryPolicy, look: Callable[[], object], name: str, content: bytes
) -> object:
    return until_known(partial(upload, name, content), retry, look)


def _seen(shelf: Shelf, change: ItemChange, key: str, cell: Cell[str]) -> str | None:
    """The code of the file, if it is where it is to be."""
    found = shelf.get(change.ref, {key: cell})
    code = found.cells.get(key) if found is not None else None
    return code if isinstance(code, str) and shelf.digest(code) == change.cells[key].new else None


def with_files(verdict: Verdict, cells: Mapping[str, Cell[str]], upload: Upload, shelf: Shelf) -> Verdict:
    """Upload the files of a product that the PIM has taken; what was lost and made anew has to be completed first."""
    change = verdict.change
    if not change.files or not verdict.ok or (verdict.created and change.action == "update"):
        return verdict
    failed: dict[str, str] = {}
    forbidden: set[str] = set()
    for key, source in change.files.items():
        cell = cells[key]
        try:
            look = partial(_seen, shelf, change, key, cell)
            send_file(
                source, change.cells[key].new, cell, partial(_patiently, partial(upload, cell), shelf.retry, look)
            )
            shelf.rights.given()
        except Failed as error:
            failed[key] = str(error)
        except Forbidden as error:
            if shelf.rights.refused():
                return evolve(verdict, ok=False, cause=error)
            failed[key] = f"the PIM does not let us upload the file {shown(source.name)}: {error}"
            forbidden.add(key)
        except BridgeError as error:
            return evolve(verdict, ok=False, cause=error)
    return evolve(verdict, failed=failed, forbidden=frozenset(forbidden))


def downloaded_digest(files: Downloads, code: str) -> str | None:
    """What the content of a file in the PIM hashes to; `None` where it is gone. On disk: files may be large."""
    with TemporaryFile() as target:
        try:
            files.download(code, target)
        except NotFound:
            return None
        target.seek(0)
        digest = sha256()
        while piece := target.read(_PIECE):
            digest.update(piece)
    return f"sha256:{digest.hexdigest()}"
