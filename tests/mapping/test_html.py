"""Texts of the ERP for text areas."""

from __future__ import annotations

import html
import importlib
import re
import sys
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.errors import ConfigurationError, MissingExtra
from akeneo_erp_bridge.mapping import clean, plain_text, plain_to_html, sanitized_html
from akeneo_erp_bridge.mapping._values._html import removed
from akeneo_erp_bridge.rules import Clear, Problem, Put


@given(st.text("ab<>&'\"\n\r ", max_size=30))
def test_a_plain_text_is_read_back_from_its_html(text: str) -> None:
    outcome = plain_to_html().run(text)
    if isinstance(outcome, Put):
        assert re.sub("</?p>|<br>", "", outcome.value).count("<") == 0
        shown = re.sub("</p>|<br>", "\n", outcome.value).replace("<p>", "")
        assert html.unescape(shown).split() == text.split()
    else:
        assert isinstance(outcome, Clear)
        assert not text.strip()


def test_blocks_and_lines() -> None:
    assert plain_to_html().run("a\r\nb \n\n\n c\n") == Put("<p>a<br>b</p><p> c</p>")
    assert plain_to_html().run('19" & mehr') == Put('<p>19" &amp; mehr</p>')
    assert isinstance(plain_to_html(max_length=8).run("ab"), Problem)


def test_what_was_removed_is_named() -> None:
    before = '<p class="x" id="y">a<script>b</script><font color="red">c</font><!-- d --></p><p>e</p>'
    assert removed(before, "<p>ac</p><p>e</p>") == "<font>, <script>, a comment, class of <p>, id of <p>"
    assert removed("<p>a</p>", "<p>a</p>") == ""


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nh3", None)
    with pytest.raises(MissingExtra, match=r"akeneo_erp_bridge\[html\]"):
        sanitized_html()


@pytest.mark.parametrize(
    "allow", [{"script": frozenset[str]()}, {"STYLE": frozenset[str]()}, {"p": frozenset({"onclick"})}]
)
def test_scripts_cannot_be_allowed(allow: dict[str, frozenset[str]]) -> None:
    with pytest.raises(ConfigurationError, match="sanitized_html"):
        sanitized_html(allow=allow)


def test_what_the_sanitiser_gives_is_checked_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for the sanitiser: what we make of its answer, and what we ask it."""
    asked: dict[str, object] = {}

    def clean_stand_in(page: str, **arguments: object) -> str:
        asked.update(arguments)
        return page.replace("<b>", "").replace("</b>", "")

    stand_in = ModuleType("nh3")
    monkeypatch.setattr(stand_in, "clean", clean_stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "nh3", stand_in)
    rule = sanitized_html(allow={"P": frozenset({"title"}), "br": frozenset()}, max_length=12)
    assert rule.run(" <p>a <b>b</b></p>") == Put("<p>a b</p>", ("removed from the HTML: <b>",))
    assert rule.run("<p>a</p>") == Put("<p>a</p>")
    assert asked["tags"] == {"p", "br"}
    assert asked["attributes"] == {"*": set(), "p": {"title"}}
    assert asked["clean_content_tags"] == {"script", "style"}
    assert isinstance(rule.run("<p> </p>"), Clear)
    assert isinstance(rule.run("<p>aaaaaaaaaa</p>"), Problem)
    assert isinstance(rule.run("<![x["), Problem)
    assert isinstance(rule.run("<p>\ud800</p>"), Problem), "of which the sanitiser would raise"


@pytest.mark.parametrize(
    ("page", "clean_page", "note"),
    [
        ('<p onclick="x()">Strong</p>', "<p>Strong</p>", "onclick of <p>"),
        ("<p>a<script>steal()</script></p>", "<p>a</p>", "<script>"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>", "href of <a>"),
        ('<a href="https://example.com">a</a>', '<a href="https://example.com">a</a>', ""),
        ("<h1>a</h1>", "a", "<h1>"),
        ('<p title="t" lang="de">a</p>', "<p>a</p>", "lang of <p>, title of <p>"),
    ],
)
def test_the_real_sanitiser(page: str, clean_page: str, note: str) -> None:
    pytest.importorskip("nh3", reason="the extra 'html' is not installed")
    outcome = sanitized_html().run(page)
    assert outcome == Put(clean_page, (f"removed from the HTML: {note}",) if note else ())
    assert sanitized_html().run(clean_page) == Put(clean_page), "clean HTML stays as it is"


@given(st.lists(st.sampled_from(["<p>", "</p>", "<script>", "<!--", "-->", "<![x[", "<a href='", "'>", "&#0;", "x", "\x00"]), max_size=8).map("".join))  # fmt: skip
def test_no_page_makes_the_sanitiser_raise(page: str) -> None:
    pytest.importorskip("nh3", reason="the extra 'html' is not installed")
    outcome = sanitized_html().run(page)
    assert isinstance(outcome, Put | Clear | Problem)
    if isinstance(outcome, Put):
        assert "<script" not in outcome.value


# ---- what was there before ----
def test_a_page_that_no_parser_reads_is_a_problem() -> None:
    assert isinstance(plain_text().run("<![x[ a"), Problem)


def test_an_open_head_does_not_swallow_the_body() -> None:
    outcome = plain_text().run("<head><title>t<body>words")
    assert isinstance(outcome, Put)
    assert outcome.value == "words"


def test_a_long_text_is_cut_at_a_word() -> None:
    cut = plain_text(max_length=10, too_long="truncate").run("<p>one two</p><p>three four</p>")
    assert cut == Put("one two", ("truncated from 18 to 7 characters",))
    whole = clean(max_length=5, too_long="truncate").run("abcde fgh")
    assert isinstance(whole, Put)
    assert whole.value == "abcde", "a word that just fits stays"
    for make in (clean, plain_text):
        with pytest.raises(ConfigurationError, match="max_length=0"):
            make(max_length=0)


@given(st.text(), st.integers(1, 20))
def test_a_cleaned_text_is_clean(text: str, max_length: int) -> None:
    outcome = clean(max_length=max_length, too_long="truncate").run(text)
    if isinstance(outcome, Put):
        assert 1 <= len(outcome.value) <= max_length
        assert outcome.value == outcome.value.strip()
        assert clean(max_length=max_length).run(outcome.value) == Put(outcome.value)


def test_the_module_of_the_extra_is_asked_for_late() -> None:
    assert "nh3" not in importlib.import_module("akeneo_erp_bridge.mapping._values._html").__dict__
