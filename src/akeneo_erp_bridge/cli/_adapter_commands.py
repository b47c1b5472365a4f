"""`akeneo-erp-bridge adapters`: what is installed, and what it can do."""

from __future__ import annotations

from akeneo_erp_bridge.erp import AdapterEntry, adapters
from akeneo_erp_bridge.errors import BridgeError, MissingExtra

try:
    import typer
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("the program akeneo-erp-bridge", "cli") from error

BROKEN = 1


def list_adapters() -> None:
    """List the installed adapters: name, package, what each can do. Ends with 1 where one cannot be loaded."""
    lines = [_line(one) for one in adapters().values()]
    widths = [max((len(line[at]) for line, _ in lines), default=0) for at in range(2)]
    for (name, package, words), _ in lines:
        print(f"{name:{widths[0]}}  {package:{widths[1]}}  {words}")
    if not lines:
        print("no adapter is installed; install akeneo_erp_bridge anew, its own are missing too")
    if not lines or any(is_broken for _, is_broken in lines):
        raise typer.Exit(BROKEN)


def _line(one: AdapterEntry) -> tuple[tuple[str, str, str], bool]:
    try:
        words, is_broken = ", ".join(one.protocols()) or "nothing that the bridge knows", False
    except BridgeError as error:
        words, is_broken = f"broken: {error}", True
    return (one.name, f"{one.package} {one.version}", words), is_broken
