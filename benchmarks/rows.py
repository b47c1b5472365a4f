"""The rows of the benchmark. Each is a function that returns figures; `run.py` gives each a process of its own."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
from attrs import evolve, frozen
from instant_pim import API, product, serving

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth
from akeneo_erp_bridge.catalog import Metric, Price, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, CurrencyCode, FamilyCode, LocaleCode, ProductUuid, UnitCode

LINES = {"Content-Type": "application/vnd.akeneo.collection+json", "Authorization": "Bearer t"}
AUTH = PasswordAuth(client_id="c", secret="s", username="u", password="p")
# no pace of our own: the subject is the work for a request, not the limit of a real PIM
UNLIMITED = Options(requests_per_second=1_000_000)


@frozen
class Figures:
    """What was measured: a rate or a time of ours, and of the floor; `cpu` is our share of the floor's CPU time."""

    ours: float
    floor: float | None
    unit: str
    ratio: float | None
    cpu: float | None = None


def best(job: Callable[[], int], tries: int = 3) -> float:
    """Things a second, the best of some tries: the others were disturbed."""
    return max(rates(job)[0] for _ in range(tries))


def rates(job: Callable[[], int]) -> tuple[float, float]:
    """Things a second, and things a second of CPU time."""
    begun, used = time.perf_counter(), time.process_time()
    count = job()
    return count / (time.perf_counter() - begun), count / (time.process_time() - used)


def side_by_side(ours: Callable[[], int], floor: Callable[[], int], unit: str, tries: int = 5) -> Figures:
    """Both in turn, the best of each: a machine that is slow for a while is slow for both."""
    pairs = [(*rates(ours), *rates(floor)) for _ in range(tries)]
    wall, cpu, floor_wall, floor_cpu = (max(one[place] for one in pairs) for place in range(4))
    return Figures(wall, floor_wall, unit, wall / floor_wall, floor_cpu / cpu)


def compared(ours: float, floor: float, unit: str) -> Figures:
    """A rate of ours beside the floor's."""
    return Figures(ours, floor, unit, ours / floor)


# ---- reading ----
def read(size: int) -> Figures:
    """Products of forty values, five of them touched."""
    with serving(size) as url, AkeneoClient(url, AUTH, options=UNLIMITED) as pim, httpx.Client(base_url=url) as http:

        def ours() -> int:
            count = 0
            for one in pim.products.list(page_size=100):
                values = one.values
                values.text("sku")
                values.metric("weight")
                values.prices("price")
                values.text("name", locale="en_US")
                values.option("colour")
                count += 1
            return count

        def by_hand() -> int:
            count, target = 0, f"{API}?pagination_type=search_after&limit=100"
            while target:
                page = json.loads(http.get(target, headers={"Authorization": "Bearer t"}).content)
                for one in page["_embedded"]["items"]:
                    values = one["values"]
                    _ = values["sku"][0]["data"]
                    _ = Decimal(values["weight"][0]["data"]["amount"])
                    _ = Decimal(values["price"][0]["data"][0]["amount"])
                    _ = next(value["data"] for value in values["name"] if value["locale"] == "en_US")
                    _ = values["colour"][0]["data"]
                    count += 1
                target = page["_links"].get("next", {}).get("href", "")
            return count

        return side_by_side(ours, by_hand, "products/s")


def read_memory(size: int) -> Figures:
    """The most memory a process takes that reads so many products."""
    with serving(size) as url, AkeneoClient(url, AUTH, options=UNLIMITED) as pim:
        count = sum(one.values.metric("weight") is not None for one in pim.products.list(page_size=100))
    assert count == size
    return Figures(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, None, "MiB", None)


