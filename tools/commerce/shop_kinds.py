"""What differs from shop to shop: how it is installed, filled, started, and put back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from background import Failed, free_port, run
from shop_process import say, start, stop

HERE = Path(__file__).parent
NPM = ("npm", "install", "--no-audit", "--no-fund", "--loglevel=error")


class Shop(ABC):
    """One shop in one folder. A filled database is kept beside the one that runs."""

    name: str
    requirements: tuple[str, ...]
    programs: ClassVar[Mapping[str, str]] = {}
    """Programs that it needs, and Debian's packages that have them."""
    database = "shop.sqlite"

    def __init__(self, folder: Path, articles: int) -> None:
        self.folder = folder
        self.articles = articles

    @abstractmethod
    def install(self) -> None:
        """Bring the shop's own packages."""

    @abstractmethod
    def fill(self, port: int) -> None:
        """Make the database and the catalogue; a server that is started for it may be left running."""

    @abstractmethod
    def command(self, port: int) -> Sequence[str]:
        """The server."""

    @abstractmethod
    def facts(self, url: str) -> Mapping[str, str]:
        """How to reach it."""

    def environment(self) -> Mapping[str, str]:
        """What the server reads beside its command."""
        return {}

    def before_start(self) -> None:  # noqa: B027 - most need nothing
        """Start what the server needs."""

    def after_stop(self) -> None:  # noqa: B027 - as above
        """Stop what the server needed."""

    def need_programs(self) -> None:
        """Install what is missing of Debian's packages. Raises `Failed` where the user may not."""
        missing = sorted({package for program, package in self.programs.items() if not self.has(program)})
        if not missing:
            return
        if os.getuid() != 0 or shutil.which("apt-get") is None:
            raise Failed(f"missing: {' '.join(missing)}; install them, as with: apt-get install {' '.join(missing)}")
        say(f"{self.name}: installing {' '.join(missing)} ...")
        log, quiet = self.folder / "apt.log", {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], log, quiet)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], log, quiet)

    def has(self, program: str) -> bool:
        """Whether a program is there."""
        return shutil.which(program) is not None

    def keep(self) -> None:
        """Remember the database as it is."""
        for file in self.folder.glob(f"{self.database}*"):
            shutil.copy2(file, self.folder / f"filled-{file.name}")

    def restore(self) -> None:
        """Go back to the database that was kept."""
        for file in self.folder.glob(f"{self.database}*"):
            file.unlink()
        for file in self.folder.glob(f"filled-{self.database}*"):
            shutil.copy2(file, self.folder / file.name.removeprefix("filled-"))

    def remove(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def begin_anew(self) -> None:
        """No database, and no copy of one."""
        for file in (*self.folder.glob(f"{self.database}*"), *self.folder.glob(f"filled-{self.database}*")):
            file.unlink()


class NodeShop(Shop):
    """A shop that npm installs."""

    def need_programs(self) -> None:
        """Node 20 or newer, and npm, which Debian's packages may not have."""
        found = (
            subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
            if self.has("node")
            else None
        )
        version = re.match(r"v(\d+)", found.stdout) if found is not None else None
        if version is None or int(version[1]) < 20 or not self.has("npm"):
            raise Failed("node 20 or newer and npm are missing; install them, see https://nodejs.org/en/download")
        super().need_programs()

    def npm(self, *packages: str) -> None:
        """Install packages into the folder."""
        (self.folder / "package.json").write_text('{"name": "loopback", "private": true}\n')
        environment = dict(os.environ)
        if Path("/usr/include/node/node.h").exists():  # else what is compiled asks nodejs.org for node's headers
            environment.setdefault("npm_config_nodedir", "/usr")
        run([*NPM, *packages], self.folder / "install.log", environment, self.folder)


class Vendure(NodeShop):
    """Vendure on SQLite."""

    name = "vendure"
    requirements = ("@vendure/core@3.7.3", "better-sqlite3@12")
    programs: ClassVar[Mapping[str, str]] = {"make": "make", "g++": "g++", "python3": "python3"}

    def install(self) -> None:
        """Its SQLite driver is compiled, which takes most of the time."""
        say("vendure: installing ...")
        self.npm(*self.requirements)
        run(
            ["node", "-e", "new (require('better-sqlite3'))(':memory:')"],
            self.folder / "install.log",
            folder=self.folder,
        )

    def fill(self, port: int) -> None:
        """The server fills an empty database itself, before it says that it is ready."""
        self.begin_anew()
        (self.folder / "ready").unlink(missing_ok=True)
        run([*self.command(port), "fill"], self.folder / "fill.log", {**os.environ, **self.environment()}, self.folder)

    def command(self, port: int) -> Sequence[str]:
        shutil.copy2(HERE / "vendure" / "server.cjs", self.folder)
        return ["node", "server.cjs", str(port), str(self.articles)]

    def environment(self) -> Mapping[str, str]:
        return {"VENDURE_DISABLE_TELEMETRY": "true"}

    def facts(self, url: str) -> Mapping[str, str]:
        return {
            "url": f"{url}/admin-api", "shop_url": f"{url}/shop-api", "username": "superadmin", "password": "superadmin"
        }  # fmt: skip


class Medusa(NodeShop):
    """Medusa over a PostgreSQL cluster of its own."""

    name = "medusa"
    requirements = tuple(f"@medusajs/{one}@2.21.2" for one in ("medusa", "framework", "cli", "admin-sdk"))
    programs: ClassVar[Mapping[str, str]] = {"initdb": "postgresql"}
    user, password = "admin@example.com", "supersecret"

    def __init__(self, folder: Path, articles: int) -> None:
        super().__init__(folder, articles)
        self.as_root = os.getuid() == 0
        # PostgreSQL does not run as root, and its own user need not be able to walk into a home folder
        place = Path(f"/var/lib/postgresql/akeneo-erp-bridge-{zlib.crc32(str(folder).encode()):08x}")
        self.cluster = place if self.as_root else folder / "cluster"

    def has(self, program: str) -> bool:
        """Debian keeps the server's programs off the path."""
        return (self._bin(program) if program == "initdb" else shutil.which(program)) is not None

    def install(self) -> None:
        say("medusa: installing ...")
        self.npm(*self.requirements)

    def fill(self, port: int) -> None:
        self._sql("DROP DATABASE IF EXISTS medusa", "CREATE DATABASE medusa")
        log, environment = self.folder / "fill.log", {**os.environ, **self.environment()}
        for file in ("medusa-config.js", "seed.mjs"):
            shutil.copy2(HERE / "medusa" / file, self.folder)
        medusa = ["node", "node_modules/@medusajs/cli/cli.js"]
        run([*medusa, "db:migrate"], log, environment, self.folder)
        run([*medusa, "user", "-e", self.user, "-p", self.password], log, environment, self.folder)
        url = f"http://127.0.0.1:{port}"
        start(self.folder, self.command(port), self.environment(), f"{url}/health")
        run(["node", "seed.mjs", url, self.user, self.password, str(self.articles)], log, environment, self.folder)

    def keep(self) -> None:
        self._sql("DROP DATABASE IF EXISTS filled", "CREATE DATABASE filled TEMPLATE medusa")

    def restore(self) -> None:
        self._sql("DROP DATABASE IF EXISTS medusa", "CREATE DATABASE medusa TEMPLATE filled")

    def remove(self) -> None:
        shutil.rmtree(self.cluster, ignore_errors=True)
        super().remove()

    def command(self, port: int) -> Sequence[str]:
        return ["node", "node_modules/@medusajs/cli/cli.js", "start", "-H", "127.0.0.1", "-p", str(port)]

    def environment(self) -> Mapping[str, str]:
        return {
            "DATABASE_URL": f"{self._address()}/medusa", "MEDUSA_DISABLE_TELEMETRY": "true", "NODE_ENV": "production"
        }  # fmt: skip

    def facts(self, url: str) -> Mapping[str, str]:
        return {"url": url, "username": self.user, "password": self.password}

    # ---- PostgreSQL ----
    def before_start(self) -> None:
        """A cluster on loopback, without the safety that a shop for tests does not need."""
        if not (self.cluster / "PG_VERSION").exists():
            self.cluster.mkdir(parents=True, exist_ok=True)
            if self.as_root:
                shutil.chown(self.cluster, "postgres")
            self.cluster.chmod(0o700)
            settings = "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"
            self._as_postgres("initdb", "-D", str(self.cluster), "-U", "medusa", *settings)
            (self.folder / "filled").unlink(missing_ok=True)  # of a cluster that is gone
        if self._as_postgres("pg_ctl", "-D", str(self.cluster), "status", must=False):
            return
        port = free_port()
        (self.folder / "postgres.port").write_text(str(port))
        stop(self.folder)  # a server of before knows the old port
        quick = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c unix_socket_directories=''"
        options = f"-p {port} -c listen_addresses=127.0.0.1 {quick}"
        log = str(self.cluster / "server.log")
        self._as_postgres("pg_ctl", "-D", str(self.cluster), "-o", options, "-l", log, "-w", "-t", "60", "start")

    def after_stop(self) -> None:
        if (self.cluster / "postmaster.pid").exists():
            self._as_postgres("pg_ctl", "-D", str(self.cluster), "-m", "fast", "-w", "stop", must=False)

    def _address(self) -> str:
        return f"postgresql://medusa@127.0.0.1:{(self.folder / 'postgres.port').read_text()}"

    def _sql(self, *statements: str) -> None:
        psql = self._bin("psql") or "psql"
        for one in statements:  # a database is made outside of a transaction
            run(
                [psql, "-q", f"{self._address()}/postgres", "-v", "ON_ERROR_STOP=1", "-c", one], self.folder / "sql.log"
            )

    def _bin(self, program: str) -> str | None:
        found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda one: float(one.parts[4]))
        return str(found[-1]) if found else shutil.which(program)

    def _as_postgres(self, program: str, *arguments: str, must: bool = True) -> bool:
        """Run one of PostgreSQL's programs; whether it went well."""
        command = [self._bin(program) or program, *arguments]
        if self.as_root:
            command = ["runuser", "-u", "postgres", "--", *command]
        try:
            run(command, self.folder / "postgres.log", folder=Path("/"))
        except Failed:
            if must:
                raise
            return False
        return True


