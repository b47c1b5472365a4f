"""`ErpItem`: one record of the ERP, frozen and lazy over the raw row, with typed fields.

A field is declared once, with its type, its place in the row and its temperature. On the class it is a
rule; on an item it is the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import ClassVar, Final, Generic, Self, TypeVar, final, overload

from attrs import evolve, frozen

from akeneo_erp_bridge.classification import PIM_SAFE, Cold, Hot, Internal, Temperature, may_reach, names
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._cutting import refuse_overrides
from akeneo_erp_bridge.erp._defect import Defect
from akeneo_erp_bridge.erp._field_spec import FieldSpec
from akeneo_erp_bridge.erp._paths import ABSENT, EVERY, Misplaced, look_up, overlap, steps_of, without
from akeneo_erp_bridge.erp._readers import ManyReader, NullableReader, Reader, Unreadable, read_key, reader_of
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.rules import CLEAR, KEEP, Kinds, Outcome, Problem, Put, Rule, kinds_of, shown

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
K_co = TypeVar("K_co", covariant=True)


_TORN: Final = "the record begins"
"""In the place of a field, in the sample of a record that could not be told apart."""


class ErpItem:
    """Base of your own item classes.

    >>> from decimal import Decimal
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     weight = cold(Decimal, "net_weight")
    ...     stock = hot(int, "inventory")
    >>> drill = Article({"number": "DR-18", "net_weight": "1.50", "inventory": 7})
    >>> drill.key, drill.weight
    ('DR-18', Decimal('1.50'))

    Instances are immutable and hold the ERP's row as it came; a field is parsed when it is read.
    Reading a field that is absent or cannot be parsed raises `MappingError`; rules never raise.
    """

    __slots__ = ("_row",)

    specs: ClassVar[Mapping[str, FieldSpec]] = {}
    """The declared fields by name, in order of declaration."""
    declared: ClassVar[tuple[FieldSpec, ...]] = ()
    """Every declaration, those of base classes that a subclass made anew included."""

    by_policy: ClassVar[tuple[FieldSpec, ...]] = ()
    """What a policy declared of the class; see `item_class`."""

    _row: Mapping[str, object]

    def __init__(self, row: Mapping[str, object]) -> None:
        object.__setattr__(self, "_row", row)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        refuse_overrides(cls, ErpItem)
        # a field of a subclass takes the place of its namesake, but what the namesake declared still holds
        cls.declared = tuple(spec for base in reversed(cls.__mro__) for spec in _own_specs(base))
        cls.specs = MappingProxyType({spec.name: spec for spec in cls.declared})
        keys = [spec.name for spec in cls.specs.values() if spec.is_key]
        if len(keys) > 1:
            raise MappingError(f"{cls.__name__} declares {len(keys)} key fields ({', '.join(keys)}); one is the key")
        for spec in cls.specs.values():
            if spec.is_many and spec.is_key:
                raise MappingError(f"{cls.__name__}.{spec.name}: a key is one value; take .many() away")
            if EVERY in steps_of(spec.path) and not spec.is_many:
                raise MappingError(f"{cls.__name__}.{spec.name}: '{spec.path}' gives several values; add .many()")
        for one in cls.declared:
            told = {spec.temperature for spec in cls.declared_at(one.path)}
            if len(told) > 1:
                raise MappingError(
                    f"{cls.__name__}: '{one.path}' is declared {names(frozenset(told))}, by fields that read the same; "
                    "say one temperature"
                )

    @classmethod
    def declared_at(cls, path: str) -> Iterator[FieldSpec]:
        """The fields that read the place of a path, something inside it, or all that is around it."""
        for spec in cls.declared:
            if overlap(spec.path, path):
                yield spec

    @classmethod
    def key_spec(cls) -> FieldSpec:
        """The field that names an item; raises `MappingError` where none is declared with ``key=True``."""
        for spec in cls.specs.values():
            if spec.is_key:
                return spec
        raise MappingError(f"{cls.__name__} declares no key; write e.g. number = cold(str, 'number', key=True)")

    @property
    def key(self) -> ErpKey:
        """The ERP's key of this item: a text, whole number or UUID. The empty string where the row has none."""
        return ErpKey(read_key(look_up(self._row, self.key_spec().path)))

    @property
    def row(self) -> Mapping[str, object]:
        """The raw row. In rules, use `whole`, which counts as hot: nobody declared what is in it."""
        return self._row

    @final
    def values_at(self, paths: Iterable[str]) -> dict[str, object]:
        """The raw values at these paths, by path; what the row does not have is left out."""
        row = self._row
        return {path: raw for path in paths if (raw := look_up(row, path)) is not ABSENT}

    def sample(self) -> dict[str, str]:
        """What may be shown of the item beside an error, by path: its cold and reference fields, each shortened.

        Of what could not be read it tells what the `Defect` says that was seen of the whole record.

        >>> class Article(ErpItem):
        ...     number = cold(str, "number", key=True)
        ...     cost = internal(str, "unit_cost")
        >>> Article({"number": "DR-18", "unit_cost": "12.10", "memo": "call Ada"}).sample()
        {'number': "'DR-18'"}
        """
        safe = [spec.path for spec in self.specs.values() if may_reach(frozenset({spec.temperature}), PIM_SAFE)]
        found = self.values_at(safe)
        torn = next((raw.seen for raw in found.values() if isinstance(raw, Defect) and raw.seen), "")
        told = {path: _sampled(raw) for path, raw in found.items() if not isinstance(raw, Defect)}
        return {**told, _TORN: torn} if torn else told

    @final
    def narrowed(self, paths: Iterable[str]) -> Self:
        """The same item with nothing in its row but these paths: what a rule is given to read."""
        return self._cut(paths)

    def _cut(self, paths: Iterable[str]) -> Self:
        return type(self)(self.values_at(paths))

    @final
    def shippable(self, beside: Iterable[tuple[str, ...]] = ()) -> Self:
        """The same item without what is declared internal: what a feed is given to read.

        *beside* are places that the classes of its lines declare internal; see `overlap`.
        """
        hidden: set[str | tuple[str, ...]] = {
            *beside,
            *(spec.path for spec in self.declared if spec.temperature is Internal),
        }
        row = self._row
        for place in hidden:
            row = without(row, place)
        return type(self)(row) if hidden else self

    def fingerprint(self, paths: tuple[str, ...]) -> str:
        """A short hash of the raw values at these paths: equal when none of them changed."""
        row = self._row
        try:
            seen = repr([look_up(row, path) for path in paths])
        except (ValueError, RecursionError):  # Python writes no number of more than 4300 digits, and no tower of lists
            seen = repr([shown(look_up(row, path), longest=10_000) for path in paths])
        return blake2b(seen.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def __repr__(self) -> str:
        try:
            return f"{type(self).__name__}({shown(self.key)})"
        except MappingError:  # no key is declared, or it is not among what may be read here
            return f"{type(self).__name__}(?)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ErpItem) and type(other) is type(self) and other.row == self._row

    __hash__ = None  # type: ignore[assignment]  # a row may hold lists; use .key

    def __reduce__(self) -> tuple[type[Self], tuple[Mapping[str, object]]]:
        return type(self), (self._row,)


def _sampled(raw: object) -> str:
    kind = f"({type(raw).__name__})"
    # what is inside of a list or a record has temperatures of its own
    return kind if isinstance(raw, Mapping | list | tuple) else shown(raw)


def _own_specs(base: type[object]) -> Iterator[FieldSpec]:
    """What one class of a hierarchy declares itself: in code, or by a policy."""
    yield from vars(base).get("by_policy", ())
    yield from (one.spec for one in vars(base).values() if isinstance(one, Field))


@frozen
class Given(Generic[S_contra]):
    """A value for a field of a new item, whatever else is said of the item. Made by `Column.given`.

    >>> class Article(ErpItem): group = cold(str, "item_group")
    >>> Article.group.given("Drills") == Given("item_group", "Drills")
    True
    """

    path: str
    value: object


@frozen
class Column(Rule[S_contra, T_co, K_co], Generic[S_contra, T_co, K_co]):
    """A field used as a rule: the leaf of every rule tree.

    `run` gives the value; `Keep` for an absent one, `Clear` for a null or a blank, a `Problem` for one of another type.
    """

    spec: FieldSpec
    read: Reader[T_co]

    def run(self, source: S_contra) -> Outcome[T_co]:
        if not isinstance(source, ErpItem):
            return Problem("not_an_item", self.spec.name, f"expected an ErpItem, seen {shown(source)}")
        path, row = self.spec.path, source.row
        raw = row[path] if path in row else look_up(row, path)
        if type(raw) is not str:  # as most fields are
            if raw is ABSENT:
                return KEEP
            if isinstance(raw, Defect):
                return Problem("unreadable", path, raw.reason)
            if isinstance(raw, Misplaced):
                return Problem("wrong_container", path, f"{raw}; mend the path of the field, or the record in the ERP")
            if raw is None:
                return Put(self.read(None)) if self.spec.nullable else CLEAR
        try:
            return Put(self.read(raw))
        except Unreadable as error:
            return CLEAR if error.blank else Problem("wrong_type", self.spec.path, str(error))

    def given(self: Column[S_contra, T_co, Cold], value: T_co) -> Given[S_contra]:  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]  # a field is never taken for one of a wider type: it is named, and its value beside it
        """What the ERP wants of a new item and nobody else knows, such as its unit.

        >>> class Article(ErpItem):
        ...     unit = cold(str, "default_uom.symbol")
        >>> Article.unit.given("u")
        Given(path='default_uom.symbol', value='u')
        """
        return Given(self.spec.path, value)

    def gives(self) -> Kinds:
        """The classes of the field's values; `None` where its type says nothing."""
        return frozenset({tuple}) if self.spec.is_many else self.spec.values

    @property
    def label(self) -> str:
        return self.spec.name

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({self.spec.temperature})

    @property
    def sources(self) -> frozenset[str]:
        return frozenset({self.spec.path})


