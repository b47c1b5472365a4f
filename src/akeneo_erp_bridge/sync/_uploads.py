"""Files on their way into the PIM, and back to see whose they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from tempfile import TemporaryFile
from typing import BinaryIO, Final, Protocol, TypeAlias, TypeVar

from attrs import evolve

from akeneo_erp_bridge.errors import (
    BridgeError,
    Forbidden,
    NotFound,
    NotOffered,
    PimRefused,
    RateLimited,
    SignInRefused,
)
from akeneo_erp_bridge.mapping import MediaSource, digest_of
from akeneo_erp_bridge.rules import Cell, shown
from akeneo_erp_bridge.sync._target import Verdict

T = TypeVar("T")

Upload: TypeAlias = Callable[[Cell[str], str, bytes], object]
"""Sends a file to the PIM, for a cell, under a name."""

_NOBODYS_FAULT: Final = (Forbidden, SignInRefused, RateLimited, NotOffered)
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


def with_files(verdict: Verdict, cells: Mapping[str, Cell[str]], upload: Upload) -> Verdict:
    """Upload the files of a product that the PIM has taken; what was lost and made anew has to be completed first."""
    change = verdict.change
    if not change.files or not verdict.ok or (verdict.created and change.action == "update"):
        return verdict
    failed: dict[str, str] = {}
    for key, source in change.files.items():
        cell = cells[key]
        try:
            send_file(source, change.cells[key].new, cell, partial(upload, cell))
        except Failed as error:
            failed[key] = str(error)
        except BridgeError as error:
            return evolve(verdict, ok=False, cause=error)
    return evolve(verdict, failed=failed)


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
