"""The ERP of the examples: a merchant of tools and workwear, in a SQLite file made by a generator.

The tables are those of an ERP that has grown. Everything but `stock.quantity` is text.

========================  =============================================================================
`articles`                number (not unique), name_en, name_de, text_en and text_de (HTML), category,
                          net_weight ("1,250"), weight_unit, length_mm, colour, size, ean, style (of
                          clothing: the rows of one style differ in colour and size), active ("J", "N"),
                          discontinued_on, list_price ("89,90"), currency, cost, supplier, modified_at
`categories`              code, parent (blank for departments), name_en, name_de
`prices`, `stock`         the history of prices; the quantity in each warehouse; both with changed_at
`articles_hot` (a view)   number, price (the current one), stock (of all warehouses), changed_at
========================  =============================================================================

Two fifths of the rows are clothing. The words of the ERP, and what they are in the PIM that
`PimSimulator(sample=True)` gives, are in four tables:

`CATEGORY_TO_FAMILY`, `CATEGORY_CODES`
    ``WZ-110`` drills and drivers, ``WZ-120`` saws, ``WZ-130`` grinders and sanders; ``WZ-210`` hammers and chisels,
    ``WZ-220`` screwdrivers, ``WZ-230`` pliers and spanners, ``WZ-240`` measuring; ``VB-310`` drill bits, ``VB-320``
    discs and blades, ``VB-330`` screws and fixings, ``VB-340`` glues and sealants; ``BK-210`` jackets, ``BK-220``
    trousers, ``BK-230`` shirts, ``BK-240`` shoes. Articles are never in the departments ``WZ``, ``VB``, ``BK``.
`COLOURS`
    Words in lower case, such as ``rot``, ``red``, ``dunkelblau``; the ERP has them in any case.
`UNITS`
    ``KG``, ``kg``, ``G``, ``g``, ``LB``.

No row has two of these oddities, and `MerchantFacts.oddities` names the articles of each:

=======================  =====  ======================================================================
`leading_zero_number`       40  ``000123``
`bad_number`                 3  two with a comma, one longer than 255 characters
`duplicate_number`           4  two rows with this number, of different names
`ambiguous_weight`          12  ``ca. 2``, ``1.2.5``, ``12,,5``
`unknown_unit`               6  ``Stk``, ``VPE``
`blank_english_name`         9
`blank_german_name`         35
`untidy_name`               15  outer spaces, non-breaking spaces, line breaks, control characters
`long_name`                  2  longer than 255 characters, in both languages
`script_in_text`            60  HTML with a script and entities
`unknown_category`           7  ``WZ-999``, ``BK-23O`` (with a letter O)
`unknown_colour`            10  ``mauve``, ``bunt``
`wrong_ean`                  5  the check digit is wrong
`zero_price`                20  ``0,00``
`discontinued`              45  `discontinued_on` is filled; still active, sold out
`inactive`                  30  active is ``N``
=======================  =====  ======================================================================

>>> import sqlite3, tempfile
>>> from pathlib import Path
>>> with tempfile.TemporaryDirectory() as folder:
...     facts = build_merchant(Path(folder) / "erp.db", items=400)
...     erp = sqlite3.connect(Path(folder) / "erp.db")
...     erp.execute("SELECT count(*) FROM articles WHERE list_price = '0,00'").fetchone()
...     erp.close()
(20,)
>>> CATEGORY_TO_FAMILY["WZ-110"], CATEGORY_CODES["WZ-110"], COLOURS["rot"], UNITS["KG"]
('power_tools', 'drills', 'red', 'KILOGRAM')
"""

from __future__ import annotations

from akeneo_erp_bridge.testing._sample import CATEGORY_CODES, CATEGORY_TO_FAMILY, COLOURS, UNITS
from akeneo_erp_bridge.testing.merchant._changes import change_prices_and_stock, rename, touch_all
from akeneo_erp_bridge.testing.merchant._database import MerchantFacts, build_merchant

__all__ = [
    "CATEGORY_CODES",
    "CATEGORY_TO_FAMILY",
    "COLOURS",
    "UNITS",
    "MerchantFacts",
    "build_merchant",
    "change_prices_and_stock",
    "rename",
    "touch_all",
]
