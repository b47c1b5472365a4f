"""The demonstration: a PIM and an ERP that need nothing else, and those who work in both meanwhile."""

from __future__ import annotations

import sqlite3
import struct
import time
import zlib
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from attrs import frozen

from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, FamilyCode, LocaleCode, ProductUuid
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync import setup
from akeneo_erp_bridge.testing import AppCredentials, PimSimulator, SimulatorServer, merchant
from erp_app.fields import BLUEPRINT, BORN, TAG

ARTICLES: Final = 600
PICTURES: Final = 30
_COLOURS: Final = {"power_tools": (26, 86, 176), "hand_tools": (140, 24, 35), "consumables": (110, 61, 0)}
_OTHER_COLOUR: Final = (15, 91, 45)
_NEW: Final = (
    ("Cordless impact driver 18 V", "Akku-Schlagschrauber 18 V"),
    ("Multi-tool 300 W", "Multifunktionswerkzeug 300 W"),
)


def build_erp(folder: Path, *, articles: int = ARTICLES) -> tuple[str, Path]:
    """A merchant's database, and a folder of pictures; the URL of one and the path of the other. What is there, stays."""
    database, pictures = folder / "erp.db", folder / "pictures"
    if not database.exists():
        pictures.mkdir(parents=True, exist_ok=True)
        making = folder / "erp.db.new"
        making.unlink(missing_ok=True)
        merchant.build_merchant(making, items=articles)
        _photograph(making, pictures)
        making.replace(database)  # half a database must not look like a whole one
    _make_room(database)
    return f"sqlite:///{database}", pictures


def _make_room(database: Path) -> None:
    """A column for the keys of articles that come from the PIM; an older demonstration has none."""
    with closing(sqlite3.connect(database)) as erp, erp:
        if BORN not in {column for _, column, *_ in erp.execute("PRAGMA table_info(articles)")}:
            erp.execute(f"ALTER TABLE articles ADD COLUMN {BORN} TEXT")
        erp.execute(f"CREATE UNIQUE INDEX IF NOT EXISTS articles_{BORN} ON articles ({BORN})")


def _photograph(database: Path, pictures: Path) -> None:
    with closing(sqlite3.connect(database)) as erp, erp:
        erp.execute("ALTER TABLE articles ADD COLUMN picture TEXT")
        rows = erp.execute(
            "SELECT min(number), category FROM articles WHERE number GLOB '[A-Z][A-Z]-*' AND number NOT GLOB '*,*'"
            " GROUP BY name_en ORDER BY 1 LIMIT ?",
            (PICTURES,),
        ).fetchall()
        for number, category in rows:
            family = merchant.CATEGORY_TO_FAMILY.get(category, "")
            (pictures / f"{number}.png").write_bytes(_square(_COLOURS.get(family, _OTHER_COLOUR)))
            erp.execute("UPDATE articles SET picture = ? WHERE number = ?", (f"{number}.png", number))


def _square(colour: tuple[int, int, int], side: int = 64) -> bytes:
    """A picture of one colour, as PNG."""
    rows = (b"\0" + bytes(colour) * side) * side
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@contextmanager
def pim(folder: Path, port: int, *, pace: float) -> Generator[tuple[PimSimulator, SimulatorServer]]:
    """A PIM over HTTP that takes *pace* seconds for a write, as a real one does for some dozens of products."""
    with PimSimulator(folder / "pim.db", sample=True) as simulator:
        prepare(simulator)

        def after(pause: float) -> PimSimulator:
            time.sleep(pause)
            return simulator

        try:
            server = SimulatorServer(lambda call: after(pace * (call.method == "PATCH")).handle(call), port=port)
        except OSError as error:
            words = f"the simulated PIM cannot be on port {port} ({error}); --pim-port names another"
            raise ConfigurationError(words) from error
        with server:
            yield simulator, server


def prepare(simulator: PimSimulator) -> None:
    """What products that are born in the PIM need there; nothing, where it is there."""
    with simulator.client() as pim_user:
        setup.apply(setup.propose(BLUEPRINT, setup.look(pim_user, BLUEPRINT)), pim_user)


def make_app(simulator: PimSimulator, own_url: str) -> AppCredentials:
    """What a PIM user does once: make a custom App, with the address to come back to."""
    # fixed, so that a token of the last demonstration is still good
    return simulator.add_app(
        "ERP bridge", f"{own_url}/callback", client_id="erp-import", secret="of the demonstration alone"
    )


@frozen
class OthersAtWork:
    """A colleague in the PIM, and the people of the ERP."""

    simulator: PimSimulator
    erp: str

    def edit_in_pim(self) -> int:
        """Three articles get better names in the PIM."""
        edited = 0
        with self.simulator.client() as pim_user:
            for product in pim_user.products.list():
                name = product.values.text("name", locale="en_US")
                if name and "(tested)" not in name:
                    better = Value(AttributeCode("name"), f"{name} (tested)", locale=LocaleCode("en_US"))
                    pim_user.products.upsert(ProductPatch(uuid=product.uuid, values=[better]))
                    edited += 1
                if edited == 3:
                    break
        return edited

    def rename_in_erp(self) -> int:
        """Ten articles get other names in the ERP."""
        return len(merchant.rename(urlsplit(self.erp).path.removeprefix("/"), count=10))

    def create_in_pim(self) -> int:
        """Two products are made in the PIM, and tagged for the ERP."""
        with self.simulator.client() as pim_user:
            there = {one.values.text("sku") for one in pim_user.products.list(attributes=["sku"])}
            free = (number for place in count(1) if (number := f"NEW-{place:03d}") not in there)
            for number, (english, german) in zip(free, _NEW, strict=False):
                pim_user.products.upsert(new_product(number, english, german))
        return len(_NEW)

    def weigh_in_erp(self) -> int:
        """What came from the PIM and has no weight gets one in the ERP."""
        with closing(sqlite3.connect(urlsplit(self.erp).path.removeprefix("/"))) as erp, erp:
            (last,) = erp.execute("SELECT max(modified_at) FROM articles").fetchone()
            now = datetime.fromisoformat(str(last)) + timedelta(minutes=1)
            changed = erp.execute(
                "UPDATE articles SET net_weight = '1,250', weight_unit = 'KG', modified_at = ?"
                f" WHERE {BORN} IS NOT NULL AND net_weight = ''",
                (f"{now:%Y-%m-%dT%H:%M:%SZ}",),
            )
            return changed.rowcount


def new_product(number: str, english: str, german: str, *, is_tagged: bool = True) -> ProductPatch:
    """What a colleague makes in the PIM: a number, names, and the tag."""
    values = [
        Value(AttributeCode("sku"), number),
        Value(AttributeCode("name"), english or None, locale=LocaleCode("en_US")),
        Value(AttributeCode("name"), german or None, locale=LocaleCode("de_DE")),
        Value(AttributeCode(TAG.attribute), TAG.waiting if is_tagged else None),
    ]
    return ProductPatch(uuid=ProductUuid(str(uuid4())), family=FamilyCode("power_tools"), values=values)
