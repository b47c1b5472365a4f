"""Flat rows find their models: rows are taken in, placed, and given out as models, sub models and products."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from hashlib import blake2b
from typing import Final, Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import FamilyVariant, JsonValue, is_whole
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, ErpItem, ErpSchema, Health, ItemReader, Page
from akeneo_erp_bridge.errors import CursorExpired
from akeneo_erp_bridge.mapping import CompiledCell, CompiledMapping, Group, Member, VariantMapping, family_variants
from akeneo_erp_bridge.mapping._cuts import cut_of
from akeneo_erp_bridge.rules import Outcome, Problem, Put, Rule, identity, shown
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._drafts._later_rows import LaterRows, asking
from akeneo_erp_bridge.sync._drafts._seen import TORN, SeenKeys, has_torn_key
from akeneo_erp_bridge.sync._rows._records import (
    DELETED,
    LIVING,
    ODD,
    RIVAL,
    Placed,
    Settlement,
    Standing,
    StoredModel,
    StoredRow,
    folded,
)
from akeneo_erp_bridge.sync._rows._store import RowStore
from akeneo_erp_bridge.sync._rows._text import read_row, write_row

ItemT = TypeVar("ItemT", bound=ErpItem)
M = TypeVar("M", bound=ErpItem)
T = TypeVar("T")

_SLICE: Final = 200
_LISTED: Final = 5


class RowGroups(Generic[ItemT]):
    """The rows of one mapping in one store. `take_in` reads the ERP; the readers give out what came of it."""

    def __init__(self, compiled: CompiledMapping[ItemT], mapping: VariantMapping[ItemT], store: RowStore) -> None:
        self._source = mapping.source
        self._variants = mapping.variants
        self._store = store
        self._known: Mapping[str, FamilyVariant] = family_variants(compiled.structure)
        self._axes: dict[str, CompiledCell[ItemT]] = {
            cell.binding.cell.attribute: cell for cell in compiled.cells.values() if cell.attribute is not None
        }
        self._paths = mapping.paths
        rules = [*mapping.variants.rules, *(one.binding.rule for one in self._axes.values())]
        self._seen = cut_of(mapping.source.key_spec().path, rules)
        axes = {code: [str(axis) for axis in one.axes] for code, one in self._known.items()}
        told = identity([mapping.variants, sorted(axes.items()), mapping.paths, mapping.source])
        told += identity([(code, cell.binding.rule) for code, cell in sorted(self._axes.items())])
        self._context = blake2b(told.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()

    # ---- in ----
    def take_in(self, erp: ItemReader[ItemT], *, limit: int, anew: bool, seen: Callable[[], None]) -> None:
        """Read what the ERP has that is new, and bring the models up to date.

        A reading of everything that a killed run began goes on here, and finds at its end what none of its runs was shown.
        """
        since, begins = (None, True) if anew else self._store.resume(self._context)
        try:
            self._read(erp, since, limit, seen, begins=begins)
        except CursorExpired:
            self._read(erp, None, limit, seen, begins=True, expired=True)
        self.settle()

    def _read(
        self,
        erp: ItemReader[ItemT],
        since: Cursor | None,
        limit: int,
        seen: Callable[[], None],
        *,
        begins: bool,
        expired: bool = False,
    ) -> None:
        shows_changes = since is not None and since.kind != "snapshot"
        if begins:
            self._store.begin_all(expired=expired)
        shows_all = self._store.shows_all
        goes_on = not begins and shows_all and since is not None and bool(since.blob)
        fields = frozenset(self._paths)
        with closing(SeenKeys()) as keys:
            later = LaterRows(keys, asking(erp, self._source, self._paths, fields, limit))
            for page in erp.read_items(since, fields=fields, limit=limit):
                prints = [(item.key, item.fingerprint(self._paths)) for item in page.items]
                if goes_on and page.resume.kind == "snapshot":
                    keys.meet(self._shown_before(page.items, prints))
                met = later.meet(prints, page.resume.kind).verdicts
                rows = [
                    self._placed(item) if key and verdict != "rival" else self._odd(item, told)
                    for item, (key, told), verdict in zip(page.items, prints, met, strict=True)
                ]
                living = {key for key, _ in prints}
                gone = [key for key in page.tombstones if key not in living]
                fresh = [key for (key, _), verdict in zip(prints, met, strict=True) if verdict == "counts"]
                told_of = (
                    [*(key for key in living if key), *(TORN for item in page.items if has_torn_key(item))]
                    if shows_all
                    else []
                )
                shows_changes = page.resume.kind != "snapshot"
                self._store.take(rows, gone, page.resume, self._context, fresh=fresh, shown=told_of)
                keys.forget(gone)
                seen()
        if shows_all:
            self._store.miss(shows_changes=shows_changes)
        self._store.finish()

    def _shown_before(self, items: Sequence[ItemT], prints: Sequence[tuple[ErpKey, str]]) -> list[tuple[ErpKey, str]]:
        """The keys of a page that a killed run of this snapshot has met, with the row that counts."""
        before = self._store.shown_before([key for key, _ in prints if key])
        return [
            (key, told if before[key] == self._text(item)[0] else "")
            for item, (key, told) in zip(items, prints, strict=True)
            if key in before
        ]

    def _placed(self, item: ItemT) -> Placed:
        text, trouble = self._text(item)
        if trouble is not None:
            return Placed(item.key, text, trouble=trouble)
        # as everywhere, rules see what their like say they read, and nothing else
        return self._grouped(item.narrowed(self._seen), text)

    def _grouped(self, item: ItemT, text: str) -> Placed:
        model = _code(self._variants.model, item)
        if model.code is None:
            return Placed(item.key, text, trouble=model.trouble)
        variant = _code(self._variants.variant_rule, item)
        known = self._known.get(variant.code or "")
        if known is None:
            named = (
                f"family variant {shown(variant.code)} is not in the PIM"
                if variant.code
                else "it has no family variant"
            )
            seen = variant.trouble or named
            return Placed(item.key, text, model.code, trouble=seen)
        sub = _Code(None, None)
        if known.levels == 2:
            sub = _Code(None, "no rule gives its sub model")
            if self._variants.sub_model is not None:
                sub = _code(self._variants.sub_model, item)
                sub = sub if sub.code or sub.trouble else _Code(None, "the row has no code for its sub model")
        axes, missing = self._axes_of(item, known)
        trouble = sub.trouble or missing
        return Placed(item.key, text, model.code, sub.code, variant.code, axes, trouble)

    @staticmethod
    def _odd(item: ErpItem, fingerprint: str) -> Placed:
        """A row that cannot be kept under its key, and is to be parked."""
        if item.key:
            return Placed(ErpKey(f"{item.key}{RIVAL}{ODD}{fingerprint}"), "{}", trouble=words.TWICE)
        trouble = words.no_key(item, fingerprint).detail
        return Placed(ErpKey(f"(no key) {fingerprint[:8]}{ODD}"), "{}", trouble=_writable(trouble))

    def _text(self, item: ItemT) -> tuple[str, str | None]:
        """The row as it is kept, or why it cannot be."""
        try:
            return write_row(item.values_at(self._paths)), None
        except (ValueError, RecursionError) as error:
            return "{}", _writable(str(error))

    def _axes_of(self, item: ItemT, variant: FamilyVariant) -> tuple[str | None, str | None]:
        """The axis values as one text, or what is wrong with them."""
        values: list[tuple[str, JsonValue]] = []
        for axis in variant.axes:
            cell = self._axes.get(axis)
            if cell is None:
                return None, f"its family variant tells variants apart by '{axis}', which no binding fills"
            wire = _wire(cell, _said(cell.binding.rule, item))
            if wire is None:
                return None, f"axis '{axis}' has no value, and tells this variant from its siblings; fill it in the ERP"
            if isinstance(wire, Problem):
                return None, f"axis '{axis}': {wire}"
            values.append((str(axis), wire))
        return json.dumps(values, sort_keys=True), None

    # ---- the models ----
    def settle(self) -> None:
        """Bring the models up to date whose rows changed."""
        while some := self._store.dirty(_SLICE):
            self._store.settle([self._settled(root) for root in some])

    def _settled(self, root: str) -> Settlement:
        rows = self._store.living(root)
        if self._variants.lone == "simple" and len(rows) == 1 and rows[0].trouble is None:
            return Settlement(root, [], [], [Standing(rows[0].key, None, None)])
        trouble = _one_variant(root, rows)
        placed = [one for one in rows if one.trouble is None]
        models = [StoredModel(root_code(rows), root, placed[0].variant, trouble)] if placed else []
        above = trouble or self._absent(0, root)
        subs = self._subs(root, placed, above)
        below = {code: one.trouble or self._absent(1, code) for code, one in subs.items()}
        twins = _twins(placed)
        standings = [
            Standing(one.key, parent, one.trouble or above or below.get(folded(one.sub or "")) or twins.get(one.key))
            for one in rows
            for parent in [_parent(one, models, subs)]
        ]
        return Settlement(root, models, list(subs.values()), standings)

    def _subs(self, root: str, rows: Sequence[Placed], above: str | None) -> dict[str, StoredModel]:
        subs: dict[str, StoredModel] = {}
        for one in rows:
            if one.sub is None or folded(one.sub) in subs:
                continue
            roots = self._store.roots_of(one.sub)
            trouble = above
            if len(roots) > 1:
                trouble = f"sub model '{one.sub}' has rows of several models ({', '.join(roots)}); give it another code in each"
            subs[folded(one.sub)] = StoredModel(one.sub, root, one.variant, trouble)
        return subs

    def _absent(self, level: int, code: str) -> str | None:
        reason = self._store.blocked(level, code)
        return None if reason is None else f"its model '{code}' {reason}"

    # ---- out ----
    def models(self, level: int) -> ItemReader[Group[ItemT]]:
        """The root models (level 0) or sub models (level 1) as an ERP."""
        return _Out(self._store, lambda seq, limit: self._model_page(level, seq, limit))

    def products(self) -> ItemReader[Member[ItemT]]:
        """The products and variants as an ERP."""
        return _Out(self._store, self._product_page)

    def _model_page(self, level: int, seq: int, limit: int) -> Page[Group[ItemT]]:
        found = self._store.models_behind(level, seq, limit)
        groups: list[Group[ItemT]] = []
        for one in found:
            if not one.gone:
                row = {
                    "code": one.code,
                    "parent": one.root,
                    "family_variant": one.variant,
                    "trouble": one.trouble,
                    "turn": one.turn,
                }
                groups.append(
                    Group(row, [self._source(read_row(text)) for text in self._store.texts_of(level, one.code)])
                )
        gone = [ErpKey(one.code) for one in found if one.gone]
        return Page(groups, gone, self._resume(found[-1].seq if found else seq))

    def _product_page(self, seq: int, limit: int) -> Page[Member[ItemT]]:
        found = self._store.rows_behind(seq, limit)
        members = [self._member(one) for one in found if one.gone == LIVING]
        gone = [_name(one) for one in found if one.gone == DELETED]
        return Page(members, gone, self._resume(found[-1].seq if found else seq))

    def _member(self, one: StoredRow) -> Member[ItemT]:
        variant = one.variant if one.parent is not None else None
        row = {
            "key": _name(one),
            "parent": one.parent,
            "family_variant": variant,
            "trouble": one.trouble,
            "turn": one.turn,
        }
        return Member(row, self._source(read_row(one.text)))

    def _resume(self, seq: int) -> Cursor:
        return Cursor("sequence", str(seq), self._store.id)


def _name(one: StoredRow) -> ErpKey:
    """What a row is called outside of the store."""
    return ErpKey(one.key.partition(ODD)[0])


@frozen
class _Code:
    code: str | None
    trouble: str | None


def _said(rule: Rule[ItemT, T, object], item: ItemT) -> Outcome[T]:
    """What a rule says of a row; one that raises is a problem of the row."""
    try:
        return rule.run(item)
    except Exception as error:  # noqa: BLE001 - a rule of a user's own may raise anything; the row is parked with the reason
        seen = f"raised {type(error).__name__} ({shown(str(error), longest=200)})"
        return Problem("rule_failed", "", f"rule '{rule.label}' {seen}; mend the rule, it should give a Problem")


def _code(rule: Rule[ItemT, str, object], item: ItemT) -> _Code:
    outcome = _said(rule, item)
    if isinstance(outcome, Problem):
        return _Code(None, _writable(str(outcome)))
    text = outcome.value.strip() if isinstance(outcome, Put) else ""
    if not is_whole(text):
        return _Code(
            None, f"the code {shown(text)} holds half a character; correct it, or the encoding it is read with"
        )
    return _Code(text or None, None)


def _writable(text: str) -> str:
    """Half characters spelled out: SQLite takes none."""
    return text.encode("utf-8", "backslashreplace").decode()


def _wire(cell: CompiledCell[ItemT], outcome: Outcome[object]) -> JsonValue | Problem:
    if isinstance(outcome, Problem):
        return outcome
    if not isinstance(outcome, Put) or outcome.value is None:
        return None
    wire = cell.encode(outcome.value)
    return wire if isinstance(wire, Problem) else cell.canonical(wire)


def root_code(rows: Sequence[Placed]) -> str:
    """The code as the first row writes it."""
    return next(one.model for one in rows if one.model is not None)


def _parent(row: Placed, models: Sequence[StoredModel], subs: Mapping[str, StoredModel]) -> str | None:
    """The model right above a row; a row with trouble may have none that any row could stand below."""
    if row.sub is None:
        return models[0].code if models else None
    sub = subs.get(folded(row.sub))
    return sub.code if sub is not None else None


def _one_variant(root: str, rows: Sequence[Placed]) -> str | None:
    """What is wrong where the rows of a model are of different family variants."""
    said = {one.variant: one.key for one in reversed(rows) if one.variant is not None}
    if len(said) < 2:
        return None
    heard = ", ".join(f"{key} says '{variant}'" for variant, key in sorted(said.items(), key=lambda pair: pair[1]))
    return f"the rows of model '{root}' are of different family variants: {heard}; make them agree in the ERP"


def _twins(rows: Sequence[Placed]) -> dict[ErpKey, str]:
    """The rows that share all axis values with another; the PIM would refuse one, and which is chance."""
    same: defaultdict[str, list[Placed]] = defaultdict(list)
    for one in rows:
        if one.axes is not None:
            same[one.axes.lower()].append(one)
    found: dict[ErpKey, str] = {}
    for twins in same.values():
        if len(twins) > 1:
            keys = ", ".join(str(one.key) for one in twins[:_LISTED]) + (", ..." if len(twins) > _LISTED else "")
            values = ", ".join(f"{axis}={value}" for axis, value in json.loads(twins[0].axes or "[]"))
            text = f"rows {keys} are the same variant ({values}); correct the axes of all but one in the ERP"
            found |= {one.key: text for one in twins}
    return found


@frozen
class _Out(Generic[M]):
    """An ERP that is the store."""

    store: RowStore
    page: Callable[[int, int], Page[M]]

    def describe(self) -> ErpSchema:
        return ErpSchema(f"the rows in {self.store.path.name}")

    def check(self) -> Health:
        return Health(ok=True, message=f"{self.store.path} is open")

    def deletions(self, since: Cursor | None) -> Iterator[Sequence[ErpKey]]:
        """The rows that are deleted behind a cursor, before it is read; of models nothing is deleted."""
        is_ours = since is not None and since.schema_hash == self.store.id and since.blob.isdigit()
        return self.store.deleted_behind(int(since.blob) if since is not None and is_ours else 0, _SLICE)

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[M]]:
        if since is not None and (since.schema_hash != self.store.id or not since.blob.isdigit()):
            raise CursorExpired("the cursor is of another row store; all is read again")
        seq = int(since.blob) if since is not None else 0
        if seq > self.store.seq:
            raise CursorExpired("the row store is older than the cursor; all is read again")
        while True:
            page = self.page(seq, limit)
            if page.resume.blob == str(seq):
                return
            yield page
            seq = int(page.resume.blob)
