"""The tools the merchant sells: kinds, sizes and packs in English and German."""

from __future__ import annotations

from typing import Final

from attrs import frozen

Words = tuple[str, str]
"""The same in English and in German."""


@frozen
class Line:
    """A quality or a pack: what it appends to a name, and its price and weight in percent of the plain one."""

    english: str
    german: str
    price: int
    weight: int


@frozen
class ToolKind:
    """One kind of tool, sold in each of *sizes*: weight in grams, price in cents, length in millimetres."""

    category: str
    english: str
    german: str
    weight: int
    price: int
    length: int
    sizes: tuple[str, ...]


@frozen
class Department:
    """Kinds sold in the same lines and praised in the same phrases; *share* is in percent of all tools."""

    share: int
    kinds: tuple[ToolKind, ...]
    lines: tuple[Line, ...]
    phrases: tuple[Words, ...]


_VOLT: Final = ("12 V", "18 V", "36 V", "54 V")
_WATT: Final = ("550 W", "750 W", "900 W", "1200 W", "1500 W")
_LEVELS: Final = ("40 cm", "60 cm", "80 cm", "100 cm", "120 cm")
_PLIERS: Final = ("140 mm", "160 mm", "180 mm", "200 mm", "250 mm")
_DRILLS: Final = ("3.0 mm", "4.0 mm", "5.0 mm", "6.0 mm", "6.5 mm", "8.0 mm", "10.0 mm", "12.0 mm")
_DISCS: Final = ("115 mm", "125 mm", "150 mm", "180 mm", "230 mm")
_SCREWS: Final = (
    "3.0 x 20 mm", "3.5 x 30 mm", "4.0 x 40 mm", "4.5 x 45 mm", "5.0 x 60 mm", "5.0 x 80 mm", "6.0 x 100 mm", "6.0 x 120 mm",
)  # fmt: skip
_METRIC: Final = ("M4", "M5", "M6", "M8", "M10", "M12", "M16")

POWER_TOOLS: Final = Department(
    22,
    (
        ToolKind("WZ-110", "Cordless drill", "Akku-Bohrschrauber", 1250, 119_00, 190, _VOLT),
        ToolKind("WZ-110", "Cordless impact driver", "Akku-Schlagschrauber", 1400, 149_00, 160, _VOLT),
        ToolKind("WZ-110", "Cordless rotary hammer", "Akku-Bohrhammer", 2600, 239_00, 320, _VOLT),
        ToolKind("WZ-110", "Rotary hammer", "Bohrhammer", 2900, 179_00, 380, _WATT),
        ToolKind("WZ-110", "Hammer drill", "Schlagbohrmaschine", 1950, 89_00, 290, _WATT),
        ToolKind("WZ-110", "Right-angle drill", "Winkelbohrmaschine", 1700, 159_00, 310, _WATT),
        ToolKind("WZ-120", "Circular saw", "Handkreissäge", 3900, 139_00, 340, _WATT),
        ToolKind("WZ-120", "Jigsaw", "Stichsäge", 2200, 99_00, 260, _WATT),
        ToolKind("WZ-120", "Reciprocating saw", "Säbelsäge", 3100, 129_00, 460, _WATT),
        ToolKind("WZ-120", "Mitre saw", "Kapp- und Gehrungssäge", 11500, 219_00, 620, _WATT),
        ToolKind("WZ-120", "Cordless chain saw", "Akku-Kettensäge", 3400, 189_00, 700, _VOLT),
        ToolKind("WZ-130", "Angle grinder", "Winkelschleifer", 2100, 79_00, 300, _WATT),
        ToolKind("WZ-130", "Cordless angle grinder", "Akku-Winkelschleifer", 2000, 129_00, 310, _VOLT),
        ToolKind("WZ-130", "Orbital sander", "Schwingschleifer", 1600, 69_00, 250, _WATT),
        ToolKind("WZ-130", "Random orbit sander", "Exzenterschleifer", 1800, 89_00, 270, _WATT),
        ToolKind("WZ-130", "Belt sander", "Bandschleifer", 3600, 149_00, 350, _WATT),
    ),
    (
        Line("", "", 100, 100),
        Line(" Pro", " Profi", 135, 105),
        Line(" Compact", " Kompakt", 90, 85),
        Line(" in case", " im Koffer", 115, 190),
    ),
    (
        ("Metal gear housing", "Getriebegehäuse aus Metall"),
        ("Soft grip with little vibration", "Vibrationsarmer Softgriff"),
        ("LED work light", "LED-Arbeitslicht"),
        ("Electronic speed control", "Elektronische Drehzahlregelung"),
        ("Restart protection", "Wiederanlaufschutz"),
        ("Made for daily use on site", "Für den täglichen Einsatz auf der Baustelle"),
    ),
)

