"""The certificate as one page: what was kept, what was broken, and what nobody tried."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol

from akeneo_erp_bridge.sync._plans._old_beside_new import safe
from akeneo_erp_bridge.testing.conformance._laws import LAWS, Ruling, Verdict

_STYLE: Final = """
:root {
  color-scheme: light dark;
  --back: #fff; --text: #1c2430; --quiet: #566173; --line: #d5dbe4;
  --passed: #0f5b2d; --passed-back: #d9f3e1; --failed: #8c1823; --failed-back: #fde3e5;
  --absent: #4a5568; --absent-back: #eceff4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14181f; --text: #e6eaf1; --quiet: #a6b1c2; --line: #343d4b;
    --passed: #a5e8bd; --passed-back: #143d25; --failed: #ffb3b8; --failed-back: #4a1a20;
    --absent: #c3ccd9; --absent-back: #2a323f;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 0 1.25rem 2rem; background: var(--back); color: var(--text); font: 1rem/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { margin: 1.5rem 0 .25rem; font-size: 1.6rem; line-height: 1.2; overflow-wrap: anywhere; }
.said { margin: 0 0 1rem; font-size: 1.1rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 0 1.5rem; }
.facts dt { color: var(--quiet); } .facts dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .45rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: normal; }
thead th { color: var(--quiet); font-size: .85rem; border-bottom-width: 2px; }
.number { width: 2.5rem; text-align: right; color: var(--quiet); font-variant-numeric: tabular-nums; }
.how { width: 6.5rem; }
.law { font-weight: 600; }
.law::first-letter { text-transform: uppercase; }
.text { margin: .1rem 0 0; color: var(--quiet); font-size: .9rem; }
.why { margin: .3rem 0 0; padding: .25rem .6rem; border-left: .2rem solid; overflow-wrap: anywhere; font-size: .95rem; white-space: pre-wrap; }
.badge { display: inline-block; min-width: 4.6rem; padding: .05rem .5rem; border-radius: .3rem; text-align: center; font-size: .85rem; }
.passed { background: var(--passed-back); color: var(--passed); } .failed { background: var(--failed-back); color: var(--failed); }
.absent { background: var(--absent-back); color: var(--absent); } .badge.absent { outline: 1px dashed; outline-offset: -1px; }
code { font: .92em ui-monospace, "DejaVu Sans Mono", monospace; }
.foot { color: var(--quiet); font-size: .9rem; }
@media (max-width: 40rem) { .number { display: none; } .how { width: 5.5rem; } th, td { padding: .4rem .3rem; } }
"""


class _Certificate(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def adapter(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def date(self) -> datetime: ...
    @property
    def kit_version(self) -> str: ...
    @property
    def python(self) -> str: ...
    @property
    def rulings(self) -> Mapping[int, Ruling]: ...
    def numbers(self, verdict: Verdict) -> list[int]: ...


def page(one: _Certificate) -> str:
    """The page: it stands by itself, and asks for nothing from elsewhere."""
    return "".join(_page(one))


def _page(one: _Certificate) -> Iterator[str]:
    digest = b64encode(sha256(_STYLE.encode()).digest()).decode()
    title = safe(f"Conformance of {one.name}")
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    )
    yield f"<p class=said>{_summary(one)}</p>\n<dl class=facts>"
    for what, told in (
        ("Adapter", one.adapter),
        ("Version", one.version),
        ("Date", f"{one.date:%Y-%m-%d %H:%M %Z}"),
        ("Kit", f"akeneo_erp_bridge {one.kit_version}, Python {one.python}"),
    ):
        yield f"<dt>{what}</dt><dd>{safe(told)}</dd>"
    yield (
        "</dl>\n<table>\n<thead><tr><th scope=col class=number>No.</th><th scope=col>Law</th>"
        "<th scope=col class=how>Verdict</th></tr></thead>\n<tbody>\n"
    )
    for law in LAWS:
        yield _row(law.number, law.words, law.text, one.rulings[law.number])
    yield (
        "</tbody>\n</table>\n<p class=foot>An absent law was not tried; nothing is known of it. The reason says what the "
        "sandbox or the adapter has not got.</p>\n</body>\n</html>\n"
    )


def _summary(one: _Certificate) -> str:
    passed, failed, absent = (len(one.numbers(verdict)) for verdict in ("passed", "failed", "absent"))
    told = f"{passed} of {len(LAWS)} laws are kept"
    told += f", <strong>{failed} broken</strong>" if failed else ", none is broken"
    return told + (f", and {absent} absent: they were not tried." if absent else ".")


def _row(number: int, words: str, text: str, ruling: Ruling) -> str:
    whys = [(ruling.verdict, ruling.reason)] if ruling.reason else []
    whys += [("absent", remark) for remark in ruling.remarks]
    told = "".join(f"<p class='why {verdict}'>{_marked(why)}</p>" for verdict, why in whys)
    return (
        f"<tr><td class=number>{number}</td><td><div class=law>{safe(words)}</div><p class=text>{_marked(text)}</p>{told}</td>"
        f"<td class=how><span class='badge {ruling.verdict}'>{ruling.verdict}</span></td></tr>\n"
    )


def _marked(text: str) -> str:
    """A text with its names of code as such."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", safe(text))
