"""What a person sees, and what a log sees."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO

from rich.console import Console

from akeneo_erp_bridge.cli import show_held, show_report
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync import HeldCell, ParkedItem, Tally

PROGRAM = """
from datetime import UTC, datetime, timedelta

from akeneo_erp_bridge.cli import ProgressBar
from akeneo_erp_bridge.sync import PageTook, Run, Tally

bar = ProgressBar(total=30)
run = Run(id="4f2c", stream="products", mode="run", started=datetime.now(UTC))
bar.began(run)
for read in (10, 20, 30):
    report = Tally(read=read, created=read - 1, parked=1).report("products", timedelta(0))
    bar.page(run, report, PageTook())
bar.ended(run, report)
print("done")
"""


def test_a_bar_where_there_is_a_terminal() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=theirs, env=environment) as program:
        assert program.wait() == 0
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "products" in shown
    assert "30/30" in shown
    assert "29 written, 1 parked" in shown
    assert shown.rstrip().endswith("done")


def test_silence_where_there_is_none() -> None:
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert (answer.stdout, answer.stderr) == ("done\n", "")


def test_a_report_tells_what_its_numbers_do_not() -> None:
    tally = Tally(read=3, unchanged=3, undeleted=1, waiting=2)
    tally.skip(ParkedItem(ErpKey("000123"), "no_option", "color", "teal is no option"))
    report = tally.report("products", timedelta(seconds=1), "more than 10 % would be disabled")
    out = StringIO()
    show_report(report, out=Console(file=out, width=200))
    for told in (
        "1 deletion refused by the PIM",
        "2 items parked earlier and not read now",
        f"1 cell left as found, the first: {tally.skipped_cells[0]}",
        "stopped: more than 10 % would be disabled",
    ):
        assert told in out.getvalue()
        assert told in str(report)


def test_held_cells_are_shown_with_both_versions() -> None:
    since = datetime(2026, 3, 2, tzinfo=UTC)
    cells = [
        HeldCell(ErpKey("DR-18"), "name[en_US]", "Drill", "Drill Pro", "[red]Julia's[/red]", since),
        HeldCell(ErpKey("DR-18"), "weight", None, {"amount": "1.5"}, None, since),
        HeldCell(ErpKey("DR-19"), "colour", "blue", "red", "blue", since),
    ]
    out = StringIO()
    show_held(iter(cells), most=2, out=Console(file=out, width=160))
    lines = [[part.strip() for part in line.split("│")[1:-1]] for line in out.getvalue().splitlines() if "│" in line]
    assert "Held until somebody decides: 3 cells" in out.getvalue()
    assert lines == [
        ["DR-18", "name[en_US]", "Drill", "Drill Pro", "[red]Julia's[/red]", "2026-03-02"],
        ["", "weight", "-", "amount: 1.5  (decided)", "-", "2026-03-02"],
        ["… 1 more", "", "", "", "", ""],
    ]
    none = StringIO()
    show_held([], out=Console(file=none))
    assert none.getvalue() == "nothing is held\n"


def test_a_report_shows_what_is_held() -> None:
    tally = Tally(read=1, held=1)
    tally.hold(HeldCell(ErpKey("DR-18"), "colour", "green", "red", "blue"))
    out = StringIO()
    show_report(tally.report("products", timedelta(seconds=1)), out=Console(file=out, width=160))
    assert "Held until somebody decides: 1 cell" in out.getvalue()
    assert "1 cell held, since PIM users changed them too, the first: DR-18: colour" in out.getvalue()


def test_what_is_held_is_neither_red_nor_green() -> None:
    out = StringIO()
    cells = [HeldCell(ErpKey("DR-18"), "colour", "green", "red", "blue")]
    show_held(cells, out=Console(file=out, width=160, force_terminal=True, color_system="standard", no_color=False))
    assert set(re.findall(r"\x1b\[3(\d)m", out.getvalue())) == {"3"}, "yellow alone"
