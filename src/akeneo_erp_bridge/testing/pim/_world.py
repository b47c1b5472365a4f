"""The catalog of one PIM: its tables, and the questions every rule asks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from attrs import frozen

from akeneo_erp_bridge.testing.pim._behaviour import Behaviour
from akeneo_erp_bridge.testing.pim._json import (
    JsonObject,
    JsonValue,
    children,
    dumps,
    flag,
    loads,
    maybe_text,
    text,
    texts,
    whole,
)
from akeneo_erp_bridge.testing.pim._refusal import Refusal
from akeneo_erp_bridge.testing.pim._store import Journal, Table

IDENTIFIER = "pim_catalog_identifier"
KINDS = (
    "family",
    "family_variant",
    "attribute",
    "option",
    "attribute_group",
    "association_type",
    "category",
    "channel",
    "locale",
    "currency",
    "measurement_family",
    "media_file",
)


@frozen
class Attribute:
    """What the validation of values asks of an attribute, read once from its stored form."""

    code: str
    type: str
    localizable: bool
    scopable: bool
    unique: bool
    available_locales: frozenset[str]
    settings: JsonObject

    @classmethod
    def of(cls, stored: JsonObject) -> Attribute:
        """Read a stored attribute."""
        return cls(
            code=text(stored, "code"),
            type=text(stored, "type"),
            localizable=flag(stored, "localizable"),
            scopable=flag(stored, "scopable"),
            unique=flag(stored, "unique"),
            available_locales=frozenset(texts(stored.get("available_locales"))),
            settings=stored,
        )

    @property
    def decimals(self) -> bool:
        """Whether amounts may have a fraction."""
        return flag(self.settings, "decimals_allowed")


@frozen
class Level:
    """One level of a family variant: 0 is common, the highest is the variants'."""

    axes: tuple[str, ...]
    attributes: frozenset[str]


@frozen
class Entry:
    """A product or a product model as stored.

    *key* is a product's UUID or a model's code. *identifier* is a product's main identifier, if it has one. *body*
    is the JSON of values, associations and quantified associations, decoded only where it is needed.
    """

    key: str
    identifier: str | None
    family: str | None
    family_variant: str | None
    parent: str | None
    enabled: bool
    categories: tuple[str, ...]
    created: str
    updated: str
    body: bytes

    def parts(self) -> JsonObject:
        """Values, associations and quantified associations; a fresh copy."""
        value = loads(self.body)
        return value if isinstance(value, dict) else {}


def _encode_entry(entry: Entry) -> bytes:
    head: list[JsonValue] = [
        entry.key,
        entry.identifier,
        entry.family,
        entry.family_variant,
        entry.parent,
        entry.enabled,
        list(entry.categories),
        entry.created,
        entry.updated,
    ]
    return dumps(head) + b"\n" + entry.body


def _decode_entry(content: bytes) -> Entry:
    head, _, body = content.partition(b"\n")
    loaded = loads(head)
    row: list[JsonValue] = loaded if isinstance(loaded, list) else []
    key, identifier, family, variant, parent, enabled, categories, created, updated = row
    named: JsonObject = {"i": identifier, "f": family, "v": variant, "p": parent}
    return Entry(
        str(key),
        maybe_text(named, "i"),
        maybe_text(named, "f"),
        maybe_text(named, "v"),
        maybe_text(named, "p"),
        enabled is True,
        tuple(texts(categories)),
        str(created),
        str(updated),
        body,
    )


def _decode(content: bytes) -> JsonObject:
    value = loads(content)
    return value if isinstance(value, dict) else {}


def _encode_name(name: str) -> bytes:
    return name.encode()


def _decode_name(content: bytes) -> str:
    return content.decode()


