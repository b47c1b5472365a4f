"""Models, variants, links, pictures, tables, seeds and reference prices in one mapping: killed anywhere, the end is the same."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.sync import SqliteState, SyncOptions, VariantsToPim
from akeneo_erp_bridge.testing import PimSimulator
from killing import SOAK
from rich_shirts import MAPPING, Rich, RichShirts, content, filled, put
from shirts import Shirts


class Killed(BaseException):
    """The process is gone."""


def with_job(
    folder: Path, simulator: PimSimulator, erp: Shirts, do: Callable[[VariantsToPim[Rich]], None], fatal: int | None
) -> bool:
    """Do something with a job that ends at a boundary; whether it came to its end."""
    seen = count()

    def hook(_: str) -> None:
        if next(seen) == fatal:
            raise Killed

    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(folder / "state.db") as state,
    ):
        options = SyncOptions(page_size=7)
        job = VariantsToPim(erp, MAPPING, pim, state, rows=folder / "rows.db", options=options, hook=hook)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # its rows are rich
        try:
            do(job)
        except Killed:
            return False
    return True


def run(job: VariantsToPim[Rich]) -> None:
    report = job.run()
    assert report.accounts_for_everything()
    assert report.exit_code == 0, report


def test_a_run_of_everything_may_be_killed_anywhere_and_then_makes_no_call(tmp_path: Path) -> None:
    expected: list[dict[str, object]] = []
    for fatal in (None, *range(0, 100, 1 if SOAK else 3)):
        folder, simulator, erp = tmp_path / str(fatal), filled(), RichShirts([])
        folder.mkdir()
        ended: list[bool] = []
        for step in (0, 3):
            put(erp, step)
            ended.append(with_job(folder, simulator, erp, run, fatal))
            assert ended[-1] or with_job(folder, simulator, erp, run, None)
            found = content(simulator)
            if fatal is None:
                expected.append(found)
            assert found == expected[step // 3], f"step {step}, killed at boundary {fatal}"
            simulator.forget_calls()
            assert with_job(folder, simulator, put(erp, step), run, None)
            assert [f"{one.method} {one.path}" for one in simulator.mutating_calls] == [], f"after a kill at {fatal}"
        if fatal is not None and all(ended):
            assert fatal >= 15
            break
    before, after = expected
    assert before != after
    assert len(after) == 2 + 4 + 12
    assert "story 1, 0" in repr(after), "sown once"
    assert b"1-1-3.jpg" in [one[-1] for one in after.values() if isinstance(one, tuple)]
    assert "'amount': '10" in repr(after["ST0"])
