"""A plan as one page for people: a table that stands by itself, and a script that searches and filters it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync._changes import CellChange, ItemChange
from akeneo_erp_bridge.sync._pages._frame import PAGES, counts_html, filters_html, item_html, page_head, title_of
from akeneo_erp_bridge.sync._plans._json import by_item
from akeneo_erp_bridge.sync._plans._old_beside_new import both_html, safe, value_html
from akeneo_erp_bridge.sync._plans._refused import refusal, refused_items
from akeneo_erp_bridge.sync._state import HeldCell, ParkedItem

if TYPE_CHECKING:  # a plan has methods that make the page
    from akeneo_erp_bridge.sync.plan import Plan

_ACTIONS: Final = {
    "create": "new in the PIM",
    "update": "changed",
    "disable": "disabled",
    "categorise": "filed as deleted",
    "delete": "deleted",
    "held": "held",
    "kept": "kept",
    "parked": "parked",
}
_CREATED: Final = "not in the PIM"


def plan_page(plans: Sequence[Plan]) -> Iterator[str]:
    """The page, piece by piece: of one plan, or of several that belong together."""
    title = title_of("Plan", [one.stream for one in plans])
    yield page_head(title)
    yield "<body>\n<header>\n"
    yield f"<h1>{safe(title)}</h1>\n"
    yield _made(plans)
    yield from (_brake(one) for one in plans if one.report.stopped_by)
    yield from (_refused(one, len(plans) > 1) for one in plans)
    yield _counts(plans)
    cells = (key for plan in plans for one in plan.changes for key in one.cells)
    unwritten = (one.cell for plan in plans for one in (*plan.held, *plan.kept))
    yield filters_html(_ACTIONS, chain(cells, unwritten), "Action", "with notes")
    yield "</header>\n<main>\n<table>\n<caption class=unseen>Changes, cell by cell, and what is parked</caption>\n"
    yield "<thead><tr><th scope=col>Cell<th scope=col>In the PIM<th scope=col>New<th scope=col>Rule and notes</thead>\n"
    for plan in plans:
        yield from _items(plan, plan.stream if len(plans) > 1 else "")
    yield "</table>\n"
    if not any(one.changes or one.parked or one.held or one.kept for one in plans):
        yield "<p>Nothing would change.</p>\n"
    yield f"{PAGES}</main>\n</body>\n</html>\n"


# ---- above the table ----
def _made(plans: Sequence[Plan]) -> str:
    """When, and of what: plans that belong together may read several ERPs."""
    times = [one.made_at for one in plans if one.made_at is not None]
    when = f"Made {min(times):%Y-%m-%d %H:%M %Z}: " if times else ""
    origins = "; ".join(dict.fromkeys(one.origin for one in plans if one.origin))
    return f"<p class=made>{safe(when + origins)}</p>\n" if origins else ""


def _brake(plan: Plan) -> str:
    told = f"A brake would stop this run of {plan.stream}, and the plan is not whole: {plan.report.stopped_by}"
    return f"<p class=brake>{safe(told)}</p>\n"


def _refused(plan: Plan, is_named: bool) -> str:  # noqa: FBT001 - one plan, or several that belong together
    told = refusal(plan.changes)
    return f"<p class=brake>{safe(f'{plan.stream}: {told}' if is_named else told)}</p>\n" if told else ""


def _counts(plans: Sequence[Plan]) -> str:
    changes = [one for plan in plans for one in plan.changes]
    words = Counter(one.word for one in changes)
    refused = refused_items(changes)
    held, kept = sum(len(one.held) for one in plans), sum(len(one.kept) for one in plans)
    counts = {
        "new": words["create"],
        "changed": words["update"],
        "disabled": words["disable"],
        **({"filed": words["categorise"]} if words["categorise"] else {}),
        **({"deleted": words["delete"]} if words["delete"] else {}),
        "cells": sum(len(one.cells) for one in changes),
        **({"to be refused": refused} if refused else {}),
        **({"held": held} if held else {}),
        **({"kept": kept} if kept else {}),
        "parked": sum(len(one.parked) for one in plans),
        "unchanged": sum(one.report.unchanged for one in plans),
    }
    return counts_html(counts)


# ---- the table ----
def _items(plan: Plan, stream: str) -> Iterator[str]:
    """Changes, each with what is not written of the same item behind it; then such items by themselves; then what is parked."""
    unwritten = {"held": dict(by_item(plan.held)), "kept": dict(by_item(plan.kept))}
    for change in plan.changes:
        yield _change(change, stream)
        for word, some in unwritten.items():
            if change.key in some:
                yield _unwritten(word, change.key, some.pop(change.key), stream)
    for word, some in unwritten.items():
        yield from (_unwritten(word, key, cells, stream) for key, cells in some.items())
    yield from (_parked(one, stream) for one in plan.parked)


def _change(change: ItemChange, stream: str) -> str:
    action = change.word
    is_noted = any(one.notes or one.reference for one in change.cells.values())
    # UUIDs that the plan has thought of say nothing to people
    ref = "" if change.action == "create" or change.ref == change.key else change.ref
    rows = "".join(_row(change, one) for one in change.cells.values())
    return item_html(action, str(change.key), [stream, ref], rows, is_noted=is_noted)


def _row(change: ItemChange, one: CellChange) -> str:
    old, new = _held(change, one), one.new
    if change.action == "create" and old is None:
        before, after = f"<span class=none>{_CREATED}</span>", value_html(new)
    else:
        before, after = both_html(old, new)
    if one.cell in change.files:
        after = f"{safe(change.files[one.cell].name)} <code>{after}</code>"
    notes = [*one.notes, *([f"reference price: {one.reference.reason}"] if one.reference is not None else [])]
    told = f"<ul class=notes>{''.join(f'<li>{safe(note)}</li>' for note in notes)}</ul>" if notes else ""
    return (
        f'<tr data-cell="{safe(one.cell)}"><th scope=row>{safe(one.cell).replace("[", "<wbr>[")}</th>'
        f"<td class=old><div class=value>{before}</div></td><td class=new><div class=value>{after}</div></td>"
        f"<td class=how><code>{safe(one.rule)}</code>{told}</td></tr>\n"
    )


def _held(change: ItemChange, one: CellChange) -> JsonValue:
    """What the PIM holds, others' part of a list included; what we last wrote where that is not known."""
    pim = change.base.pim if change.base is not None else None
    return one.old if pim is None or one.cell in change.files else pim.get(one.cell)


