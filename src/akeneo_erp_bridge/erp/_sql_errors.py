"""What a database says no with, as one of our own errors: whose fault it is, and which right is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from akeneo_erp_bridge.errors import ErpError, ErpRefused, ErpUnreachable

if TYPE_CHECKING:
    from sqlalchemy import URL
    from sqlalchemy.exc import DBAPIError

# MariaDB: https://mariadb.com/kb/en/mariadb-error-code-reference/ ; PostgreSQL: appendix A, "PostgreSQL Error Codes"
_NO_RIGHT: Final = frozenset({1142, 1143, 1044, 1370, "42501", 229, 230})
_NO_SIGN_IN: Final = frozenset({1045, 1698, "28P01", "28000", 18456})
_NO_DATABASE: Final = frozenset({1049, "3D000", 4060})
_TABLE: Final = re.compile(r"(?:for table|table|relation|view|object) [`'\"]?(?P<name>[\w$.`]+)", re.IGNORECASE)


def told(error: DBAPIError, url: URL, what: str) -> ErpError:
    """The error to raise for a driver's own. *what* is the table or query that was read."""
    reason = _reason(error, url)
    where = url.set(query={}).render_as_string(hide_password=True)  # a query of a URL may hold passwords too
    codes, user = _codes(error), url.username or "this user"
    if codes & _NO_RIGHT or "permission was denied" in reason:
        match = _TABLE.search(reason)
        table = match["name"].strip("`").replace("`", "") if match else what
        return ErpRefused(
            f"user {user} may not read {table} in {where} ({reason}); an administrator can say: "
            f"GRANT SELECT ON {table} TO {user}"
        )
    if codes & _NO_SIGN_IN or "password authentication failed" in reason:
        return ErpRefused(
            f"database {where} refuses user {user} ({reason}); check user, password, and from where it may sign in"
        )
    if codes & _NO_DATABASE:
        return ErpRefused(f"database {where} is not there ({reason}); check its name")
    if _is_refusal(error):
        return ErpRefused(f"database {where} cannot read {what}: {reason}")
    return ErpUnreachable(f"database {where} failed: {reason}; check that it runs and that you may read it")


def _reason(error: DBAPIError, url: URL) -> str:
    lines = str(error.orig).strip().splitlines() if error.orig else []
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


def _is_refusal(error: DBAPIError) -> bool:
    """Whether the statement itself is at fault, which the next try will not mend."""
    from sqlalchemy.exc import DataError, ProgrammingError

    return isinstance(error, ProgrammingError | DataError)
