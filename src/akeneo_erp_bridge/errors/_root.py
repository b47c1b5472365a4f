"""The root of all errors. Public as `akeneo_erp_bridge.errors.BridgeError`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final, TypeVar

E = TypeVar("E", bound="BridgeError")

DEFECT: Final = 70  # EX_SOFTWARE of sysexits.h: what ends a program is none of these errors


class BridgeError(Exception):
    """Root of everything this package raises; `exit_code` is what a program should end with.

    Each of them survives a pickle, as between processes, with all that it tells.

    >>> def program() -> int:
    ...     try:
    ...         raise ErpUnreachable("the ERP does not answer")
    ...     except BridgeError as error:
    ...         return error.exit_code
    >>> program()
    3
    """

    exit_code: ClassVar[int] = 2

    def __reduce__(self) -> tuple[Callable[..., BridgeError], tuple[object, ...]]:
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(kind: type[E], args: tuple[object, ...], told: Mapping[str, object]) -> E:
    """An error without its `__init__`, whose arguments are not what it keeps."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(told)
    return error
