"""Text that people typed into an ERP over twenty years."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from typing import Final, Literal, Never, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.catalog import is_whole
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping._labels import call
from akeneo_erp_bridge.mapping._values._strictly import Strictly, Unchanged, WithPrefix
from akeneo_erp_bridge.rules import CLEAR, Iso, Outcome, Problem, Put, Rule, shown

TooLong: TypeAlias = Literal["problem", "truncate"]
"""What becomes of a text that is longer than its attribute."""
SkuCase: TypeAlias = Literal["keep", "upper", "lower"]
"""What becomes of the letters of a SKU."""

TEXT_LIMIT: Final = 255  # what a text attribute of Akeneo holds
AREA_LIMIT: Final = 65_535  # what a text area holds
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
            return _shortened(text, self.max_length, self.too_long)
        return Put(text) if text == source else Put(text, (f"cleaned from {shown(source)}",))

    @property
    def label(self) -> str:
        return call("clean", max_length=(self.max_length, TEXT_LIMIT), too_long=(self.too_long, "problem"))


def clean(*, max_length: int = TEXT_LIMIT, too_long: TooLong = "problem") -> CleanText:
    r"""Unicode NFC, no control characters, single spaces, trimmed; a blank text means "no value".

    `max_length` is in characters; a longer text is a problem, or is cut at a word with a note.

    >>> clean().run(" Cordless\u00a0 drill ").value
    'Cordless drill'
    >>> clean(max_length=10, too_long="truncate").run("Cordless drill 18 V").notes
    ('truncated from 19 to 8 characters',)
    """
    return CleanText(_checked("clean", max_length), too_long)


def _checked(where: str, max_length: int) -> int:
    if max_length < 1:
        raise ConfigurationError(f"{where}(max_length={max_length}): allow at least one character")
    return max_length


def _shortened(text: str, max_length: int, too_long: TooLong) -> Outcome[str]:
    if too_long == "problem":
        return Problem("too_long", "", f"the text has {len(text)} characters, {max_length} are allowed: {shown(text)}")
    # at the last space or line break that leaves whole words, or in the middle of a word without one
    head = text[: max_length + 1]
    cut = (head[: max(head.rfind(" "), head.rfind("\n"))] if _SPACES.search(head) else head[:max_length]).rstrip()
    return Put(cut, (f"truncated from {len(text)} to {len(cut)} characters",))


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
        # a page whose head nobody closed has words in its body all the same
        self._muted = 0 if tag == "body" else self._muted + (tag in self.silent)
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
    too_long: TooLong = "problem"

    def run(self, source: str) -> Outcome[str]:
        words = words_of(source)
        if words is None:
            return Problem("bad_html", "", f"{shown(source)} cannot be read as HTML; correct it in the ERP")
        lines = (_SPACES.sub(" ", _without_controls(line)).strip() for line in words.split("\n"))
        text = unicodedata.normalize("NFC", "\n".join(line for line in lines if line))
        if not text:
            return CLEAR
        if len(text) > self.max_length:
            return _shortened(text, self.max_length, self.too_long)
        return Put(text) if text == source else Put(text, ("markup removed",))

    @property
    def label(self) -> str:
        return call("plain_text", max_length=(self.max_length, AREA_LIMIT), too_long=(self.too_long, "problem"))


def plain_text(*, max_length: int = AREA_LIMIT, too_long: TooLong = "problem") -> PlainText:
    """The words of an HTML text, one line a block, entities decoded, scripts and styles dropped.

    `max_length` is in characters; the default is what Akeneo's text areas hold. A longer text is a problem, or is
    cut at a word with a note. Source: Akeneo's documentation of product values.

    >>> plain_text().run("<p>Strong &amp; light</p><script>alert(1)</script>").value
    'Strong & light'
    """
    return PlainText(_checked("plain_text", max_length), too_long)


def words_of(html: str) -> str | None:
    """The text of a page, a line for each block; `None` for what no parser reads."""
    page = _TextOf()
    try:
        page.feed(html)
        page.close()
    except AssertionError:  # what the parser of the standard library raises at a section such as "<![x["
        return None
    return "".join(page.words)


_SKU_REFUSED: Final = re.compile(r"[,;\r\n]")


@frozen
class SkuText(Rule[str, str, Never]):
    """See `sku`."""

    without_prefix: str = ""
    case: SkuCase = "keep"
    max_length: int = TEXT_LIMIT

    def run(self, source: str) -> Outcome[str]:
        text = unicodedata.normalize("NFC", source).replace("\u00a0", " ").strip()
        if self.without_prefix:
            text = text.removeprefix(self.without_prefix).lstrip()
        if self.case != "keep":
            text = text.upper() if self.case == "upper" else text.lower()
        if not text:
            return Problem("no_sku", "", "the SKU is blank; give the item a number in the ERP")
        if _SKU_REFUSED.search(text):
            return Problem(
                "bad_sku", "", f"the SKU {shown(text)} holds a comma, semicolon or line break, which the PIM refuses"
            )
        if not text.isprintable():
            what = "a character that nobody sees" if is_whole(text) else "half a character"
            return Problem("bad_sku", "", f"the SKU {shown(text)} holds {what}; remove it in the ERP")
        if len(text) > self.max_length:
            return Problem(
                "bad_sku", "", f"the SKU has {len(text)} characters, {self.max_length} are allowed: {shown(text)}"
            )
        return Put(text)

    def iso(self) -> Iso[str, str]:
        """The identifier both ways, for `two_way`: the prefix comes back, and spaces around it are no longer let pass.

        Raises `ConfigurationError` where the case is changed, which nobody could undo.

        >>> pair = sku(without_prefix="ART-").iso()
        >>> pair.back(pair.there("ART-000123"))
        'ART-000123'
        """
        if self.case != "keep":
            raise ConfigurationError(f"sku(case={self.case!r}) has no inverse: nobody knows the case that was")
        prefix = WithPrefix(self.without_prefix)
        return Iso(Unchanged(Strictly(self), prefix), prefix)

    @property
    def label(self) -> str:
        given = (
            f"without_prefix={self.without_prefix!r}" if self.without_prefix else "",
            f"case={self.case!r}" if self.case != "keep" else "",
        )
        return f"sku({', '.join(filter(None, given))})"


def sku(*, without_prefix: str = "", case: SkuCase = "keep", max_length: int = TEXT_LIMIT) -> SkuText:
    """An identifier as the PIM takes it; leading zeros stay.

    At most 255 characters, no comma, semicolon or line break, no outer spaces (Akeneo's rule for the
    identifier attribute), nothing invisible. A prefix that only the ERP uses, and the case, change only
    where that is declared. Raises `ConfigurationError` for a `max_length` below one.
    Source: Akeneo's documentation of product values.

    >>> sku().run("000123 ").value
    '000123'
    >>> sku(without_prefix="ART-", case="upper").run("ART-dr-18").value
    'DR-18'
    """
    return SkuText(without_prefix, case, _checked("sku", max_length))
