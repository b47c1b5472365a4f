"""Killed at every step, there is exactly one template for each model and one item for each variant."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from born_erp import BornErp, BornStyles, model, product, variant
from killing import fatal_boundaries
from sync.pim_first.test_killed import World, ends_right, uuid_of

LONG = "A name that is far too long for this little ERP of ours"
TAGGED = {"erp_state": [{"locale": None, "scope": None, "data": "to_export"}]}


def named(name: str) -> dict[str, object]:
    return {"name": [{"locale": "en_US", "scope": None, "data": name}]}


class ModelWorld(World):
    """As the one of products, with models: some are tagged as a whole, one is refused, one has sub models."""

    with_models = True

    def make(self, count: int) -> None:
        """Users tag models, and simple products. The number S-2 is taken."""
        load = self.simulator.load
        models = [model("shirt", tag="to_export"), model("hat", LONG, tag="to_export"), model("scarf")]
        load("/api/rest/v1/product-models", [*models, model("coat", variant="by_colour_and_size", tag="to_export")])
        colour = {"colour": [{"locale": None, "scope": None, "data": "red"}]}
        load("/api/rest/v1/product-models", [{"code": "coat_red", "parent": "coat", "values": colour}])
        places = [("S-1", "shirt", "s"), ("S-2", "shirt", "m"), ("H-1", "hat", "s"), ("C-1", "coat_red", "s"),
                  ("C-2", "coat_red", "m"), ("F-1", "scarf", "s")]  # fmt: skip
        made = [
            {"uuid": uuid_of(n), **variant(*place, is_tagged=False)} for n, place in enumerate(places[:count], start=1)
        ]
        size = {"size": [{"locale": None, "scope": None, "data": "l"}]}
        made.append({"uuid": uuid_of(9), **product("T-9", tag="to_export", values=[size], family="clothes")})
        load("/api/rest/v1/products-uuid", made)
        erp = BornErp(self.folder / "erp.db")
        erp.put("S-2")
        erp.db.close()

    def change(self) -> None:
        """Both levels change on both sides; a simple product becomes a variant, a variant moves, what was refused is mended."""
        load = self.simulator.load
        load(
            "/api/rest/v1/product-models",
            [
                {"code": "shirt", "values": {**named("A better shirt"), **TAGGED}},
                {"code": "hat", "values": {**named("Hat"), **TAGGED}},
                {"code": "coat", "values": named("A better coat")},
            ],
        )
        sku = {"sku": [{"locale": None, "scope": None, "data": "S-22"}]}
        changes: list[dict[str, object]] = [
            {"uuid": uuid_of(2), "values": sku},
            {"uuid": uuid_of(1), "parent": "scarf", "values": {"size": [{"locale": None, "scope": None, "data": "l"}]}},
            {"uuid": uuid_of(9), "parent": "shirt"},
        ]
        load("/api/rest/v1/products-uuid", changes)
        erp, styles = BornErp(self.folder / "erp.db"), BornStyles(self.folder / "erp.db")
        erp.edit("C-1", weight="1.25")
        styles.edit("coat", fabric="wool")
        erp.db.close()
        styles.db.close()

    def content(self) -> dict[str, object]:
        """What both sides hold in the end, on both levels."""
        styles = BornStyles(self.folder / "erp.db")
        rows = styles.rows()
        marks = styles.db.execute("SELECT count(*), count(DISTINCT born_by) FROM style").fetchone()
        styles.db.close()
        with self.simulator.client() as pim:
            models = {str(one.code): list(one.values) for one in pim.product_models.list()}
        return {**super().content(), "styles": rows, "styles and their models": marks, "models": models}


def prepare(one: ModelWorld, *, changed: bool) -> ModelWorld:
    one.make(6)
    if changed:
        assert one.run() is not None
        one.change()
    return one


@pytest.mark.parametrize("changed", [False, True])
def test_killed_at_every_step_there_is_exactly_one_template_and_one_item(tmp_path: Path, changed: bool) -> None:
    whole = prepare(ModelWorld(tmp_path / "whole"), changed=changed)
    passed = whole.run()
    assert passed is not None
    assert {
        "template.intended", "template.looked", "template.written", "template.bound", "template.settled",
        "template.untagged", "erp.style.wrote", "erp.style.find", "erp.style.read", "export.intended", "export.bound",
        "erp.wrote", "pim.sent", "state.settled",
    } <= set(passed)  # fmt: skip
    expected = whole.content()
    assert (whole.run(), whole.content()) == (whole.run(), expected)
    styles, models = expected["styles"], expected["styles and their models"]
    assert isinstance(styles, dict)
    assert sorted(styles) == (["coat", "hat", "scarf", "shirt"] if changed else ["coat", "shirt"])
    assert models == (len(styles), len(styles))
    for place in fatal_boundaries(passed):
        kind = passed[place - 1]
        one = prepare(ModelWorld(tmp_path / str(place)), changed=changed)
        assert one.run(place) is None, (place, kind)
        ends_right(one, expected, (place, kind))


@pytest.mark.parametrize("changed", [False, True])
def test_a_process_that_is_killed_leaves_no_more_behind(tmp_path: Path, changed: bool) -> None:
    """As above, at the first of each kind, by a real SIGKILL: what was not on disk is lost for certain."""
    whole = prepare(ModelWorld(tmp_path / "whole"), changed=changed)
    passed = whole.run()
    assert passed is not None
    expected = whole.content()
    for place in {kind: passed.index(kind) + 1 for kind in passed}.values():
        one = ModelWorld(tmp_path / str(place))
        with one.served():
            prepare(one, changed=changed)
            assert not one.spawn(place)
            ends_right(one, expected, passed[place - 1])


@pytest.mark.parametrize("changed", [False, True])
def test_random_kills_and_faults_make_no_twins(tmp_path: Path, changed: bool) -> None:
    """The ERP fails at a tenth of its calls, before or after their effect, and processes die."""
    seed = random.randrange(2**32)
    luck = random.Random(seed)
    print(f"seed {seed}")
    whole = prepare(ModelWorld(tmp_path / "whole"), changed=changed)
    assert whole.run() is not None
    one = ModelWorld(tmp_path / "killed")
    with one.served():
        prepare(one, changed=changed)
        for _ in range(6):
            one.spawn(luck.randrange(1, 60), failing=10, seed=luck.randrange(2**32))
        while not one.spawn(failing=10, seed=luck.randrange(2**32)):
            pass
        ends_right(one, whole.content(), seed)
