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
    """A selection of products for an App. Source: Akeneo's documentation of catalogs for Apps.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> shop = decode(Catalog, {"id": "6f1c7d4e", "name": "Web shop", "enabled": False})
    >>> shop.enabled  # until a PIM user switches it on
    False
    """

    id: str
    name: str | None = None
    enabled: bool = False
    managed_currencies: tuple[CurrencyCode, ...] = ()
    managed_locales: tuple[LocaleCode, ...] = ()


@frozen(kw_only=True)
class CatalogPatch(Patch):
    """Changes to one catalog; `id` is the PIM's, and not given at creation.

    Source: Akeneo's documentation of catalogs for Apps.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(CatalogPatch(name="Web shop", managed_locales=[LocaleCode("en_US")]))
    {'name': 'Web shop', 'managed_locales': ['en_US']}
    """

    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    managed_currencies: Sequence[CurrencyCode] | UnsetType = UNSET
    managed_locales: Sequence[LocaleCode] | UnsetType = UNSET


@frozen(kw_only=True)
class JobExecution(Entity):
    """A job that was started; the API tells no more of it than its number, and some PIMs not even that (`None`).

    Source: Akeneo's documentation of the jobs resource.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> decode(JobExecution, {"execution_id": "17"}).execution_id
    '17'
    """

    execution_id: str | None = None


@frozen(kw_only=True)
class Right(Entity):
    """What a user may do in a locale or channel.

    Source: Akeneo's documentation of permissions.

    >>> rights = [Right(code="de_DE", view=True, edit=True), Right(code="en_US", view=True)]
    >>> [right.code for right in rights if right.edit]
    ['de_DE']
    """

    code: str | None = None
    view: bool = False
    edit: bool = False


@frozen(kw_only=True)
class WorkflowStep(Entity):
    """One step of a workflow.

    Source: Akeneo's documentation of workflows.

    >>> WorkflowStep(uuid="6f1c7d4e", code="texts", type="enrich").type
    'enrich'
    """

    uuid: str
    code: str | None = None
    type: str | None = None
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])


@frozen(kw_only=True)
class Workflow(Entity):
    """A chain of steps that products go through. Source: Akeneo's documentation of workflows.

    >>> steps = (WorkflowStep(uuid="8a02", code="texts"), WorkflowStep(uuid="8a03", code="approval"))
    >>> [step.code for step in Workflow(uuid="8a01", code="new_products", steps=steps).steps]
    ['texts', 'approval']
    """

    uuid: str
    code: str | None = None
    enabled: bool = False
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    steps: tuple[WorkflowStep, ...] = ()


@frozen(kw_only=True)
class Assignee(Entity):
    """Somebody who may do a step.

    Source: Akeneo's documentation of workflows.

    >>> Assignee(uuid="8a04", first_name="Julia", email="julia@example.com")
    Assignee(extra={}, uuid='8a04', first_name='Julia', last_name=None)
    """

    uuid: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = field(default=None, repr=False)  # personal


@frozen(kw_only=True)
class WorkflowTask(Entity):
    """A step that waits for somebody, for one product.

    Source: Akeneo's documentation of workflows.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> task = decode(WorkflowTask, {"uuid": "8a05", "status": "in_progress", "product_uuid": "0b9c8f1e"})
    >>> task.status, task.extra["product_uuid"]
    ('in_progress', '0b9c8f1e')
    """

    uuid: str
    status: str | None = None


@frozen(kw_only=True)
class UiExtension(Entity):
    """A button or frame that an App adds to the PIM. Source: Akeneo's documentation of UI extensions.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> decode(UiExtension, {"uuid": "8a06", "name": "stock", "configuration": {"url": "https://erp.example.com"}}).extra
    {'configuration': {'url': 'https://erp.example.com'}}
    """

    uuid: str
    name: str | None = None
    type: str | None = None
    position: str | None = None


@frozen(kw_only=True)
class UiExtensionPatch(Patch):
    """Changes to one extension; `uuid` is the PIM's, and not given at creation.

    Source: Akeneo's documentation of UI extensions.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(UiExtensionPatch(name="stock", type="iframe", configuration={"url": "https://erp.example.com/stock"}))
    {'name': 'stock', 'type': 'iframe', 'configuration': {'url': 'https://erp.example.com/stock'}}
    """

    uuid: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    position: str | UnsetType = UNSET
    configuration: Mapping[str, object] | UnsetType = UNSET


@frozen(kw_only=True)
class RuleDefinition(Entity):
    """A rule of the PIM's rules engine. Seen in one client alone; experimental.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> decode(RuleDefinition, {"code": "names", "enabled": True, "priority": 10}).extra
    {'priority': 10}
    """

    code: str
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    enabled: bool = False


@frozen(kw_only=True)
class RuleDefinitionPatch(Patch):
    """A whole rule: writing replaces it, what is not named is lost.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> action = {"type": "set", "field": "enabled", "value": True}
    >>> encode(RuleDefinitionPatch(code="switch_on", conditions=[], actions=[action]))
    {'code': 'switch_on', 'conditions': [], 'actions': [{'type': 'set', 'field': 'enabled', 'value': True}]}
    """

    code: str
    labels: Mapping[LocaleCode, str | None] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    conditions: Sequence[Mapping[str, object]] | UnsetType = UNSET
    actions: Sequence[Mapping[str, object]] | UnsetType = UNSET


@frozen(kw_only=True)
class DataModelSuggestion(Entity):
    """A proposed change of the PIM's structure. Seen in one client alone; experimental.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> decode(DataModelSuggestion, {"uuid": "8a07", "status": "pending"}).status
    'pending'
    """

    uuid: str
    status: str | None = None
