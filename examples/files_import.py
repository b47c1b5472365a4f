"""A drop folder: CSV files with changes, a workbook from a supplier, files that are wrong. Run it as it is.

The folder, the PIM and the state are made for the run, and thrown away with it.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.cli import run_and_exit, show_report
from akeneo_erp_bridge.erp import ErpItem, Excel, FolderAdapter, cold, hot
from akeneo_erp_bridge.errors import ErpRefused
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, clean, constant, decimal, in_unit, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState
from akeneo_erp_bridge.testing import PimSimulator


class Article(ErpItem):
    """A row of the ERP's files."""

    number = cold(str, "Article No.", key=True)
    name = cold(str, "Name")
    weight = cold(str, "Weight kg")
    price = hot(str, "Price")


class Supplied(ErpItem):
    """A row of the supplier's workbook."""

    number = cold(str, "Item", key=True)
    name = cold(str, "Description")
    weight = cold(Decimal, "Net weight")


NAME: Cell[str] = Cell("name", locale="en_US")
WEIGHT: Cell[Metric] = Cell("weight")
OURS = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    constant("hand_tools").to(FAMILY),
    (Article.name >> clean()).required().to(NAME),
    (Article.weight >> decimal("de_DE") >> in_unit("KILOGRAM")).to(WEIGHT),
)
THEIRS = ProductMapping(
    Supplied,
    (Supplied.number >> sku()).to(Cell[str]("sku")),
    constant("hand_tools").to(FAMILY),
    (Supplied.name >> clean()).required().to(NAME),
    (Supplied.weight >> in_unit("KILOGRAM")).to(WEIGHT),
)
HEADER = "Article No.;Name;Weight kg;Price\n"


def workbook(path: Path) -> None:
    """What a supplier sends: a title, a header in row 3, numbers."""
    book = Workbook()
    sheet = book.create_sheet("Articles")
    for row in (["Price list 2026"], [], ["Item", "Description", "Net weight"], ["0815", "Pliers", 0.35]):
        sheet.append(row)
    book.save(path)


def main() -> int:
    """Let files arrive, and run after each of them."""
    with tempfile.TemporaryDirectory() as folder:
        return run_in(Path(folder))


def run_in(folder: Path) -> int:
    """All steps, with every file in one folder."""
    drop = folder / "drop"
    drop.mkdir()
    at_once = timedelta(0)  # in earnest, leave the ten seconds, or agree on a marker file
    ours = FolderAdapter(drop, Article, pattern="articles_*.csv", contents="delta", settle=at_once)
    theirs = FolderAdapter(
        drop,
        Supplied,
        pattern="*.xlsx",
        contents="full",
        settle=at_once,
        file_format=Excel(sheet="Articles", header_row=3),
    )
    with (
        PimSimulator(sample=True) as simulator,
        AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim,
        SqliteState(folder / "bridge.db") as state,
    ):
        job = ErpToPim(ours, OURS, pim, state)

        print("=== 1. A first file; encoding and delimiter are found out")
        (drop / "articles_1.csv").write_text(f"{HEADER}007;Säge;1,25;19.90\n008;Axe;2,5;29.90\n", encoding="utf-8")
        show_report(job.run())

        print("\n=== 2. Changes, a torn row, and a file whose header is another one")
        (drop / "articles_2.csv").write_text(f"{HEADER}007;Hand saw;1,25;19.90\n009;Nail\n", encoding="utf-8")
        (drop / "articles_3.csv").write_text("Number;Name\n010;Nut\n", encoding="utf-8")
        try:
            job.run()
        except ErpRefused as error:
            print(f"the run ends with exit code {error.exit_code}:\n{error}")

        print("\n=== 3. The next run archives what is settled")
        report = job.run()
        show_report(report)
        for name in ("archive", "failed"):
            print(f"{name}/: {', '.join(sorted(one.name for one in (drop / name).iterdir()))}")
        for one in state.parked("products"):
            print(f"parked: {one}")

        print("\n=== 4. A workbook")
        workbook(drop / "supplier.xlsx")
        with SqliteState(folder / "supplier.db") as other:  # another source of products has a state of its own
            show_report(ErpToPim(theirs, THEIRS, pim, other).run())
    return report.exit_code


if __name__ == "__main__":
    run_and_exit(main)
