"""`python -m akeneo_erp_bridge.testing serve`: a PIM for anybody's client."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.testing.pim import PimSimulator
from akeneo_erp_bridge.testing.pim._http import make_server


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m akeneo_erp_bridge.testing")
    serve = top.add_subparsers(dest="command", required=True).add_parser(
        "serve", help="serve an embedded PIM over HTTP"
    )
    serve.add_argument("--port", type=int, default=8047)
    serve.add_argument("--client-id", default="client")
    serve.add_argument("--secret", default="secret")
    serve.add_argument("--username", default="erp")
    serve.add_argument("--password", default="password")
    serve.add_argument("--data", metavar="FILE", help="keep everything in this SQLite file")
    serve.add_argument("--sample", action="store_true", help="begin with the structure of the examples")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; exit code 2 when the port or the file cannot be used."""
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
        server = make_server(simulator.handle, options.port)
    except (BridgeError, OSError) as error:
        print(f"error: the PIM cannot be served on port {options.port}: {error}", file=sys.stderr)
        return 2
    print(f"PIM on http://127.0.0.1:{server.server_address[1]} (Ctrl-C ends it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
