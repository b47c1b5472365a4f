"""What every model read from the PIM has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

__all__ = ["ALWAYS_SENT", "OWN_FIELDS", "Entity"]

OWN_FIELDS: Final = frozenset({"extra", "received"})
"""Fields that are ours, not the PIM's."""

ALWAYS_SENT: Final[Mapping[str, bool]] = {"always_sent": True}
"""The metadata of a field that the PIM wants to be told even where it is empty."""


@frozen(kw_only=True)
class Entity:
    """A thing read from the PIM.

    `extra` keeps the fields this package does not know; they are sent back when the model is written.
    `received` names the fields the PIM sent, so that a field an old PIM has never heard of is not sent to it.

    >>> from akeneo_erp_bridge.catalog import Channel, decode, encode
    >>> channel = decode(Channel, {"code": "shop", "colour": "blue"})
    >>> channel.extra, encode(channel)
    ({'colour': 'blue'}, {'code': 'shop', 'colour': 'blue'})
    """

    extra: Mapping[str, object] = field(factory=dict[str, object])
    received: frozenset[str] = field(default=frozenset(), repr=False, eq=False)
