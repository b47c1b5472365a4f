"""What can be wrong with a state file: one line that says so, a file left as it is, and a run that goes on afterwards."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync import ErpToPim, LedgerEntry, Settled, SqliteState, SyncOptions
from akeneo_erp_bridge.sync._rows._store import RowStore
from akeneo_erp_bridge.sync._stored import _sqlite
from akeneo_erp_bridge.testing import PimSimulator
from places import Place
from world import ListErp, fill, make_mapping, row

ENTRIES = [LedgerEntry(ErpKey(f"{number:05}"), "f", "c", f"ref {number}", {"name": "x" * 300}) for number in range(400)]


def filled(path: Path) -> bytes:
    with SqliteState(path) as state:
        state.settle("products", Settled(entries=ENTRIES))
    return path.read_bytes()


def refused(path: Path, words: str) -> None:
    """Opening it fails with one line; the file and its folder are as they were."""
    before = {one: one.read_bytes() for one in path.parent.iterdir() if one.is_file()}
    with pytest.raises(StateError, match=words) as error:
        SqliteState(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert {one: one.read_bytes() for one in path.parent.iterdir() if one.is_file()} == before


# ---- what is no state ----
def test_a_newer_version(tmp_path: Path) -> None:
    filled(tmp_path / "state.db")
    with sqlite3.connect(tmp_path / "state.db") as db:
        db.execute("PRAGMA user_version = 99")
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    refused(tmp_path / "state.db", r"newer version \(format 99, this one knows \d+\); upgrade akeneo_erp_bridge")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"no database" * 100)
    refused(tmp_path / "state.db", "not a usable SQLite file .*restore a back-up in its place, without the old .*-wal")


def test_a_file_without_a_byte_has_lost_what_it_held(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch()
    refused(tmp_path / "state.db", "is empty: what it held is lost; restore a back-up")


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    refused(tmp_path / "state.db", "is a folder; name a file in it, such as .*bridge.db")


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "state.db").symlink_to(tmp_path / "unmounted" / "state.db")
    refused(tmp_path / "state.db", "a link that leads nowhere")


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="No such file or directory.*check its folder"):
        SqliteState(tmp_path / "nowhere" / "state.db")


@pytest.mark.parametrize("version", [0, 3, 99])
def test_another_programs_database(tmp_path: Path, version: int) -> None:
    with sqlite3.connect(tmp_path / "state.db") as db:
        db.execute("CREATE TABLE cursor (id INTEGER)")
        db.execute(f"PRAGMA user_version = {version}")
    db.close()
    refused(tmp_path / "state.db", "another program's database, not a state file; give the state a file of its own")


def test_the_rows_of_a_variants_job(tmp_path: Path) -> None:
    RowStore(tmp_path / "state.db").close()
    refused(tmp_path / "state.db", "another program's database")


# ---- what is damaged ----
def test_a_broken_header(tmp_path: Path) -> None:
    whole = filled(tmp_path / "state.db")
    (tmp_path / "state.db").write_bytes(b"\0" * 100 + whole[100:])
    refused(tmp_path / "state.db", "not a usable SQLite file")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_broken_page_in_the_middle(tmp_path: Path, share: float) -> None:
    whole = filled(tmp_path / "state.db")
    start = int(len(whole) * share) // 4096 * 4096
    (tmp_path / "state.db").write_bytes(whole[:start] + os.urandom(4096) + whole[start + 4096 :])
    refused(tmp_path / "state.db", r"is damaged \(.*\); restore a back-up")


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_file_that_is_cut_off(tmp_path: Path, share: float) -> None:
    whole = filled(tmp_path / "state.db")
    (tmp_path / "state.db").write_bytes(whole[: int(len(whole) * share) // 4096 * 4096])
    refused(tmp_path / "state.db", r"is damaged \(.*\); restore a back-up")


def test_a_page_that_breaks_while_the_state_is_open_ends_the_run(tmp_path: Path) -> None:
    filled(tmp_path / "state.db")
    with SqliteState(tmp_path / "state.db") as state:
        size = (tmp_path / "state.db").stat().st_size
        with (tmp_path / "state.db").open("r+b") as disk:
            for page in range(1, size // 4096):
                disk.seek(page * 4096)
                disk.write(b"\xff" * 4096)
        state.database.connection.execute("PRAGMA shrink_memory")  # it looks at the disk again
        with pytest.raises(StateError, match="is damaged .*malformed.*; restore a back-up"):
            state.entries("products", [one.key for one in ENTRIES])
        with pytest.raises(StateError, match="is damaged"):
            state.settle("products", Settled(entries=ENTRIES))


def test_last_changes_without_their_file_are_not_thrown_away(tmp_path: Path) -> None:
    """SQLite itself would delete them, or mix them into a new file."""
    with SqliteState(tmp_path / "old.db") as state:
        state.settle("products", Settled(entries=ENTRIES))
        shutil.copy(tmp_path / "old.db-wal", tmp_path / "state.db-wal")
    refused(tmp_path / "state.db", "is missing, and .*state.db-wal is still there.*put the two together again")


# ---- what one may not ----
PROGRAM = """
import os, sys
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync import SqliteState
if os.geteuid() == 0:  # whom no permission stops
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    SqliteState(sys.argv[1])
except StateError as error:
    print(error)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that every user may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.mark.parametrize(
    ("file", "around"),
    [(0o444, 0o777), (0o000, 0o777), (0o666, 0o555), (None, 0o555)],
    ids=["read", "no", "folder", "new"],
)
def test_files_and_folders_that_are_read_only(folder: Path, file: int | None, around: int) -> None:
    path = folder / "state.db"
    before = filled(path) if file is not None else b""
    if file is not None:
        path.chmod(file)
    folder.chmod(around)
    answer = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True)
    folder.chmod(0o777)
    assert answer.stdout.startswith(f"state file {path} cannot be opened for writing (")
    assert answer.stdout.endswith("); check its folder and your rights on it\n")
    assert [one.name for one in folder.iterdir()] == ([] if file is None else ["state.db"])
    assert file is None or path.read_bytes() == before


