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
import hashlib
import json
import os
import secrets
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import background

PROJECT = Path(__file__).parent
PARTS = ("package.json", "server.js", "db/schema.cds", "db/init.js", "srv/catalog.cds")
USER = "bridge"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    options = parser().parse_args(arguments)
    folder = Path(options.state)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with background.locked(folder):
            return COMMANDS[options.action](folder, options)
    except (background.Failed, OSError) as error:
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


# ---- the commands ----
def up(folder: Path, options: argparse.Namespace) -> int:
    """Make what is missing, start, and print how to reach it."""
    install(folder)
    connection = folder / "connection.json"
    if options.fresh or not connection.exists() or not background.alive(folder / "pid"):
        background.stop(folder / "pid")
        start(folder, options.port or background.free_port(), options.items)
    facts = json.loads(connection.read_text())
    print(json.dumps(facts) if options.json else " ".join(f"{name}={value}" for name, value in facts.items()))
    return 0


def down(folder: Path, _: argparse.Namespace) -> int:
    """Stop it."""
    print("cap: stopped" if background.stop(folder / "pid") else "cap: was not running")
    return 0


def status(folder: Path, _: argparse.Namespace) -> int:
    """Say whether it runs."""
    running = background.alive(folder / "pid")
    print(f"cap: {'up' if running else 'down'}")
    return 0 if running else 1


def purge(folder: Path, _: argparse.Namespace) -> int:
    """Stop it and remove everything."""
    background.stop(folder / "pid")
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
                raise background.Failed(f"'{program}' is not installed; install {what}")
        say("installing CAP ...")
        background.stop(folder / "pid")
        shutil.rmtree(project, ignore_errors=True)
        project.mkdir(parents=True)
        shutil.copy(PROJECT / "package.json", project)
        # no scripts: the one that a package has compiles the SQLite that is not used here
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"]
        background.run(command, folder / "install.log", folder=project)
        stamp.write_text(packages)
    for part in PARTS:
        (project / part).parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT / part, project / part)


def start(folder: Path, port: int, items: int) -> None:
    """Start the server, and wait until it answers."""
    background.refuse_taken(port)
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
    background.start(
        ["node", "node_modules/@sap/cds/bin/serve.js"],
        folder / "pid",
        folder / "server.log",
        lambda: answers(port),
        environment,
        folder / "project",
    )
    facts = {"url": f"http://127.0.0.1:{port}/odata/v4/catalog", "user": USER, "password": password}
    connection = folder / "connection.json"
    connection.unlink(missing_ok=True)
    with os.fdopen(os.open(connection, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(facts, file)


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


def say(text: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"cap: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
