"""What a first run will cost, by Akeneo's limits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import as_set, estimate, lookup
from akeneo_erp_bridge.rules import Cell
from fitting import STRUCTURE, Item, attribute, mapping

PICTURE = attribute("picture", "pim_catalog_image")
WITH_PICTURE = evolve(STRUCTURE, attributes={**STRUCTURE.attributes, PICTURE.code: PICTURE})
COLOUR = Cell[str]("colour")


def test_a_hundred_items_take_a_look_and_a_write() -> None:
    none, some, more = (estimate(mapping(), STRUCTURE, items=count) for count in (0, 100, 101))
    assert (some.requests - none.requests, more.requests - none.requests) == (2, 4)
    assert some.took - none.took == timedelta(seconds=0.5), "two requests of a second, four at a time"


def test_options_that_the_pim_lacks_go_three_a_second() -> None:
    table = {f"word {number}": f"code_{number}" for number in range(300)} | {"rot": "RED"}
    plain = estimate(mapping(), STRUCTURE, items=0)
    cost = estimate(mapping((Item.colour >> lookup(table)).to(COLOUR)), STRUCTURE, items=0)
    assert (cost.options, cost.requests - plain.requests) == (300, 300)
    assert cost.took - plain.took == timedelta(seconds=100)
    assert cost.minutes == pytest.approx(plain.minutes + 100 / 60)
    assert "options to create: 300;" in str(cost)


def test_what_nobody_can_count_is_named() -> None:
    unknown = mapping(Item.colour.to(COLOUR), (Item.name >> as_set()).to(Cell[frozenset[str]]("tags")))
    cost = estimate(unknown, STRUCTURE, items=10)
    assert (cost.options, cost.uncounted) == (0, ("colour", "tags"))
    assert "not counted: new options of colour, tags" in str(cost)


def test_each_file_is_a_request() -> None:
    cost = estimate(mapping(Item.name.to(Cell[str]("picture"))), WITH_PICTURE, items=50)
    plain = estimate(mapping(), WITH_PICTURE, items=50)
    assert (cost.media, cost.requests - plain.requests) == (50, 50)


def test_a_slow_pim_takes_longer() -> None:
    quick, slow = (
        estimate(mapping(), STRUCTURE, items=10_000, per_request=timedelta(seconds=seconds)) for seconds in (1, 3)
    )
    assert slow.took == 3 * quick.took
    assert slow.requests == quick.requests


def test_no_negative_items() -> None:
    with pytest.raises(ConfigurationError, match="items=-1"):
        estimate(mapping(), STRUCTURE, items=-1)
