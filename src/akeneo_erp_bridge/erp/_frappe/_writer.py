"""`FrappeWriter`: the same adapter, which creates and updates documents too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._frappe._adapter import FrappeAdapter
from akeneo_erp_bridge.erp._frappe._rows import Beside
from akeneo_erp_bridge.erp._frappe._site import Filter, FrappeSite, Wire
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._readers import read_key
from akeneo_erp_bridge.erp.interfaces import ErpRef, WriteResult
from akeneo_erp_bridge.errors import ErpConflict, ErpRefused, ErpUnreachable

ItemT = TypeVar("ItemT", bound=ErpItem)

_OVERLAP: Final = timedelta(minutes=10)


class FrappeWriter(FrappeAdapter[ItemT]):
    """A `FrappeAdapter` that is an `ItemWriter`: for products that are born in the PIM.

    ::

        erp = FrappeWriter(site, Article, doctype="Item", idempotency_field="custom_pim_key")
        erp.write_item(Article({"item_code": "DR-9", "item_group": "Drills", "stock_uom": "Nos"}),
                       idempotency_key="pim-4711", if_version=None)

    `idempotency_field` is a field of text that keeps the key of each item we make: a custom field of yours, marked unique, or
    ``item_code`` where the key is the code.

    An update carries the ``modified`` that it was told, or that it found; what somebody else saved meanwhile raises
    `ErpConflict` (Frappe's TimestampMismatchError). A draft holds what is to be written, by the names of the ERP; a table in
    it takes the place of the whole table.

    >>> import httpx, json
    >>> from akeneo_erp_bridge.erp import cold
    >>> class Article(ErpItem):
    ...     code = cold(str, "item_code", key=True)
    >>> def answer(request):  # a site without items, which keeps what it is sent
    ...     if request.method == "POST":
    ...         return httpx.Response(200, json={"data": {**json.loads(request.content), "modified": "2026-05-04 10:12:00"}})
    ...     return httpx.Response(200, json={"data": [], "docs": [{"name": "Item", "fields": [{"fieldname": "item_code"}]}]})
    >>> site = FrappeSite("https://erp.example.com", "a key", "a secret", transport=httpx.MockTransport(answer))
    >>> erp = FrappeWriter(site, Article, idempotency_field="item_code")
    >>> erp.write_item(Article({"item_code": "DR-9"}), idempotency_key="DR-9", if_version=None)
    WriteResult(ref=ErpRef(key='DR-9', version='2026-05-04 10:12:00'), created=True)

    Source: Frappe's documentation, "REST API" (create, update).
    """

    def __init__(
        self,
        site: FrappeSite,
        item: type[ItemT],
        *,
        idempotency_field: str,
        doctype: str = "Item",
        where: Sequence[Filter] = (),
        beside: Mapping[str, Beside] | None = None,
        deletions: bool = True,
        overlap: timedelta = _OVERLAP,
    ) -> None:
        super().__init__(site, item, doctype=doctype, where=where, beside=beside, deletions=deletions, overlap=overlap)
        self._idempotency_field = idempotency_field

    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        """The document that holds the key. Raises `ErpConflict` where several do."""
        found = self._found(idempotency_key)
        return None if found is None else self._ref(found)

    def write_item(self, draft: ItemT, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        """Create the document of this key, or update it.

        Raises `ErpConflict` where it is not as `if_version` says, `ErpRefused` for a field that is not there or may not be
        written, and `ErpUnreachable` where nobody knows whether it was written: the same call finds out.
        """
        body = self._body(draft)
        found = self._found(idempotency_key)
        if found is not None:
            version = if_version or str(found.get("modified"))
            wire = self.site.write(self._doctype, str(found.get("name")), {**body, "modified": version})
            return WriteResult(self._ref({**found, **wire}), created=False)
        if if_version is not None:
            raise ErpConflict(
                f"{self._doctype}: no item has the key {idempotency_key!r} any more; it was deleted meanwhile"
            )
        try:
            made = self.site.write(self._doctype, None, {**body, self._idempotency_field: idempotency_key})
        except ErpUnreachable:
            kept = self._found(idempotency_key)  # the answer was lost, and perhaps no more than that
            if kept is None:
                raise
            made = kept
        return WriteResult(self._ref(made), created=True)

    # ---- inside ----
    def _found(self, idempotency_key: str) -> Wire | None:
        kind = self.site.doctype(self._doctype)
        if self._idempotency_field not in kind.fields:
            raise ErpRefused(
                f"{self._doctype} has no field '{self._idempotency_field}'; make it a custom field of type Data, and unique"
            )
        names = sorted({"name", "modified", self._idempotency_field, self._item.key_spec().path})
        rows = self.site.rows(self._doctype, names, [(self._idempotency_field, "=", idempotency_key)], "name asc", 3)
        # the database minds no case
        same = [row for row in rows if row.get(self._idempotency_field) == idempotency_key]
        if len(same) > 1:
            told = " and ".join(str(row.get("name")) for row in same)
            raise ErpConflict(
                f"{self._doctype} {told} both have the key {idempotency_key!r}; take it away from one of them"
            )
        return same[0] if same else None

    def _body(self, draft: ItemT) -> dict[str, object]:
        kind = self.site.doctype(self._doctype)
        for name in draft.row:
            one = kind.fields.get(name)
            if one is None:
                raise ErpRefused(f"{self._doctype} has no field '{name}'; it has: {', '.join(sorted(kind.fields))}")
            if not one.writable:
                raise ErpRefused(f"{self._doctype}: field '{name}' is set by Frappe alone; leave it out of the draft")
        return dict(draft.row)

    def _ref(self, wire: Wire) -> ErpRef:
        modified = wire.get("modified")
        key = ErpKey(read_key(wire.get(self._item.key_spec().path)))
        return ErpRef(key, modified if isinstance(modified, str) else None)
