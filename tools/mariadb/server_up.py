"""A private MariaDB for tests: `up` starts one in a folder of its own, `down` stops it and removes the folder.

It listens on a free port of the loopback interface; root may sign in there without a password. It needs the programs of
the package `mariadb-server`, and does not touch a server that the machine may run. Run by root, it runs as `mysql`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

PATIENCE: Final = 60.0  # seconds
MISSING: Final = "MariaDB is not installed; on Debian or Ubuntu: apt-get install --no-install-recommends mariadb-server"


def up() -> dict[str, str | int]:
    """Start a server; returns its folder, its port and the id of its process."""
    install, server = (
        shutil.which("mariadb-install-db"),
        shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin"),
    )
    if install is None or server is None:
        sys.exit(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="mariadb-"))
    folder.chmod(0o755)
    user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "mysql")
        user = ["--user=mysql"]
    data = folder / "data"
    subprocess.run(
        [
            install,
            "--no-defaults",
            *user,
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                server,
                "--no-defaults",
                *user,
                f"--datadir={data}",
                f"--socket={folder / 'socket'}",
                f"--port={port}",
                "--bind-address=127.0.0.1",
                "--skip-log-bin",
                "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=0",
                "--character-set-server=utf8mb4",
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + PATIENCE
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            told = (folder / "log").read_text(encoding="utf-8")[-2000:]
            down(str(folder), process.pid)
            sys.exit(f"MariaDB did not start:\n{told}")
        time.sleep(0.1)
    return {"folder": str(folder), "port": port, "pid": process.pid}


def down(folder: str, pid: int) -> None:
    """Stop the server of a folder."""
    try:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and _runs(pid):
            time.sleep(0.1)
    except ProcessLookupError:
        pass
    shutil.rmtree(folder, ignore_errors=True)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return bool(connection.recv(1))
    except OSError:
        return False


def _runs(pid: int) -> bool:
    with suppress(ChildProcessError):  # it may be somebody else's
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up")
    stop = commands.add_parser("down")
    stop.add_argument("folder")
    stop.add_argument("pid", type=int)
    arguments = parser.parse_args()
    if arguments.command == "up":
        print(json.dumps(up()))
    else:
        down(arguments.folder, arguments.pid)


if __name__ == "__main__":
    main()
