"""The PIM as Python names: a module made of its structure, in which a type checker finds a wrong attribute.

`typed_pim` writes it; the classes and aliases here are what it is made of.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, Generic, TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import (
    Attribute,
    AttributeType,
    FamilyVariant,
    JsonObject,
    Metric,
    PimStructure,
    Price,
    ProductLink,
)
from akeneo_erp_bridge.codes import MeasurementFamilyCode
from akeneo_erp_bridge.mapping._names import constant_of, named
from akeneo_erp_bridge.rules import Cell

__all__ = [
    "Amount",
    "Assets",
    "Cell",
    "Codes",
    "Day",
    "Flag",
    "Link",
    "Measurement",
    "PerChannel",
    "PerLocale",
    "PerLocaleAndChannel",
    "Prices",
    "Rows",
    "Text",
    "Unknown",
    "Variant",
    "Whole",
    "typed_pim",
]

K = TypeVar("K", bound=str)
T_contra = TypeVar("T_contra", contravariant=True)
L_contra = TypeVar("L_contra", bound=str, contravariant=True)
C_contra = TypeVar("C_contra", bound=str, contravariant=True)
P_contra = TypeVar("P_contra", bound=tuple[str, str], contravariant=True)

# What an attribute of each type takes. The generated module says `_t.Text` where an attribute may be called `str`.
Text: TypeAlias = str
"""Texts, identifiers, files, and the code of one option or record."""
Codes: TypeAlias = frozenset[str]
"""The codes of several options or records."""
Assets: TypeAlias = tuple[str, ...]
"""The codes of assets, in order."""
Flag: TypeAlias = bool
"""Yes or no."""
Day: TypeAlias = datetime.date
"""A date."""
Amount: TypeAlias = Decimal | int
"""A number of an attribute that allows decimals."""
Whole: TypeAlias = int
"""A number of an attribute that does not."""
Measurement: TypeAlias = Metric
"""An amount and its unit."""
Prices: TypeAlias = tuple[Price, ...]
"""A price collection."""
Rows: TypeAlias = Sequence[JsonObject]
"""The rows of a table."""
Link: TypeAlias = ProductLink
"""A link to a product or product model."""
Unknown: TypeAlias = object
"""Of an attribute type that this package does not know: whatever the PIM takes."""


@frozen
class PerLocale(Generic[T_contra, L_contra]):
    """An attribute with a value for each locale: ``cells.name["en_US"]``."""

    attribute: str

    def __getitem__(self, locale: L_contra) -> Cell[T_contra]:
        return Cell(self.attribute, locale=locale)


@frozen
class PerChannel(Generic[T_contra, C_contra]):
    """An attribute with a value for each channel: ``cells.teaser["ecommerce"]``."""

    attribute: str

    def __getitem__(self, channel: C_contra) -> Cell[T_contra]:
        return Cell(self.attribute, channel=channel)


@frozen
class PerLocaleAndChannel(Generic[T_contra, P_contra]):
    """An attribute with a value for each locale of each channel: ``cells.text["en_US", "ecommerce"]``."""

    attribute: str

    def __getitem__(self, place: P_contra) -> Cell[T_contra]:
        locale, channel = place
        return Cell(self.attribute, locale=locale, channel=channel)


@frozen
class Variant:
    """A family variant: its family, its code, and its axes, those of the upper level first."""

    family: str
    code: str
    axes: tuple[str, ...]


_VALUES: Final[Mapping[str, str]] = {
    AttributeType.IDENTIFIER: "Text",
    AttributeType.TEXT: "Text",
    AttributeType.TEXTAREA: "Text",
    AttributeType.IMAGE: "Text",
    AttributeType.FILE: "Text",
    AttributeType.SIMPLE_SELECT: "Text",
    AttributeType.REFERENCE_ENTITY: "Text",
    AttributeType.REFERENCE_DATA: "Text",
    AttributeType.MULTI_SELECT: "Codes",
    AttributeType.REFERENCE_ENTITY_COLLECTION: "Codes",
    AttributeType.REFERENCE_DATA_COLLECTION: "Codes",
    AttributeType.ASSET_COLLECTION: "Assets",
    AttributeType.BOOLEAN: "Flag",
    AttributeType.DATE: "Day",
    AttributeType.METRIC: "Measurement",
    AttributeType.PRICE_COLLECTION: "Prices",
    AttributeType.TABLE: "Rows",
    AttributeType.PRODUCT_LINK: "Link",
}
_HEAD: Final = '''"""The PIM's structure as Python names, for type checkers and editors.

