"""Rounds of reading: from which stamp, up to which, and whose stamps count."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.erp._tryton._computed import ON_HAND, STOCK, members_of
from akeneo_erp_bridge.erp._tryton._paths import TO_MANY, FieldsOf, PathPlan, Relation
from akeneo_erp_bridge.erp._tryton._rpc import Raw, Record
from akeneo_erp_bridge.erp._tryton._server import TrytonServer, number_of
from akeneo_erp_bridge.erp.interfaces import Cursor
from akeneo_erp_bridge.errors import CursorExpired

STAMP: Final = "last_modified_at"
PRODUCT: Final = "product.product"
MOVE: Final = "stock.move"
# A variant inherits name, weight and categories; a change of its template leaves its own stamp alone.
_ALWAYS: Final[Mapping[str, tuple[Relation, ...]]] = {
    PRODUCT: (Relation("template", "product.template", is_searchable=True),)
}
_BY_STAMP: Final = frozenset({"list_price", "list_price_used", "template.list_price"})
"""Computed prices whose changes move the stamp of the variant or of its template."""
_BY_MOVE: Final = "quantity"


@frozen
class Round:
    """One round of reading: from the stamp `since`, as the data stood at `until`, gone through by id up to `after`."""

    since: datetime | None = None
    until: datetime | None = None
    after: int = 0

    def cursor(self, version: str) -> Cursor:
        """From here on."""
        since, until = (None if one is None else one.isoformat() for one in (self.since, self.until))
        return Cursor("timestamp", json.dumps({"since": since, "until": until, "after": self.after}), version)

    @classmethod
    def begun(cls, since: Cursor | None, version: str, model: str) -> Round:
        """Go on where the cursor says; raises `CursorExpired` for one that is not of these fields."""
        if since is None:
            return cls()
        strange = CursorExpired(f"{model}: the cursor is of other fields or another adapter")
        if since.kind != "timestamp" or since.schema_hash != version:
            raise strange
        try:
            parts = json.loads(since.blob)
            begin, until = (
                None if parts[name] is None else datetime.fromisoformat(parts[name]) for name in ("since", "until")
            )
            return cls(begin, until, int(parts["after"]))
        except (ValueError, KeyError, TypeError):
            raise strange from None


def watched(
    model: str, plans: Iterable[PathPlan], named: Collection[str] | None, fields_of: FieldsOf
) -> tuple[Relation, ...]:
    """The relations whose stamps count besides the record's own: those that the fields go through, or those `named`.

    A relation that Tryton computes and cannot search is left out.
    """
    every = {one.path: one for plan in plans for one in plan.relations}
    every |= {one.path: one for one in _ALWAYS.get(model, ())}
    always = {one.path for one in _ALWAYS.get(model, ())}
    return tuple(
        one
        for path, one in sorted(every.items())
        if (named is None or path in named or path in always) and one.is_searchable and STAMP in fields_of(one.model)
    )


def changed_since(
    relations: Sequence[Relation], moment: datetime | None, also: Sequence[int] = (), *, has_active: bool
) -> list[Raw]:
    """The condition: the record or one of these relations has changed, or it is among some others.

    Tryton adds "and is active" to each list of conditions in which the field `active` does not stand, to lists inside
    of others too. So where the model `has_active`, the condition is said twice: of each record, one of the two depends
    on the stamps alone.
    """
    if moment is None:
        return []
    stamps = [STAMP, *(f"{one.path}.{STAMP}" for one in relations)]
    any_of: list[Raw] = [[stamp, ">=", moment] for stamp in stamps]
    if also:
        any_of.append(["id", "in", [*also]])
    if not has_active:
        return [["OR", *any_of]]
    return [["OR", ["active", "=", is_active], *any_of] for is_active in (True, False)]


def stamps_of(relations: Sequence[Relation]) -> list[str]:
    """The names under which a record is asked for its stamps."""
    return [STAMP, *(f"{one.path}.{STAMP}" for one in relations)]


def newest_in(records: Iterable[Record]) -> datetime | None:
    """The newest stamp anywhere in these records."""
    return max((stamp for one in records for stamp in _stamps(one)), default=None)


def _stamps(found: Raw) -> Iterator[datetime]:
    if isinstance(found, list):
        for one in found:
            yield from _stamps(one)
    elif isinstance(found, dict):
        for name, one in found.items():
            if name == STAMP and isinstance(one, datetime):
                yield one
            elif name[-1] == "." and one:
                yield from _stamps(one)


def with_always(model: str) -> list[str]:
    """The model, and those whose stamps always count with it."""
    return [model, *(one.model for one in _ALWAYS.get(model, ()))]


def newest(server: TrytonServer, models: Iterable[str]) -> datetime | None:
    """The newest stamp of a record of these models now, by the server's clock: the next round begins there.

    Stamps of other related records may be newer, and then the next round reads some records again: fewer requests now,
    and nothing lost.
    """
    found: list[datetime] = []
    for one in models:
        order: Raw = [[STAMP, "DESC"]]
        rows = server.session.records(
            one, "search_read", server.everything(one), 0, 1, order, [STAMP], context=server.context()
        )
        found += [stamp for row in rows for stamp in _stamps(row)]
    return max(found, default=None)


def later(*moments: datetime | None) -> datetime | None:
    """The latest of those that are known."""
    return max((one for one in moments if one is not None), default=None)


# ---- prices and stock ----
def moves_that_count(model: str, plans: Iterable[PathPlan], server: TrytonServer) -> bool | None:
    """Whether a change of all these paths can be seen by stamps (`False`), or by those of done moves too (`True`).

    `None`: not at all. A cost price, a price list and a forecast change without a trace; and so does a move, to a user
    who may not read moves.
    """
    needs_moves = False
    for one in plans:
        is_on_hand = one.computed == STOCK and {*members_of(one.path)} <= ON_HAND
        if model == PRODUCT and (is_on_hand or one.path == _BY_MOVE):
            needs_moves = True
            continue
        is_told = one.is_stored or (model == PRODUCT and one.path in _BY_STAMP)
        if not is_told or any(not relation.is_searchable for relation in one.relations):
            return None
    return None if needs_moves and server.lacks_right("read", MOVE) else needs_moves


def moved_since(server: TrytonServer, moment: datetime) -> list[int]:
    """The products of moves that were done since."""
    domain: list[Raw] = [["state", "=", "done"], [STAMP, ">=", moment]]
    rows = server.session.records(MOVE, "search_read", domain, 0, None, None, ["product"], context=server.context())
    return sorted({number_of(one, "product") for one in rows})


def shifted(moment: datetime | None, overlap: timedelta) -> datetime | None:
    """Where the window of a round begins."""
    return None if moment is None else moment - overlap


def searchable_kind(plan: PathPlan, values: Sequence[str | int]) -> list[Raw] | None:
    """The values as Tryton compares them with a field; `None` where it might find fewer than Python does."""
    if plan.language is not None or plan.member is not None or plan.members is not None or plan.computed is not None:
        return None
    if not plan.is_stored or any(not one.is_searchable for one in plan.relations) or plan.kind in TO_MANY:
        return None
    if plan.kind in ("char", "selection") and all(isinstance(one, str) for one in values):
        return [*values]
    if plan.kind == "integer":
        whole = [one for value in values if (one := _whole(value)) is not None]
        return [*whole] if all(abs(one) < 2**31 for one in whole) else None
    return None


def _whole(value: str | int) -> int | None:
    """The number whose digits a text is: "7", not "007", which no whole number is written as."""
    text = str(value)
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and str(int(text)) == text else None
