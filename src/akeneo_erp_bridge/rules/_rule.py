"""`Rule[Source, Value, Temperature]`: inspectable data that turns an ERP item into a value.

A rule never raises for data: it gives `Put`, `Keep`, `Clear` or `Problem`. Its third parameter is the
taint: combining a cold and a hot rule gives ``Cold | Hot``, which `to` does not take. A pure converter
has the temperature `Never`, so it taints nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from akeneo_erp_bridge.classification import (
    PIM_SAFE,
    SHIPPABLE,
    Hot,
    PimSafe,
    Reference,
    Shippable,
    Temperature,
    may_reach,
    names,
)
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.rules._cell import Binding, Cell, HotBinding, Owner
from akeneo_erp_bridge.rules._kinds import Kinds, kinds_of_class
from akeneo_erp_bridge.rules._outcomes import Outcome, Put, shown

S = TypeVar("S")
T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K")
K2 = TypeVar("K2")
S_contra = TypeVar("S_contra", contravariant=True)
T_co = TypeVar("T_co", covariant=True)
K_co = TypeVar("K_co", covariant=True)


class Step(ABC):
    """What can be seen of a rule without running it.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold, hot
    >>> class Drill(ErpItem):
    ...     name = cold(str, "text")
    ...     pieces = hot(int, "stock")
    >>> step: Step = (Drill.name & Drill.pieces).map(str)
    >>> sorted(step.sources), names(step.taint)
    (['stock', 'text'], 'cold + hot')
    >>> print(step.explain())
    (name & pieces).map(str)
      (name & pieces)
        name
        pieces
    """

    __slots__ = ()

    @property
    @abstractmethod
    def label(self) -> str:
        """This step in one short phrase, as it appears in plans and in `explain`."""

    @property
    def parts(self) -> tuple[Step, ...]:
        """The rules inside this one, in order."""
        return ()

    @property
    def heads(self) -> tuple[Step, ...]:
        """Those of the parts that get what this step gets; the others get what a part made of it."""
        return self.parts

    @property
    def passed_on(self) -> tuple[Step, ...]:
        """Those of the parts whose values become this step's own; the others, such as a condition, decide about them."""
        return self.parts

    @property
    def temperatures(self) -> frozenset[Temperature]:
        """What the parts declare, together. A leaf that reads the record overrides this, and `sources`."""
        return frozenset(one for part in self.parts for one in part.temperatures)

    @property
    def taint(self) -> frozenset[Temperature]:
        """What decides where a value may go; see `taint_of`, which no subclass can answer for."""
        return taint_of(self)

    @property
    def sources(self) -> frozenset[str]:
        """The ERP fields this rule reads; pushed down to the ERP query."""
        return frozenset(one for part in self.parts for one in part.sources)

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        """The texts this step can give, given those before it; `None` where that is not known in advance.

        Preflight compares them with the codes that exist in the PIM.
        """
        del before
        return None

    def explain(self) -> str:
        """The rule as an indented tree, for people."""
        return "\n".join(_tree(self, 0))

    def __str__(self) -> str:
        return self.label


