"""The parts of the App by themselves: choices, the mapping they make, the schedule, words."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest
from attrs import frozen

import erp_app
from akeneo_erp_bridge.akeneo.apps import AppStart
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.errors import ConfigurationError, StateInUse
from akeneo_erp_bridge.sync import Due, HeldCell, LastRuns, ParkedItem, ScheduleFile, SqliteState
from akeneo_erp_bridge.testing import PimSimulator, merchant
from erp_app import reasons
from erp_app.config import Config
from erp_app.connection import Connection
from erp_app.demo import build_erp, make_app, pim
from erp_app.erp import Erp
from erp_app.fields import groups, mapping
from erp_app.jobs import Busy, Jobs
from erp_app.rota import Rota
from erp_app.settings import Choices, ChoicesFile, Timing, chosen
from erp_app.versions import label, versions
from erp_app.wanted import Direction, Wanted

KNOWN = frozenset({"names", "ean"})
GOOD = {"group": ["names", "ean", "cost"], "rhythm": ["minutes"], "at": ["03:15"], "minutes": ["20"]}


@pytest.mark.parametrize("name", [one.name for one in pkgutil.iter_modules(erp_app.__path__) if one.name != "__main__"])
def test_what_a_docstring_shows_is_so(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"erp_app.{name}")).failed == 0


# ---- choices ----
def test_choices_are_read_from_a_form() -> None:
    choices, wrong = chosen(GOOD, KNOWN)
    assert wrong == {}
    assert choices == Choices(frozenset({"names", "ean"}), Timing("minutes", time(3, 15), 20)), (
        "what nobody offered is not taken"
    )
    assert chosen({**GOOD, "group": []}, KNOWN)[0].ticked == frozenset()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"minutes": ["4"]}, "minutes"), ({"minutes": ["1441"]}, "minutes"), ({"minutes": ["٢٠"]}, "minutes"),
        ({"minutes": ["9" * 5000]}, "minutes"), ({"minutes": [""]}, "minutes"), ({"at": ["25:00"]}, "at"), ({"at": [""]}, "at"),
        ({"rhythm": ["often"]}, "rhythm"), ({"rhythm": []}, "rhythm"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_form_is_told_by_field(form: dict[str, list[str]], field: str) -> None:
    assert list(chosen({**GOOD, **form}, KNOWN)[1]) == [field]


def test_choices_are_kept_for_their_owner_alone(tmp_path: Path) -> None:
    file = ChoicesFile(tmp_path / "choices.json")
    assert file.load() == Choices()
    choices, _ = chosen(GOOD, KNOWN)
    file.save(choices)
    assert file.load() == choices
    assert stat.S_IMODE((tmp_path / "choices.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"ticked": 1, "rhythm": "hand", "at": "02:30", "minutes": 5}',
        '{"ticked": [], "rhythm": "hand", "at": "x", "minutes": 5}',
        '{"ticked": [], "rhythm": "hand", "at": "02:30", "minutes": 0}',
    ],
)
def test_a_file_that_holds_something_else_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "choices.json").write_text(text)
    with pytest.raises(ConfigurationError, match=r"choices\.json .* mend or delete it"):
        ChoicesFile(tmp_path / "choices.json").load()


def test_the_ticked_groups_make_the_mapping(tmp_path: Path) -> None:
    def cells(*ticked: str) -> set[str]:
        return {one.cell.key for one in mapping(ticked, tmp_path).bindings}

    assert cells() == {"sku", "family"}
    assert cells("names", "ean") == {"sku", "family", "name[en_US]", "name[de_DE]", "ean"}
    whole = cells(*(one.code for one in groups(tmp_path)))
    assert all(label(one) != one for one in whole), "each cell has a name in words"


# ---- the schedule ----
class Told(Jobs):
    """Tells a test of each run that came to its end."""

    ran: list[Due]
    has_run: threading.Event

    def run_due(self, due: Due, direction: Direction = "import") -> int:
        code = super().run_due(due, direction)
        self.ran.append(due)
        self.has_run.set()
        return code


@frozen
class Parts:
    simulator: PimSimulator
    config: Config
    connection: Connection
    choices: ChoicesFile
    state: SqliteState
    jobs: Told


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """Connected, and nothing imported."""
    erp, pictures = build_erp(tmp_path)
    (tmp_path / "app").mkdir()
    with pim(tmp_path, 0, pace=0) as (simulator, server), SqliteState(tmp_path / "app" / "bridge.db") as state:
        made = make_app(simulator, "http://127.0.0.1:1")
        config = Config(
            folder=tmp_path / "app", own_url="http://127.0.0.1:1", pim_url=server.url, client_id=made.client_id,
            secret=made.secret, erp=erp, pictures=pictures,
        )  # fmt: skip
        connection, choices = Connection(config), ChoicesFile(tmp_path / "app" / "choices.json")
        jobs = Told(config, connection, Erp(erp), choices, state)
        jobs.ran, jobs.has_run = [], threading.Event()
        confirm(connection, connection.start(server.url))
        yield Parts(simulator, config, connection, choices, state, jobs)
        jobs.close()


def confirm(connection: Connection, start: AppStart) -> None:
    query = {name: values[0] for name, values in parse_qs(urlsplit(start.url).query).items()}
    back = httpx.post(start.url.partition("?")[0], data={**query, "decision": "confirm"}).headers["location"]
    connection.finish(start, {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()})


def test_what_is_due_runs_by_itself(parts: Parts) -> None:
    parts.choices.save(Choices(importing=Timing("minutes", minutes=30)))
    now = datetime.now(UTC)
    memory = ScheduleFile(parts.config.folder / "schedule.json")
    memory.write(LastRuns().done("full", at=now).done("delta", at=now - timedelta(hours=1)))
    rota = Rota(parts.config, parts.connection, parts.choices, parts.jobs, look=timedelta(milliseconds=10))
    rota.start()
    assert parts.jobs.has_run.wait(60)
    rota.close()
    assert parts.jobs.ran == ["delta"], "once, and not the full one, which was done"
    following = rota.next("import")
    assert following is not None
    assert following.at > now
    assert next(parts.state.runs("products")).counts["read"] == 600


def test_a_schedule_that_was_just_chosen_begins_at_its_next_time(parts: Parts) -> None:
    rota = Rota(parts.config, parts.connection, parts.choices, parts.jobs, look=timedelta(hours=1))
    assert rota.next("import") is None, "by hand only"
    parts.choices.save(Choices(importing=Timing("night", time(2, 30))))
    rota.begin_anew("import")
    following = rota.next("import")
    assert following is not None
    assert (following.kind, following.at.time()) == ("full", time(2, 30))
    assert following.at > datetime.now(UTC)
    parts.connection.forget()
    assert rota.next("import") is None, "nobody is connected"


def test_night_is_the_zones(tmp_path: Path) -> None:
    when = Timing("night", time(2, 30)).periodicity(ZoneInfo("Europe/Berlin"))
    assert when is not None
    following = when.next(
        LastRuns().done("full", at=datetime(2026, 6, 10, 3, tzinfo=UTC)), datetime(2026, 6, 10, 3, tzinfo=UTC)
    )
    assert following.at == datetime(2026, 6, 11, 0, 30, tzinfo=UTC)


def test_a_run_that_is_due_waits_for_the_one_by_hand(parts: Parts) -> None:
    with parts.jobs.between_runs():
        with pytest.raises(StateInUse):
            parts.jobs.run_due("full")
        with pytest.raises(Busy):
            parts.jobs.start(Wanted("new"))
    assert parts.jobs.run_due("full") == 1, "43 articles are left to do"


def test_an_article_that_the_erp_drops_is_switched_off(parts: Parts) -> None:
    parts.jobs.run_due("full")
    database = parts.config.erp.removeprefix("sqlite:///")
    (number,) = merchant.rename(database, count=1)
    with closing(sqlite3.connect(database)) as erp, erp:
        erp.execute("DELETE FROM articles WHERE number = ?", (number,))
    parts.jobs.run_due("full")
    with parts.simulator.client() as client:
        found = {one.values.text("sku"): one.enabled for one in client.products.list()}
    assert found[number] is False


# ---- words ----
def test_articles_are_told_by_their_reason_the_largest_first() -> None:
    heavy = [
        ParkedItem(
            ErpKey(str(n)),
            "not_a_number",
            "net_weight, weight_unit -> weight",
            f"'{n} kg' is not a number",
            sample={"net_weight": f"'{n} kg'", "name_en": "'Drill'"},
        )
        for n in range(3)
    ]
    odd = ParkedItem(ErpKey(""), "a_new_code", "", "something that nobody has words for")
    first, second = reasons.causes([odd, *heavy])
    assert (first.title, len(first.articles)) == ("Weight is not a number that can be read", 3)
    assert first.articles[0].said == (("Weight", "0 kg"),)
    assert (second.title, second.articles[0].exact) == ("Another reason", "something that nobody has words for")


def test_two_versions_are_told_in_pieces() -> None:
    told = versions(HeldCell(ErpKey("1"), "name[en_US]", "Drill 18 V", "Drill 20 V", "Fine drill 18 V"))
    assert told.label == "Name (English)"
    assert "".join(text for _, text in told.erp) == "Drill 20 V"
    assert "".join(text for _, text in told.pim) == "Fine drill 18 V"
    assert told.erp == ((True, "Drill 20"), (False, " V"))
    assert told.pim == ((True, "Fine drill 18"), (False, " V"))
    assert (told.before, told.is_edit, told.is_decided) == ("Drill 18 V", False, False)
    assert versions(HeldCell(ErpKey("1"), "weight", None, {"amount": "1", "unit": "kg"}, None)).is_decided
