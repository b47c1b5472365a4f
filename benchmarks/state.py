"""The rows that measure what a state takes on the disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bridge import DONE, Accepting, Article, Rows, row, run_against, structure
from rows import Figures

from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.sync import SqliteState


class LongRows(Rows):
    """The same articles, with texts as long as a text attribute of a shop's usually is: 1.2 kB in all."""

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        for start in range(0, self.count, limit):
            numbers = range(start, min(start + limit, self.count))
            yield Page([Article(_longer(row(number))) for number in numbers], [], DONE)


def _longer(plain: dict[str, object]) -> dict[str, object]:
    return {name: f"{value} {'word ' * 25}" if name.startswith("text") else value for name, value in plain.items()}


def size(count: int) -> Figures:
    """Bytes of the state file a product, after a first run of products with twelve cells; beside those of their JSON."""
    return _measured(Rows(count))


def size_of_long(count: int) -> Figures:
    """The same, with longer texts."""
    return _measured(LongRows(count))


def _measured(erp: Rows) -> Figures:
    shape = structure()
    with tempfile.TemporaryDirectory() as folder:
        with SqliteState(Path(folder) / "state.db") as state:
            run_against(Accepting(), erp, state, shape)
            text = sum(len(one) for one in _cells(state))
        ours = (Path(folder) / "state.db").stat().st_size  # closed: the log has gone into the file
    return Figures(ours / erp.count, text / erp.count, "bytes", ours / text)


def _cells(state: SqliteState) -> Iterator[str]:
    return (str(cells) for (cells,) in state.database.read(lambda db: list(db.execute("SELECT cells FROM ledger"))))
