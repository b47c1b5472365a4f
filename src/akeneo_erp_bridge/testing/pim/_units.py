"""The measurement families a new PIM brings along, with their exact conversions to the standard unit."""

from __future__ import annotations

from typing import Final

from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue

# family: (standard unit, {unit: (symbol, operations to the standard unit)}); an operation without a word multiplies
_TABLE: Final[dict[str, tuple[str, dict[str, tuple[str, str]]]]] = {
    "Angle": (
        "RADIAN",
        {
            "RADIAN": ("rad", "1"),
            "MILLIRADIAN": ("mrad", "0.001"),
            "MICRORADIAN": ("µrad", "0.000001"),
            "DEGREE": ("°", "0.01745329"),
            "MINUTE": ("'", "0.0002908882"),
            "SECOND": ('"', "0.000004848137"),
            "GON": ("gon", "0.01570796"),
            "MIL": ("mil", "0.0009817477"),
            "REVOLUTION": ("rev", "6.283185"),
        },
    ),
    "Area": (
        "SQUARE_METER",
        {
            "SQUARE_MILLIMETER": ("mm²", "0.000001"),
            "SQUARE_CENTIMETER": ("cm²", "0.0001"),
            "SQUARE_DECIMETER": ("dm²", "0.01"),
            "SQUARE_METER": ("m²", "1"),
            "CENTIARE": ("ca", "1"),
            "SQUARE_DEKAMETER": ("dam²", "100"),
            "ARE": ("a", "100"),
            "SQUARE_HECTOMETER": ("hm²", "10000"),
            "HECTARE": ("ha", "10000"),
            "SQUARE_KILOMETER": ("km²", "1000000"),
            "SQUARE_INCH": ("sq in", "0.00064516"),
            "SQUARE_FOOT": ("sq ft", "0.09290304"),
            "SQUARE_YARD": ("sq yd", "0.83612736"),
            "ACRE": ("A", "4046.8564224"),
            "SQUARE_MILE": ("sq mi", "2589988.110336"),
        },
    ),
    "Binary": (
        "BYTE",
        {
            "BIT": ("b", "0.125"),
            "BYTE": ("B", "1"),
            "KILOBYTE": ("kB", "1024"),
            "MEGABYTE": ("MB", "1048576"),
            "GIGABYTE": ("GB", "1073741824"),
            "TERABYTE": ("TB", "1099511627776"),
        },
    ),
    "Brightness": ("LUMEN", {"LUMEN": ("lm", "1"), "NIT": ("nits", "0.2918855809")}),
    "CaseBox": ("PIECE", {"PIECE": ("Pc", "1"), "DOZEN": ("Dz", "12")}),
    "Decibel": ("DECIBEL", {"DECIBEL": ("dB", "1")}),
    "Duration": (
        "SECOND",
        {
            "MILLISECOND": ("ms", "0.001"),
            "SECOND": ("s", "1"),
            "MINUTE": ("m", "60"),
            "HOUR": ("h", "3600"),
            "DAY": ("d", "86400"),
            "WEEK": ("week", "604800"),
            "MONTH": ("month", "2628000"),
            "YEAR": ("year", "31536000"),
        },
    ),
    "ElectricCharge": (
        "AMPEREHOUR",
        {
            "MILLIAMPEREHOUR": ("mAh", "0.001"),
            "AMPEREHOUR": ("Ah", "1"),
            "MILLICOULOMB": ("mC", "div 3600000"),
            "CENTICOULOMB": ("cC", "div 360000"),
            "DECICOULOMB": ("dC", "div 36000"),
            "COULOMB": ("C", "div 3600"),
            "DEKACOULOMB": ("daC", "div 360"),
            "HECTOCOULOMB": ("hC", "div 36"),
            "KILOCOULOMB": ("kC", "div 3.6"),
        },
    ),
    "Energy": (
        "JOULE",
        {
            "JOULE": ("J", "1"),
            "CALORIE": ("cal", "4.184"),
            "KILOCALORIE": ("kcal", "4184"),
            "KILOJOULE": ("kJ", "1000"),
            "WATTHOUR": ("Wh", "3600"),
            "KILOWATTHOUR": ("kWh", "3600000"),
        },
    ),
    "Force": (
        "NEWTON",
        {
            "MILLINEWTON": ("mN", "0.001"),
            "NEWTON": ("N", "1"),
            "KILONEWTON": ("kN", "1000"),
            "MEGANEWTON": ("MN", "1000000"),
        },
    ),
    "Frequency": (
        "HERTZ",
        {
            "HERTZ": ("Hz", "1"),
            "KILOHERTZ": ("kHz", "1000"),
            "MEGAHERTZ": ("MHz", "1000000"),
            "GIGAHERTZ": ("GHz", "1000000000"),
            "TERAHERTZ": ("THz", "1000000000000"),
        },
    ),
    "Intensity": (
        "AMPERE",
        {
            "MILLIAMPERE": ("mA", "0.001"),
            "CENTIAMPERE": ("cA", "0.01"),
            "DECIAMPERE": ("dA", "0.1"),
            "AMPERE": ("A", "1"),
            "DEKAMPERE": ("daA", "10"),
            "HECTOAMPERE": ("hA", "100"),
            "KILOAMPERE": ("kA", "1000"),
        },
    ),
    "Length": (
        "METER",
        {
            "MILLIMETER": ("mm", "0.001"),
            "CENTIMETER": ("cm", "0.01"),
            "DECIMETER": ("dm", "0.1"),
            "METER": ("m", "1"),
            "DEKAMETER": ("dam", "10"),
            "HECTOMETER": ("hm", "100"),
            "KILOMETER": ("km", "1000"),
            "MIL": ("mil", "0.0000254"),
            "INCH": ("in", "0.0254"),
            "FEET": ("ft", "0.3048"),
            "YARD": ("yd", "0.9144"),
            "CHAIN": ("ch", "20.1168"),
            "FURLONG": ("fur", "201.168"),
            "MILE": ("mi", "1609.344"),
        },
    ),
    "Power": (
        "WATT",
        {
            "WATT": ("W", "1"),
            "KILOWATT": ("kW", "1000"),
            "MEGAWATT": ("MW", "1000000"),
            "GIGAWATT": ("GW", "1000000000"),
            "TERAWATT": ("TW", "1000000000000"),
        },
    ),
    "Pressure": (
        "BAR",
        {
            "PASCAL": ("Pa", "0.00001"),
            "HECTOPASCAL": ("hPa", "0.001"),
            "KILOPASCAL": ("kPa", "0.01"),
            "MEGAPASCAL": ("MPa", "10"),
            "MILLIBAR": ("mBar", "0.001"),
            "BAR": ("Bar", "1"),
            "ATM": ("atm", "1.01325"),
        },
    ),
    "Resistance": (
        "OHM",
        {
            "MILLIOHM": ("mΩ", "0.001"),
            "CENTIOHM": ("cΩ", "0.01"),
            "DECIOHM": ("dΩ", "0.1"),
            "OHM": ("Ω", "1"),
            "DEKAOHM": ("daΩ", "10"),
            "HECTOHM": ("hΩ", "100"),
            "KILOHM": ("kΩ", "1000"),
            "MEGOHM": ("MΩ", "1000000"),
        },
    ),
    "Speed": (
        "METER_PER_SECOND",
        {
            "METER_PER_SECOND": ("m/s", "1"),
            "METER_PER_MINUTE": ("m/mn", "div 60"),
            "METER_PER_HOUR": ("m/h", "div 3600"),
            "KILOMETER_PER_HOUR": ("km/h", "div 3.6"),
            "FOOT_PER_SECOND": ("ft/s", "0.3048"),
            "FOOT_PER_HOUR": ("ft/h", "mul 0.3048, div 3600"),
            "YARD_PER_HOUR": ("yd/h", "mul 0.9144, div 3600"),
            "MILE_PER_HOUR": ("mi/h", "0.44704"),
        },
    ),
    "Temperature": (
        "KELVIN",
        {
            "CELSIUS": ("°C", "add 273.15"),
            "FAHRENHEIT": ("°F", "sub 32, div 1.8, add 273.15"),
            "KELVIN": ("°K", "1"),
            "RANKINE": ("°R", "div 1.8"),
            "REAUMUR": ("°r", "mul 1.25, add 273.15"),
        },
    ),
    "Voltage": (
        "VOLT",
        {
            "MILLIVOLT": ("mV", "0.001"),
            "CENTIVOLT": ("cV", "0.01"),
            "DECIVOLT": ("dV", "0.1"),
            "VOLT": ("V", "1"),
            "DEKAVOLT": ("daV", "10"),
            "HECTOVOLT": ("hV", "100"),
            "KILOVOLT": ("kV", "1000"),
        },
    ),
    "Volume": (
        "CUBIC_METER",
        {
            "CUBIC_MILLIMETER": ("mm³", "0.000000001"),
            "CUBIC_CENTIMETER": ("cm³", "0.000001"),
            "MILLILITER": ("ml", "0.000001"),
            "CENTILITER": ("cl", "0.00001"),
            "DECILITER": ("dl", "0.0001"),
            "CUBIC_DECIMETER": ("dm³", "0.001"),
            "LITER": ("l", "0.001"),
            "CUBIC_METER": ("m³", "1"),
            "OUNCE": ("oz", "0.0000284130625"),
            "PINT": ("pt", "0.00056826125"),
            "BARREL": ("bbl", "0.158987294928"),
            "GALLON": ("gal", "0.00454609"),
            "CUBIC_FOOT": ("ft³", "0.028316846592"),
            "CUBIC_INCH": ("in³", "0.000016387064"),
            "CUBIC_YARD": ("yd³", "0.764554857984"),
        },
    ),
    "VolumeFlow": (
        "CUBIC_METER_PER_SECOND",
        {
            "CUBIC_METER_PER_SECOND": ("m³/s", "1"),
            "CUBIC_METER_PER_MINUTE": ("m³/min", "div 60"),
            "CUBIC_METER_PER_HOUR": ("m³/h", "div 3600"),
            "LITER_PER_SECOND": ("l/s", "0.001"),
            "LITER_PER_MINUTE": ("l/min", "mul 0.001, div 60"),
            "LITER_PER_HOUR": ("l/h", "mul 0.001, div 3600"),
        },
    ),
    "Weight": (
        "KILOGRAM",
        {
            "MICROGRAM": ("μg", "0.000000001"),
            "MILLIGRAM": ("mg", "0.000001"),
            "GRAM": ("g", "0.001"),
            "KILOGRAM": ("kg", "1"),
            "TON": ("t", "1000"),
            "GRAIN": ("gr", "0.00006479891"),
            "DENIER": ("denier", "0.001275"),
            "ONCE": ("once", "0.03059"),
            "MARC": ("marc", "0.24475"),
            "LIVRE": ("livre", "0.4895"),
            "OUNCE": ("oz", "0.028349523125"),
            "POUND": ("lb", "0.45359237"),
        },
    ),
}


def standard_families() -> list[JsonObject]:
    """The families in the shape of the API."""
    return [_family(code, standard, units) for code, (standard, units) in _TABLE.items()]


def _family(code: str, standard: str, units: dict[str, tuple[str, str]]) -> JsonObject:
    shown: JsonObject = {
        unit: {
            "code": unit,
            "labels": {"en_US": unit.replace("_", " ").capitalize()},
            "convert_from_standard": _operations(operations),
            "symbol": symbol,
        }
        for unit, (symbol, operations) in units.items()
    }
    return {"code": code, "labels": {"en_US": code}, "standard_unit_code": standard, "units": shown}


def _operations(text: str) -> list[JsonValue]:
    found: list[JsonValue] = []
    for part in text.split(", "):
        operator, _, value = part.rpartition(" ")
        found.append({"operator": operator or "mul", "value": value})
    return found
