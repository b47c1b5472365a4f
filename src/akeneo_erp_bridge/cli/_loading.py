"""Objects of a user's own program, by name: ``my_connector:MAPPING``."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import cast

from akeneo_erp_bridge.erp import ErpItem, ItemReader
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import ItemMapping


def mapping_named(name: str) -> ItemMapping[ErpItem]:
    """The mapping of that name; raises `ConfigurationError` where there is none."""
    found = _named(name)
    if isinstance(found, ItemMapping):
        return cast("ItemMapping[ErpItem]", found)  # of what items it is, nobody here needs to know
    raise ConfigurationError(f"{name} is a {type(found).__name__}, not a ProductMapping or CategoryMapping")


def reader_named(name: str) -> ItemReader[object]:
    """The adapter of that name; raises `ConfigurationError` where there is none."""
    found = _named(name)
    if isinstance(found, ItemReader):
        return cast("ItemReader[object]", found)  # as above
    raise ConfigurationError(f"{name} is a {type(found).__name__}, not an adapter: it reads no items")


def _named(name: str) -> object:
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise ConfigurationError(f"{name!r} names no object; write it as module:NAME, such as my_connector:MAPPING")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)  # a program that is not installed, in the folder the command is run in
    try:
        found: object = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{name}: {error}; run the command in the folder of your program") from error
    except AttributeError as error:
        raise ConfigurationError(f"{name}: {error}") from error
    return found
