"""From the paths of an item class to Tryton's fields, and from Tryton's records back to rows.

A path is a field (``code``), steps through relations (``template.weight_uom.symbol``), a member of a dictionary
field (``attributes.size``), and any of them in another language (``name@fr``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.erp._tryton_rpc import Raw, Record
from akeneo_erp_bridge.errors import ErpRefused

FieldsOf = Callable[[str], Mapping[str, Mapping[str, Raw]]]
"""The definitions of a model's fields, by name."""

_RELATIONS: Final = frozenset({"many2one", "one2one", "many2many", "one2many"})


@frozen
class PathPlan:
    """How one path is read: the field to ask Tryton for, and where in the answer the value is."""

    path: str
    language: str | None
    asked: str
    """Tryton's own dotted name."""
    steps: tuple[str, ...]
    member: str | None
    kind: str

    def value(self, record: Record) -> Raw:
        """The value in a record that Tryton answered."""
        found = _walk(record, self.steps)
        if self.member is not None:
            return found.get(self.member) if isinstance(found, Mapping) else None
        return found


def plan_path(path: str, model: str, fields_of: FieldsOf) -> PathPlan:
    """Resolve a path; raises `ErpRefused` naming the field that is not there and those that are."""
    dotted, _, language = path.partition("@")
    names = dotted.split(".")
    here = model
    for at, name in enumerate(names[:-1], start=1):
        definition = _definition(path, name, here, fields_of)
        kind, relation = str(definition.get("type")), definition.get("relation")
        if kind == "dict":
            asked = names[:at]
            return PathPlan(path, language or None, ".".join(asked), _steps(asked), ".".join(names[at:]), "text")
        if kind not in _RELATIONS or not isinstance(relation, str):
            raise ErpRefused(f"path '{path}': field '{name}' of {here} is {kind}, so nothing can follow it")
        here = relation
    kind = str(_definition(path, names[-1], here, fields_of).get("type"))
    return PathPlan(path, language or None, dotted, _steps(names), None, kind)


def _definition(path: str, name: str, model: str, fields_of: FieldsOf) -> Mapping[str, Raw]:
    fields = fields_of(model)
    if name not in fields:
        known = ", ".join(sorted(fields))
        raise ErpRefused(f"path '{path}': {model} has no field '{name}'; it has: {known}")
    return fields[name]


def _steps(names: list[str]) -> tuple[str, ...]:
    """Tryton nests ``a.b`` as ``{"a.": {"b": ...}}``."""
    return (*(f"{name}." for name in names[:-1]), names[-1])


def _walk(here: Raw, steps: tuple[str, ...]) -> Raw:
    for at, step in enumerate(steps):
        if isinstance(here, list):
            return [_walk(one, steps[at:]) for one in here]
        if not isinstance(here, Mapping):
            return None  # an empty relation
        here = here.get(step)
    return here


def languages_of(plans: Iterable[PathPlan]) -> tuple[str, ...]:
    """The other languages that must be read, sorted."""
    return tuple(sorted({one.language for one in plans if one.language is not None}))
