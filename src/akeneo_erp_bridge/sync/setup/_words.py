"""A plan in words: a table for people, and what they must do by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.sync._words import counted
from akeneo_erp_bridge.sync.setup._json import codes_in, fold, object_in, objects_in, shown_json
from akeneo_erp_bridge.sync.setup._kinds import Kind

if TYPE_CHECKING:  # a plan prints itself with what is here
    from akeneo_erp_bridge.sync.setup._plan import SetupPlan, SetupStep

__all__ = ["by_hand", "plan_effort", "plan_rows", "plan_text", "plan_title"]

_MANY: Final = frozenset({"option", "record", "reference entity option", "asset option", "asset"})
_NAMED: Final = 8  # of many things in one row
_PLURALS: Final = {"family": "families", "category": "categories"}


def plan_title(plan: SetupPlan) -> str:
    """The plan in one line."""
    counts = (
        f"{len(plan.of('create'))} to create",
        f"{len(plan.of('change'))} to change",
        counted(len(plan.of("conflict")), "conflict"),
        f"{len(plan.of('blocked'))} waiting",
        f"{len(plan.of('there'))} already there",
    )
    return f"setup plan: {', '.join(counts)}"


def plan_rows(plan: SetupPlan) -> Iterator[tuple[str, str, str, str]]:
    """Action, kind, name and words of what is to be seen; what is there already is not."""
    seen = [one for one in plan.steps if one.action != "there"]
    for (action, kind, within, _), group in groupby(seen, _row):
        steps = list(group)
        if len(steps) == 1:
            yield action, kind, _name(steps[0].code, within), _words(steps[0])
        else:
            yield action, f"{len(steps)} {_plural(kind)}", _name("", within), _listed(steps)


def _row(step: SetupStep) -> tuple[str, Kind, tuple[str, ...], str]:
    """Steps with equal rows are shown as one."""
    alone = step.kind not in _MANY or step.action in ("change", "conflict")
    return step.action, step.kind, step.within, step.code if alone else step.note


def _name(code: str, within: Sequence[str]) -> str:
    owners = (f"of {shown_json(one)}" for one in reversed(within))
    return " ".join((shown_json(code), *owners) if code else owners)


def _plural(kind: str) -> str:
    first, _, last = kind.rpartition(" ")
    return f"{first} {_PLURALS.get(last, last + 's')}".strip()


def _listed(steps: Sequence[SetupStep]) -> str:
    named = ", ".join(shown_json(one.code) for one in steps[:_NAMED])
    more = len(steps) - _NAMED
    text = f"{named} and {more} more" if more > 0 else named
    return f"{text}; {steps[0].note}" if steps[0].note else text


def _words(step: SetupStep) -> str:
    if step.action in ("conflict", "blocked"):
        parts = [step.note]
    elif step.action == "change":
        parts = [", ".join(str(one) for one in step.changes)]
    else:
        parts = [part for part in (*_about(step.kind, step.wanted), _label(step.wanted)) if part]
    text = "; ".join(parts)
    return f"{text} (guessed: {shown_json(step.guess, longest=200)})".strip() if step.guess else text


def _about(kind: Kind, wanted: JsonObject) -> Iterator[str]:
    match kind:
        case "attribute" | "reference entity attribute" | "asset attribute":
            yield from _about_attribute(wanted)
        case "family":
            yield _codes("", wanted.get("attributes"))
            for channel, codes in object_in(wanted.get("attribute_requirements")).items():
                yield _codes(f"required on {shown_json(channel)}: ", codes)
        case "family variant":
            for level in objects_in(wanted.get("variant_attribute_sets")):
                axes = _codes(f"level {level.get('level')} by ", level.get("axes"))
                yield axes + _codes(", with ", level.get("attributes"))
        case "category":
            parent = wanted.get("parent")
            yield f"below {shown_json(parent)}" if parent else "root of a tree"
        case "association type":
            yield ", ".join(name for name in ("is_quantified", "is_two_way") if wanted.get(name))
        case "measurement family":
            yield _codes("units ", list(object_in(wanted.get("units"))))
        case _:
            pass


def _about_attribute(wanted: JsonObject) -> Iterator[str]:
    yield str(wanted.get("type")).removeprefix("pim_catalog_").removeprefix("akeneo_")
    for name, word in (
        ("localizable", "per locale"),
        ("value_per_locale", "per locale"),
        ("scopable", "per channel"),
        ("value_per_channel", "per channel"),
        ("unique", "unique"),
    ):
        if wanted.get(name):
            yield word
    if wanted.get("metric_family"):
        yield f"{shown_json(wanted['metric_family'])} in {shown_json(wanted.get('default_metric_unit'))}"
    if wanted.get("reference_data_name"):
        yield f"of {shown_json(wanted['reference_data_name'])}"
    if wanted.get("group"):
        yield f"group {shown_json(wanted['group'])}"


def _codes(before: str, value: JsonValue) -> str:
    codes = codes_in(value)
    return before + ", ".join(shown_json(one) for one in codes) if codes else ""


def _label(wanted: JsonObject) -> str:
    texts = [text for text in object_in(wanted.get("labels")).values() if text]
    return f'"{shown_json(texts[0])}"' + (f" and {len(texts) - 1} more" if len(texts) > 1 else "") if texts else ""


def plan_text(plan: SetupPlan) -> str:
    """The plan as a table, an estimate, and what is to be done by hand."""
    lines = [plan_title(plan)]
    rows = list(plan_rows(plan))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for action, kind, name, words in rows:
        cells = (action.ljust(widths[0]), kind.ljust(widths[1]), name.ljust(widths[2]), words)
        lines.append(f"  {'  '.join(cells)}".rstrip())
    if plan.calls:
        lines.append(plan_effort(plan))
    lines += (f"by hand: {one}" for one in plan.by_hand)
    return "\n".join(lines)


def plan_effort(plan: SetupPlan) -> str:
    """How many calls it takes, and how long at least."""
    text = f"{counted(plan.calls, 'call')} to write it"
    if not plan.option_calls:
        return text
    number = sum(one.kind == "option" for one in plan.of("create", "change"))
    seconds = plan.least_time.total_seconds()
    return f"{text}, {plan.option_calls} of them for {counted(number, 'option')}: at three a second, {seconds:.1f} s or more"


def by_hand(things: Iterable[tuple[Kind, str, JsonObject]]) -> list[str]:
    """What the API cannot do. Source: Akeneo's ERP guide asks for read-only attributes; its API has no such flag."""
    found = list(things)
    groups = [code for kind, code, _ in found if kind == "attribute group"]
    sentences: list[str] = []
    for group in groups:
        inside = [
            code for kind, code, wanted in found
            if kind == "attribute" and fold(str(wanted.get("group"))) == fold(group)
        ]  # fmt: skip
        if inside:
            sentences.append(
                f"the API cannot make attributes read-only. In the PIM's settings, let nobody but the connection's user "
                f"group edit attribute group {shown_json(group)} (permissions, Enterprise Edition), or mark its "
                f"attributes read-only one by one: {', '.join(shown_json(one) for one in inside)}"
            )
    return sentences
