"""A product or model while a request changes it: the merge rule, property by property."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, evolve, field

from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, as_list, child, dumps, kind_name, text, texts
from akeneo_erp_bridge.testing.pim._refusal import Violation, structure, wrong_kind
from akeneo_erp_bridge.testing.pim._values import Given
from akeneo_erp_bridge.testing.pim._world import Entry, World

IGNORED = ("created", "updated")


@define
class Draft:
    """The changeable form of an `Entry`. *values* holds the entry's own values, not its ancestors'."""

    key: str
    family: str | None
    family_variant: str | None
    parent: str | None
    enabled: bool
    categories: list[str]
    values: JsonObject
    associations: JsonObject
    quantified: JsonObject
    groups: list[str] = field(factory=list[str])

    @classmethod
    def new(cls, key: str) -> Draft:
        """An entry of which nothing is known yet."""
        return cls(key, None, None, None, True, [], {}, {}, {})

    @classmethod
    def of(cls, entry: Entry) -> Draft:
        """A copy to work on."""
        parts = entry.parts()
        return cls(
            entry.key,
            entry.family,
            entry.family_variant,
            entry.parent,
            entry.enabled,
            list(entry.categories),
            child(parts, "values"),
            child(parts, "associations"),
            child(parts, "quantified_associations"),
            texts(parts.get("groups")),
        )

    def value(self, attribute: str) -> JsonValue:
        """The data of an attribute that has neither locale nor scope."""
        entries = self.values.get(attribute)
        if isinstance(entries, list):
            for entry in entries:
                if isinstance(entry, dict) and entry["locale"] is None and entry["scope"] is None:
                    return entry["data"]
        return None

    def set_value(self, given: Given, *, keep_null: bool) -> None:
        """Replace one value's data as a whole, or erase it; other locales and scopes stay."""
        code = given.attribute.code
        old = self.values.get(code)
        place = (given.locale, given.scope)
        entries = list(old) if isinstance(old, list) else []
        new: JsonObject = {"locale": given.locale, "scope": given.scope, "data": given.data}
        at = next((i for i, one in enumerate(entries) if isinstance(one, dict) and _place(one) == place), None)
        if given.data is None and not (keep_null and at is not None):
            if at is not None:
                del entries[at]
        elif at is None:
            entries.append(new)
        else:
            entries[at] = new
        if entries:
            self.values[code] = entries
        else:
            self.values.pop(code, None)

    def finish(self, identifier: str | None, old: Entry | None, now: str, *, touch: bool = False) -> Entry:
        """The entry to store; *old* itself where nothing changed, unless *touch* wants it saved all the same."""
        parts: JsonObject = {
            "values": self.values,
            "associations": self.associations,
            "quantified_associations": self.quantified,
        }
        if self.groups:
            parts["groups"] = as_list(sorted(self.groups))
        entry = Entry(
            key=self.key,
            identifier=identifier,
            family=self.family,
            family_variant=self.family_variant,
            parent=self.parent,
            enabled=self.enabled,
            categories=tuple(sorted(self.categories)),
            created=old.created if old else now,
            updated=old.updated if old else now,
            body=dumps(parts),
        )
        if old is not None and entry == old and not touch:
            return old
        return evolve(entry, updated=now)


def _place(entry: JsonObject) -> tuple[JsonValue, JsonValue]:
    return entry["locale"], entry["scope"]


