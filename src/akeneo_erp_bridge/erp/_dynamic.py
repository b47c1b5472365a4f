"""`item_class`: an item class made at run time, of an ERP's schema and a policy."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import ClassVar, Self, TypeAlias, TypeVar

from akeneo_erp_bridge.classification import Cold, Hot, Internal, Policy, Temperature
from akeneo_erp_bridge.erp._field_spec import FieldSpec
from akeneo_erp_bridge.erp._item import Column, ErpItem
from akeneo_erp_bridge.erp._readers import reader_of
from akeneo_erp_bridge.erp.interfaces import ErpSchema
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused

T = TypeVar("T")
K = TypeVar("K")


class DynamicItemType(type):
    """The class of classes that `item_class` makes: they travel between processes by what they are made of."""


class DynamicItem(ErpItem, metaclass=DynamicItemType):
    """Base of the classes that `item_class` makes. Its fields are asked for by name, with the temperature expected.

    `cold`, `hot` and `internal` give rules of that temperature, as far as a type checker sees, and raise
    `TemperatureRefused` at once where the policy declared another. `field` promises nothing, so its rules go nowhere.
    Each raises `MappingError` for a name that the class does not have.

    >>> from akeneo_erp_bridge.classification import by_name
    >>> from akeneo_erp_bridge.erp import ErpField
    >>> schema = ErpSchema("articles", (ErpField("number"), ErpField("pieces")))
    >>> Article = item_class("Article", schema, Policy([by_name("number", Cold), by_name("pieces", Hot)]), key="number")
    >>> drill = Article({"number": "DR-18", "pieces": "7"})
    >>> Article.hot(int, "pieces").run(drill).value, Article.field("pieces").run(drill).value
    (7, '7')
    """

    made_of: ClassVar[tuple[str, tuple[FieldSpec, ...]] | None] = None
    """Name and fields, of a class made at run time."""

    @classmethod
    def cold(cls, kind: type[T], name: str) -> Column[Self, T, Cold]:
        """A field that the policy declares cold; `kind` is read as by `erp.cold`."""
        return cls._column(kind, name, Cold)

    @classmethod
    def hot(cls, kind: type[T], name: str) -> Column[Self, T, Hot]:
        """A field that the policy declares hot: for commerce, or for `reference`."""
        return cls._column(kind, name, Hot)

    @classmethod
    def internal(cls, kind: type[T], name: str) -> Column[Self, T, Internal]:
        """A field that the policy declares internal: for nowhere."""
        return cls._column(kind, name, Internal)

    @classmethod
    def field(cls, name: str) -> Column[Self, object, Cold | Hot | Internal]:
        """Any field, as the ERP delivers it, of the temperature that the policy declares."""
        spec = cls._spec(name)
        return Column(spec, reader_of(object))

    @classmethod
    def _column(cls, kind: type[T], name: str, expected: type[K]) -> Column[Self, T, K]:
        spec = cls._spec(name)
        if spec.temperature is not expected:
            raise TemperatureRefused(
                f"{cls.__name__}.{expected.__name__.lower()}({kind.__name__}, {name!r}): the policy declares it "
                f"{spec.temperature.__name__.lower()}"
            )
        return Column(spec, reader_of(kind))

    @classmethod
    def _spec(cls, name: str) -> FieldSpec:
        if name not in cls.specs:
            alike = ", ".join(get_close_matches(name, cls.specs)) or "none alike"
            raise MappingError(f"{cls.__name__} has no field {name!r} ({alike}); was it left out with only=...?")
        return cls.specs[name]


def item_class(
    name: str, schema: ErpSchema, policy: Policy, *, key: str, only: Iterable[str] | None = None
) -> type[DynamicItem]:
    """An item class for an ERP whose fields are known at run time only, with the guarantees of a written one.

    >>> from akeneo_erp_bridge.classification import by_name
    >>> from akeneo_erp_bridge.erp import ErpField
    >>> schema = ErpSchema("articles", (ErpField("number"), ErpField("unit_price")))
    >>> policy = Policy([by_name("number", Cold), by_name("unit_price", Hot)])
    >>> Article = item_class("Article", schema, policy, key="number")
    >>> Article.cold(str, "number").run(Article({"number": "DR-18"}))
    Put(value='DR-18', notes=())
    >>> Article.cold(str, "unit_price")
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.TemperatureRefused: Article.cold(str, 'unit_price'): the policy declares it hot

    *only* leaves out all other fields, which then need no declaration and are never read. Raises `Undeclared` with
    every field that the policy says nothing about, `MappingError` for a key that is not there, or not cold, and
    `ConfigurationError` for a name in *only*, or a key beside it, that is no field of the schema.
    """
    temperatures = policy.classify(schema, only=only if only is None else {key, *only})
    if key not in temperatures:
        raise MappingError(f"{schema.name} has no field '{key}' to be the key of {name}")
    if temperatures[key] is not Cold:
        raise MappingError(f"the key '{key}' of {name} is declared {temperatures[key].__name__.lower()}; a key is cold")
    kinds = {one.name: one.kind for one in schema.fields}
    return _made(name, tuple(_spec(one, kinds, temperatures, key) for one in temperatures))


def _spec(one: str, kinds: Mapping[str, str], temperatures: Mapping[str, Temperature], key: str) -> FieldSpec:
    return FieldSpec(one, one, kinds[one], temperatures[one], is_key=one == key, nullable=False)


@cache
def _made(name: str, specs: tuple[FieldSpec, ...]) -> type[DynamicItem]:
    """The same class for the same recipe, so that what comes out of a pickle is of the class that went in."""

    class Item(DynamicItem):
        by_policy = specs
        made_of = (name, specs)

    Item.__name__ = Item.__qualname__ = name
    return Item


Recipe: TypeAlias = tuple[Callable[..., type[DynamicItem]], tuple[object, ...]]


def _recipe(cls: DynamicItemType) -> str | Recipe:
    made_of: tuple[object, ...] | None = vars(cls).get("made_of")
    return cls.__qualname__ if made_of is None else (_made, made_of)


# pickle finds a class by its name in a module; these have none there
copyreg.pickle(DynamicItemType, _recipe)
