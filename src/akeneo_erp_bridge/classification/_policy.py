"""`Policy`: what is cold, hot and internal in an ERP whose fields are known at run time only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.classification._schema import Schema, SchemaField
from akeneo_erp_bridge.classification._temperatures import Cold, Hot, Internal, Temperature
from akeneo_erp_bridge.errors import ConfigurationError, Undeclared

How: TypeAlias = Literal["name", "pattern", "type", "table"]

_RANKS: Final[Mapping[How, int]] = {"name": 3, "pattern": 2, "type": 1, "table": 1}
_DECLARABLE: Final = (Cold, Hot, Internal)
_MAKERS: Final[Mapping[How, str]] = {"name": "by_name", "pattern": "matching", "type": "of_type", "table": "in_table"}


@frozen
class Declaration:
    """One sentence of a policy. Made by `by_name`, `matching`, `of_type` and `in_table`.

    Raises `ConfigurationError` for what is no `Cold`, `Hot` or `Internal`, and for one that does not say which fields.

    >>> from akeneo_erp_bridge.classification import Reference
    >>> by_name("list_price", Reference)
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ConfigurationError: by_name('list_price', Reference): declare Cold, Hot or Internal; ...
    """

    how: How
    what: str
    temperature: Temperature

    def __attrs_post_init__(self) -> None:
        if not any(self.temperature is one for one in _DECLARABLE):
            raise ConfigurationError(
                f"{self}: declare Cold, Hot or Internal; a hot price becomes a reference by reference(...) alone"
            )
        if not self.what.strip():
            raise ConfigurationError(f"{self}: say which")
        if self.how == "pattern" and self.temperature is Cold and not any(one.isalnum() for one in self.what):
            raise ConfigurationError(f"{self} would declare fields cold that nobody has seen; name them")

    @property
    def rank(self) -> int:
        """How specific it is: a name before a pattern before a type or a table."""
        return _RANKS[self.how]

    def matches(self, one: SchemaField, table: str) -> bool:
        """Whether it speaks of this field."""
        name, wanted = one.name.casefold(), self.what.casefold()
        if self.how == "name":
            return name == wanted
        if self.how == "pattern":
            return fnmatchcase(name, wanted.replace("[", "[[]"))  # a bracket is a bracket
        if self.how == "type":
            return one.kind.casefold().partition("(")[0].strip() == wanted or one.kind.casefold() == wanted
        return wanted in (table.casefold(), *name.split(".")[:-1])

    def __str__(self) -> str:
        return f"{_MAKERS[self.how]}({self.what!r}, {self.temperature.__name__})"


def by_name(name: str, temperature: Temperature) -> Declaration:
    """The field of this name, which may be a dotted path.

    >>> by_name("supplier.rebate", Internal).rank > matching("supplier.*", Cold).rank
    True
    """
    return Declaration("name", name, temperature)


def matching(pattern: str, temperature: Temperature) -> Declaration:
    """The fields whose name matches, with ``*`` for any text and ``?`` for one character: ``"*_cost"``.

    Raises `ConfigurationError` for a pattern that would declare everything cold.

    >>> Policy([matching("*_cost", Internal)]).temperature_of("Purchase_Cost").__name__
    'Internal'
    >>> matching("*", Cold)
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ConfigurationError: matching('*', Cold) would declare fields cold that nobody has seen; ...
    """
    return Declaration("pattern", pattern, temperature)


def of_type(kind: str, temperature: Temperature) -> Declaration:
    """The fields of one of the ERP's types, such as ``"monetary"``; ``"numeric"`` is any ``numeric(10, 2)``.

    Where all fields are of one type, as in a file, it declares none of them cold.

    >>> amounts = Policy([of_type("numeric", Hot)])
    >>> amounts.temperature_of("list_price", kind="numeric(10, 2)").__name__
    'Hot'
    """
    return Declaration("type", kind, temperature)


def in_table(table: str, temperature: Temperature) -> Declaration:
    """All fields of a table or model, and those that a dotted path reaches through it.

    >>> policy = Policy([in_table("stock", Hot)])
    >>> policy.temperature_of("pieces", table="stock").__name__, policy.temperature_of("stock.pieces").__name__
    ('Hot', 'Hot')
    """
    return Declaration("table", table, temperature)


def _declarations(given: Iterable[Declaration]) -> tuple[Declaration, ...]:
    found = tuple(given)
    for one in found:
        # a suggestion is no declaration, whatever a type checker was told
        if not isinstance(one, Declaration):  # pyright: ignore[reportUnnecessaryIsInstance]  # as above
            raise ConfigurationError(f"a policy takes declarations, not {one!r}; see by_name(...), and accept(...)")
    return found


@frozen
class Policy:
    """Declares each field of an ERP cold, hot or internal; what it does not declare is refused.

    >>> policy = Policy([by_name("number", Cold), matching("*_cost", Internal), in_table("stock", Hot)])
    >>> policy.temperature_of("unit_cost").__name__
    'Internal'
    >>> policy.temperature_of("colour") is None
    True

    The most specific declaration counts, in whatever order they stand: a name before a pattern, a pattern before a
    type or a table. Two that are equally specific and disagree are refused, until a more specific one decides. Upper
    and lower case make no difference. Raises `ConfigurationError` for what is no declaration, such as a `Suggestion`.
    """

    declarations: tuple[Declaration, ...] = field(converter=_declarations)

    def temperature_of(self, name: str, *, kind: str = "", table: str = "") -> Temperature | None:
        """What is declared of one field; `None` where nothing is. Raises `ConfigurationError` for a contradiction."""
        found = _strongest(self.declarations, _Field(name, kind), table)
        if len({one.temperature for one in found}) > 1:
            raise ConfigurationError(_contradiction(name, found))
        return found[0].temperature if found else None

    def classify(self, schema: Schema, *, only: Iterable[str] | None = None) -> Mapping[str, Temperature]:
        """The temperature of each field, or of those named in *only*.

        Raises `Undeclared` with every field that is missing a declaration, or has two that disagree, at once; and
        `ConfigurationError` for a name in *only* that is no field of the schema.
        """
        wanted = None if only is None else frozenset(only)
        fields = [one for one in schema.fields if wanted is None or one.name in wanted]
        if wanted is not None and (absent := wanted - {one.name for one in fields}):
            raise ConfigurationError(f"{schema.name} has no field {', '.join(sorted(absent))}")
        # a file has no types, and calls everything text: that says nothing of any field in it
        is_typed = len({one.kind for one in schema.fields}) > 1
        telling = [one for one in self.declarations if is_typed or not _is_cold_type(one)]
        found = {one.name: _strongest(telling, one, schema.name) for one in fields}
        contradictions = [
            _contradiction(name, told) for name, told in found.items() if len({one.temperature for one in told}) > 1
        ]
        missing = [one for one in fields if not found[one.name]]
        if missing or contradictions:
            raise Undeclared(schema.name, [*contradictions, *map(_undeclared, missing)])
        return {name: told[0].temperature for name, told in found.items()}


@frozen
class _Field:
    name: str
    kind: str


def _strongest(declarations: Sequence[Declaration], one: SchemaField, table: str) -> Sequence[Declaration]:
    speaking = [each for each in declarations if each.matches(one, table)]
    highest = max((each.rank for each in speaking), default=0)
    return [each for each in speaking if each.rank == highest]


def _is_cold_type(one: Declaration) -> bool:
    return one.how == "type" and one.temperature is Cold


def _contradiction(name: str, told: Sequence[Declaration]) -> str:
    return f"{name}: {' and '.join(map(str, told))} disagree; decide with by_name({name!r}, ...)"


def _undeclared(one: SchemaField) -> str:
    from akeneo_erp_bridge.classification._suggest import suggest_field

    found = suggest_field(one)
    if found is None:
        return f"{one.name} ({one.kind}): its name says nothing; look at its values"
    return f"{one.name} ({one.kind}): {found.temperature.__name__.lower()}? {found.reason}"
