"""Start real shops on loopback, filled with a small catalogue: Vendure, Medusa, django-oscar.

    python tools/commerce/shops.py vendure [up]     install, fill and start what is missing; print how to reach it
    python tools/commerce/shops.py medusa down      stop what `up` started
    python tools/commerce/shops.py oscar status     whether it runs (exit code 0) or not (1)
    python tools/commerce/shops.py vendure purge    stop it, and remove everything

The first start installs the shop from the package index, and fills it with 250 articles in four variants each, ERP-0001-RS
to ERP-0250-BM; that takes minutes, later ones take seconds. `--fresh` goes back to the shop as it was filled. The
servers listen on 127.0.0.1 only. What is missing of Debian's packages (a compiler for Vendure, PostgreSQL for
Medusa) is installed where the user is root. Exit code 3: something is missing; the last line says what and what to do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from background import Failed, free_port, locked
from shop_kinds import SHOPS, Shop
from shop_process import alive, say, start, stop

VERSION = 1
"""Grows when the seeded data changes, so that an older shop is filled anew."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    options = parser().parse_args(arguments)
    folder = Path(options.state) / options.shop
    shop = SHOPS[options.shop](folder, options.articles)
    try:
        with locked(folder):
            return COMMANDS[options.action](shop, options)
    except (Failed, OSError) as error:
        sys.stderr.write(f"{options.shop}: {error}\n")
        return 3


def parser() -> argparse.ArgumentParser:
    """The command line."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    top = argparse.ArgumentParser(prog="tools/commerce/shops.py", description="Real shops for demos and tests.")
    top.add_argument("shop", choices=sorted(SHOPS))
    top.add_argument("action", nargs="?", default="up", choices=sorted(COMMANDS))
    top.add_argument("--state", default=str(cache / "akeneo_erp_bridge" / "shops"), help="folder (%(default)s)")
    top.add_argument("--port", type=int, default=0, help="0 takes a free one (%(default)s)")
    top.add_argument("--articles", type=int, default=250, help="to fill in, four variants each (%(default)s)")
    top.add_argument("--fresh", action="store_true", help="go back to the shop as it was filled")
    top.add_argument("--json", action="store_true", help="print the connection as JSON")
    return top


# ---- the commands ----
def up(shop: Shop, options: argparse.Namespace) -> int:
    """Make what is missing, start, and print how to reach it."""
    shop.need_programs()
    once(shop, "installed", repr(shop.requirements), shop.install)
    shop.before_start()
    once(shop, "filled", repr((shop.requirements, VERSION, shop.articles)), lambda: fill(shop))
    connection = shop.folder / "connection.json"
    if options.fresh or not connection.exists() or not alive(shop.folder):
        stop(shop.folder)
        if options.fresh:
            shop.restore()
        port = options.port or free_port()
        start(shop.folder, shop.command(port), shop.environment(), f"http://127.0.0.1:{port}/health")
        connection.write_text(json.dumps(shop.facts(f"http://127.0.0.1:{port}")))
    facts = json.loads(connection.read_text())
    print(json.dumps(facts) if options.json else " ".join(f"{name}={value}" for name, value in facts.items()))
    return 0


def once(shop: Shop, stamp: str, what: str, work: Callable[[], None]) -> None:
    """Work whose stamp is written last, so that half of it is done anew."""
    file, mark = shop.folder / stamp, hashlib.sha256(what.encode()).hexdigest()
    if file.exists() and file.read_text() == mark:
        return
    file.unlink(missing_ok=True)
    work()
    file.write_text(mark)


def fill(shop: Shop) -> None:
    """The catalogue, and a copy of it to go back to."""
    say(f"{shop.name}: filling in {4 * shop.articles} variants ...")
    stop(shop.folder)
    try:
        shop.fill(free_port())
    finally:
        stop(shop.folder)
    shop.keep()


def down(shop: Shop, _: argparse.Namespace) -> int:
    """Stop it."""
    print(f"{shop.name}: stopped" if stop(shop.folder) else f"{shop.name}: was not running")
    shop.after_stop()
    return 0


def status(shop: Shop, _: argparse.Namespace) -> int:
    """Say whether it runs."""
    running = alive(shop.folder)
    print(f"{shop.name}: {'up' if running else 'down'}")
    return 0 if running else 1


def purge(shop: Shop, _: argparse.Namespace) -> int:
    """Stop it and remove everything."""
    stop(shop.folder)
    shop.after_stop()
    shop.remove()
    print(f"{shop.name}: removed")
    return 0


COMMANDS = {"up": up, "down": down, "status": status, "purge": purge}

if __name__ == "__main__":
    sys.exit(main())
