"""Start a real OData 4 server: a small ERP on SAP's CAP runtime, with a few hundred articles.

    python tools/cap/up.py [up]      install and start what is missing; print how to reach it
    python tools/cap/up.py down      stop what `up` started
    python tools/cap/up.py status    whether it runs (exit code 0) or not (1)
    python tools/cap/up.py purge     stop it, and remove everything

It needs Node 20 or newer, with npm. The first start installs CAP from npm, which takes some seconds; nothing is compiled,
for its SQLite is WebAssembly. The database is in memory and filled anew at each start: `--fresh` restarts it. The server
listens on 127.0.0.1 only, with a random password. Exit code 3: something is missing; the last line says what to do.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PROJECT = Path(__file__).parent
PARTS = ("package.json", "server.js", "db/schema.cds", "db/init.js", "srv/catalog.cds")
USER = "bridge"
_START = 90.0  # seconds until the server must answer
_STOP = 15.0  # seconds until it must be gone


class Failed(Exception):
    """Something is missing; the text says what, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    options = parser().parse_args(arguments)
    folder = Path(options.state)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder):
            return COMMANDS[options.action](folder, options)
    except (Failed, OSError) as error:
        sys.stderr.write(f"cap: {error}\n")
        return 3


def parser() -> argparse.ArgumentParser:
    """The command line."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    top = argparse.ArgumentParser(prog="tools/cap/up.py", description="A real OData server for demos and tests.")
    top.add_argument("action", nargs="?", default="up", choices=sorted(COMMANDS))
    top.add_argument("--state", default=str(cache / "akeneo_erp_bridge" / "cap"), help="folder (%(default)s)")
    top.add_argument("--port", type=int, default=4004, help="0 takes a free one (%(default)s)")
    top.add_argument("--items", type=int, default=300, help="articles to fill in (%(default)s)")
    top.add_argument("--fresh", action="store_true", help="restart it, with the articles as they were")
    top.add_argument("--json", action="store_true", help="print the connection as JSON")
    return top


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Two of us in one folder would undo each other's work."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# ---- the commands ----
def up(folder: Path, options: argparse.Namespace) -> int:
    """Make what is missing, start, and print how to reach it."""
    install(folder)
    connection = folder / "connection.json"
    if options.fresh or not connection.exists() or pid_of(folder) is None:
        stop(folder)
        start(folder, options.port or free_port(), options.items)
    facts = json.loads(connection.read_text())
    print(json.dumps(facts) if options.json else " ".join(f"{name}={value}" for name, value in facts.items()))
    return 0


def down(folder: Path, _: argparse.Namespace) -> int:
    """Stop it."""
    print("cap: stopped" if stop(folder) else "cap: was not running")
    return 0


def status(folder: Path, _: argparse.Namespace) -> int:
    """Say whether it runs."""
    running = pid_of(folder) is not None
    print(f"cap: {'up' if running else 'down'}")
    return 0 if running else 1


def purge(folder: Path, _: argparse.Namespace) -> int:
    """Stop it and remove everything."""
    stop(folder)
    for one in folder.iterdir():
        if one.name != "lock":
            shutil.rmtree(one) if one.is_dir() else one.unlink()
    print("cap: removed")
    return 0


COMMANDS = {"up": up, "down": down, "status": status, "purge": purge}


# ---- the parts ----
def install(folder: Path) -> None:
    """The project with its packages; the stamp is written last, so that half of it is made anew."""
    project, stamp = folder / "project", folder / "installed"
    packages = hashlib.sha256((PROJECT / "package.json").read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == packages):
        for program, what in (("node", "Node 20 or newer"), ("npm", "npm")):
            if shutil.which(program) is None:
                raise Failed(f"'{program}' is not installed; install {what}")
        say("installing CAP ...")
        stop(folder)
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir(parents=True)
        shutil.copy(PROJECT / "package.json", project)
        # no scripts: the one that a package has compiles the SQLite that is not used here
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"]
        log = folder / "install.log"
        with log.open("wb") as out:
            code = subprocess.call(command, cwd=project, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        if code:
            raise Failed(f"'{' '.join(command[:2])}' ended with {code}; {end_of(log)}")
        stamp.write_text(packages)
    for part in PARTS:
        (project / part).parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT / part, project / part)


def start(folder: Path, port: int, items: int) -> None:
    """Start the server, and wait until it answers."""
    if port_taken(port):
        raise Failed(f"port {port} of 127.0.0.1 is in use by another program; choose another with --port")
    password = secrets.token_urlsafe(12)
    users = {"requires": {"auth": {"users": {USER: {"password": password}}}}}
    environment = {
        **os.environ,
        "CDS_CONFIG": json.dumps(users),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "CAP_ITEMS": str(items),
        "CDS_LOG_LEVELS_ODATA": "warn",
    }
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["node", "node_modules/@sap/cds/bin/serve.js"],
            cwd=folder / "project",
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    (folder / "pid").write_text(f"{process.pid} {began(process.pid)}")
    end = time.monotonic() + _START
    while not answers(port):
        if process.poll() is not None or time.monotonic() > end:
            stop(folder)
            raise Failed(f"the server did not come up; {end_of(log)}")
        time.sleep(0.1)
    facts = {"url": f"http://127.0.0.1:{port}/odata/v4/catalog", "user": USER, "password": password}
    connection = folder / "connection.json"
    connection.unlink(missing_ok=True)
    with os.fdopen(os.open(connection, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(facts, file)


def stop(folder: Path) -> bool:
    """Stop the server of a folder; whether there was one."""
    number = pid_of(folder)
    if number is None:
        return False
    for how in (signal.SIGTERM, signal.SIGKILL):
        os.kill(number, how)
        end = time.monotonic() + _STOP
        while pid_of(folder) is not None and time.monotonic() < end:
            with suppress(ChildProcessError):  # raised where an earlier run of ours started it
                os.waitpid(number, os.WNOHANG)
            time.sleep(0.05)
        if pid_of(folder) is None:
            break
    (folder / "pid").unlink(missing_ok=True)
    return True


def pid_of(folder: Path) -> int | None:
    """The process in the pid file, if it is still the one that was started."""
    try:
        number, _, moment = (folder / "pid").read_text().partition(" ")
        return int(number) if began(int(number)) == moment else None
    except (OSError, ValueError):
        return None


def began(number: int) -> str | None:
    """When a process began: with its number, a name that no later process can have."""
    try:
        state, *parts = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        listed = subprocess.run(  # where there is no /proc
            ["ps", "-o", "lstart=", "-p", str(number)], capture_output=True, text=True, check=False
        )
        return listed.stdout.strip() or None
    return None if state == "Z" else parts[18]


def answers(port: int) -> bool:
    """Whether the service is there: without a user it says 401."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/odata/v4/catalog/", timeout=3):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return error.code == 401
    except OSError:
        return False


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def port_taken(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def say(text: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"cap: {text}\n")
    sys.stderr.flush()


def end_of(log: Path) -> str:
    """The last lines of a log."""
    lines = log.read_text(errors="replace").splitlines()[-12:]
    return f"the end of {log}:\n  " + "\n  ".join(lines)


if __name__ == "__main__":
    sys.exit(main())
