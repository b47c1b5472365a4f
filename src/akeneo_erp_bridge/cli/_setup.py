"""A setup plan for people, by rich (extra `cli`)."""

from __future__ import annotations

from typing import Final

from akeneo_erp_bridge.cli._show import console
from akeneo_erp_bridge.errors import MissingExtra
from akeneo_erp_bridge.sync._pages._plain import plain
from akeneo_erp_bridge.sync.setup import SetupPlan
from akeneo_erp_bridge.sync.setup._words import plan_effort, plan_rows, plan_title

try:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("the terminal display", "cli") from error

_STYLES: Final = {"create": "green", "change": "yellow", "conflict": "red", "blocked": "dim"}


def show_setup(plan: SetupPlan, *, out: Console | None = None) -> None:
    """Print a setup plan: what would be made and changed, what stands against it, and what is left to people's hands.

    What the PIM has already is counted, not listed.
    """
    screen = out or console()
    screen.print(Text(plan_title(plan), style="bold"))
    rows = list(plan_rows(plan))
    if rows:
        table = Table(header_style="dim", expand=False)
        for column in ("", "what", "how, and why"):
            table.add_column(column, overflow="fold")
        for action, kind, name, words in rows:
            # kind and code share a column, so that the words have room in a narrow terminal too
            table.add_row(Text(action, style=_STYLES[action]), Text(plain(f"{kind} {name}")), Text(plain(words)))
        screen.print(table)
    if plan.calls:
        screen.print(Text(plan_effort(plan)))
    for sentence in plan.by_hand:
        screen.print(Text(plain(f"by hand: {sentence}"), style="cyan"))
