"""The structure holds the codes of records where somebody asks for them, as it does with options."""

from __future__ import annotations

import asyncio

import pytest

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.testing import PimSimulator

BRAND, BRANDS, COLOUR = AttributeCode("brand"), AttributeCode("other_brands"), AttributeCode("colour")


@pytest.fixture
def simulator() -> PimSimulator:
    simulator = PimSimulator(sample=True)
    api = "/api/rest/v1"
    simulator.load(f"{api}/reference-entities", [{"code": "makers"}])
    simulator.load(f"{api}/reference-entities/makers/records", [{"code": code} for code in ("Bosch", "Acme")])
    kinds = (("brand", "akeneo_reference_entity"), ("other_brands", "akeneo_reference_entity_collection"))
    simulator.load(
        f"{api}/attributes",
        [{"code": code, "type": kind, "group": "erp", "reference_data_name": "makers"} for code, kind in kinds],
    )
    return simulator


def check(found: PimStructure) -> None:
    assert found.options[BRAND] == found.options[BRANDS] == frozenset({"Bosch", "Acme"})
    assert "red" in found.options[COLOUR]
    assert PimStructure.from_json(found.to_json()).options == found.options


def test_records_are_read_where_they_are_asked_for(simulator: PimSimulator) -> None:
    with simulator.client() as pim:
        check(pim.structure(with_options_of=[BRAND, COLOUR, BRANDS]))
        assert pim.structure().options == {}


def test_the_asynchronous_client_does_the_same(simulator: PimSimulator) -> None:
    async def read() -> PimStructure:
        async with simulator.async_client() as pim:
            return await pim.structure(with_options_of=[BRAND, COLOUR, BRANDS])

    check(asyncio.run(read()))
