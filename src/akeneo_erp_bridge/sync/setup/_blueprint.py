"""`Blueprint`: what a connector needs to find in the PIM, as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.catalog import (
    AttributeGroupPatch,
    AttributePatch,
    CategoryPatch,
    EntityAttributePatch,
    FamilyVariantPatch,
    JsonObject,
    Patch,
    PimStructure,
    encode,
)
from akeneo_erp_bridge.codes import AttributeGroupCode
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import ItemMapping
from akeneo_erp_bridge.sync.setup._json import fold
from akeneo_erp_bridge.sync.setup._kinds import KINDS, Kind, Ref, kind_of

__all__ = ["Blueprint", "Piece", "depth_of"]

ItemT = TypeVar("ItemT", bound=ErpItem)


@frozen
class Piece:
    """One thing of a blueprint: a patch of the catalog, and the codes of what it lies within.

    `guess` says from what it was concluded, where nobody wrote it.
    """

    kind: Kind
    patch: Patch
    within: tuple[str, ...] = ()
    guess: str = ""

    @classmethod
    def of(cls, patch: Patch, *within: str, kind: Kind | None = None) -> Piece:
        """Make a piece of any patch; *within* is the attribute of an option, the family of a variant, and so on.

        *kind* is needed for attributes and options of asset families, which share their patches with reference
        entities. Raises `ConfigurationError` where patch, kind and *within* do not fit together.

        >>> from akeneo_erp_bridge.catalog import AttributeOptionPatch
        >>> from akeneo_erp_bridge.codes import OptionCode
        >>> str(Piece.of(AttributeOptionPatch(code=OptionCode("red")), "colour").ref)
        "option 'red' of 'colour'"
        """
        found = kind or kind_of(type(patch)) or _owned(patch, within)
        if found is None or not isinstance(patch, KINDS[found].patch) or len(within) != len(KINDS[found].owners):
            raise ConfigurationError(f"blueprint: {type(patch).__name__} within {within or 'nothing'} makes no piece")
        return cls(found, patch, within)

    @property
    def ref(self) -> Ref:
        """What it is."""
        return Ref(self.kind, str(self.body["code"]), self.within)

    @property
    def body(self) -> JsonObject:
        """It as the PIM takes it."""
        return encode(self.patch)


def _owned(patch: Patch, within: tuple[str, ...]) -> Kind | None:
    for kind, traits in KINDS.items():
        if isinstance(patch, traits.patch) and len(traits.owners) == len(within):
            return kind
    return None


@frozen
class Blueprint:
    """What a connector needs to find in the PIM. Blueprints are made of smaller ones.

    >>> from akeneo_erp_bridge.catalog import AttributeType
    >>> from akeneo_erp_bridge.sync import setup
    >>> blueprint = setup.Blueprint.of(
    ...     setup.attribute_group("erp", labels={"en_US": "ERP"}),
    ...     setup.attribute("name", AttributeType.TEXT, localizable=True),
    ...     setup.select("colour", {"red": {"en_US": "Red"}, "blue": {"en_US": "Blue"}}),
    ...     setup.family("clothing", ["name", "colour"], required={"ecommerce": ["name"]}),
    ...     group="erp",
    ... )
    >>> [str(one.ref) for one in blueprint.pieces][1:4]
    ["attribute 'name'", "attribute 'colour'", "option 'red' of 'colour'"]
    """

    pieces: tuple[Piece, ...] = ()

    @classmethod
    def of(cls, *parts: Blueprint | Piece | Patch, group: str | None = None) -> Blueprint:
        """Join blueprints, pieces and patches of the catalog into one blueprint.

        Attributes that name no group go into *group*. The same thing may be said twice; what was written wins over
        what was guessed. Raises `ConfigurationError` for two that contradict each other, for codes that differ by
        case alone, for categories that are above themselves, and for what can never be created.
        """
        found: dict[tuple[str, tuple[str, ...], str], Piece] = {}
        for piece in _flat(parts):
            completed = _in_group(piece, group)
            known = found.get(completed.ref.key)
            found[completed.ref.key] = completed if known is None else _joined(known, completed)
        pieces = tuple(found.values())
        for piece in pieces:
            _check(piece)
        _refuse_circles(pieces)
        return cls(pieces)

    @classmethod
    def for_mapping(
        cls, mapping: ItemMapping[ItemT], structure: PimStructure, *, group: str = "erp", root: str | None = None
    ) -> Blueprint:
        """Conclude from a mapping what the PIM lacks; each piece says from what it was concluded.

        Attributes get their type from the rule that fills them and go into *group*. Options, families and categories
        are those that a rule is known to give (`Rule.possible`); categories go below *root*, and are left out without
        one. Guesses are for reading: join them with what you write yourself, which wins.

        ::

            blueprint = Blueprint.of(setup.metric("weight", "Weight", "KILOGRAM"), Blueprint.for_mapping(mapping, structure))
        """
        # the other way round, guesses are made of blueprints
        from akeneo_erp_bridge.sync.setup._infer import guess_pieces

        return cls.of(*guess_pieces(mapping, structure, group=group, root=root), group=group)


def _flat(parts: Iterable[Blueprint | Piece | Patch]) -> Iterator[Piece]:
    for part in parts:
        if isinstance(part, Blueprint):
            yield from part.pieces
        else:
            yield part if isinstance(part, Piece) else Piece.of(part)


def _in_group(piece: Piece, group: str | None) -> Piece:
    patch = piece.patch
    if group is None or not isinstance(patch, AttributePatch) or "group" in piece.body:
        return piece
    return evolve(piece, patch=evolve(patch, group=AttributeGroupCode(group)))


def _joined(known: Piece, other: Piece) -> Piece:
    if known.guess or other.guess:
        return other if known.guess and not other.guess else known
    if known.ref.code != other.ref.code:
        raise ConfigurationError(
            f"blueprint: {known.ref} and {other.ref} differ by case alone, which the PIM does not see; keep one"
        )
    if known.body != other.body:
        raise ConfigurationError(f"blueprint: {known.ref} is described twice, differently; keep one")
    return known


def _check(piece: Piece) -> None:
    """Refuse what no PIM could ever make."""
    patch, missing = piece.patch, ""
    if isinstance(patch, AttributePatch) and ("type" not in piece.body or "group" not in piece.body):
        missing = "its type and its group; Blueprint.of(..., group='erp') gives one to all"
    elif isinstance(patch, EntityAttributePatch) and "type" not in piece.body:
        missing = "its type"
    elif isinstance(patch, FamilyVariantPatch) and not piece.body.get("variant_attribute_sets"):
        missing = "its levels"
    elif isinstance(patch, AttributeGroupPatch) and "attributes" in piece.body:
        raise ConfigurationError(
            f"blueprint: {piece.ref} lists attributes, which would take others out of it; each attribute names its group"
        )
    if missing:
        raise ConfigurationError(f"blueprint: {piece.ref} does not say {missing}")


def _refuse_circles(pieces: Iterable[Piece]) -> None:
    parents = {
        fold(piece.patch.code): fold(piece.patch.parent)
        for piece in pieces
        if isinstance(piece.patch, CategoryPatch) and isinstance(piece.patch.parent, str)
    }
    for code in parents:
        depth_of(code, parents)


def depth_of(code: str, parents: Mapping[str, str]) -> int:
    """How many of the categories in *parents* are above *code*; raises `ConfigurationError` for a circle."""
    depth, above, seen = 0, parents.get(code), {code}
    while above is not None:
        if above in seen:
            raise ConfigurationError(f"blueprint: category '{code}' is above itself; mend its parents")
        seen.add(above)
        depth, above = depth + 1, parents.get(above)
    return depth
