"""Batches of lines: cut from a stream of items, and joined to the PIM's verdicts. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Generic, TypeAlias, TypeVar

from attrs import field, frozen

from akeneo_erp_bridge.akeneo._errors import read_violations
from akeneo_erp_bridge.akeneo._json import dumps, loads
from akeneo_erp_bridge.akeneo._options import MOST_LINE_BYTES, Options
from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.catalog._maker import maker
from akeneo_erp_bridge.catalog._product_lines import Split
from akeneo_erp_bridge.errors import BridgeError, PimBroken, PimRefused, Violation

__all__ = [
    "Batch",
    "Cutter",
    "Line",
    "UpsertResult",
    "cut",
    "failed",
    "join",
    "prepare",
    "read_verdicts",
    "status_of",
    "unjudged",
]

W = TypeVar("W")
W_co = TypeVar("W_co", covariant=True)


@frozen
class UpsertResult(Generic[W_co]):
    """What became of one item: joined to it, in the order of the input.

    `status` is 201 for created, 204 for updated or unchanged, an HTTP status of 400 or more for refused, and 0 when
    the PIM gave no verdict: then the item was not sent, or nobody knows. `errors` says why. `cause` is the error that
    kept the whole request from being judged: the item is not at fault, and may be sent again as it is.
    Source: Akeneo's documentation of the update of several resources.

    >>> from akeneo_erp_bridge.catalog import FamilyPatch
    >>> from akeneo_erp_bridge.codes import FamilyCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> patches = [FamilyPatch(code=FamilyCode("gloves")), FamilyPatch(code=FamilyCode("no gloves"))]
    >>> for result in PimSimulator(sample=True).client().families.upsert_many(patches):
    ...     print(result.item.code, result.status, *result.errors)
    gloves 201
    no gloves 422 code: Family code may contain only letters, numbers and underscores
    """

    item: W_co
    status: int
    key: str | None
    errors: tuple[Violation, ...] = ()
    cause: BridgeError | None = field(default=None, eq=False)

    @property
    def ok(self) -> bool:
        """Whether the PIM holds the item now."""
        return 200 <= self.status < 300

    @property
    def created(self) -> bool:
        """Whether the item is new in the PIM."""
        return self.status == 201


@frozen
class Line(Generic[W_co]):
    """One item, ready to be sent. `parent` is the key of another thing that must be there first."""

    item: W_co
    key: str
    content: bytes = field(repr=False)
    parent: str | None = None


_new_line, _new_result = maker(Line), maker(UpsertResult)  # an upload makes one of each for every item

Entry: TypeAlias = "Line[W] | UpsertResult[W]"
"""A line, or the result of an item that could not become one."""


@frozen
class Batch(Generic[W_co]):
    """Entries in input order; the keys they write, and those of the parents they need, in lower case."""

    entries: Sequence[Line[W_co] | UpsertResult[W_co]]
    writes: frozenset[str]
    needs: frozenset[str]

    def meets(self, other: Batch[object]) -> bool:
        """Whether both write the same thing, or one a child and the other its parent."""
        return not (
            self.writes.isdisjoint(other.writes)
            and self.writes.isdisjoint(other.needs)
            and self.needs.isdisjoint(other.writes)
        )

    @property
    def lines(self) -> list[Line[W_co]]:
        return [entry for entry in self.entries if isinstance(entry, Line)]


def prepare(item: W, parts: Split, *, key: str, parent: str | None) -> Entry[W]:
    """Make a line of one item; one that is too long fails at once, since the PIM would refuse it."""
    body, values = parts
    name = str(body[key])
    content = dumps(body)
    if values is not None:
        # The key is there, so the body is never an empty object.
        content = b'%b,"values":%b}' % (content[:-1], values.encode())
    if len(content) > MOST_LINE_BYTES:
        text = f"the line is {len(content)} bytes, and the PIM takes {MOST_LINE_BYTES}"
        return UpsertResult(item, 413, name, (Violation(message=text),))
    above = body.get(parent) if parent is not None else None
    return _new_line(item, name, content, above if isinstance(above, str) else None)


def failed(item: W, key: str | None, message: str, status: int = 0) -> UpsertResult[W]:
    """Return the result of an item that is at fault itself, though the PIM gave no verdict on it."""
    return UpsertResult(item, status, key, (Violation(message=message),))


def unjudged(item: W, key: str | None, cause: BridgeError) -> UpsertResult[W]:
    """Return the result of an item whose whole request failed."""
    status = cause.status if isinstance(cause, PimRefused | PimBroken) else 0
    return UpsertResult(item, status, key, (Violation(message=str(cause)),), cause)


class Cutter(Generic[W]):
    """Cuts entries into batches by number and bytes, holding no more than the batch at hand."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._entries: list[Entry[W]] = []
        self._size = 0

    def add(self, entry: Entry[W]) -> Batch[W] | None:
        """Take one entry; gives the batch before it, when that is full."""
        length = len(entry.content) + 1 if isinstance(entry, Line) else 0
        full = None
        if self._entries and (
            len(self._entries) >= self._options.batch_lines or self._size + length > self._options.batch_bytes
        ):
            full = self.rest()
        self._entries.append(entry)
        self._size += length
        return full

    def rest(self) -> Batch[W] | None:
        """The batch at hand, if there is anything in it."""
        entries, self._entries, self._size = self._entries, [], 0
        if not entries:
            return None
        lines = [entry for entry in entries if isinstance(entry, Line)]
        writes = frozenset([line.key.lower() for line in lines])
        needs = frozenset([line.parent.lower() for line in lines if line.parent is not None])
        return Batch(entries, writes, needs)


