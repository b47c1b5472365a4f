"""GTINs, and SKUs made by a pattern."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from itertools import count, islice
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import NumberSequence, check_digit, gtin, sku, sku_pattern
from akeneo_erp_bridge.rules import Clear, Keep, Problem, Put

digits = st.text("0123456789", min_size=1, max_size=30)
kinds: st.SearchStrategy[Literal["gtin", "luhn"]] = st.sampled_from(["gtin", "luhn"])


# published numbers, so that the arithmetic is not checked against itself
@pytest.mark.parametrize("code", ["96385074", "036000291452", "4006381333931", "00012345600012", "0614141999996"])
def test_gtins_that_are_in_use(code: str) -> None:
    assert gtin().run(code) == Put(code)


@pytest.mark.parametrize("number", ["79927398713", "4111111111111111", "378282246310005"])
def test_luhn_numbers_that_are_in_use(number: str) -> None:
    assert check_digit(number[:-1], "luhn") == number[-1]


@given(digits, kinds, st.data())
def test_one_wrong_digit_is_seen(text: str, kind: Literal["gtin", "luhn"], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda one: one != text[place]))
    changed = text[:place] + other + text[place + 1 :]
    assert check_digit(changed, kind) != check_digit(text, kind)


@pytest.mark.parametrize("text", ["", "12a", "١٢", "-1", " 1"])
def test_only_digits_have_a_check_digit(text: str) -> None:
    with pytest.raises(ConfigurationError):
        check_digit(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("4006381333932", "by the others it should be 1"),
        ("400638133393", "by the others it should be"),
        ("04006381333", "it has 11 digits, not 8 or 12 or 13 or 14"),
        ("40063813339a1", "it holds more than digits"),
        ("٤٠٠٦٣٨١٣", "it holds more than digits"),
        ("４００６３８１３", "it holds more than digits"),
        ("0", "it has 1 digits"),
    ],
)
def test_what_is_no_gtin_says_why(text: str, told: str) -> None:
    outcome = gtin().run(text)
    assert isinstance(outcome, Problem)
    assert told in outcome.detail


def test_spaces_and_hyphens_are_taken_out_with_a_note() -> None:
    outcome = gtin().run(" 4-006381-333931 ")
    assert isinstance(outcome, Put)
    assert outcome.value == "4006381333931"
    assert outcome.notes
    assert isinstance(gtin().run(" - "), Clear)


def test_lengths_may_be_narrowed() -> None:
    assert gtin(13, 8).run("96385074") == Put("96385074")
    assert isinstance(gtin(13).run("96385074"), Problem)
    with pytest.raises(ConfigurationError, match="9"):
        gtin(9)


@given(st.text())
def test_no_text_makes_gtin_raise(text: str) -> None:
    assert isinstance(gtin().run(text), Put | Clear | Keep | Problem)


# ---- patterns ----
def test_a_pattern_is_filled() -> None:
    pattern = sku_pattern("{family:3}-{sequence:06}")
    assert pattern.part_names == {"family"}
    assert pattern.sku(17, {"family": "drills"}) == Put("dri-000017")
    assert pattern.sku(0, {"family": " saws "}) == Put("saw-000000")
    assert sku_pattern("{sequence}").sku(123) == Put("123")


@pytest.mark.parametrize(
    ("number", "family", "told"),
    [
        (1_000_000, "drills", "does not fit into 6 digits"),
        (-1, "drills", "does not fit"),
        (1, "dr", "3 characters are needed"),
        (1, "", "3 characters are needed"),
        (1, "a,bc", "which holds what no SKU may"),
        (1, "a\nbc", "which holds what no SKU may"),
    ],
)
def test_what_makes_no_sku_is_a_problem(number: int, family: str, told: str) -> None:
    outcome = sku_pattern("{family:3}-{sequence:06}").sku(number, {"family": family})
    assert isinstance(outcome, Problem)
    assert told in outcome.detail


def test_a_part_that_nobody_gave_is_a_problem() -> None:
    assert isinstance(sku_pattern("{brand}{sequence}").sku(1), Problem)
    assert isinstance(sku_pattern("{brand}{sequence}").sku(1, {"brand": "x" * 300}), Problem)


def test_check_digits_are_put_at_the_end() -> None:
    assert sku_pattern("4012345{sequence:05}", check="gtin").sku(1) == Put("4012345000016")
    assert gtin().run("4012345000016") == Put("4012345000016")
    luhn = sku_pattern("DR-{sequence:04}", check="luhn").sku(1)
    assert luhn == Put("DR-0001" + check_digit("0001", "luhn"))


def test_a_gtin_of_another_length_is_a_problem() -> None:
    assert isinstance(sku_pattern("4012345{sequence}", check="gtin").sku(1), Problem)
    assert isinstance(sku_pattern("{brand:7}{sequence:05}", check="gtin").sku(1, {"brand": "abcdefg"}), Problem)


@pytest.mark.parametrize(
    ("pattern", "check"),
    [
        ("DR-", None),
        ("{sequence}{sequence}", None),
        ("{sequence:0}", None),
        ("DR,{sequence}", None),
        ("DR;{sequence}", None),
        (" DR{sequence}", None),
        ("{Sequence}", None),
        ("{sequence}{}", None),
        ("DR{sequence}", "gtin"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused(pattern: str, check: Literal["gtin"] | None) -> None:
    with pytest.raises(ConfigurationError, match="sku_pattern"):
        sku_pattern(pattern, check=check)


parts = st.text("abcXYZ089-_ .", min_size=3, max_size=8).filter(lambda text: len(text.strip()) >= 3)


@given(st.integers(0, 999_999), parts, st.sampled_from([None, "luhn"]))
def test_another_number_is_another_sku_and_is_found_in_it(
    number: int, family: str, check: Literal["luhn"] | None
) -> None:
    pattern = sku_pattern("X{family:3}-{sequence:06}", check=check)
    outcome = pattern.sku(number, {"family": family})
    assert isinstance(outcome, Put)
    assert sku().run(outcome.value) == outcome, "the PIM takes it"
    assert pattern.number_of(outcome.value) == number


def test_a_number_is_only_found_in_what_the_pattern_made() -> None:
    pattern = sku_pattern("X-{sequence:03}", check="luhn")
    made = pattern.sku(42)
    assert isinstance(made, Put)
    wrong = made.value[:-1] + str((int(made.value[-1]) + 1) % 10)
    for text in (wrong, "X-42", "Y" + made.value[1:], made.value + "0", ""):
        assert pattern.number_of(text) is None


class Counter:
    """Numbers from one on."""

    def __init__(self, first: int = 1) -> None:
        self._numbers: Iterator[int] = count(first)
        self.asked: set[str] = set()

    def take(self, name: str) -> int:
        self.asked.add(name)
        return next(self._numbers)


def test_candidates_go_on_until_somebody_takes_one() -> None:
    taken = {"DR-1", "DR-2"}
    numbers = Counter()
    sequence: NumberSequence = numbers
    made = (one.value for one in sku_pattern("DR-{sequence}").candidates(sequence) if isinstance(one, Put))
    assert next(one for one in made if one not in taken) == "DR-3"
    assert numbers.asked == {"DR-{sequence}"}


def test_candidates_end_with_the_first_problem() -> None:
    outcomes = list(islice(sku_pattern("{sequence:1}").candidates(Counter(8)), 10))
    assert [type(one) for one in outcomes] == [Put, Put, Problem]


def test_a_pattern_travels() -> None:
    pattern = sku_pattern("{family:3}-{sequence:06}", check="luhn")
    assert pickle.loads(pickle.dumps(pattern)) == pattern
