"""How a PIM user says that the ERP is to get a product, and sees that it has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, Literal, Protocol, TypeAlias, cast

from attrs import define, field, frozen

from akeneo_erp_bridge.akeneo import AkeneoClient, TaskStatus
from akeneo_erp_bridge.akeneo.filters import Filter, attribute
from akeneo_erp_bridge.akeneo.filters import Product as ProductFilter
from akeneo_erp_bridge.catalog import AttributeType, JsonValue, PimStructure, Product, Value
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, ChannelCode, OptionCode
from akeneo_erp_bridge.sync.pim_first._shelf import Asked, ref_of, search

__all__ = [
    "BooleanTag",
    "CategoryTag",
    "CompletenessTag",
    "SelectTag",
    "Tag",
    "TagChange",
    "TagOutcome",
    "WorkflowTag",
]

TagOutcome: TypeAlias = Literal["exported", "failed"]
"""What became of a product that waited: the ERP has it, or it refused it."""


@frozen(kw_only=True)
class TagChange:
    """What a tag changes of a product: values, and all its categories where those change.

    >>> TagChange(categories=(CategoryCode("in_erp"),))
    TagChange(values=(), categories=('in_erp',))
    """

    values: tuple[Value, ...] = ()
    categories: tuple[CategoryCode, ...] | None = None


_NOTHING: Final = TagChange()


class Tag(Protocol):
    """A sign on a product. Its methods are called by `PimFirst`; a tag of your own has the same ones.

    Source: Akeneo's ERP guide, App workflows: new products are tagged, so that they are exported by themselves.
    """

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes that it looks at."""
        ...

    @property
    def params(self) -> Asked:
        """What products are to be read with, such as ``{"with_completenesses": True}``."""
        ...

    @property
    def moves_on_failure(self) -> bool:
        """Whether a product that the ERP refused waits no more, until a person tags it again."""
        ...

    def check(self, structure: PimStructure) -> Iterator[str]:
        """What does not fit the PIM, in words."""
        ...

    def find(self, pim: AkeneoClient, since: datetime | None) -> Iterator[str]:
        """The UUIDs (identifiers, before 7.0) of products that wait. *since*: those that changed after it are enough,
        for a tag that does not move.
        """
        ...

    def is_waiting(self, product: Product) -> bool:
        """Whether this product, as it is now, is to be exported."""
        ...

    def moved(self, product: Product, outcome: TagOutcome) -> TagChange:
        """How the tag moves when the ERP has the product, or has refused it.

        A tag that moves by itself, and not by values, may raise `PimRefused`: that is told, and the others go on.
        """
        ...


class Plain(Tag):
    """What most tags have in common: they look at no attribute, need no parameter, and fit each PIM."""

    @property
    def attributes(self) -> frozenset[str]:
        return frozenset()

    @property
    def params(self) -> Asked:
        return {}

    def check(self, structure: PimStructure) -> Iterator[str]:
        yield from ()


@frozen
class BooleanTag(Plain):
    """A yes/no attribute that a user sets: *Send to the ERP*. It goes back to no when the ERP has the product.

    A product that the ERP refuses keeps its yes, and is tried again when it changes. Source: see `Tag`.

    >>> tag = BooleanTag("send_to_erp")
    >>> tag.moved(Product(), "exported").values
    (Value(attribute='send_to_erp', data=False, locale=None, channel=None),)
    """

    attribute: str

    @property
    def moves_on_failure(self) -> bool:
        return False

    @property
    def attributes(self) -> frozenset[str]:
        return frozenset({self.attribute})

    def check(self, structure: PimStructure) -> Iterator[str]:
        yield from _is_of_type(structure, self.attribute, AttributeType.BOOLEAN)

    def find(self, pim: AkeneoClient, since: datetime | None) -> Iterator[str]:
        yield from _found(pim, attribute(self.attribute).equals(value=True), self.attributes)

    def is_waiting(self, product: Product) -> bool:
        return product.values.raw(self.attribute) is True

    def moved(self, product: Product, outcome: TagOutcome) -> TagChange:
        if outcome == "failed":
            return _NOTHING
        return TagChange(values=(Value(AttributeCode(self.attribute), data=False),))


