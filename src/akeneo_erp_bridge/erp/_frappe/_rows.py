"""Rows of a DocType as the paths of an item class need them: own fields, tables, what stands beside it, translations.

A path is a field (``item_name``), a field in a table of the document (``barcodes[*].barcode``), one in another DocType that
points at the document (``bins[*].actual_qty``), and a text in another language (``item_name@fr``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from attrs import field, frozen

from akeneo_erp_bridge.erp._frappe._site import TABLES, DocField, DocType, Filter, FrappeSite, Wire
from akeneo_erp_bridge.erp._paths import steps_of
from akeneo_erp_bridge.errors import ErpRefused

_LOT: Final = 200
"""Parents asked for at once."""
_NUMBERS: Final = frozenset({"Currency", "Float", "Percent"})


@frozen
class Beside:
    """Documents of another DocType that point at the item by a field, read as a table of it.

    >>> Beside("Item Price", by="item_code").doctype
    'Item Price'
    """

    doctype: str
    by: str = "item_code"


@frozen
class RowPlan:
    """What is read for a document."""

    site: FrappeSite = field(repr=False)
    doctype: DocType
    own: tuple[str, ...]
    tables: Mapping[str, tuple[str, ...]]
    """Fields of each table of the document, by the table's name."""
    beside: Mapping[str, tuple[Beside, tuple[str, ...]]]
    texts: Mapping[str, tuple[tuple[str, str], ...]]
    """By language: the path, and the field it translates."""

    def rows(self, wires: Sequence[Wire]) -> list[dict[str, object]]:
        """Rows with all that was asked for."""
        rows = [self.values(one, self.doctype, self.own) for one in wires]
        by_name = {str(wire.get("name")): row for wire, row in zip(wires, rows, strict=True)}
        for name, fields in self.tables.items():
            self._fill(by_name, name, self.doctype.fields[name].options, "parent", fields, table=name)
        for name, (where, fields) in self.beside.items():
            self._fill(by_name, name, where.doctype, where.by, fields)
        for language, pairs in self.texts.items():
            self._translate(rows, language, pairs)
        return rows

    def values(self, wire: Wire, doctype: DocType, names: Iterable[str]) -> dict[str, object]:
        """The typed values of some fields; what the site left out is left out."""
        return {name: self.value(wire[name], doctype.fields.get(name)) for name in names if name in wire}

    def value(self, raw: object, one: DocField | None) -> object:
        """One value: amounts as `Decimal`, times in the zone of the site."""
        kind = "" if one is None else one.kind
        if kind in _NUMBERS and isinstance(raw, int) and not isinstance(raw, bool):
            return Decimal(raw)
        if not isinstance(raw, str):
            return raw
        try:
            if kind == "Datetime":
                return datetime.fromisoformat(raw).replace(tzinfo=self.site.zone())
            if kind == "Date":
                return date.fromisoformat(raw)
        except ValueError:
            pass  # it stays as it came, and the field that reads it says what is wrong
        return raw

    # ---- inside ----
    def _fill(
        self,
        by_name: Mapping[str, dict[str, object]],
        into: str,
        doctype: str,
        by: str,
        fields: tuple[str, ...],
        *,
        table: str | None = None,
    ) -> None:
        """Tables are DocTypes of their own: their rows are asked for together, not document by document."""
        found: dict[str, list[dict[str, object]]] = {name: [] for name in by_name}
        kind = self.site.doctype(doctype)
        parent = "" if table is None else self.doctype.name
        own: list[Filter] = (
            [] if table is None else [("parentfield", "=", table), ("parenttype", "=", self.doctype.name)]
        )
        order = "parent asc, idx asc" if table is not None else "name asc"
        for some in lots(list(by_name)):
            filters: list[Filter] = [(by, "in", some), *own]
            for wire in self.site.rows(doctype, sorted({by, "name", *fields}), filters, order, 0, parent):
                if str(wire.get(by)) in found:
                    found[str(wire.get(by))].append(self.values(wire, kind, fields))
        for name, row in by_name.items():
            row[into] = found[name]

    def _translate(self, rows: Sequence[dict[str, object]], language: str, pairs: Sequence[tuple[str, str]]) -> None:
        """The DocType Translation holds texts by what they translate, not by what they are of."""
        wanted = {text for row in rows for _, name in pairs if isinstance(text := row.get(name), str) and text}
        found: dict[str, str] = {}
        for some in lots(sorted(wanted)):
            filters: list[Filter] = [("language", "=", language), ("source_text", "in", some)]
            fields = ["source_text", "translated_text"]
            for wire in self.site.rows("Translation", fields, filters, "modified asc", 0):
                found[str(wire.get("source_text"))] = str(wire.get("translated_text"))
        for row in rows:
            for path, name in pairs:
                text = row.get(name)
                row[path] = found.get(text) if isinstance(text, str) else None


def plan_rows(site: FrappeSite, doctype: str, paths: Iterable[str], beside: Mapping[str, Beside]) -> RowPlan:
    """What to read for some paths. Raises `ErpRefused` naming the field that is not there, and those that are."""
    kind = site.doctype(doctype)
    own: set[str] = {"name"}
    tables: dict[str, set[str]] = {}
    others: dict[str, set[str]] = {}
    texts: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(paths):
        plain, _, language = path.partition("@")
        first, *rest = [step for step in steps_of(plain) if isinstance(step, str)]
        if first in beside:
            others.setdefault(first, set()).update(_members(site, path, beside[first].doctype, rest))
            continue
        one = _field(path, kind, first)
        if one.kind in TABLES:
            tables.setdefault(first, set()).update(_members(site, path, one.options, rest))
            continue
        if rest:
            raise ErpRefused(f"path '{path}': field '{first}' of {doctype} is {one.kind}, so nothing can follow it")
        own.add(first)
        if language:
            texts.setdefault(language, []).append((path, first))
    return RowPlan(
        site,
        kind,
        tuple(sorted(own)),
        {name: tuple(sorted(fields)) for name, fields in tables.items()},
        {name: (beside[name], tuple(sorted(fields))) for name, fields in others.items()},
        {language: tuple(pairs) for language, pairs in texts.items()},
    )


def lots(values: Sequence[str]) -> Iterator[list[str]]:
    """As many as one question may hold."""
    for start in range(0, len(values), _LOT):
        yield list(values[start : start + _LOT])


def _members(site: FrappeSite, path: str, doctype: str, rest: Sequence[str]) -> set[str]:
    inner = site.doctype(doctype)
    if not rest:
        return {name for name, one in inner.fields.items() if one.kind not in TABLES}
    _field(path, inner, rest[0])
    return {rest[0]}


def _field(path: str, kind: DocType, name: str) -> DocField:
    found = kind.fields.get(name)
    if found is None:
        known = ", ".join(sorted(kind.fields))
        raise ErpRefused(f"path '{path}': {kind.name} has no field '{name}'; it has: {known}")
    return found
