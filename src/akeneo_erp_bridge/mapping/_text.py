"""Text that people typed into an ERP over twenty years."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from typing import Final, Literal, Never, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.rules import CLEAR, Outcome, Problem, Put, Rule, shown

TooLong: TypeAlias = Literal["problem", "truncate"]

TEXT_LIMIT: Final = 255  # what a text attribute of Akeneo holds
_SPACES: Final = re.compile(r"[\s\u00a0\u202f]+")


@frozen
class CleanText(Rule[str, str, Never]):
    """See `clean`."""

    max_length: int
    too_long: TooLong

    def run(self, source: str) -> Outcome[str]:
        text = unicodedata.normalize("NFC", source)
        if not text.isprintable():  # which few texts are, and looking at each character takes time
            text = _SPACES.sub(" ", _without_controls(text))
        elif "  " in text:
            text = _SPACES.sub(" ", text)
        text = text.strip()
        if not text:
            return CLEAR
        if len(text) > self.max_length:
            return self._shorten(text)
        return Put(text) if text == source else Put(text, (f"cleaned from {shown(source)}",))

    def _shorten(self, text: str) -> Outcome[str]:
        if self.too_long == "problem":
            return Problem(
                "too_long", "", f"the text has {len(text)} characters, {self.max_length} are allowed: {shown(text)}"
            )
        cut = text[: self.max_length + 1].rsplit(" ", 1)[0][: self.max_length]
        return Put(cut, (f"truncated from {len(text)} to {len(cut)} characters",))

    @property
    def label(self) -> str:
        return "clean()" if self.max_length == TEXT_LIMIT else f"clean(max_length={self.max_length})"


def clean(*, max_length: int = TEXT_LIMIT, too_long: TooLong = "problem") -> CleanText:
    r"""Unicode NFC, no control characters, single spaces, trimmed; a blank text means "no value".

    `max_length` is in characters; a longer text is a problem, or is cut at a word with a note.

    >>> clean().run(" Cordless\u00a0 drill ").value
    'Cordless drill'
    >>> clean(max_length=10, too_long="truncate").run("Cordless drill 18 V").notes
    ('truncated from 19 to 8 characters',)
    """
    return CleanText(max_length, too_long)


def _without_controls(text: str) -> str:
    return "".join(one if one.isspace() or unicodedata.category(one)[0] != "C" else "" for one in text)


class _TextOf(HTMLParser):
    """Collects the words of a page, with a line for each block; scripts and styles are left out."""

    blocks: Final = frozenset({"br", "div", "h1", "h2", "h3", "h4", "li", "p", "table", "tr", "ul", "ol"})
    silent: Final = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._muted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._muted += tag in self.silent
        if tag in self.blocks:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._muted = max(0, self._muted - (tag in self.silent))
        if tag in self.blocks:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._muted:
            self.words.append(data)


@frozen
class PlainText(Rule[str, str, Never]):
    """See `plain_text`."""

    max_length: int

    def run(self, source: str) -> Outcome[str]:
        page = _TextOf()
        page.feed(source)
        page.close()
        lines = (_SPACES.sub(" ", _without_controls(line)).strip() for line in "".join(page.words).split("\n"))
        text = unicodedata.normalize("NFC", "\n".join(line for line in lines if line))
        if not text:
            return CLEAR
        if len(text) > self.max_length:
            return Problem("too_long", "", f"the text has {len(text)} characters, {self.max_length} are allowed")
        return Put(text) if text == source else Put(text, ("markup removed",))

    @property
    def label(self) -> str:
        return "plain_text()"


def plain_text(*, max_length: int = 65_535) -> PlainText:
    """The words of an HTML text, one line a block, entities decoded, scripts and styles dropped.

    `max_length` is in characters; the default is what Akeneo's text areas hold.

    >>> plain_text().run("<p>Strong &amp; light</p><script>alert(1)</script>").value
    'Strong & light'
    """
    return PlainText(max_length)


_SKU_REFUSED: Final = re.compile(r"[,;\r\n]")


@frozen
class SkuText(Rule[str, str, Never]):
    """See `sku`."""

    def run(self, source: str) -> Outcome[str]:
        text = unicodedata.normalize("NFC", source).replace("\u00a0", " ").strip()
        if not text:
            return Problem("no_sku", "", "the SKU is blank; give the item a number in the ERP")
        if _SKU_REFUSED.search(text):
            return Problem(
                "bad_sku", "", f"the SKU {shown(text)} holds a comma, semicolon or line break, which the PIM refuses"
            )
        if len(text) > 255:
            return Problem("bad_sku", "", f"the SKU has {len(text)} characters, 255 are allowed: {shown(text)}")
        return Put(text)

    @property
    def label(self) -> str:
        return "sku()"


def sku() -> SkuText:
    """An identifier as the PIM takes it; leading zeros stay.

    At most 255 characters, no comma, semicolon or line break, no outer spaces (Akeneo's rule for the
    identifier attribute).

    >>> sku().run("000123 ").value
    '000123'
    """
    return SkuText()
