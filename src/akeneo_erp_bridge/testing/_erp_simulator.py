"""`ErpSimulator`: an ERP in memory, for tests of connectors and for learning."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import RLock
from typing import Final, Generic, Literal, TypeVar, cast

from attrs import define, field

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Choice, Cursor, ErpField, ErpItem, ErpRef, ErpSchema, Health, Page, WriteResult
from akeneo_erp_bridge.erp._paths import column_of, look_up
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.testing._erp_table import Changes, ErpTable, RefusesRow

__all__ = ["ErpSimulator", "ErpSimulatorAdapter", "RefusesRow"]

ItemT = TypeVar("ItemT", bound=ErpItem)

_NO_VALUES: Final[Mapping[str, object]] = {}
_PAGE: Final = 500


@define
class _Door:
    """Where adapters come in: each call is counted, and may fail."""

    table: ErpTable
    lock: RLock = field(factory=RLock)
    calls: list[str] = field(factory=list[str])
    failures: list[tuple[Exception, bool]] = field(factory=list[tuple[Exception, bool]])

    @contextmanager
    def call(self, name: str) -> Generator[ErpTable]:
        with self.lock:
            self.calls.append(name)
            error, is_after = self.failures.pop(0) if self.failures else (None, False)
            if error is not None and not is_after:
                raise error
            yield self.table
            if error is not None:
                raise error


class ErpSimulator(Generic[ItemT]):
    """An ERP in memory: people edit it, and adapters of it read and write. These keep the laws of the conformance kit.

    ::

        erp = ErpSimulator(Article, [{"number": "DR-18", "name": "Drill", "price": "89.90"}])
        job = ErpToPim(erp.adapter(), mapping, PimSimulator(sample=True).client(), SqliteState(":memory:"))
        job.run()
        erp.edit("DR-18", name="Cordless drill")     # as the ERP's users do
        assert job.run().updated == 1

    Rows hold values by path, as an `ErpItem` reads them. *defaults* are what new items hold where nobody says otherwise.
    *refuses* is the ERP's own judgement of what an adapter writes: it gives the words of a refusal, or `None`. An ERP that
    numbers its items itself has *numbers*, which makes the key of the item so-and-so many, counted from 1.

    What it says and does is that of no ERP in particular: what a real one does, a real one tells. Source: the protocols of
    `akeneo_erp_bridge.erp`, and the laws of `ErpConformance`.

    >>> from akeneo_erp_bridge.erp import cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     name = cold(str, "name")
    >>> erp = ErpSimulator(Article, refuses=lambda row: None if row.get("name") else "a name is needed")
    >>> adapter = erp.adapter()
    >>> drill = Article({"number": "DR-18", "name": "Drill"})
    >>> adapter.write_item(drill, idempotency_key="pim-4711", if_version=None).created, erp.rows
    (True, {'DR-18': {'number': 'DR-18', 'name': 'Drill'}})
    >>> adapter.write_item(Article({"number": "SA-20"}), idempotency_key="pim-4712", if_version=None)
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.ErpRefused: Article 'SA-20': a name is needed
    """

    def __init__(
        self,
        item: type[ItemT],
        rows: Iterable[Mapping[str, object]] = (),
        *,
        defaults: Mapping[str, object] = _NO_VALUES,
        refuses: RefusesRow | None = None,
        numbers: Callable[[int], str] | None = None,
    ) -> None:
        self.item = item
        self._door = _Door(ErpTable(item, defaults, refuses, numbers))
        self._table = self._door.table
        for row in rows:
            self.put(row)

    def __repr__(self) -> str:
        return f"ErpSimulator({self.item.__name__}, {len(self._table.rows)} items)"

    # ---- as the ERP's users see it ----
    @property
    def rows(self) -> dict[str, dict[str, object]]:
        """All that it holds, by key."""
        with self._door.lock:
            return {str(key): dict(row.values) for key, row in self._table.rows.items()}

    def put(self, row: Mapping[str, object]) -> ErpKey:
        """A user makes an item, or gives one other values altogether. The item's key.

        Raises `ConfigurationError` for a row without a key, where the ERP has no numbers of its own.
        """
        with self._door.lock:
            values = self._table.new(row)
            key = self.item(values).key
            if not key:
                raise ConfigurationError(f"a row needs its key, '{self._table.number}'; seen {sorted(row)}")
            self._table.put(key, values)
            return key

    def edit(self, key: str, /, **values: object) -> None:
        """A user changes some values of an item; its key may be among them. Raises `ConfigurationError` for no such item.

        >>> from akeneo_erp_bridge.erp import cold
        >>> class Article(ErpItem):
        ...     number = cold(str, "number", key=True)
        ...     weight = cold(str, "Weight [kg]")
        >>> erp = ErpSimulator(Article, [{"number": "DR-18"}])
        >>> erp.edit("DR-18", **{"Weight [kg]": "1.5"})  # a path that is no name of Python's
        >>> erp.edit("DR-18", number="DR-19")
        >>> erp.rows
        {'DR-19': {'number': 'DR-19', 'Weight [kg]': '1.5'}}
        """
        with self._door.lock:
            self._table.edit(self._known(key), values)

    def delete(self, key: str) -> None:
        """A user deletes an item, for good. Raises `ConfigurationError` for no such item."""
        with self._door.lock:
            self._table.delete(self._known(key))

    def _known(self, key: str) -> ErpKey:
        if ErpKey(key) not in self._table.rows:
            raise ConfigurationError(f"{self!r} has no item '{key}'")
        return ErpKey(key)

    # ---- for tests ----
    def adapter(
        self, *, call: Callable[[], AbstractContextManager[object]] = nullcontext
    ) -> ErpSimulatorAdapter[ItemT]:
        """A new adapter. *call* is entered around each of its calls: there the conformance kit's faults have their place."""
        return ErpSimulatorAdapter(self.item, self._door, call)

    def fail_next(self, error: Exception, *, times: int = 1, moment: Literal["before", "after"] = "before") -> None:
        """Let the next calls of adapters raise this: before anything is done, or after it was, as where an answer is lost.

        >>> from akeneo_erp_bridge.erp import cold
        >>> from akeneo_erp_bridge.errors import ErpUnreachable
        >>> class Article(ErpItem):
        ...     number = cold(str, "number", key=True)
        >>> erp = ErpSimulator(Article)
        >>> erp.fail_next(ErpUnreachable("the line was cut"), moment="after")
        >>> erp.adapter().write_item(Article({"number": "DR-18"}), idempotency_key="pim-4711", if_version=None)
        Traceback (most recent call last):
            ...
        akeneo_erp_bridge.errors.ErpUnreachable: the line was cut
        >>> erp.adapter().find_by_key("pim-4711")  # it was written all the same
        ErpRef(key='DR-18', version='1')
        """
        with self._door.lock:
            self._door.failures += [(error, moment == "after")] * times

    @property
    def calls(self) -> list[str]:
        """Each call of an adapter since the start, or since `forget_calls`, by its method: a page read is one, a write is one."""
        with self._door.lock:
            return list(self._door.calls)

    def forget_calls(self) -> None:
        """Begin counting anew."""
        with self._door.lock:
            self._door.calls.clear()


