"""How a field of an item class was declared."""

from __future__ import annotations

from attrs import frozen


@frozen
class FieldSpec:
    """How one field was declared: what `ErpItem.specs` tells.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     eans = cold(str, "packs[*].ean").many()
    >>> eans = Article.specs["eans"]
    >>> eans.path, eans.kind, eans.temperature.__name__, eans.is_many
    ('packs[*].ean', 'str', 'Cold', True)
    """

    name: str
    path: str
    kind: str
    temperature: type[object]
    is_key: bool
    nullable: bool
    is_many: bool = False
    """Whether the value is a tuple of what several places hold."""
    values: frozenset[type[object]] | None = None
    """The classes of its values, as preflight compares them with attributes; `kind` names them for people."""
