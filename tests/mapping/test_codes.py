"""Codes made of labels, SKUs, and texts put together and taken apart."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.classification import Cold, Hot
from akeneo_erp_bridge.erp import ErpItem, cold, hot
from akeneo_erp_bridge.errors import ConfigurationError, MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping import clean, code_table, constant, extract, matching, sku, slug, template
from akeneo_erp_bridge.rules import Cell, Clear, Keep, Outcome, Problem, Put, Rule

LATIN = st.text("abcABC0129 äÖßéłØ-/_.,", min_size=1, max_size=12)


def problem(outcome: Outcome[object]) -> Problem:
    assert isinstance(outcome, Problem), outcome
    return outcome


# ---- slug ----
@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("007", "007"),
        ("Größe / Süß", "groesse_suess"),
        ("Łódź", "lodz"),
        ("smørrebrød på Åland", "smoerrebroed_paa_aaland"),
        ("e\u0301te\u0301", "ete"),
        ("u\u0308ber", "ueber"),
        ("--a--b--", "a_b"),
        ("m²", "m2"),
        ("5 µm", "5_um"),
    ],
)
def test_labels_become_codes(label: str, code: str) -> None:
    assert slug().run(label) == Put(code)


@given(st.text() | LATIN)
def test_a_code_is_letters_digits_and_underscores(label: str) -> None:
    outcome = slug(max_length=12, too_long="hash").run(label)
    if isinstance(outcome, Put):
        assert re.fullmatch("[a-z0-9_]{1,12}", outcome.value)
        assert slug(max_length=12, too_long="hash").run(outcome.value) == Put(outcome.value), "a code is its own code"


@pytest.mark.parametrize("label", ["Шина", "轮胎", "٣", "a\nb", "a\u2028b", "???"])
def test_what_makes_no_code_is_a_problem(label: str) -> None:
    assert problem(slug().run(label)).code == "bad_code"


def test_a_long_code_is_cut_only_if_told() -> None:
    assert problem(slug(max_length=20).run("a" * 21)).code == "too_long"
    rule = slug(max_length=20, too_long="hash")
    one, two = rule.run("a" * 30 + "x"), rule.run("a" * 30 + "y")
    assert isinstance(one, Put)
    assert isinstance(two, Put)
    assert len(one.value) == 20
    assert one.value != two.value, "what was cut off still tells them apart"
    assert one.notes == ("shortened from 31 characters",)
    assert slug(case="keep").run("Rot") == Put("Rot")
    with pytest.raises(ConfigurationError, match="leave room"):
        slug(max_length=7)


def test_known_labels_have_known_codes() -> None:
    assert (constant("Größe") >> slug()).possible() == {"groesse"}
    assert slug().possible() is None


# ---- the whole table ----
def test_labels_of_one_code_are_told_at_once() -> None:
    table = code_table(["Rot", "Grün", "gruen", "???"], name="colours")
    assert [one.code for one in table.problems] == ["bad_code", "code_clash", "code_clash"]
    assert problem(table.run("GRÜN")).detail.startswith("'Grün' and 'gruen' would both be 'gruen'")
    assert table.run("rot") == Put("rot")
    assert table.possible() == {"rot"}
    assert problem(table.run("Blau")).code == "unknown_word"
    assert isinstance(table.run(" "), Clear)


@given(st.lists(LATIN, max_size=12))
def test_a_table_with_hashes_tells_all_apart_in_any_order(labels: list[str]) -> None:
    table = code_table(labels, clash="hash")
    codes = [code.lower() for code in table.codes.values()]
    assert len(codes) == len(set(codes))
    folded = {label.strip().casefold() for label in labels}
    assert len(codes) + len(table.problems) == len(folded - {""})
    assert {problem.code for problem in table.problems} <= {"bad_code"}
    again = code_table(list(reversed(labels)), clash="hash")
    assert [again.run(label) for label in table.codes] == [table.run(label) for label in table.codes]


def test_a_code_in_use_stays_as_it_is() -> None:
    table = code_table(["Gruen", "Rot"], existing={"Grün": "GRUEN"}, clash="hash")
    assert table.run("grün") == Put("GRUEN")
    other = table.run("Gruen")
    assert isinstance(other, Put)
    assert re.fullmatch("gruen_[0-9a-f]{6}", other.value)
    clash = code_table(["Gruen"], existing={"Grün": "GRUEN"})
    assert [one.code for one in clash.problems] == ["code_clash"]
    assert clash.run("Grün") == Put("GRUEN")


# ---- SKU ----
def test_a_sku_changes_only_as_declared() -> None:
    assert sku().run("art-007") == Put("art-007")
    rule = sku(without_prefix="art-", case="upper", max_length=5)
    assert rule.run(" art-dr7 ") == Put("DR7")
    assert rule.run("007") == Put("007")
    assert problem(rule.run("123456")).code == "bad_sku"
    assert problem(rule.run("art-")).code == "no_sku"
    assert problem(sku().run("a\u200bb")).code == "bad_sku"
    with pytest.raises(ConfigurationError, match="max_length=0"):
        sku(max_length=0)


# ---- template ----
class Article(ErpItem):
    brand = cold(str, "brand")
    name = cold(str, "name")
    size = cold(Decimal, "size")
    price = hot(Decimal, "price")


def title(missing: str = "keep") -> Rule[Article, str, Cold]:
    return template(
        "> {brand}, {name} ({size})", brand=Article.brand, name=Article.name, size=Article.size, missing=missing
    )  # type: ignore[arg-type]  # one of the three


FULL = {"brand": "Bosch", "name": "Drill", "size": "1.50"}


def test_all_parts() -> None:
    assert title().run(Article(FULL)) == Put("> Bosch, Drill (1.50)")


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"brand": None}, "> Drill (1.50)"),
        ({"name": " "}, "> Bosch (1.50)"),
        ({"size": None}, "> Bosch, Drill)"),
        ({"brand": None, "size": None}, "> Drill)"),
    ],
)
def test_a_missing_part_takes_what_joins_it_along(row: dict[str, object], text: str) -> None:
    assert title("drop").run(Article({**FULL, **row})) == Put(text)


def test_what_a_missing_part_does_is_chosen() -> None:
    null, absent = Article({**FULL, "name": None}), Article({"brand": "Bosch", "size": None})
    assert isinstance(title().run(null), Clear)
    assert isinstance(title().run(absent), Keep), "as long as one part says nothing, nothing is known"
    assert problem(title("problem").run(null)) == problem(title("problem").run(null))
    assert problem(title("problem").run(null)).path == "name"
    nothing = Article({"brand": None, "name": None, "size": None})
    assert isinstance(title("drop").run(nothing), Clear)
    wrong = title("drop").run(Article({**FULL, "size": "x"}))
    assert problem(wrong).path.startswith("size > ")


def test_parts_are_written_in_one_way() -> None:
    rule = template("{a} {b} {c}", a=constant(Decimal("1E+2")), b=constant(date(2026, 7, 1)), c=constant(0))
    assert rule.run("") == Put("100 2026-07-01 0")
    for strange in (True, Decimal("NaN"), Decimal("1E+999999")):
        assert problem(template("{a}", a=constant(strange)).run("")).code == "bad_part"
    noted = template("{a}!", a=constant(" x\u00a0y") >> clean())
    assert noted.run("") == Put("x y!", ("cleaned from ' x\\xa0y'",))


def test_a_template_is_as_hot_as_its_hottest_part() -> None:
    rule = template("{name} {price}", name=Article.name, price=Article.price)
    assert rule.temperatures == {Cold, Hot}
    assert rule.sources == {"name", "price"}
    with pytest.raises(TemperatureRefused):
        rule.to(Cell[str]("name"))  # type: ignore[misc]  # the checker says the same


@pytest.mark.parametrize(
    "text", ["{a}", "{name} {name!r}", "{name:>9}", "{name.x}", "{}", "{name", "plain", "{name} }"]
)
def test_a_template_that_cannot_be_filled_is_refused_at_once(text: str) -> None:
    with pytest.raises(MappingError, match="template"):
        template(text, name=Article.name)


def test_braces_are_written_twice() -> None:
    assert template("{{{name}}}", name=Article.name).run(Article(FULL)) == Put("{Drill}")


# ---- extract and matching ----
def test_extract_takes_the_one_match() -> None:
    assert extract(r"(\d+) mm").run("Bohrer 12 mm, 12 mm lang") == Put("12")
    assert extract(r"\d+ mm").run("Bohrer 12 mm") == Put("12 mm")
    assert extract(r"(?P<n>\d+)(x)", group="n").run("7x") == Put("7")
    assert extract(r"(a)|(b)", group=2, no_match="clear").run("a") == Clear()
    assert problem(extract(r"(\d+) mm").run("12 mm x 80 mm")).code == "several"
    assert problem(extract(r"(\d+) mm").run("Bohrer")).code == "no_match"
    assert isinstance(extract(r"(\d+) mm", no_match="keep").run("Bohrer"), Keep)


def test_wrong_patterns_are_refused_at_once() -> None:
    for make in (
        lambda: extract("("),
        lambda: matching("("),
        lambda: extract("(a)(b)"),
        lambda: extract("(a)", group=2),
        lambda: extract("(a)", group="n"),
    ):
        with pytest.raises(ConfigurationError):
            make()


def test_matching_takes_the_text_from_beginning_to_end() -> None:
    assert matching("[0-9]{3}").run("123") == Put("123")
    for wrong in ("1234", "123\n", ""):
        assert problem(matching("[0-9]{3}").run(wrong)).code == "no_match"
