"""The measurement families every PIM brings along, with their exact factors to the standard unit."""

from __future__ import annotations

from typing import Final

# family: (standard unit, {unit: (factor, symbol)})
MEASUREMENTS: Final[dict[str, tuple[str, dict[str, tuple[str, str]]]]] = {
    "Weight": (
        "KILOGRAM",
        {
            "MILLIGRAM": ("0.000001", "mg"),
            "GRAM": ("0.001", "g"),
            "KILOGRAM": ("1", "kg"),
            "TON": ("1000", "t"),
            "POUND": ("0.45359237", "lb"),
            "OUNCE": ("0.028349523125", "oz"),
        },
    ),
    "Length": (
        "METER",
        {
            "MILLIMETER": ("0.001", "mm"),
            "CENTIMETER": ("0.01", "cm"),
            "METER": ("1", "m"),
            "KILOMETER": ("1000", "km"),
            "INCH": ("0.0254", "in"),
            "FEET": ("0.3048", "ft"),
            "YARD": ("0.9144", "yd"),
        },
    ),
    "Volume": (
        "CUBIC_METER",
        {"MILLILITER": ("0.000001", "ml"), "LITER": ("0.001", "l"), "CUBIC_METER": ("1", "m³")},
    ),
    "Power": ("WATT", {"WATT": ("1", "W"), "KILOWATT": ("1000", "kW")}),
    "Voltage": ("VOLT", {"MILLIVOLT": ("0.001", "mV"), "VOLT": ("1", "V"), "KILOVOLT": ("1000", "kV")}),
    "Duration": ("SECOND", {"SECOND": ("1", "s"), "MINUTE": ("60", "m"), "HOUR": ("3600", "h"), "DAY": ("86400", "d")}),
}
