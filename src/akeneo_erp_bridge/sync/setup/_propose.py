"""`propose`: a blueprint against what the PIM has. Pure: it asks nobody and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.sync.setup._blueprint import Blueprint, depth_of
from akeneo_erp_bridge.sync.setup._diff import compare
from akeneo_erp_bridge.sync.setup._inventory import Inventory, inventory_of, read_inventory
from akeneo_erp_bridge.sync.setup._json import fold
from akeneo_erp_bridge.sync.setup._kinds import ORDER, Kind, Ref, needs, wrong_code
from akeneo_erp_bridge.sync.setup._plan import SetupAction, SetupPlan, SetupStep

__all__ = ["judge", "look", "propose"]

_REMEDIES: Final[Mapping[Kind, str]] = {
    "measurement family": "conversions are not changed under amounts that are stored; give yours another code",
    "category": "move it in the PIM, or write its present parent into the blueprint",
    "family variant": "Akeneo does not change levels and axes; give yours another code",
}
_BORN_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "reference entity attribute": ("label", "image"),
    "asset attribute": ("label", "media"),
}
_REMEDY: Final = (
    "Akeneo does not change that after creation; give yours another code, or delete the PIM's if nobody uses it"
)


def look(pim: AkeneoClient, what: Blueprint | SetupPlan) -> Inventory:
    """Read from the PIM what a blueprint or a plan speaks of, in a handful of requests.

    >>> from akeneo_erp_bridge.sync import setup
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> wanted = setup.select("colour", ["red", "mint"], group="erp")
    >>> with PimSimulator(sample=True).client() as pim:
    ...     found = look(pim, wanted)
    >>> [(str(one.ref), found.find(one.ref) is not None) for one in wanted.pieces]
    [("attribute 'colour'", True), ("option 'red' of 'colour'", True), ("option 'mint' of 'colour'", False)]
    """
    if isinstance(what, SetupPlan):
        return read_inventory(pim, ((one.kind, one.within, one.wanted) for one in what.steps))
    return read_inventory(pim, ((one.kind, one.within, one.body) for one in what.pieces))


def propose(blueprint: Blueprint, found: Inventory | PimStructure) -> SetupPlan:
    """Compare a blueprint with what the PIM has: what to create, what to change, and what stands against it.

    *found* is what `look` has read. A `PimStructure` does as well, where nobody can be asked; it says nothing of
    association types, reference entities, empty attribute groups and labels of options and categories.

    >>> from akeneo_erp_bridge.catalog import Attribute
    >>> from akeneo_erp_bridge.codes import AttributeCode
    >>> from akeneo_erp_bridge.sync import setup
    >>> colour = Attribute(code=AttributeCode("colour"), type="pim_catalog_text")
    >>> blueprint = Blueprint.of(setup.attribute_group("erp"), setup.select("colour", ["red"], group="erp"))
    >>> plan = propose(blueprint, PimStructure(attributes={colour.code: colour}))
    >>> [(one.action, str(one.ref)) for one in plan.steps]
    [('create', "attribute group 'erp'"), ('conflict', "attribute 'colour'"), ('blocked', "option 'red' of 'colour'")]
    """
    inventory = inventory_of(found) if isinstance(found, PimStructure) else found
    new = (
        SetupStep(
            kind=one.kind,
            code=one.ref.code,
            within=one.within,
            action="create",
            wanted=one.body,
            guess=one.guess,
        )
        for one in blueprint.pieces
    )
    return SetupPlan(tuple(judge(_ordered(new), inventory)))


def _ordered(steps: Iterable[SetupStep]) -> list[SetupStep]:
    found = list(steps)
    parents = {fold(one.code): fold(str(one.wanted.get("parent") or "")) for one in found if one.kind == "category"}

    def place(step: SetupStep) -> tuple[int, int]:
        return ORDER.index(step.kind), depth_of(fold(step.code), parents) if step.kind == "category" else 0

    first = {one.ref.place: number for number, one in reversed(list(enumerate(found)))}
    return sorted(found, key=lambda one: (*place(one), first[one.ref.place]))


def judge(steps: Sequence[SetupStep], inventory: Inventory) -> Iterator[SetupStep]:
    """Say of each step, in import order, what is to be done; what the steps said of that before does not count."""
    judged: dict[tuple[str, tuple[str, ...], str], SetupStep] = {}
    for step in steps:
        result = _judged(step, inventory)
        if result.is_to_do:
            result = _after(result, judged, inventory)
        judged[result.ref.key] = result
        yield result


def _judged(step: SetupStep, inventory: Inventory) -> SetupStep:
    if step.kind in inventory.unoffered:
        edition = "it takes another edition or version of Akeneo"
        return _with(step, "conflict", note=f"this PIM knows no {step.kind}; {edition}")
    found = inventory.find(step.ref)
    if found is None:
        reason = wrong_code(step.kind, step.code)
        return _with(step, "conflict", note=f"{reason}; choose another") if reason else _with(step, "create")
    if found.get("code") != step.code:
        spelled = f"the PIM has it as '{found.get('code')}', and sees no difference of case; use that spelling"
        return _with(step, "conflict", note=spelled)
    difference = compare(step.kind, step.wanted, found)
    if difference.conflicts:
        note = f"{', '.join(difference.conflicts)}; {_REMEDIES.get(step.kind, _REMEDY)}"
        return _with(step, "conflict", note=note)
    if difference.changes:
        return SetupStep(
            kind=step.kind, code=step.code, within=step.within, action="change", wanted=step.wanted,
            changes=tuple(difference.changes), guess=step.guess,
        )  # fmt: skip
    return _with(step, "there")


def _after(
    step: SetupStep, judged: Mapping[tuple[str, tuple[str, ...], str], SetupStep], inventory: Inventory
) -> SetupStep:
    """The step, or why it has to wait for what it needs."""
    for need in needs(step.kind, step.within, step.wanted):
        other = judged.get(need.key)
        if other is not None and other.action in ("conflict", "blocked"):
            return _with(step, "blocked", note=f"waits for {other.ref}")
        if other is None and inventory.find(need) is None and not _comes_along(need, judged):
            return _with(step, "conflict", note=_lack(need))
    return step


def _comes_along(need: Ref, judged: Mapping[tuple[str, tuple[str, ...], str], SetupStep]) -> bool:
    """Whether the PIM makes it by itself: new reference entities and asset families have a label and a picture."""
    if not need.within or fold(need.code) not in _BORN_WITH.get(need.kind, ()):
        return False
    owner = judged.get(Ref(need.kind.removesuffix(" attribute").replace("asset", "asset family"), need.within[0]).key)
    return owner is not None and owner.action == "create"


def _lack(need: Ref) -> str:
    if need.kind == "channel":
        return f"needs {need}, which the PIM has not; channels are made by people, in its settings"
    return f"needs {need}, which is neither in the PIM nor in the blueprint; write it into one of them"


def _with(step: SetupStep, action: SetupAction, note: str = "") -> SetupStep:
    return SetupStep(
        kind=step.kind, code=step.code, within=step.within, action=action, wanted=step.wanted, note=note,
        guess=step.guess,
    )  # fmt: skip
