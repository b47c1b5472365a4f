"""A file that its owner alone may read, replaced as a whole."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

__all__ = ["keep_name", "replace_private"]


def replace_private(path: Path, parts: Iterable[str]) -> None:
    """Write a text of UTF-8, mode 0600; a reader sees the old file or the new one, also after a kill.

    When it returns, the file and its name are on the disk. Raises `OSError`.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    keep_name(path)


def keep_name(path: Path) -> None:
    """Bring the name of a file to the disk: without this, one that was just made may be gone after a power loss.

    Where a system cannot do so for a folder, as Windows and some network drives, it is left to the system.
    """
    if os.name == "nt":
        return  # opens no folders
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
            raise
    finally:
        os.close(folder)
