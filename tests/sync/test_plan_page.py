"""The page of a plan: nothing of it runs, nothing of it asks, and people find their way in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from attrs import evolve

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.mapping import MediaSource
from akeneo_erp_bridge.sync import (
    CellChange,
    HeldCell,
    ItemChange,
    LedgerEntry,
    ParkedItem,
    PassedReference,
    Plan,
    PlanBase,
    Tally,
    VariantPlan,
)
from akeneo_erp_bridge.sync._plans._old_beside_new import both_html
from chromium import Tab, chromium

HOSTILE = [
    "</script><img src=x onerror=alert(1)>", "<script>alert(1)</script>", "\"><svg/onload=alert(1)>", "' onmouseover='alert(1)",
    "</td></tbody></table><h1>gone</h1>", "<!--", "<style>*{display:none}</style>", "</style><b>", "javascript:alert(1)",
    "<a href=http://evil.example/>", "&lt;b&gt;", "\x00\x1b[31m", "safe\u202egpj.exe", "half \udce9", "</title><b>", "`${alert(1)}`",
]  # fmt: skip


def change(
    key: str, *cells: CellChange, action: str = "update", pim: dict[str, JsonValue] | None = None, **rest: object
) -> ItemChange:
    after = LedgerEntry(ErpKey(key), "", "", f"ref of {key}", gone=bool(rest.pop("gone", False)))
    base = PlanBase(ErpKey(key), "", "", pim)
    return ItemChange(ErpKey(key), action, {one.cell: one for one in cells}, after, base=base, **rest)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # what a test gives


def plan_of(
    *changes: ItemChange,
    parked: list[ParkedItem] | None = None,
    stopped_by: str | None = None,
    held: list[HeldCell] | None = None,
    kept: list[HeldCell] | None = None,
) -> Plan:
    report = Tally(read=len(changes), unchanged=7).report("products", timedelta(0), stopped_by)
    return Plan(
        report,
        changes,
        parked or [],
        "Article items of the PIM http://pim.example",
        "",
        "",
        datetime(2026, 6, 13, 10, 5, tzinfo=UTC),
        held=held or [],
        kept=kept or [],
    )


def hostile_plan() -> Plan:
    changes = [
        change(
            text,
            CellChange(text, "old", text, text, (text,)),
            CellChange(
                "list",
                [text, "a"],
                ["a", text, {"amount": text, "unit": text}],
                "r",
                reference=PassedReference(text, text, text),
            ),
            CellChange("file", None, text, "r"),
            pim={text: text, "list": [text], "file": None},
            files={"file": MediaSource(text, b"")},
        )
        for text in HOSTILE
    ]
    parked = [ParkedItem(ErpKey(text), text, text, text) for text in HOSTILE]
    held = [HeldCell(ErpKey(f"held {text}"), text, [text], {"amount": text, "unit": text}, text) for text in HOSTILE]
    plan = plan_of(*changes, parked=parked, stopped_by=HOSTILE[0], held=held, kept=held)
    return evolve(plan, origin=HOSTILE[1])


def good_plan() -> Plan:
    changes = [
        change("A-1", CellChange("name[en_US]", "Cordless drill", "Cordless hammer drill", "name >> clean()", ("cleaned from ' x'",)), pim={"name[en_US]": "Cordless drill"}),
        change("A-2", CellChange("sku", None, "A-2", "number"), CellChange("colour", None, "red", "colour"), action="create"),
        change("A-3", CellChange("enabled", True, False, "deleted in the ERP"), gone=True, pim={"enabled": True}),
        change("A-4", CellChange("categories", ["drills"], ["promotions", "saws"], "group"), pim={"categories": ["drills", "promotions"]}),
    ]  # fmt: skip
    held = [
        HeldCell(ErpKey("A-1"), "weight", "1.5", "1.4", "1.6", datetime(2026, 6, 2, tzinfo=UTC)),
        HeldCell(ErpKey("A-6"), "name[en_US]", "Drill", "Drill Pro", "Cordless drill"),
        HeldCell(ErpKey("A-6"), "tags", ["ce"], ["ce", "gs"], ["eco"]),
        HeldCell(ErpKey("A-7"), "name[en_US]", "Saw, by Julia", "Saw", "Saw, by Julia"),
    ]
    kept = [HeldCell(ErpKey("A-8"), "colour", "blue", "blue", "red")]
    parked = [ParkedItem(ErpKey("A-5"), "not_a_number", "weight", "'ca. 2' is not a number")]
    return plan_of(*changes, parked=parked, held=held, kept=kept)


# ---- without a browser ----
class Elements(HTMLParser):
    """Tags and attributes by name, and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.depth: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_hostile_values_add_no_tag_and_no_attribute() -> None:
    hostile, good = Elements(hostile_plan().to_html()), Elements(good_plan().to_html())
    assert hostile.tags <= good.tags | {"p", "code"}
    assert hostile.attributes <= good.attributes
    assert not {name for name in hostile.attributes if name.startswith("on") or name in ("src", "href", "style")}


