"""HTML for text areas with an editor: only what is allowed, and plain texts made into it."""

from __future__ import annotations

import html
import importlib
import re
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Final, Never, Protocol

from attrs import frozen

from akeneo_erp_bridge.catalog import is_whole
from akeneo_erp_bridge.errors import ConfigurationError, MissingExtra
from akeneo_erp_bridge.mapping._freeze import FrozenTable, frozen_table
from akeneo_erp_bridge.mapping._labels import call
from akeneo_erp_bridge.mapping._values._text import AREA_LIMIT, words_of
from akeneo_erp_bridge.rules import CLEAR, Outcome, Problem, Put, Rule, shown

ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("b", "br", "em", "i", "li", "ol", "p", "strong", "u", "ul"), frozenset[str]()),
    "a": frozenset({"href", "title"}),
}
"""What Akeneo's editor makes by its own buttons."""

_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_NEVER: Final = frozenset({"script", "style"})  # their content goes with them, so nobody can allow them


class _Clean(Protocol):
    """What we use of `nh3.clean`, whose binding to Rust has stubs of its own making."""

    def __call__(
        self,
        html: str,
        *,
        tags: set[str],
        clean_content_tags: set[str],
        attributes: dict[str, set[str]],
        link_rel: str | None,
        url_schemes: set[str],
    ) -> str: ...


def _cleaner() -> _Clean:
    try:
        clean: _Clean = importlib.import_module("nh3").clean
    except ImportError:
        raise MissingExtra("sanitized_html", "html") from None
    return clean


class _Inventory(HTMLParser):
    """Counts the tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[f"<{tag}>"] += 1
        self.seen.update(f"{name} of <{tag}>" for name, _ in attrs)

    def handle_comment(self, data: str) -> None:
        self.seen["a comment"] += 1


def _inventory(page: str) -> Counter[str]:
    inventory = _Inventory()
    inventory.feed(page)
    inventory.close()
    return inventory.seen


def removed(before: str, after: str) -> str:
    """What a page lost, in words; the attributes of a lost tag are not told apart from it."""
    lost = _inventory(before) - _inventory(after)
    tags = {one for one in lost if one.startswith("<")}
    told = sorted(one for one in lost if one in tags or one.rpartition(" ")[2] not in tags)
    return ", ".join(told)


@frozen
class SanitizedHtml(Rule[str, str, Never]):
    """See `sanitized_html`."""

    allow: FrozenTable[frozenset[str]]
    max_length: int

    def run(self, source: str) -> Outcome[str]:
        words = words_of(source) if is_whole(source) else None
        if words is None:
            return Problem("bad_html", "", f"{shown(source)} cannot be read as HTML; correct it in the ERP")
        if not words.strip() and not _inventory(source)["<img>"]:
            return CLEAR
        clean = _cleaner()(
            source.strip(),
            tags={tag for tag in self.allow if tag != "*"},
            clean_content_tags=set(_NEVER),
            # "*" is said even where it is empty, or nh3 would allow some attributes of its own choice
            attributes={"*": set(), **{tag: set(names) for tag, names in self.allow.items() if names}},
            link_rel=None,  # the shop decides about its links; a value that grows on each pass is never equal to itself
            url_schemes=set(_SCHEMES),
        )
        if len(clean) > self.max_length:
            return Problem(
                "too_long",
                "",
                f"the HTML has {len(clean)} characters, {self.max_length} are allowed; shorten it in the ERP",
            )
        lost = removed(source, clean)
        return Put(clean, (f"removed from the HTML: {lost}",) if lost else ())

    @property
    def label(self) -> str:
        allow = "" if self.allow == ALLOWED else f"allow={', '.join(self.allow) or 'nothing'}"
        return call("sanitized_html", allow, max_length=(self.max_length, AREA_LIMIT))


def sanitized_html(*, allow: Mapping[str, frozenset[str]] = ALLOWED, max_length: int = AREA_LIMIT) -> SanitizedHtml:
    """HTML with the allowed tags and attributes only, for text areas with an editor; a note names what was removed.

    `allow` maps each tag to its attributes, and ``"*"`` to those of all tags; by default it is what Akeneo's editor makes itself. Scripts and styles go
    with all they hold, of other tags the words stay, and links lead to ``http``, ``https``, ``mailto`` or ``tel``. Cut HTML
    is broken HTML, so one that is too long is a problem. Needs the extra ``html`` (nh3, the binding of Rust's Ammonia)
    and raises `MissingExtra` without it; raises `ConfigurationError` where scripts or styles are allowed.

    >>> sanitized_html().run('<p onclick="x()">Strong</p>')
    Put(value='<p>Strong</p>', notes=('removed from the HTML: onclick of <p>',))
    """
    rows = {tag.lower(): frozenset(names) for tag, names in allow.items()}
    if _NEVER & set(rows):
        raise ConfigurationError("sanitized_html(...): scripts and styles cannot be allowed")
    if any(name.lower().startswith("on") for names in rows.values() for name in names):
        raise ConfigurationError("sanitized_html(...): an attribute that begins with 'on' is a script; leave it out")
    _cleaner()
    return SanitizedHtml(frozen_table(rows), max_length)


@frozen
class PlainToHtml(Rule[str, str, Never]):
    """See `plain_to_html`."""

    max_length: int

    def run(self, source: str) -> Outcome[str]:
        text = "\n".join(line.rstrip() for line in source.splitlines()).strip()
        if not text:
            return CLEAR
        blocks = re.split(r"\n{2,}", text)
        page = "".join(f"<p>{html.escape(one, quote=False).replace(chr(10), '<br>')}</p>" for one in blocks)
        if len(page) > self.max_length:
            return Problem(
                "too_long",
                "",
                f"the HTML has {len(page)} characters, {self.max_length} are allowed; shorten it in the ERP",
            )
        return Put(page)

    @property
    def label(self) -> str:
        return call("plain_to_html", max_length=(self.max_length, AREA_LIMIT))


def plain_to_html(*, max_length: int = AREA_LIMIT) -> PlainToHtml:
    r"""A plain text as HTML: a paragraph for each block, a break for each line, and ``<`` is a sign, not a tag.

    For text areas with an editor. `max_length` is that of the HTML, in characters. A blank text means "no value".

    >>> plain_to_html().run("Strong & light\nfor steel < 5 mm\n\nMade in Ulm").value
    '<p>Strong &amp; light<br>for steel &lt; 5 mm</p><p>Made in Ulm</p>'
    """
    return PlainToHtml(max_length)
