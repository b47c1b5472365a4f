"""`python -m erp_app`: the App with a simulated PIM and a sample ERP; `python -m erp_app serve`: with yours."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from akeneo_erp_bridge.errors import BridgeError, ConfigurationError
from erp_app.app import build
from erp_app.config import Config
from erp_app.demo import OthersAtWork, build_erp, make_app, pim


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; 2 when the settings or the port cannot be used."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        with _listening(options.host, options.port) as listener:
            own_url = f"http://{options.host}:{listener.getsockname()[1]}"
            if options.command == "serve":
                config = Config.from_environment(os.environ, own_url)
                _serve(build(config), listener, f"The App is on {config.own_url}")
            else:
                _demonstrate(options, listener, own_url)
    except (BridgeError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def _demonstrate(options: argparse.Namespace, listener: socket.socket, own_url: str) -> None:
    folder: Path = options.data
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    erp, pictures = build_erp(folder)
    with pim(folder, options.pim_port, pace=options.pace) as (simulator, server):
        made = make_app(simulator, own_url)
        config = Config(
            folder=folder / "app",
            own_url=own_url,
            pim_url=server.url,
            client_id=made.client_id,
            secret=made.secret,
            erp=erp,
            pictures=pictures,
        )
        app = build(config, others=OthersAtWork(simulator, erp), look=timedelta(seconds=2))
        _serve(app, listener, f"Open {own_url} and press Connect. (The simulated PIM is on {server.url})")


def _listening(host: str, port: int) -> socket.socket:
    """Before anything is made: a port that is taken is told at once."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise ConfigurationError(f"the App cannot be on {host}, port {port} ({error}); --port names another") from error


def _serve(app: ASGIApp, listener: socket.socket, told: str) -> None:
    server = uvicorn.Server(
        # a browser that watches an import must not hold up the end of the program
        uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, server_header=False)
    )
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port; ports are 0 to 65535")
    return port


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m erp_app", description=__doc__)
    top.add_argument("command", nargs="?", choices=("demo", "serve"), default="demo")
    top.add_argument("--host", default="127.0.0.1")
    top.add_argument("--port", type=_port, default=8048, help="of the App; 0 takes a free one")
    top.add_argument("--pim-port", type=_port, default=8049, help="of the simulated PIM; 0 takes a free one")
    top.add_argument("--data", type=Path, default=Path("erp_app_data"), help="where the demonstration keeps all of it")
    top.add_argument("--pace", type=float, default=2.0, help="seconds that the simulated PIM takes for a write")
    return top


if __name__ == "__main__":
    sys.exit(main())