class Rule(Step, Generic[S_contra, T_co, K_co]):
    """One step, or a tree of steps, from an ERP item to a value.

    Subclass it for a primitive of your own: implement `run` and `label`; give `parts` if it holds rules. One that
    reads the record itself says what, with `temperatures` and `sources`, or it counts as hot.
    """

    __slots__ = ()

    @abstractmethod
    def run(self, source: S_contra) -> Outcome[T_co]:
        """The outcome for one item. Never raises for data."""

    # ---- what preflight asks ----
    def gives(self) -> Kinds:
        """The classes of the values, as the class declares them; `None` where that is not known in advance.

        ``class Rot13(Rule[str, str, Never])`` gives `str` without another word.
        """
        return kinds_of_class(type(self), Rule)

    def known(self, before: Sequence[S_contra] = ()) -> tuple[T_co, ...]:
        """The values that are known before any item is read: constants, defaults, entries of tables.

        *before* are those known of the rule in front of this one.
        """
        return tuple(one for value in before for one in _value(self, value))

    # ---- composition ----
    def map(self: Rule[S, T, K], f: Callable[[T], U]) -> Rule[S, U, K]:
        """Apply any pure function. Its exceptions become problems that name it.

        >>> from akeneo_erp_bridge.erp import ErpItem, cold
        >>> class Article(ErpItem):
        ...     name = cold(str, "name")
        >>> Article.name.map(str.title).run(Article({"name": "cordless drill"}))
        Put(value='Cordless Drill', notes=())
        """
        from akeneo_erp_bridge.rules._steps import Mapped

        return Mapped(self, f)

    def __rshift__(self: Rule[S, T, K], nxt: Rule[T, U, K2]) -> Rule[S, U, K | K2]:
        """Then: feed this value into the next rule. What is no value passes by.

        >>> from akeneo_erp_bridge.erp import ErpItem, cold
        >>> class Article(ErpItem):
        ...     weight = cold(str, "weight")
        >>> from akeneo_erp_bridge.mapping import decimal, in_unit
        >>> (Article.weight >> decimal("de_DE") >> in_unit("KILOGRAM")).run(Article({"weight": "1,5"})).value
        Metric(amount=Decimal('1.5'), unit='KILOGRAM')
        """
        from akeneo_erp_bridge.rules._steps import Then

        if not isinstance(nxt, Rule):  # pyright: ignore[reportUnnecessaryIsInstance]  # nobody's checker has to run
            name = getattr(nxt, "__name__", None)
            way = (
                f"call it: {name}(...); a function of your own goes into .map({name})"
                if name
                else "a rule stands there"
            )
            raise MappingError(f"rule '{self.label}': seen {shown(nxt)} behind >>; {way}")
        return Then(self, nxt)

    def __or__(self: Rule[S, T, K], alt: Rule[S, U, K2]) -> Rule[S, T | U, K | K2]:
        """Else: the first of the two that has a value; what was wrong with the first stays as a note.

        >>> from akeneo_erp_bridge.erp import ErpItem, cold
        >>> class Article(ErpItem):
        ...     name = cold(str, "name")
        ...     brand = cold(str, "brand")
        >>> (Article.name | Article.brand).run(Article({"brand": "Acme"}))
        Put(value='Acme', notes=())
        """
        from akeneo_erp_bridge.rules._steps import Coalesce

        return Coalesce(self, alt)

    def __and__(self: Rule[S, T, K], other: Rule[S, U, K2]) -> Rule[S, tuple[T, U], K | K2]:
        """Both: a pair, when both have a value.

        >>> from akeneo_erp_bridge.erp import ErpItem, cold
        >>> class Article(ErpItem):
        ...     amount = cold(int, "amount")
        ...     unit = cold(str, "unit")
        >>> (Article.amount & Article.unit).run(Article({"amount": 2, "unit": "KG"})).value
        (2, 'KG')
        """
        from akeneo_erp_bridge.rules._steps import Both

        return Both(self, other)

    def required(self: Rule[S, T | None, K]) -> Rule[S, T, K]:
        """No value is a problem: the item is parked.

        >>> from akeneo_erp_bridge.erp import ErpItem, cold
        >>> class Article(ErpItem):
        ...     name = cold(str, "name")
        >>> Article.name.required().run(Article({})).code
        'required'
        """
        from akeneo_erp_bridge.rules._steps import Required

        return Required(self)

    def default(self: Rule[S, T | None, K], value: T) -> Rule[S, T, K]:
        """This value where the ERP has none. Never replaces 0, False, "" or a wrong value.

        >>> from akeneo_erp_bridge.erp import ErpItem, cold
        >>> class Article(ErpItem):
        ...     stacks = cold(int, "stacks").nullable()
        >>> [Article.stacks.default(1).run(Article(row)).value for row in ({}, {"stacks": None}, {"stacks": 0})]
        [1, 1, 0]
        """
        from akeneo_erp_bridge.rules._steps import Default

        return Default(self, value)

    def when(self: Rule[S, T, K], condition: Rule[S, bool, K2]) -> Rule[S, T, K | K2]:
        """Only where the condition holds; otherwise the PIM's value is kept.

        >>> from akeneo_erp_bridge.erp import ErpItem, cold
        >>> class Article(ErpItem):
        ...     name = cold(str, "name")
        ...     active = cold(bool, "active")
        >>> Article.name.when(Article.active).run(Article({"name": "Drill", "active": False}))
        Keep()
        """
        from akeneo_erp_bridge.rules._steps import When

        return When(self, condition)

    def catch(self: Rule[S, T, K]) -> Rule[S, T, K]:
        """Give up this cell, not the item, when the data is wrong; the report still shows it.

        >>> from akeneo_erp_bridge.erp import ErpItem, cold
        >>> class Article(ErpItem):
        ...     pieces = cold(int, "pieces")
        >>> wrong = Article({"pieces": "many"})
        >>> Article.pieces.run(wrong).severity, Article.pieces.catch().run(wrong).severity
        ('skip_item', 'skip_cell')
        """
        from akeneo_erp_bridge.rules._steps import Catch

        return Catch(self)

    # ---- destinations ----
    def to(self: Rule[S, T, PimSafe], cell: Cell[T], *, owner: Owner = Owner.ERP) -> Binding[S]:
        """Bind to a cell of the PIM.

        Raises `TemperatureRefused` when a hot or internal value is part of the rule, should the type
        checker have been silenced.

        >>> from akeneo_erp_bridge.erp import ErpItem, cold
        >>> class Article(ErpItem):
        ...     name = cold(str, "name")
        >>> str(Article.name.to(Cell("name", locale="en_US")).cell)
        'name[en_US]'
        """
        if not isinstance(cell, Cell):  # pyright: ignore[reportUnnecessaryIsInstance]  # nobody's checker has to run
            raise MappingError(f"rule '{self.label}': .to(...) takes a cell, seen {shown(cell)}; write Cell({cell!r})")
        taint = taint_of(self)
        if not may_reach(taint, PIM_SAFE):
            way = "It leaves the ERP for nowhere; take it out of the mapping"
            if may_reach(taint, SHIPPABLE):
                way = "Send it to commerce with .feed(...), or a price with reference(...)"
            raise TemperatureRefused(
                f"rule '{self.label}' is {names(taint)} and may not reach the PIM cell '{cell}'. {way}; a rule of your "
                "own that reads the record says what it reads, with `temperatures` and `sources`."
            )
        return Binding(self, cell, owner)

    def feed(self: Rule[S, T, Shippable], name: str) -> HotBinding[S]:
        """Offer to commerce under this name. Internal values are refused.

        >>> from akeneo_erp_bridge.erp import ErpItem, hot
        >>> class Article(ErpItem):
        ...     stock = hot(int, "stock")
        >>> Article.stock.feed("available").name
        'available'
        """
        taint = taint_of(self)
        if not may_reach(taint, SHIPPABLE):
            raise TemperatureRefused(f"rule '{self.label}' is {names(taint)}: it leaves the ERP for nowhere.")
        return HotBinding(self, name)


