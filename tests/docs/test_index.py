"""The index leads to each page, once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_each_page_is_listed_once() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = Counter(re.findall(r"^([\w-]+/[\w-]+)$", index, flags=re.MULTILINE))
    pages = {str(page.relative_to(DOCS).with_suffix("")) for page in DOCS.rglob("*.md") if "_build" not in page.parts}
    assert set(listed) == pages - {"index"}
    assert [page for page, times in listed.items() if times > 1] == []


def test_a_list_fits_into_a_glance() -> None:
    blocks = re.findall(
        r"^```\{toctree\}\n:caption: (.+?)\n(.*?)^```", (DOCS / "index.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert len({caption for caption, _ in blocks}) == len(blocks)
    assert [caption for caption, pages in blocks if pages.count("/") > 12] == []


def test_the_readme_leads_to_each_how_to() -> None:
    links = re.findall(r"\]\(([\w/.-]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).is_file()] == []
    assert {f"docs/how-to/{page.name}" for page in (DOCS / "how-to").glob("*.md")} - set(links) == set()
