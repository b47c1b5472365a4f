"""The client and the embedded PIM, in process and over HTTP."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth, operations
from akeneo_erp_bridge.catalog import (
    AttributeOptionPatch,
    CategoryPatch,
    FamilyPatch,
    Metric,
    PimStructure,
    ProductPatch,
    Value,
)
from akeneo_erp_bridge.codes import (
    AttributeCode,
    CategoryCode,
    FamilyCode,
    LocaleCode,
    OptionCode,
    ProductUuid,
    Sku,
    UnitCode,
)
from akeneo_erp_bridge.errors import NotFound, PimRefused, SignInRefused
from akeneo_erp_bridge.testing import Behaviour, Fault, PimSimulator

SKU, NAME, WEIGHT = AttributeCode("sku"), AttributeCode("name"), AttributeCode("weight")
ENGLISH = LocaleCode("en_US")


def patch(number: int, *, name: str | None = "Drill") -> ProductPatch:
    return ProductPatch(
        identifier=Sku(f"DR {number}/1"),
        values=[Value(NAME, name, locale=ENGLISH), Value(WEIGHT, Metric(Decimal("1.50"), UnitCode("KILOGRAM")))],
    )


def test_a_product_goes_there_and_back(pim_client: AkeneoClient) -> None:
    uuid = ProductUuid(str(uuid4()))
    values = [
        Value(SKU, "DR-1"),
        Value(NAME, "Drill", locale=ENGLISH),
        Value(WEIGHT, Metric(Decimal("1.50"), UnitCode("KILOGRAM"))),
    ]
    assert pim_client.products.upsert(ProductPatch(uuid=uuid, values=values)).created
    product = pim_client.products.get(uuid)
    assert (product.values.text("sku"), product.values.text("name", locale="en_US")) == ("DR-1", "Drill")
    assert product.values.metric("weight") == Metric(Decimal("1.5"), UnitCode("KILOGRAM"))
    assert pim_client.products_by_identifier.get("DR-1").uuid == uuid
    assert pim_client.products.upsert(product).status == 204
    assert pim_client.products.get(uuid).values == product.values
    assert pim_client.products.delete(uuid) is True
    assert pim_client.products.delete(uuid) is False
    with pytest.raises(NotFound):
        pim_client.products.get(uuid)


def test_many_are_written_and_read_page_by_page(pim_client: AkeneoClient) -> None:
    results = list(pim_client.products_by_identifier.upsert_many(patch(number) for number in range(230)))
    assert [result.key for result in results] == [f"DR {number}/1" for number in range(230)]
    assert all(result.created for result in results)
    found = [product.values.text("sku") for product in pim_client.products.list(page_size=50)]
    assert sorted(str(sku) for sku in found) == sorted(f"DR {number}/1" for number in range(230))
    assert pim_client.products_by_identifier.get("DR 7/1").identifier == "DR 7/1"


def test_a_refused_line_tells_why_and_the_others_are_written(pim_client: AkeneoClient) -> None:
    wrong = ProductPatch(identifier=Sku("b"), values=[Value(AttributeCode("hologram"), "x")])
    results = list(pim_client.products_by_identifier.upsert_many([patch(1), wrong, patch(2)]))
    assert [result.ok for result in results] == [True, False, True]
    assert (results[1].status, "hologram" in str(results[1].errors[0])) == (422, True)


def test_a_filter_reaches_the_pim(pim_client: AkeneoClient) -> None:
    list(pim_client.products_by_identifier.upsert_many(patch(number) for number in range(5)))
    where = {"sku": [{"operator": "IN", "value": ["DR 1/1", "DR 3/1"]}]}
    found = list(pim_client.products.list(where))
    assert sorted(str(product.values.text("sku")) for product in found) == ["DR 1/1", "DR 3/1"]


def test_a_null_erases_and_what_is_not_said_stays(pim_client: AkeneoClient) -> None:
    pim_client.products_by_identifier.upsert(patch(1))
    pim_client.products_by_identifier.upsert(
        ProductPatch(identifier=Sku("DR 1/1"), values=[Value(NAME, None, locale=ENGLISH)])
    )
    product = pim_client.products_by_identifier.get("DR 1/1")
    assert product.values.text("name", locale="en_US") is None
    assert product.values.metric("weight") is not None


def test_other_things_are_written_and_read(pim_client: AkeneoClient) -> None:
    assert (
        pim_client.categories.create(CategoryPatch(code=CategoryCode("new"), parent=CategoryCode("master"))).key
        == "new"
    )
    assert pim_client.categories.get("new").parent == "master"
    with pytest.raises(PimRefused) as caught:
        pim_client.categories.create(CategoryPatch(code=CategoryCode("new")))
    assert caught.value.violations
    assert pim_client.families.upsert(
        FamilyPatch(code=FamilyCode("saws"), attributes=[SKU, NAME], attribute_as_label=NAME)
    ).created
    assert set(pim_client.families.get("saws").attributes) == {"sku", "name"}
    select = next(one for one in pim_client.attributes.list() if one.type == "pim_catalog_simpleselect")
    options = pim_client.attribute_options(select.code)
    assert options.upsert(AttributeOptionPatch(code=OptionCode("pink"))).created
    assert "pink" in {option.code for option in options.list()}


def test_the_structure_of_a_pim(pim_client: AkeneoClient) -> None:
    select = next(one.code for one in pim_client.attributes.list() if one.type == "pim_catalog_simpleselect")
    structure = pim_client.structure(with_options_of=[select])
    assert structure.identifier_attribute == "sku"
    assert structure.attributes[WEIGHT].metric_family in structure.measurement_families
    assert "en_US" in structure.locales
    assert set(structure.currencies) >= {"EUR"}
    assert structure.categories is not None
    assert structure.categories[CategoryCode("master")] is None
    assert structure.options[select]
    assert structure.families
    assert set(structure.family_variants) <= set(structure.families)
    assert PimStructure.from_json(structure.to_json()) == structure
    assert pim_client.structure(with_options_of=[select]).hash == structure.hash
    assert pim_client.structure(with_categories=False).categories is None


def test_the_pim_tells_what_it_can(pim_client: AkeneoClient) -> None:
    assert pim_client.features.has_product_uuids
    assert pim_client.features.version


def test_wrong_credentials(simulator: PimSimulator) -> None:
    auth = PasswordAuth(**{**simulator.auth_kwargs, "password": "wrong"})
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        pytest.raises(SignInRefused, match="Check client id"),
    ):
        list(pim.families.list())


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="products", status=429, retry_after=0),
        Fault(path="products", status=503),
        Fault(path="products", reset="before"),
        Fault(path="products", reset="after"),
        Fault(path="products", expire_tokens=True),
        Fault(path="products", latency=timedelta(milliseconds=5)),
        Fault(path="products", cut_after=3),
    ],
)
def test_a_bad_day_changes_nothing(pim_client: AkeneoClient, simulator: PimSimulator, fault: Fault) -> None:
    list(pim_client.families.list())
    simulator.fail_next(fault)
    results = list(pim_client.products_by_identifier.upsert_many(patch(number) for number in range(120)))
    assert [result.key for result in results] == [f"DR {number}/1" for number in range(120)]
    assert all(result.ok for result in results)
    if fault.cut_after is None:
        simulator.fail_next(fault)
    assert len(list(pim_client.products.list())) == 120


PAM = {one.method for one in operations() if one.since == "2.1-3.x"}


@pytest.mark.parametrize(
    ("behaviour", "lacks"),
    [
        (Behaviour(), PAM),
        (Behaviour(has_pam=True), set[str]()),
        (
            Behaviour.version_7(),
            PAM | {one.method for one in operations() if one.since == "SaaS" or one.edition == "enterprise"},
        ),
    ],
    ids=["cloud", "with the old assets", "7.0 community"],
)
def test_features_tell_every_operation_that_is_not_offered(behaviour: Behaviour, lacks: set[str]) -> None:
    simulator = PimSimulator(behaviour=behaviour)
    with AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim:
        assert {one.method for one in operations() if not pim.features.offers(one.method)} == lacks
        assert (pim.features.version, pim.features.has_product_uuids) == (behaviour.version, True)


def test_a_pim_of_6_has_no_uuids_and_asking_for_nonsense_is_a_mistake() -> None:
    simulator = PimSimulator(behaviour=Behaviour.version_6())
    with AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim:
        assert not pim.features.has_product_uuids
        assert pim.features.offers("products_by_identifier.upsert_many")
        with pytest.raises(ValueError, match="'products.fly' is no operation"):
            pim.features.offers("products.fly")
