"""What can be wrong with a state in PostgreSQL: one line each, with what to do."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import errors

from akeneo_erp_bridge.errors import StateError

IN_USE: Final = "{name} is in use by another run{writer}; wait for it, or give this one a schema of its own"
NEWER: Final = (
    "{name} was written by a newer version (format {found}, this one knows {known}); upgrade akeneo_erp_bridge"
)
STRANGER: Final = "{name} holds tables that are not a state's; give the state a schema of its own"
ENCODING: Final = (
    "{name} is in a database of encoding {encoding}, which cannot hold every text; make one with ENCODING 'UTF8'"
)
OVERTAKEN: Final = (
    "{name}: the connection was lost, and another run has been the writer since; this run ends here, run it again"
)

_SIGN_IN: Final = (
    "{name}: the server refuses the user or the password ({error}); check both, and that the server admits this machine"
)
_AWAY: Final = "{name} cannot be reached ({error}); check that the server runs, its host and port, and run again"
_RIGHTS: Final = (
    "{name}: a right is missing ({error}); let the database's owner create the schema, and GRANT ALL on it and its tables "
    "to this user"
)
_FULL: Final = (
    "{name} cannot grow: the server's disk is full ({error}); make space there and run again, what is settled is safe"
)
_READ_ONLY: Final = "{name} is on a server that only reads ({error}); give the address of the one that writes"
_FAILED: Final = "{name} cannot be used ({error}); what is settled is safe, mend the server and run again"

_CHANGED: Final = "{name} is not as this version left it ({error}); restore a back-up, or drop the schema to start anew"

_SIGN_IN_WORDS: Final = ("authentication", "no password supplied", "pg_hba.conf", "role ")


def away(name: str, error: str) -> str:
    """Why there is no connection, in words."""
    text = _SIGN_IN if any(word in error for word in _SIGN_IN_WORDS) else _AWAY
    return text.format(name=name, error=_line(error))


@contextmanager
def blamed(name: str) -> Generator[None]:
    """What the server refuses becomes a `StateError` that names the place."""
    try:
        yield
    except (errors.IntegrityError, errors.ProgrammingError, errors.DataError) as error:
        if isinstance(error, errors.InsufficientPrivilege):
            raise StateError(_RIGHTS.format(name=name, error=_line(str(error)))) from error
        if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn):
            raise StateError(_CHANGED.format(name=name, error=_line(str(error)))) from error
        raise  # a defect of the program, not of the server
    except errors.DiskFull as error:
        raise StateError(_FULL.format(name=name, error=_line(str(error)))) from error
    except errors.ReadOnlySqlTransaction as error:
        raise StateError(_READ_ONLY.format(name=name, error=_line(str(error)))) from error
    except psycopg.Error as error:
        raise StateError(_FAILED.format(name=name, error=_line(str(error)))) from error


def _line(error: str) -> str:
    return " ".join(error.split()) or "no reason given"
