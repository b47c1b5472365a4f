"""New SKUs: what they look like, that no two products get one, and that a crash burns none."""

from __future__ import annotations

import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given, strategies
from psycopg.conninfo import make_conninfo

from akeneo_erp_bridge.catalog import Product, decode_product
from akeneo_erp_bridge.erp import Choice, Page
from akeneo_erp_bridge.errors import ConfigurationError, MappingError, StateError
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync.pim_first import (
    CheckPart,
    FamilyPrefix,
    NewSkus,
    OptionPart,
    OwnPart,
    PostgresSkuBook,
    Sequence,
    SkippedNumber,
    SkuPattern,
    SqliteSkuBook,
    TextPart,
    in_erp,
    in_pim,
)
from akeneo_erp_bridge.sync.pim_first._postgres_book import PostgresBookPlace
from akeneo_erp_bridge.testing import PimSimulator
from born_bench import SENT, STATE, A, B, BornBench, C
from born_erp import MESSAGE, Article
from killing import SOAK

PATTERN = SkuPattern(FamilyPrefix({"tools": "TO"}), "-", Sequence(4))


def made(**values: object) -> Product:
    told = {code: [{"locale": None, "scope": None, "data": data}] for code, data in values.items()}
    return decode_product({"uuid": A, "family": "tools", "values": told})


# ---- what they look like ----
@pytest.mark.parametrize(
    ("pattern", "sku"),
    [
        (PATTERN, "TO-0007"),
        (SkuPattern("X", Sequence(3), CheckPart("gtin")), "X0077"),
        (SkuPattern(TextPart(Cell("name"), longest=5), Sequence(2)), "UEBER07"),
        (SkuPattern(OptionPart("colour", {"red": "R"}), Sequence(2), "/", CheckPart("mod97")), "R07/28"),
        (SkuPattern(OwnPart(lambda product: (product.family or "")[:3].upper()), Sequence(1)), "TOO7"),
        (SkuPattern(Sequence(1), "-", FamilyPrefix({}, otherwise="ANY")), "7-ANY"),
    ],
)
def test_a_pattern(pattern: SkuPattern, sku: str) -> None:
    assert pattern.sku(made(name="über-hammer", colour="red"), 7) == sku


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (FamilyPrefix({"saws": "SA"}), "family 'tools' has no prefix for SKUs"),
        (TextPart(Cell("name"), longest=3), "'name' holds no letters or digits"),
        (OptionPart("colour", {"red": "R"}), "'colour' is 'blue', which has no letters"),
        (OptionPart("size", {"red": "R"}), "'size' is empty"),
        ("a,b", "is none that the PIM takes"),
        (" a", "is none that the PIM takes"),
    ],
)
def test_what_keeps_a_product_from_a_sku(part: Any, words: str) -> None:
    with pytest.raises(MappingError, match=words):
        SkuPattern(part, Sequence(2)).sku(made(name="---", colour="blue"), 1)


def test_numbers_that_are_used_up() -> None:
    with pytest.raises(MappingError, match="numbers of 2 digits for SKUs are used up"):
        SkuPattern(Sequence(2)).sku(made(), 100)
    assert SkuPattern(Sequence(2, may_grow=True)).sku(made(), 100) == "100"
    for parts in (("a",), (Sequence(1), Sequence(1))):
        with pytest.raises(ConfigurationError, match="has one Sequence"):
            SkuPattern(*parts)  # type: ignore[arg-type]  # they are parts


@pytest.mark.parametrize(
    ("kind", "text", "digits"),
    [("mod97", "794", "44"), ("luhn", "7992739871", "3"), ("gtin", "400638133393", "1")],
)
def test_known_check_digits(kind: Any, text: str, digits: str) -> None:
    """The examples of ISO 7064, of Luhn and of GS1."""
    assert CheckPart(kind).digits(text) == digits


def remainder(text: str) -> int:
    return int("".join(str(int(one, 36)) for one in text)) % 97


@given(strategies.text("0123456789ABCXYZ", min_size=1, max_size=12), strategies.integers(0, 11))
def test_one_wrong_digit_is_found(text: str, place: int) -> None:
    """A right number has remainder 1, as ISO 7064 has it; one with a wrong digit has another."""
    right = text + CheckPart("mod97").digits(text)
    assert remainder(right) == 1
    at = place % len(text)
    if text[at].isdigit():
        assert remainder(right[:at] + str((int(text[at]) + 1) % 10) + right[at + 1 :]) != 1


# ---- reservations ----
Open = Callable[[], Any]


@pytest.fixture(params=["sqlite", "postgres"])
def open_book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    if request.param == "sqlite":
        yield lambda: SqliteSkuBook(tmp_path / "skus.db")
    else:
        dsn, schema = request.getfixturevalue("postgres"), f"skus_{uuid.uuid4().hex}"
        yield lambda: PostgresSkuBook(dsn, schema)


