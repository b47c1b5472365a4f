"""Files that were stored for later: what is another file altogether is told from one that is damaged."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

from akeneo_erp_bridge.catalog._json import JsonObject, JsonValue
from akeneo_erp_bridge.errors import ConfigurationError

__all__ = ["OtherFile", "stored_object", "text_of"]

_HEAD: Final = 200


class OtherFile(ValueError):
    """What is there was never a file of this kind."""

    def __init__(self) -> None:
        super().__init__("it holds something else")


def text_of(path: str | Path, name: str, otherwise: str = "") -> str:
    """The text of a file; raises `ConfigurationError` where it cannot be read, and `OtherFile` where it is no text."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise OtherFile from error
    except OSError as error:
        raise ConfigurationError(
            f"{name} cannot be read ({error.strerror or error}); check the path and your rights{otherwise}"
        ) from error


def stored_object(
    text: str, members: Collection[str], *, parse_float: Callable[[str], float | Decimal] | None = None
) -> JsonObject:
    """The object that was stored; raises `OtherFile` where it lacks *members*, and `ValueError` where it is not whole."""
    try:
        found: JsonValue = json.loads(text, parse_float=parse_float)
    except (ValueError, RecursionError) as error:
        if any(f'"{name}"' in text[:_HEAD] for name in members):
            raise ValueError(f"it is not whole ({error})") from error
        raise OtherFile from error
    if not isinstance(found, Mapping) or any(name not in found for name in members):
        raise OtherFile
    return found