class HeadReader:
    """Applies the properties that both kinds have in common."""

    def __init__(self, world: World) -> None:
        self._world = world

    def categories(self, draft: Draft, body: JsonObject, inherited: Iterable[str]) -> None:
        """`categories` replaces; `add_categories` and `remove_categories` change."""
        if "categories" in body:
            for name in ("add_categories", "remove_categories"):
                if name in body:
                    raise structure(f'Property "{name}" cannot be used together with "categories".')
            draft.categories = self._codes(body["categories"], "categories")
        if "add_categories" in body:
            draft.categories += self._codes(body["add_categories"], "add_categories")
        if "remove_categories" in body:
            gone = set(self._codes(body["remove_categories"], "remove_categories"))
            draft.categories = [one for one in draft.categories if one not in gone]
        # a GET shows the ancestors' categories too, and its answer must be sendable again
        above = set(inherited)
        draft.categories = [one for one in dict.fromkeys(draft.categories) if one not in above]

    def _codes(self, value: JsonValue, name: str) -> list[str]:
        found: list[str] = []
        for code in check_texts(value, name):
            category = self._world.find("category", code)
            if category is None:
                raise structure(
                    f'Property "{name}" expects a valid category code. The category does not exist, "{code}" given.'
                )
            found.append(text(category, "code"))
        return found

    def family(self, value: JsonValue) -> str | None:
        """A family's stored code."""
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise wrong_kind("family", "string", value)
        family = self._world.find("family", value)
        if family is None:
            raise structure(
                f'Property "family" expects a valid family code. The family does not exist, "{value}" given.'
            )
        return text(family, "code")

    def parent(self, value: JsonValue) -> Entry | None:
        """The model a `parent` property names."""
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise wrong_kind("parent", "string", value)
        model = self._world.models.get(value)
        if model is None:
            raise structure(
                'Property "parent" expects a valid parent code.'
                f' The parent product model does not exist, "{value}" given.'
            )
        return model

    def enabled(self, value: JsonValue) -> bool:
        """A boolean and nothing else."""
        if not isinstance(value, bool):
            raise wrong_kind("enabled", "boolean", value)
        return value

    def groups(self, value: JsonValue) -> list[str]:
        """The groups a product is in, by their own spelling; users make them, the API does not."""
        found: dict[str, None] = {}
        for code in check_texts(value, "groups"):
            known = self._world.group_named(code)
            if known is None:
                raise structure(
                    f'Property "groups" expects a valid group code. The group does not exist, "{code}" given.'
                )
            found[known] = None
        return list(found)


class VariantRules:
    """What a family variant demands of models and variants: levels, axes, distinct siblings."""

    def __init__(self, world: World) -> None:
        self._world = world

    def foreign_values(self, draft: Draft, allowed: Iterable[str]) -> list[Violation]:
        """Values of attributes that are not in the family at all."""
        known = set(allowed)
        return [
            Violation("attribute", f'Cannot set the property "{code}" to this entity as it is not in the attribute set')
            for code in draft.values
            if code not in known
        ]

    def axes(self, draft: Draft, axes: Iterable[str], label: str) -> list[Violation]:
        """Every axis is filled, and no sibling has the same combination."""
        codes = list(axes)
        if not codes or draft.parent is None:
            return []
        empty = [code for code in codes if draft.value(code) is None]
        if empty:
            return [
                Violation(
                    "attribute", f'Attribute "{code}" cannot be empty, as it is defined as an axis for this entity'
                )
                for code in empty
            ]
        own = _combination(draft, codes)
        for kind, sibling in self._world.offspring(draft.parent):
            if sibling.key != draft.key and _combination(Draft.of(sibling), codes) == own:
                word = "variant product" if kind == "product" else "product model"
                name = sibling.identifier or sibling.key
                return [
                    Violation(
                        "attribute",
                        f'Cannot set value "{",".join(own)}" for the attribute axis "{",".join(codes)}"'
                        f' on {word} "{label}", as the {word} "{name}" already has this value',
                    )
                ]
        return []


def _combination(draft: Draft, axes: Iterable[str]) -> list[str]:
    found: list[str] = []
    for code in axes:
        data = draft.value(code)
        if isinstance(data, dict):
            found.append(f"{data.get('amount')} {data.get('unit')}")
        else:
            found.append(f"[{str(data).lower()}]")
    return found


def check_texts(value: JsonValue, name: str) -> list[str]:
    """A list of texts, or a refusal that names the property."""
    if not isinstance(value, list):
        raise wrong_kind(name, "array", value)
    found: list[str] = []
    for one in value:
        if not isinstance(one, str):
            raise structure(
                f'Property "{name}" expects an array of scalars as data, one of the entries is "{kind_name(one)}".'
            )
        found.append(one)
    return list(dict.fromkeys(found))


def inherited_values(ancestors: Iterable[Entry]) -> JsonObject:
    """The values of all ancestors; levels never overlap, so their order does not matter."""
    found: JsonObject = {}
    for model in ancestors:
        found.update(child(model.parts(), "values"))
    return found


def inherited_categories(ancestors: Iterable[Entry]) -> list[str]:
    """The categories of all ancestors."""
    return sorted({code for model in ancestors for code in model.categories})


def sorted_json(codes: Iterable[str]) -> list[JsonValue]:
    """Codes in the order the API shows them."""
    return as_list(sorted(codes))