@frozen
class SelectTag(Plain):
    """A simple select that tells where a product stands: *to export*, *exported*, *failed*. Source: see `Tag`.

    >>> tag = SelectTag("erp_state", waiting="to_export", exported="exported", failed="failed")
    >>> tag.moved(Product(), "failed").values[0].data
    'failed'
    """

    attribute: str
    waiting: str = field(kw_only=True)
    exported: str = field(kw_only=True)
    failed: str = field(kw_only=True)

    @property
    def moves_on_failure(self) -> bool:
        return True

    @property
    def attributes(self) -> frozenset[str]:
        return frozenset({self.attribute})

    def check(self, structure: PimStructure) -> Iterator[str]:
        yield from _is_of_type(structure, self.attribute, AttributeType.SIMPLE_SELECT)
        known = structure.options.get(AttributeCode(self.attribute))
        for option in (self.waiting, self.exported, self.failed):
            if known is not None and OptionCode(option) not in known:
                yield f"attribute '{self.attribute}' has no option '{option}'; make it, or name another"
        if len({self.waiting.lower(), self.exported.lower(), self.failed.lower()}) < 3:
            yield f"tag '{self.attribute}': waiting, exported and failed are three options"

    def find(self, pim: AkeneoClient, since: datetime | None) -> Iterator[str]:
        yield from _found(pim, attribute(self.attribute).in_(self.waiting), self.attributes)

    def is_waiting(self, product: Product) -> bool:
        found = product.values.raw(self.attribute)
        return isinstance(found, str) and found.lower() == self.waiting.lower()

    def moved(self, product: Product, outcome: TagOutcome) -> TagChange:
        data = self.exported if outcome == "exported" else self.failed
        return TagChange(values=(Value(AttributeCode(self.attribute), data),))


@frozen
class CategoryTag(Plain):
    """A category that a user puts a product into. The product leaves it for *exported* or *failed*, where they are named.

    Without *failed* a refused product stays, and is tried again when it changes. Its other categories stay as they are.
    Source: see `Tag`.

    >>> tag = CategoryTag("to_erp", exported="in_erp")
    >>> tag.moved(Product(categories=(CategoryCode("drills"), CategoryCode("to_erp"))), "exported").categories
    ('drills', 'in_erp')
    """

    category: str
    exported: str | None = field(default=None, kw_only=True)
    failed: str | None = field(default=None, kw_only=True)

    @property
    def moves_on_failure(self) -> bool:
        return self.failed is not None

    def check(self, structure: PimStructure) -> Iterator[str]:
        for code in (self.category, self.exported, self.failed):
            if code is not None and structure.categories and CategoryCode(code) not in structure.categories:
                yield f"the PIM has no category '{code}'; make it, or name another"

    def find(self, pim: AkeneoClient, since: datetime | None) -> Iterator[str]:
        yield from _found(pim, ProductFilter.categories.in_(self.category))

    def is_waiting(self, product: Product) -> bool:
        return self.category.lower() in {code.lower() for code in product.categories}

    def moved(self, product: Product, outcome: TagOutcome) -> TagChange:
        goal = self.exported if outcome == "exported" else self.failed
        if goal is None and outcome == "failed":
            return _NOTHING
        ours = {code.lower() for code in (self.category, self.exported, self.failed) if code is not None}
        others = tuple(code for code in product.categories if code.lower() not in ours)
        return TagChange(categories=(*others, CategoryCode(goal)) if goal is not None else others)


