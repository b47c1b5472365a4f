"""Each page, wide and narrow, light and dark: labels, headings, landmarks, contrast, focus, and nothing beside the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from akeneo_erp_bridge.testing import merchant
from app_bench import Bench, bench, connect, csrf, finished, post, sign_in, visitor
from chromium import Tab, chromium

PAGES = ("/", "/choose", "/not-imported", "/not-sent", "/decide", "/history", "/connect", "/history/none")

SHOWN = {
    "/": ("The last sending", "Send tagged products now", "3 values to decide about"),
    "/not-sent": ("The ERP did not take it", "Not brought back"),
    "/decide": ("Send the PIM’s", "Take the ERP’s"),
    "/history": ("Back to the PIM", "ERP to PIM"),
}
"""What is on a page of this world, so that it is not an empty one that is for everybody."""
CHOICES = {
    "rhythm": "hand",
    "at": "02:30",
    "minutes": "15",
    "send-rhythm": "night",
    "send-at": "02:30",
    "send-minutes": "15",
}

RULES = """(() => {
  const wrong = [], all = what => [...document.querySelectorAll(what)];
  const say = (rule, element) => wrong.push(`${rule}: ${element.outerHTML.slice(0, 120)}`);
  const name = e => (e.getAttribute('aria-label') || e.textContent || e.alt || '').trim();
  if (!document.documentElement.lang) wrong.push('no language');
  if (!document.title) wrong.push('no title');
  if (all('h1').length !== 1) wrong.push('not one h1');
  for (const what of ['header', 'main']) if (all(what).length !== 1) wrong.push(`not one ${what}`);
  all('nav').filter(e => !name(e) || !e.getAttribute('aria-label')).forEach(e => say('unnamed nav', e));
  let level = 1;
  all('h1, h2, h3, h4').forEach(e => { const n = Number(e.tagName[1]); if (n > level + 1) say('skipped a level', e); level = n; });
  all('input:not([type=hidden]), select, textarea, progress').filter(e => !e.labels.length).forEach(e => say('no label', e));
  all('fieldset').filter(e => !e.querySelector('legend')).forEach(e => say('no legend', e));
  all('a, button').filter(e => !name(e)).forEach(e => say('no name', e));
  all('th').filter(e => !e.scope).forEach(e => say('no scope', e));
  all('table').filter(e => !e.caption).forEach(e => say('no caption', e));
  all('[aria-labelledby], [aria-describedby]').forEach(e => {
    for (const one of ['aria-labelledby', 'aria-describedby'])
      for (const id of (e.getAttribute(one) || '').split(' ').filter(Boolean))
        if (!document.getElementById(id)) say(`nothing called ${id}`, e);
  });
  const ids = all('[id]').map(e => e.id);
  ids.filter((id, place) => ids.indexOf(id) !== place).forEach(id => wrong.push(`two called ${id}`));
  if (!all('[role=status], [role=alert]').length) wrong.push('nothing that is read out when it changes');
  const names = all('button').map(name);
  names.filter((one, place) => names.indexOf(one) !== place).forEach(one => wrong.push(`two buttons alike: ${one}`));
  all('button, input:not([type=hidden]), select, nav a').forEach(e => {
    const box = e.getBoundingClientRect();
    if (Math.min(box.width, box.height) < (e.matches('[type=checkbox], [type=radio]') ? 18 : 24)) say('too small to hit', e);
  });
  return wrong;
})()"""

CONTRAST = """(() => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const light = text => parts(text).slice(0, 3).map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, place) => sum + c * [.2126, .7152, .0722][place], 0);
  const behind = e => { for (; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor, all = parts(colour);
    if (all.length < 4 || all[3] === 1) return colour;
    if (all[3] !== 0) throw new Error('half a colour');
  } return 'rgb(255, 255, 255)'; };
  const found = [];
  for (const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walk.nextNode();) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest('.unseen, .skip, script, noscript, option')) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort();
    found.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.outerHTML.slice(0, 120)]);
  }
  return found.sort((a, b) => a[0] - b[0]).slice(0, 3);
})()"""


def check(tab: Tab, width: int) -> None:
    """The page that is open keeps all of it."""
    where = tab.find("location.pathname")
    assert tab.find(RULES) == [], where
    worst = tab.find(CONTRAST)
    assert worst[0][0] >= 4.5, (where, worst)
    assert tab.find("document.documentElement.scrollWidth") <= width, f"{where} is wider than the screen"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """With something on each page."""
    with bench(tmp_path_factory.mktemp("world")) as one, visitor(one) as http:
        sign_in(http, one)
        for step in (0, 1):
            if step:
                one.edit(*merchant.rename(one.erp, count=2))
            post(http, "/import", kind="full")
            finished(http)
        http.post("/choose", data={"csrf": csrf(http), "group": ["names"], "sends": "on", **CHOICES})
        # in the ERP, not taken by it, changed there, and not fit to come back
        one.make("NEW-1", "NEW-2")
        one.make("NEW-3", name="")
        for _ in range(2):
            post(http, "/send", kind="tagged")
            finished(http)
            one.correct("NEW-1", name_en="Theirs")
            one.correct("NEW-2", net_weight="ca. 2", weight_unit="KG")
        yield one


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory, world: Bench) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("browser")) as one:
        connect(one, world)
        yield one


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_for_everybody(tab: Tab, world: Bench, width: int, scheme: Any) -> None:
    paths = [*PAGES, tab_log(tab, world)]
    for path in paths:
        tab.open(f"{world.url}{path}", width=width, scheme=scheme)
        check(tab, width)
        for what in SHOWN.get(path, ()):
            assert what in tab.find("document.querySelector('main').innerText"), path
    # what is wrong with a form
    tab.open(f"{world.url}/choose", width=width, scheme=scheme)
    tab.fill("#minutes", "")
    tab.fill("#at", "")
    tab.find("['send-minutes', 'send-at'].forEach(one => document.getElementById(one).value = '')")
    tab.click("main form button")
    assert tab.find("document.querySelectorAll('[aria-invalid=true]').length") == 4
    assert tab.find("document.querySelector('[role=alert]').textContent").count("Give a") == 4
    check(tab, width)
    tab.open(f"{world.url}/", width=width, scheme=scheme)
    tab.click("form[action='/send/part'] button")
    assert tab.find("document.getElementById('numbers').getAttribute('aria-describedby')") == "wrong-numbers"
    check(tab, width)


def tab_log(tab: Tab, world: Bench) -> str:
    tab.open(f"{world.url}/history")
    found: str = tab.find("new URL(document.querySelector(\"td a[href^='/history/']\").href).pathname")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("button", ["button[value=new]", "button[value=tagged]"])
def test_so_is_the_page_of_what_runs(tab: Tab, world: Bench, button: str, scheme: Any) -> None:
    for width in (1280, 390):
        tab.open(f"{world.url}/", width=width, scheme=scheme)
        merchant.rename(world.erp, count=5)
        world.make(f"{scheme.upper()}-{width}-{button[13:16]}")
        world.gate.hold()
        tab.click(button)
        assert world.gate.held.wait(60)
        tab.open(f"{world.url}/", width=width, scheme=scheme)
        assert tab.find("document.getElementById('progress') !== null")
        check(tab, width)
        world.gate.open()
        tab.until("document.getElementById('last')")


def test_the_door_is_for_everybody(tab: Tab, world: Bench) -> None:
    cookies = tab.call("Network.getCookies", urls=[world.url])["cookies"]
    tab.call("Network.clearBrowserCookies")
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            tab.open(f"{world.url}/connect", width=width, scheme=scheme)  # type: ignore[arg-type]  # one of the two
            assert tab.find("document.querySelector('nav')") is None
            check(tab, width)
    for one in cookies:
        tab.call("Network.setCookie", url=world.url, name=one["name"], value=one["value"], httpOnly=True)


def test_the_keyboard_shows_where_it_is(tab: Tab, world: Bench) -> None:
    tab.open(f"{world.url}/")
    tab.key("Tab", code=9)
    assert tab.find("document.activeElement.className") == "skip"
    assert tab.find("document.activeElement.getBoundingClientRect().left") >= 0, "to be seen, once it is reached"
    stops = tab.find(
        "document.querySelectorAll('a, button:not(:disabled), input:not([type=hidden]), select, textarea').length"
    )
    seen = set()
    for _ in range(stops - 1):
        tab.key("Tab", code=9)
        seen.add(tab.find("document.activeElement.outerHTML"))
        style = "getComputedStyle(document.activeElement)"
        assert tab.find(f"{style}.outlineStyle") != "none"
        assert tab.find(f"parseFloat({style}.outlineWidth)") >= 2
    assert len(seen) == stops - 1, "each is reached, in the order of the page"
