"""Measurement families: a bare array in both directions, without pages and without a route for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from akeneo_erp_bridge.akeneo._auth import TokenKeeper, authorised
from akeneo_erp_bridge.akeneo._errors import read_body, unexpected
from akeneo_erp_bridge.akeneo._flow import Call, Flow
from akeneo_erp_bridge.akeneo._kinds import MEASUREMENT_FAMILIES
from akeneo_erp_bridge.akeneo._lines import UpsertResult
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._pages import Listing, ResourcePage
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._upload import upload
from akeneo_erp_bridge.catalog import MeasurementFamily, MeasurementFamilyPatch
from akeneo_erp_bridge.errors import NotFound, PimRefused, UnexpectedAnswer

__all__ = ["AnyMeasurementFamily", "MeasurementFamilies", "accepted", "pick", "the_page"]

AnyMeasurementFamily: TypeAlias = MeasurementFamily | MeasurementFamilyPatch
"""One as it was read, or changes to one."""


def the_page(keeper: TokenKeeper, options: Options) -> Flow[ResourcePage[MeasurementFamily]]:
    """All families, which the PIM sends at once."""
    call = Call(method="GET", target=MEASUREMENT_FAMILIES.path, what=MEASUREMENT_FAMILIES.plural)
    answer = yield from authorised(call, keeper, options.retry)
    body = read_body(call, answer)
    if not isinstance(body, Sequence) or isinstance(body, str):
        raise unexpected(str(call), answer)
    try:
        return ResourcePage(items=[MEASUREMENT_FAMILIES.decode(item) for item in body])
    except ValueError as error:
        raise UnexpectedAnswer(f"{call}: the PIM sent something this package cannot read: {error}") from error


def pick(page: ResourcePage[MeasurementFamily], code: str) -> MeasurementFamily:
    """The family of that code; raises `NotFound` where there is none."""
    for family in page:
        if family.code.lower() == code.lower():
            return family
    raise NotFound(f"the PIM has no {MEASUREMENT_FAMILIES.named(code)}", status=404)


def accepted(result: UpsertResult[AnyMeasurementFamily]) -> UpsertResult[AnyMeasurementFamily]:
    """The result of one write; raises `PimRefused` where it was refused, and what kept it from being judged."""
    if result.cause is not None:
        raise result.cause
    if not result.ok:
        reasons = "; ".join(str(error) for error in result.errors)
        name = MEASUREMENT_FAMILIES.named(result.item.code)
        raise PimRefused(f"PATCH {name}: {reasons}", status=result.status, violations=result.errors)
    return result


class MeasurementFamilies:
    """The measurement families of the PIM; they can be read and changed, not deleted.

    Source: Akeneo's documentation of the measurement family resource.

    >>> from decimal import Decimal
    >>> from akeneo_erp_bridge.codes import UnitCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> weight = PimSimulator().client().measurement_families.get("Weight")
    >>> weight.convert(Decimal(1500), source=UnitCode("GRAM"), target=UnitCode("KILOGRAM"))
    Decimal('1.500')
    """

    def __init__(self, session: Session, options: Options) -> None:
        self._session = session
        self._options = options

    def list(self) -> Listing[MeasurementFamily]:
        """Return an iterable over all measurement families; the PIM sends them at once."""
        return Listing(self.pages, MEASUREMENT_FAMILIES.plural)

    def pages(self) -> Iterator[ResourcePage[MeasurementFamily]]:
        """Yield the one page there is."""
        yield self._session.run(the_page(self._session.keeper, self._options), self._options)

    def get(self, code: str) -> MeasurementFamily:
        """Return one measurement family; raises `NotFound` for an unknown code."""
        (page,) = self.pages()
        return pick(page, code)

    def upsert(self, thing: AnyMeasurementFamily) -> UpsertResult[AnyMeasurementFamily]:
        """Create or change one measurement family; raises `PimRefused` with its violations."""
        (result,) = self.upsert_many([thing])
        return accepted(result)

    def upsert_many(self, things: Iterable[AnyMeasurementFamily]) -> Iterator[UpsertResult[AnyMeasurementFamily]]:
        """Create or change many; results and errors as for every resource."""
        return upload(self._session, self._options, MEASUREMENT_FAMILIES, things, MEASUREMENT_FAMILIES.split_one)
