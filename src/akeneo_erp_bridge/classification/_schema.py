"""What this room must know of an ERP's schema; `erp.ErpSchema` is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class SchemaField(Protocol):
    """One field: its name, which may be a dotted path, and the ERP's type for it. Fill it with `erp.ErpField`."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Schema(Protocol):
    """The fields of one table, view or model of the ERP. Fill it with `erp.ErpSchema`, as adapters `describe` it."""

    @property
    def name(self) -> str: ...
    @property
    def fields(self) -> Sequence[SchemaField]: ...
