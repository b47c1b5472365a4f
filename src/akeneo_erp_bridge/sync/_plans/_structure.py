"""The structure that a plan rests on: that of the PIM now, but for the categories that the plan itself writes."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.codes import CategoryCode
from akeneo_erp_bridge.mapping import PARENT
from akeneo_erp_bridge.sync._changes import ItemChange


def structure_of_plan(now: PimStructure, planned: str, categories: Iterable[ItemChange]) -> PimStructure:
    """What the PIM's structure was before these changes to categories, if that is what the plan was made on.

    A plan that was killed, or whose next wave has its turn, must not be refused for what it has written itself. Where
    more has changed, this is the structure as it is now, and the plan does not fit it.
    """
    if now.hash == planned or now.categories is None:
        return now
    before = dict(now.categories)
    # a plan tells parents in lower case, as the PIM compares codes
    spelled = {code.lower(): code for code in before}
    for change in categories:
        code = spelled.get(change.ref.lower())
        if code is None:
            continue
        if change.action == "create":
            del before[code]
        elif PARENT.key in change.cells and change.base is not None and change.base.pim is not None:
            parent, new = change.base.pim.get(PARENT.key), change.cells[PARENT.key].new
            if _is_same(before[code], new):
                before[code] = spelled.get(parent.lower(), CategoryCode(parent)) if isinstance(parent, str) else None
    found = evolve(now, categories=before)
    return found if found.hash == planned else now


def _is_same(code: CategoryCode | None, other: object) -> bool:
    return code is not None and isinstance(other, str) and code.lower() == other.lower()
