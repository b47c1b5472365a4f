"""Values of records and assets: by attribute, locale and channel, each replaced as a whole."""

from __future__ import annotations

from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue, children, flag, maybe_text, text, texts
from akeneo_erp_bridge.testing.pim._refusal import Refusal, Violation, invalid, wrong_kind
from akeneo_erp_bridge.testing.pim._world import World
from akeneo_erp_bridge.testing.pim.resources._shelf import Shelf

_KEYS = frozenset({"data", "locale", "channel"})
_LISTS = ("multiple_options", "reference_entity_multiple_links", "asset_collection")


class RecordValues:
    """Checks values against the attributes of their entity or family, and merges them."""

    def __init__(self, world: World, attributes: Shelf, options: Shelf) -> None:
        self._world = world
        self._attributes = attributes
        self._options = options

    def merged(self, owner: str, old: JsonValue, sent: JsonValue) -> JsonObject:
        """The values after a write; `null` erases. Refuses with 422."""
        if sent == []:
            sent = {}
        if not isinstance(sent, dict):
            raise wrong_kind("values", "object", sent)
        values: JsonObject = dict(old) if isinstance(old, dict) else {}
        for code, entries in sent.items():
            attribute = self._attributes.find(code, owner)
            if attribute is None:
                raise invalid([Violation("values", f'Attribute "{code}" does not exist for "{owner}".', code)])
            if not isinstance(entries, list):
                raise wrong_kind(f"values.{code}", "array", entries)
            kept = children(values.get(text(attribute, "code")))
            for entry in entries:
                kept = self._replaced(owner, attribute, kept, entry)
            if kept:
                values[text(attribute, "code")] = list[JsonValue](kept)
            else:
                values.pop(text(attribute, "code"), None)
        return values

    def _replaced(
        self, owner: str, attribute: JsonObject, kept: list[JsonObject], entry: JsonValue
    ) -> list[JsonObject]:
        code = text(attribute, "code")
        if not isinstance(entry, dict) or set(entry) ^ _KEYS:
            raise Refusal(422, f'The value of "{code}" expects an object with the keys "data", "locale" and "channel".')
        place = (maybe_text(entry, "locale"), maybe_text(entry, "channel"))
        self._check_place(attribute, *place)
        others = [one for one in kept if (maybe_text(one, "locale"), maybe_text(one, "channel")) != place]
        data = entry["data"]
        if data is None:
            return others
        self._check_data(owner, attribute, data)
        return [*others, {"locale": place[0], "channel": place[1], "data": data}]

    def _check_place(self, attribute: JsonObject, locale: str | None, channel: str | None) -> None:
        code = text(attribute, "code")
        for name, given, wanted in (
            ("locale", locale, flag(attribute, "value_per_locale")),
            ("channel", channel, flag(attribute, "value_per_channel")),
        ):
            if wanted and given is None:
                raise invalid([Violation("values", f'A {name} is expected for "{code}".', code)])
            if not wanted and given is not None:
                raise invalid([Violation("values", f'No {name} is expected for "{code}", "{given}" given.', code)])
        if locale is not None and locale not in self._world.active_locales():
            raise invalid([Violation("values", f'The locale "{locale}" is not activated.', code)])
        if channel is not None and self._world.find("channel", channel) is None:
            raise invalid([Violation("values", f'The channel "{channel}" does not exist.', code)])

    def _check_data(self, owner: str, attribute: JsonObject, data: JsonValue) -> None:
        code, kind = text(attribute, "code"), text(attribute, "type")
        if kind in _LISTS:
            if not isinstance(data, list) or len(texts(data)) != len(data):
                raise wrong_kind(code, "array", data)
        elif kind == "boolean":
            if not isinstance(data, bool):
                raise wrong_kind(code, "boolean", data)
        elif not isinstance(data, str):
            # a number too is sent as a text
            raise wrong_kind(code, "string", data)
        missing = [
            one
            for one in (texts(data) if isinstance(data, list) else [str(data)])
            if not self._known(owner, attribute, one)
        ]
        if missing:
            raise invalid([Violation("values", f'"{missing[0]}", a value of "{code}", does not exist.', code)])

    def _known(self, owner: str, attribute: JsonObject, data: str) -> bool:
        code, kind = text(attribute, "code"), text(attribute, "type")
        if kind in ("single_option", "multiple_options"):
            return self._options.find(data, f"{owner}\x00{code}") is not None
        if kind in ("image", "media_file"):
            return data in self._world.tables["media_file"]
        if kind.startswith("reference_entity_"):
            entity = text(attribute, "reference_entity_code")
            return self._world.table("record").get(f"{entity}\x00{data}") is not None
        if kind == "asset_collection":
            family = text(attribute, "asset_family_identifier")
            return self._world.table("asset").get(f"{family}\x00{data}") is not None
        return True
