"""Product values: checked by attribute type, stored the way the PIM reads them back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from akeneo_erp_bridge.testing.pim._message import Json, JsonObject, structure
from akeneo_erp_bridge.testing.pim._store import Store

TEXT_LIMIT = {"pim_catalog_text": 255, "pim_catalog_textarea": 65_535, "pim_catalog_identifier": 255}


class ValueError422(Exception):
    """A validation error of one value."""


class Values:
    """Merges and checks the `values` of a product."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def merge(self, stored: JsonObject, sent: Json) -> tuple[JsonObject, list[Json]]:
        """The values after the merge, and the validation errors."""
        if not isinstance(sent, dict):
            raise structure('Property "values" expects an array as data.')
        merged = {code: list(entries) for code, entries in stored.items() if isinstance(entries, list)}
        errors: list[Json] = []
        for code, entries in sent.items():
            attribute = self._store.get("attributes", code)
            if attribute is None:
                raise structure(f"The {code} attribute does not exist in your PIM.")
            self._merge_attribute(str(attribute["code"]), attribute, entries, merged, errors)
        return {code: entries for code, entries in merged.items() if entries}, errors

    def _merge_attribute(
        self, code: str, attribute: JsonObject, entries: Json, merged: dict[str, list[Json]], errors: list[Json]
    ) -> None:
        seen: set[tuple[Json, Json]] = set()
        for entry in entries if isinstance(entries, list) else [entries]:
            if not isinstance(entry, dict):
                raise structure(f'Property "{code}" expects an array of arrays as data.')
            for key in ("locale", "scope", "data"):
                if key not in entry:
                    raise structure(f'Property "{code}" expects an array with the key "{key}".')
            place = (entry["locale"], entry["scope"])
            if place in seen:
                raise structure(
                    f'You cannot update the same product value on the "{code}" attribute twice, with the same scope and locale.'
                )
            seen.add(place)
            self._check_place(code, attribute, entry)
            here = [
                one
                for one in merged.get(code, [])
                if not isinstance(one, dict) or (one["locale"], one["scope"]) != place
            ]
            if entry["data"] is not None:
                try:
                    data = self.stored(attribute, entry["data"])
                except ValueError422 as error:
                    errors.append(
                        {
                            "property": "values",
                            "message": str(error),
                            "attribute": code,
                            "locale": place[0],
                            "scope": place[1],
                        }
                    )
                    continue
                if data not in ([], ""):
                    here.append({"locale": place[0], "scope": place[1], "data": data})
            merged[code] = here

    def _check_place(self, code: str, attribute: JsonObject, entry: JsonObject) -> None:
        locale, scope = entry["locale"], entry["scope"]
        for given, wanted, what in (
            (locale, attribute.get("localizable"), "locale"),
            (scope, attribute.get("scopable"), "scope"),
        ):
            if wanted and given is None:
                raise structure(f'Attribute "{code}" expects a {what}, none given.')
            if not wanted and given is not None:
                raise structure(f'Attribute "{code}" does not expect a {what}, "{given}" given.')
        if isinstance(locale, str) and locale not in self.active_locales():
            raise structure(f'Attribute "{code}" expects an existing and activated locale, "{locale}" given.')
        if isinstance(scope, str):
            channel = self._store.get("channels", scope)
            if channel is None:
                raise structure(f'Attribute "{code}" expects an existing scope, "{scope}" given.')
            locales = channel["locales"]
            if locale is not None and isinstance(locales, list) and locale not in locales:
                raise structure(f'Attribute "{code}" expects a locale of channel "{scope}", "{locale}" given.')

    def active_locales(self) -> set[str]:
        """en_US, and the locales of every channel."""
        found = {"en_US"}
        for channel in self._store.all("channels"):
            found.update(str(one) for one in _listed(channel.get("locales")))
        return found

    def active_currencies(self) -> set[str]:
        """USD, and the currencies of every channel."""
        found = {"USD"}
        for channel in self._store.all("channels"):
            found.update(str(one) for one in _listed(channel.get("currencies")))
        return found

    # ---- one datum ----
    def stored(self, attribute: JsonObject, data: Json) -> Json:
        """The datum as it is stored; raises for what the attribute does not take."""
        kind = str(attribute["type"])
        readers: dict[str, Callable[[JsonObject, Json], Json]] = {
            "pim_catalog_identifier": self._text,
            "pim_catalog_text": self._text,
            "pim_catalog_textarea": self._text,
            "pim_catalog_simpleselect": self._option,
            "pim_catalog_multiselect": self._options,
            "pim_catalog_boolean": self._boolean,
            "pim_catalog_date": self._date,
            "pim_catalog_number": self._number,
            "pim_catalog_metric": self._metric,
            "pim_catalog_price_collection": self._prices,
        }
        reader = readers.get(kind)
        return data if reader is None else reader(attribute, data)

    def _text(self, attribute: JsonObject, data: Json) -> Json:
        code = attribute["code"]
        if not isinstance(data, str):
            raise structure(f"The {code} attribute requires a string, a {type(data).__name__} was detected.")
        most = attribute.get("max_characters")
        limit = most if isinstance(most, int) else TEXT_LIMIT[str(attribute["type"])]
        if len(data) > limit:
            raise ValueError422(
                f"The {code} attribute must not contain more than {limit} characters. The submitted value is too long."
            )
        return data

    def _option(self, attribute: JsonObject, data: Json) -> Json:
        code = str(attribute["code"])
        if not isinstance(data, str):
            raise structure(f'Property "{code}" expects a string as data.')
        option = self._store.get(f"options/{code.lower()}", data)
        if option is None:
            raise ValueError422(f"The {data} value is not in the {code} attribute option list.")
        return option["code"]

    def _options(self, attribute: JsonObject, data: Json) -> Json:
        if not isinstance(data, list):
            raise structure(f'Property "{attribute["code"]}" expects an array as data.')
        return list[Json](sorted({str(self._option(attribute, one)) for one in data}))

    def _boolean(self, attribute: JsonObject, data: Json) -> Json:
        if not isinstance(data, bool):
            raise structure(f'Property "{attribute["code"]}" expects a boolean as data.')
        return data

    def _date(self, attribute: JsonObject, data: Json) -> Json:
        try:
            day = date.fromisoformat(str(data)[:10])
        except ValueError:
            raise ValueError422(
                f"The {attribute['code']} attribute requires a valid date. Please use the following format yyyy-mm-dd for dates."
            ) from None
        return f"{day.isoformat()}T00:00:00+00:00"

    def _number(self, attribute: JsonObject, data: Json) -> Json:
        number = self._decimal(attribute, data)
        if not attribute.get("decimals_allowed"):
            return int(number)
        return padded(number)

    def _decimal(self, attribute: JsonObject, data: Json) -> Decimal:
        code = attribute["code"]
        number = _number(data)
        if number is None:
            raise ValueError422(f"The {code} attribute requires a number.")
        if not attribute.get("decimals_allowed") and number != number.to_integral_value():
            raise ValueError422(f"The {code} attribute requires an integer.")
        if not attribute.get("negative_allowed") and number < 0:
            raise ValueError422(f"The {code} attribute requires a positive value.")
        for bound, wrong in (("number_min", number.__lt__), ("number_max", number.__gt__)):
            limit = attribute.get(bound)
            if limit is not None and wrong(Decimal(str(limit))):
                raise ValueError422(f"The {code} attribute is outside of {bound} {limit}.")
        return number

    def _metric(self, attribute: JsonObject, data: Json) -> Json:
        code = attribute["code"]
        if not isinstance(data, dict) or not {"amount", "unit"} <= set(data):
            raise structure(f'Property "{code}" expects an array with the keys "amount" and "unit".')
        if data["amount"] is None:
            return []
        family = self._store.get("measurement-families", str(attribute.get("metric_family")))
        units = family["units"] if family else {}
        unit = (
            next((one for one in units if one.lower() == str(data["unit"]).lower()), None)
            if isinstance(units, dict)
            else None
        )
        if unit is None:
            raise ValueError422(f'Please specify a valid metric unit for the {code} attribute, "{data["unit"]}" given.')
        number = self._decimal(attribute, data["amount"])
        return {"amount": padded(number) if attribute.get("decimals_allowed") else int(number), "unit": unit}

    def _prices(self, attribute: JsonObject, data: Json) -> Json:
        code = attribute["code"]
        if not isinstance(data, list):
            raise structure(f'Property "{code}" expects an array as data.')
        stored: dict[str, Json] = {}
        for price in data:
            if not isinstance(price, dict) or not {"amount", "currency"} <= set(price):
                raise structure(f'Property "{code}" expects an array with the keys "amount" and "currency".')
            if price["currency"] not in self.active_currencies():
                raise ValueError422(f"The {price['currency']} currency is not activated or does not exist.")
            if price["amount"] is not None:
                number = self._decimal(attribute, price["amount"])
                amount: Json = f"{number:.2f}" if attribute.get("decimals_allowed") else int(number)
                stored[str(price["currency"])] = {"amount": amount, "currency": price["currency"]}
        return [stored[one] for one in sorted(stored)]


def _number(data: Json) -> Decimal | None:
    if isinstance(data, bool) or not isinstance(data, str | int | float):
        return None
    try:
        number = Decimal(str(data))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def padded(number: Decimal) -> str:
    """Four decimals at least, as the PIM's database gives them back."""
    text = format(number, "f")
    whole, _, part = text.partition(".")
    return f"{whole}.{part.ljust(4, '0')}"


def identifier_error(sku: str) -> str | None:
    """Why the PIM refuses this identifier."""
    if not sku or len(sku) > 255:
        return "The identifier must hold 1 to 255 characters."
    if re.search(r"[,;\r\n\u00a0]", sku) or sku != sku.strip():
        return "This field should not contain any comma or semicolon or leading/trailing space"
    return None


def _listed(value: Json) -> Iterable[Json]:
    return value if isinstance(value, list) else []