class Field(Generic[T, K]):
    """The descriptor behind `cold`, `hot` and `internal`."""

    def __init__(self, read: Reader[T], spec: FieldSpec) -> None:
        self._read = read
        self.spec = spec

    def nullable(self) -> Field[T | None, K]:
        """A null of the ERP is the value `None`; add `.required()` or `.default(...)` before `.to(...)`."""
        values = None if self.spec.values is None else self.spec.values | {type(None)}
        return Field(NullableReader(self._read), evolve(self.spec, nullable=True, values=values))

    def many(self) -> Field[tuple[T, ...], K]:
        """The values of a list, in the ERP's order, for a path with ``[*]`` or a column that holds a list.

        Members that are absent or null are left out (``.nullable().many()`` keeps nulls as `None`), an empty list is
        the value ``()``, and one wrong member is a problem.

        >>> class Order(ErpItem):
        ...     number = cold(str, "number", key=True)
        ...     eans = cold(str, "lines[*].ean").many()
        >>> Order({"number": "1", "lines": [{"ean": "96385074"}, {"text": "a gift"}]}).eans
        ('96385074',)
        """
        return Field(
            ManyReader(self._read, keeps_null=self.spec.nullable), evolve(self.spec, nullable=False, is_many=True)
        )

    def __set_name__(self, owner: type[object], name: str) -> None:
        self.spec = evolve(self.spec, name=name)

    @overload
    def __get__(self, obj: None, owner: type[S]) -> Column[S, T, K]: ...
    @overload
    def __get__(self, obj: ErpItem, owner: type[S]) -> T: ...
    def __get__(self, obj: ErpItem | None, owner: type[S]) -> Column[S, T, K] | T:
        if obj is None:
            return Column(self.spec, self._read)
        outcome = Column[ErpItem, T, K](self.spec, self._read).run(obj)
        if isinstance(outcome, Put):
            return outcome.value
        seen = outcome.detail if isinstance(outcome, Problem) else "the ERP has no value"
        raise MappingError(f"{named(obj)}: field '{self.spec.name}': {seen}")


