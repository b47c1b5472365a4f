"""Product models: root and sub models, and the cascade of their deletion."""

from __future__ import annotations

from collections.abc import Callable

from akeneo_erp_bridge.testing.pim._associations import Associations
from akeneo_erp_bridge.testing.pim._draft import IGNORED, Draft, HeadReader, VariantRules, inherited_categories
from akeneo_erp_bridge.testing.pim._inverse import check_no_self_link, write_inverse
from akeneo_erp_bridge.testing.pim._json import JsonObject, child, text, texts
from akeneo_erp_bridge.testing.pim._products import Products, Saved
from akeneo_erp_bridge.testing.pim._refusal import (
    Refusal,
    Violation,
    invalid,
    not_found,
    structure,
    unknown_property,
    wrong_kind,
)
from akeneo_erp_bridge.testing.pim._values import ValueReader
from akeneo_erp_bridge.testing.pim._world import Entry, World

FIELDS = frozenset(
    {
        "code",
        "family",
        "family_variant",
        "parent",
        "categories",
        "add_categories",
        "remove_categories",
        "values",
        "associations",
        "quantified_associations",
        *IGNORED,
    }
)


class Models:
    """Writes product models."""

    def __init__(self, world: World, products: Products, values: ValueReader, links: Associations) -> None:
        self._world = world
        self._products = products
        self._values = values
        self._links = links
        self._head = HeadReader(world)
        self._variants = VariantRules(world)

    def by_code(self, code: str) -> Entry:
        """The model with this code; refuses with 404."""
        model = self._world.models.get(code)
        if model is None:
            raise not_found(f'Product model "{code}" does not exist or you do not have permission to access it.')
        return model

    def create(self, body: JsonObject) -> Saved:
        """POST: refuses a code that is taken."""
        code = body.get("code")
        if code is None or code == "":
            raise invalid([Violation("code", "The product model code must not be empty.")])
        if not isinstance(code, str):
            raise wrong_kind("code", "string", code)
        if code in self._world.models:
            raise invalid([Violation("code", f'The same code is already set on another product model: "{code}".')])
        return self.upsert(code, body)

    def upsert(self, code: str, body: JsonObject) -> Saved:
        """PATCH one, or one line of a batch."""
        sent = body.get("code", code)
        if not isinstance(sent, str):
            raise wrong_kind("code", "string", sent)
        if sent.lower() != code.lower():
            raise Refusal(
                422,
                f'The code "{sent}" provided in the request body must match the code "{code}" provided in the url.',
            )
        for name in body:
            if name not in FIELDS:
                raise unknown_property(name)
        world = self._world
        old = world.models.get(code)
        base = world.base("product_model", old)
        draft = Draft.of(base) if base else Draft.new(code)
        violations: list[Violation] = []
        if len(code) > 255:
            violations.append(Violation("code", "This value is too long. It should have 255 characters or less."))
        parent = self._apply_place(draft, body, old, violations)
        self._apply(draft, body, parent, violations)
        if violations:
            raise invalid(violations)
        entry = draft.finish(draft.key, base, world.now(), touch=not world.behaviour.skips_unchanged)
        if entry is not base and not world.is_drafted("product_model", entry, old):
            self._store(entry, old)
        return Saved(entry, created=old is None)

    def delete(self, model: Entry) -> None:
        """Remove a model, its sub models and its variants."""
        for kind, entry in list(self._world.offspring(model.key)):
            if kind == "product":
                self._products.delete(entry)
            else:
                self.delete(entry)
        if model.parent is not None:
            self._world.children.remove(f"{model.parent}\x00model\x00{model.key}")
        self._world.models.remove(model.key)

    def _apply(self, draft: Draft, body: JsonObject, parent: Entry | None, violations: list[Violation]) -> None:
        above = [parent] if parent is not None else []
        self._head.categories(draft, body, inherited_categories(above))
        keep_null = self._world.behaviour.erased_value == "null"
        for given in self._values.read(body.get("values", {}), violations, self._keeps(draft)):
            draft.set_value(given, keep_null=keep_null)
        if "associations" in body:
            inherited = child(parent.parts(), "associations") if parent is not None else {}
            self._links.read(draft, body["associations"], by_uuid=False, inherited=inherited)
            check_no_self_link(self._world, "product_models", draft)
        if "quantified_associations" in body:
            self._links.read_quantified(draft, body["quantified_associations"], violations, by_uuid=False)
        if not violations and draft.family_variant is not None:
            family = self._world.find("family", draft.family or "") or {}
            violations += self._variants.foreign_values(draft, texts(family.get("attributes")))
            if draft.parent is not None:
                axes = self._world.levels(draft.family_variant)[1].axes
                violations += self._variants.axes(draft, axes, draft.key)

    def _keeps(self, draft: Draft) -> Callable[[str], bool]:
        """Which attributes a request may set here; another level's are dropped without a word."""
        levels = self._world.levels(draft.family_variant or "")
        own = 0 if draft.parent is None else 1
        other = frozenset[str]().union(*(level.attributes for i, level in enumerate(levels) if i != own))
        return lambda code: code not in other

    def _apply_place(
        self, draft: Draft, body: JsonObject, old: Entry | None, violations: list[Violation]
    ) -> Entry | None:
        """Parent and family variant, which decide the model's level."""
        parent = self._parent(draft, body, old)
        self._family_variant(draft, body, parent, old)
        if draft.family_variant is None:
            violations.append(Violation("familyVariant", "The product model family variant must not be empty."))
        if parent is not None:
            violations += self._misplaced(draft, parent)
        draft.parent = parent.key if parent is not None else None
        return parent

    def _parent(self, draft: Draft, body: JsonObject, old: Entry | None) -> Entry | None:
        if "parent" not in body:
            return self._world.models.get(draft.parent) if draft.parent is not None else None
        parent = self._head.parent(body["parent"])
        if old is not None and (old.parent is None) != (parent is None):
            given = parent.key if parent is not None else "NULL"
            raise structure(f'Property "parent" cannot be modified, "{given}" given.')
        if parent is not None and parent.parent is not None:
            raise structure(
                f'Property "parent" expects a valid parent code. The new parent of the product model "{draft.key}"'
                f' must be a root product model, "{parent.key}" given.'
            )
        return parent

    def _family_variant(self, draft: Draft, body: JsonObject, parent: Entry | None, old: Entry | None) -> None:
        if "family_variant" in body:
            sent = body["family_variant"]
            if sent is None:
                raise structure('Property "family_variant" does not expect an empty value.')
            if not isinstance(sent, str):
                raise wrong_kind("family_variant", "string", sent)
            found = self._world.find("family_variant", sent)
            if found is None:
                raise structure(
                    'Property "family_variant" expects a valid family variant code.'
                    f' The family variant does not exist, "{sent}" given.'
                )
            code = text(found, "code")
            if old is not None and old.family_variant != code:
                raise structure(f'Property "family_variant" cannot be modified, "{sent}" given.')
            draft.family_variant = code
        elif draft.family_variant is None and parent is not None:
            draft.family_variant = parent.family_variant
        variant = self._world.find("family_variant", draft.family_variant or "")
        draft.family = text(variant, "family") if variant is not None else None
        sent_family = body.get("family")
        if sent_family is not None and draft.family is not None and self._head.family(sent_family) != draft.family:
            raise structure(
                f'The family "{sent_family}" does not match the family of the variant "{draft.family_variant}".'
            )

    def _misplaced(self, draft: Draft, parent: Entry) -> list[Violation]:
        if draft.family_variant is not None and parent.family_variant != draft.family_variant:
            raise structure(
                f'The parent is not a product model of the family variant "{draft.family_variant}"'
                f' but belongs to the family "{parent.family}".'
            )
        if len(self._world.levels(parent.family_variant or "")) < 3:
            return [Violation("parent", f'The product model "{draft.key}" cannot have a parent')]
        return []

    def _store(self, entry: Entry, old: Entry | None) -> None:
        world = self._world
        if old is not None and old.parent is not None and old.parent != entry.parent:
            world.children.remove(f"{old.parent}\x00model\x00{old.key}")
        if entry.parent is not None and (mark := f"{entry.parent}\x00model\x00{entry.key}") not in world.children:
            world.children.put(mark, f"model\x00{entry.key}")
        world.models.put(entry.key, entry)
        write_inverse(world, "product_models", entry, old)
