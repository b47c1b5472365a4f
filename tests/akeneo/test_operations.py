"""The contract: every operation that Akeneo documents has a method, and the method does just that."""

from __future__ import annotations

import inspect
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from akeneo.stub import Stub, client_of
from akeneo_erp_bridge import catalog
from akeneo_erp_bridge.akeneo import Operation, PasswordAuth, operations
from akeneo_erp_bridge.catalog import (
    CatalogPatch,
    MeasurementFamilyPatch,
    Patch,
    ProductModelPatch,
    ProductPatch,
    RuleDefinitionPatch,
    UiExtensionPatch,
)
from akeneo_erp_bridge.codes import MeasurementFamilyCode, ProductModelCode, ProductUuid, Sku

SPEC = Path(__file__).parents[3] / "shared" / "akeneo-web-api.json"
OPERATIONS = operations()

WHOLE = ("/measurement-families", "/ui-extensions", "/attributes", "/options")
"""Lists of these come as bare arrays, below reference entities and asset families."""


# ---- against Akeneo's own specification ----
@pytest.mark.skipif(not SPEC.exists(), reason="Akeneo's specification is not part of this project; CI has it")
def test_the_table_holds_every_operation_of_the_specification() -> None:
    spec = json.loads(SPEC.read_text())
    theirs = {
        (verb.upper(), _unnamed(path)): bool(one.get("x-deprecated"))
        for path, verbs in spec["paths"].items()
        for verb, one in verbs.items()
        if verb in ("get", "post", "patch", "put", "delete")
    }
    ours = {(one.verb, _unnamed(one.path)): one.is_deprecated for one in OPERATIONS}
    assert len(theirs) == 137
    assert theirs.keys() - ours.keys() == set()
    assert {key: ours[key] for key in theirs} == theirs, "what is deprecated"


def _unnamed(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/"))


def test_the_table_is_complete_and_names_each_operation_once() -> None:
    assert len(OPERATIONS) == 175
    assert len({(one.verb, one.path) for one in OPERATIONS}) == 175
    assert sum(one.is_experimental for one in OPERATIONS) == 10
    assert {one.edition for one in OPERATIONS} == {"all", "enterprise"}


# ---- against the client ----
ANYTHING: dict[str, Any] = {
    "code": "x", "uuid": "x", "id": "x", "type": "text", "standard_unit_code": "x", "execution_id": "1", "routes": {},
    "values": {}, "family": None,
}  # fmt: skip


def answer(request: httpx.Request) -> httpx.Response:
    """What a PIM could say to nearly everything."""
    path = request.url.path
    if request.method == "POST" and "media-files" in path:
        return httpx.Response(201, headers={"Location": f"https://pim.example.com{path}/0/a/drill.jpg"})
    if request.method == "POST" and ("reference-files" in path or "variation-files" in path):
        return httpx.Response(201, headers={"Location": f"https://pim.example.com{path}"})
    if request.method == "PATCH" and request.headers.get("content-type", "").startswith("application/vnd.akeneo"):
        return httpx.Response(200, content=b'{"line":1,"status_code":204}')
    if request.method == "PATCH" and request.content.startswith(b"["):
        return httpx.Response(200, json=[{"code": "x", "status_code": 204}])
    if request.method == "GET" and path.endswith(WHOLE) and not path.endswith(("v1/attributes", "colour/options")):
        return httpx.Response(200, json=[])
    return httpx.Response(200, json={**ANYTHING, "_links": {}, "_embedded": {"items": []}})


SAMPLES: dict[str, Any] = {
    "entity": "brands", "family": "shirts", "attribute": "colour", "catalog": "c1", "model": "m1", "step": "s1",
    "code": "x", "uuid": "x", "user": "u1", "task": "t1", "status": "approved", "name": "copy", "asset": "a1",
    "channel": "shop", "locale": "de_DE", "category": "c", "where": {}, "schema": {}, "executions": [{}],
    "product": "x", "file": b"picture", "filename": "drill.jpg", "progress": None, "rule": RuleDefinitionPatch(code="x"),
    "extension": UiExtensionPatch(uuid="x"),
}  # fmt: skip


def patch_for(method: str) -> Patch:
    """A change of the kind that the method takes."""
    special: dict[str, Patch] = {
        "products": ProductPatch(uuid=ProductUuid("x")),
        "products_by_identifier": ProductPatch(identifier=Sku("x")),
        "product_models": ProductModelPatch(code=ProductModelCode("x")),
        "measurement_families": MeasurementFamilyPatch(code=MeasurementFamilyCode("x")),
        "catalogs": CatalogPatch(id="x"),
    }
    owner = method.rpartition(".")[0]
    if owner in special:
        return special[owner]
    name = {
        "legacy.assets": "PamAsset", "legacy.asset_categories": "PamAssetCategory", "legacy.asset_tags": "PamAssetTag",
        "family_variants": "FamilyVariant", "attribute_options": "AttributeOption", "families": "Family",
        "categories": "Category", "reference_entities": "ReferenceEntity", "asset_families": "AssetFamily",
        "reference_entities.records": "Record", "asset_families.assets": "Asset", "attributes": "Attribute",
        "reference_entities.attributes": "EntityAttribute", "asset_families.attributes": "EntityAttribute",
        "reference_entities.attribute_options": "EntityOption", "asset_families.attribute_options": "EntityOption",
        "attribute_groups": "AttributeGroup", "association_types": "AssociationType", "channels": "Channel",
    }[owner]  # fmt: skip
    made: Patch = getattr(catalog, f"{name}Patch")(code="x")
    return made


def call(pim: object, operation: Operation) -> None:
    """Carry out the operation's method, with samples for its arguments."""
    here: Any = pim
    *way, last = operation.method.split(".")
    for step in way:
        here = getattr(here, step)
        if callable(here):
            here = here(*[SAMPLES[name] for name in needed(here)])
    method = getattr(here, last)
    special = {
        "target": io.BytesIO(),
        "thing": patch_for(operation.method)
        if way and last in ("create", "upsert") and way != ["ui_extensions"]
        else None,
        "things": [patch_for(operation.method)] if last == "upsert_many" else None,
    }
    if (way, last) in ((["catalogs"], "create"), (["catalogs"], "update")):
        special["catalog"] = patch_for(operation.method)
    if last == "suggest_attribute":
        special["attribute"] = {"code": "x"}
    arguments = {name: special.get(name, SAMPLES.get(name)) for name in needed(method)}
    if "file" in arguments:
        arguments["filename"] = "drill.jpg"
    if operation.method == "media_files.upload":
        arguments["product"] = "x"
    found = method(**arguments)
    if isinstance(found, Iterable) and not isinstance(found, dict | tuple | str):
        list(found)


def needed(method: Any) -> list[str]:
    """The parameters without a default."""
    return [one.name for one in inspect.signature(method).parameters.values() if one.default is one.empty]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.verb} {one.path}")
def test_the_method_sends_what_the_operation_says(operation: Operation) -> None:
    stub = Stub(otherwise=answer)
    auth = PasswordAuth(client_id="i", secret="s", username="u", password="p")
    pim = client_of(stub, auth=auth)
    call(pim, operation)
    if operation.method == "sign_in":
        assert len(stub.sign_ins) == 1
        return
    (request,) = stub.requests
    assert request.method == operation.verb
    wanted = re.sub(r"\\\{[^}]*\\\}", "[^?]+", re.escape(operation.path))
    assert re.fullmatch(wanted, request.url.path), request.url.path
    assert request.headers.get("authorization", "").startswith("Bearer") == (operation.method != "system.routes")
