"""The structure of the examples: what a merchant of tools and workwear has in its PIM."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from akeneo_erp_bridge.testing._sample_beyond import CLOUD, ENTERPRISE

if TYPE_CHECKING:
    from akeneo_erp_bridge.testing import PimSimulator

Thing = Mapping[str, object]

CATEGORY_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "WZ-110": "drills",
        "WZ-120": "saws",
        "WZ-130": "grinders_sanders",
        "WZ-210": "hammers_chisels",
        "WZ-220": "screwdrivers",
        "WZ-230": "pliers_spanners",
        "WZ-240": "measuring",
        "VB-310": "drill_bits",
        "VB-320": "discs_blades",
        "VB-330": "screws_fixings",
        "VB-340": "glues_sealants",
        "BK-210": "jackets",
        "BK-220": "trousers",
        "BK-230": "shirts",
        "BK-240": "shoes",
    }
)
"""Categories of the merchant's ERP, and their codes in the PIM."""

_FAMILY_OF: Final = {"WZ-1": "power_tools", "WZ-2": "hand_tools", "VB-3": "consumables", "BK-2": "clothing"}

CATEGORY_TO_FAMILY: Final[Mapping[str, str]] = MappingProxyType({code: _FAMILY_OF[code[:4]] for code in CATEGORY_CODES})
"""Categories of the merchant's ERP, and the family of their products."""

COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rot": "red", "red": "red",
        "blau": "blue", "blue": "blue",
        "schwarz": "black", "black": "black", "schw.": "black",
        "grün": "green", "gruen": "green", "green": "green",
        "grau": "grey", "grey": "grey", "gray": "grey",
        "weiß": "white", "weiss": "white", "white": "white",
        "orange": "orange",
        "gelb": "yellow", "yellow": "yellow",
        "marine": "navy", "navy": "navy", "dunkelblau": "navy",
        "oliv": "olive", "olive": "olive",
    }
)  # fmt: skip
"""Colour words of the merchant's ERP in lower case, and the options of `colour`."""

UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {"KG": "KILOGRAM", "kg": "KILOGRAM", "G": "GRAM", "g": "GRAM", "LB": "POUND"}
)
"""Units of weight as the merchant's ERP has them, and their codes in the PIM."""

_COLOUR_LABELS: Final = {
    "red": ("Red", "Rot"), "blue": ("Blue", "Blau"), "black": ("Black", "Schwarz"), "green": ("Green", "Grün"),
    "grey": ("Grey", "Grau"), "white": ("White", "Weiß"), "orange": ("Orange", "Orange"), "yellow": ("Yellow", "Gelb"),
    "navy": ("Navy", "Marine"), "olive": ("Olive", "Oliv"), "brown": ("Brown", "Braun"), "beige": ("Beige", "Beige"),
}  # fmt: skip
_SIZES: Final = ("XS", "S", "M", "L", "XL", "XXL", *map(str, range(36, 49)))

_CATEGORIES: Final = (
    ("master", None, "Catalogue", "Katalog"),
    ("power_tools", "master", "Power tools", "Elektrowerkzeug"),
    ("drills", "power_tools", "Drills and drivers", "Bohren und Schrauben"),
    ("saws", "power_tools", "Saws", "Sägen"),
    ("grinders_sanders", "power_tools", "Grinders and sanders", "Schleifer"),
    ("hand_tools", "master", "Hand tools", "Handwerkzeug"),
    ("hammers_chisels", "hand_tools", "Hammers and chisels", "Hämmer und Meißel"),
    ("screwdrivers", "hand_tools", "Screwdrivers", "Schraubendreher"),
    ("pliers_spanners", "hand_tools", "Pliers and spanners", "Zangen und Schlüssel"),
    ("measuring", "hand_tools", "Measuring", "Messen"),
    ("consumables", "master", "Consumables", "Verbrauchsmaterial"),
    ("drill_bits", "consumables", "Drill bits", "Bohrer"),
    ("discs_blades", "consumables", "Discs, blades and abrasives", "Scheiben, Blätter, Schleifmittel"),
    ("screws_fixings", "consumables", "Screws and fixings", "Schrauben und Dübel"),
    ("glues_sealants", "consumables", "Glues and sealants", "Kleb- und Dichtstoffe"),
    ("workwear", "master", "Workwear", "Arbeitskleidung"),
    ("jackets", "workwear", "Jackets", "Jacken"),
    ("trousers", "workwear", "Trousers", "Hosen"),
    ("shirts", "workwear", "Shirts", "Shirts"),
    ("shoes", "workwear", "Shoes", "Schuhe"),
    ("promotions", None, "Promotions", "Aktionen"),
    ("christmas", "promotions", "Christmas", "Weihnachten"),
    ("clearance", "promotions", "Clearance", "Abverkauf"),
)
"""The tree `master` is the ERP's; `promotions` belongs to the users of the PIM."""