def test_nothing_leads_out() -> None:
    page = good_plan().to_html()
    assert re.findall(r"(?i)(?:\bsrc|\bhref|\bsrcset|\burl|@import|fetch)\s*[=(]", page) == []
    assert re.findall(r"https?://[^\s<\"]+", page) == ["http://pim.example"]  # which is told, and not linked
    assert "default-src 'none'" in page
    assert "unsafe" not in page


def test_a_page_can_be_written_whatever_is_in_it(tmp_path: Path) -> None:
    hostile_plan().save_html(tmp_path / "plan.html")
    page = (tmp_path / "plan.html").read_bytes()
    assert (tmp_path / "plan.html").stat().st_mode & 0o777 == 0o600
    assert b"[U+202E]" in page
    assert b"[U+DCE9]" in page
    assert not re.search(rb"[\x00-\x08\x0b-\x1f]", page)


def test_the_parts_of_a_variant_plan_are_on_one_page() -> None:
    page = VariantPlan([good_plan(), good_plan()]).to_html()
    assert page.count("<h1>") == 1
    assert page.count("A-5") == 2
    assert "<span class=ref>products</span>" in page


def test_an_empty_plan_says_so() -> None:
    assert "Nothing would change." in plan_of().to_html()


@pytest.mark.parametrize(
    ("old", "new", "left", "right"),
    [
        ("red drill", "blue drill", "<del>red</del> drill", "<ins>blue</ins> drill"),
        ("a", "a b", "a", "a<ins> b</ins>"),
        (None, "a", '<span class="none">nothing</span>', "a"),
        ("a", [], "a", '<span class="none">nothing</span>'),
        (["a", "b"], ["B", "c"], "<ul><li><del>a</del></li><li>b</li></ul>", "<ul><li>B</li><li><ins>c</ins></li></ul>"),
        (True, False, "<del>yes</del>", "<del>no</del>".replace("del", "ins")),
        ({"amount": "1", "unit": "KILOGRAM"}, {"amount": "2", "unit": "KILOGRAM"}, "<del>1</del> KILOGRAM", "<ins>2</ins> KILOGRAM"),
        ({"amount": "0.31", "unit": "kilogram"}, {"amount": "0.32", "unit": "KILOGRAM"}, "<del>0.31</del> KILOGRAM", "<ins>0.32</ins> KILOGRAM"),
        ("<b>", "<i>", "&lt;<del>b</del>&gt;", "&lt;<ins>i</ins>&gt;"),
    ],
)  # fmt: skip
def test_what_differs_is_marked(old: JsonValue, new: JsonValue, left: str, right: str) -> None:
    assert both_html(old, new) == (left, right)


def test_long_texts_are_marked_in_reasonable_time() -> None:
    old, new = (" ".join(f"{word}{number % 7}" for number in range(20_000)) for word in ("a", "b"))
    assert both_html(f"x {old} y", f"x {new} y")[0].startswith("x <del>a0 a1")


