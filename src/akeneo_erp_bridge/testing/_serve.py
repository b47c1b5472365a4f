"""The command that serves an embedded PIM over HTTP, for clients of any language."""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import FrameType

from akeneo_erp_bridge.errors import BridgeError, ConfigurationError
from akeneo_erp_bridge.testing.pim.simulator import PimSimulator, SimulatorServer

MOST_PORT = 65_535


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m akeneo_erp_bridge.testing")
    serve = top.add_subparsers(dest="command", required=True).add_parser("serve", help="serve a PIM over HTTP")
    serve.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    serve.add_argument("--port", type=_port, default=8047, help="%(default)s where it is left out; 0 takes a free one")
    for name, default in (("client-id", "client"), ("secret", "secret"), ("username", "erp"), ("password", "password")):
        serve.add_argument(f"--{name}", default=default, help="what a client signs in with (%(default)s)")
    serve.add_argument("--data", metavar="FILE", help="keep everything in this SQLite file")
    serve.add_argument("--sample", action="store_true", help="begin with the structure of the examples")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; 2 when the port or the file cannot be used."""
    options = parser().parse_args(arguments)
    with ExitStack() as at_the_end:
        try:
            if options.data is not None:
                at_the_end.enter_context(_alone(Path(options.data)))
            simulator = at_the_end.enter_context(_simulator(options))
        except (BridgeError, OSError, sqlite3.Error) as error:
            return _refused(f"cannot be kept in {options.data}", f"{error}{_what_to_do(error)}")
        try:
            server = simulator.serve(options.port, host=options.host)
        except OSError as error:
            return _refused(f"cannot be served on port {options.port}; --port names another", error)
        return _served(server)


def _simulator(options: argparse.Namespace) -> PimSimulator:
    return PimSimulator(
        options.data,
        client_id=options.client_id,
        secret=options.secret,
        username=options.username,
        password=options.password,
        sample=options.sample,
    )


def _served(server: SimulatorServer) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    # neither the secret nor the password: this line ends up in logs
    sys.stdout.write(f"Akeneo PIM simulator on {server.url}\n")
    sys.stdout.flush()
    try:
        server.wait()
    except KeyboardInterrupt:
        return 0
    return 0


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= MOST_PORT):
        raise argparse.ArgumentTypeError(f"{text} is no port; ports are 0 to {MOST_PORT}")
    return int(text)


def _what_to_do(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_NOTADB:
        return "; name one that `serve --data` made, or a new one"
    return "; check the folder and your rights" if code == sqlite3.SQLITE_CANTOPEN else ""


def _refused(what: str, error: Exception | str) -> int:
    sys.stderr.write(f"error: the PIM {what}: {error}\n")
    return 2


@contextmanager
def _alone(data: Path) -> Generator[None]:
    """Hold *data* for this process, also when it is killed: two that wrote to it would not see each other's writes.

    The lock is a file of its own beside it, which SQLite's readers do not feel.
    """
    with closing(sqlite3.connect(f"{data}.lock", timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise ConfigurationError("another process serves it; stop that one, or name another file") from None
        yield


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
