"""Days and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.errors import ConfigurationError, MappingError
from akeneo_erp_bridge.mapping import ZERO_DATES, day, moment
from akeneo_erp_bridge.rules import Clear, Outcome, Problem, Put

DAYS = st.dates(date(1901, 1, 1), date(9998, 12, 31))


def code_of(outcome: Outcome[object]) -> str:
    assert isinstance(outcome, Problem), outcome
    return outcome.code


@given(DAYS, st.sampled_from(["%d.%m.%Y", "%Y%m%d", "%m/%d/%Y", "%Y-%m-%d", "%d%m%Y"]))
def test_what_was_written_in_a_format_is_read_in_it(value: date, form: str) -> None:
    assert day(form).run(value.strftime(form)) == Put(value)


@given(st.text("0123456789", min_size=6, max_size=9))
def test_digits_without_signs_are_read_in_full_or_not_at_all(text: str) -> None:
    outcome = day("%Y%m%d", zero_dates=()).run(text)
    if isinstance(outcome, Put):
        assert f"{outcome.value:%m%d}" == text[4:]
        assert outcome.value.year == int(text[:4])


def test_one_digit_days_where_signs_stand_between() -> None:
    assert day("%d.%m.%Y").run(" 1.2.2026 ") == Put(date(2026, 2, 1))
    assert code_of(day("%Y%m%d").run("2026111")) == "not_a_date"


@pytest.mark.parametrize("text", ["31.02.2026", "2026-01-01", "1.1.26", "01.01.2026 ", "1.1.2026x", "heute"])
def test_what_is_no_day_of_the_format(text: str) -> None:
    outcome = day("%d.%m.%Y").run(text)
    assert isinstance(outcome, Put) if text.endswith(" ") else code_of(outcome) == "not_a_date"


@pytest.mark.parametrize("text", ["00.00.0000", "01.01.0001", "1.1.1753", "01.01.1900"])
def test_zero_dates_are_no_dates(text: str) -> None:
    assert isinstance(day("%d.%m.%Y").run(text), Clear)


def test_zero_dates_are_declared() -> None:
    assert day("%d.%m.%Y", zero_dates=()).run("01.01.1900") == Put(date(1900, 1, 1))
    assert code_of(day("%d.%m.%Y", zero_dates=()).run("00.00.0000")) == "not_a_date"
    assert isinstance(day("%d.%m.%Y", zero_dates={*ZERO_DATES, "9999-12-31"}).run("31.12.9999"), Clear)
    with pytest.raises(ConfigurationError, match="'1.1.1900'"):
        day("%d.%m.%Y", zero_dates=["1.1.1900"])


def test_two_formats_that_disagree_are_not_guessed() -> None:
    both = day("%d/%m/%Y", "%m/%d/%Y")
    assert code_of(both.run("03/04/2026")) == "ambiguous_date"
    assert both.run("03/03/2026") == Put(date(2026, 3, 3))
    assert both.run("31/12/2026") == Put(date(2026, 12, 31))


def test_a_time_of_day_is_left_out_with_a_note() -> None:
    rule = day("%Y-%m-%d %H:%M:%S.%f")
    assert rule.run("2026-07-01 00:00:00.000") == Put(date(2026, 7, 1))
    outcome = rule.run("2026-07-01 08:30:00.5")
    assert isinstance(outcome, Put)
    assert outcome.notes


@pytest.mark.parametrize("form", ["", "%d.%m.%y", "%d %B %Y", "%x", "%m.%Y", "%d.%m.%Y %d", "%d.%m.%Y%"])
def test_formats_that_read_differently_somewhere_are_refused(form: str) -> None:
    with pytest.raises(ConfigurationError, match=r"day\(...\)"):
        day(form)
    with pytest.raises(ConfigurationError, match="at least one format"):
        day()


def test_the_inverse_is_of_one_format_of_days() -> None:
    for rule in (day("%d.%m.%Y", "%Y%m%d"), day("%d.%m.%Y %H:%M")):
        with pytest.raises(ConfigurationError, match="no inverse"):
            rule.iso()
    with pytest.raises(MappingError, match="no date"):
        day("%d.%m.%Y").iso().back(date(1753, 1, 1))


# ---- moments ----
BERLIN = moment("%d.%m.%Y %H:%M", zone="Europe/Berlin")


def test_a_moment_has_the_zone_of_the_erp() -> None:
    outcome = BERLIN.run("01.07.2026 08:30")
    assert isinstance(outcome, Put)
    assert outcome.value == datetime(2026, 7, 1, 6, 30, tzinfo=UTC)
    assert isinstance(BERLIN.run("01.01.1753 00:00"), Clear)


@pytest.mark.parametrize(("offset", "hours"), [("Z", 0), ("+02:00", 2), ("-0530", -5.5)])
def test_an_offset_in_the_text_wins(offset: str, hours: float) -> None:
    outcome = moment("%Y-%m-%dT%H:%M:%S%z", zone="Europe/Berlin").run(f"2026-07-01T08:30:00{offset}")
    assert outcome == Put(datetime(2026, 7, 1, 8, 30, tzinfo=timezone(timedelta(hours=hours))))


def test_an_offset_of_more_than_a_day_is_none() -> None:
    assert code_of(moment("%Y-%m-%dT%H:%M:%S%z").run("2026-07-01T08:30:00+99:00")) == "not_a_date"


def test_an_hour_that_never_was_and_one_that_was_twice() -> None:
    assert code_of(BERLIN.run("29.03.2026 02:30")) == "no_such_time"
    assert code_of(BERLIN.run("25.10.2026 02:30")) == "ambiguous_time"
    for twice, hours in (("earlier", 2), ("later", 1)):
        rule = moment("%d.%m.%Y %H:%M", zone="Europe/Berlin", twice=twice)  # type: ignore[arg-type]  # one of the two
        outcome = rule.run("25.10.2026 02:30")
        assert isinstance(outcome, Put)
        assert outcome.value.utcoffset() == timedelta(hours=hours)


def test_the_ends_of_time_are_no_reason_to_raise() -> None:
    for text in ("01.01.0001 00:00", "31.12.9999 23:59"):
        for zone in ("Europe/Berlin", "America/New_York"):
            outcome = moment("%d.%m.%Y %H:%M", zone=zone, zero_dates=()).run(text)
            assert isinstance(outcome, Put | Problem)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="neither declared"):
        moment("%d.%m.%Y %H:%M")
    for zone in ("Europe/Nowhere", "../etc", ""):
        with pytest.raises(ConfigurationError, match="no time zone"):
            moment("%d.%m.%Y %H:%M", zone=zone)
