"""`apply`: a plan that somebody has seen becomes true, wave by wave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.akeneo import AkeneoClient, UpsertResult
from akeneo_erp_bridge.catalog import JsonObject
from akeneo_erp_bridge.errors import PimBroken, PimUnreachable, PlanOutdated, RateLimited
from akeneo_erp_bridge.sync._words import counted
from akeneo_erp_bridge.sync.setup._diff import compare
from akeneo_erp_bridge.sync.setup._inventory import Inventory
from akeneo_erp_bridge.sync.setup._kinds import needs
from akeneo_erp_bridge.sync.setup._plan import SetupPlan, SetupStep, waves
from akeneo_erp_bridge.sync.setup._propose import judge, look
from akeneo_erp_bridge.sync.setup._write import write_things

__all__ = ["SetupOutcome", "SetupReport", "StepObserver", "StepResult", "apply"]

SetupOutcome: TypeAlias = Literal["created", "changed", "there", "refused", "skipped", "conflict"]
"""What became of a step: `there` was so already, `skipped` waits for another or for a PIM that answers."""


@frozen
class StepResult:
    """What became of one step; `message` is the PIM's own, with the property it complains of, or why it was skipped.

    >>> colour = SetupStep(kind="attribute", code="colour", action="create", wanted={"code": "colour"})
    >>> print(StepResult(colour, "refused", "group: The group does not exist."))
    refused  attribute 'colour': group: The group does not exist.
    """

    step: SetupStep
    outcome: SetupOutcome
    message: str = ""

    def __str__(self) -> str:
        return f"{self.outcome}  {self.step.ref}{': ' if self.message else ''}{self.message}"


StepObserver: TypeAlias = Callable[[StepResult], None]
"""Called with each result as it comes, for progress."""


@frozen
class SetupReport:
    """The account of one `apply`: a result for each step, in import order.

    >>> colour = SetupStep(kind="attribute", code="colour", action="create", wanted={"code": "colour"})
    >>> red = SetupStep(kind="option", code="red", within=("colour",), action="create", wanted={"code": "red"})
    >>> report = SetupReport([StepResult(colour, "refused", "group: ..."), StepResult(red, "skipped", f"waits for {colour.ref}")])
    >>> report.is_done, report.exit_code, [one.step.code for one in report.of("refused")]
    (False, 1, ['colour'])
    """

    results: Sequence[StepResult]
    by_hand: Sequence[str] = field(factory=tuple)

    def of(self, *outcomes: SetupOutcome) -> list[StepResult]:
        """The results with one of these outcomes."""
        return [one for one in self.results if one.outcome in outcomes]

    @property
    def is_done(self) -> bool:
        """Whether the PIM has all that was wanted."""
        return not self.of("refused", "skipped", "conflict")

    @property
    def exit_code(self) -> int:
        """0: all is there. 1: something was refused, skipped, or stands against it."""
        return 0 if self.is_done else 1

    def __str__(self) -> str:
        counts = (
            f"{len(self.of('created'))} created, {len(self.of('changed'))} changed, "
            f"{len(self.of('there'))} there already, {len(self.of('refused'))} refused, "
            f"{len(self.of('skipped'))} skipped, {counted(len(self.of('conflict')), 'conflict')}"
        )
        lines = [f"setup: {counts}"]
        lines += (f"  {one}" for one in self.of("refused", "skipped", "conflict"))
        return "\n".join([*lines, *(f"by hand: {one}" for one in self.by_hand)])


def apply(plan: SetupPlan, pim: AkeneoClient, *, observer: StepObserver | None = None) -> SetupReport:
    """Write a plan to the PIM, in its order.

    Looks first, and writes only what is still to be done: a second time it makes no mutating call, and after a kill
    it goes on. What the PIM refuses is a result with its message, and what depends on that is skipped; conflicts
    are left as they are. Raises `PlanOutdated` before anything is written, when the PIM has changed so that the plan
    would do something else than what was shown, and `SignInRefused`.

    >>> from akeneo_erp_bridge.sync import setup
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> mint = setup.select("colour", {"mint": {"en_US": "Mint"}}, group="erp")
    >>> with PimSimulator(sample=True).client() as pim:
    ...     plan = setup.propose(mint, look(pim, mint))
    ...     for _ in range(2):
    ...         print(apply(plan, pim))
    setup: 1 created, 0 changed, 1 there already, 0 refused, 0 skipped, 0 conflicts
    setup: 0 created, 0 changed, 2 there already, 0 refused, 0 skipped, 0 conflicts
    """
    inventory = look(pim, plan)
    fresh = list(judge(plan.steps, inventory))
    reasons = [_outdated(old, new) for old, new in zip(plan.steps, fresh, strict=True)]
    if any(reasons):
        raise PlanOutdated([one for one in reasons if one])
    tell = observer or _nobody
    results: dict[int, StepResult] = {}
    for old, new in zip(plan.steps, fresh, strict=True):
        early = _without_writing(old, new)
        if early is not None:
            results[id(new)] = early
            tell(early)
    writer = _Wave(pim, inventory, {one.step.ref.key: one for one in results.values()})
    for wave in waves([one for one in fresh if id(one) not in results]):
        for result, step in zip(writer.write(wave), wave, strict=True):
            results[id(step)] = result
            tell(result)
    return SetupReport(tuple(results[id(one)] for one in fresh), tuple(plan.by_hand))


def _outdated(old: SetupStep, new: SetupStep) -> str:
    """Why the step is not what was shown; empty where it is, or where it is done or impossible."""
    if new.action == "there" or old.action in ("conflict", "blocked"):
        return ""
    if old.action == new.action and all(one in old.changes for one in new.changes):
        return ""
    seen = new.note or ", ".join(map(str, new.changes)) or "it is gone"
    return f"{new.ref} was to {_BE[old.action]}: {seen}"


_BE = {"create": "be created", "change": "be changed", "there": "be there"}


def _without_writing(old: SetupStep, new: SetupStep) -> StepResult | None:
    if new.action == "there":
        return StepResult(new, "there")
    if old.action == "conflict":
        return StepResult(new, "conflict", old.note)
    return StepResult(new, "skipped", old.note) if old.action == "blocked" else None


class _Wave:
    """Writes one wave after the other, and remembers what failed."""

    def __init__(
        self, pim: AkeneoClient, inventory: Inventory, done: dict[tuple[str, tuple[str, ...], str], StepResult]
    ) -> None:
        self._pim = pim
        self._inventory = inventory
        self._done = done
        self._outage = ""

    def write(self, wave: Sequence[SetupStep]) -> list[StepResult]:
        """One result for each step."""
        skipped = {one.ref.key: reason for one in wave if (reason := self._hindrance(one))}
        sent = [one for one in wave if one.ref.key not in skipped]
        answers = iter(list(self._sent(sent)))
        results = [
            StepResult(one, "skipped", skipped[one.ref.key]) if one.ref.key in skipped else next(answers)
            for one in wave
        ]
        self._done |= {one.step.ref.key: one for one in results}
        return results

    def _sent(self, steps: Sequence[SetupStep]) -> Iterator[StepResult]:
        if not steps:
            return
        bodies = [(one.code, self._body(one)) for one in steps]
        answers = write_things(self._pim, steps[0].kind, steps[0].within, bodies)
        for step, answer in zip(steps, answers, strict=True):
            yield self._result(step, answer)

    def _body(self, step: SetupStep) -> JsonObject:
        found = self._inventory.find(step.ref)
        body = step.wanted if found is None else compare(step.kind, step.wanted, found).body
        return {name: value for name, value in body.items() if name != "code"}

    def _result(self, step: SetupStep, answer: UpsertResult[object]) -> StepResult:
        if answer.ok:
            return StepResult(step, "created" if answer.created else "changed")
        message = "; ".join(str(one) for one in answer.errors)
        if isinstance(answer.cause, PimUnreachable | PimBroken | RateLimited):
            self._outage = f"the PIM did not take it ({message}); apply the plan again"
            return StepResult(step, "skipped", self._outage)
        return StepResult(step, "refused", message)

    def _hindrance(self, step: SetupStep) -> str:
        """Why not to try: what it needs was not made, or nobody answers."""
        if self._outage:
            return self._outage
        for need in needs(step.kind, step.within, step.wanted):
            other = self._done.get(need.key)
            if other is not None and other.outcome in ("refused", "skipped", "conflict"):
                return f"waits for {other.step.ref}, which was not made"
        return ""


def _nobody(_: StepResult) -> None:
    pass