HAND_TOOLS: Final = Department(
    28,
    (
        ToolKind("WZ-210", "Claw hammer", "Latthammer", 620, 18_90, 320, ("450 g", "500 g", "600 g", "750 g")),
        ToolKind("WZ-210", "Club hammer", "Fäustel", 1400, 14_90, 260, ("1.0 kg", "1.25 kg", "1.5 kg", "2.0 kg")),
        ToolKind("WZ-210", "Machinist's hammer", "Schlosserhammer", 480, 9_90, 300, ("200 g", "300 g", "500 g", "800 g")),
        ToolKind("WZ-210", "Rubber mallet", "Gummihammer", 550, 8_50, 330, ("45 mm", "55 mm", "65 mm", "75 mm", "90 mm")),
        ToolKind("WZ-210", "Cold chisel", "Flachmeißel", 350, 7_20, 250, ("15 mm", "18 mm", "21 mm", "24 mm")),
        ToolKind("WZ-220", "Slotted screwdriver", "Schlitz-Schraubendreher", 70, 4_80, 200, ("3.0 mm", "4.0 mm", "5.5 mm", "6.5 mm", "8.0 mm")),
        ToolKind("WZ-220", "Phillips screwdriver", "Kreuzschlitz-Schraubendreher", 80, 5_20, 205, ("PH0", "PH1", "PH2", "PH3")),
        ToolKind("WZ-220", "Torx screwdriver", "Torx-Schraubendreher", 75, 5_60, 205, ("TX10", "TX15", "TX20", "TX25", "TX30")),
        ToolKind("WZ-220", "Hex key", "Innensechskantschlüssel", 60, 3_10, 120, ("3 mm", "4 mm", "5 mm", "6 mm", "8 mm")),
        ToolKind("WZ-230", "Combination pliers", "Kombizange", 240, 16_90, 180, _PLIERS),
        ToolKind("WZ-230", "Side cutters", "Seitenschneider", 210, 17_90, 160, _PLIERS),
        ToolKind("WZ-230", "Needle-nose pliers", "Spitzzange", 190, 18_50, 200, _PLIERS),
        ToolKind("WZ-230", "Water pump pliers", "Wasserpumpenzange", 340, 21_50, 250, _PLIERS),
        ToolKind("WZ-230", "Combination spanner", "Ring-Maulschlüssel", 110, 6_40, 170, ("8 mm", "10 mm", "13 mm", "17 mm", "19 mm")),
        ToolKind("WZ-230", "Adjustable spanner", "Rollgabelschlüssel", 390, 19_90, 210, ("6 inch", "8 inch", "10 inch", "12 inch")),
        ToolKind("WZ-240", "Spirit level", "Wasserwaage", 520, 24_90, 600, _LEVELS),
        ToolKind("WZ-240", "Straight edge", "Richtlatte", 640, 29_90, 1000, _LEVELS),
        ToolKind("WZ-240", "Tape measure", "Taschenbandmaß", 210, 9_40, 75, ("2 m", "3 m", "5 m", "8 m", "10 m")),
        ToolKind("WZ-240", "Folding rule", "Gliedermaßstab", 120, 6_90, 240, ("1 m", "2 m", "3 m")),
        ToolKind("WZ-240", "Try square", "Anschlagwinkel", 260, 12_90, 250, ("150 mm", "200 mm", "250 mm", "300 mm")),
    ),
    (
        Line("", "", 100, 100),
        Line(" Pro", " Profi", 145, 105),
        Line(" Classic", " Klassik", 85, 100),
        Line(" on display card", " auf SB-Karte", 105, 110),
    ),
    (
        ("For trade and industry", "Für Handwerk und Industrie"),
        ("Checked by hand", "Von Hand geprüft"),
        ("Corrosion-resistant finish", "Korrosionsbeständige Oberfläche"),
        ("Tested to DIN standards", "Geprüft nach DIN"),
        ("Easy to clean", "Leicht zu reinigen"),
        ("10 years of guarantee", "10 Jahre Garantie"),
    ),
)  # fmt: skip

