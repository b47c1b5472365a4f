"""A file that is not there is named with the folder in which it was looked for: a mistyped name, or another folder?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from akeneo_erp_bridge.erp import CsvAdapter, ErpItem, ExcelAdapter, FolderAdapter, cold
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.mapping import read_table


class Article(ErpItem):
    number = cold(str, "number", key=True)


def whole(adapter: CsvAdapter[Article] | ExcelAdapter[Article] | FolderAdapter[Article]) -> object:
    return list(adapter.read_items(None, fields=frozenset({"number"}), limit=5))


@pytest.mark.parametrize(
    ("look", "name"),
    [
        (lambda: whole(CsvAdapter("artikel.csv", Article)), "artikel.csv"),
        (lambda: CsvAdapter("artikel.csv", Article).describe(), "artikel.csv"),
        (lambda: whole(ExcelAdapter("artikel.xlsx", Article)), "artikel.xlsx"),
        (lambda: whole(FolderAdapter("drop", Article, pattern="*", contents="delta")), "drop"),
        (lambda: read_table("colours.csv", key="k", value="v"), "colours.csv"),
    ],
)
def test_the_whole_path_is_told(
    look: Callable[[], object], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BridgeError) as raised:
        look()
    assert f"{tmp_path / name} cannot be read (No such file or directory); check the path" in str(raised.value)
