"""Products: one store behind the UUID routes and the identifier routes."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from attrs import frozen

from akeneo_erp_bridge.testing.pim._associations import Associations
from akeneo_erp_bridge.testing.pim._draft import (
    IGNORED,
    Draft,
    HeadReader,
    VariantRules,
    inherited_categories,
    inherited_values,
)
from akeneo_erp_bridge.testing.pim._inverse import check_no_self_link, write_inverse
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, child, children, texts
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
        "family",
        "enabled",
        "categories",
        "add_categories",
        "remove_categories",
        "groups",
        "parent",
        "values",
        "associations",
        "quantified_associations",
        *IGNORED,
    }
)


@frozen
class Saved:
    """What a write did."""

    entry: Entry
    created: bool


class Products:
    """Writes products by UUID and by identifier."""

    def __init__(self, world: World, values: ValueReader, links: Associations) -> None:
        self._world = world
        self._values = values
        self._links = links
        self._head = HeadReader(world)
        self._variants = VariantRules(world)

    # -- finding ---------------------------------------------------------------------------------------------------

    def by_uuid(self, key: str) -> Entry:
        """The product with this UUID; refuses with 404."""
        product = self._world.products.get(key)
        if product is None:
            raise not_found(f'Product "{key}" does not exist or you do not have permission to access it.')
        return product

    def by_identifier(self, identifier: str) -> Entry:
        """The product with this main identifier; refuses with 404."""
        product = self._links.product_named(identifier, by_uuid=False)
        if product is None:
            raise not_found(f'Product "{identifier}" does not exist or you do not have permission to access it.')
        return product

    # -- writing ---------------------------------------------------------------------------------------------------

    def create_by_uuid(self, body: JsonObject) -> Saved:
        """POST: the UUID is made here unless it is sent."""
        sent = body.get("uuid")
        if sent is not None and not isinstance(sent, str):
            raise wrong_kind("uuid", "string", sent)
        key = str(uuid.uuid4()) if sent is None else sent
        if key in self._world.products:
            raise invalid([Violation("uuid", f"The {key} uuid is already used for another product.")])
        return self.upsert_by_uuid(key, body)

    def upsert_by_uuid(self, key: str, body: JsonObject) -> Saved:
        """PATCH one, or one line of a batch."""
        sent = body.get("uuid", key)
        if not isinstance(sent, str):
            raise wrong_kind("uuid", "string", sent)
        if sent.lower() != key.lower():
            raise Refusal(
                422,
                f'The uuid "{sent}" provided in the request body must match the uuid "{key}" provided in the url.',
            )
        check_uuid(key)
        rest = {name: value for name, value in body.items() if name != "uuid"}
        main = self._world.main_identifier()
        if self._world.behaviour.uuid_routes_take_identifier and main is not None and "identifier" in rest:
            named: JsonObject = {main: [{"locale": None, "scope": None, "data": rest.pop("identifier")}]}
            rest["values"] = {**named, **child(rest, "values")}
        return self._save(key.lower(), rest, by_uuid=True)

    def create_by_identifier(self, body: JsonObject) -> Saved:
        """POST: refuses an identifier that is taken."""
        identifier = body.get("identifier")
        if identifier is None or identifier == "":
            raise invalid([Violation("identifier", "This value should not be blank.")])
        if not isinstance(identifier, str):
            raise wrong_kind("identifier", "string", identifier)
        if self._links.product_named(identifier, by_uuid=False) is not None:
            raise invalid(
                [Violation("identifier", f"The {identifier} identifier is already used for another product.")]
            )
        return self.upsert_by_identifier(identifier, body)

    def upsert_by_identifier(self, identifier: str, body: JsonObject) -> Saved:
        """PATCH one, or one line of a batch; another `identifier` in the body renames an existing product."""
        old = self._links.product_named(identifier, by_uuid=False)
        name = body.get("identifier", identifier)
        if name is not None and not isinstance(name, str):
            raise wrong_kind("identifier", "string", name)
        if old is None and name != identifier:
            raise Refusal(
                422,
                f'The identifier "{name}" provided in the request body must match'
                f' the identifier "{identifier}" provided in the url.',
            )
        rest = {key: value for key, value in body.items() if key not in ("identifier", "uuid")}
        rest["values"] = self._with_identifier(rest.get("values", {}), name, only_if_sent=old is not None, body=body)
        return self._save(old.key if old else str(uuid.uuid4()), rest, by_uuid=False)

    def _with_identifier(
        self, values: JsonValue, name: str | None, *, only_if_sent: bool, body: JsonObject
    ) -> JsonValue:
        main = self._world.main_identifier()
        if main is None:
            raise invalid([Violation("identifier", "There is no attribute of type pim_catalog_identifier.")])
        if only_if_sent and "identifier" not in body:
            return values
        if not isinstance(values, dict):
            return values if values != [] else {main: [{"locale": None, "scope": None, "data": name}]}
        return {**values, main: [{"locale": None, "scope": None, "data": name}]}

    def delete(self, product: Entry) -> None:
        """Remove a product and everything that points at it by name."""
        world = self._world
        world.base("product", product)  # refuses where the user may only view
        for name in self._unique_names(product):
            if world.identifiers.get(name) == product.key:
                world.identifiers.remove(name)
        if product.parent is not None:
            world.children.remove(f"{product.parent}\x00product\x00{product.key}")
        world.products.remove(product.key)

    def _save(self, key: str, body: JsonObject, *, by_uuid: bool) -> Saved:
        for name in body:
            if name not in FIELDS:
                raise unknown_property(name)
        world = self._world
        old = world.products.get(key)
        base = world.base("product", old)
        draft = Draft.of(base) if base else Draft.new(key)
        violations: list[Violation] = []
        parent = self._apply_parent(draft, body, old, violations)
        self._apply_family(draft, body, parent, violations)
        above = [parent, *world.ancestors(parent)] if parent is not None else []
        if "enabled" in body:
            draft.enabled = self._head.enabled(body["enabled"])
        if "groups" in body:
            draft.groups = self._head.groups(body["groups"])
        self._head.categories(draft, body, inherited_categories(above))
        self._apply_values(draft, body, parent, violations)
        self._apply_links(draft, body, above, violations, by_uuid=by_uuid)
        identifier = self._identifier(draft)
        self._check(draft, parent, identifier, violations)
        if violations:
            raise invalid(violations)
        entry = draft.finish(identifier, base, world.now(), touch=not world.behaviour.skips_unchanged)
        if entry is not base and not world.is_drafted("product", entry, old):
            self._store(entry, old)
        return Saved(entry, created=old is None)

    def _apply_parent(
        self, draft: Draft, body: JsonObject, old: Entry | None, violations: list[Violation]
    ) -> Entry | None:
        models = self._world.models
        current = models.get(draft.parent) if draft.parent is not None else None
        if "parent" not in body:
            return current
        parent = self._head.parent(body["parent"])
        if parent is None:
            if current is not None and not self._world.behaviour.can_detach_variants:
                violations.append(Violation("parent", "Property parent cannot be modified, null given."))
                return current
            if old is not None and current is not None:
                self._detach(draft, old)
            draft.parent = None
            return None
        if current is not None and current.family_variant != parent.family_variant:
            violations.append(
                Violation(
                    "parent",
                    f'New parent "{parent.key}" of variant product "{old.identifier if old else ""}" must have the same'
                    f' family variant "{current.family_variant}" than the previous parent',
                )
            )
        depth = len(self._world.levels(parent.family_variant or "")) - 1
        if self._world.depth(parent) != depth - 1:
            violations.append(
                Violation(
                    "parent",
                    f'The variant product "{draft.key}" cannot have product model "{parent.key}" as parent,'
                    " (this product model can only have other product models as children)",
                )
            )
        draft.parent = parent.key
        return parent

    def _detach(self, draft: Draft, old: Entry) -> None:
        """A variant that becomes a simple product keeps what it inherited."""
        above = self._world.ancestors(old)
        draft.values = {**inherited_values(above), **draft.values}
        draft.categories = list(dict.fromkeys([*draft.categories, *inherited_categories(above)]))
        for model in above:
            for code, kinds in child(model.parts(), "associations").items():
                own = dict(child(draft.associations, code))
                if isinstance(kinds, dict):
                    for kind, targets in kinds.items():
                        merged = list[JsonValue](dict.fromkeys([*texts(own.get(kind)), *texts(targets)]))
                        own[kind] = merged
                draft.associations[code] = own

    def _apply_family(self, draft: Draft, body: JsonObject, parent: Entry | None, violations: list[Violation]) -> None:
        if "family" in body:
            draft.family = self._head.family(body["family"])
            if parent is not None and draft.family is None:
                violations.append(
                    Violation(
                        "family",
                        f'The family cannot be "null" because your product with the {self._identifier(draft)}'
                        " identifier is a variant product.",
                    )
                )
        elif parent is not None and draft.family is None:
            draft.family = parent.family
        if parent is not None and draft.family is not None and draft.family != parent.family:
            violations.append(Violation("family", "The variant product family must be the same than its parent"))

    def _apply_values(self, draft: Draft, body: JsonObject, parent: Entry | None, violations: list[Violation]) -> None:
        keep = self._keeps(parent)
        if parent is not None:
            draft.values = {code: value for code, value in draft.values.items() if keep(code)}
        keep_null = self._world.behaviour.erased_value == "null"
        for given in self._values.read(body.get("values", {}), violations, keep):
            draft.set_value(given, keep_null=keep_null)

    def _keeps(self, parent: Entry | None) -> Callable[[str], bool]:
        """Which attributes a request may set here; another level's are dropped without a word."""
        if parent is None:
            return lambda _: True
        levels = self._world.levels(parent.family_variant or "")
        other = frozenset[str]().union(*(level.attributes for level in levels[:-1]))
        return lambda code: code not in other

    def _apply_links(
        self, draft: Draft, body: JsonObject, above: list[Entry], violations: list[Violation], *, by_uuid: bool
    ) -> None:
        if "associations" in body:
            inherited: JsonObject = {}
            for model in above:
                inherited.update(child(model.parts(), "associations"))
            self._links.read(draft, body["associations"], by_uuid=by_uuid, inherited=inherited)
            check_no_self_link(self._world, "products", draft)
        if "quantified_associations" in body:
            self._links.read_quantified(draft, body["quantified_associations"], violations, by_uuid=by_uuid)

    def _identifier(self, draft: Draft) -> str | None:
        main = self._world.main_identifier()
        value = draft.value(main) if main is not None else None
        return value if isinstance(value, str) else None

    # -- checking and storing ----------------------------------------------------------------------------------------

    def _check(self, draft: Draft, parent: Entry | None, identifier: str | None, violations: list[Violation]) -> None:
        self._check_unique(draft, violations)
        if parent is not None and not violations:
            levels = self._world.levels(parent.family_variant or "")
            family = self._world.find("family", draft.family or "") or {}
            violations += self._variants.foreign_values(draft, texts(family.get("attributes")))
            violations += self._variants.axes(draft, levels[-1].axes, identifier or draft.key)

    def _check_unique(self, draft: Draft, violations: list[Violation]) -> None:
        main = self._world.main_identifier()
        for code in draft.values:
            attribute = self._world.attribute(code)
            if attribute is None or not attribute.unique:
                continue
            value = draft.value(code)
            holder = self._world.identifiers.get(f"{code}\x00{_name(value)}") if value is not None else None
            if holder is None or holder == draft.key:
                continue
            if code == main:
                message = f"The {value} identifier is already used for another product."
                violations.append(Violation("identifier", message))
            else:
                message = f"The value {_name(value)} is already set on another product for the unique attribute {code}"
                violations.append(Violation("values", message, code))

    def _unique_names(self, entry: Entry) -> set[str]:
        values = child(entry.parts(), "values")
        found: set[str] = set()
        for code, entries in values.items():
            attribute = self._world.attribute(code)
            if attribute is not None and attribute.unique:
                found |= {
                    f"{code}\x00{_name(one['data'])}".lower() for one in children(entries) if one["data"] is not None
                }
        return found

    def _store(self, entry: Entry, old: Entry | None) -> None:
        world = self._world
        names = self._unique_names(entry)
        if old is not None:
            for name in self._unique_names(old) - names:
                world.identifiers.remove(name)
            if old.parent is not None and old.parent != entry.parent:
                world.children.remove(f"{old.parent}\x00product\x00{old.key}")
        for name in names:
            if world.identifiers.get(name) != entry.key:
                world.identifiers.put(name, entry.key)
        if entry.parent is not None:
            mark = f"{entry.parent}\x00product\x00{entry.key}"
            if mark not in world.children:
                world.children.put(mark, f"product\x00{entry.key}")
        world.products.put(entry.key, entry)
        write_inverse(world, "products", entry, old)


def _name(value: JsonValue) -> str:
    """A unique value as part of a key; a number and its padded form are the same here already."""
    return str(value)


def check_uuid(key: str) -> None:
    """Version 4 only."""
    try:
        version = uuid.UUID(key).version if len(key) == 36 else None
    except ValueError:
        version = None
    if version != 4:
        raise structure(f'The uuid "{key}" is not a valid version 4 uuid.')
