"""Strangers, forged forms, wrong answers of a PIM, and articles with names that want to be programs."""

from __future__ import annotations

import csv
import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, LocaleCode
from app_bench import SECRET, Bench, bench, connect, csrf, finished, post, sign_in, visitor
from chromium import chromium
from erp_app.security import Keeper

PAGES = ("/", "/choose", "/not-imported", "/not-sent", "/decide", "/history", "/connect")
FORMS = (
    "/import",
    "/import/part",
    "/stop",
    "/choose",
    "/decide",
    "/retry",
    "/send",
    "/send/part",
    "/send/retry",
    "/disconnect",
)
EVIL = "</textarea></td><script>document.title='gone'</script><img src=http://127.0.0.1:9/evil onerror=document.title='gone'>"
BACKWARDS = "drill\u202egnp.exe"


def spoil(erp: Path) -> None:
    """An ERP in which somebody hostile types."""
    with closing(sqlite3.connect(erp)) as db, db:
        columns = "name_en, name_de, text_en, category, net_weight, weight_unit, active, modified_at"
        rows = [
            (f"X-{EVIL}", "", "", "", "WZ-110", "heavy", "KG", "J"),
            ("X-2", EVIL, EVIL, EVIL, "WZ-110", f"1 {EVIL}", "KG", "J"),
            ("X-3", "=HYPERLINK(1)", "", "", EVIL, "=cmd|' /C calc'!A1", EVIL, "J"),
            ("=1+1", "Sum", "", "", "WZ-110", "heavy", "KG", "J"),
            ("X-4", f"Good {EVIL}", EVIL, EVIL, "WZ-110", "1,0", "KG", "J"),
        ]
        places = ", ".join("?" * 8)
        db.executemany(f"INSERT INTO articles (number, {columns}) VALUES ({places}, '2027-01-01T00:00:00Z')", rows)
        db.execute("UPDATE categories SET name_en = ? WHERE code = 'WZ-110'", (EVIL,))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """After an import, with articles left out and a value to decide about."""
    with bench(tmp_path_factory.mktemp("world")) as one:
        spoil(one.erp)
        with visitor(one) as http:
            sign_in(http, one)
            assert post(http, "/import", kind="full").status_code == 303
            finished(http)
            with one.simulator.client() as pim:
                better = Value(AttributeCode("name"), f"PIM {EVIL} {BACKWARDS}", locale=LocaleCode("en_US"))
                pim.products.upsert(ProductPatch(uuid=one.products()["X-4"].uuid, values=[better]))
            post(http, "/import", kind="full")
            finished(http)
        yield one


@pytest.fixture
def http(world: Bench) -> Iterator[httpx.Client]:
    with visitor(world) as one:
        yield one


@pytest.fixture
def julia(http: httpx.Client, world: Bench) -> httpx.Client:
    sign_in(http, world)
    return http


def everything(http: httpx.Client) -> dict[str, httpx.Response]:
    """Each page and each file that leads from one."""
    found = {path: http.get(path) for path in PAGES}
    history = found["/history"].text
    links = {part.partition('"')[0] for part in history.split('href="')[1:]}
    return found | {link: http.get(link) for link in links if link.startswith(("/history/", "/download/"))}


def test_strangers_see_the_door_and_nothing_else(http: httpx.Client, world: Bench) -> None:
    for path in (*PAGES[:-1], "/progress", "/history/0", "/download/0.html"):
        answer = http.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/connect"), path
    token = http.get("/connect").text.partition('name="csrf"')[2]
    assert token == "", "a guest has no form"
    keeper = Keeper(world.data / "session.key", is_secure=False)
    guest = keeper.read(http.cookies["erp_app_session"])
    assert guest is not None
    for path in FORMS:
        assert http.post(path, data={"csrf": ""}).status_code == 403, path
        assert "Sign in first" in http.post(path, data={"csrf": keeper.csrf(guest)}).text, "even with the right token"


def test_a_form_without_its_token_does_nothing(julia: httpx.Client, world: Bench) -> None:
    with visitor(world) as other:
        sign_in(other, world)
        foreign = csrf(other)
    assert foreign not in ("", csrf(julia))
    before = (world.data / "token.json").read_text(), len(julia.get("/history").text)
    for path in FORMS:
        for token in ({}, {"csrf": ""}, {"csrf": "é"}, {"csrf": foreign}):
            answer = julia.post(path, data={**token, "kind": "full", "take": "erp"})
            assert answer.status_code == 403, path
            assert "This form is not of your session" in answer.text
    assert before == ((world.data / "token.json").read_text(), len(julia.get("/history").text))


def test_a_callback_must_be_of_this_session(http: httpx.Client, world: Bench) -> None:
    token = (world.data / "token.json").read_text()
    assert http.get("/callback?code=x&state=y").status_code == 400
    leads = http.get("/activate").headers["location"]
    (state,) = parse_qs(urlsplit(leads).query)["state"]
    wrong = http.get("/callback", params={"code": "x", "state": f"{state[:-1]}_"})
    assert (wrong.status_code, "does not know this connection" in wrong.text) == (400, True)
    again = http.get("/callback", params={"code": "x", "state": state})
    assert again.status_code == 400, "the state of an answer that was wrong is good for nothing more"
    http.get("/activate")
    assert http.get("/callback?error=access_denied").status_code == 400
    with visitor(world) as other:
        leads = http.get("/activate").headers["location"]
        (state,) = parse_qs(urlsplit(leads).query)["state"]
        assert other.get("/callback", params={"code": "x", "state": state}).status_code == 400
    assert http.get("/").headers["location"] == "/connect"
    assert (world.data / "token.json").read_text() == token


