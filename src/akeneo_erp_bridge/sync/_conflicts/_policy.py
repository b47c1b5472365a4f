"""Cells that the ERP owns and a PIM user changed: what becomes of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Literal, Never, TypeAlias, TypeVar

from attrs import field, frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import CompiledCell, ItemMapping
from akeneo_erp_bridge.rules import Cell, Owner
from akeneo_erp_bridge.sync._drafts._diff import Base
from akeneo_erp_bridge.sync._drafts._members import listed, name, names

__all__ = ["ConflictPolicy", "Conflicts", "Look"]

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")

ConflictPolicy: TypeAlias = Literal["overwrite", "hold", "report"]
"""What becomes of a cell of the ERP's that a PIM user changed: see `Conflicts`."""

Look: TypeAlias = Literal["changed", "all"]
"""Which items are looked at in the PIM: those that change in the ERP, or all of them."""

_TAKEN: Final = "taken "
"""Before a cell's key, in the stamps of a ledger entry: a person decided for the PIM's value. No cell's key has a space."""


@frozen
class Conflicts:
    """Who wins where a PIM user changed a cell that the ERP owns.

    ``"overwrite"``: the ERP. ``"hold"``: nobody, until a person decides with `resolve`, or the two come to agree; the cell
    is not written, and `SyncState.held` lists both versions. ``"report"``: who changed it last, as far as can be seen. What is
    new in the ERP is written, and what a PIM user changed while the ERP did not stays; both are told in the report.

    `policy` is for all cells of the mapping, but for those named under another one. `look` says when the PIM is asked:
    ``"changed"`` reads the items that are about to be written, a hundred to a request, and asks nothing where every
    cell is overwritten. ``"all"`` reads the whole ERP and every item of it in the PIM, which is for an audit now and then; what a PIM user deleted is
    made anew.

    >>> from akeneo_erp_bridge.rules import Cell
    >>> NAME: Cell[str] = Cell("name", locale="en_US")
    >>> conflicts = Conflicts("hold", overwrite=[NAME])
    >>> conflicts.of("name[en_US]"), conflicts.of("family")
    ('overwrite', 'hold')

    Raises `ConfigurationError` for a policy that there is not, and for a cell under two of them.
    """

    policy: ConflictPolicy = "overwrite"
    overwrite: Sequence[Cell[Never]] = field(default=(), kw_only=True)
    hold: Sequence[Cell[Never]] = field(default=(), kw_only=True)
    report: Sequence[Cell[Never]] = field(default=(), kw_only=True)
    look: Look = field(default="changed", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.policy not in ("overwrite", "hold", "report"):
            raise ConfigurationError(f"no policy {self.policy!r} for conflicts; 'overwrite', 'hold' or 'report'")
        if self.look not in ("changed", "all"):
            raise ConfigurationError(f"no look {self.look!r} for conflicts; 'changed' or 'all'")
        keys = [cell.key for _, cells in self._named() for cell in cells]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ConfigurationError(f"cell '{twice[0]}' is named twice in Conflicts; one cell has one policy")

    def of(self, key: str) -> ConflictPolicy:
        """The policy of a cell, by its key."""
        for policy, cells in self._named():
            if any(one.key == key for one in cells):
                return policy
        return self.policy

    def check(self, mapping: ItemMapping[ItemT]) -> None:
        """Raise `ConfigurationError` for a named cell that the mapping does not write: its policy would say nothing."""
        bound = {one.cell.key for one in mapping.bindings if one.owner is Owner.ERP}
        for policy, cells in self._named():
            for cell in cells:
                if cell.key not in bound:
                    raise ConfigurationError(
                        f"Conflicts({policy}=...) names cell '{cell.key}', which no rule of the mapping fills as the ERP's "
                        "own; correct its attribute, locale or channel, or leave it out"
                    )
                if cell.key in mapping.guarded:
                    raise ConfigurationError(
                        f"Conflicts({policy}=...) names cell '{cell.key}', which does not change once it is in the PIM; "
                        "leave it out: an item in which it would change is parked"
                    )

    def _named(self) -> Iterator[tuple[ConflictPolicy, Sequence[Cell[Never]]]]:
        yield "overwrite", self.overwrite
        yield "hold", self.hold
        yield "report", self.report


Kind: TypeAlias = Literal["none", "agree", "edit", "conflict"]


@frozen
class Standing:
    """One cell from three sides, in canonical form: as we left it, in the ERP, in the PIM.

    Of a list that we share with others, `base` and `pim` hold the members that are ours. `has_news`: the ERP says something else than
    when we last wrote. `kind`: "edit" where a PIM user changed what the ERP did not, "conflict" where both did and
    they differ, "agree" where both did and do not, "none" where there is nothing to decide.
    """

    base: JsonValue
    erp: JsonValue
    pim: JsonValue
    has_news: bool
    kind: Kind

    @classmethod
    def of(cls, cell: CompiledCell[S], base: Base, erp: JsonValue, raw: JsonValue) -> Standing:
        """`erp` is canonical, `raw` as the PIM gave it."""
        last = base.cells.get(cell.key)
        taken = taken_of(base.stamps, cell.key, last)
        before = last if taken is None else taken["pim"]
        pim = cell.found(raw)
        has_news = _filled(erp) != _filled(last)
        if cell.is_shared:
            by = cell.member_key
            ours = (names(before, by) | names(erp, by)) - names(base.shared.get(cell.key))
            old, wanted, found = (_members(one, by, ours) for one in (before, erp, pim))
            before, pim = list(old.values()), list(found.values())
        else:
            old, wanted, found = (_alone(one) for one in (before, erp, pim))
        return cls(before, erp, pim, has_news, _kind(old, wanted, found, has_news=has_news, stands=taken is not None))


def _kind(
    old: Mapping[str, JsonValue],
    wanted: Mapping[str, JsonValue],
    found: Mapping[str, JsonValue],
    *,
    has_news: bool,
    stands: bool,
) -> Kind:
    if stands and not has_news:
        return "none"  # a person decided for the PIM, and the ERP has said nothing new since
    # what neither we nor the ERP fill is the PIM user's own
    named = old.keys() | wanted.keys()
    if any(found.get(one) not in (old.get(one), wanted.get(one)) for one in named):
        return "conflict" if has_news else "edit"
    is_there = has_news and all(found.get(one) == wanted.get(one) for one in named)
    return "agree" if is_there else "none"


def _filled(value: JsonValue) -> JsonValue:
    return None if value == [] else value


def _members(value: JsonValue, by: str, ours: Collection[str]) -> Mapping[str, JsonValue]:
    return {name(one, by): one for one in listed(value) if name(one, by) in ours}


def _alone(value: JsonValue) -> Mapping[str, JsonValue]:
    return {} if value is None else {"": value}


# ---- decisions, as the ledger keeps them ----
def taken_of(stamps: Mapping[str, JsonValue], key: str, last: JsonValue) -> Mapping[str, JsonValue] | None:
    """The decision for the PIM's value that still stands, if there is one: until the ERP says something new."""
    stamp = stamps.get(f"{_TAKEN}{key}")
    return stamp if isinstance(stamp, Mapping) and stamp.get("erp") == _filled(last) else None


def with_taken(stamps: Mapping[str, JsonValue], key: str, erp: JsonValue, pim: JsonValue) -> dict[str, JsonValue]:
    """The stamps with a decision for the PIM's value."""
    return {**stamps, f"{_TAKEN}{key}": {"erp": _filled(erp), "pim": pim}}


def still_taken(stamps: Mapping[str, JsonValue], cells: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The stamps without the decisions that have had their time."""
    return {
        one: stamp
        for one, stamp in stamps.items()
        if not one.startswith(_TAKEN) or taken_of(stamps, one.removeprefix(_TAKEN), cells.get(one.removeprefix(_TAKEN)))
    }
