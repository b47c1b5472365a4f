"""The account of a run as one page for people: numbers, what is left to do, parked items and held cells with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from akeneo_erp_bridge.sync._pages._frame import PAGES, counts_html, filters_html, item_html, page_head, title_of
from akeneo_erp_bridge.sync._pages._private_file import write_private
from akeneo_erp_bridge.sync._plans._old_beside_new import both_html, safe, value_html
from akeneo_erp_bridge.sync._state import HeldCell, ParkedItem, SyncState
from akeneo_erp_bridge.sync._words import counted
from akeneo_erp_bridge.sync.report import SyncReport

__all__ = ["AnyReport", "Parts", "report_html", "save_report_html"]

_KINDS: Final = {
    "parked": "parked", "held": "held", "replaced": "replaced", "kept": "kept", "skipped": "left as found",
    "unlinked": "not linked yet",
}  # fmt: skip
_UNWRITTEN: Final = "in the ERP, not written"
_STAYS: Final = "a PIM user changed it, and the ERP has nothing new"
_REPLACED: Final = "a PIM user changed it, and the ERP had something new"
_VERDICTS: Final = {
    0: "All is well.",
    1: "The run came to its end, and something is left to do.",
    5: "A brake stopped the run.",
}


class Parts(Protocol):
    """What `VariantReport` and `WavesReport` are: the accounts of several streams."""

    @property
    def parts(self) -> Sequence[SyncReport]:
        """One for each stream."""
        ...


AnyReport: TypeAlias = SyncReport | Parts
"""What a run gives back."""


def report_html(report: AnyReport, state: SyncState | None = None, *, now: datetime | None = None) -> str:
    """The page: it stands by itself, asks for nothing from elsewhere, and is a plain table where scripts are off.

    A report names the first hundred of each kind. With the *state* of the run all parked items and held cells are told,
    also those of earlier runs, with the day from which on each waits. Struck out is only what was written over. The text holds all of it; `save_report_html` writes
    a page of any length piece by piece.

    >>> from datetime import timedelta
    >>> from akeneo_erp_bridge.sync import Tally
    >>> page = report_html(Tally(read=2, unchanged=2).report("products", timedelta(seconds=1)))
    >>> page[:15], "All is well." in page, "<script src" in page
    ('<!doctype html>', True, False)
    """
    return "".join(_page(_parts(report), state, now or datetime.now(UTC)))


def save_report_html(
    report: AnyReport, path: Path | str, state: SyncState | None = None, *, now: datetime | None = None
) -> None:
    """Write the page to a file that its owner alone may read; see `report_html`.

    Raises `ConfigurationError` where no file can be written.

    >>> from datetime import timedelta
    >>> from tempfile import TemporaryDirectory
    >>> from akeneo_erp_bridge.sync import Tally
    >>> with TemporaryDirectory() as folder:
    ...     page = Path(folder, "report.html")
    ...     save_report_html(Tally(read=2, unchanged=2).report("products", timedelta(seconds=1)), page)
    ...     print(oct(page.stat().st_mode & 0o777), "Report for products" in page.read_text())
    0o600 True
    """
    write_private(path, _page(_parts(report), state, now or datetime.now(UTC)), "page")


def _parts(report: AnyReport) -> Sequence[SyncReport]:
    return [report] if isinstance(report, SyncReport) else report.parts


def _page(parts: Sequence[SyncReport], state: SyncState | None, now: datetime) -> Iterator[str]:
    title = title_of("Report", [one.stream for one in parts])
    # read twice, and never held as a whole: there may be hundreds of thousands
    held = {cell.cell for _, cell in _all_held(parts, state)}
    cells = held | {cell.cell for one in parts for cell in one.told_cells}
    yield page_head(title)
    yield f"<body>\n<header>\n<h1>{safe(title)}</h1>\n<p class=made>{safe(_made(parts, now))}</p>\n"
    yield from (_brake(one) for one in parts if one.stopped_by)
    yield _counts(parts)
    yield from (_remarks(one, len(parts) > 1) for one in parts if one.remarks)
    yield filters_html(_KINDS, cells, "Kind", "waiting for a day or longer")
    yield "</header>\n<main>\n<table>\n<caption class=unseen>What is left to do, and what PIM users changed</caption>\n"
    if cells:
        yield "<thead><tr><th scope=col>Cell<th scope=col>In the PIM<th scope=col>In the ERP<th scope=col>Before</thead>\n"
    yield from (_held(cell, stream if len(parts) > 1 else "", now) for stream, cell in _all_held(parts, state))
    for one in parts:
        yield from _told(one, state, one.stream if len(parts) > 1 else "")
    is_empty = not held
    for one in parts:
        stream = one.stream if len(parts) > 1 else ""
        for kind, item in _items(one, state):
            is_empty = False
            yield _item(kind, item, stream, now)
    yield "</table>\n"
    if is_empty:
        yield "<p>Nothing is left to do.</p>\n"
    yield f"{PAGES}</main>\n</body>\n</html>\n"


def _all_held(parts: Sequence[SyncReport], state: SyncState | None) -> Iterator[tuple[str, HeldCell]]:
    """The held cells of all streams, from the state as they are asked for."""
    for one in parts:
        for cell in state.held(one.stream) if state is not None else ():
            yield one.stream, cell


# ---- above the table ----
def _made(parts: Sequence[SyncReport], now: datetime) -> str:
    verdict = _VERDICTS.get(max(one.exit_code for one in parts), "")
    if verdict == _VERDICTS[0] and any(one.waiting for one in parts):
        verdict = "All that it looked at is well."
    seconds = sum(one.took.total_seconds() for one in parts)
    run = f", run {parts[0].run_id}" if parts[0].run_id else ""
    return f"{verdict} Written {now:%Y-%m-%d %H:%M %Z}, after {seconds:.1f} s{run}."


def _brake(one: SyncReport) -> str:
    return f"<p class=brake>{safe(f'{one.stream}: {one.stopped_by}')}</p>\n"


def _counts(parts: Sequence[SyncReport]) -> str:
    names = {
        "read": "read", "unchanged": "unchanged", "new": "created", "changed": "updated", "held": "held",
        "parked": "parked", "deletions": "tombstoned", "cells written": "cells",
    }  # fmt: skip
    return counts_html({told: sum(int(getattr(one, name)) for one in parts) for told, name in names.items()})


def _remarks(one: SyncReport, is_named: bool) -> str:  # noqa: FBT001 - both pages say whether there are several streams
    lines = "".join(f"<li>{safe(line)}</li>" for line in one.remarks)
    return f"<section>{f'<h2>{safe(one.stream)}</h2>' if is_named else ''}<ul>{lines}</ul></section>\n"


# ---- the table ----
def _items(one: SyncReport, state: SyncState | None) -> Iterator[tuple[str, ParkedItem]]:
    parked = state.parked(one.stream) if state is not None else iter(one.parked_items)
    yield from (("parked", item) for item in parked)
    yield from (("skipped", item) for item in one.skipped_cells)
    yield from (("unlinked", item) for item in one.unlinked_cells)


def _item(kind: str, item: ParkedItem, stream: str, now: datetime) -> str:
    told = f"{item.path}: {item.detail}" if item.path else item.detail
    sample = ", ".join(f"{name}: {text}" for name, text in item.sample.items())
    row = f"<tr><td colspan=4><div class=value>{safe(told)}</div>{f'<code>{safe(sample)}</code>' if sample else ''}</td></tr>\n"
    waits = _waits(item.since, now)
    return item_html(kind, str(item.key), [stream, item.code, waits], row, told=_KINDS[kind], is_noted=bool(waits))


def _held(one: HeldCell, stream: str, now: datetime) -> str:
    """Both versions, of which neither is struck out or new: nothing is written before somebody decides."""
    is_decided = one.base == one.pim
    why = "in the ERP, decided for; the run that meets the item writes it" if is_decided else _UNWRITTEN
    waits = _waits(one.since, now)
    return item_html("held", str(one.key), [stream, waits], _versions(one, why), is_noted=bool(waits))


def _told(one: SyncReport, state: SyncState | None, stream: str) -> Iterator[str]:
    """What PIM users changed, and a policy settled: struck out is what the ERP's version took the place of."""
    if not one.told_cells:
        return
    keys = [cell.key for cell in one.told_cells]
    parked = {item.key for item in one.parked_items} if state is None else {*state.parked_among(one.stream, keys)}
    for cell in one.told_cells:
        if not cell.is_replaced:
            yield item_html("kept", str(cell.key), [stream, _STAYS], _versions(cell, _UNWRITTEN))
        elif cell.key in parked:
            yield item_html("kept", str(cell.key), [stream, "the item is parked"], _versions(cell, _UNWRITTEN))
        else:
            yield item_html("replaced", str(cell.key), [stream, _REPLACED], _replaced(cell))


