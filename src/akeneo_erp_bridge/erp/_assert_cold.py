"""The audited way for a function over the whole record into the PIM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.classification import Cold, Hot, Temperature, names
from akeneo_erp_bridge.erp._item import Column, ErpItem, Whole
from akeneo_erp_bridge.erp._paths import Listed, overlap
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.rules import Outcome, Problem, Rule, Step, shown

ItemT = TypeVar("ItemT", bound=ErpItem)
T = TypeVar("T")


@frozen
class AssertedCold(Rule[ItemT, T, Cold], Generic[ItemT, T]):
    """See `assert_cold`."""

    rule: Rule[ItemT, T, Hot]
    reads: tuple[str, ...]
    reason: str

    def run(self, source: ItemT) -> Outcome[T]:
        try:
            _refuse_declared(type(source), self.reads)  # a subclass may declare more than was known at first
            row = Listed(source.row, self.reads)
            for path, misplaced in row.misplaced.items():
                return Problem("wrong_container", path, f"{misplaced}; mend what is listed, or the record in the ERP")
            return self.rule.run(type(source)(row))
        except Exception as error:  # noqa: BLE001 - the record is read by a user's rules, which may raise anything
            seen = f"raised {type(error).__name__} ({shown(str(error), longest=200)})"
            return Problem("function_failed", "", f"rule '{self.rule.label}' {seen}; mend it, or list what it reads")

    @property
    def label(self) -> str:
        return f"assert_cold({self.rule.label}, reads {', '.join(self.reads)}: {self.reason!r})"

    # It has no parts: whatever the rule is made of, it gets no more than what is listed, which is cold.

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({Cold})

    @property
    def sources(self) -> frozenset[str]:
        return frozenset(self.reads)


def assert_cold(
    rule: Rule[ItemT, T, Hot], *, reads: Sequence[str | Column[ItemT, object, Cold]], reason: str
) -> AssertedCold[ItemT, T]:
    """Say that a function over the whole record reads cold data alone, and have it held to that.

    `reads` lists the columns (or paths, or fields) it looks at. It gets an item with these and nothing else: a look
    at any other column raises, which parks the item with the column's name. `reason` is in `explain()` and in every
    plan, beside what is read.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold, whole
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> box = whole(Article).map(lambda item: f"{item.row['length']} x {item.row['width']}")
    >>> size = assert_cold(box, reads=["length", "width"], reason="the ERP keeps the sides apart")
    >>> size.run(Article({"number": "1", "length": 30, "width": 20, "stock": 7})).value
    '30 x 20'

    Raises `MappingError` without a reason or a list, for a rule that does not begin with `whole`, and for a field of
    the rule that is not listed; `TemperatureRefused` when the item class declares one of them, or a part of it, hot
    or internal.
    """
    if isinstance(reads, str) or not reads:
        raise MappingError("assert_cold(...): list what the rule reads, e.g. reads=['length', 'width']")
    if not reason.strip():
        raise MappingError(
            "assert_cold(...): say why a function is needed, e.g. reason='the ERP keeps the sides apart'"
        )
    paths = tuple(sorted({one if isinstance(one, str) else one.spec.path for one in reads}))
    steps = list(_all_steps(rule))
    sources: list[type[object]] = [step.source for step in steps if isinstance(step, Whole)]  # pyright: ignore[reportUnknownMemberType]  # of which class, the next lines ask
    if not sources:
        raise MappingError(
            f"assert_cold(...): rule '{rule.label}' reads no whole(...) record, so it needs no such word"
        )
    for source in sources:
        if not issubclass(source, ErpItem):
            raise MappingError(f"assert_cold(...): whole({source.__name__}) is of no class with declared fields")
        _refuse_declared(source, paths)
    for step in steps:
        if not isinstance(step, Whole) and _declares(step) and not step.temperatures <= {Cold}:
            raise TemperatureRefused(f"assert_cold(...): '{step.label}' is {names(step.temperatures)} by declaration")
    beside = sorted(rule.sources - set(paths))
    if beside:
        raise MappingError(f"assert_cold(...): the rule reads {', '.join(beside)} too; list it")
    return AssertedCold(rule, paths, reason)


def _refuse_declared(source: type[ErpItem], paths: tuple[str, ...]) -> None:
    for spec in source.declared:  # what a subclass declares anew holds as well
        if spec.temperature is Cold:
            continue
        met = [path for path in paths if overlap(spec.path, path)]
        if met:
            raise TemperatureRefused(
                f"assert_cold(...): '{met[0]}' holds field '{spec.name}', which {source.__name__} declares "
                f"{names(frozenset({spec.temperature}))}; take it out of the list"
            )


def _declares(step: Step) -> bool:
    return type(step).temperatures is not Step.temperatures


def _all_steps(step: Step) -> Iterator[Step]:
    yield step
    for part in step.parts:
        yield from _all_steps(part)
