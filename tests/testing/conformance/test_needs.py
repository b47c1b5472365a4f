"""The page of laws says what the laws say, and needs what they need: a world without one method loses those laws."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from akeneo_erp_bridge.erp import HotReader, ItemWriter
from akeneo_erp_bridge.testing import conformance
from akeneo_erp_bridge.testing.conformance import LAWS, Certificate, ErpConformance, Faults, examine
from akeneo_erp_bridge.testing.conformance._worlds import FURTHER
from kit_erp import TOKEN, Adapter, Article, World

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "reference" / "conformance.md").read_text(encoding="utf-8")
ROWS = {
    int(row[0]): row[1:] for row in re.findall(r"^\| (\d+) \| (.*?) \| (.*?) \| (.*?) \|$", PAGE, flags=re.MULTILINE)
}


def methods(protocol: type[object]) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_")}


def only(thing: object, names: set[str]) -> SimpleNamespace:
    return SimpleNamespace(**{name: getattr(thing, name) for name in names})


def certificate_without(protocol: type[object]) -> Certificate:
    """What becomes of a world and an adapter that lack one protocol, and of them alone."""
    world_names = {"keys", "edit_cold", "erp"}.union(*map(methods, FURTHER)) - methods(protocol)
    reader = {"describe", "check", "read_items"}
    adapter_names = (reader | methods(HotReader) | methods(ItemWriter)) - methods(protocol)

    class Lacking(ErpConformance[Article]):
        item = Article
        secrets = (TOKEN,)
        many = 20  # too few for the laws of memory, which say so, and only after they have asked for `grown`

        def world(self) -> SimpleNamespace:
            return only(World(), world_names)

        def make_adapter(self, faults: Faults) -> SimpleNamespace:
            erp = self.world().erp
            return only(Adapter(erp, faults.transport(erp.transport())), adapter_names)

    return examine(Lacking, only=range(1, 29))


def named(column: int, name: str) -> list[int]:
    return [number for number, row in ROWS.items() if f"`{name}`" in row[column]]


@pytest.mark.parametrize("protocol", FURTHER, ids=lambda one: one.__name__)
def test_a_world_without_a_method_loses_the_laws_of_its_row(protocol: type[object]) -> None:
    certificate = certificate_without(protocol)
    lost = [number for number in certificate.absent if f"({protocol.__name__})" in certificate.rulings[number].reason]
    assert lost == named(1, protocol.__name__)
    assert lost, "a protocol that no law needs is not asked for"
    assert certificate.failed == []


@pytest.mark.parametrize("protocol", [HotReader, ItemWriter], ids=lambda one: one.__name__)
def test_an_adapter_without_a_protocol_loses_its_laws(protocol: type[object]) -> None:
    certificate = certificate_without(protocol)
    lost = [number for number in certificate.absent if f"({protocol.__name__})" in certificate.rulings[number].reason]
    assert lost == named(2, protocol.__name__)
    assert lost
    assert certificate.failed == []


def test_the_table_has_each_law_by_its_name() -> None:
    assert {number: row[0] for number, row in ROWS.items()} == {law.number: law.words for law in LAWS}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.test)
def test_a_law_stands_on_the_page_as_in_the_code(law: conformance.Law) -> None:
    heading = f"**{law.number}. {law.words[0].upper()}{law.words[1:]}.**"
    assert f"{heading} {law.text}" in " ".join(PAGE.split())
    assert law.test.startswith(f"test_{law.number:02d}_")


def test_the_page_describes_every_name() -> None:
    described = re.findall(r"^\.\. auto(?:class|function|data):: (\w+)$", PAGE, flags=re.MULTILINE)
    assert sorted(described) == sorted(conformance.__all__)


def test_each_law_is_held_under_its_own_number() -> None:
    """The number in a test's name is the one under which it leaves its remarks."""
    seen: list[int] = []

    class Counts(ErpConformance[Article]):
        item = Article

        def _hold(self, number: int, law: object) -> None:
            seen.append(number)

        def world(self) -> World:
            return World()

        def make_adapter(self, faults: Faults) -> Adapter:
            raise AssertionError

    examine(Counts)
    assert seen == list(range(1, 30))
