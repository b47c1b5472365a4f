"""The mapping against the ERP: the fields it reads and writes, and pairs that must lose nothing on the way."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from attrs import frozen

from akeneo_erp_bridge.erp import Column, ErpField, ErpSchema, FieldSpec, column_of
from akeneo_erp_bridge.mapping._checks._misfit import Misfit, listed, of_mapping
from akeneo_erp_bridge.rules import Binding, Iso, IsoRule, Owner, Then, shown

S = TypeVar("S")

_SAMPLES: Final[Mapping[type[object], Sequence[object]]] = {
    str: ("1.50", "0", "abc", "Ä b"),
    int: (0, 1, -7, 1234),
    Decimal: tuple(Decimal(text) for text in ("0", "1", "-0.5", "1234.56")),
    bool: (True, False),
    datetime.date: (datetime.date(2024, 2, 29),),
    datetime.datetime: (datetime.datetime(2024, 2, 29, 13, 30, tzinfo=datetime.UTC),),
}
_NUMBERS: Final = frozenset(
    {"int", "integer", "bigint", "smallint", "tinyint", "numeric", "decimal", "float", "double", "real", "number"}
)
_NOT_OF_A_NUMBER: Final = frozenset[type[object]]({datetime.date, datetime.datetime, frozenset})
_NOT_OF_A_DAY: Final = frozenset[type[object]]({bool, int, Decimal, frozenset})
_NEVER: Final[Mapping[str, frozenset[type[object]]]] = {
    **dict.fromkeys(_NUMBERS, _NOT_OF_A_NUMBER),
    **dict.fromkeys(("bool", "boolean"), frozenset({str, int, Decimal, datetime.date, datetime.datetime, frozenset})),
    "date": _NOT_OF_A_DAY | {datetime.datetime},
    **dict.fromkeys(("datetime", "timestamp"), _NOT_OF_A_DAY | {datetime.date}),
}
"""What no value of the ERP's own type can be read as. A text may be anything, and so may a type not named here."""


@frozen
class TwoWay:
    """A field and a cell that are bound both ways."""

    field: FieldSpec
    iso: Iso[Any, Any]  # of a binding, nobody knows the types any more
    cell: str
    owner: Owner


def both_ways(bindings: Iterable[Binding[S]]) -> list[TwoWay]:
    """The bindings that `two_way` made: a field, and a pair of functions."""
    found: list[TwoWay] = []
    for binding in bindings:
        rule = binding.rule
        if isinstance(rule, Then) and isinstance(rule.first, Column) and isinstance(rule.second, IsoRule):  # pyright: ignore[reportUnknownMemberType]  # see TwoWay
            found.append(TwoWay(rule.first.spec, rule.second.iso, binding.cell.key, binding.owner))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  # as above
    return found


def check_pairs(bindings: Sequence[Binding[S]]) -> Iterator[Misfit]:
    """Pairs that lose something, and fields that two cells would be written back to."""
    writers: dict[str, str] = {}
    for pair in both_ways(bindings):
        lost = _lost(pair)
        if lost:
            yield of_mapping("lossy_pair", f"{lost}; make the pair lossless, or bind one way", place=pair.cell)
        if pair.owner is Owner.PIM:
            other = writers.setdefault(pair.field.path, pair.cell)
            if other != pair.cell:
                detail = f"field '{pair.field.path}' is written back from '{other}' too; one cell may decide about it"
                yield of_mapping("owner_conflict", detail, place=pair.cell)


def _lost(pair: TwoWay) -> str:
    for sample in (one for kind in pair.field.values or () for one in _SAMPLES.get(kind, ())):
        try:
            there = pair.iso.there(sample)
        except Exception:  # noqa: BLE001, S112 - a sample that the pair does not take says nothing about it
            continue
        try:
            back = pair.iso.back(there)
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything; it is told
            return f"the way back raised {type(error).__name__} for {shown(there)}, made of {shown(sample)}"
        if back != sample:
            return f"{shown(sample)} becomes {shown(there)} and comes back as {shown(back)}"
    return ""


def check_schema(
    key: FieldSpec, specs: Iterable[FieldSpec], bindings: Sequence[Binding[S]], schema: ErpSchema
) -> Iterator[Misfit]:
    """Fields that the ERP does not have, keep to itself, or of another type than declared."""
    there = {one.name: one for one in schema.fields}
    wanted = {key.path: "the key"}
    for binding in bindings:
        for source in binding.rule.sources:
            wanted.setdefault(source, str(binding.cell))
    for path, place in sorted(wanted.items()):
        column = there.get(path) or there.get(column_of(path))
        if column is None:
            detail = f"field '{path}' is not in {schema.name}; it has {listed(there)}"
            yield of_mapping("no_erp_field", detail, place=place)
        elif not column.readable:
            detail = f"field '{path}' of {schema.name} cannot be read; give the log-in the right to, or leave it out"
            yield of_mapping("erp_field_hidden", detail, place=place)
    for spec in specs:
        if spec.path in wanted and spec.path in there:
            yield from _check_kind(spec, there[spec.path], schema.name, wanted[spec.path])
    for pair in both_ways(bindings):
        if pair.owner is Owner.PIM and pair.field.path in there and not there[pair.field.path].writable:
            detail = f"field '{pair.field.path}' of {schema.name} cannot be written; the PIM's value would go nowhere"
            yield of_mapping("erp_field_not_writable", detail, place=pair.cell)


def _check_kind(spec: FieldSpec, there: ErpField, schema: str, place: str) -> Iterator[Misfit]:
    word = there.kind.lower().partition("(")[0].strip()
    if (spec.values or frozenset[type[object]]()) & _NEVER.get(word, frozenset[type[object]]()):
        detail = f"field '{spec.path}' of {schema} is {there.kind}, and declared as {spec.kind}; declare what it is"
        yield of_mapping("erp_field_type", detail, place=place)
