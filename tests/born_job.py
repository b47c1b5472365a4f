"""Both ways of products born in the PIM, in a process of its own that may kill itself, and whose ERP may fail.

`born_job.py URL FOLDER FATAL FAILING SEED MODELS`: it dies at the boundary FATAL, counted from 1, unless that is 0. FAILING is how
many of a hundred calls of the ERP and of the PIM fail, before or after their effect; MODELS is 1 where models are brought
along. Prints the boundaries that it passed.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import httpx

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.errors import ErpUnreachable, PimBroken, PimUnreachable, RateLimited
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.sync.pim_first import Models, PimFirst, PimFirstReport, SelectTag
from born_erp import MESSAGE, Article, BornErp, BornStyles, Style, both_ways, models_both_ways
from fatal import FatalAt
from shaky import Shaky

AUTH = PasswordAuth(client_id="client", secret="secret", username="erp", password="password")
TAG = SelectTag("erp_state", waiting="to_export", exported="exported", failed="failed")


def both_ways_once(
    pim: AkeneoClient,
    folder: Path,
    hook: Callable[[str], None],
    called: Callable[[str], None],
    *,
    with_models: bool = False,
) -> PimFirstReport:
    """One run over the state and the ERP in a folder."""
    mapping, above = both_ways(), models_both_ways()
    erp = BornErp(folder / "erp.db", called)
    styles = BornStyles(folder / "erp.db", lambda name: called(f"style.{name}"))
    models = Models(styles, above, above, parent=Article.style, at_creation=[Style.unit.given("pc")])
    try:
        with SqliteState(folder / "state.db") as state:
            return PimFirst(
                erp, mapping, mapping, pim, state, tag=TAG, message=MESSAGE,
                at_creation=[Article.unit.given("pc")], hook=hook,
                models=models if with_models else None,
            ).run()  # fmt: skip
    finally:
        erp.db.close()
        styles.db.close()


def main(url: str, folder: Path, fatal: int, failing: int, seed: int, models: int) -> None:
    hook = FatalAt(fatal)
    luck = random.Random(seed)

    def called(name: str) -> None:
        hook(f"erp.{name}")
        if luck.randrange(100) < failing:
            raise ErpUnreachable(f"the ERP fails at {name}")

    line = Shaky(httpx.HTTPTransport(), random.Random(seed + 1), failing)
    options = Options(retry=RetryPolicy(attempts=3, first_pause=timedelta(milliseconds=1)))
    try:
        with AkeneoClient(url, AUTH, transport=line, options=options) as pim:
            report = both_ways_once(pim, folder, hook, called, with_models=bool(models))
    except (ErpUnreachable, PimUnreachable, PimBroken, RateLimited) as error:
        if not failing:
            raise
        sys.stderr.write(f"{error}")
        sys.exit(3)
    assert report.accounts_for_everything(), report
    sys.stdout.write(" ".join(hook.passed))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
