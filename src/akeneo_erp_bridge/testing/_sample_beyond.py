"""What the merchant of the examples has in a bigger PIM: brands, packshots, an approval, jobs, an App's catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["CLOUD", "ENTERPRISE", "Load"]

Load = tuple[str, tuple[Mapping[str, object], ...]]
_API: Final = "/api/rest/v1"


def _value(data: object, locale: str | None = None) -> list[Mapping[str, object]]:
    return [{"data": data, "locale": locale, "channel": None}]


ENTERPRISE: Final[tuple[Load, ...]] = (
    (f"{_API}/reference-entities", ({"code": "brands", "labels": {"en_US": "Brands", "de_DE": "Marken"}},)),
    (
        f"{_API}/reference-entities/brands/attributes",
        (
            {"code": "founded", "type": "number", "labels": {"en_US": "Founded in"}},
            {"code": "country", "type": "single_option", "labels": {"en_US": "Country"}},
        ),
    ),
    (
        f"{_API}/reference-entities/brands/attributes/country/options",
        ({"code": "de", "labels": {"en_US": "Germany"}}, {"code": "it", "labels": {"en_US": "Italy"}}),
    ),
    (
        f"{_API}/reference-entities/brands/records",
        (
            {"code": "eisenhart", "values": {"label": _value("Eisenhart", "en_US"), "country": _value("de")}},
            {"code": "forte", "values": {"label": _value("Forte", "en_US"), "country": _value("it")}},
        ),
    ),
    (f"{_API}/asset-families", ({"code": "packshots", "labels": {"en_US": "Packshots", "de_DE": "Freisteller"}},)),
    (
        f"{_API}/asset-families/packshots/attributes",
        ({"code": "view", "type": "single_option", "labels": {"en_US": "View"}},),
    ),
    (
        f"{_API}/asset-families/packshots/attributes/view/options",
        ({"code": "front", "labels": {"en_US": "From the front"}},),
    ),
    (
        f"{_API}/published-products",
        (
            {
                "identifier": "HM-500",
                "enabled": True,
                "family": "hand_tools",
                "categories": ["hammers_chisels"],
                "values": {"name": [{"locale": "en_US", "scope": None, "data": "Hammer 500 g"}]},
                "created": "2026-01-15T09:00:00+00:00",
                "updated": "2026-01-15T09:00:00+00:00",
            },
        ),
    ),
)
"""Of Enterprise Edition; what has no route to make it is put down as PIM users would."""

CLOUD: Final[tuple[Load, ...]] = (
    (
        f"{_API}/workflows",
        (
            {
                "uuid": "6f1c7d4e-0b8c-4d53-9d3c-2a4c1f1b8a01",
                "code": "new_products",
                "enabled": True,
                "labels": {"en_US": "New products"},
                "steps": [
                    {
                        "uuid": "6f1c7d4e-0b8c-4d53-9d3c-2a4c1f1b8a02",
                        "code": "texts",
                        "type": "enrich",
                        "labels": {"en_US": "Write the texts"},
                        "assignees": [
                            {
                                "uuid": "6f1c7d4e-0b8c-4d53-9d3c-2a4c1f1b8a04",
                                "first_name": "Julia",
                                "last_name": "Stark",
                                "email": "julia@example.com",
                            }
                        ],
                    },
                    {
                        "uuid": "6f1c7d4e-0b8c-4d53-9d3c-2a4c1f1b8a03",
                        "code": "approval",
                        "type": "review",
                        "labels": {"en_US": "Approve"},
                        "assignees": list[object](),
                    },
                ],
            },
        ),
    ),
    (f"{_API}/jobs", ({"code": "erp_products", "type": "import"}, {"code": "shop_products", "type": "export"})),
    (
        f"{_API}/permissions",
        (
            {
                "uuid": "6f1c7d4e-0b8c-4d53-9d3c-2a4c1f1b8a04",
                "locales": [
                    {"code": "de_DE", "view": True, "edit": True},
                    {"code": "en_US", "view": True, "edit": False},
                ],
                "channels": [{"code": "ecommerce", "view": True, "edit": True}],
            },
        ),
    ),
    (
        f"{_API}/catalogs",
        (
            {
                "id": "6f1c7d4e-0b8c-4d53-9d3c-2a4c1f1b8a05",
                "name": "Web shop",
                "enabled": True,
                "mapping": {"title": {"source": "name", "locale": "en_US", "scope": None}},
            },
        ),
    ),
)
"""Of the cloud."""
