"""`ProductMapping` and `CategoryMapping`: bindings, checked among themselves, run on one item at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from types import MappingProxyType
from typing import ClassVar, Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, ErpSchema
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping._checks._admission import admit, check_temperatures
from akeneo_erp_bridge.mapping._checks._cell_checks import CATEGORY_FIELDS, PRODUCT_FIELDS
from akeneo_erp_bridge.mapping._checks._misfit import Misfit
from akeneo_erp_bridge.mapping._checks._preflight import check_bindings
from akeneo_erp_bridge.mapping._cuts import Cuts
from akeneo_erp_bridge.mapping._reference import check_groups
from akeneo_erp_bridge.rules import Binding, Outcome, Problem, identity

ItemT = TypeVar("ItemT", bound=ErpItem)


@frozen
class Mapped:
    """What a mapping made of one item: an outcome for each cell, by the cell's key.

    `left_out` are the values that the rules gave for cells which the PIM has no place for any more.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.mapping import decimal, in_unit, sku
    >>> from akeneo_erp_bridge.rules import Cell
    >>> class Drill(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     weight = cold(str, "weight")
    >>> weight = Drill.weight >> decimal("de_DE") >> in_unit("KILOGRAM")
    >>> drills = ProductMapping(Drill, (Drill.number >> sku()).to(Cell("sku")), weight.to(Cell("weight")))
    >>> mapped = drills.run(Drill({"number": "DR-18", "weight": "ca. 2"}))
    >>> mapped.outcomes["sku"].value, *map(str, mapped.problems)
    ('DR-18', "'ca. 2' is not a number as written in de_DE; correct it in the ERP, or name the right locale in decimal(...)")
    """

    key: ErpKey
    outcomes: Mapping[str, Outcome[object]]
    left_out: Sequence[Problem] = ()

    @property
    def problems(self) -> Sequence[Problem]:
        """Everything wrong with this item, at once."""
        return [one for one in self.outcomes.values() if isinstance(one, Problem)]


class ItemMapping(Generic[ItemT]):
    """The part that mappings to products and to categories share. Immutable: what was checked is what runs."""

    resource: ClassVar[str] = "item"
    fields: ClassVar[frozenset[str]] = frozenset()
    """What the thing has besides attributes."""
    guarded: Mapping[str, str] = MappingProxyType({})
    """Cells that do not change once they are in the PIM, each with what to do instead; the item is parked."""

    def __init__(self, source: type[ItemT], *bindings: Binding[ItemT], group: str | None = None) -> None:
        self.source = source
        self.bindings = bindings
        self.group = group
        source.key_spec()
        admit(source, bindings)
        self._refuse_two_writers()
        self.paths = tuple(sorted(self.source_fields()))
        self._cuts = Cuts(source, bindings)

    def __setattr__(self, name: str, value: object) -> None:
        if name in vars(self):
            raise AttributeError(f"{type(self).__name__} is immutable; make another one")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable; make another one")

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        # what comes out of a pickle is checked as anything else
        return partial(type(self), group=self.group), (*self._before(), self.source, *self._behind(), *self.bindings)

    def _before(self) -> tuple[object, ...]:
        """What the class takes before the item class."""
        return ()

    def _behind(self) -> tuple[object, ...]:
        """What the class takes between the item class and the bindings."""
        return ()

    def _refuse_two_writers(self) -> None:
        seen: dict[str, Binding[ItemT]] = {}
        for binding in self.bindings:
            other = seen.setdefault(binding.cell.key, binding)
            if other is not binding:
                raise MappingError(
                    f"cell '{binding.cell}' has two writers: '{other.rule.label}' and '{binding.rule.label}'; "
                    "join them with | or & into one rule"
                )

    def source_fields(self) -> frozenset[str]:
        """The ERP fields that must be read, the key's included."""
        read = (one for binding in self.bindings for one in binding.rule.sources)
        return frozenset({self.source.key_spec().path, *read})

    @property
    def stream(self) -> str:
        """The name of its memory in the state, where nobody gives another."""
        names = {"product": "products", "product_model": "product models", "category": "categories"}
        return names.get(self.resource, self.resource)

    @property
    def hash(self) -> str:
        """Changes when any rule, parameter, cell or owner changes; the ledger is compared anew then."""
        return blake2b(self.told().encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()

    def told(self) -> str:
        """The text behind `hash`."""
        return identity([self.resource, self.source, self.bindings, dict(self.guarded)])

    def explain(self) -> str:
        """Each cell with the tree of its rule, for people."""
        parts = [
            f"{one.cell}  ({one.owner.value})\n" + "\n".join("  " + line for line in one.rule.explain().splitlines())
            for one in self.bindings
        ]
        return f"{self.source.__name__} -> {self.resource}\n" + "\n".join(parts)

    def run(self, item: ItemT) -> Mapped:
        """Run every rule on one item. Never raises for data.

        A rule sees the columns that the mapping's rules say they read, and no others; what is read for a reference
        price, the rule of that price alone sees.
        """
        return Mapped(item.key, self._cuts.outcomes(item))

    def preflight(self, structure: PimStructure, schema: ErpSchema | None = None) -> list[Misfit]:
        """All that does not fit the PIM's structure or the ERP's schema, at once, before any write.

        A page of the docs lists the checks. Options are compared where *structure* holds them.
        """
        key, specs = self.source.key_spec(), self.source.specs
        return [
            *check_temperatures(self.source, self.bindings),
            *check_bindings(self.resource, key, specs, self.bindings, structure, schema, self.group),
            *check_groups(self.bindings, structure),
        ]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source.__name__}, {len(self.bindings)} bindings)"


class ProductMapping(ItemMapping[ItemT]):
    """From ERP items to products.

    One binding must fill the identifier attribute (``sku`` in most PIMs). `group` is the code of the attribute group
    that the ERP's attributes belong to, as Akeneo's ERP guide asks; preflight then names those that are elsewhere.
    Source: Akeneo's ERP guide, on attributes of the ERP.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.rules import Cell
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     name = cold(str, "name")
    >>> NAME: Cell[str] = Cell("name", locale="en_US")
    >>> mapping = ProductMapping(Article, Article.number.to(Cell("sku")), Article.name.to(NAME))
    >>> mapping.run(Article({"number": "DR-18", "name": "Drill"})).outcomes["name[en_US]"]
    Put(value='Drill', notes=())

    Raises `MappingError` for two writers of one cell and `TemperatureRefused` for hot or internal rules.
    """

    resource = "product"
    fields = PRODUCT_FIELDS


class CategoryMapping(ItemMapping[ItemT]):
    """From ERP items to categories: bind `CODE`, `PARENT` and `label(locale)`.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.mapping import CODE, PARENT, label
    >>> class Group(ErpItem):
    ...     code = cold(str, "code", key=True)
    ...     above = cold(str, "parent")
    ...     name = cold(str, "name")
    >>> groups = CategoryMapping(Group, Group.code.to(CODE), Group.above.to(PARENT), Group.name.to(label("en_US")))
    >>> groups.run(Group({"code": "saws", "parent": "tools", "name": "Saws"})).outcomes["parent"]
    Put(value='tools', notes=())
    """

    resource = "category"
    fields = CATEGORY_FIELDS
