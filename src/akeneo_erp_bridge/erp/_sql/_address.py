"""The address of a database: the engine it makes, a driver that is missing, a file of SQLite that is not there."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from akeneo_erp_bridge.erp._sql._values import read_json, read_utf8

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

_WHEELS: Final = {
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
    "pymysql": "PyMySQL",
    "mysql": "mysql-connector-python",
    "pymssql": "pymssql",
    "oracledb": "oracledb",
    "cx_Oracle": "cx_Oracle",
}
"""The packages of drivers that are not called as their modules."""

_READS_JSON: Final = ("sqlite", "postgresql", "mysql", "mariadb")


class UnusableAddress(Exception):
    """No database can be reached at this address, and why; who asked for it says so as an error of its own room."""


def engine_at(url: str, *, example: str, **options: Any) -> Engine:  # Any: what SQLAlchemy takes
    """The engine of an address. Raises `UnusableAddress`; *example* is an address as it should be."""
    from sqlalchemy import create_engine, event, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        address = make_url(url)
        if address.get_backend_name() in _READS_JSON:
            options["json_deserializer"] = read_json
        engine = create_engine(address, **options)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise UnusableAddress(f"the database URL is not usable: {type(error).__name__}; write {example}") from None
    except ImportError as error:
        raise UnusableAddress(_driver_missing(error)) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _reads_any_bytes)
    return engine


def missing_file(url: URL) -> str | None:
    """Why a database of SQLite is not to be opened: it would be made, and be empty. `None` for all others."""
    path = _file_of(url)
    if path is None or path.exists():
        return None
    return (
        f"there is no database {path} (looked for from {Path.cwd()}); check the path: SQLite would make an empty file"
    )


def _file_of(url: URL) -> Path | None:
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name == ":memory:":
        return None
    if not name.startswith("file:"):
        return Path(name)
    parts = urlsplit(name)
    modes = [*parse_qs(parts.query).get("mode", []), *url.normalized_query.get("mode", ())]
    path = unquote(parts.path)
    # in other modes than "make it where it is missing", SQLite looks for itself
    return None if path in ("", ":memory:") or not {"memory", "ro", "rw"}.isdisjoint(modes) else Path(path)


def _driver_missing(error: ImportError) -> str:
    module = (error.name or "").partition(".")[0]
    reason = str(error).splitlines()[0] if str(error) else "it cannot be imported"
    if not module:
        return f"the database's driver cannot be loaded: {reason}; install it anew"
    package = _WHEELS.get(module, module)
    more = ", or write postgresql+psycopg:// and install 'psycopg[binary]'" if module == "psycopg2" else ""
    more = ", or write mysql+pymysql:// and install 'PyMySQL'" if module == "MySQLdb" else more
    return (
        f"the database's driver is the Python module '{module}', which is not installed: pip install '{package}'{more}"
    )


def _reads_any_bytes(connection: object, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.text_factory = read_utf8
