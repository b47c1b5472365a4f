"""From the paths of an item class to Tryton's fields, and from Tryton's records back to rows.

======================================  ===============================================================
path                                    what it gives
======================================  ===============================================================
``code``                                a field of the model
``template.weight_uom.symbol``          steps through relations; through a list of records, a list of values
``attributes.size``                     a member of a dictionary field
``name@fr``                             any of these in another language
``images.image@size``                   the size of a file in bytes, without its content
``identifiers(type, code)``             the records of a relation as rows (`Lines`), with these members
``boms.bom.inputs(product.code)``       the same at the end of several steps
``@images(description, image)``         the images a variant has: its own, and those of its template for all variants
``@stock``, ``@planned``, ``@prices``   put together by the adapter, see `_computed.py`
======================================  ===============================================================

``identifiers[*].code`` is ``identifiers.code``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from attrs import evolve, frozen

from akeneo_erp_bridge.erp._tryton._computed import COMPUTED, computed_column
from akeneo_erp_bridge.erp._tryton._rpc import Raw, Record
from akeneo_erp_bridge.errors import ErpRefused

FieldsOf = Callable[[str], Mapping[str, Mapping[str, Raw]]]
"""The definitions of a model's fields, by name."""

MARK: Final = "akeneo-erp-bridge:"
"""How the code of an identifier begins that `write_item` made to know its product by; nobody else's business."""

TO_MANY: Final = frozenset({"many2many", "one2many"})
TO_ONE: Final = frozenset({"many2one", "one2one"})
_IDENTIFIER: Final = "product.identifier"
_IMAGES: Final = "@images"
_FORM: Final = re.compile(r"(?P<base>@?[^@()]+)(?:\((?P<members>[^()]*)\))?(?:@(?P<variety>[^@()]+))?")


@frozen
class Relation:
    """A relation that a path goes through: its dotted name, and the model at its end."""

    path: str
    model: str
    is_searchable: bool


@frozen
class PathPlan:
    """How one path is read: the fields to ask Tryton for, and where in the answer the value is."""

    path: str
    language: str | None = None
    steps: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    """Tryton's own dotted names."""
    kind: str = "text"
    member: str | None = None
    """Of a dictionary field."""
    members: tuple[str, ...] | None = None
    """Of rows."""
    relations: tuple[Relation, ...] = ()
    sized: tuple[str, ...] = ()
    """Files of which only the size is wanted, as the context names them."""
    full: tuple[str, ...] = ()
    """Files of which the content is wanted."""
    is_stored: bool = True
    """Whether it is a column of a table, or a relation: what it holds moves a stamp."""
    computed: str | None = None
    """The column that the adapter puts together."""

    def value(self, record: Record) -> Raw:
        """The value in a record that Tryton answered."""
        found = _walk(record, self.steps)
        if self.member is not None:
            return found.get(self.member) if isinstance(found, Mapping) else None
        if self.members is not None:
            own = self.path.startswith(_IMAGES)
            rows = [one for one in _flat(found) if not own or one.get("product") in (None, record.get("id"))]
            return [{name: self._member(one, name) for name in self.members} for one in rows]
        return self._told(found)

    def _member(self, row: Record, name: str) -> Raw:
        plain = name.removesuffix("@size")
        found = _walk(row, _steps(plain.split(".")))
        return self._told(found) if plain != name else found

    def _told(self, found: Raw) -> Raw:
        """Asked for its size, a file whose content another path reads comes with that content."""
        if self.sized and isinstance(found, bytes):
            return len(found)
        if self.sized and isinstance(found, list):
            return [self._told(one) for one in found]
        return found


def plan_path(path: str, model: str, fields_of: FieldsOf) -> PathPlan:
    """Resolve a path; raises `ErpRefused` naming the field that is not there and those that are."""
    column = computed_column(path)
    if column in COMPUTED:
        return PathPlan(path, kind="lines", is_stored=False, computed=column)
    form = _FORM.fullmatch(path.replace("[*]", ""))
    if form is None:
        raise ErpRefused(f"path '{path}' cannot be read; write e.g. identifiers(type, code) or name@fr")
    base, variety = form["base"], form["variety"]
    is_images = base == _IMAGES
    if base.startswith("@") and not is_images:
        raise ErpRefused(f"path '{path}': there is no '{base}'; there are {', '.join(sorted({*COMPUTED, _IMAGES}))}")
    base = "template.images" if is_images else base
    if form["members"] is not None:
        members = tuple(one.strip() for one in form["members"].split(","))
        return _lines(path, base, members, variety, model, fields_of)
    found = _Way(path, model, fields_of).plan(base.split("."))
    if variety == "size":
        if found.kind != "binary":
            raise ErpRefused(f"path '{path}': field '{base}' is {found.kind}; a file has a size")
        return evolve(found, sized=found.full, full=(), kind="integer")
    return evolve(found, language=variety)