_OF_ALL_FAMILIES: Final = (
    "sku", "name", "description", "weight", "ean", "reference_price", "discontinued_on", "supplier_note",
    "picture",
)  # fmt: skip


def _labels(english: str, german: str) -> dict[str, str]:
    return {"en_US": english, "de_DE": german}


def _attribute(code: str, kind: str, english: str, german: str, group: str = "erp", **settings: object) -> Thing:
    return {"code": code, "type": f"pim_catalog_{kind}", "group": group, "labels": _labels(english, german), **settings}


def _metric(code: str, family: str, unit: str, english: str, german: str) -> Thing:
    return _attribute(
        code, "metric", english, german, metric_family=family, default_metric_unit=unit, decimals_allowed=True,
        negative_allowed=False,
    )  # fmt: skip


def _family(code: str, english: str, german: str, attributes: tuple[str, ...], required: tuple[str, ...]) -> Thing:
    return {
        "code": code,
        "attributes": [*_OF_ALL_FAMILIES, *attributes],
        "attribute_as_label": "name",
        "attribute_requirements": {"ecommerce": ["sku", "name", "description", *required]},
        "labels": _labels(english, german),
    }


SAMPLE: Final[tuple[tuple[str, tuple[Thing, ...]], ...]] = (
    (
        "/api/rest/v1/attribute-groups",
        (
            {"code": "erp", "sort_order": 1, "labels": _labels("ERP", "ERP")},
            {"code": "marketing", "sort_order": 2, "labels": _labels("Marketing", "Marketing")},
        ),
    ),
    (
        "/api/rest/v1/categories",
        tuple(
            {"code": code, "parent": parent, "labels": _labels(english, german)}
            for code, parent, english, german in _CATEGORIES
        ),
    ),
    (
        "/api/rest/v1/channels",
        (
            {
                "code": "ecommerce",
                "category_tree": "master",
                "locales": ["en_US", "de_DE"],
                "currencies": ["EUR", "USD"],
                "labels": _labels("Web shop", "Webshop"),
            },
        ),
    ),
    (
        "/api/rest/v1/attributes",
        (
            _attribute("sku", "identifier", "SKU", "Artikelnummer", unique=True, useable_as_grid_filter=True),
            _attribute("name", "text", "Name", "Name", localizable=True),
            _attribute(
                "description", "textarea", "Description", "Beschreibung", localizable=True, scopable=True,
                wysiwyg_enabled=True,
            ),
            _metric("weight", "Weight", "KILOGRAM", "Weight", "Gewicht"),
            _metric("length", "Length", "MILLIMETER", "Length", "Länge"),
            _attribute("colour", "simpleselect", "Colour", "Farbe"),
            _attribute("size", "simpleselect", "Size", "Größe"),
            _attribute("ean", "text", "EAN", "EAN", max_characters=13),
            _attribute("reference_price", "price_collection", "Reference price", "Referenzpreis", decimals_allowed=True),
            _attribute("discontinued_on", "date", "Discontinued on", "Auslauf am"),
            _attribute("hazardous", "boolean", "Hazardous", "Gefahrgut"),
            _attribute("supplier_note", "text", "Note of the supplier", "Lieferantenhinweis", "marketing"),
            _attribute("picture", "image", "Picture", "Bild", "marketing"),
            _attribute("main_colour_story", "textarea", "Story of the main colour", "Farbgeschichte", "marketing"),
        ),
    ),
    (
        "/api/rest/v1/attributes/colour/options",
        tuple(
            {"code": code, "attribute": "colour", "labels": _labels(english, german)}
            for code, (english, german) in _COLOUR_LABELS.items()
        ),
    ),
    (
        "/api/rest/v1/attributes/size/options",
        tuple(
            {"code": code, "attribute": "size", "sort_order": place, "labels": _labels(code, code)}
            for place, code in enumerate(_SIZES, start=1)
        ),
    ),
    (
        "/api/rest/v1/families",
        (
            _family("power_tools", "Power tools", "Elektrowerkzeug", ("length",), ("weight",)),
            _family("hand_tools", "Hand tools", "Handwerkzeug", ("length",), ()),
            _family("consumables", "Consumables", "Verbrauchsmaterial", ("length", "hazardous"), ()),
            _family("clothing", "Clothing", "Kleidung", ("colour", "size", "main_colour_story"), ("colour", "size")),
        ),
    ),
)  # fmt: skip
"""Paths, and what to PATCH there; the order is one that any PIM accepts: a family asks for its channel and attributes,
a channel for its category tree."""


def load_sample(sim: PimSimulator) -> None:
    """Give an embedded PIM the structure of the examples, through the validation of its API.

    >>> [path.rpartition("/")[2] for path, _ in SAMPLE]
    ['attribute-groups', 'categories', 'channels', 'attributes', 'options', 'options', 'families']
    """
    behaviour = sim.behaviour
    for path, things in (*SAMPLE, *(ENTERPRISE * behaviour.has_enterprise), *(CLOUD * behaviour.has_cloud)):
        sim.load(path, things)
