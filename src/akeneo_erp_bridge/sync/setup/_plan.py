"""`SetupPlan`: what would be made, changed and left alone, for people to read and for `apply` to do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import Final, Literal, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonObject, JsonValue, is_whole
from akeneo_erp_bridge.catalog._stored_file import OtherFile, stored_object, text_of
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync._plans._sealed import check_sum
from akeneo_erp_bridge.sync.setup._diff import Change
from akeneo_erp_bridge.sync.setup._json import fold
from akeneo_erp_bridge.sync.setup._kinds import BY_NAME, KINDS, Kind, Ref
from akeneo_erp_bridge.sync.setup._words import by_hand, plan_text

__all__ = ["SetupAction", "SetupPlan", "SetupStep", "waves"]

SetupAction: TypeAlias = Literal["create", "change", "there", "conflict", "blocked"]
"""What a step is about: `conflict` needs a person, `blocked` waits for another step that is not done."""

_ACTIONS: Final[Mapping[str, SetupAction]] = {
    "create": "create", "change": "change", "there": "there", "conflict": "conflict", "blocked": "blocked",
}  # fmt: skip
_FORMAT: Final = 2
_SEAL: Final = ',\n  "check_sum": "'
_END: Final = '"\n}'
_LINES: Final = 100
_OPTION_CALLS_A_SECOND: Final = 3
# the kinds that the PIM takes many of at a time
_ONE_BY_ONE: Final = frozenset(
    {
        "reference entity", "reference entity attribute", "reference entity option",
        "asset family", "asset attribute", "asset option",
    }
)  # fmt: skip


@frozen(kw_only=True)
class SetupStep:
    """One thing of the blueprint against what the PIM has of it.

    `wanted` is the thing as the PIM takes it. `changes` are the fields in which it differs, `note` is what stands
    against it and what to do, `guess` what it was concluded from.

    >>> step = SetupStep(kind="family", code="hand_tools", action="change", wanted={}, changes=(Change("attributes", None, "ean"),))
    >>> f"{step.action} {step.ref}: {step.changes[0]}", step.is_to_do
    ("change family 'hand_tools': attributes + ean", True)
    """

    kind: Kind
    code: str
    within: tuple[str, ...] = ()
    action: SetupAction
    wanted: JsonObject
    changes: tuple[Change, ...] = ()
    note: str = ""
    guess: str = ""

    @property
    def ref(self) -> Ref:
        """What it is about."""
        return Ref(self.kind, self.code, self.within)

    @property
    def is_to_do(self) -> bool:
        """Whether `apply` has something to write."""
        return self.action in ("create", "change")


@frozen
class SetupPlan:
    """All steps, in the order in which a PIM accepts them. Printed, it is a table for people.

    Nothing is written before somebody calls `apply` with it. `save` makes a file that may be reviewed in a pull
    request, and `load` reads it in another process, another day; `to_json` and `from_json` do the same with a text.

    >>> from akeneo_erp_bridge.sync import setup
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> blueprint = setup.Blueprint.of(setup.select("colour", ["red", "mint"]), setup.select("grip", ["soft"]), group="erp")
    >>> with PimSimulator(sample=True).client() as pim:
    ...     plan = setup.propose(blueprint, setup.look(pim, blueprint))
    >>> [str(one.ref) for one in plan.of("create")]  # the PIM has `colour` and `red`
    ["attribute 'grip'", "option 'mint' of 'colour'", "option 'soft' of 'grip'"]
    >>> plan.calls, plan.least_time.total_seconds(), SetupPlan.from_json(plan.to_json()).is_done
    (3, 0.666667, False)
    """

    steps: Sequence[SetupStep]

    def of(self, *actions: SetupAction) -> list[SetupStep]:
        """The steps with one of these actions."""
        return [one for one in self.steps if one.action in actions]

    @property
    def is_done(self) -> bool:
        """Whether the PIM has all that is wanted."""
        return all(one.action == "there" for one in self.steps)

    @property
    def calls(self) -> int:
        """How many requests `apply` will write with."""
        return sum(_calls(wave) for wave in waves(self.of("create", "change")))

    @property
    def option_calls(self) -> int:
        """How many of them are for options, of which a PIM takes three a second.

        Source: Akeneo's documentation of rate limits.
        """
        return sum(_calls(wave) for wave in waves(self.of("create", "change")) if wave[0].kind == "option")

    @property
    def least_time(self) -> timedelta:
        """The least time that the PIM's limit on options leaves; nothing else makes anybody wait.

        Source: Akeneo's documentation of rate limits.
        """
        return timedelta(seconds=self.option_calls / _OPTION_CALLS_A_SECOND)

    @property
    def by_hand(self) -> list[str]:
        """What the API cannot do and a person must, a sentence each."""
        return by_hand([(one.kind, one.code, one.wanted) for one in self.steps])

    def __str__(self) -> str:
        return plan_text(self)

    def to_json(self) -> str:
        """Write the plan as JSON, a field a line, so that two plans can be compared by eye; a check sum is its end."""
        body: JsonObject = {"format": _FORMAT, "steps": [_step_json(one) for one in self.steps]}
        text = json.dumps(body, indent=2, ensure_ascii=False)
        open_text = (text if is_whole(text) else json.dumps(body, indent=2)).removesuffix("\n}")
        return f"{open_text}{_SEAL}{check_sum(open_text)}{_END}"

    @classmethod
    def from_json(cls, text: str) -> SetupPlan:
        """Read what `to_json` wrote; raises `ConfigurationError` naming what does not fit, such as that it was altered."""
        try:
            return cls._read(text)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"this is no setup plan: {error}; propose a plan anew") from error

    @classmethod
    def _read(cls, text: str) -> SetupPlan:
        body = stored_object(text, ("format", "steps"))
        if body.get("format") != _FORMAT:
            raise ValueError(f"setup plan: format {body.get('format')!r} is not {_FORMAT}")
        told, _, seal = text.rstrip().rpartition(_SEAL)
        if seal != check_sum(told) + _END:
            raise ValueError("setup plan: it was altered after it was made")
        steps = _list(body.get("steps"), "steps")
        return cls(tuple(_step(_object(raw, f"steps[{place}]"), f"steps[{place}]") for place, raw in enumerate(steps)))

    def save(self, path: str | Path) -> None:
        """Write the plan to a file, as `to_json`; raises `ConfigurationError` where no file can be written."""
        try:
            Path(path).write_text(self.to_json() + "\n", encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"setup plan file {str(path)!r}: {error}; name another") from error

    @classmethod
    def load(cls, path: str | Path) -> SetupPlan:
        """Read what `save` wrote.

        Raises `ConfigurationError` with the path where there is none, or where it holds something else.
        """
        name = f"setup plan file {str(path)!r}"
        try:
            return cls._read(text_of(path, name))
        except OtherFile as error:
            raise ConfigurationError(
                f"{name}: it is no setup plan file; name one that `setup plan -o` or `save` wrote"
            ) from error
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{name}: {error}; propose a plan anew") from error


def waves(steps: Sequence[SetupStep]) -> Iterator[list[SetupStep]]:
    """Steps that may be written together: of one place, and of categories one level of the tree."""
    depths: dict[str, int] = {}

    def where(step: SetupStep) -> tuple[object, int]:
        if step.kind != "category":
            return step.ref.place, 0
        # parents come first in a plan, so that theirs is known
        depths[fold(step.code)] = depths.get(fold(str(step.wanted.get("parent") or "")), 0) + 1
        return step.ref.place, depths[fold(step.code)]

    for _, group in groupby(steps, where):
        yield list(group)


def _calls(wave: Sequence[SetupStep]) -> int:
    return len(wave) if wave[0].kind in _ONE_BY_ONE else ceil(len(wave) / _LINES)


# ---- JSON ----
def _step_json(step: SetupStep) -> JsonObject:
    body: dict[str, JsonValue] = {"action": step.action, "kind": step.kind, "code": step.code}
    if step.within:
        body["within"] = list(step.within)
    body["wanted"] = step.wanted
    if step.changes:
        body["changes"] = [{"path": one.path, "old": one.old, "new": one.new} for one in step.changes]
    body |= {name: text for name, text in (("note", step.note), ("guess", step.guess)) if text}
    return body


def _step(raw: JsonObject, path: str) -> SetupStep:
    kind, action = BY_NAME.get(str(raw.get("kind"))), _ACTIONS.get(str(raw.get("action")))
    if kind is None or action is None:
        raise ValueError(f"setup plan: {path}: no step is to {raw.get('action')!r} a {raw.get('kind')!r}")
    within = tuple(_text(one, f"{path}.within") for one in _list(raw.get("within", []), f"{path}.within"))
    if len(within) != len(KINDS[kind].owners):
        raise ValueError(
            f"setup plan: {path}.within: one {kind} lies within {' and '.join(KINDS[kind].owners) or 'nothing'}"
        )
    changes = (_object(one, f"{path}.changes") for one in _list(raw.get("changes", []), f"{path}.changes"))
    return SetupStep(
        kind=kind,
        code=_text(raw.get("code"), f"{path}.code"),
        within=within,
        action=action,
        wanted=_object(raw.get("wanted"), f"{path}.wanted"),
        changes=tuple(
            Change(_text(one.get("path"), f"{path}.changes"), one.get("old"), one.get("new")) for one in changes
        ),
        note=_text(raw.get("note", ""), f"{path}.note"),
        guess=_text(raw.get("guess", ""), f"{path}.guess"),
    )


def _object(value: JsonValue, path: str) -> JsonObject:
    if not isinstance(value, Mapping):
        raise ValueError(f"setup plan: {path}: expected an object")
    return value


def _list(value: JsonValue, path: str) -> Sequence[JsonValue]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"setup plan: {path}: expected a list")
    return value


def _text(value: JsonValue, path: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"setup plan: {path}: expected a text")
    return value
