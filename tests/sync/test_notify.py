"""People are told of a trouble once, and of its end; by a real webhook and a real mail server."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from apprise import Apprise, AppriseConfig
from attrs import define, field

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.errors import (
    BridgeError,
    ConfigurationError,
    ErpRefused,
    ErpUnreachable,
    MissingExtra,
    StateError,
)
from akeneo_erp_bridge.sync import ErpToPim, Notify, SqliteState, SyncReport, Trouble
from webhooks import Webhook, webhook_served
from world import Article, ListErp, make_mapping, row

SECRET = "s3cret-of-the-test"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with webhook_served(SECRET) as hook:
        yield hook


class MoodyErp(ListErp):
    """Fails when told so."""

    def __init__(self, rows: list[dict[str, object]]) -> None:
        super().__init__(rows)
        self.error: BaseException | None = None

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        if self.error is not None:
            raise self.error
        yield from super().read_items(since, fields=fields, limit=limit)


DOWN = ErpUnreachable("the ERP does not answer within 30 s")


@define
class Bench:
    """A job that is told to people, run after run."""

    pim: AkeneoClient
    state: SqliteState
    erp: MoodyErp = field(factory=lambda: MoodyErp([row(1), row(2)]))

    def run(self, notify: Notify, error: BaseException | None = None) -> SyncReport | None:
        self.erp.error = error
        try:
            return ErpToPim(self.erp, make_mapping(), self.pim, self.state, observers=[notify]).run()
        except (BridgeError, RuntimeError, KeyboardInterrupt) as raised:
            if raised is not error:
                raise
            return None


@pytest.fixture
def bench(pim: AkeneoClient, state: SqliteState) -> Bench:
    return Bench(pim, state)


# ---- once ----
def test_a_failure_is_told_once_and_so_is_its_end(bench: Bench, webhook: Webhook) -> None:
    notify = Notify(webhook.url, bench.state)
    bench.run(notify)
    assert webhook.got == [], "all is well"
    for _ in range(3):
        bench.run(notify, DOWN)
    (failure,) = webhook.got
    assert failure["title"] == "[akeneo_erp_bridge] products: the run failed"
    assert failure["type"] == "failure"
    for _ in range(2):
        bench.run(notify)
    (_, recovery) = webhook.got
    assert recovery["title"] == "[akeneo_erp_bridge] products: works again"
    assert recovery["type"] == "success"
    bench.run(notify, DOWN)
    bench.run(notify)
    assert webhook.titles[2:] == [], "what comes and goes is not told each time"


def test_the_message_says_what_happened_and_what_to_do(bench: Bench, webhook: Webhook) -> None:
    notify = Notify(webhook.url, bench.state, name="shop")
    bench.run(notify, DOWN)
    failed, run = webhook.got[0]["message"].splitlines(), next(bench.state.runs("products"))
    assert failed[:-1] == [
        "Stream: products",
        "What happened: the run failed with ErpUnreachable: the ERP does not answer within 30 s",
        "Items: nothing was read.",
        "What to do: wait: nothing is lost, and the next run goes on here. If it fails too, see that both systems answer.",
    ]
    assert failed[-1].startswith(f"Run: {run.run_id}, ended 20")
    bench.erp.rows.append(row(3, weight="heavy"))
    bench.run(notify)
    again = webhook.got[1]["message"].splitlines()
    assert again[1].startswith("What happened: the run works again, after trouble since 20")
    assert again[2:4] == [
        "Items: 3 read = 0 unchanged + 2 written + 0 held + 1 parked.",
        "What to do: nothing.",
    ]
    assert webhook.titles == ["[shop] products: the run failed", "[shop] products: works again"]


def test_what_somebody_must_mend_is_told_so(bench: Bench, webhook: Webhook) -> None:
    bench.run(Notify(webhook.url, bench.state), ErpRefused("no right to read table 'articles'"))
    assert "What to do: mend what it says; until then each run ends like this." in webhook.got[0]["message"]


def test_of_a_defect_only_the_place_is_told(bench: Bench, webhook: Webhook) -> None:
    bench.run(Notify(webhook.url, bench.state), RuntimeError(f"odbc://sa:{SECRET}@erp"))
    message = webhook.got[0]["message"]
    assert "the run failed with RuntimeError: raised at test_notify.py, line" in message
    assert "mend the program or its adapter: this is a defect" in message
    assert SECRET not in message


def test_another_failure_is_told_at_once_and_neither_again(bench: Bench, webhook: Webhook) -> None:
    notify = Notify(webhook.url, bench.state)
    refused = ErpRefused("no right to read table 'articles'")
    for error in (DOWN, refused, DOWN, refused, DOWN):
        bench.run(notify, error)
    assert ["ErpUnreachable" in one["message"] for one in webhook.got] == [True, False]
    bench.run(notify)
    assert webhook.titles[2:] == ["[akeneo_erp_bridge] products: works again"]


def test_a_brake_is_told_once_whatever_its_numbers(bench: Bench, webhook: Webhook) -> None:
    notify = Notify(webhook.url, bench.state)
    for bad in (100, 120):
        bench.erp.rows = [row(n, weight="heavy" if n < bad else "1,0") for n in range(300)]
        bench.run(notify)
    (told,) = webhook.got
    assert told["title"] == "[akeneo_erp_bridge] products: stopped by a brake"
    assert "a brake stopped the run: 100 of 300 items are parked, more than 10%" in told["message"]
    assert "Raise the brake only if they are meant." in told["message"]
    bench.erp.rows = [row(1)]
    bench.run(notify)
    assert webhook.titles[1:] == ["[akeneo_erp_bridge] products: works again"]


def test_parked_items_are_no_trouble(bench: Bench, webhook: Webhook) -> None:
    """They are in the report and in the log; a message for each would be read by nobody."""
    bench.erp.rows = [row(n, weight="heavy") for n in range(20)]
    report = bench.run(Notify(webhook.url, bench.state))
    assert report is not None
    assert (report.parked, report.stopped_by) == (20, None)
    assert webhook.got == []


def test_plans_and_interruptions_are_not_told(bench: Bench, webhook: Webhook) -> None:
    notify = Notify(webhook.url, bench.state)
    bench.run(notify, KeyboardInterrupt())
    bench.erp.error = DOWN
    with pytest.raises(ErpUnreachable):
        ErpToPim(bench.erp, make_mapping(), bench.pim, bench.state, observers=[notify]).plan()
    assert webhook.got == []
    bench.run(notify, DOWN)
    bench.erp.error = None
    ErpToPim(bench.erp, make_mapping(), bench.pim, bench.state, observers=[notify]).plan()
    assert len(webhook.got) == 1, "a plan that works proves no run"


# ---- again, if it lasts ----
def test_a_failure_that_lasts_is_told_again_after_a_while(bench: Bench, webhook: Webhook) -> None:
    notify = Notify(webhook.url, bench.state, again_after=timedelta(days=1))
    bench.run(notify, DOWN)
    known = bench.state.trouble("products")
    assert known is not None
    since = known.since - timedelta(days=3)
    for told_before, times in ((timedelta(hours=23), 1), (timedelta(hours=25), 2), (timedelta(0), 2)):
        if told_before:
            at = datetime.now(UTC) - told_before
            bench.state.keep_trouble("products", Trouble(since, {"ErpUnreachable": at}))
        bench.run(notify, DOWN)
        assert len(webhook.got) == times
    assert webhook.titles[1] == "[akeneo_erp_bridge] products: the run failed, still"
    assert webhook.got[1]["message"].endswith(f"It lasts since {since:%Y-%m-%d %H:%M} UTC.")


def test_a_reminder_can_be_left_out(bench: Bench, webhook: Webhook, caplog: pytest.LogCaptureFixture) -> None:
    notify = Notify(webhook.url, bench.state, again_after=None)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    bench.state.keep_trouble("products", Trouble(long_ago, {"ErpUnreachable": long_ago}))
    bench.run(notify, DOWN)
    assert webhook.got == []
    assert caplog.records == [], "nothing went wrong on the way"


PROGRAM = """
import sys
from akeneo_erp_bridge.errors import ErpUnreachable
from akeneo_erp_bridge.sync import ErpToPim, Notify, SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from world import ListErp, fill, make_mapping, row

