"""What ERPs call the units of Akeneo's own measurement families."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

from akeneo_erp_bridge.errors import ConfigurationError

MeasuredKind: TypeAlias = Literal[
    "Area", "CaseBox", "Duration", "Intensity", "Length", "Power", "Temperature", "Voltage", "Volume", "Weight"
]

# For each unit: symbols and codes of UN/ECE Recommendation 20 and of SAP | English | German | French, each word once.
# Left out on purpose: words that mean two things where case does not matter (MW and mW), or from one country to
# the next (gallon, pint, fluid ounce, Pfund, livre, quintal). Add them where you know what yours mean.
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "Weight": {
        "MILLIGRAM": "mg mgm|milligram milligrams|milligramm|milligramme milligrammes",
        "GRAM": "g grm|gram grams|gramm|gramme grammes",
        "KILOGRAM": "kg kgm|kilogram kilograms kilo kilos|kilogramm|kilogramme kilogrammes",
        "TON": "t to tne|tonne tonnes|tonnen|",
        "OUNCE": "oz onz|ounce ounces|unze unzen|once onces",
        "POUND": "lb lbs lbr|pound pounds||",
    },
    "Length": {
        "MILLIMETER": "mm mmt|millimeter millimeters millimetre millimetres||millimètre millimètres",
        "CENTIMETER": "cm cmt|centimeter centimeters centimetre centimetres|zentimeter|centimètre centimètres",
        "DECIMETER": "dm dmt|decimeter decimeters decimetre decimetres|dezimeter|décimètre décimètres",
        "METER": "m mtr|meter meters metre metres||mètre mètres",
        "KILOMETER": "km kmt|kilometer kilometers kilometre kilometres||kilomètre kilomètres",
        "INCH": 'in inh "|inch inches|zoll|pouce pouces',
        "FEET": "ft fot|foot feet|fuss|pied pieds",
        "YARD": "yd yrd|yard yards||",
        "MILE": "mi smi|mile miles|meile meilen|",
    },
    "Area": {
        "SQUARE_MILLIMETER": "mm² mm2 mmk|||",
        "SQUARE_CENTIMETER": "cm² cm2 cmk|||",
        "SQUARE_DECIMETER": "dm² dm2 dmk|||",
        "SQUARE_METER": "m² m2 mtk qm|sqm|quadratmeter|",
        "HECTARE": "ha har|hectare hectares|hektar|",
    },
    "Volume": {
        "CUBIC_MILLIMETER": "mm³ mm3 mmq|||",
        "CUBIC_CENTIMETER": "cm³ cm3 cmq ccm|||",
        "CUBIC_DECIMETER": "dm³ dm3 dmq|||",
        "CUBIC_METER": "m³ m3 mtq cbm||kubikmeter|",
        "MILLILITER": "ml mlt|milliliter milliliters millilitre millilitres||",
        "CENTILITER": "cl clt|centiliter centiliters centilitre centilitres|zentiliter|",
        "DECILITER": "dl dlt|deciliter deciliters decilitre decilitres|deziliter|décilitre décilitres",
        "LITER": "l ltr|liter liters litre litres||",
    },
    "CaseBox": {
        "PIECE": "pce pcs pc c62 h87 ea st|piece pieces each|stk stck stück stueck|pièce pièces",
        "DOZEN": "dzn dz|dozen dozens|dutzend dtz|douzaine douzaines",
    },
    "Duration": {
        "SECOND": "s sec|second seconds|sekunde sekunden|seconde secondes",
        "MINUTE": "min|minute minutes|minuten|",
        "HOUR": "h hur hr|hour hours|std stunde stunden|heure heures",
        "DAY": "d day|days|tag tage|jour jours",
        "WEEK": "wee wk|week weeks|woche wochen|semaine semaines",
    },
    "Temperature": {
        "CELSIUS": "°c cel|celsius||",
        "FAHRENHEIT": "°f fah|fahrenheit||",
        "KELVIN": "k kel|kelvin||",
    },
    "Power": {"WATT": "w wtt|watt watts||", "KILOWATT": "kw kwt|kilowatt kilowatts||"},
    "Voltage": {"VOLT": "v vlt|volt volts||", "KILOVOLT": "kv kvt|kilovolt kilovolts||"},
    "Intensity": {"MILLIAMPERE": "ma 4k|milliampere||", "AMPERE": "a amp|ampere amperes||ampère ampères"},
}
_LANGUAGES: Final = ("en", "de", "fr")


def units_meant(family: str, words: Iterable[str]) -> str:
    """The units of a family of Akeneo's own that these words mean, for a message; nothing where none does.

    >>> units_meant("Weight", ["KG", "Sack"])
    " ('KG' may be KILOGRAM)"
    """
    known = {word: code for code, row in _WORDS.get(family, {}).items() for word in row.replace("|", " ").split()}
    told = [f"'{word}' may be {known[word.casefold()]}" for word in words if word.casefold() in known]
    return f" ({', '.join(told)})" if told else ""


def unit_synonyms(kind: MeasuredKind, *languages: Literal["de", "en", "fr"]) -> Mapping[str, str]:
    """Words for the units of one of Akeneo's own measurement families: symbols, international codes and the languages.

    The codes are those of UN/ECE Recommendation 20 (``KGM``), which EDIFACT and most ERPs use, and of SAP. Without
    languages, words of all three. Join it with words of your own: ``{**unit_synonyms("Weight"), "Sack": "..."}``.
    Raises `ConfigurationError` for a family or language that is not there.

    >>> words = unit_synonyms("Weight", "de")
    >>> words["kgm"], words["kilogramm"], "kilogramme" in words
    ('KILOGRAM', 'KILOGRAM', False)
    """
    units = _WORDS.get(kind)
    unknown = sorted(set(languages) - set(_LANGUAGES))
    if units is None or unknown:
        asked = repr(kind) if units is None else ", ".join(map(repr, unknown))
        raise ConfigurationError(
            f"unit_synonyms(...): no words for {asked}; there are {', '.join(_WORDS)}, in {', '.join(_LANGUAGES)}"
        )
    wanted = [0, *(1 + _LANGUAGES.index(one) for one in languages or _LANGUAGES)]
    return {word: code for code, words in units.items() for part in wanted for word in words.split("|")[part].split()}