class Oscar(Shop):
    """django-oscar with django-oscar-api on SQLite."""

    name = "oscar"
    requirements = ("django-oscar==4.2.1", "django-oscar-api==3.3.0", "django>=5.2,<5.3", "waitress==3.0.2")

    def install(self) -> None:
        say("oscar: installing ...")
        shutil.rmtree(self.folder / "venv", ignore_errors=True)
        log = self.folder / "install.log"
        run([sys.executable, "-m", "venv", str(self.folder / "venv")], log)
        run([self._python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *self.requirements], log)

    def fill(self, port: int) -> None:
        self.begin_anew()
        run([*self._shop(), "seed", str(self.articles)], self.folder / "fill.log", folder=self.folder)

    def command(self, port: int) -> Sequence[str]:
        return [*self._shop(), "serve", str(port)]

    def facts(self, url: str) -> Mapping[str, str]:
        return {"url": f"{url}/api", "username": "admin", "password": "admin"}

    @property
    def _python(self) -> str:
        return str(self.folder / "venv" / "bin" / "python")

    def _shop(self) -> Sequence[str]:
        shutil.copy2(HERE / "oscar" / "shop.py", self.folder)
        return [self._python, "shop.py"]


SHOPS: Mapping[str, Callable[[Path, int], Shop]] = {"medusa": Medusa, "oscar": Oscar, "vendure": Vendure}
