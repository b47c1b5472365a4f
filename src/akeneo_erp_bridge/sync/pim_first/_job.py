"""`PimFirst`: products born in the PIM, exactly one ERP item each, and what comes back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any, Final, Generic, Literal, Never, TypeVar

from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, Given, PimFirstErp
from akeneo_erp_bridge.errors import ErpUnreachable, PimUnreachable, PreflightFailed, StateInUse, StopAsked
from akeneo_erp_bridge.mapping import ProductMapping
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._conflicts._policy import ConflictPolicy
from akeneo_erp_bridge.sync._occupied import occupied
from akeneo_erp_bridge.sync._reading._scope import Reads
from akeneo_erp_bridge.sync._state import HeldCell, RunKind, SyncState
from akeneo_erp_bridge.sync._stop import Stop
from akeneo_erp_bridge.sync._telling._announce import Announcer
from akeneo_erp_bridge.sync._writer import Hook, no_hook
from akeneo_erp_bridge.sync.observe import RunObserver
from akeneo_erp_bridge.sync.options import SyncOptions
from akeneo_erp_bridge.sync.pim_first._edits import Edits, Memory, decide
from akeneo_erp_bridge.sync.pim_first._export import Exporter
from akeneo_erp_bridge.sync.pim_first._memory_queue import MemoryQueue
from akeneo_erp_bridge.sync.pim_first._message import Message
from akeneo_erp_bridge.sync.pim_first._model_tags import ModelTags
from akeneo_erp_bridge.sync.pim_first._models import Models
from akeneo_erp_bridge.sync.pim_first._numbering import Numbering
from akeneo_erp_bridge.sync.pim_first._outward import Outward
from akeneo_erp_bridge.sync.pim_first._own_cells import Known, own_of_products
from akeneo_erp_bridge.sync.pim_first._poll import Poll
from akeneo_erp_bridge.sync.pim_first._preflight import mapping_misfits, sign_misfits, structure_for
from akeneo_erp_bridge.sync.pim_first._queue import WorkQueue
from akeneo_erp_bridge.sync.pim_first._report import PimFirstReport
from akeneo_erp_bridge.sync.pim_first._returns import BoundItems, brought_back
from akeneo_erp_bridge.sync.pim_first._shelf import Shelf
from akeneo_erp_bridge.sync.pim_first._skus import SkuMaker
from akeneo_erp_bridge.sync.pim_first._tag import Tag
from akeneo_erp_bridge.sync.pim_first._templates import Templates
from akeneo_erp_bridge.sync.pim_first._way import Way
from akeneo_erp_bridge.sync.report import SyncReport, Tally

__all__ = ["PimFirst"]

ItemT = TypeVar("ItemT", bound=ErpItem)

_OPEN: Final = 500
_OVERLAP: Final = timedelta(minutes=5)
_LOOK: Final = timedelta(milliseconds=200)
_POLL: Final = timedelta(minutes=1)
_BACK: Final = timedelta(minutes=5)
_LONGEST_PAUSE: Final = timedelta(minutes=1)


class PimFirst(Generic[ItemT]):
    """Brings products that were born in the PIM into the ERP, each exactly once, and what the ERP adds back to them.

    *out* gives the ERP what its two-way bindings say that the PIM owns; *back* fills the cells that the ERP owns, and no
    others, of products that are bound to an item. Both may be the same mapping. *tag* is how a person says which products
    are to go. *at_creation* are values of new items that the PIM does not know. *message* is a text of the product into
    which the ERP's words go when it refuses it; a success empties it. They go as the ERP said them, and an ERP may quote a
    price or a cost: *words* makes of them what the PIM is to hold, such as ``lambda said: "The ERP refused it."``.

    **Exactly one.** What is to be sent is noted first. The ERP is asked for what an earlier try made, by the product's
    UUID, before anything is written; the writer of the adapter makes one item for one key. Then product and item are bound,
    and only then the tag moves. Killed at any step, the next run goes on. **No loops.** What was written is remembered in
    both directions: a change of our own, whether a poll or an event tells of it, finds nothing to do.

    *skus* gives a SKU to a tagged product that has none: see `NewSkus`. Without it the PIM's users do, or the PIM's own
    identifier generator; a product that has none is told so.

    *models* brings product models along, as templates of which the variants are items: see `Models`. Without it, a variant
    goes out as any other product, with the values of its models.

    *queue* is where events are put, by a receiver in this process or another; without one all is found by polling. What
    the events missed, the poll repairs. *overlap* is how far a poll looks back before the last change that it saw.

    *edits* is what becomes of a field that the PIM owns and somebody changed in the ERP: ``"overwrite"`` gives the ERP the
    PIM's value again, ``"hold"`` waits for a person's `resolve`, ``"report"`` leaves it until the PIM's value changes; all are in
    the report.

    `stream` names the memory in the state: the way out under this name, the way back under *name* ``back``. *options* are
    those of the way back; ``retry_parked`` counts for both. Raises `PreflightFailed` with all that does not fit,
    `MappingError` where nothing goes out.

    Source: Akeneo's ERP guide, App workflows, on products that are born in the PIM.

    >>> from akeneo_erp_bridge import Cell, ErpItem, ProductMapping, SqliteState
    >>> from akeneo_erp_bridge.catalog import ProductPatch, Value
    >>> from akeneo_erp_bridge.codes import AttributeCode
    >>> from akeneo_erp_bridge.erp import cold, two_way
    >>> from akeneo_erp_bridge.rules import Owner, same
    >>> from akeneo_erp_bridge.sync.pim_first import BooleanTag
    >>> from akeneo_erp_bridge.testing import ErpSimulator, PimSimulator
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     note = cold(str, "note")
    >>> shared = ProductMapping(
    ...     Article,
    ...     two_way(Article.number, same(str), Cell("sku"), owner=Owner.PIM),  # goes out
    ...     Article.note.to(Cell("supplier_note")),  # comes back
    ... )
    >>> erp, simulator = ErpSimulator(Article, defaults={"note": "to be weighed"}), PimSimulator(sample=True)
    >>> to_erp = {"code": "to_erp", "type": "pim_catalog_boolean", "group": "other"}
    >>> simulator.load("/api/rest/v1/attributes", [to_erp])
    >>> with simulator.client() as pim, SqliteState(":memory:") as state:
    ...     tagged = Value(AttributeCode("to_erp"), data=True), Value(AttributeCode("sku"), "DR-18")
    ...     _ = pim.products.upsert(ProductPatch(uuid="9e2c8a54-7d1f-4b0e-8a55-0d6c1f0a7b11", values=tagged))  # a user tags it
    ...     job = PimFirst(erp.adapter(), shared, shared, pim, state, tag=BooleanTag("to_erp"))
    ...     print(job.run().out.created, erp.rows)
    ...     product = pim.products.get("9e2c8a54-7d1f-4b0e-8a55-0d6c1f0a7b11").values
    ...     print(product.boolean("to_erp"), product.text("supplier_note"))
    1 {'DR-18': {'note': 'to be weighed', 'number': 'DR-18'}}
    False to be weighed
    """

    def __init__(
        self,
        erp: PimFirstErp[ItemT],
        out: ProductMapping[ItemT],
        back: ProductMapping[ItemT],
        pim: AkeneoClient,
        state: SyncState,
        *,
        tag: Tag,
        message: Cell[str] | None = None,
        words: Callable[[str], str] | None = None,
        at_creation: Sequence[Given[ItemT]] = (),
        skus: SkuMaker | None = None,
        models: Models[Any, ItemT] | None = None,  # Any: of whatever class templates are
        queue: WorkQueue | None = None,
        stream: str = "exports",
        overlap: timedelta = _OVERLAP,
        edits: ConflictPolicy = "overwrite",
        options: SyncOptions | None = None,
        observers: Sequence[RunObserver] = (),
        stop: Stop | None = None,
        hook: Hook | None = None,
    ) -> None:
        self.erp = erp
        self.out = out
        self.back = back
        self.pim = pim
        self.state = state
        self.tag = tag
        self.message = message
        self.words = words
        self.at_creation = tuple(at_creation)
        self.skus = skus
        self.queue: WorkQueue = MemoryQueue() if queue is None else queue
        self.stream = stream
        self.overlap = overlap
        self.edits: ConflictPolicy = edits
        self.options = evolve(options or SyncOptions(), stream=f"{stream} back")
        self.observers = observers
        self.stop = stop or Stop()
        self.hook = hook or no_hook
        self._memory = Memory(state, stream, f"{stream} back")
        self._edits: Edits[ItemT] | None = None
        self._templates: Templates[Any, ItemT] | None = None  # Any: as above
        if models is not None:
            self._templates = Templates(
                models, pim, tag, self._memory, edits, self.options, tuple(observers), self.stop, self.hook
            )

    def preflight(self) -> PimStructure:
        """Read the PIM's structure and check mappings, tag and message against it and the ERP's schema, as each run does.

        Raises `PreflightFailed` with all that does not fit.
        """
        structure, schema = structure_for(self.tag, self.pim), self.erp.describe()
        misfits = [*mapping_misfits(self.out, self.back, structure, schema)]
        misfits += sign_misfits(self.tag, self.message, structure)
        if self._templates is not None:
            misfits += [*self._templates.place(schema), *self._templates.preflight(structure, self.message)]
        if misfits:
            raise PreflightFailed(misfits)
        return structure

    def run(self, *, reads: Reads = "new") -> PimFirstReport:
        """Both ways, once: poll, export, and bring back. ``reads="all"`` looks at every tagged and bound product again."""
        both = uuid.uuid4().hex
        with occupied(self.state, self.stream, both):  # nobody comes in between the two
            out = self._polled(reads, both)[1]
            back = self._bring_back(self._way(), reads)
        edits, models = self._edits, self._templates.report() if self._templates is not None else None
        if edits is None:
            return PimFirstReport(out, back, models=models)
        return PimFirstReport(out, back, tuple(edits.cells), edits.count, models)

    def export(self, *, reads: Reads = "new") -> SyncReport:
        """The way out alone: what is tagged, and what changed of what the ERP has."""
        return self._polled(reads)[1]

    def export_queued(self) -> SyncReport:
        """What waits in the queue alone, as events put it there: the PIM is not searched."""
        # it may run each second: no history is kept
        return self._export_queued(self._way(), Announcer(self.observers, "run", self.state, keeps_history=False))

    def export_some(self, products: Sequence[str]) -> SyncReport:
        """The way out of these products, by UUID or identifier, and of what waits in the queue: the PIM is not searched.

        Of these, too, only what is tagged or bound goes out. The next poll begins where it would have begun.
        """
        announcer = Announcer(self.observers, "run", self.state)
        with announcer.whole(self.stream):
            way = self._way()
            self.queue.put(("product", one) for one in products)
            return self._export_queued(way, announcer, "partial")

    def bring_back(self, *, reads: Reads = "new") -> SyncReport:
        """The way back alone: what the ERP changed of what it has of us."""
        # it looks after what was told on the way out, too
        with occupied(self.state, self.stream, uuid.uuid4().hex):
            return self._bring_back(self._way(), reads)

    def resolve(self, product: str, cell: Cell[Never] | str, *, take: Literal["erp", "pim"]) -> HeldCell:
        """Decide a cell that is held since somebody changed it in the ERP, though the PIM owns it. Gives what was decided.

        ``"pim"``: the next export gives the ERP the PIM's value. ``"erp"``: the ERP's stands until the PIM's changes. Raises
        `StateError` where nothing is held for that product, which is named by its UUID, or model, by its code, and cell, and
        `StateInUse` while a run of this program has the stream.
        """
        memory, key = self._memory, ErpKey(product)
        if self._templates is not None and self.state.held_among(self._templates.memory.out, [key]):
            memory = self._templates.memory
        with occupied(self.state, self.stream, uuid.uuid4().hex):
            return decide(memory, key, cell if isinstance(cell, str) else cell.key, take)

    def follow(
        self,
        *,
        look: timedelta = _LOOK,
        poll: timedelta = _POLL,
        back: timedelta = _BACK,
        longest_pause: timedelta = _LONGEST_PAUSE,
    ) -> None:
        """Run until `stop` is asked: the queue is looked at each *look*, the PIM each *poll*, the ERP each *back*.

        A PIM or an ERP that does not answer is no end: pauses double up to *longest_pause*. While another run of this
        program has the stream, such as `export_some`, it waits. Anything else that a run raises ends it, and goes to the
        caller.
        """
        polled = returned = float("-inf")
        way: Way[ItemT] | None = None
        pause = look
        while not self.stop.is_requested:
            try:
                now = time.monotonic()
                if way is None or now - polled >= poll.total_seconds():
                    way, _ = self._polled("new")
                    polled = now
                elif len(self.queue):
                    self._export_queued(way, Announcer(self.observers, "run", self.state, keeps_history=False))
                if now - returned >= back.total_seconds():
                    self.bring_back()
                    returned = now
                pause = look
            except StopAsked:
                return
            except StateInUse as error:
                if error.stream is None:
                    raise  # another program has the state
            except (ErpUnreachable, PimUnreachable):
                pause = min(max(pause, look) * 2, longest_pause)  # its observers were told
            self.stop.wait(pause)

    # ---- inside ----
    def _bring_back(self, way: Way[ItemT], reads: Reads) -> SyncReport:
        if self._templates is not None:
            self._templates.bring_back(way.structure, reads)
        edits = Edits(way.outward, self.erp, self._memory, self.edits)
        known, templates = Known(), self._templates
        back = self.back if templates is None else own_of_products(self.back, known)
        elsewhere = None if templates is None else templates.elsewhere(way.structure, self.back)
        looks_at_all = self.options.conflicts.look == "all"
        items = BoundItems(self.erp, self._memory, way.shelf, back, edits, known, elsewhere, looks_at_all)
        self._edits = edits
        return brought_back(
            items, self.pim, reads, options=self.options, observers=self.observers, stop=self.stop, hook=self.hook
        )

    def _polled(self, reads: Reads, part_of: str | None = None) -> tuple[Way[ItemT], SyncReport]:
        announcer = Announcer(self.observers, "run", self.state, part_of=part_of)
        with announcer.whole(self.stream):
            way = self._way()
            return way, self._export(way, announcer, reads)

    def _export(self, way: Way[ItemT], announcer: Announcer, reads: Reads) -> SyncReport:
        tally = Tally(kind="full" if reads == "all" else "delta")
        with self._over(way, announcer, tally.kind), announcer.stream(self.stream, tally) as told:
            told.start()
            self.state.bind(self.stream, self._origin(), claim=True)
            context = way.outward.context
            poll = Poll(self.pim, self.tag, self.state, self.stream, context, self.overlap, way.shelf.attributes)
            poll.begin(anew=reads == "all" or self.options.retry_parked)

            def take(refs: Sequence[str]) -> None:
                self.queue.put(("product", ref) for ref in refs)
                self.hook("export.queued")
                way.drain(tally, told, announcer.run_id, poll)

            poll.run(take, self._begun())
            if way.level is not None:
                way.level.poll(poll.after, poll.met, announcer.run_id)
            way.drain(tally, told, announcer.run_id, poll)
            poll.settle(announcer.run_id)
            tally.waiting += self.state.finish(self.stream, announcer.run_id, covers_all=False)
            self.hook("export.polled")
            return told.close(None)

    def _export_queued(self, way: Way[ItemT], announcer: Announcer, kind: RunKind = "delta") -> SyncReport:
        tally = Tally(kind=kind)
        with self._over(way, announcer, tally.kind), announcer.stream(self.stream, tally) as told:
            told.start()
            self.state.bind(self.stream, self._origin(), claim=True)
            for some in self._begun():
                self.queue.put(("product", ref) for ref in some)
                way.drain(tally, told, announcer.run_id, None)
            way.drain(tally, told, announcer.run_id, None)
            return told.close(None)

    def _begun(self) -> Iterator[list[str]]:
        """What a killed run had begun, and what the ERP gave no answer for, some at a time."""
        last = ""
        while some := self.state.open_intents(self.stream, last, _OPEN):
            last = some[-1]
            yield [str(key) for key in some]

    def _over(self, way: Way[ItemT], announcer: Announcer, kind: RunKind) -> AbstractContextManager[None]:
        if self._templates is None or way.level is None:
            return nullcontext()
        return self._templates.told(announcer, way.level, kind, self._origin())

    def _way(self) -> Way[ItemT]:
        structure = self.preflight()
        level = self._templates.level(structure) if self._templates is not None else None
        beside = self._templates.beside if self._templates is not None else ()
        outward = Outward[ItemT].of(self.out, structure, self.at_creation, beside)
        wanted = {*outward.attributes, *self.tag.attributes}
        message: Message | None = None
        if self.message is not None:
            wanted.add(self.message.attribute)
            message = Message.of(self.message, self.words, self.out.source, self.at_creation)
        identifier = structure.identifier_attribute
        wanted.add(identifier)
        # what a SKU is made of, nobody knows before: then all values are read
        shelf = Shelf(self.pim, identifier, self.tag.params, tuple(sorted(wanted)) if self.skus is None else ())
        numbering = None if self.skus is None else Numbering(self.skus, shelf, identifier, self.hook)
        exporter = Exporter(
            outward, self.erp, shelf, self.tag, self._memory, message, self.hook, self.stop,
            numbering, placing=level, retry_parked=self.options.retry_parked,
            model_tags=ModelTags.of(self.tag, self.pim) if level is None else None,
        )  # fmt: skip
        return Way(structure, outward, shelf, exporter, level, self.queue, self._memory, self.stop)

    def _origin(self) -> str:
        return f"products of the PIM {self.pim.url} for {self.out.source.__name__} items"
