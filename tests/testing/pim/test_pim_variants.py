"""Product models and variants: levels, axes, parents, inheritance."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from pim_bench import API, Caller, new_uuid, value


@pytest.fixture
def tree(pim: Caller) -> Caller:
    """`flat` has variants; `root` has the sub model `red`."""
    name = {"name": value("Drill", "en_US")}
    models: list[dict[str, Any]] = [
        {"code": "flat", "family_variant": "one", "values": name, "categories": ["tools"]},
        {"code": "root", "family_variant": "two", "values": name},
        {"code": "red", "parent": "root", "values": {"colour": value("red"), "note": value("sub")}},
    ]
    assert [v["status_code"] for v in pim.verdicts("product-models", models)] == [201, 201, 201]
    return pim


def variant(pim: Caller, parent: str, sku: str, **values: Any) -> httpx.Response:
    body = {"parent": parent, "values": {"sku": value(sku), **{code: value(data) for code, data in values.items()}}}
    return pim.patch(f"products-uuid/{new_uuid()}", body)


def errors(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [one["property"] for one in answer.json()["errors"]]


def test_inheritance(tree: Caller) -> None:
    """Concepts, product models: a variant shows its family, and its models' values and categories."""
    assert variant(tree, "flat", "V", colour="red").status_code == 201
    shown = tree.get("products/V").json()
    assert (shown["family"], shown["parent"], shown["categories"]) == ("drill", "flat", ["tools"])
    assert shown["values"]["name"][0]["data"] == "Drill"
    assert tree.get("product-models/red").json()["values"]["name"][0]["data"] == "Drill"


def test_values_of_another_level_are_dropped(tree: Caller) -> None:
    """Update behaviour, variants: values of other levels are ignored with a success status."""
    body = {"parent": "flat", "values": {"colour": value("red"), "name": value("Mine", "en_US"), "sku": value("V")}}
    assert tree.patch(f"products-uuid/{new_uuid()}", body).status_code == 201
    assert tree.get("products/V").json()["values"]["name"][0]["data"] == "Drill"
    assert (
        tree.patch("product-models/flat", {"values": {"weight": value({"amount": 1, "unit": "GRAM"})}}).status_code
        == 204
    )
    assert "weight" not in tree.get("product-models/flat").json()["values"]


def test_a_get_can_be_sent_again(tree: Caller) -> None:
    """Update behaviour: what a GET of a variant shows, inherited or not, changes nothing when it is sent."""
    variant(tree, "flat", "V", colour="red")
    shown = tree.get("products/V").json()
    body = {key: shown[key] for key in ("categories", "values", "family", "parent", "enabled", "associations")}
    assert tree.patch("products/V", body).status_code == 204
    assert tree.get("products/V").json() == shown
    tree.patch("product-models/flat", {"categories": []})
    assert tree.get("products/V").json()["categories"] == []


def test_attributes_outside_of_the_family(tree: Caller) -> None:
    """Concepts: a simple product may hold them, a variant may not."""
    assert errors(variant(tree, "flat", "V", colour="red", count=1)) == ["attribute"]
    tree.product("S", family="drill", values={"count": value(1)})


def test_axes(tree: Caller) -> None:
    """Variants: an axis must be filled, and no two siblings are alike."""
    assert errors(variant(tree, "flat", "V0")) == ["attribute"]
    assert variant(tree, "flat", "V1", colour="red").status_code == 201
    twin = variant(tree, "flat", "V2", colour="red")
    assert errors(twin) == ["attribute"]
    assert "already has this value" in twin.json()["errors"][0]["message"]
    assert variant(tree, "flat", "V3", colour="blue").status_code == 201
    twin = tree.patch("product-models/red2", {"parent": "root", "values": {"colour": value("red")}})
    assert errors(twin) == ["attribute"]


def test_families_of_variants(tree: Caller) -> None:
    """Variants: the family is the parent's, whatever is sent."""
    variant(tree, "flat", "V", colour="red")
    assert errors(tree.patch("products/V", {"family": None})) == ["family"]
    assert "family" in errors(tree.patch("products/V", {"family": "bare"}))


@pytest.mark.parametrize(
    ("code", "body", "message"),
    [
        ("flat", {"family_variant": None}, "does not expect an empty value"),
        ("flat", {"family_variant": "two"}, "cannot be modified"),
        ("flat", {"parent": "root"}, 'Property "parent" cannot be modified'),
        ("red", {"parent": None}, 'Property "parent" cannot be modified'),
        ("new", {"parent": "red"}, "must be a root product model"),
        ("new", {"parent": "nobody"}, "The parent product model does not exist"),
        ("new", {"parent": "root", "family_variant": "one"}, "is not a product model of the family variant"),
        ("new", {"family_variant": "nothing"}, "The family variant does not exist"),
    ],
)
def test_structure_of_models(tree: Caller, code: str, body: dict[str, object], message: str) -> None:
    """Product models: parent and family variant are fixed, with a message for each mistake."""
    answer = tree.patch(f"product-models/{code}", body)
    assert answer.status_code == 422
    assert message in answer.json()["message"]


def test_depth_of_models(tree: Caller) -> None:
    """Variants: a sub model needs two levels; a variant hangs on the deepest model."""
    sub = {"parent": "flat", "values": {"colour": value("red")}}
    assert "parent" in errors(tree.patch("product-models/new", sub))
    assert errors(variant(tree, "root", "V", size="s")) == ["parent"]
    assert variant(tree, "red", "V", size="s").status_code == 201
    assert tree.get("products/V").json()["values"]["note"][0]["data"] == "sub"


def test_variant_to_simple_and_back(tree: Caller) -> None:
    """Variants: without parent a variant keeps what it inherited; a simple product can become a variant."""
    variant(tree, "flat", "V", colour="red")
    assert tree.patch("products/V", {"parent": None}).status_code == 204
    shown = tree.get("products/V").json()
    assert (shown["parent"], shown["categories"], shown["values"]["name"][0]["data"]) == (None, ["tools"], "Drill")
    assert tree.patch("products/V", {"parent": "flat", "values": {"name": value("x", "en_US")}}).status_code == 204
    assert tree.get("products/V").json()["values"]["name"][0]["data"] == "Drill"


def test_delete_cascades(tree: Caller) -> None:
    """Delete a product model: sub models and variants go with it."""
    variant(tree, "red", "V", size="s")
    assert tree.http.delete(f"{API}/product-models/root").status_code == 204
    assert [tree.get(path).status_code for path in ("product-models/red", "products/V")] == [404, 404]


def test_parent_then_child_in_one_batch(tree: Caller) -> None:
    """Update several: each line is saved before the next is read."""
    lines = [
        {"code": "r2", "family_variant": "two"},
        {"code": "s2", "parent": "r2", "values": {"colour": value("blue")}},
    ]
    assert [v["status_code"] for v in tree.verdicts("product-models", lines)] == [201, 201]


def test_parent_filters(tree: Caller) -> None:
    """Filters: parent "=" finds all descendants, IN the direct children."""
    variant(tree, "red", "V", size="s")

    def found(operator: str, given: object) -> list[str]:
        search = {"parent": [{"operator": operator, "value": given}]}
        return [one["identifier"] for one in tree.items("products", search=search)]

    assert (found("=", "root"), found("IN", ["root"]), found("IN", ["red"])) == (["V"], [], ["V"])
    roots = tree.items("product-models", search={"parent": [{"operator": "EMPTY"}]})
    assert [one["code"] for one in roots] == ["flat", "root"]
