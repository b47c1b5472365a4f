"""Start a real Odoo server on PostgreSQL, filled with a small catalogue.

    python tools/odoo/up.py [up]      install, create, fill and start what is missing; print how to reach it
    python tools/odoo/up.py down      stop what `up` started, Odoo and its PostgreSQL
    python tools/odoo/up.py status    whether it runs (exit code 0) or not (1)
    python tools/odoo/up.py purge     stop it, and remove everything

The first start fetches Debian's package of Odoo (about 120 MB) and some 250 MB of Python packages, and fills a
database: two to four minutes; later ones take seconds. `--fresh` restores the database as it was filled, `--series`
picks Odoo 19 or 14. Nothing is installed on the system but PostgreSQL, where it is missing (as root). The servers
listen on 127.0.0.1 only, with random passwords. Exit code 3: something is missing; the last line says what to do.
ODOO_DEB names a file of the package to take instead of fetching one, ODOO_PYTHON a Python for Odoo to run on.
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

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tryton")]  # the catalogue is Tryton's

import background  # noqa: E402 - the path comes first

import catalog  # noqa: E402 - as above
from odoo import packages, process, seed  # noqa: E402 - as above
from odoo.cluster import ROLE, Cluster, write_secretly  # noqa: E402 - as above

MODULES = ("product", "stock", "sale_management")
LANGUAGES = "en_US,fr_FR,de_DE"
DATABASE, FILLED, USER = "erp", "filled", "admin"
# Run in Odoo's own shell: what no API does. Keys are made there, as Odoo asks for the password again before it makes
# one. `--load-language` switches English off and gives the users its last language.
SETUP = """
english = env['res.lang'].with_context(active_test=False).search([('code', '=', 'en_US')])
english.active = True
admin, root = env.ref('base.user_admin'), env.ref('base.user_root')
admin.write({{'password': {password!r}, 'lang': 'en_US', 'tz': 'UTC'}})
for one in (root, root.partner_id, env.company.partner_id):
    one.lang = 'en_US'
keys = env['res.users.apikeys'].with_user(admin)
try:
    key = keys._generate('rpc', 'bridge', None)
except TypeError:  # before 18 a key had no end
    key = keys._generate('rpc', 'bridge')
env.cr.commit()
with open({target!r}, 'w') as file:
    file.write(key)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    options = parser().parse_args(arguments)
    state = State(
        Path(options.state or _default(options.series)).absolute(), packages.SERIES[options.series], options.items
    )
    try:
        with background.locked(state.folder):
            return COMMANDS[options.action](state, options)
    except (background.Failed, seed.Refused, OSError) as error:
        sys.stderr.write(f"odoo: {error}\n")
        return 3


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="tools/odoo/up.py", description="A real Odoo for demos and tests.")
    top.add_argument("action", nargs="?", default="up", choices=sorted(COMMANDS))
    top.add_argument("--series", default="19", choices=sorted(packages.SERIES), help="of Odoo (%(default)s)")
    top.add_argument("--state", help="folder (akeneo_erp_bridge/odoo-SERIES in the user's cache)")
    top.add_argument("--port", type=int, default=8069, help="0 takes a free one (%(default)s)")
    top.add_argument("--items", type=int, default=200, help="variants to fill in (%(default)s)")
    top.add_argument("--fresh", action="store_true", help="restore the database as it was filled")
    top.add_argument("--json", action="store_true", help="print the connection as JSON")
    return top


def _default(series: str) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "akeneo_erp_bridge" / f"odoo-{series}"


class State:
    """The folder: Odoo, its environment, a filled database that is never run, and a copy of it that is."""

    def __init__(self, folder: Path, series: packages.Series, items: int) -> None:
        self.folder = folder
        self.series = series
        self.items = items
        self.cluster = Cluster(folder)
        self.pid_file = folder / "pid"
        self.connection = folder / "connection.json"
        self.stamp = folder / "filled.stamp"
        self.secrets = folder / "secrets.json"

    @property
    def filestore(self) -> Path:
        """Where Odoo keeps pictures, by database."""
        return self.folder / "data" / "filestore"


# ---- the commands ----
def up(state: State, options: argparse.Namespace) -> int:
    """Make what is missing, start, and print how to reach it."""
    installed = packages.install(state.series, state.folder)
    state.cluster.start()
    fill(state, installed)
    if options.fresh or not state.connection.exists() or not background.alive(state.pid_file):
        background.stop(state.pid_file)
        if options.fresh or not (state.filestore / DATABASE).exists():
            restore(state)
        port = options.port or background.free_port()
        serve(state, installed, DATABASE, port)
        facts = {"url": f"http://127.0.0.1:{port}", "database": DATABASE, **json.loads(state.secrets.read_text())}
        write_secretly(state.connection, json.dumps(facts))
    facts = json.loads(state.connection.read_text())
    print(json.dumps(facts) if options.json else " ".join(f"{name}={value}" for name, value in facts.items()))
    return 0


