"""One attribute in several locales and channels: what is missing in one is never copied from another silently."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.erp import ErpItem, Translations, cold, hot, translations
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping import (
    ProductMapping,
    channelled,
    clean,
    constant,
    decimal,
    fan_out,
    in_language,
    in_unit,
    languages,
    localized,
    lookup,
)
from akeneo_erp_bridge.rules import CLEAR, KEEP, Cell, Owner, Problem, Put


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name_e = cold(str, "name_e")
    name_d = cold(str, "name_d")
    weight = cold(str, "weight")
    names = translations("names")
    texts = translations("texts", language="SPRAS", text="MAKTX")
    price = hot(str, "price")


WEIGHT: Cell[Metric] = Cell("weight")


def cells(bindings: tuple[Any, ...]) -> list[str]:
    return [str(one.cell) for one in bindings]


def test_a_place_for_each_rule() -> None:
    assert cells(localized("name", {"en_US": Article.name_e, "de_DE": Article.name_d}, channel="print")) == [
        "name[en_US, print]", "name[de_DE, print]",
    ]  # fmt: skip
    assert cells(channelled("name", {"print": Article.name_e}, locale="en_US")) == ["name[en_US, print]"]
    assert cells(channelled(WEIGHT, {"print": Article.weight >> decimal("de_DE") >> in_unit("KG")})) == [
        "weight[print]"
    ]
    pairs = fan_out("name", {("en_US", "print"): Article.name_e, ("de_DE", "web"): Article.name_d}, owner=Owner.SEED)
    assert cells(pairs) == ["name[en_US, print]", "name[de_DE, web]"]
    assert {one.owner for one in pairs} == {Owner.SEED}


def test_a_place_given_twice_is_refused() -> None:
    for make in (
        lambda: localized(Cell[str]("name", locale="en_US"), {"de_DE": Article.name_d}),
        lambda: localized(Cell[str]("name", channel="web"), {"de_DE": Article.name_d}, channel="web"),
        lambda: channelled(Cell[str]("name", channel="web"), {"print": Article.name_d}),
        lambda: channelled(Cell[str]("name", locale="en_US"), {"print": Article.name_d}, locale="en_US"),
        lambda: fan_out(Cell[str]("name", locale="en_US"), {("de_DE", "web"): Article.name_d}),
        lambda: fan_out("", {("de_DE", "web"): Article.name_d}),
    ):
        with pytest.raises(MappingError):
            make()
    assert cells(localized(Cell[str]("name", channel="web"), {"de_DE": Article.name_d})) == ["name[de_DE, web]"]


def test_a_hot_rule_has_no_place() -> None:
    untyped: Any = Article
    with pytest.raises(TemperatureRefused):
        fan_out("price", {("en_US", "web"): untyped.price})


# ---- languages ----
TABLE = languages({"E": ("en_US", "en_GB"), "D": "de_DE", "F": "fr_FR"}, fallback={"de_AT": "de_DE", "fr_FR": "en_US"})


def run(**row: object) -> dict[str, object]:
    rules = TABLE.columns({"E": Article.name_e, "D": Article.name_d >> clean()})
    return {locale: rule.run(Article({"number": "1", **row})) for locale, rule in rules.items()}


def test_each_locale_gets_the_text_of_its_language() -> None:
    found = run(name_e="drill", name_d="Bohrer")
    assert found["en_US"] == found["en_GB"] == Put("drill")
    assert found["de_DE"] == Put("Bohrer")


def test_a_missing_text_is_not_copied_but_by_a_fallback_that_is_noted() -> None:
    found = run(name_e="drill")
    assert found["de_DE"] == KEEP, "another language is no translation"
    assert found["de_AT"] == KEEP
    assert found["fr_FR"] == Put("drill", ("fr_FR: taken from en_US",))
    assert run(name_d=None)["de_AT"] == CLEAR


def test_a_wrong_text_does_not_fall_back() -> None:
    rules = languages({"E": "en_US", "D": "de_DE"}, fallback={"de_DE": "en_US"}).columns(
        {"E": Article.name_e, "D": Article.name_d >> lookup({"a": "b"})}
    )
    assert isinstance(rules["de_DE"].run(Article({"name_e": "drill", "name_d": "x"})), Problem)
    assert rules["de_DE"].run(Article({"name_e": "drill", "name_d": "a"})) == Put("b")
    assert rules["de_DE"].run(Article({"name_e": "drill", "name_d": " "})) == Put("drill", ("de_DE: taken from en_US",))


def test_a_fallback_may_have_one_of_its_own() -> None:
    rules = languages({"E": "en_US"}, fallback={"de_AT": "de_DE", "de_DE": "en_US"}).columns({"E": Article.name_e})
    outcome = rules["de_AT"].run(Article({"name_e": "drill"}))
    assert outcome == Put("drill", ("de_DE: taken from en_US", "de_AT: taken from de_DE"))


def test_a_language_without_a_rule_leaves_its_locales_alone() -> None:
    assert set(languages({"E": "en_US", "D": "de_DE"}).columns({"E": Article.name_e})) == {"en_US"}


def test_codes_that_a_locale_may_get_are_its_own_and_those_of_its_fallback() -> None:
    table = languages({"E": "en_US", "D": "de_DE"}, fallback={"de_DE": "en_US"})
    rules = table.columns({"E": Article.name_e >> lookup({"a": "x"}), "D": Article.name_d >> lookup({"a": "y"})})
    assert rules["de_DE"].possible() == {"x", "y"}
    assert rules["de_DE"].sources == {"name_e", "name_d"}


@pytest.mark.parametrize(
    ("table", "fallback", "told"),
    [
        ({"E": "en_US", "D": "en_US"}, {}, "en_US is named twice"),
        ({"E": "en_US"}, {"de_DE": "fr_FR"}, "de_DE -> fr_FR ends at a locale that has no language"),
        ({"E": "en_US"}, {"a": "b", "b": "a"}, "circle: a -> b -> a"),
        ({"E": "en_US"}, {"en_US": "en_US"}, "circle: en_US -> en_US"),
    ],
)
def test_a_table_that_cannot_be_is_refused(table: dict[str, str], fallback: dict[str, str], told: str) -> None:
    with pytest.raises(MappingError, match=told):
        languages(table, fallback=fallback)


def test_a_language_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(MappingError, match=r"language S is not in the table \(D, E, F\)"):
        TABLE.columns({"S": Article.name_e})


# ---- several languages in one field ----
@pytest.mark.parametrize("field", [Article.names, Article.texts])
def test_a_map_and_rows_are_read_alike(field: Any) -> None:
    item = Article(
        {
            "names": {"E": "drill", "D": None, "F": ""},
            "texts": [
                {"SPRAS": "E", "MAKTX": "drill"}, {"SPRAS": "D", "MAKTX": None}, {"SPRAS": "F", "MAKTX": ""}, {"SPRAS": "S"},
            ],
        }
    )  # fmt: skip
    assert field.run(item) == Put(Translations((("E", "drill"), ("D", None), ("F", ""))))
    found = {code: (field >> in_language(code)).run(item) for code in "EDFS"}
    assert found == {"E": Put("drill"), "D": CLEAR, "F": Put(""), "S": KEEP}
    assert item.names["E"] == "drill"
    assert item.names.languages == ("E", "D", "F")
    with pytest.raises(KeyError):
        _ = item.names["S"]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("names", ["drill"]),
        ("names", "drill"),
        ("names", {"E": ["drill"]}),
        ("names", {None: "drill"}),
        ("texts", {"E": "drill"}),
        ("texts", ["drill"]),
        ("texts", [{"MAKTX": "drill"}]),
        ("texts", [{"SPRAS": "E", "MAKTX": "drill"}, {"SPRAS": "E", "MAKTX": "saw"}]),
    ],
)
def test_texts_of_another_shape_are_a_problem(name: str, raw: object) -> None:
    outcome = getattr(Article, name).run(Article({name: raw}))
    assert isinstance(outcome, Problem)
    assert outcome.path == name


def test_half_of_the_names_of_members_is_refused() -> None:
    with pytest.raises(MappingError, match="both members"):
        translations("texts", language="SPRAS")


def test_texts_of_one_field_go_to_all_locales() -> None:
    rules = {locale: rule >> clean() for locale, rule in TABLE.texts(Article.names).items()}
    mapping = ProductMapping(Article, Article.number.to(Cell[str]("sku")), *localized("name", rules))
    assert mapping.source_fields() == {"number", "names"}
    outcomes = mapping.run(Article({"number": "1", "names": {"D": " Bohrer", "X": "?"}})).outcomes
    values = {key: one.value for key, one in outcomes.items() if isinstance(one, Put)}
    assert values == {"sku": "1", "name[de_DE]": "Bohrer", "name[de_AT]": "Bohrer"}


def test_weights_have_languages_as_well() -> None:
    kilos = Article.weight >> decimal("de_DE") >> in_unit("KG")
    bindings = localized(WEIGHT, languages({"E": "en_US"}).columns({"E": kilos}))
    outcome = bindings[0].rule.run(Article({"weight": "1,5"}))
    assert isinstance(outcome, Put)
    assert outcome.value == Metric(amount=Decimal("1.5"), unit="KG")  # type: ignore[arg-type]  # a text for a code


def test_a_constant_falls_back_too() -> None:
    rules = languages({"E": "en_US"}, fallback={"de_DE": "en_US"}).columns({"E": constant("x")})
    assert rules["de_DE"].run("any item") == Put("x", ("de_DE: taken from en_US",))
