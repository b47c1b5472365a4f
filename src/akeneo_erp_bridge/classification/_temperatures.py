"""Four unrelated marker types; a union of them is the taint of a combined rule."""

from __future__ import annotations

from typing import Never, TypeAlias


class Cold:
    """Slow, descriptive data: names, weights, colours. Belongs into the PIM."""


class Hot:
    """Current price, stock, supply: straight from the ERP to commerce, never into the PIM."""


class Reference:
    """The one legal downgrade of a hot price: a reference that helps PIM users and is not exported."""


class Internal:
    """Cost, supplier terms: leaves the ERP for nowhere."""


Temperature: TypeAlias = type[object]
"""One of the four classes above; a plain `type` at run time, so that a rule can carry any of them."""
PimSafe: TypeAlias = Cold | Reference
Shippable: TypeAlias = Cold | Hot | Reference
Untainted: TypeAlias = Never

PIM_SAFE: frozenset[Temperature] = frozenset({Cold, Reference})
SHIPPABLE: frozenset[Temperature] = frozenset({Cold, Hot, Reference})


def may_reach(temperatures: frozenset[Temperature], allowed: frozenset[Temperature]) -> bool:
    """Whether each of the temperatures *is* one of those allowed.

    By identity: a class of a metaclass of its own may call itself equal to `Cold`, and a subclass of `Cold` may be
    one of `Hot` as well.
    """
    return all(any(one is other for other in allowed) for one in temperatures)


def names(temperatures: frozenset[Temperature]) -> str:
    """The temperatures in words, for messages: `cold + hot`."""
    return " + ".join(sorted(one.__name__.lower() for one in temperatures)) or "none"
