"""What holds for every converter of single values, whatever it is given."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.codes import UnitCode
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import (
    UnitFactor,
    as_set,
    at_most,
    boolean,
    clean,
    code_table,
    constant,
    converted_to,
    day,
    decimal,
    each,
    extract,
    in_unit,
    integer,
    join,
    lookup,
    matching,
    measured,
    moment,
    per_pack,
    plain_text,
    plain_to_html,
    rounded,
    sku,
    slug,
    split,
    split_iso,
    template,
    to_unit,
    unit_iso,
    whole_number,
    yes_no,
)
from akeneo_erp_bridge.rules import Clear, Iso, Keep, Problem, Put, Rule, identity

WEIGHTS = {"GRAM": UnitFactor(1), "KILOGRAM": UnitFactor(1000), "OUNCE": UnitFactor("28.349523125")}

OF_TEXTS: dict[str, Callable[[], Rule[str, object, object]]] = {
    "lookup": lambda: lookup({"Rot": "red"}, name="colours"),
    "lookup, review": lambda: lookup({"Rot": "red"}, unknown="review"),
    "lookup, pass": lambda: lookup({"Rot": "red"}, unknown="pass"),
    "slug": slug,
    "slug, hash": lambda: slug(max_length=10, too_long="hash"),
    "code_table": lambda: code_table(["Rot", "Grün", "gruen"], clash="hash"),
    "code_table, problems": lambda: code_table(["Grün", "gruen"]),
    "sku": lambda: sku(without_prefix="ART-", case="upper"),
    "decimal": lambda: decimal("de_DE", scale=2, rounding="half_up", minimum=0, maximum=10),
    "integer": lambda: integer(rounding="half_up"),
    "integer, German": lambda: integer("de_DE"),
    "day": lambda: day("%d.%m.%Y", "%Y%m%d"),
    "moment": lambda: moment("%d.%m.%Y %H:%M", zone="Europe/Berlin"),
    "moment, offset": lambda: moment("%Y-%m-%dT%H:%M:%S%z"),
    "boolean": lambda: boolean(true="X", false=""),
    "yes_no": lambda: yes_no("de", "fr"),
    "split": lambda: split(";"),
    "split and more": lambda: split(";") >> each(slug()) >> at_most(2),
    "clean": lambda: clean(max_length=9, too_long="truncate"),
    "matching": lambda: matching("[0-9]{13}"),
    "plain_text": lambda: plain_text(max_length=9, too_long="truncate"),
    "plain_to_html": plain_to_html,
    "extract": lambda: extract(r"(\d+) mm", no_match="keep"),
    "as_set": lambda: as_set() >> join(";"),
    "template": lambda: template("{a}-{b}", a=constant("x"), b=constant(Decimal("1E+2"))),
    "split_iso": lambda: split_iso("-", count=2).as_rule(),
}
OF_NUMBERS: dict[str, Callable[[], Rule[Decimal, object, object]]] = {
    "rounded": lambda: rounded(2, maximum=10),
    "whole_number": whole_number,
    "in_unit": lambda: in_unit("GRAM") >> to_unit("OUNCE", family=WEIGHTS, scale=3, rounding="half_up"),
    "unit_iso": lambda: unit_iso("OUNCE", "KILOGRAM", family=WEIGHTS).as_rule(),
}
OF_PAIRS: dict[str, Callable[[], Rule[tuple[Decimal, str], object, object]]] = {
    "measured": lambda: measured({"kg": "KILOGRAM"}),
    "converted_to": lambda: converted_to("OUNCE", {"kg": "KILOGRAM", "m": "METER"}, family=WEIGHTS),
    "per_pack": lambda: per_pack({"CTN": 12}, base="PCE"),
    "per_pack, price": lambda: per_pack({"CTN": 12}, base="PCE", of="price", scale=4, rounding="half_up"),
}
ALL = {**OF_TEXTS, **OF_NUMBERS, **OF_PAIRS}

LIKELY = st.sampled_from([
    "Rot", "Grün", "X", "ja", "1.234,50", "1.000", "99999", "0,005", "-0,001", "31.12.2026", "29.02.2025", "00000000",
    "29.03.2026 02:30", "25.10.2026 02:30", "0001-01-01T00:00:00Z", "a;b; ;c", "12 mm", "DR-18", "ART-", "Große Leiter rot",
    "<p>a</p>", "<![x[", "<!--", "&#0;", "\x00", "\ud800", "9" * 5000, "e\u0301", "İ", "ﬁ", "４２", "٣",
])  # fmt: skip
TEXTS = st.text() | LIKELY | st.lists(LIKELY, max_size=3).map("".join) | st.text("0123456789.,:-+ TZ", max_size=20)
# an ERP's driver may give any of these; binary floats never come this far
NUMBERS = st.decimals() | st.sampled_from([
    Decimal("1E+999999"), Decimal("1E-999999"), Decimal("sNaN"), Decimal("-Infinity"), Decimal("0E+500"), Decimal("9" * 300),
])  # fmt: skip
PAIRS = st.tuples(NUMBERS, st.text() | st.sampled_from(["kg", "m", "CTN", "pce", " KG "]))


def is_outcome(outcome: object) -> bool:
    if isinstance(outcome, Problem):
        return bool(outcome.code) and len(outcome.detail) < 600 and "\n" not in outcome.detail
    return isinstance(outcome, Put | Keep | Clear)


@pytest.mark.parametrize("name", OF_TEXTS)
@given(text=TEXTS)
def test_no_text_makes_a_converter_raise(name: str, text: str) -> None:
    assert is_outcome(OF_TEXTS[name]().run(text))


@pytest.mark.parametrize("name", OF_NUMBERS)
@given(number=NUMBERS)
def test_no_number_makes_a_converter_raise(name: str, number: Decimal) -> None:
    outcome = OF_NUMBERS[name]().run(number)
    assert is_outcome(outcome)
    if not number.is_finite():
        assert isinstance(outcome, Problem)


@pytest.mark.parametrize("name", OF_PAIRS)
@given(pair=PAIRS)
def test_no_pair_makes_a_converter_raise(name: str, pair: tuple[Decimal, str]) -> None:
    outcome = OF_PAIRS[name]().run(pair)
    assert is_outcome(outcome)
    if not pair[0].is_finite():
        assert isinstance(outcome, Problem)


@pytest.mark.parametrize("name", ALL)
def test_a_converter_travels_between_processes_and_compares_by_value(name: str) -> None:
    rule = ALL[name]()
    twin = pickle.loads(pickle.dumps(rule))
    assert twin == rule == ALL[name]()
    assert hash(twin) == hash(rule)
    assert identity(twin) == identity(rule)
    assert len(rule.label) < 80


# ---- both ways ----
ISOS: dict[str, tuple[Iso[object, object], st.SearchStrategy[object]]] = {  # type: ignore[assignment]  # each with its own types
    "lookup": (lookup({"Rot": "red", "BLAU": "blue"}).iso(), st.sampled_from(["Rot", "BLAU"])),
    "boolean": (yes_no("de").iso(true="Ja", false="Nein"), st.sampled_from(["Ja", "Nein"])),
    "decimal": (decimal("de_DE").iso(), st.from_regex(r"-?(0|[1-9][0-9]{0,9})(,[0-9]{1,5})?", fullmatch=True)),
    "integer": (integer("de_DE").iso(), st.integers(-(10**9), 10**9).map(str)),
    "day": (day("%d.%m.%Y").iso(), st.dates().map(lambda one: f"{one:%d.%m.}{one.year:04}").filter(lambda one: one[-4:] not in ("0001", "1753", "1900"))),
    "split": (split(";").iso(), st.sets(st.text("abc -", min_size=1).map(str.strip).filter(bool), min_size=1).map(lambda words: ";".join(sorted(words)))),
    "split_iso": (split_iso("--"), st.text("ab-")),
    "units": (unit_iso("OUNCE", "GRAM", family=WEIGHTS), st.decimals(-(10**6), 10**6, places=4)),
    "codes": (code_table(["Rot", "Grün", "gruen"], clash="hash").iso(), st.sampled_from(["Rot", "Grün", "gruen"])),
    "sku": (sku(without_prefix="ART-").iso(), st.from_regex(r"ART-[0-9A-Z]{1,8}", fullmatch=True)),
    "per_pack": (per_pack({"CTN": 12}, base="PCE").iso("CTN"), st.decimals(-(10**6), 10**6, places=2)),
}  # fmt: skip


@pytest.mark.parametrize("name", ISOS)
@given(data=st.data())
def test_there_and_back_is_where_it_began(name: str, data: st.DataObject) -> None:
    iso, values = ISOS[name]
    value = data.draw(values)
    assert iso.back(iso.there(value)) == value


@pytest.mark.parametrize("name", ISOS)
def test_a_pair_travels_between_processes(name: str) -> None:
    iso, _ = ISOS[name]
    assert pickle.loads(pickle.dumps(iso)) == iso


def test_a_rule_that_loses_something_has_no_way_back() -> None:
    with pytest.raises(ConfigurationError, match="case"):
        sku(case="upper").iso()
    with pytest.raises(ConfigurationError, match="PAL"):
        per_pack({"CTN": 12}, base="PCE").iso("PAL")


def test_the_way_back_takes_any_unit_of_the_family() -> None:
    pair = unit_iso("KILOGRAM", "GRAM", family=WEIGHTS)
    assert pair.back(Metric(Decimal("1.5"), UnitCode("KILOGRAM"))) == Decimal("1.5")
