"""Delta answers: what changed, what is gone (OASIS "OData JSON Format", section 15; 4.0 and 4.01 write it differently)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from attrs import field, frozen

from akeneo_erp_bridge.erp._odata._entities import Entities, KeyOf, Wire, control
from akeneo_erp_bridge.errors import CursorExpired
from akeneo_erp_bridge.rules import shown

_PREDICATE: Final = re.compile(r"\(((?:'(?:[^']|'')*'|[^'()])*)\)/?$")
_PAIR: Final = re.compile(r"\s*(?:(\w+)\s*=\s*)?('(?:[^']|'')*'|[^',]+)\s*(?:,|$)")


@frozen
class Changes:
    """What one page of a delta says, the last word on each entity."""

    changed: list[Wire] = field(factory=list["Wire"])
    """As the service sent them: perhaps in part."""
    touched: list[Wire] = field(factory=list["Wire"])
    """Keys of entities that gained or lost a link, or came in part: to be read again."""
    removed: list[KeyOf] = field(factory=list["KeyOf"])


def changes_of(entities: Entities, wires: Sequence[Wire]) -> Changes:
    """Sort a page. A later entry for the same entity takes the place of an earlier one."""
    last: dict[tuple[str, ...], tuple[str, KeyOf, Wire]] = {}
    for wire in wires:
        kind, key = _sorted(entities, wire)
        # an id in an address is a text where the property is a number
        same = tuple(str(one) for one in key)
        last.pop(same, None)
        last[same] = (kind, key, wire if kind == "changed" else dict(zip(entities.kind.keys, key, strict=True)))
    found = Changes()
    for kind, key, wire in last.values():
        if kind == "removed":
            found.removed.append(key)
        elif kind == "touched" or _is_partial(entities, wire):
            found.touched.append(wire)
        else:
            found.changed.append(wire)
    return found


def _is_partial(entities: Entities, wire: Wire) -> bool:
    """A changed entity may come without what did not change, and lists inside of it as changes of their own."""
    return bool(entities.branch.expand) or any(name not in wire for name in entities.branch.select)


def _sorted(entities: Entities, wire: Wire) -> tuple[str, KeyOf]:
    context = control(wire, "context")
    entry = context.rpartition("/")[2] if isinstance(context, str) else ""
    if entry in ("$link", "$deletedLink"):
        return "touched", _key_in(entities, wire.get("source"))
    if entry == "$deletedEntity":
        return "removed", _key_in(entities, wire.get("id") if "id" in wire else control(wire, "id"))
    if control(wire, "removed") is not None:
        key = entities.key_of(wire)
        return "removed", _key_in(entities, control(wire, "id")) if None in key else key
    return "changed", entities.key_of(wire)


def _key_in(entities: Entities, link: object) -> KeyOf:
    """The key in an entity's id: ``Items('A%2FB')``, an address that ends so, or the bare key, as Business Central has it."""
    text = unquote(link) if isinstance(link, str) else ""
    inside = _PREDICATE.search(text)
    if inside is None:
        if text and "/" not in text and "(" not in text and len(entities.kind.keys) == 1:
            return (text,)
        raise CursorExpired(
            f"{entities.entity_set.name}: a deletion names {shown(link)}, in which is no key; all is read again"
        )
    values: dict[str, str] = {}
    for name, value in _PAIR.findall(inside[1]):
        plain = value[1:-1].replace("''", "'") if value.startswith("'") else value.strip()
        values[name or entities.kind.keys[0]] = plain
    return tuple(values.get(name) for name in entities.kind.keys)


def complete(entities: Entities, changes: Changes) -> Iterator[Sequence[Wire]]:
    """The changed entities, and those read again; one that is gone by now is told by the next delta."""
    if changes.changed:
        yield changes.changed
    if changes.touched:
        yield from entities.by_filters(entities.filters_of(changes.touched))
