"""Writing one batch until each of its lines has a verdict: decisions only, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.akeneo._auth import TokenKeeper, authorised
from akeneo_erp_bridge.akeneo._errors import problem_of, unexpected
from akeneo_erp_bridge.akeneo._flow import Call, Flow
from akeneo_erp_bridge.akeneo._kinds import WriteKind
from akeneo_erp_bridge.akeneo._lines import Line, UpsertResult, failed, join, read_verdicts, unjudged
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.catalog import Entity, JsonObject, Patch
from akeneo_erp_bridge.errors import (
    BridgeError,
    ConfigurationError,
    PimBroken,
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
# So many lines in a row without a verdict: the PIM is at fault, not the lines.
_MOST_SILENT_LINES: Final = 3
_LINES_TYPE: Final = "application/vnd.akeneo.collection+json"


@frozen
class Delivery(Generic[W]):
    """The results of some lines, in their order; `hopeless` when sending more would fail the same way."""

    results: Sequence[UpsertResult[W]]
    hopeless: BridgeError | None = None


def deliver(
    kind: WriteKind[T, P], lines: Sequence[Line[W]], keeper: TokenKeeper, options: Options
) -> Flow[Delivery[W]]:
    """Send *lines*, and those again that get no verdict, until each has a result.

    A batch that is too large is split in halves. A batch that fails for good gives failed results.
    """
    desk = _Desk(lines, options.line_tries)
    while desk.pending:
        asked = desk.asked()
        try:
            verdicts = yield from _send(kind, asked, keeper, options)
        except TooLarge as error:
            if len(asked) == 1:
                desk.settle_all(error)
            else:
                middle = len(asked) // 2
                first = yield from deliver(kind, asked[:middle], keeper, options)
                second = yield from deliver(kind, asked[middle:], keeper, options)
                desk.settle([*first.results, *second.results])
                return Delivery(desk.results(), first.hopeless or second.hopeless)
        except (PimError, ConfigurationError) as error:
            desk.settle_all(error)
            return Delivery(desk.results(), error if isinstance(error, _HOPELESS) else None)
        else:
            desk.take(verdicts)
    return Delivery(desk.results())


class _Desk(Generic[W]):
    """Which lines of one batch have a result, and which still wait for one."""

    def __init__(self, lines: Sequence[Line[W]], most_tries: int) -> None:
        self._lines = lines
        self._most_tries = most_tries
        self._found: dict[int, UpsertResult[W]] = {}
        self._tries = 0
        self._suspects: list[int] = []
        self.pending = [*range(len(lines))]

    def asked(self) -> list[Line[W]]:
        return [self._lines[place] for place in self.pending]

    def results(self) -> list[UpsertResult[W]]:
        return [self._found[place] for place in range(len(self._lines))]

    def settle(self, results: Sequence[UpsertResult[W]]) -> None:
        self._found.update(zip(self.pending, results, strict=True))
        self.pending = []

    def settle_all(self, error: BridgeError) -> None:
        if isinstance(error, TooLarge):
            self.settle([failed(line.item, line.key, str(error), error.status) for line in self.asked()])
        else:
            self.settle([unjudged(line.item, line.key, error) for line in self.asked()])

    def take(self, verdicts: dict[int, JsonObject]) -> None:
        """Join verdicts to lines; whatever has none stays pending, in its order, a bounded number of times."""
        for offset, verdict in verdicts.items():
            place = self.pending[offset]
            self._found[place] = join(self._lines[place], verdict)
        if len(self._found) == len(self._lines):  # as nearly always: no line is looked for
            self.pending = []
            return
        missing = [place for place in self.pending if place not in self._found]
        if len(missing) < len(self.pending):
            self._tries = 0
            self._suspects = []
            self.pending = missing
            return
        self._tries += 1
        if self._tries >= self._most_tries:
            self._drop_first()

    def _drop_first(self) -> None:
        # The PIM works line by line, so the first line without a verdict is the one that stops it.
        self._tries = 0
        if len(self._suspects) + 1 >= _MOST_SILENT_LINES:
            self.pending = [*self._suspects, *self.pending]  # it was none of them
            self.settle_all(PimBroken("the PIM answers without a verdict on any line", status=0))
            return
        place = self.pending[0]
        self._suspects.append(place)
        line = self._lines[place]
        text = f"the PIM stopped at this line without a verdict, {self._most_tries} times"
        self.settle_first(failed(line.item, line.key, text))

    def settle_first(self, result: UpsertResult[W]) -> None:
        self._found[self.pending[0]] = result
        self.pending = self.pending[1:]


def _send(
    kind: WriteKind[T, P], lines: Sequence[Line[W]], keeper: TokenKeeper, options: Options
) -> Flow[dict[int, JsonObject]]:
    call = _call(kind, lines)
    answer = yield from authorised(call, keeper, options.retry)
    if not 200 <= answer.status < 300:
        raise problem_of(call, answer)
    if answer.content.lstrip()[:1] == b"<":
        raise unexpected(str(call), answer)
    return read_verdicts(answer.content, lines, array=kind.array)


def _call(kind: WriteKind[T, P], lines: Sequence[Line[W]]) -> Call:
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
    )
