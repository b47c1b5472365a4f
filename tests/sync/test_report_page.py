"""The page of a report: everything escaped, nothing from elsewhere, and all that waits for somebody."""

from __future__ import annotations

import re
import stat
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync import (
    Conflicts,
    ErpToPim,
    HeldCell,
    ParkedItem,
    Settled,
    SqliteState,
    SyncReport,
    Tally,
    WavesReport,
    report_html,
    resolve,
    save_report_html,
)
from bench_erp import part, parts
from chromium import Tab, chromium
from conflict_bench import HOLD, MAPPING, REPORT, edit, go
from world import ListErp, make_mapping, row

EVIL = "</td><script>document.title='gone'</script><img src=https://evil.example/x onerror=alert(1)>"
NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
WEEK_AGO = NOW - timedelta(days=7)


def report(*parked: ParkedItem, stopped_by: str | None = None) -> SyncReport:
    tally = Tally(read=len(parked))
    for one in parked:
        tally.park(one)
    return tally.report("products", timedelta(seconds=3), stopped_by, run_id="4f2c")


def parked(key: str, detail: str = "no number") -> ParkedItem:
    return ParkedItem(ErpKey(key), "not_a_number", "weight", detail, sample={"weight": "'heavy'"})


@pytest.fixture
def waiting(state: SqliteState) -> SqliteState:
    state.settle("products", Settled(parked=[parked(f"{number:03}") for number in range(150)], at=WEEK_AGO))
    held = [
        HeldCell(ErpKey("A"), "name[en_US]", "Drill", "Cordless drill", "The drill"),
        HeldCell(ErpKey("A"), "weight", {"amount": "1"}, {"amount": "2"}, {"amount": "3"}),
    ]
    state.settle("products", Settled(held=held, forgotten=[ErpKey("A")], at=WEEK_AGO))
    return state


def test_hostile_texts_add_no_markup(state: SqliteState) -> None:
    one = ParkedItem(ErpKey(EVIL), EVIL, EVIL, EVIL, sample={EVIL: EVIL})
    state.settle("products", Settled(held=[HeldCell(ErpKey(EVIL), EVIL, EVIL, [EVIL], {"a": EVIL})]))
    told = [HeldCell(ErpKey(key), EVIL, EVIL, [EVIL], EVIL, is_replaced=key != "a") for key in (EVIL, "a", "b")]
    done = evolve(report(one, stopped_by=EVIL), told=3, told_cells=told)
    page = report_html(done, state) + report_html(done)
    assert page.count("<script>") == 2, "ours, once a page"
    assert "<img" not in page
    assert "evil.example" in page, "it is told, as text"


def test_nothing_leads_out_of_the_page() -> None:
    page = report_html(report(parked("1")))
    assert "default-src 'none'" in page
    assert not re.search(r"<(link|img|iframe|a)\b|url[(]|@import|src=", page)


def test_with_the_state_all_that_waits_is_told_and_since_when(waiting: SqliteState) -> None:
    page = report_html(report(parked("000")), waiting, now=NOW)
    assert page.count("data-action=parked") == 150
    assert page.count("data-action=held") == 2
    assert "for 7 days, since 2026-03-01" in page
    assert "The drill" in re.sub("<[^>]*>", "", page)
    assert report_html(report(parked("000")), now=NOW).count("data-action=parked") == 1


def items(page: str) -> list[tuple[str, str, str, str]]:
    """Of each item with a cell: its kind, what stands beside its key, and both versions."""
    found = re.findall(
        r"<tbody class=item data-action=(\w+).*?<bdi class=key>X</bdi>(.*?)</th>.*?<td class='?old.*?>(.*?)</td><td (.*?)</td>",
        page,
        re.DOTALL,
    )
    return [(kind, re.sub("<[^>]*>", "", beside).strip(), old, new) for kind, beside, old, new in found]


def value(told: str) -> str:
    return f"<div class=value>{told}</div>"


