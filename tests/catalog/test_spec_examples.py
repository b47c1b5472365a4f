"""Every thing that Akeneo's own specification shows, in an answer or in a request, is read and written without loss."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from akeneo_erp_bridge import catalog
from akeneo_erp_bridge.akeneo import AkeneoClient, AppAuth, operations
from akeneo_erp_bridge.akeneo._kinds import MEASUREMENT_FAMILIES
from akeneo_erp_bridge.catalog import (
    Entity,
    Product,
    ProductModel,
    encode,
    encode_product,
    encode_product_model,
)
from akeneo_erp_bridge.catalog._writing import READ_ONLY

SPEC = Path(__file__).parents[3] / "shared" / "akeneo-web-api.json"
pytestmark = pytest.mark.skipif(
    not SPEC.exists(), reason="Akeneo's specification is not part of this project; CI has it"
)

BROKEN = {
    ("reference_entities.records.list", code): "a minute of 61 seconds in `updated`"
    for code in ("kartell", "usm", "ligneroset")
}
"""Examples that no PIM could send."""

READ_ONLY_IN_VALUES = {"linked_data", "attribute_type", "reference_data_name"}


def examples() -> Iterator[tuple[str, Any]]:
    """The method that reads a thing, and the thing as the specification shows it."""
    spec = json.loads(SPEC.read_text()) if SPEC.exists() else {"paths": {}}
    methods = {unnamed(one.path): one.method for one in operations() if one.verb == "GET"}
    for path, verbs in spec["paths"].items():
        answer = verbs.get("get", {}).get("responses", {}).get("200", {})
        shown = [answer.get("examples"), *_listed(answer.get("x-examples"))]
        for body in filter(None, [*shown, *map(_versioned, _listed(answer.get("x-examples-per-version")))]):
            method = methods[unnamed(path)]
            yield from ((method, item) for item in _items(body) if not method.startswith("system."))


def unnamed(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/"))


def _listed(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value or [])


def _versioned(value: Any) -> Any:
    return value.get("x-example", value) if isinstance(value, dict) else value


def _items(body: Any) -> list[Any]:
    if isinstance(body, list):
        return body
    embedded = body.get("_embedded")
    return [body] if embedded is None else embedded.get("items", embedded.get("_items"))


def kind_of(method: str) -> Any:
    """The resource that a method belongs to."""
    if method.startswith("measurement_families."):
        return MEASUREMENT_FAMILIES
    here: Any = AkeneoClient("https://pim.example.com", AppAuth(access_token="t"))
    for step in method.split(".")[:-1]:
        here = getattr(here, step)
        if callable(here):
            here = here(*["x" for _ in inspect.signature(here).parameters])
    return here._kind


def read(method: str, raw: Any) -> Any:
    """Read the thing as the client would."""
    return kind_of(method).decode(raw)


def written(thing: Any, method: str) -> Any:
    if isinstance(thing, Product):
        return encode_product(thing, "uuid" if method.startswith("products.") else "identifier")
    if isinstance(thing, ProductModel):
        return encode_product_model(thing)
    assert isinstance(thing, Entity)
    return encode(thing, whole=True)


def comparable(raw: Any, *, leave: frozenset[str] = frozenset()) -> Any:
    """Without links, and without what the PIM alone writes."""
    if isinstance(raw, dict):
        return {key: comparable(part) for key, part in raw.items() if key not in ("_links", *leave)}
    return [comparable(part) for part in raw] if isinstance(raw, list) else raw


def plain_product(raw: dict[str, Any]) -> dict[str, Any]:
    """A product as it may be sent: the values without what the PIM adds to them."""
    values = {
        code: [{key: part for key, part in one.items() if key not in READ_ONLY_IN_VALUES} for one in entries]
        for code, entries in raw.get("values", {}).items()
    }
    return {**raw, "values": values}


CASES = list(examples())


def test_there_are_examples_of_most_resources() -> None:
    assert len(CASES) >= 100
    assert len({method for method, _ in CASES}) >= 25


@pytest.mark.parametrize(("method", "raw"), CASES, ids=lambda one: one if isinstance(one, str) else None)
def test_an_example_is_read_and_written_back(method: str, raw: Any) -> None:
    if (method, raw.get("code")) in BROKEN:
        with pytest.raises(ValueError, match=r"updated: expected a time"):
            read(method, raw)
        return
    thing = read(method, raw)
    back = json.loads(json.dumps(comparable(written(thing, method))))
    if isinstance(thing, Product | ProductModel):
        # a model's family follows from its family variant, and the PIM refuses to be told
        leave = READ_ONLY | {"family"} if isinstance(thing, ProductModel) else READ_ONLY
        assert filled(back) == filled(comparable(plain_product(raw), leave=leave))
        assert thing.family == raw.get("family")
    else:
        assert back == comparable(raw)


def filled(product: dict[str, Any]) -> dict[str, Any]:
    """Without the fields that are empty: what a product does not have, it need not say."""
    return {name: part for name, part in product.items() if part not in (None, [], {})}


# ---- requests ----
def requests() -> Iterator[tuple[str, Any]]:
    """The method that sends a thing, and the thing as the specification shows it, alone or as a line of a batch."""
    spec = json.loads(SPEC.read_text()) if SPEC.exists() else {"paths": {}}
    methods = {(one.verb, unnamed(one.path)): one.method for one in operations()}
    for path, verbs in spec["paths"].items():
        for verb in ("post", "patch"):
            for parameter in verbs.get(verb, {}).get("parameters", []):
                schema = parameter.get("schema", {})
                lines = [json.loads(line) for line in schema.get("x-examples", {}).values()]
                whole = schema.get("example", [])
                method = methods[verb.upper(), unnamed(path)]
                # a batch of lines shows one thing as well, the same as the route for one
                shown = lines or (whole if isinstance(whole, list) else [whole])
                yield from ((method, thing) for thing in shown if method != "sign_in")


REQUESTS = list(requests())


def test_there_are_requests_of_most_resources() -> None:
    assert len(REQUESTS) >= 70
    assert len({method.rpartition(".")[0] for method, _ in REQUESTS}) >= 20


@pytest.mark.parametrize(("method", "raw"), REQUESTS, ids=lambda one: one if isinstance(one, str) else None)
def test_what_is_sent_can_be_built(method: str, raw: Any) -> None:
    kind = kind_of(method)
    raw = {kind.key: "x", **raw}  # a route for one thing has its key in the path
    # a line of a batch may leave the type out, and an attribute that was read has one
    thing = read(method, {"type": "pim_catalog_text", **raw} if method.startswith("attributes.") else raw)
    sent = json.loads(json.dumps(kind.encode(patch_of(thing, raw))))
    assert sent == writable(raw)


@pytest.mark.parametrize(
    ("method", "raw"),
    # a product or an attribute that was read is a whole one; all else may be a part
    [one for one in REQUESTS if not one[0].startswith(("product", "attributes."))],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_what_is_sent_can_be_read_and_sent_again(method: str, raw: Any) -> None:
    kind = kind_of(method)
    raw = {kind.key: "x", **raw}
    assert json.loads(json.dumps(kind.encode(read(method, raw)))) == writable(raw)


def patch_of(thing: Any, raw: dict[str, Any]) -> Any:
    """The patch of what *raw* holds, made of typed parts; what has no name goes into `extra`."""
    patch = getattr(catalog, f"{type(thing).__name__}Patch")
    names = {spec.name for spec in attrs.fields(patch)} & set(raw)
    parts = {name: None if raw[name] is None else getattr(thing, name) for name in names}
    if "values" in parts and isinstance(thing, Product | ProductModel):
        parts["values"] = list(thing.values)
    return patch(**parts, extra={name: raw[name] for name in raw if name not in {*names, *READ_ONLY}})


def writable(raw: dict[str, Any]) -> dict[str, Any]:
    """Without what the PIM alone writes."""
    found = {name: part for name, part in raw.items() if name not in READ_ONLY}
    return plain_product(found) if isinstance(found.get("values"), dict) else found
