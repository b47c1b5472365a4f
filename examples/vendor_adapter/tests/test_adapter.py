"""What is Acme's own: prices by the page, words for what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from acme_erp import AcmeErp, Article
from acme_erp.sandbox import AcmeSandbox
from akeneo_erp_bridge.erp import Cursor, adapters
from akeneo_erp_bridge.errors import CursorExpired, ErpRefused, ErpUnreachable


@pytest.fixture
def sandbox() -> Iterator[AcmeSandbox]:
    one = AcmeSandbox(count=450)
    yield one
    one.close()


@pytest.fixture
def erp(sandbox: AcmeSandbox) -> AcmeErp[Article]:
    return AcmeErp(sandbox.url, sandbox.token, Article)


def test_it_is_found_by_its_name() -> None:
    assert adapters()["acme"].load() is AcmeErp
    assert adapters()["acme"].protocols() == ("reads items", "hot")


def test_changes_and_deletions(sandbox: AcmeSandbox, erp: AcmeErp[Article]) -> None:
    fields = frozenset({"number", "name", "weight"})
    first = list(erp.read_items(None, fields=fields, limit=100))
    assert sum(len(page.items) for page in first) == 450
    assert first[0].items[0].weight == Decimal("1.50")
    sandbox.edit_cold("A-007")
    sandbox.delete("A-008")
    second = list(erp.read_items(first[-1].resume, fields=fields, limit=100))
    assert "A-007" in [item.key for page in second for item in page.items]
    assert [key for page in second for key in page.tombstones] == ["A-008"]


def test_prices_come_by_the_page(erp: AcmeErp[Article]) -> None:
    pages = list(erp.read_hot(None, keys=None))
    assert [len(page.items) for page in pages] == [200, 200, 50]
    rest = list(erp.read_hot(pages[0].resume, keys=None))
    assert [len(page.items) for page in rest] == [200, 50]
    (some,) = erp.read_hot(None, keys=["A-003", "A-004"])
    assert [(item.key, item.stock, item.price) for item in some.items] == [
        ("A-003", 3, Decimal("9.90")),
        ("A-004", 4, Decimal("9.90")),
    ]
    with pytest.raises(CursorExpired):
        list(erp.read_hot(Cursor("token", "?"), keys=None))


def test_what_goes_wrong_is_said_without_the_token(sandbox: AcmeSandbox, erp: AcmeErp[Article]) -> None:
    with sandbox.locked():
        assert "make a new one under Settings" in erp.check().message
        with pytest.raises(ErpRefused) as caught:
            list(erp.read_items(None, fields=frozenset({"number"}), limit=10))
    elsewhere = AcmeErp("http://127.0.0.1:9", sandbox.token, Article)
    with pytest.raises(ErpUnreachable) as gone:
        elsewhere.describe()
    wrong = AcmeErp(f"{sandbox.url}/shop/", sandbox.token, Article)
    assert "is the address" in wrong.check().message or "404" in wrong.check().message
    assert all(sandbox.token not in str(one.value) for one in (caught, gone))
