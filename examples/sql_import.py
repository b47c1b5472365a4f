"""From a SQL database: articles with texts in two languages and stock by warehouse, then one change, then the shop.

It runs on SQLite as it is. For a database of your own, set ERP_DATABASE to an address such as
mariadb+pymysql://reader:secret@erp/live; the tables are made by `furnish`, so let it be an empty one.
"""

from __future__ import annotations

import os
import tempfile
from decimal import Decimal
from pathlib import Path

from sqlalchemy import create_engine, text

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.cli import run_and_exit, show_plan, show_report
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import ErpItem, Nested, SqlAdapter, Translations, cold, hot, internal, translations
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, constant, in_unit, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator


class Article(ErpItem):
    """A row of the table `articles`, with its texts and its stock."""

    number = cold(str, "number", key=True)
    weight = cold(Decimal, "weight")
    names = translations("texts", language="language", text="name")
    price = hot(Decimal, "price")
    pieces = hot(int, "stock[*].pieces").many()
    cost = internal(Decimal, "cost")


NESTED = {
    "texts": Nested(table="texts", by="article", columns=["language", "name"]),
    "stock": Nested(table="stock", by="article", columns=["warehouse", "pieces"]),
}


def english(names: Translations) -> str:
    """The ERP's code of English is E, as in many."""
    return names["E"] or ""


MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    constant("hand_tools").to(FAMILY),
    Article.names.map(english).to(Cell[str]("name", locale="en_US")),
    (Article.weight >> in_unit("KILOGRAM")).to(Cell[Metric]("weight")),
)
FEEDS = [Article.price.feed("price"), Article.pieces.map(sum).feed("available")]


def furnish(url: str, *statements: str) -> None:
    """What the ERP does to its own database."""
    with create_engine(url).begin() as connection:
        for one in statements:
            connection.execute(text(one))


def main() -> int:
    """Run all steps."""
    with tempfile.TemporaryDirectory() as folder:
        return run_in(Path(folder), os.environ.get("ERP_DATABASE") or f"sqlite:///{folder}/erp.db")


def run_in(folder: Path, url: str) -> int:
    """All steps, with every file in one folder."""
    furnish(
        url,
        "CREATE TABLE articles (number VARCHAR(20) PRIMARY KEY, weight DECIMAL(10, 3), price DECIMAL(10, 2), "
        "cost DECIMAL(10, 2), seq INTEGER)",
        "CREATE TABLE texts (article VARCHAR(20), language VARCHAR(2), name VARCHAR(80))",
        "CREATE TABLE stock (article VARCHAR(20), warehouse VARCHAR(20), pieces INTEGER)",
        "INSERT INTO articles VALUES ('007', 1.250, 19.90, 8.10, 1), ('008', 2.500, 29.90, 12.00, 2)",
        "INSERT INTO texts VALUES ('007', 'E', 'Saw'), ('007', 'D', 'Säge'), ('008', 'E', 'Axe')",
        "INSERT INTO stock VALUES ('007', 'north', 3), ('007', 'south', 4)",
    )
    erp = SqlAdapter(url, Article, table="articles", sequence="seq", behind=0, nested=NESTED)
    with (
        PimSimulator(sample=True) as simulator,
        AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim,
        SqliteState(folder / "bridge.db") as state,
        SqliteSink(folder / "shop.db") as shop,
    ):
        job = ErpToPim(erp, MAPPING, pim, state)
        print("=== 1. Everything")
        report = job.run()
        show_report(report)

        print("\n=== 2. One name changes, and the article's number counts up: one row is read, one cell is written")
        furnish(
            url,
            "UPDATE texts SET name = 'Hand saw' WHERE article = '007' AND language = 'E'",
            "UPDATE articles SET seq = 3 WHERE number = '007'",
        )
        show_plan(job.plan())
        show_report(job.run())

        print("\n=== 3. Prices and stock go to the shop")
        show_report(HotRelay(erp, FEEDS, shop, state).run())
    return report.exit_code


if __name__ == "__main__":
    run_and_exit(main)