def test_a_new_file_and_what_stands_beside_it_are_private(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with SqliteState(tmp_path / "state.db") as state:
            state.settle("products", Settled(entries=ENTRIES))
            modes = {one.name: oct(stat.S_IMODE(one.stat().st_mode)) for one in tmp_path.iterdir()}
    finally:
        os.umask(old)
    assert modes == {"state.db": "0o600", "state.db-wal": "0o600"}


# ---- who was here first ----
RUNNER = """
import sys
from akeneo_erp_bridge.errors import StateError
from places import opened
for line in sys.stdin:
    try:
        with opened(sys.argv[1:]) as state:
            print("ran", flush=True)
            sys.stdin.readline()
            state.forget("products")
    except StateError as error:
        print("refused" if "in use by another run" in str(error) else error, flush=True)
        sys.stdin.readline()
"""


@pytest.mark.on_both
def test_of_two_that_start_at_once_one_runs(place: Place) -> None:
    """The first time the state is new; both would make it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", RUNNER, *place.told()]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    with subprocess.Popen(command, **pipes) as one, subprocess.Popen(command, **pipes) as other:
        for _ in range(20):
            for each in (one, other):
                each.stdin.write("go\n")
                each.stdin.flush()
            assert sorted(each.stdout.readline().strip() for each in (one, other)) == ["ran", "refused"]
            for each in (one, other):
                each.stdin.write("end\n")
                each.stdin.flush()
        one.stdin.close()
        other.stdin.close()
    assert (one.returncode, other.returncode) == (0, 0)


def test_a_run_that_is_just_ending_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = SqliteState(tmp_path / "state.db")
    monkeypatch.setattr(_sqlite.time, "sleep", lambda _: first.close())
    with SqliteState(tmp_path / "state.db") as second:
        assert second.ledger_size("products") == 0


# ---- a disk that is full ----
@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three quarters of a megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=768k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount one; the limit on the size of a file is tested all the same")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def job(simulator: PimSimulator, state: SqliteState, count: int) -> ErpToPim:
    pim = AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport())
    rows = [row(number, name=f"Shirt {number} {'long ' * 30}") for number in range(count)]
    return ErpToPim(ListErp(rows), make_mapping(), pim, state, options=SyncOptions(page_size=40))


def products(simulator: PimSimulator) -> dict[str, object]:
    with AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=simulator.transport()) as pim:
        return {str(one.values.text("sku")): one.values for one in pim.products.list()}


def test_a_run_that_fills_the_disk_goes_on_when_there_is_room(simulator: PimSimulator, small_disk: Path) -> None:
    uninterrupted = fill(PimSimulator())
    with SqliteState(":memory:") as state:
        assert job(uninterrupted, state, 900).run().created == 900
    with SqliteState(small_disk / "state.db") as state:
        with pytest.raises(
            StateError, match="cannot grow: the disk is full .*make space and run again, what is settled is"
        ):
            job(simulator, state, 900).run()
        settled = state.ledger_size("products")
        assert 0 < settled < 900
        with pytest.raises(StateError, match="the disk is full"):
            job(simulator, state, 900).run()
        assert state.ledger_size("products") >= settled, "what was settled can still be read"
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    with SqliteState(small_disk / "state.db") as state:
        report = job(simulator, state, 900).run()
        assert report.accounts_for_everything()
        assert (report.exit_code, state.ledger_size("products")) == (0, 900)
        assert state.inspect().streams[0].intents == 0
    assert products(simulator) == products(uninterrupted), "nothing is lost, nothing is there twice"


LIMITED = """
import resource, sys
from pathlib import Path
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.sync._stored import _sqlite
from akeneo_erp_bridge.testing import PimSimulator
from test_state_faults import job, products
from world import fill

simulator, most = fill(PimSimulator()), resource.RLIM_INFINITY
state = SqliteState(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, most))
for _ in range(2):
    try:
        job(simulator, state, 900).run()
    except StateError as error:
        print(error)
settled = state.ledger_size("products")
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
report = job(simulator, state, 900).run()  # the same state object
print(0 < settled < 900, report.exit_code, report.accounts_for_everything(), state.ledger_size("products"), len(products(simulator)))
"""


def test_a_limit_on_the_size_of_a_file_does_no_harm(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    command = [sys.executable, "-c", LIMITED, str(tmp_path / "state.db")]
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert answer.returncode == 0, answer.stderr
    first, second, end = answer.stdout.splitlines()
    for line in (first, second):
        assert "cannot be read or written (disk I/O error)" in line
        assert line.endswith("check the disk, its space and your rights, and run again, what is settled is safe")
    assert end == "True 0 True 900 900"
