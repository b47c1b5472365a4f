"""What stays of each run, as files: its log, and its report as a page, as JSON and as a table."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, get_args

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.sync import JsonLines, LogObserver, Run, SyncReport, SyncState, save_report_html
from erp_app.files import write_text
from erp_app.wanted import IMPORTED

Kind = Literal["html", "json", "csv", "log"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
KEPT: Final = 100
"""Runs of which files are kept; the history itself is in the state, and has all of them."""

_COLUMNS: Final = ("article", "what", "place", "reason", "in the ERP", "in the PIM", "since")


class Archive:
    """The files of the last runs, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)

    def path(self, run_id: str, kind: Kind) -> Path | None:
        """A file of a run; `None` where there is none. Whatever was asked for, it leads nowhere else."""
        if not run_id.isalnum() or not run_id.isascii():
            return None
        path = self._folder / f"{run_id}.{kind}"
        return path if path.is_file() else None

    def keep(self, report: SyncReport, state: SyncState) -> None:
        """Write the report of a run, with all that is left to do by now; the oldest runs go."""
        save_report_html(report, self._folder / f"{report.run_id}.html", state)
        write_text(self._folder / f"{report.run_id}.json", [json.dumps(_as_json(report, state), indent=2), "\n"])
        write_text(self._folder / f"{report.run_id}.csv", _as_table(report, state))
        newest = sorted(self._folder.glob("*.html"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in newest[KEPT:]:
            for kind in KINDS:
                old.with_suffix(f".{kind}").unlink(missing_ok=True)

    def log(self, run_id: str) -> list[dict[str, JsonValue]]:
        """The lines of a run's log, each with its time, level and numbers."""
        path = self.path(run_id, "log")
        lines = path.read_text(encoding="utf-8").splitlines() if path is not None else []
        return [found for line in lines if isinstance(found := _parsed(line), dict)]

    def observer(self) -> LogObserver:
        """What writes the log of the next run."""
        return _RunLog(self._folder)


class _RunLog(LogObserver):
    """The library's log of a run, in a file of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._to = logging.getLogger("erp_app.run")
        self._to.setLevel(logging.DEBUG)
        self._to.propagate = False  # its lines are for the file alone
        super().__init__(self._to)

    def began(self, run: Run) -> None:
        """Open the file."""
        handle = os.open(self._folder / f"{run.id}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._handler = logging.StreamHandler(os.fdopen(handle, "a", encoding="utf-8"))
        self._handler.setFormatter(JsonLines())
        self._to.addHandler(self._handler)
        super().began(run)

    def ended(self, run: Run, report: SyncReport) -> None:
        """The last lines."""
        super().ended(run, report)
        self._close()

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        """The last line."""
        super().failed(run, error, so_far)
        self._close()

    def _close(self) -> None:
        self._to.removeHandler(self._handler)
        self._handler.stream.close()


def _parsed(line: str) -> JsonValue:
    try:
        found: JsonValue = json.loads(line)
    except ValueError:
        return None  # the line that a killed process was writing
    return found


def _as_json(report: SyncReport, state: SyncState) -> dict[str, JsonValue]:
    numbers = ("read", "unchanged", "written", "created", "updated", "held", "parked", "cells", "tombstoned")
    return {
        "run": report.run_id,
        "kind": report.kind,
        "seconds": report.took.total_seconds(),
        "stopped_by": report.stopped_by,
        "counts": {name: int(getattr(report, name)) for name in numbers},
        "left_to_do": [dict(zip(_COLUMNS, row, strict=True)) for row in _rows(report, state)],
    }


def _rows(report: SyncReport, state: SyncState) -> Iterator[tuple[str, ...]]:
    left_out = "not imported" if report.stream == IMPORTED else "not sent"
    for item in state.parked(report.stream):
        said = ", ".join(f"{name}: {text}" for name, text in item.sample.items())
        since = item.since.isoformat() if item.since else ""
        yield str(item.key), left_out, item.path, item.detail, said, "", since
    for cell in state.held(report.stream):
        since = cell.since.isoformat() if cell.since else ""
        yield str(cell.key), "two versions", cell.cell, cell.diff, _text(cell.erp), _text(cell.pim), since
    for skipped in report.skipped_cells:
        yield str(skipped.key), "left as it was", skipped.path, skipped.detail, "", "", ""


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_table(report: SyncReport, state: SyncState) -> Iterator[str]:
    """CSV with a mark for its encoding, which spreadsheets need."""
    yield "\ufeff"
    for row in (_COLUMNS, *_rows(report, state)):
        line = io.StringIO()
        csv.writer(line).writerow([_harmless(cell) for cell in row])
        yield line.getvalue()


def _harmless(cell: str) -> str:
    """A text that a spreadsheet does not take for a formula.

    >>> _harmless("=1+1"), _harmless("1,5")
    ("'=1+1", '1,5')
    """
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
