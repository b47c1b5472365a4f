"""Numbers and their limits, units, packs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import MeasurementFamily, Metric, Operation, PimStructure, Unit
from akeneo_erp_bridge.codes import MeasurementFamilyCode, UnitCode
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.errors import ConfigurationError, MappingError
from akeneo_erp_bridge.mapping import (
    ProductMapping,
    UnitFactor,
    convert,
    converted_to,
    decimal,
    in_unit,
    integer,
    measured,
    per_pack,
    rounded,
    to_unit,
    unit_factors,
    unit_iso,
    unit_synonyms,
    whole_number,
)
from akeneo_erp_bridge.rules import Cell, Clear, Outcome, Problem, Put
from akeneo_erp_bridge.testing import PimSimulator


def code_of(outcome: Outcome[object]) -> str:
    assert isinstance(outcome, Problem), outcome
    return outcome.code


# ---- limits ----
def test_more_decimals_than_allowed_are_rounded_only_if_told() -> None:
    assert code_of(decimal("de_DE", scale=2).run("0,125")) == "too_precise"
    assert decimal("de_DE", scale=2, rounding="half_up").run("0,125") == Put(Decimal("0.13"), ("rounded from 0.125",))
    assert decimal("de_DE", scale=2).run("0,1200") == Put(Decimal("0.12")), "zeros are no decimals"
    assert decimal("de_DE", scale=2).run("0,1") == Put(Decimal("0.1")), "and none are added"


def test_bounds_hold_after_rounding() -> None:
    rule = decimal("en_US", scale=0, rounding="half_up", minimum=0, maximum=10)
    assert isinstance(rule.run("10.4"), Put)
    assert code_of(rule.run("10.5")) == "too_large"
    assert code_of(rule.run("-1")) == "too_small"
    assert rule.run("-0.4") == Put(Decimal(0), ("rounded from -0.4",))
    assert str(rule.run("-0.4").value) == "0"  # type: ignore[union-attr]  # no Put would have failed above


@given(st.decimals(-(10**20), 10**20, allow_nan=False), st.integers(0, 6))
def test_rounding_is_to_the_nearest_and_tells(number: Decimal, scale: int) -> None:
    outcome = rounded(scale).run(number)
    assume(not (isinstance(outcome, Problem) and outcome.code == "not_a_number"))  # of more than a hundred digits
    assert isinstance(outcome, Put)
    away = abs(Fraction(outcome.value) - Fraction(number))
    assert away <= Fraction(1, 2 * 10**scale)
    assert bool(outcome.notes) == bool(away)
    exact = rounded(scale, rounding="problem").run(number)
    assert exact == outcome if not away else isinstance(exact, Problem)


def test_what_is_rounded_does_not_pass_both_ways() -> None:
    with pytest.raises(MappingError, match=r"'0,25' does not pass both ways: rounded from 0\.25"):
        decimal("de_DE", scale=1, rounding="half_up").iso().there("0,25")
    with pytest.raises(MappingError, match="not a number"):
        decimal("de_DE").iso().back(Decimal("NaN"))


def test_whole_numbers() -> None:
    assert whole_number().run(Decimal("5.0")) == Put(5)
    assert whole_number().run(7) == Put(7)
    assert code_of(whole_number().run(Decimal("5.5"))) == "not_an_integer"
    assert whole_number(rounding="half_up").run(Decimal("-5.5")) == Put(-6, ("rounded from -5.5",))
    assert code_of(whole_number(maximum=4).run(5)) == "too_large"


@pytest.mark.parametrize("text", ["1.000", "5,000", "-12.345", "1.234.567"])
def test_thousands_or_decimals_is_not_guessed(text: str) -> None:
    assert code_of(integer().run(text)) == "ambiguous_number"


def test_a_locale_says_whether_it_is_thousands() -> None:
    assert integer("de_DE").run("1.234.567") == Put(1234567)
    assert integer("de_DE").run("5,000") == Put(5)
    assert integer("en_US").run("5,000") == Put(5000)


def test_a_whole_number_of_a_locale() -> None:
    assert integer("de_DE").run("1.234,0") == Put(1234)
    assert code_of(integer("de_DE").run("1,5")) == "not_an_integer"
    assert isinstance(integer("de_DE").run(" "), Clear)
    assert integer().run("1234.000") == Put(1234), "four digits in front are no group"
    assert code_of(integer().run("9" * 5000)) == "not_an_integer"


@pytest.mark.parametrize(
    "arguments",
    [
        {"scale": -1},
        {"scale": 101},
        {"rounding": "half_up"},
        {"scale": 1, "rounding": "up"},
        {"minimum": 2, "maximum": 1},
    ],
)
def test_limits_that_make_no_sense_are_refused_at_once(arguments: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match=r"decimal\('de_DE'\)"):
        decimal("de_DE", **arguments)  # type: ignore[arg-type]  # wrong on purpose


# ---- units ----
@pytest.fixture(scope="module")
def structure() -> PimStructure:
    simulator = PimSimulator(sample=True)
    with AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim:
        return pim.structure()


def family(structure: PimStructure, code: str) -> MeasurementFamily:
    return structure.measurement_families[MeasurementFamilyCode(code)]


def test_every_conversion_of_the_pim_is_exact_and_as_the_pim_counts(structure: PimStructure) -> None:
    amount = Decimal("12.5")
    checked = 0
    for one in structure.measurement_families.values():
        factors = unit_factors(one)
        for source in one.units:
            for target in one.units:
                exact = convert(amount, factors[source], factors[target])
                about = one.convert(amount, source=source, target=target)
                assert abs(exact - Fraction(about)) <= abs(exact) * Fraction(1, 10**20)
                assert convert(exact, factors[target], factors[source]) == amount
                checked += 1
    assert checked > 1000


def test_degrees_have_another_zero(structure: PimStructure) -> None:
    celsius = to_unit("CELSIUS", family=family(structure, "Temperature"))
    outcome = celsius.run(Metric(Decimal(212), UnitCode("FAHRENHEIT")))
    assert outcome == Put(Metric(Decimal(100), UnitCode("CELSIUS")))


def test_what_is_not_exact_is_rounded_only_if_told(structure: PimStructure) -> None:
    speed = family(structure, "Speed")
    one = Metric(Decimal(1), UnitCode("KILOMETER_PER_HOUR"))
    assert code_of(to_unit("METER_PER_SECOND", family=speed).run(one)) == "not_exact"
    assert code_of(to_unit("METER_PER_SECOND", family=speed, scale=3).run(one)) == "too_precise"
    outcome = to_unit("METER_PER_SECOND", family=speed, scale=3, rounding="half_up").run(one)
    assert outcome == Put(Metric(Decimal("0.278"), UnitCode("METER_PER_SECOND")), ("rounded from 0.277778…",))
    minus = to_unit("METER_PER_SECOND", family=speed, scale=0, rounding="half_up").run(
        Metric(Decimal("-1.8"), UnitCode("KILOMETER_PER_HOUR"))
    )
    assert isinstance(minus, Put)
    assert minus.value.amount == -1, "a half goes away from zero"


def test_the_erp_s_words_become_the_pim_s_unit(structure: PimStructure) -> None:
    rule = converted_to("GRAM", unit_synonyms("Weight"), family=family(structure, "Weight"))
    for word in ("kg", "KGM", " Kilogramm ", "kilogrammes"):
        assert rule.run((Decimal("1.5"), word)) == Put(Metric(Decimal(1500), UnitCode("GRAM")))
    assert code_of(rule.run((Decimal(1), "Stk"))) == "unknown_unit"


def test_a_unit_of_another_family_is_not_converted(structure: PimStructure) -> None:
    words = {"kg": "KILOGRAM", "m": "METER"}
    rule = converted_to("GRAM", words, family=family(structure, "Weight"))
    assert code_of(rule.run((Decimal(1), "m"))) == "wrong_unit"
    with pytest.raises(ConfigurationError, match="another measurement family"):
        converted_to("GRAM", {"m": "METER"}, family=family(structure, "Weight"))
    with pytest.raises(ConfigurationError, match="METER"):
        to_unit("METER", family=family(structure, "Weight"))
    with pytest.raises(ConfigurationError, match="METER"):
        unit_iso("METER", "GRAM", family=family(structure, "Weight"))


def test_preflight_finds_a_unit_that_is_not_of_the_attribute_s_family(structure: PimStructure) -> None:
    class Article(ErpItem):
        number = cold(str, "number", key=True)
        length = cold(Decimal, "length")
        unit = cold(str, "unit")

    def found(target: str, code: str) -> list[str]:
        rule = converted_to(target, unit_synonyms(code), family=family(structure, code))  # type: ignore[arg-type]  # one of them
        cell: Cell[Metric] = Cell("weight")
        mapping = ProductMapping(
            Article, Article.number.to(Cell[str]("sku")), ((Article.length & Article.unit) >> rule).to(cell)
        )
        return [one.code for one in mapping.preflight(structure)]

    assert found("GRAM", "Weight") == []
    assert found("METER", "Length") == ["no_unit"]


def test_steps_follow_each_other() -> None:
    steps = (("add", 2), ("mul", 3), ("sub", 1), ("div", 4))
    factor = UnitFactor(1)
    for operator, value in steps:
        factor = factor.then(Operation(operator=operator, value=Decimal(value)))  # type: ignore[arg-type]  # one of the four
    assert convert(Decimal(5), factor, UnitFactor(1)) == ((5 + 2) * 3 - 1) / Fraction(4)


def test_factors_that_lead_nowhere_are_refused() -> None:
    step = Operation(operator="div", value=Decimal(0))
    broken = MeasurementFamily(
        code=MeasurementFamilyCode("x"),
        standard_unit_code=UnitCode("A"),
        units={UnitCode("A"): Unit(code=UnitCode("A"), convert_from_standard=(step,))},
    )
    with pytest.raises(ConfigurationError, match="div 0"):
        unit_factors(broken)
    for wrong in ("0", "x", "1/0"):
        with pytest.raises(ConfigurationError):
            UnitFactor(wrong)


@pytest.mark.parametrize("kind", ["Area", "CaseBox", "Duration", "Intensity", "Length", "Power", "Temperature", "Voltage", "Volume", "Weight"])  # fmt: skip
def test_the_ready_words_mean_units_that_a_pim_has(structure: PimStructure, kind: str) -> None:
    words = unit_synonyms(kind)  # type: ignore[arg-type]  # one of them
    assert set(words.values()) <= set(family(structure, kind).units)
    assert all(word == word.casefold().strip() for word in words), "as words are looked up"
    measured(words)  # which refuses a word of two meanings


def test_no_ready_word_is_written_twice() -> None:
    from akeneo_erp_bridge.mapping._values._unit_words import _WORDS

    for kind, units in _WORDS.items():
        words = [word for one in units.values() for part in one.split("|") for word in part.split()]
        assert sorted(words) == sorted(set(words)), kind
        assert all(one.count("|") == 3 for one in units.values()), kind


def test_words_of_one_language() -> None:
    assert "stück" in unit_synonyms("CaseBox", "de")
    assert "stück" not in unit_synonyms("CaseBox", "fr")
    for wrong in (("Mass",), ("Weight", "xx")):
        with pytest.raises(ConfigurationError, match="no words for"):
            unit_synonyms(*wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_an_infinite_amount_is_no_measurement() -> None:
    assert code_of(in_unit("GRAM").run(Decimal("Infinity"))) == "not_a_number"
    assert code_of(measured({"g": "GRAM"}).run((Decimal("NaN"), "g"))) == "not_a_number"


def test_a_unit_word_of_two_meanings_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'mw' and 'MW'"):
        measured({"mw": "MILLIWATT", "MW": "MEGAWATT"})


# ---- packs ----
def test_quantities_are_multiplied_and_prices_divided() -> None:
    packs = {"CTN": 12, "PAL": Decimal(480)}
    assert per_pack(packs, base="PCE").run((Decimal(3), " ctn")) == Put(Decimal(36))
    assert per_pack(packs, base="PCE").run((5, "pce")) == Put(Decimal(5))
    assert per_pack(packs, base="PCE", of="price").run((Decimal(6), "CTN")) == Put(Decimal("0.5"))
    assert code_of(per_pack(packs, base="PCE").run((Decimal(3), "BOX"))) == "unknown_pack"


def test_a_price_without_an_end_is_rounded_only_if_told() -> None:
    assert code_of(per_pack({"CTN": 12}, base="PCE", of="price").run((Decimal(1), "CTN"))) == "not_exact"
    rule = per_pack({"CTN": 12}, base="PCE", of="price", scale=4, rounding="half_up")
    assert rule.run((Decimal(1), "CTN")) == Put(Decimal("0.0833"), ("rounded from 0.0833333…",))


def test_packs_of_nothing_are_refused() -> None:
    for packs in ({"CTN": 0}, {"CTN": -1}, {"PCE": 12}, {"CTN": 12, "ctn": 10}):
        with pytest.raises(ConfigurationError, match="per_pack"):
            per_pack(packs, base="PCE")
