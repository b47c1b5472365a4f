"""The simple resources (families, attributes, channels ...): one merge rule, driven by their schemas."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator

from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, text, texts
from akeneo_erp_bridge.testing.pim._refusal import (
    Refusal,
    Violation,
    invalid,
    not_found,
    structure,
    unknown_property,
    wrong_kind,
)
from akeneo_erp_bridge.testing.pim._schema import SCHEMAS, Property
from akeneo_erp_bridge.testing.pim._structure import StructureRules
from akeneo_erp_bridge.testing.pim._world import World

CODE = re.compile(r"[a-zA-Z0-9_]+")
WORDS = {
    "family": "Family",
    "family_variant": "Family variant",
    "attribute": "Attribute",
    "option": "Attribute option",
    "attribute_group": "Attribute group",
    "association_type": "Association type",
    "category": "Category",
    "channel": "Channel",
    "locale": "Locale",
    "currency": "Currency",
    "measurement_family": "Measurement family",
}


class Entities:
    """Reads and writes the simple resources. *owner* is the family of a variant, or the attribute of an option."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rules = StructureRules(world)

    def get(self, kind: str, code: str, owner: str | None = None) -> JsonObject:
        """A stored object; refuses with 404."""
        found = self._world.find(kind, table_key(kind, code, owner))
        if found is None or (kind == "family_variant" and text(found, "family").lower() != (owner or "").lower()):
            raise not_found(f'{WORDS[kind]} "{code}" does not exist.')
        return found

    def all(self, kind: str, owner: str | None = None) -> Iterator[JsonObject]:
        """All stored objects of a kind, or of one owner."""
        table = self._world.tables[kind]
        if kind == "option":
            found = list(table.values(prefix=f"{owner}\x00"))
            return iter(sorted(found, key=lambda one: (one["sort_order"], text(one, "code").lower())))
        if kind == "family_variant":
            return (one for one in table.values() if text(one, "family").lower() == (owner or "").lower())
        return table.values()

    def create(self, kind: str, body: JsonObject, owner: str | None = None) -> str:
        """POST: refuses a code that is taken. Gives the code."""
        code = body.get("code")
        if code is None or code == "":
            raise invalid([Violation("code", "This value should not be blank.")])
        if not isinstance(code, str):
            raise wrong_kind("code", "string", code)
        if self._world.find(kind, table_key(kind, code, owner)) is not None:
            raise invalid([Violation("code", "This value is already used.")])
        self.upsert(kind, code, body, owner)
        return code

    def upsert(self, kind: str, code: str, body: JsonObject, owner: str | None = None) -> bool:
        """PATCH one; tells whether it was created."""
        sent = body.get("code", code)
        if isinstance(sent, str) and sent.lower() != code.lower():
            raise Refusal(
                422,
                f'The code "{sent}" provided in the request body must match the code "{code}" provided in the url.',
            )
        key = table_key(kind, code, owner)
        old = self._world.find(kind, key)
        if old is not None and kind == "family_variant" and text(old, "family").lower() != (owner or "").lower():
            raise not_found(f'{WORDS[kind]} "{code}" does not exist.')
        new = self._merge(kind, code, body, old)
        if owner is not None:
            new["attribute" if kind == "option" else "family"] = owner
        violations = list(_code_violations(kind, code)) if old is None else []
        violations += self._frozen(kind, body, old)
        # a rule may read what another one guarantees, so the first broken group ends it
        if not violations:
            violations = self._rules.check(kind, new, old, body)
        if violations:
            raise invalid(violations)
        self._save(kind, key, new, old, body)
        return old is None

    def delete_family(self, code: str) -> None:
        """DELETE a family; one in use is refused."""
        family = self.get("family", code)
        name = text(family, "code")
        if next(self.all("family_variant", name), None) is not None:
            raise Refusal(422, f'Can not remove family "{name}" because it is linked to family variants.')
        if any(product.family == name for product in self._world.products.values()):
            raise Refusal(422, f'Family "{name}" could not be removed as it still has products')
        self._world.tables["family"].remove(name)

    def show(self, kind: str, stored: JsonObject) -> JsonObject:
        """What a GET shows."""
        shown = self._rules.show(kind, dict(stored))
        if self._world.behaviour.empty_maps == "array":
            for name, value in shown.items():
                if value == {}:
                    shown[name] = []
        return shown

    def _save(self, kind: str, key: str, new: JsonObject, old: JsonObject | None, body: JsonObject) -> None:
        changed = old is None or new != old
        if changed:
            new["updated"] = self._world.now()
            self._world.tables[kind].put(key, new)
        self._rules.after(kind, new, body)

    def _merge(self, kind: str, code: str, body: JsonObject, old: JsonObject | None) -> JsonObject:
        schema = SCHEMAS[kind]
        new: JsonObject = copy.deepcopy(old) if old is not None else _defaults(schema, code)
        for name, value in body.items():
            known = schema.get(name)
            if known is None:
                raise unknown_property(name)
            if known.read_only or name == "code":
                if name == "code":
                    check_kind(name, known, value)
                continue
            new[name] = self._merged(kind, name, known, new.get(name), value)
        return new

    def _merged(self, kind: str, name: str, known: Property, old: JsonValue, value: JsonValue) -> JsonValue:
        check_kind(name, known, value)
        if name == "labels" or name == "guidelines":
            return self._labels(name, old, value)
        if known.kind == "object" and isinstance(value, (dict, list)):
            return {**(old if isinstance(old, dict) else {}), **(value if isinstance(value, dict) else {})}
        if known.kind == "numeric" and value is not None:
            return str(value)
        if kind == "family_variant" and name == "variant_attribute_sets":
            return self._rules.merged_sets(old, value)
        return value

    def _labels(self, name: str, old: JsonValue, value: JsonValue) -> JsonValue:
        labels: JsonObject = dict(old) if isinstance(old, dict) else {}
        for locale, label in (value if isinstance(value, dict) else {}).items():
            if self._world.find("locale", locale) is None:
                raise invalid([Violation(name, f'The locale "{locale}" does not exist.')])
            if label is not None and not isinstance(label, str):
                raise wrong_kind(name, "string", label)
            if label:
                labels[locale] = label
            else:
                labels.pop(locale, None)
        return dict(sorted(labels.items()))

    def _frozen(self, kind: str, body: JsonObject, old: JsonObject | None) -> list[Violation]:
        if old is None:
            return []
        return [
            Violation(name, "This property cannot be changed.")
            for name, known in SCHEMAS[kind].items()
            if known.immutable and name in body and name != "code" and _differs(body[name], old.get(name))
        ]


