"""Writing one batch until each of its lines has a verdict: decisions only, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from attrs import define, field, frozen

from akeneo_erp_bridge.akeneo._auth import TokenKeeper, authorised
from akeneo_erp_bridge.akeneo._desk import Desk
from akeneo_erp_bridge.akeneo._errors import is_turned_away, problem_of, unexpected
from akeneo_erp_bridge.akeneo._flow import Call, Flow
from akeneo_erp_bridge.akeneo._kinds import WriteKind
from akeneo_erp_bridge.akeneo._lines import Line, UpsertResult, failed, read_verdicts, unjudged
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.catalog import Entity, JsonObject, Patch
from akeneo_erp_bridge.errors import (
    BridgeError,
    ConfigurationError,
    PimError,
    SignInRefused,
    TooLarge,
    UnexpectedAnswer,
)

__all__ = ["Delivery", "deliver"]

T = TypeVar("T", bound=Entity)
P = TypeVar("P", bound=Patch)
W = TypeVar("W")

# Every other batch would fail the same way, so going on would only hide the cause.
_HOPELESS: Final = (SignInRefused, UnexpectedAnswer, ConfigurationError)
# So many lines in a row turned away by something in front of the PIM: it may be shut for all of them.
_MOST_TURNED_AWAY: Final = 5
_DISLIKED: Final = (
    "something in front of the PIM, such as a firewall, turns this line away (403) and lets others through: "
    "is there anything in its texts that looks like an attack, such as HTML, or is it too long?"
)
_LINES_TYPE: Final = "application/vnd.akeneo.collection+json"


@frozen
class Delivery(Generic[W]):
    """The results of some lines, in their order; `hopeless` when sending more would fail the same way."""

    results: Sequence[UpsertResult[W]]
    hopeless: BridgeError | None = None


@define
class _Door(Generic[W]):
    """What stands in front of the PIM, such as a firewall, and answers 403 in its own words.

    It may dislike one line, or let nobody in: a line that it turns away is at fault only if it lets another one
    through afterwards. `passed` is the last line that came through; `waiting` are the refusals since then, of one line
    each; `guilty` are those before.
    """

    passed: Line[W] | None = None
    waiting: list[PimError] = field(factory=list[PimError])
    guilty: list[PimError] = field(factory=list[PimError])

    def let_through(self, line: Line[W]) -> None:
        self.passed = line
        self.guilty += self.waiting
        self.waiting = []

    def judged(self, result: UpsertResult[W]) -> UpsertResult[W]:
        """The result, which blames the line where others came through."""
        if any(result.cause is one for one in self.guilty):
            return failed(result.item, result.key, _DISLIKED, result.status)
        return result


class _TurnedAway(Exception):
    """A whole request was refused, and a part of it might not be."""

    def __init__(self, error: PimError) -> None:
        super().__init__(str(error))
        self.error = error


def deliver(
    kind: WriteKind[T, P], lines: Sequence[Line[W]], keeper: TokenKeeper, options: Options
) -> Flow[Delivery[W]]:
    """Send *lines*, and those again that get no verdict, until each has a result.

    A batch that is too large, or that something in front of the PIM turns away, is split in halves. A batch that fails
    for good gives failed results.
    """
    door = _Door[W]()
    delivery = yield from _deliver(kind, lines, keeper, options, door)
    hopeless = delivery.hopeless
    if door.waiting and hopeless is None and not (yield from _is_open(kind, keeper, options, door)):
        hopeless = door.waiting[0]
    if door.waiting or door.guilty:
        return Delivery([door.judged(result) for result in delivery.results], hopeless)
    return Delivery(delivery.results, hopeless)


def _deliver(
    kind: WriteKind[T, P], lines: Sequence[Line[W]], keeper: TokenKeeper, options: Options, door: _Door[W]
) -> Flow[Delivery[W]]:
    desk = Desk(lines, kind, options)
    while desk.pending:
        asked = desk.asked()
        try:
            verdicts = yield from _send(kind, asked, keeper, options, after=desk.pause)
        except _TurnedAway as turned:
            if len(asked) > 1:
                halves = yield from _in_halves(kind, asked, keeper, options, door)
                desk.settle(halves.results)
                return Delivery(desk.results(), halves.hopeless)
            desk.settle_all(turned.error)
            hopeless = yield from _alone(kind, turned.error, keeper, options, door)
            return Delivery(desk.results(), hopeless)
        except (PimError, ConfigurationError) as error:
            desk.settle_all(error)
            return Delivery(desk.results(), error if isinstance(error, _HOPELESS) else None)
        door.let_through(asked[-1])
        desk.take(verdicts)
    return Delivery(desk.results())


def _in_halves(
    kind: WriteKind[T, P], lines: Sequence[Line[W]], keeper: TokenKeeper, options: Options, door: _Door[W]
) -> Flow[Delivery[W]]:
    """The first half, then the second: a line may need one before it."""
    middle = len(lines) // 2
    first = yield from _deliver(kind, lines[:middle], keeper, options, door)
    if first.hopeless is not None:
        cause = first.hopeless
        rest = [unjudged(line.item, line.key, cause) for line in lines[middle:]]
        return Delivery([*first.results, *rest], cause)
    second = yield from _deliver(kind, lines[middle:], keeper, options, door)
    return Delivery([*first.results, *second.results], second.hopeless)


def _alone(
    kind: WriteKind[T, P], error: PimError, keeper: TokenKeeper, options: Options, door: _Door[W]
) -> Flow[BridgeError | None]:
    """A line was refused alone; what makes it useless to send others, if anything does."""
    if isinstance(error, TooLarge):
        return None
    door.waiting.append(error)
    if len(door.waiting) < _MOST_TURNED_AWAY or (yield from _is_open(kind, keeper, options, door)):
        return None
    return error


def _is_open(kind: WriteKind[T, P], keeper: TokenKeeper, options: Options, door: _Door[W]) -> Flow[bool]:
    """Whether the last line that came through still does; an upsert twice is an upsert once."""
    witness = door.passed
    if witness is None:
        return False
    try:
        yield from _send(kind, [witness], keeper, options)
    except (_TurnedAway, PimError, ConfigurationError):
        return False
    door.let_through(witness)
    return True


def _send(
    kind: WriteKind[T, P], lines: Sequence[Line[W]], keeper: TokenKeeper, options: Options, *, after: float = 0.0
) -> Flow[dict[int, JsonObject]]:
    call = _call(kind, lines, after)
    answer = yield from authorised(call, keeper, options.retry)
    if not 200 <= answer.status < 300:
        problem = problem_of(call, answer)
        if is_turned_away(answer) or isinstance(problem, TooLarge):
            raise _TurnedAway(problem)
        raise problem
    if answer.content.lstrip()[:1] == b"<":
        raise unexpected(str(call), answer)
    return read_verdicts(answer.content, lines, array=kind.array)


def _call(kind: WriteKind[T, P], lines: Sequence[Line[W]], after: float) -> Call:
    contents = [line.content for line in lines]
    # No line break behind the last line: the PIM would take it for one more line.
    content = b"[" + b",".join(contents) + b"]" if kind.array else b"\n".join(contents)
    return Call(
        method="PATCH",
        target=kind.path,
        what=f"{len(lines)} {kind.plural}, {kind.key} {lines[0].key!r} to {lines[-1].key!r}",
        content=content,
        headers={"Content-Type": "application/json" if kind.array else _LINES_TYPE},
        lane=kind.lane,
        by_line=not kind.array,
        after=after,
    )
