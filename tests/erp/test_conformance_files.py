"""The adapters for workbooks and for drop folders keep the laws that files can be tried on."""

from __future__ import annotations

import csv
import errno
import itertools
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from attrs import frozen
from openpyxl import Workbook

from akeneo_erp_bridge.erp import Csv, ErpItem, ExcelAdapter, FolderAdapter, Table, cold
from akeneo_erp_bridge.testing.conformance import CannotHold, ErpConformance, Faults
from kit_tables import FIRST, Article, CsvWorld, WatchedPath, watched, wire


# ---- a workbook ----
class AskedPath(WatchedPath):
    """A path whose file may fail whichever way it is asked for: the library for workbooks opens it by its name."""

    def __fspath__(self) -> str:
        with self.faults.call(lambda: OSError(errno.EIO, "Input/output error")):
            return str(self)


class ExcelWorld(CsvWorld):
    """A workbook that is saved anew for each change."""

    def __init__(self) -> None:
        super().__init__()
        self.path.unlink()
        self.path = self.path.with_suffix(".xlsx")
        self.export()

    def export(self) -> None:
        new = self.path.with_suffix(".new")
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Articles")
        sheet.append(["number", *FIRST])
        for key, row in self.rows.items():
            sheet.append([key, *row.values()])
        book.save(new)
        new.replace(self.path)

    def create(self, key: str, values: Mapping[str, object]) -> str:
        for path, value in values.items():
            if isinstance(value, Decimal) and len(value.as_tuple().digits) > 15:
                raise CannotHold(path, "a number of Excel has 15 digits")
            if value == "":
                raise CannotHold(path, "in a workbook, a cell with an empty text is an empty cell")
        self.rows[key] = FIRST | {path: cell(one) for path, one in values.items()}
        self.export()
        return key


def cell(value: object) -> object:
    """Excel knows no zones; this ERP writes its moments in UTC."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


class TestExcel(ErpConformance[Article]):
    item = Article
    many = 11_000

    def world(self) -> ExcelWorld:
        return ExcelWorld()

    def make_adapter(self, faults: Faults) -> ExcelAdapter[Article]:
        adapter = ExcelAdapter(self.world().path, Article, sheet="Articles", zone=UTC)
        path = AskedPath(adapter.path)
        path.faults = faults
        adapter.path = path
        return adapter


# ---- a folder ----
@frozen
class WatchedCsv:
    """CSV files that may fail to open."""

    faults: Faults

    def opened(self, path: Path, expected: Sequence[str]) -> AbstractContextManager[Table]:
        return Csv().opened(watched(path, self.faults), expected)


class FolderWorld(CsvWorld):
    """An ERP that drops a file of everything into a folder for each change."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        super().__init__()

    def export(self) -> None:
        self.drop(self.next_name(), self.rows)

    def next_name(self) -> str:
        return f"articles_{next(self.numbers):06d}.csv"

    def drop(self, name: str, rows: Mapping[str, Mapping[str, object]], action: str = "") -> Path:
        path = self.folder / name
        new = path.with_suffix(".part")
        with new.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["number", *FIRST, "action"])
            out.writerows([key, *row.values(), action] for key, row in rows.items())
        new.replace(path)
        return path

    def edit_ahead(self, key: str) -> None:
        """The clock of the ERP's machine is a year ahead, and the file bears its time."""
        self.rows[key]["name"] = f"Edit {next(self.edits)}"
        path = self.drop(self.next_name(), {key: self.rows[key]} if self.is_delta else self.rows)
        ahead = time.time() + timedelta(days=365).total_seconds()
        os.utime(path, (ahead, ahead))

    is_delta = False


class TestFolderOfFullFiles(ErpConformance[Article]):
    item = Article
    many = 20_000

    def world(self) -> FolderWorld:
        return FolderWorld()

    def make_adapter(self, faults: Faults) -> FolderAdapter[Article]:
        return FolderAdapter(
            self.world().folder,
            Article,
            pattern="articles_*.csv",
            contents="full",
            file_format=WatchedCsv(faults),
            settle=timedelta(0),
        )


