"""A browser for all tests of a file, and a PIM, an ERP and an App for each test; some files have their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app_bench import Bench, bench
from chromium import Tab, chromium


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.fixture
def tab(browser: Tab) -> Iterator[Tab]:
    yield browser
    browser.call("Network.clearBrowserCookies")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as one:
        yield one
