"""A small catalog and a plain httpx caller, for the tests of the simulator."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

import httpx

from akeneo_erp_bridge.testing import PimSimulator

API = "/api/rest/v1"
LINES = "application/vnd.akeneo.collection+json"


def value(data: object, locale: str | None = None, scope: str | None = None) -> list[dict[str, object]]:
    return [{"locale": locale, "scope": scope, "data": data}]


def new_uuid() -> str:
    return str(uuid.uuid4())


def seed(sim: PimSimulator) -> PimSimulator:
    def attribute(code: str, kind: str, **settings: object) -> dict[str, object]:
        return {"code": code, "type": f"pim_catalog_{kind}", "group": "erp", **settings}

    sim.load(f"{API}/attribute-groups", [{"code": "erp", "labels": {"en_US": "ERP"}}])
    sim.load(f"{API}/categories", [{"code": "master"}, {"code": "tools", "parent": "master"}, {"code": "sale"}])
    channel = {"category_tree": "master", "currencies": ["EUR", "USD"]}
    sim.load(f"{API}/channels", [{"code": "shop", "locales": ["en_US", "fr_FR"], **channel}])
    sim.load(f"{API}/channels", [{"code": "print", "locales": ["en_US"], **channel}])
    sim.load(
        f"{API}/attributes",
        [
            attribute("sku", "identifier"),
            attribute("name", "text", localizable=True),
            attribute("note", "text", max_characters=5),
            attribute("text", "textarea", localizable=True, scopable=True),
            attribute("ean", "text", unique=True),
            attribute("colour", "simpleselect"),
            attribute("size", "simpleselect"),
            attribute("tags", "multiselect"),
            attribute("new", "boolean"),
            attribute("since", "date"),
            attribute("power", "number", decimals_allowed=True, number_min="1", number_max="99"),
            attribute("count", "number"),
            attribute(
                "weight", "metric", metric_family="Weight", default_metric_unit="KILOGRAM", decimals_allowed=True
            ),
            attribute("price", "price_collection", decimals_allowed=True),
        ],
    )
    for owner, codes in (("colour", "red blue"), ("size", "s m"), ("tags", "a b c")):
        sim.load(f"{API}/attributes/{owner}/options", [{"code": c, "labels": {"en_US": c}} for c in codes.split()])
    members = ["name", "note", "text", "ean", "colour", "size", "tags", "new", "since", "power", "weight", "price"]
    required = {"shop": ["name", "weight"]}
    sim.load(
        f"{API}/families",
        [{"code": "drill", "attributes": members, "attribute_requirements": required}, {"code": "bare"}],
    )
    sim.load(
        f"{API}/families/drill/variants",
        [
            {"code": "one", "variant_attribute_sets": [{"level": 1, "axes": ["colour"], "attributes": ["weight"]}]},
            {
                "code": "two",
                "variant_attribute_sets": [
                    {"level": 1, "axes": ["colour"], "attributes": ["note"]},
                    {"level": 2, "axes": ["size"], "attributes": ["weight"]},
                ],
            },
        ],
    )
    kinds = [{"code": "X_SELL"}, {"code": "PAIR", "is_two_way": True}, {"code": "SET", "is_quantified": True}]
    sim.load(f"{API}/association-types", kinds)
    return sim


class Caller:
    """A signed-in httpx client with the verbs the tests use."""

    def __init__(self, http: httpx.Client, sim: PimSimulator) -> None:
        self.http = http
        self.sim = sim

    def sign_in(self) -> dict[str, Any]:
        answer = self.token({"grant_type": "password", "username": "erp", "password": "password"})
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return tokens

    def token(self, body: object, auth: tuple[str, str] = ("client", "secret")) -> httpx.Response:
        return self.http.post("/api/oauth/v1/token", json=body, auth=auth)

    def get(self, path: str, **params: Any) -> httpx.Response:
        params = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in params.items()}
        return self.http.get(f"{API}/{path}", params=params or None)

    def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["_embedded"]["items"]
        return found

    def patch(self, path: str, body: object) -> httpx.Response:
        return self.http.patch(f"{API}/{path}", json=body)

    def post(self, path: str, body: object) -> httpx.Response:
        return self.http.post(f"{API}/{path}", json=body)

    def batch(self, path: str, lines: Iterable[object]) -> httpx.Response:
        text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
        return self.http.patch(f"{API}/{path}", content=text.encode(), headers={"Content-Type": LINES})

    def verdicts(self, path: str, lines: Iterable[object]) -> list[dict[str, Any]]:
        answer = self.batch(path, lines)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.split("\n")]

    def product(self, sku: str, **body: Any) -> str:
        """Create a product and give its UUID."""
        key = new_uuid()
        values = {"sku": value(sku), **body.pop("values", {})}
        answer = self.patch(f"products-uuid/{key}", {"values": values, **body})
        assert answer.status_code == 201, answer.text
        return key

    def values(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"products-uuid/{key}").json()["values"]
        return found

    def data(self, key: str, attribute: str) -> Any:
        return self.values(key)[attribute][0]["data"]
