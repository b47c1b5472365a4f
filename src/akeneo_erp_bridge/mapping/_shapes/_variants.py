"""`VariantMapping`: flat rows of the ERP become product models and their variants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Generic, Literal, TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import FamilyVariant, PimStructure
from akeneo_erp_bridge.classification import Cold
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpItem, ErpSchema
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping._checks._admission import admit, admit_grouping, refuse_warm_grouping
from akeneo_erp_bridge.mapping._checks._cell_checks import MODEL_FIELDS
from akeneo_erp_bridge.mapping._checks._misfit import Misfit, of_mapping
from akeneo_erp_bridge.mapping._checks._variant_preflight import check_sources, check_variants
from akeneo_erp_bridge.mapping._combine._fixed import constant
from akeneo_erp_bridge.mapping._mapping import ItemMapping, ProductMapping
from akeneo_erp_bridge.mapping._shapes._levels import (
    Agreed,
    Disagreement,
    Group,
    Member,
    OfMember,
    Place,
    family_variants,
    level_of,
)
from akeneo_erp_bridge.mapping.cells import CODE, FAMILY_VARIANT, PARENT
from akeneo_erp_bridge.rules import Binding, Catch, Owner, Rule, identity

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")

LoneRow: TypeAlias = Literal["model", "simple"]
Change: TypeAlias = Literal["park", "allow"]


class ProductModelMapping(ItemMapping[ItemT]):
    """From ERP items to product models, for an ERP that has models as records of their own.

    Bind `CODE`, `FAMILY_VARIANT`, `PARENT` for sub models, `CATEGORIES`, and the attributes of the models' level. The
    variants are products with a `PARENT`. For an ERP of flat rows see `VariantMapping`.
    Source: Akeneo's documentation of the product model resource.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.rules import Cell
    >>> class Style(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     name = cold(str, "name")
    >>> NAME: Cell[str] = Cell("name", locale="en_US")
    >>> styles = ProductModelMapping(
    ...     Style,
    ...     Style.number.to(CODE),
    ...     constant("shirts_by_size").to(FAMILY_VARIANT),
    ...     Style.name.to(NAME),
    ... )
    >>> styles.run(Style({"number": "S1", "name": "Shirt"})).outcomes["family_variant"]
    Put(value='shirts_by_size', notes=())
    """

    resource = "product_model"
    fields = MODEL_FIELDS
    guarded = MappingProxyType(
        {
            "family_variant": "the PIM never changes the family variant of a model; give the model a new code in the ERP",
            "parent": "moving a sub model takes its variants along; move it in the PIM",
        }
    )

    def preflight(self, structure: PimStructure, schema: ErpSchema | None = None) -> list[Misfit]:
        """All that does not fit; a root model needs a family variant, unless its code is the PIM's: then it is there."""
        bound = {one.cell.attribute for one in self.bindings}
        is_born_there = any(one.cell.attribute == "code" and one.owner is Owner.PIM for one in self.bindings)
        if bound.isdisjoint({"family_variant", "parent"}) and not is_born_there:
            missing = of_mapping(
                "no_family_variant", "no binding fills the model's family variant; bind FAMILY_VARIANT"
            )
            return [*super().preflight(structure, schema), missing]
        return super().preflight(structure, schema)


@frozen(kw_only=True)
class Variants(Generic[ItemT]):
    """How flat rows are grouped.

    `model` gives the code of the root model; a row without one is a simple product. `family_variant` is a code, or a
    rule that gives one. `sub_model` gives the code of the sub model where the family variant has two levels.

    `lone`: a row that is alone in its group is a model with one variant, which it stays when others join; or a simple
    product, which must be converted then. `disagreement`: what a model gets for a value on which its rows differ: a
    problem that lists them, the first row's by key, or what most of them say. `categories`: whether they are the
    model's, which its variants inherit, or each variant's own.

    `regroup` and `axis_change`: whether a product that is in the PIM may be converted, or moved to another model, and
    whether its axis values may change; by default it is parked, with what to do. Converting keeps the product's
    values, which then lie below those of its model.

    Source: Akeneo's documentation of product models and family variants, and its ERP guide on flat items.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Shirt(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     style = cold(str, "style")
    >>> Variants(model=Shirt.style, family_variant="shirts_by_size").lone
    'model'

    Raises `TemperatureRefused` for a rule that is not cold; a reference price groups nothing either.
    """

    model: Rule[ItemT, str, Cold]
    family_variant: Rule[ItemT, str, Cold] | str
    sub_model: Rule[ItemT, str, Cold] | None = None
    lone: LoneRow = "model"
    disagreement: Disagreement = "problem"
    categories: Literal["model", "variant"] = "model"
    regroup: Change = "park"
    axis_change: Change = "park"

    def __attrs_post_init__(self) -> None:
        for rule in self.rules:
            refuse_warm_grouping(rule)

    @property
    def variant_rule(self) -> Rule[ItemT, str, Cold]:
        """The rule that gives the family variant."""
        if isinstance(self.family_variant, str):
            fixed: Rule[ItemT, str, Cold] = constant(self.family_variant)
            return fixed
        return self.family_variant

    @property
    def rules(self) -> Sequence[Rule[ItemT, str, Cold]]:
        """All its rules."""
        return [self.model, self.variant_rule, *([self.sub_model] if self.sub_model is not None else [])]


@frozen
class Levels(Generic[ItemT]):
    """A `VariantMapping` taken apart for one PIM: what its models hold, its sub models, and its products."""

    models: ProductModelMapping[Group[ItemT]]
    sub_models: ProductModelMapping[Group[ItemT]]
    has_sub_models: bool
    products: ProductMapping[Member[ItemT]]


class VariantMapping(ProductMapping[ItemT]):
    """From flat rows to models and variants: one declaration, split by the levels that the PIM's family variant says.

    Each value goes to the level that holds its attribute; the PIM would drop it on any other without a word.
    Give it to `VariantsToPim`.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.rules import Cell
    >>> class Shirt(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     style = cold(str, "style")
    ...     size = cold(str, "size")
    >>> shirts = VariantMapping(
    ...     Shirt,
    ...     Variants(model=Shirt.style, family_variant="shirts_by_size"),
    ...     Shirt.number.to(Cell[str]("sku")),
    ...     Shirt.size.to(Cell[str]("size")),
    ... )
    >>> sorted(shirts.source_fields())
    ['number', 'size', 'style']

    Raises `MappingError` and `TemperatureRefused` as `ProductMapping` does.
    """

    def __init__(
        self, source: type[ItemT], variants: Variants[ItemT], *bindings: Binding[ItemT], group: str | None = None
    ) -> None:
        self.variants = variants
        super().__init__(source, *bindings, group=group)
        admit_grouping(source, variants.rules)
        for binding in bindings:
            if binding.cell.attribute in ("parent", "family_variant", "code"):
                raise MappingError(f"cell '{binding.cell}': the parent and the models are made by Variants(...)")

    def _behind(self) -> tuple[object, ...]:
        return (self.variants,)

    def source_fields(self) -> frozenset[str]:
        """The ERP fields that must be read: those of the bindings, and those that group."""
        grouping = (one for rule in self.variants.rules for one in rule.sources)
        return super().source_fields() | frozenset(grouping)

    def told(self) -> str:
        """The text behind `hash`."""
        return super().told() + identity(self.variants)

    def preflight(self, structure: PimStructure, schema: ErpSchema | None = None) -> list[Misfit]:
        """All that does not fit, the grouping included: axes, levels, family variants."""
        flat = super().preflight(structure, schema)
        grouping = [
            *check_sources(self.variants.rules, schema),
            *check_variants(self.bindings, self.variants.variant_rule, self.variants.sub_model, structure),
        ]
        return flat + grouping

    def levels(self, structure: PimStructure) -> Levels[ItemT]:
        """The three mappings that write, for the family variants of this PIM."""
        # again: the mapping may be of a class that overrides what this one checks, and models know no item class
        admit(self.source, self.bindings)
        admit_grouping(self.source, self.variants.rules)
        possible = self.variants.variant_rule.possible()
        used = {code: one for code, one in family_variants(structure).items() if possible is None or code in possible}
        split = _Split(used, structure, self.variants)
        axes = {axis for one in used.values() for axis in one.axes}
        own = [split.own(one) for one in self.bindings]
        return Levels(
            ProductModelMapping[Group[ItemT]](
                Group,
                Place("code").to(CODE),
                Place("family_variant").to(FAMILY_VARIANT),
                *split.agreed(self.bindings, lambda variant: 0),
            ),
            _SubModels(
                self._guarded_axes(axes),
                Group,
                Place("code").to(CODE),
                Place("parent").to(PARENT),
                *split.agreed(self.bindings, lambda variant: 1 if variant.levels == 2 else None),
            ),
            any(one.levels == 2 for one in used.values()),
            _Products(self._guarded(axes), Member, Place("parent").to(PARENT), *own),
        )

    def _guarded(self, axes: set[AttributeCode]) -> Mapping[str, str]:
        remedy = (
            "undo the change in the ERP, convert or move the product in the PIM, or allow it with "
            "Variants(regroup='allow')"
        )
        parent = {PARENT.key: remedy} if self.variants.regroup == "park" else {}
        return {**parent, **self._guarded_axes(axes)}

    def _guarded_axes(self, axes: set[AttributeCode]) -> Mapping[str, str]:
        if self.variants.axis_change == "allow":
            return {}
        remedy = (
            "undo the change in the ERP, give the item a new number, or allow it with Variants(axis_change='allow')"
        )
        return {one.cell.key: remedy for one in self.bindings if one.cell.attribute in axes}


class _SubModels(ProductModelMapping[ItemT]):
    """The sub models of a `VariantMapping`."""

    def __init__(
        self, axes: Mapping[str, str], source: type[ItemT], *bindings: Binding[ItemT], group: str | None = None
    ) -> None:
        super().__init__(source, *bindings, group=group)
        self.guarded = MappingProxyType({**ProductModelMapping.guarded, **axes})

    def _before(self) -> tuple[object, ...]:
        return (dict(self.guarded),)


class _Products(ProductMapping[ItemT]):
    """The products of a `VariantMapping`."""

    def __init__(
        self, guarded: Mapping[str, str], source: type[ItemT], *bindings: Binding[ItemT], group: str | None = None
    ) -> None:
        super().__init__(source, *bindings, group=group)
        self.guarded = guarded

    def _before(self) -> tuple[object, ...]:
        return (self.guarded,)


@frozen
class _Split(Generic[ItemT]):
    """Which binding is whose, in the family variants that are in use."""

    used: Mapping[str, FamilyVariant]
    structure: PimStructure
    variants: Variants[ItemT]

    def agreed(
        self, bindings: Sequence[Binding[ItemT]], level: Callable[[FamilyVariant], int | None]
    ) -> Iterator[Binding[Group[ItemT]]]:
        """The bindings that models of one level hold, somewhere."""
        for binding in bindings:
            at = self._where(binding, level)
            if at:
                yield _rebound(binding, partial(_agreed, at=at, disagreement=self.variants.disagreement))

    def own(self, binding: Binding[ItemT]) -> Binding[Member[ItemT]]:
        """A binding for the product itself: everywhere, where the product is a simple one."""
        at = self._where(binding, lambda variant: variant.levels)
        return _rebound(binding, lambda rule: OfMember(rule, at))

    def _where(self, binding: Binding[ItemT], level: Callable[[FamilyVariant], int | None]) -> frozenset[str]:
        levels = ((code, self._level(binding, one), level(one)) for code, one in self.used.items())
        return frozenset(code for code, held, asked in levels if held is not None and held == asked)

    def _level(self, binding: Binding[ItemT], variant: FamilyVariant) -> int | None:
        categories = 0 if self.variants.categories == "model" else variant.levels
        return level_of(binding.cell.attribute, variant, self.structure, categories=categories)


def _agreed(
    rule: Rule[ItemT, object, object], at: frozenset[str], disagreement: Disagreement
) -> Agreed[ItemT, object, object]:
    return Agreed(rule, at, disagreement)


def _rebound(
    binding: Binding[ItemT], make: Callable[[Rule[ItemT, object, object]], Rule[S, object, object]]
) -> Binding[S]:
    """The same cell, filled by a rule around the binding's own; giving up the cell stays the outermost step."""
    rule = binding.rule
    if isinstance(rule, Catch):
        return Binding(Catch(make(rule.rule)), binding.cell, binding.owner, binding.iso)
    return Binding(make(rule), binding.cell, binding.owner, binding.iso)
