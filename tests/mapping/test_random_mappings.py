"""Random mappings on random rows: no rule raises, each outcome is of its type, and a run accounts for every item.

The seed of a case is its name: ``pytest "tests/mapping/test_random_mappings.py" -k "seed7-"`` runs it again.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Metric, Price
from akeneo_erp_bridge.classification import Cold
from akeneo_erp_bridge.erp import ErpItem, Lines, assert_cold, cold, hot, translations, whole
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    ENABLED,
    FAMILY,
    MediaSource,
    ProductMapping,
    UnitFactor,
    all_of,
    all_true,
    any_of,
    any_true,
    as_set,
    association,
    at_most,
    bill_of_materials,
    blob,
    boolean,
    clean,
    code_table,
    concat,
    constant,
    converted_to,
    count_of,
    day,
    decimal,
    distinct,
    each,
    equals,
    every,
    extract,
    fan_out,
    fetched,
    file_in,
    first,
    gtin,
    in_language,
    in_unit,
    integer,
    is_in,
    join,
    joined,
    languages,
    largest,
    last,
    localized,
    lookup,
    matching,
    measured,
    moment,
    not_,
    per_pack,
    plain_text,
    plain_to_html,
    present,
    price_in,
    quantified,
    reference,
    rounded,
    sanitized_html,
    single,
    sku,
    slug,
    smallest,
    split,
    switch,
    table,
    template,
    to_unit,
    whole_number,
    yes_no,
)
from akeneo_erp_bridge.rules import Binding, Cell, Clear, Iso, Keep, Outcome, Owner, Problem, Put, Rule
from akeneo_erp_bridge.sync import Brakes, ErpToPim, SqliteState, SyncOptions
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Row, Rows
from world import fill


class Item(ErpItem):
    id = cold(str, "id", key=True)
    text = cold(str, "text")
    maybe = cold(str, "maybe").nullable()
    inside = cold(str, "tree.branch.leaf")
    second = cold(str, "lines[1].text")
    texts = cold(str, "lines[*].text").many()
    holes = cold(str, "lines[*].text").nullable().many()
    numbers = cold(Decimal, "lines[*].size").many()
    flags = cold(bool, "lines[*].flag").many()
    number = cold(Decimal, "number")
    whole = cold(int, "whole")
    flag = cold(bool, "flag")
    day = cold(date, "day")
    moment = cold(datetime, "moment")
    groups = cold(frozenset[str], "groups")
    names = translations("names")
    price = hot(Decimal, "price")
    kit = cold(Lines, "lines")
    photo = cold(bytes, "photo")


class Line(ErpItem):
    text = cold(str, "text")
    size = cold(int, "size")
    flag = cold(bool, "flag")


HUGE = 10**5000
VALUES: tuple[object, ...] = (
    None, "", " ", "a", "KG", " KG\u00a0", "J", "n", "0", "1", "-1", "1,5", "1.234,50", "4006381333931", "<p>x</p>", "e\u0301",
    "x" * 300, "a,b", "a\nb", "\x00", "\ud800", "NaN", 0, 1, -1, 7, HUGE, 10**50, True, False, 0.1, float("nan"),
    float("inf"), Decimal("0.00"), Decimal("-1.5"), Decimal("NaN"), Decimal("sNaN"), Decimal("1E+999999"), b"x", object(),
    date(2024, 2, 29), datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None), "2024-02-29", "2024-02-29T10:00:00+00:00", (), [],
    {}, ["a", None], {"text": "a"}, {"E": "a", "D": None}, frozenset({"a"}),
)  # fmt: skip
TAME: Row = {
    "text": "a", "maybe": "b", "number": "1.5", "whole": 2, "flag": True, "day": "2024-02-29", "moment": "2024-02-29T10:00:00Z",
    "photo": b"\xff\xd8", "groups": ["a", "b"], "names": {"E": "a", "D": "b"}, "price": "9.90", "tree": {"branch": {"leaf": "J"}},
    "lines": [{"text": "KG", "size": "3", "flag": False}, {"text": "a", "size": 1, "flag": True}],
}  # fmt: skip
WORDS = ("a", "b", "KG", "J")
Made = Rule[Item, Any, Cold]
"""A rule of any value: what it is follows from the kind that was asked for."""


# ---- rows ----
def random_row(random: Random, key: int, *, tame: float = 0.5) -> Row:
    """Each column is as it should be in `tame` of all cases, and else absent, null or anything."""
    row: Row = {"id": f"key {key}"}
    for name, usual in TAME.items():
        if random.random() < tame:
            row[name] = usual
        elif random.random() < 0.8:
            row[name] = random.choice([None, random.choice(VALUES), random_tree(random, 3)])
    if random.random() < 0.1:
        row["lines[1].text"] = random.choice(VALUES)
    return row


def random_tree(random: Random, depth: int) -> object:
    kind = random.random()
    if depth == 0 or kind < 0.2:
        return random.choice(VALUES)
    if kind < 0.6:
        return [random_tree(random, depth - 1) for _ in range(random.randrange(4))]
    names = ("text", "size", "flag", "branch", "leaf", "E", "D")
    return {name: random_tree(random, depth - 1) for name in random.sample(names, random.randrange(4))}


# ---- rules, by what they give ----
def fail(value: object) -> str:
    raise RuntimeError(f"not today: {value!r}")


def text(random: Random, depth: int) -> Made:
    leaves: list[Callable[[], Made]] = [
        lambda: Item.text, lambda: Item.inside, lambda: Item.second, Item.maybe.required,
        lambda: Item.maybe.default(random.choice(WORDS)), lambda: constant(random.choice(WORDS)),
        lambda: Item.names >> in_language(random.choice("EDX")),
    ]  # fmt: skip
    trees: list[Callable[[], Made]] = [
        lambda: text(random, depth - 1) >> random.choice([clean(), clean(max_length=2, too_long="truncate"), plain_text(), sku(), gtin()]),
        lambda: text(random, depth - 1) >> lookup({"a": "b", "kg": "KG"}, unknown=random.choice(["problem", "keep", "clear"])),  # type: ignore[arg-type]  # one of the three
        lambda: joined(text(random, depth - 1), text(random, depth - 1), separator=random.choice(["", " ", ", "])),
        lambda: random.choice([first, last, smallest, largest, concat])(texts(random, depth - 1)),
        lambda: text(random, depth - 1).map(random.choice([str.title, str.strip, repr, fail])),
        lambda: (text(random, depth - 1) & text(random, depth - 1)).map("/".join),
        lambda: number(random, depth - 1).map(str),
        lambda: group(random, depth - 1) >> single(),
        lambda: text(random, depth - 1) >> Iso(str.encode, bytes.decode).as_rule() >> Iso(bytes.decode, str.encode).as_rule(),
        lambda: assert_cold(whole(Item).map(lambda item: item.text), reads=random.sample(["text", "lines"], 1), reason="x"),
        lambda: languages({"E": "x"}, fallback={"y": "x"}).columns({"E": text(random, depth - 1)})["y"],
        lambda: languages({"E": "x", "D": "y"}, fallback={"y": "x"}).texts(Item.names)["y"],
        lambda: text(random, depth - 1) >> random.choice(CONVERTERS)(),
        lambda: text(random, depth - 1) >> random.choice(CONVERTERS)(),
        lambda: group(random, depth - 1) >> join("; "),
        lambda: template("{a}-{b}", a=text(random, depth - 1), b=number(random, depth - 1), missing=random.choice(["keep", "drop", "problem"])),  # type: ignore[arg-type]  # one of the three
        lambda: random.choice([Item.day, Item.moment, launch(random, depth - 1)]).map(str),
    ]  # fmt: skip
    return grown(random, depth, leaves, trees, text)


CONVERTERS: tuple[Callable[[], Rule[str, str, Any]], ...] = (
    slug, lambda: slug(max_length=10, too_long="hash"), lambda: code_table(["a", "A", "KG"], clash="hash"),
    lambda: lookup({"a": "b"}, unknown="pass"), lambda: lookup({"a": "b"}, unknown="review"),
    lambda: extract(r"(\w)", no_match="keep"), lambda: matching("[a-zA-Z]+"), sanitized_html, plain_to_html,
    lambda: plain_text(max_length=3, too_long="truncate"), lambda: sku(case="upper"),
)  # fmt: skip


def launch(random: Random, depth: int) -> Made:
    formats = random.choice([["%Y-%m-%d"], ["%d.%m.%Y", "%Y%m%d"]])
    return text(random, depth) >> random.choice([day(*formats), moment(formats[0], zone="Europe/Berlin")])


def texts(random: Random, depth: int) -> Made:
    leaves: list[Callable[[], Made]] = [
        lambda: Item.texts,
        lambda: Item.holes.map(lambda found: tuple(filter(None, found))),
    ]
    trees: list[Callable[[], Made]] = [
        lambda: texts(random, depth - 1) >> every(random.choice([clean(), gtin(), lookup({"a": "b"}), lookup({"a": "b"}, unknown="keep")])),
        lambda: distinct(texts(random, depth - 1)),
        lambda: group(random, depth - 1).map(lambda found: tuple(sorted(found))),
    ]  # fmt: skip
    return grown(random, depth, leaves, trees, texts)


def group(random: Random, depth: int) -> Made:
    leaves: list[Callable[[], Made]] = [lambda: Item.groups, lambda: Item.text >> as_set()]
    trees: list[Callable[[], Made]] = [
        lambda: text(random, depth - 1) >> split(random.choice(",; ")),
        lambda: group(random, depth - 1) >> random.choice([at_most(1), each(slug())]),
        lambda: texts(random, depth - 1).map(frozenset),
        lambda: text(random, depth - 1) >> as_set(),
        lambda: group(random, depth - 1) >> each(random.choice([clean(), lookup({"a": "b"}, unknown="keep")])),
    ]
    return grown(random, depth, leaves, trees, group)


def number(random: Random, depth: int) -> Made:
    leaves: list[Callable[[], Made]] = [lambda: Item.number, lambda: Item.whole, lambda: constant(Decimal("1.5"))]
    trees: list[Callable[[], Made]] = [
        lambda: text(random, depth - 1) >> random.choice([decimal("de_DE"), decimal("en_US"), integer()]),
        lambda: random.choice([smallest, largest, first, last])(Item.numbers),
        lambda: count_of(texts(random, depth - 1)),
        lambda: number(random, depth - 1).map(lambda found: Decimal(1) / found),
        lambda: text(random, depth - 1) >> random.choice([decimal("de_DE", scale=1, rounding="half_up", minimum=0), integer("de_DE")]),
        lambda: number(random, depth - 1) >> random.choice([rounded(1), rounded(0, rounding="half_up"), whole_number(maximum=9)]),
        lambda: (number(random, depth - 1) & text(random, depth - 1)) >> per_pack({"KG": 12}, base="a", of=random.choice(["quantity", "price"])),  # type: ignore[arg-type]  # one of the two
    ]  # fmt: skip
    return grown(random, depth, leaves, trees, number)


def flag(random: Random, depth: int) -> Made:
    leaves: list[Callable[[], Made]] = [lambda: Item.flag, lambda: constant(value=random.random() < 0.5)]
    trees: list[Callable[[], Made]] = [
        lambda: text(random, depth - 1) >> random.choice([equals("a"), is_in("a", "KG"), boolean(true={"J"}, false={"N"})]),
        lambda: number(random, depth - 1) >> is_in(Decimal(0), Decimal("1.5")),
        lambda: text(random, depth - 1) >> yes_no("de"),
        lambda: random.choice([all_of, any_of])(flag(random, depth - 1), flag(random, depth - 1)),
        lambda: not_(flag(random, depth - 1)),
        lambda: present(random.choice([text, number, group])(random, depth - 1)),
        lambda: present(random.choice([Item.day, Item.moment])),
        lambda: random.choice([any_true, all_true])(Item.flags),
    ]  # fmt: skip
    return grown(random, depth, leaves, trees, flag)


def grown(
    random: Random,
    depth: int,
    leaves: list[Callable[[], Made]],
    trees: list[Callable[[], Made]],
    same: Callable[[Random, int], Made],
) -> Made:
    """One of its own kind, or one of the combinators that every kind has."""
    if depth <= 0:
        return random.choice(leaves)()
    less = depth - 1
    combined: list[Callable[[], Made]] = [
        lambda: same(random, less) | same(random, less),
        lambda: same(random, less).when(flag(random, less)),
        lambda: same(random, less).catch(),
        lambda: same(random, less).required(),
        lambda: switch(text(random, less), {"a": same(random, less), "KG": same(random, less)}),
        lambda: switch(flag(random, less), {True: same(random, less)}, otherwise=same(random, less)),
    ]
    return random.choice([*leaves, *trees, *trees, *combined])()


def deeper(kind: Callable[[Random, int], Made], random: Random) -> Made:
    """A rule of this kind, now and then one whose problems give up the cell only, so that some items get through."""
    rule = kind(random, random.randrange(4))
    return rule.catch() if random.random() < 0.6 else rule


def metric(random: Random) -> Made:
    amount = deeper(number, random)
    kind = random.random()
    if kind < 0.4:
        return amount >> in_unit("KILOGRAM")
    if kind < 0.5:
        return amount >> in_unit("GRAM") >> to_unit("KILOGRAM", family=WEIGHTS, scale=2, rounding="half_up")
    units = {"KG": "KILOGRAM", "a": "GRAM"}
    return (amount & deeper(text, random)) >> random.choice(
        [measured(units), converted_to("GRAM", units, family=WEIGHTS)]
    )


WEIGHTS = {"GRAM": UnitFactor(1), "KILOGRAM": UnitFactor(1000)}


# ---- shapes beside the single value ----
def rows(random: Random) -> Made:
    texts = [
        Line.text,
        Line.text >> clean(),
        Line.text.default("a"),
        Line.text.catch(),
        Line.text >> lookup({"a": "KG"}),
    ]
    columns: dict[str, Rule[Line, Any, Cold]] = {"part": random.choice(texts)}
    if random.random() < 0.7:
        columns["size"] = random.choice([Line.size, Line.size >> rounded(0), Line.size.catch()])
    if random.random() < 0.7:
        columns["flag"] = random.choice([Line.flag, Line.flag.default(value=False)])
    rule = Item.kit >> table(Line, columns, merge=random.random() < 0.5)
    return rule.catch() if random.random() < 0.5 else rule


def parts_of_a_kit(random: Random) -> Made:
    duplicates = random.choice(["sum", "refuse"])
    rule = Item.kit >> bill_of_materials(Line, component=Line.text, quantity=Line.size, duplicates=duplicates)  # type: ignore[arg-type]  # one of the two
    return rule.catch() if random.random() < 0.5 else rule


def picture(random: Random) -> Made:
    if random.random() < 0.3:
        return Item.photo >> blob("photo.jpg")
    found = deeper(text, random) >> random.choice(
        [file_in("no-such-folder"), fetched(bytes.fromhex, name="{}.jpg".format)]
    )
    return found.catch()


# ---- mappings ----
NAME: Cell[str] = Cell("name", locale="en_US")
WEIGHT: Cell[Metric] = Cell("weight")
MSRP: Cell[tuple[Price, ...]] = Cell("msrp")
NUMBER: Cell[Decimal] = Cell("size")
PICTURE: Cell[MediaSource] = Cell("picture")
TYPES: dict[str, tuple[type, ...]] = {
    "sku": (str,), "name[en_US]": (str,), "name[de_DE]": (str,), "colour": (str,), "weight": (Metric,), "family": (str,),
    "size": (Decimal, int), "enabled": (bool,), "categories": (frozenset,), "tags": (frozenset,), "msrp": (tuple,),
    "title[en_US, ecommerce]": (str,), "picture": (MediaSource,), "parts": (tuple,), "launch": (date,),
    str(association("UPSELL").key): (frozenset,), str(quantified("PACK").key): (Mapping,),
}  # fmt: skip
"""By the cell: what a value of it is."""


def random_mapping(random: Random) -> ProductMapping[Item]:
    colour, family = lookup({"a": "red", "kg": "blue"}, unknown="keep"), lookup({"a": "clothing"}, unknown="keep")
    shirts = lookup({"a": "shirts"}, unknown="keep")
    owner = random.choice(list(Owner))
    bindings: list[Binding[Item]] = [
        *localized("name", {"en_US": deeper(text, random), "de_DE": deeper(text, random)}, owner=owner),
        *fan_out("title", {("en_US", "ecommerce"): deeper(text, random)}),
        (deeper(text, random) >> colour).to(Cell[str]("colour")),
        metric(random).to(WEIGHT, owner=owner),
        deeper(number, random).to(NUMBER),
        deeper(flag, random).to(ENABLED),
        (deeper(text, random) >> family).to(FAMILY),
        (deeper(group, random) >> each(shirts)).to(CATEGORIES),
        (deeper(group, random) >> each(lookup({"a": "a", "b": "b"}, unknown="keep"))).to(Cell[frozenset[str]]("tags")),
        rows(random).to(Cell("parts")),
        picture(random).to(PICTURE),
        launch(random, random.randrange(3)).catch().to(Cell("launch")),
        (deeper(group, random) >> each(slug())).to(association("UPSELL")),
        parts_of_a_kit(random).to(quantified("PACK")),
        reference(Item.price >> price_in("EUR"), reason="x", min_age=timedelta(0), min_change=Decimal("0.001")).to(
            MSRP
        ),
    ]
    chosen = random.sample(bindings, random.randrange(1, len(bindings) + 1))
    return ProductMapping(Item, (Item.id.map(str) >> sku()).to(Cell[str]("sku")), *chosen)


# ---- the laws ----
@pytest.mark.parametrize("seed", range(500), ids=lambda seed: f"seed{seed}-")
def test_no_rule_raises_and_each_outcome_is_of_its_type(seed: int) -> None:
    random = Random(seed)
    mapping = random_mapping(random)
    for key in range(8):
        item = Item(random_row(random, key))  # type: ignore[arg-type]  # rows are what they are
        mapped = mapping.run(item)
        assert set(mapped.outcomes) == {one.cell.key for one in mapping.bindings}
        for cell, outcome in mapped.outcomes.items():
            check(cell, outcome)
        assert item.fingerprint(mapping.paths) == item.fingerprint(mapping.paths)
    assert mapping.explain()


def check(cell: str, outcome: Outcome[object]) -> None:
    assert isinstance(outcome, Put | Keep | Clear | Problem)
    if isinstance(outcome, Problem):
        assert outcome.code != "rule_failed", f"{cell}: {outcome}"
        assert outcome.detail
        assert len(str(outcome)) < 3000
    elif isinstance(outcome, Put):
        assert isinstance(outcome.value, TYPES[cell]), f"{cell}: {outcome.value!r}"


def test_the_same_seed_makes_the_same_mapping_and_it_is_read_from_its_fields_alone() -> None:
    """What is not in `paths` changes nothing: neither the fingerprint nor an outcome."""
    for seed in range(50):
        random = Random(seed)
        mapping = random_mapping(random)
        row = random_row(random, 1)
        before = mapping.run(Item(row))  # type: ignore[arg-type]  # as above
        columns = {path.partition(".")[0].partition("[")[0] for path in mapping.paths} | set(mapping.paths)
        less = Item({name: value for name, value in row.items() if name in columns})  # type: ignore[misc]  # as above
        assert repr(mapping.run(less)) == repr(before)
        assert less.fingerprint(mapping.paths) == Item(row).fingerprint(mapping.paths)  # type: ignore[arg-type]  # as above
        assert random_mapping(Random(seed)).explain() == mapping.explain()


ATTRIBUTES = [
    {"code": "title", "type": "pim_catalog_textarea", "group": "erp", "localizable": True, "scopable": True},
    {"code": "tags", "type": "pim_catalog_multiselect", "group": "erp"},
    {"code": "size", "type": "pim_catalog_number", "group": "erp", "decimals_allowed": True, "negative_allowed": False},
    {"code": "launch", "type": "pim_catalog_date", "group": "erp"},
    {"code": "picture", "type": "pim_catalog_image", "group": "erp", "allowed_extensions": ["jpg"]},
    {"code": "parts", "type": "pim_catalog_table", "group": "erp", "table_configuration": [
        {"code": "part", "data_type": "select", "options": [{"code": code} for code in ("a", "KG")]},
        {"code": "size", "data_type": "number"}, {"code": "flag", "data_type": "boolean"},
    ]},
]  # fmt: skip
LINKS = [{"code": "UPSELL"}, {"code": "PACK", "is_quantified": True}]


@pytest.fixture(scope="module")
def written() -> Iterator[list[int]]:
    """How many items each run wrote: where most write none, little is shown."""
    counts: list[int] = []
    yield counts
    assert len(counts) < 40 or sum(count > 0 for count in counts) > 25, counts


@pytest.mark.parametrize("seed", range(40), ids=lambda seed: f"seed{seed}-")
def test_runs_account_for_every_item_and_a_second_one_writes_nothing(seed: int, written: list[int]) -> None:
    random = Random(seed)
    simulator = fill(PimSimulator())
    simulator.load("/api/rest/v1/attributes", ATTRIBUTES)
    simulator.load("/api/rest/v1/attributes/tags/options", [{"code": code} for code in "ab"])
    simulator.load("/api/rest/v1/association-types", LINKS)
    all_of_them = ["sku", "name", "weight", "colour", "msrp", *(one["code"] for one in ATTRIBUTES)]
    simulator.load("/api/rest/v1/families", [{"code": "clothing", "attributes": all_of_them}])
    rows = [random_row(random, key, tame=random.choice([0.5, 0.9, 1.0])) for key in range(30)]
    options = SyncOptions(page_size=7, brakes=Brakes(parked_share=1.0))
    with (
        AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim,
        SqliteState(":memory:") as state,
    ):
        erp = Rows(Item, *rows)
        job = ErpToPim(erp, random_mapping(random), pim, state, options=options)
        report = job.run()
        assert report.accounts_for_everything()
        assert report.read == len(rows)
        assert report.read == report.unchanged + report.written + report.held + report.parked
        assert len(list(pim.products.list())) == report.created
        assert len(list(state.parked("products"))) == report.parked
        again = job.run()
        assert again.accounts_for_everything()
        assert (again.read, again.written) == (len(rows), 0)
        erp.rows = [random_row(random, key, tame=0.9) if key % 3 else row for key, row in enumerate(rows)]
        later = job.run()
        assert later.accounts_for_everything()
        assert later.read == len(rows)
        written.append(report.created + later.written)


def test_mappings_are_of_all_kinds() -> None:
    """Or the laws above would be about a few of them only."""
    explained = "\n".join(random_mapping(Random(seed)).explain() for seed in range(500))
    for word in (
        " | ", " & ", ".when(", ".catch()", ".required()", ".default(", ".map(", "switch(", "otherwise:", "all_of(", "any_of(", "not_(",
        "present(", "equals(", "is_in(", "first()", "last()", "smallest()", "largest()", "any_true()", "all_true()", "count_of()",
        "distinct()", "concat(", "every(", "each(", "assert_cold(", "in_language(", "else x:", "joined(", "lookup(", "iso(", "measured(",
        "in_unit(", "single()", "as_set()", "gtin()", "sku()", "decimal(", "integer()", "boolean(", "reference(",
        "slug(", "code_table(", "unknown='pass')", "extract(", "matching(", "sanitized_html(", "plain_to_html(", "join(", "split(", "template(",
        "day(", "moment(", "at_most(", "rounded(", "whole_number(", "per_pack(", "to_unit(", "table(part", "bill_of_materials(", "blob(",
        "file_in(", "fetched(",
    ):  # fmt: skip
        assert word in explained, word


def test_rows_and_rules_give_each_outcome_often() -> None:
    counts = dict.fromkeys((Put, Keep, Clear, Problem), 0)
    for seed in range(100):
        random = Random(seed)
        mapping = random_mapping(random)
        for key in range(5):
            for outcome in mapping.run(Item(random_row(random, key))).outcomes.values():  # type: ignore[arg-type]  # as above
                counts[type(outcome)] += 1
    assert min(counts.values()) > sum(counts.values()) // 50, counts


def test_a_plain_row_travels_with_its_item() -> None:
    item = Item({"id": "1", "lines": [{"text": "a"}]})
    assert pickle.loads(pickle.dumps(item)).texts == ("a",)
