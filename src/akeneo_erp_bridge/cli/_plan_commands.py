"""`akeneo-erp-bridge plan`: show a stored plan, at the terminal, as a page, or to programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from akeneo_erp_bridge.cli._show import show_plan
from akeneo_erp_bridge.errors import MissingExtra
from akeneo_erp_bridge.sync import Plan, VariantPlan
from akeneo_erp_bridge.sync._plan_json import has_parts, read_plan_file

try:
    import typer
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("the program akeneo-erp-bridge", "cli") from error

plan_commands = typer.Typer(no_args_is_help=True, help="Plans that a program saved: show.")


@plan_commands.callback()
def plans() -> None:
    """Plans that a program saved."""  # a group of one command would be that command


@plan_commands.command()
def show(
    stored: Annotated[Path, typer.Argument(metavar="PLAN", help="A file that `Plan.save` wrote.")],
    *,
    html: Annotated[Path | None, typer.Option(help="Write a page for people to this file.")] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Print one JSON object an item, for programs.")] = False,
    most: Annotated[int, typer.Option(min=0, help="How many items of each kind to print.")] = 8,
) -> None:
    """Show what a plan would change. Asks neither the ERP nor the PIM."""
    plan = VariantPlan.load(stored) if has_parts(read_plan_file(stored)) else Plan.load(stored)
    if html is not None:
        plan.save_html(html)
        print(f"written to {html}; open it in a browser")
    elif lines:
        for line in plan.lines():
            print(line)
    else:
        for part in plan.parts if isinstance(plan, VariantPlan) else [plan]:
            show_plan(part, most=most)
