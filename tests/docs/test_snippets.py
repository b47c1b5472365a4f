"""Every Python snippet of the README and the docs runs; so does every example in a docstring."""

from __future__ import annotations

import doctest
import gc
import importlib
import logging
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

import akeneo_erp_bridge

ROOT = Path(__file__).parents[2]
SYBIL = Sybil(parsers=[PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS), SkipParser()])
DOCUMENTS = {
    str(page.relative_to(ROOT)): SYBIL.parse(page)
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
}
MODULES = sorted(
    one.name
    for one in pkgutil.walk_packages(akeneo_erp_bridge.__path__, "akeneo_erp_bridge.")
    if not one.name.endswith("__main__")  # to import it is to run it
)


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """A program sets up logging for itself; the next test is another program."""
    root = logging.getLogger()
    logs = [root, *(one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger))]
    before = [(one, one.level, list(one.handlers), one.propagate) for one in logs]
    known = set(root.manager.loggerDict)
    yield
    for log, level, handlers, propagates in before:
        log.setLevel(level)
        log.handlers[:] = handlers
        log.propagate = propagates
    for name in root.manager.loggerDict.keys() - known:
        log = logging.getLogger(name)
        log.setLevel(logging.NOTSET)
        log.handlers.clear()
        log.propagate = True


@pytest.mark.usefixtures("logging_as_it_was")
@pytest.mark.parametrize("page", [page for page, document in DOCUMENTS.items() if list(document.examples())])
def test_the_snippets_of_a_page_run_in_order(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a snippet may write files
    document = DOCUMENTS[page]
    for example in document.examples():
        example.evaluate()
    # a page shows no clean-up that the end of a program does; an open file would warn in some later test
    for value in document.namespace.values():
        if hasattr(value, "close") and not isinstance(value, type):
            value.close()
    document.namespace.clear()
    gc.collect()


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def test_there_are_pages_and_snippets() -> None:
    assert sum(len(list(document.examples())) for document in DOCUMENTS.values()) >= 10


def test_the_connector_of_the_readme_fits_on_one_screen() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    connector = readme.partition("```python\n")[2].partition("```")[0]
    assert len(connector.splitlines()) <= 40
