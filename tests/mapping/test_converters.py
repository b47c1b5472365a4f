"""Converters: each with its law for blank and wrong input."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import boolean, clean, decimal, integer, lookup, measured, plain_text, price_in, sku
from akeneo_erp_bridge.rules import Clear, Keep, Problem, Put, Rule


@pytest.mark.parametrize(
    ("locale", "text", "value"),
    [
        ("de_DE", "1,250", "1.250"),
        ("de_DE", "1.234,50", "1234.50"),
        ("de_DE", "1.234", "1234"),
        ("de_DE", "-0,5", "-0.5"),
        ("en_US", "1,234.50", "1234.50"),
        ("fr_FR", "1\u202f234,5", "1234.5"),
        ("de_CH", "1’234.5", "1234.5"),
    ],
)
def test_numbers_as_locales_write_them(locale: str, text: str, value: str) -> None:
    assert decimal(locale).run(text) == Put(Decimal(value))


@pytest.mark.parametrize("text", ["12,,5", "1.2.5", "ca. 2", "1.23,4", "NaN", "1e5", "٣", "--1", "1,2,3"])
def test_what_is_no_number_is_a_problem(text: str) -> None:
    outcome = decimal("de_DE").run(text)
    assert isinstance(outcome, Problem)
    assert repr(text) in outcome.detail


def test_an_unknown_locale_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="xx_XX"):
        decimal("xx_XX")


@given(st.integers(0, 10**12), st.integers(0, 999))
def test_formatted_numbers_are_read_back_exactly(whole: int, part: int) -> None:
    number = Decimal(whole) + Decimal(part) / 1000
    german = f"{number:,.3f}".replace(",", "x").replace(".", ",").replace("x", ".")
    assert decimal("de_DE").run(german) == Put(number)


@pytest.mark.parametrize(
    "rule", [decimal("de_DE"), integer(), clean(), plain_text(), lookup({"a": "b"}), boolean(true="J", false="N")]
)
def test_a_blank_text_means_no_value(rule: Rule[str, object, object]) -> None:
    assert isinstance(rule.run("  "), Clear)


def test_integers() -> None:
    assert integer().run("5.0") == Put(5)
    assert isinstance(integer().run("5.5"), Problem)


def test_units_are_looked_up_in_any_case_and_never_guessed() -> None:
    rule = measured({"KG": "KILOGRAM"})
    outcome = rule.run((Decimal("1.5"), " kg "))
    assert isinstance(outcome, Put)
    assert (outcome.value.amount, outcome.value.unit) == (Decimal("1.5"), "KILOGRAM")
    assert isinstance(rule.run((Decimal(1), "Stk")), Problem)


def test_clean_tells_what_it_did() -> None:
    outcome = clean().run(" Cordless\u00a0drill\x07 ")
    assert isinstance(outcome, Put)
    assert outcome.value == "Cordless drill"
    assert outcome.notes
    assert clean().run("Drill") == Put("Drill")
    assert clean().run("e\u0301") == Put("é", clean().run("e\u0301").notes)  # type: ignore[union-attr]  # no Put would be no match


def test_too_long_is_a_problem_unless_told_to_cut() -> None:
    assert isinstance(clean(max_length=5).run("a" * 6), Problem)
    cut = clean(max_length=5, too_long="truncate").run("aaa bbb")
    assert isinstance(cut, Put)
    assert cut.value == "aaa"
    assert "7 to 3" in cut.notes[0]


def test_plain_text_drops_scripts_and_decodes_entities() -> None:
    outcome = plain_text().run("<p>Strong &amp; light</p><script>steal()</script><ul><li>one<li>two</ul>")
    assert isinstance(outcome, Put)
    assert outcome.value == "Strong & light\none\ntwo"


def test_sku_keeps_leading_zeros_and_refuses_what_the_pim_refuses() -> None:
    assert sku().run(" 000123 ") == Put("000123")
    for bad in ("a,b", "a;b", "a\nb", "x" * 256, "  "):
        assert isinstance(sku().run(bad), Problem)


def test_lookup_does_with_unknown_words_what_it_was_told() -> None:
    assert isinstance(lookup({"a": "b"}).run("x"), Problem)
    assert isinstance(lookup({"a": "b"}, unknown="keep").run("x"), Keep)
    assert isinstance(lookup({"a": "b"}, unknown="clear").run("x"), Clear)


def test_a_boolean_word_that_is_unknown_is_not_false() -> None:
    assert isinstance(boolean(true={"J"}, false={"N"}).run("vielleicht"), Problem)


def test_a_price_of_zero_is_no_price() -> None:
    assert isinstance(price_in("EUR").run(Decimal(0)), Problem)


@given(st.text())
def test_no_text_makes_a_converter_raise(text: str) -> None:
    for rule in (
        decimal("de_DE"),
        integer(),
        clean(),
        plain_text(),
        sku(),
        lookup({"a": "b"}),
        boolean(true="J", false="N"),
    ):
        assert isinstance(rule.run(text), Put | Keep | Clear | Problem)
