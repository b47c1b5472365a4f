"""`ProductMapping` and `CategoryMapping`: bindings, checked among themselves, run on one item at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import ClassVar, Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.classification import PIM_SAFE, PimSafe, names
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, ErpSchema
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping._preflight import CATEGORY_FIELDS, PRODUCT_FIELDS, check_bindings
from akeneo_erp_bridge.rules import Binding, Cell, Outcome, Problem, Rule, identity, shown

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")


@frozen
class Mapped:
    """What a mapping made of one item: an outcome for each cell, by the cell's key."""

    key: ErpKey
    outcomes: Mapping[str, Outcome[object]]

    @property
    def problems(self) -> Sequence[Problem]:
        """Everything wrong with this item, at once."""
        return [one for one in self.outcomes.values() if isinstance(one, Problem)]


class ItemMapping(Generic[ItemT]):
    """The part that mappings to products and to categories share."""

    resource: ClassVar[str] = "item"
    fields: ClassVar[frozenset[str]] = frozenset()
    """What the thing has besides attributes."""

    def __init__(self, source: type[ItemT], *bindings: Binding[ItemT]) -> None:
        self.source = source
        self.bindings = bindings
        source.key_spec()
        self._refuse_taint()
        self._refuse_two_writers()
        self.paths = tuple(sorted(self.source_fields()))
        self._rules = tuple((one.cell.key, one.rule) for one in bindings)

    def _refuse_taint(self) -> None:
        for binding in self.bindings:
            if not binding.rule.taint <= PIM_SAFE:
                raise TemperatureRefused(
                    f"cell '{binding.cell}': rule '{binding.rule.label}' is {names(binding.rule.taint)}; "
                    "only cold values and reference(...) prices may reach the PIM"
                )

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
        return {"product": "products", "category": "categories"}.get(self.resource, self.resource)

    @property
    def hash(self) -> str:
        """Changes when any rule, parameter, cell or owner changes; the ledger is compared anew then."""
        told = identity([self.resource, self.source, self.bindings])
        return blake2b(told.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()

    def explain(self) -> str:
        """Each cell with the tree of its rule, for people."""
        parts = [
            f"{one.cell}  ({one.owner.value})\n" + "\n".join("  " + line for line in one.rule.explain().splitlines())
            for one in self.bindings
        ]
        return f"{self.source.__name__} -> {self.resource}\n" + "\n".join(parts)

    def run(self, item: ItemT) -> Mapped:
        """Run every rule on one item. Never raises for data."""
        try:
            outcomes = {key: rule.run(item) for key, rule in self._rules}
        except Exception:  # noqa: BLE001 - a rule of a user's own may raise anything; see `_run_one`
            outcomes = {key: _run_one(rule, item) for key, rule in self._rules}
        return Mapped(item.key, outcomes)

    def preflight(self, structure: PimStructure, schema: ErpSchema | None = None) -> list[Problem]:
        """All that does not fit the PIM's structure or the ERP's schema, at once, before any write."""
        return check_bindings(self.resource, self.source.key_spec().path, self.bindings, structure, schema)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source.__name__}, {len(self.bindings)} bindings)"


def _run_one(rule: Rule[S, object, object], item: S) -> Outcome[object]:
    try:
        return rule.run(item)
    except Exception as error:  # noqa: BLE001 - the item is parked with the reason
        seen = f"raised {type(error).__name__} ({shown(str(error), longest=200)})"
        return Problem("rule_failed", "", f"rule '{rule.label}' {seen}; mend the rule, it should give a Problem")


class ProductMapping(ItemMapping[ItemT]):
    """From ERP items to products.

    One binding must fill the identifier attribute (``sku`` in most PIMs).

    >>> from akeneo_erp_bridge.erp import cold
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
    """From ERP items to categories: bind `CODE`, `PARENT` and `label(locale)`."""

    resource = "category"
    fields = CATEGORY_FIELDS


def localized(
    attribute: str, rules: Mapping[str, Rule[S, str, PimSafe]], *, channel: str | None = None
) -> tuple[Binding[S], ...]:
    """One rule for each locale of a text attribute; a locale that is not named is left alone.

    ::

        ProductMapping(Article, *localized("name", {"en_US": Article.name_en, "de_DE": Article.name_de}))
    """
    return tuple(rule.to(Cell[str](attribute, locale=locale, channel=channel)) for locale, rule in rules.items())