class World:
    """All tables, with the look-ups that validation needs kept ready."""

    def __init__(self, journal: Journal, behaviour: Behaviour, clock: Callable[[], datetime]) -> None:
        self.journal = journal
        self.behaviour = behaviour
        self.clock = clock
        self.tables = {kind: Table[JsonObject](kind, journal, dumps, _decode) for kind in KINDS}
        self.products: Table[Entry] = Table("product", journal, _encode_entry, _decode_entry)
        self.models: Table[Entry] = Table("product_model", journal, _encode_entry, _decode_entry)
        self.drafts: Table[Entry] = Table("draft", journal, _encode_entry, _decode_entry)
        """`kind NUL key`, to a product or model as it would be if somebody approved its draft."""
        self.identifiers: Table[str] = Table("identifier", journal, _encode_name, _decode_name)
        """`attribute NUL value` of identifiers and unique values, to the UUID of the product that holds it."""
        self.children: Table[str] = Table("child", journal, _encode_name, _decode_name)
        """`model NUL kind NUL key`, so that the children of a model are found without a search."""
        self._attributes: dict[str, Attribute] = {}
        self._attributes_at = -1
        self._levels: dict[str, tuple[Level, ...]] = {}
        self._levels_at = (-1, -1, -1)
        self._locales: frozenset[str] = frozenset()
        self._currencies: frozenset[str] = frozenset()
        self._channels_at = -1
        self._main_identifier: str | None = None

    def base(self, kind: str, old: Entry | None) -> Entry | None:
        """What a write begins with: where the user may only propose, what it proposed before; may refuse with 403."""
        if old is not None and self.behaviour.user_right == "view":
            raise Refusal(403, f'You can not edit "{old.identifier or old.key}", you may only view it.')
        if old is None or self.behaviour.user_right == "own":
            return old
        return self.drafts.get(f"{kind}\x00{old.key}") or old

    def is_drafted(self, kind: str, entry: Entry, old: Entry | None) -> bool:
        """Whether a write ends as a draft, which is then kept here; creating is always direct."""
        if old is None or self.behaviour.user_right == "own":
            return False
        self.drafts.put(f"{kind}\x00{entry.key}", entry)
        return True

    def now(self) -> str:
        """This moment as the API writes it, in the server's zone."""
        return self.clock().isoformat(timespec="seconds")

    def table(self, kind: str) -> Table[JsonObject]:
        """The table of a kind that only its own room knows."""
        if kind not in self.tables:
            self.tables[kind] = Table(kind, self.journal, dumps, _decode)
        return self.tables[kind]

    def group_named(self, code: str) -> str | None:
        """The code of a product group in its own spelling; users make groups, the API does not."""
        return next(
            (text(one, "code") for one in self.table("group").values() if text(one, "code").lower() == code.lower()),
            None,
        )

    def find(self, kind: str, key: str) -> JsonObject | None:
        """A stored object other than products and models."""
        return self.tables[kind].get(key)

    def attribute(self, code: str) -> Attribute | None:
        """An attribute by its code."""
        return self._known_attributes().get(code.lower())

    def main_identifier(self) -> str | None:
        """The code of the attribute that holds the main identifier (the SKU)."""
        self._known_attributes()
        return self._main_identifier

    def _known_attributes(self) -> dict[str, Attribute]:
        table = self.tables["attribute"]
        if self._attributes_at != table.changes:
            self._attributes = {text(one, "code").lower(): Attribute.of(one) for one in table.values()}
            main = [one for one in self._attributes.values() if flag(one.settings, "is_main_identifier")]
            self._main_identifier = main[0].code if main else None
            self._attributes_at = table.changes
        return self._attributes

    def active_locales(self) -> frozenset[str]:
        """The locales that are enabled."""
        self._refresh_channels()
        return self._locales

    def active_currencies(self) -> frozenset[str]:
        """The currencies that are enabled."""
        self._refresh_channels()
        return self._currencies

    def _refresh_channels(self) -> None:
        tables = self.tables
        at = tables["channel"].changes + tables["locale"].changes + tables["currency"].changes
        if at != self._channels_at:
            self._locales = frozenset(text(one, "code") for one in tables["locale"].values() if flag(one, "enabled"))
            self._currencies = frozenset(
                text(one, "code") for one in tables["currency"].values() if flag(one, "enabled")
            )
            self._channels_at = at

    def levels(self, family_variant: str) -> tuple[Level, ...]:
        """The levels of a family variant, the common one first."""
        tables = self.tables
        at = (tables["family"].changes, tables["family_variant"].changes, tables["attribute"].changes)
        if at != self._levels_at:
            self._levels, self._levels_at = {}, at
        known = self._levels.get(family_variant.lower())
        if known is None:
            known = self._levels[family_variant.lower()] = self._read_levels(family_variant)
        return known

    def _read_levels(self, family_variant: str) -> tuple[Level, ...]:
        variant = self.find("family_variant", family_variant) or {}
        family = self.find("family", text(variant, "family")) or {}
        sets = sorted(children(variant.get("variant_attribute_sets")), key=lambda one: whole(one, "level"))
        members = frozenset(texts(family.get("attributes")))
        deep = frozenset(code for code in members if (found := self.attribute(code)) is not None and found.unique)
        taken: frozenset[str] = deep
        above: list[Level] = []
        for number, one in enumerate(sets, 1):
            own = (frozenset(texts(one.get("attributes"))) & members) - deep
            taken |= own
            above.append(Level(tuple(texts(one.get("axes"))), own | deep if number == len(sets) else own))
        return (Level((), members - taken), *above)

    def depth(self, model: Entry) -> int:
        """The level of a model: 0 for a root, 1 for a sub model."""
        return 0 if model.parent is None else 1

    def ancestors(self, entry: Entry) -> list[Entry]:
        """The models above, nearest first."""
        found: list[Entry] = []
        parent = entry.parent
        while parent is not None and (model := self.models.get(parent)) is not None:
            found.append(model)
            parent = model.parent
        return found

    def offspring(self, model: str) -> Iterator[tuple[str, Entry]]:
        """The direct children of a model, as (kind, entry)."""
        prefix = model.lower() + "\x00"
        for name in list(self.children.values(prefix=prefix)):
            kind, _, key = name.partition("\x00")
            table = self.products if kind == "product" else self.models
            entry = table.get(key)
            if entry is not None:
                yield kind, entry

    def tree_of(self, category: str) -> str:
        """The root above a category."""
        code = category
        while True:
            parent = maybe_text(self.find("category", code) or {}, "parent")
            if parent is None:
                return code
            code = parent

    def with_descendants(self, categories: list[str]) -> set[str]:
        """The categories and everything below them, lower case."""
        found = {code.lower() for code in categories}
        grew = True
        while grew:
            size = len(found)
            for one in self.tables["category"].values():
                parent = maybe_text(one, "parent")
                if parent is not None and parent.lower() in found:
                    found.add(text(one, "code").lower())
            grew = len(found) > size
        return found
