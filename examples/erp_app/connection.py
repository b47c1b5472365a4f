"""The connection to the PIM: a PIM user connects the App, and its token is kept where its owner alone may read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.akeneo import AkeneoClient, AppAuth, FileTokens, StoredToken
from akeneo_erp_bridge.akeneo.apps import App, AppStart
from akeneo_erp_bridge.errors import ConfigurationError
from erp_app.config import Config
from erp_app.files import read_json, write_json

SCOPES: Final = {
    "write_products": "create and change products",
    "read_catalog_structure": "see attributes and families",
    "read_attribute_options": "see the options of attributes",
    "read_categories": "see categories",
    "read_channel_settings": "see channels",
    "read_channel_localization": "see languages and currencies",
    "read_association_types": "see the kinds of links between products",
}
"""What both directions ask for, and what that is in words."""

_NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""When an App's token ends."""


@frozen
class Grant:
    """What the PIM user let the App do, and when."""

    scopes: frozenset[str]
    since: datetime

    @property
    def missing(self) -> list[str]:
        """What was asked for and not granted, in words."""
        return [told for scope, told in SCOPES.items() if scope not in self.scopes]


class Connection:
    """To one PIM: a custom App belongs to the PIM in which it was made."""

    def __init__(self, config: Config) -> None:
        self.pim_url = config.pim_url.rstrip("/")
        self._app = App(client_id=config.client_id, secret=config.secret, scopes=SCOPES)
        self._token_path = config.folder / "token.json"
        self._grant_path = config.folder / "grant.json"
        self._tokens = FileTokens(self._token_path)
        self._name = f"{self.pim_url} {config.client_id}"

    def start(self, pim_url: str) -> AppStart:
        """Send the browser to the PIM. Raises `ConfigurationError` for any other PIM: the address is anybody's to write."""
        if pim_url.rstrip("/") != self.pim_url:
            raise ConfigurationError("this App belongs to another PIM; open it from the PIM in which it was made")
        return self._app.start(pim_url, loopback=True)  # where the operator named this machine, it is meant

    def finish(self, start: AppStart, query: Mapping[str, str]) -> None:
        """Exchange the code for a token and keep it. Raises `SignInRefused`, also for another state."""
        grant = self._app.finish(start.pim_url, query, state=start.state)
        self._tokens.save(self._name, StoredToken(access=grant.access_token, expires=_NEVER))
        write_json(self._grant_path, {"scopes": sorted(grant.scopes), "since": datetime.now(UTC).isoformat()})

    @property
    def is_there(self) -> bool:
        """Whether the App has a token; whether it is still good, the PIM knows."""
        return self._tokens.load(self._name) is not None

    def grant(self) -> Grant | None:
        """What was granted, if the App is connected."""
        found = read_json(self._grant_path) if self.is_there else None
        if found is None:
            return None
        scopes = found.get("scopes")
        named = map(str, scopes) if isinstance(scopes, list) else ()
        return Grant(frozenset(named), datetime.fromisoformat(str(found.get("since"))))

    def client(self) -> AkeneoClient:
        """A client of the PIM. Raises `ConfigurationError` where nobody has connected the App."""
        token = self._tokens.load(self._name)
        if token is None:
            raise ConfigurationError("the App is not connected to the PIM; connect it")
        return AkeneoClient(self.pim_url, AppAuth(access_token=token.access))

    def forget(self) -> None:
        """Delete the token here. In the PIM, its users disconnect the App."""
        self._token_path.unlink(missing_ok=True)
        self._grant_path.unlink(missing_ok=True)
