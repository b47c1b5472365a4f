"""A reading of everything, in one run or several: what it does not show is deleted, though nobody said so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, Page
from akeneo_erp_bridge.sync._drafts._deletions import Burial
from akeneo_erp_bridge.sync._drafts._draft import Draft
from akeneo_erp_bridge.sync._drafts._seen import TORN, SeenKeys, has_torn_key
from akeneo_erp_bridge.sync._reading._reading import Reading
from akeneo_erp_bridge.sync._state import RunKind, SyncState

ItemT = TypeVar("ItemT", bound=ErpItem)

_AT_ONCE: Final = 500  # keys looked at together


class Baseline(Generic[ItemT]):
    """Follows a reading from page to page, and finds the items of the ledger that it has not shown.

    A cursor of changes tells deletions too, but only those behind it: who reads everything because the cursor is no
    more, or the mapping is another one, never hears of the others. Readers of kind "snapshot" show everything each time,
    and their silence means something only where it was asked for, with `snapshot_diff`; except where their cursor
    expired, which is how a lost store of keys looks from here.

    A row whose key could not be read (`Defect`) may be any of the items that seem to be missing, so that a reading with
    one finds none; the next one does.

    What was shown is noted with each page's cursor, so that a killed run goes on in the next one. That of a snapshot is noted
    always.
    """

    def __init__(
        self,
        reading: Reading[ItemT],
        state: SyncState,
        stream: str,
        seen: SeenKeys,
        burial: Burial[ItemT],
        *,
        is_told: bool,
    ) -> None:
        self._reading = reading
        self._state = state
        self._stream = stream
        self._seen = seen
        self._burial = burial
        self._resumed: RunKind | None = state.baseline(stream) if is_told and reading.since is not None else None
        self._begun: RunKind | None = None
        self._is_told = is_told
        self._decided: bool | None = None  # whether the cursor had expired when it was decided what this is
        self._is_torn = False

    @property
    def kind(self) -> RunKind | None:
        """What reading of everything this run began, or is a part of."""
        if self._begun is not None or self._reading.expired:
            return self._begun
        return self._resumed

    def note(self, page: Page[ItemT], draft: Draft) -> None:
        """Have the keys of a page noted when it is settled."""
        # decided on the first page, and anew where the cursor expires behind it: links to a next page do
        if self._decided is not self._reading.expired:
            if self._reading.covers_all:
                self._begun = self._beginning(page) if self._is_told else None
                draft.begins = True
                self._is_torn = False
            self._decided = self._reading.expired
        draft.baseline = self.kind
        # a snapshot shows each item once: a run that goes on with it knows a second row by the keys that were shown before
        if self.kind is not None or page.resume.kind == "snapshot":
            draft.shown = [key for item in page.items if (key := item.key)]
            if any(has_torn_key(item) for item in page.items):
                self._is_torn = True
                draft.shown.append(TORN)

    def _beginning(self, page: Page[ItemT]) -> RunKind | None:
        expired = self._reading.expired
        if page.resume.kind == "snapshot" and not expired:
            return None
        if not self._state.living(self._stream, "", 1):
            return None  # the first run of all: nothing can be missing
        return "rebaseline" if expired else "full"

    def missing(self) -> Iterator[list[ErpKey]]:
        """The items that were not shown, some hundred at a time. To be asked when the reading has come to its end."""
        if self._is_torn or (self.kind is not None and self._begun is None and self._was_torn()):
            return
        after = ""
        while self.kind is not None and (keys := self._state.living(self._stream, after, _AT_ONCE)):
            after = keys[-1]
            shown = {*self._seen.among(keys), *self._burial.heard(keys)}
            if self._begun is None:
                shown |= self._state.shown_among(self._stream, keys)
            missing = [key for key in keys if key not in shown]
            if missing:
                yield missing

    def _was_torn(self) -> bool:
        """Whether an earlier run of this reading met such a row."""
        return bool(self._state.shown_among(self._stream, [TORN]))
