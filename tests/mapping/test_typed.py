"""`pim.py` is what `typed_pim` makes of `pim_structure.py`: up to date, runnable, and the same each time."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.mapping.typed import Variant, typed_pim
from akeneo_erp_bridge.rules import Cell

HERE = Path(__file__).parents[1] / "typing"
STRUCTURE: PimStructure = runpy.run_path(str(HERE / "pim_structure.py"))["STRUCTURE"]


def made(structure: PimStructure, folder: Path) -> dict[str, Any]:
    page = folder / "pim.py"
    page.write_text(typed_pim(structure), encoding="utf-8")
    return runpy.run_path(str(page))


def test_the_page_is_up_to_date() -> None:
    kept = (HERE / "pim.py").read_text(encoding="utf-8")
    assert typed_pim(STRUCTURE) == kept, "tests/typing/pim.py is old: write typed_pim(STRUCTURE) to it"


def test_the_order_in_which_the_pim_lists_things_does_not_matter() -> None:
    turned = evolve(
        STRUCTURE,
        attributes=dict(reversed(STRUCTURE.attributes.items())),
        channels=dict(reversed(STRUCTURE.channels.items())),
        categories=dict(reversed((STRUCTURE.categories or {}).items())),
    )
    assert typed_pim(turned) == typed_pim(STRUCTURE)
    assert typed_pim(PimStructure.from_json(STRUCTURE.to_json())) == typed_pim(STRUCTURE)


def test_every_attribute_has_its_cell(tmp_path: Path) -> None:
    cells = made(STRUCTURE, tmp_path)["cells"]
    found = {one.attribute for name, one in vars(cells).items() if hasattr(one, "attribute")}
    assert found == set(STRUCTURE.attributes)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cells.weight", Cell("weight")),
        ("cells.name['en_US']", Cell("name", locale="en_US")),
        ("cells.teaser['print']", Cell("teaser", channel="print")),
        ("cells.description['de_DE', 'ecommerce']", Cell("description", "de_DE", "ecommerce")),
        ("cells.warning['fr_FR', 'print']", Cell("warning", "fr_FR", "print")),
        ("cells.class_", Cell("class")),
        ("cells.class__", Cell("class_")),
        ("cells.code__18v", Cell("18v")),
        ("cells.code__code__18v", Cell("code__18v")),
        ("cells.code___secret", Cell("_secret")),
        ("cells.Locale_", Cell("Locale")),
        ("cells.tuple_", Cell("tuple")),
        ("families.DRILLS", "drills"),
        ("options.colour.CODE__36", "36"),
        ("units.Weight.KILOGRAM", "KILOGRAM"),
        ("categories.TOOLS", "tools"),
        ("variants.BY_COLOUR_SIZE", Variant("drills", "by_colour_size", ("colour", "size"))),
    ],
)
def test_what_a_name_stands_for(expression: str, expected: object, tmp_path: Path) -> None:
    names = made(STRUCTURE, tmp_path)
    assert eval(expression, names) == expected


def test_an_attribute_of_inactive_locales_alone_has_no_place(tmp_path: Path) -> None:
    restricted = {
        code: evolve(one, available_locales=("it_IT",)) if one.available_locales else one
        for code, one in STRUCTURE.attributes.items()
    }
    text = typed_pim(evolve(STRUCTURE, attributes=restricted))
    assert '    legal = _t.PerLocale[_t.Text, Never]("legal")' in text
    assert '    warning = _t.PerLocaleAndChannel[_t.Text, tuple[Never, Never]]("warning")' in text
    made(evolve(STRUCTURE, attributes=restricted), tmp_path)


def test_an_empty_pim_gives_a_page_that_runs(tmp_path: Path) -> None:
    names = made(PimStructure(attributes={}), tmp_path)
    assert "categories" not in names, "nobody asked for them"
    assert {"cells", "families", "options", "units", "variants"} <= set(names)


def test_one_more_attribute_is_one_more_line() -> None:
    more = evolve(STRUCTURE.attributes["name"], code="name_2")
    before = typed_pim(STRUCTURE).splitlines()
    after = typed_pim(evolve(STRUCTURE, attributes={**STRUCTURE.attributes, more.code: more})).splitlines()
    assert [line for line in after if line not in before] == ['    name_2 = _t.PerLocale[_t.Text, Locale]("name_2")']
    assert len(after) == len(before) + 1