class Master(ErpItem):
    """An article without its prices and stock, which have files of their own where files hold changes."""

    number = cold(str, "number", key=True)
    name = cold(str, "name")
    note = cold(str, "note")
    weight = cold(Decimal, "weight")
    pieces = cold(int, "pieces")
    released = cold(datetime, "released")


class DeltaWorld:
    """An ERP that drops a file of what changed into a folder."""

    def __init__(self) -> None:
        self.full = FolderWorld()
        self.full.is_delta = True
        self.folder, self.rows = self.full.folder, self.full.rows

    def close(self) -> None:
        shutil.rmtree(self.folder)

    def keys(self) -> list[str]:
        return list(self.rows)

    def put(self, keys: Sequence[str], name: str = "") -> None:
        self.full.drop(name or self.full.next_name(), {key: self.rows[key] for key in keys})

    def edit_cold(self, key: str) -> None:
        self.edit_at_once([key])

    def edit_at_once(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.rows[key]["name"] = f"Edit {next(self.full.edits)}"
        self.put(keys)

    @contextmanager
    def edit_late(self, key: str) -> Iterator[None]:
        """A file that was named before others, and is there after them."""
        name = self.full.next_name()
        yield
        self.rows[key]["name"] = f"Edit {next(self.full.edits)}"
        self.put([key], name)

    def edit_ahead(self, key: str) -> None:
        self.full.edit_ahead(key)

    def delete(self, key: str) -> None:
        self.full.drop(self.full.next_name(), {key: self.rows.pop(key)}, action="D")

    def create(self, key: str, values: Mapping[str, object]) -> str:
        for path, value in values.items():
            if value is None and path in ("name", "note"):
                raise CannotHold(path, "in a CSV file, no value and an empty text are the same")
        self.rows[key] = FIRST | {path: "" if one is None else wire(one) for path, one in values.items()}
        self.put([key])
        return key

    @contextmanager
    def broken(self, key: str) -> Iterator[None]:
        before, self.rows[key]["weight"] = self.rows[key]["weight"], "heavy"
        self.put([key])
        try:
            yield
        finally:
            self.rows[key]["weight"] = before
            self.put([key])

    @contextmanager
    def grown(self, count: int) -> Iterator[None]:
        """A file of many, which somebody takes away again."""
        path = self.full.drop(self.full.next_name(), {f"Z-{number:07d}": FIRST for number in range(count)})
        try:
            yield
        finally:
            path.unlink()


class TestFolderOfChanges(ErpConformance[Master]):
    item = Master
    many = 20_000

    def world(self) -> DeltaWorld:
        return DeltaWorld()

    def test_10_a_deletion_comes_as_a_tombstone(self) -> None:
        """A read of everything goes through the archive: it shows what was deleted since, and takes it back afterwards."""
        world, erp = self.world(), self.make_adapter(Faults())
        fields = frozenset({"number", "name"})
        key = world.create("GONE-1", {})
        resume = list(erp.read_items(None, fields=fields, limit=500))[-1].resume
        world.delete(key)
        since = list(erp.read_items(resume, fields=fields, limit=500))
        assert [list(page.tombstones) for page in since if page.tombstones] == [[key]]
        assert not [item for page in since for item in page.items]
        told = [
            said
            for page in self.make_adapter(Faults()).read_items(None, fields=fields, limit=500)
            for said in (
                "there" if any(one.key == key for one in page.items) else "",
                "gone" if key in page.tombstones else "",
            )
            if said
        ]
        assert told == ["there", "gone"]

    def make_adapter(self, faults: Faults) -> FolderAdapter[Master]:
        return FolderAdapter(
            self.world().folder,
            Master,
            pattern="articles_*.csv",
            contents="delta",
            deleted={"action": ["D"]},
            file_format=WatchedCsv(faults),
            settle=timedelta(0),
        )
