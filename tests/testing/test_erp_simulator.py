"""An ERP in memory: what people do in it, what goes wrong, and a connector that is tested with it in both directions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from akeneo_erp_bridge.erp import Choice, ErpItem, cold
from akeneo_erp_bridge.errors import ConfigurationError, CursorExpired, ErpConflict, ErpRefused, ErpUnreachable
from akeneo_erp_bridge.testing import ErpSimulator, ErpSimulatorAdapter
from akeneo_erp_bridge.testing.conformance import ErpConformance, Faults
from kit_tables import FIRST, Article


class SimulatorWorld:
    """The simulator as the kit's sandbox."""

    def __init__(self) -> None:
        rows = [{"number": f"A-{number:02d}", **FIRST, "name": f"Article {number}"} for number in range(12)]
        self.erp = ErpSimulator(Article, rows)
        self.edits = itertools.count()

    def keys(self) -> list[str]:
        return list(self.erp.rows)

    def edit_cold(self, key: str) -> None:
        self.erp.edit(key, name=f"Edit {next(self.edits)}")

    def edit_at_once(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.edit_cold(key)

    @contextmanager
    def edit_late(self, key: str) -> Iterator[None]:
        yield
        self.edit_cold(key)

    def edit_hot(self, key: str) -> None:
        self.erp.edit(key, stock=1000 + next(self.edits))

    def delete(self, key: str) -> None:
        self.erp.delete(key)

    def create(self, key: str, values: Mapping[str, object]) -> str:
        return self.erp.put({"number": key, **FIRST, **values})

    @contextmanager
    def broken(self, key: str) -> Iterator[None]:
        self.erp.edit(key, weight="heavy")
        try:
            yield
        finally:
            self.erp.edit(key, weight="1.50")

    @contextmanager
    def grown(self, count: int) -> Iterator[None]:
        for number in range(count):
            self.erp.put({"number": f"Z-{number:07d}", **FIRST})
        try:
            yield
        finally:
            for number in range(count):
                self.erp.delete(f"Z-{number:07d}")

    def draft(self, mark: str) -> Article:
        return Article({"number": f"N-{mark}", "name": "New"})


class TestErpSimulator(ErpConformance[Article]):
    item = Article
    many = 20_000

    def world(self) -> SimulatorWorld:
        return SimulatorWorld()

    def make_adapter(self, faults: Faults) -> ErpSimulatorAdapter[Article]:
        return self.world().erp.adapter(call=lambda: faults.call(lambda: ErpUnreachable("the line was cut")))


class Drill(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    group = cold(str, "groups[*].code").many()


FIELDS = frozenset({"number", "name"})


def read(adapter: ErpSimulatorAdapter[Drill], limit: int = 2) -> list[str]:
    return [
        f"{one.key} {one.name}" for page in adapter.read_items(None, fields=FIELDS, limit=limit) for one in page.items
    ]


def test_a_lost_answer_is_one_item_all_the_same() -> None:
    erp = ErpSimulator(Drill)
    adapter, draft = erp.adapter(), Drill({"number": "DR-18", "name": "Drill"})
    erp.fail_next(ErpUnreachable("cut"), times=2)
    erp.fail_next(ErpUnreachable("cut after the work"), moment="after")
    for _ in range(2):
        with pytest.raises(ErpUnreachable, match="^cut$"):
            adapter.write_item(draft, idempotency_key="one", if_version=None)
        assert erp.rows == {}
    with pytest.raises(ErpUnreachable, match="after the work"):
        adapter.write_item(draft, idempotency_key="one", if_version=None)
    assert [*erp.rows] == ["DR-18"]
    assert not adapter.write_item(draft, idempotency_key="one", if_version=None).created
    assert erp.calls == ["write_item"] * 4
    erp.forget_calls()
    assert erp.calls == []


def test_another_number_is_a_deletion_and_a_new_item_of_the_same_product() -> None:
    erp = ErpSimulator(Drill)
    adapter = erp.adapter()
    adapter.write_item(Drill({"number": "DR-18", "name": "Drill"}), idempotency_key="one", if_version=None)
    *_, before = adapter.read_items(None, fields=FIELDS, limit=9)
    erp.edit("DR-18", number="DR-19")
    (page,) = adapter.read_items(before.resume, fields=FIELDS, limit=9)
    assert ([one.key for one in page.items], page.tombstones) == (["DR-19"], ["DR-18"])
    found = adapter.find_by_key("one")
    assert found is not None
    assert (found.key, found.version) == ("DR-19", "2")
    erp.delete("DR-19")
    assert adapter.find_by_key("one") is None


def test_it_may_number_its_items_itself() -> None:
    erp = ErpSimulator(Drill, numbers=lambda count: f"{count:05d}", defaults={"name": "to be named"})
    made = erp.adapter().write_item(Drill({"name": "Drill"}), idempotency_key="one", if_version=None)
    assert made.ref.key == "00001"
    assert erp.put({}) == "00002"
    assert [row["name"] for row in erp.rows.values()] == ["Drill", "to be named"]


def test_it_refuses_what_an_erp_refuses() -> None:
    erp = ErpSimulator(Drill, [{"number": "DR-18", "name": "Drill"}])
    adapter = erp.adapter()
    with pytest.raises(ErpRefused, match="Drill 'DR-18': there is one already"):
        adapter.write_item(Drill({"number": "DR-18"}), idempotency_key="one", if_version=None)
    with pytest.raises(ErpRefused, match="it needs a 'number'"):
        adapter.write_item(Drill({"name": "Drill"}), idempotency_key="one", if_version=None)
    made = adapter.write_item(Drill({"number": "DR-19"}), idempotency_key="one", if_version=None)
    erp.edit("DR-19", name="Edited")
    with pytest.raises(ErpConflict, match="'DR-19' is at version 2, not 1; read it again"):
        adapter.write_item(Drill({"name": "Late"}), idempotency_key="one", if_version=made.ref.version)
    assert erp.rows["DR-19"]["name"] == "Edited"


def test_people_cannot_edit_what_is_not_there() -> None:
    erp = ErpSimulator(Drill, [{"number": "DR-18"}])
    with pytest.raises(ConfigurationError, match=r"ErpSimulator\(Drill, 1 items\) has no item 'DR-19'"):
        erp.edit("DR-19", name="Drill")
    with pytest.raises(ConfigurationError, match="has no item 'DR-19'"):
        erp.delete("DR-19")
    with pytest.raises(ConfigurationError, match="a row needs its key, 'number'"):
        erp.put({"name": "Drill"})


def test_a_cursor_is_good_for_its_own_erp() -> None:
    rows = [{"number": f"DR-{number}", "name": "Drill"} for number in range(5)]
    erp, other = ErpSimulator(Drill, rows), ErpSimulator(Drill, rows)
    assert len(read(erp.adapter())) == 5
    *_, page = erp.adapter().read_items(None, fields=FIELDS, limit=2)
    (last,) = erp.adapter().read_items(page.resume, fields=FIELDS, limit=2)
    assert last.items == []
    with pytest.raises(CursorExpired, match="all is read again"):
        next(other.adapter().read_items(page.resume, fields=FIELDS, limit=2))


def test_an_edit_between_two_pages_is_not_missed() -> None:
    erp = ErpSimulator(Drill, [{"number": f"DR-{number}", "name": "Drill"} for number in range(5)])
    pages = erp.adapter().read_items(None, fields=FIELDS, limit=2)
    seen = [one.key for one in next(pages).items]
    erp.edit("DR-0", name="Edited")
    seen += [one.key for page in pages for one in page.items]
    assert seen == ["DR-0", "DR-1", "DR-2", "DR-3", "DR-4", "DR-0"]


def test_it_finds_a_choice_within_lists() -> None:
    erp = ErpSimulator(
        Drill,
        [
            {"number": "DR-18", "groups": [{"code": "WZ"}, {"code": "NEW"}]},
            {"number": "SA-20", "groups": [{"code": "WZ"}]},
            {"number": "XX-1"},
        ],
    )
    pages = erp.adapter().read_some(Choice("groups[*].code", ("NEW",)), fields=FIELDS, limit=9)
    assert [one.key for page in pages for one in page.items] == ["DR-18"]
