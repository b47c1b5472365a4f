"""Objects of a user's own program, by name: ``my_connector:MAPPING``, or ``my_connector.py:MAPPING``."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import cast

from akeneo_erp_bridge.erp import ErpItem, ItemReader
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import ItemMapping
from akeneo_erp_bridge.sync.setup import Blueprint


def mapping_named(name: str) -> ItemMapping[ErpItem]:
    """The mapping of that name; raises `ConfigurationError` where there is none."""
    found = _named(name)
    if isinstance(found, ItemMapping):
        return cast("ItemMapping[ErpItem]", found)  # of what items it is, nobody here needs to know
    raise ConfigurationError(f"{name} is a {type(found).__name__}, not a ProductMapping or CategoryMapping")


def blueprint_named(name: str) -> Blueprint | ItemMapping[ErpItem]:
    """The blueprint of that name, or a mapping to guess one from; raises `ConfigurationError` where there is none."""
    found = _named(name)
    if isinstance(found, Blueprint):
        return found
    if isinstance(found, ItemMapping):
        return cast("ItemMapping[ErpItem]", found)  # as above
    raise ConfigurationError(f"{name} is a {type(found).__name__}, not a Blueprint, ProductMapping or CategoryMapping")


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
    folder = Path.cwd()  # of a program that is not installed
    if module.endswith(".py"):
        folder, module = (folder / module).parent, Path(module).stem
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        found: object = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{name}: {error}; run the command in the folder of your program") from error
    except AttributeError as error:
        raise ConfigurationError(f"{name}: {error}") from error
    return found
