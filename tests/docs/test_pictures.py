"""What the pictures of pages show is what the snippets of the docs make today. `make pictures` takes them anew.

Beside each picture lies its text, with the marks of what differs, and the check sum of the picture that was taken with it.
Moments, run ids and UUIDs differ from run to run, and are left out of it. How a page looks is not compared: who changes its style
takes the pictures anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from attrs import frozen
from rich.console import Console
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

from akeneo_erp_bridge.cli import show_report
from akeneo_erp_bridge.sync import save_report_html
from chromium import Tab, chromium

DOCS = Path(__file__).parents[2] / "docs"
STATIC = DOCS / "_static"
TEXTS = Path(__file__).parent / "pictures"
TAKES = "PICTURES" in os.environ
"""Whether the pictures and their texts are written, instead of compared."""


@frozen
class Picture:
    """A picture of what the snippets of a how-to make, up to the one that writes a file."""

    name: str
    page: str
    made: str
    width: int = 1000


PAGES = [
    Picture("plan-page", "review-a-plan", "monday.html"),
    Picture("plan-held", "settle-conflicts", "plan.html"),
    Picture("report-page", "operate-a-sync", "report.html"),
]
TERMINAL = Picture("terminal-report", "operate-a-sync", "report.html")


def run(picture: Picture, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The snippets of the how-to, until the file is there; what they leave behind."""
    monkeypatch.chdir(folder)
    document = Sybil(parsers=[PythonCodeBlockParser()]).parse(DOCS / "how-to" / f"{picture.page}.md")
    for example in document.examples():
        example.evaluate()
        if (folder / picture.made).exists():
            return document.namespace
    raise AssertionError(f"no snippet of {picture.page} writes {picture.made}")


@pytest.fixture
def ended() -> Iterator[list[dict[str, Any]]]:
    """What snippets leave behind, to be closed: an open file would warn in some later test."""
    left: list[dict[str, Any]] = []
    yield left
    for value in (value for one in left for value in one.values()):
        if hasattr(value, "close") and not isinstance(value, type):
            value.close()


class Shown(HTMLParser):
    """What a page says: a line for each row, with the marks of what differs."""

    MARKS: ClassVar = {"del": ("[-", "-]"), "ins": ("{+", "+}"), "mark": ("*", "*")}
    LINES = ("h1", "h2", "p", "tr", "dl", "form", "section", "caption")
    UNSEEN = ("head", "option", "nav", "output", "caption")

    def __init__(self, page: str) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._unseen = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in self.UNSEEN
        if tag in self.LINES:
            self._parts.append("\n")
        elif tag in ("td", "th", "dt"):
            self._parts.append(" | ")
        else:
            self._parts.append(self.MARKS[tag][0] if tag in self.MARKS else "" if tag == "wbr" else " ")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in self.UNSEEN
        self._parts.append(self.MARKS[tag][1] if tag in self.MARKS else " ")

    def handle_data(self, data: str) -> None:
        self._parts.append("" if self._unseen else re.sub(r"\s+", " ", data))

    @property
    def text(self) -> str:
        lines = (re.sub(r"\s+", " ", line).strip(" |") for line in "".join(self._parts).split("\n"))
        return steady("\n".join(line for line in lines if line))


def steady(text: str) -> str:
    """A text without what differs from run to run."""
    for pattern, told in {
        r"\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?": "(date)",
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "(uuid)",
        r"run [0-9a-f]{32}": "run (id)",
        r"\d+\.\d s\b": "(time) s",
    }.items():
        text = re.sub(pattern, told, text)
    return text


def compare(name: str, file: Path, text: str) -> None:
    """Hold a text against the one beside the picture, and the picture against its check sum; or write both anew."""
    beside = TEXTS / f"{name}.txt"
    told = f"{file.name} {sha256(file.read_bytes()).hexdigest()}\n\n{text}\n"
    if TAKES:
        TEXTS.mkdir(exist_ok=True)
        beside.write_text(told, encoding="utf-8")
    assert beside.read_text(encoding="utf-8") == told, f"{file.name} is not of today: make pictures, and look at it"


@pytest.mark.parametrize("picture", PAGES, ids=lambda one: one.name)
def test_a_picture_is_of_todays_page(
    picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: list[dict[str, Any]]
) -> None:
    left = run(picture, tmp_path, monkeypatch)
    ended.append(left)
    made = tmp_path / picture.made
    if picture.made == "report.html":  # as it would be a week later, to show how long things wait
        save_report_html(left["report"], made, left["state"], now=datetime.now(UTC) + timedelta(days=7))
    if TAKES:
        with chromium(tmp_path) as tab:
            take(tab, made, picture.width, STATIC / f"{picture.name}.png")
    compare(picture.name, STATIC / f"{picture.name}.png", Shown(made.read_text(encoding="utf-8")).text)


def take(tab: Tab, page: Path, width: int, file: Path) -> None:
    """All of a page, down to the end of its table."""
    tab.open(page, width=width)
    end: float = tab.find("document.querySelector('table').getBoundingClientRect().bottom")
    tab.open(page, width=width, height=int(end) + 20)
    tab.picture(file)


def test_the_picture_of_the_terminal_is_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: list[dict[str, Any]]
) -> None:
    left = run(TERMINAL, tmp_path, monkeypatch)
    ended.append(left)
    out = Console(record=True, width=112, file=StringIO(), force_terminal=True, color_system="truecolor")
    show_report(left["report"], out=out)
    picture = STATIC / f"{TERMINAL.name}.svg"
    if TAKES:
        picture.write_text(out.export_svg(title="a report", clear=False, unique_id="report"), encoding="utf-8")
    compare(TERMINAL.name, picture, steady("\n".join(line.rstrip() for line in out.export_text().splitlines())))
    seen = unescape("".join(re.findall(r">([^<>]+)<", picture.read_text(encoding="utf-8"))))
    assert "Work shirt for every day" in seen.replace("\xa0", " ")


def test_each_text_has_its_picture() -> None:
    assert {one.stem for one in TEXTS.glob("*.txt")} == {one.name for one in (*PAGES, TERMINAL)}
