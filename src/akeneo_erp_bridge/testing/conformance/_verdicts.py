"""How a law ends when it does not hold: broken, or absent. And how a world says what its ERP cannot hold."""

from __future__ import annotations

from unittest import SkipTest


class LawBroken(AssertionError):
    """The adapter did what the law forbids. The message says what it did, and what to do about it.

    >>> raise LawBroken("item 'DR-18' came again after it was deleted. Give its key as a tombstone.")
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.testing.conformance._verdicts.LawBroken: item 'DR-18' came again after it was deleted. Give its key as a tombstone.
    """


class Absent(SkipTest):
    """The law was not tried, and why. To pytest it is a skip; in a certificate it is never a pass.

    >>> raise Absent("the world has no `delete` (Deletes)")
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.testing.conformance._verdicts.Absent: the world has no `delete` (Deletes)
    """


class CannotHold(Exception):
    """The ERP itself cannot hold this value at this path: raised by a world's `create`.

    >>> raise CannotHold("name", "names end at 64 characters")
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.testing.conformance._verdicts.CannotHold: name: names end at 64 characters
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type[CannotHold], tuple[str, str]]:
        return type(self), (self.path, self.reason)


def broken(did: str, todo: str) -> LawBroken:
    """What the adapter did, and what to do about it."""
    return LawBroken(f"{did}. {todo}.")


def lacks(whose: str, protocol: type[object]) -> Absent:
    """The world, or the adapter, has not got a protocol."""
    methods = " and ".join(f"`{name}`" for name in vars(protocol) if not name.startswith("_"))
    return Absent(f"the {whose} has no {methods} ({protocol.__name__})")
