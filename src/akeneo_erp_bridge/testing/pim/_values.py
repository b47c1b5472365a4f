"""Product values: their place (locale, scope), and what each attribute type accepts and gives back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

from attrs import frozen

from akeneo_erp_bridge.testing.pim._json import (
    JsonObject,
    JsonValue,
    child,
    flag,
    kind_name,
    maybe_text,
    text,
    texts,
    whole,
)
from akeneo_erp_bridge.testing.pim._numbers import CENTS, PADDED, decimal_of, quantized
from akeneo_erp_bridge.testing.pim._refusal import Complaint, Refusal, Violation, structure, wrong_kind
from akeneo_erp_bridge.testing.pim._tables import TableReader
from akeneo_erp_bridge.testing.pim._world import IDENTIFIER, Attribute, World


@frozen
class Given:
    """One value of a request, its place checked and its data brought into the stored form."""

    attribute: Attribute
    locale: str | None
    scope: str | None
    data: JsonValue


class ValueReader:
    """Reads the `values` of a request against the attributes of the PIM."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._types: dict[str, Callable[[Attribute, JsonValue], JsonValue]] = {
            IDENTIFIER: self._identifier,
            "pim_catalog_text": self._text,
            "pim_catalog_textarea": self._text,
            "pim_catalog_simpleselect": self._option,
            "pim_catalog_multiselect": self._options,
            "pim_catalog_boolean": self._boolean,
            "pim_catalog_date": self._date,
            "pim_catalog_number": self._number,
            "pim_catalog_metric": self._metric,
            "pim_catalog_price_collection": self._prices,
            "pim_catalog_image": self._media,
            "pim_catalog_file": self._media,
            "akeneo_reference_entity": self._code,
            "pim_reference_data_simpleselect": self._code,
            "akeneo_reference_entity_collection": self._codes,
            "pim_reference_data_multiselect": self._codes,
            "pim_catalog_asset_collection": self._codes,
            "pim_catalog_table": TableReader(world).read,
            "pim_catalog_product_link": self._link,
        }

    def read(self, values: JsonValue, violations: list[Violation], keep: Callable[[str], bool]) -> Iterator[Given]:
        """Every value of the attributes that *keep* accepts; broken rules go to *violations*.

        Raises `Refusal` for a shape the API does not know, as the PIM does before it validates anything.
        """
        if not isinstance(values, dict):
            if values == []:
                return
            raise wrong_kind("values", "object", values)
        for code, entries in values.items():
            attribute = self._world.attribute(code)
            if attribute is None:
                raise structure(f"The {code} attribute does not exist in your PIM.")
            places = self._places(attribute, entries)
            if keep(attribute.code):
                yield from self._data(attribute, places, violations)

    def _places(self, attribute: Attribute, entries: JsonValue) -> list[JsonObject]:
        code = attribute.code
        if not isinstance(entries, list):
            raise wrong_kind(code, "array", entries)
        seen: set[tuple[JsonValue, JsonValue]] = set()
        found: list[JsonObject] = []
        for entry in entries:
            if not isinstance(entry, dict):
                raise structure(f'Property "{code}" expects an array of arrays as data.')
            for key in ("locale", "scope", "data"):
                if key not in entry:
                    raise structure(f'Property "{code}" expects an array with the key "{key}".')
            self._check_place(attribute, entry["locale"], entry["scope"])
            place = (entry["locale"], entry["scope"])
            if place in seen:
                raise structure(
                    f'You cannot update the same product value on the "{code}" attribute twice,'
                    " with the same scope and locale."
                )
            seen.add(place)
            found.append(entry)
        return found

    def _check_place(self, attribute: Attribute, locale: JsonValue, scope: JsonValue) -> None:
        code, world = attribute.code, self._world
        for name, value in (("locale", locale), ("scope", scope)):
            if value is not None and not isinstance(value, str):
                raise structure(f'Property "{code}" expects a {name} as a string or null, "{kind_name(value)}" given.')
        if attribute.localizable and locale is None:
            raise structure(f'Attribute "{code}" expects a locale, none given.')
        if attribute.scopable and scope is None:
            raise structure(f'Attribute "{code}" expects a scope, none given.')
        if scope is not None and not attribute.scopable:
            raise structure(f'Attribute "{code}" does not expect a scope, "{scope}" given.')
        if locale is not None and not attribute.localizable and not attribute.available_locales:
            raise structure(f'Attribute "{code}" does not expect a locale, "{locale}" given.')
        if isinstance(scope, str) and world.find("channel", scope) is None:
            raise structure(f'Attribute "{code}" expects an existing scope, "{scope}" given.')
        if isinstance(locale, str):
            self._check_locale(attribute, locale, scope)

    def _check_locale(self, attribute: Attribute, locale: str, scope: JsonValue) -> None:
        code = attribute.code
        if locale not in self._world.active_locales():
            raise structure(f'Attribute "{code}" expects an existing and activated locale, "{locale}" given.')
        if isinstance(scope, str):
            channel = self._world.find("channel", scope) or {}
            if locale not in texts(channel.get("locales")):
                raise structure(
                    f'Attribute "{code}" expects a locale that is activated for the channel "{scope}",'
                    f' "{locale}" given.'
                )
        if attribute.available_locales and locale not in attribute.available_locales:
            raise structure(
                f'"{locale}" is not part of the activated locales of the locale specific attribute "{code}".'
            )

    def _data(self, attribute: Attribute, places: list[JsonObject], violations: list[Violation]) -> Iterator[Given]:
        read = self._types.get(attribute.type, self._code)
        for entry in places:
            locale, scope, data = maybe_text(entry, "locale"), maybe_text(entry, "scope"), entry["data"]
            # null, "" and [] all erase
            if data is None or data == "" or data == []:
                yield Given(attribute, locale, scope, None)
                continue
            try:
                yield Given(attribute, locale, scope, read(attribute, data))
            except Complaint as complaint:
                owner = "identifier" if attribute.code == self._world.main_identifier() else "values"
                violations.append(Violation(owner, str(complaint), attribute.code, locale, scope))

    def _identifier(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        value = self._text(attribute, data)
        if isinstance(value, str):
            if re.search(r"[,;\r\n]", value):
                raise Complaint("This field should not contain any comma or semicolon or line break.")
            if value != value.strip() or "\u00a0" in value:
                raise Complaint("This field should not contain any leading, trailing or non-breaking space.")
        return value

    def _text(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        code = attribute.code
        if not isinstance(data, str):
            raise wrong_kind(code, "string", data)
        longest = 65_535 if attribute.type == "pim_catalog_textarea" else 255
        longest = min(longest, whole(attribute.settings, "max_characters", longest))
        if len(data) > longest:
            raise Complaint(
                f"The {code} attribute must not contain more than {longest} characters."
                " The submitted value is too long."
            )
        rule = maybe_text(attribute.settings, "validation_rule")
        if rule is not None:
            self._check_rule(attribute, rule, data)
        return data

    def _check_rule(self, attribute: Attribute, rule: str, data: str) -> None:
        code = attribute.code
        if rule == "url" and not re.fullmatch(r"\w+://[^\s/?#]+\S*", data):
            raise Complaint(f"The {code} attribute requires a valid URL.")
        if rule == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", data):
            raise Complaint(f"The {code} attribute requires an e-mail address.")
        if rule == "regexp" and not _matches(text(attribute.settings, "validation_regexp"), data):
            raise Complaint(f"The {code} attribute must match a regular expression, and the submitted value does not.")

    def _find_option(self, attribute: Attribute, code: str) -> str:
        stored = self._world.find("option", f"{attribute.code}\x00{code}")
        known = text(stored, "code") if stored is not None else None
        if known is None or (known != code and not self._world.behaviour.case_insensitive_options):
            raise Complaint(f"The {code} value is not in the {attribute.code} attribute option list.")
        return known

    def _option(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        if not isinstance(data, str):
            raise wrong_kind(attribute.code, "string", data)
        return self._find_option(attribute, data)

    def _options(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        return list[JsonValue](sorted({self._find_option(attribute, one) for one in _all_texts(attribute, data)}))

    def _boolean(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        if not isinstance(data, bool):
            raise wrong_kind(attribute.code, "boolean", data)
        return data

    def _date(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        code = attribute.code
        day = read_day(data) if isinstance(data, str) else None
        if day is None:
            shown = data if isinstance(data, str) else kind_name(data)
            raise structure(
                f'Property "{code}" expects a string with the format "yyyy-mm-dd" as data, "{shown}" given.'
            )
        for name, word, wrong in (("date_min", "after", day.__lt__), ("date_max", "before", day.__gt__)):
            edge = read_day(text(attribute.settings, name))
            if edge is not None and wrong(edge) is True:
                raise Complaint(f"The {code} attribute requires a date {word} {edge.isoformat()}.")
        zone = self._world.clock().tzinfo
        return datetime(day.year, day.month, day.day, tzinfo=zone).isoformat(timespec="seconds")

    def _amount(self, attribute: Attribute, data: JsonValue, places: Decimal) -> JsonValue:
        """Read a number, check its limits, and give it back as the API does: padded text, or int."""
        code, settings = attribute.code, attribute.settings
        amount = decimal_of(data)
        if amount is None:
            shown = data if isinstance(data, str) else kind_name(data)
            raise Complaint(f"The {code} attribute requires a number, and the submitted {shown} value is not.")
        if amount < 0 and attribute.type != "pim_catalog_price_collection" and not flag(settings, "negative_allowed"):
            raise Complaint(f"The {code} attribute requires a non-negative value.")
        lowest, highest = decimal_of(settings.get("number_min")), decimal_of(settings.get("number_max"))
        if lowest is not None and amount < lowest:
            raise Complaint(f"The {code} attribute requires an equal or greater than {lowest.normalize():f} value.")
        if highest is not None and amount > highest:
            raise Complaint(f"The {code} attribute requires an equal or lesser than {highest.normalize():f} value.")
        if not attribute.decimals:
            if amount != amount.to_integral_value():
                raise Complaint(
                    f"The {code} attribute requires a non-decimal value, and {amount:f} is not a valid value."
                )
            return int(amount)
        return self._fraction(attribute, amount, places)

    def _fraction(self, attribute: Attribute, amount: Decimal, places: Decimal) -> str:
        strategy = maybe_text(attribute.settings, "decimal_places_strategy")
        allowed = Decimal(1).scaleb(-whole(attribute.settings, "decimal_places", 4))
        if strategy == "forbid" and amount != quantized(amount, allowed):
            raise Complaint(f"The {attribute.code} attribute has too many decimal places.")
        if strategy == "round":
            amount = quantized(amount, allowed)
        if not self._world.behaviour.pads_decimals:
            return f"{amount:f}"
        return f"{quantized(amount, places):f}"

    def _number(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        if isinstance(data, (list, dict, bool)):
            raise wrong_kind(attribute.code, "numeric", data)
        return self._amount(attribute, data, PADDED)

    def _metric(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        if not isinstance(data, dict):
            raise wrong_kind(attribute.code, "array", data)
        _need_keys(attribute, data, "amount", "unit")
        if data["amount"] is None:
            return None
        family = self._world.find("measurement_family", text(attribute.settings, "metric_family")) or {}
        wanted = data["unit"]
        units = {code.lower(): code for code in child(family, "units")}
        unit = units.get(wanted.lower()) if isinstance(wanted, str) else None
        if unit is None:
            raise Complaint("Please specify a valid metric unit")
        return {"amount": self._amount(attribute, data["amount"], PADDED), "unit": unit}

    def _prices(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        if not isinstance(data, list):
            raise wrong_kind(attribute.code, "array", data)
        found: dict[str, JsonValue] = {}
        for one in data:
            if not isinstance(one, dict):
                raise structure(f'Property "{attribute.code}" expects an array of arrays as data.')
            _need_keys(attribute, one, "amount", "currency")
            currency = one["currency"]
            if not isinstance(currency, str) or currency not in self._world.active_currencies():
                raise Complaint(f'The {attribute.code} attribute requires an active currency, "{currency}" given.')
            if one["amount"] is not None:
                found[currency] = {"amount": self._amount(attribute, one["amount"], CENTS), "currency": currency}
        return [found[currency] for currency in sorted(found)] or None

    def _media(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        if not isinstance(data, str):
            raise wrong_kind(attribute.code, "string", data)
        if self._world.find("media_file", data) is None:
            raise structure(f'Property "{attribute.code}" expects a valid pathname as data, "{data}" given.')
        return data

    def _code(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        if not isinstance(data, str):
            raise wrong_kind(attribute.code, "string", data)
        return self._existing(attribute, data)

    def _codes(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        # an asset collection keeps its order, so nothing is sorted here
        return list[JsonValue](self._existing(attribute, one) for one in dict.fromkeys(_all_texts(attribute, data)))

    def _existing(self, attribute: Attribute, code: str) -> str:
        """The code of a record or asset; one that is not there is refused, where this PIM has its entity."""
        kind, thing = ("asset_family", "asset") if "asset" in attribute.type else ("reference_entity", "record")
        owner = text(attribute.settings, "reference_data_name")
        if f"\x00{owner}" not in self._world.table(kind):
            return code
        found = self._world.table(thing).get(f"{owner}\x00{code}")
        if found is None:
            raise Complaint(f'The {thing} "{code}" of "{owner}" does not exist.')
        return text(found, "code")

    def _link(self, attribute: Attribute, data: JsonValue) -> JsonValue:
        if not isinstance(data, dict):
            raise wrong_kind(attribute.code, "array", data)
        return data


def read_day(value: str) -> date | None:
    """The day of an ISO date or date and time; the PIM ignores the rest."""
    found = re.match(r"\d{4}-\d\d-\d\d(?=$|[T ]\d\d:\d\d)", value)
    try:
        return date.fromisoformat(found.group()) if found else None
    except ValueError:
        return None


def _need_keys(attribute: Attribute, data: JsonObject, *keys: str) -> None:
    for key in keys:
        if key not in data:
            raise structure(f'Property "{attribute.code}" expects an array with the key "{key}".')


def _all_texts(attribute: Attribute, data: JsonValue) -> list[str]:
    if not isinstance(data, list):
        raise wrong_kind(attribute.code, "array", data)
    found = texts(data)
    if len(found) != len(data):
        raise structure(f'Property "{attribute.code}" expects an array of strings as data.')
    return found


def _matches(pattern: str, value: str) -> bool:
    """PHP's form of a regular expression: delimiters around it, modifiers behind."""
    found = re.fullmatch(r"(?s)(\W)(.*)\1([imsxu]*)", pattern)
    body, modifiers = (found.group(2), found.group(3)) if found else (pattern, "")
    try:
        return re.search(body, value, re.IGNORECASE if "i" in modifiers else 0) is not None
    except re.error:
        raise Refusal(500, "Internal Server Error") from None
