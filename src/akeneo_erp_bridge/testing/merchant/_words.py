"""The words of the merchant's ERP: departments, clothes, spellings, and what people mistype."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from akeneo_erp_bridge.testing.merchant._tools import Words

LEGACY_CATEGORIES: Final = (
    ("WZ", "", "Tools", "Werkzeug"),
    ("WZ-110", "WZ", "Drills and drivers", "Bohren und Schrauben"),
    ("WZ-120", "WZ", "Saws", "Sägen"),
    ("WZ-130", "WZ", "Grinders and sanders", "Schleifer"),
    ("WZ-210", "WZ", "Hammers and chisels", "Hämmer und Meißel"),
    ("WZ-220", "WZ", "Screwdrivers", "Schraubendreher"),
    ("WZ-230", "WZ", "Pliers and spanners", "Zangen und Schlüssel"),
    ("WZ-240", "WZ", "Measuring", "Messen"),
    ("VB", "", "Consumables", "Verbrauchsmaterial"),
    ("VB-310", "VB", "Drill bits", "Bohrer"),
    ("VB-320", "VB", "Discs, blades and abrasives", "Scheiben, Blätter, Schleifmittel"),
    ("VB-330", "VB", "Screws and fixings", "Schrauben und Dübel"),
    ("VB-340", "VB", "Glues and sealants", "Kleb- und Dichtstoffe"),
    ("BK", "", "Workwear", "Arbeitskleidung"),
    ("BK-210", "BK", "Jackets", "Jacken"),
    ("BK-220", "BK", "Trousers", "Hosen"),
    ("BK-230", "BK", "Shirts", "Shirts"),
    ("BK-240", "BK", "Shoes", "Schuhe"),
)
"""Rows of the ERP's table `categories`: code, parent, English and German name."""


@frozen
class Clothes:
    """One kind of clothing: weight in grams, price in cents, and the phrases it is praised in."""

    category: str
    english: str
    german: str
    weight: int
    price: int
    sizes: tuple[str, ...]
    phrases: tuple[Words, ...]


_LETTERS: Final = ("XS", "S", "M", "L", "XL", "XXL")
_WAISTS: Final = ("36", "38", "40", "42", "44", "46", "48")
_FEET: Final = ("39", "40", "41", "42", "43", "44", "45", "46")

_FABRIC: Final = (
    ("Reinforced seams", "Verstärkte Nähte"),
    ("Oeko-Tex certified fabric", "Oeko-Tex-zertifiziertes Gewebe"),
    ("Washable at 60 °C", "Waschbar bei 60 °C"),
    ("Pleasant to wear", "Angenehm zu tragen"),
    ("Keeps its colour", "Farbecht"),
)
_FOOTWEAR: Final = (
    ("Steel toe cap", "Zehenschutzkappe aus Stahl"),
    ("Slip-resistant sole", "Rutschhemmende Sohle"),
    ("Oil-resistant", "Ölbeständig"),
    ("Breathable lining", "Atmungsaktives Innenfutter"),
    ("Protection class S3", "Schutzklasse S3"),
)

CLOTHES: Final = (
    Clothes("BK-210", "Work jacket", "Arbeitsjacke", 780, 64_90, _LETTERS, _FABRIC),
    Clothes("BK-220", "Work trousers", "Bundhose", 640, 49_90, _WAISTS, _FABRIC),
    Clothes("BK-230", "T-shirt", "T-Shirt", 180, 14_90, _LETTERS, _FABRIC),
    Clothes("BK-240", "Safety shoes", "Sicherheitsschuhe", 1150, 89_90, _FEET, _FOOTWEAR),
    Clothes("BK-210", "Softshell jacket", "Softshelljacke", 620, 79_90, _LETTERS, _FABRIC),
    Clothes("BK-220", "Dungarees", "Latzhose", 820, 59_90, _WAISTS, _FABRIC),
    Clothes("BK-230", "Polo shirt", "Poloshirt", 240, 24_90, _LETTERS, _FABRIC),
    Clothes("BK-240", "Safety boots", "Sicherheitsstiefel", 1480, 109_90, _FEET, _FOOTWEAR),
    Clothes("BK-210", "Rain jacket", "Regenjacke", 540, 44_90, _LETTERS, _FABRIC),
    Clothes("BK-220", "Cargo trousers", "Cargohose", 600, 54_90, _WAISTS, _FABRIC),
    Clothes("BK-230", "Sweatshirt", "Sweatshirt", 460, 34_90, _LETTERS, _FABRIC),
)
MODELS: Final = (
    "Nordkap", "Elbe", "Harz", "Sylt", "Brocken", "Isar", "Fehmarn", "Eifel", "Rhön", "Allgäu", "Spree", "Taunus",
)  # fmt: skip

SPELLINGS: Final = (
    (("red", "rot"), ("rot", "Rot", "RED", "red")),
    (("blue", "blau"), ("blau", "Blau", "BLUE", "blue")),
    (("black", "schwarz"), ("schwarz", "Schwarz", "BLACK", "schw.")),
    (("green", "grün"), ("grün", "GRÜN", "gruen", "Green")),
    (("grey", "grau"), ("grau", "Grau", "grey", "GRAY")),
    (("white", "weiß"), ("weiß", "weiss", "WEISS", "white")),
    (("orange", "orange"), ("orange", "ORANGE", "Orange")),
    (("yellow", "gelb"), ("gelb", "GELB", "yellow")),
    (("navy", "marine"), ("marine", "navy", "Navy", "dunkelblau")),
    (("olive", "oliv"), ("oliv", "olive", "OLIV")),
)
"""The name of a colour in both languages, and how people typed it into the ERP."""

TOOL_SUPPLIERS: Final = (
    "Hanse Werkzeugvertrieb GmbH", "Müller & Söhne KG", "Bergland Tools AG", "Eisen-Vogt e.K.", "Toolpoint B.V.",
)  # fmt: skip
CLOTHES_SUPPLIERS: Final = ("Nordic Workwear A/S", "Textil Union GmbH", "Schneider Berufsmode KG")
WAREHOUSES: Final = ("HAM", "LEJ", "MUC")

# ---- what goes wrong; the tables in `_sample` know none of these words ----
AMBIGUOUS_WEIGHTS: Final = (
    "ca. 2", "1.2.5", "12,,5", "0,5-0,7", "2 kg", "k.A.", "~3", "1,2,5", "1/2", "siehe Datenblatt", "ca. 0,8", "?",
)  # fmt: skip
UNKNOWN_UNITS: Final = ("Stk", "VPE", "Paar", "ST", "PAK", "kgs")
UNKNOWN_CATEGORIES: Final = ("WZ-999", "BK-23O", "ALT", "???", "WZ 110", "TEST", "VB-3l0")
"""Among them a letter O for a zero and a letter l for a one."""
UNKNOWN_COLOURS: Final = (
    "petrol", "mauve", "bunt", "RAL 3020", "s/w", "blau/gelb", "div.", "Farbe 7", "rot?", "anthrazit",
)  # fmt: skip
SCRIPTS: Final = (
    '<p>{}</p><script>var _paq = window._paq || []; _paq.push(["trackPageView"]);</script><p>&nbsp;{}</p>',
    '<div style="font-family:Arial">{}<br/>{}</div><script type="text/javascript">alert("Sale &amp; more")</script>',
    "<script>document.write('Sale!')</script><table><tr><td>{}</td><td>&gt;&nbsp;{}</td></tr></table>",
)
"""HTML pasted from a web shop: a script, entities, layout; two texts go in."""
