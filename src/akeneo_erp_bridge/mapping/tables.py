"""Tables that the business keeps in files (CSV, YAML, Excel), as typed rules.

Every wrong row is told, with file and line, in one error, before anything runs. What a table holds has no temperature and
goes where its rule goes: keep words and codes in one, and no prices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Generic, Never, TypedDict, TypeVar, overload

from attrs import frozen
from typing_extensions import Unpack

from akeneo_erp_bridge.catalog import AttributeOptionPatch
from akeneo_erp_bridge.codes import LocaleCode, OptionCode
from akeneo_erp_bridge.erp._readers import Unreadable, reader_of
from akeneo_erp_bridge.errors import ConfigurationError, WrongRows
from akeneo_erp_bridge.mapping._freeze import FrozenTable, frozen_table
from akeneo_erp_bridge.mapping._values._sheets import Record, Sheet, missing_file, read_csv, read_excel, read_yaml
from akeneo_erp_bridge.mapping._values._tables import Lookup, Unknown, fold, lookup
from akeneo_erp_bridge.rules import Problem, Put, Rule

__all__ = ["FileOptions", "FileTable", "lookup_from", "options_from", "read_table"]

T = TypeVar("T")
_EXCEL: Final = (".xlsx", ".xlsm")
_YAML: Final = (".yaml", ".yml")


class FileOptions(TypedDict, total=False):
    r"""How a file is read, beside its columns.

    >>> from tempfile import TemporaryDirectory
    >>> german: FileOptions = {"delimiter": ";", "encoding": "cp1252", "ignore": ["Bemerkung"]}
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "farben.csv")
    ...     _ = path.write_text("Farbe;Code;Bemerkung\nGrün;green;neu\n", encoding="cp1252")
    ...     print(dict(read_table(path, key="Farbe", value="Code", **german)))
    {'Grün': 'green'}
    """

    ignore: Iterable[str]
    """Columns that may be there and are not read, such as remarks; ``"*"`` for all others."""
    delimiter: str
    """Of a CSV file; a comma where nothing is said."""
    encoding: str
    """Of a CSV file; UTF-8 where nothing is said."""
    sheet: str
    """Of an Excel file; the first where nothing is said."""


@frozen
class FileTable(Mapping[str, T], Generic[T]):
    r"""What `read_table` read: a mapping, for every rule that takes one, which knows where each row stands.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "packs.csv")
    ...     _ = path.write_text("pack,pieces\nCTN,12\nPAL,480\n")
    ...     packs = read_table(path, key="pack", value="pieces", of=int)
    >>> packs["PAL"], packs.name, packs.lines["PAL"]
    (480, 'packs.csv', 3)
    """

    name: str
    """The file's name."""
    rows: FrozenTable[T]
    lines: FrozenTable[int]
    """The line of each key."""

    def __getitem__(self, key: str) -> T:
        return self.rows[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@overload
def read_table(
    path: Path | str, *, key: str, value: str, allowed: Iterable[str] | None = None, **options: Unpack[FileOptions]
) -> FileTable[str]: ...
@overload
def read_table(
    path: Path | str,
    *,
    key: str,
    value: str,
    of: type[T],
    allowed: Iterable[str] | None = None,
    **options: Unpack[FileOptions],
) -> FileTable[T]: ...
@overload
def read_table(
    path: Path | str,
    *,
    key: str,
    value: str,
    read: Rule[str, T, Never],
    allowed: Iterable[str] | None = None,
    **options: Unpack[FileOptions],
) -> FileTable[T]: ...
def read_table(
    path: Path | str,
    *,
    key: str,
    value: str,
    of: type[T] | None = None,
    read: Rule[str, T, Never] | None = None,
    allowed: Iterable[str] | None = None,
    **options: Unpack[FileOptions],
) -> FileTable[T] | FileTable[str]:
    r"""A table of two columns from a file: words of the ERP and what they mean.

    The suffix tells how to read it: ``.csv``, ``.xlsx`` (extra ``excel``), ``.yaml`` (extra ``yaml``: a mapping, or a
    list of rows). Cells are texts; `of` reads them as `Decimal`, `int` or `bool`, and `read` by any converter. `allowed`
    are the texts that a value may be, such as the PIM's families, in any case.

    Raises `WrongRows`, which names file and line of every row with a missing cell, a key that was there
    before, a value that is not of its type or not allowed, and of columns nobody declared; `ConfigurationError` for a
    file that cannot be read, and `MissingExtra`.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name, "packs.csv")
    >>> _ = path.write_text("pack,pieces\nCTN,12\nPAL,480\n")
    >>> read_table(path, key="pack", value="pieces", of=int)["PAL"]
    480
    >>> _ = path.write_text("pack,pieces\nCTN,twelve\nctn,12\n")
    >>> try:
    ...     read_table(path, key="pack", value="pieces", of=int)
    ... except WrongRows as error:
    ...     print(error)
    packs.csv: 2 wrong rows
      - packs.csv, line 2: column 'pieces' holds 'twelve', which is not a number of at most 100 digits
      - packs.csv, line 3: 'ctn' is in line 2 already
    >>> folder.cleanup()
    """
    source = _Source(Path(path), key, (value,), options)
    may_be = None if allowed is None else frozenset(fold(one) for one in allowed)
    if read is not None:
        return source.table(value, _ByRule(read), may_be)
    if of is not None:
        return source.table(value, _OfType(of), may_be)
    return source.table(value, _OfType(str), may_be)


def lookup_from(
    path: Path | str,
    *,
    key: str,
    value: str,
    unknown: Unknown = "problem",
    allowed: Iterable[str] | None = None,
    **options: Unpack[FileOptions],
) -> Lookup[str]:
    r"""A `lookup` of a file, under the file's name: ``lookup_from("families.csv", key="group", value="family")``.

    The file holds words and codes: a price list in one would reach the PIM. With ``allowed=structure.families`` a family that the PIM does not have is told with its line. Raises as
    `read_table` does.

    >>> from tempfile import TemporaryDirectory
    >>> folder = TemporaryDirectory()
    >>> path = Path(folder.name) / "families.csv"
    >>> _ = path.write_text("group,family\n10,drills\n20,saws\n")
    >>> lookup_from(path, key="group", value="family").run("20")
    Put(value='saws', notes=())
    >>> folder.cleanup()
    """
    table = read_table(path, key=key, value=value, allowed=allowed, **options)
    return lookup(table, unknown=unknown, name=table.name)


def options_from(
    path: Path | str, *, key: str, labels: Mapping[str, str], **options: Unpack[FileOptions]
) -> tuple[AttributeOptionPatch, ...]:
    r"""The options of a select with their labels, for `client.attribute_options("colour").upsert_many`.

    `labels` maps each locale to the column with its labels; an empty cell gives no label in that locale. Raises as
    `read_table` does.

    >>> from tempfile import TemporaryDirectory
    >>> folder = TemporaryDirectory()
    >>> path = Path(folder.name) / "colours.csv"
    >>> _ = path.write_text("code,en,de\nred,Red,Rot\n")
    >>> (red,) = options_from(path, key="code", labels={"en_US": "en", "de_DE": "de"})
    >>> red.code, red.labels
    ('red', {'en_US': 'Red', 'de_DE': 'Rot'})
    >>> folder.cleanup()
    """
    source = _Source(Path(path), key, tuple(labels.values()), options)
    return tuple(
        AttributeOptionPatch(
            code=OptionCode(code),
            labels={LocaleCode(locale): words[column] for locale, column in labels.items() if column in words},
        )
        for code, words in source.texts().items()
    )


class _WrongCell(ValueError):
    """What is wrong with one cell, without its column."""


@frozen
class _OfType(Generic[T]):
    """Reads a cell as a type."""

    kind: type[T]

    def __call__(self, raw: object) -> T:
        if raw is None:
            raise _WrongCell("is empty")
        try:
            return reader_of(self.kind)(raw)
        except Unreadable as error:
            # the rest of the sentence is about fields of an ERP
            raise _WrongCell(str(error).partition(";")[0]) from None


@frozen
class _ByRule(Generic[T]):
    """Reads a cell by a converter."""

    rule: Rule[str, T, Never]

    def __call__(self, raw: object) -> T:
        outcome = self.rule.run(_OfType(str)(raw))
        if isinstance(outcome, Put):
            return outcome.value
        seen = outcome.detail.partition(";")[0] if isinstance(outcome, Problem) else "gives no value"
        raise _WrongCell(f"does not pass '{self.rule.label}': {seen}")


class _Source:
    """One file on its way to a table; collects everything wrong with it."""

    def __init__(self, path: Path, key: str, columns: Sequence[str], options: FileOptions) -> None:
        self._path = path
        self._key = key
        self._faults: list[tuple[int, str]] = []
        sheet = _read(path, key, columns, options)
        self._faults += sheet.faults
        self._check_columns(sheet, columns, frozenset(options.get("ignore", ())))
        self._records = tuple(self._keyed(sheet.records))

    def table(self, column: str, read: _OfType[T] | _ByRule[T], allowed: frozenset[str] | None) -> FileTable[T]:
        """The table of one column, or `WrongRows`."""
        rows: dict[str, T] = {}
        lines: dict[str, int] = {}
        for word, record in self._records:
            raw = record.cells.get(column)
            try:
                value = read(raw)
            except _WrongCell as error:
                self._faults.append((record.line, f"column {column!r} {error}"))
                continue
            if allowed is not None and fold(str(value)) not in allowed:
                seen = f"holds {str(value)!r}, which is not among the {len(allowed)} allowed values"
                self._faults.append((record.line, f"column {column!r} {seen}"))
            rows[word], lines[word] = value, record.line
        self._raise_faults()
        return FileTable(self._path.name, frozen_table(rows), frozen_table(lines))

    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """For each key its texts by column, or `WrongRows`."""
        found: dict[str, dict[str, str]] = {}
        for word, record in self._records:
            found[word] = {}
            for column, raw in record.cells.items():
                try:
                    if raw is not None:
                        found[word][column] = _OfType(str)(raw)
                except _WrongCell as error:
                    self._faults.append((record.line, f"column {column!r} {error}"))
        self._raise_faults()
        return found

    def _check_columns(self, sheet: Sheet, columns: Sequence[str], ignore: frozenset[str]) -> None:
        declared = {self._key, *columns}
        seen = ", ".join(map(repr, sheet.columns)) or "none"
        for column in sorted(declared - set(sheet.columns)):
            self._faults.append((1, f"no column {column!r}; there is {seen} (is the delimiter right?)"))
        for column in sheet.columns if "*" not in ignore else ():
            if column not in declared | ignore:
                self._faults.append((1, f"nobody declared the column {column!r}; add it to ignore=[...]"))
        for column in sorted({one for one in sheet.columns if sheet.columns.count(one) > 1}):
            self._faults.append((1, f"column {column!r} is there twice"))

    def _keyed(self, records: Sequence[Record]) -> Iterator[tuple[str, Record]]:
        lines: dict[str, int] = {}
        for record in records:
            try:
                raw = record.cells.get(self._key)
                word = "" if raw is None else _OfType(str)(raw).strip()
            except _WrongCell as error:
                self._faults.append((record.line, f"column {self._key!r} {error}"))
                continue
            first = lines.setdefault(fold(word), record.line)
            if not word:
                self._faults.append((record.line, f"column {self._key!r} is empty"))
            elif first != record.line:
                self._faults.append((record.line, f"{word!r} is in line {first} already"))
            else:
                yield word, record

    def _raise_faults(self) -> None:
        if self._faults:
            raise WrongRows(self._path.name, sorted(self._faults))


def _read(path: Path, key: str, columns: Sequence[str], options: FileOptions) -> Sheet:
    suffix = path.suffix.lower()
    try:
        if suffix in _EXCEL:
            return read_excel(path, sheet=options.get("sheet"))
        if suffix in _YAML:
            return read_yaml(path, key=key, value=columns[0] if len(columns) == 1 else None)
        if suffix == ".csv":
            return read_csv(
                path, delimiter=options.get("delimiter", ","), encoding=options.get("encoding", "utf-8-sig")
            )
    except OSError as error:
        raise missing_file(path, error) from error
    raise ConfigurationError(f"{path.name}: a table is a .csv, .yaml or .xlsx file, not {suffix!r}")