def _versions(one: HeldCell, why: str) -> str:
    pim, erp = both_html(one.pim, one.erp, ("mark", "mark"))
    return _row(
        one, f"<td class=old>{_value(pim)}</td><td class='new unwritten'><div class=aside>{why}</div>{_value(erp)}</td>"
    )


def _replaced(one: HeldCell) -> str:
    pim, erp = both_html(one.pim, one.erp)
    was, now = "<div class=aside>was in the PIM</div>", "<div class=aside>in the ERP, and in the PIM now</div>"
    return _row(one, f"<td class='old told'>{was}{_value(pim)}</td><td class='new told'>{now}{_value(erp)}</td>")


def _row(one: HeldCell, versions: str) -> str:
    return (
        f'<tr data-cell="{safe(one.cell)}"><th scope=row>{safe(one.cell).replace("[", "<wbr>[")}</th>{versions}'
        f"<td class=before>{_value(value_html(one.base))}</td></tr>\n"
    )


def _value(told: str) -> str:
    return f"<div class=value>{told}</div>"


def _waits(since: datetime | None, now: datetime) -> str:
    """How long it waits, where that is a day or longer."""
    days = (now - since).days if since is not None else 0
    return f"for {counted(days, 'day')}, since {since:%Y-%m-%d}" if since is not None and days > 0 else ""
