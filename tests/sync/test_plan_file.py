"""A plan as a file: all of it comes back, what was altered does not, and notes tell what was done to values."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import asdict, evolve

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import MediaSource, ProductMapping, clean, decimal, in_unit, sanitized_html, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import (
    CellChange,
    ErpToPim,
    ItemChange,
    LedgerEntry,
    Plan,
    SqliteState,
    Tally,
    VariantPlan,
)
from akeneo_erp_bridge.sync._plans._files import Unbound
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Rows
from world import ListErp, make_mapping, row


def planned(pim: AkeneoClient, state: SqliteState) -> Plan:
    """Creates, updates, a reference price, notes and a parked item."""
    erp = ListErp([row(1), row(2)])
    one = ErpToPim(erp, make_mapping(), pim, state)
    one.run()
    erp.rows = [row(1, name=" Anew "), row(2), row(3, colour="purple"), row(4, name=None)]
    return one.plan()


def made(new: JsonValue, *, old: JsonValue = None, **rest: object) -> Plan:
    """A plan of one cell."""
    after = LedgerEntry(
        ErpKey("1"),
        "print",
        "context",
        "ref",
        {"cell": new},
        {"cell": "2026-06-13"},
        {"cell": ["a"]},
        unlinked={"x": {"y": 1}},
    )
    cells = {"cell": CellChange("cell", old, new, "rule", ("note",))}
    change = ItemChange(ErpKey("1"), "update", cells, after, ItemChange.seal_of(after, cells), **rest)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # what a test gives
    report = Tally(read=1, updated=1, cells=1).report("products", timedelta(seconds=1.5))
    return Plan(report, [change], [], "origin", "mapping", "structure", datetime(2026, 6, 13, 10, tzinfo=UTC))


# ---- all of it comes back ----
def test_a_plan_comes_back_as_it_was(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    plan = planned(pim, state)
    assert (len(plan.creates), len(plan.updates), len(plan.parked)) == (1, 1, 1)
    assert plan.report.references
    plan.save(tmp_path / "plan.json")
    back = Plan.load(tmp_path / "plan.json")
    assert back.to_json() == plan.to_json() == (tmp_path / "plan.json").read_text()
    for ours, theirs in zip(plan.changes, back.changes, strict=True):
        assert evolve(theirs, after=ours.after) == ours
        assert asdict(theirs.after, recurse=False) == {
            name: dict(value) if hasattr(value, "keys") else value
            for name, value in asdict(ours.after, recurse=False).items()
        }
        assert ItemChange.seal_of(theirs.after, theirs.cells) == theirs.seal
    assert list(back.parked) == list(plan.parked)
    assert [dict(one.sample) for one in back.parked] == [dict(one.sample) for one in plan.parked] != [{}]
    assert back.report == plan.report
    assert (back.origin, back.mapping, back.structure, back.made_at) == (
        plan.origin,
        plan.mapping,
        plan.structure,
        plan.made_at,
    )
    assert plan.made_at is not None
    assert plan.made_at.tzinfo is not None
    assert plan.origin.startswith("Article items of the PIM http")


@pytest.mark.parametrize(
    "value",
    [
        Decimal("12.5000"), Decimal("0.1"), Decimal("1E+3"), Decimal(7), 7, 0.1, 1e-07, True, None, "", "1.50",
        {"amount": Decimal("0.30"), "unit": "KILOGRAM"}, [{"amount": "9.90", "currency": "EUR"}],
        ("a", "b"), [["x", [Decimal("2.50")]]], "half a character \udce9", "line\nbreak\u2028\x00",
    ],
)  # fmt: skip
def test_values_keep_their_digits_and_the_seal_holds(value: JsonValue) -> None:
    plan = made(value, old=value)
    text = plan.to_json()
    text.encode()  # it can be written
    back = Plan.from_json(text)
    (change,) = back.changes
    assert ItemChange.seal_of(change.after, change.cells) == change.seal == plan.changes[0].seal
    assert not holds_float(change.cells["cell"].new)
    assert Plan.from_json(back.to_json()).to_json() == back.to_json()
    if isinstance(value, Decimal):
        found = change.cells["cell"].new
        assert isinstance(found, Decimal | int)
        assert str(found) == str(value)


def holds_float(value: JsonValue) -> bool:
    if isinstance(value, list | tuple):
        return any(map(holds_float, value))
    return any(map(holds_float, value.values())) if isinstance(value, dict) else isinstance(value, float)


def test_a_seal_tells_values_apart() -> None:
    values: list[JsonValue] = [
        Decimal("1.5"),
        "1.5",
        Decimal("1.50"),
        None,
        "",
        [],
        ["1.5"],
        {"a": "1.5"},
        True,
        1,
        "True",
    ]
    assert len({made(value).changes[0].seal for value in values}) == len(values)


def test_files_come_back_by_where_they_are() -> None:
    sources = {
        "row": MediaSource("a.jpg", b"\x00\xff"),
        "folder": MediaSource("b.jpg", Path("/pictures/b.jpg")),
        "fetched": MediaSource("c.jpg", "4711", {}.__getitem__),
    }
    back = Plan.from_json(made("sha256:x", files=sources).to_json()).changes[0].files
    assert back["row"] == sources["row"]
    assert (back["folder"].content, back["folder"].fetch) == ("/pictures/b.jpg", Unbound("path"))
    assert (back["fetched"].content, back["fetched"].fetch) == ("4711", Unbound("reference"))
    with pytest.raises(ConfigurationError, match="read by `apply` alone"):
        back["folder"].read()
    again = Plan.from_json(Plan.from_json(made("sha256:x", files=sources).to_json()).to_json()).changes[0].files
    assert again == back


def test_it_is_its_owners_alone_and_replaced_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    old_mask = os.umask(0)
    try:
        made("a").save(path)
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ConfigurationError, match="cannot be written \\(No space left on device\\)"):
        made("b").save(path)
    assert path.read_text() == before
    assert [one.name for one in tmp_path.iterdir()] == ["plan.json"]


def test_a_line_an_item(pim: AkeneoClient, state: SqliteState) -> None:
    plan = planned(pim, state)
    lines = plan.lines()
    first = json.loads(next(lines))
    assert (first["action"], first["key"], first["stream"]) == ("update", "000001", "products")
    assert first["cells"]["name[en_US]"] == {
        "old": "Shirt 1", "new": "Anew", "rule": "(name >> clean()).required()", "notes": ["cleaned from ' Anew '"],
    }  # fmt: skip
    rest = [json.loads(line) for line in lines]
    assert [(one["action"], one["key"]) for one in rest] == [("create", "000003"), ("parked", "000004")]
    assert (rest[1]["code"], "detail" in rest[1]) == ("required", True)
    assert not any("\n" in line or "\u2028" in line for line in made("a\nb\u2028c").lines())


# ---- what does not come back ----
def altered(text: str) -> str:
    return text.replace('"new": "a"', '"new": "b"')


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (altered, "it was altered after it was made; make a new plan"),
        (lambda text: text.replace('"old": null', '"old": "A"'), "it was altered"),
        (lambda text: text.replace('"note"', '"nothing"'), "it was altered"),
        (lambda text: text.replace('"ref": "ref"', '"ref": "other"'), "it was altered"),
        (lambda text: text.partition('\n"check_sum"')[0].rstrip(",") + "\n}\n", "it was altered"),
        (lambda text: text[:-30], "make a new plan"),
        (lambda text: text.replace('"format": 1', '"format": 2'), "it is of format 2, and this version reads 1"),
        (lambda text: "{}", "it is no plan file; name one"),
        (lambda text: "[]", "make a new plan"),
        (lambda text: "no JSON", "make a new plan"),
        (lambda text: "[" * 100_000, "make a new plan"),
        (lambda text: VariantPlan([Plan.from_json(text)]).to_json(), "it is a VariantPlan, which has a load of its own"),
    ],
)  # fmt: skip
def test_what_is_not_as_it_was_made_is_refused_in_one_line(
    change: Callable[[str], str], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(change(made("a").to_json()))
    with pytest.raises(ConfigurationError) as raised:
        Plan.load(path)
    assert str(raised.value).startswith(f"plan file '{path}': ")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    with pytest.raises(ConfigurationError, match="^plan: "):
        Plan.from_json(path.read_text())


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be read \(No such file or directory\); check the path"):
        Plan.load(tmp_path / "nothing.json")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"cannot be read \(it is no text\)"):
        Plan.load(tmp_path / "binary")


# ---- notes ----
class Noted(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    text = cold(str, "text")
    weight = cold(str, "weight")
    colour = cold(str, "colour")


NOTED = ProductMapping(
    Noted,
    (Noted.number >> sku()).to(Cell[str]("sku")),
    (Noted.name >> clean(max_length=10, too_long="truncate")).to(Cell[str]("name", locale="en_US")),
    (Noted.text >> sanitized_html()).to(Cell[str]("name", locale="de_DE")),
    (Noted.weight >> decimal("de_DE", scale=2, rounding="half_up") >> in_unit("KILOGRAM")).to(Cell("weight")),
    (Noted.colour >> clean()).to(Cell[str]("colour")),
)
WORDY = {
    "number": "1",
    "name": "Cordless drill 18 V",
    "text": "<p onclick='x'>Hi</p>",
    "weight": "1,255",
    "colour": "purple",
}


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("weight", "rounded from 1.255"),
        ("name[en_US]", "truncated from 19 to 8 characters"),
        ("name[de_DE]", "removed from the HTML: onclick of <p>"),
        ("colour", "option to create: 'purple'; the PIM refuses the item before it is there"),
    ],
)
def test_what_was_done_to_a_value_is_in_the_plan(
    cell: str, note: str, is_known: bool, pim: AkeneoClient, state: SqliteState
) -> None:
    erp = Rows(Noted, {"number": "1"} if is_known else WORDY)
    one = ErpToPim(erp, NOTED, pim, state)
    if is_known:
        one.run()
        erp.rows = [{**WORDY}]
    (change,) = Plan.from_json(one.plan().to_json()).changes
    assert change.action == ("update" if is_known else "create")
    assert change.cells[cell].notes == (note,)
    assert change.cells["name[en_US]"].new == "Cordless"


@pytest.mark.parametrize(
    ("colours", "words"),
    [
        (["purple", "red"], "1 will be refused until an option is made: 'purple' of colour"),
        (["purple", "purple"], "2 will be refused until an option is made: 'purple' of colour"),
        (["a", "b", "c", "d", "e", "f"], "6 will be refused until options are made: 'a' of colour, 'b' of colour, "),
        (["red"], ""),
    ],
)
def test_what_the_pim_will_refuse_is_counted(
    colours: list[str], words: str, pim: AkeneoClient, state: SqliteState
) -> None:
    erp = Rows(Noted, *({**WORDY, "number": str(number), "colour": one} for number, one in enumerate(colours)))
    plan = Plan.from_json(ErpToPim(erp, NOTED, pim, state).plan().to_json())
    line, page = str(plan), plan.to_html()
    assert line.endswith("0 parked") if not words else f"0 parked; {words}" in line
    assert line.endswith(" and 1 more") is (len(colours) == 6)
    assert ("to be refused" in page, "will be refused until" in page) == (bool(words), bool(words))


def test_an_option_that_is_there_has_no_note_whatever_its_case(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = Rows(Noted, *({"number": str(number), "name": "x", "text": "x", "weight": "1", "colour": colour} for number, colour in enumerate(["RED", "blue", "Mauve", *map(str, range(12))])))  # fmt: skip
    simulator.load("/api/rest/v1/attributes/colour/options", [{"code": str(number)} for number in range(11)])
    changes = ErpToPim(erp, NOTED, pim, state).plan().changes
    assert [one.cells["colour"].new for one in changes if one.cells["colour"].notes] == ["Mauve", "11"]


def test_a_plan_writes_nothing_anywhere(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    planned(pim, state)
    simulator.forget_calls()
    entries = dict(state.entries("products", [ErpKey("000001"), ErpKey("000003")]))
    ErpToPim(ListErp([row(3)]), make_mapping(), pim, state).plan()
    assert simulator.mutating_calls == []
    assert state.entries("products", [ErpKey("000001"), ErpKey("000003")]).keys() == entries.keys()
