"""`ODataWriter`: the same adapter, which creates and updates entities too."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeVar

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._http._json import lines, members
from akeneo_erp_bridge.erp._http._session import Answer
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._odata._adapter import ODataAdapter
from akeneo_erp_bridge.erp._odata._edm import EdmType
from akeneo_erp_bridge.erp._odata._entities import Wire, control, entities_of
from akeneo_erp_bridge.erp._odata._literals import WHOLE, key_predicate, literal
from akeneo_erp_bridge.erp._odata._service import ODataService, as_object
from akeneo_erp_bridge.erp._odata._words import refusal
from akeneo_erp_bridge.erp._readers import read_key
from akeneo_erp_bridge.erp.interfaces import ErpRef, WriteResult
from akeneo_erp_bridge.errors import ErpConflict, ErpRefused, ErpUnreachable
from akeneo_erp_bridge.rules import shown

ItemT = TypeVar("ItemT", bound=ErpItem)

_OVERLAP: Final = timedelta(minutes=10)
_AS_TEXT: Final = frozenset({"Edm.Decimal", "Edm.Int64"})


class ODataWriter(ODataAdapter[ItemT]):
    """An `ODataAdapter` that is an `ItemWriter`: for products that are born in the PIM.

    ::

        erp = ODataWriter(service, Article, entity_set="Items", idempotency_field="externalKey")
        made = erp.write_item(Article({"number": "DR-9", "name": "Drill"}), idempotency_key="pim-4711", if_version=None)

    `idempotency_field` is a text property of yours in the ERP that keeps the key of each item we make. Make it unique there:
    the service is asked for the key before an item is made, and two programs that ask at once both hear no.

    An update carries `If-Match` with the version it was told, or with the one it found; what somebody else changed
    meanwhile raises `ErpConflict`. A draft holds what is to be written, by the names of the ERP.

    >>> from akeneo_erp_bridge.erp import ItemWriter, cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> service = ODataService("https://erp.example.com/odata")
    >>> erp = ODataWriter(service, Article, entity_set="Items", idempotency_field="externalKey")
    >>> isinstance(erp, ItemWriter), isinstance(ODataAdapter(service, Article, entity_set="Items"), ItemWriter)
    (True, False)
    >>> service.close()

    Source: OASIS "OData Version 4.01. Part 1: Protocol", 11.4 (data modification), 8.2.4 (If-Match).
    """

    def __init__(
        self,
        service: ODataService,
        item: type[ItemT],
        *,
        entity_set: str,
        idempotency_field: str,
        changed_at: str | None = None,
        overlap: timedelta = _OVERLAP,
        track_changes: bool = False,
        tells_deletions: bool = True,
        where: str | None = None,
    ) -> None:
        super().__init__(
            service,
            item,
            entity_set=entity_set,
            changed_at=changed_at,
            overlap=overlap,
            track_changes=track_changes,
            tells_deletions=tells_deletions,
            where=where,
        )
        self._idempotency_field = idempotency_field

    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        """The item that holds the key. Raises `ErpConflict` where several do, which no program should choose among."""
        found = self._found(idempotency_key)
        return None if found is None else self._ref(found, None)

    def write_item(self, draft: ItemT, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        """Create the item of this key, or update it.

        Raises `ErpConflict` where the item is not as `if_version` says, `ErpRefused` for a property that the service does
        not have or does not let us write, and `ErpUnreachable` where nobody knows whether it was written: the same call
        finds out.
        """
        found = self._found(idempotency_key)
        if found is not None:
            return self._update(draft, found, if_version)
        if if_version is not None:
            raise ErpConflict(
                f"{self._set}: no item has the key {idempotency_key!r} any more; it was deleted meanwhile"
            )
        return self._create(draft, idempotency_key)

    # ---- inside ----
    def _kind(self) -> EdmType:
        model = self.service.model()
        return model.type_of(model.set_named(self._set).type_name)

    def _found(self, idempotency_key: str) -> Wire | None:
        paths = frozenset({self._item.key_spec().path, self._idempotency_field})
        # neither `where` nor a mapping hides what was made
        entities = entities_of(self.service, self.service.model(), self._set, paths, None)
        one = entities.kind.properties.get(self._idempotency_field)
        if one is None:
            raise ErpRefused(f"{self._set} has no property '{self._idempotency_field}'; it has: {entities.kind.names}")
        condition = f"{self._idempotency_field} eq {literal(idempotency_key, one.kind)}"
        found = [
            wire
            for wire in entities.page(entities.address(entities.options([condition], top="3"))).entities
            if wire.get(self._idempotency_field) == idempotency_key  # a service may not mind the case
        ]
        if len(found) > 1:
            names = " and ".join(entities.shown(one) for one in found)
            raise ErpConflict(f"{names} both have the key {idempotency_key!r}; take it away from one of them")
        return found[0] if found else None

    def _create(self, draft: ItemT, idempotency_key: str) -> WriteResult:
        body = {**self._body(draft, is_new=True), self._idempotency_field: idempotency_key}
        address = self.service.set_address(self._set, {})
        try:
            answer = self.service.write("POST", address, body, {"Prefer": "return=representation"})
        except ErpUnreachable:
            made = self._found(idempotency_key)  # the answer was lost, and perhaps no more than that
            if made is None:
                raise
            return WriteResult(self._ref(made, None), created=True)
        if answer.status not in (200, 201, 204):
            raise refusal(answer, f"a new item in {self._set}")
        return WriteResult(self._written(answer, idempotency_key), created=True)

    def _update(self, draft: ItemT, found: Wire, if_version: str | None) -> WriteResult:
        kind = self._kind()
        version = if_version or _version_of(found) or "*"
        body = self._body(draft, is_new=False)
        key = key_predicate(kind, found)
        headers = {"If-Match": version, "Prefer": "return=representation"}
        answer = self.service.write("PATCH", self.service.set_address(self._set, {}, key=key), body, headers)
        if answer.status not in (200, 204):
            raise refusal(answer, f"an update of {self._set}{key}")
        wire = as_object(answer.json(), self._set) if answer.content else found
        return WriteResult(self._ref({**found, **wire}, answer), created=False)

    def _written(self, answer: Answer, idempotency_key: str) -> ErpRef:
        if answer.content:
            return self._ref(as_object(answer.json(), self._set), answer)
        made = self._found(idempotency_key)
        if made is None:
            raise ErpRefused(
                f"{self._set}: the item was made, and is not found by {self._idempotency_field}; does the service keep that "
                "property?"
            )
        return self._ref(made, answer)

    def _ref(self, wire: Wire, answer: Answer | None) -> ErpRef:
        header = None if answer is None else answer.headers.get("etag")
        return ErpRef(ErpKey(read_key(wire.get(self._item.key_spec().path))), header or _version_of(wire))

    def _body(self, draft: ItemT, *, is_new: bool) -> dict[str, object]:
        kind = self._kind()
        body: dict[str, object] = {}
        for name, value in draft.row.items():
            if name in kind.keys and not is_new:
                continue
            one = kind.properties.get(name)
            if one is None and name not in kind.navigations:
                raise ErpRefused(f"{self._set} has no property '{name}'; it has: {', '.join(kind.names)}")
            if one is not None and (one.is_computed or (one.is_fixed and not is_new)):
                raise ErpRefused(f"{self._set}.{name} is set by the service alone; leave it out of the draft")
            body[name] = _wire(value, "" if one is None else one.kind)
        return body


def _version_of(wire: Wire) -> str | None:
    found = control(wire, "etag")
    return found if isinstance(found, str) else None


def _wire(value: object, kind: str) -> object:
    """A value as JSON has it; amounts and large numbers as texts, which `IEEE754Compatible=true` announces."""
    match value:
        case None | bool() | str():
            return value
        case datetime() | date():
            return literal(value, "Edm.DateTimeOffset")
        case Decimal() if kind in _AS_TEXT:
            return format(value, "f")
        case int() if kind in _AS_TEXT:
            return str(value)
        case Decimal() if value == value.to_integral_value() and kind in WHOLE:
            return int(value)
        case int():
            return value
        case _:
            inside, several = members(value), lines(value)
            if inside is not None:
                return {name: _wire(one, "") for name, one in inside.items()}
            if several is not None:
                return [_wire(one, kind) for one in several]
            raise ErpRefused(
                f"{shown(value)} is not written to {kind or 'a relation'} here; give a text or a whole number"
            )
