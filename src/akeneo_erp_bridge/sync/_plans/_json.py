"""A plan as JSON: for `apply` on another day, and a line an item for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.catalog._json import as_bool, as_list, as_object, as_text
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.mapping import Misfit
from akeneo_erp_bridge.rules import SEVERITIES, Severity
from akeneo_erp_bridge.sync._changes import Action, CellChange, ItemChange, PlanBase
from akeneo_erp_bridge.sync._plans._files import read_source, source_json
from akeneo_erp_bridge.sync._plans._sealed import FORMAT, opened, sealed, written
from akeneo_erp_bridge.sync._state import KINDS, WRITES, HeldCell, LedgerEntry, ParkedItem
from akeneo_erp_bridge.sync.report import PassedReference, SyncReport

if TYPE_CHECKING:  # a plan has methods that write it
    from akeneo_erp_bridge.sync.plan import Plan

P = TypeVar("P", bound="Plan")
W = TypeVar("W", bound=str)

_COUNTS: Final = (
    "read", "unchanged", "written", "held", "parked", "created", "updated", "tombstoned", "cells", "skipped",
    "passed", "undeleted", "waiting", "unlinked", "passed_over", "deleted", "ignored", "missing", "held_cells", "told",
)  # fmt: skip
_LISTS: Final = ("parked_items", "skipped_cells", "unlinked_cells")
_HELD: Final = ("held_items", "told_cells")


# ---- writing ----
def plan_text(plan: Plan) -> str:
    """The plan, with a check sum over all of it."""
    return sealed(plan_json(plan))


def parts_text(plans: Sequence[Plan]) -> str:
    """Several plans that belong together, in order."""
    return sealed({"format": FORMAT, "parts": [plan_json(one) for one in plans]})


def waves_text(waves: Sequence[Sequence[Plan]]) -> str:
    """The plans of several jobs, in order; each job has one, or several parts."""
    return sealed({"format": FORMAT, "waves": [{"parts": [plan_json(one) for one in parts]} for parts in waves]})


def plan_json(plan: Plan) -> JsonObject:
    """The plan as JSON."""
    return {
        "format": FORMAT,
        "stream": plan.stream,
        "origin": plan.origin,
        "mapping": plan.mapping,
        "structure": plan.structure,
        "made_at": None if plan.made_at is None else plan.made_at.isoformat(),
        "report": _report_json(plan.report),
        "changes": [_change_json(one) for one in plan.changes],
        "parked": [_parked_json(one) for one in plan.parked],
        "held": [_held_json(one) for one in plan.held],
        "kept": [_held_json(one) for one in plan.kept],
    }


def plan_lines(plan: Plan) -> Iterator[str]:
    """One line an item."""
    for one in plan.changes:
        cells = {
            key: {"old": cell.old, "new": cell.new, "rule": cell.rule, "notes": cell.notes}
            for key, cell in one.cells.items()
        }
        yield written({"action": one.word, "stream": plan.stream, "key": str(one.key), "ref": one.ref, "cells": cells})
    for word, some in (("held", plan.held), ("kept", plan.kept)):
        for key, held in by_item(some).items():
            told = {one.cell: _told_of(one) for one in held}
            yield written({"action": word, "stream": plan.stream, "key": str(key), "cells": told})
    for item in plan.parked:
        place: JsonObject = {"action": "parked", "stream": plan.stream, "key": str(item.key)}
        why: JsonObject = {"code": item.code, "path": item.path, "detail": item.detail, "sample": dict(item.sample)}
        yield written({**place, **why})


def by_item(cells: Sequence[HeldCell]) -> Mapping[ErpKey, Sequence[HeldCell]]:
    """The cells of each item together, in order."""
    items: dict[ErpKey, list[HeldCell]] = {}
    for one in cells:
        items.setdefault(one.key, []).append(one)
    return items


def _told_of(one: HeldCell) -> JsonObject:
    since = None if one.since is None else one.since.isoformat()
    return {"before": one.base, "erp": one.erp, "pim": one.pim, "diff": one.diff, "since": since}


def _change_json(change: ItemChange) -> JsonObject:
    body: dict[str, JsonValue] = {"key": str(change.key), "action": change.action}
    body["cells"] = [_cell_json(one) for one in change.cells.values()]
    body["after"] = _entry_json(change.after)
    body["seal"] = change.seal
    if change.files:
        body["files"] = {cell: source_json(change.key, cell, one) for cell, one in change.files.items()}
    if change.is_late:
        body["is_late"] = True
    base = change.base
    if base is not None:
        rest = {} if base.marks is None else {"marks": dict(base.marks)}
        body["base"] = {"key": str(base.key), "ledger": base.ledger, "intent": base.intent, "pim": base.pim, **rest}
    return body


def _cell_json(one: CellChange) -> JsonObject:
    body: dict[str, JsonValue] = {"cell": one.cell, "old": one.old, "new": one.new, "rule": one.rule}
    if one.notes:
        body["notes"] = one.notes
    if one.reference is not None:
        body["reference"] = _reference_json(one.reference)
    return body


def _entry_json(entry: LedgerEntry) -> JsonObject:
    body: dict[str, JsonValue] = {
        "key": str(entry.key), "fingerprint": entry.fingerprint, "context": entry.context, "ref": entry.ref,
        "cells": dict(entry.cells),
    }  # fmt: skip
    for name in ("stamps", "shared", "unlinked"):
        part: Mapping[str, JsonValue] = getattr(entry, name)
        if part:
            body[name] = dict(part)
    return {**body, "gone": True} if entry.gone else body


def _report_json(report: SyncReport) -> JsonObject:
    body: dict[str, JsonValue] = {name: int(getattr(report, name)) for name in _COUNTS}
    body["took"] = str(report.took.total_seconds())
    body["waits_for"] = None if report.waits_for is None else str(report.waits_for.total_seconds())
    body["stopped_by"], body["run_id"] = report.stopped_by, report.run_id
    body["kind"], body["writes"], body["choice"] = report.kind, report.writes, report.choice
    for name in _LISTS:
        some: Sequence[ParkedItem] = getattr(report, name)
        body[name] = [_parked_json(one) for one in some]
    for name in _HELD:
        cells: Sequence[HeldCell] = getattr(report, name)
        body[name] = [_held_json(one) for one in cells]
    body["references"] = [_reference_json(one) for one in report.references]
    body["left_out"] = [
        {"code": one.code, "path": one.path, "detail": one.detail, "severity": one.severity, "cell": one.cell,
         "codes": sorted(one.codes)}
        for one in report.left_out
    ]  # fmt: skip
    return body


def _parked_json(item: ParkedItem) -> JsonObject:
    body: dict[str, JsonValue] = {
        "key": str(item.key), "code": item.code, "path": item.path, "detail": item.detail,
        "fingerprint": item.fingerprint, "context": item.context,
    }  # fmt: skip
    if item.sample:
        body["sample"] = dict(item.sample)
    if item.since is not None:
        body["since"] = item.since.isoformat()
    return body


def _held_json(one: HeldCell) -> JsonObject:
    body: dict[str, JsonValue] = {
        "key": str(one.key), "cell": one.cell, "base": one.base, "erp": one.erp, "pim": one.pim, "wire": one.wire,
    }  # fmt: skip
    if one.is_replaced:
        body["is_replaced"] = True
    return body if one.since is None else {**body, "since": one.since.isoformat()}


def _reference_json(one: PassedReference) -> JsonObject:
    return {"key": one.key, "cell": one.cell, "reason": one.reason}


# ---- reading ----
def read_plan(text: str, name: str, kind: type[P]) -> P:
    """What `plan_text` wrote; raises `ConfigurationError` that begins with the name of the plan."""
    return opened(text, name, lambda body: _plan(body, kind), "changes")


def read_parts(text: str, name: str, kind: type[P]) -> list[P]:
    """What `parts_text` wrote."""
    return opened(text, name, lambda body: _parts(body, kind), "parts")


def read_waves(text: str, name: str, kind: type[P]) -> list[list[P]]:
    """What `waves_text` wrote."""

    def waves(body: JsonObject) -> list[list[P]]:
        return [_parts(as_object(one), kind) for one in as_list(body.get("waves"), "waves")]

    return opened(text, name, waves, "waves")


def _parts(body: JsonObject, kind: type[P]) -> list[P]:
    return [_plan(as_object(one), kind) for one in as_list(body.get("parts"), "parts")]


def _plan(body: JsonObject, kind: type[P]) -> P:
    made_at = body.get("made_at")
    report = _report(as_object(body.get("report"), "report"), _text(body, "stream"))
    return kind(
        report,
        [_change(as_object(one)) for one in as_list(body.get("changes"), "changes")],
        [_parked(as_object(one)) for one in as_list(body.get("parked"), "parked")],
        _text(body, "origin"),
        _text(body, "mapping"),
        _text(body, "structure"),
        None if made_at is None else datetime.fromisoformat(as_text(made_at, "made_at")),
        # files from before plans told all of them: the first hundred are in the report
        held=_held_cells(body, "held") if "held" in body else report.held_items,
        kept=_held_cells(body, "kept") if "kept" in body else (),
    )


def _change(body: JsonObject) -> ItemChange:
    key, action = ErpKey(_text(body, "key")), _text(body, "action")
    actions: Mapping[str, Action] = {"create": "create", "update": "update", "delete": "delete"}
    if action not in actions:
        raise ValueError(f"{key}: nothing is done by the name of {action!r}")
    cells = [_cell(as_object(one)) for one in as_list(body.get("cells"), f"{key}.cells")]
    files = as_object(body.get("files", {}), f"{key}.files")
    return ItemChange(
        key,
        actions[action],
        {one.cell: one for one in cells},
        _entry(as_object(body.get("after"), f"{key}.after")),
        _text(body, "seal"),
        {cell: read_source(as_object(one)) for cell, one in files.items()},
        as_bool(body.get("is_late", False)),
        None if body.get("base") is None else _base(as_object(body["base"], f"{key}.base")),
    )


def _cell(body: JsonObject) -> CellChange:
    notes = tuple(as_text(one) for one in as_list(body.get("notes", []), "notes"))
    reference = None if body.get("reference") is None else _reference(as_object(body["reference"]))
    return CellChange(_text(body, "cell"), body.get("old"), body.get("new"), _text(body, "rule"), notes, reference)


def _entry(body: JsonObject) -> LedgerEntry:
    key, fingerprint, context, ref = (_text(body, one) for one in ("key", "fingerprint", "context", "ref"))
    cells, stamps, shared, unlinked = (
        dict(as_object(body.get(one, {}), one)) for one in ("cells", "stamps", "shared", "unlinked")
    )
    gone = as_bool(body.get("gone", False))
    return LedgerEntry(ErpKey(key), fingerprint, context, ref, cells, stamps, shared, gone, unlinked)


def _base(body: JsonObject) -> PlanBase:
    pim = None if body.get("pim") is None else as_object(body["pim"])
    marks = as_object(body["marks"], "marks") if body.get("marks") is not None else None
    told = None if marks is None else {place: as_text(one, "marks") for place, one in marks.items()}
    return PlanBase(ErpKey(_text(body, "key")), _text(body, "ledger"), _text(body, "intent"), pim, told)


def _report(body: JsonObject, stream: str) -> SyncReport:
    lists = {name: tuple(_parked(as_object(one)) for one in as_list(body.get(name), name)) for name in _LISTS}
    held = {name: tuple(_held_cells(body, name)) for name in _HELD}
    counts = {name: _number(body, name) for name in _COUNTS}
    stopped_by, waits_for = body.get("stopped_by"), body.get("waits_for")
    return SyncReport(
        stream=stream,
        run_id=_text(body, "run_id"),
        held_cells=counts.pop("held_cells"),
        held_items=held["held_items"],
        told=counts.pop("told"),
        told_cells=held["told_cells"],
        **counts,
        took=timedelta(seconds=float(_text(body, "took"))),
        references=tuple(_reference(as_object(one)) for one in as_list(body.get("references"), "references")),
        left_out=tuple(_misfit(as_object(one)) for one in as_list(body.get("left_out"), "left_out")),
        stopped_by=None if stopped_by is None else as_text(stopped_by, "stopped_by"),
        parked_items=lists["parked_items"],
        skipped_cells=lists["skipped_cells"],
        unlinked_cells=lists["unlinked_cells"],
        waits_for=None if waits_for is None else timedelta(seconds=float(as_text(waits_for, "waits_for"))),
        kind=_one_of(body, "kind", KINDS),
        writes=_one_of(body, "writes", WRITES),
        latency=None,  # a plan sends nothing
        choice=_text(body, "choice"),
    )


def _misfit(body: JsonObject) -> Misfit:
    severities: dict[str, Severity] = {one: one for one in SEVERITIES}
    codes = frozenset(as_text(one) for one in as_list(body.get("codes"), "codes"))
    code, path, detail, severity, cell = (_text(body, one) for one in ("code", "path", "detail", "severity", "cell"))
    return Misfit(code, path, detail, severities.get(severity, "abort"), cell, codes)


def _parked(body: JsonObject) -> ParkedItem:
    key, code, path, detail, fingerprint, context = (
        _text(body, one) for one in ("key", "code", "path", "detail", "fingerprint", "context")
    )
    sample = {name: as_text(text, name) for name, text in as_object(body.get("sample", {}), "sample").items()}
    since = None if body.get("since") is None else datetime.fromisoformat(_text(body, "since"))
    return ParkedItem(ErpKey(key), code, path, detail, fingerprint, context, sample, since)


def _held_cells(body: JsonObject, name: str) -> Sequence[HeldCell]:
    return [_held(as_object(one)) for one in as_list(body[name], name)]


def _held(body: JsonObject) -> HeldCell:
    since = None if body.get("since") is None else datetime.fromisoformat(_text(body, "since"))
    base, erp, pim, wire = (body.get(one) for one in ("base", "erp", "pim", "wire"))
    is_replaced = as_bool(body.get("is_replaced", False))
    return HeldCell(ErpKey(_text(body, "key")), _text(body, "cell"), base, erp, pim, since, wire, is_replaced)


def _reference(body: JsonObject) -> PassedReference:
    key, cell, reason = (_text(body, one) for one in ("key", "cell", "reason"))
    return PassedReference(key, cell, reason)


def _text(body: JsonObject, name: str) -> str:
    return as_text(body.get(name), name)


def _one_of(body: JsonObject, name: str, words: Sequence[W]) -> W:
    found = _text(body, name)
    for one in words:
        if one == found:
            return one
    raise ValueError(f"{name}: {found!r} is none of {', '.join(words)}")


def _number(body: JsonObject, name: str) -> int:
    found = body.get(name)
    if isinstance(found, bool) or not isinstance(found, int):
        raise ValueError(f"{name}: expected a whole number")
    return found
