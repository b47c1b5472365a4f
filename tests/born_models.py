"""A PIM with models, an ERP with styles and articles, and what people do with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from akeneo_erp_bridge.codes import ProductModelCode
from akeneo_erp_bridge.sync.pim_first import Models, PimFirst, Tag
from akeneo_erp_bridge.testing import PimSimulator
from born_bench import SENT, BornBench
from born_erp import Article, BornStyles, Style, model, models_both_ways, variant


class ModelBench(BornBench):
    """The bench of products, and one level above it."""

    def __init__(self, folder: Path, simulator: PimSimulator | None = None) -> None:
        super().__init__(folder, simulator)
        self.styles = BornStyles(folder / "erp.db")

    def models(self) -> Models[Style, Article]:
        both = models_both_ways()
        return Models(self.styles, both, both, parent=Article.style, at_creation=[Style.unit.given("pc")])

    def job(self, tag: Tag = SENT, **more: Any) -> PimFirst[Article]:
        return super().job(tag, **{"models": self.models(), **more})

    def make_model(self, code: str, **more: Any) -> None:
        """A PIM user makes a model, or changes it."""
        self.simulator.load("/api/rest/v1/product-models", [model(code, **more)])

    def make_sub(self, code: str, parent: str, colour: str, **values: object) -> None:
        """A PIM user makes a sub model."""
        told = {"colour": colour, **values}
        given = {name: [{"locale": None, "scope": None, "data": data}] for name, data in told.items()}
        self.simulator.load("/api/rest/v1/product-models", [{"code": code, "parent": parent, "values": given}])

    def make_variant(self, uuid: str, number: str, parent: str, size: str, **more: Any) -> None:
        """A PIM user makes a variant."""
        made = {"uuid": uuid, **variant(number, parent, size, **more)}
        self.simulator.load("/api/rest/v1/products-uuid", [made])

    def edit_model(self, code: str, **values: object) -> None:
        """A PIM user changes a model."""
        told = {
            name: [{"locale": "en_US" if name == "name" else None, "scope": None, "data": data}]
            for name, data in values.items()
        }
        self.simulator.load("/api/rest/v1/product-models", [{"code": code, "values": told}])

    def model_value(self, code: str, attribute: str) -> object:
        return self.pim.product_models.get(ProductModelCode(code)).values.raw(
            attribute, locale="en_US" if attribute == "name" else None
        )
