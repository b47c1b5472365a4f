"""Two PIMs, one history of links and pictures: in one of them the process dies again and again, and both end the same."""

from __future__ import annotations

import os
import random
from contextlib import ExitStack
from datetime import timedelta
from io import BytesIO

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.codes import AssociationTypeCode
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.mapping import fetched
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import Fault, PimSimulator
from bench_erp import Row, Rows, Stopped, dying_after, run
from link_bench import (
    NAMED,
    PACK,
    PAIR,
    PICTURE,
    UPSELL,
    Tool,
    by_sku,
    link_by_hand,
    links,
    made_by_hand,
    tool_mapping,
    with_links,
)
from world import fill


def photo(name: str) -> bytes:
    """Its name is its content; one of them is not there."""
    if name == "none.jpg":
        raise FileNotFoundError(name)
    return name.encode()


PHOTO = (Tool.photo >> fetched(photo)).to(PICTURE)
MAPPINGS = {"all": tool_mapping(NAMED, UPSELL, PAIR, PACK, PHOTO), "few": tool_mapping(NAMED, UPSELL)}
NUMBERS = ("A", "B", "C", "D")
KEYS = ("1", "2", "3", "4", "5")


class World:
    """A PIM and a memory; the ERP is shared."""

    def __init__(self, stack: ExitStack) -> None:
        self.simulator = with_links(fill(PimSimulator()))
        options = Options(retry=RetryPolicy(attempts=1, first_pause=timedelta(0)))
        auth = PasswordAuth(**self.simulator.auth_kwargs)
        transport = self.simulator.transport()
        self.pim = stack.enter_context(AkeneoClient(self.simulator.url, auth, transport=transport, options=options))
        self.state = stack.enter_context(SqliteState(":memory:"))

    def shown(self) -> dict[str, object]:
        """What a PIM user sees, by SKU."""
        found = by_sku(self.pim)
        names = {str(one.uuid): sku for sku, one in found.items()}
        plain, pairs = links(self.pim), links(self.pim, "PAIR")
        return {
            sku: (one.enabled, plain.get(sku), pairs.get(sku), _parts(one, names), self._picture(one))
            for sku, one in found.items()
        }

    def _picture(self, one: Product) -> bytes | None:
        code = one.values.text("picture")
        if code is None:
            return None
        file = BytesIO()
        self.pim.media_files.download(code, file)
        return file.getvalue()


def _parts(one: Product, names: dict[str, str]) -> list[tuple[str, object]]:
    rows = one.quantified_associations.get(AssociationTypeCode("PACK"), {}).get("products", ())
    return sorted((names[str(row["uuid"])], row["quantity"]) for row in rows)


# ---- what happens ----
def edit_the_erp(rng: random.Random, erp: Rows[Tool]) -> None:
    """Rows come, change, and go."""
    for _ in range(rng.randint(0, 3)):
        what = rng.random()
        if what < 0.4 or not erp.rows:
            key = rng.choice(KEYS)
            erp.rows = [one for one in erp.rows if one["id"] != key] + [_row(rng, key)]
            erp.dead = [one for one in erp.dead if one != key]
        elif what < 0.5:
            erp.dead.append(str(erp.rows.pop(rng.randrange(len(erp.rows)))["id"]))
        else:
            row = rng.choice(erp.rows)
            column = rng.choice([one for one in row if one != "id"])
            row[column] = _row(rng, "x")[column]


def _row(rng: random.Random, key: str) -> Row:
    def some() -> list[str] | None:
        return rng.choice([rng.sample(NUMBERS, rng.randint(0, 2)), None, ["X"], ["U", "A"]])

    parts = [{"number": one, "count": rng.randint(1, 2)} for one in rng.sample(NUMBERS, rng.randint(0, 2))]
    return {
        "id": key,
        "number": rng.choice(NUMBERS),
        "name": rng.choice(["one", "two", None]),
        "upsell": some(),
        "pair": some(),
        "components": rng.choice([parts, parts, None]),
        "photo": rng.choice(["red.jpg", "blue.jpg", "none.jpg", None]),
    }


def edit_the_pim(rng: random.Random, worlds: list[World]) -> None:
    """A PIM user links, uploads, makes or deletes a product, in both PIMs alike."""
    sku, other = rng.sample([*NUMBERS, "U"], 2)
    action = rng.choice(["link", "pair", "unlink", "picture", "delete", "make"])
    for world in worlds:
        found = by_sku(world.pim)
        if action == "make" and "U" not in found:
            made_by_hand(world.pim, "U")
        elif action == "delete" and sku in found:
            world.pim.products.delete(found[sku].uuid or "")
        elif action == "unlink" and sku in found:
            link_by_hand(world.pim, sku)
        elif action == "picture" and sku in found:
            world.pim.media_files.upload(b"by hand", attribute="picture", product=sku, filename="hand.jpg")
        elif action in ("link", "pair") and {sku, other} <= found.keys():
            code = "UPSELL" if action == "link" else "PAIR"
            here = [one for one in links(world.pim, code).get(sku, []) if one != other]
            link_by_hand(world.pim, sku, *here, other, code=code)


@pytest.mark.parametrize("seed", range(int(os.environ.get("WALKS", "4"))))
def test_the_end_is_the_same_however_often_it_dies(seed: int) -> None:
    rng = random.Random(seed)
    erp: Rows[Tool] = Rows(Tool)
    erp.kind = rng.choice(["snapshot", "timestamp"])
    with ExitStack() as stack:
        worlds = [World(stack), World(stack)]
        for step in range(12):
            edit_the_erp(rng, erp)
            mapping = MAPPINGS[rng.choice(["all", "all", "all", "few"])]
            page_size = rng.choice([1, 2, 500])
            for _ in range(rng.randint(0, 3)):
                if rng.random() < 0.3:
                    method = rng.choice(["PATCH", "POST"])
                    path = "media-files" if method == "POST" else "products"
                    worlds[1].simulator.fail_next(Fault(method=method, path=path, status=500, times=1))
                try:
                    run(
                        erp,
                        mapping,
                        worlds[1].pim,
                        worlds[1].state,
                        page_size=page_size,
                        hook=dying_after(rng.randint(0, 9)),
                    )
                except (Stopped, BridgeError):
                    continue
                finally:
                    worlds[1].simulator.forgive()
            for _ in range(3):  # what one item leaves to another in one run, the other may take in the next
                for world in worlds:
                    run(erp, mapping, world.pim, world.state, page_size=page_size)
            reports = [run(erp, mapping, one.pim, one.state, page_size=page_size) for one in worlds]
            where = f"seed {seed}, step {step}"
            assert worlds[0].shown() == worlds[1].shown(), where
            assert (reports[0].exit_code == 0) == (reports[1].exit_code == 0), where
            for world in worlds:
                world.simulator.forget_calls()
                run(erp, mapping, world.pim, world.state, page_size=page_size)
                assert world.simulator.mutating_calls == [], where
            if rng.random() < 0.6:
                edit_the_pim(rng, worlds)
