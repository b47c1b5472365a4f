"""What the cloud PIM offers beside the catalog: App catalogs, workflows, jobs, rules, extensions, rights.

Akeneo's own description of these is thin, so the models name what every answer has been seen to hold, and keep the
rest in `extra`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.catalog._patches import Patch
from akeneo_erp_bridge.codes import CurrencyCode, LocaleCode

__all__ = [
    "Assignee",
    "Catalog",
    "CatalogPatch",
    "DataModelSuggestion",
    "JobExecution",
    "Right",
    "RuleDefinition",
    "RuleDefinitionPatch",
    "UiExtension",
    "UiExtensionPatch",
    "Workflow",
    "WorkflowStep",
    "WorkflowTask",
]


@frozen(kw_only=True)
class Catalog(Entity):
    """A selection of products for an App. Source: Akeneo's documentation of catalogs for Apps."""

    id: str
    name: str | None = None
    enabled: bool = False
    managed_currencies: tuple[CurrencyCode, ...] = ()
    managed_locales: tuple[LocaleCode, ...] = ()


@frozen(kw_only=True)
class CatalogPatch(Patch):
    """Changes to one catalog; `id` is the PIM's, and not given at creation."""

    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    managed_currencies: Sequence[CurrencyCode] | UnsetType = UNSET
    managed_locales: Sequence[LocaleCode] | UnsetType = UNSET


@frozen(kw_only=True)
class JobExecution(Entity):
    """A job that was started; the API tells no more of it than its number."""

    execution_id: str


@frozen(kw_only=True)
class Right(Entity):
    """What a user may do in a locale or channel."""

    code: str | None = None
    view: bool = False
    edit: bool = False


@frozen(kw_only=True)
class WorkflowStep(Entity):
    """One step of a workflow."""

    uuid: str
    code: str | None = None
    type: str | None = None
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])


@frozen(kw_only=True)
class Workflow(Entity):
    """A chain of steps that products go through. Source: Akeneo's documentation of workflows."""

    uuid: str
    code: str | None = None
    enabled: bool = False
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    steps: tuple[WorkflowStep, ...] = ()


@frozen(kw_only=True)
class Assignee(Entity):
    """Somebody who may do a step."""

    uuid: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = field(default=None, repr=False)  # personal


@frozen(kw_only=True)
class WorkflowTask(Entity):
    """A step that waits for somebody, for one product."""

    uuid: str
    status: str | None = None


@frozen(kw_only=True)
class UiExtension(Entity):
    """A button or frame that an App adds to the PIM. Source: Akeneo's documentation of UI extensions."""

    uuid: str
    name: str | None = None
    type: str | None = None
    position: str | None = None


@frozen(kw_only=True)
class UiExtensionPatch(Patch):
    """Changes to one extension; `uuid` is the PIM's, and not given at creation."""

    uuid: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    position: str | UnsetType = UNSET
    configuration: Mapping[str, object] | UnsetType = UNSET


@frozen(kw_only=True)
class RuleDefinition(Entity):
    """A rule of the PIM's rules engine. Seen in one client alone; experimental."""

    code: str
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    enabled: bool = False


@frozen(kw_only=True)
class RuleDefinitionPatch(Patch):
    """A whole rule: writing replaces it, what is not named is lost."""

    code: str
    labels: Mapping[LocaleCode, str | None] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    conditions: Sequence[Mapping[str, object]] | UnsetType = UNSET
    actions: Sequence[Mapping[str, object]] | UnsetType = UNSET


@frozen(kw_only=True)
class DataModelSuggestion(Entity):
    """A proposed change of the PIM's structure. Seen in one client alone; experimental."""

    uuid: str
    status: str | None = None
