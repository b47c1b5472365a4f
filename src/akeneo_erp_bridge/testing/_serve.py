"""The command that serves an embedded PIM over HTTP, for clients of any language."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.testing.pim.simulator import PimSimulator


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m akeneo_erp_bridge.testing")
    serve = top.add_subparsers(dest="command", required=True).add_parser("serve", help="serve a PIM over HTTP")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8047, help="0 takes a free one")
    serve.add_argument("--client-id", default="client")
    serve.add_argument("--secret", default="secret")
    serve.add_argument("--username", default="erp")
    serve.add_argument("--password", default="password")
    serve.add_argument("--data", metavar="FILE", help="keep everything in this SQLite file")
    serve.add_argument("--sample", action="store_true", help="begin with the structure of the examples")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; 2 when the port or the file cannot be used."""
    options = parser().parse_args(arguments)
    try:
        simulator = PimSimulator(
            options.data,
            client_id=options.client_id,
            secret=options.secret,
            username=options.username,
            password=options.password,
            sample=options.sample,
        )
        server = simulator.serve(options.port, host=options.host)
    except (BridgeError, OSError) as error:
        sys.stderr.write(f"error: the PIM cannot be served on port {options.port}: {error}\n")
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    # neither the secret nor the password: this line ends up in logs
    sys.stdout.write(f"Akeneo PIM simulator on {server.url}\n")
    sys.stdout.flush()
    try:
        server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        simulator.close()
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
