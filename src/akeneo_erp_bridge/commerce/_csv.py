"""Offers as CSV files in a folder, for shops that import what they find there."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from akeneo_erp_bridge.commerce._wire import text_of
from akeneo_erp_bridge.commerce.interfaces import Offer, OfferResult, OfferValue
from akeneo_erp_bridge.errors import ConfigurationError, SinkError

_WITHDRAWN: Final = "__WITHDRAWN__"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_DIGITS: Final = 12


class CsvSink:
    """Puts one file into a folder for each batch, complete from the moment that it has its name.

    Files are called ``offers-000000000001.csv`` and so on, in the order in which they are to be read; the last number is
    kept in the folder, so that files may be taken away. Columns are ``key``, ``version`` and the *feeds*. An empty cell
    says nothing, so that the shop keeps its value; *withdrawn* stands where there is no value any more. Numbers are
    digits with a point; a `PriceList` or a `Stock` is JSON. Of two lines of one key the one with the greater version counts.

    Texts and keys that a spreadsheet would take for a formula begin with an apostrophe. An offer with a feed that has no
    column, or with an empty text, is refused, and the others are written. Raises `SinkError` when no file can be written,
    and `ConfigurationError` for feeds and prefixes that make no good names.

    >>> import shutil
    >>> from decimal import Decimal
    >>> from akeneo_erp_bridge.codes import ErpKey
    >>> folder = Path(tempfile.mkdtemp())
    >>> shop = CsvSink(folder, feeds=["price", "available"])
    >>> shop.deliver([Offer(ErpKey("DR-18"), {"price": Decimal("9.90"), "available": None}, version=3)])[0].ok
    True
    >>> print((folder / "offers-000000000001.csv").read_text(encoding="utf-8"), end="")
    key,version,price,available
    DR-18,3,9.90,__WITHDRAWN__
    >>> shutil.rmtree(folder)
    """

    def __init__(
        self, folder: Path | str, *, feeds: Sequence[str], prefix: str = "offers", withdrawn: str = _WITHDRAWN
    ) -> None:
        columns = ["key", "version", *feeds]
        if not feeds or len(set(columns)) < len(columns):
            raise ConfigurationError(f"CsvSink(feeds={list(feeds)}): name each feed once, and none 'key' or 'version'")
        if not re.fullmatch(r"[A-Za-z0-9_-]+", prefix):
            raise ConfigurationError(f"CsvSink(prefix={prefix!r}): letters, digits, '_' and '-' make a good name")
        if not withdrawn or withdrawn.startswith(_FORMULA):
            raise ConfigurationError(f"CsvSink(withdrawn={withdrawn!r}): a word that is no formula")
        self.folder = Path(folder)
        self._feeds = tuple(feeds)
        self._columns = columns
        self._prefix = prefix
        self._withdrawn = withdrawn

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        """One file with a line for each offer."""
        results = [OfferResult(offer.key, self._wrong(offer)) for offer in offers]
        lines = [self._line(offer) for offer, result in zip(offers, results, strict=True) if result.ok]
        if lines:
            try:
                self._put([self._columns, *lines])
            except OSError as error:
                raise SinkError(
                    f"no file of offers can be written to {self.folder}: {error.strerror}; check the folder and your rights"
                ) from error
        return results

    def _wrong(self, offer: Offer) -> str | None:
        unknown = sorted(set(offer.values) - set(self._feeds))
        if unknown:
            return f"the files have no column for {', '.join(unknown)}; name it in CsvSink(feeds=...)"
        for feed, value in offer.values.items():
            if value == "" or value == self._withdrawn:
                return (
                    f"{feed}: the text {value!r} means something else in these files; withdraw it, or give another word"
                )
        return None

    def _line(self, offer: Offer) -> list[str]:
        cells = (self._cell(offer.values[feed]) if feed in offer.values else "" for feed in self._feeds)
        return [_harmless(offer.key), str(offer.version), *cells]

    def _cell(self, value: OfferValue) -> str:
        text = text_of(value)
        if text is None:
            return self._withdrawn
        return _harmless(text) if isinstance(value, str) else text

    # ---- files ----
    def _put(self, rows: Sequence[Sequence[str]]) -> None:
        """Under its name there is the whole file or none, also after a kill."""
        self.folder.mkdir(parents=True, exist_ok=True)
        written = io.StringIO()
        csv.writer(written, lineterminator="\r\n").writerows(rows)  # with another end a text with CR stands unquoted
        number = self._last() + 1
        # the number first: after a kill a number may be missing, and none comes twice
        self._write(self.folder / f".{self._prefix}.number", str(number))
        self._write(self.folder / f"{self._prefix}-{number:0{_DIGITS}}.csv", written.getvalue())

    def _last(self) -> int:
        kept = self.folder / f".{self._prefix}.number"
        text = kept.read_text(encoding="utf-8").strip() if kept.exists() else "0"
        if not text.isdecimal():
            raise SinkError(f"{kept} holds {text[:20]!r} and not the last number given; write it there")
        numbers = [int(text)]
        for one in self.folder.glob(f"{self._prefix}-*.csv"):
            digits = one.stem.removeprefix(f"{self._prefix}-")
            numbers += [int(digits)] if digits.isdecimal() else []
        return max(numbers)

    def _write(self, path: Path, text: str) -> None:
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)  # the shop is another user, as a rule
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name itself, or a loss of power takes it back
        finally:
            os.close(folder)


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> _harmless("=1+1"), _harmless("DR-18")
    ("'=1+1", 'DR-18')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