def number(count: int) -> str:
    return f"N{count}"


def test_one_owner_has_one_number_whatever_happens(open_book: Open) -> None:
    with open_book() as one, open_book() as other:
        first = one.reserve("a", "N", 1, number)
        assert other.reserve("a", "N", 1, number) == first
        assert other.reserve("b", "N", 1, number).number == 2
        assert one.reserve("c", "M", 50, "M{}".format).sku == "M50"
        # of two who hear that it is taken, the second is told what the first got
        second = one.replace(first, "taken", first.number, number)
        assert (second.number, other.replace(first, "taken", first.number, number)) == (3, second)
        assert list(one.skipped()) == [SkippedNumber("N", 1, "N1", "taken")]
        one.release("b", "the product is gone")
        assert [skipped.number for skipped in other.skipped()] == [1, 2]
        assert [each.owner for each in other.reserved()] == ["a", "c"]
    with open_book() as again:
        assert again.reserve("a", "N", 1, number) == second


def test_two_scopes_make_no_sku_twice(open_book: Open) -> None:
    with open_book() as book:
        book.reserve("a", "A1", 1, "A1{}".format)
        book.reserve("b", "A", 11, "a{}".format)  # "a11" is "A11" for the PIM
        assert [one.sku for one in book.reserved()] == ["A11", "a12"]


def test_a_maker_that_fails_reserves_nothing(open_book: Open) -> None:
    def fails(count: int) -> str:
        raise MappingError("no name")

    with open_book() as book:
        with pytest.raises(MappingError):
            book.reserve("a", "N", 1, fails)
        assert list(book.reserved()) == []
        assert book.reserve("b", "N", 1, number).number == 1


_WORKER = """
import sys
from akeneo_erp_bridge.sync.pim_first import SqliteSkuBook
with SqliteSkuBook(sys.argv[1]) as book:
    for one in range(25):
        book.reserve(f"{sys.argv[2]} {one}", "N", 1, "N{}".format)
"""


def test_workers_at_once(tmp_path: Path) -> None:
    path = tmp_path / "skus.db"
    running = [subprocess.Popen([sys.executable, "-c", _WORKER, str(path), str(one)]) for one in range(4)]
    assert [one.wait(120) for one in running] == [0] * 4
    with SqliteSkuBook(path) as book:
        assert sorted(one.number for one in book.reserved()) == list(range(1, 101))
        assert list(book.skipped()) == []


