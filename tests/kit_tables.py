"""The sandboxes of the adapters for files and databases, for the conformance kit."""

from __future__ import annotations

import csv
import errno
import itertools
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from akeneo_erp_bridge.erp import ErpItem, cold, hot
from akeneo_erp_bridge.testing.conformance import CannotHold, Faults

FIRST: dict[str, object] = {
    "name": "Article", "note": "As new", "weight": "1.50", "pieces": 3, "released": "2024-01-31T08:00:00+01:00",
    "stock": 7, "price": "9.90",
}  # fmt: skip


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    note = cold(str, "note")
    weight = cold(Decimal, "weight")
    pieces = cold(int, "pieces")
    released = cold(datetime, "released")
    stock = hot(int, "stock")
    price = hot(Decimal, "price")


class CsvWorld:
    """A file that is written anew for each change, as an ERP exports it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "articles.csv"
        self.rows = {f"A-{number:02d}": {**FIRST, "name": f"Article {number}"} for number in range(12)}
        self.edits = itertools.count()
        self.export()

    def export(self) -> None:
        new = self.path.with_suffix(".new")
        with new.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["number", *FIRST])
            out.writerows([key, *row.values()] for key, row in self.rows.items())
        new.replace(self.path)

    def close(self) -> None:
        shutil.rmtree(self.folder)

    def keys(self) -> list[str]:
        return list(self.rows)

    def edit_cold(self, key: str) -> None:
        self.edit_at_once([key])

    def edit_at_once(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.rows[key]["name"] = f"Edit {next(self.edits)}"
        self.export()

    def edit_hot(self, key: str) -> None:
        self.rows[key]["stock"] = 1000 + next(self.edits)
        self.export()

    def delete(self, key: str) -> None:
        del self.rows[key]
        self.export()

    def create(self, key: str, values: Mapping[str, object]) -> str:
        for path, value in values.items():
            if value is None and path in ("name", "note"):
                raise CannotHold(path, "in a CSV file, no value and an empty text are the same")
        self.rows[key] = FIRST | {path: "" if one is None else wire(one) for path, one in values.items()}
        self.export()
        return key

    @contextmanager
    def broken(self, key: str) -> Iterator[None]:
        before, self.rows[key]["weight"] = self.rows[key]["weight"], "heavy"
        self.export()
        try:
            yield
        finally:
            self.rows[key]["weight"] = before
            self.export()

    @contextmanager
    def grown(self, count: int) -> Iterator[None]:
        before = dict(self.rows)
        self.rows |= {f"Z-{number:07d}": FIRST for number in range(count)}
        self.export()
        try:
            yield
        finally:
            self.rows = before
            self.export()


class WatchedPath(type(Path())):  # type: ignore[misc]  # the class for this system, which checkers cannot know
    """A path whose file may fail to open."""

    faults: Faults

    def open(self, *args: Any, **kwargs: Any) -> IO[Any]:
        with self.faults.call(lambda: OSError(errno.EIO, "Input/output error")):
            return super().open(*args, **kwargs)


def watched(path: Path, faults: Faults) -> Path:
    made = WatchedPath(path)
    made.faults = faults
    return made


class SqliteWorld:
    """A database whose rows say when they changed."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "erp.db"
        self.edits = itertools.count()
        self.db = sqlite3.connect(self.path)
        self.do(
            "CREATE TABLE articles (number TEXT PRIMARY KEY, name TEXT, note TEXT, weight TEXT, pieces INTEGER, "
            "released TEXT, stock INTEGER, price TEXT, changed TEXT)"
        )
        for number in range(12):
            self.put(f"A-{number:02d}", {**FIRST, "name": f"Article {number}"}, datetime.now(UTC) - timedelta(days=9))

    def do(self, statement: str, values: Sequence[object] = ()) -> None:
        with self.db:
            self.db.execute(statement, values)

    def put(self, key: str, values: Mapping[str, object], stamp: datetime) -> None:
        self.do("INSERT OR IGNORE INTO articles (number) VALUES (?)", [key])
        names = ", ".join(f"{name} = ?" for name in [*values, "changed"])
        self.do(
            f"UPDATE articles SET {names} WHERE number = ?",
            [*map(wire, values.values()), stamp.isoformat(timespec="milliseconds"), key],
        )

    def close(self) -> None:
        self.db.close()
        shutil.rmtree(self.folder)

    def keys(self) -> list[str]:
        return [key for (key,) in self.db.execute("SELECT number FROM articles")]

    def edit_cold(self, key: str) -> None:
        self.edit_at_once([key])

    def edit_at_once(self, keys: Sequence[str]) -> None:
        now = datetime.now(UTC)
        for key in keys:
            self.put(key, {"name": f"Edit {next(self.edits)}"}, now)

    @contextmanager
    def edit_late(self, key: str) -> Iterator[None]:
        stamp = datetime.now(UTC) - timedelta(minutes=1)
        yield
        self.put(key, {"name": f"Edit {next(self.edits)}"}, stamp)

    def edit_ahead(self, key: str) -> None:
        self.put(key, {"name": f"Edit {next(self.edits)}"}, datetime.now(UTC) + timedelta(days=365))

    def edit_hot(self, key: str) -> None:
        self.do("UPDATE articles SET stock = ? WHERE number = ?", [1000 + next(self.edits), key])

    def delete(self, key: str) -> None:
        self.do("DELETE FROM articles WHERE number = ?", [key])

    def create(self, key: str, values: Mapping[str, object]) -> str:
        self.put(key, {**FIRST, **values}, datetime.now(UTC))
        return key

    @contextmanager
    def broken(self, key: str) -> Iterator[None]:
        self.put(key, {"weight": "heavy"}, datetime.now(UTC))
        try:
            yield
        finally:
            self.put(key, {"weight": "1.50"}, datetime.now(UTC))

    @contextmanager
    def grown(self, count: int) -> Iterator[None]:
        names, marks = ", ".join(FIRST), ", ".join("?" for _ in FIRST)
        stamp = (datetime.now(UTC) - timedelta(days=9)).isoformat(timespec="milliseconds")
        with self.db:
            self.db.executemany(
                f"INSERT INTO articles (number, changed, {names}) VALUES (?, ?, {marks})",
                ([f"Z-{number:07d}", stamp, *FIRST.values()] for number in range(count)),
            )
        try:
            yield
        finally:
            self.do("DELETE FROM articles WHERE number LIKE 'Z-%'")


def wire(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