def test_what_is_not_written_shows_both_versions_and_says_why() -> None:
    page = good_plan().to_html()
    rows = {found[1]: found[0] for found in re.finditer(r"<tbody class=item data-action=(?:held|kept).*?class=key>(.*?)<.*?</tbody>", page, re.DOTALL)}  # fmt: skip
    assert list(rows) == ["A-1", "A-6", "A-7", "A-8"]
    assert "<td class=old><div class=value><mark>1.6</mark>" in rows["A-1"], "it stays, and is not struck out"
    assert "in the ERP, not written</div><div class=value><mark>1.4</mark>" in rows["A-1"]
    assert "<li>a PIM user changed it; somebody has to decide</li><li>held since 2026-06-02</li>" in rows["A-1"]
    assert "<div class=aside>before</div><div class=value>1.5</div>" in rows["A-1"]
    assert "decided for the ERP&#x27;s; written by the run that meets the item" in rows["A-7"]
    assert "a PIM user changed it, and the ERP has nothing new" in rows["A-8"]
    assert "<dt>held</dt><dd>4</dd>" in page
    assert "<dt>kept</dt><dd>1</dd>" in page
    assert "<dt>held</dt>" not in plan_of().to_html()
    assert "Nothing would change." not in plan_of(held=[HeldCell(ErpKey("A"), "name", "a", "b", "c")]).to_html()


# ---- in a browser ----
@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("browser")) as one:
        yield one


def on_page(tab: Tab) -> list[str]:
    """The keys of the items to be seen."""
    found: list[str] = tab.find(
        "Array.from(document.querySelectorAll('tbody.item')).filter(one => one.offsetParent !== null || one.offsetHeight > 0)"
        ".map(one => one.querySelector('.key').textContent)"
    )
    return found


def pick(tab: Tab, name: str, value: str) -> None:
    tab.find(
        f"(() => {{ const one = document.getElementById('{name}'); one.value = '{value}';"
        " one.dispatchEvent(new Event('change')); })()"
    )


def test_hostile_values_run_nothing_and_ask_for_nothing(tab: Tab, tmp_path: Path) -> None:
    hostile_plan().save_html(tmp_path / "plan.html")
    tab.open(tmp_path / "plan.html")
    assert tab.complaints == []
    assert tab.requests == [(tmp_path / "plan.html").as_uri()]
    assert (
        tab.find("document.querySelectorAll('img, svg, a, h1 *, iframe, object, [onerror], [onload], [src]').length")
        == 0
    )
    assert tab.find("document.querySelectorAll('script, style').length") == 2
    assert len(on_page(tab)) == 4 * len(HOSTILE)
    assert on_page(tab)[0] == HOSTILE[0]
    # the search finds a text as it is written
    tab.find(
        "document.getElementById('search').value = '<img src=x'; document.getElementById('filters').requestSubmit()"
    )
    assert on_page(tab) == [HOSTILE[0], *[f"held {HOSTILE[0]}"] * 2, HOSTILE[0]]


def test_a_script_that_gets_in_all_the_same_does_not_run(tab: Tab, tmp_path: Path) -> None:
    page = (
        good_plan()
        .to_html()
        .replace(
            "</body>",
            "<script>document.title = 'ran'</script><img src='http://evil.example/x'><p style='color:red'>",
            1,
        )
    )
    (tmp_path / "plan.html").write_text(page)
    tab.open(tmp_path / "plan.html")
    assert tab.find("document.title") == "Plan for products"
    assert len([one for one in tab.complaints if "Content Security Policy" in one]) >= 2