def _unwritten(word: str, key: ErpKey, cells: Sequence[HeldCell], stream: str) -> str:
    """What is not written since a PIM user changed it: theirs beside the ERP's, with what would change marked."""
    return item_html(word, str(key), [stream], "".join(_unwritten_row(word, one) for one in cells), is_noted=True)


def _unwritten_row(word: str, one: HeldCell) -> str:
    pim, erp = both_html(one.pim, one.erp, ("mark", "mark"))
    if word == "kept":
        why = "a PIM user changed it, and the ERP has nothing new"
    elif one.base == one.pim:
        why = "decided for the ERP's; written by the run that meets the item"
    else:
        why = "a PIM user changed it; somebody has to decide"
    since = f"<li>held since {one.since:%Y-%m-%d}</li>" if one.since is not None else ""
    return (
        f'<tr data-cell="{safe(one.cell)}"><th scope=row>{safe(one.cell).replace("[", "<wbr>[")}</th>'
        f"<td class=old><div class=value>{pim}</div></td>"
        f"<td class='new unwritten'><div class=aside>in the ERP, not written</div><div class=value>{erp}</div></td>"
        f"<td class=how><ul class=notes><li>{safe(why)}</li>{since}</ul>"
        f"<div class=aside>before</div><div class=value>{value_html(one.base)}</div></td></tr>\n"
    )


def _parked(item: ParkedItem, stream: str) -> str:
    told = f"{item.path}: {item.detail}" if item.path else item.detail
    sample = ", ".join(f"{name}: {text}" for name, text in item.sample.items())
    row = f"<tr><td colspan=4><div class=value>{safe(told)}</div>{f'<code>{safe(sample)}</code>' if sample else ''}</td></tr>\n"
    return item_html("parked", str(item.key), [stream, item.code], row)
