"""An import of shirts into a served PIM, as a user's program has it. Run by test_two_programs_at_once.py.

`at_once.py URL SHIRTS STATE...`: the state is told as `places.opened` takes it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.cli import run_and_exit
from akeneo_erp_bridge.sync import ErpToPim, SyncOptions
from places import opened
from world import ListErp, make_mapping, row

AUTH = PasswordAuth(client_id="client", secret="secret", username="erp", password="password")


def main() -> int:
    url, shirts, *told = sys.argv[1:]
    with AkeneoClient(url, AUTH) as pim, opened(told) as state:
        erp, options = ListErp([row(number) for number in range(int(shirts))]), SyncOptions(page_size=100)
        report = ErpToPim(erp, make_mapping(), pim, state, options=options).run()
    print(report.created, report.unchanged)
    return report.exit_code


if __name__ == "__main__":
    run_and_exit(main)
