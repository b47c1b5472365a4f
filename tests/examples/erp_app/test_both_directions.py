"""Products that are born in the PIM, by a person with a browser: tagged, sent, weighed in the ERP, and brought back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, ProductUuid
from akeneo_erp_bridge.testing import Fault, merchant
from app_bench import Bench, bench, connect, csrf, finished, post, sign_in, visitor
from chromium import Tab
from webhooks import webhook_served

UUID = "9e2c8a54-7d1f-4b0e-8a55-0d6c1f0a7b11"
AT_REST = "document.getElementById('last')"
CHOICES = {
    "rhythm": "hand",
    "at": "02:30",
    "minutes": "15",
    "send-rhythm": "hand",
    "send-at": "02:30",
    "send-minutes": "15",
}


@pytest.fixture
def julia(world: Bench) -> Iterator[httpx.Client]:
    """Without a window, and with sending switched on."""
    with visitor(world) as one:
        sign_in(one, world)
        switch_on(one)
        yield one


def switch_on(http: httpx.Client, **more: str) -> None:
    answer = http.post("/choose", data={"csrf": csrf(http), "group": ["names"], "sends": "on", **CHOICES, **more})
    assert "The PIM has a place for all of it." in answer.text


def text(tab: Tab) -> str:
    found: str = tab.find("document.querySelector('main').innerText")
    return found


def counts(tab: Tab, what: str) -> dict[str, int]:
    found = tab.find(
        f"Object.fromEntries([...document.querySelectorAll('[data-{what}]')].map(e => [e.dataset.{what}, e.textContent]))"
    )
    return {name: int(number) for name, number in found.items()}


def sent(tab: Tab, world: Bench) -> dict[str, int]:
    """Press the button, and wait for the end."""
    tab.open(f"{world.url}/")
    tab.click("form[action='/send'] button")
    tab.until(AT_REST)
    return counts(tab, "sent")


def test_the_whole_circle(tab: Tab, world: Bench) -> None:
    connect(tab, world)
    assert "Switched off: what is made in the PIM stays there." in text(tab)
    assert tab.find("document.querySelector(\"nav a[href='/not-sent']\")") is None

    # choose
    tab.click("a[href='/choose#sends']")
    told = text(tab)
    assert "Article number, Name (English), Name (German), On or off" in told
    assert "Weight, Length, Barcode" in told
    assert not tab.find("document.getElementById('sends').checked"), "off, until somebody wants it"
    tab.find("document.getElementById('sends').click()")
    tab.click("main form button")
    assert "The PIM has a place for all of it." in text(tab)

    # a colleague makes products in the PIM, and tags two of them
    world.make("NEW-1", "NEW-2")
    world.make("DRAFT-1", is_tagged=False)
    assert sent(tab, world) == {"read": 2, "created": 2, "updated": 0, "unchanged": 0, "parked": 0}
    assert "The last sending" in text(tab)
    articles = world.articles()
    assert [(one["number"], one["name_en"], one["name_de"], one["active"]) for one in articles] == [
        ("NEW-1", "New NEW-1", "Neu NEW-1", "J"), ("NEW-2", "New NEW-2", "Neu NEW-2", "J"),
    ]  # fmt: skip
    assert [one["pim_key"] for one in articles] == [str(world.products()[one["number"]].uuid) for one in articles]
    assert world.value("NEW-1", "erp_state") == "exported"

    # the ERP's people weigh one; it comes back, and the import does not touch what came from the PIM
    world.correct("NEW-1", net_weight="1,250", weight_unit="KG", ean="4012000000018", category="WZ-110")
    assert sent(tab, world)["created"] == 0
    assert counts(tab, "back") == {"read": 2, "updated": 1, "unchanged": 1, "held": 0, "parked": 0}
    assert world.value("NEW-1", "weight") == {"amount": "1.2500", "unit": "KILOGRAM", "symbol": "kg"}
    assert world.value("NEW-1", "ean") == "4012000000018"
    tab.click("button[value=full]")
    tab.until(AT_REST)
    assert counts(tab, "count") == {"read": 600, "created": 557, "updated": 0, "unchanged": 0, "held": 0, "parked": 43}
    assert len(world.products()) == 557 + 3
    tab.fill("#keys", "NEW-1")
    tab.click("button[value=keys]")
    tab.until(AT_REST)
    assert counts(tab, "count")["read"] == 0
    assert world.products()["NEW-1"].categories == (), "the import leaves it alone"

    # what changes in the PIM travels on, and what nobody changed is written nowhere
    world.change("NEW-1", name="Better")
    assert sent(tab, world)["updated"] == 1
    assert [one["name_en"] for one in world.articles()] == ["Better", "New NEW-2"]
    assert sent(tab, world) == {"read": 2, "created": 0, "updated": 0, "unchanged": 2, "parked": 0}

    # the history tells the directions apart
    tab.open(f"{world.url}/history")
    ways = tab.find("[...document.querySelectorAll('td[data-label=Direction]')].map(e => e.textContent)")
    assert ways.count("ERP to PIM") == 2
    assert ways.count("PIM to ERP") == ways.count("Back to the PIM") == 4
    assert ways[:2] == ["Back to the PIM", "PIM to ERP"], "the newest first"
    links = tab.find("[...document.querySelectorAll('tbody tr:nth-child(2) a[download]')].map(e => e.href)")
    page, data, _ = (tab.find(f"fetch({json.dumps(link)}).then(answer => answer.text())") for link in links)
    assert page.startswith("<!doctype html>")
    assert json.loads(data)["counts"]["unchanged"] == 2
    tab.click("tbody tr:nth-child(2) a[href^='/history/']")
    assert "The sending began." in text(tab)
    assert "PIM to ERP: what was tagged or changed" in text(tab)


def test_a_refused_product_is_told_by_its_reason_and_sent_again(tab: Tab, world: Bench) -> None:
    taken = merchant.rename(world.erp, count=1)[0]
    connect(tab, world)
    tab.open(f"{world.url}/choose")
    tab.find("document.getElementById('sends').click()")
    tab.click("main form button")
    world.make("NEW-1")
    world.make("NEW-2", name="")
    world.make(taken)
    assert sent(tab, world)["parked"] == 2
    assert "2 products could not be sent or brought back" in text(tab)
    assert [one["number"] for one in world.articles()] == ["NEW-1"], "no article of the ERP is taken over"
    tab.click("nav a[href='/not-sent']")
    told = text(tab)
    assert "The ERP did not take it (2 products)" in told
    assert "NEW-2" in told
    assert "an article needs an English name; give the product one" in told
    assert f"the number '{taken}' is that of another article; give the product another" in told
    assert world.value("NEW-2", "erp_state") == "failed"
    assert world.value("NEW-2", "erp_message") == "an article needs an English name; give the product one"

    # corrected in the PIM, and tried again: this one alone
    world.change("NEW-2", name="Named now")
    tab.find(
        "[...document.querySelectorAll('tbody tr')].find(e => e.textContent.includes('NEW-2')).querySelector('button').id = 'it'"
    )
    tab.click("#it")
    tab.until(AT_REST)
    assert counts(tab, "sent") == {"read": 1, "created": 1, "updated": 0, "unchanged": 0, "parked": 0}
    assert "Chosen products" in text(tab)
    assert [one["name_en"] for one in world.articles()] == ["New NEW-1", "Named now"]
    assert not world.products()["NEW-2"].values.has("erp_message")

    # and all that is left
    world.change(taken, sku="NEW-3")
    tab.open(f"{world.url}/not-sent")
    tab.click("main form button")
    tab.until(AT_REST)
    assert [one["number"] for one in world.articles()] == ["NEW-1", "NEW-2", "NEW-3"]
    tab.open(f"{world.url}/not-sent")
    assert "The ERP has all products that were to be sent" in text(tab)


def test_some_products_by_number(tab: Tab, world: Bench) -> None:
    connect(tab, world)
    tab.open(f"{world.url}/choose")
    tab.find("document.getElementById('sends').click()")
    tab.click("main form button")
    world.make("NEW-1", "NEW-2")
    world.make("NEW-3", is_tagged=False)
    tab.open(f"{world.url}/")
    tab.fill("#numbers", "new-3\nNEW-9")
    tab.click("form[action='/send/part'] button")
    assert "The PIM has no product with the number NEW-9." in text(tab)
    assert "The sending has not started" in text(tab)
    assert tab.find("document.getElementById('numbers').getAttribute('aria-invalid')") == "true"
    tab.fill("#numbers", "new-3")
    tab.click("form[action='/send/part'] button")
    tab.until(AT_REST)
    assert [one["number"] for one in world.articles()] == ["NEW-3"], "what is asked for by its number needs no tag"
    assert world.value("NEW-1", "erp_state") == "to_export"


def test_what_the_erp_changed_of_the_pims_is_decided(tab: Tab, world: Bench) -> None:
    connect(tab, world)
    tab.open(f"{world.url}/choose")
    tab.find("document.getElementById('sends').click()")
    tab.click("main form button")
    world.make("NEW-1", "NEW-2")
    sent(tab, world)
    for number in ("NEW-1", "NEW-2"):
        world.correct(number, name_en=f"Theirs {number}")
    sent(tab, world)
    assert "2 values to decide about" in text(tab)
    tab.click("nav a[href='/decide']")
    heads = tab.find("[...document.querySelectorAll('section h2')].map(e => e.textContent)")
    assert sorted(heads) == ["NEW-1: Name (English)", "NEW-2: Name (English)"]
    assert "its people have changed there what is the PIM’s; it was sent as" in " ".join(text(tab).split())
    first = heads[0].partition(":")[0]
    (second,) = {"NEW-1", "NEW-2"} - {first}
    tab.click("section button[value=pim]")
    assert "The PIM’s version goes to the ERP with the next sending." in text(tab)
    tab.click("section button[value=erp]")
    assert "There is nothing to decide." in text(tab)
    sent(tab, world)
    names = {one["number"]: one["name_en"] for one in world.articles()}
    assert names == {first: f"New {first}", second: f"Theirs {second}"}


def test_what_somebody_changed_in_the_pim_of_the_erps_is_decided(world: Bench, julia: httpx.Client) -> None:
    world.make("NEW-1")
    for ean, edited in (("4012000000018", "4012000000025"), ("4012000000032", None)):
        post(julia, "/send", kind="tagged")
        finished(julia)
        world.correct("NEW-1", ean=ean)
        if edited:
            post(julia, "/send", kind="tagged")
            finished(julia)
            world.change("NEW-1", ean=edited)
    post(julia, "/send", kind="full")
    finished(julia)
    page = julia.get("/decide").text
    assert page.count("Keep the PIM") == 1
    assert "4012000000018" in page
    answer = post(julia, "/decide", stream="exports back", key="NEW-1", cell="ean", take="erp")
    assert answer.headers["location"] == "/decide?said=coming"
    assert "the next sending brings the ERP’s version" in julia.get("/decide").text
    post(julia, "/send", kind="tagged")
    finished(julia)
    assert world.value("NEW-1", "ean") == "4012000000032"
    assert "There is nothing to decide." in julia.get("/decide").text


def test_what_cannot_come_back_is_told(world: Bench, julia: httpx.Client) -> None:
    world.make("NEW-1")
    post(julia, "/send", kind="tagged")
    finished(julia)
    world.correct("NEW-1", net_weight="ca. 2", weight_unit="KG")
    post(julia, "/send", kind="tagged")
    finished(julia)
    page = julia.get("/not-sent").text
    assert "Not brought back" in page
    assert "Weight is not a number that can be read" in page
    world.correct("NEW-1", net_weight="2,0")
    post(julia, "/send/retry")
    finished(julia)
    assert "Not brought back" not in julia.get("/not-sent").text
    assert world.value("NEW-1", "weight") == {"amount": "2.0000", "unit": "KILOGRAM", "symbol": "kg"}


def has_tagged(tab: Tab, world: Bench, count: int) -> None:
    """Somebody has switched sending on and tagged some products, and looks at the first page."""
    connect(tab, world)
    tab.open(f"{world.url}/choose")
    tab.find("document.getElementById('sends').click()")
    tab.click("main form button")
    world.make(*(f"NEW-{n:03d}" for n in range(count)))
    tab.open(f"{world.url}/")


def test_a_stopped_sending_goes_on_where_it_was(tab: Tab, world: Bench) -> None:
    has_tagged(tab, world, 150)
    world.gate.hold()  # the tags of the first page cannot move
    tab.click("form[action='/send'] button")
    assert world.gate.held.wait(60)
    assert "Products are being sent" in text(tab)
    tab.click("#progress button")
    assert tab.find("document.querySelector('#progress button').disabled")
    world.gate.open()
    tab.until(AT_REST)
    assert "Stopped, as somebody asked; the next sending goes on there." in text(tab)
    assert len(world.articles()) == 100
    assert sent(tab, world)["created"] == 50
    assert len(world.articles()) == 150


def test_progress_is_told_while_products_are_sent(tab: Tab, world: Bench) -> None:
    has_tagged(tab, world, 150)
    world.gate.hold_after(1)
    tab.click("form[action='/send'] button")
    assert world.gate.held.wait(60)
    tab.until("Number(document.querySelector('[data-count=created]').textContent) === 100")
    assert tab.find("document.querySelector('#progress label').textContent") == "Products on their way to the ERP"
    world.gate.open()
    tab.until(AT_REST)
    assert len(world.articles()) == 150


@pytest.mark.parametrize("how", ["killed", "killed, and its memory is lost", "ended"])
def test_a_sending_that_ended_with_its_process_goes_on_by_itself(
    tab: Tab, world: Bench, julia: httpx.Client, how: str
) -> None:
    world.make("NEW-1", "NEW-2", "NEW-3")
    world.gate.hold()  # the articles are made, and the tags have not moved
    post(julia, "/send", kind="tagged")
    assert world.gate.held.wait(60)
    assert len(world.articles()) == 3
    marker = json.loads((world.data / "running.json").read_text())
    assert (marker["direction"], marker["kind"]) == ("send", "new")
    if how.startswith("killed"):
        world.kill()
        world.gate.open()
        for file in world.data.glob("bridge.db*") if "lost" in how else ():
            file.unlink()
    else:
        assert world.process is not None
        world.process.terminate()
        world.gate.open()
        world.end()
    world.start()
    connect(tab, world)
    tab.until(AT_REST)
    assert len(world.articles()) == 3, "one article for each product"
    assert {world.value(f"NEW-{n}", "erp_state") for n in (1, 2, 3)} == {"exported"}
    assert not (world.data / "running.json").exists()


def test_a_kill_in_the_middle_of_a_part(world: Bench, julia: httpx.Client) -> None:
    world.make("NEW-1", "NEW-2", is_tagged=False)
    world.gate.hold()  # nothing is tagged yet
    post(julia, "/send/part", numbers="NEW-1")
    assert world.gate.held.wait(60)
    world.kill()
    world.gate.open()
    world.start()
    sign_in(julia, world)
    finished(julia)
    assert [one["number"] for one in world.articles()] == ["NEW-1"]


def test_one_thing_at_a_time(world: Bench, julia: httpx.Client) -> None:
    world.make("NEW-1")
    world.gate.hold()
    post(julia, "/send", kind="tagged")
    assert world.gate.held.wait(60)
    for path, form in (("/send", {}), ("/import", {"kind": "new"}), ("/send/part", {"numbers": "NEW-1"})):
        answer = post(julia, path, **form)
        assert (answer.status_code, "products are being sent already" in answer.text) == (409, True), path
    answer = post(julia, "/decide", stream="exports", key="1", cell="name", take="pim")
    assert "products are being sent; decide when it has ended" in answer.text
    world.gate.open()
    finished(julia)
    assert post(julia, "/decide", stream="exports", key="1", cell="name", take="pim").status_code == 409
    assert post(julia, "/decide", stream="other", key="1", cell="name", take="pim").status_code == 422


def test_nothing_is_sent_where_it_is_switched_off(world: Bench, julia: httpx.Client) -> None:
    world.make("NEW-1")
    julia.post("/choose", data={"csrf": csrf(julia), "group": ["names"], **CHOICES})
    for path, form in (("/send", {}), ("/send/part", {"numbers": "NEW-1"}), ("/send/retry", {})):
        assert post(julia, path, **form).status_code == 409
    assert world.articles() == []


def test_a_pim_without_the_tag_is_told(tmp_path: Path) -> None:
    with bench(tmp_path, is_prepared=False) as world, visitor(world) as julia:
        sign_in(julia, world)
        answer = julia.post("/choose", data={"csrf": csrf(julia), "group": ["names"], "sends": "on", **CHOICES})
        told = unescape(answer.text)
        assert "nothing will run until this is mended in the PIM" in told
        assert "the PIM has no attribute 'erp_state' for the tag" in told
        assert "the PIM has no attribute 'erp_message'" in told
        post(julia, "/send", kind="tagged")
        finished(julia)
        assert "the PIM has no place for some of the fields" in julia.get("/").text
        # nor can anything be tagged, which must not look as if it were sent
        with world.simulator.client() as pim:
            pim.products.upsert(ProductPatch(uuid=ProductUuid(UUID), values=[Value(AttributeCode("sku"), "NEW-1")]))
        post(julia, "/send/part", numbers="NEW-1")
        finished(julia)
        assert "Failed: the PIM does not take the tag of 1 of 1 products" in julia.get("/").text


def test_choices_that_cannot_be_read_are_told_on_a_page(world: Bench, julia: httpx.Client) -> None:
    (world.data / "choices.json").write_text(
        '{"ticked": [], "rhythm": "hand", "at": "02:30", "minutes": 5, "sending": 1}'
    )
    answer = julia.get("/choose")
    assert (answer.status_code, "mend or delete it" in answer.text) == (400, True)
    assert julia.get("/not-sent").status_code == 200


def test_the_schedule_sends(tmp_path: Path) -> None:
    with bench(tmp_path) as world, visitor(world) as julia:
        sign_in(julia, world)
        switch_on(julia, **{"send-rhythm": "minutes", "send-minutes": "5"})
        page = julia.get("/").text
        assert page.count("The next one starts by itself") == 1
        world.make("NEW-1")
        world.end()
        # the last sending was an hour ago
        memory = json.loads((world.data / "schedule-send.json").read_text())
        memory["delta"]["ended"] = "2024-01-01T00:00:00+00:00"
        (world.data / "schedule-send.json").write_text(json.dumps(memory))
        world.start()
        sign_in(julia, world)
        for _ in range(600):
            if world.articles():
                break
            finished(julia)
            time.sleep(0.1)
        finished(julia)
        assert [one["number"] for one in world.articles()] == ["NEW-1"]
        assert world.value("NEW-1", "erp_state") == "exported"


def test_somebody_is_told_when_a_sending_fails_and_when_it_works_again(tmp_path: Path) -> None:
    with (
        webhook_served("hidden-in-the-address") as chat,
        bench(tmp_path, ERP_APP_NOTIFY=chat.url) as world,
        visitor(world) as julia,
    ):
        sign_in(julia, world)
        switch_on(julia)
        world.make("NEW-1")
        world.simulator.fail_next(Fault(status=403, path="/api/rest/v1/products", times=100))
        post(julia, "/send", kind="tagged")
        finished(julia)
        assert chat.titles == ["[ERP bridge] exports: the run failed"]
        told = julia.get("/").text
        assert "the PIM does not let the App do that" in told.partition("The last sending")[2]
        assert "Failed" not in told.partition("The last sending")[0], "the import has not failed"
        world.simulator.forgive()
        post(julia, "/send", kind="tagged")
        finished(julia)
        assert chat.titles[1:] == ["[ERP bridge] exports: works again"]
        assert len(world.articles()) == 1


def test_an_old_file_of_choices_sends_nothing(tmp_path: Path) -> None:
    with bench(tmp_path) as world, visitor(world) as julia:
        world.end()
        old = {"ticked": ["names"], "rhythm": "night", "at": "03:15", "minutes": 20}
        (world.data / "choices.json").write_text(json.dumps(old))
        world.start()
        sign_in(julia, world)
        page = julia.get("/").text
        assert "Switched off: what is made in the PIM stays there." in page
        assert 'value="03:15"' in julia.get("/choose").text
