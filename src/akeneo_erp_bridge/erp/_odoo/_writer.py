"""Writes records to Odoo by its import, `load`, which finds what it made before by an external id."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, TypeAlias

from attrs import define, field, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._odoo._catalogue import Catalogue
from akeneo_erp_bridge.erp._odoo._paths import PathPlan
from akeneo_erp_bridge.erp._odoo._records import RecordReader, number_of
from akeneo_erp_bridge.erp._odoo._session import OdooSession
from akeneo_erp_bridge.erp._odoo._values import MOMENT, TO_MANY, TO_ONE
from akeneo_erp_bridge.erp._odoo._wire import Raw
from akeneo_erp_bridge.erp._readers import read_key
from akeneo_erp_bridge.erp.interfaces import ErpRef, WriteResult
from akeneo_erp_bridge.errors import ErpRefused, ErpUnreachable

OdooInput: TypeAlias = "str | int | bool | Decimal | date | datetime | bytes | Sequence[int] | None"

_MODULE: Final = "akeneo_erp_bridge"
_STAMPS: Final = ("write_date", "product_tmpl_id.write_date")
# PostgreSQL's words for two transactions that wanted the same; Odoo's import hands them on as a refusal
_RACE: Final = "could not serialize access"
_PAUSES: Final = (0.2, 0.4, 0.8, 1.6, 3.2)  # seconds
_PLAIN: Final = re.compile(r"[^A-Za-z0-9-]")


@frozen
class OdooDraft:
    """What to write to one record, by path.

    >>> from decimal import Decimal
    >>> draft = OdooDraft({"default_code": "PIM-1", "name": "Drill", "name@fr_FR": "Perceuse", "list_price": Decimal("9.90")})

    A path is a field of the model (``name``), a text in another language (``name@fr_FR``), or a field of the one
    record that a relation shall lead to (``categ_id.complete_name``), which must be there already. Relations also
    take ids: a number for one record, a list of them for many. `None` empties a field; what is not named stays.
    A moment has a zone, a picture is bytes.

    **Which record.** The one that was made with the same idempotency key; it is an external id in Odoo, where it is
    unique. Else a new one, unless a record has the draft's value for the key of the item class: that record is taken
    over where `if_version` is its version, and else refused, so that no number is given twice. A draft for
    ``product.product`` makes a template with one variant; what a variant shares with its template changes for all. Attribute
    lines are not written, and without them Odoo gives a template no second variant.

    **Versions.** `write_date` of the record, and of its template. Odoo compares no versions itself, so a change in
    the moment between our look and our write is not seen; nor is one within the same second.

    A draft without other languages is written in one transaction. One more follows for each language; where that
    fails, the same draft with the same key goes on. The user must be allowed to read `ir.model.data`: in
    Odoo 14 each user is, in Odoo 19 the group "Access Rights".
    """

    values: Mapping[str, OdooInput] = field(factory=dict[str, OdooInput])


@define
class OdooWriter:
    """Writes to one model."""

    session: OdooSession
    known: Catalogue
    model: str
    key_path: str

    def find(self, idempotency_key: str) -> ErpRef | None:
        """The record with this key."""
        number = self._number(idempotency_key)
        return None if number is None else self._ref([["id", "=", number]]).get(number)

    def write(self, draft: OdooDraft, idempotency_key: str, if_version: str | None) -> WriteResult:
        """Create or update one record."""
        if not idempotency_key:
            raise ErpRefused(f"a draft for {self.model} has no idempotency key; give one that is its own")
        columns = self._columns(draft)
        number = self._number(idempotency_key)
        if number is not None:
            self._compare(self._ref([["id", "=", number]]).get(number), if_version)
        was_there = number is not None or self._taken_over(draft, idempotency_key, if_version)
        self._load(idempotency_key, columns.pop("", {}), self.known.language, is_new=not was_there)
        for language, texts in columns.items():
            self._load(idempotency_key, texts, language, is_new=False)
        written = self.find(idempotency_key)
        if written is None:
            raise ErpRefused(f"{self.model} {self._name(idempotency_key)} was written, and is gone again")
        return WriteResult(written, created=not was_there)

    # ---- which record ----
    def _number(self, key: str) -> int | None:
        rows = self.session.records(
            "ir.model.data",
            "search_read",
            domain=[["module", "=", _MODULE], ["name", "=", self._name(key)]],
            fields=["res_id"],
            limit=1,
        )
        number = rows[0].get("res_id") if rows else None
        return number if isinstance(number, int) and number else None

    def _name(self, key: str) -> str:
        """The key as the name of an external id, which takes few characters. Different keys have different names."""
        model = self.model.replace(".", "_")
        plain = _PLAIN.sub(lambda found: "".join(f"_{byte:02x}" for byte in found.group().encode()), key)
        return f"{model}__{plain}"

    def _ref(self, domain: list[Raw]) -> dict[int, ErpRef]:
        fields = self.known.fields_of(self.model)
        stamps = [one for one in _STAMPS if one.partition(".")[0] in fields]
        plans = self.known.plans(self.model, {self.key_path, *stamps})
        reader = RecordReader(self.session, self.known.fields_of, self.known.context)
        every: list[Raw] = [["active", "in", [True, False]]] if "active" in fields else []
        rows = reader.rows(self.model, reader.search(self.model, [*every, *domain], plans, 10), plans)
        refs: dict[int, ErpRef] = {}
        for number, row in rows.items():
            told = [moment.strftime(MOMENT) for one in stamps if isinstance(moment := row[one], datetime)]
            refs[number] = ErpRef(ErpKey(read_key(row[self.key_path])), " ".join(told))
        return refs

    def _compare(self, found: ErpRef | None, if_version: str | None) -> None:
        if found is not None and if_version is not None and found.version != if_version:
            raise ErpRefused(
                f"{self.model} '{found.key}' has changed in Odoo since it was read (version {found.version}, "
                f"not {if_version}); read it again"
            )

    def _taken_over(self, draft: OdooDraft, key: str, if_version: str | None) -> bool:
        """Whether a record with the draft's own number is there, and is now known by the idempotency key."""
        value = draft.values.get(self.key_path)
        if not isinstance(value, str | int) or value == "":
            return False
        same = self._ref([[self.key_path, "=", value]])
        if not same:
            return False
        ours = self._number(key)
        if ours is not None and ours in same:
            # another writer with this key was faster: between our look for the key and our look for the number
            self._compare(same[ours], if_version)
            return True
        numbers = ", ".join(map(str, sorted(same)))
        if len(same) > 1:
            raise ErpRefused(
                f"{self.model} has {len(same)} records with {self.key_path} '{value}' (ids {numbers}), none of them "
                "made with this key; leave the number to one of them"
            )
        ((number, ref),) = same.items()
        if if_version is None:
            raise ErpRefused(
                f"{self.model} has a record with {self.key_path} '{value}' (id {numbers}) that was not made with this "
                "key; to take it over give its version, or choose another number"
            )
        self._compare(ref, if_version)
        values: dict[str, Raw] = {"module": _MODULE, "name": self._name(key), "model": self.model, "res_id": number}
        try:
            self.session.call("ir.model.data", "create", vals_list=[{**values, "noupdate": True}])
        except ErpRefused:
            if self._number(key) != number:  # not made by us before, nor by the try whose answer was lost
                raise
        return True

    # ---- how it is written ----
    def _columns(self, draft: OdooDraft) -> dict[str, dict[str, str]]:
        """The columns of `load` and their texts, by language; ``""`` is the adapter's own."""
        columns: dict[str, dict[str, str]] = {"": {}}
        for plan in self.known.plans(self.model, draft.values):
            name, text = self._column(plan, draft.values[plan.path])
            columns.setdefault(plan.language or "", {})[name] = text
        return columns

    def _column(self, plan: PathPlan, value: OdooInput) -> tuple[str, str]:
        name = plan.steps[0]
        own = self.known.fields_of(self.model)[name]
        if own.readonly or plan.axis is not None or plan.is_size or len(plan.steps) > 2:
            raise ErpRefused(f"path '{plan.path}': Odoo does not let {self.model} be written there; leave it out")
        if value is None:
            return name, ""
        if len(plan.steps) == 2:
            return f"{name}/.id", str(self._related(plan, value))
        if own.kind in TO_ONE | TO_MANY:
            ids = [value] if isinstance(value, int) else list(value) if isinstance(value, list | tuple) else None
            if ids is None or isinstance(value, bool):
                raise self._wrong(plan, value, "an id, or several in a list")
            return f"{name}/.id", ",".join(map(str, ids))
        return name, self._text(plan, value)

    def _related(self, plan: PathPlan, value: OdooInput) -> int:
        """The one record that holds this value; a relation never makes a new one."""
        target = str(self.known.fields_of(self.model)[plan.steps[0]].relation)
        if not isinstance(value, str | int) or plan.is_many:
            raise self._wrong(plan, value, "a text or a whole number, for a relation to one record")
        context = {**self.known.context, **({"lang": plan.language} if plan.language else {})}
        domain: Raw = [[plan.steps[1], "=", value]]
        rows = self.session.records(target, "search_read", domain=domain, fields=["id"], limit=2, context=context)
        if len(rows) != 1:
            seen = "several records" if rows else "no record"
            raise ErpRefused(
                f"path '{plan.path}': {target} has {seen} with '{value}'; name the id, or make the record in Odoo first"
            )
        return number_of(rows[0])

    def _text(self, plan: PathPlan, value: OdooInput) -> str:
        match plan.field.kind, value:
            case "boolean", bool():
                return "1" if value else "0"
            case (("float" | "monetary"), Decimal() | int()) if not isinstance(value, bool):
                return format(value, "f") if isinstance(value, Decimal) else str(value)
            case "integer", int() if not isinstance(value, bool):
                return str(value)
            case "datetime", datetime() if value.tzinfo is not None:
                return value.astimezone(UTC).strftime(MOMENT)
            case "date", date() if not isinstance(value, datetime):
                return value.isoformat()
            case "binary", bytes():
                return base64.b64encode(value).decode()
            case (("char" | "text" | "html" | "selection"), str()):
                return value
            case kind, _:
                raise self._wrong(plan, value, f"what a field of kind {kind} holds")

    def _wrong(self, plan: PathPlan, value: OdooInput, wanted: str) -> ErpRefused:
        return ErpRefused(
            f"path '{plan.path}' of {self.model} is {plan.field.kind} and was given {type(value).__name__} "
            f"{str(value)[:60]!r}, which is not {wanted}"
        )

    def _load(self, key: str, columns: Mapping[str, str], language: str, *, is_new: bool) -> None:
        """Odoo's import of one row. Sent again, after a lost answer or a lost race, it finds what was made."""
        said = self._refusal(key, columns, language)
        for pause in _PAUSES:
            if not said:
                return
            if _RACE not in said and not (is_new and self._number(key) is not None):
                number = columns.get(self.key_path, key)
                raise ErpRefused(f"{self.model} '{number}': Odoo refused it: {self.session.safe(said)}")
            self.session.sleep(pause * (0.5 + secrets.randbelow(1000) / 1000))  # or all who lost meet again
            said = self._refusal(key, columns, language)
        if said:
            raise ErpUnreachable(f"{self.model} '{key}' is being written by others all the time; try again later")

    def _refusal(self, key: str, columns: Mapping[str, str], language: str) -> str:
        names: list[Raw] = ["id", *columns]
        row: list[Raw] = [f"{_MODULE}.{self._name(key)}", *columns.values()]
        context: Raw = {**self.known.context, "lang": language}
        answer = self.session.call(self.model, "load", fields=names, data=[row], context=context)
        told = answer.get("messages") if isinstance(answer, Mapping) else None
        if isinstance(answer, Mapping) and answer.get("ids") and not told:
            return ""
        messages = [_message(one) for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
        return "; ".join(messages) or "without a reason"


def _message(told: Mapping[str, Raw]) -> str:
    place = told.get("field")
    return f"{place}: {told.get('message')}" if place else str(told.get("message"))
