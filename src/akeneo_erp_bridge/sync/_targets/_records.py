"""Records of reference entities and assets, as targets of the engine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final, TypeAlias, TypeVar

from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient, EntityMedia, RetryPolicy, UpsertResult
from akeneo_erp_bridge.catalog import (
    Asset,
    AssetPatch,
    EntityAttribute,
    EntityValue,
    JsonValue,
    PimStructure,
    Record,
    RecordPatch,
)
from akeneo_erp_bridge.codes import AssetCode, AttributeCode, ChannelCode, LocaleCode, OptionCode, RecordCode
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import BridgeError, NotFound
from akeneo_erp_bridge.mapping import EntityMapping, entity_structure
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._targets._target import Found, Named, Verdict, slices, verdict_of
from akeneo_erp_bridge.sync._targets._uploads import Failed, downloaded_digest, send_file, until_known
from akeneo_erp_bridge.sync.plan import ItemChange

ItemT = TypeVar("ItemT", bound=ErpItem)

Thing: TypeAlias = Record | Asset
Values: TypeAlias = Mapping[AttributeCode, Sequence[EntityValue]]
Sent: TypeAlias = tuple[ItemChange, Values, Mapping[str, str]]
"""A change, its values as they travel, and the cells whose file failed with the reason."""

_AT_ONCE: Final = 100


class EntityTarget(Named):
    """What records and assets have in common: keyed by code, and files go ahead of what names them."""

    def __init__(self, media: EntityMedia, retry: RetryPolicy, *, has_code_filter: bool) -> None:
        self._media = media
        self._retry = retry
        self._has_code_filter = has_code_filter

    @abstractmethod
    def _get(self, code: str) -> Thing: ...

    @abstractmethod
    def _list(self, codes: list[str]) -> Iterable[Thing]: ...

    @abstractmethod
    def _write(
        self, things: Iterable[tuple[str, Values]]
    ) -> Iterator[UpsertResult[RecordPatch] | UpsertResult[AssetPatch]]: ...

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        return {one.code.lower(): Found(one.code, _cells(one, cells)) for one in self._named(names)}

    def _named(self, names: Sequence[str]) -> Iterator[Thing]:
        if self._has_code_filter:
            for some in slices(names):
                yield from self._list(some)
            return
        for name in names:  # PIMs before 7.0 list all of them, or by date
            with suppress(NotFound):
                yield self._get(name)

    def has(self, ref: str) -> bool:
        try:
            self._get(ref)
        except NotFound:
            return False
        return True

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        for start in range(0, len(changes), _AT_ONCE):
            ready: list[Sent] = []
            stopped: Verdict | None = None
            for change in changes[start : start + _AT_ONCE]:
                try:
                    ready.append(self._with_files(change, cells))
                except BridgeError as error:
                    stopped = Verdict(change, ok=False, created=False, cause=error)
                    break
            results = self._write((change.ref, values) for change, values, _ in ready)
            for (change, _, failed), result in zip(ready, results, strict=True):
                yield evolve(verdict_of(change, result), failed=failed)
            if stopped is not None:
                yield stopped
                return

    def _with_files(self, change: ItemChange, cells: Mapping[str, Cell[str]]) -> Sent:
        values: dict[AttributeCode, list[EntityValue]] = {}
        failed: dict[str, str] = {}
        for key, one in change.cells.items():
            cell, data = cells[key], one.new
            if cell.attribute == "code":
                continue
            if key in change.files:
                try:
                    data = send_file(change.files[key], data, cell, self._upload)
                except Failed as error:
                    failed[key] = str(error)
                    continue
            values.setdefault(AttributeCode(cell.attribute), []).append(_value(cell, data))
        return change, values, failed

    def _upload(self, name: str, content: bytes) -> str:
        # a file that no record names yet cannot be looked for: one too many is left where an answer was lost
        return until_known(lambda: self._media.upload(content, filename=name), self._retry)

    def digest(self, code: str) -> str | None:
        return downloaded_digest(self._media, code)


class RecordTarget(EntityTarget):
    """The records of one reference entity."""

    def __init__(self, pim: AkeneoClient, entity: str) -> None:
        super().__init__(pim.reference_entity_media, pim.options.retry, has_code_filter=pim.features.has_product_uuids)
        self._records = pim.reference_entities.records(entity)

    def _get(self, code: str) -> Record:
        return self._records.get(code)

    def _list(self, codes: list[str]) -> Iterable[Record]:
        return self._records.list(where={"code": [{"operator": "IN", "value": codes}]})

    def _write(self, things: Iterable[tuple[str, Values]]) -> Iterator[UpsertResult[RecordPatch]]:
        return self._records.upsert_many(RecordPatch(code=RecordCode(code), values=values) for code, values in things)


class AssetTarget(EntityTarget):
    """The assets of one family."""

    def __init__(self, pim: AkeneoClient, family: str) -> None:
        super().__init__(pim.asset_media, pim.options.retry, has_code_filter=pim.features.has_product_uuids)
        self._assets = pim.asset_families.assets(family)

    def _get(self, code: str) -> Asset:
        return self._assets.get(code)

    def _list(self, codes: list[str]) -> Iterable[Asset]:
        return self._assets.list(where={"code": [{"operator": "IN", "value": codes}]})

    def _write(self, things: Iterable[tuple[str, Values]]) -> Iterator[UpsertResult[AssetPatch]]:
        return self._assets.upsert_many(AssetPatch(code=AssetCode(code), values=values) for code, values in things)


def entity_target(pim: AkeneoClient, mapping: EntityMapping[ItemT]) -> EntityTarget:
    """The target of a mapping to records or assets."""
    kind = RecordTarget if mapping.resource == "reference_entity_record" else AssetTarget
    return kind(pim, mapping.owner)


def entity_structure_of(pim: AkeneoClient, mapping: EntityMapping[ItemT]) -> PimStructure:
    """The attributes of the entity or family, and the options of its selects."""
    is_record = mapping.resource == "reference_entity_record"
    things = pim.reference_entities if is_record else pim.asset_families
    attributes: list[EntityAttribute] = list(things.attributes(mapping.owner).list())
    options = {
        one.code: frozenset(
            OptionCode(option.code) for option in things.attribute_options(mapping.owner, one.code).list()
        )
        for one in attributes
        if one.type in ("single_option", "multiple_options")
    }
    return entity_structure(pim.structure(), attributes, options)


def _cells(thing: Thing, cells: Mapping[str, Cell[str]]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for key, cell in cells.items():
        if cell.attribute == "code":
            found[key] = thing.code
        for one in thing.values.get(AttributeCode(cell.attribute), ()):
            if (one.locale, one.channel) == (cell.locale, cell.channel):
                found[key] = _as_json(one.data)
    return found


def _as_json(data: object) -> JsonValue:
    """What a record holds; it came as JSON, of which a checker cannot know."""
    if isinstance(data, list | tuple):
        return [str(one) for one in data]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # lists of records hold codes alone
    return data if isinstance(data, str | bool | int | None) else str(data)


def _value(cell: Cell[str], data: JsonValue) -> EntityValue:
    locale = LocaleCode(cell.locale) if cell.locale is not None else None
    channel = ChannelCode(cell.channel) if cell.channel is not None else None
    return EntityValue(data=data, locale=locale, channel=channel)
