"""What keeps a program from its runs is told too: once, and its end; and what a run has told is not told again."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import define

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.errors import ErpUnreachable, StateError, StopAsked
from akeneo_erp_bridge.sync import (
    Due,
    ErpToPim,
    Every,
    Notify,
    Periodicity,
    ScheduleFile,
    SqliteState,
    SyncReport,
    Trouble,
    TroubleFile,
    run_if_due,
)
from webhooks import Webhook, webhook_served
from world import ListErp, make_mapping, row

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DOWN = ErpUnreachable("the ERP does not answer")


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with webhook_served("s3cret-of-the-test") as hook:
        yield hook


@define
class Program:
    """What cron starts each hour, with a state file of its own."""

    pim: AkeneoClient
    webhook: Webhook
    folder: Path
    now: datetime = NOON
    error: BaseException | None = None

    def job(self, due: Due) -> SyncReport:
        notify = Notify(self.webhook.url, TroubleFile(self.folder / "told.json"), clock=lambda: self.now)
        with notify.around("articles"), SqliteState(self.folder / "state.db") as state:
            erp = ListErp([row(1)])
            if self.error is not None:
                raise_in(erp, self.error)
            return ErpToPim(erp, make_mapping(), self.pim, state, observers=[notify]).run()

    def call(self, times: int = 1) -> list[int]:
        codes: list[int] = []
        for _ in range(times):
            when, memory = Periodicity(delta=Every(timedelta(hours=1))), ScheduleFile(self.folder / "schedule.json")
            codes.append(run_if_due(when, self.job, memory=memory, clock=lambda: self.now))
            self.now += timedelta(hours=1)
        return codes

    @property
    def told(self) -> list[str]:
        return [one.removeprefix("[akeneo_erp_bridge] ") for one in self.webhook.titles]


def raise_in(erp: ListErp, error: BaseException) -> None:
    def read_items(*_: object, **__: object) -> None:
        raise error

    erp.read_items = read_items  # type: ignore[method-assign,assignment]  # pyright: ignore[reportAttributeAccessIssue]  # an ERP that is away


@pytest.fixture
def program(pim: AkeneoClient, webhook: Webhook, tmp_path: Path) -> Program:
    return Program(pim, webhook, tmp_path)


def test_a_state_that_cannot_be_opened_is_told_once_and_so_is_its_end(program: Program, webhook: Webhook) -> None:
    state = program.folder / "state.db"
    assert program.call() == [0]
    whole = state.read_bytes()
    state.write_bytes(b"no database at all" * 100)
    assert program.call(3) == [4, 4, 4]
    assert program.told == ["job articles: no run"]
    message = webhook.got[0]["message"]
    assert "What happened: the program failed outside of a run with StateError: " in message
    assert "Items: nothing was read." in message
    state.write_bytes(whole)
    assert program.call(2) == [0, 0]
    assert program.told == ["job articles: no run", "job articles: works again"]


def test_what_a_run_has_told_is_not_told_again(program: Program) -> None:
    program.error = DOWN
    program.call(2)
    assert program.told == ["products: the run failed"]
    program.error = None
    program.call(2)
    assert program.told == ["products: the run failed", "products: works again"]


def test_another_run_that_has_the_state_and_a_wish_to_end_are_no_failures(program: Program) -> None:
    with SqliteState(program.folder / "state.db"):
        assert program.call() == [0]
    notify = Notify(program.webhook.url, TroubleFile(program.folder / "told.json"))
    for error in (StopAsked("asked to end"), KeyboardInterrupt(), SystemExit(1)):
        with pytest.raises(type(error)), notify.around("articles"):
            raise error
    assert program.told == []


def test_a_memory_that_cannot_be_used_stands_in_nobodys_way(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    (program.folder / "told.json").write_text("{")
    notify = Notify(program.webhook.url, TroubleFile(program.folder / "told.json"))
    with pytest.raises(StateError, match="the disk is gone"), notify.around("articles"):
        raise StateError("the disk is gone")
    assert program.told == ["job articles: no run"]
    assert "people could not be told, or may be told twice" in caplog.text
    with notify.around("articles"):
        pass


# ---- the file ----
@pytest.mark.parametrize(
    "one",
    [
        Trouble(NOON, {}),
        Trouble(NOON, {"StateError": NOON, "recovery": NOON}, NOON + timedelta(hours=1), {"StateError": 7}),
    ],
)
def test_it_gives_back_what_was_kept_of_each_stream(one: Trouble, tmp_path: Path) -> None:
    file, path = TroubleFile(tmp_path / "told.json"), tmp_path / "told.json"
    assert file.trouble("a") is None
    file.keep_trouble("a", one)
    file.keep_trouble("b", Trouble(NOON, {"brake": NOON}))
    assert (TroubleFile(str(path)).trouble("a"), stat.S_IMODE(path.stat().st_mode)) == (one, 0o600)
    file.keep_trouble("a", None)
    assert (file.trouble("a"), file.trouble("b")) == (None, Trouble(NOON, {"brake": NOON}))


@pytest.mark.parametrize(
    "text",
    ["", "[1]", '{"a": 1}', '{"a": {"since": "soon", "told": {}, "again": {}}}', "[" * 100_000,
     '{"a": {"since": "2026-03-02T12:00:00", "told": {}, "again": {}}}'],
)  # fmt: skip
def test_a_file_that_holds_something_else_is_told_with_what_to_do(text: str, tmp_path: Path) -> None:
    (tmp_path / "told.json").write_text(text)
    with pytest.raises(StateError, match="cannot be read .*delete it: they are told once more"):
        TroubleFile(tmp_path / "told.json").trouble("a")


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be written"):
        TroubleFile(tmp_path / "none" / "told.json").keep_trouble("a", Trouble(NOON, {}))
