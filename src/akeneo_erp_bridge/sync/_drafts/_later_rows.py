"""A key that comes again within one run: is it the same row, a newer state of the item, or another row that bears its number?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Generic, Literal, TypeAlias, TypeVar, cast

from attrs import frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Choice, ChoiceReader, CursorKind, ErpItem, HotReader, ItemReader
from akeneo_erp_bridge.erp._snapshot_diff import SnapshotDiff
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys

ItemT = TypeVar("ItemT", bound=ErpItem)

Verdict: TypeAlias = Literal["counts", "again", "rival"]
"""What a row is: the one that counts, a repetition, or another row of the same number."""

Ask: TypeAlias = Callable[[Sequence[ErpKey]], Mapping[ErpKey, Mapping[str, ItemT]]]
"""What the ERP holds now under these keys: each row by its fingerprint."""


@frozen
class Met:
    """A verdict on each row of a page. `renewed` are the keys of which an earlier page had another state."""

    verdicts: Sequence[Verdict]
    renewed: frozenset[ErpKey] = frozenset()


class LaterRows(Generic[ItemT]):
    """Knows the rows of one run, and judges those of the next page.

    A snapshot shows each item once, so that a second row of other content is a rival. A reading of changes, or one that
    takes its time, may show an item twice, and the second state is the newer one: to park it would be to lose it, for
    the cursor goes on behind it. But two rows may bear one number there, too. An ERP that can be asked for some items
    tells which it is; of one that cannot, the later row counts.
    """

    def __init__(self, seen: SeenKeys, ask: Ask[ItemT] | None) -> None:
        self._seen = seen
        self._ask = ask

    def meet(self, rows: Sequence[tuple[ErpKey, str]], kind: CursorKind) -> Met:
        """Judge the rows of a page by key and fingerprint. Raises what the ERP raises that is asked."""
        first = self._seen.meet(rows)
        known = [one if one is not None else told for one, (_, told) in zip(first, rows, strict=True)]
        contested = {key for (key, told), one in zip(rows, known, strict=True) if key and told != one}
        verdicts: list[Verdict] = [
            "counts" if one is None else "again" if one == told else "rival"
            for (_, told), one in zip(rows, first, strict=True)
        ]
        newer = self._newer(contested) if contested and kind != "snapshot" else frozenset[ErpKey]()
        last = {key: place for place, (key, _) in enumerate(rows) if key in newer}
        before = {key: one for (key, _), one in reversed(list(zip(rows, first, strict=True))) if key in newer}
        for place, (key, _) in enumerate(rows) if newer else ():
            if key in newer:
                verdicts[place] = "counts" if place == last[key] else "again"
        self._seen.renew([rows[place] for place in last.values()])
        return Met(verdicts, frozenset(key for key, one in before.items() if one is not None))

    def _newer(self, keys: Collection[ErpKey]) -> frozenset[ErpKey]:
        """Those of the keys that have one row in the ERP, or none any more: then its deletion is still to come."""
        if self._ask is None:
            return frozenset(keys)
        found = self._ask(sorted(keys))
        return frozenset(key for key in keys if len(found.get(key, ())) < 2)


def asking(
    erp: ItemReader[ItemT] | HotReader[ItemT],
    item: type[ItemT],
    paths: tuple[str, ...],
    fields: frozenset[str],
    limit: int,
) -> Ask[ItemT] | None:
    """How to ask this ERP for some keys, with *fields* and fingerprints over *paths*; `None` where it cannot be asked."""
    reader = erp
    while isinstance(reader, SnapshotDiff):
        reader = reader.reader  # it would note what is asked for, and read everything where its reader cannot choose
    if not isinstance(reader, ChoiceReader):
        return None
    # the cast: a reader of these items chooses among them, which no check at run time can see
    chooser = cast("ChoiceReader[ItemT]", reader)
    path = item.key_spec().path

    def ask(keys: Sequence[ErpKey]) -> Mapping[ErpKey, Mapping[str, ItemT]]:
        found: dict[ErpKey, dict[str, ItemT]] = {key: {} for key in keys}
        for page in chooser.read_some(Choice(path, tuple(keys)), fields=fields, limit=limit):
            for one in page.items:
                if (key := one.key) in found:  # it may give more than it was asked for
                    found[key][one.fingerprint(paths)] = one
        return found

    return ask