_KILLED = """
import os, signal, sys
from akeneo_erp_bridge.sync.pim_first import SqliteSkuBook
book, fatal = SqliteSkuBook(sys.argv[1]), int(sys.argv[2])
def make(count):
    if count == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return f"N{count}"
for one in range(5):
    book.reserve(f"owner {one}", "N", 1, make)
    if one + 1 == -fatal:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("fatal", [1, 3, -1, -3])
def test_a_kill_burns_no_number(tmp_path: Path, fatal: int) -> None:
    path = str(tmp_path / "skus.db")
    dead = subprocess.run([sys.executable, "-c", _KILLED, path, str(fatal)], check=False)
    assert dead.returncode == -signal.SIGKILL
    subprocess.run([sys.executable, "-c", _KILLED, path, "0"], check=True)
    with SqliteSkuBook(path) as book:
        assert [one.sku for one in book.reserved()] == ["N1", "N2", "N3", "N4", "N5"]
        assert list(book.skipped()) == []


def test_what_a_server_calls_kept_is_kept_and_every_text_has_a_place(postgres: str) -> None:
    schema = f"skus_{uuid.uuid4().hex}"
    hasty = make_conninfo(postgres, options="-c synchronous_commit=off")
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(
            f"CREATE DATABASE {schema} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0".encode()
        )
    with pytest.raises(StateError, match="encoding LATIN1, which cannot hold every text"):
        PostgresSkuBook(make_conninfo(postgres, dbname=schema), schema)
    sure: list[object] = []
    book = PostgresBookPlace(hasty, schema)
    try:
        book.done(lambda db: sure.extend(db.execute("SHOW synchronous_commit")))
    finally:
        book.close()
    assert sure == [("on",)]


def test_a_strange_file_is_refused(tmp_path: Path, postgres: str) -> None:
    (tmp_path / "skus.db").write_text("no database at all, but long enough to be taken for one" * 20)
    with pytest.raises(StateError, match="SKU book"):
        SqliteSkuBook(tmp_path / "skus.db")
    with pytest.raises(StateError, match="holds other tables"):
        PostgresSkuBook(postgres, "pg_catalog")
    with SqliteSkuBook(tmp_path / "new.db"):
        assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600


# ---- in use ----
class Numbers:
    """An ERP that finds articles by their number."""

    def __init__(self, *numbers: str) -> None:
        self.numbers = numbers
        self.calls = 0

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[Any]]:
        self.calls += 1
        found = [Article({"number": one}) for one in self.numbers]
        yield Page(found, (), None)  # type: ignore[arg-type]  # nobody asks for it


def test_what_is_taken_anywhere_is_skipped(tmp_path: Path) -> None:
    simulator = PimSimulator(sample=True)
    with simulator.client() as pim, SqliteSkuBook(tmp_path / "skus.db") as book:
        simulator.load(
            "/api/rest/v1/products-uuid",
            [
                {"uuid": str(uuid.uuid4()), "values": {"sku": [{"locale": None, "scope": None, "data": one}]}}
                for one in ("to-0001", "TO-0004")
            ],
        )
        skus = NewSkus(PATTERN, book, taken=[in_pim(pim), in_erp(Numbers("TO-0002"), "number")])
        some = [Product(uuid=one, family="tools") for one in (A, B)]  # type: ignore[arg-type]  # UUIDs
        assert skus.skus_for(some) == {A: "TO-0003", B: "TO-0005"}
        assert skus.skus_for(some) == {A: "TO-0003", B: "TO-0005"}
        assert {one.sku for one in book.skipped()} >= {"TO-0001", "TO-0002"}


def test_the_last_numbers_are_given_too(tmp_path: Path) -> None:
    """What is taken among them is skipped, though fewer follow than are looked at together."""
    pattern = SkuPattern("TO-", Sequence(2))
    erp = Numbers(*(f"TO-{one:02}" for one in range(97) if one), "TO-98")
    with SqliteSkuBook(tmp_path / "skus.db") as book:
        skus = NewSkus(pattern, book, taken=[in_erp(erp, "number")])
        given = {one: skus.skus_for([Product(uuid=one)])[one] for one in (A, B, C)}  # type: ignore[arg-type]  # UUIDs
        assert (given[A], given[B]) == ("TO-97", "TO-99")
        assert "are used up" in str(given[C])


def test_a_lost_book_gives_no_sku_twice(tmp_path: Path) -> None:
    """It is caught up with by hundreds, not one by one."""
    count = 950
    erp = Numbers(*(f"TO-{one:04}" for one in range(1, count + 1)))
    with SqliteSkuBook(tmp_path / "new.db") as book:
        skus = NewSkus(PATTERN, book, taken=[in_erp(erp, "number")])
        assert skus.skus_for([Product(uuid=A, family="tools")]) == {A: f"TO-{count + 1:04}"}  # type: ignore[arg-type]  # a UUID
    assert erp.calls < 30


def test_a_tagged_product_gets_its_sku_and_goes_out(tmp_path: Path) -> None:
    bench = BornBench(tmp_path)
    with bench.state, SqliteSkuBook(tmp_path / "skus.db") as book:
        bench.make(A, None, tag="to_export")
        bench.make(B, None, tag="to_export", family=None)
        report = bench.run(STATE, skus=NewSkus(PATTERN, book, taken=[in_pim(bench.pim)]))
        assert (report.out.created, report.out.parked) == (1, 1)
        assert list(bench.erp.rows()) == ["TO-0001"]
        assert bench.product(A).values.text("sku") == "TO-0001"
        assert bench.value(B, MESSAGE) == "the product has no family, with which its SKU begins; give it one in the PIM"
        assert bench.product(B).values.text("sku") is None


def test_killed_between_reserving_and_writing_it_is_the_same_sku(tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    for place in ("sku.reserved", "sku.written", "export.intended", "export.written", "export.bound"):
        bench = BornBench(_made(tmp_path / place))

        def hook(boundary: str, fatal: str = place) -> None:
            if boundary == fatal:
                raise Killed

        with bench.state, SqliteSkuBook(tmp_path / place / "skus.db") as book:
            skus = NewSkus(PATTERN, book, taken=[in_pim(bench.pim)])
            bench.make(A, None)
            bench.make(B, None)
            with pytest.raises(Killed):
                bench.run(SENT, skus=skus, hook=hook)
            assert bench.run(SENT, skus=skus).exit_code == 0
            assert sorted(bench.erp.rows()) == ["TO-0001", "TO-0002"], place
            assert list(book.skipped()) == [], place


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_ten_thousand_products_ask_in_hundreds(tmp_path: Path) -> None:
    count = 10_000 if SOAK else 1_000
    bench = BornBench(tmp_path)
    with bench.state, SqliteSkuBook(tmp_path / "skus.db") as book:
        skus = NewSkus(PATTERN, book, taken=[in_pim(bench.pim)])
        some = [Product(uuid=f"{n}", family="tools") for n in range(count)]  # type: ignore[arg-type]  # UUIDs
        bench.simulator.forget_calls()
        found = {sku for start in range(0, count, 100) for sku in skus.skus_for(some[start : start + 100]).values()}
        assert len(found) == count
        assert len([one for one in bench.simulator.calls if "/products" in one.path]) <= count // 100
