"""Four unrelated marker types; a union of them is the taint of a combined rule."""

from __future__ import annotations

from typing import Never, TypeAlias


class Cold:
    """Slow, descriptive data: names, weights, colours. Belongs into the PIM.

    Source: Akeneo's guide "Connect your ERP with Akeneo PIM".

    >>> may_reach(frozenset({Cold}), PIM_SAFE), may_reach(frozenset({Cold}), SHIPPABLE)
    (True, True)
    """


class Hot:
    """Current price, stock, supply: straight from the ERP to commerce, never into the PIM.

    Source: Akeneo's guide "Connect your ERP with Akeneo PIM".

    >>> may_reach(frozenset({Hot}), PIM_SAFE), may_reach(frozenset({Hot}), SHIPPABLE)
    (False, True)
    """


class Reference:
    """The one legal downgrade of a hot price: a reference that helps PIM users and is not exported.

    Made by `mapping.reference` alone.

    Source: Akeneo's guide "Connect your ERP with Akeneo PIM".

    >>> may_reach(frozenset({Reference}), PIM_SAFE), may_reach(frozenset({Reference, Hot}), PIM_SAFE)
    (True, False)
    """


class Internal:
    """Cost, supplier terms: leaves the ERP for nowhere.

    >>> may_reach(frozenset({Internal}), PIM_SAFE), may_reach(frozenset({Internal}), SHIPPABLE)
    (False, False)
    """


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

    >>> class Tepid(Cold): ...
    >>> may_reach(frozenset({Tepid}), PIM_SAFE), may_reach(frozenset(), PIM_SAFE)  # a constant has no temperature
    (False, True)
    """
    # loops, for it is asked for each cell of each change
    for one in temperatures:
        for other in allowed:
            if one is other:
                break
        else:
            return False
    return True


def names(temperatures: frozenset[Temperature]) -> str:
    """The temperatures in words, for messages.

    >>> names(frozenset({Hot, Cold})), names(frozenset())
    ('cold + hot', 'none')
    """
    return " + ".join(sorted(one.__name__.lower() for one in temperatures)) or "none"
