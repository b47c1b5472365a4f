"""Where the values of a draft go: into which of Tryton's two models, and into which field there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.erp._tryton._paths import TO_MANY, TO_ONE, plan_path
from akeneo_erp_bridge.erp._tryton._rpc import Raw
from akeneo_erp_bridge.erp._tryton._server import TrytonServer
from akeneo_erp_bridge.errors import ErpRefused

TEMPLATE: Final = "product.template"
PRODUCT: Final = "product.product"
ABOVE: Final = "template.id"
"""The path at which a draft of a variant names its template."""
CODE: Final = "code"


def is_writable(server: TrytonServer, model: str, path: str) -> bool:
    """Whether `write_item` takes a value at this path."""
    if model not in (PRODUCT, TEMPLATE):
        return False
    if (model, path) == (PRODUCT, ABOVE):
        return True
    try:
        Place.of(server, path, model)
    except ErpRefused:
        return False
    return True


@frozen
class Place:
    """Where a path of a draft of the model *written* goes: in which of the two models, in which field of it."""

    path: str
    model: str
    name: str
    definition: Mapping[str, Raw]
    rest: str
    """What follows the field: the member by which a relation is found, or the member of a dictionary."""
    members: tuple[str, ...] | None
    language: str | None

    @classmethod
    def of(cls, server: TrytonServer, path: str, written: str) -> Place:
        plan = plan_path(path, written, server.fields_of)
        base = path.partition("@")[0].partition("(")[0] if plan.computed is None else ""
        inherited = written == TEMPLATE or base.startswith("template.")
        name, _, rest = base.removeprefix("template.").partition(".")
        here, there = server.fields_of(PRODUCT), server.fields_of(TEMPLATE)
        own = here.get(name)
        is_own = not inherited and own is not None and own.get("readonly") is False
        definition = own if is_own else there.get(name)
        if base == CODE:
            is_own, definition = False, there.get(CODE)
        if definition is None or definition.get("readonly") is not False or plan.sized or name == "template":
            raise ErpRefused(f"path '{path}' cannot be written: Tryton makes it itself; leave it out of the draft")
        kind = str(definition.get("type"))
        is_rows = kind == "one2many" and plan.members is not None and not rest and is_own
        if not is_rows and (
            kind == "one2many"
            or plan.members is not None
            or (kind in TO_MANY | TO_ONE) != bool(rest and kind != "dict")
        ):
            raise ErpRefused(
                f"path '{path}' cannot be written; a relation is set by a member of it, such as categories.code, "
                "and rows of the variant with their members, such as identifiers(type, code)"
            )
        model = PRODUCT if is_own else TEMPLATE
        return cls(path, model, name, definition, rest, plan.members, plan.language)

    @property
    def kind(self) -> str:
        return str(self.definition.get("type"))
