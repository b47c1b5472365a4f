"""Flat rows on their way to a model and its variants: the items in between, and the rules that read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final, Generic, Literal, Self, TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import AttributeType, FamilyVariant, PimStructure
from akeneo_erp_bridge.classification import Cold, Temperature
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.rules import CLEAR, KEEP, Clear, Keep, Outcome, Problem, Put, Rule, Step, shown

ItemT = TypeVar("ItemT", bound=ErpItem)
T = TypeVar("T")
K = TypeVar("K")

Disagreement: TypeAlias = Literal["problem", "first", "most"]
_LISTED: Final = 5


class Group(ErpItem, Generic[ItemT]):
    """The rows of one product model, root or sub, as one item of the ERP.

    >>> class Shirt(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     size = cold(str, "size")
    >>> style = Group({"code": "S1"}, [Shirt({"number": "S1-M", "size": "M"}), Shirt({"number": "S1-L", "size": "L"})])
    >>> style.key, [one.key for one in style.members]
    ('S1', ['S1-M', 'S1-L'])
    """

    __slots__ = ("members",)

    code = cold(str, "code", key=True)
    parent = cold(str, "parent")
    family_variant = cold(str, "family_variant")

    members: Sequence[ItemT]
    """The rows, by key."""

    def __init__(self, row: Mapping[str, object], members: Sequence[ItemT] = ()) -> None:
        super().__init__(row)
        object.__setattr__(self, "members", members)

    def fingerprint(self, paths: tuple[str, ...]) -> str:
        """Changes with the model's own row, and with what its members say at these paths."""
        told = repr(sorted(self.row.items(), key=lambda pair: pair[0])) + "".join(
            member.fingerprint(paths) for member in self.members
        )
        return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def sample(self) -> dict[str, str]:
        """The model's code, and what its first row says."""
        first = self.members[0].sample() if self.members else {}
        return {**super().sample(), **first}

    def _cut(self, paths: Iterable[str]) -> Self:
        """The same model, its rows with nothing but their keys and these paths."""
        listed = tuple(paths)
        return type(self)(self.row, [one.narrowed({*listed, one.key_spec().path}) for one in self.members])

    def __reduce__(self) -> tuple[type[Group[ItemT]], tuple[Mapping[str, object], Sequence[ItemT]]]:  # type: ignore[override]  # an item with members is made of two things
        return type(self), (self.row, self.members)


class Member(ErpItem, Generic[ItemT]):
    """One row of the ERP with its place among the models: its parent, or none for a simple product.

    >>> class Shirt(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> medium = Member({"key": "S1-M", "parent": "S1"}, Shirt({"number": "S1-M"}))
    >>> medium.key, Member.parent.run(medium).value, medium.item.row["number"]
    ('S1-M', 'S1', 'S1-M')
    """

    __slots__ = ("item",)

    number = cold(str, "key", key=True)
    parent = cold(str, "parent")

    item: ItemT

    def __init__(self, row: Mapping[str, object], item: ItemT) -> None:
        super().__init__(row)
        object.__setattr__(self, "item", item)

    def fingerprint(self, paths: tuple[str, ...]) -> str:
        """Changes with the row at these paths, and with its place."""
        told = repr(sorted(self.row.items(), key=lambda pair: pair[0])) + self.item.fingerprint(paths)
        return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def sample(self) -> dict[str, str]:
        """What its row says."""
        return self.item.sample()

    def _cut(self, paths: Iterable[str]) -> Self:
        """The same place, the row with nothing but these paths."""
        return type(self)(self.row, self.item.narrowed(paths))

    def __reduce__(self) -> tuple[type[Member[ItemT]], tuple[Mapping[str, object], ItemT]]:  # type: ignore[override]  # as above
        return type(self), (self.row, self.item)


def _variant_of(source: ErpItem) -> str | None:
    variant = source.row.get("family_variant")
    return variant if isinstance(variant, str) else None


def trouble_of(source: ErpItem) -> str | None:
    """What is wrong with the place of a row or model, in words."""
    trouble = source.row.get("trouble")
    return trouble if isinstance(trouble, str) else None


@frozen
class OfMember(Rule["Member[ItemT]", T, K], Generic[ItemT, T, K]):
    """A rule of the flat row, for the product alone: it says nothing where a model holds the value.

    `at` names the family variants in which the value is the variant's own.
    """

    rule: Rule[ItemT, T, K]
    at: frozenset[str]

    def run(self, source: Member[ItemT]) -> Outcome[T]:
        variant = _variant_of(source)
        if variant is not None and variant not in self.at:
            return KEEP
        return self.rule.run(source.item)

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return self.rule.possible(before)

    @property
    def label(self) -> str:
        return self.rule.label

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)


