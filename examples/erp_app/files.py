"""Small JSON files that their owner alone may read, and that are replaced as a whole."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.errors import ConfigurationError


def write_text(path: Path, parts: Iterable[str]) -> None:
    """Replace a file; a reader sees the old one or the new one, also after a kill. Raises `ConfigurationError`."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.writelines(parts)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror}); check its folder and your rights"
        ) from error


def write_json(path: Path, value: JsonValue) -> None:
    """Replace a file of JSON."""
    write_text(path, [json.dumps(value, indent=2, ensure_ascii=False), "\n"])


def read_json(path: Path) -> dict[str, JsonValue] | None:
    """The object in a file; `None` where there is no file. Raises `ConfigurationError` for what is no object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read ({error}); mend or delete it") from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path} holds no JSON object; mend or delete it")
    return found
