"""When a run stops itself."""

from __future__ import annotations

import math
from typing import Final

from attrs import Attribute, field, frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.rules import shown
from akeneo_erp_bridge.sync._whole import at_least
from akeneo_erp_bridge.sync._words import counted


def _share(_: object, attribute: Attribute[float], value: object) -> None:
    """A brake of 5 is none: it would be applied once five times the catalog were deleted."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if 0 <= number <= 1:  # which nothing is that is no number
        return
    to_do = (
        f"for {number:g} % write {number / 100:g}"
        if 1 < number <= 100
        else "0.05 is 5 %, and 1 lets everything through"
    )
    raise ConfigurationError(f"Brakes({attribute.name}={shown(value)}): a share is a number from 0 to 1; {to_do}")


@frozen(kw_only=True)
class Brakes:
    """When a run stops itself. Shares, from 0 to 1, are of items read (parked) and of items in the ledger (deleted).

    The first is not applied before `after` items, which say little, the second not before ten, unless those are all.
    Deletions of earlier runs that did not come to their end count too, so that a run which was stopped is stopped
    again, however often it is tried: until the ERP no longer reports what it reported, or a run with a higher share comes
    to its end. A run of a part, and `apply`, count their own.

    Raises `ConfigurationError` for numbers that are no shares.

    >>> print(Brakes().at_parked(45, read=300))
    45 of 300 items are parked, more than 10%; mend the mapping or the ERP
    >>> print(Brakes(parked_share=0.2).at_parked(45, read=300))
    None
    >>> Brakes(deleted_share=5)
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ConfigurationError: Brakes(deleted_share=5): a share is a number from 0 to 1; for 5 % write 0.05
    """

    parked_share: float = field(default=0.10, validator=_share)
    deleted_share: float = field(default=0.05, validator=_share)
    after: int = field(default=200, validator=at_least(0))

    def at_parked(self, parked: int, *, read: int) -> str | None:
        """Why to stop where so many are parked of those read; `None`: go on."""
        if read < self.after or parked <= self.parked_share * read:
            return None
        return (
            f"{parked} of {read} items are parked, more than {_percent(self.parked_share)}; mend the mapping or the ERP"
        )

    def at_deletions(self, deleted: int, *, earlier: int, known: int, verb: str = "reports") -> str | None:
        """Why to stop before so many are deleted of the items `known` before, `earlier` ones among them; `None`: go on.

        >>> for told in Brakes().at_deletions(10, earlier=18, known=400).split(": "):
        ...     print(told.partition(";")[0])
        the ERP reports 10 deletions in this run, and 18 were made in earlier runs that did not come to their end
        28 deletions of 400 known items, more than 5%
        """
        total = earlier + deleted
        many = total >= 10 or total >= known > 1
        if not many or total <= self.deleted_share * known:
            return None
        told = f"{counted(total, 'deletion')} of {known} known items, more than {_percent(self.deleted_share)}"
        if earlier:
            verbed = "was" if earlier == 1 else "were"
            so_far = f"{earlier} {verbed} made in earlier runs that did not come to their end"
            told = f"{counted(deleted, 'deletion')} in this run, and {so_far}: {told}"
        return (
            f"the ERP {verb} {told}; raise Brakes(deleted_share=...) for a run that comes to its end, if that is meant"
        )


def _percent(share: float) -> str:
    return f"{100 * share:g}%"


BRAKES: Final = Brakes()
