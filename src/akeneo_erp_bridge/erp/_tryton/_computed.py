"""What no field of Tryton holds, put together for the products of a page: stock by place, planned moves, prices.

=============  ============================================================================================
column         its rows
=============  ============================================================================================
``@stock``     a place: ``location``, ``on_hand``, ``reserved``, ``incoming``, ``outgoing``, ``forecast``
``@planned``   a planned move: ``location``, ``direction`` ("in", "out"), ``quantity``, ``date``, ``state``
``@prices``    a price: ``list`` (`None`: without a list), ``from_quantity``, ``amount``, ``currency``
=============  ============================================================================================

Quantities are in the product's own unit. ``@stock(location, on_hand)`` leaves out the other members, and the requests
that they cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.erp._tryton._rpc import Raw
from akeneo_erp_bridge.erp._tryton._server import TrytonServer, number_of, text_of
from akeneo_erp_bridge.errors import ErpRefused

STOCK: Final = "@stock"
PLANNED: Final = "@planned"
PRICES: Final = "@prices"
COMPUTED: Final[Mapping[str, tuple[str, ...]]] = {
    STOCK: ("location", "on_hand", "reserved", "incoming", "outgoing", "forecast"),
    PLANNED: ("location", "direction", "quantity", "date", "state"),
    PRICES: ("list", "from_quantity", "amount", "currency"),
}
ON_HAND: Final = frozenset({"location", "on_hand"})
"""The members of `STOCK` that done moves alone change."""
_PLANNED_STATES: Final[Sequence[Raw]] = ("draft", "assigned")
_FORM: Final = re.compile(r"(?P<column>@[a-z]+)(?:\((?P<members>[^()]*)\))?(?:\[\*\]\.(?P<member>\w+))?")

Row = dict[str, Raw]


def computed_column(path: str) -> str | None:
    """The column of a path that begins with ``@``."""
    form = _FORM.fullmatch(path)
    return form["column"] if form is not None else None


def members_of(path: str) -> tuple[str, ...]:
    """The members that a path names, or all; raises `ErpRefused` for one that is not there."""
    form = _FORM.fullmatch(path)
    if form is None or form["column"] not in COMPUTED:
        raise ErpRefused(f"path '{path}' cannot be read; there are {', '.join(sorted(COMPUTED))}")
    every = COMPUTED[form["column"]]
    named = form["members"].split(",") if form["members"] is not None else list(every)
    members = tuple(one.strip() for one in named)
    wrong = sorted({*members, *([form["member"]] if form["member"] else [])} - {*every})
    if wrong:
        raise ErpRefused(f"path '{path}': {form['column']} has no '{', '.join(wrong)}'; it has {', '.join(every)}")
    return members if form["members"] is not None or not form["member"] else (form["member"],)


def fill(
    server: TrytonServer,
    paths: Iterable[str],
    rows: Mapping[int, dict[str, Raw]],
    price_lists: Sequence[str] | None,
) -> None:
    """Put the computed columns of these paths into the rows of products, by id."""
    wanted: dict[str, dict[str, None]] = {}
    for path in paths:
        wanted.setdefault(_column_path(path), {}).update(dict.fromkeys(members_of(path)))
    moves = _Moves.read(server, list(rows)) if rows and any(_needs_moves(*one) for one in wanted.items()) else _Moves()
    for path, members in wanted.items() if rows else ():
        match computed_column(path):
            case "@stock":
                lines = _stock(server, list(rows), members, moves)
            case "@planned":
                lines = moves.planned(server)
            case _:
                lines = _prices(server, list(rows), price_lists)
        for number, row in rows.items():
            row[path] = [{name: line[name] for name in members} for line in lines.get(number, [])]


def _column_path(path: str) -> str:
    """Where the rows of a path go: ``@stock[*].on_hand`` reads the column ``@stock``."""
    return path.partition("[*]")[0]


def _needs_moves(path: str, members: Iterable[str]) -> bool:
    column = computed_column(path)
    return column == PLANNED or (column == STOCK and bool({*members} - ON_HAND - {"forecast"}))


# ---- stock ----
@frozen
class _Move:
    product: int
    source: int
    target: int
    quantity: Decimal
    day: Raw
    state: str


@frozen
class _Moves:
    """The planned moves of some products."""

    every: tuple[_Move, ...] = ()

    @classmethod
    def read(cls, server: TrytonServer, ids: Sequence[int]) -> _Moves:
        names = ["product", "from_location", "to_location", "internal_quantity", "planned_date", "state"]
        domain: list[Raw] = [["product", "in", [*ids]], ["state", "in", [*_PLANNED_STATES]]]
        order: Raw = [["planned_date", "ASC"], ["id", "ASC"]]
        found = server.session.records(
            "stock.move", "search_read", domain, 0, None, order, [*names], context=server.context()
        )
        return cls(
            tuple(
                _Move(
                    number_of(one, "product"), number_of(one, "from_location"), number_of(one, "to_location"),
                    _decimal(one.get("internal_quantity")) or Decimal(0), one.get("planned_date"), text_of(one, "state"),
                )
                for one in found
            )
        )  # fmt: skip

    def across(self, server: TrytonServer, place: int) -> Iterator[tuple[_Move, str]]:
        """Those that enter or leave a place; one from shelf to shelf does neither."""
        for one in self.every:
            leaves, enters = server.is_within(one.source, place), server.is_within(one.target, place)
            if leaves != enters:
                yield one, "in" if enters else "out"

    def planned(self, server: TrytonServer) -> dict[int, list[Row]]:
        lines: dict[int, list[Row]] = {}
        for place, code in server.places().items():
            for one, direction in self.across(server, place):
                line: Row = {"location": code, "direction": direction, "quantity": one.quantity}
                lines.setdefault(one.product, []).append({**line, "date": one.day, "state": one.state})
        return lines


def _stock(server: TrytonServer, ids: Sequence[int], members: Iterable[str], moves: _Moves) -> dict[int, list[Row]]:
    asked = {"on_hand": "quantity", "forecast": "forecast_quantity"}
    names: Raw = [asked[one] for one in members if one in asked]
    lines: dict[int, list[Row]] = {}
    for place, code in server.places().items():
        context = {**server.context(), "locations": [place]}
        found = server.session.records("product.product", "read", [*ids], names, context=context)
        sums: dict[tuple[int, str], Decimal] = {}
        for move, direction in moves.across(server, place):
            kinds = ["incoming"] if direction == "in" else ["outgoing"]
            for kind in (*kinds, *(["reserved"] if direction == "out" and move.state == "assigned" else [])):
                sums[move.product, kind] = sums.get((move.product, kind), Decimal(0)) + move.quantity
        for one in found:
            number = number_of(one, "id")
            line: Row = {"location": code}
            line |= {kind: sums.get((number, kind), Decimal(0)) for kind in ("reserved", "incoming", "outgoing")}
            line |= {name: _decimal(one.get(field)) for name, field in asked.items()}
            lines.setdefault(number, []).append(line)
    return lines


# ---- prices ----
def _prices(server: TrytonServer, ids: Sequence[int], wanted: Sequence[str] | None) -> dict[int, list[Row]]:
    """The server computes each price, for a rule of a list may be any formula."""
    lines: dict[int, list[Row]] = {}
    currency = server.currency()
    for name, context, breaks in server.price_lists(wanted):
        last: dict[int, Decimal] = {}
        for quantity in breaks:
            full = {**server.context(), **context, "quantity": float(quantity)}
            for one in server.session.records("product.product", "read", [*ids], ["sale_price_uom"], context=full):
                number, amount = number_of(one, "id"), _decimal(one.get("sale_price_uom"))
                if amount is not None and last.get(number) != amount:
                    last[number] = amount
                    line: Row = {"list": name, "from_quantity": quantity, "amount": amount, "currency": currency}
                    lines.setdefault(number, []).append(line)
    return lines


def _decimal(value: Raw) -> Decimal | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value if isinstance(value, Decimal) else None
