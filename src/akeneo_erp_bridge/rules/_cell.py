"""Where a value goes: a cell of the PIM, or a feed to commerce."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Generic, Never, TypeVar

from attrs import frozen

if TYPE_CHECKING:
    from akeneo_erp_bridge.rules._iso import Iso
    from akeneo_erp_bridge.rules._rule import Rule

S_contra = TypeVar("S_contra", contravariant=True)
T_contra = TypeVar("T_contra", contravariant=True)


class Owner(Enum):
    """Who decides about a cell.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Drill(ErpItem):
    ...     name = cold(str, "name")
    >>> Drill.name.to(Cell("name")).owner, Drill.name.to(Cell("name"), owner=Owner.SEED).owner.value
    (<Owner.ERP: 'erp'>, 'seed')
    """

    ERP = "erp"
    """The ERP: every run makes the PIM agree."""
    PIM = "pim"
    """The PIM: the ERP never writes it (the return leg of a two-way binding)."""
    SEED = "seed"
    """The ERP once, at creation; the PIM afterwards."""


@frozen
class Cell(Generic[T_contra]):
    """One value of a product: an attribute, for one locale and one channel where it has them.

    `T` is the Python type of the value: `str`, `Decimal`, `bool`, `Metric`, ...

    >>> NAME: Cell[str] = Cell("name", locale="en_US")
    >>> str(NAME)
    'name[en_US]'
    """

    attribute: str
    locale: str | None = None
    channel: str | None = None

    @property
    def key(self) -> str:
        """The cell as one string, used as its name in the ledger and in plans."""
        return str(self)

    def __str__(self) -> str:
        inside = ", ".join(part for part in (self.locale, self.channel) if part)
        return f"{self.attribute}[{inside}]" if inside else self.attribute


@frozen
class Binding(Generic[S_contra]):
    """A rule, the cell it fills, and who owns that cell. Made by `Rule.to`, and by `two_way` with an `iso`.

    A binding with an `iso` can be read backwards: ``binding.iso.inverse().as_rule().run(value)`` is what the ERP's
    field would be for a value of the cell.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold, two_way
    >>> from akeneo_erp_bridge.rules import Iso
    >>> class Drill(ErpItem):
    ...     metres = cold(int, "cable_m")
    >>> centimetres = Iso(lambda metres: metres * 100, lambda length: length // 100)
    >>> cable = two_way(Drill.metres, centimetres, Cell("cable_cm"), owner=Owner.PIM)
    >>> cable.iso.inverse().as_rule().run(400)
    Put(value=4, notes=())
    """

    rule: Rule[S_contra, object, object]
    cell: Cell[Never]
    owner: Owner = Owner.ERP
    iso: Iso[object, object] | None = None
    """The lossless pair between field and cell; their types were checked where it was bound."""


@frozen
class HotBinding(Generic[S_contra]):
    """A rule and the name under which commerce receives its value. Made by `Rule.feed`.

    >>> from akeneo_erp_bridge.erp import ErpItem, hot
    >>> class Drill(ErpItem):
    ...     stock = hot(int, "stock")
    >>> available = Drill.stock.map(lambda pieces: pieces > 0).feed("available")
    >>> available.name, available.rule.run(Drill({"stock": "7"})).value
    ('available', True)
    """

    rule: Rule[S_contra, object, object]
    name: str