def _value(rule: Rule[S, T, K], source: S) -> tuple[T, ...]:
    try:
        outcome = rule.run(source)
    except Exception:  # noqa: BLE001 - a rule of a user's own may raise anything; a run would park the item
        return ()
    return (outcome.value,) if isinstance(outcome, Put) else ()


def taint_of(step: Step) -> frozenset[Temperature]:
    """What decides where the value of a step may go.

    The temperatures of every step in the tree, whatever the steps around it declare of themselves; without the hot
    ones below a step that declares a `Reference`; and hot for whoever gets the record and declares nothing.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold, internal
    >>> class Drill(ErpItem):
    ...     name = cold(str, "name")
    ...     cost = internal(str, "cost")
    >>> names(taint_of(Drill.name | Drill.cost))
    'cold + internal'
    """
    declared = _declared(step)
    return declared | {Hot} if _reads_undeclared(step) else declared


def _declared(step: Step) -> frozenset[Temperature]:
    own = step.temperatures
    below = frozenset(one for part in step.parts for one in _declared(part))
    # a reference lowers what is inside it, and nothing but what is hot; that it is a real one, the mapping checks
    return own | (below - {Hot} if Reference in own and Reference not in below else below)


def _reads_undeclared(step: Step) -> bool:
    """Whether a leaf gets the record itself, and does not say what it reads there."""
    if step.parts:
        return any(_reads_undeclared(head) for head in step.heads)
    return type(step).temperatures is Step.temperatures


def _tree(rule: Step, depth: int) -> Iterator[str]:
    yield "  " * depth + rule.label
    for part in _in_turn(rule):
        yield from _tree(part, depth + 1)


def _in_turn(rule: Step) -> Iterator[Step]:
    """The parts; of steps one after the other, all of them side by side, however they were joined."""
    from akeneo_erp_bridge.rules._steps import Then

    for part in rule.parts:
        if isinstance(rule, Then) and isinstance(part, Then):
            yield from _in_turn(part)  # pyright: ignore[reportUnknownArgumentType]  # what travels between its steps does not matter here
        else:
            yield part
