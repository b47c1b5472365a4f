"""What a person sees: tables, progress bars, exit codes. Tables and bars need the extra `cli`."""

from akeneo_erp_bridge.cli._outcome import run_and_exit
from akeneo_erp_bridge.cli._setup import show_setup
from akeneo_erp_bridge.cli._show import ProgressBar, show_held, show_parked, show_plan, show_report

__all__ = [
    "ProgressBar",
    "run_and_exit",
    "show_held",
    "show_parked",
    "show_plan",
    "show_report",
    "show_setup",
]
