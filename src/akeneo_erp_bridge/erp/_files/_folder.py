"""`FolderAdapter`: items from the files that arrive in a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, Generic, Literal, TypeVar

from attrs import evolve

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._files._columns import Columns, Undeclared
from akeneo_erp_bridge.erp._files._csv import Csv
from akeneo_erp_bridge.erp._files._excel import Excel
from akeneo_erp_bridge.erp._files._folder_cursor import Mark
from akeneo_erp_bridge.erp._files._inbox import FileOrder, Found, Inbox
from akeneo_erp_bridge.erp._files._paging import Deletions, Pager
from akeneo_erp_bridge.erp._files._table import FileFormat
from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp.interfaces import Cursor, ErpField, ErpSchema, Health, Page
from akeneo_erp_bridge.errors import (
    BridgeError,
    ConfigurationError,
    CursorExpired,
    ErpRefused,
    ErpUnreachable,
)

ItemT = TypeVar("ItemT", bound=ErpItem)

SETTLE: Final = timedelta(seconds=10)
HOT_PAGE: Final = 500
_NOTHING: Mapping[str, Sequence[str]] = {}


class FolderAdapter(Generic[ItemT]):
    r"""Reads the files that an ERP drops into a folder, CSV or Excel, in their order, and moves them to ``archive/``.

    ::

        erp = FolderAdapter("/srv/drop", Article, pattern="articles_*.csv", contents="delta")
        erp = FolderAdapter("/srv/drop", Article, pattern="*.xlsx", contents="full", file_format=Excel(sheet="Articles"))

    `contents` says what a file holds, which no file tells:

    - ``"delta"``: changes. Each file is read once, all of them in turn. `deleted` names columns and the values which say
      that a row is a deletion, ``{"action": ["D"]}``; `deletions` is a pattern of files that hold keys of deleted items.
    - ``"full"``: everything. The newest file is read in each run, and older ones are passed over. With `snapshot_diff`,
      what is absent counts as deleted.

    **When a file is read.** When it is complete: since `settle` nobody has written to it, or, with `marker` (".ok"), a file
    ``articles.csv.ok`` or ``articles.ok`` stands beside it. Names as of half written files (.part, .tmp, a dot in front) are
    ignored. `order` is by "name" or by "time" of change.

    **When it is archived.** In the next run, whose cursor says that all rows were written, unchanged or parked; a killed run
    moves nothing, and the next one goes on in the file. The archive is the memory of the adapter: a read of everything (a first
    run, a new mapping, a lost state) reads its files again in their order. What you delete there, such a read does not
    know. A file of a name that is there already gets a number. A cursor from before files of changes were archived, as a
    restored backup of the state holds it, is `CursorExpired`.

    **What cannot be read** goes to ``failed/``, with a text beside it that says why: no header, a missing column, a sheet that
    is not there. The others are read, and then the run ends with `ErpRefused`, exit code 2. Single rows that are wrong are
    parked, as with `CsvAdapter`, which tells of `aliases` and `optional` too. Files of the archive may lack columns.

    A folder and pattern feed one stream: a second one would find the files moved. Give hot data files of their own.

    Raises `ErpUnreachable` for a folder that cannot be read or written, and in "full" where there is no file, which is
    not an ERP without items; `ConfigurationError` for `deletions` of full files.

    >>> import tempfile
    >>> from akeneo_erp_bridge.erp import cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "may.csv").write_text("number,action\nDR-18,U\nDR-9,D\n")
    ...     erp = FolderAdapter(
    ...         folder, Article, pattern="*.csv", contents="delta", deleted={"action": ["D"]}, settle=timedelta(0)
    ...     )
    ...     pages = list(erp.read_items(None, fields=frozenset({"number"}), limit=500))
    >>> [item.key for page in pages for item in page.items], [key for page in pages for key in page.tombstones]
    (['DR-18'], ['DR-9'])
    """

    def __init__(
        self,
        folder: Path | str,
        item: type[ItemT],
        *,
        pattern: str,
        contents: Literal["full", "delta"],
        file_format: FileFormat | None = None,
        order: FileOrder = "name",
        settle: timedelta = SETTLE,
        marker: str | None = None,
        deleted: Mapping[str, Collection[str]] = _NOTHING,
        deletions: str | None = None,
        aliases: Mapping[str, Sequence[str]] = _NOTHING,
        optional: Collection[str] = (),
    ) -> None:
        if contents == "full" and deletions is not None:
            raise ConfigurationError(
                "deletions= goes with contents='delta'; for full files, wrap the adapter in snapshot_diff"
            )
        self.folder = Path(folder)
        self._item = item
        self._is_full = contents == "full"
        self._inbox = Inbox(self.folder, [one for one in (pattern, deletions) if one], order, settle, marker)
        self._format = file_format
        self._columns = Columns(aliases, frozenset(optional))
        self._deletions = Deletions(deleted, deletions)
        self._name = f"{self.folder.name}/{pattern}"
        self._undeclared = Undeclared(item)

    def describe(self) -> ErpSchema:
        """The columns of the newest file that has all declared ones; of the newest where none has. No file, no fields."""
        declared = {spec.path for spec in self._item.specs.values()} - self._columns.optional
        newest: tuple[str, ...] = ()
        for one in reversed(self._all()):
            try:
                with self._format_of(one).opened(one.path, self._expected()) as table:
                    names = tuple(self._columns.places(table))
            except ErpRefused:
                continue  # whoever reads it sets it aside, and says so
            newest = newest or names
            if declared.issubset(names):
                newest = names
                break
        return ErpSchema(self._name, tuple(ErpField(name) for name in newest))

    def check(self) -> Health:
        """Look into the folder, and read a header; the facts tell how many files wait, and which failed."""
        try:
            waiting, columns = self._inbox.waiting(), self.describe().fields
            self._inbox.require_writable()
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        failed = sorted(one.name for one in self._inbox.failed.glob("*.txt")) if self._inbox.failed.is_dir() else []
        facts = {
            "waiting": str(len(waiting)),
            "archived": str(len(self._inbox.archived())),
            "failed": ", ".join(failed[:10]),
            "undeclared": ", ".join(self._undeclared.among(one.name for one in columns)),
        }
        message = f"{self._name}: {len(waiting)} files wait, {len(failed)} failed, {len(columns)} columns"
        return Health(ok=True, message=message, facts={name: told for name, told in facts.items() if told})

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The rows of the files, file by file; what the cursor has settled is archived before."""
        mark = self._mark(since, self._version(fields))
        if not self._is_full and mark.is_overtaken(self._inbox.archived()):
            raise CursorExpired(
                f"{self._name}: files were archived since this cursor was kept, as after a restored backup; all is read again"
            )
        for one in self._inbox.waiting():
            if mark.has_settled(one):
                self._inbox.put_away(one)
        mark = mark.acknowledged(len(self._inbox.archived()))
        pager = self._pager(fields, limit)
        yield from self._full(mark, pager) if self._is_full else self._delta(mark, pager)

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """As `read_items`; for `keys`, what all files hold of them, archived ones too, and nothing is moved."""
        fields = frozenset(spec.path for spec in self._item.specs.values())
        if keys is None:
            yield from self.read_items(since, fields=fields, limit=HOT_PAGE)
            return
        wanted, pager = {ErpKey(key) for key in keys}, self._pager(fields, HOT_PAGE)
        files = self._all()
        for one in files[-1:] if self._is_full else files:
            for page in pager.pages(one, self._format_of(one), Mark(self._kind)):
                yield Page([item for item in page.items if item.key in wanted], (), page.resume)

    # ---- full files ----
    def _full(self, mark: Mark, pager: Pager[ItemT]) -> Iterator[Page[ItemT]]:
        files = self._all()
        begun, anew = mark.begun_among(files), Mark(self._kind, version=mark.version)
        refused: list[str] = []
        for one in [begun] if begun is not None else reversed(files):
            try:
                yield from pager.pages(one, self._format_of(one), mark if begun is not None else anew)
            except ErpRefused as error:
                refused.append(self._set_aside(one, error))
                if pager.has_given(one):
                    break  # a part of another file would make a whole of neither
                continue
            # older ones are of no more use
            settled = [
                each for each in files if not each.is_archived and self._inbox.place(each) <= self._inbox.place(one)
            ]
            yield Page((), (), anew.settling(settled).cursor())
            break
        if refused:
            raise ErpRefused("\n".join(refused))
        if not files:
            raise ErpUnreachable(
                f"{self._name}: there is no complete file; has the ERP delivered? The next run looks again"
            )

    # ---- changes ----
    def _delta(self, mark: Mark, pager: Pager[ItemT]) -> Iterator[Page[ItemT]]:
        files = self._all() if mark.is_anew else self._inbox.waiting()
        begun = mark.begun_among(files)
        if mark.at is not None and begun is None and not self._is_elsewhere(mark.at[0]):
            raise CursorExpired(f"{self._name}: {mark.at[0]} was read in part, and is gone; all is read again")
        refused: list[str] = []
        for one in files:
            if mark.is_behind(one, self._inbox):
                continue
            try:
                yield from pager.pages(one, self._format_of(one), mark)
            except ErpRefused as error:
                refused.append(self._set_aside(one, error))
                continue
            mark = mark.beyond(one)
        yield Page((), (), mark.ended().cursor())
        if refused:
            raise ErpRefused("\n".join(refused))

    # ---- inside ----
    @property
    def _kind(self) -> Literal["snapshot", "sequence"]:
        return "snapshot" if self._is_full else "sequence"

    def _mark(self, since: Cursor | None, version: str) -> Mark:
        mark = Mark(self._kind, is_anew=True, version=version) if since is None else Mark.of(since)
        # cursors of earlier versions do not say what was read
        if mark is None or mark.kind != self._kind or mark.version not in ("", version):
            raise CursorExpired(f"{self._name}: the cursor is of other fields or another adapter; all is read again")
        return evolve(mark, version=version)

    def _version(self, fields: frozenset[str]) -> str:
        facts = [self._name, self._kind, sorted(fields | {self._item.key_spec().path})]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    def _pager(self, fields: frozenset[str], limit: int) -> Pager[ItemT]:
        return Pager(self._item, self._columns, self._deletions, self._undeclared, fields, limit)

    def _all(self) -> list[Found]:
        return sorted([*self._inbox.archived(), *self._inbox.waiting()], key=self._inbox.place)

    def _expected(self) -> list[str]:
        return self._columns.spellings([spec.path for spec in self._item.specs.values()])

    def _format_of(self, one: Found) -> FileFormat:
        if self._format is not None:
            return self._format
        return Excel() if one.path.suffix.lower() == ".xlsx" else Csv()

    def _is_elsewhere(self, name: str) -> bool:
        """Whether a half read file waits with other contents, or failed; either way, all of it comes again."""
        return (self.folder / name).exists() or (self._inbox.failed / name).exists()

    def _set_aside(self, one: Found, error: ErpRefused) -> str:
        if one.is_archived:
            return f"{error} (in {self._inbox.archive}, where it stays)"
        there = self._inbox.set_aside(one, str(error))
        return f"{error} (moved to {there})"
