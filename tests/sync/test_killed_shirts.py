"""Real processes, killed for real: an import of a thousand with variants, links and pictures ends as if nothing had happened.

Each boundary and two hundred random moments are the soak's; here are some of each.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from killing import STEPS, Undisturbed, undisturbed, world

SHIRTS = 1002  # whole styles of six


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return undisturbed(tmp_path_factory.mktemp("calm") / "world", SHIRTS)


def test_a_thousand_pass_each_kind_of_boundary(calm: Undisturbed) -> None:
    first, second = calm.boundaries
    assert set(first) == set(second) == {"erp.read", "state.intended", "pim.sent", "state.settled"}
    before, after = calm.contents
    assert before != after
    assert (after["products"], after["pictures"]) == (SHIRTS, 334 + 332)


def test_killed_at_boundaries_one_after_the_other(calm: Undisturbed, tmp_path: Path) -> None:
    with world(tmp_path / "world", SHIRTS) as one:
        for step, fatals in zip(STEPS, ((7, 8, 9, 10, 23), (4, 14, 15)), strict=True):
            for fatal in fatals:
                assert one.run(step, fatal) is None, f"killed at its boundary {fatal}"
            assert one.run(step) is not None
            assert one.content() == calm.contents[STEPS.index(step)]
            one.makes_no_call(step)


def test_killed_at_random_moments(calm: Undisturbed, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance, kills, worlds, longest = random.Random(seed), 0, 0, calm.seconds[0]
    while kills < 4:
        worlds += 1
        with world(tmp_path / str(worlds), SHIRTS) as one:
            while kills < 4 and one.run_for(0, chance.uniform(0, longest)):
                kills += 1
            longest /= 2  # where it came to its end, the machine is faster than it was
            assert one.run(0) is not None
            assert one.content() == calm.contents[0], f"seed {seed}, world {worlds}"
            one.makes_no_call(0)
