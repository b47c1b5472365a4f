"""The whole circle, by a person with a browser: connect, choose, import, watch, decide, stop, and what a kill leaves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from akeneo_erp_bridge.testing import merchant
from app_bench import Bench, bench, connect
from chromium import Tab

READ = "Number(document.querySelector('[data-count=read]').textContent)"
MANY = 2600
AT_REST = "document.getElementById('last')"


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Bench]:
    """With more articles than are read ahead of what is written."""
    with bench(tmp_path, articles=MANY) as one:
        yield one


def text(tab: Tab) -> str:
    found: str = tab.find("document.querySelector('main').innerText")
    return found


def counts(tab: Tab) -> dict[str, int]:
    found = tab.find(
        "Object.fromEntries([...document.querySelectorAll('[data-count]')].map(e => [e.dataset.count, e.textContent]))"
    )
    return {name: int(number) for name, number in found.items()}


def name(world: Bench, key: str) -> str | None:
    found: str | None = world.products()[key].values.text("name", locale="en_US")
    return found


def test_julia_imports_what_she_ticked_and_decides_what_is_left(tab: Tab, world: Bench) -> None:
    tab.open(f"{world.url}/")
    assert tab.find("location.pathname") == "/connect", "a stranger sees the door and nothing else"
    connect(tab, world)
    assert "The App is connected to the PIM." in text(tab)

    # what: no descriptions, but pictures
    tab.open(f"{world.url}/choose")
    tab.find("['texts', 'pictures'].forEach(one => document.getElementById(`group-${one}`).click())")
    tab.click("main form button")
    assert "The PIM has a place for all of it." in text(tab)

    # the import, watched: the numbers change, and the page is the same
    world.hold_the_end()
    tab.open(f"{world.url}/")
    tab.click("button[value=full]")
    tab.find("window.isSame = true")
    tab.until(f"{READ} > 0")
    seen = counts(tab)
    assert 0 < seen["read"] < 600
    assert tab.find("document.querySelector('progress').value") == seen["read"]
    assert tab.find("window.isSame"), "it changed without a reload"
    assert "Articles read from the ERP" in tab.find("document.getElementById('live').textContent")
    world.gate.open()
    tab.until(AT_REST)
    done = counts(tab)
    assert (done["read"], done["created"] + done["parked"], done["parked"]) == (600, 600, 43)
    products = world.products()
    assert len(products) == done["created"]
    assert all(one.values.text("description", locale="en_US", channel="ecommerce") is None for one in products.values())
    assert sum(1 for one in products.values() if one.values.has("picture")) > 20

    # what could not be imported, in words
    tab.click("nav a[href='/not-imported']")
    told = text(tab)
    assert "43 articles could not be imported." in told
    assert "Weight is not a number that can be read (12 articles)" in told
    assert "Write it as a number in the ERP, such as 1,250." in told
    assert "Name (English) is missing (9 articles)" in told
    assert "parked" not in told.lower()
    assert tab.find("document.querySelectorAll('main section tbody tr').length") == 43

    # two versions: one stays, one goes
    renamed = merchant.rename(world.erp, count=2)
    world.edit(*renamed)
    tab.open(f"{world.url}/")
    tab.click("button[value=full]")
    tab.until(AT_REST)
    tab.click("nav a[href='/decide']")
    assert tab.find("document.querySelectorAll('section.versions').length") == 2
    first, second = (
        each.partition(":")[0]
        for each in tab.find("[...document.querySelectorAll('section h2')].map(e => e.textContent)")
    )
    assert {first, second} == set(renamed)
    assert tab.find("document.querySelector('section mark') !== null"), "what differs is marked"
    tab.click("section button[value=erp]")
    assert "The ERP’s version will be written by the next import." in text(tab)
    tab.click("section button[value=pim]")
    tab.open(f"{world.url}/")
    tab.click("button[value=new]")
    tab.until(AT_REST)
    assert name(world, first) != f"Better {first}"
    assert name(world, second) == f"Better {second}"
    tab.open(f"{world.url}/decide")
    assert "There is nothing to decide." in text(tab)

    # the report and the log
    tab.open(f"{world.url}/history")
    assert tab.find("document.querySelectorAll('tbody tr').length") == 3
    links = tab.find("[...document.querySelectorAll('tbody tr:first-child a[download]')].map(e => e.href)")
    fetch = "fetch({}).then(answer => answer.text())"
    page, data, table = (tab.find(fetch.format(json.dumps(link))) for link in links)
    assert page.startswith("<!doctype html>")
    assert json.loads(data)["counts"]["parked"] + 0 >= 0
    assert len([one for one in json.loads(data)["left_to_do"] if one["what"] == "not imported"]) == 43
    assert table.lstrip("\ufeff").startswith("article,what,place,reason")
    tab.click("tbody tr:first-child a[href^='/history/']")
    assert "The import began." in text(tab)


def test_some_articles_by_number_and_by_category(tab: Tab, world: Bench) -> None:
    connect(tab, world)
    number = merchant.rename(world.erp, count=1)[0]
    tab.fill("#keys", f"{number}\n  \nno-such-article")
    tab.click("button[value=keys]")
    tab.until(AT_REST)
    assert list(world.products()) == [number]
    assert "Chosen articles" in text(tab)
    tab.find("document.querySelector('#category').value = 'WZ-110'")
    tab.click("button[value=category]")
    tab.until(AT_REST)
    assert {one.family for sku, one in world.products().items() if sku != number} == {"power_tools"}
    for field, button in (("keys", "keys"), ("category", "category")):
        tab.click(f"button[value={button}]")
        assert "The import has not started" in text(tab)
        assert tab.find(f"document.getElementById('{field}').getAttribute('aria-invalid')") == "true"


def test_an_article_that_was_corrected_is_tried_again(tab: Tab, world: Bench) -> None:
    connect(tab, world)
    tab.click("button[value=full]")
    tab.until(AT_REST)
    tab.open(f"{world.url}/not-imported")
    key = tab.find("document.querySelector('section tbody th bdi').textContent")
    with closing(sqlite3.connect(world.erp)) as erp, erp:
        erp.execute("UPDATE articles SET net_weight = '1,0' WHERE number = ?", (key,))
    assert key not in world.products()
    tab.click("section tbody form button")
    tab.until(AT_REST)
    assert key in world.products()
    tab.open(f"{world.url}/not-imported")
    assert "42 articles could not be imported." in text(tab)


def test_a_stopped_import_goes_on_where_it_was(tab: Tab, large: Bench) -> None:
    connect(tab, large)
    large.hold_the_end()
    tab.click("button[value=full]")
    tab.until(f"{READ} > 0")
    assert large.gate.held.wait(60)
    tab.click("#progress button")
    assert tab.find("document.querySelector('#progress button').disabled")
    # decisions wait meanwhile
    tab.open(f"{large.url}/not-imported")
    assert tab.find("[...document.querySelectorAll('main button')].every(e => e.disabled)")
    tab.open(f"{large.url}/")
    large.gate.open()
    tab.until(AT_REST)
    assert "Stopped, as somebody asked; the next import goes on there." in text(tab)
    assert len(large.products()) < MANY - 43
    tab.click("button[value=new]")
    tab.until(AT_REST)
    assert 0 < counts(tab)["read"] < MANY, "it went on, and did not begin anew"
    assert len(large.products()) == MANY - 43


def test_a_killed_import_goes_on_by_itself_when_the_app_is_back(tab: Tab, large: Bench) -> None:
    connect(tab, large)
    large.hold_the_end()
    tab.click("button[value=full]")
    tab.until(f"{READ} > 0")
    assert large.gate.held.wait(60)
    large.kill()
    large.gate.open()
    large.start()
    tab.open(f"{large.url}/")
    assert tab.find("location.pathname") == "/", "Julia is signed in still"
    tab.until(AT_REST)
    assert "Finished." in text(tab)
    assert 0 < counts(tab)["read"] < MANY, "it went on, and did not begin anew"
    assert len(large.products()) == MANY - 43
    assert not (large.data / "running.json").exists()


def test_an_import_that_ends_with_the_program_goes_on_with_it_too(tab: Tab, large: Bench) -> None:
    connect(tab, large)
    large.hold_the_end()
    tab.click("button[value=full]")
    tab.until(f"{READ} > 0")
    assert large.gate.held.wait(60)
    assert large.process is not None
    large.process.terminate()
    assert large.process.stdout is not None
    while "goes on at the next start" not in large.process.stdout.readline():
        pass
    large.gate.open()
    large.end()
    assert len(large.products()) < MANY - 43
    assert (large.data / "running.json").exists()
    large.start()
    tab.open(f"{large.url}/")
    tab.until(AT_REST)
    assert len(large.products()) == MANY - 43


def test_without_scripts_the_page_reloads_itself(tab: Tab, world: Bench) -> None:
    connect(tab, world, with_scripts=False)
    world.hold_the_end()
    tab.click("button[value=full]")
    while not 0 < counts(tab)["read"] < 600:
        tab.loaded_again()
    world.gate.open()
    while tab.find("document.getElementById('progress') !== null"):
        tab.loaded_again()
    assert counts(tab)["parked"] == 43
