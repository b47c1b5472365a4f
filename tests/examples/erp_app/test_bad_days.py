"""Days on which something is wrong, and what the pages say then: in words, with what to do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from akeneo_erp_bridge.testing import Behaviour, Fault
from app_bench import ROOT, Bench, bench, csrf, finished, post, sign_in, visitor
from webhooks import webhook_served


def shown(http: httpx.Client, path: str = "/") -> str:
    """What a person reads."""
    answer = http.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text.partition("<main")[2])).split())


@pytest.fixture
def julia(world: Bench) -> Iterator[httpx.Client]:
    with visitor(world) as one:
        sign_in(one, world)
        yield one


def test_a_connection_that_somebody_ended_in_the_pim(world: Bench, julia: httpx.Client) -> None:
    world.simulator.fail_next(Fault(expire_tokens=True))
    post(julia, "/import", kind="full")
    finished(julia)
    told = shown(julia)
    assert "the PIM does not know this connection any more. Connect again." in told
    sign_in(julia, world)
    post(julia, "/import", kind="full")
    finished(julia)
    assert "Finished." in shown(julia)


def test_rights_that_were_not_granted(tmp_path: Path) -> None:
    granted = frozenset({"write_products", "read_categories"})
    with bench(tmp_path, behaviour=Behaviour(app_scopes=granted)) as world, visitor(world) as julia:
        sign_in(julia, world)
        assert "The PIM does not let the App: see attributes and families" in shown(julia, "/connect")
        assert "create and change products" not in shown(julia, "/connect")
        post(julia, "/import", kind="full")
        finished(julia)
        assert "the PIM does not let the App do that. Connect again, and grant what it asks for." in shown(julia)
        assert world.products() == {}
        answer = julia.post(
            "/choose",
            data={"csrf": csrf(julia), "group": ["names"], "rhythm": "hand", "at": "02:30", "minutes": "15"},
        )
        assert "Saved. But the PIM could not be asked" in unescape(answer.text)


def test_a_pim_that_has_no_place_for_what_was_ticked(world: Bench, julia: httpx.Client) -> None:
    world.simulator.load("/api/rest/v1/channels", [{"code": "ecommerce", "locales": ["en_US"]}])
    answer = julia.post(
        "/choose", data={"csrf": csrf(julia), "group": ["names"], "rhythm": "hand", "at": "02:30", "minutes": "15"}
    )
    assert "nothing will run until this is mended in the PIM" in answer.text
    assert "de_DE" in answer.text
    post(julia, "/import", kind="full")
    finished(julia)
    assert "the PIM has no place for some of the fields" in shown(julia)


def test_what_comes_next_is_told(julia: httpx.Client) -> None:
    assert "Imports start by hand only." in shown(julia)
    form = {"csrf": csrf(julia), "group": ["names"], "rhythm": "night", "at": "02:30", "minutes": "15"}
    assert "place for all of it" in julia.post("/choose", data=form).text
    assert re.search(r"The next one starts by itself: \d+ \w+ \d+, 02:30 \(UTC\)\.", shown(julia))


def test_an_erp_that_is_away(world: Bench, julia: httpx.Client) -> None:
    world.erp.rename(world.folder / "away.db")
    world.erp.mkdir()  # where nothing is, SQLite would make an empty file
    assert "the ERP's database does not answer" in shown(julia)
    post(julia, "/import", kind="new")
    finished(julia)
    told = shown(julia)
    assert "the ERP's database does not answer" in told, "for the buttons"
    assert "Failed: the ERP does not answer. Nothing is lost: start again later." in told
    world.erp.rmdir()
    (world.folder / "away.db").rename(world.erp)
    post(julia, "/import", kind="new")
    finished(julia)
    assert "Finished." in shown(julia)


def test_too_many_articles_that_cannot_be_imported(tmp_path: Path) -> None:
    with bench(tmp_path, articles=400) as world, visitor(world) as julia:
        sign_in(julia, world)
        post(julia, "/import", kind="full")
        finished(julia)
        told = shown(julia)
        assert re.search(r"Stopped itself: \d+ of \d+ articles cannot be imported, which is too many to go on", told)


def test_somebody_is_told_when_an_import_fails_and_when_it_works_again(tmp_path: Path) -> None:
    with (
        webhook_served("hidden-in-the-address") as chat,
        bench(tmp_path, ERP_APP_NOTIFY=chat.url) as world,
        visitor(world) as julia,
    ):
        sign_in(julia, world)
        world.simulator.fail_next(Fault(status=403, path="/api/rest/v1/products", times=100))
        post(julia, "/import", kind="full")
        finished(julia)
        assert chat.titles == ["[ERP bridge] products: the run failed"]
        world.simulator.forgive()
        post(julia, "/import", kind="full")
        finished(julia)
        assert chat.titles[1:] == ["[ERP bridge] products: works again"]
        world.end()
        assert "hidden-in-the-address" not in "".join(world.told)


def test_two_imports_at_once(world: Bench, julia: httpx.Client) -> None:
    world.gate.hold()
    post(julia, "/import", kind="full")
    assert world.gate.held.wait(60)
    answer = post(julia, "/import", kind="new")
    assert (answer.status_code, "an import is running already" in answer.text) == (409, True)
    answer = post(julia, "/decide", key="1", cell="name", take="pim")
    assert (answer.status_code, "decide when it has ended" in answer.text) == (409, True)
    assert post(julia, "/disconnect").status_code == 409
    world.gate.open()
    finished(julia)
    assert len(world.products()) == 557


def test_a_decision_that_is_late(julia: httpx.Client) -> None:
    for form, status in (({"key": "1", "cell": "name", "take": "pim"}, 409), ({"key": "1", "cell": "name"}, 422)):
        assert post(julia, "/decide", **form).status_code == status


def test_the_connection_is_ended(world: Bench, julia: httpx.Client) -> None:
    assert post(julia, "/disconnect").headers["location"] == "/connect?said=disconnected"
    assert not (world.data / "token.json").exists()
    assert julia.get("/").status_code == 303
    assert julia.post("/import", data={"kind": "full"}).status_code == 403


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"ERP_APP_SECRET": ""}, "set ERP_APP_SECRET"),
        ({"ERP_APP_ZONE": "Europe/Atlantis"}, "ERP_APP_ZONE is 'Europe/Atlantis'; give one like Europe/Berlin"),
        ({"ERP_APP_PIM_URL": "", "ERP_APP_ERP": ""}, "set ERP_APP_PIM_URL, ERP_APP_ERP"),
    ],
)
def test_settings_that_are_wrong_are_named(settings: dict[str, str], told: str, tmp_path: Path) -> None:
    whole = {
        "PIM_URL": "https://pim.example.com",
        "CLIENT_ID": "a",
        "SECRET": "b",
        "ERP": "sqlite://",
        "DATA": str(tmp_path),
    }
    environment = {**os.environ, **{f"ERP_APP_{name}": value for name, value in whole.items()}, **settings}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT / "examples")])
    line = [sys.executable, "-m", "erp_app", "serve", "--port", "0"]
    answer = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr.startswith(f"error: {told}")) == (2, True), answer.stderr
