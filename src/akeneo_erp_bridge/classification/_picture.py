"""The audit as a page: a picture of each field's temperature, the findings, and the numbers. One file, no scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import escape
from math import log10
from typing import TYPE_CHECKING, Final

from akeneo_erp_bridge.classification._audit import AuditedField, lasting, percent

if TYPE_CHECKING:
    from akeneo_erp_bridge.classification._audit import Audit

_ROW: Final = 30
_TOP: Final = 44
_LEFT: Final = 210
_AXIS: Final = 520
"""The width of the time axis, in pixels of the picture."""
_STILL: Final = 130
"""The width of the column for fields that were not seen to change."""
_NOTE: Final = 100
_WIDTH: Final = _LEFT + _AXIS + _STILL + _NOTE
_LONGEST_LABEL: Final = 26
_FIRST, _LAST = timedelta(hours=1), timedelta(days=3650)
_TICKS: Final = (
    ("1 hour", _FIRST),
    ("1 day", timedelta(days=1)),
    ("1 week", timedelta(days=7)),
    ("1 month", timedelta(days=30)),
    ("1 year", timedelta(days=365)),
    ("10 years", _LAST),
)

_STYLE: Final = """
:root { --paper: #fff; --ink: #1d2430; --soft: #5b6573; --line: #dde2e9; --card: #f6f8fa;
  --cold: #1f6fb2; --hot: #c2410c; --internal: #6b4fa0; --warn: #9a3412; --warn-paper: #fff4ed;
  --warm-end: #fbe3d6; --cool-end: #dcebf7; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181f; --ink: #e6e9ee; --soft: #9aa5b4; --line: #2d3541;
  --card: #1b212a; --cold: #6cb2ee; --hot: #ff8a5c; --internal: #b9a1ea; --warn: #ffb088; --warn-paper: #2b1d16;
  --warm-end: #40261b; --cool-end: #1b2f42; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1060px; padding: 32px 24px 48px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 32px 0 8px; }
p { margin: 0 0 12px; } .soft { color: var(--soft); }
figure { margin: 20px 0 0; overflow-x: auto; } svg { display: block; width: 100%; min-width: 760px; height: auto; }
svg text { font: 13px system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; fill: var(--ink); }
svg .soft { fill: var(--soft); font-size: 12px; } svg .warn { fill: var(--warn); font-size: 12px; font-weight: 600; }
svg .line { stroke: var(--line); } svg .flagged { fill: var(--warn-paper); }
svg .cold { fill: var(--cold); stroke: var(--cold); } svg .hot { fill: var(--hot); stroke: var(--hot); }
svg .internal { fill: var(--internal); stroke: var(--internal); } svg .hollow { fill: var(--paper); stroke-width: 2; }
svg .ring { fill: none; stroke: var(--warn); stroke-width: 1.5; }
ul.findings { list-style: none; margin: 0; padding: 0; }
ul.findings li { background: var(--warn-paper); border-left: 4px solid var(--warn); border-radius: 4px;
  margin: 0 0 8px; padding: 8px 12px; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 12px 0 0; color: var(--soft); font-size: 13px; }
.legend svg { display: inline-block; width: 14px; min-width: 14px; height: 14px; vertical-align: -2px; margin-right: 4px; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th, td { white-space: nowrap; text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; font-size: 13px; } td.name { white-space: normal; overflow-wrap: anywhere; min-width: 12em; }
tr.flagged td:last-child { color: var(--warn); font-weight: 600; }
@media print { body { max-width: none; padding: 0; } }
"""


def page(audit: Audit) -> str:
    """The whole page. All that comes from an ERP, names above all, is escaped."""
    name = escape(audit.name)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Temperature audit: {name}</title><style>{_STYLE}</style></head><body>",
            f"<h1>Temperature audit: {name}</h1>",
            f'<p class="soft">{escape(_summary(audit))}</p>',
            f"<figure>{_drawing(audit)}</figure>",
            _legend(),
            "<h2>Findings</h2>",
            _findings(audit),
            "<h2>In numbers</h2>",
            _table(audit),
            "</body></html>",
            "",
        ]
    )


def picture(audit: Audit) -> str:
    """The picture alone, as a drawing of its own: a row for each field, and on it how long one of its values lasts."""
    return _drawing(
        audit,
        ' xmlns="http://www.w3.org/2000/svg"',
        f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="var(--paper)"/>',
    )


def _drawing(audit: Audit, namespace: str = "", before: str = "") -> str:
    height = _TOP + _ROW * len(audit.fields) + 14
    title = escape(f"How long a value of each field of {audit.name} lasts")
    return "\n".join(
        [
            f'<svg{namespace} viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}">{before}',
            *_axis(height),
            *(line for at, one in enumerate(audit.fields) for line in _row(one, _TOP + _ROW * at)),
            "</svg>",
        ]
    )


def _summary(audit: Audit) -> str:
    seen = [one.volatility for one in audit.fields if one.volatility is not None]
    if not seen:
        return f"{len(audit.fields)} fields, none observed yet: an audit needs two finished runs to compare."
    runs, items = max(one.runs for one in seen), max(one.items for one in seen)
    looked = max(one.looked for one in seen)
    found = len(audit.findings)
    return (
        f"{len(seen)} of {len(audit.fields)} fields observed in {items} items and up to {runs} runs, the last on "
        f"{looked:%Y-%m-%d}. {found or 'No'} finding{'' if found == 1 else 's'}."
    )


# ---- the picture ----
def _place(span: timedelta) -> float:
    share = log10(max(span, _FIRST) / _FIRST) / log10(_LAST / _FIRST)
    return _LEFT + _AXIS * min(share, 1.0)


def _axis(height: int) -> Iterator[str]:
    bottom = height - 14
    yield (
        '<defs><linearGradient id="warmth"><stop offset="0" stop-color="var(--warm-end)"/>'
        '<stop offset="1" stop-color="var(--cool-end)"/></linearGradient></defs>'
    )
    yield f'<rect x="{_LEFT}" y="{_TOP - 8}" width="{_AXIS}" height="{bottom - _TOP + 8}" fill="url(#warmth)" rx="4"/>'
    yield f'<text class="soft" x="{_LEFT}" y="14">a value lasts, on average …</text>'
    for words, span in _TICKS:
        x = _place(span)
        anchor = "start" if span == _FIRST else "end" if span == _LAST else "middle"
        yield f'<line class="line" x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{bottom}"/>'
        yield f'<text class="soft" x="{x:.1f}" y="{_TOP - 14}" text-anchor="{anchor}">{words}</text>'
    yield f'<text class="soft" x="{_LEFT + _AXIS + _STILL / 2}" y="{_TOP - 14}" text-anchor="middle">no change seen</text>'


def _row(one: AuditedField, top: int) -> Iterator[str]:
    middle, seen = top + _ROW / 2 - 4, one.volatility
    temperature = one.declared.temperature.__name__.lower()
    if one.findings:
        yield f'<rect class="flagged" x="0" y="{middle - 12}" width="{_LEFT - 8}" height="24" rx="4"/>'
    yield f"<g><title>{escape(_told(one))}</title>"
    yield f'<text x="8" y="{middle + 4}">{escape(_short(one.declared.name))}</text>'
    if seen is None:
        x = _LEFT + _AXIS + _STILL / 2
        yield f'<text class="soft" x="{x}" y="{middle + 4}" text-anchor="middle">{temperature}, not read</text></g>'
        return
    x = _place(seen.lasts) if seen.lasts is not None else _LEFT + _AXIS + _STILL / 2
    yield f'<line class="line" x1="{_LEFT}" y1="{middle}" x2="{x:.1f}" y2="{middle}"/>'
    yield _mark(temperature, x, middle, is_hollow=seen.lasts is None)
    if one.findings:
        note = one.verdict if len(one.findings) == 1 else f"{len(one.findings)} findings"
        yield f'<circle class="ring" cx="{x:.1f}" cy="{middle}" r="12"/>'
        yield f'<text class="warn" x="{_LEFT + _AXIS + _STILL}" y="{middle + 4}">{escape(note)}</text>'
    yield "</g>"


def _mark(temperature: str, x: float, y: float, *, is_hollow: bool) -> str:
    """Shapes tell the temperatures apart where colours do not."""
    css = f"{temperature} hollow" if is_hollow else temperature
    if temperature == "hot":
        return f'<path class="{css}" d="M{x:.1f} {y - 8} l8 8 l-8 8 l-8 -8 z"/>'
    if temperature == "internal":
        return f'<rect class="{css}" x="{x - 6:.1f}" y="{y - 6}" width="12" height="12"/>'
    return f'<circle class="{css}" cx="{x:.1f}" cy="{y}" r="7"/>'


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"


def _told(one: AuditedField) -> str:
    seen = one.volatility
    if seen is None:
        return f"{one.declared.name}: not read by two runs"
    return (
        f"{one.declared.name}: changed in {percent(seen.share_of_runs)} of {seen.runs} runs; a value lasts "
        f"{lasting(seen.lasts)}"
    )


# ---- around it ----
def _legend() -> str:
    marks = [
        (f'<svg viewBox="0 0 20 20">{_mark(temperature, 10, 10, is_hollow=False)}</svg>', f"declared {temperature}")
        for temperature in ("cold", "hot", "internal")
    ]
    marks.append((f'<svg viewBox="0 0 20 20">{_mark("cold", 10, 10, is_hollow=True)}</svg>', "no change seen"))
    return '<div class="legend">' + "".join(f"<span>{mark}{words}</span>" for mark, words in marks) + "</div>"


def _findings(audit: Audit) -> str:
    if not audit.findings:
        return "<p>Every field behaves as declared, as far as it was seen.</p>"
    lines = [f"<li><strong>{escape(one.field)}</strong>: {escape(one.detail)}.</li>" for one in audit.findings]
    return '<ul class="findings">' + "".join(lines) + "</ul>"


def _table(audit: Audit) -> str:
    heads = ("Field", "Declared", "Changed in", "A value lasts", "Items changed", "Last change", "Verdict")
    lines = ["<tr>" + "".join(f'<th scope="col">{one}</th>' for one in heads) + "</tr>"]
    for one in audit.fields:
        cells = [escape(cell) for cell in _cells(one)]
        css = ' class="flagged"' if one.findings else ""
        lines.append(
            f'<tr{css}><td class="name">{cells[0]}</td>' + "".join(f"<td>{cell}</td>" for cell in cells[1:]) + "</tr>"
        )
    return '<div class="table"><table>' + "\n".join(lines) + "</table></div>"


def _cells(one: AuditedField) -> tuple[str, ...]:
    temperature, seen = one.declared.temperature.__name__.lower(), one.volatility
    if seen is None:
        return (one.declared.name, temperature, "–", "–", "–", "–", one.verdict)
    return (
        one.declared.name,
        temperature,
        f"{percent(seen.share_of_runs)} of {seen.runs} runs",
        lasting(seen.lasts),
        f"{seen.changed_items} of {seen.items}",
        f"{seen.last_change:%Y-%m-%d}" if seen.last_change is not None else "–",
        one.verdict,
    )
