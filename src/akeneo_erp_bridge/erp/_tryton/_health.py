"""What a user lacks, said before it is missed: Tryton gives nothing in place of an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from akeneo_erp_bridge.erp._tryton._computed import ON_HAND, PLANNED, PRICES, STOCK, members_of
from akeneo_erp_bridge.erp._tryton._paths import PathPlan
from akeneo_erp_bridge.erp._tryton._server import TrytonServer

_PRICES: Final = frozenset(
    {
        "list_price", "list_price_used", "list_price_uom", "cost_price", "cost_price_uom", "cost_value",
        "sale_price_uom",
    }
)  # fmt: skip
_STOCK: Final = frozenset({"quantity", "forecast_quantity"})
_GROUPS: Final = {"stock.move": "Stock", "product.price_list": "Sales", "stock.location": "Stock"}
"""A group of a plain installation that has the right."""


def counts_stock(plan: PathPlan) -> bool:
    """Whether a path needs places in the context."""
    return any(one.rpartition(".")[2] in _STOCK for one in plan.asked)


def lacks(server: TrytonServer, model: str, plans: Sequence[PathPlan]) -> Iterator[str]:
    """What the user lacks for these paths, one sentence each."""
    user = server.session.login.user
    models = dict.fromkeys([model, *(relation.model for plan in plans for relation in plan.relations)])
    priced = [one.path for one in plans if one.computed == PRICES or _is_price(one)]
    counted = [one.path for one in plans if one.computed in (STOCK, PLANNED) or counts_stock(one)]
    if any(_reads_moves(one) for one in plans):
        models["stock.move"] = None
    if counted:
        models["stock.location"] = None
    if any(one.computed == PRICES for one in plans):
        models["product.price_list"] = None
    for one in server.lacks_right("read", *models):
        group = _GROUPS.get(one)
        hint = f", such as '{group}'," if group else ""
        yield f"user '{user}' may not read {one}: put it into a group{hint} that may"
    if (priced or counted) and server.company() is None:
        paths = ", ".join(sorted({*priced, *counted}))
        yield (
            f"prices and stock ({paths}) come as nothing: user '{user}' has no company; "
            "choose one in its preferences, or in the form of the user"
        )
    if counted and not server.lacks_right("read", "stock.location") and not server.places():
        yield f"stock ({', '.join(sorted(counted))}) comes as 0: user '{user}' sees no warehouse; make one, or name `locations`"


def _is_price(plan: PathPlan) -> bool:
    return any(one.rpartition(".")[2] in _PRICES for one in plan.asked)


def _reads_moves(plan: PathPlan) -> bool:
    return plan.computed == PLANNED or (
        plan.computed == STOCK and bool({*members_of(plan.path)} - ON_HAND - {"forecast"})
    )