def test_search_and_filters(tab: Tab, tmp_path: Path) -> None:
    good_plan().save_html(tmp_path / "plan.html")
    tab.open(tmp_path / "plan.html")
    assert on_page(tab) == ["A-1", "A-1", "A-2", "A-3", "A-4", "A-6", "A-7", "A-8", "A-5"]
    for value, keys in {
        "create": ["A-2"], "update": ["A-1", "A-4"], "disable": ["A-3"], "parked": ["A-5"],
        "held": ["A-1", "A-6", "A-7"], "kept": ["A-8"],
    }.items():  # fmt: skip
        pick(tab, "action", value)
        assert on_page(tab) == keys
        assert tab.find("document.getElementById('found').textContent") == f"{len(keys)} of 9 items"
    pick(tab, "action", "")
    pick(tab, "cell", "tags")
    assert on_page(tab) == ["A-6"], "a cell that is only held can be chosen"
    pick(tab, "cell", "colour")
    assert on_page(tab) == ["A-2", "A-8"]
    assert tab.find("Array.from(document.querySelectorAll('.on tr[data-cell]')).filter(one => !one.hidden).length") == 2
    tab.find("document.getElementById('filters').reset(); new Promise(done => setTimeout(done, 50))")
    assert len(on_page(tab)) == 9
    tab.find("document.getElementById('noted').click()")
    assert on_page(tab) == ["A-1", "A-1", "A-6", "A-7", "A-8"]
    tab.find("document.getElementById('noted').click(); document.getElementById('search').focus()")
    tab.call("Input.insertText", text="CA. 2")
    tab.key("Enter", code=13)
    tab.find("new Promise(done => setTimeout(done, 300))")
    assert on_page(tab) == ["A-5"]


def test_by_keyboard_alone(tab: Tab, tmp_path: Path) -> None:
    plan_of(*(change(f"{number:04}", CellChange("name", "a", "b", "r")) for number in range(250))).save_html(
        tmp_path / "plan.html"
    )
    tab.open(tmp_path / "plan.html")
    stops: list[str] = []
    for _ in range(7):
        tab.key("Tab", code=9)
        stops.append(tab.find("document.activeElement.id || document.activeElement.type"))
    assert stops[:6] == ["search", "action", "cell", "noted", "reset", "next"]
    tab.find("document.getElementById('next').focus()")
    tab.find("document.activeElement.click()")
    assert (on_page(tab)[0], len(on_page(tab))) == ("0100", 100)
    assert tab.find("document.activeElement.textContent").endswith("ref of 0100"), "a reader goes on at the first item"
    assert tab.find("document.getElementById('found').textContent") == "250 of 250 items, page 2 of 3"
    assert tab.find("[...document.querySelectorAll('input, select')].every(one => one.labels.length === 1)")


def test_without_scripts_it_is_a_table(tab: Tab, tmp_path: Path) -> None:
    plan_of(*(change(f"{number:04}", CellChange("name", "a", "b", "r")) for number in range(250))).save_html(
        tmp_path / "plan.html"
    )
    tab.open(tmp_path / "plan.html", with_scripts=False)
    tree = tab.call("Accessibility.getFullAXTree")["nodes"]
    roles = [one["role"]["value"] for one in tree if not one["ignored"]]
    assert roles.count("columnheader") == 4
    assert roles.count("rowheader") >= 250
    assert "searchbox" not in roles, "what would do nothing is not shown"


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_nothing_is_cut_off_on_a_narrow_screen(width: int, tab: Tab, tmp_path: Path) -> None:
    long = change("K" * 90, CellChange("description[en_US, ecommerce]", "x" * 300, "y" * 400, "r" * 200, ("n" * 200,)))
    held = [HeldCell(ErpKey("H" * 90), "description[en_US, ecommerce]", "x" * 300, "y" * 400, "z" * 300)]
    plan_of(long, *good_plan().changes, held=held).save_html(tmp_path / "plan.html")
    tab.open(tmp_path / "plan.html", width=width, height=800)
    assert tab.find("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_what_is_behind_them(scheme: str, tab: Tab, tmp_path: Path) -> None:
    """At least 4.5 to 1, which WCAG asks for."""
    good_plan().save_html(tmp_path / "plan.html")
    tab.open(tmp_path / "plan.html")
    tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    worst = tab.find(CONTRAST)
    tab.call("Emulation.setEmulatedMedia", features=[])
    assert worst["ratio"] >= 4.5, worst


CONTRAST = """(() => {
  const parts = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
    .map(one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = one => {
    for (; one; one = one.parentElement) {
      const colour = parts(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let worst = {ratio: 99};
  for (const one of document.querySelectorAll('body *')) {
    const said = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!said || one.disabled || !one.checkVisibility()) continue;
    const [a, b] = [light(parts(getComputedStyle(one).color)), light(behind(one))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < worst.ratio) worst = {ratio, text: one.textContent, tag: one.tagName, of: one.className};
  }
  return worst;
})()"""
