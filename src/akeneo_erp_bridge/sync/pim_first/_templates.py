"""What `PimFirst` does with product models: the level above its variants, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, TypeVar

from attrs import define, evolve, field

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import PimStructure, Product
from akeneo_erp_bridge.codes import AttributeCode, ErpKey
from akeneo_erp_bridge.erp import ErpItem, ErpRef, ErpSchema, ItemWriter, WriteResult, column_of
from akeneo_erp_bridge.mapping import ItemMapping, Misfit, ProductMapping, family_variants
from akeneo_erp_bridge.mapping._shapes._levels import level_of
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._conflicts._policy import ConflictPolicy
from akeneo_erp_bridge.sync._drafts._matching import Adopt
from akeneo_erp_bridge.sync._reading._scope import Reads
from akeneo_erp_bridge.sync._state import RunKind
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._telling._announce import Announcer
from akeneo_erp_bridge.sync._writer import Hook
from akeneo_erp_bridge.sync.observe import RunObserver
from akeneo_erp_bridge.sync.options import SyncOptions
from akeneo_erp_bridge.sync.pim_first._edits import Edits, Memory
from akeneo_erp_bridge.sync.pim_first._export import Exporter
from akeneo_erp_bridge.sync.pim_first._level import ModelLevel, Wanted
from akeneo_erp_bridge.sync.pim_first._model_shelf import Model, ModelShelf
from akeneo_erp_bridge.sync.pim_first._models import Models
from akeneo_erp_bridge.sync.pim_first._outward import Outward
from akeneo_erp_bridge.sync.pim_first._own_cells import Known, own_of_models, with_code
from akeneo_erp_bridge.sync.pim_first._report import PimFirstReport
from akeneo_erp_bridge.sync.pim_first._returns import BoundItems, brought_back
from akeneo_erp_bridge.sync.pim_first._tag import Tag
from akeneo_erp_bridge.sync.report import SyncReport, Tally

TemplateT = TypeVar("TemplateT", bound=ErpItem)
ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S", bound=ErpItem)


@define
class ByCode(Generic[TemplateT]):
    """The ERP's writer of templates, whose keys are made of the codes of models: a product may have the same word for a name."""

    erp: ItemWriter[TemplateT]

    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        return self.erp.find_by_key(f"product_model:{idempotency_key}")

    def write_item(self, draft: TemplateT, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        key = f"product_model:{idempotency_key}"
        return self.erp.write_item(draft, idempotency_key=key, if_version=if_version)


@define
class Templates(Generic[TemplateT, ItemT]):
    """The models of a job."""

    models: Models[TemplateT, ItemT]
    pim: AkeneoClient
    tag: Tag
    variants: Memory
    policy: ConflictPolicy
    options: SyncOptions
    observers: tuple[RunObserver, ...]
    stop: Stop
    hook: Hook
    memory: Memory = field(init=False)
    _edits: Edits[TemplateT] | None = field(default=None, init=False)
    _out: SyncReport | None = field(default=None, init=False)
    _back: SyncReport | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        stream = f"{self.variants.out} models"
        self.memory = Memory(self.variants.state, stream, f"{stream} back")
        # products alone are adopted; models are bound
        self.options = evolve(self.options, stream=self.memory.back, adopt=Adopt())

    @property
    def beside(self) -> tuple[str, ...]:
        """What of it decides how variants are told."""
        return self.models.parent.spec.path, *sorted(str(one.cell.key) for one in self.models.out.bindings)

    def preflight(self, structure: PimStructure, message: Cell[str] | None) -> Iterator[Misfit]:
        """What does not fit the PIM or the ERP of templates."""
        schema = self.models.erp.describe()
        out, back = self.models.out, self.models.back
        yield from with_code(out, Known()).preflight(structure, schema)
        yield from with_code(back, Known()).preflight(structure, schema) if back is not out else ()
        yield from self._message(structure, AttributeCode(message.attribute)) if message is not None else ()

    def place(self, schema: ErpSchema) -> Iterator[Misfit]:
        """What does not fit the ERP of the variants."""
        path = self.models.parent.spec.path
        there = {one.name: one for one in schema.fields}
        found = there.get(path) or there.get(column_of(path))
        if schema.fields and (found is None or not found.writable):
            what = "is not there" if found is None else "cannot be written"
            words = f"field '{path}' of {schema.name}, which is to name the template of a variant, {what}"
            yield Misfit("models", "", words, "abort")

    def _message(self, structure: PimStructure, attribute: AttributeCode) -> Iterator[Misfit]:
        families = [code for code, family in structure.families.items() if attribute in family.attributes]
        for code, variant in (
            (c, v) for family in families for c, v in structure.family_variants.get(family, {}).items()
        ):
            if level_of(attribute, variant, structure, categories=0) != variant.levels:
                words = (
                    f"attribute '{attribute}' of the message is held by models in family variant '{code}', so the PIM would "
                    "drop what is written into a variant; put it on the variants' level"
                )
                yield Misfit("message", "", words, "abort")

    # ---- out ----
    def level(self, structure: PimStructure) -> ModelLevel[TemplateT, ItemT]:
        """The way out, for one structure of the PIM."""
        outward = Outward[TemplateT].of(self.models.out, structure, self.models.at_creation)
        attributes = tuple(sorted(outward.attributes | self.tag.attributes))
        shelf, wanted = ModelShelf(self.pim, attributes), Wanted(self.tag)
        exporter = Exporter[TemplateT](
            outward, ByCode(self.models.erp), shelf, wanted, self.memory, None, self._hook, self.stop,
            retry_parked=self.options.retry_parked,
        )  # fmt: skip
        path, given = self.models.parent.spec.path, self.models.variants_at_creation
        return ModelLevel(path, given, structure, shelf, exporter, wanted, self.variants)

    def _hook(self, name: str) -> None:
        self.hook(name.replace("export.", "template."))

    @contextmanager
    def told(
        self, announcer: Announcer, level: ModelLevel[TemplateT, ItemT], kind: RunKind, origin: str
    ) -> Generator[None]:
        """A run of the variants, whose models have an account of their own."""
        tally = Tally(kind=kind)
        with announcer.stream(self.memory.out, tally) as told:
            told.start()
            self.memory.state.bind(self.memory.out, f"models and {origin}", claim=True)
            level.begin(tally, announcer.run_id)
            yield
            self._out = told.close(None)

    # ---- back ----
    def bring_back(self, structure: PimStructure, reads: Reads) -> None:
        """What the ERP changed of the templates."""
        level = self.level(structure)
        edits = Edits(level.exporter.outward, level.exporter.erp, self.memory, self.policy)
        known = Known()
        mapping = own_of_models(self.models.back, known)

        def elsewhere(models: Mapping[ErpKey, Product]) -> dict[ErpKey, frozenset[str]]:
            found = level.shelf.models(list(models))
            return {key: _others(mapping, structure, found.get(key), 0) for key in models}

        items = BoundItems(
            self.models.erp, self.memory, level.shelf, mapping, edits, known, elsewhere,
            self.options.conflicts.look == "all",
        )  # fmt: skip
        self._edits = edits
        self._back = brought_back(
            items, self.pim, reads, options=self.options, observers=self.observers, stop=self.stop, hook=self.hook
        )

    def elsewhere(
        self, structure: PimStructure, mapping: ProductMapping[ItemT]
    ) -> Callable[[Mapping[ErpKey, Product]], dict[ErpKey, frozenset[str]]]:
        """Which cells of variants a model holds."""
        shelf = ModelShelf(self.pim, tuple(sorted(self.tag.attributes)) or (structure.identifier_attribute,))

        def told(products: Mapping[ErpKey, Product]) -> dict[ErpKey, frozenset[str]]:
            parents = {key: str(one.parent) for key, one in products.items() if one.parent}
            models = shelf.models(sorted(set(parents.values())))
            return {
                key: _others(mapping, structure, models.get(parents[key]), None) if key in parents else frozenset()
                for key in products
            }

        return told

    def report(self) -> PimFirstReport | None:
        """The accounts of the last run."""
        if self._out is None or self._back is None:
            return None
        edits = self._edits
        return PimFirstReport(
            self._out, self._back, () if edits is None else tuple(edits.cells), edits.count if edits else 0
        )


def _others(mapping: ItemMapping[S], structure: PimStructure, model: Model | None, level: int | None) -> frozenset[str]:
    """The cells that another level of the model's family variant holds than this one; `None` is that of the variants."""
    variant = family_variants(structure).get(str(model.variant)) if model is not None else None
    if variant is None:
        return frozenset()
    own = variant.levels if level is None else level
    cells = [one.cell for one in mapping.bindings]
    places = {cell.key: level_of(cell.attribute, variant, structure, categories=own) for cell in cells}
    fields = mapping.fields
    return frozenset(cell.key for cell in cells if cell.attribute not in fields and places[cell.key] not in (own, None))
