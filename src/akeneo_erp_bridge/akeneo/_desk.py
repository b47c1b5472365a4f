"""Which lines of a batch have a result, and what becomes of those that the PIM leaves unanswered. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from akeneo_erp_bridge.akeneo._kinds import WriteKind
from akeneo_erp_bridge.akeneo._lines import Line, UpsertResult, failed, join, status_of, unjudged
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._retry import Outcome
from akeneo_erp_bridge.catalog import JsonObject
from akeneo_erp_bridge.errors import BridgeError, PimBroken, PimError, RateLimited, SignInRefused, TooLarge

__all__ = ["Desk"]

W = TypeVar("W")

# So many lines in a row without a verdict: the PIM is at fault, not the lines.
_MOST_SILENT_LINES: Final = 3


class Desk(Generic[W]):
    """Which lines of one batch have a result, and which still wait for one.

    `pending` are the places of the latter; `pause` is how many seconds to wait before they are sent.
    """

    def __init__(
        self, lines: Sequence[Line[W]], kind: WriteKind[Any, Any], options: Options
    ) -> None:  # Any: of whatever kind is written
        self._lines = lines
        self._kind = kind
        self._options = options
        self._found: dict[int, UpsertResult[W]] = {}
        self._tries = 0
        self._suspects: list[int] = []
        self.pending = [*range(len(lines))]
        self.pause = 0.0

    def asked(self) -> list[Line[W]]:
        return [self._lines[place] for place in self.pending]

    def results(self) -> list[UpsertResult[W]]:
        return [self._found[place] for place in range(len(self._lines))]

    def settle(self, results: Sequence[UpsertResult[W]]) -> None:
        self._found.update(zip(self.pending, results, strict=True))
        self.pending = []

    def settle_all(self, error: BridgeError) -> None:
        """None of the pending lines was judged, but one that is too long is at fault itself."""
        if isinstance(error, TooLarge):
            self.settle([failed(line.item, line.key, str(error), error.status) for line in self.asked()])
        else:
            self.settle([unjudged(line.item, line.key, error) for line in self.asked()])

    def take(self, verdicts: Mapping[int, JsonObject]) -> None:
        """Join verdicts to lines; whatever has none stays pending, in its order, a bounded number of times."""
        put_off: dict[int, int] = {}
        for offset, verdict in verdicts.items():
            place, status = self.pending[offset], status_of(verdict)
            if status is not None and _is_passing(status):
                put_off[place] = status
            else:
                self._found[place] = join(self._lines[place], verdict)
        self.pause = 0.0
        if len(self._found) == len(self._lines):  # as nearly always: no line is looked for
            self.pending = []
            return
        missing = [place for place in self.pending if place not in self._found]
        if len(missing) < len(self.pending):
            self._tries = 0
            self._suspects = []
            self.pending = missing
        else:
            self._tries += 1
        if put_off:
            self._put_off(put_off)
        elif self._tries >= self._options.line_tries:
            self._drop_first()

    def _put_off(self, statuses: Mapping[int, int]) -> None:
        """Lines to which the PIM says that it cannot now: later, and no fault of theirs when it never can."""
        worst = max(statuses.values())
        pause = self._options.retry.pause_after(self._tries + 1, Outcome(status=worst))
        if self._tries < self._options.line_tries and (pause is not None or worst == 401):
            self.pause = pause.total_seconds() if pause is not None else 0.0
            return
        for place, status in statuses.items():
            line = self._lines[place]
            said = f"PATCH {self._kind.named(line.key)}: the PIM answers {status} to this line, to the last try as well"
            self._found[place] = unjudged(line.item, line.key, _cause(said, status))
        self.pending = [place for place in self.pending if place not in self._found]
        self._tries = 0

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
        text = f"the PIM stopped at this line without a verdict, {self._options.line_tries} times"
        self._found[place] = failed(line.item, line.key, text)
        self.pending = self.pending[1:]


def _is_passing(status: int) -> bool:
    return status in (401, 408, 429) or status >= 500


def _cause(said: str, status: int) -> PimError:
    if status == 401:
        return SignInRefused(said, status=status)
    if status == 429:
        return RateLimited(said)
    return PimBroken(said, status=status)