Made by `akeneo-erp-bridge structure types`; make it again instead of changing it.
"""

# ruff: noqa: E501, N801
# fmt: off
'''


def typed_pim(structure: PimStructure) -> str:
    """Write a Python module that names what is in the PIM; the same structure gives the same text.

    `cells` has an attribute of the PIM for each name, `families`, `options`, `units`, `variants` and, where the
    structure holds them, `categories` have constants. A cell knows the type of its value, and its locales and
    channels, so mypy and pyright refuse what preflight would refuse. Codes that are no Python names are changed:
    ``class`` is `cells.class_`, ``18v`` is `cells.code__18v`.

    ::

        from pim import cells, families, options

        ProductMapping(
            Article,
            (Article.number >> sku()).to(cells.sku),
            (Article.name >> clean()).to(cells.name["en_US"]),
            (Article.weight >> decimal("de_DE") >> in_unit("KILOGRAM")).to(cells.weight),
            constant(families.DRILLS).to(FAMILY),
        )
    """
    cells = (f"{name} = {_cell(structure.attributes[code], structure)}" for name, code in named(structure.attributes))
    measured = {code: structure.measurement_families[code].units for code in _measured(structure)}
    parts = [
        "".join(f"{line}\n" for line in _places(structure)),
        _block("cells", "Attributes, with the type of their values.", cells),
        _constants("families", "Codes of families.", structure.families),
        _groups("options", "Codes of options, by attribute.", "Options of", structure.options),
        _groups("units", "Codes of units, by measurement family.", "Units of", measured),
        _block("variants", "Family variants, with their axes.", _variants(structure)),
    ]
    if structure.categories is not None:
        parts.append(_constants("categories", "Codes of categories.", structure.categories))
    body = "\n\n".join(parts)
    # strict checkers refuse an import that nobody uses
    used = [name for name in ("Final", "Literal", "Never", "TypeAlias") if re.search(rf"\b{name}\b[^\"]", body)]
    return f"{_HEAD}from typing import {', '.join(used)}\n\nfrom akeneo_erp_bridge.mapping import typed as _t\n\n{body}"


# ---- where a value applies ----
def _places(structure: PimStructure) -> Iterator[str]:
    yield f"Locale: TypeAlias = {_literal(structure.locales)}"
    yield f"Channel: TypeAlias = {_literal(structure.channels)}"
    yield f"Place: TypeAlias = {_pairs(structure, structure.locales)}"


def _literal(codes: Collection[str]) -> str:
    return f"Literal[{', '.join(map(_quoted, sorted(codes)))}]" if codes else "Never"


def _pairs(structure: PimStructure, available: Collection[str]) -> str:
    pairs = [
        f"tuple[{_literal(locales)}, Literal[{_quoted(code)}]]"
        for code, channel in sorted(structure.channels.items())
        if (locales := [one for one in channel.locales if one in available])
    ]
    return " | ".join(pairs) or "tuple[Never, Never]"


def _quoted(code: str) -> str:
    # as the formatter writes it, so that a diff shows changes of the PIM alone
    return f'"{code}"' if code.isprintable() and not {'"', "\\"} & {*code} else repr(code)


# ---- cells ----
def _cell(attribute: Attribute, structure: PimStructure) -> str:
    value, restricted = _value(attribute), structure.locales & {*attribute.available_locales}
    if attribute.localizable and attribute.scopable:
        place = _pairs(structure, restricted) if attribute.available_locales else "Place"
        kind = f"PerLocaleAndChannel[{value}, {place}]"
    elif attribute.localizable:
        kind = f"PerLocale[{value}, {_literal(restricted) if attribute.available_locales else 'Locale'}]"
    elif attribute.scopable:
        kind = f"PerChannel[{value}, Channel]"
    else:
        kind = f"Cell[{value}]"
    return f"_t.{kind}({_quoted(attribute.code)})"


def _value(attribute: Attribute) -> str:
    if attribute.type == AttributeType.NUMBER:
        return "_t.Amount" if attribute.decimals_allowed else "_t.Whole"
    return f"_t.{_VALUES.get(attribute.type, 'Unknown')}"


# ---- constants ----
def _block(name: str, told: str, lines: Iterable[str], indent: str = "") -> str:
    body = "".join(f"{indent}    {line}\n" for line in lines)
    return f'{indent}class {name}:\n{indent}    """{told}"""\n' + (f"\n{body}" if body else "")


def _constants(name: str, told: str, codes: Iterable[str], indent: str = "") -> str:
    lines = (f"{constant}: Final = {_quoted(code)}" for constant, code in named(codes, constant_of))
    return _block(name, told, lines, indent)


def _groups(name: str, told: str, what: str, groups: Mapping[K, Iterable[str]]) -> str:
    inside = [_constants(inner, f"{what} {inner}.", groups[code], "    ") for inner, code in named(groups)]
    return _block(name, told, ()) + "".join(f"\n{one}" for one in inside)


def _measured(structure: PimStructure) -> list[MeasurementFamilyCode]:
    used = {attribute.metric_family for attribute in structure.attributes.values()}
    return [code for code in structure.measurement_families if code in used]


def _variants(structure: PimStructure) -> Iterator[str]:
    found: dict[str, tuple[str, FamilyVariant]] = {
        code: (family, variant)
        for family, variants in structure.family_variants.items()
        for code, variant in variants.items()
    }
    for name, code in named(found, constant_of):
        family, variant = found[code]
        axes = "".join(f"{_quoted(axis)}, " for axis in variant.axes).removesuffix(" ")
        yield f"{name}: Final = _t.Variant({_quoted(family)}, {_quoted(code)}, ({axes}))"
