"""The page on set-up shows what is printed."""

from __future__ import annotations

from pathlib import Path

from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "set-up-the-pim.md"


def test_the_table_of_the_page_is_the_table_of_the_plan() -> None:
    document = Sybil(parsers=[PythonCodeBlockParser()]).parse(PAGE)
    examples = list(document.examples())
    for example in examples:
        example.evaluate()
        if "print(plan)" in example.parsed:
            break
    printed = str(document.namespace["plan"]).splitlines()
    document.namespace["pim"].close()
    shown = PAGE.read_text(encoding="utf-8").partition("```text\n")[2].partition("\n```")[0].splitlines()
    assert len(shown) == len(printed)
    for one, other in zip(shown, printed, strict=True):
        assert other.startswith(one.removesuffix(" ...")), f"shown {one!r}, printed {other!r}"
