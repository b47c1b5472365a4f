"""A file that its owner alone may read, replaced as a whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from akeneo_erp_bridge.errors import ConfigurationError


def write_private(path: str | Path, parts: Iterable[str], what: str) -> None:
    """Write a text of UTF-8, mode 0600; a reader sees the old file or the new one, also after a kill.

    Raises `ConfigurationError` where no file can be written.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.writelines(parts)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigurationError(
            f"{what} {str(target)!r} cannot be written ({error.strerror}); name another"
        ) from error
