"""Plans, reports and progress for people, by rich (extra `cli`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.errors import MissingExtra
from akeneo_erp_bridge.sync import HeldCell, ItemChange, PageTook, ParkedItem, Plan, Run, RunObserver, SyncReport
from akeneo_erp_bridge.sync._pages._plain import in_a_line, plain
from akeneo_erp_bridge.sync._plans._old_beside_new import value_text
from akeneo_erp_bridge.sync._words import counted

try:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Table
    from rich.text import Text
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("the terminal display", "cli") from error

WIDTH_WITHOUT_TERMINAL = 120
_OF_PLAN = "--most (most=...), plan show with --lines, or a page by --html (save_html)"
_OF_REPORT = "state parked, or a page by save_report_html with the state"
_OF_PARKED = "--most (most=...), or --lines"
_OF_HELD = "show_held(state.held(...), most=...), or a page by save_report_html with the state"
_LONGEST_DIFF = 300  # characters; the page and the lines have all of it


def console() -> Console:
    """The terminal, or a fixed width where output goes to a file or a log."""
    out = Console()
    return out if out.is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL)


def show_plan(plan: Plan, *, most: int = 8, out: Console | None = None) -> None:
    """Print a plan: new products, changes cell by cell with what was done to their values, parked records with the reason,
    and what is not written since a PIM user changed it: both versions, and in words what would change in the PIM.

    `most` is how many items of each kind are printed; the plan itself holds all of them.
    """
    screen = out or console()
    screen.print(_line(str(plan), style="bold"))
    if plan.report.stopped_by:
        screen.print(_line(f"  a brake would stop this run: {plan.report.stopped_by}", style="red"))
    if plan.creates:
        screen.print(_creates(plan, most))
    if plan.updates:
        screen.print(_updates(plan, most))
    if plan.parked:
        screen.print(_parked(plan.parked, most))
    if plan.held:
        screen.print(_unwritten("Held until somebody decides", plan.held, most))
    if plan.kept:
        screen.print(_unwritten("Kept as PIM users have it, since the ERP has nothing new", plan.kept, most))


def show_report(report: SyncReport, *, most: int = 8, out: Console | None = None) -> None:
    """Print the account of a run, and the parked items with their reasons."""
    screen = out or console()
    style = "green" if report.exit_code == 0 else "yellow" if report.exit_code == 1 else "red"
    screen.print(
        Text.assemble(
            (f"{report.stream}: ", "bold"),
            (report.balance, style),
            f"   ({report.created} created, {report.updated} updated, {counted(report.cells, 'cell')}, "
            f"{report.took.total_seconds():.1f} s)",
        )
    )
    for remark in report.remarks:
        screen.print(_line(f"  {remark}", style="red" if remark.startswith("stopped") else ""))
    if report.parked_items and most:
        screen.print(_parked(report.parked_items, most, total=report.parked + report.undeleted))
    if report.held_items and most:
        screen.print(_held(report.held_items, most, total=report.held_cells))


def show_held(cells: Iterable[HeldCell], *, most: int = 50, out: Console | None = None) -> None:
    """Print held cells with both versions, such as `SyncState.held` gives; at most *most* are kept in memory.

    ::

        show_held(state.held("products"))
    """
    shown: list[HeldCell] = []
    total = 0
    for total, one in enumerate(cells, start=1):
        if total <= most:
            shown.append(one)
    screen = out or console()
    screen.print(_held(shown, most, total=total) if total else Text("nothing is held"))


def show_parked(
    items: Iterable[ParkedItem], *, most: int = 50, out: Console | None = None, title: str = "Parked"
) -> None:
    """Print parked items with their codes, since when they wait, why, and what the ERP said; *most* are kept in memory.

    ::

        show_parked(parked_items(state, "refused", cell="colour"))
    """
    shown: list[ParkedItem] = []
    total = 0
    for total, one in enumerate(items, start=1):
        if total <= most:
            shown.append(one)
    screen = out or console()
    if not total:
        screen.print(_line(f"{title}: nothing"))
        return
    table = _table(in_a_line(f"{title}: {total}"), "item", "code", "since", "why, and what to do", "what was said")
    for one in shown:
        table.add_row(
            _text(_cut(one.key, 24) or "(no key)"),
            _text(one.code),
            _text(f"{one.since:%Y-%m-%d}" if one.since is not None else ""),
            _text(f"{one.path + ': ' if one.path else ''}{one.detail}"),
            _text(", ".join(f"{name}: {said}" for name, said in one.sample.items()), style="dim"),
        )
    screen.print(_more(table, total - len(shown), _OF_PARKED))


class ProgressBar(RunObserver):
    """A progress bar where there is a terminal, and silence where there is none.

    ::

        ErpToPim(erp, mapping, pim, state, observers=[ProgressBar(total=2000)]).run()

    `total` is how many items the ERP will show, where that is known; without it the bar counts.
    """

    def __init__(self, *, total: int | None = None) -> None:
        self._total = total
        self._bar: Progress | None = None

    def began(self, run: Run) -> None:
        """Draw it."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=console(), disable=not Console().is_terminal, transient=True)
        self._bar.add_task(escape(run.stream), total=self._total, detail="")
        self._bar.start()

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        """Move it on."""
        if self._bar is not None:
            detail = f"{so_far.written} written, {so_far.parked} parked"
            self._bar.update(self._bar.task_ids[0], completed=so_far.read, detail=detail)

    def ended(self, run: Run, report: SyncReport) -> None:
        """Take it away; the report tells more."""
        self._remove()

    def failed(self, run: Run, error: BaseException, so_far: SyncReport) -> None:
        """Take it away."""
        self._remove()

    def _remove(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _creates(plan: Plan, most: int) -> Table:
    table = _table(f"New in the PIM: {len(plan.creates)}", "item", "family", "cells")
    for change in plan.creates[:most]:
        family = change.cells.get("family")
        cells = [f"{key} = {_shown(one.new)}" for key, one in change.cells.items() if key != "family"]
        table.add_row(
            _text(_cut(change.key, 24)),
            _text(_shown(family.new) if family else "-"),
            Text("\n").join([_text(", ".join(cells[:4]) + (", …" if len(cells) > 4 else "")), *_notes(change)]),
        )
    return _more(table, len(plan.creates) - most, _OF_PLAN)


def _updates(plan: Plan, most: int) -> Table:
    table = _table(f"Changes: {counted(len(plan.updates), 'item')}, cell by cell", "item", "cell", "old", "new", "rule")
    for change in plan.updates[:most]:
        for place, one in enumerate(change.cells.values()):
            table.add_row(
                _text(_cut(change.key, 24) if place == 0 else ""),
                _text(one.cell),
                _text(_shown(one.old), style="red"),
                _text(_shown(one.new), style="green"),
                Text("\n").join([_text(one.rule, style="dim"), *(_note(note) for note in one.notes)]),
            )
    return _more(table, len(plan.updates) - most, _OF_PLAN)


def _notes(change: ItemChange) -> list[Text]:
    """What was done to its values, cell by cell."""
    return [_note(f"{key}: {note}") for key, one in change.cells.items() for note in one.notes]


def _note(words: str) -> Text:
    return _text(f"({words})", style="yellow")


def _parked(items: Sequence[ParkedItem], most: int, *, total: int | None = None) -> Table:
    count = len(items) if total is None else total
    table = _table(f"Parked: {count}", "item", "why, and what to do")
    for item in items[:most]:
        table.add_row(
            _text(_cut(item.key, 24) or "(no key)"), _text(f"{item.path + ': ' if item.path else ''}{item.detail}")
        )
    return _more(table, count - min(most, len(items)), _OF_PLAN if total is None else _OF_REPORT)


def _held(cells: Sequence[HeldCell], most: int, *, total: int) -> Table:
    columns = ("item", "cell", "before", "ERP", "PIM", "since")
    table = _table(f"Held until somebody decides: {counted(total, 'cell')}", *columns)
    _add_versions(table, cells[:most], lambda one: f"{one.since:%Y-%m-%d}" if one.since is not None else "now")
    return _more(table, total - min(most, len(cells)), _OF_HELD)


def _unwritten(what: str, cells: Sequence[HeldCell], most: int) -> Table:
    """What a plan does not write: `diff` is what would change in the PIM if it did."""
    table = _table(f"{what}: {counted(len(cells), 'cell')}", "item", "cell", "before", "ERP", "PIM", "diff")
    _add_versions(table, cells[:most], lambda one: _cut(one.diff, _LONGEST_DIFF))
    return _more(table, len(cells) - most, _OF_PLAN)


def _add_versions(table: Table, cells: Sequence[HeldCell], last_column: Callable[[HeldCell], str]) -> None:
    """A row for each cell; the key of its item at the first. Nothing is red or green, since nothing goes and nothing comes."""
    last = ""
    for one in cells:
        table.add_row(
            _text(_cut(one.key, 24) if one.key != last else ""),
            _text(one.cell),
            _text(_shown(one.base), style="dim"),
            _text(_shown(one.erp) + ("  (decided)" if one.base == one.pim else ""), style="yellow"),
            _text(_shown(one.pim), style="yellow"),
            _text(last_column(one)),
        )
        last = one.key


def _text(words: str, style: str = "") -> Text:
    """What others wrote, for a cell of a table: nothing in it steers the terminal."""
    return Text(plain(words), style=style)


def _line(words: str, style: str = "") -> Text:
    """The same for a line by itself, which it does not leave."""
    return Text(in_a_line(words), style=style)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim", expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _more(table: Table, left: int, how: str) -> Table:
    """The last line, and below the table how to see what it leaves out."""
    if left > 0:
        table.add_row(Text(f"… {left} more", style="dim"), *[""] * (len(table.columns) - 1))
        table.caption = Text(f"to see the rest: {how}", style="dim")
        table.caption_justify = "left"
    return table


def _shown(value: JsonValue, longest: int = 46) -> str:
    if value is None:
        return "-"
    told = [value_text(one) for one in value] if isinstance(value, list | tuple) else [value_text(value)]
    return _cut(", ".join(told), longest)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
