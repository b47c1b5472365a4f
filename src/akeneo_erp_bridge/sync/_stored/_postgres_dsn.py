"""Where a state in PostgreSQL is: kept with its password, shown without."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import psycopg
from attrs import field, frozen
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from akeneo_erp_bridge.errors import ConfigurationError, StateError
from akeneo_erp_bridge.sync._stored import _postgres_faults as faults

_WRONG: Final = (
    "the address of the PostgreSQL {what} cannot be read; write postgresql://user@host:5432/database, with %40 for an @ in a "
    "name or password, or leave the password to PGPASSWORD or ~/.pgpass"
)
_LONGEST_NAME: Final = 63  # bytes; PostgreSQL cuts a longer one off, and two could become one
_USUAL: Final[dict[str, str]] = {
    "application_name": "akeneo_erp_bridge",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "6",
}

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"
"""Rows are tuples, of what their query names. `Any` as in `Row`: what that is, no checker reads in the query."""


@frozen
class Dsn:
    """An address, and what is shown of it."""

    schema: str
    shown: str
    _address: str = field(repr=False)

    @classmethod
    def of(cls, dsn: str, schema: str, *, what: str = "state", connect_timeout: int = 10) -> Dsn:
        """Read an address; `ConfigurationError` without a word of it where that cannot be done.

        *what* it is the place of; *connect_timeout* is in seconds, for each address of the host.
        """
        if not schema or "\x00" in schema or len(schema.encode()) > _LONGEST_NAME:
            raise ConfigurationError(f"{schema!r} is no name for a schema; give one of 1 to {_LONGEST_NAME} bytes")
        told = _read(dsn)
        if told is None or "@" in str(told.get("host", "")):
            raise ConfigurationError(_WRONG.format(what=what))
        address = make_conninfo("", **{**_USUAL, "connect_timeout": connect_timeout, **told, "client_encoding": "UTF8"})
        place = "".join(
            f", {word} {told[name]}"
            for name, word in (("dbname", "database"), ("host", "host"), ("port", "port"))
            if told.get(name)
        )
        user = f", user {told['user']}" if told.get("user") else ""
        return cls(schema, f"the {what} in PostgreSQL{place}{user}, schema {schema}", address)

    def session(self) -> Connection:
        """A session in the schema, in which every text can be kept and what is committed is on the disk.

        What keeps it from being one is a `StateError`.
        """
        connection = self._connected()
        try:
            with faults.blamed(self.shown):
                self._dress(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self) -> Connection:
        try:
            return psycopg.connect(self._address, autocommit=True)
        except psycopg.Error as error:
            told = str(error)
        raise StateError(faults.away(self.shown, told))

    def _dress(self, connection: Connection) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise StateError(faults.ENCODING.format(name=self.shown, encoding=encoding))
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(self.schema)))
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )


def _read(dsn: str) -> dict[str, str | int | None] | None:
    """The parts of an address. What libpq says of a wrong one is dropped: it quotes it, and the password with it."""
    try:
        return dict(conninfo_to_dict(dsn))
    except psycopg.Error:
        return None