def worked_on(seconds: float) -> None:
    """What a program does with a page: work of its own, that holds the interpreter."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def read_ahead(size: int) -> Figures:
    """50 ms a page, and 40 ms of work on each: one page ahead, against a loop that does one after the other."""
    ahead = evolve(UNLIMITED, read_ahead=True)
    with (
        serving(size, delay=0.05) as url,
        AkeneoClient(url, AUTH, options=ahead) as pim,
        httpx.Client(base_url=url) as http,
    ):
        pim.products.list(page_size=1).first()  # signed in, connected

        def ours() -> int:
            count = 0
            for page in pim.products.list(page_size=100).pages():
                count += sum(one.values.text("sku") is not None for one in page.items)
                worked_on(0.04)
            return count

        def by_hand() -> int:
            count, target = 0, f"{API}?pagination_type=search_after&limit=100"
            while target:
                page = json.loads(http.get(target, headers={"Authorization": "Bearer t"}).content)
                count += sum(one["values"]["sku"][0]["data"] is not None for one in page["_embedded"]["items"])
                worked_on(0.04)
                target = page["_links"].get("next", {}).get("href", "")
            return count

        return side_by_side(ours, by_hand, "products/s", tries=1)


# ---- writing ----
def patches(size: int) -> Iterator[ProductPatch]:
    """Products with twelve values each."""
    texts = [AttributeCode(f"text_{place}") for place in range(8)]
    sku, name, weight, price = (AttributeCode(code) for code in ("sku", "name", "weight", "price"))
    english, family, kilogram, euro = (
        LocaleCode("en_US"),
        FamilyCode("drills"),
        UnitCode("KILOGRAM"),
        CurrencyCode("EUR"),
    )
    for number in range(size):
        yield ProductPatch(
            uuid=ProductUuid(f"00000000-0000-4000-8000-{number:012}"),
            family=family,
            values=[
                Value(sku, f"SKU-{number:06}"),
                Value(name, f"Cordless drill {number}", locale=english),
                Value(weight, Metric(Decimal("1.25"), kilogram)),
                Value(price, (Price(Decimal("12.90"), euro),)),
                *(Value(code, f"Text of product {number}") for code in texts),
            ],
        )


def dictionaries(size: int) -> Iterator[dict[str, object]]:
    """The same as a hand-written loop would have it."""
    kept = ("sku", "weight", "price", "name", *(f"text_{place}" for place in range(8)))
    for number in range(size):
        whole = product(number)
        values = whole["values"]
        assert isinstance(values, dict)
        yield {"uuid": whole["uuid"], "family": "drills", "values": {code: values[code] for code in kept}}


def post(http: httpx.Client, lines: list[bytes]) -> int:
    """One batch, and its verdicts."""
    answer = http.patch(API, content=b"\n".join(lines), headers=LINES)
    return sum(json.loads(line)["status_code"] < 300 for line in answer.content.split(b"\n"))


def batches(lines: list[bytes]) -> list[list[bytes]]:
    return [lines[start : start + 100] for start in range(0, len(lines), 100)]


def upsert(size: int) -> Figures:
    """Typed products that are there, against a loop over dictionaries that are there: lines made, sent, verdicts read."""
    things = list(patches(size))
    ready = list(dictionaries(size))
    with serving() as url, AkeneoClient(url, AUTH, options=UNLIMITED) as pim, httpx.Client(base_url=url) as http:

        def ours() -> int:
            return sum(result.ok for result in pim.products.upsert_many(things))

        def by_hand() -> int:
            some = (ready[start : start + 100] for start in range(0, len(ready), 100))
            return sum(post(http, [json.dumps(one).encode() for one in lines]) for lines in some)

        return side_by_side(ours, by_hand, "products/s")


def upsert_prepared(size: int) -> Figures:
    """Typed products, against lines that were written before the clock began, four in flight both."""
    things = list(patches(size))
    prepared = batches([json.dumps(one).encode() for one in dictionaries(size)])
    with serving() as url, AkeneoClient(url, AUTH, options=UNLIMITED) as pim, httpx.Client(base_url=url) as http:

        def ours() -> int:
            return sum(result.ok for result in pim.products.upsert_many(things))

        def by_hand() -> int:
            with ThreadPoolExecutor(4) as workers:
                return sum(workers.map(lambda lines: post(http, lines), prepared))

        return side_by_side(ours, by_hand, "products/s")


def upsert_by_hand(size: int) -> Figures:
    """Typed products, against a loop that makes dictionaries and writes them one batch after the other."""
    with serving() as url, AkeneoClient(url, AUTH, options=UNLIMITED) as pim, httpx.Client(base_url=url) as http:

        def ours() -> int:
            return sum(result.ok for result in pim.products.upsert_many(patches(size)))

        def by_hand() -> int:
            lines = [json.dumps(one).encode() for one in dictionaries(size)]
            return sum(post(http, some) for some in batches(lines))

        return side_by_side(ours, by_hand, "products/s")


def upsert_slow(size: int) -> Figures:
    """A PIM that answers after 200 ms: four in flight, against one at a time."""
    things = list(patches(size))
    prepared = batches([json.dumps(one).encode() for one in dictionaries(size)])
    with (
        serving(delay=0.2) as url,
        AkeneoClient(url, AUTH, options=UNLIMITED) as pim,
        httpx.Client(base_url=url) as http,
    ):
        list(pim.products.upsert_many(things[:1]))  # signed in, connected

        def ours() -> int:
            return sum(result.ok for result in pim.products.upsert_many(things))

        def by_hand() -> int:
            return sum(post(http, lines) for lines in prepared)

        return side_by_side(ours, by_hand, "products/s", tries=1)
