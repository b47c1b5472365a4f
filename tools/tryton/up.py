"""Start a real Tryton server on SQLite, filled with a small catalogue.

    python tools/tryton/up.py [up]      install, create, fill and start what is missing; print how to reach it
    python tools/tryton/up.py down      stop what `up` started
    python tools/tryton/up.py status    whether it runs (exit code 0) or not (1)
    python tools/tryton/up.py purge     stop it, and remove everything

The first start installs Tryton from the package index into an environment of its own and fills a database, which
takes a minute or two; later ones take seconds. `--fresh` restores the database as it was filled. The server listens on
127.0.0.1 only, with a random password. Exit code 3: something is missing; the last line says what and what to do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import background
import seed
import server

REQUIREMENTS = (
    "trytond[image]==8.2.1",
    "trytond_product==8.2.0",
    "trytond_product_attribute==8.2.0",
    "trytond_product_image~=8.2.0",
    "trytond_product_measurements==8.2.0",
    "trytond_product_price_list~=8.2.0",
    "trytond_production~=8.2.0",
    "trytond_sale~=8.2.0",
    "trytond_sale_price_list~=8.2.0",
    "trytond_stock==8.2.1",
    "setuptools<81",  # trytond still reads its entry points through it
)
MODULES = (
    "product", "product_attribute", "product_image", "product_measurements", "product_price_list", "production",
    "sale", "sale_price_list", "stock",
)  # fmt: skip
DATABASE = "erp"
USER = "admin"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    options = parser().parse_args(arguments)
    state = State(Path(options.state), options.items)
    try:
        with background.locked(state.folder):
            return COMMANDS[options.action](state, options)
    except (background.Failed, seed.Refused, OSError) as error:
        sys.stderr.write(f"tryton: {error}\n")
        return 3


def parser() -> argparse.ArgumentParser:
    """The command line."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    top = argparse.ArgumentParser(prog="tools/tryton/up.py", description="A real Tryton for demos and tests.")
    top.add_argument("action", nargs="?", default="up", choices=sorted(COMMANDS))
    top.add_argument("--state", default=str(cache / "akeneo_erp_bridge" / "tryton"), help="folder (%(default)s)")
    top.add_argument("--port", type=int, default=8068, help="0 takes a free one (%(default)s)")
    top.add_argument("--items", type=int, default=200, help="variants to fill in (%(default)s)")
    top.add_argument("--fresh", action="store_true", help="restore the database as it was filled")
    top.add_argument("--json", action="store_true", help="print the connection as JSON")
    return top


class State:
    """The folder: an environment, a filled database that is never run, and a copy of it that is."""

    def __init__(self, folder: Path, items: int) -> None:
        self.folder = folder
        self.items = items
        self.environment = folder / "venv"
        self.filled = folder / f"filled-{items}"
        self.running = folder / "run"

    def bin(self, name: str) -> str:
        """A program of the environment."""
        return str(self.environment / "bin" / name)

    def write_secretly(self, path: Path, content: str) -> None:
        """Write a file that only its owner reads."""
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)


# ---- the commands ----
def up(state: State, options: argparse.Namespace) -> int:
    """Make what is missing, start, and print how to reach it."""
    install(state)
    fill(state)
    connection = state.running / "connection.json"
    if options.fresh or not connection.exists() or not server.alive(state.running):
        server.stop(state.running)
        if options.fresh or not (state.running / "db").exists():
            shutil.rmtree(state.running, ignore_errors=True)
            shutil.copytree(state.filled, state.running)
        port = options.port or background.free_port()
        server.start(state.running, state.bin("trytond"), DATABASE, port)
        password = (state.filled / "password").read_text()
        facts = {"url": f"http://127.0.0.1:{port}", "database": DATABASE, "user": USER, "password": password}
        state.write_secretly(connection, json.dumps(facts))
    facts = json.loads(connection.read_text())
    print(json.dumps(facts) if options.json else " ".join(f"{name}={value}" for name, value in facts.items()))
    return 0


def down(state: State, _: argparse.Namespace) -> int:
    """Stop it."""
    print("tryton: stopped" if server.stop(state.running) else "tryton: was not running")
    return 0


def status(state: State, _: argparse.Namespace) -> int:
    """Say whether it runs."""
    running = server.alive(state.running)
    print(f"tryton: {'up' if running else 'down'}")
    return 0 if running else 1


def purge(state: State, _: argparse.Namespace) -> int:
    """Stop it and remove everything."""
    server.stop(state.running)
    for one in (state.environment, state.running, *state.folder.glob("filled-*")):
        shutil.rmtree(one, ignore_errors=True)
    print("tryton: removed")
    return 0


COMMANDS = {"up": up, "down": down, "status": status, "purge": purge}


# ---- the parts ----
def install(state: State) -> None:
    """The environment; its stamp is written last, so that half of one is made anew."""
    stamp = state.environment / "installed"
    mark = hashlib.sha256(repr((sys.version_info[:2], REQUIREMENTS)).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == mark:
        return
    shutil.rmtree(state.environment, ignore_errors=True)
    server.say("installing Tryton ...")
    log = state.folder / "install.log"
    background.run([sys.executable, "-m", "venv", str(state.environment)], log)
    pip = [state.bin("python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    background.run([*pip, *REQUIREMENTS], log)
    stamp.write_text(mark)


def fill(state: State) -> None:
    """The filled database, made beside its place and moved there when it is whole."""
    stamp = state.filled / "stamp"
    mark = hashlib.sha256(repr((REQUIREMENTS, MODULES, seed.VERSION)).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == mark:
        return
    part = state.folder / "filling"
    server.stop(part)
    for one in (part, state.filled, state.running):
        server.stop(one)
        shutil.rmtree(one, ignore_errors=True)
    (part / "db").mkdir(parents=True)
    (part / "db" / f"{DATABASE}.sqlite").touch()
    password = secrets.token_urlsafe(12)
    state.write_secretly(part / "password", password)
    server.say("creating the database ...")
    server.write_settings(part, 0)
    admin = [state.bin("trytond-admin"), "-c", str(part / "trytond.conf"), "-d", DATABASE]
    languages = ["--email", "admin@example.com", "-l", "en", "fr", "de"]
    environment = {**os.environ, "TRYTONPASSFILE": str(part / "password")}
    command = [*admin, *languages, "--activate-dependencies", "-u", *MODULES]
    background.run(command, part / "create.log", environment)
    server.say(f"filling in {state.items} variants ...")
    port = background.free_port()
    server.start(part, state.bin("trytond"), DATABASE, port)
    try:
        seed.seed(f"http://127.0.0.1:{port}", DATABASE, USER, password, state.items)
    finally:
        server.stop(part)
    (part / "stamp").write_text(mark)
    part.rename(state.filled)


if __name__ == "__main__":
    sys.exit(main())
