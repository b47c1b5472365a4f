"""From runs to findings: the sample, the state, the verdicts, the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.classification import Audit, Cold, Hot, Policy, Yardstick, by_name, matching
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import ErpField, ErpItem, ErpSchema, cold, hot, internal, item_class
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState, SyncOptions, Watch, audit
from akeneo_erp_bridge.sync._telling._watch import Observatory
from world import Article, ListErp, make_mapping, row

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Tool(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    remark = cold(str, "remark")
    factor = cold(str, "factor")
    shelf = cold(str, "shelf")
    price = hot(str, "price")
    tax = hot(str, "tax")
    cost = internal(str, "cost")


PATHS = ("factor", "name", "number", "price", "remark", "shelf", "tax")

Make = Callable[[int, int], dict[str, object]]


def tool(number: int, day: int) -> dict[str, object]:
    """A name that changes seldom, a price that moves, a shelf that moves, and two prices in disguise."""
    return {
        "number": str(number),
        "name": f"Tool {number}" + (" new" if number == 3 and day > 20 else ""),
        "remark": f"{number},{day // 10:02d} EUR",
        "factor": f"{number}.{(day + number) // 20:02d}",
        "shelf": f"shelf {(number + day) % 7}",
        "price": f"{day}",
        "tax": "19 %",
    }


def watched(
    state: SqliteState,
    days: Sequence[int],
    make: Make = tool,
    *,
    items: int = 30,
    size: int = 500,
    covers_all: bool = True,
) -> None:
    """One run a day."""
    for day in days:
        observatory = Observatory(state.watch("tools"), PATHS, size=size)
        things = [Tool(make(number, day)) for number in range(items)]
        observatory.meet(things, [(one.key, "") for one in things])
        state.look("tools", observatory.sum_up(START + day * DAY, covers_all=covers_all))


def concerns(found: Audit) -> dict[str, list[str]]:
    return {one.declared.name: [two.concern for two in one.findings] for one in found.fields if one.findings}


# ---- findings ----
def test_what_behaves_otherwise_than_declared_is_found(state: SqliteState) -> None:
    watched(state, range(60))
    found = audit(state, "tools", Tool)
    assert concerns(found) == {
        "shelf": ["too_warm"],
        "remark": ["hidden_price"],
        "factor": ["hidden_price", "too_warm"],
    }
    texts = {one.field: one.detail for one in found.findings if one.concern == "too_warm"}
    assert texts["shelf"].startswith("declared cold, changed in 100 % of 59 runs, and a value lasts 1 day;")
    hidden = {one.field: one.detail for one in found.findings if one.concern == "hidden_price"}
    assert "100 % of its values read like a price with its currency" in hidden["remark"]
    assert "amounts with cents that moved" in hidden["factor"]
    assert not re.search(r"\d,\d\d EUR", str(found)), "an audit shows no values"


def test_what_is_hot_and_rests_for_a_year_is_found(state: SqliteState) -> None:
    watched(state, range(0, 360, 30))
    assert "tax" not in concerns(audit(state, "tools", Tool))
    watched(state, range(360, 420, 30))
    (finding,) = [one for one in audit(state, "tools", Tool).findings if one.field == "tax"]
    assert finding.concern == "at_rest"
    assert finding.detail == "declared hot, unchanged for 390 days in 30 items; if it is descriptive, declare it cold"


def test_few_runs_say_nothing_unless_it_is_plain_to_see(state: SqliteState) -> None:
    watched(state, range(4))
    assert concerns(audit(state, "tools", Tool)) == {"remark": ["hidden_price"]}
    watched(state, range(4, 7))
    assert "shelf" in concerns(audit(state, "tools", Tool))


def test_one_big_clean_up_is_no_volatility(state: SqliteState) -> None:
    def cleaned(number: int, day: int) -> dict[str, object]:
        return {**tool(number, 0), "price": f"{day}", "name": "new name" if day >= 15 else "old name"}

    watched(state, range(30), cleaned)
    found = audit(state, "tools", Tool)
    assert "name" not in concerns(found)
    assert next(one for one in found.fields if one.declared.name == "name").volatility is not None
    strict = audit(state, "tools", Tool, yardstick=Yardstick(warm_runs=0.01))
    assert "name" in concerns(strict)


def test_what_nobody_reads_is_not_judged(state: SqliteState) -> None:
    watched(state, range(10))
    found = {one.declared.name: one for one in audit(state, "tools", Tool).fields}
    assert found["cost"].volatility is None
    assert found["cost"].verdict == "not read"
    assert audit(state, "nothing", Tool).findings == []


def test_the_warmest_field_comes_first(state: SqliteState) -> None:
    watched(state, range(60))
    names = [one.declared.name for one in audit(state, "tools", Tool).fields]
    assert set(names[:2]) == {"price", "shelf"}
    assert names[-1] == "cost"
    assert names.index("remark") < names.index("name") < names.index("tax")


def test_an_audit_of_a_class_that_a_policy_made(state: SqliteState) -> None:
    watched(state, range(60))
    schema = ErpSchema("tools", tuple(map(ErpField, PATHS)))
    policy = Policy([by_name("number", Cold), by_name("shelf", Cold), matching("*", Hot)])
    made = item_class("Tool", schema, policy, key="number")
    assert concerns(audit(state, "tools", made)) == {"shelf": ["too_warm"]}


# ---- the sample ----
@given(
    st.sets(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), max_size=60),
    st.integers(1, 20),
    st.randoms(),
)
def test_the_sample_is_the_same_whatever_the_order_and_never_larger(keys: set[str], size: int, random: object) -> None:
    def sample(order: Sequence[str], page: int) -> set[str]:
        observatory = Observatory(Watch(), ("name",), size=size)
        for start in range(0, len(order), page):
            things = [Tool({"number": key, "name": "x"}) for key in order[start : start + page]]
            observatory.meet(things, [(ErpKey(key), "") for key in order[start : start + page]])
            assert len(observatory._met) <= size
        return {one.key for one in observatory.sum_up(START, covers_all=True).items}

    ordered = sorted(keys)
    assert sample(ordered, 7) == sample(ordered[::-1], 1)
    assert len(sample(ordered, 7)) == min(size, len(keys))


def sample_of(state: SqliteState) -> set[ErpKey]:
    return set(state.watch("tools").items)


def test_the_sample_is_stable_and_refills(state: SqliteState) -> None:
    watched(state, [0], items=200, size=20)
    first = sample_of(state)
    assert len(first) == 20
    watched(state, [1], items=200, size=20)
    assert sample_of(state) == first
    watched(state, [2], items=100, size=20)  # half of the items are gone from the ERP
    left = {key for key in first if int(key) < 100}
    assert sample_of(state) == left
    watched(state, [3], items=100, size=20)
    assert len(sample_of(state)) == 20
    assert left < sample_of(state)
    watched(state, [4, 5], items=200, size=20)
    assert sample_of(state) == first


def test_a_run_that_reads_changes_alone_loses_nothing(state: SqliteState) -> None:
    watched(state, [0], items=30)
    watched(state, [1], items=3, covers_all=False)
    assert len(sample_of(state)) == 30
    observatory = Observatory(state.watch("tools"), PATHS, size=500)
    observatory.lose([ErpKey("5"), ErpKey("unknown")])
    state.look("tools", observatory.sum_up(START + 2 * DAY, covers_all=False))
    assert sample_of(state) == {ErpKey(str(number)) for number in range(30)} - {"5"}


def test_an_item_that_did_not_change_costs_no_write(state: SqliteState) -> None:
    things = [Tool(tool(1, 0)), Tool(tool(2, 0))]
    for day, expected in ((0, 2), (1, 0)):
        observatory = Observatory(state.watch("tools"), PATHS, size=500)
        observatory.meet(things, [(one.key, "") for one in things])
        looked = observatory.sum_up(START + day * DAY, covers_all=True)
        assert len(looked.items) == expected
        state.look("tools", looked)
    assert {one.runs for one in state.watch("tools").fields.values()} == {1}


def test_a_field_that_comes_later_is_watched_from_then_on(state: SqliteState) -> None:
    watched(state, range(5), lambda number, day: {key: one for key, one in tool(number, day).items() if key != "tax"})
    watched(state, range(5, 10))
    traces = state.watch("tools").items[ErpKey("1")].traces
    assert traces["tax"].since == START + 5 * DAY
    assert traces["name"].since == START
    assert traces["tax"].changes == 0


def test_the_state_keeps_no_value(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with SqliteState(path) as one:
        watched(one, range(3), lambda number, day: {**tool(number, day), "price": "SECRET-4711"})
    assert b"SECRET-4711" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


# ---- through the engine ----
def test_runs_watch_and_plans_do_not(pim: AkeneoClient, state: SqliteState) -> None:
    erp = ListErp([row(n) for n in range(1, 4)])
    job = ErpToPim(erp, make_mapping(), pim, state)
    job.plan()
    assert state.watch("products") == Watch()
    for name in ("Shirt", "Blouse", "Blouse"):
        erp.rows[0]["name"] = name
        job.run()
    watch = state.watch("products")
    assert {path: (one.runs, one.changed) for path, one in watch.fields.items()} == {
        path: (2, int(path == "name")) for path in make_mapping().paths
    }
    assert "stock" not in watch.fields, "no rule reads it"
    name = {one.declared.name: one for one in audit(state, "products", Article).fields}["name"].volatility
    assert name is not None
    assert (name.changes, name.changed_items, name.items) == (1, 1, 3)


def test_the_relay_watches_what_is_hot(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    erp = ListErp([row(n) for n in range(1, 4)])
    with SqliteSink(tmp_path / "shop.db") as sink:
        relay = HotRelay(erp, [Article.stock.feed("available")], sink, state)
        for stock in (1, 2, 3):
            erp.rows[0]["stock"] = stock
            relay.run()
    fields = {one.declared.name: one.volatility for one in audit(state, ["products", "offers"], Article).fields}
    stock = fields["stock"]
    assert stock is not None
    assert (stock.runs, stock.changed_runs, stock.changes) == (2, 2, 2)


def test_nothing_is_watched_where_nobody_wants_it(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    erp = ListErp([row(1)])
    ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(watched=0)).run()
    with SqliteSink(tmp_path / "shop.db") as sink:
        HotRelay(erp, [Article.stock.feed("available")], sink, state, watched=0).run()
    assert (state.watch("products"), state.watch("offers")) == (Watch(), Watch())


def test_a_state_of_the_last_format_is_brought_up_to_date(tmp_path: Path) -> None:
    import sqlite3

    from akeneo_erp_bridge.sync._stored._tables import MIGRATIONS

    path = tmp_path / "state.db"
    with sqlite3.connect(path) as old:
        for migration in MIGRATIONS[:2]:
            old.executescript(migration)
        old.execute("PRAGMA user_version = 2")
        old.execute("INSERT INTO origin VALUES ('products', 'somewhere')")
    old.close()
    with SqliteState(path) as one:
        assert one.watch("products") == Watch()
        watched(one, range(2))
        one.bind("products", "somewhere", claim=False)


# ---- as text and as a page ----
def test_the_table_fits_a_terminal(state: SqliteState) -> None:
    watched(state, range(60))
    lines = str(audit(state, "tools", Tool)).splitlines()
    assert lines[0] == "temperature audit of Tool"
    assert lines[1].split() == [
        "field",
        "declared",
        "changed",
        "in",
        "a",
        "value",
        "lasts",
        "items",
        "changed",
        "verdict",
    ]
    table = {line.split()[0]: line for line in lines[2:10]}
    assert "100 % of 59 runs" in table["shelf"]
    assert "too warm" in table["shelf"]
    assert "no change seen" in table["tax"]
    assert max(map(len, lines[:10])) <= 110


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(2)> & 'quoted'"


def test_the_page_escapes_what_comes_from_the_erp(state: SqliteState) -> None:
    watched(state, range(60))
    found = audit(state, "tools", Tool)
    fields = [
        evolve(
            one,
            declared=evolve(one.declared, name=EVIL),
            findings=[evolve(two, field=EVIL, detail=EVIL) for two in one.findings],
        )
        for one in found.fields
    ]
    tags = Tags()
    tags.feed(Audit(EVIL, fields).to_html())
    assert not {tag for tag, _ in tags.seen} & {"script", "img"}
    assert not any(name.startswith("on") for _, attributes in tags.seen for name in attributes)
    assert EVIL in tags.said


def test_the_page_needs_nothing_beside_it(state: SqliteState) -> None:
    watched(state, range(60))
    page = audit(state, "tools", Tool).to_html()
    tags = Tags()
    tags.feed(page)
    assert not [attributes for _, attributes in tags.seen if {"src", "href"} & attributes.keys()]
    assert "@import" not in page
    assert "url(http" not in page
    svg = re.search(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert svg is not None
    drawing = ElementTree.fromstring(svg.group())
    titles = [one.text for one in drawing.iter("title")]
    assert len(titles) == len(Tool.specs)
    assert "shelf: changed in 100 % of 59 runs; a value lasts 1 day" in titles


def test_the_picture_stands_alone(state: SqliteState) -> None:
    watched(state, range(60))
    drawing = ElementTree.fromstring(evolve(audit(state, "tools", Tool), name=EVIL).to_svg())
    assert drawing.get("aria-label") == f"How long a value of each field of {EVIL} lasts"
    assert len(list(drawing.iter("{http://www.w3.org/2000/svg}title"))) == len(Tool.specs)


def test_marks_stand_where_the_axis_says(state: SqliteState) -> None:
    watched(state, range(60))
    page = audit(state, "tools", Tool).to_html()
    place = {words: float(x) for x, words in re.findall(r'<text class="soft" x="([\d.]+)"[^>]*>(1 \w+)</text>', page)}
    shelf = re.search(r"<title>shelf:.*?<circle class=\"cold\" cx=\"([\d.]+)\"", page, flags=re.DOTALL)
    assert shelf is not None
    assert float(shelf.group(1)) == pytest.approx(place["1 day"], abs=2)
    assert place["1 hour"] < place["1 day"] < place["1 week"] < place["1 month"] < place["1 year"]


def test_an_audit_of_nothing_says_so(state: SqliteState) -> None:
    found = audit(state, "tools", Tool)
    assert "none observed yet" in found.to_html()
    assert "every field behaves as declared, as far as it was seen" in str(found)
