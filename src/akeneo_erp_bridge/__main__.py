"""`akeneo-erp-bridge`, also `python -m akeneo_erp_bridge`: the commands of the terminal (extra `cli`)."""

import sys

from akeneo_erp_bridge.errors import MissingExtra


def main() -> None:
    """Run a command; the process ends with its exit code."""
    try:
        from akeneo_erp_bridge.cli._app import run
    except MissingExtra as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    run()


if __name__ == "__main__":
    main()
