"""Two rows of one number on two pages of a file, and a stop between them: the first one counts, as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.erp import CsvAdapter, Cursor, ErpItem, Page, cold
from akeneo_erp_bridge.mapping import ProductMapping, VariantMapping, clean, decimal, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncOptions, SyncReport, VariantsToPim
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Stopped, dying_after
from shirts import BINDINGS, TWO_LEVELS, Shirt, Shirts, products, shirt
from shirts import fill as fill_shirts
from world import fill


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    weight = cold(str, "weight")


NAME: Cell[str] = Cell("name", locale="en_US")
MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    (Article.name >> clean()).to(NAME),
    (Article.weight >> decimal("en_US")).required().to(Cell("rank")),
)
MODELS = VariantMapping(Shirt, TWO_LEVELS, *BINDINGS)
FILE = """number,name,weight
A,first,1
B,b,1
C,bad,heavy
A,first,1
D,d,1
A,second,1
C,good,1
E,e,1
"""


@pytest.fixture
def articles(tmp_path: Path) -> CsvAdapter[Article]:
    (tmp_path / "articles.csv").write_text(FILE, encoding="utf-8")
    return CsvAdapter(tmp_path / "articles.csv", Article)


def pim() -> AkeneoClient:
    simulator = fill(PimSimulator())
    simulator.load(
        "/api/rest/v1/attributes",
        [{"code": "rank", "type": "pim_catalog_number", "group": "erp", "decimals_allowed": True}],
    )
    return AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport())


def names(client: AkeneoClient) -> Mapping[str, str | None]:
    found = {str(one.values.text("sku")): one.values for one in client.products.list()}
    return {number: values.text("name", locale="en_US") for number, values in found.items()}


def told(state: SqliteState) -> Mapping[str, str]:
    return {str(one.key): one.code for one in state.parked("products")}


@pytest.mark.parametrize("page_size", [1, 2, 3])
@pytest.mark.parametrize("changes", [False, True])
def test_a_second_row_behind_a_stop_is_parked(
    articles: CsvAdapter[Article], tmp_path: Path, page_size: int, *, changes: bool
) -> None:
    """In a first run, and in one that finds all else as it left it."""
    calm: tuple[Mapping[str, str | None], Mapping[str, str]] | None = None
    for boundaries in range(200):
        with pim() as client, SqliteState(tmp_path / f"{boundaries}.db") as state:
            if changes:
                assert ErpToPim(articles, MAPPING, client, state).run().parked == 3
            hook = dying_after(boundaries if calm is not None else 10_000)
            job = ErpToPim(articles, MAPPING, client, state, options=SyncOptions(page_size=page_size), hook=hook)
            try:
                report: SyncReport = job.run()
            except Stopped:
                job.hook = dying_after(10_000)
                report = job.run()
                is_over = False
            else:
                is_over = calm is not None
            assert (report.accounts_for_everything(), report.exit_code) == (True, 1)
            end = (names(client), told(state))
        if calm is None:
            calm = end
            assert calm[0] == {"A": "first", "B": "b", "D": "d", "E": "e"}
            assert calm[1] == {"A": "duplicate", "C": "duplicate"}
        assert end == calm, boundaries
        if is_over:
            assert boundaries > 5
            return
    raise AssertionError("no run came to its end")


def test_what_is_read_anew_is_no_duplicate(articles: CsvAdapter[Article], tmp_path: Path) -> None:
    """Killed behind the last page, and before the run could note that it was the last one."""
    with pim() as client, SqliteState(":memory:") as state:
        hook = dying_after(10_000)
        job = ErpToPim(articles, MAPPING, client, state, hook=hook)
        job.hook = lambda name: hook(name) if name != "state.settled" else dying_after(0)(name)
        with pytest.raises(Stopped):
            job.run()
        (tmp_path / "articles.csv").write_text("number,name,weight\nA,third,1\nB,other,1\n", encoding="utf-8")
        job.hook = hook
        report = job.run()
        assert (report.updated, report.parked, names(client)["A"]) == (2, 0, "third")


def test_what_a_finished_run_has_shown_is_no_duplicate(articles: CsvAdapter[Article], tmp_path: Path) -> None:
    with pim() as client, SqliteState(":memory:") as state:
        job = ErpToPim(articles, MAPPING, client, state, options=SyncOptions(page_size=2))
        job.run()
        path = tmp_path / "articles.csv"
        path.write_text("number,name,weight\nA,third,1\nB,other,1\n", encoding="utf-8")
        assert (job.run().updated, names(client)["A"]) == (2, "third")


class ByPlace(Shirts):
    """A snapshot in pages, each of which knows the place behind it."""

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
        rows = [row for _, row in self.log if row is not None]
        for start in range(int(since.blob) if since is not None and since.blob else 0, len(rows), limit):
            end = start + limit
            yield Page(
                [Shirt(row) for row in rows[start:end]], [], Cursor("snapshot", str(end) if end < len(rows) else "")
            )


def test_a_second_row_of_a_variant_behind_a_stop_is_parked(tmp_path: Path) -> None:
    first, other = shirt(0), {**shirt(0), "note": "second"}
    rows = [first, shirt(1), first, shirt(2), other]
    calm: Mapping[str, str | None] | None = None
    for boundaries in range(200):
        simulator = fill_shirts(PimSimulator())
        with (
            AkeneoClient(
                simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()
            ) as client,
            SqliteState(tmp_path / f"{boundaries}.db") as state,
        ):
            hook = dying_after(boundaries if calm is not None else 10_000)
            erp = ByPlace([])
            erp.log = [(row["number"], row) for row in rows]
            job = VariantsToPim(
                erp,
                MODELS,
                client,
                state,
                rows=tmp_path / f"{boundaries}.rows",
                options=SyncOptions(page_size=1),
                hook=hook,
            )
            try:
                report = job.run()
            except Stopped:
                job.hook = dying_after(10_000)
                report = job.run()
                is_over = False
            else:
                is_over = calm is not None
            notes = {sku: one.values.text("supplier_note") for sku, one in products(client).items()}
            codes = [one.code for one in state.parked("products")]
        calm = notes if calm is None else calm
        assert (notes, codes, report.exit_code) == (calm, ["duplicate"], 1), boundaries
        if is_over:
            assert boundaries > 5
            return
    raise AssertionError("no run came to its end")