class ErpSimulatorAdapter(Generic[ItemT]):
    """Reads and writes an `ErpSimulator`, which makes it. It has each method that an adapter may have.

    >>> from akeneo_erp_bridge.erp import cold, hot
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     stock = hot(int, "stock")
    >>> erp = ErpSimulator(Article, [{"number": "DR-18", "stock": 7}])
    >>> [(item.key, item.stock) for page in erp.adapter().read_hot(None, keys=None) for item in page.items]
    [('DR-18', 7)]
    """

    def __init__(self, item: type[ItemT], door: _Door, call: Callable[[], AbstractContextManager[object]]) -> None:
        self._item = item
        self._door = door
        self._call = call

    def describe(self) -> ErpSchema:
        """The fields that the item class declares."""
        fields = {one.path: ErpField(one.path, one.kind, writable=True) for one in self._item.declared}
        return ErpSchema(f"simulated {self._item.__name__} items", tuple(fields.values()))

    def check(self) -> Health:
        """It is there."""
        with self._asked("check"):
            return Health(ok=True, message="it is in memory")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """See `ItemReader`."""
        return self._read("read_items", self._door.table.cold, since, fields, limit)

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """See `ChoiceReader`: what it compares, it compares as text."""
        wanted = {str(one) for one in choice.values}
        for page in self._read("read_some", self._door.table.cold, None, fields | {choice.path}, limit):
            items = [one for one in page.items if not wanted.isdisjoint(_texts(look_up(one.row, choice.path)))]
            yield Page(items, (), page.resume)

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """See `HotReader`."""
        table, wanted = self._door.table, None if keys is None else frozenset(keys)
        fields = table.hot_columns | {table.number}
        for page in self._read("read_hot", table.hot, since, fields, _PAGE):
            items = [one for one in page.items if wanted is None or one.key in wanted]
            yield Page(items, page.tombstones if wanted is None else (), page.resume)

    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        """See `ItemWriter`."""
        with self._asked("find_by_key") as table:
            return table.born(idempotency_key)

    def write_item(self, draft: ItemT, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        """See `ItemWriter`."""
        with self._asked("write_item") as table:
            return table.write(draft.row, idempotency_key, if_version)

    def _read(
        self, name: str, changes: Changes, since: Cursor | None, fields: frozenset[str], limit: int
    ) -> Iterator[Page[ItemT]]:
        columns = {column_of(one) for one in fields} | fields
        place, is_more = changes.place(since), True
        while is_more:
            with self._asked(name) as table:
                keys, place = changes.after(place, limit)
                rows = [table.rows[key].values for key in keys if key in table.rows]
                gone = [key for key in keys if key not in table.rows]
            items = [self._item({path: one for path, one in row.items() if path in columns}) for row in rows]
            is_more = len(keys) == limit
            yield Page(items, gone, changes.cursor(place))

    @contextmanager
    def _asked(self, name: str) -> Generator[ErpTable]:
        with self._call(), self._door.call(name) as table:
            yield table


def _texts(raw: object) -> Iterator[str]:
    """One value as a text, or each of several."""
    # the cast: what a row holds is of any type, and so is what a list of it holds
    several = cast("Sequence[object]", raw) if isinstance(raw, list | tuple) else (raw,)
    yield from map(str, several)