def down(state: State, _: argparse.Namespace) -> int:
    """Stop it."""
    stopped = background.stop(state.pid_file)
    state.cluster.stop()
    print("odoo: stopped" if stopped else "odoo: was not running")
    return 0


def status(state: State, _: argparse.Namespace) -> int:
    """Say whether it runs."""
    running = background.alive(state.pid_file)
    print(f"odoo: {'up' if running else 'down'}")
    return 0 if running else 1


def purge(state: State, _: argparse.Namespace) -> int:
    """Stop it and remove everything."""
    background.stop(state.pid_file)
    state.cluster.purge()
    for one in state.folder.iterdir():
        if one.name != "lock":
            shutil.rmtree(one) if one.is_dir() else one.unlink()
    print("odoo: removed")
    return 0


COMMANDS = {"up": up, "down": down, "status": status, "purge": purge}


# ---- the parts ----
def fill(state: State, installed: packages.Installed) -> None:
    """The filled database; its stamp is written last, so that half of one is made anew."""
    content = (state.series, MODULES, seed.VERSION, catalog.CATEGORIES, catalog.build(state.items))
    mark = hashlib.sha256(repr(content).encode()).hexdigest()
    if state.stamp.exists() and state.stamp.read_text() == mark:
        return
    background.stop(state.pid_file)
    for one in (state.stamp, state.connection):
        one.unlink(missing_ok=True)
    for database in (FILLED, DATABASE):
        shutil.rmtree(state.filestore / database, ignore_errors=True)
    state.cluster.copy(FILLED, "template0")
    process.say("creating the database ...")
    modules = ",".join((*MODULES, "rpc") if state.series.number == "19" else MODULES)
    demo = "all" if state.series.number == "14" else "True"
    command = [
        *program(state, installed, background.free_port()),
        "-d",
        FILLED,
        "-i",
        modules,
        f"--without-demo={demo}",
    ]
    log, environment = state.folder / "create.log", surroundings(installed)
    background.run([*command, f"--load-language={LANGUAGES}", "--stop-after-init"], log, environment=environment)
    password, clerk = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
    target = state.folder / "key.part"
    write_secretly(target, "")
    shell = [*program(state, installed, 0, "shell"), "-d", FILLED, "--no-http"]
    background.run(shell, log, environment=environment, text=SETUP.format(password=password, target=str(target)))
    key = target.read_text()
    target.unlink()
    if not key:
        raise background.Failed(f"a key for the API could not be made; {background.end_of(log)}")
    process.say(f"filling in {state.items} variants ...")
    port = background.free_port()
    serve(state, installed, FILLED, port)
    try:
        seed.seed(seed.Client(f"http://127.0.0.1:{port}", FILLED, USER, password), state.items, clerk)
    finally:
        background.stop(state.pid_file)
    known = {"user": USER, "password": password, "api_key": key, "clerk": seed.CLERK, "clerk_password": clerk}
    write_secretly(state.secrets, json.dumps(known))
    state.stamp.write_text(mark)


def restore(state: State) -> None:
    """The database as it was filled, with its pictures."""
    state.cluster.copy(DATABASE, FILLED)
    shutil.rmtree(state.filestore / DATABASE, ignore_errors=True)
    shutil.copytree(state.filestore / FILLED, state.filestore / DATABASE)


def serve(state: State, installed: packages.Installed, database: str, port: int) -> None:
    """Start a server on one database."""
    background.refuse_taken(port)
    command = [*program(state, installed, port), "-d", database]
    address, body = f"http://127.0.0.1:{port}/web/webclient/version_info", b'{"params": {}}'
    log, environment = state.folder / "server.log", surroundings(installed)
    background.start(command, state.pid_file, log, lambda: process.answers(address, body), environment)


def program(state: State, installed: packages.Installed, port: int, *words: str) -> list[str]:
    """Odoo's command, with settings written for it."""
    settings = {
        "db_host": "127.0.0.1",
        "db_port": state.cluster.port,
        "db_user": ROLE,
        "db_password": state.cluster.password,
        "addons_path": installed.addons,
        "data_dir": state.folder / "data",
        "http_interface": "127.0.0.1",
        "http_port": port,
        "admin_passwd": secrets.token_urlsafe(12),
        "list_db": False,
        "max_cron_threads": 0,
        "workers": 0,
        "log_level": "warn",
        "server_wide_modules": "base,rpc,web" if state.series.number == "19" else "base,web",
    }
    path = state.folder / "odoo.conf"
    write_secretly(path, "[options]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
    return [str(installed.python), str(installed.program), *words, "-c", str(path)]


def surroundings(installed: packages.Installed) -> dict[str, str]:
    """The environment variables of Odoo: its own code first."""
    return {**os.environ, "PYTHONPATH": str(installed.tree), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"}


if __name__ == "__main__":
    sys.exit(main())
