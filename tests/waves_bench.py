"""A connector of three jobs: groups, shirts with their models, and tools that belong to the groups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.mapping import CATEGORIES, CODE, PARENT, CategoryMapping, ProductMapping, as_set, clean, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import Brakes, ErpToPim, SqliteState, SyncOptions, VariantsToPim, Waves
from shirts import TWO_LEVELS, Shirts, mapping, shirt
from world import Article, ListErp, row

GROUPS = CategoryMapping(Article, (Article.number >> sku()).to(CODE), Article.category.to(PARENT))
TOOLS = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell[str]("sku")),
    (Article.name >> clean()).to(Cell[str]("name")),
    (Article.category >> as_set()).to(CATEGORIES),
)
GROUP_ROWS: list[dict[str, object]] = [
    {"number": "tools", "category": "master"},
    {"number": "drills", "category": "tools"},
]
SHIRT_ROWS = [shirt(number) for number in range(9)]
TOOL_ROWS = [row(number, category="drills", name=f"Drill {number}") for number in range(5)]
STREAMS = ["categories", "models of products", "sub models of products", "products", "tools"]


def _nothing(_: str) -> None:
    pass


def connector(
    pim: AkeneoClient,
    state: SqliteState,
    folder: Path,
    *,
    groups: list[dict[str, object]] = GROUP_ROWS,
    shirts: list[dict[str, object]] = SHIRT_ROWS,
    tools: list[dict[str, object]] = TOOL_ROWS,
    tool_mapping: ProductMapping[Article] = TOOLS,
    brakes: Brakes | None = None,
    hook: Callable[[str], None] = _nothing,
) -> Waves:
    """Given in the order in which they cannot be written."""
    plain = SyncOptions(page_size=4, brakes=brakes or Brakes())
    named = SyncOptions(page_size=4, brakes=brakes or Brakes(), stream="tools")
    rows = folder / "rows.db"
    return Waves(
        VariantsToPim(Shirts(shirts), mapping(TWO_LEVELS), pim, state, rows=rows, options=plain, hook=hook),
        ErpToPim(ListErp(tools), tool_mapping, pim, state, options=named, hook=hook),
        ErpToPim(ListErp(groups), GROUPS, pim, state, options=plain, hook=hook),
    )