def cut(entries: Iterable[Entry[W]], options: Options) -> Iterator[Batch[W]]:
    """Cut *entries* into batches, reading no further than the batch at hand."""
    cutter = Cutter[W](options)
    for entry in entries:
        batch = cutter.add(entry)
        if batch is not None:
            yield batch
    rest = cutter.rest()
    if rest is not None:
        yield rest


# ---- the PIM's verdicts ----
_NEWLINE: Final = b"\n"


def read_verdicts(content: bytes, lines: Sequence[Line[W]], *, array: bool) -> dict[int, JsonObject]:
    """Read a batch's answer: verdicts by the place of their line, from 0. What cannot be read has no verdict."""
    if array:
        return _by_code(content, lines)
    verdicts: dict[int, JsonObject] = {}
    for verdict in _objects(content):
        number = verdict.get("line")
        if isinstance(number, int) and 1 <= number <= len(lines):
            verdicts[number - 1] = verdict
    return verdicts


def join(line: Line[W], verdict: JsonObject) -> UpsertResult[W]:
    """Join one line and its verdict."""
    status = status_of(verdict)
    if status is None:
        return failed(line.item, line.key, "the PIM answered without a status")
    if status < 400:
        return _new_result(line.item, status, line.key)
    errors = read_violations(verdict) or (Violation(message=f"refused with {status}, no reason given"),)
    return UpsertResult(line.item, status, line.key, errors)


def status_of(verdict: JsonObject) -> int | None:
    """The HTTP status of one line's verdict, where it has any."""
    # Versions 7.0.0 to 7.0.7 call it `code` in the error lines of products by UUID.
    status = verdict.get("status_code", verdict.get("code"))
    return status if isinstance(status, int) else None


def _objects(content: bytes) -> Iterator[JsonObject]:
    parts = content.split(_NEWLINE)
    try:
        # One call of the decoder for all lines is several times faster than one for each.
        values = loads(b"[" + b",".join(part for part in parts if part) + b"]")
    except ValueError:
        values = [_one(part) for part in parts]
    if isinstance(values, list):
        for value in values:
            if isinstance(value, dict):
                yield value


def _one(part: bytes) -> JsonValue:
    try:
        return loads(part)
    except ValueError:
        return None


def _by_code(content: bytes, lines: Sequence[Line[W]]) -> dict[int, JsonObject]:
    try:
        values = loads(content)
    except ValueError:
        return {}
    by_code = {
        str(value.get("code")).lower(): value
        for value in (values if isinstance(values, list) else ())
        if isinstance(value, Mapping)
    }
    return {place: by_code[line.key.lower()] for place, line in enumerate(lines) if line.key.lower() in by_code}
