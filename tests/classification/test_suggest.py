"""The starter policy: what names suggest in three languages, and what they must not be mistaken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.classification import Cold, Hot, Internal, suggest
from akeneo_erp_bridge.classification._names import words_of
from akeneo_erp_bridge.classification._vocabulary import HEADS, MEANINGS
from akeneo_erp_bridge.erp import ErpField, ErpSchema


def suggested(*names: str, kind: str = "text") -> list[type[object] | None]:
    schema = ErpSchema("t", tuple(ErpField(name, kind) for name in names))
    found = {one.field: one.temperature for one in suggest(schema)}
    return [found.get(name) for name in names]


HOT = """
price Price PRICE unit_price UnitPrice unitPrice UNITPRICE list_price lst_price sale_price price_eur price_per_unit
stock stock_qty STOCKQTY qty_available virtual_available on_hand qty_on_hand units_in_stock stock_units in_stock
quantity discount discount_pct lead_time LeadTime delivery_time on_order
prix prix_de_vente PrixVente prix_unitaire prix_par_unite AR_PrixVen tarif quantité quantite_stock qté remise disponible
délai_livraison delai_de_livraison
Preis Listenpreis Verkaufspreis Aktionspreis Bruttopreis VK VKPreis vkpreis VK_Preis UVP Bestand Lagerbestand
Mindestbestand lager_bestand Menge Lagermenge Rabatt Rabattgruppe Mengenrabatt Lieferzeit Liefertermin verfügbar
LABST PLIFZ price_unit
"""
INTERNAL = """
cost unit_cost UnitCost cost_price CostPrice standard_price purchase_price landed_cost margin margin_pct markup supplier
supplier_name SupplierNo vendor_code supplier_price
coût prix_achat prix_d_achat PrixAchat AR_PrixAch prix_de_revient marge fournisseur code_fournisseur
Einkaufspreis EK EK_netto ek_preis EKPreis Einstandspreis Bezugspreis Handelsspanne Herstellkosten Rohertrag
Lieferant Lieferantennummer Deckungsbeitrag STPRS VERPR
"""
COLD = """
name product_name ProductName title description short_description long_text ean EAN13 gtin barcode upc weight net_weight
GrossWeight weight_unit stock_unit qty_uom length width height colour color material brand manufacturer category
default_code item_number pack_quantity country_of_origin
nom désignation libellé poids poids_net PoidsBrut longueur couleur matière marque code_barres référence unité_stock
famille pays_origine
Bezeichnung Artikelbezeichnung Beschreibung Gewicht Nettogewicht Bruttogewicht Länge Laenge Höhe Farbe Hersteller Marke
Warengruppe Artikelnummer Größe Groesse Preiseinheit Mengeneinheit Verpackungsmenge Ursprungsland MATNR MAKTX BRGEW MEINS
"""
NOTHING = """
costume stockinged prefix suffix priceless Preiselbeere Bestandteil Zustand discounter namesake marketing zz_17 F_0815
sizeable weightless costly is_active created_at Stockwerk Lagerfeuer rateable emprixe
"""


@pytest.mark.parametrize("name", HOT.split())
def test_hot(name: str) -> None:
    assert suggested(name) == [Hot]


@pytest.mark.parametrize("name", INTERNAL.split())
def test_internal(name: str) -> None:
    assert suggested(name) == [Internal]


@pytest.mark.parametrize("name", COLD.split())
def test_cold(name: str) -> None:
    assert suggested(name) == [Cold]


@pytest.mark.parametrize("name", NOTHING.split())
def test_a_trap_suggests_nothing(name: str) -> None:
    assert suggested(name) == [None]


def test_a_name_that_says_two_things_is_what_is_stricter() -> None:
    assert suggested("supplier_price_name", "price_name", "costume_name") == [Internal, Hot, Cold]


def test_the_type_speaks_where_the_name_does_not() -> None:
    assert suggested("zz_17", kind="money") == [Hot]
    assert suggested("zz_17", kind="MONETARY(10)") == [Hot]
    assert suggested("name", kind="money") == [Hot]
    assert suggested("unit_cost", kind="money") == [Internal]


def test_a_suggestion_says_why() -> None:
    (one,) = suggest(ErpSchema("t", (ErpField("Einkaufspreis"),)))
    assert str(one) == "Einkaufspreis: internal? 'einkauf preis' means what the merchant pays"
    (unsure,) = suggest(ErpSchema("t", (ErpField("price_unit"),)))
    assert "Odoo" in unsure.reason
    assert "look at its values" in unsure.reason


STYLES = (
    "_".join,
    "-".join,
    ".".join,
    lambda words: "".join(map(str.title, words)),
    lambda words: words[0] + "".join(map(str.title, words[1:])),
    lambda words: "_".join(map(str.upper, words)),
)


@given(st.sampled_from(sorted(MEANINGS)), st.sampled_from(STYLES))
def test_every_phrase_is_found_in_every_spelling(phrase: tuple[str, ...], style: object) -> None:
    assert callable(style)
    assert suggested(style(list(phrase))) == [MEANINGS[phrase].temperature]


@given(st.text(max_size=40))
def test_no_name_is_too_strange(name: str) -> None:
    assert len(suggested(name)) == 1
    assert all(words_of(name))


def test_the_heads_of_compounds_are_words_themselves() -> None:
    assert {(head,) for head in HEADS} <= set(MEANINGS)
