"""The words behind `suggest`: what common field names mean, in English, French and German.

Words are lower case and without accents. A line of several words is a phrase, and the longest phrase counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.classification._temperatures import Cold, Hot, Internal, Temperature


@frozen
class Meaning:
    """What a word or phrase stands for."""

    what: str
    temperature: Temperature


_TERMS: Final[tuple[tuple[Temperature, str, str], ...]] = (
    # ---- internal ----
    (
        Internal,
        "what the merchant pays",
        "cost, cost price, purchase price, purchasing price, buying price, buy price, supplier price, vendor price, "
        "standard price, average price, moving price, landed cost, cogs, "
        "prix achat, prix ach, prix revient, prix fournisseur, cout, pamp, pmp, "
        "ek, ek preis, einkauf preis, einkauf, einstand preis, einstand, bezug preis, selbstkosten, kosten, "
        "wareneinsatz, stprs, verpr",
    ),
    (
        Internal,
        "what the merchant earns",
        "margin, markup, mark up, profit, marge, benefice, spanne, aufschlag, rohertrag, deckungsbeitrag, gewinn",
    ),
    (
        Internal,
        "a supplier and their terms",
        "supplier, vendor, seller, creditor, purchase, purchasing, fournisseur, achat, lieferant, kreditor, kondition",
    ),
    # ---- hot ----
    (
        Hot,
        "a current price",
        "price, pricing, list price, sale price, selling price, unit price, amount, fee, msrp, rrp, "
        "prix, prix unitaire, prix vente, tarif, montant, pvp, ppc, pvc, "
        "preis, preise, vk, vk preis, verkauf preis, uvp, entgelt, kbetr",
    ),
    (
        Hot,
        "a discount",
        "discount, rebate, promo, promotion, markdown, remise, rabais, ristourne, solde, rabatt, nachlass, skonto, bonus",
    ),
    (
        Hot,
        "stock",
        "stock, inventory, quantity, qty, qoh, atp, on hand, available, availability, available to promise, backorder, "
        "reserved, allocated, reorder, restock, quantite, qte, disponible, disponibilite, dispo, reserve, "
        "bestand, lager bestand, lager menge, menge, verfugbar, verfuegbar, verfugbarkeit, verfuegbarkeit, "
        "vorrat, reserviert, labst",
    ),
    (
        Hot,
        "supply",
        "lead time, leadtime, delivery time, delivery date, delivery days, replenishment, eta, incoming, on order, "
        "delai, delai livraison, delai appro, appro, reappro, approvisionnement, "
        "lieferzeit, liefer zeit, lieferfrist, liefertermin, lieferdatum, wiederbeschaffung, wbz, plifz",
    ),
    # ---- cold ----
    (
        Cold,
        "a name or a text",
        "name, title, label, description, short description, long description, text, remark, "
        "nom, designation, libelle, intitule, texte, descriptif, "
        "bezeichnung, benennung, beschreibung, kurztext, langtext, artikelname, maktx",
    ),
    (
        Cold,
        "a number that names the article",
        "sku, number, item number, article number, part number, product code, code, id, reference, "
        "numero, numero article, code article, nummer, artikel nummer, artikelnummer, artnr, matnr, sachnummer",
    ),
    (
        Cold,
        "a bar code",
        "ean, gtin, upc, isbn, barcode, bar code, code barre, code barres, gencod, strichcode",
    ),
    (
        Cold,
        "a weight",
        "weight, net weight, gross weight, mass, poids, poids net, poids brut, masse, gewicht, brgew, ntgew",
    ),
    (
        Cold,
        "a size",
        "length, width, height, depth, diameter, volume, size, dimension, thickness, "
        "longueur, largeur, hauteur, profondeur, diametre, taille, epaisseur, "
        "lange, laenge, breite, hohe, hoehe, tiefe, durchmesser, volumen, grosse, groesse, abmessung, dicke",
    ),
    (
        Cold,
        "what it is made of, or looks like",
        "color, colour, material, pattern, shape, fabric, couleur, matiere, motif, forme, tissu, "
        "farbe, werkstoff, muster, stoff",
    ),
    (
        Cold,
        "who makes it, and where",
        "brand, manufacturer, maker, origin, country, model, marque, fabricant, origine, pays, modele, "
        "hersteller, marke, ursprungsland, herkunft, land, modell, markenname",
    ),
    (
        Cold,
        "a class of articles",
        "category, family, class, product group, item group, type, hs code, customs code, "
        "categorie, famille, classe, rayon, code douanier, "
        "kategorie, warengruppe, artikel gruppe, artikelgruppe, zolltarif, sparte",
    ),
    (
        Cold,
        "how it is packed",
        "pack quantity, pack size, packaging, units per, quantity per, qty per, conditionnement, quantite par, colisage, "
        "verpackung, verpackungsmenge, verpackung menge, pack menge, gebinde",
    ),
)

MEANINGS: Final[Mapping[tuple[str, ...], Meaning]] = {
    tuple(phrase.split()): Meaning(what, temperature)
    for temperature, what, phrases in _TERMS
    for phrase in phrases.split(", ")
}

UNITS: Final = frozenset({"unit", "uom", "measure", "einheit", "mengeneinheit", "meins", "peinh"})
"""Last words that make a unit of what stands before them: a `weight_unit` is no weight, a `stock_unit` no stock."""

UNITS_FIRST: Final = frozenset({"unite"})
"""The same in French, where it stands first: `unite_stock`."""

PER: Final = frozenset({"per", "par", "pro", "je"})
"""What stands between an amount and its unit: a `price_per_unit` is a price."""

SMALL: Final = frozenset({"of", "the", "de", "du", "des", "d", "l", "la", "le", "der", "die", "das", "in", "a", "au"})
"""Words that say nothing: `prix_de_vente`, `qty_on_the_shelf`."""

HEADS: Final = ("bestand", "gewicht", "kosten", "marge", "menge", "preis", "rabatt", "spanne")
"""German compounds mean what their end means, whatever stands before it: `Aktionspreis`, `Mindestbestand`."""

JOINTS: Final = ("", "s", "n", "en", "es")
"""What German puts between the parts of a compound: `Einkauf-s-preis`."""

NEUTRAL: Final = frozenset(
    {"list", "liste", "gruppe", "group", "net", "netto", "gross", "brutto", "base", "basis", "lager", "verkauf"}
)
"""Words that mean nothing alone, and of which compounds are made: `pricelist`, `Rabattgruppe`, `Bruttopreis`."""

MONEY: Final = frozenset({"money", "smallmoney", "monetary", "currency", "price"})
"""Types of ERPs and databases that hold amounts of money."""
