"""The program `akeneo-erp-bridge`: its groups of commands, and how it ends."""

from __future__ import annotations

from akeneo_erp_bridge.cli._adapter_commands import list_adapters
from akeneo_erp_bridge.cli._first_try import first_try_told
from akeneo_erp_bridge.cli._outcome import run_and_exit
from akeneo_erp_bridge.cli._plan_commands import plan_commands
from akeneo_erp_bridge.cli._setup_commands import setup_commands
from akeneo_erp_bridge.cli._state_commands import state_commands
from akeneo_erp_bridge.cli._structure import structure_commands
from akeneo_erp_bridge.errors import MissingExtra

try:
    import typer
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("the program akeneo-erp-bridge", "cli") from error

# tracebacks as Python writes them: the other kind shows local variables, and secrets are among them
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(plan_commands, name="plan")
app.add_typer(structure_commands, name="structure")
app.add_typer(setup_commands, name="setup")
app.add_typer(state_commands, name="state")
app.command(name="adapters")(list_adapters)


@app.callback()
def bridge() -> None:
    """Connect an ERP to the Akeneo PIM."""


def run() -> None:
    """Run the command of this process's arguments, and end with its exit code."""
    with first_try_told():
        run_and_exit(_command)


def _command() -> int:
    app()  # ends the process by itself, unless one of our own errors passes by
    return 0
