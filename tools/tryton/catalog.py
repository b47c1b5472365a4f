"""A small catalogue of 200 variants, as it would stand in somebody's Tryton: the input of `seed.py`.

Nothing in it is random. Tests compare what arrives in the PIM with it; the adapter never sees it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product as combinations

Names = Mapping[str, str]
"""A text in each language."""

CATEGORIES: Sequence[tuple[str, str | None, Names]]
"""Code, code of the parent, names."""


def names(english: str, french: str, german: str) -> Names:
    """One text in three languages."""
    return {"en": english, "fr": french, "de": german}


CATEGORIES = [
    ("apparel", None, names("Apparel", "Vêtements", "Bekleidung")),
    ("tshirts", "apparel", names("T-shirts", "T-shirts", "T-Shirts")),
    ("hoodies", "apparel", names("Hoodies", "Sweats à capuche", "Kapuzenpullover")),
    ("jackets", "apparel", names("Jackets", "Vestes", "Jacken")),
    ("footwear", None, names("Footwear", "Chaussures", "Schuhe")),
    ("sneakers", "footwear", names("Sneakers", "Baskets", "Turnschuhe")),
    ("boots", "footwear", names("Boots", "Bottes", "Stiefel")),
    ("home", None, names("Home & Living", "Maison", "Wohnen")),
    ("kitchen", "home", names("Kitchen", "Cuisine", "Küche")),
    ("lighting", "home", names("Lighting", "Luminaires", "Beleuchtung")),
    ("furniture", "home", names("Furniture", "Meubles", "Möbel")),
    ("parts", "furniture", names("Furniture parts", "Pièces de meubles", "Möbelteile")),
    ("hardware", None, names("Hardware", "Quincaillerie", "Eisenwaren")),
    ("cables", "hardware", names("Cables & chains", "Câbles et chaînes", "Kabel und Ketten")),
    ("grocery", None, names("Grocery", "Épicerie", "Lebensmittel")),
    ("coffee", "grocery", names("Coffee", "Café", "Kaffee")),
]

COLOURS: Mapping[str, Names] = {
    "BLK": names("Black", "Noir", "Schwarz"),
    "WHT": names("White", "Blanc", "Weiß"),
    "NVY": names("Navy", "Bleu marine", "Marineblau"),
    "OLV": names("Olive", "Olive", "Oliv"),
    "RED": names("Red", "Rouge", "Rot"),
}
SIZES = ("S", "M", "L", "XL", "41", "42", "43", "44")
SURCHARGES = {"XL": Decimal("2.00"), "RED": Decimal("1.50")}


@dataclass(frozen=True)
class Variant:
    """What is sold: one size and colour of a template, or the template itself."""

    sku: str
    suffix: str
    options: Mapping[str, str]
    list_price: Decimal
    ean: str
    stock: Mapping[str, Decimal]


@dataclass(frozen=True)
class Template:
    """What its variants share."""

    code: str
    name: Names
    text: Names
    category: str
    list_price: Decimal
    cost: Decimal
    kilograms: Decimal | None
    unit: str
    kind: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class _Line:
    """A template before its variants are numbered."""

    code: str
    name: Names
    text: Names
    category: str
    price: str
    cost: str
    kilograms: str | None
    unit: str = "unit"
    kind: str = "goods"
    sizes: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()


_LETTERS, _SHOE_SIZES = ("S", "M", "L", "XL"), ("41", "42", "43", "44")
# kind: category, nouns, weight in kilograms, sizes
_APPAREL = {
    "T-shirt": ("tshirts", ("T-shirt", "T-shirt", "T-Shirt"), "0.18", _LETTERS),
    "Hoodie": ("hoodies", ("Hoodie", "Sweat à capuche", "Kapuzenpullover"), "0.62", _LETTERS),
    "Jacket": ("jackets", ("Jacket", "Veste", "Jacke"), "0.95", _LETTERS),
    "Sneaker": ("sneakers", ("Sneaker", "Basket", "Turnschuh"), "0.8", _SHOE_SIZES),
    "Boot": ("boots", ("Boot", "Botte", "Stiefel"), "1.4", _SHOE_SIZES),
}
_MODELS = [
    ("TSH-ROM", "Roma", "T-shirt", "19.90", "6.10", ("BLK", "WHT", "NVY")),
    ("TSH-OSL", "Oslo", "T-shirt", "22.50", "7.00", ("BLK", "WHT", "RED")),
    ("TSH-LIS", "Lisboa", "T-shirt", "24.00", "7.40", ("WHT", "NVY", "OLV")),
    ("TSH-KYO", "Kyoto", "T-shirt", "27.00", "8.20", ("BLK", "OLV", "RED")),
    ("HOD-RIG", "Riga", "Hoodie", "49.00", "17.30", ("BLK", "NVY")),
    ("HOD-BRN", "Bern", "Hoodie", "54.90", "19.10", ("NVY", "OLV")),
    ("HOD-POR", "Porto", "Hoodie", "59.00", "21.00", ("BLK", "RED")),
    ("JKT-ALP", "Alpina", "Jacket", "129.00", "52.00", ("BLK", "OLV")),
    ("JKT-BAL", "Baltic", "Jacket", "149.00", "60.50", ("NVY", "RED")),
    ("JKT-FJO", "Fjord", "Jacket", "179.00", "71.20", ("BLK", "NVY")),
    ("SNK-VEL", "Velo", "Sneaker", "89.00", "34.00", ("WHT", "BLK")),
    ("SNK-TRA", "Traverse", "Sneaker", "99.00", "38.50", ("NVY", "RED")),
    ("BOT-TUN", "Tundra", "Boot", "159.00", "64.00", ("BLK", "OLV")),
    ("BOT-KAR", "Karst", "Boot", "169.00", "69.00", ("BLK",)),
]
# code, name, category, price, cost, weight in kilograms (None: sold by weight, or a service), unit, kind
_SINGLES = [
    ("PRT-TOP120", names("Table top 120 cm oak", "Plateau 120 cm chêne", "Tischplatte 120 cm Eiche"), "parts", "89.00", "41.00", "14"),
    ("PRT-LEG70", names("Table leg 70 cm steel", "Pied de table 70 cm acier", "Tischbein 70 cm Stahl"), "parts", "14.50", "5.20", "1.9"),
    ("PRT-SCR50", names("Screw M6×50", "Vis M6×50", "Schraube M6×50"), "parts", "0.25", "0.06", "0.012"),
    ("DSK-120", names("Desk 120 cm", "Bureau 120 cm", "Schreibtisch 120 cm"), "furniture", "249.00", "96.00", "23"),
    ("DSK-160", names("Desk 160 cm", "Bureau 160 cm", "Schreibtisch 160 cm"), "furniture", "299.00", "119.00", "28"),
    ("CHR-STD", names("Chair Standard", "Chaise Standard", "Stuhl Standard"), "furniture", "89.00", "33.00", "5.8"),
    ("MUG-01", names("Mug Amber 350 ml", "Mug Ambre 350 ml", "Becher Bernstein 350 ml"), "kitchen", "9.90", "3.10", "0.36"),
    ("MUG-02", names("Mug Slate 350 ml", "Mug Ardoise 350 ml", "Becher Schiefer 350 ml"), "kitchen", "10.90", "3.35", "0.36"),
    ("LMP-01", names("Desk lamp Luna", "Lampe de bureau Luna", "Schreibtischlampe Luna"), "lighting", "39.00", "14.00", "1.1"),
    ("LMP-02", names("Desk lamp Vega", "Lampe de bureau Véga", "Schreibtischlampe Wega"), "lighting", "46.00", "16.00", "1.2"),
]  # fmt: skip


def _apparel(code: str, model: str, kind: str, price: str, cost: str, colours: tuple[str, ...]) -> _Line:
    category, (english, french, german), kilograms, sizes = _APPAREL[kind]
    return _Line(
        code,
        names(f"{model} {english}", f"{french} {model}", f"{german} „{model}“"),
        names(
            f"The {model} {english.lower()}, made to last: strong seams, easy to wash.",
            f"{french} {model}, fait pour durer : coutures solides, lavage facile.",
            f"{german} „{model}“: langlebig, feste Nähte, leicht zu waschen.",
        ),
        category,
        price,
        cost,
        kilograms,
        sizes=sizes,
        colours=colours,
    )


def _lines() -> Iterator[_Line]:
    for model in _MODELS:
        yield _apparel(*model)
    for code, name, category, price, cost, kilograms in _SINGLES:
        text = names("Delivered within a week.", "Livré en une semaine.", "Lieferung in einer Woche.")
        yield _Line(code, name, text, category, price, cost, kilograms)
    for width in (2, 4, 8):
        name = names(f"Steel chain {width} mm", f"Chaîne acier {width} mm", f"Stahlkette {width} mm")
        text = names("Sold by the metre.", "Vendu au mètre.", "Verkauf pro Meter.")
        kilograms = str(Decimal("0.02") * width * width)
        yield _Line(f"CHN-{width:02}", name, text, "cables", f"{width}.10", f"0.{width}0", kilograms, unit="meter")
    for number, place in enumerate(("Sidamo", "Huila"), start=1):
        name = names(f"Coffee beans {place}", f"Café en grains {place}", f"Kaffeebohnen {place}")
        text = names("Roasted weekly.", "Torréfié chaque semaine.", "Wöchentlich geröstet.")
        yield _Line(f"COF-{number:02}", name, text, "coffee", f"{20 + number}.50", "11.00", None, unit="kilogram")
    name = names("Assembly at home", "Montage à domicile", "Montage zu Hause")
    text = names("Service.", "Service.", "Dienstleistung.")
    yield _Line("SRV-ASM", name, text, "home", "15.00", "6.00", None, kind="service")
    for number in range(1, 1_000_000):
        name = names(f"Serving bowl {number:04}", f"Saladier {number:04}", f"Schüssel {number:04}")
        text = names("Glazed by hand.", "Émaillé à la main.", "Von Hand glasiert.")
        yield _Line(f"KIT-{number:04}", name, text, "kitchen", f"{12 + number % 9}.00", "4.00", "0.7")


BILLS: Mapping[str, Mapping[str, Decimal]] = {
    "DSK-120": {"PRT-TOP120": Decimal(1), "PRT-LEG70": Decimal(4), "PRT-SCR50": Decimal(16)},
    "CHR-STD": {"PRT-LEG70": Decimal(4), "PRT-SCR50": Decimal(8)},
}
"""What a product is put together from: variant, parts and how many."""

PICTURES: Mapping[str, tuple[int, int, int]] = {"TSH-ROM": (25, 25, 28), "DSK-120": (140, 96, 56)}
"""Templates with an image, and its colour."""

DEALERS: Sequence[tuple[str | None, Decimal | None, str]] = [
    ("furniture", None, "list_price * 0.7"),
    (None, Decimal(10), "list_price * 0.75"),
    (None, None, "list_price * 0.8"),
]
"""The price list "Dealers": category, from which quantity on, formula. The first line that fits counts."""

PLANNED: Mapping[str, tuple[Decimal, Decimal]] = {
    "TSH-ROM-S-BLK": (Decimal(0), Decimal(2)),
    "DSK-160": (Decimal(12), Decimal(3)),
}
"""Moves that are planned and not done: what comes in, what goes out."""


def picture(colour: tuple[int, int, int], side: int = 96) -> bytes:
    """A PNG of one colour."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\x00" + bytes(colour) * side) * side
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def ean13(number: int) -> str:
    """A valid EAN-13 in the range kept for use inside a shop."""
    digits = f"20{number:010}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)