def test_what_is_held_is_neither_struck_out_nor_new(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("X", name="Shirt"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Work shirt")
    erp.rows[0]["name"] = "Warm shirt"
    page = report_html(go(erp, MAPPING, pim, state, HOLD), state)
    ((kind, _, old, new),) = items(page.replace("key of X", "X"))
    assert (kind, old) == ("held", value("<mark>Work</mark> shirt"))
    assert (
        new == f"class='new unwritten'><div class=aside>in the ERP, not written</div>{value('<mark>Warm</mark> shirt')}"
    )
    assert not re.search("<(del|ins)>", page)
    resolve(state, ErpKey("key of X"), "name[en_US]", take="erp")
    assert "in the ERP, decided for; the run that meets the item writes it" in report_html(report(), state)


def test_struck_out_is_what_was_written_over(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("X", name="Shirt", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Work shirt", colour="blue")
    erp.rows[0]["name"] = "Warm shirt"
    done = go(erp, MAPPING, pim, state, REPORT)
    assert (done.written, done.told, done.exit_code) == (1, 2, 0)
    page = report_html(done, state).replace("key of X", "X")
    name, colour = items(page)
    assert name == (
        "replaced",
        "a PIM user changed it, and the ERP had something new",
        f"<div class=aside>was in the PIM</div>{value('<del>Work</del> shirt')}",
        f"class='new told'><div class=aside>in the ERP, and in the PIM now</div>{value('<ins>Warm</ins> shirt')}",
    )
    assert colour[:3] == ("kept", "a PIM user changed it, and the ERP has nothing new", value("<mark>blue</mark>"))
    assert "in the ERP, not written" in colour[3]
    assert '<option value="colour">' in page
    assert "Nothing is left to do." in page


@pytest.mark.parametrize("is_stored", [True, False])
def test_what_the_pim_refused_replaced_nothing(pim: AkeneoClient, state: SqliteState, is_stored: bool) -> None:
    erp = parts(part("X", name="Shirt", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Work shirt")
    erp.rows[0] |= {"name": "Warm shirt", "colour": "of no option"}
    done = go(erp, MAPPING, pim, state, REPORT)
    assert (done.written, done.told, done.parked) == (0, 1, 1)
    ((kind, beside, old, _),) = items(report_html(done, state if is_stored else None).replace("key of X", "X"))
    assert (kind, beside, old) == ("kept", "the item is parked", value("<mark>Work</mark> shirt"))


@pytest.mark.parametrize("name", ["Shirt", "Warm shirt"])
def test_what_was_held_is_replaced_where_the_erp_had_something_new(
    pim: AkeneoClient, state: SqliteState, name: str
) -> None:
    """Also in an item that the run does not meet; `name` is what the ERP says."""
    erp = parts(part("X", name="Shirt"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Work shirt")
    erp.rows[0]["name"] = name
    go(erp, MAPPING, pim, state, Conflicts("hold", look="all"))
    erp.rows = []
    done = go(erp, MAPPING, pim, state, REPORT)
    assert [one.is_replaced for one in done.told_cells] == [name == "Warm shirt"]
    (product,) = pim.products.list()
    assert product.values.text("name", locale="en_US") == ("Warm shirt" if name == "Warm shirt" else "Work shirt")


def test_it_says_in_words_how_the_run_ended() -> None:
    assert "All is well." in report_html(report())
    assert "Nothing is left to do." in report_html(report())
    assert "something is left to do" in report_html(report(parked("1")))
    assert "A brake stopped the run." in report_html(report(stopped_by="too many"))
    assert "run 4f2c" in report_html(report())


def test_several_streams_are_on_one_page() -> None:
    other = Tally(read=2, unchanged=2).report("categories", timedelta(seconds=1))
    page = report_html(WavesReport([other, report(parked("1"))]))
    assert "Report for categories and products" in page
    assert "<dt>read</dt><dd>3</dd>" in page
    models = [Tally().report(f"{one} of products", timedelta(0)) for one in ("models", "sub models")]
    page = report_html(WavesReport([other, *models, report(parked("1"))]))
    assert "<h1>Report for categories and products</h1>" in page
    assert "<span class=ref>products</span> · <span class=ref>" in page, "what stands beside a key keeps apart"


def test_a_page_of_many_held_cells_is_written_piece_by_piece(state: SqliteState, tmp_path: Path) -> None:
    for start in range(0, 20_000, 1000):
        keys = [ErpKey(f"{number:06}") for number in range(start, start + 1000)]
        state.settle("products", Settled(held=[HeldCell(one, "name", "x" * 40, "y" * 40, "z" * 40) for one in keys]))
    save_report_html(report(), tmp_path / "warm.html", state)
    tracemalloc.start()
    try:
        save_report_html(report(), tmp_path / "report.html", state)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    page = tmp_path / "report.html"
    assert page.read_text().count("data-cell=") == 20_000
    assert peak < 2_000_000 < page.stat().st_size, f"{peak:,} bytes for a page of {page.stat().st_size:,}"


def test_the_report_of_a_run_is_saved_for_its_owner_alone(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    done = ErpToPim(ListErp([row(1), row(2, weight="heavy")]), make_mapping(), pim, state).run()
    save_report_html(done, tmp_path / "report.html", state)
    page = (tmp_path / "report.html").read_text()
    assert "&#x27;heavy&#x27; is not a number" in page
    assert stat.S_IMODE((tmp_path / "report.html").stat().st_mode) == 0o600


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("browser")) as one:
        yield one


def test_in_a_browser_it_searches_and_asks_for_nothing(tab: Tab, waiting: SqliteState, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    save_report_html(report(parked("000")), page, waiting, now=NOW)
    tab.open(page)
    assert tab.requests == [page.resolve().as_uri()]
    assert tab.complaints == []
    assert tab.find("document.getElementById('found').textContent") == "152 of 152 items, page 1 of 2"
    pick = "(e => {{ e.value = '{1}'; e.dispatchEvent(new Event('change')); }})(document.getElementById('{0}'))"
    tab.find(pick.format("action", "held"))
    assert tab.find("document.getElementById('found').textContent") == "2 of 152 items"
    tab.find(pick.format("cell", "weight"))
    assert tab.find("document.getElementById('found').textContent") == "1 of 152 items"


def test_without_scripts_it_is_a_table(tab: Tab, waiting: SqliteState, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    save_report_html(report(parked("000")), page, waiting, now=NOW)
    tab.open(page, with_scripts=False)
    seen = "[...document.querySelectorAll('tbody')].filter(e => e.getBoundingClientRect().height > 0).length"
    assert tab.find(seen) == 152
