"""The sample structure hangs together, fits the merchant's ERP, and is taken by the embedded PIM."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.testing import PimSimulator, merchant
from akeneo_erp_bridge.testing._sample import SAMPLE, load_sample
from akeneo_erp_bridge.testing.merchant._words import (
    CLOTHES,
    LEGACY_CATEGORIES,
    SPELLINGS,
    UNKNOWN_CATEGORIES,
    UNKNOWN_COLOURS,
    UNKNOWN_UNITS,
)


def things(end: str) -> dict[str, Mapping[str, Any]]:
    """The objects sent to the paths that end so, by code."""
    return {str(one["code"]): one for path, some in SAMPLE if path.endswith(f"/{end}") for one in some}


ATTRIBUTES = things("attributes")
FAMILIES = things("families")
CATEGORIES = things("categories")


def tree_of(category: str) -> str:
    parent = CATEGORIES[category]["parent"]
    return category if parent is None else tree_of(parent)


def test_codes_are_valid_and_unique() -> None:
    for path, some in SAMPLE:
        codes = [str(one["code"]).casefold() for one in some]
        assert len(set(codes)) == len(codes), path
        assert all(re.fullmatch(r"[a-z0-9_]+", code) for code in codes), path


def test_everything_is_sent_after_what_it_names() -> None:
    seen: set[str] = set()
    order = [path for path, _ in SAMPLE]
    for _, some in SAMPLE:
        for one in some:
            parent = one.get("parent")
            assert parent is None or parent in seen, f"{one['code']} comes before its parent"
            seen.add(str(one["code"]))
    ends = [path.removeprefix("/api/rest/v1/") for path in order]
    for first, then in (
        ("attribute-groups", "attributes"),
        ("categories", "channels"),
        ("channels", "families"),
        ("attributes", "families"),
        ("attributes", "attributes/colour/options"),
    ):
        assert ends.index(first) < ends.index(then)


def test_attributes_are_in_groups_of_the_sample() -> None:
    assert {one["group"] for one in ATTRIBUTES.values()} == set(things("attribute-groups")) == {"erp", "marketing"}
    assert ATTRIBUTES["reference_price"]["group"] == "erp"


def test_families_have_what_they_require_and_never_require_a_price() -> None:
    used: set[str] = set()
    for family in FAMILIES.values():
        attributes = set(family["attributes"])
        used |= attributes
        assert attributes <= set(ATTRIBUTES)
        assert family["attribute_as_label"] in attributes
        for channel, required in family["attribute_requirements"].items():
            assert channel in things("channels")
            assert "sku" in required
            assert set(required) <= attributes - {"reference_price"}
    assert used == set(ATTRIBUTES), "an attribute in no family is shown nowhere"


def test_the_tables_of_the_erp_lead_to_codes_of_the_pim() -> None:
    assert set(merchant.CATEGORY_TO_FAMILY.values()) == set(FAMILIES)
    assert set(merchant.CATEGORY_CODES.values()) <= set(CATEGORIES)
    assert {tree_of(code) for code in merchant.CATEGORY_CODES.values()} == {"master"}
    assert tree_of("clearance") == tree_of("christmas") == "promotions"
    colours = {one["code"] for path, some in SAMPLE if "/colour/" in path for one in some}
    sizes = {one["code"] for path, some in SAMPLE if "/size/" in path for one in some}
    assert set(merchant.COLOURS.values()) <= colours
    assert {size for clothes in CLOTHES for size in clothes.sizes} <= sizes


def test_the_tables_know_every_word_of_the_erp_and_no_mistyped_one() -> None:
    leaves = {code for code, parent, *_ in LEGACY_CATEGORIES if parent}
    assert set(merchant.CATEGORY_CODES) == set(merchant.CATEGORY_TO_FAMILY) == leaves
    assert {word.casefold() for _, words in SPELLINGS for word in words} <= folded(merchant.COLOURS)
    for unknown, table in (
        (UNKNOWN_CATEGORIES, merchant.CATEGORY_CODES),
        (UNKNOWN_COLOURS, merchant.COLOURS),
        (UNKNOWN_UNITS, merchant.UNITS),
    ):
        assert not folded(unknown) & folded(table)


def folded(words: Iterable[str]) -> set[str]:
    return {word.strip().casefold() for word in words}


def test_the_embedded_pim_takes_the_sample() -> None:
    simulator = PimSimulator()
    load_sample(simulator)
    load_sample(simulator)  # an upsert: a second time changes nothing and refuses nothing
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        assert {str(one.code) for one in pim.families.list()} == set(FAMILIES)
        assert {str(one.code) for one in pim.attributes.list()} >= set(ATTRIBUTES)
        assert {str(one.code) for one in pim.categories.list()} >= set(CATEGORIES)


def test_a_channel_is_there_with_its_locales_and_currencies() -> None:
    simulator = PimSimulator(sample=True)
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        channel = pim.channels.get("ecommerce")
    assert (str(channel.category_tree), set(channel.locales)) == ("master", {"en_US", "de_DE"})
    assert set(channel.currencies) == {"EUR", "USD"}
