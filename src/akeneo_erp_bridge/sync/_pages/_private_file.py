"""Plans and pages as files that their owner alone may read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from akeneo_erp_bridge._private_file import replace_private
from akeneo_erp_bridge.errors import ConfigurationError


def write_private(path: str | Path, parts: Iterable[str], what: str) -> None:
    """Write a file for a person, in place of an older one. Raises `ConfigurationError` where no file can be written."""
    try:
        replace_private(Path(path), parts)
    except OSError as error:
        raise ConfigurationError(f"{what} {str(path)!r} cannot be written ({error.strerror}); name another") from error
