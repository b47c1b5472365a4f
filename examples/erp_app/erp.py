"""The ERP's database: articles to import, and articles to be made for products of the PIM."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Choice, Cursor, ErpRef, ErpSchema, Health, Page, SqlAdapter, WriteResult
from akeneo_erp_bridge.errors import ErpConflict, ErpRefused, ErpUnreachable
from erp_app.fields import BORN, TABLE, Article

_BORN: Final = f"SELECT * FROM {TABLE} WHERE {BORN} IS NOT NULL"
_LONGEST_NUMBER: Final = 30


class Erp:
    """What can be asked of it: articles to import, how many there are, and the categories to choose from."""

    def __init__(self, url: str) -> None:
        self._url = url

    def articles(self) -> ImportedArticles:
        """Those to be imported."""
        return ImportedArticles(self._url)

    def born(self) -> BornArticles:
        """Those that were born in the PIM."""
        return BornArticles(self._url)

    def count(self) -> int:
        """The articles to import, for a bar that shows how far a run has come."""
        return int(str(self._ask(f"SELECT count(*) FROM {TABLE} WHERE {BORN} IS NULL")[0][0]))

    def categories(self) -> list[tuple[str, str]]:
        """Code and name of those that hold articles, by name."""
        query = f"SELECT code, name_en FROM categories WHERE code IN (SELECT category FROM {TABLE}) ORDER BY name_en"
        return [(str(code), str(name)) for code, name in self._ask(query)]

    def _ask(self, query: str) -> list[tuple[object, ...]]:
        with _begun(create_engine(self._url, poolclass=NullPool)) as connection:
            return [tuple(row) for row in connection.execute(text(query))]


class ImportedArticles:
    """The adapter that the import reads: all articles at first, changed ones from then on, but none that the PIM made.

    It reads the table and leaves those out, since a database finds some articles by what it knows of a table's columns.
    """

    def __init__(self, url: str) -> None:
        self._reader = SqlAdapter(url, Article, table=TABLE, changed_at="modified_at")

    def describe(self) -> ErpSchema:
        """The columns of the table."""
        return self._reader.describe()

    def check(self) -> Health:
        """Whether all columns are there."""
        return self._reader.check()

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        """All of them at first, changed ones from then on."""
        return map(_without_born, self._reader.read_items(since, fields=fields | {BORN}, limit=limit))

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        """Some of them."""
        return map(_without_born, self._reader.read_some(choice, fields=fields | {BORN}, limit=limit))


def _without_born(page: Page[Article]) -> Page[Article]:
    return evolve(page, items=[item for item in page.items if item.row[BORN] is None])


class BornArticles:
    """The adapter that `PimFirst` asks for: it reads as the import does, finds an article by its key, and writes one.

    Each write is one transaction. The key of the PIM's product stands in a column of the article, so that an article which
    was made is found again, whoever died in between. An article that was there before is nobody's to take.
    """

    def __init__(self, url: str) -> None:
        self._reader = SqlAdapter(url, Article, query=_BORN, changed_at="modified_at")
        self._engine = create_engine(url, poolclass=NullPool)

    # ---- reading ----
    def describe(self) -> ErpSchema:
        """The columns of the table, which can be written."""
        schema = self._reader.describe()
        return ErpSchema(TABLE, tuple(evolve(one, writable=True) for one in schema.fields))

    def check(self) -> Health:
        """Whether all columns are there."""
        return self._reader.check()

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        """All of them at first, changed ones from then on."""
        return self._reader.read_items(since, fields=fields, limit=limit)

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        """Some of them."""
        return self._reader.read_some(choice, fields=fields, limit=limit)

    # ---- writing ----
    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        """The article of a product."""
        with _begun(self._engine) as connection:
            return _found(connection, idempotency_key)

    def write_item(self, draft: Article, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        """Make the article of a product, or change it. Raises `ErpRefused` with what a person has to mend."""
        values = {name: "" if value is None else value for name, value in draft.row.items()}
        with _begun(self._engine) as connection:
            known = _found(connection, idempotency_key)
            if known is not None and if_version not in (None, known.version):
                raise ErpConflict(f"article '{known.key}' was changed meanwhile")
            _check(values, is_new=known is None)
            values |= {"modified_at": _now(connection), BORN: idempotency_key}
            is_written = _make(connection, values) if known is None else _change(connection, values, known)
            there = _found(connection, idempotency_key)
        if known is not None and there != known and not is_written:
            raise ErpConflict(f"article '{known.key}' was changed meanwhile")
        if there is None or not is_written:
            raise ErpRefused(f"the number '{values['number']}' is that of another article; give the product another")
        return WriteResult(there, created=known is None)


def _check(values: Mapping[str, object], *, is_new: bool) -> None:
    number = str(values.get("number", ""))
    if (is_new or "name_en" in values) and not str(values.get("name_en", "")).strip():
        raise ErpRefused("an article needs an English name; give the product one")
    if len(number) > _LONGEST_NUMBER:
        raise ErpRefused(f"a number has at most {_LONGEST_NUMBER} characters; '{number}' has {len(number)}")


def _make(connection: Connection, values: Mapping[str, object]) -> bool:
    """One statement, so that nobody takes the number between the look and the write."""
    columns = list(connection.execute(text(f"SELECT * FROM {TABLE} WHERE 1 = 0")).keys())
    row = {**dict.fromkeys(columns, ""), **values}
    places = ", ".join(f":{name}" for name in columns)
    free = f"NOT EXISTS (SELECT 1 FROM {TABLE} WHERE number = :number)"
    query = f"INSERT INTO {TABLE} ({', '.join(columns)}) SELECT {places} WHERE {free}"
    return connection.execute(text(query), row).rowcount > 0


def _change(connection: Connection, values: Mapping[str, object], known: ErpRef) -> bool:
    changes = ", ".join(f"{name} = :{name}" for name in values)
    others = f"SELECT 1 FROM {TABLE} WHERE number = :number AND ({BORN} IS NULL OR {BORN} <> :{BORN})"
    is_as_known = f"{BORN} = :{BORN} AND modified_at = :known"
    query = f"UPDATE {TABLE} SET {changes} WHERE {is_as_known} AND NOT EXISTS ({others})"
    return connection.execute(text(query), {**values, "known": known.version}).rowcount > 0


def _found(connection: Connection, key: str) -> ErpRef | None:
    row = connection.execute(text(f"SELECT number, modified_at FROM {TABLE} WHERE {BORN} = :key"), {"key": key}).first()
    return None if row is None else ErpRef(ErpKey(str(row[0])), str(row[1]))


def _now(connection: Connection) -> str:
    """A second after the last change, by the ERP's own clock: it is the version of an article as well."""
    (last,) = connection.execute(text(f"SELECT max(modified_at) FROM {TABLE}")).one()
    return f"{datetime.fromisoformat(str(last)) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def _begun(engine: Engine) -> Generator[Connection]:
    """One transaction."""
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        # its text may hold the address with the password
        raise ErpUnreachable(f"the ERP's database does not answer ({type(error).__name__})") from None