@frozen
class CompletenessTag(Plain):
    """No sign at all: a product is exported when a channel finds it complete, in all of the *locales*.

    Nothing moves. A product that is complete and was refused by the ERP is tried again when it changes. One whose item was
    deleted in the ERP is made anew when a person switches it on again, and where `SyncOptions` leaves it on, when it
    changes. A poll looks at products that changed since the last one; what becomes complete since its family asks for less
    is found by ``run(reads="all")``. From PIM 6.0 on. Source: Akeneo's documentation of filters, on completeness.

    >>> CompletenessTag("erp", locales=("en_US",)).moved(Product(), "exported")
    TagChange(values=(), categories=None)
    """

    channel: str
    locales: tuple[str, ...] = field(kw_only=True)

    @property
    def moves_on_failure(self) -> bool:
        return False

    @property
    def params(self) -> Asked:
        return {"with_completenesses": True}

    def check(self, structure: PimStructure) -> Iterator[str]:
        if ChannelCode(self.channel) not in structure.channels:
            yield f"the PIM has no channel '{self.channel}' to be complete for"
        if not self.locales:
            yield f"completeness for '{self.channel}' needs at least one locale"

    def find(self, pim: AkeneoClient, since: datetime | None) -> Iterator[str]:
        where = ProductFilter.completeness.at_least(100, channel=self.channel, locales=self.locales)
        if since is not None:
            where &= ProductFilter.updated.since(since, zone=since.tzinfo or UTC)
        yield from _found(pim, where)

    def is_waiting(self, product: Product) -> bool:
        # the cast: fields that a model has no name for are JSON as it came; whatever else it is is no completeness
        told = cast("JsonValue", product.extra.get("completenesses"))
        complete = {
            str(one.get("locale"))
            for one in (told if isinstance(told, list) else ())
            if isinstance(one, Mapping) and one.get("scope") == self.channel and one.get("data") == 100
        }
        return complete.issuperset(self.locales)

    def moved(self, product: Product, outcome: TagOutcome) -> TagChange:
        return _NOTHING


@define
class WorkflowTag(Plain):
    """A step of a workflow: what waits there is exported, and its task is decided. Cloud PIMs, Enterprise Edition.

    *step* is the UUID of the step. `exported` is what becomes of the task when the ERP has the product; a refused
    product's task becomes `failed`, where that is given, and else waits. Tasks are found by the poll alone: an event
    tells nothing of them. Source: Akeneo's documentation of workflows.

    >>> WorkflowTag("3f1c", exported="approved", failed="rejected").moves_on_failure
    True
    """

    step: str
    exported: TaskStatus = field(default="completed", kw_only=True)
    failed: TaskStatus | None = field(default=None, kw_only=True)
    _tasks: dict[str, str] = field(factory=dict[str, str], init=False, repr=False)
    _pim: AkeneoClient | None = field(default=None, init=False, repr=False)

    @property
    def moves_on_failure(self) -> bool:
        return self.failed is not None

    def find(self, pim: AkeneoClient, since: datetime | None) -> Iterator[str]:
        self._pim = pim
        self._tasks.clear()
        for task in pim.workflows.tasks().list(where={"step_uuid": [{"operator": "=", "value": self.step}]}):
            product = task.extra.get("product_uuid")
            if task.status == "in_progress" and isinstance(product, str):
                self._tasks[product] = task.uuid
                yield product

    def is_waiting(self, product: Product) -> bool:
        return ref_of(product) in self._tasks

    def moved(self, product: Product, outcome: TagOutcome) -> TagChange:
        status = self.exported if outcome == "exported" else self.failed
        task = self._tasks.get(ref_of(product))
        if self._pim is not None and task is not None and status is not None:
            self._pim.workflows.decide(task, status)
            del self._tasks[ref_of(product)]
        return _NOTHING


def is_wanted(tag: Tag, product: Product, *, was_there: bool, is_gone: bool) -> bool:
    """Whether somebody wants the ERP to have this product, which *was there* before, and perhaps *is gone* since.

    A tag that never moves says nothing anew of what the ERP once had. There a product that is switched on again is wanted
    again: with its item it was switched off.
    """
    if isinstance(tag, CompletenessTag) and (was_there or is_gone):
        return is_gone and product.enabled is True and tag.is_waiting(product)
    return tag.is_waiting(product)


def _found(pim: AkeneoClient, where: Filter, attributes: frozenset[str] = frozenset()) -> Iterator[str]:
    for product in search(pim, where, attributes=sorted(attributes)):
        yield ref_of(product)


def _is_of_type(structure: PimStructure, code: str, wanted: str) -> Iterator[str]:
    attribute = structure.attributes.get(AttributeCode(code))
    if attribute is None:
        yield f"the PIM has no attribute '{code}' for the tag; make one of type {wanted}"
    elif attribute.type != wanted:
        yield f"attribute '{code}' of the tag is {attribute.type}, and has to be {wanted}"
    elif attribute.localizable or attribute.scopable:
        yield f"attribute '{code}' of the tag has a value for each locale or channel; a tag has one"
