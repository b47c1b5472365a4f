"""Products from JSON and back, by hand: a PIM has millions of them, and their values stay unparsed."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, TypeAlias, TypeVar, cast

from akeneo_erp_bridge._unset import UNSET
from akeneo_erp_bridge.catalog._data import Value, codes, plain_data
from akeneo_erp_bridge.catalog._json import JsonObject, JsonValue, as_bool, as_list, as_moment, as_object, as_text
from akeneo_erp_bridge.catalog._maker import maker
from akeneo_erp_bridge.catalog._patches import ProductModelPatch, ProductPatch
from akeneo_erp_bridge.catalog._products import Associations, Product, ProductModel, QuantifiedAssociations
from akeneo_erp_bridge.catalog._values import RawValues, ValueSet
from akeneo_erp_bridge.catalog._writing import READ_ONLY, plain
from akeneo_erp_bridge.codes import CategoryCode, FamilyCode, FamilyVariantCode, ProductModelCode, ProductUuid, Sku

__all__ = ["decode_product", "decode_product_model", "encode_product", "encode_product_model", "encode_values"]

C = TypeVar("C", bound=str)
ProductKey: TypeAlias = Literal["uuid", "identifier"]
"""What a route names products by, in links too."""

_SHARED: Final = frozenset(
    {
        "_links", "family", "categories", "parent", "values", "associations", "quantified_associations",
        "created", "updated",
    }
)  # fmt: skip
_PRODUCT: Final = _SHARED | {"uuid", "identifier", "enabled", "groups"}
_MODEL: Final = _SHARED | {"code", "family_variant"}
_new_product, _new_model, _new_values = maker(Product), maker(ProductModel), maker(ValueSet)
# Entries are checked when somebody reads them: looking at all of them is what this package avoids.
_as_values: Final = cast("Callable[[JsonValue, str], RawValues]", as_object)


# ---- reading ----
def decode_product(raw: JsonValue) -> Product:
    """Read one product; its values are not looked at.

    Raises `ValueError` naming the product, the path inside it, and what was seen there.

    >>> drill = decode_product({"identifier": "DR-18V", "family": "drills", "values": {}})
    >>> drill.identifier, drill.family, drill.parent
    ('DR-18V', 'drills', None)
    >>> decode_product({"identifier": "DR-18V", "enabled": "yes"})
    Traceback (most recent call last):
        ...
    ValueError: product 'DR-18V': enabled: expected a boolean, got a text: 'yes'
    """
    parts = as_object(raw, "product")
    get = parts.get
    try:
        # What is empty in most products is not looked at by a function of its own: a PIM has millions of them.
        enabled, links, quantified = get("enabled"), get("associations"), get("quantified_associations")
        return _new_product(
            uuid=_code(get("uuid"), "uuid", ProductUuid),
            identifier=_code(code, "identifier", Sku) if (code := get("identifier")) is not None else None,
            family=_code(get("family"), "family", FamilyCode),
            enabled=True if enabled is True or enabled is None else as_bool(enabled, "enabled"),
            categories=_categories(get("categories")),
            groups=codes(groups, "groups") if (groups := get("groups")) else (),
            parent=_code(parent, "parent", ProductModelCode) if (parent := get("parent")) is not None else None,
            values=_values(get("values")),
            associations=_associations(links) if links else {},
            quantified_associations=_quantified(quantified) if quantified else {},
            created=_moment(get("created"), "created"),
            updated=_moment(get("updated"), "updated"),
            extra={} if parts.keys() <= _PRODUCT else {name: parts[name] for name in parts if name not in _PRODUCT},
        )
    except ValueError as error:
        raise ValueError(f"product {get('uuid') or get('identifier')!r}: {error}") from None


def decode_product_model(raw: JsonValue) -> ProductModel:
    """Read one product model; its values are not looked at.

    Raises `ValueError` naming the model, the path inside it, and what was seen there.

    >>> decode_product_model({"code": "roma", "family_variant": "clothing_by_size"}).family_variant
    'clothing_by_size'
    """
    parts = as_object(raw, "product model")
    get = parts.get
    try:
        return _new_model(
            code=ProductModelCode(as_text(get("code"), "code")),
            family=_code(get("family"), "family", FamilyCode),
            family_variant=_code(get("family_variant"), "family_variant", FamilyVariantCode),
            parent=_code(get("parent"), "parent", ProductModelCode),
            categories=_categories(get("categories")),
            values=_values(get("values")),
            associations=_associations(get("associations")),
            quantified_associations=_quantified(get("quantified_associations")),
            created=_moment(get("created"), "created"),
            updated=_moment(get("updated"), "updated"),
            extra={name: parts[name] for name in parts if name not in _MODEL},
        )
    except ValueError as error:
        raise ValueError(f"product model {get('code')!r}: {error}") from None


def _code(raw: JsonValue, path: str, kind: Callable[[str], C]) -> C | None:
    # a NewType is a text; to call it for each code of each product would cost as much as all the rest
    if raw is None or type(raw) is str:
        return raw  # type: ignore[return-value]  # pyright: ignore[reportReturnType]  # as above
    return kind(as_text(raw, path))


def _categories(raw: JsonValue) -> tuple[CategoryCode, ...]:
    # The codes were checked to be texts; a call of the NewType for each would double the cost.
    return cast("tuple[CategoryCode, ...]", codes(raw, "categories")) if raw else ()


def _values(raw: JsonValue) -> ValueSet:
    return _new_values(_as_values(raw, "values")) if raw else ValueSet()


def _associations(raw: JsonValue) -> Associations:
    # The inner lists are left as they came: building objects nobody reads would cost more than all other fields.
    return cast("Associations", as_object(raw, "associations")) if raw else {}


def _quantified(raw: JsonValue) -> QuantifiedAssociations:
    # As above.
    return cast("QuantifiedAssociations", as_object(raw, "quantified_associations")) if raw else {}


def _moment(raw: JsonValue, path: str) -> datetime.datetime | None:
    return None if raw is None else as_moment(raw, path)


# ---- writing ----
def encode_product(
    product: Product | ProductPatch, key: ProductKey, *, new: bool = False, values: bool = True
) -> dict[str, JsonValue]:
    """Write one product for the routes that name products by *key*.

    Raises `ValueError` when the product lacks that key, or a patch for UUID routes carries an identifier,
    which those routes take only as a value of the identifier attribute. A *new* product may lack its UUID:
    the PIM makes one. Without *values* the values are left out, for those who write them another way.

    >>> encode_product(ProductPatch(identifier=Sku("DR-18V"), family=FamilyCode("drills"), parent=None), "identifier")
    {'identifier': 'DR-18V', 'family': 'drills', 'parent': None}
    """
    name = product.uuid if key == "uuid" else product.identifier
    if not name and not (new and key == "uuid"):
        raise ValueError(f"this route names products by {key}, and {_label(product)} has none")
    if key == "uuid" and product.identifier is not None and isinstance(product, ProductPatch):
        raise ValueError(
            f"{_label(product)}: UUID routes take the identifier as a value of the identifier attribute, "
            "not as a field; put it into `values`, or write through `products_by_identifier`"
        )
    fields = _product_fields(product, values=values)
    return {key: name, **fields} if name else fields


def _product_fields(product: Product | ProductPatch, *, values: bool) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = {}
    if product.family is not UNSET:
        body["family"] = product.family
    if product.enabled is not UNSET:
        body["enabled"] = product.enabled
    if product.groups is not UNSET:
        body["groups"] = list(product.groups)
    _add_shared(body, product, values=values)
    return body


def encode_product_model(model: ProductModel | ProductModelPatch, *, values: bool = True) -> dict[str, JsonValue]:
    """Write one product model; raises `ValueError` for a value that has no exact JSON form.

    >>> encode_product_model(ProductModelPatch(code=ProductModelCode("roma"), categories=[]))
    {'code': 'roma', 'categories': []}
    """
    body: dict[str, JsonValue] = {"code": model.code}
    variant = model.family_variant
    if variant is not UNSET and variant is not None:
        body["family_variant"] = variant
    _add_shared(body, model, values=values)
    return body


def encode_values(values: Sequence[Value] | ValueSet) -> dict[str, JsonValue]:
    """Write values as the PIM takes them: by attribute, then by locale and channel.

    Raises `ValueError` naming the attribute for data without an exact JSON form, such as a float.

    >>> from akeneo_erp_bridge.codes import AttributeCode, LocaleCode
    >>> encode_values([Value(AttributeCode("name"), "Drill", locale=LocaleCode("en_US"))])
    {'name': [{'locale': 'en_US', 'scope': None, 'data': 'Drill'}]}
    """
    if isinstance(values, ValueSet):
        return _values_again(values)
    body: dict[str, list[JsonObject]] = {}
    for value in values:
        try:
            entry: JsonObject = {"locale": value.locale, "scope": value.channel, "data": plain_data(value.data)}
        except ValueError as error:
            raise ValueError(f"values.{value.attribute}: {error}") from None
        known = body.get(value.attribute)
        if known is None:
            body[value.attribute] = [entry]
        else:
            known.append(entry)
    return {**body}


def _add_shared(
    body: dict[str, JsonValue], thing: Product | ProductPatch | ProductModel | ProductModelPatch, *, values: bool
) -> None:
    if thing.parent is not UNSET:
        body["parent"] = thing.parent
    if thing.categories is not UNSET:
        body["categories"] = list(thing.categories)
    # Empty maps change nothing, and versions before 5.0 refuse the name of quantified links.
    if values and thing.values:
        body["values"] = encode_values(thing.values)
    if thing.associations is not UNSET and thing.associations:
        body["associations"] = plain(thing.associations)
    if thing.quantified_associations is not UNSET and thing.quantified_associations:
        body["quantified_associations"] = plain(thing.quantified_associations)
    if thing.extra:
        patch = isinstance(thing, ProductPatch | ProductModelPatch)
        body |= {name: plain(value) for name, value in thing.extra.items() if patch or name not in READ_ONLY}


def _values_again(values: ValueSet) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = {}
    for attribute, raw in values.source.items():
        entries = (as_object(entry, f"values.{attribute}") for entry in as_list(raw, f"values.{attribute}"))
        body[attribute] = [
            {"locale": entry.get("locale"), "scope": entry.get("scope"), "data": _writable(entry.get("data"))}
            for entry in entries
        ]
    return body


def _writable(data: JsonValue) -> JsonValue:
    # SaaS adds the unit's symbol to what it sends, and does not take it back.
    if isinstance(data, Mapping) and "symbol" in data and "unit" in data:
        return {"amount": data.get("amount"), "unit": data["unit"]}
    return data


def _label(product: Product | ProductPatch) -> str:
    return f"product {(product.uuid or product.identifier)!r}" if product.uuid or product.identifier else "a product"
