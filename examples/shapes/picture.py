"""Before and after as a picture: the rows of the ERP on the left, what the PIM shows on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from akeneo_erp_bridge.akeneo import AkeneoClient

LINE, CHARACTER, PAD = 22, 8.3, 16
STYLE = (
    "text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#1f2933}"
    ".head{font-weight:600}.box{fill:#f8fafc;stroke:#cbd5e1}.pim{fill:#f5f3ff;stroke:#c4b5fd}"
    "@media(prefers-color-scheme:dark){"
    "text{fill:#e2e8f0}.box{fill:#1e293b;stroke:#475569}.pim{fill:#2a2440;stroke:#6d5bb0}}"
)


def tree_of(pim: AkeneoClient, attributes: Sequence[str]) -> list[str]:
    """What the PIM holds, a line each: models, below them sub models and variants, and simple products."""
    lines: list[str] = []
    models = {str(one.code): one for one in pim.product_models.list()}
    products = sorted(pim.products.list(), key=lambda one: str(one.values.text("sku")))
    shown = [(str(code), str(one.parent or ""), f"{code}", one.values) for code, one in sorted(models.items())]
    shown += [(str(one.values.text("sku")), str(one.parent or ""), "", one.values) for one in products]

    def below(parent: str, depth: int) -> None:
        inherited = set(models[parent].values.attributes) if parent else set[str]()
        for name, above, kind, values in shown:
            if above == parent:
                own = [
                    f"{code} {values.decode(code)}" for code in attributes if code in values and code not in inherited
                ]
                family = next((str(one.family) for one in products if one.values.text("sku") == name and not above), "")
                words = [*([f"[{family}]"] if family and not kind else []), *own]
                lines.append(f"{'   ' * depth}{'▾ ' if kind else '• '}{name}  {', '.join(words)}")
                if kind:
                    below(name, depth + 1)

    below("", 0)
    return lines


def columns(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The rows of the ERP as aligned text, with a head."""
    names = list(rows[0])
    table = [names, *([str(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in table) for place in range(len(names))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]


def show(title: str, before: Sequence[str], after: Sequence[str], file: Path | None) -> None:
    """Print both sides, and draw them where a file is given."""
    print(
        f"{title}\n\nIn the ERP:",
        *(f"  {line}" for line in before),
        "\nIn the PIM:",
        *(f"  {line}" for line in after),
        sep="\n",
    )
    if file is not None:
        file.write_text(drawn(title, before, after), encoding="utf-8")


def drawn(title: str, before: Sequence[str], after: Sequence[str]) -> str:
    """Both sides as SVG."""
    left = max(len(line) for line in before) * CHARACTER + 2 * PAD
    right = max(len(line) for line in after) * CHARACTER + 2 * PAD
    height = (max(len(before), len(after)) + 1) * LINE + PAD
    width = left + 60 + right
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height + 8:.0f}" role="img">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            _box(0, left, height, "box", ["ERP", *before]),
            f'<path d="M{left + 12:.0f} {height / 2:.0f} h30 m-8 -6 l8 6 l-8 6" fill="none" stroke="#64748b" stroke-width="2"/>',
            _box(left + 60, right, height, "pim", ["PIM", *after]),
            "</svg>\n",
        ]
    )


def _box(x: float, width: float, height: float, kind: str, lines: Sequence[str]) -> str:
    texts = [
        f'<text x="{x + PAD:.0f}" y="{(place + 1) * LINE + 2}" xml:space="preserve"'
        f' class="{"head" if place == 0 else ""}">{escape(line)}</text>'
        for place, line in enumerate(lines)
    ]
    return "\n".join(
        [f'<rect x="{x + 1:.0f}" y="1" width="{width - 2:.0f}" height="{height:.0f}" rx="8" class="{kind}"/>', *texts]
    )
