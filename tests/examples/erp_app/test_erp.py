"""The sample ERP's adapters: articles that came from the PIM are made once, by their key, and read apart from the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Choice
from akeneo_erp_bridge.errors import ErpConflict, ErpRefused, ErpUnreachable
from akeneo_erp_bridge.rules import Owner
from akeneo_erp_bridge.sync import setup
from akeneo_erp_bridge.testing import PimSimulator, merchant
from erp_app.demo import build_erp
from erp_app.erp import BornArticles, Erp
from erp_app.fields import BLUEPRINT, BOTH_WAYS, MESSAGE, TAG, Article

KEY, OTHER = "9e2c8a54-7d1f-4b0e-8a55-0d6c1f0a7b11", "9e2c8a54-7d1f-4b0e-8a55-0d6c1f0a7b12"


@pytest.fixture
def erp(tmp_path: Path) -> Erp:
    return Erp(build_erp(tmp_path, articles=400)[0])


def write(born: BornArticles, key: str = KEY, version: str | None = None, **row: object) -> tuple[str, bool]:
    given: Mapping[str, object] = {"number": "N-1", "name_en": "New", "name_de": None, "active": "J", **row}
    result = born.write_item(Article(given), idempotency_key=key, if_version=version)
    return str(result.ref.key), result.created


def numbers(erp: Erp) -> list[str]:
    fields = frozenset({"number", "name_en"})
    return [str(one.key) for page in erp.born().read_items(None, fields=fields, limit=10) for one in page.items]


def test_an_article_is_made_once_for_a_key_and_found_by_it(erp: Erp) -> None:
    born = erp.born()
    assert born.find_by_key(KEY) is None
    assert write(born) == ("N-1", True)
    first = born.find_by_key(KEY)
    assert first is not None
    assert write(born, version=first.version, name_en="Newer") == ("N-1", False)
    assert write(born, number="N-2") == ("N-2", False), "it is renamed, and stays one article"
    assert numbers(erp) == ["N-2"]
    second = born.find_by_key(KEY)
    assert second is not None
    assert (second.key, second.version != first.version) == (ErpKey("N-2"), True)


def test_what_was_changed_meanwhile_is_not_written_over(erp: Erp) -> None:
    born = erp.born()
    write(born)
    seen = born.find_by_key(KEY)
    assert seen is not None
    write(born, name_en="Theirs")
    with pytest.raises(ErpConflict, match="'N-1' was changed meanwhile"):
        write(born, version=seen.version, name_en="Ours")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"name_en": None}, "an article needs an English name"),
        ({"name_en": "  "}, "an article needs an English name"),
        ({"number": "N" * 31}, "a number has at most 30 characters; 'N+' has 31"),
    ],
)
def test_what_the_erp_does_not_take_is_told(erp: Erp, row: Mapping[str, object], words: str) -> None:
    born = erp.born()
    with pytest.raises(ErpRefused, match=words):
        write(born, **row)
    assert born.find_by_key(KEY) is None
    write(born)
    with pytest.raises(ErpRefused, match=words):
        write(born, **row)
    assert numbers(erp) == ["N-1"]


def test_a_number_is_given_once(erp: Erp, tmp_path: Path) -> None:
    born = erp.born()
    (taken,) = merchant.rename(tmp_path / "erp.db", count=1)
    write(born)
    for key, number in ((OTHER, "N-1"), (OTHER, taken), (KEY, taken)):
        with pytest.raises(ErpRefused, match=f"the number '{number}' is that of another article"):
            write(born, key, number=number)
    assert numbers(erp) == ["N-1"]


def test_two_at_once_make_one_article(erp: Erp) -> None:
    def make(key: str) -> bool:
        try:
            return write(erp.born(), key)[1]
        except (ErpRefused, ErpUnreachable):
            return False

    with ThreadPoolExecutor(8) as workers:
        made = list(workers.map(make, [KEY, OTHER] * 8))
    assert made.count(True) == 1
    assert numbers(erp) == ["N-1"]


def test_the_import_reads_all_articles_but_those(erp: Erp) -> None:
    write(erp.born(), category="WZ-110")
    fields, articles = frozenset({"number", "category"}), erp.articles()
    read = [str(one.key) for page in articles.read_items(None, fields=fields, limit=50) for one in page.items]
    assert (len(read), "N-1" in read, erp.count()) == (400, False, 400)
    some = [
        one
        for page in articles.read_some(Choice("category", ("WZ-110",)), fields=fields, limit=50)
        for one in page.items
    ]
    assert {one.category for one in some} == {"WZ-110"}, "the database finds them"
    assert "N-1" not in {str(one.key) for one in some}


def test_a_database_that_is_away_is_no_refusal(erp: Erp, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "erp.db")) as other:
        other.execute("ALTER TABLE articles RENAME TO gone")
    with pytest.raises(ErpUnreachable, match=r"the ERP's database does not answer \(OperationalError\)"):
        erp.born().find_by_key(KEY)


def test_what_the_erp_fills_is_in_a_group_of_its_own_and_the_tag_is_not() -> None:
    with PimSimulator(sample=True) as simulator, simulator.client() as pim:
        setup.apply(setup.propose(BLUEPRINT, setup.look(pim, BLUEPRINT)), pim)
        groups = {str(one.code): one.group for one in pim.attributes.list()}
        assert setup.propose(BLUEPRINT, setup.look(pim, BLUEPRINT)).is_done
    filled = {one.cell.attribute for one in BOTH_WAYS.bindings if one.owner is Owner.ERP}
    assert {groups[one] for one in {*filled, MESSAGE.attribute}} == {"erp"}
    assert groups[TAG.attribute] == "marketing"
