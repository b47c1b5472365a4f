"""Pictures and other files on their way to the PIM: where they are, and the rules that say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final, Never, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.catalog import Attribute
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping._labels import call
from akeneo_erp_bridge.rules import CLEAR, Outcome, Problem, Put, Rule, Step, shown

Fetcher: TypeAlias = Callable[[str], bytes]
"""Gives the content of a file by the ERP's reference to it: a number, a path, an address."""
_MEGABYTE: Final = 1_048_576  # the larger of the two that go by the name: what is between them, the PIM judges


@frozen
class MediaSource:
    """A file that is read when it is needed: its name, and its content as bytes, as a path, or behind a fetcher.

    Nothing is opened when it is made. This package fetches no address by itself: a fetcher is the caller's.

    >>> MediaSource("drill.jpg", b"...").read()
    b'...'
    """

    name: str
    content: bytes | Path | str = field(repr=False)
    fetch: Fetcher | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.content, str) and self.fetch is None:
            raise ConfigurationError(f"MediaSource({self.name!r}): a reference needs a fetcher; a file is a Path")

    def read(self) -> bytes:
        """The content, each time anew, so that a page of files is never in memory at once. Raises what reading raises."""
        if isinstance(self.content, bytes):
            return self.content
        if isinstance(self.content, Path):
            return self.content.read_bytes()
        if self.fetch is None:
            raise AssertionError("refused when it was made")
        return self.fetch(self.content)


@frozen
class MediaFound:
    """A file that was read once: what the ledger remembers of it, and where it is for the upload. `size` is in bytes.

    >>> found = MediaFound.of(MediaSource("drill.jpg", b"..."))
    >>> found.size, found.digest[:15], found == MediaFound.of(MediaSource("drill.jpg", b"..."))
    (3, 'sha256:ab5df625', True)
    """

    source: MediaSource
    digest: str
    size: int

    @classmethod
    def of(cls, source: MediaSource) -> MediaFound:
        """Read and hash; raises what reading raises."""
        content = source.read()
        return cls(source, digest_of(content), len(content))


def size_of(source: MediaSource) -> int | None:
    """The bytes of a file, as far as they can be told without fetching it."""
    if isinstance(source.content, bytes):
        return len(source.content)
    if isinstance(source.content, Path) and source.content.is_file():
        return source.content.stat().st_size
    return None


def not_taken(name: str, size: int | None, attribute: Attribute) -> str | None:
    """Why the attribute would not take a file of this name and size; `None` where it would. Sizes are in megabytes there."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    allowed = {one.lower().lstrip(".") for one in attribute.allowed_extensions}
    if allowed and extension not in allowed:
        return f"the file {shown(name)} is none of {', '.join(sorted(allowed))}, which is all '{attribute.code}' takes"
    if size == 0:
        return f"the file {shown(name)} is empty"
    most = attribute.max_file_size
    if size is not None and most is not None and size > most * _MEGABYTE:
        return f"the file {shown(name)} has {size} bytes; '{attribute.code}' takes at most {most} megabytes"
    return None


def digest_of(content: bytes) -> str:
    """What stands for a file in the ledger and in plans.

    >>> digest_of(b"")[:20]
    'sha256:e3b0c44298fc1'
    """
    return f"sha256:{sha256(content).hexdigest()}"


@frozen
class InFolder(Rule[str, MediaSource, Never]):
    """See `file_in`."""

    folder: Path

    def run(self, source: str) -> Outcome[MediaSource]:
        name = source.strip()
        if not name:
            return CLEAR
        try:
            path = (self.folder / name).resolve()
            is_inside = path.is_relative_to(self.folder.resolve())
            is_there = is_inside and path.is_file()
        except (OSError, ValueError):  # a name no file can have
            is_inside, is_there, path = True, False, self.folder
        if not is_inside:
            detail = f"{shown(source)} leads out of the folder '{self.folder}'; the ERP may name files inside it only"
            return Problem("wrong_place", "", detail, "skip_cell")
        if not is_there:
            detail = (
                f"there is no file {shown(source)} in '{self.folder}'; put it there, or correct the name in the ERP"
            )
            return Problem("no_file", "", detail, "skip_cell")
        return Put(MediaSource(path.name, path))

    @property
    def label(self) -> str:
        return f"file_in({self.folder.name or self.folder})"


def file_in(folder: Path | str) -> InFolder:
    """A file of a folder, by the name the ERP has for it, folders inside it included; blank means "no value".

    A file that is not there, and a name that leads out of the folder, give up the cell, not the item.

    >>> file_in("pictures").run("../secrets.txt").code
    'wrong_place'
    """
    return InFolder(Path(folder))


@frozen
class Fetched(Rule[str, MediaSource, Never]):
    """See `fetched`."""

    fetch: Fetcher
    name: Callable[[str], str]

    def run(self, source: str) -> Outcome[MediaSource]:
        reference = source.strip()
        if not reference:
            return CLEAR
        try:
            name = self.name(reference)
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything; the cell tells the reason
            seen = f"{type(error).__name__} ({shown(str(error), longest=200)})"
            detail = f"{shown(source)} gives no name for the file: {seen}; mend fetched(name=...)"
            return Problem("no_name", "", detail, "skip_cell")
        if not name:
            return Problem(
                "no_name", "", f"{shown(source)} gives no name for the file; give fetched(name=...)", "skip_cell"
            )
        return Put(MediaSource(name, reference, self.fetch))

    @property
    def label(self) -> str:
        name = "" if self.name is last_part else f"name={_name_of(self.name)}"
        return call("fetched", _name_of(self.fetch), name)


def _name_of(function: Callable[[str], object]) -> str:
    return getattr(function, "__qualname__", type(function).__qualname__)


def last_part(reference: str) -> str:
    """The name of a file in an address or a path.

    >>> last_part("https://cdn.example.com/a/drill.jpg?size=big")
    'drill.jpg'
    """
    return reference.partition("?")[0].partition("#")[0].replace("\\", "/").rstrip("/").rpartition("/")[2]


def fetched(fetch: Fetcher, *, name: Callable[[str], str] = last_part) -> Fetched:
    """A file that *fetch* gives by the ERP's reference; blank means "no value". What it raises gives up the cell.

    *fetch* decides which addresses it goes to, with which rights and time limits: an ERP's data must not send a
    program anywhere. *name* makes the name of the file of the reference.

    >>> photos = {"4711": b"..."}
    >>> fetched(photos.__getitem__, name="photo-{}.jpg".format).run("4711").value.name
    'photo-4711.jpg'
    """
    return Fetched(fetch, name)


@frozen
class Blob(Rule[bytes, MediaSource, Never]):
    """See `blob`."""

    name: str

    def run(self, source: bytes) -> Outcome[MediaSource]:
        return Put(MediaSource(self.name, source)) if source else CLEAR

    @property
    def label(self) -> str:
        return f"blob({self.name})"


def names_of_blobs(step: Step) -> Iterator[str]:
    """The names of files that a rule gives, where they are the same for all items."""
    if isinstance(step, Blob):
        yield step.name
    for part in step.parts:
        yield from names_of_blobs(part)


def blob(name: str) -> Blob:
    """A file whose content the ERP delivers in the row, named *name*; empty content means "no value".

    >>> blob("photo.jpg").run(b"...").value.name
    'photo.jpg'
    """
    return Blob(name)
