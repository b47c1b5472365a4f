"""Offers as files in a folder."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import CsvSink, Offer, Stock, StockLevel
from akeneo_erp_bridge.errors import ConfigurationError, SinkError

FEEDS = ("price", "available", "label", "stock")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if not one.name.startswith("."))


def test_a_file_tells_kept_withdrawn_and_zero_apart(tmp_path: Path) -> None:
    shop = CsvSink(tmp_path / "drop", feeds=FEEDS)
    stock = Stock((StockLevel("MAIN", Decimal(7)),))
    values = {"price": Decimal("-0.50"), "available": 0, "stock": stock}
    assert shop.deliver([Offer(ErpKey("A"), values, version=3), Offer(ErpKey("B"), {"price": None}, version=4)])[0].ok
    first, second = rows(tmp_path / "drop" / "offers-000000000001.csv")
    assert first == {
        "key": "A", "version": "3", "price": "-0.50", "available": "0", "label": "",
        "stock": '{"stock":[{"location":"MAIN","on_hand":"7","reserved":"0","incoming":"0"}]}',
    }  # fmt: skip
    assert second == {"key": "B", "version": "4", "price": "__WITHDRAWN__", "available": "", "label": "", "stock": ""}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")'])
def test_no_text_is_a_formula(tmp_path: Path, text: str) -> None:
    CsvSink(tmp_path, feeds=["label"]).deliver([Offer(ErpKey(text), {"label": text}, version=1)])
    (row,) = rows(tmp_path / "offers-000000000001.csv")
    assert (row["key"], row["label"]) == (f"'{text}", f"'{text}")


def test_names_are_in_order_also_when_files_were_taken_away(tmp_path: Path) -> None:
    for number in range(1, 4):
        CsvSink(tmp_path, feeds=["n"]).deliver([Offer(ErpKey("A"), {"n": number}, version=number)])
        (name,) = files(tmp_path)
        assert name == f"offers-{number:012}.csv"
        (tmp_path / name).unlink()
    (tmp_path / ".offers.number").unlink()
    (tmp_path / "offers-000000000041.csv").touch()
    CsvSink(tmp_path, feeds=["n"]).deliver([Offer(ErpKey("A"), {"n": 4}, version=4)])
    assert files(tmp_path)[-1] == "offers-000000000042.csv"


def test_a_bad_offer_is_refused_and_the_others_are_written(tmp_path: Path) -> None:
    shop = CsvSink(tmp_path, feeds=["label"])
    offers = [
        Offer(ErpKey("A"), {"weight": 1}),
        Offer(ErpKey("B"), {"label": ""}),
        Offer(ErpKey("C"), {"label": "__WITHDRAWN__"}),
        Offer(ErpKey("D"), {"label": "new"}),
    ]
    results = shop.deliver(offers)
    assert [one.ok for one in results] == [False, False, False, True]
    assert results[0].error == "the files have no column for weight; name it in CsvSink(feeds=...)"
    assert [row["key"] for row in rows(tmp_path / "offers-000000000001.csv")] == ["D"]
    shop.deliver(offers[:1])
    assert files(tmp_path) == ["offers-000000000001.csv"], "a file without an offer is none"


def test_wrong_settings_and_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    for wrong in ({"feeds": []}, {"feeds": ["a", "a"]}, {"feeds": ["key"]}):
        with pytest.raises(ConfigurationError, match="name each feed once"):
            CsvSink(tmp_path, **wrong)
    with pytest.raises(ConfigurationError, match="prefix"):
        CsvSink(tmp_path, feeds=["a"], prefix="../a")
    with pytest.raises(ConfigurationError, match="no formula"):
        CsvSink(tmp_path, feeds=["a"], withdrawn="=")
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match="check the folder and your rights"):
        CsvSink(tmp_path / "file", feeds=["a"]).deliver([Offer(ErpKey("A"), {"a": 1})])
    (tmp_path / ".offers.number").write_text("many")
    with pytest.raises(SinkError, match="not the last number given"):
        CsvSink(tmp_path, feeds=["a"]).deliver([Offer(ErpKey("A"), {"a": 1})])


WRITER = """
import sys
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import CsvSink, Offer
shop = CsvSink(sys.argv[1], feeds=["n"])
print("ready", flush=True)
number = 0
while True:
    number += 1
    shop.deliver([Offer(ErpKey(f"K{one}"), {"n": number}, version=number) for one in range(2000)])
"""


def test_whoever_looks_sees_whole_files_only_and_a_kill_leaves_none_by_half(tmp_path: Path) -> None:
    seen: set[str] = set()
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        while len(seen) < 5:
            for name in files(tmp_path):
                assert len(rows(tmp_path / name)) == 2000
                seen.add(name)
        os.kill(writer.pid, signal.SIGKILL)
    for name in files(tmp_path):
        assert len(rows(tmp_path / name)) == 2000
    last = files(tmp_path)[-1]
    CsvSink(tmp_path, feeds=["n"]).deliver([Offer(ErpKey("A"), {"n": 0}, version=1)])
    assert files(tmp_path)[-1] > last
