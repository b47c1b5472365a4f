"""Files on their way: read and written in pieces, so that memory stays flat, and begun again where a try ended."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from attrs import define, field, frozen

from akeneo_erp_bridge.errors import ConfigurationError

__all__ = ["Download", "FileSource", "Form", "Progress", "Upload", "multipart", "opened_aside", "opened_for_writing"]

FileSource: TypeAlias = Path | str | bytes | BinaryIO
"""A path, the bytes themselves, or an open binary file that can be read twice."""

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with the bytes done so far, and the bytes in all where that is known."""

PIECE: Final = 64 * 1024


@frozen
class Upload:
    """The body of a multipart request; each call of `pieces` begins anew, for another try."""

    head: bytes = field(repr=False)
    source: FileSource = field(repr=False)
    size: int
    tail: bytes = field(repr=False)
    progress: Progress | None = None

    @property
    def length(self) -> int:
        """The bytes of the whole body."""
        return len(self.head) + self.size + len(self.tail)

    def pieces(self) -> Iterator[bytes]:
        """The body, piece by piece."""
        yield self.head
        done = 0
        with _opened(self.source) as file:
            while piece := file.read(PIECE):
                yield piece
                done += len(piece)
                if self.progress is not None:
                    self.progress(done, self.size)
        yield self.tail


Form: TypeAlias = tuple[Upload, str]
"""A form with one file, and its content type."""

_NO_FIELDS: Final[Mapping[str, str]] = {}


def multipart(
    source: FileSource, *, filename: str | None, fields: Mapping[str, str] = _NO_FIELDS, progress: Progress | None
) -> Form:
    """A form with one file, which is opened to learn its size; raises `ConfigurationError` if it cannot be sent."""
    name = filename or _name_of(source)
    boundary = uuid.uuid4().hex
    head = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{text}\r\n'.encode()
        for key, text in fields.items()
    )
    head += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{_quoted(name)}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    upload = Upload(head, source, _size_of(source), f"\r\n--{boundary}--\r\n".encode(), progress)
    return upload, f"multipart/form-data; boundary={boundary}"


def _quoted(name: str) -> str:
    """A file name as browsers put it into a form."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _name_of(source: FileSource) -> str:
    name = source.name if not isinstance(source, Path | str | bytes) and hasattr(source, "name") else source
    if isinstance(name, str | Path) and Path(name).name:
        return Path(name).name
    raise ConfigurationError("the file has no name of its own; give one: upload(..., filename='drill.jpg')")


def _size_of(source: FileSource) -> int:
    if isinstance(source, bytes):
        return len(source)
    try:
        with _opened(source) as file:
            start = file.tell()
            return file.seek(0, 2) - start
    except OSError as error:
        raise ConfigurationError(f"the file {source} cannot be read: {error.strerror or error}") from error


@contextmanager
def _opened(source: FileSource) -> Generator[BinaryIO]:
    """The file from its beginning; one that was open stays open, where it was."""
    if isinstance(source, bytes):
        yield BytesIO(source)
    elif isinstance(source, Path | str):
        with Path(source).open("rb") as file:
            yield file
    else:
        start = source.tell()
        try:
            yield source
        finally:
            source.seek(start)


@define
class Download:
    """Where the bytes of an answer go. `offset` is how many have arrived, over all tries.

    `version` is what the server knows this file's content by: its `ETag`, or when it was changed.
    """

    file: BinaryIO = field(repr=False)
    progress: Progress | None = None
    offset: int = 0
    total: int | None = None
    version: str | None = None
    _start: int | None = field(init=False, default=None)

    def headers(self) -> dict[str, str]:
        """What to ask for: the rest, after a try that broke off; never compressed, or offsets would mean nothing."""
        plain = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if not self.offset:
            return plain
        rest = {"Range": f"bytes={self.offset}-"}
        # A file that was changed meanwhile comes whole: the rest of it does not belong to what is here.
        return {**plain, **rest, **({"If-Range": self.version} if self.version is not None else {})}

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """An answer begins; one that is not the rest is the whole. Whether it can be taken.

        The rest of another version, or from another place on, cannot: the next try begins anew.
        """
        if self._start is None:
            self._start = self.file.tell()
        version = _version_of(headers)
        if status != 206:
            self.restart()
            self.version = version
        elif not self._is_rest(headers.get("content-range"), version):
            self.restart()
            return False
        length = headers.get("content-length", "")
        self.total = self.offset + int(length) if length.isdigit() else None
        return True

    def restart(self) -> None:
        """Drop what has arrived."""
        self.offset, self.total, self.version = 0, None, None
        if self._start is not None:
            self.file.seek(self._start)
            self.file.truncate()

    def is_whole(self, content_range: str | None) -> bool:
        """Whether a server that has no bytes behind `offset` means that all of them are here."""
        return content_range == f"bytes */{self.offset}"

    def _is_rest(self, content_range: str | None, version: str | None) -> bool:
        if self.version is not None and version is not None and version != self.version:
            return False
        return content_range is None or content_range.startswith(f"bytes {self.offset}-")

    def write(self, piece: bytes) -> None:
        """Keep some bytes."""
        self.file.write(piece)
        self.offset += len(piece)
        if self.progress is not None:
            self.progress(self.offset, self.total)


def _version_of(headers: Mapping[str, str]) -> str | None:
    """The validator for `If-Range`; a weak `ETag` promises nothing about bytes."""
    tag = headers.get("etag", "")
    return tag if tag and not tag.startswith("W/") else headers.get("last-modified")


@contextmanager
def opened_for_writing(target: Path | str | BinaryIO) -> Generator[BinaryIO]:
    """A file to download to. A path gets its file when all of it has arrived, never a part."""
    if not isinstance(target, Path | str):
        yield target
        return
    path = Path(target)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.replace(path)


@asynccontextmanager
async def opened_aside(target: Path | str | BinaryIO) -> AsyncGenerator[BinaryIO]:
    """`opened_for_writing` by other threads, so that a slow disk does not hold up the loop."""
    opened = opened_for_writing(target)
    file = await asyncio.to_thread(opened.__enter__)
    try:
        yield file
    except BaseException as error:
        await asyncio.to_thread(opened.__exit__, type(error), error, error.__traceback__)
        raise
    await asyncio.to_thread(opened.__exit__, None, None, None)
