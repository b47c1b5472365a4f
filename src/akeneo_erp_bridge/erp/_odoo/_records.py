"""Reads what paths ask for, each related model once for a page, and each language once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import define, evolve, field

from akeneo_erp_bridge.erp._odoo._paths import AXIS_VALUES, PathPlan, languages_of
from akeneo_erp_bridge.erp._odoo._session import OdooSession
from akeneo_erp_bridge.erp._odoo._values import TO_ONE, FieldsOf, OdooValue, first_of, moment_of, value_of
from akeneo_erp_bridge.erp._odoo._wire import Raw, Record
from akeneo_erp_bridge.errors import ErpRefused

_AT_ONCE: Final = 2000  # related records in one read
_AXIS_NAME: Final = "attribute_id"

Rows = dict[int, dict[str, OdooValue]]
"""Values by path, by the record's id."""


@define
class RecordReader:
    """What one page is read with."""

    session: OdooSession
    fields_of: FieldsOf
    context: Mapping[str, Raw]
    stamps: list[datetime] = field(factory=list[datetime])
    """When what was read last changed: of the records, and of those related to them."""

    def search(self, model: str, domain: Sequence[Raw], plans: Sequence[PathPlan], limit: int) -> list[Record]:
        """Records by id, with what the plans read of them in the first place."""
        return self.session.records(
            model,
            "search_read",
            domain=list(domain),
            fields=self._asked(model, plans),
            order="id",
            limit=limit or False,  # no limit
            context=self.context,
        )

    def rows(self, model: str, records: Sequence[Record], plans: Sequence[PathPlan]) -> Rows:
        """The values of the plans for records that were found."""
        found = {number_of(one): one for one in records}
        self._note(found.values())
        rows: Rows = {number: {} for number in found}
        for plan in plans:
            if len(plan.steps) == 1 and plan.language is None and not plan.is_size:
                for number, record in found.items():
                    rows[number][plan.path] = value_of(record.get(plan.first), plan.field)
        self._otherwise(model, rows, [one for one in plans if len(one.steps) == 1])
        for relation, some in _by_relation(plans):
            self._follow(model, relation, found, some, rows)
        return rows

    # ---- inside ----
    def _asked(self, model: str, plans: Iterable[PathPlan]) -> list[str]:
        """A relation is the same in each language; a text is not, and a picture's size takes a call of its own."""
        names = {one.first for one in plans if len(one.steps) > 1 or (one.language is None and not one.is_size)}
        also = {name for name in ("write_date", "active") if name in self.fields_of(model)}
        return sorted({"id", *names, *also})

    def _read(self, model: str, ids: Iterable[int], names: Sequence[str], **context: Raw) -> Iterator[Record]:
        every = sorted(ids)
        for start in range(0, len(every), _AT_ONCE):
            some = every[start : start + _AT_ONCE]
            yield from self.session.records(
                model, "read", some, fields=list(names), context={**self.context, **context}
            )

    def _otherwise(self, model: str, rows: Rows, plans: Sequence[PathPlan]) -> None:
        """What must be read in another way: in another language, or as a size."""
        groups: list[tuple[dict[str, Raw], list[PathPlan]]] = [
            ({"lang": language}, [one for one in plans if one.language == language]) for language in languages_of(plans)
        ]
        groups.append(({"bin_size": True}, [one for one in plans if one.is_size]))
        for context, mine in groups:
            if not mine or not rows:
                continue
            for one in self._read(model, rows, sorted({plan.first for plan in mine}), **context):
                for plan in mine:
                    rows[number_of(one)][plan.path] = value_of(one.get(plan.first), plan.field)

    def _follow(
        self, model: str, relation: str, found: Mapping[int, Record], plans: Sequence[PathPlan], rows: Rows
    ) -> None:
        definition = self.fields_of(model)[relation]
        for plan in (one for one in plans if _comes_along(one, definition.kind)):
            for number, record in found.items():
                pair = record.get(relation)
                named = pair[1] if isinstance(pair, list) and len(pair) == 2 else None
                rows[number][plan.path] = str(named) if named else None
        further = [evolve(one, steps=one.steps[1:]) for one in plans if not _comes_along(one, definition.kind)]
        if not further:
            return
        ids = {number: _ids(record.get(relation)) for number, record in found.items()}
        target = str(definition.relation)
        wanted = {one for some in ids.values() for one in some}
        asked = self._asked(target, further)
        if relation == AXIS_VALUES:
            asked = sorted({*asked, _AXIS_NAME})
        related = list(self._read(target, wanted, asked)) if wanted else []
        names = {number_of(one): _name(one.get(_AXIS_NAME)) for one in related}
        values = self.rows(target, related, further)
        for number, some in ids.items():
            for plan in further:
                there = [
                    values[one][plan.path]
                    for one in some
                    if one in values and (plan.axis is None or names[one] == plan.axis)
                ]
                is_one = definition.kind in TO_ONE or plan.axis is not None
                rows[number][plan.path] = next(iter(there), None) if is_one else _flat(there)

    def _note(self, records: Iterable[Record]) -> None:
        for one in records:
            if stamp := one.get("write_date"):
                self.stamps.append(moment_of(stamp))


def number_of(record: Record) -> int:
    """The id of a record."""
    number = record.get("id")
    if isinstance(number, int):
        return number
    raise ErpRefused(f"a record of Odoo has no id: {sorted(record)}")


def _by_relation(plans: Sequence[PathPlan]) -> Iterator[tuple[str, list[PathPlan]]]:
    for relation in dict.fromkeys(one.first for one in plans if len(one.steps) > 1):
        yield relation, [one for one in plans if len(one.steps) > 1 and one.first == relation]


def _comes_along(plan: PathPlan, kind: str) -> bool:
    """A many2one comes as its id and its name, so that the name takes no further call."""
    return kind in TO_ONE and plan.steps[1:] == ("display_name",) and plan.language is None


def _ids(raw: Raw) -> list[int]:
    """The ids of a relation: ``[id, name]`` for one, a list of ids for many."""
    if isinstance(raw, list) and not (len(raw) == 2 and isinstance(raw[1], str)):
        return [one for one in raw if isinstance(one, int) and not isinstance(one, bool)]
    one = first_of(raw)
    return [] if one is None else [one]


def _name(raw: Raw) -> str:
    return str(raw[1]) if isinstance(raw, list) and len(raw) == 2 else ""


def _flat(values: Iterable[OdooValue]) -> list[OdooValue]:
    """Many of many are one list."""
    flat: list[OdooValue] = []
    for one in values:
        if isinstance(one, list):
            flat += one
        else:
            flat.append(one)
    return flat
