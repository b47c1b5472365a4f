"""`adapters`: the adapters that are installed, ours and those of vendors, by their entry points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from akeneo_erp_bridge.errors import BridgeError, ConfigurationError

GROUP: Final = "akeneo_erp_bridge.adapters"
"""The group of entry points that a vendor's package registers its adapters in."""

_OURS: Final = "akeneo_erp_bridge"
_PROTOCOLS: Final = (
    ("reads items", ("describe", "check", "read_items")),
    ("finds some", ("read_some",)),
    ("hot", ("read_hot",)),
    ("writes", ("find_by_key", "write_item")),
)


@frozen
class AdapterEntry:
    """An installed adapter: its name, and the package and version that it comes from. It is imported by `load` alone.

    >>> from importlib.metadata import EntryPoint
    >>> entry = AdapterEntry("csv", "akeneo_erp_bridge", "1.0", EntryPoint("csv", "akeneo_erp_bridge.erp:CsvAdapter", GROUP))
    >>> entry.load().__name__, entry.protocols()
    ('CsvAdapter', ('reads items', 'hot'))
    """

    name: str
    package: str
    version: str
    point: EntryPoint = field(repr=False)

    def load(self) -> type[object]:
        """The adapter's class. Raises `ConfigurationError`, naming the package, where it cannot be imported or is none."""
        try:
            loaded: object = self.point.load()
        except BridgeError:
            raise
        except Exception as error:  # a plug-in may raise anything while it is imported
            raise ConfigurationError(
                f"{self._where} cannot be loaded: {type(error).__name__}: {error}; update the package, or take it out"
            ) from error
        if not isinstance(loaded, type):
            raise ConfigurationError(f"{self._where} is a {type(loaded).__name__}; it should name the adapter's class")
        return loaded

    def protocols(self) -> tuple[str, ...]:
        """What the adapter can do, in words: "reads items", "finds some", "hot", "writes". Raises what `load` raises."""
        loaded = self.load()
        return tuple(name for name, methods in _PROTOCOLS if all(hasattr(loaded, one) for one in methods))

    @property
    def _where(self) -> str:
        return f"adapter '{self.name}' ({self.point.value}) of {self.package} {self.version}"


def adapters() -> Mapping[str, AdapterEntry]:
    """The installed adapters by name. Nothing is imported, so a broken one stops nobody but who loads it.

    >>> for name, entry in adapters().items():
    ...     assert name == entry.name

    A package registers an adapter in its pyproject.toml::

        [project.entry-points."akeneo_erp_bridge.adapters"]
        acme = "acme_erp:AcmeErp"

    Of two packages with one name, the second one is listed as ``package:name``; ours come first, then by name of package.
    """
    found: dict[str, AdapterEntry] = {}
    for one in sorted(_entries(), key=lambda one: (one.package != _OURS, one.package, one.name)):
        name = one.name if one.name not in found else f"{one.package}:{one.name}"
        found.setdefault(name, AdapterEntry(name, one.package, one.version, one.point))
    return MappingProxyType(dict(sorted(found.items())))


def _entries() -> Iterator[AdapterEntry]:
    for point in entry_points(group=GROUP):
        package = point.dist.name if point.dist is not None else "unknown"
        version = point.dist.version if point.dist is not None else ""
        yield AdapterEntry(point.name, package.replace("-", "_"), version, point)
