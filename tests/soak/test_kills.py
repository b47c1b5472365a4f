"""An import of a thousand, killed at each of its boundaries and at two hundred random moments."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from killing import STEPS, Undisturbed, undisturbed, world

SHIRTS = 1002
MOMENTS = 200


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return undisturbed(tmp_path_factory.mktemp("calm") / "world", SHIRTS)


def test_each_boundary(calm: Undisturbed, tmp_path: Path) -> None:
    for fatal in range(1, 1 + max(len(some) for some in calm.boundaries)):
        with world(tmp_path / str(fatal), SHIRTS) as one:
            for step, passed, expected in zip(STEPS, calm.boundaries, calm.contents, strict=True):
                if fatal <= len(passed):
                    assert one.run(step, fatal) is None, f"step {step}, boundary {fatal}"
                assert one.run(step) is not None
                assert one.content() == expected, f"step {step}, killed at boundary {fatal}"
            one.makes_no_call(STEPS[-1])


def test_random_moments(calm: Undisturbed, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance, kills, worlds = random.Random(seed), 0, 0
    while kills < MOMENTS:
        worlds += 1
        with world(tmp_path / str(worlds), SHIRTS) as one:
            for step, seconds, expected in zip(STEPS, calm.seconds, calm.contents, strict=True):
                for _ in range(chance.randrange(1, 5)):
                    kills += one.run_for(step, chance.uniform(0, seconds))
                assert one.run(step) is not None
                assert one.content() == expected, f"seed {seed}, world {worlds}, step {step}"
            one.makes_no_call(STEPS[-1])
    print(f"{kills} kills in {worlds} worlds")
