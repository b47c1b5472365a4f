"""A PostgreSQL cluster of our own on this machine, from the binaries of Debian's package.

Nothing of a PostgreSQL that already runs is touched. PostgreSQL does not run as root: then it runs as the user
`postgres` of the package, with its data in that user's home.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from background import Failed, free_port, port_taken, run

from odoo.process import say

ROLE = "erp"
# a database that can be made again: nothing is lost that matters
SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=256MB"


class Cluster:
    """It belongs to one state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "postgres.log"
        self.password_file = folder / "postgres.password"
        self.place = self._home() / ("akeneo_erp_bridge-" + hashlib.sha256(str(folder).encode()).hexdigest()[:12])
        self.data = self.place / "data"

    @property
    def port(self) -> int:
        """Where it listens, or listened last; 0 at the beginning."""
        file = self.folder / "postgres.port"
        return int(file.read_text()) if file.exists() else 0

    @property
    def password(self) -> str:
        """The password of its role."""
        return self.password_file.read_text()

    def start(self) -> None:
        """Install, create and start what is missing."""
        self._install()
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if self.running():
            return
        port = self.port
        if not port or port_taken(port):
            port = free_port()
            (self.folder / "postgres.port").write_text(str(port))
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k '{self.place}' {SETTINGS}"
        log = str(self.place / "server.log")
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "30", "-l", log, "-o", options, "start")

    def running(self) -> bool:
        """Whether it runs."""
        if not self.data.exists():
            return False
        code = subprocess.run(
            self._command("pg_ctl", "-D", str(self.data), "status"), capture_output=True, cwd="/", check=False
        ).returncode
        return code == 0

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self.running():
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def purge(self) -> None:
        """Stop it, and remove its data."""
        self.stop()
        shutil.rmtree(self.place, ignore_errors=True)

    def copy(self, database: str, source: str) -> None:
        """A new database, equal to another one; one of that name is replaced."""
        for statement in (
            f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)',
            f'CREATE DATABASE "{database}" TEMPLATE "{source}"',
        ):
            self._sql(statement)

    # ---- inside ----
    def _sql(self, statement: str) -> None:
        psql = self._binaries() / "psql"
        command = [str(psql), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", ROLE, "-d", "postgres"]
        run([*command, "-c", statement], self.log, environment={**os.environ, "PGPASSWORD": self.password})

    def _home(self) -> Path:
        """A folder that the user who runs PostgreSQL can reach."""
        if os.geteuid() != 0:
            return self.folder
        try:
            return Path(pwd.getpwnam("postgres").pw_dir)
        except KeyError:
            return Path("/var/lib/postgresql")  # where the package will put it

    def _install(self) -> None:
        if os.geteuid() == 0 and not shutil.which("setpriv"):
            raise Failed("'setpriv' is missing: install Debian's package util-linux")
        if self._found() is not None:
            return
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise Failed(
                "PostgreSQL is missing. Install Debian's package 'postgresql' (as root: apt-get install postgresql)"
            )
        say("installing PostgreSQL ...")
        log = self.folder / "install.log"
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-q"], log, environment=quiet)
        run(["apt-get", "install", "-q", "-y", "postgresql-common"], log, environment=quiet)
        # without a cluster of the package's own, which would start by itself
        settings = Path("/etc/postgresql-common/createcluster.conf")
        if "\ncreate_main_cluster" not in f"\n{settings.read_text() if settings.exists() else ''}":
            with settings.open("a") as file:
                file.write("\ncreate_main_cluster = false\n")
        run(["apt-get", "install", "-q", "-y", "postgresql"], log, environment=quiet)

    def _create(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(mode=0o700, parents=True)
        secret = secrets.token_urlsafe(12)
        first = self.place / "password"
        write_secretly(first, secret)
        if os.geteuid() == 0:
            shutil.chown(self.place, "postgres", "postgres")
            shutil.chown(first, "postgres", "postgres")
        how = ["--pwfile", str(first), "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]
        self._run("initdb", "-D", str(self.data), "-U", ROLE, *how)
        first.unlink()
        write_secretly(self.password_file, secret)

    def _run(self, *command: str) -> None:
        environment: Mapping[str, str] = {**os.environ, "LC_ALL": "C.UTF-8"}
        run(self._command(*command), self.log, environment=environment, folder=Path("/"))

    def _command(self, name: str, *arguments: str) -> list[str]:
        """A command of PostgreSQL, which does not run as root."""
        who = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        return [*who, str(self._binaries() / name), *arguments]

    def _binaries(self) -> Path:
        found = self._found()
        if found is None:
            raise Failed("PostgreSQL's programs (initdb, pg_ctl) were not found; install Debian's package 'postgresql'")
        return found

    def _found(self) -> Path | None:
        def newest(path: Path) -> float:
            return float(path.parent.name) if path.parent.name.replace(".", "").isdigit() else 0.0

        places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=newest, reverse=True)
        if (program := shutil.which("initdb")) is not None:
            places.append(Path(program).resolve().parent)
        return next((one for one in places if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)


def write_secretly(path: Path, content: str) -> None:
    """Write a file that only its owner reads."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
