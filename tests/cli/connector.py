"""A small connector, as somebody's program: run by test_outcome.py and test_bar.py in a process of its own."""

from __future__ import annotations

import sys
from datetime import timedelta

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.cli import ProgressBar, run_and_exit, show_report
from akeneo_erp_bridge.erp import ErpItem, SqlAdapter, cold
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, clean, constant, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, SqliteState


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")


MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    (Article.name >> clean()).required().to(Cell[str]("name", locale="en_US")),
    constant("hand_tools").to(FAMILY),
)


def main() -> int:
    pim_url, secret, erp_url, table, state_file = sys.argv[1:]
    auth = PasswordAuth(client_id="client", secret=secret, username="erp", password="password")
    quick = Options(retry=RetryPolicy(attempts=2, first_pause=timedelta(milliseconds=1)))
    with AkeneoClient(pim_url, auth, options=quick) as pim, SqliteState(state_file) as state:
        erp = SqlAdapter(erp_url, Article, table=table)
        report = ErpToPim(erp, MAPPING, pim, state, observers=[ProgressBar()]).run()
        show_report(report)
        return report.exit_code


if __name__ == "__main__":
    run_and_exit(main)
