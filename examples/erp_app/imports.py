"""From the ERP into the PIM: the library's job, as Julia's choices make it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.sync import (
    Conflicts,
    ErpToPim,
    Only,
    RunObserver,
    SqliteState,
    Stop,
    SyncOptions,
    by_field,
    by_key,
)
from erp_app.config import Config
from erp_app.erp import Erp
from erp_app.fields import Article, mapping
from erp_app.settings import ChoicesFile
from erp_app.wanted import IMPORTED, Wanted


@frozen
class Imports:
    """Imports what was ticked."""

    config: Config
    erp: Erp
    choices: ChoicesFile
    state: SqliteState

    def total(self, wanted: Wanted) -> int | None:
        """How many articles will be read, where that is known before."""
        return self.erp.count() if wanted.kind in ("full", "again") and not wanted.is_resumed else None

    def preflight(self, pim: AkeneoClient) -> None:
        """Raises `PreflightFailed` with what does not fit between the choices and the PIM."""
        self._job(pim, Wanted("new"), (), Stop()).preflight()

    def run(self, pim: AkeneoClient, wanted: Wanted, observers: Sequence[RunObserver], stop: Stop) -> int:
        """Do it; the exit code of the report."""
        job = self._job(pim, wanted, observers, stop)
        if wanted.kind == "part":
            only: Only[ErpItem] | Only[Article]
            only = by_key(*wanted.keys) if wanted.keys else by_field(Article.category, wanted.category)
            return job.run(only=only).exit_code
        return job.run(reads="all" if wanted.reads_all else "new").exit_code

    def _job(
        self, pim: AkeneoClient, wanted: Wanted, observers: Sequence[RunObserver], stop: Stop
    ) -> ErpToPim[Article]:
        options = SyncOptions(
            stream=IMPORTED,
            page_size=self.config.page_size,
            retry_parked=wanted.kind == "again",
            # what PIM users changed waits for a person; a run of everything also finds edits that no news is about
            conflicts=Conflicts("hold", look="all" if wanted.reads_all else "changed"),
        )
        chosen = mapping(self.choices.load().ticked, self.config.pictures)
        return ErpToPim(self.erp.articles(), chosen, pim, self.state, options=options, observers=observers, stop=stop)
