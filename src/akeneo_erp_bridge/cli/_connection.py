"""Which PIM: told by the environment, since arguments are seen by everybody on the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping

from akeneo_erp_bridge.akeneo import AkeneoClient, AppAuth, Auth, Options, PasswordAuth
from akeneo_erp_bridge.errors import ConfigurationError

_CONNECTION = ("AKENEO_CLIENT_ID", "AKENEO_CLIENT_SECRET", "AKENEO_USERNAME", "AKENEO_PASSWORD")


def pim_of_environment(environment: Mapping[str, str] | None = None) -> AkeneoClient:
    """A client for the PIM that ``AKENEO_URL`` and its fellows name.

    ``AKENEO_PLAIN_HTTP=yes`` allows an address without TLS on another machine. Raises `ConfigurationError` with the names
    of those that are missing, never with a value.
    """
    told = os.environ if environment is None else environment
    options = Options(plain_http=told.get("AKENEO_PLAIN_HTTP", "").lower() == "yes")
    return AkeneoClient(_values(told, "AKENEO_URL")[0], _auth(told), options=options)


def _auth(told: Mapping[str, str]) -> Auth:
    if told.get("AKENEO_TOKEN"):
        return AppAuth(access_token=told["AKENEO_TOKEN"])
    client_id, secret, username, password = _values(told, *_CONNECTION)
    return PasswordAuth(client_id=client_id, secret=secret, username=username, password=password)


def _values(told: Mapping[str, str], *names: str) -> list[str]:
    missing = [name for name in names if not told.get(name)]
    if missing:
        raise ConfigurationError(f"set {', '.join(missing)} in the environment; the PIM shows them under Connect")
    return [told[name] for name in names]
