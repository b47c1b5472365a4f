"""Where tokens outlive a process, so that the next one need not sign in again."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from akeneo_erp_bridge._private_file import replace_private
from akeneo_erp_bridge.akeneo._json import loads
from akeneo_erp_bridge.catalog import JsonObject
from akeneo_erp_bridge.errors import ConfigurationError

__all__ = ["FileTokens", "MemoryTokens", "StoredToken", "TokenStore"]


@frozen(kw_only=True)
class StoredToken:
    """A token and the one to renew it with; `expires` is an aware moment.

    >>> from datetime import UTC
    >>> StoredToken(access="a token", expires=datetime(2026, 6, 13, tzinfo=UTC))
    StoredToken(expires=datetime.datetime(2026, 6, 13, 0, 0, tzinfo=datetime.timezone.utc))
    """

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires: datetime


class TokenStore(Protocol):
    """Keeps the token of each connection, by a name that says PIM, client and user and holds no secret.

    Several processes may share a store; each may find a token newer than its own.
    """

    def load(self, name: str) -> StoredToken | None:
        """The token that was saved last; none where there is none, or none that can be read."""
        ...

    def save(self, name: str, token: StoredToken) -> None:
        """Keep a token in place of the one before."""
        ...


class MemoryTokens:
    """Tokens of this process; give one to several clients, and they sign in once.

    >>> MemoryTokens().load("https://pim.example.com 1_abc erp_1") is None
    True
    """

    def __init__(self) -> None:
        self._tokens: dict[str, StoredToken] = {}

    def load(self, name: str) -> StoredToken | None:
        """The token that was saved last."""
        return self._tokens.get(name)

    def save(self, name: str, token: StoredToken) -> None:
        """Keep a token."""
        self._tokens[name] = token


class FileTokens:
    """Tokens in a file that its owner alone may read (mode 0600); it is replaced as a whole, never half.

    A file that cannot be read counts as empty: then the client signs in. Raises `ConfigurationError` when the file
    cannot be written, or when others may read it.

    >>> from datetime import UTC
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tokens = FileTokens(Path(folder) / "tokens.json")
    ...     tokens.save("erp_1", StoredToken(access="a token", expires=datetime(2026, 6, 13, tzinfo=UTC)))
    ...     print(oct(tokens.path.stat().st_mode & 0o777), tokens.load("erp_1").expires.date())
    0o600 2026-06-13
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()

    def load(self, name: str) -> StoredToken | None:
        """The token that was saved last."""
        found = self._all().get(name)
        if not isinstance(found, Mapping):
            return None
        try:
            expires = datetime.fromisoformat(str(found["expires"]))
            access, refresh = str(found["access"]), found.get("refresh")
        except (KeyError, ValueError):
            return None
        if expires.tzinfo is None:
            return None
        return StoredToken(access=access, refresh=None if refresh is None else str(refresh), expires=expires)

    def save(self, name: str, token: StoredToken) -> None:
        """Keep a token in place of the one before."""
        with self._lock:
            tokens = {
                **self._all(),
                name: {"access": token.access, "refresh": token.refresh, "expires": token.expires.isoformat()},
            }
            try:
                replace_private(self.path, [json.dumps(tokens)])
            except OSError as error:
                raise ConfigurationError(
                    f"the token file {self.path} cannot be written ({error.strerror}); check its folder and your rights"
                ) from error

    def _all(self) -> JsonObject:
        try:
            with self.path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                if os.name == "posix" and mode & 0o077:
                    raise ConfigurationError(
                        f"the token file {self.path} may be read by others (mode {mode & 0o777:04o}); "
                        "make it 0600, and renew the secret if they may have"
                    )
                found = loads(file.read())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, Mapping) else {}
