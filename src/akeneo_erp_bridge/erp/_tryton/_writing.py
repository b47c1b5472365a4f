"""Products born in the PIM: from a draft to a template and its variant, once for each key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, cast

from attrs import define, field, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._readers import Unreadable, read_lines
from akeneo_erp_bridge.erp._tryton._paths import MARK, TO_MANY, TO_ONE, PathPlan, plan_path
from akeneo_erp_bridge.erp._tryton._rpc import Raw, Record
from akeneo_erp_bridge.erp._tryton._server import TrytonServer, number_of, text_of
from akeneo_erp_bridge.erp.interfaces import ErpRef, WriteResult
from akeneo_erp_bridge.errors import ConfigurationError, ErpConflict, ErpRefused, ErpUnreachable

_TEMPLATE: Final = "product.template"
_PRODUCT: Final = "product.product"
_CODE: Final = "code"
_SUFFIX: Final = "suffix_code"
_IDENTIFIERS: Final = "identifiers"


def is_writable(server: TrytonServer, model: str, path: str) -> bool:
    """Whether `write_item` takes a value at this path."""
    if model != _PRODUCT:
        return False
    try:
        _Place.of(server, path)
    except ErpRefused:
        return False
    return True


@frozen
class _Place:
    """Where a path is written: in which of the two models, in which field of it."""

    path: str
    model: str
    name: str
    definition: Mapping[str, Raw]
    rest: str
    """What follows the field: the member by which a relation is found, or the member of a dictionary."""
    members: tuple[str, ...] | None
    language: str | None

    @classmethod
    def of(cls, server: TrytonServer, path: str) -> _Place:
        plan = plan_path(path, _PRODUCT, server.fields_of)
        base = path.partition("@")[0].partition("(")[0] if plan.computed is None else ""
        inherited = base.startswith("template.")
        name, _, rest = base.removeprefix("template.").partition(".")
        here, there = server.fields_of(_PRODUCT), server.fields_of(_TEMPLATE)
        own = here.get(name)
        is_own = not inherited and own is not None and own.get("readonly") is False
        definition = own if is_own else there.get(name)
        if base == _CODE:
            is_own, definition = False, there.get(_CODE)
        if definition is None or definition.get("readonly") is not False or plan.sized or name == "template":
            raise ErpRefused(f"path '{path}' cannot be written: Tryton makes it itself; leave it out of the draft")
        kind = str(definition.get("type"))
        is_rows = kind == "one2many" and plan.members is not None and not rest and is_own
        if not is_rows and (
            kind == "one2many"
            or plan.members is not None
            or (kind in TO_MANY | TO_ONE) != bool(rest and kind != "dict")
        ):
            raise ErpRefused(
                f"path '{path}' cannot be written; a relation is set by a member of it, such as categories.code, "
                "and rows of the variant with their members, such as identifiers(type, code)"
            )
        model = _PRODUCT if is_own else _TEMPLATE
        return cls(path, model, name, definition, rest, plan.members, plan.language)

    @property
    def kind(self) -> str:
        return str(self.definition.get("type"))


@define
class _Values:
    """What goes into the template and into the variant, in one language."""

    template: dict[str, Raw] = field(factory=dict[str, Raw])
    product: dict[str, Raw] = field(factory=dict[str, Raw])

    def of(self, model: str) -> dict[str, Raw]:
        return self.product if model == _PRODUCT else self.template


@frozen
class _Known:
    """A product that is there."""

    ref: ErpRef
    product: int
    template: int
    record: Record

    @property
    def version(self) -> Mapping[str, Raw]:
        """As Tryton's context takes it: the stamp of each record."""
        return _stamps(self.record, self.product, self.template)


