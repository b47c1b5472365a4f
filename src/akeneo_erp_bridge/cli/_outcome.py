"""How a program ends: one clear line and an exit code, never a traceback for what a user can mend."""

from __future__ import annotations

import sys
from collections.abc import Callable

from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.sync._pages._plain import plain

INTERRUPTED = 130


def run_and_exit(program: Callable[[], int]) -> None:
    """Run a program and end the process with the exit code that it returns, such as `report.exit_code`.

    A `BridgeError` is printed to standard error in its own words, and ends with its `exit_code`; any other
    exception is a defect and keeps its traceback. Needs no extra.

    >>> from akeneo_erp_bridge import AkeneoClient
    >>> def main() -> int:
    ...     with AkeneoClient.from_env({"AKENEO_URL": "https://pim.example.com"}) as pim:
    ...         return 0
    >>> run_and_exit(main)
    Traceback (most recent call last):
    SystemExit: 2
    """
    try:
        code = program()
    except BridgeError as error:
        print(f"error: {plain(str(error))}", file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)
