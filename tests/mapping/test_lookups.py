"""Words of the ERP: tables, yes and no, sets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.errors import ConfigurationError, MappingError
from akeneo_erp_bridge.mapping import at_most, boolean, each, join, lookup, split, split_iso, yes_no
from akeneo_erp_bridge.rules import Clear, Keep, Outcome, Problem, Put


def problem(outcome: Outcome[object]) -> Problem:
    assert isinstance(outcome, Problem), outcome
    return outcome


def test_a_word_for_review_leaves_the_item_alone_and_is_told() -> None:
    found = problem(lookup({"rot": "red"}, unknown="review", name="colours").run("mauve"))
    assert (found.code, found.severity) == ("for_review", "skip_cell")
    assert "'mauve'" in found.detail
    assert "'colours'" in found.detail


def test_a_word_passes_trimmed_where_the_table_says_so() -> None:
    rule = lookup({"Rot": "red"}, unknown="pass")
    assert rule.run(" Mauve ") == Put("Mauve")
    assert rule.run("ROT") == Put("red")
    assert isinstance(rule.run(" "), Clear)
    assert rule.possible() is None
    assert rule.possible(frozenset({"ROT", "mauve"})) == {"red", "mauve"}


def test_only_texts_pass() -> None:
    with pytest.raises(ConfigurationError, match="texts"):
        lookup({"a": 1}, unknown="pass")  # type: ignore[call-overload]  # the checker says the same


def test_nothing_in_a_table_is_lost_in_silence() -> None:
    with pytest.raises(ConfigurationError, match="'Rot' and 'ROT'"):
        lookup({"Rot": "red", "ROT": "crimson"})
    with pytest.raises(ConfigurationError, match="blank"):
        lookup({" ": "none"})
    assert lookup({"Rot": "red", "ROT": "red"}).run("rot") == Put("red")


def test_falsy_entries_are_entries() -> None:
    assert lookup({"a": 0}).run("a") == Put(0)
    assert lookup({"a": None}).run("a") == Put(None)
    assert lookup({"a": ["x"]}).possible() is None, "and what cannot be hashed is no reason to raise"


def test_a_table_has_an_inverse_only_where_no_two_words_mean_the_same() -> None:
    pair = lookup({"Rot": "red", "Blau": "blue"}).iso()
    assert pair.back("blue") == "Blau"
    with pytest.raises(ConfigurationError, match="'Rot' and 'Rouge' both mean 'red'"):
        lookup({"Rot": "red", "Rouge": "red"}).iso()
    with pytest.raises(ConfigurationError, match="cannot be looked up"):
        lookup({"Rot": ["red"]}).iso()
    for wrong in ("mauve", ""):
        with pytest.raises(MappingError, match=repr(wrong)):
            pair.back(wrong)
        with pytest.raises(MappingError, match=repr(wrong)):
            pair.there(wrong)


def test_of_several_problems_the_gravest_decides() -> None:
    rule = each(lookup({"a": "b"}, unknown="review") >> lookup({"c": "d"}))
    assert problem(rule.run(frozenset({"x"}))).severity == "skip_cell"
    assert problem(rule.run(frozenset({"a"}))).severity == "skip_item"
    both = problem(rule.run(frozenset({"x", "a"})))
    assert (both.severity, both.code) == ("skip_item", "unknown_word")
    assert "'x'" in both.detail


# ---- yes and no ----
@pytest.mark.parametrize(
    ("language", "yes", "no"), [("en", "YES", "False"), ("de", "Ja", "n"), ("fr", "Oui", "faux"), ("de", "1", "0")]
)
def test_yes_and_no_in_three_languages(language: str, yes: str, no: str) -> None:
    rule = yes_no(language)  # type: ignore[arg-type]  # one of the three
    assert rule.run(yes) == Put(True)
    assert rule.run(no) == Put(False)


def test_a_word_of_another_language_is_a_problem() -> None:
    assert problem(yes_no("en").run("ja")).code == "not_a_boolean"
    with pytest.raises(ConfigurationError, match="'xx'"):
        yes_no("xx")  # type: ignore[arg-type]  # the checker says the same
    with pytest.raises(ConfigurationError, match="no language"):
        yes_no()


def test_one_text_is_one_word() -> None:
    rule = boolean(true="Ja", false="Nein")
    assert rule.run("ja") == Put(True)
    assert problem(rule.run("j")).code == "not_a_boolean"
    assert boolean(true="X", false="").run(" ") == Put(False)


def test_a_word_cannot_mean_both() -> None:
    with pytest.raises(ConfigurationError, match="'n'"):
        boolean(true={"N"}, false={"n"})
    with pytest.raises(ConfigurationError, match="at least one word"):
        boolean(true=(), false="N")
    with pytest.raises(ConfigurationError, match="does not mean yes"):
        yes_no("de").iso(true="Jawohl", false="Nein")


# ---- sets ----
def test_split_trims_and_drops_what_is_blank_or_there_already() -> None:
    assert split(";").run(" a; b;;a ") == Put(frozenset({"a", "b"}))
    assert isinstance(split(";").run(" ; "), Clear)
    assert isinstance(split(";", empty="keep").run(" ; "), Keep)
    assert isinstance((split(";") >> at_most(2)).run("a;b"), Put)
    assert problem((split(";") >> at_most(2)).run("a;b;c")).code == "too_many"


@given(st.sets(st.text("ab-; ")), st.sampled_from([";", "-", "--", "-;", "a"]))
def test_joined_words_are_found_again_or_not_joined(words: set[str], separator: str) -> None:
    outcome = join(separator).run(frozenset(words))
    if isinstance(outcome, Put):
        assert split(separator).run(outcome.value) == Put(frozenset(words))
    else:
        assert isinstance(outcome, Problem) == bool(words)


@given(st.lists(st.text("ab-"), max_size=3).map(tuple))
def test_parts_come_back_or_are_refused(parts: tuple[str, ...]) -> None:
    pair = split_iso("--")
    try:
        text = pair.back(parts)
    except MappingError:
        return
    assert pair.there(text) == parts


def test_words_that_end_as_the_separator_begins_are_not_joined() -> None:
    assert problem(join("--").run(frozenset({"a-", "b"}))).code == "not_joinable"
    assert join("--").run(frozenset({"a", "b-"})) == Put("a--b-")


def test_a_separator_of_nothing_is_refused() -> None:
    for make in (split, join, split_iso):
        with pytest.raises(ConfigurationError, match="separator"):
            make("")
    with pytest.raises(ConfigurationError, match="at least one"):
        at_most(0)
