"""The files of a plan: told by where they are, and found again through the mapping that gave them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.catalog._json import as_text
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import CompiledMapping, Fetcher, MediaSource, digest_of
from akeneo_erp_bridge.mapping._shapes._media import Fetched, InFolder
from akeneo_erp_bridge.rules import Step
from akeneo_erp_bridge.sync._changes import ItemChange

ItemT = TypeVar("ItemT", bound=ErpItem)

_Place = Literal["path", "reference"]
_PLACES: Final[Mapping[str, _Place]] = {"path": "path", "reference": "reference"}


@frozen
class Unbound:
    """Stands in the fetcher's place until the mapping is known that the file was found by."""

    place: _Place

    def __call__(self, reference: str) -> bytes:
        raise ConfigurationError(f"the file {reference!r} of a loaded plan is read by `apply` alone")


def source_json(key: ErpKey, cell: str, source: MediaSource) -> JsonObject:
    """Where a file is; content that came with the ERP's row is kept as it is.

    Raises `ConfigurationError` for a reference that nothing could follow later.
    """
    content = source.content
    if isinstance(content, bytes):
        return {"name": source.name, "content": b64encode(content).decode("ascii")}
    if isinstance(content, Path):
        return {"name": source.name, "path": str(content)}
    if source.fetch is None:
        raise ConfigurationError(
            f"{key}: the file of cell '{cell}' cannot be found again; apply this plan where it was made"
        )
    return {"name": source.name, _place_of(source): content}


def _place_of(source: MediaSource) -> _Place:
    return source.fetch.place if isinstance(source.fetch, Unbound) else "reference"


def read_source(body: JsonObject) -> MediaSource:
    """What `source_json` wrote; raises `ValueError` for anything else."""
    name = as_text(body.get("name"), "name")
    if "content" in body:
        return MediaSource(name, b64decode(as_text(body["content"], "content"), validate=True))
    for place, one in _PLACES.items():
        if place in body:
            return MediaSource(name, as_text(body[place], place), Unbound(one))
    raise ValueError(f"the file {name!r} is nowhere")


def bound(change: ItemChange, compiled: CompiledMapping[ItemT]) -> ItemChange:
    """The change with files that can be read: from a folder of the mapping's, or by its fetchers.

    A plan file may not send a program to a place that the mapping does not go to by itself. Raises
    `ConfigurationError` for such a one.
    """
    if not any(isinstance(one.fetch, Unbound) for one in change.files.values()):
        return change
    return evolve(
        change,
        files={
            cell: _bound(change.key, cell, one, change.cells[cell].new, compiled) for cell, one in change.files.items()
        },
    )


def _bound(
    key: ErpKey, cell: str, source: MediaSource, digest: JsonValue, compiled: CompiledMapping[ItemT]
) -> MediaSource:
    place, content = source.fetch, source.content
    if not isinstance(place, Unbound) or not isinstance(content, str):
        return source
    steps = list(_steps(compiled.cells[cell].binding.rule)) if cell in compiled.cells else []
    if place.place == "path":
        path = Path(content).resolve()
        folders = [one.folder.resolve() for one in steps if isinstance(one, InFolder)]
        if any(path.is_relative_to(folder) for folder in folders):
            return MediaSource(source.name, path)
    else:
        fetchers = [one.fetch for one in steps if isinstance(one, Fetched)]
        if fetchers:
            return evolve(source, fetch=_by_digest(fetchers, digest))
    raise ConfigurationError(
        f"{key}: cell '{cell}' has a file that no file_in or fetched of this mapping leads to; make the plan with this "
        "mapping, or apply it in the process that made it"
    )


def _by_digest(fetchers: list[Fetcher], digest: JsonValue) -> Callable[[str], bytes]:
    """The fetcher that gives the file which was planned; of several, a file does not say which it was."""

    def fetch(reference: str) -> bytes:
        for one in fetchers[:-1]:
            try:
                content = one(reference)
            except Exception:  # noqa: BLE001, S112 - a fetcher is the user's own and may raise anything; the last one's counts
                continue
            if digest_of(content) == digest:
                return content
        return fetchers[-1](reference)

    return fetch


def _steps(rule: Step) -> Iterator[Step]:
    yield rule
    for part in rule.parts:
        yield from _steps(part)