@frozen
class Agreed(Rule["Group[ItemT]", T, K], Generic[ItemT, T, K]):
    """A rule of the flat row, for the model: what the rows say with one voice.

    A row that says nothing does not disagree. `at` names the family variants in which this level holds the value.
    """

    rule: Rule[ItemT, T, K]
    at: frozenset[str]
    disagreement: Disagreement = "problem"

    def run(self, source: Group[ItemT]) -> Outcome[T]:
        if _variant_of(source) not in self.at:
            return KEEP
        said = [(str(member.key), self.rule.run(member)) for member in source.members]
        for key, outcome in said:
            if isinstance(outcome, Problem):
                return Problem(outcome.code, outcome.path, f"row {key}: {outcome.detail}", outcome.severity)
        voices = [(key, one) for key, one in said if not isinstance(one, Keep | Problem)]
        if not voices:
            return KEEP
        first = voices[0][1]
        if all(_same(one, first) for _, one in voices):
            return first
        return self._settled(voices)

    def _settled(self, voices: Sequence[tuple[str, Put[T] | Clear]]) -> Outcome[T]:
        heard = _heard(voices)
        if self.disagreement == "problem":
            return Problem(
                "rows_disagree",
                "",
                f"the rows of one model disagree: {heard}; make them agree in the ERP, let the variants hold the "
                "value, or choose disagreement='first' or 'most'",
            )
        chosen = voices[0][1] if self.disagreement == "first" else _most(voices)
        if isinstance(chosen, Clear):
            return CLEAR
        return Put(chosen.value, (*chosen.notes, f"the rows disagree: {heard}"))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return self.rule.possible(before)

    @property
    def label(self) -> str:
        how = "" if self.disagreement == "problem" else f", of rows that disagree {self.disagreement!r}"
        return f"{self.rule.label}{how}"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)


def _same(one: Put[T] | Clear, other: Put[T] | Clear) -> bool:
    if isinstance(one, Put) and isinstance(other, Put):
        try:
            return one.value == other.value
        except Exception:  # noqa: BLE001 - an object may compare as it likes: then they agree where they look alike
            return _words(one) == _words(other)
    return isinstance(one, Clear) and isinstance(other, Clear)


def _words(one: Put[T] | Clear) -> str:
    return shown(one.value) if isinstance(one, Put) else "no value"


def _camps(voices: Sequence[tuple[str, Put[T] | Clear]]) -> list[tuple[Put[T] | Clear, list[str]]]:
    """Each value with the rows that say it, in the order in which they are heard."""
    camps: dict[object, tuple[Put[T] | Clear, list[str]]] = {}
    for key, one in voices:
        camps.setdefault(_hashable(one.value if isinstance(one, Put) else CLEAR), (one, []))[1].append(key)
    return list(camps.values())


def _hashable(value: object) -> object:
    try:
        hash(value)
    except TypeError:  # the rows of a table are maps
        return repr(value)
    return value


def _heard(voices: Sequence[tuple[str, Put[T] | Clear]]) -> str:
    told = [f"{_words(one)} ({_listed(keys)})" for one, keys in _camps(voices)]
    return ", ".join(told[:_LISTED]) + (f" and {len(told) - _LISTED} more values" if len(told) > _LISTED else "")


def _listed(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _LISTED} more" if len(keys) > _LISTED else ""
    return f"row{'s' if len(keys) > 1 else ''} {', '.join(keys[:_LISTED])}{more}"


def _most(voices: Sequence[tuple[str, Put[T] | Clear]]) -> Put[T] | Clear:
    """What most rows say; of two that are said as often, the one said first."""
    return max(_camps(voices), key=lambda camp: len(camp[1]))[0]


@frozen
class Place(Rule[ErpItem, str, Cold]):
    """A text of the item's place, such as its parent; a place with trouble is a problem."""

    name: str

    def run(self, source: ErpItem) -> Outcome[str]:
        trouble = trouble_of(source)
        if trouble is not None:
            return Problem("variants", "", trouble)
        found = source.row.get(self.name)
        return Put(found) if isinstance(found, str) else CLEAR

    @property
    def label(self) -> str:
        return f"its {self.name}"

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({Cold})


def family_variants(structure: PimStructure) -> dict[str, FamilyVariant]:
    """All family variants of a PIM, by code.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> simulator = PimSimulator(sample=True)
    >>> axes = [{"level": 1, "axes": ["size"], "attributes": ["sku"]}]
    >>> body = [{"code": "by_size", "variant_attribute_sets": axes}]
    >>> simulator.load("/api/rest/v1/families/clothing/variants", body)
    >>> family_variants(simulator.client().structure())["by_size"].levels
    1
    """
    return {str(code): one for some in structure.family_variants.values() for code, one in some.items()}


def level_of(attribute: str, variant: FamilyVariant, structure: PimStructure, *, categories: int) -> int | None:
    """The level that holds a cell: 0 is the root model, the deepest the product; `None`: it comes with the variant.

    Unique values and identifiers are always the product's own, and links are kept there. `categories` is the level
    chosen for them.
    """
    if attribute == "family":
        return None
    if attribute == "categories":
        return categories
    known = structure.attributes.get(AttributeCode(attribute))
    if known is None or known.unique or known.type == AttributeType.IDENTIFIER:
        return variant.levels
    return variant.level_of(known.code)
