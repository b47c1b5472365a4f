"""Each class and function of the rooms below is shown at work in its docstring; `test_snippets` runs what they show."""

from __future__ import annotations

import importlib
import inspect

import pytest

from akeneo_erp_bridge.rules import Rule

ROOMS = (
    "akeneo",
    "akeneo.apps",
    "akeneo.event_platform",
    "akeneo.events",
    "akeneo.filters",
    "catalog",
    "classification",
    "commerce",
    "erp",
    "errors",
    "mapping",
    "rules",
    "sync",
    "sync.pim_first",
    "sync.setup",
    "testing",
    "testing.conformance",
    "testing.sinks",
)
"""The rooms where it holds; a room joins when all of it is shown."""

WITHOUT = {
    "akeneo.TokenStore": "a protocol: MemoryTokens and FileTokens show it",
    "classification.Schema": "a protocol: erp.ErpSchema shows it",
    "classification.SchemaField": "a protocol: erp.ErpField shows it",
    "commerce.HotSink": "a protocol: SqliteSink shows it",
    "commerce.OfferReader": "a protocol: the sinks of shops fill it",
    "commerce.Sellable": "what sellable gives, which shows it",
    "erp.Answer": "what an ODataService is answered",
    "erp.ChoiceReader": "a protocol: the adapters fill it",
    "erp.DocField": "a part of a DocType",
    "erp.DocType": "what a FrappeSite says of its own; it needs a site",
    "erp.EdmModel": "what an ODataService says of itself; it needs a service",
    "erp.EdmNavigation": "a part of an EdmModel",
    "erp.EdmProperty": "a part of an EdmModel",
    "erp.EdmSet": "a part of an EdmModel",
    "erp.EdmType": "a part of an EdmModel",
    "erp.FileFormat": "a protocol: Csv and Excel show it",
    "erp.HotReader": "a protocol: the adapters fill it",
    "erp.ItemReader": "a protocol: the adapters fill it",
    "erp.ItemWriter": "a protocol: FrappeWriter shows it",
    "erp.PimFirstErp": "a protocol: ItemReader and ItemWriter in one",
    "erp.SqlSource": "what Nested reads, whose example shows one",
    "mapping.Downgrade": "the terms of reference, which shows them",
    "mapping.EntityMapping": "what RecordMapping and AssetMapping share; nobody writes one",
    "mapping.ItemMapping": "what all mappings share; nobody writes one",
    "mapping.Levels": "the engine takes a VariantMapping apart, which shows what is declared",
    "mapping.Slug": "what slug gives, which shows it",
    "sync.Account": "a protocol: SyncReport and the other reports fill it",
    "sync.Job": "a protocol: ErpToPim and VariantsToPim fill it, and Waves shows it",
    "sync.Parts": "a protocol: VariantReport and WavesReport fill it",
    "sync.pim_first.Models": "needs a family variant in the PIM: docs/how-to/send-models-to-the-erp.md shows it",
    "sync.pim_first.SkuBook": "a protocol: SqliteSkuBook fills it",
    "sync.pim_first.SkuMaker": "a protocol: NewSkus fills it",
    "sync.pim_first.SkuPart": "a protocol: FamilyPrefix and OptionPart fill it",
    "sync.pim_first.Tag": "a protocol: BooleanTag and the other tags fill it",
    "sync.pim_first.WorkQueue": "a protocol: SqliteQueue fills it",
    "sync.PostgresState": "needs a server; what it does is what SqliteState shows",
    "sync.ScheduleMemory": "a protocol: ScheduleFile shows it",
    "sync.StoredState": "what SqliteState and PostgresState share; nobody makes one",
    "sync.SyncState": "a protocol: SqliteState fills it, and the records that it keeps show it",
    "sync.TroubleMemory": "a protocol: Trouble shows it",
    "sync.VariantsToPim": "needs a family variant in the PIM: examples/shapes/variants.py shows it",
    "testing.conformance.ErpConformance": "examine shows a class of it at work",
    "testing.sinks.ShopWorld": "a protocol: SinkConformance shows one",
}
"""What needs no example, and why."""


def names(room: str) -> list[str]:
    """The classes and functions of a room; aliases of types have no docstring of their own."""
    module = importlib.import_module(f"akeneo_erp_bridge.{room}")
    things = {name: getattr(module, name) for name in module.__all__}
    return [name for name, thing in things.items() if inspect.isclass(thing) or inspect.isfunction(thing)]


def is_shown(thing: object) -> bool:
    """Whether an example is in its docstring, or in that of one of its own methods."""
    own = [thing, *(vars(thing).values() if inspect.isclass(thing) else ())]
    return any(">>>" in (one.__doc__ or "") for one in own if one is thing or inspect.isroutine(one))


@pytest.mark.parametrize("room", ROOMS)
def test_everything_of_a_room_has_an_example(room: str) -> None:
    module = importlib.import_module(f"akeneo_erp_bridge.{room}")
    silent = [name for name in names(room) if not is_shown(getattr(module, name)) and f"{room}.{name}" not in WITHOUT]
    assert silent == []


def test_every_combinator_has_an_example() -> None:
    """With them the rules of a connector are composed."""
    combinators = ("map", "__rshift__", "__or__", "__and__", "required", "default", "when", "catch", "to", "feed")
    assert [name for name in combinators if not is_shown(getattr(Rule, name))] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_method_of_a_room_says_what_it_does(room: str) -> None:
    """Or leaves it to the method that it overrides, as `help` does: the `run` of a step counts in a mapping's identity."""
    module = importlib.import_module(f"akeneo_erp_bridge.{room}")
    silent = [
        f"{name}.{method}"
        for name in names(room)
        if inspect.isclass(getattr(module, name))
        for method, one in inspect.getmembers(getattr(module, name), inspect.isroutine)
        if not method.startswith("_") and str(getattr(one, "__module__", "")).startswith("akeneo_erp_bridge.")
        if not (inspect.getdoc(one) or "").strip()
    ]
    assert silent == []


def test_the_exceptions_are_there_and_need_to_be() -> None:
    for place, reason in WITHOUT.items():
        room, _, name = place.rpartition(".")
        assert name in names(room)
        assert not is_shown(getattr(importlib.import_module(f"akeneo_erp_bridge.{room}"), name)), place
        assert reason