@frozen
class ProductWriter:
    """Writes products through one connection."""

    server: TrytonServer
    key: PathPlan

    def find(self, idempotency_key: str) -> ErpRef | None:
        """The product of a key."""
        found = self._find(idempotency_key)
        return found.ref if found is not None else None

    def write(self, key: str, row: Mapping[str, object], idempotency_key: str, if_version: str | None) -> WriteResult:
        """Create or update."""
        known = self._find(idempotency_key)
        if known is None and if_version is not None:
            raise ErpConflict(
                f"product '{key}' of the key '{idempotency_key}' is no longer in Tryton; nothing was written"
            )
        lock = None if if_version is None else _lock(if_version)
        places = [(_Place.of(self.server, path), value) for path, value in row.items()]
        self.server.check_languages(one.language for one, _ in places if one.language is not None)
        languages = sorted({one.language for one, _ in places if one.language is not None})
        created = known is None
        if known is None:
            known, created = self._create(key, self._values(places, None, None), idempotency_key)
        if not created:
            self._update(key, known, self._values(places, None, known), self.server.language, lock)
        for language in languages:
            self._update(key, known, self._values(places, language, known), language, None)
        done = self._find(idempotency_key)
        if done is None:
            raise ErpConflict(f"product '{key}' was written, and somebody deleted it meanwhile")
        return WriteResult(done.ref, created)

    # ---- calls ----
    def _find(self, idempotency_key: str) -> _Known | None:
        if not idempotency_key.strip():
            raise ConfigurationError("an idempotency key is a text that names one product for good, not nothing")
        context = self.server.context()
        domain: Raw = [["code", "=", f"{MARK}{idempotency_key}"], ["product", "!=", None]]
        order: Raw = [["id", "ASC"]]
        found = self.server.session.records(
            "product.identifier", "search_read", domain, 0, 1, order, ["product"], context=context
        )
        if not found:
            return None
        names: Raw = sorted({*self.key.asked, _CODE, _SUFFIX, "template", "attributes" if self._has("attributes") else _CODE,
                             "_timestamp", "template._timestamp"})  # fmt: skip
        ids: Raw = [number_of(found[0], "product")]
        (record,) = self.server.session.records(_PRODUCT, "read", ids, names, context=context)
        product, template = number_of(record, "id"), number_of(record, "template")
        version = json.dumps(_stamps(record, product, template), sort_keys=True)
        return _Known(ErpRef(ErpKey(str(self.key.value(record))), version), product, template, record)

    def _has(self, name: str) -> bool:
        return name in self.server.fields_of(_PRODUCT)

    def _create(self, key: str, values: _Values, idempotency_key: str) -> tuple[_Known, bool]:
        code = values.template.get(_CODE) or idempotency_key
        mark: Raw = {"type": None, "code": f"{MARK}{idempotency_key}"}
        rows = values.product.pop(_IDENTIFIERS, None)
        identifiers: Raw = [["create", [mark]], *(rows if isinstance(rows, list) else [])]
        product: Raw = {**values.product, _IDENTIFIERS: identifiers}
        kind = {"type": "goods"} if "type" not in values.template else {}
        template: Raw = {**kind, **values.template, _CODE: code, "products": [["create", [product]]]}
        try:
            self.server.session.write(_TEMPLATE, "create", [template], context=self.server.context())
        except ErpUnreachable:
            # it may have been made before the answer was lost
            known = self._find(idempotency_key)
            if known is None:
                raise
            return known, True
        except ErpRefused as error:
            known = self._find(idempotency_key)
            if known is None:
                raise ErpRefused(f"product '{key}' was not created: {error}") from None
            return known, False  # another writer with the same key was faster: codes are unique
        known = self._find(idempotency_key)
        if known is None:
            raise ErpConflict(f"product '{key}' was created, and somebody deleted it meanwhile")
        return known, True

    def _update(self, key: str, known: _Known, values: _Values, language: str, lock: Mapping[str, Raw] | None) -> None:
        """One call, so one transaction: the template, and the variant through it."""
        code = values.template.pop(_CODE, None)
        if code is not None and code != known.record.get(_CODE):
            if known.record.get(_SUFFIX):
                raise ErpRefused(f"product '{key}': its code has a suffix, and changes in Tryton alone")
            values.template[_CODE] = code
        template = dict(values.template)
        if values.product:
            template["products"] = [["write", [known.product], values.product]]
        if not template:
            return
        context = {**self.server.context(), "language": language, **({"_timestamp": lock} if lock is not None else {})}
        try:
            self.server.session.write(_TEMPLATE, "write", [known.template], template, context=context)
        except ErpConflict as error:
            raise ErpConflict(f"product '{key}': {error}") from None
        except ErpRefused as error:
            raise ErpRefused(f"product '{key}' was not updated: {error}") from None

    # ---- values ----
    def _values(self, places: Sequence[tuple[_Place, object]], language: str | None, known: _Known | None) -> _Values:
        values = _Values()
        for place, value in places:
            if place.language != language:
                continue
            target = values.of(place.model)
            if place.kind == "dict":
                current = target.get(place.name, known.record.get(place.name) if known is not None else None)
                members = dict(current) if isinstance(current, Mapping) else {}
                target[place.name] = {**members, place.rest: _sent(value)}
            elif place.members is not None:
                target[place.name] = self._rows(place, value, known)
            elif place.rest:
                target[place.name] = self._related(place, value, known)
            else:
                target[place.name] = _plain(place.kind, value)
        return values

    def _related(self, place: _Place, value: object, known: _Known | None) -> Raw:
        """The ids of related records, found by one of their fields."""
        wanted = _texts(place, value)
        model = str(place.definition.get("relation"))
        found: dict[Raw, int] = {}
        if wanted:
            domain: Raw = [[place.rest, "in", [*wanted]]]
            rows = self.server.session.records(
                model, "search_read", domain, 0, None, None, [place.rest], context=self.server.context()
            )
            plan = plan_path(place.rest, model, self.server.fields_of)
            found = {plan.value(one): number_of(one, "id") for one in rows}
        missing = [one for one in wanted if one not in found]
        if missing:
            raise ErpRefused(
                f"path '{place.path}': Tryton has no {model} with {place.rest} {', '.join(map(repr, missing))}; "
                "make it there first, or mend the draft"
            )
        ids = [found[one] for one in wanted]
        if place.kind in TO_ONE:
            return ids[0] if ids else None
        before = self._ids(place, known) if known is not None else []
        gone: list[Raw] = [one for one in before if one not in ids]
        new: list[Raw] = [one for one in ids if one not in before]
        return _actions(("remove", gone), ("add", new))

    def _rows(self, place: _Place, value: object, known: _Known | None) -> Raw:
        """The rows of a draft in place of those that are there; the mark of the key stays."""
        try:
            lines = read_lines(value)
        except Unreadable as error:
            raise ErpRefused(f"path '{place.path}' of the draft {error}") from None
        fields = self.server.fields_of(str(place.definition.get("relation")))
        rows: list[Raw] = [
            {name: _plain(str(fields.get(name, {}).get("type")), cell) for name, cell in line.items()} for line in lines
        ]
        before: list[Raw] = [*(self._ids(place, known) if known is not None else [])]
        return _actions(("delete", before), ("create", rows))

    def _ids(self, place: _Place, known: _Known) -> list[int]:
        at = known.product if place.model == _PRODUCT else known.template
        names: Raw = [f"{place.name}.rec_name", *([f"{place.name}.code"] if place.name == _IDENTIFIERS else [])]
        (record,) = self.server.session.records(place.model, "read", [at], names, context=self.server.context())
        rows = record.get(f"{place.name}.")
        return [
            number_of(one, "id")
            for one in (rows if isinstance(rows, list) else [])
            if isinstance(one, Mapping) and not text_of(one, "code").startswith(MARK)
        ]


