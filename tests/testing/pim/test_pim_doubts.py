"""Where Akeneo's documentation leaves a doubt, the simulator does either, as it is told."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from akeneo_erp_bridge.testing import Behaviour, Fault, PimSimulator
from pim_bench import LINES, Caller, new_uuid, seed, value


def caller(behaviour: Behaviour, **options: object) -> Caller:
    sim = seed(PimSimulator(behaviour=behaviour, **options))  # type: ignore[arg-type]  # a clock, in one test
    http = httpx.Client(base_url=sim.url, transport=sim.transport())
    one = Caller(http, sim)
    one.sign_in()
    return one


@pytest.mark.parametrize("taken", [True, False])
def test_an_identifier_on_the_routes_by_uuid(taken: bool) -> None:
    pim = caller(Behaviour(uuid_routes_take_identifier=taken))
    uuid = new_uuid()
    answer = pim.patch(f"products-uuid/{uuid}", {"identifier": "X-1"})
    assert answer.status_code == (201 if taken else 422)
    if taken:
        assert pim.get(f"products-uuid/{uuid}").json()["values"]["sku"][0]["data"] == "X-1"


@pytest.mark.parametrize("unit", ["bytes", "characters"])
def test_a_line_of_many_wide_characters(unit: str) -> None:
    pim = caller(Behaviour(line_limit=unit))  # type: ignore[arg-type]  # one of the two
    line = json.dumps({"code": "wide", "labels": {"en_US": "é" * 600_000}}, ensure_ascii=False).encode()
    assert 1_000_000 < len(line) < 2_000_000
    answer = pim.http.patch("/api/rest/v1/categories", content=line, headers={"Content-Type": LINES})
    (verdict,) = [json.loads(one) for one in answer.content.split(b"\n")]
    assert (verdict["status_code"] == 413) == (unit == "bytes")


@pytest.mark.parametrize("allowed", [True, False])
def test_a_variant_becomes_a_simple_product(allowed: bool) -> None:
    pim = caller(Behaviour(can_detach_variants=allowed))
    pim.sim.load("/api/rest/v1/product-models", [{"code": "m", "family_variant": "one"}])
    body = {"identifier": "v", "parent": "m", "values": {"colour": value("red")}}
    assert pim.post("products", body).status_code == 201
    assert pim.patch("products/v", {"parent": None}).status_code == (204 if allowed else 422)
    assert pim.get("products/v").json()["parent"] == (None if allowed else "m")


def test_a_new_product_is_missing_from_lists_for_a_while() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    pim = caller(Behaviour(index_lag=timedelta(seconds=30)), clock=lambda: now[0])
    uuid = new_uuid()
    assert pim.patch(f"products-uuid/{uuid}", {"enabled": True}).status_code == 201
    assert pim.get(f"products-uuid/{uuid}").status_code == 200, "by its key it is there at once"
    assert list(pim.items("products-uuid")) == []
    now[0] += timedelta(seconds=30)
    assert [one["uuid"] for one in pim.items("products-uuid")] == [uuid]


def test_options_written_at_one_time() -> None:
    pim = caller(Behaviour(option_writes_in_flight=1))
    sim = pim.sim
    answers: list[int] = []
    sim.fail_next(Fault(path="options", latency=timedelta(milliseconds=300)))

    def write(code: str) -> None:
        answers.append(pim.patch(f"attributes/colour/options/{code}", {"labels": {}}).status_code)

    threads = [threading.Thread(target=write, args=(f"c{n}",)) for n in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert 429 in answers
    assert 201 in answers