def _lines(
    path: str, base: str, members: tuple[str, ...], variety: str | None, model: str, fields_of: FieldsOf
) -> PathPlan:
    """Rows: one plan made of those of its members."""
    plans = [plan_path(f"{base}.{one}", model, fields_of) for one in members]
    end = _Way(path, model, fields_of).plan(base.split("."))
    if end.kind not in TO_MANY | TO_ONE or not all(members):
        raise ErpRefused(f"path '{path}': '{base}' is {end.kind}; rows are those of a relation, with named members")
    extra = ("template.images.product",) if path.startswith(_IMAGES) else ()
    return PathPlan(
        path,
        language=variety,
        steps=tuple(f"{name}." for name in base.split(".")),
        asked=tuple(dict.fromkeys((*(name for one in plans for name in one.asked), *extra))),
        kind="lines",
        members=members,
        relations=tuple(dict.fromkeys(relation for one in plans for relation in one.relations)),
        sized=tuple(name for one in plans for name in one.sized),
        full=tuple(name for one in plans for name in one.full),
        is_stored=all(one.is_stored for one in plans),
    )


@frozen
class _Way:
    """A walk along the names of a path."""

    path: str
    model: str
    fields_of: FieldsOf

    def plan(self, names: Sequence[str]) -> PathPlan:
        here, relations, asked = self.model, list[Relation](), [".".join(names)]
        for at, name in enumerate(names[:-1], start=1):
            definition = self._definition(name, here)
            kind, relation = str(definition.get("type")), definition.get("relation")
            if kind == "dict":
                short = names[:at]
                return PathPlan(
                    self.path, None, _steps(short), (".".join(short),), "text", ".".join(names[at:]),
                    relations=tuple(relations),
                )  # fmt: skip
            if kind not in TO_MANY | TO_ONE or not isinstance(relation, str):
                raise ErpRefused(f"path '{self.path}': field '{name}' of {here} is {kind}, so nothing can follow it")
            before = relations[-1].is_searchable if relations else True
            relations.append(
                Relation(".".join(names[:at]), relation, before and definition.get("searchable") is not False)
            )
            if relation == _IDENTIFIER:
                asked.append(f"{'.'.join(names[:at])}.code")
            here = relation
        last = self._definition(names[-1], here)
        kind = str(last.get("type"))
        is_stored = bool(last.get("searchable", True)) and (kind in TO_MANY or bool(last.get("sortable", True)))
        full = (f"{here}.{names[-1]}",) if kind == "binary" else ()
        return PathPlan(
            self.path, None, _steps(names), tuple(dict.fromkeys(asked)), kind,
            relations=tuple(relations), full=full, is_stored=is_stored or kind == "binary",
        )  # fmt: skip

    def _definition(self, name: str, model: str) -> Mapping[str, Raw]:
        fields = self.fields_of(model)
        if name not in fields:
            known = ", ".join(sorted(fields))
            raise ErpRefused(f"path '{self.path}': {model} has no field '{name}'; it has: {known}")
        return fields[name]


def _steps(names: Sequence[str]) -> tuple[str, ...]:
    """Tryton nests ``a.b`` as ``{"a.": {"b": ...}}``."""
    return (*(f"{name}." for name in names[:-1]), names[-1])


def _walk(here: Raw, steps: tuple[str, ...]) -> Raw:
    for at, step in enumerate(steps):
        if isinstance(here, list):
            return [_walk(one, steps[at:]) for one in here if not _is_mark(one)]
        if not isinstance(here, dict):  # what JSON makes; an abstract class would cost a tenth of the whole reading
            return None  # an empty relation
        here = here.get(step)
    if isinstance(here, list):
        return [one for one in here if not _is_mark(one)]
    return here


def _is_mark(record: Raw) -> bool:
    code = record.get("code") if isinstance(record, dict) else None
    return isinstance(code, str) and code.startswith(MARK)


def _flat(found: Raw) -> list[Record]:
    """The records at the end of several relations, each of which may be to many."""
    if isinstance(found, Mapping):
        return [found]
    return [row for one in found for row in _flat(one)] if isinstance(found, list) else []


def languages_of(plans: Iterable[PathPlan]) -> tuple[str, ...]:
    """The other languages that must be read, sorted."""
    return tuple(sorted({one.language for one in plans if one.language is not None}))


def sizes_of(plans: Iterable[PathPlan]) -> Mapping[str, Raw]:
    """The context in which Tryton gives the sizes of files in place of their contents."""
    every = list(plans)
    full = {name for one in every for name in one.full}
    return {name: "size" for one in every for name in one.sized if name not in full}
