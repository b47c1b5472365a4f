"""Plain and quantified associations: what a request may say, what is stored, what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from akeneo_erp_bridge.testing.pim._draft import Draft, check_texts
from akeneo_erp_bridge.testing.pim._json import (
    JsonObject,
    JsonValue,
    as_list,
    child,
    children,
    flag,
    text,
    texts,
    whole,
)
from akeneo_erp_bridge.testing.pim._refusal import Violation, structure, wrong_kind
from akeneo_erp_bridge.testing.pim._world import Entry, World

PLAIN = ("groups", "products", "product_models")
LARGEST_QUANTITY = 2_147_483_647
MOST_LINKS = 100


class Associations:
    """Reads and shows links. Stored are UUIDs of products and codes of models, whatever the route speaks."""

    def __init__(self, world: World) -> None:
        self._world = world

    def product_named(self, name: str, *, by_uuid: bool) -> Entry | None:
        """A product by UUID or by its main identifier."""
        if by_uuid:
            return self._world.products.get(name)
        main = self._world.main_identifier()
        key = self._world.identifiers.get(f"{main}\x00{name}") if main else None
        return self._world.products.get(key) if key else None

    def read(self, draft: Draft, value: JsonValue, *, by_uuid: bool, inherited: JsonObject) -> None:
        """Each kind of each type that is sent is replaced; everything else stays."""
        if not isinstance(value, dict):
            if value == []:
                return
            raise wrong_kind("associations", "object", value)
        for code, kinds in value.items():
            stored = self._type(code, quantified=False)
            if not isinstance(kinds, dict):
                if kinds == []:
                    continue
                raise structure(f'Property "associations" expects an array of arrays as data, for "{code}".')
            own = dict(child(draft.associations, stored))
            for kind, targets in kinds.items():
                if kind not in PLAIN:
                    raise structure(f'Property "associations" expects one of "{", ".join(PLAIN)}", "{kind}" given.')
                above = texts(child(inherited, stored).get(kind))
                own[kind] = as_list(
                    one
                    for one in self._targets(kind, check_texts(targets, "associations"), by_uuid=by_uuid)
                    if one not in above
                )
            _put(draft.associations, stored, {kind: own[kind] for kind in PLAIN if own.get(kind)})

    def _type(self, code: str, *, quantified: bool) -> str:
        name = "quantified_associations" if quantified else "associations"
        found = self._world.find("association_type", code)
        if found is None or flag(found, "is_quantified") is not quantified:
            raise structure(
                f'Property "{name}" expects a valid association type code.'
                f' The association type does not exist or is {"not " if quantified else ""}quantified, "{code}" given.'
            )
        return text(found, "code")

    def _targets(self, kind: str, names: list[str], *, by_uuid: bool) -> Iterator[str]:
        for name in names:
            yield self._target(kind, name, "associations", by_uuid=by_uuid)

    def _target(self, kind: str, name: str, owner: str, *, by_uuid: bool) -> str:
        word = {"products": "product " + ("uuid" if by_uuid else "identifier")}.get(kind, kind[:-1].replace("_", " "))
        found: str | None = None
        if kind == "products":
            product = self.product_named(name, by_uuid=by_uuid)
            found = product.key if product else None
        elif kind == "product_models":
            model = self._world.models.get(name)
            found = model.key if model else None
        else:
            found = self._world.group_named(name)
        if found is None:
            thing = kind[:-1].replace("_", " ")
            raise structure(f'Property "{owner}" expects a valid {word}. The {thing} does not exist, "{name}" given.')
        return found

    def read_quantified(self, draft: Draft, value: JsonValue, violations: list[Violation], *, by_uuid: bool) -> None:
        """As plain ones, with a quantity each."""
        if not isinstance(value, dict):
            if value == []:
                return
            raise wrong_kind("quantified_associations", "object", value)
        for code, kinds in value.items():
            stored = self._type(code, quantified=True)
            if not isinstance(kinds, dict):
                raise structure(f'Property "quantified_associations" expects an array of arrays as data, for "{code}".')
            own = dict(child(draft.quantified, stored))
            for kind, links in kinds.items():
                if kind not in ("products", "product_models"):
                    raise structure(f'Property "quantified_associations" does not know "{kind}".')
                own[kind] = list[JsonValue](self._links(stored, kind, links, violations, by_uuid=by_uuid))
            if sum(len(children(links)) for links in own.values()) > MOST_LINKS:
                violations.append(
                    Violation(
                        f"quantifiedAssociations.{stored}",
                        f'The "{stored}" quantified association type has more than {MOST_LINKS} associations.',
                    )
                )
            _put(draft.quantified, stored, {kind: links for kind, links in own.items() if links})

    def _links(
        self, code: str, kind: str, links: JsonValue, violations: list[Violation], *, by_uuid: bool
    ) -> Iterator[JsonObject]:
        if not isinstance(links, list):
            raise wrong_kind("quantified_associations", "array", links)
        for link in links:
            if not isinstance(link, dict) or "quantity" not in link:
                raise structure('Property "quantified_associations" expects an array with the key "quantity".')
            name = link.get("uuid", link.get("identifier")) if kind == "products" else link.get("identifier")
            if not isinstance(name, str):
                raise structure('Property "quantified_associations" expects an array with the key "identifier".')
            uuid_named = "uuid" in link or (by_uuid and "identifier" not in link)
            target = self._target(kind, name, "quantified_associations", by_uuid=uuid_named)
            quantity = whole(link, "quantity", -1)
            if not 1 <= quantity <= LARGEST_QUANTITY:
                violations.append(
                    Violation(
                        f"quantifiedAssociations.{code}",
                        f"The quantity should be a positive integer between 1 and {LARGEST_QUANTITY}.",
                    )
                )
            yield {"key": target, "quantity": quantity}

    def show(self, associations: Iterable[JsonObject], *, by_uuid: bool) -> JsonObject:
        """All plain types with their links, the ancestors' included; links to what was deleted are gone."""
        sources = list(associations)
        shown: JsonObject = {}
        for kind in self._world.tables["association_type"].values():
            if flag(kind, "is_quantified"):
                continue
            code = text(kind, "code")
            own = [child(source, code) for source in sources]
            products = {key for one in own for key in texts(one.get("products")) if key in self._world.products}
            models = {key for one in own for key in texts(one.get("product_models")) if key in self._world.models}
            groups = {name for one in own for name in texts(one.get("groups"))}
            shown[code] = {
                "groups": as_list(sorted(groups)),
                "products": as_list(sorted(products)) if by_uuid else self._identifiers(products),
                "product_models": as_list(sorted(models)),
            }
        return shown

    def _identifiers(self, uuids: Iterable[str]) -> list[JsonValue]:
        found = [product.identifier for key in sorted(uuids) if (product := self._world.products.get(key))]
        # a product without an identifier shows as null
        ordered: list[str | None] = sorted(found, key=lambda name: name or "")
        return as_list(ordered)

    def show_quantified(self, quantified: Iterable[JsonObject], *, by_uuid: bool) -> JsonObject:
        """The quantified types in use."""
        shown: dict[str, dict[str, list[JsonValue]]] = {}
        for source in quantified:
            for code in source:
                lists = shown.setdefault(code, {"products": [], "product_models": []})
                for link in children(child(source, code).get("products")):
                    product = self._world.products.get(text(link, "key"))
                    if product is not None:
                        name: JsonObject = {"uuid": product.key} if by_uuid else {"identifier": product.identifier}
                        lists["products"].append({**name, "quantity": link["quantity"]})
                for link in children(child(source, code).get("product_models")):
                    if text(link, "key") in self._world.models:
                        lists["product_models"].append({"identifier": link["key"], "quantity": link["quantity"]})
        return {code: dict[str, JsonValue](lists) for code, lists in sorted(shown.items())}


def _put(owner: JsonObject, key: str, value: JsonObject) -> None:
    if value:
        owner[key] = value
    else:
        owner.pop(key, None)
