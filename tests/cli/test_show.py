"""What a person sees, and what a log sees."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import timedelta
from io import StringIO

from rich.console import Console

from akeneo_erp_bridge.cli import show_report
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync import ParkedItem, Tally

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
