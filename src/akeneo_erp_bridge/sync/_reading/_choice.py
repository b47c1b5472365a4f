"""Which items a partial run looks at: by key, by category, by a field, by a condition on fields, or what is parked.

::

    job.run(only=by_key("A1", "A2"))
    job.run(only=by_category("tools"))
    job.run(only=by_field(Article.brand, "ACME"))
    job.run(only=where(Article.weight, lambda weight: weight > 30))
    job.run(only=by_parked("refused"))

Any field that the item class declares may choose, hot and internal ones too: nothing of it goes anywhere. A field that
nobody declared cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Generic, Never, TypeVar, cast

from attrs import evolve, field, frozen

from akeneo_erp_bridge.classification import PIM_SAFE, may_reach
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Choice, ChoiceReader, Column, ErpItem, ItemReader, Page
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping import CATEGORIES, ItemMapping
from akeneo_erp_bridge.rules import Cell, Put, Rule, shown, taint_of
from akeneo_erp_bridge.sync._parked import ParkedFilter
from akeneo_erp_bridge.sync._state import SyncState
from akeneo_erp_bridge.sync._words import counted

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)
T = TypeVar("T")


@frozen
class Only(Generic[S_contra]):
    """A choice of items. Made by `by_key`, `by_category`, `by_field`, `where` and `by_parked`; `label` is how reports call it.

    >>> drills: Only[ErpItem] = by_category("drills")
    >>> drills  # goes to `run`, `plan`: job.run(only=drills)
    Only(label="by_category('drills')")
    """

    label: str
    rule: Rule[S_contra, object, object] | None = field(default=None, repr=False)
    """What is looked at; `None`: the key, or what the mapping gives for the categories."""
    test: Callable[[object], bool] | None = field(default=None, repr=False)
    choice: Choice | None = field(default=None, repr=False)
    """The same for an adapter that finds items by themselves."""
    keys: frozenset[str] = field(default=frozenset(), repr=False)
    codes: frozenset[str] = field(default=frozenset(), repr=False)
    parked: ParkedFilter | None = field(default=None, repr=False)

    def among(self, state: SyncState, stream: str) -> Only[S_contra]:
        """The same, with the keys of what is parked as the run begins."""
        if self.parked is None:
            return self
        now, meant = datetime.now(UTC), self.parked
        keys = frozenset(str(one.key) for one in state.parked(stream) if one.key and meant.takes(one, now))
        return evolve(self, keys=keys, parked=None)

    @property
    def digest(self) -> str:
        """The same for the same choice, which may be of more keys than the label names."""
        told = repr((self.label, sorted(self.keys), sorted(self.codes)))
        return blake2b(told.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


def by_key(*keys: str) -> Only[ErpItem]:
    """The items of these keys. A deletion of one of them counts; a key that the ERP does not show is no deletion.

    >>> by_key("A1", "A2").label
    "by_key('A1', 'A2')"
    """
    return Only(_label("by_key", keys), keys=frozenset(_some(keys, "by_key", "key")))


def by_category(*codes: str) -> Only[ErpItem]:
    """The items to which the mapping gives one of these categories, in any case; not those of categories below them.

    The mapping must bind `CATEGORIES`; to choose by what else the ERP groups by, see `by_field`.

    >>> by_category("drills", "saws").label
    "by_category('drills', 'saws')"
    """
    wanted = _some(codes, "by_category", "code")
    return Only(_label("by_category", codes), codes=frozenset(one.lower() for one in wanted))


def by_field(rule: Rule[S, T, object], *values: T) -> Only[S]:
    """The items whose field holds one of these values. An item in which it is absent, null or wrong is not chosen.

    >>> from akeneo_erp_bridge.erp import cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     brand = cold(str, "brand")
    >>> by_field(Article.brand, "ACME").label
    "by_field(brand, 'ACME')"

    Of a field that is hot or internal, the label tells no values. An adapter that can (`ChoiceReader`) is asked for these items alone; others are read as a whole.
    Raises `MappingError` for a value of another class than the field's.
    """
    wanted = _some(values, "by_field", "value")
    kinds = rule.gives()
    wrong = [one for one in wanted if kinds is not None and not isinstance(one, tuple(kinds))]
    if wrong:
        seen = ", ".join(shown(one) for one in wrong)
        raise MappingError(
            f"by_field({rule.label}): {seen} can never be its value; give a {_names(kinds or frozenset())}"
        )
    # reports tell the choice: what is hot or internal is told by its field alone
    is_told = may_reach(taint_of(rule), PIM_SAFE)
    told = ", ".join(shown(one) for one in values) if is_told else f"{counted(len(values), 'value')} not shown"
    # a set would be quicker, and takes no list
    return Only(
        f"by_field({rule.label}, {told})",
        rule,
        lambda value: value in wanted,
        _choice(rule, wanted),
    )


def where(rule: Rule[S, T, object], test: Callable[[T], bool]) -> Only[S]:
    """The items whose field passes a test; of several fields, with `&`. One that is absent, null or wrong does not pass.

    >>> from akeneo_erp_bridge.erp import cold, hot
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     stock = hot(int, "stock")
    >>> where(Article.stock, lambda stock: stock > 0).label
    'where(stock)'

    The whole ERP is read. An item on which the test raises is parked with the reason.
    """
    # the cast: the test takes what the rule gives, and is given nothing else
    return Only(f"where({rule.label})", rule, cast("Callable[[object], bool]", test))


def by_parked(
    *codes: str,
    key: str | None = None,
    cell: Cell[Never] | str | None = None,
    older_than: timedelta | None = None,
) -> Only[ErpItem]:
    """The items that are parked in the job's stream as the run begins: all of them, or those of some codes.

    It is narrowed by the same words as `parked_items`. They are read again, mapped again, and sent again, whether anything
    changed or not. A row without a key cannot be chosen; what reads everything looks at those.

    >>> by_parked("refused", cell="colour").label
    "by_parked('refused', cell='colour')"
    """
    meant = ParkedFilter(codes=codes, key=key, cell=cell, older_than=older_than)
    return Only(f"by_parked({meant.label})", parked=meant)


def _some(values: tuple[T, ...], name: str, word: str) -> tuple[T, ...]:
    if not values:
        raise MappingError(f"{name}() chooses nothing; give it at least one {word}")
    return values


def _label(name: str, values: tuple[str, ...]) -> str:
    more = ", ..." if len(values) > _NAMED else ""
    return f"{name}({', '.join(repr(one) for one in values[:_NAMED])}{more})"


_NAMED = 5


def _names(kinds: frozenset[type[object]]) -> str:
    return " or ".join(sorted(one.__name__ for one in kinds))


def _choice(rule: Rule[S, T, object], values: tuple[T, ...]) -> Choice | None:
    """What an adapter can be asked for: a column that equals texts or whole numbers."""
    if not isinstance(rule, Column) or rule.spec.is_many:
        return None
    plain = tuple(one for one in values if isinstance(one, str | int) and not isinstance(one, bool))
    return Choice(rule.spec.path, plain) if len(plain) == len(values) else None


class Sieve(Generic[ItemT]):
    """A choice bound to a mapping: what it reads, and which items it takes.

    Raises `MappingError` for a choice that looks at what the item class does not declare.
    """

    def __init__(self, only: Only[ItemT], mapping: ItemMapping[ItemT]) -> None:
        self._only = only
        self._rule = _rule_of(only, mapping)
        self._choice = only.choice
        if only.keys:
            self._choice = Choice(mapping.source.key_spec().path, tuple(sorted(only.keys)))
        self.paths = frozenset[str]() if self._rule is None else self._rule.sources
        if not only.codes:
            _check_declared(only, mapping.source, self.paths)

    def read(self, erp: ItemReader[ItemT], fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The pages with the items; all pages, where the adapter finds none by themselves."""
        if self._rule is None and not self._only.keys:
            return  # nothing of that kind is parked
        fields |= self.paths
        if self._choice is not None and isinstance(erp, ChoiceReader):
            # the cast: a reader of these items chooses among them, which no check at run time can see
            chooser = cast("ChoiceReader[ItemT]", erp)
            yield from chooser.read_some(self._choice, fields=fields, limit=limit)
        else:
            yield from erp.read_items(None, fields=fields, limit=limit)

    def takes(self, item: ItemT) -> bool:
        """Whether an item is chosen. Raises what the test raises."""
        only = self._only
        if self._rule is None:
            return item.key in only.keys
        outcome = self._rule.run(item.narrowed(self.paths))
        if not isinstance(outcome, Put) or outcome.value is None:
            return False
        if only.codes:
            return not only.codes.isdisjoint(_codes(outcome.value))
        return only.test is not None and bool(only.test(outcome.value))

    def covers(self, key: ErpKey) -> bool:
        """Whether a deletion is among what was chosen; of an item that is no more, its key alone is known."""
        return key in self._only.keys


def _rule_of(only: Only[ItemT], mapping: ItemMapping[ItemT]) -> Rule[ItemT, object, object] | None:
    if not only.codes:
        return only.rule
    for binding in mapping.bindings:
        if binding.cell.key == CATEGORIES.key:
            return binding.rule
    raise MappingError(f"{only.label}: the mapping binds no CATEGORIES; choose by_field(...), or bind them")


def _check_declared(only: Only[ItemT], source: type[ItemT], paths: frozenset[str]) -> None:
    undeclared = sorted(paths - {spec.path for spec in source.declared})
    if undeclared:
        told = ", ".join(f"'{one}'" for one in undeclared)
        raise MappingError(f"{only.label} looks at {told}, which {source.__name__} does not declare; declare a field")
    if only.rule is not None and not paths:
        raise MappingError(f"{only.label} looks at no field that {source.__name__} declares; choose by its fields")


def _codes(value: object) -> set[str]:
    """The codes that a rule gave, as a set or as a single one."""
    # the cast: what a rule gave is untyped by now; whatever it holds is taken by its text
    many = cast("frozenset[object]", value) if isinstance(value, frozenset | set | list | tuple) else (value,)
    return {str(one).lower() for one in many}
