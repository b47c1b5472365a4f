"""What a vendor writes: the item, a new adapter, the world behind it, and a few facts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ClassVar, Final, Generic, Protocol, TypeVar, runtime_checkable
from weakref import WeakKeyDictionary

from attrs import define, field

from akeneo_erp_bridge.erp import ErpItem, ItemReader
from akeneo_erp_bridge.testing.conformance._http_faults import Faults
from akeneo_erp_bridge.testing.conformance._worlds import ErpWorld

ItemT = TypeVar("ItemT", bound=ErpItem)
SelfT = TypeVar("SelfT")
WorldT = TypeVar("WorldT")


@runtime_checkable
class _Closes(Protocol):
    def close(self) -> object: ...


@define
class Kept:
    """What all laws of one class share."""

    worlds: dict[object, object] = field(factory=dict[object, object])
    measured: object = None
    adapter: str = ""
    version: str = ""
    remarks: dict[int, tuple[str, ...]] = field(factory=dict[int, tuple[str, ...]])

    def close(self) -> None:
        """Close the worlds that can be closed, and forget them."""
        worlds = list(self.worlds.values())
        self.worlds.clear()
        self.measured = None
        for one in worlds:
            if isinstance(one, _Closes):
                one.close()


_KEPT: Final[WeakKeyDictionary[type[object], Kept]] = WeakKeyDictionary()


def kept_of(kit: type[object]) -> Kept:
    """What the laws of a class share; each class has its own, and none its base's."""
    return _KEPT.setdefault(kit, Kept())


class Subject(ABC, Generic[ItemT]):
    """The part of `ErpConformance` that a vendor fills."""

    item: type[ItemT]
    """The item class that the adapter reads."""

    secrets: ClassVar[tuple[str, ...]] = ()
    """Passwords and tokens of the adapter, none of which may ever show."""

    tells_deletions: ClassVar[bool] = True
    """Say `False` where the ERP cannot tell what was deleted; the law of deletions is then absent, and says why."""

    many: ClassVar[int] = 100_000
    """How many items the world is to hold for the laws of memory. Say less for a live system."""

    source: ClassVar[Path | None] = None
    """The file or folder of the adapter's own code, for mypy; by default the file of its class."""

    version: ClassVar[str] = ""
    """The adapter's version in the certificate; by default that of the distribution it was installed from."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "world" in vars(cls):
            # a setattr, for to checkers a method is nothing that one assigns
            setattr(cls, "world", _once(cls.world))  # noqa: B010 - a plain assignment to a method is a type error

    @abstractmethod
    def make_adapter(self, faults: Faults) -> ItemReader[ItemT]:
        """A new adapter on the world, its traffic led through *faults*. It may well be called a hundred times."""

    @abstractmethod
    def world(self) -> ErpWorld:
        """The sandbox behind the adapter. It runs once for a class, whoever calls it and how often; all laws share it."""

    @classmethod
    def teardown_class(cls) -> None:
        """After the last law: the world is closed."""
        kept_of(cls).close()


def _once(make: Callable[[SelfT], WorldT]) -> Callable[[SelfT], WorldT]:
    @wraps(make)
    def shared(self: SelfT) -> WorldT:
        worlds = kept_of(type(self)).worlds
        if make not in worlds:
            worlds[make] = make(self)
        world: WorldT = worlds[make]  # type: ignore[assignment]  # what `make` made
        return world

    return shared