CONSUMABLES: Final = Department(
    50,
    (
        ToolKind("VB-310", "HSS drill bit", "HSS-Bohrer", 22, 1_90, 95, _DRILLS),
        ToolKind("VB-310", "Masonry drill bit", "Steinbohrer", 48, 2_40, 120, _DRILLS),
        ToolKind("VB-310", "SDS-plus drill bit", "SDS-plus-Bohrer", 85, 4_60, 160, _DRILLS),
        ToolKind("VB-310", "Wood drill bit", "Holzspiralbohrer", 30, 2_10, 110, _DRILLS),
        ToolKind("VB-310", "Cobalt drill bit", "Kobalt-Bohrer", 24, 4_90, 95, _DRILLS),
        ToolKind("VB-320", "Cutting disc", "Trennscheibe", 60, 1_80, 125, _DISCS),
        ToolKind("VB-320", "Grinding disc", "Schruppscheibe", 180, 2_90, 125, _DISCS),
        ToolKind("VB-320", "Flap disc", "Fächerscheibe", 95, 3_70, 125, _DISCS),
        ToolKind("VB-320", "Diamond cutting disc", "Diamant-Trennscheibe", 140, 19_90, 125, _DISCS),
        ToolKind("VB-320", "Circular saw blade", "Kreissägeblatt", 420, 24_50, 190, ("160 mm", "165 mm", "190 mm", "210 mm", "250 mm")),
        ToolKind("VB-320", "Sanding sheet", "Schleifblatt", 12, 60, 230, ("P40", "P60", "P80", "P120", "P180", "P240")),
        ToolKind("VB-330", "Wood screw", "Holzschraube", 4, 12, 40, _SCREWS),
        ToolKind("VB-330", "Chipboard screw", "Spanplattenschraube", 4, 9, 40, _SCREWS),
        ToolKind("VB-330", "Decking screw", "Terrassenschraube", 6, 18, 50, _SCREWS),
        ToolKind("VB-330", "Hexagon nut", "Sechskantmutter", 5, 8, 10, _METRIC),
        ToolKind("VB-330", "Washer", "Unterlegscheibe", 3, 5, 20, _METRIC),
        ToolKind("VB-330", "Wall plug", "Dübel", 2, 10, 40, ("5 mm", "6 mm", "8 mm", "10 mm", "12 mm")),
        ToolKind("VB-340", "Wood glue", "Holzleim", 290, 5_90, 180, ("250 g", "500 g", "750 g")),
        ToolKind("VB-340", "Assembly adhesive", "Montagekleber", 430, 6_40, 220, ("290 ml", "310 ml", "600 ml")),
        ToolKind("VB-340", "Silicone sealant", "Silikon-Dichtstoff", 390, 7_90, 220, ("80 ml", "310 ml", "600 ml")),
    ),
    (
        Line("", "", 100, 100),
        Line(", pack of 5", ", 5er-Pack", 440, 510),
        Line(", pack of 10", ", 10er-Pack", 830, 1010),
        Line(", pack of 25", ", 25er-Pack", 1900, 2520),
        Line(", pack of 100", ", 100er-Pack", 6900, 10050),
    ),
    (
        ("For professional use", "Für den professionellen Einsatz"),
        ("Long service life", "Hohe Standzeit"),
        ("Recyclable packaging", "Recycelbare Verpackung"),
        ("Made in the European Union", "Hergestellt in der Europäischen Union"),
        ("Constant quality, batch by batch", "Gleichbleibende Qualität, Charge für Charge"),
    ),
)  # fmt: skip
