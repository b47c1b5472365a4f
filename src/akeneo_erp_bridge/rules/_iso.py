"""Lossless pairs of functions: the only thing a two-way binding takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Never, TypeVar

from attrs import frozen

from akeneo_erp_bridge.rules._kinds import Kinds, returned
from akeneo_erp_bridge.rules._outcomes import Outcome, Problem, Put, shown
from akeneo_erp_bridge.rules._rule import Rule
from akeneo_erp_bridge.rules._steps import function_name

T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")


@frozen
class Composed(Generic[T, U, V]):
    """Two functions, one after the other; unlike a lambda it pickles."""

    first: Callable[[T], U]
    second: Callable[[U], V]

    def __call__(self, value: T) -> V:
        return self.second(self.first(value))


@frozen
class Iso(Generic[T, U]):
    """A function and its inverse: ``back(there(x)) == x`` for every x.

    >>> hundred = Iso(lambda metres: metres * 100, lambda centimetres: centimetres // 100)
    >>> hundred.back(hundred.there(7))
    7
    """

    there: Callable[[T], U]
    back: Callable[[U], T]

    def __matmul__(self, nxt: Iso[U, V]) -> Iso[T, V]:
        """Then: this pair, and the next one on its result."""
        return Iso(Composed(self.there, nxt.there), Composed(nxt.back, self.back))

    def inverse(self) -> Iso[U, T]:
        """The same pair, the other way round."""
        return Iso(self.back, self.there)

    def as_rule(self) -> Rule[T, U, Never]:
        """The way there, as a converter."""
        return IsoRule(self)


def same(kind: type[T]) -> Iso[T, T]:  # noqa: ARG001 - it says what the type checkers cannot guess
    """The pair that changes nothing: field and cell hold the same values of this class.

    >>> same(str).back("Drill")
    'Drill'
    """
    return Iso(_as_it_is, _as_it_is)


def _as_it_is(value: T) -> T:
    return value


@frozen
class IsoRule(Rule[T, U, Never], Generic[T, U]):
    """The way there of an `Iso`: what `Iso.as_rule` makes. An exception of the function becomes a problem that names it.

    >>> Iso(int, str).as_rule().run("18"), Iso(int, str).as_rule().run("XL").code
    (Put(value=18, notes=()), 'function_failed')
    """

    iso: Iso[T, U]

    def run(self, source: T) -> Outcome[U]:
        try:
            return Put(self.iso.there(source))
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything; the item is parked with the reason
            return Problem(
                "function_failed",
                "",
                f"function '{function_name(self.iso.there)}' raised {type(error).__name__} ({shown(str(error), longest=200)}) for {shown(source)}",
            )

    def gives(self) -> Kinds:
        """What the function says it returns."""
        return returned(self.iso.there)

    @property
    def label(self) -> str:
        return f"iso({function_name(self.iso.there)})"
