"""What plans of several parts share: how they are shown, and kept in a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path

from akeneo_erp_bridge.sync._pages._private_file import write_private
from akeneo_erp_bridge.sync._plans._page import plan_page
from akeneo_erp_bridge.sync.plan import Plan


class PartedPlan(ABC):
    """Several plans, in the order in which they are written."""

    __slots__ = ()

    @abstractmethod
    def _plans(self) -> Sequence[Plan]:
        """The plans, one after the other."""

    @abstractmethod
    def to_json(self) -> str:
        """Write all of it as JSON; see `Plan.to_json`."""

    def __str__(self) -> str:
        return "\n".join(str(one) for one in self._plans())

    def save(self, path: Path | str) -> None:
        """Write all of it to a file; see `Plan.save`."""
        write_private(path, [self.to_json()], "plan file")

    def lines(self) -> Iterator[str]:
        """One JSON object an item, part by part; see `Plan.lines`."""
        for one in self._plans():
            yield from one.lines()

    def to_html(self) -> str:
        """One page for all of it; see `Plan.to_html`."""
        return "".join(plan_page(self._plans()))

    def save_html(self, path: Path | str) -> None:
        """Write the page to a file; see `Plan.save_html`."""
        write_private(path, plan_page(self._plans()), "page")
