"""What a person sees: tables, progress bars, exit codes. Tables and bars need the extra `cli`; `run_and_exit` needs nothing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from akeneo_erp_bridge.cli._outcome import run_and_exit

if TYPE_CHECKING:
    from akeneo_erp_bridge.cli._setup import show_setup
    from akeneo_erp_bridge.cli._show import ProgressBar, show_held, show_parked, show_plan, show_report

__all__ = ["ProgressBar", "run_and_exit", "show_held", "show_parked", "show_plan", "show_report", "show_setup"]

# Imported when it is first used, so that a program without tables needs no extra.
_PLACES: Final = {
    "ProgressBar": "_show",
    "show_held": "_show",
    "show_parked": "_show",
    "show_plan": "_show",
    "show_report": "_show",
    "show_setup": "_setup",
}


if not TYPE_CHECKING:  # a checker that saw this function would believe in every name

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
        globals()[name] = value  # the next look-up finds it without us
        return value


def __dir__() -> list[str]:
    return [*globals(), *_PLACES]
