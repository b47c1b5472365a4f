"""What the adapter knows of a Tryton server: fields, languages, company, places, price lists; asked for once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from attrs import define, field

from akeneo_erp_bridge.erp._tryton._rpc import Raw, Record, TrytonSession
from akeneo_erp_bridge.errors import ErpRefused

_ONE: Final = Decimal(1)


@define
class TrytonServer:
    """One server, seen by one user. What is asked for here changes when somebody configures it, not while it is used."""

    session: TrytonSession
    language: str
    locations: Sequence[int] | None
    """The places whose stock is counted; `None`: all warehouses."""
    _fields: dict[str, Mapping[str, Mapping[str, Raw]]] = field(factory=dict[str, Mapping[str, Mapping[str, Raw]]])
    _company: list[int | None] = field(factory=list[int | None])
    _languages: frozenset[str] = frozenset()
    _above: dict[int, int | None] = field(factory=dict[int, int | None])
    _places: dict[int, str] = field(factory=dict[int, str])
    _rights: dict[str, bool] = field(factory=dict[str, bool])
    _currency: list[str] = field(factory=list[str])

    def fields_of(self, model: str) -> Mapping[str, Mapping[str, Raw]]:
        """The definitions of a model's fields."""
        if model not in self._fields:
            answer = self.session.call(model, "fields_get", None, context={})
            if not isinstance(answer, Mapping):
                raise ErpRefused(f"Tryton does not tell the fields of {model}; is the model's name right?")
            self._fields[model] = {name: one for name, one in answer.items() if isinstance(one, Mapping)}
        return self._fields[model]

    def everything(self, model: str) -> list[Raw]:
        """Tryton hides archived records unless they are asked for."""
        return [["active", "in", [True, False]]] if "active" in self.fields_of(model) else []

    def check_languages(self, wanted: Iterable[str]) -> None:
        """An unknown language is no error to Tryton: it gives the base text, which would fill the PIM's locale."""
        if not self._languages:
            domain: Raw = [["translatable", "=", True]]
            rows = self.session.records("ir.lang", "search_read", domain, 0, None, None, ["code"], context={})
            self._languages = frozenset(str(one["code"]) for one in rows)
        missing = sorted({*wanted, self.language} - self._languages)
        if missing:
            raise ErpRefused(
                f"Tryton does not translate into {', '.join(missing)}; it has {', '.join(sorted(self._languages))}. "
                "Make the language translatable there, or mend the path"
            )

    def company(self) -> int | None:
        """The company of the user."""
        if not self._company:
            preferences = self.session.call("res.user", "get_preferences", True, context={})
            company = preferences.get("company") if isinstance(preferences, Mapping) else None
            self._company.append(company if isinstance(company, int) else None)
        return self._company[0]

    def context(self, *, stock: bool = False) -> dict[str, Raw]:
        """Without a company prices are null, without locations stock is 0: both without an error."""
        known: dict[str, Raw] = {"language": self.language, "company": self.company()}
        return {**known, "locations": [*self.places()]} if stock else known

    def places(self) -> Mapping[int, str]:
        """The places whose stock is counted, by id, with their codes."""
        if not self._above:
            names: Raw = ["code", "name", "type", "parent"]
            rows = self.session.records("stock.location", "search_read", [], 0, None, None, names, context={})
            for one in rows:
                number, parent = number_of(one, "id"), one.get("parent")
                self._above[number] = parent if isinstance(parent, int) else None
                is_counted = one.get("type") == "warehouse" if self.locations is None else number in self.locations
                if is_counted:
                    self._places[number] = str(one.get("code") or one.get("name"))
            missing = sorted({*(self.locations or ())} - self._places.keys())
            if missing:
                raise ErpRefused(f"Tryton has no location {', '.join(map(str, missing))}; look for its id there")
        return self._places

    def is_within(self, location: int, place: int) -> bool:
        """Whether a location is a place, or a part of it."""
        here: int | None = location
        while here is not None and here != place:
            here = self._above.get(here)
        return here is not None

    def price_lists(self, wanted: Sequence[str] | None) -> list[tuple[str | None, Mapping[str, Raw], list[Decimal]]]:
        """Name, context and quantities at which a price may change: first without a list, then of each list.

        Not kept: somebody may change a list.
        """
        if wanted is not None and not wanted:
            return [(None, {}, [_ONE])]
        names: Raw = ["name", "lines.quantity"]
        rows = self.session.records(
            "product.price_list", "search_read", [], 0, None, [["name", "ASC"]], names, context=self.context()
        )
        known = {text_of(one, "name"): one for one in rows}
        missing = sorted({*(wanted or ())} - known.keys())
        if missing:
            raise ErpRefused(f"Tryton has no price list {', '.join(missing)}; it has {', '.join(sorted(known))}")
        found: list[tuple[str | None, Mapping[str, Raw], list[Decimal]]] = [(None, {}, [_ONE])]
        for name in wanted if wanted is not None else known:
            lines = known[name].get("lines.")
            breaks = {
                quantity
                for line in (lines if isinstance(lines, list) else [])
                if isinstance(line, Mapping) and isinstance(quantity := line.get("quantity"), Decimal)
            }
            found.append((name, {"price_list": number_of(known[name], "id")}, sorted({_ONE, *breaks})))
        return found

    def currency(self) -> str:
        """The currency of the company, in which all prices are."""
        if not self._currency:
            domain: Raw = [["id", "=", self.company()]]
            rows = self.session.records(
                "company.company", "search_read", domain, 0, 1, None, ["currency.code"], context={}
            )
            inner = rows[0].get("currency.") if rows else None
            self._currency.append(str(inner.get("code")) if isinstance(inner, Mapping) else "")
        return self._currency[0]

    def lacks_right(self, right: str, *models: str) -> tuple[str, ...]:
        """Those of the models that the user lacks a right to: "read", "write" or "create"."""
        new = [one for one in models if f"{right} {one}" not in self._rights]
        if new:
            answer = self.session.call("ir.model.access", "get_access", [*new], context={})
            for one in new:
                mine = answer.get(one) if isinstance(answer, Mapping) else None
                # a model of which nothing is told has no rules: everybody may
                told = mine.get(right, True) if isinstance(mine, Mapping) else True
                self._rights[f"{right} {one}"] = told not in (0, False)
        return tuple(one for one in models if not self._rights[f"{right} {one}"])


def number_of(record: Record, name: str) -> int:
    """A whole number of a record, such as its id."""
    value = record.get(name)
    if isinstance(value, int):
        return value
    raise ErpRefused(f"a record of Tryton has no {name}: {sorted(record)}")


def text_of(record: Record, name: str) -> str:
    """A text of a record; the empty one for none."""
    value = record.get(name)
    return value if isinstance(value, str) else ""
