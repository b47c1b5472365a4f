"""Products born in the PIM: from a draft to a template, its variant, or both, once for each key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, cast

from attrs import define, field, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._readers import Unreadable, read_lines
from akeneo_erp_bridge.erp._tryton._paths import MARK, TO_ONE, PathPlan, plan_path
from akeneo_erp_bridge.erp._tryton._places import ABOVE, CODE, PRODUCT, TEMPLATE, Place
from akeneo_erp_bridge.erp._tryton._rpc import Raw, Record
from akeneo_erp_bridge.erp._tryton._server import TrytonServer, number_of, text_of
from akeneo_erp_bridge.erp.interfaces import ErpRef, WriteResult
from akeneo_erp_bridge.errors import ConfigurationError, ErpConflict, ErpRefused, ErpUnreachable

_SUFFIX: Final = "suffix_code"
_IDENTIFIERS: Final = "identifiers"


@define
class _Values:
    """What goes into the template and into the variant, in one language."""

    template: dict[str, Raw] = field(factory=dict[str, Raw])
    product: dict[str, Raw] = field(factory=dict[str, Raw])

    def of(self, model: str) -> dict[str, Raw]:
        return self.product if model == PRODUCT else self.template


@frozen
class _Known:
    """A product that is there."""

    ref: ErpRef
    product: int
    template: int
    record: Record

    @property
    def above(self) -> _Above:
        """Its template."""
        return _Above(self.template, text_of(_record(self.record.get("template.")), CODE))


@frozen
class _Above:
    """A template that is there."""

    number: int
    code: str

    def suffix(self, key: str, code: str) -> str:
        """What a variant of this code has beside the code of its template."""
        if not code.startswith(self.code) or code == self.code:
            raise ErpRefused(
                f"product '{key}': in Tryton the code of a variant begins with that of its template, which is '{self.code}', and "
                f"'{code}' does not; take the template's code away, or give the variant another one"
            )
        return code.removeprefix(self.code)


@frozen
class ProductWriter:
    """Writes products through one connection, or templates where that is the `model`.

    A template without variants has no place for the mark of its key, but in a variant that has nothing else. It is made in the
    same transaction, and archived in the next, as Tryton lets nobody make an archived one.
    """

    server: TrytonServer
    key: PathPlan
    model: str = PRODUCT

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
        above = self._above(key, row[ABOVE], known) if self.model == PRODUCT and ABOVE in row else None
        paths = {path: value for path, value in row.items() if self.model != PRODUCT or path != ABOVE}
        places = [(Place.of(self.server, path, self.model), value) for path, value in paths.items()]
        self.server.check_languages(one.language for one, _ in places if one.language is not None)
        languages = sorted({one.language for one, _ in places if one.language is not None})
        created = known is None
        if known is None:
            known, created = self._create(key, self._values(places, None, None), idempotency_key, above)
        if not created:
            values = self._values(places, None, known)
            if above is not None and above.number != known.template:
                values.product["template"] = above.number  # Tryton says itself that it moves none
            self._update(key, known, values, self.server.language, lock)
        if self.model == TEMPLATE and known.record.get("active"):
            self.server.session.write(
                PRODUCT, "write", [known.product], {"active": False}, context=self.server.context()
            )
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
        domain: Raw = [["code", "=", self._mark(idempotency_key)], ["product", "!=", None]]
        order: Raw = [["id", "ASC"]]
        found = self.server.session.records(
            "product.identifier", "search_read", domain, 0, 1, order, ["product"], context=context
        )
        if not found:
            return None
        base = "template." if self.model == TEMPLATE else ""
        key = [f"{base}{name}" for name in self.key.asked]
        names: Raw = sorted({*key, CODE, _SUFFIX, "template.code", "active", "template", "attributes" if self._has("attributes") else CODE,
                             "_timestamp", "template._timestamp"})  # fmt: skip
        ids: Raw = [number_of(found[0], "product")]
        (record,) = self.server.session.records(PRODUCT, "read", ids, names, context=context)
        product, template = number_of(record, "id"), number_of(record, "template")
        version = json.dumps(_stamps(record, product, template), sort_keys=True)
        there = record.get("template.") if base else record
        return _Known(ErpRef(ErpKey(str(self.key.value(_record(there)))), version), product, template, record)

    def _mark(self, key: str) -> str:
        return f"{MARK}template:{key}" if self.model == TEMPLATE else f"{MARK}{key}"

    def _named(self, key: str, values: _Values) -> str:
        """As people know it: a new template may have its number from Tryton."""
        return f"product '{key}'" if self.model == PRODUCT else f"template '{values.template.get('name')}'"

    def _has(self, name: str) -> bool:
        return name in self.server.fields_of(PRODUCT)

    def _above(self, key: str, named: object, known: _Known | None) -> _Above | None:
        """The template that a draft names."""
        if named is None and known is not None:
            raise ErpRefused(
                f"product '{key}' cannot leave its template '{known.template}': Tryton never moves a variant; archive it there, "
                "and make another product"
            )
        if named is None:
            return None
        text = str(named)
        domain: Raw = [["id", "=", int(text) if text.isdecimal() else -1], ["active", "in", [True, False]]]
        found = self.server.session.records(
            TEMPLATE, "search_read", domain, 0, 1, None, [CODE], context=self.server.context()
        )
        if not found:
            raise ErpRefused(f"path '{ABOVE}': Tryton has no {TEMPLATE} with id {text!r}; make it there first")
        return _Above(number_of(found[0], "id"), text_of(found[0], CODE))

    def _create(self, key: str, values: _Values, idempotency_key: str, above: _Above | None) -> tuple[_Known, bool]:
        code = values.template.pop(CODE, None)
        mark: Raw = {"type": None, "code": self._mark(idempotency_key)}
        rows = values.product.pop(_IDENTIFIERS, None)
        identifiers: Raw = [["create", [mark]], *(rows if isinstance(rows, list) else [])]
        product: dict[str, Raw] = {**values.product, _IDENTIFIERS: identifiers}
        kind: dict[str, Raw] = {"type": "goods"} if "type" not in values.template else {}
        if self.model == TEMPLATE:
            template: dict[str, Raw] = {**kind, **values.template, **({CODE: code} if code else {})}
        elif above is None:
            template = {**kind, **values.template, CODE: code or idempotency_key}
        else:
            product[_SUFFIX] = above.suffix(key, str(code)) if code else idempotency_key
            template = dict(values.template)
        template["products"] = [["create", [product]]]
        try:
            if above is None:
                self.server.session.write(TEMPLATE, "create", [template], context=self.server.context())
            else:
                self.server.session.write(TEMPLATE, "write", [above.number], template, context=self.server.context())
        except ErpUnreachable:
            # it may have been made before the answer was lost
            known = self._find(idempotency_key)
            if known is None:
                raise
            return known, True
        except ErpRefused as error:
            known = self._find(idempotency_key)
            if known is None:
                raise ErpRefused(f"{self._named(key, values)} was not created: {error}") from None
            return known, False  # another writer with the same key was faster: codes are unique
        known = self._find(idempotency_key)
        if known is None:
            raise ErpConflict(f"product '{key}' was created, and somebody deleted it meanwhile")
        return known, True

    def _update(self, key: str, known: _Known, values: _Values, language: str, lock: Mapping[str, Raw] | None) -> None:
        """One call, so one transaction: the template, and the variant through it."""
        code = values.template.pop(CODE, None) if self.model == PRODUCT else None
        if code is not None and code != known.record.get(CODE):
            if known.record.get(_SUFFIX):
                values.product[_SUFFIX] = known.above.suffix(key, str(code))
            else:
                values.template[CODE] = code
        template = dict(values.template)
        if values.product:
            template["products"] = [["write", [known.product], values.product]]
        if not template:
            return
        context = {**self.server.context(), "language": language, **({"_timestamp": lock} if lock is not None else {})}
        try:
            self.server.session.write(TEMPLATE, "write", [known.template], template, context=context)
        except ErpConflict as error:
            raise ErpConflict(f"product '{key}': {error}") from None
        except ErpRefused as error:
            raise ErpRefused(f"product '{key}' was not updated: {error}") from None

    # ---- values ----
    def _values(self, places: Sequence[tuple[Place, object]], language: str | None, known: _Known | None) -> _Values:
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

    def _related(self, place: Place, value: object, known: _Known | None) -> Raw:
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

    def _rows(self, place: Place, value: object, known: _Known | None) -> Raw:
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

    def _ids(self, place: Place, known: _Known) -> list[int]:
        at = known.product if place.model == PRODUCT else known.template
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


def _record(found: Raw) -> Record:
    return found if isinstance(found, Mapping) else {}


def _stamps(record: Record, product: int, template: int) -> dict[str, Raw]:
    above = record.get("template.")
    stamp = above.get("_timestamp") if isinstance(above, Mapping) else None
    return {f"{PRODUCT},{product}": record.get("_timestamp"), f"{TEMPLATE},{template}": stamp}


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


def _texts(place: Place, value: object) -> list[Raw]:
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
