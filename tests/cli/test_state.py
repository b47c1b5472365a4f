"""`akeneo-erp-bridge state`, as a shell sees it."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync import HotRelay, LedgerEntry, ParkedItem, PostgresState, RunRecord, Settled, SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from relay_bench import FEEDS, ChangeLog, Shop, row
from shell import SECRET, Shell


@pytest.fixture
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    simulator = PimSimulator(secret=SECRET)
    with simulator.serve() as server:
        yield Shell(simulator, server, tmp_path_factory.mktemp("state"), "state")


@pytest.fixture
def file(shell: Shell) -> Path:
    path = shell.folder / "bridge.db"
    with SqliteState(path) as state:
        entries = [LedgerEntry(ErpKey(str(number)), "f", "c", f"r{number}", gone=number == 0) for number in range(10)]
        parked = [ParkedItem(ErpKey("p"), "refused", "", "no")]
        state.settle("products", Settled(entries, parked, at=datetime(2026, 1, 1, tzinfo=UTC)))
        for number in range(2):
            moment = datetime(2026, 1, 1 + number, tzinfo=UTC)
            state.record_run(RunRecord(f"r{number}", "products", moment, moment, {}))
    return path


def test_inspect(shell: Shell, file: Path) -> None:
    answer = shell.run("inspect", "--state", "bridge.db")
    assert (answer.returncode, answer.stderr) == (0, "")
    for words in (
        "state file bridge.db: format",
        "9 items, and 1 gone",
        "1 refused since 2026-01-01 00:00 UTC",
        "2, the last",
    ):
        assert words in answer.stdout
    assert shell.run("inspect", AKENEO_STATE="bridge.db").stdout == answer.stdout


def test_inspect_tells_what_a_relay_keeps(shell: Shell) -> None:
    """No history of runs, of which there may be one each second; whose the stream is, and when its cursor moved."""
    with SqliteState(shell.folder / "relay.db") as state:
        relay = HotRelay(ChangeLog(row("A", stock=1)), FEEDS, Shop(), state)
        for _ in range(6):
            relay.run()
        reached = state.inspect().streams[0].reached
        assert reached is not None
    answer = shell.run("inspect", "--state", "relay.db")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.splitlines()[1:] == [
        "offers",
        "  origin  offers to a shop",
        f"  cursor  sequence, reached {reached:%Y-%m-%d %H:%M} UTC, to the end",
        "  ledger  1 item, and 0 gone",
        "  parked  nothing",
        "  held    0 cells",
        "  intents 0",
        "  runs    not recorded of a relay; its cursor tells when it last moved",
    ]


@pytest.fixture
def waiting(shell: Shell) -> Path:
    """A state in which things wait in two streams."""
    path, days_ago = shell.folder / "waiting.db", datetime.now(UTC) - timedelta(days=9, minutes=1)
    colour = ParkedItem(
        ErpKey("DR-18"), "refused", "values/colour", "no\x1b[2K", sample={"colour": "'teal'"}, since=days_ago
    )
    with SqliteState(path) as state:
        state.settle(
            "products", Settled(parked=[colour, ParkedItem(ErpKey("DR-19"), "required", "name", "it is absent")])
        )
        state.settle("spares", Settled(parked=[ParkedItem(ErpKey("S-1"), "refused", "values/name", "no")]))
    return path


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("", ["DR-18", "DR-19", "S-1"]),
        ("--stream products", ["DR-18", "DR-19"]),
        ("--code refused", ["DR-18", "S-1"]),
        ("--code refused --code required --key DR-*", ["DR-18", "DR-19"]),
        ("--cell name", ["DR-19", "S-1"]),
        ("--older-than 9", ["DR-18"]),
        ("--older-than 10", []),
    ],
)
def test_what_is_parked_is_listed_by_what_is_asked(shell: Shell, waiting: Path, options: str, found: list[str]) -> None:
    answer = shell.run("parked", "--state", waiting.name, *options.split())
    assert (answer.returncode, answer.stderr) == (0, "")
    assert [key for key in ("DR-18", "DR-19", "S-1") if f"│ {key} " in answer.stdout] == found
    lines = shell.run("parked", "--state", waiting.name, "--lines", *options.split()).stdout.splitlines()
    assert [json.loads(line)["key"] for line in lines] == found


def test_what_is_parked_is_told_with_all_that_helps(shell: Shell, waiting: Path) -> None:
    answer = shell.run("parked", "--state", waiting.name, "--stream", "products", "--most", "1").stdout
    day = f"{datetime.now(UTC) - timedelta(days=9, minutes=1):%Y-%m-%d}"
    for words in (
        "Parked in products: 2",
        "refused",
        day,
        "values/colour: no[U+001B][2K",
        "colour: 'teal'",
        "… 1 more",
        "to see the rest: --most (most=...), or --lines",
    ):
        assert words in answer
    (line,) = shell.run("parked", "--state", waiting.name, "--lines", "--key", "DR-18").stdout.splitlines()
    assert "\x1b" not in line
    told = json.loads(line)
    assert (told["stream"], told["detail"], told["sample"]) == ("products", "no\x1b[2K", {"colour": "'teal'"})


def test_a_stream_that_there_is_not_is_no_answer(shell: Shell, waiting: Path) -> None:
    for more in ([], ["--lines"]):
        answer = shell.run("parked", "--state", waiting.name, "--stream", "nosuch", *more)
        told = "error: --stream: there is no stream 'nosuch' in the state; it has: products, spares\n"
        assert (answer.returncode, answer.stdout, answer.stderr) == (2, "", told)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--code bogus", "--code: nothing is parked as 'bogus'; what is parked is: refused, required"),
        ("--code refused --code bogus", "--code: nothing is parked as 'bogus'; what is parked is: refused, required"),
        ("--stream spares --code required", "--code: nothing is parked as 'required'; what is parked is: refused"),
        ("--cell nosuch", "--cell: nothing is parked for 'nosuch'; what is parked is for: colour, name, values"),
        ("--stream products --key S-* --code bogus", "--code: nothing is parked as 'bogus'; what is parked is: "),
    ],
)
def test_a_word_that_fits_nothing_is_told_beside_the_answer(
    shell: Shell, waiting: Path, options: str, told: str
) -> None:
    """A monitor may well ask for a code that nothing is parked with, so that it is no error."""
    for more in ([], ["--lines"]):
        answer = shell.run("parked", "--state", waiting.name, *options.split(), *more)
        assert answer.returncode == 0
        assert answer.stderr.startswith(f"note: {told}")
        assert len(answer.stderr.splitlines()) == 1


def test_nothing_is_an_answer_where_nothing_is_parked(shell: Shell, waiting: Path, file: Path) -> None:
    answer = shell.run("parked", "--state", waiting.name, "--code", "refused", "--cell", "name", "--key", "DR-*")
    assert (answer.returncode, answer.stdout) == (0, "Parked in products: nothing\nParked in spares: nothing\n")
    with SqliteState(file) as state:
        state.settle(
            "products", Settled([LedgerEntry(ErpKey("p"), "f", "c", "r")], at=datetime(2026, 1, 3, tzinfo=UTC))
        )
    for options in ("", "--code refused", "--cell name", "--stream products --code bogus"):
        answer = shell.run("parked", "--state", file.name, *options.split())
        assert (answer.returncode, answer.stdout) == (0, "Parked in products: nothing\n")
    with SqliteState(shell.folder / "new.db"):
        pass
    assert shell.run("parked", "--state", "new.db").returncode == 0
    answer = shell.run("parked", "--state", "new.db", "--stream", "products")
    assert (answer.returncode, answer.stderr) == (
        2, "error: --stream: there is no stream 'products' in the state; no run has written into it\n"
    )  # fmt: skip


def test_what_is_not_there_is_not_made(shell: Shell) -> None:
    answer = shell.run("inspect", "--state", "bridge.db")
    assert (answer.returncode, answer.stdout) == (4, "")
    assert answer.stderr == "error: there is no state file bridge.db; name the one that your program opens\n"
    assert list(shell.folder.iterdir()) == []
    answer = shell.run("inspect", AKENEO_STATE="")
    assert answer.returncode == 2
    assert "AKENEO_STATE" in answer.stderr


def test_a_state_in_use_is_left_alone(shell: Shell, file: Path) -> None:
    program = (
        "import sys, time; from akeneo_erp_bridge.sync import SqliteState\n"
        "state = SqliteState(sys.argv[1]); print(flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(file)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        answer = shell.run("backup", "copy.db", "--state", "bridge.db")
        other.kill()
    assert answer.returncode == 4
    assert answer.stderr.startswith("error: state file bridge.db is in use by another run; wait for it")


def test_backup(shell: Shell, file: Path) -> None:
    answer = shell.run("backup", "copy.db", "--state", "bridge.db")
    assert (answer.returncode, answer.stdout.startswith("written to copy.db, 0.")) == (0, True)
    with SqliteState(shell.folder / "copy.db") as copy:
        assert copy.ledger_size("products") == 9
    assert shell.run("backup", "copy.db", "--state", "bridge.db").returncode == 4
    answer = shell.run("backup", "nowhere/copy.db", "--state", "bridge.db")
    assert (answer.returncode, answer.stderr) == (
        4, "error: back-up nowhere/copy.db cannot be written (No such file or directory); check its folder, its disk and "
        "your rights; the state is as it was\n"
    )  # fmt: skip


def test_compact(shell: Shell, file: Path) -> None:
    answer = shell.run("compact", "--state", "bridge.db", "--runs-older-than", "30", "--gone-older-than", "30")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("1 run and 1 item that was gone dropped; ")


def test_move_there_and_back(shell: Shell, file: Path, postgres: str) -> None:
    schema = f"state_{uuid.uuid4().hex}"
    answer = shell.run("move", "--state", "bridge.db", "--schema", schema, AKENEO_STATE_TO=postgres)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "10 ledger" in answer.stdout
    assert "put the old one aside" in answer.stdout
    with PostgresState(postgres, schema) as state:
        assert state.ledger_size("products") == 9
    answer = shell.run("inspect", "--schema", schema, AKENEO_STATE=postgres)
    assert answer.stdout.startswith("the state in PostgreSQL, database postgres, ")
    assert shell.run("move", "--to", "back.db", "--state", postgres, "--schema", schema).returncode == 0
    with SqliteState(shell.folder / "back.db") as state:
        assert state.ledger_size("products") == 9
    answer = shell.run("move", "--to", "back.db", "--state", postgres, "--schema", schema)
    assert answer.returncode == 4
    assert "is not empty" in answer.stderr


def test_no_password_is_printed(shell: Shell, file: Path) -> None:
    for address in (f"postgresql://ada:{SECRET}@127.0.0.1:9/live", f"postgresql://ada:p@{SECRET}@127.0.0.1:9/live"):
        for answer in (
            shell.run("inspect", "--state", address),
            shell.run("move", "--to", address, "--state", "bridge.db"),
        ):
            assert answer.returncode in (2, 4)
            assert SECRET not in answer.stdout + answer.stderr
            assert answer.stderr.startswith("error: the ")
