"""The structure of the examples: what a tool and clothing merchant has in its PIM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from akeneo_erp_bridge.testing.pim import PimSimulator

Thing = Mapping[str, object]

_COLOURS: Final = {
    "red": "Rot", "blue": "Blau", "black": "Schwarz", "green": "Grün", "grey": "Grau", "white": "Weiß",
    "orange": "Orange", "yellow": "Gelb",
}  # fmt: skip
_DEPARTMENTS: Final = {
    "tools": ("master", "Tools", "Werkzeug"),
    "power_tools": ("tools", "Power tools", "Elektrowerkzeug"),
    "hand_tools": ("tools", "Hand tools", "Handwerkzeug"),
    "consumables": ("tools", "Consumables", "Verbrauchsmaterial"),
    "workwear": ("master", "Workwear", "Arbeitskleidung"),
    "trousers": ("workwear", "Trousers", "Hosen"),
    "jackets": ("workwear", "Jackets", "Jacken"),
    "shirts": ("workwear", "Shirts", "Shirts"),
}
_ATTRIBUTES: Final = ("sku", "name", "description", "weight", "ean", "reference_price", "story")


def _labels(english: str, german: str) -> dict[str, str]:
    return {"en_US": english, "de_DE": german}


def _attribute(code: str, kind: str, english: str, german: str, group: str = "erp", **more: object) -> Thing:
    return {"code": code, "type": f"pim_catalog_{kind}", "group": group, "labels": _labels(english, german), **more}


def _family(code: str, english: str, german: str, *more: str) -> Thing:
    return {
        "code": code,
        "attributes": [*_ATTRIBUTES, *more],
        "attribute_as_label": "name",
        "attribute_requirements": {"ecommerce": ["sku", "name", "description"]},
        "labels": _labels(english, german),
    }


SAMPLE: Final[tuple[tuple[str, tuple[Thing, ...]], ...]] = (
    (
        "categories",
        (*tuple({"code": code, "parent": parent, "labels": _labels(english, german)} for code, (parent, english, german) in _DEPARTMENTS.items()), {"code": "promotions", "labels": _labels("Promotions", "Aktionen")}),
    ),
    (
        "channels",
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
        "attribute-groups",
        ({"code": "erp", "labels": _labels("From the ERP", "Aus dem ERP")}, {"code": "marketing", "labels": {"en_US": "Marketing"}}),
    ),
    (
        "attributes",
        (
            _attribute("name", "text", "Name", "Name", localizable=True),
            _attribute("description", "textarea", "Description", "Beschreibung", "marketing", localizable=True, scopable=True),
            _attribute(
                "weight", "metric", "Weight", "Gewicht", metric_family="Weight", default_metric_unit="KILOGRAM",
                decimals_allowed=True, negative_allowed=False,
            ),
            _attribute("colour", "simpleselect", "Colour", "Farbe"),
            _attribute("size", "text", "Size", "Größe", max_characters=10),
            _attribute("ean", "text", "EAN", "EAN", max_characters=13),
            _attribute("reference_price", "price_collection", "Reference price", "Referenzpreis", decimals_allowed=True),
            _attribute("story", "textarea", "Story", "Geschichte", "marketing"),
        ),
    ),
    (
        "attributes/colour/options",
        tuple({"code": code, "labels": _labels(code.capitalize(), german)} for code, german in _COLOURS.items()),
    ),
    (
        "families",
        (
            _family("power_tools", "Power tools", "Elektrowerkzeug"),
            _family("hand_tools", "Hand tools", "Handwerkzeug"),
            _family("consumables", "Consumables", "Verbrauchsmaterial"),
            _family("clothing", "Clothing", "Kleidung", "colour", "size"),
        ),
    ),
)  # fmt: skip
"""Path below `/api/rest/v1`, and what to PATCH there; the order is one that any PIM accepts."""


def load_sample(simulator: PimSimulator) -> None:
    """Fill an empty simulator, through the validation of the API."""
    for path, things in SAMPLE:
        simulator.load(path, things)
