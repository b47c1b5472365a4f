"""Real processes, killed for real: an import of a thousand with variants, links and pictures ends as if nothing had happened.

Each boundary and two hundred random moments are the soak's; here are some of each.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from killing import STEPS, Undisturbed, fatal_boundaries, undisturbed, world

SHIRTS, FEW = 1002, 12  # whole styles of six


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return undisturbed(tmp_path_factory.mktemp("calm") / "world", SHIRTS)


def test_a_thousand_pass_each_kind_of_boundary(calm: Undisturbed) -> None:
    first, second = calm.boundaries
    assert set(first) == set(second) == {"erp.read", "state.intended", "pim.sent", "state.settled"}
    before, after = calm.contents
    assert before != after
    assert (after["products"], after["pictures"]) == (SHIRTS, 334 + 332)


KILLS: tuple[tuple[tuple[int, str], ...], ...] = (
    ((3, "erp.read"), (1, "state.intended"), (1, "pim.sent"), (2, "state.settled"), (5, "pim.sent"), (3, "state.intended")),
    ((1, "pim.sent"), (2, "state.settled"), (1, "state.intended")),
)  # fmt: skip
"""At which boundary of which kind the process dies, in each step; each time it goes on where it was."""


def test_killed_at_boundaries_one_after_the_other(calm: Undisturbed, tmp_path: Path) -> None:
    with world(tmp_path / "world", SHIRTS) as one:
        for step, kills, expected in zip(STEPS, KILLS, calm.contents, strict=True):
            for fatal, kind in kills:
                assert one.run(step, fatal, kind) is None, f"killed at number {fatal} of {kind}"
            assert one.run(step) is not None
            assert one.content() == expected
            one.makes_no_call(step)


def test_killed_after_requests(tmp_path: Path) -> None:
    """Pictures are uploaded, and models and products written, in several requests between two boundaries of the engine."""
    calm: list[dict[str, object]] = []
    boundaries: list[list[str]] = []
    with world(tmp_path / "calm", FEW) as one:
        for step in STEPS:
            passed = one.run(step, 0, "requests")
            assert passed is not None
            boundaries.append(passed)
            calm.append(one.content())
    for place, step in enumerate(STEPS):
        for fatal in fatal_boundaries(boundaries[place]):
            if "." in boundaries[place][fatal - 1]:
                continue  # one of the engine's own
            with world(tmp_path / f"{step}-{fatal}", FEW) as one:
                for earlier in STEPS[:place]:
                    assert one.run(earlier) is not None
                assert one.run(step, fatal, "requests") is None
                assert one.run(step) is not None
                assert one.content() == calm[place], f"step {step}, after {boundaries[place][fatal - 1]}"
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
