"""A relay has nothing of the PIM in reach: neither in its objects, nor in what its modules import."""

from __future__ import annotations

import ast
import gc
import types
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.commerce import CsvSink, SqliteSink, WebhookSink, price, sellable, stock_level
from akeneo_erp_bridge.sync import HotRelay, LogObserver, SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from relay_bench import FEEDS, ChangeLog, Offered, Shop, row

SRC = Path(__file__).parents[2] / "src"
PIM = "akeneo_erp_bridge.akeneo"


# ---- objects ----
def neighbours(one: object) -> Iterator[object]:
    """What an object holds. Of a function its closure and defaults: what its module holds, the other half looks at."""
    if isinstance(one, types.FunctionType):
        yield from (one.__closure__ or (), one.__defaults__ or (), one.__kwdefaults__ or {})
    elif not isinstance(one, type | types.ModuleType | types.CodeType | types.BuiltinFunctionType):
        yield from gc.get_referents(one)


def pim_objects(start: object) -> list[str]:
    """The classes of all that can be reached and is of the PIM's room."""
    seen: dict[int, object] = {}
    found: set[str] = set()
    waiting: list[object] = [start]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one  # held, or the next object may get its number
        kind = one if isinstance(one, type) else type(one)
        if (kind.__module__ or "").startswith(PIM):
            found.add(kind.__qualname__)
        waiting += neighbours(one)
    assert len(seen) > 100, "the walk has come to something"
    return sorted(found)


@pytest.fixture
def client() -> Iterator[AkeneoClient]:
    simulator = PimSimulator()
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        yield pim


def test_no_object_of_the_pim_is_reachable_from_a_relay(tmp_path: Path, client: AkeneoClient) -> None:
    """Also while a client lives beside it, which shares the process."""
    feeds = [
        *FEEDS,
        price(Offered.price, currency="EUR").feed("prices"),
        (stock_level(Offered.stock, location="MAIN") >> sellable()).feed("sellable"),
    ]
    with SqliteState(tmp_path / "state.db") as state, SqliteSink(tmp_path / "shop.db") as shop:
        webhook = WebhookSink("https://shop.example.com/offers", secret="a secret")
        for sink in (shop, webhook, CsvSink(tmp_path, feeds=["price"]), Shop()):
            relay = HotRelay(
                ChangeLog(row("A", price=1, stock=1)),
                feeds,
                sink,
                state,
                stamp=Offered.changed,
                observers=[LogObserver()],
            )
            if sink is shop:
                assert relay.run().written == 1
            assert pim_objects(relay) == []
        webhook.close()


@pytest.mark.parametrize("hidden", ["attribute", "closure", "partial", "default", "list"])
def test_a_client_that_somebody_hides_in_it_is_found(client: AkeneoClient, hidden: str) -> None:
    shop = Shop()
    hiding: dict[str, object] = {
        "attribute": client,
        "closure": lambda: client,
        "partial": partial(print, client),
        "default": lambda pim=client: pim,
        "list": [[{"a": (client,)}]],
    }
    shop.hidden = hiding[hidden]  # type: ignore[attr-defined]  # that is what is tested
    with SqliteState(":memory:") as state:
        assert "AkeneoClient" in pim_objects(HotRelay(ChangeLog(), FEEDS, shop, state))


# ---- modules ----
def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports when it runs, wherever in it that stands; not those for checkers alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unseen = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{one.name}" for one in node.names)


def reach(start: str, src: Path) -> dict[str, str]:
    """Every module of the package that can be reached from one, with the one that imports it."""
    found = {start: ""}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        place = src / Path(*name.split("."))
        path = place.with_suffix(".py") if place.with_suffix(".py").exists() else place / "__init__.py"
        if path.exists():
            new = [one for one in imported(path) if one.startswith("akeneo_erp_bridge.") and one not in found]
            found |= dict.fromkeys(new, name)
            waiting += new
    return found


def test_no_module_of_the_pim_is_imported_by_a_relay() -> None:
    found = reach("akeneo_erp_bridge.sync.hot_relay", SRC)
    assert {one: by for one, by in found.items() if one.startswith(PIM)} == {}
    assert {"akeneo_erp_bridge.commerce._webhook", "akeneo_erp_bridge.mapping._shapes._lines"} <= set(found)


def test_the_walk_finds_what_the_engine_imports_and_what_is_planted(tmp_path: Path) -> None:
    assert any(one.startswith(PIM) for one in reach("akeneo_erp_bridge.sync.engine", SRC))
    room = tmp_path / "akeneo_erp_bridge" / "sync"
    room.mkdir(parents=True)
    (room / "hot_relay.py").write_text("from akeneo_erp_bridge.sync import _deep\n")
    (room / "_deep.py").write_text("def f():\n    from akeneo_erp_bridge import akeneo\n")
    assert PIM in reach("akeneo_erp_bridge.sync.hot_relay", tmp_path)