def test_another_pim_is_refused(http: httpx.Client) -> None:
    for address in ("https://evil.example", "http://127.0.0.1:1", "javascript:alert(1)", ""):
        answer = http.get("/activate", params={"pim_url": address})
        assert answer.status_code == 400
        assert "location" not in answer.headers


def test_the_session_changes_when_julia_signs_in(http: httpx.Client, world: Bench) -> None:
    first = http.get("/connect").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in first.split(";")}
    guest = http.cookies["erp_app_session"]
    sign_in(http, world)
    assert http.cookies["erp_app_session"].partition(".")[0] != guest.partition(".")[0]
    assert http.get("/").status_code == 200
    with visitor(world) as other:
        other.cookies.set("erp_app_session", guest, domain="127.0.0.1")
        assert other.get("/").status_code == 303
        for forged in (guest.replace(".guest.", ".in."), "a.in.9999999999.", "..."):
            other.cookies.clear()
            other.cookies.set("erp_app_session", forged, domain="127.0.0.1")
            assert other.get("/").status_code == 303, forged


def test_each_answer_tells_the_browser_to_run_nothing_of_it(julia: httpx.Client, world: Bench) -> None:
    answers = everything(julia)
    answers |= {path: julia.get(path) for path in ("/nowhere", "/static/style.css", "/callback", "/history/x")}
    answers["host"] = julia.get("/", headers={"Host": "evil.example"})
    for path, answer in answers.items():
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
    assert answers["host"].status_code == 400, "a page of a stranger calls it by another name"


def test_no_secret_is_on_a_page_or_in_a_log(julia: httpx.Client, world: Bench) -> None:
    token = next(iter(json.loads((world.data / "token.json").read_text()).values()))["access"]
    key = (world.data / "session.key").read_text().strip()
    assert len(token) == 64
    texts = {path: answer.text for path, answer in everything(julia).items()}
    assert len(texts) > 10
    texts |= {str(file): file.read_text() for file in (world.data / "runs").iterdir()}
    world.end()
    texts["what the program printed"] = "".join(world.told)
    world.start()
    assert "httpx" not in texts["what the program printed"], "addresses hold the codes of signing in"
    for place, text in texts.items():
        for secret in (token, key, SECRET):
            assert secret not in text, place


def test_files_are_for_their_owner_alone(world: Bench) -> None:
    files = [path for path in world.data.rglob("*") if path.is_file()]
    assert {"token.json", "bridge.db", "session.key", "grant.json"} <= {path.name for path in files}
    assert {path.suffix for path in files} >= {".html", ".csv", ".json", ".log"}
    wrong = [
        str(path)
        for path in files
        if stat.S_IMODE(path.stat().st_mode) & 0o077 and not path.name.startswith("bridge.db-")
    ]
    assert wrong == []
    assert stat.S_IMODE(world.data.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../token.json", "..%2ftoken.json", "%2e%2e%2ftoken.json", "x/../../token.json"])
def test_a_download_leads_nowhere_else(julia: httpx.Client, name: str) -> None:
    assert julia.get(f"/download/{name}").status_code in {404, 405}
    assert julia.get(f"/history/{name}").status_code in {404, 405}


def test_a_form_may_not_be_endless(julia: httpx.Client) -> None:
    assert julia.post("/import/part", data={"csrf": csrf(julia), "keys": "1\n" * 100_000}).status_code == 413


def test_a_table_holds_no_formula(julia: httpx.Client, world: Bench) -> None:
    (newest, *_) = (
        one for one in julia.get("/history").text.split('href="') if one.startswith("/download/") and ".csv" in one
    )
    answer = julia.get(newest.partition('"')[0])
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(answer.text.lstrip("\ufeff").splitlines()))
    assert {row[0] for row in rows} >= {"X-2", "X-3", "X-4", "'=1+1"}
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))] == []


def test_names_that_want_to_be_programs_are_texts(world: Bench, tmp_path: Path) -> None:
    with chromium(tmp_path) as tab:
        connect(tab, world)
        own, seen = urlsplit(world.url).netloc, ""
        for path in PAGES:
            tab.open(f"{world.url}{path}")
            assert tab.find("document.title").endswith("ERP bridge"), path
            assert tab.find("document.querySelectorAll('img, script:not([src]), iframe').length") == 0, path
            assert {urlsplit(one).netloc for one in tab.requests if not one.startswith("data:")} == {own}, path
            assert tab.complaints == [], path
            seen += tab.find("document.body.textContent")
        assert f"X-{EVIL}" in seen
        assert f"1 {EVIL}"[:50] in seen, "the library shortens what the ERP said"
        assert f"PIM {EVIL}" in seen
        assert f"Good {EVIL}" in seen
        assert "\u202e" not in seen
        assert "drill[U+202E]gnp.exe" in seen
        # what such an article is called gets to the server and back
        tab.open(f"{world.url}/not-imported")
        tab.find(
            "[...document.querySelectorAll('tbody tr')].find(e => e.textContent.includes('X-<')).querySelector('button').id = 'it'"
        )
        tab.click("#it")
        tab.until("document.getElementById('last')")
        assert tab.find("document.querySelector('[data-count=read]').textContent") == "1"
