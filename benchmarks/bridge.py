"""The rows that measure the bridge itself: unchanged and changed records, memory, the hot path."""

from __future__ import annotations

import json
import resource
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Never

import httpx
from attrs import evolve
from instant_pim import API, serving
from rows import AUTH, LINES, UNLIMITED, Figures, best, compared

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.akeneo._kinds import PRODUCTS
from akeneo_erp_bridge.akeneo._lines import prepare
from akeneo_erp_bridge.catalog import Attribute, AttributeType, Family, Metric, PimStructure
from akeneo_erp_bridge.codes import AttributeCode, FamilyCode, MeasurementFamilyCode, OptionCode
from akeneo_erp_bridge.commerce import Offer, OfferResult
from akeneo_erp_bridge.erp import Cursor, ErpItem, ErpSchema, Health, ItemReader, Page, SqlAdapter, cold, hot
from akeneo_erp_bridge.mapping import (
    FAMILY,
    CompiledMapping,
    ProductMapping,
    clean,
    constant,
    decimal,
    in_unit,
    lookup,
    sku,
)
from akeneo_erp_bridge.rules import Binding, Cell
from akeneo_erp_bridge.sync import HotRelay, ItemChange, SqliteState, SyncOptions, Tally
from akeneo_erp_bridge.sync._drafts._drafter import Drafter
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._product_cells import product_patch
from akeneo_erp_bridge.sync._targets._products import ProductTarget
from akeneo_erp_bridge.sync._targets._target import Found, Named, Target, Verdict
from akeneo_erp_bridge.sync._telling._watch import Observatory
from akeneo_erp_bridge.sync._writer import PimWriter
from akeneo_erp_bridge.testing import PimSimulator


class Article(ErpItem):
    """Twelve cells: number, family, name, weight and eight texts."""

    number = cold(str, "number", key=True)
    name = cold(str, "name")
    weight = cold(str, "weight")
    text_0 = cold(str, "text_0")
    text_1 = cold(str, "text_1")
    text_2 = cold(str, "text_2")
    text_3 = cold(str, "text_3")
    text_4 = cold(str, "text_4")
    text_5 = cold(str, "text_5")
    text_6 = cold(str, "text_6")
    text_7 = cold(str, "text_7")
    stock = hot(int, "stock")


WEIGHT: Cell[Metric] = Cell("weight")
MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    constant("drills").to(FAMILY),
    (Article.name >> clean()).required().to(Cell[str]("name", locale="en_US")),
    (Article.weight >> decimal("de_DE") >> in_unit("KILOGRAM")).to(WEIGHT),
    *(
        (rule >> clean()).to(Cell[str](f"text_{place}"))
        for place, rule in enumerate(
            (
                Article.text_0, Article.text_1, Article.text_2, Article.text_3, Article.text_4, Article.text_5,
                Article.text_6, Article.text_7,
            )
        )
    ),
)  # fmt: skip


def row(number: int) -> dict[str, object]:
    """A record of the ERP."""
    texts = {f"text_{place}": f"Text {place} of article {number}" for place in range(8)}
    return {"number": f"{number:07}", "name": f"Cordless drill {number}", "weight": "1,250", "stock": 7, **texts}


def furnished() -> PimSimulator:
    """A PIM with these attributes."""
    one = PimSimulator()
    texts: list[dict[str, object]] = [
        {"code": f"text_{place}", "type": "pim_catalog_text", "group": "other"} for place in range(8)
    ]
    metric = {"type": "pim_catalog_metric", "metric_family": "Weight", "default_metric_unit": "KILOGRAM"}
    attributes: list[dict[str, object]] = [
        {"code": "sku", "type": "pim_catalog_identifier", "group": "other"},
        {"code": "name", "type": "pim_catalog_text", "group": "other", "localizable": True},
        {"code": "weight", "group": "other", "decimals_allowed": True, "negative_allowed": False, **metric},
        *texts,
    ]
    codes = [one["code"] for one in attributes]
    one.load("/api/rest/v1/categories", [{"code": "master"}])
    channel = {"code": "shop", "category_tree": "master", "locales": ["en_US"], "currencies": ["USD"]}
    one.load("/api/rest/v1/channels", [channel])
    one.load("/api/rest/v1/attributes", attributes)
    one.load("/api/rest/v1/families", [{"code": "drills", "attributes": codes}])
    return one