def build(count: int = 200) -> list[Template]:
    """Templates that have *count* variants together."""
    templates: list[Template] = []
    serial = 0
    for line in _lines():
        axes = {"size": line.sizes, "color": line.colours} if line.sizes else {}
        variants: list[Variant] = []
        for chosen in combinations(*axes.values()):
            if serial == count:
                break
            serial += 1
            suffix = "".join(f"-{option}" for option in chosen)
            price = Decimal(line.price) + sum((SURCHARGES.get(option, Decimal()) for option in chosen), Decimal())
            options = dict(zip(axes, chosen, strict=True))
            stock = _stock(serial) if line.kind == "goods" else {}
            variants.append(Variant(line.code + suffix, suffix, options, price, ean13(serial), stock))
        if not variants:
            return templates
        templates.append(
            Template(
                line.code, line.name, line.text, line.category, Decimal(line.price), Decimal(line.cost),
                Decimal(line.kilograms) if line.kilograms else None, line.unit, line.kind, tuple(variants),
            )
        )  # fmt: skip
    return templates


def _stock(serial: int) -> Mapping[str, Decimal]:
    """What lies in the two places; every seventeenth variant is sold out."""
    if serial % 17 == 0:
        return {}
    return {"main": Decimal(5 + serial * 37 % 120), "overflow": Decimal(serial * 13 % 40)}
