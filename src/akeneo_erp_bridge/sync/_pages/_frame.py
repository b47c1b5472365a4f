"""What pages for people have in common: one file, nothing from elsewhere, a table that a script searches and filters."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from akeneo_erp_bridge.sync._plans._old_beside_new import safe


@cache
def _part(name: str) -> str:
    text = (files("akeneo_erp_bridge.sync._pages") / f"_page.{name}").read_text(encoding="utf-8")
    return f"\n{text}"


def _allowed(text: str) -> str:
    return "'sha256-" + b64encode(sha256(text.encode()).digest()).decode() + "'"


def page_head(title: str) -> str:
    """Up to the body."""
    style, script = _part("css"), _part("js")
    # nothing from anywhere: the two texts below by their hashes, and no others, whatever a value might smuggle in
    policy = (
        f"default-src 'none'; style-src {_allowed(style)}; script-src {_allowed(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{safe(title)}</title>\n<style>{style}</style>\n<script>{script}</script>\n</head>\n"
    )


def title_of(what: str, streams: Sequence[str]) -> str:
    """A heading for some streams; those of the models of one go without saying.

    >>> title_of("Plan", ["categories", "models of products", "sub models of products", "products", "kits"])
    'Plan for categories, products and kits'
    """
    names = [one for one in streams if not any(one.endswith(f"models of {other}") for other in streams)]
    return f"{what} for {' and '.join(part for part in (', '.join(names[:-1]), *names[-1:]) if part)}"


def counts_html(counts: Mapping[str, int]) -> str:
    """Numbers in boxes."""
    boxes = "".join(f"<div><dt>{safe(name)}</dt><dd>{number}</dd></div>" for name, number in counts.items())
    return f"<dl class=counts>{boxes}</dl>\n"


def filters_html(actions: Mapping[str, str], cells: Iterable[str], what: str, noted: str) -> str:
    """The search, and what narrows the table: a kind (*what*), a cell, and whether there are notes (*noted*)."""
    kinds = "".join(f"<option value={name}>{told}</option>" for name, told in actions.items())
    columns = "".join(f'<option value="{safe(one)}">{safe(one)}</option>' for one in sorted(set(cells)))
    return (
        "<form class=filters id=filters role=search>"
        "<label class=search>Search<input type=search id=search autocomplete=off></label>"
        f'<label>{what}<select id=action><option value="">all</option>{kinds}</select></label>'
        f'<label>Cell<select id=cell><option value="">all</option>{columns}</select></label>'
        f"<label class=tick><input type=checkbox id=noted>{noted}</label>"
        "<button type=reset>Show all</button><output id=found></output></form>\n"
    )


def item_html(kind: str, key: str, besides: Sequence[str], rows: str, *, told: str = "", is_noted: bool = False) -> str:
    """One item: its heading, with the kind or what is *told* of it, and the rows below it."""
    beside = " ·".join(f" <span class=ref>{safe(one)}</span>" for one in besides if one)
    return (
        f"<tbody class=item data-action={kind}{' data-noted' if is_noted else ''}>"
        f"<tr><th colspan=4 scope=rowgroup><span class='badge {kind}'>{told or kind}</span>"
        f"<bdi class=key>{safe(key) or '(no key)'}</bdi>{beside}</th></tr>\n{rows}</tbody>\n"
    )


PAGES = (
    "<nav class=pages id=pages aria-label=Pages hidden><button type=button id=back>Back</button>"
    "<span id=place></span><button type=button id=next>Next</button></nav>\n"
)
"""What turns the pages of a long table."""
