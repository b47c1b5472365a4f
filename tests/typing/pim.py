"""The PIM's structure as Python names, for type checkers and editors.

Made by `akeneo-erp-bridge structure types`; make it again instead of changing it.
"""

# ruff: noqa: E501, N801
# fmt: off
from typing import Final, Literal, TypeAlias

from akeneo_erp_bridge.mapping import typed as _t

Locale: TypeAlias = Literal["de_DE", "en_US", "fr_FR"]
Channel: TypeAlias = Literal["ecommerce", "print"]
Place: TypeAlias = tuple[Literal["de_DE", "en_US"], Literal["ecommerce"]] | tuple[Literal["en_US", "fr_FR"], Literal["print"]]


class cells:
    """Attributes, with the type of their values."""

    code__18v = _t.Cell[_t.Flag]("18v")
    Literal_ = _t.Cell[_t.Text]("Literal")
    Locale_ = _t.Cell[_t.Text]("Locale")
    code____init___ = _t.Cell[_t.Text]("__init__")
    code___secret = _t.Cell[_t.Text]("_secret")
    code__a_b___ad0cd7ad_ = _t.Cell[_t.Text]('a"b\\')
    class_ = _t.Cell[_t.Text]("class")
    class__ = _t.Cell[_t.Text]("class_")
    code__code__18v = _t.Cell[_t.Text]("code__18v")
    colour = _t.Cell[_t.Text]("colour")
    date = _t.Cell[_t.Day]("date")
    description = _t.PerLocaleAndChannel[_t.Text, Place]("description")
    hologram = _t.Cell[_t.Unknown]("hologram")
    legal = _t.PerLocale[_t.Text, Literal["de_DE"]]("legal")
    mro_ = _t.Cell[_t.Text]("mro")
    name = _t.PerLocale[_t.Text, Locale]("name")
    parts = _t.Cell[_t.Rows]("parts")
    pictures = _t.Cell[_t.Assets]("pictures")
    pieces = _t.Cell[_t.Whole]("pieces")
    power = _t.Cell[_t.Amount]("power")
    price = _t.Cell[_t.Prices]("price")
    related = _t.Cell[_t.Link]("related")
    size = _t.Cell[_t.Text]("size")
    sku = _t.Cell[_t.Text]("sku")
    str = _t.Cell[_t.Flag]("str")
    tags = _t.Cell[_t.Codes]("tags")
    teaser = _t.PerChannel[_t.Text, Channel]("teaser")
    tuple_ = _t.Cell[_t.Text]("tuple")
    warning = _t.PerLocaleAndChannel[_t.Text, tuple[Literal["fr_FR"], Literal["print"]]]("warning")
    weight = _t.Cell[_t.Measurement]("weight")


class families:
    """Codes of families."""

    DRILLS: Final = "drills"


class options:
    """Codes of options, by attribute."""

    class colour:
        """Options of colour."""

        CODE__36: Final = "36"
        NONE: Final = "none"
        RED: Final = "red"

    class size:
        """Options of size."""


class units:
    """Codes of units, by measurement family."""

    class Weight:
        """Units of Weight."""

        GRAM: Final = "GRAM"
        KILOGRAM: Final = "KILOGRAM"


class variants:
    """Family variants, with their axes."""

    BY_COLOUR_SIZE: Final = _t.Variant("drills", "by_colour_size", ("colour", "size",))


class categories:
    """Codes of categories."""

    MASTER: Final = "master"
    TOOLS: Final = "tools"
