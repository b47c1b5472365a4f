"""The words the merchant's articles are made of."""

from __future__ import annotations

from typing import Final

from attrs import frozen


@frozen
class Category:
    """A legacy category code's meaning in the sample PIM."""

    family: str
    category: str


CATEGORIES: Final = {
    "WZ-110": Category("power_tools", "power_tools"),
    "WZ-120": Category("power_tools", "power_tools"),
    "WZ-210": Category("hand_tools", "hand_tools"),
    "WZ-220": Category("hand_tools", "hand_tools"),
    "VM-300": Category("consumables", "consumables"),
    "BK-210": Category("clothing", "trousers"),
    "BK-220": Category("clothing", "jackets"),
    "BK-230": Category("clothing", "shirts"),
}

COLOUR_WORDS: Final = {
    "red": ("Rot", "RED", "rot"),
    "blue": ("Blau", "BLUE", "blau"),
    "black": ("Schwarz", "BLK", "schwarz"),
    "green": ("Grün", "GREEN", "gruen"),
    "grey": ("Grau", "GREY", "grau"),
    "white": ("Weiß", "WHITE", "weiss"),
}


@frozen
class Line:
    """A product line: how it is called in two languages, and what it weighs and costs."""

    prefix: str
    english: str
    german: str
    category: str
    grams: int
    cents: int
    models: tuple[str, ...]

    def model(self, round_: int) -> str:
        """The model's name in a round; later rounds get a mark."""
        name = self.models[round_ % len(self.models)]
        mark = round_ // len(self.models)
        return f"{name} Mk {mark + 1}" if mark else name


_VOLTS: Final = ("12 V", "18 V", "36 V")
_SIZES: Final = ("150 mm", "200 mm", "250 mm", "300 mm")
_PACKS: Final = ("10 pcs", "25 pcs", "50 pcs", "100 pcs")
_PLACES: Final = ("Alpina", "Baltic", "Fjord", "Harz", "Tundra")

TOOLS: Final = (
    Line("BS", "Cordless drill", "Akku-Bohrschrauber", "WZ-110", 1250, 12900, _VOLTS),
    Line("SS", "Impact driver", "Akku-Schlagschrauber", "WZ-110", 1100, 13900, _VOLTS),
    Line("KS", "Circular saw", "Handkreissäge", "WZ-120", 3400, 18900, _VOLTS),
    Line("ST", "Jigsaw", "Stichsäge", "WZ-120", 2100, 11900, _VOLTS),
    Line("HA", "Claw hammer", "Klauenhammer", "WZ-210", 560, 1990, _SIZES),
    Line("ZA", "Combination pliers", "Kombizange", "WZ-210", 320, 2490, _SIZES),
    Line("SD", "Screwdriver", "Schraubendreher", "WZ-220", 110, 890, _SIZES),
    Line("FE", "Flat file", "Flachfeile", "WZ-220", 240, 1290, _SIZES),
    Line("SR", "Wood screws", "Holzschrauben", "VM-300", 150, 690, _PACKS),
    Line("BO", "Twist drill bits", "Spiralbohrer", "VM-300", 90, 1490, _PACKS),
    Line("SP", "Sanding discs", "Schleifscheiben", "VM-300", 70, 990, _PACKS),
)

STYLES: Final = (
    Line("TH", "Work trousers", "Arbeitshose", "BK-210", 640, 5990, _PLACES),
    Line("TK", "Shorts", "Kurze Arbeitshose", "BK-210", 420, 4490, _PLACES),
    Line("JS", "Softshell jacket", "Softshelljacke", "BK-220", 710, 8990, _PLACES),
    Line("JW", "Winter jacket", "Winterjacke", "BK-220", 980, 12990, _PLACES),
    Line("SH", "Polo shirt", "Poloshirt", "BK-230", 230, 2490, _PLACES),
    Line("SF", "Flannel shirt", "Flanellhemd", "BK-230", 340, 3490, _PLACES),
)
