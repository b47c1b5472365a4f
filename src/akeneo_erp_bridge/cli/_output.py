"""Files that a command writes: whether it can is known before anything is read, which may take minutes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from akeneo_erp_bridge.errors import ConfigurationError


def check_writable(*paths: Path | None) -> None:
    """Raise `ConfigurationError` for the first of *paths* that cannot be written; those left out do not count."""
    for path in paths:
        if path is None:
            continue
        if path.is_dir():
            raise ConfigurationError(f"{path} is a folder; name a file in it")
        if not path.parent.is_dir():
            raise ConfigurationError(f"{path} cannot be written: there is no folder {path.parent}; make it")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise ConfigurationError(f"{path} cannot be written: you have no right to; name another place")


def store(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file that was checked; raises `ConfigurationError` where the disk says no all the same."""
    try:
        write(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or error}") from error
