"""What a rule gives: absent, null, empty, zero and wrong are five different things."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Generic, Literal, TypeAlias, TypeVar, cast

from attrs import evolve, frozen

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Severity: TypeAlias = Literal["skip_cell", "skip_item", "abort"]
SEVERITIES: Final[tuple[Severity, ...]] = ("skip_cell", "skip_item", "abort")
"""From the lightest to the heaviest."""


@frozen
class Put(Generic[T_co]):
    """Send this value. `notes` tell what was done to it on the way (rounded, cleaned, ...).

    >>> from akeneo_erp_bridge.mapping import clean
    >>> clean(max_length=6, too_long="cut").run("Hammer drill")
    Put(value='Hammer', notes=('truncated from 12 to 6 characters',))
    """

    value: T_co
    notes: tuple[str, ...] = ()


@frozen
class Keep:
    """The ERP says nothing: leave the PIM's value alone.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Drill(ErpItem):
    ...     name = cold(str, "name")
    >>> Drill.name.run(Drill({"number": "DR-18"}))
    Keep()
    """


@frozen
class Clear:
    """The ERP says "no value": erase what we wrote, and nothing that others wrote.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Drill(ErpItem):
    ...     name = cold(str, "name")
    >>> Drill.name.run(Drill({"number": "DR-18", "name": None}))
    Clear()
    """


@frozen
class Problem:
    """The data is wrong. One sentence for a person: what was seen, what to do.

    `code` is stable and short (``not_a_number``), `detail` is the sentence, `path` names the place
    (field, rule or cell), `severity` tells how much of the item is left out.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Drill(ErpItem):
    ...     pieces = cold(int, "pieces")
    >>> seen = Drill.pieces.run(Drill({"pieces": "a few"}))
    >>> seen.code, seen.path, seen.severity
    ('wrong_type', 'pieces', 'skip_item')
    >>> print(seen)
    pieces: holds 'a few', which is not a number of at most 100 digits; declare the field as str and parse it, or clean it
    """

    code: str
    path: str
    detail: str
    severity: Severity = "skip_item"

    def at(self, path: str) -> Problem:
        """The same problem, one step further out.

        >>> Problem("required", "ean", "the value is absent but required").at("packs, line 2").path
        'packs, line 2 > ean'
        """
        return evolve(self, path=f"{path} > {self.path}" if self.path else path)

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}" if self.path else self.detail


Outcome: TypeAlias = Put[T] | Keep | Clear | Problem

KEEP: Final = Keep()
CLEAR: Final = Clear()


def shown(raw: object, *, longest: int = 60) -> str:
    """A short, printable sample of a raw value for messages, of at most `longest` characters.

    >>> shown(None), shown("cordless hammer drill", longest=12), shown(frozenset({"saws", "drills"}))
    ('null', "'cordless h…", "{'drills', 'saws'}")
    """
    try:
        text = "null" if raw is None else _spelled(raw)
    except Exception as error:  # noqa: BLE001 - a sample for a message may not become an error of its own
        text = f"({type(raw).__name__} that cannot be shown: {type(error).__name__})"
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _spelled(raw: object) -> str:
    """As Python spells it; a set in the order of the alphabet, the same each time."""
    if not isinstance(raw, set | frozenset):
        return repr(raw)
    # the cast: of a set nobody knows the members, and each object has a spelling
    return "{" + ", ".join(sorted(map(repr, cast("Iterable[object]", raw)))) + "}"
