"""The services that most people mean by "OData", and how each differs from the standard."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import quote

import httpx

from akeneo_erp_bridge.erp._http._auth import HttpAuth
from akeneo_erp_bridge.erp._odata._service import ODataDialect, ODataService

_BUSINESS_CENTRAL: Final = ODataDialect(batch="json", no_date_is_null=True)
_S4HANA: Final = ODataDialect(batch="multipart", csrf=True)
_FINANCE: Final = ODataDialect(batch="multipart", pages_by="link")


def business_central(
    *,
    tenant: str,
    company: str,
    auth: HttpAuth,
    environment: str = "production",
    api: str = "v2.0",
    language: str | None = None,
    url: str = "https://api.businesscentral.dynamics.com",
    timeout: timedelta = timedelta(minutes=1),
    transport: httpx.BaseTransport | None = None,
) -> ODataService:
    """Dynamics 365 Business Central, online: its API 2.0, or one of your own (``api="contoso/items/v1.0"``).

    >>> from akeneo_erp_bridge.erp import BearerToken
    >>> service = business_central(tenant="contoso.com", company="6b24...", auth=BearerToken("a token"))
    >>> service.url, service.below
    ('https://api.businesscentral.dynamics.com/v2.0/contoso.com/production/api/v2.0/', 'companies(6b24...)/')
    >>> service.close()

    `company` is the id of a company. What differs from the standard:

    - the company is in the path, `$metadata` and `$batch` are above it;
    - ``lastModifiedDateTime`` is read-only and may move with a posting to stock too, so a delta by it may be larger than
      the changes of cold data; ``inventory`` and ``unitPrice`` stand in ``items``, hot beside cold;
    - delta links are for entities with ``id`` and tell deletions by it, and do not go with every `$expand`; an entity
      without them answers 500, and users report that each link works once. Where the number is the key of your items, use ``changed_at``;
    - ``picture`` is an entity of its own; a field at ``picture.pictureContent`` holds the link for `read_file`;
    - a date that is not set comes as 0001-01-01, and is read as null;
    - 429 above the limits of an environment; pages of at most 20,000 entities; no ``or`` between different fields.

    Sources: Microsoft Learn, "item resource type", "Using delta links with APIs", "Known limitations with OData",
    "Work with API limits" (20,000 entities in a page, 100 operations in a batch).
    """
    root = f"{url.rstrip('/')}/v2.0/{quote(tenant)}/{quote(environment)}/api/{api}"
    return ODataService(
        root,
        auth=auth,
        dialect=_BUSINESS_CENTRAL,
        below=f"companies({company})",
        language=language,
        timeout=timeout,
        transport=transport,
    )


def s4hana(
    url: str,
    *,
    auth: HttpAuth,
    client: str | None = None,
    language: str | None = None,
    timeout: timedelta = timedelta(minutes=1),
    transport: httpx.BaseTransport | None = None,
) -> ODataService:
    """An OData 4 service of SAP S/4HANA, such as ``https://host/sap/opu/odata4/sap/api_product/srvd_a2x/sap/product/0002``.

    >>> from akeneo_erp_bridge.erp import BasicAuth
    >>> service = s4hana("https://s4.example.com/sap/opu/odata4/x", auth=BasicAuth("BRIDGE", "its password"), client="100")
    >>> service.dialect.csrf
    True
    >>> service.close()

    What differs from the standard: writes and `$batch` need an `x-csrf-token` and the cookies it came with, both of which
    end with the session and are fetched anew; `$batch` is multipart; the client is in each address (`sap-client`). Most
    services track no changes: use ``changed_at="LastChangeDateTime"`` where the type has it. Stock and prices are
    services of their own, with adapters of their own.

    Sources: SAP Help Portal, "Cross-Site Request Forgery Protection" and "Batch Processing" of SAP Gateway Foundation;
    SAP Business Accelerator Hub, API "Product Master (A2X, OData V4)".
    """
    return ODataService(
        url,
        auth=auth,
        dialect=_S4HANA,
        language=language,
        query={} if client is None else {"sap-client": client},
        timeout=timeout,
        transport=transport,
    )


def dynamics_365_finance(
    url: str,
    *,
    auth: HttpAuth,
    language: str | None = None,
    timeout: timedelta = timedelta(minutes=1),
    transport: httpx.BaseTransport | None = None,
) -> ODataService:
    """Dynamics 365 Finance and Supply Chain Management: ``https://CONTOSO.operations.dynamics.com``.

    >>> from akeneo_erp_bridge.erp import BearerToken
    >>> service = dynamics_365_finance("https://contoso.operations.dynamics.com", auth=BearerToken("a token"))
    >>> service.url
    'https://contoso.operations.dynamics.com/data/'
    >>> service.close()

    What differs: the data is below ``/data``; only the user's own company is read, unless the service is asked with
    ``cross-company=true``, which this one is, so a key is of ``dataAreaId`` and number; pages are followed by
    their links. No answer of a real one was at hand: try it with `check` and a plan first.

    Source: Microsoft Learn, "Open Data Protocol (OData)" for finance and operations.
    """
    return ODataService(
        f"{url.rstrip('/')}/data",
        auth=auth,
        dialect=_FINANCE,
        language=language,
        query={"cross-company": "true"},
        timeout=timeout,
        transport=transport,
    )