def _field(kind: type[T], path: str, temperature: type[K], *, key: bool) -> Field[T, K]:
    spec = FieldSpec(path, path, kind.__name__, temperature, is_key=key, nullable=False, values=kinds_of(kind))
    return Field(reader_of(kind), spec)


def cold(kind: type[T], path: str, *, key: bool = False) -> Field[T, Cold]:
    """A slow, descriptive field: may go into the PIM.

    `kind` is `str`, `Decimal`, `int`, `bool`, `date`, `datetime` or any class whose instances the adapter
    delivers. ``key=True`` makes it the item's key. `path` is its column, or steps inside of one: ``size.width``,
    ``lines[0].text``, ``lines[-1].text``, and with `.many()` ``lines[*].ean``. A column whose own name is the whole path
    comes first. A step to what is not there leaves the PIM's value alone; a step that cannot be taken, such as a
    name in a list, is a problem that says which.

    >>> class Drill(ErpItem):
    ...     pieces = cold(int, "pack.pieces")
    >>> Drill({"pack": {"pieces": "10"}}).pieces, Drill.pieces.run(Drill({"pack": {}}))
    (10, Keep())
    >>> Drill.pieces.run(Drill({"pack": "of ten"})).code
    'wrong_container'
    """
    return _field(kind, path, Cold, key=key)


def hot(kind: type[T], path: str) -> Field[T, Hot]:
    """Current price, stock, supply: goes to commerce only. Binding it to the PIM does not type-check and is refused.

    >>> class Drill(ErpItem):
    ...     stock = hot(int, "stock")
    >>> Drill.stock.feed("available").name
    'available'
    """
    return _field(kind, path, Hot, key=False)


def internal(kind: type[T], path: str) -> Field[T, Internal]:
    """Cost, supplier terms: leaves the ERP for nowhere. Binding it does not type-check, and is refused.

    >>> class Drill(ErpItem):
    ...     cost = internal(str, "cost")
    >>> Drill.cost.feed("cost")
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.TemperatureRefused: rule 'cost' is internal: it leaves the ERP for nowhere.
    """
    return _field(kind, path, Internal, key=False)


def named(item: ErpItem) -> str:
    """An item in a message: its class, and its key where that can be read."""
    try:
        return f"{type(item).__name__} {item.key!r}"
    except MappingError:
        return type(item).__name__


@frozen
class Whole(Rule[S, S, Hot], Generic[S]):
    """The record as it is; see `whole`."""

    source: type[S]

    def run(self, source: S) -> Outcome[S]:
        return Put(source)

    @property
    def label(self) -> str:
        return f"whole({self.source.__name__})"

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({Hot})


def whole(source: type[S]) -> Rule[S, S, Hot]:
    """The whole record as a rule. It counts as hot: nobody declared what is in it.

    >>> class Drill(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> whole(Drill).map(lambda drill: len(drill.row)).run(Drill({"number": "DR-18", "stock": 7})).value
    2
    """
    return Whole(source)
