"""`akeneo-erp-bridge setup`: show what a connector needs in the PIM, and create what somebody has agreed to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.cli._loading import blueprint_named
from akeneo_erp_bridge.cli._output import check_writable, store
from akeneo_erp_bridge.cli._setup import show_setup
from akeneo_erp_bridge.errors import MissingExtra
from akeneo_erp_bridge.sync import setup
from akeneo_erp_bridge.sync._pages._plain import plain

try:
    import typer
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("the program akeneo-erp-bridge", "cli") from error

UNDONE = 1  # what a pipeline sees: something stands against the plan, or with --check is still to do

setup_commands = typer.Typer(no_args_is_help=True, help="What a connector needs in the PIM: plan, apply.")


@setup_commands.command()
def plan(
    names: Annotated[
        list[str], typer.Argument(help="Blueprints and mappings, such as connector.py:BLUEPRINT; they are joined.")
    ],
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file for review, and for apply.")] = None,
    is_check: Annotated[bool, typer.Option("--check", help="End with 1 if anything is still to do.")] = False,
) -> None:
    """Compare blueprints with the PIM that the environment names. Writes nothing to it.

    Ends with 1 where something stands against the plan. A mapping counts with what can be guessed from it.
    """
    check_writable(output)
    with AkeneoClient.from_env() as pim:
        blueprint = _joined(names, pim)
        proposed = setup.propose(blueprint, setup.look(pim, blueprint))
    show_setup(proposed)
    if output is not None:
        store(output, proposed.save)
        print(f"written to {output}; create it with: akeneo-erp-bridge setup apply {output}")
    is_against = bool(proposed.of("conflict", "blocked"))
    raise typer.Exit(UNDONE if is_against or (is_check and not proposed.is_done) else 0)


@setup_commands.command(name="apply")
def apply_plan(
    agreed: Annotated[Path, typer.Argument(metavar="PLAN", help="A file that `setup plan -o` wrote.")],
) -> None:
    """Create in the PIM what a reviewed plan shows, and nothing else. A second time, nothing is left to do.

    Ends with 1 where the PIM refused a step or something stands against it; with 2, and nothing written, where the
    PIM has changed so that something else would be done than was shown.
    """
    steps = setup.SetupPlan.load(agreed)
    with AkeneoClient.from_env() as pim:
        report = setup.apply(steps, pim, observer=_tell)
    print(plain(str(report)))
    raise typer.Exit(report.exit_code)


# ---- inside ----
def _joined(names: list[str], pim: AkeneoClient) -> setup.Blueprint:
    found = [blueprint_named(name) for name in names]  # all of them, before the PIM is asked for anything
    written = [one for one in found if isinstance(one, setup.Blueprint)]
    mappings = [one for one in found if not isinstance(one, setup.Blueprint)]
    if mappings:
        structure = pim.structure()
        written += [setup.Blueprint.for_mapping(one, structure) for one in mappings]
    return setup.Blueprint.of(*written)


def _tell(result: setup.StepResult) -> None:
    """What is written, as it is written; the report tells the rest."""
    if result.outcome in ("created", "changed"):
        print(plain(str(result)))