class Accepting(Named):
    """A PIM that takes everything and keeps nothing: what is measured ends where a request would begin."""

    def __init__(self) -> None:
        self.lines = 0

    def is_bare(self) -> bool:
        return True

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        return {}

    def read(self, refs: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        return {}

    can_rename = True

    def has(self, ref: str) -> bool:
        return True

    def get(self, ref: str, cells: Mapping[str, Cell[str]]) -> Found | None:
        return None

    def new_ref(self, name: str, intended: str | None) -> str:
        return intended or str(uuid.uuid4())

    def discard(self, ref: str) -> None:
        raise AssertionError(ref)

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        for change in changes:
            patch = product_patch(change, cells)
            prepare(patch, PRODUCTS.split_one(patch), key="uuid", parent=None)
            self.lines += 1
            yield Verdict(change, ok=True, created=True)

    def resolve(self, kind: str, names: Sequence[str]) -> Mapping[str, str]:
        return {}

    def is_two_way(self, type_code: str) -> bool:
        return False

    def digest(self, code: str) -> str | None:
        return None


class Rows:
    """An ERP whose rows are made while they are read."""

    def __init__(self, count: int, name: str = "Cordless drill") -> None:
        self.count = count
        self.name = name

    def describe(self) -> ErpSchema:
        return ErpSchema("rows")

    def check(self) -> Health:
        return Health(ok=True, message="")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        for start in range(0, self.count, limit):
            yield Page([Article(row(start + n)) for n in range(min(limit, self.count - start))], [], DONE)


DONE = Cursor("snapshot", "")


def run_against(target: Target, erp: ItemReader[Article], state: SqliteState, structure: PimStructure) -> Tally:
    """The engine's own walk, page by page, with another target at its end."""
    compiled = CompiledMapping(MAPPING, structure)
    observatory = Observatory(state.watch("products"), MAPPING.paths, size=SyncOptions().watched)
    stream = Stream("products", compiled, target, state)
    drafter = Drafter(stream, retry_parked=False, observatory=observatory)
    writer = PimWriter(stream, drafter, "run", lambda _: None)
    tally = Tally()
    for page in erp.read_items(None, fields=MAPPING.source_fields(), limit=500):
        now = datetime.now(UTC)
        writer.write(drafter.draft(page, now, writer.make_way), page.resume, tally, now)
    writer.finish()
    writer.close()
    drafter.close()
    state.look("products", observatory.sum_up(datetime.now(UTC), covers_all=True))
    return tally


def structure() -> PimStructure:
    """What the client reads of such a PIM."""
    simulator = furnished()
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        return pim.structure()


# ---- the rows ----
def unchanged(size: int) -> Figures:
    """Nothing changed since the last run: read, compare, leave; against reading the same rows alone."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "erp.db"
        names = list(row(0))
        with closing(sqlite3.connect(database)) as db, db:
            db.execute(f"CREATE TABLE articles ({', '.join(names)})")
            marks = ", ".join("?" * len(names))
            db.executemany(f"INSERT INTO articles VALUES ({marks})", (tuple(row(n).values()) for n in range(size)))
        erp = SqlAdapter(f"sqlite:///{database}", Article, table="articles")
        shape = structure()
        with SqliteState(Path(folder) / "state.db") as state:
            run_against(Accepting(), erp, state, shape)

            def ours() -> int:
                return run_against(Accepting(), erp, state, shape).unchanged

            def reading() -> int:
                fields = MAPPING.source_fields()
                return sum(len(page.items) for page in erp.read_items(None, fields=fields, limit=500))

            return compared(best(ours), best(reading), "records/s")


def changed(size: int) -> Figures:
    """Every record is new: rules, comparison, plan, encoded line. Twelve cells each."""
    shape = structure()
    things = list(Rows(size).read_items(None, fields=frozenset(), limit=500))
    compiled = CompiledMapping(MAPPING, shape)

    def ours() -> int:
        target = Accepting()
        with SqliteState(":memory:") as state:
            stream = Stream("products", compiled, target, state)
            drafter = Drafter(stream, retry_parked=False)
            for page in things:
                draft = drafter.draft(page, datetime.now(UTC))
                assert all(len(one.cells) == 12 for one in draft.changes)
                for _ in target.send(draft.changes, stream.cells):
                    pass
            drafter.close()
        return target.lines

    return Figures(best(ours), None, "records/s", None)


def slow_pim(size: int) -> Figures:
    """A first run against a PIM that takes 250 ms a request, beside four connections that post prepared lines and never wait."""
    delay, at_once, lot = 0.25, 4, 100
    shape = structure()
    bodies = [prepared_lines(start, lot) for start in range(0, size, lot)]
    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteState(Path(folder) / "state.db") as state,
        serving(0, delay=delay) as url,
        AkeneoClient(url, AUTH, options=UNLIMITED) as pim,
        httpx.Client(base_url=url) as http,
    ):
        floor = carried(http, bodies, at_once, size)
        target = ProductTarget(pim, "sku")
        assert target.is_bare()  # signed in, connected
        begun = time.perf_counter()
        tally = run_against(target, Rows(size), state, shape)
        took = time.perf_counter() - begun
    assert tally.created + tally.updated == size, tally
    return compared(size / took, floor, "products/s")


def carried(http: httpx.Client, bodies: Sequence[bytes], at_once: int, size: int) -> float:
    """Products a second that so many connections carry which are never idle."""
    with ThreadPoolExecutor(at_once) as workers:
        begun = time.perf_counter()
        answers = list(workers.map(lambda body: http.patch(API, content=body, headers=LINES).status_code, bodies))
        took = time.perf_counter() - begun
    assert set(answers) == {200}
    return size / took


def prepared_lines(start: int, count: int) -> bytes:
    """A request of products with twelve values, written before."""

    def value(data: object) -> list[dict[str, object]]:
        return [{"locale": None, "scope": None, "data": data}]

    lines = []
    for number in range(start, start + count):
        values = {key: value(data) for key, data in row(number).items() if key != "stock"}
        lines.append(json.dumps({"uuid": str(uuid.uuid4()), "family": "drills", "values": values}).encode())
    return b"\n".join(lines)


def memory(size: int) -> Figures:
    """The most memory this process ever had, after so many records through the whole path, in MiB."""
    shape = structure()
    with tempfile.TemporaryDirectory() as folder, SqliteState(Path(folder) / "state.db") as state:
        run_against(Accepting(), Rows(size), state, shape)
    return Figures(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, None, "MiB", None)


def preflight(size: int) -> Figures:
    """Bindings checked against five times as many attributes and twenty families, in milliseconds."""
    kinds = (AttributeType.TEXT, AttributeType.SIMPLE_SELECT, AttributeType.METRIC, AttributeType.NUMBER)
    weight, sku_code = MeasurementFamilyCode("Weight"), AttributeCode("sku")
    names = [AttributeCode(f"attribute_{place}") for place in range(5 * size)]
    made = {code: Attribute(code=code, type=kinds[place % 4], metric_family=weight) for place, code in enumerate(names)}
    family_codes = [FamilyCode(f"f_{place}") for place in range(20)]
    furnished_pim = structure()
    shape = evolve(
        furnished_pim,
        attributes={**furnished_pim.attributes, **made},
        families={code: Family(code=code, attributes=(sku_code, *names)) for code in family_codes},
        options={code: frozenset(OptionCode(f"code_{n}") for n in range(200)) for code in names[1::4]},
    )
    rules = (
        Article.name >> clean(),
        Article.text_0 >> lookup({f"word {n}": f"code_{n}" for n in range(200)}),
        Article.weight >> decimal("de_DE") >> in_unit("KILOGRAM"),
        Article.weight >> decimal("de_DE"),
    )
    cells: list[Cell[Never]] = [Cell(code) for code in names[:size]]
    bindings = [Binding[Article](rules[place % 4], cell) for place, cell in enumerate(cells)]
    family = (Article.text_1 >> lookup({f"w{n}": f"f_{n}" for n in range(20)})).to(FAMILY)
    mapping = ProductMapping(Article, (Article.number >> sku()).to(Cell[str]("sku")), family, *bindings)
    assert mapping.preflight(shape) == []

    def ours() -> int:
        return len(mapping.preflight(shape)) + 1

    return Figures(1000 / best(ours), None, "ms", None)


class Offered(ErpItem):
    """What changes all day."""

    number = cold(str, "number", key=True)
    stock = hot(int, "stock")


class Ticking:
    """An ERP that hands over changes in pages, and a shop that notes when it heard of them."""

    def __init__(self, changes: int) -> None:
        self.changes = changes
        self.known: dict[str, float] = {}
        self.waits: list[float] = []
        self.last: dict[str, object] = {}

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[Offered]]:
        for start in range(0, self.changes, 500):
            # every hundredth key changes twice within its page: the later value must win
            rows = [{"number": f"{start + n - (n % 100 == 99)}", "stock": start + n} for n in range(500)]
            self.known |= {str(one["number"]): time.perf_counter() for one in rows}
            yield Page([Offered(one) for one in rows], [], Cursor("sequence", str(start + 500)))

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        now = time.perf_counter()
        self.waits += [now - self.known[one.key] for one in offers]
        self.last.update((one.key, one.values["available"]) for one in offers)
        return [OfferResult(one.key) for one in offers]


def relay(size: int) -> Figures:
    """From the page the ERP gives to the call of the shop, the slowest hundredth of the changes, in milliseconds."""
    ends = Ticking(size)
    with tempfile.TemporaryDirectory() as folder, SqliteState(Path(folder) / "state.db") as state:
        HotRelay(ends, [Offered.stock.feed("available")], ends, state).run()
    assert all(ends.last[str(n)] == n + 1 for n in range(98, size, 100)), "an older value won"
    waits = sorted(ends.waits)
    return Figures(waits[int(len(waits) * 0.99)] * 1000, None, "ms", None)
