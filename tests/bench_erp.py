"""An ERP of bare rows, and a job in one line: for tests that look at one rule, one row, one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Generic, TypeVar

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Metric, Price, Product
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, CursorKind, ErpItem, ErpSchema, Health, Page, cold, hot, internal
from akeneo_erp_bridge.mapping import ItemMapping, ProductMapping, clean, sku
from akeneo_erp_bridge.rules import Binding, Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions, SyncReport

Row = dict[object, object]
ItemT = TypeVar("ItemT", bound=ErpItem)


class Part(ErpItem):
    """One row; the columns of a test that needs others than the key and the number are simply there or not."""

    id = cold(str, "id", key=True)
    number = cold(str, "number")
    name = cold(str, "name")
    colour = cold(str, "colour")
    category = cold(str, "category")
    groups = cold(frozenset[str], "groups")
    active = cold(bool, "active")
    weight = cold(Decimal, "weight")
    price = hot(Decimal, "price")
    stock = hot(int, "stock")
    cost = internal(Decimal, "cost")


NAME: Cell[str] = Cell("name", locale="en_US")
COLOUR: Cell[str] = Cell("colour")
WEIGHT: Cell[Metric] = Cell("weight")
MSRP: Cell[tuple[Price, ...]] = Cell("msrp")
SKU = (Part.number >> sku()).to(Cell[str]("sku"))
NAMED = (Part.name >> clean()).to(NAME)
COLOURED = (Part.colour >> clean()).to(COLOUR)

ADOPTED = "11111111-1111-4111-8111-111111111111"
"""A product that a PIM user made."""


def product(*bindings: Binding[Part]) -> ProductMapping[Part]:
    """The SKU, and what the test is about."""
    return ProductMapping(Part, SKU, *bindings)


def part(number: str = "X", /, **columns: object) -> Row:
    """A row, whose key is not its number."""
    return {"id": f"key of {number}", "number": number, "name": f"Part {number}", **columns}


class Rows(Generic[ItemT]):
    """Reads all rows each time; `dead` are the keys it reports as deleted with its last page."""

    kind: CursorKind = "snapshot"

    def __init__(self, item: type[ItemT], *rows: Row) -> None:
        self.item = item
        self.rows = list(rows)
        self.dead: list[str] = []

    def describe(self) -> ErpSchema:
        return ErpSchema("rows")

    def check(self) -> Health:
        return Health(ok=True, message="they are here")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        for start in range(0, max(len(self.rows), 1), limit):
            dead = [ErpKey(key) for key in self.dead] if start + limit >= len(self.rows) else []
            yield Page([self._made(row) for row in self.rows[start : start + limit]], dead, Cursor(self.kind, ""))

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        for page in self.read_items(since, fields=frozenset(), limit=100):
            yield Page([one for one in page.items if keys is None or one.key in keys], (), page.resume)

    def _made(self, row: Row) -> ItemT:
        return self.item(row)  # type: ignore[arg-type]  # csv.DictReader makes rows with a column None, so may anybody


class Changes(Rows[ItemT]):
    """Reads what changed since the cursor: each row once, then no more."""

    kind: CursorKind = "sequence"

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        for number in range(int(since.blob) if since is not None else 0, len(self.rows)):
            yield Page([self._made(self.rows[number])], (), Cursor(self.kind, str(number + 1)))

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        for page in self.read_items(since, fields=frozenset(), limit=100):
            yield Page([one for one in page.items if keys is None or one.key in keys], (), page.resume)


class Revisions(Rows[ItemT]):
    """Counts changes: reads all rows there are, or those that changed since a revision, with what was deleted since.

    Put rows in and take them out with `put` and `remove`; `rows` are those there are, the latest change last.
    """

    kind: CursorKind = "sequence"

    def __init__(self, item: type[ItemT], *rows: Row) -> None:
        super().__init__(item)
        self.log: list[tuple[object, Row | None]] = []
        for row in rows:
            self.put(row)

    def put(self, row: Row) -> None:
        """A row is new, or changed."""
        self.rows = [one for one in self.rows if one["id"] != row["id"]] + [row]
        self.log.append((row["id"], row))

    def remove(self, key: str) -> None:
        """A row is deleted."""
        self.rows = [one for one in self.rows if one["id"] != key]
        self.log.append((key, None))

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        start = int(since.blob) if since is not None else 0
        last = {key: number for number, (key, _) in enumerate(self.log, start=1)}
        changes = sorted((number, key) for key, number in last.items() if number > start)
        for first in range(0, len(changes), limit):
            page = changes[first : first + limit]
            rows = [row for number, _ in page if (row := self.log[number - 1][1]) is not None]
            # what is not there is not in a read of everything, and nobody says that it was
            dead = [ErpKey(str(key)) for number, key in page if self.log[number - 1][1] is None and since is not None]
            yield Page([self._made(row) for row in rows], dead, Cursor(self.kind, str(page[-1][0])))


def parts(*rows: Row) -> Rows[Part]:
    """An ERP of these rows."""
    return Rows(Part, *rows)


class Stopped(BaseException):
    """The process died."""


def dying_at(boundary: str) -> Callable[[str], None]:
    """A hook for a run that ends at this effect boundary."""

    def die(name: str) -> None:
        if name == boundary:
            raise Stopped

    return die


def dying_after(boundaries: int) -> Callable[[str], None]:
    """A hook for a run that ends once it has passed so many effect boundaries."""
    left = boundaries

    def die(_: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Stopped

    return die


def run(
    erp: Rows[ItemT],
    mapping: ItemMapping[ItemT],
    pim: AkeneoClient,
    state: SqliteState,
    *,
    page_size: int = 500,
    retry_parked: bool = False,
    hook: Callable[[str], None] | None = None,
) -> SyncReport:
    """One run whose account adds up."""
    options = SyncOptions(page_size=page_size, retry_parked=retry_parked)
    report = ErpToPim(erp, mapping, pim, state, options=options, hook=hook).run()
    assert report.accounts_for_everything()
    return report


def killed(
    erp: Rows[ItemT], mapping: ItemMapping[ItemT], pim: AkeneoClient, state: SqliteState, *, at: str = "pim.sent"
) -> None:
    """One run that dies at a boundary."""
    try:
        run(erp, mapping, pim, state, hook=dying_at(at))
    except Stopped:
        return
    raise AssertionError(f"the run never came to '{at}'")


def only(pim: AkeneoClient) -> Product:
    """The one product there is."""
    found = list(pim.products.list())
    assert len(found) == 1, [one.values.text("sku") for one in found]
    return found[0]


def cells(product: Product) -> dict[str, object]:
    """What a product holds, in plain words."""
    values = {code: product.values.raw(code) for code in ("sku", "colour", "tags") if product.values.has(code)}
    name = product.values.text("name", locale="en_US")
    return {**values, **({"name": name} if name is not None else {}), "categories": sorted(product.categories)}
