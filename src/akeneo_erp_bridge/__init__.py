"""A typed bridge between ERPs, the Akeneo PIM and commerce.

Cold data goes to the PIM, hot data straight to commerce, internal data nowhere.
The names here are those of a first connector; the rest is in the rooms `akeneo`, `catalog`, `erp`,
`classification`, `rules`, `mapping`, `commerce`, `sync` and `testing`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from akeneo_erp_bridge.akeneo import AkeneoClient, AppAuth, AsyncAkeneoClient, PasswordAuth
    from akeneo_erp_bridge.erp import ErpItem, cold, hot, internal
    from akeneo_erp_bridge.errors import BridgeError
    from akeneo_erp_bridge.mapping import ProductMapping, reference
    from akeneo_erp_bridge.rules import Cell
    from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState

    __version__: str

__all__ = [
    "AkeneoClient",
    "AppAuth",
    "AsyncAkeneoClient",
    "BridgeError",
    "Cell",
    "ErpItem",
    "ErpToPim",
    "HotRelay",
    "PasswordAuth",
    "ProductMapping",
    "SqliteState",
    "cold",
    "hot",
    "internal",
    "reference",
]

# Where each name lives. It is imported when it is first used, so that importing the package costs nothing.
# A new name stands here, in `__all__` and in the imports for checkers; `tests/test_public_names.py` compares them.
_ROOMS: Final = {
    "AkeneoClient": "akeneo",
    "AppAuth": "akeneo",
    "AsyncAkeneoClient": "akeneo",
    "BridgeError": "errors",
    "Cell": "rules",
    "ErpItem": "erp",
    "ErpToPim": "sync",
    "HotRelay": "sync",
    "PasswordAuth": "akeneo",
    "ProductMapping": "mapping",
    "SqliteState": "sync",
    "cold": "erp",
    "hot": "erp",
    "internal": "erp",
    "reference": "mapping",
}


if not TYPE_CHECKING:  # a checker that saw this function would believe in every name

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import version

            value: object = version(__name__)
        elif name in _ROOMS:
            value = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value  # the next look-up finds it without us
        return value


def __dir__() -> list[str]:
    return [*globals(), *_ROOMS, "__version__"]
