"""An ERP before and after a day, for plans that are made, stored and applied."""

from __future__ import annotations

from akeneo_erp_bridge.sync import Brakes, SyncOptions
from world import ListErp, row

OPTIONS = SyncOptions(page_size=4, brakes=Brakes(deleted_share=1))


def first() -> ListErp:
    """Ten shirts."""
    return ListErp([row(number) for number in range(10)])


def then() -> ListErp:
    """Some change, some are new, one is wrong, one is gone."""
    erp = ListErp(
        [row(number, name=f"Shirt {number}, anew" if number % 2 else f"Shirt {number}") for number in range(1, 15)]
    )
    erp.rows[3]["weight"] = "heavy"
    erp.dead = ["000000"]
    return erp