class Erp(ListErp):
    def read_items(self, since, *, fields, limit):
        if sys.argv[3] == "down":
            raise ErpUnreachable("the ERP does not answer")
        return super().read_items(since, fields=fields, limit=limit)

simulator = fill(PimSimulator())
simulator_client = simulator.client()
with SqliteState(sys.argv[1]) as state:
    state.forget("products")  # the PIM of each process is another
    notify = Notify(sys.argv[2], state)
    try:
        ErpToPim(Erp([row(1)]), make_mapping(), simulator_client, state, observers=[notify]).run()
    except ErpUnreachable:
        pass
"""


def test_processes_remember_for_each_other(webhook: Webhook, tmp_path: Path) -> None:
    for mood in ("down", "down", "up"):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "state.db"), webhook.url, mood]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[1])
    assert [one.rpartition(": ")[2] for one in webhook.titles] == ["the run failed", "works again"]


# ---- what cannot be delivered ----
def test_what_nobody_took_is_logged_and_tried_again(
    bench: Bench, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(1)
    caplog.set_level(1, "apprise")
    notify = Notify(webhook.url, bench.state)
    webhook.status = 500
    bench.run(notify, DOWN)
    run = next(bench.state.runs("products"))
    warnings = [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]
    assert warnings == [
        f"products: run {run.run_id} could not notify by JSON; see why with: apprise -vv -b test ADDRESS"
    ]
    assert bench.state.trouble("products") is None
    webhook.status = 200
    bench.run(notify, DOWN)
    assert len(webhook.got) == 1
    webhook.status = 500
    assert bench.run(notify) is not None, "the run is well all the same"
    webhook.status = 200
    bench.run(notify)
    assert webhook.titles[1:] == ["[akeneo_erp_bridge] products: works again"]
    assert SECRET not in caplog.text
    assert SECRET not in "".join(str(vars(one)) for one in caplog.records)


def test_one_address_that_fails_does_not_make_the_other_ring_twice(
    bench: Bench, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    notify = Notify(["json://127.0.0.1:9", webhook.url], bench.state)
    bench.run(notify, DOWN)
    bench.run(notify, DOWN)
    assert len(webhook.got) == 1
    assert caplog.text.count("could not notify") == 1


class Amnesia(SqliteState):
    def trouble(self, stream: str) -> Trouble | None:
        raise StateError("the disk is gone")


def test_without_memory_people_are_told_all_the_same(
    pim: AkeneoClient, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    with Amnesia(":memory:") as state:
        bench = Bench(pim, state)
        bench.run(Notify(webhook.url, state), DOWN)
        assert len(webhook.got) == 1
        assert "so they may be told twice: the disk is gone" in caplog.text
        assert bench.run(Notify(webhook.url, state)) is not None


# ---- addresses ----
@pytest.mark.parametrize("address", [f"slack://{SECRET}", f"nonsense://{SECRET}", SECRET, ""])
def test_an_address_that_is_none_is_refused_and_not_shown(
    state: SqliteState, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    caplog.set_level(1)
    caplog.set_level(1, "apprise")
    with pytest.raises(ConfigurationError, match="address 2 of 2 for notifications") as caught:
        Notify(["json://localhost", address], state)
    assert SECRET not in str(caught.value)
    assert SECRET not in caplog.text


def test_no_address_is_refused(state: SqliteState) -> None:
    with pytest.raises(ConfigurationError, match="no address"):
        Notify([], state)


def test_an_apprise_object_is_taken_with_its_configuration(bench: Bench, webhook: Webhook, tmp_path: Path) -> None:
    (tmp_path / "addresses.txt").write_text(f"{webhook.url}\n")
    people = Apprise()
    people.add(AppriseConfig(paths=str(tmp_path / "addresses.txt")))
    bench.run(Notify(people, bench.state), DOWN)
    assert len(webhook.got) == 1


def test_a_missing_library_is_named(state: SqliteState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(MissingExtra, match=r"akeneo_erp_bridge\[notify\]"):
        Notify("json://localhost", state)


def test_its_repr_shows_no_address(state: SqliteState, webhook: Webhook) -> None:
    assert SECRET not in repr(Notify(webhook.url, state))


# ---- chats on a server of one's own ----
def test_a_chat_gets_what_happened_and_the_run_and_no_secret(
    bench: Bench, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    """As Mattermost takes it, whose address holds a token; what an error quotes stays readable."""
    caplog.set_level(1)
    caplog.set_level(1, "apprise")
    notify = Notify(f"mmost://bridge@{webhook.place}/s3cretOf1?channel=erp", bench.state, name="Geschäft")
    bench.run(notify, ErpUnreachable("Tür 7 ist zu: <b>keine Antwort</b>"))
    failed = next(bench.state.runs("products"))
    bench.run(notify, RuntimeError("odbc://sa:s3cretOf3@erp"))
    bench.run(notify)
    works = next(bench.state.runs("products"))
    assert webhook.paths == ["/hooks/s3cretOf1"] * 3
    assert {(one["username"], one["channel"]) for one in webhook.got} == {("bridge", "erp")}
    down, defect, again = (one["text"].splitlines() for one in webhook.got)
    assert down[:3] == [
        "[Geschäft] products: the run failed",
        "Stream: products",
        "What happened: the run failed with ErpUnreachable: Tür 7 ist zu: <b>keine Antwort</b>",
    ]
    assert down[-1].startswith(f"Run: {failed.run_id}, ended 20")
    assert "the run failed with RuntimeError: raised at test_notify.py, line" in defect[2]
    assert again[0] == "[Geschäft] products: works again"
    assert again[3] == "Items: 2 read = 0 unchanged + 2 written + 0 held + 0 parked."
    assert again[-1].startswith(f"Run: {works.run_id}, ended 20")
    assert "s3cretOf" not in str(webhook.got)
    assert "s3cretOf" not in caplog.text


# ---- mail ----
class OnAnyPort(Controller):
    """A mail server on a port that was free."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Inbox:
    """What a mail server was given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    inbox = Inbox()
    controller = OnAnyPort(inbox, hostname="127.0.0.1", port=0)
    controller.start()
    yield inbox, controller.port
    controller.stop()


def test_a_mail_arrives(bench: Bench, inbox: tuple[Inbox, int]) -> None:
    received, port = inbox
    address = f"mailto://127.0.0.1:{port}?from=bridge@example.com&to=it@example.com"
    bench.erp.rows[0]["name"] = "Bürste"
    bench.run(Notify(address, bench.state, name="Geschäft"), ErpUnreachable("Tür 7 ist zu"))
    (mail,) = received.mails
    assert mail["subject"] == "[Geschäft] products: the run failed"
    assert mail["to"] == "it@example.com"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "What happened: the run failed with ErpUnreachable: Tür 7 ist zu\n" in body.get_content().replace(
        "\r\n", "\n"
    )


def test_a_mail_is_readable_in_html_too(bench: Bench, inbox: tuple[Inbox, int]) -> None:
    """Where HTML is asked for: each line stays a line, and what a message says stays text."""
    received, port = inbox
    address = f"mailto://127.0.0.1:{port}?from=bridge@example.com&to=it@example.com&format=html"
    bench.run(Notify(address, bench.state), ErpUnreachable("no answer from <b>ERP</b>"))
    body = received.mails[0].get_body(("html",))
    assert body is not None
    assert "&lt;b&gt;ERP" in body.get_content()
    assert body.get_content().count("<br") >= 4
