"""What an operator sets once, by the environment: where the ERP and the PIM are, and where the App keeps its files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from attrs import field, frozen

from akeneo_erp_bridge.errors import ConfigurationError


@frozen(kw_only=True)
class Config:
    """The settings of one App, which serves one PIM and one ERP."""

    folder: Path
    """For its memory, choices, token, logs and reports; its owner alone may look into it."""
    own_url: str
    """Where browsers find the App."""
    pim_url: str
    client_id: str
    secret: str = field(repr=False)
    erp: str = field(repr=False)
    """The URL of the ERP's database, which may hold a password."""
    pictures: Path
    zone: ZoneInfo = field(factory=lambda: ZoneInfo("UTC"))
    notify: tuple[str, ...] = field(default=(), repr=False)
    """Addresses for `akeneo_erp_bridge.sync.Notify`, which may hold passwords too."""
    page_size: int = 25

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], own_url: str) -> Config:
        """Read `ERP_APP_...`. Raises `ConfigurationError` that names each variable which is missing."""
        needed = ("PIM_URL", "CLIENT_ID", "SECRET", "ERP", "DATA")
        missing = [f"ERP_APP_{name}" for name in needed if not environment.get(f"ERP_APP_{name}")]
        if missing:
            raise ConfigurationError(f"set {', '.join(missing)}; see examples/erp_app/README.md")
        folder = Path(environment["ERP_APP_DATA"])
        return cls(
            folder=folder,
            own_url=environment.get("ERP_APP_OWN_URL", own_url).rstrip("/"),
            pim_url=environment["ERP_APP_PIM_URL"],
            client_id=environment["ERP_APP_CLIENT_ID"],
            secret=environment["ERP_APP_SECRET"],
            erp=environment["ERP_APP_ERP"],
            pictures=Path(environment.get("ERP_APP_PICTURES", str(folder / "pictures"))),
            zone=_zone(environment.get("ERP_APP_ZONE", "UTC")),
            notify=tuple(environment.get("ERP_APP_NOTIFY", "").split()),
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigurationError(f"ERP_APP_ZONE is {name!r}; give one like Europe/Berlin") from error
