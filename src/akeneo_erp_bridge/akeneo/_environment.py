"""Which PIM, told by the environment: arguments are seen by everybody on the machine, and a program is read by many."""

from __future__ import annotations

import os
from collections.abc import Mapping

from akeneo_erp_bridge.akeneo._auth import AppAuth, Auth, PasswordAuth
from akeneo_erp_bridge.errors import ConfigurationError

__all__ = ["pim_of"]

_CONNECTION = ("AKENEO_CLIENT_ID", "AKENEO_CLIENT_SECRET", "AKENEO_USERNAME", "AKENEO_PASSWORD")


def pim_of(environment: Mapping[str, str] | None) -> tuple[str, Auth, bool]:
    """The address, the sign-in, and whether an address without TLS is meant. *environment* is by default the process's.

    ``AKENEO_PLAIN_HTTP=yes`` allows an address without TLS on another machine. Raises `ConfigurationError` with the names
    of those that are missing, never with a value.
    """
    told = os.environ if environment is None else environment
    is_plain = told.get("AKENEO_PLAIN_HTTP", "").lower() == "yes"
    if told.get("AKENEO_TOKEN"):
        url, token = _values(told, "AKENEO_URL", "AKENEO_TOKEN")
        return url, AppAuth(access_token=token), is_plain
    url, client_id, secret, username, password = _values(told, "AKENEO_URL", *_CONNECTION)
    auth = PasswordAuth(client_id=client_id, secret=secret, username=username, password=password)
    return url, auth, is_plain


def _values(told: Mapping[str, str], *names: str) -> list[str]:
    missing = [name for name in names if not told.get(name)]
    if missing:
        raise ConfigurationError(f"set {', '.join(missing)} in the environment; the PIM shows them under Connect")
    return [told[name] for name in names]
