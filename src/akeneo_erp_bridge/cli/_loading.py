"""Objects of a user's own program, by name: ``my_connector:MAPPING``, or ``my_connector.py:MAPPING``."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType
from typing import TypeAlias, cast

from akeneo_erp_bridge.erp import ErpItem, ItemReader
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import ItemMapping
from akeneo_erp_bridge.sync import ErpToPim, VariantsToPim, Waves
from akeneo_erp_bridge.sync.setup import Blueprint

AnyJob: TypeAlias = ErpToPim[ErpItem] | VariantsToPim[ErpItem] | Waves


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


@contextmanager
def reader_named(name: str) -> Generator[ItemReader[object]]:
    """The adapter of that name, or that a function of that name gives; what it opened is closed at the end.

    Raises `ConfigurationError` where there is none.
    """
    with _given(name) as found:
        if not isinstance(found, ItemReader):
            raise ConfigurationError(f"{name} is a {type(found).__name__}, not an adapter: it reads no items")
        yield cast("ItemReader[object]", found)  # as above


@contextmanager
def job_named(name: str) -> Generator[AnyJob]:
    """The job of that name, or that a function of that name gives; what it opened is closed at the end.

    Raises `ConfigurationError` where there is none.
    """
    with _given(name) as found:
        yield _job(found, name)


@contextmanager
def _given(name: str) -> Generator[object]:
    """What stands there, or what is given by the function or the context manager that stands there."""
    found = _named(name)
    if inspect.isroutine(found) or inspect.isclass(found):
        found = _called(found, name)
    if isinstance(found, AbstractContextManager):
        with cast("AbstractContextManager[object]", found) as opened:  # of what, the caller asks
            yield opened
    else:
        yield found


def _called(function: Callable[[], object], name: str) -> object:
    try:
        inspect.signature(function).bind()
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{name} cannot be called without arguments ({error}); name one that can, or what is given itself"
        ) from error
    return function()


def _job(found: object, name: str) -> AnyJob:
    if isinstance(found, Waves):
        return found
    if isinstance(found, ErpToPim):
        return cast("ErpToPim[ErpItem]", found)  # as above
    if isinstance(found, VariantsToPim):
        return cast("VariantsToPim[ErpItem]", found)  # as above
    raise ConfigurationError(f"{name} is a {type(found).__name__}, not an ErpToPim, VariantsToPim or Waves")


def _named(name: str) -> object:
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise ConfigurationError(f"{name!r} names no object; write it as module:NAME, such as my_connector:MAPPING")
    folder = Path.cwd()  # of a program that is not installed
    if module.endswith(".py"):
        folder, module = (folder / module).parent, Path(module).stem
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    program = _imported(module, name)
    try:
        found: object = getattr(program, attribute)
    except AttributeError as error:
        raise ConfigurationError(f"{name}: {error}") from error
    return found


def _imported(module: str, name: str) -> ModuleType:
    """The module; what it raises by itself is its author's to see, with the traceback."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if f"{module}.".startswith(f"{missing}."):  # the module itself, or a package that it is in
            raise ConfigurationError(f"{name}: {error}; run the command in the folder of your program") from error
        raise ConfigurationError(
            f"{name}: it imports {missing}, which is not installed for {sys.executable}; install it there"
        ) from error
    except SyntaxError as error:
        place = f"{error.filename}, line {error.lineno}" if error.filename else "it"
        raise ConfigurationError(f"{name}: {place} is no Python: {error.msg}") from error
