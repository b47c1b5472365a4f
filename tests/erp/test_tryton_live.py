"""The connector of examples/tryton_import.py against a real Tryton server, into the simulator."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Category, Metric, Price, Product
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import TrytonAdapter
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator

ROOT = Path(__file__).parents[2]
LANGUAGES = {"en_US": "en", "fr_FR": "fr", "de_DE": "de"}


def module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found  # attrs looks the module of a class up
    spec.loader.exec_module(found)
    return found


example = module("tryton_import", ROOT / "examples" / "tryton_import.py")
catalog = module("tryton_catalog", ROOT / "tools" / "tryton" / "catalog.py")
VARIANTS = {variant.sku: (template, variant) for template in catalog.build(200) for variant in template.variants}


@pytest.fixture(scope="module")
def tryton() -> Iterator[Any]:
    up = [sys.executable, str(ROOT / "tools" / "tryton" / "up.py")]
    started = subprocess.run(
        [*up, "up", "--fresh", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True, check=False
    )
    assert started.returncode == 0
    facts = json.loads(started.stdout)
    yield example.Connection(facts["url"], facts["database"], facts["user"], facts["password"])
    subprocess.run([*up, "down"], check=True)


@pytest.fixture(scope="module")
def simulator() -> PimSimulator:
    made: PimSimulator = example.furnished()
    return made


@pytest.fixture(scope="module")
def pim(simulator: PimSimulator) -> Iterator[AkeneoClient]:
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as client:
        yield client


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteState]:
    with SqliteState(tmp_path_factory.mktemp("tryton") / "bridge.db") as one:
        yield one


@pytest.fixture(scope="module")
def groups(tryton: Any, pim: AkeneoClient, state: SqliteState) -> ErpToPim[Any]:
    job = ErpToPim(tryton.adapter(example.Group, "product.category"), example.GROUPS, pim, state)
    report = job.run()
    assert report.accounts_for_everything()
    assert (report.created, report.parked) == (len(catalog.CATEGORIES), 0), report
    return job


@pytest.fixture(scope="module")
def variants(tryton: Any, groups: ErpToPim[Any], pim: AkeneoClient, state: SqliteState) -> ErpToPim[Any]:
    job = ErpToPim(tryton.adapter(example.Variant, "product.product"), example.PRODUCTS, pim, state)
    report = job.run()
    assert report.accounts_for_everything()
    assert (report.created, report.parked) == (len(VARIANTS), 0), report
    return job


@pytest.fixture
def products(variants: ErpToPim[Any], pim: AkeneoClient) -> dict[str, Product]:
    return {str(one.values.text("sku")): one for one in pim.products.list()}


def test_every_category_is_there_below_its_parent_in_three_languages(groups: ErpToPim[Any], pim: AkeneoClient) -> None:
    found: dict[str, Category] = {str(one.code): one for one in pim.categories.list()}
    for code, parent, names in catalog.CATEGORIES:
        assert found[code].parent == (parent or "erp")
        assert found[code].labels == {locale: names[language] for locale, language in LANGUAGES.items()}
    assert len(found) == len(catalog.CATEGORIES) + 1


def test_every_variant_is_there_with_its_translations(products: dict[str, Product]) -> None:
    assert products.keys() == VARIANTS.keys()
    for number, (template, variant) in VARIANTS.items():
        product = products[number]
        for locale, language in LANGUAGES.items():
            assert product.values.text("name", locale=locale) == template.name[language], number
            assert product.values.text("description", locale=locale) == template.text[language], number
        assert list(product.categories) == [template.category]
        assert product.values.text("ean") == variant.ean


def test_measurements_options_and_reference_prices_are_what_tryton_has(products: dict[str, Product]) -> None:
    shirt, table = products["TSH-ROM-S-BLK"], products["DSK-120"]
    assert shirt.values.metric("weight") == Metric(Decimal(180), "GRAM")
    assert table.values.metric("weight") == Metric(Decimal(23), "KILOGRAM")
    assert (shirt.family, table.family) == ("clothing", "goods")
    assert (shirt.values.option("colour"), shirt.values.option("size")) == ("BLK", "S")
    assert shirt.values.prices("reference_price") == (Price(Decimal("19.90"), "EUR"),)


def test_no_change_no_call(groups: ErpToPim[Any], variants: ErpToPim[Any], simulator: PimSimulator) -> None:
    simulator.forget_calls()
    for job in (groups, variants):
        report = job.run()
        assert (report.written, report.parked) == (0, 0), report
    assert simulator.mutating_calls == []


def test_one_change_in_tryton_is_one_change_in_the_pim(
    tryton: Any, variants: ErpToPim[Any], simulator: PimSimulator, pim: AkeneoClient, products: dict[str, Product]
) -> None:
    before = products["DSK-120"]
    example.rename(tryton, "DSK-120", "fr", "Bureau 120 cm en chêne massif")
    (change,) = variants.plan().changes
    assert [(change.key, one.cell, one.old, one.new) for one in change.cells.values()] == [
        ("DSK-120", "name[fr_FR]", "Bureau 120 cm", "Bureau 120 cm en chêne massif")
    ]
    simulator.forget_calls()
    report = variants.run()
    assert (report.updated, report.cells, len(simulator.mutating_calls)) == (1, 1, 1), report
    after = pim.products.get(before.uuid)
    assert after.values.text("name", locale="fr_FR") == "Bureau 120 cm en chêne massif"
    assert after.values.text("name", locale="de_DE") == before.values.text("name", locale="de_DE")


def test_a_delta_reads_what_changed_and_not_everything(tryton: Any) -> None:
    erp = TrytonAdapter(
        tryton.url, tryton.database, tryton.user, tryton.password, example.Variant, model="product.product",
        overlap=timedelta(0),
    )  # fmt: skip
    fields = frozenset({"code", "name"})
    first = list(erp.read_items(None, fields=fields, limit=64))
    assert sum(len(page.items) for page in first) == len(VARIANTS)
    example.rename(tryton, "LMP-01", "en", "Desk lamp Luna II")
    delta = list(erp.read_items(first[-1].resume, fields=fields, limit=64))
    names = {one.key: one.english for page in delta for one in page.items}
    assert names["LMP-01"] == "Desk lamp Luna II"
    assert len(names) <= 2, "what changed, and perhaps the newest of the round before, which is asked for again"
    assert [one.key for page in erp.read_items(delta[-1].resume, fields=fields, limit=64) for one in page.items] == [
        "LMP-01"
    ]


def test_the_archived_product_is_a_tombstone(tryton: Any) -> None:
    erp: TrytonAdapter[Any] = tryton.adapter(example.Variant, "product.product")
    pages = list(erp.read_items(None, fields=frozenset({"code"}), limit=64))
    assert [key for page in pages for key in page.tombstones] == ["CAP-OLD"]
    assert sum(len(page.items) for page in pages) == len(VARIANTS)


def test_stock_goes_to_the_shop_and_never_near_the_pim(
    tryton: Any, variants: ErpToPim[Any], simulator: PimSimulator, state: SqliteState, tmp_path: Path
) -> None:
    simulator.forget_calls()
    with SqliteSink(tmp_path / "shop.db") as shop:
        report = HotRelay(tryton.adapter(example.Offered, "product.product"), example.FEEDS, shop, state).run()
        assert (report.written, report.parked) == (len(VARIANTS), 0)
        shirt = shop.offer("TSH-ROM-S-WHT")
        stock = VARIANTS["TSH-ROM-S-WHT"][1].stock
        assert Decimal(str(shirt["price"])) == Decimal("19.90")
        assert Decimal(str(shirt["available"])) == sum(stock.values())
    assert simulator.calls == []
