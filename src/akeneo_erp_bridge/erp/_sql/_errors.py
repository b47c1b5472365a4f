"""What a database says no with, as one of our own errors: whose fault it is, whether it may pass, which right is missing."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Final

from akeneo_erp_bridge.erp._sql._source import MYSQL
from akeneo_erp_bridge.errors import ErpError, ErpRefused, ErpUnreachable

if TYPE_CHECKING:
    from sqlalchemy import URL
    from sqlalchemy.exc import DBAPIError

# MariaDB: https://mariadb.com/kb/en/mariadb-error-code-reference/ ; PostgreSQL: appendix A, "PostgreSQL Error Codes"
_NO_RIGHT: Final = frozenset({1142, 1143, 1044, 1370, "42501", 229, 230})
_NO_SIGN_IN: Final = frozenset({1045, 1698, "28P01", "28000", 18456})
_NO_DATABASE: Final = frozenset({1049, "3D000", 4060})
_TABLE: Final = re.compile(r"(?:for table|table|relation|view|object) [`'\"]?(?P<name>[\w$.`]+)", re.IGNORECASE)

# while it connects, PostgreSQL's driver tells no code
_NO_SIGN_IN_WORDS: Final = re.compile(r"password authentication failed|no pg_hba\.conf entry|role .* does not exist")
_NO_DATABASE_WORDS: Final = re.compile(r"database .* does not exist")

_MYSQL_MAY_PASS: Final = frozenset(
    int(code)
    # full disks and memories, too many connections, a server that stops; packets; locks, deadlocks, limits of a user,
    # queries that were ended, tables that changed meanwhile
    for code in [
        "1020",
        "1021",
        "1023",
        "1024",
        "1026",
        "1028",
        "1030",
        "1037",
        "1038",
        "1040",
        "1041",
        "1053",
        "1078",
        "1079",
        "1080",
        "1129",
        "1135",
        "1152",
        "1153",
        "1154",
        "1155",
        "1156",
        "1157",
        "1158",
        "1159",
        "1160",
        "1161",
        "1184",
        "1203",
        "1205",
        "1206",
        "1213",
        "1226",
        "1317",
        "1412",
        "1615",
        "1927",
        "1969",
        "3024",
        "3572",
    ]
)
"""Of the server's own numbers, those that the next try may not meet: all others say no to the statement."""

_SQLITE_REFUSALS: Final = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_NOTADB,
    }
)
"""https://www.sqlite.org/rescode.html: what is locked, full or cannot be read just now may pass; a wrong statement does not."""

_STATE: Final = re.compile(r"[0-9A-Z]{5}")
_REFUSED_CLASSES: Final = ("07", "0A", "21", "22", "26", "2F", "38", "39", "3F", "42", "44", "54", "HV", "P0")
"""Of SQLSTATE: data, syntax, names, functions that raise, limits of the program."""
_REFUSED_STATES: Final = frozenset({"XX001", "XX002"})  # data or an index is damaged


def told(error: DBAPIError, url: URL, what: str) -> ErpError:
    """The error to raise for a driver's own. *what* is the table or query that was read."""
    reason = without_secrets(str(error.orig) if error.orig else "", url)
    where = url.set(query={}).render_as_string(hide_password=True)  # a query of a URL may hold passwords too
    codes, user = _codes(error), url.username or "this user"
    if codes & _NO_RIGHT or "permission was denied" in reason:
        match = _TABLE.search(reason)
        table = match["name"].strip("`").replace("`", "") if match else what
        return ErpRefused(
            f"user {user} may not read {table} in {where} ({reason}); an administrator can say: "
            f"GRANT SELECT ON {table} TO {user}"
        )
    if codes & _NO_SIGN_IN or _NO_SIGN_IN_WORDS.search(reason):
        return ErpRefused(
            f"database {where} refuses user {user} ({reason}); check user, password, and from where it may sign in"
        )
    if codes & _NO_DATABASE or _NO_DATABASE_WORDS.search(reason):
        return ErpRefused(f"database {where} is not there ({reason}); check its name")
    if _is_refusal(error, codes, url.get_backend_name()):
        return ErpRefused(f"database {where} cannot read {what}: {reason}")
    return ErpUnreachable(f"database {where} failed: {reason}; check that it runs and that you may read it")


def without_secrets(text: str, url: URL) -> str:
    """The first line of what was said, without the secrets of an address."""
    lines = text.strip().splitlines()
    reason = lines[0] if lines else "no reason given"
    secrets = [url.password, *(one for values in url.normalized_query.values() for one in values)]
    for secret in secrets:
        if secret and len(secret) > 2:
            reason = reason.replace(secret, "***")
    return reason


def _codes(error: DBAPIError) -> set[int | str]:
    """The number of the vendor, and the state of the SQL standard, as far as a driver tells them."""
    arguments: tuple[object, ...] = getattr(error.orig, "args", ())
    told: tuple[object, ...] = (*arguments[:1], getattr(error.orig, "sqlstate", None))
    return {one for one in told if isinstance(one, int | str)}


def _is_refusal(error: DBAPIError, codes: set[int | str], dialect: str) -> bool:
    """Whether the statement itself, or what it reads, is at fault, which the next try will not mend."""
    from sqlalchemy.exc import DataError, NotSupportedError, ProgrammingError

    if isinstance(error, ProgrammingError | DataError | NotSupportedError):
        return True
    if dialect == "sqlite":
        code = getattr(error.orig, "sqlite_errorcode", None)
        return isinstance(code, int) and code & 0xFF in _SQLITE_REFUSALS  # the rest is which kind of it
    if dialect in MYSQL:
        # 2000 to 2999 are the client's: a server that does not answer
        numbers = {one for one in codes if isinstance(one, int) and (1000 <= one < 2000 or 3000 <= one < 5000)}
        return bool(numbers) and numbers.isdisjoint(_MYSQL_MAY_PASS)
    states = {one for one in codes if isinstance(one, str) and _STATE.fullmatch(one)}
    return any(one.startswith(_REFUSED_CLASSES) or one in _REFUSED_STATES for one in states)