def _actions(*every: tuple[str, list[Raw]]) -> Raw:
    """What Tryton is told to do with the records of a relation."""
    return [[what, records] for what, records in every if records]


def _stamps(record: Record, product: int, template: int) -> dict[str, Raw]:
    above = record.get("template.")
    stamp = above.get("_timestamp") if isinstance(above, Mapping) else None
    return {f"{_PRODUCT},{product}": record.get("_timestamp"), f"{_TEMPLATE},{template}": stamp}


def _lock(version: str) -> Mapping[str, Raw]:
    try:
        found: object = json.loads(version)
    except ValueError:
        found = None
    if isinstance(found, dict):
        # the cast: JSON gives no other keys than texts
        stamps = cast("dict[str, object]", found)
        if stamps and all(isinstance(one, str) for one in stamps.values()):
            return {name: str(stamp) for name, stamp in stamps.items()}
    raise ConfigurationError("if_version is not a version of this adapter; take it from the `ErpRef` of the product")


def _texts(place: _Place, value: object) -> list[Raw]:
    """What a relation is found by."""
    if value is None:
        return []
    # the cast: what is inside is looked at one by one
    many = [*cast("Iterable[object]", value)] if isinstance(value, list | tuple | set | frozenset) else [value]
    if place.kind in TO_ONE and len(many) > 1:
        raise ErpRefused(f"path '{place.path}' leads to one record; a draft has one value there, not {len(many)}")
    return sorted((_sent(one) for one in many), key=str)


def _plain(kind: str, value: object) -> Raw:
    """A value as a field of this kind takes it. A float of Tryton is sent as one, by the digits of the draft."""
    sent = _sent(value)
    if kind == "float" and isinstance(sent, Decimal | int) and not isinstance(sent, bool):
        return float(sent)
    if kind == "numeric" and isinstance(sent, int) and not isinstance(sent, bool):
        return Decimal(sent)
    return sent


def _sent(value: object) -> Raw:
    if isinstance(value, float):
        return Decimal(repr(value))
    if value is None or isinstance(value, str | int | Decimal | date | timedelta | bytes):
        return value
    raise ErpRefused(f"a {type(value).__name__} cannot be written to Tryton; give a text, a number, a day or nothing")
