"""Two-way association types: the link back is written with the link."""

from __future__ import annotations

from collections.abc import Iterator

from akeneo_erp_bridge.testing.pim._draft import Draft
from akeneo_erp_bridge.testing.pim._json import JsonObject, as_list, child, flag, texts
from akeneo_erp_bridge.testing.pim._refusal import Violation, invalid
from akeneo_erp_bridge.testing.pim._world import Entry, World

TARGETS = ("products", "product_models")


def check_no_self_link(world: World, kind: str, draft: Draft) -> None:
    """A two-way link to oneself would be its own inverse, which the PIM refuses."""
    for code in draft.associations:
        if _two_way(world, code) and draft.key in texts(child(draft.associations, code).get(kind)):
            raise invalid([Violation("associations", "A product cannot be linked to itself with a 2-way association.")])


def write_inverse(world: World, kind: str, entry: Entry, old: Entry | None) -> None:
    """Add to, or take from, the other side what this side gained or lost; *kind* is this side's list."""
    before = set(_links(world, old)) if old is not None else set[tuple[str, str, str]]()
    after = set(_links(world, entry))
    for code, target_kind, key in sorted(after - before):
        _change(world, code, target_kind, key, kind, entry.key, add=True)
    for code, target_kind, key in sorted(before - after):
        _change(world, code, target_kind, key, kind, entry.key, add=False)


def _two_way(world: World, code: str) -> bool:
    return flag(world.find("association_type", code) or {}, "is_two_way")


def _links(world: World, entry: Entry) -> Iterator[tuple[str, str, str]]:
    associations = child(entry.parts(), "associations")
    for code in associations:
        if _two_way(world, code):
            for kind in TARGETS:
                for key in texts(child(associations, code).get(kind)):
                    yield code, kind, key


def _change(world: World, code: str, target_kind: str, key: str, kind: str, name: str, *, add: bool) -> None:
    table = world.products if target_kind == "products" else world.models
    other = table.get(key)
    if other is None:
        return
    draft = Draft.of(other)
    lists: JsonObject = dict(child(draft.associations, code))
    links = [one for one in texts(lists.get(kind)) if one != name]
    lists[kind] = as_list([*links, name] if add else links)
    kept: JsonObject = {each: targets for each, targets in lists.items() if targets}
    if kept:
        draft.associations[code] = kept
    else:
        draft.associations.pop(code, None)
    entry = draft.finish(other.identifier, other, world.now())
    if entry is not other:
        table.put(key, entry)