def table_key(kind: str, code: str, owner: str | None) -> str:
    """Options are unique within their attribute; every other code is unique in its kind."""
    return f"{owner}\x00{code}" if kind == "option" else code


def check_kind(name: str, known: Property, value: JsonValue) -> None:
    """Refuse a value of another JSON kind."""
    if value is None:
        if not known.nullable:
            raise wrong_kind(name, "array" if known.kind in ("object", "array") else known.kind, value)
        return
    match known.kind:
        case "string":
            right = isinstance(value, str)
        case "boolean":
            right = isinstance(value, bool)
        case "integer":
            right = isinstance(value, int) and not isinstance(value, bool)
        case "numeric":
            right = isinstance(value, (int, float, str)) and not isinstance(value, bool)
        case "array":
            right = isinstance(value, list)
        case _:
            right = isinstance(value, dict) or value == []
    if not right:
        raise wrong_kind(name, "array" if known.kind == "object" else known.kind, value)
    if known.kind == "array" and isinstance(value, list) and len(texts(value)) not in (len(value), 0):
        raise structure(f'Property "{name}" expects an array of scalars as data.')


def _defaults(schema: dict[str, Property], code: str) -> JsonObject:
    made: JsonObject = {}
    for name, known in schema.items():
        if known.read_only:
            continue
        if known.kind == "object" and not known.nullable:
            made[name] = {}
        elif known.kind == "array" and not known.nullable:
            made[name] = []
        else:
            made[name] = known.default
    made["code"] = code
    return made


def _differs(sent: JsonValue, stored: JsonValue) -> bool:
    # null and false say the same of a flag
    if isinstance(sent, str) and isinstance(stored, str):
        return sent.lower() != stored.lower()
    return bool(sent) != bool(stored) if sent is None or isinstance(sent, bool) else sent != stored


def _code_violations(kind: str, code: str) -> Iterator[Violation]:
    if len(code) > (100 if kind != "attribute" else 255):
        yield Violation("code", "This value is too long.")
    if not CODE.fullmatch(code):
        yield Violation("code", f"{WORDS[kind]} code may contain only letters, numbers and underscores")
