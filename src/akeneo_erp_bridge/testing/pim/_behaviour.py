"""The points where Akeneo instances differ, or its documentation leaves a doubt, as switches."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from attrs import frozen


@frozen(kw_only=True)
class Behaviour:
    """How this PIM behaves where versions, editions and documentation disagree.

    The defaults are a current SaaS instance. `Behaviour.version_7()` and `Behaviour.version_6()` are on-premise ones.

    >>> Behaviour.version_6().has_uuid_routes, Behaviour(user_right="edit").has_uuid_routes
    (False, True)
    """

    version: str = "v20260818021500"
    edition: str = "Serenity"
    has_system_information: bool = True
    system_information_needs_token: bool = False
    has_uuid_routes: bool = True
    has_search_post: bool = True
    has_family_delete: bool = True
    has_enterprise: bool = True
    """Whether it has what Enterprise Edition adds: reference entities, assets, drafts, published products."""
    has_cloud: bool = True
    """Whether it has what no numbered version has: jobs, catalogs for Apps, workflows, rights, rules, extensions."""
    has_pam: bool = False
    """Whether it has the asset manager of 2.1 to 3.x."""
    user_right: Literal["own", "edit", "view"] = "own"
    """What the connection's user may do with products: write them, write drafts that somebody approves, or neither."""
    uuid_batch_error_key: Literal["status_code", "code"] = "status_code"
    """7.0.0 to 7.0.7 named the status of a refused line of `/products-uuid` `code`."""
    erased_value: Literal["absent", "null"] = "absent"
    """What a GET shows of a value that was erased: nothing, or an entry whose data is null."""
    empty_maps: Literal["object", "array"] = "object"
    """How an empty `values`, `associations`, `labels` ... is encoded."""
    shows_attribute_type: bool = True
    shows_linked_data: bool = True
    shows_metric_symbol: bool = True
    pads_decimals: bool = True
    """Whether `"12.56"` is read back as `"12.5600"`."""
    case_insensitive_options: bool = True
    uuid_routes_take_identifier: bool = False
    """Whether `/products-uuid` takes `identifier` beside `values`, as its schema says, or refuses it, as it does."""
    can_detach_variants: bool = True
    """Whether `"parent": null` makes a variant a simple product (5.0 or 6.0 on)."""
    line_limit: Literal["bytes", "characters"] = "bytes"
    """What the million of a batch's line counts: bytes as in the source, or characters as in the documentation."""
    index_lag: timedelta = timedelta(0)
    """How long a new product or model is missing from lists, which are answered from a search index."""
    skips_unchanged: bool = True
    """Whether a PATCH that changes nothing leaves `updated` alone (since 5.0)."""
    multiselect_axes: bool = False
    axes_per_level: int = 5
    can_change_axis_values: bool = True
    app_scopes: frozenset[str] | None = None
    """What the user may grant who connects an App; `None`: all there is."""
    token_seconds: int = 3600
    refresh_token_seconds: int = 1_209_600
    refresh_works: bool = True
    token_body_limit: int = 300
    offset_depth: int = 10_000
    requests_per_second: int | None = None
    """Above it the PIM answers 429; `None` never throttles."""
    option_writes_per_second: int | None = None
    """The slow lane of attribute-option PATCH; Akeneo documents 3."""
    option_writes_in_flight: int | None = None
    """The same lane, as the news of the limit words it: writes at one time."""
    calls_in_flight: int | None = None
    """Above it the PIM answers 429; Akeneo documents 4 for a connection."""
    retry_after: int | None = 1
    """Seconds announced with a throttling 429; `None` leaves the header out."""
    public_url: str | None = None
    """The URL this PIM believes to have, used in links; `None` takes the one the caller used."""

    @classmethod
    def version_7(cls) -> Behaviour:
        """An on-premise 7.0 of the first weeks, with its batch bug."""
        return cls(
            version="7.0.3",
            edition="CE",
            has_search_post=False,
            has_family_delete=False,
            has_enterprise=False,
            has_cloud=False,
            uuid_batch_error_key="code",
            shows_attribute_type=False,
            shows_metric_symbol=False,
        )

    @classmethod
    def version_6(cls) -> Behaviour:
        """An on-premise 6.0, which knows products by identifier only."""
        return cls(
            version="6.0.28",
            edition="CE",
            has_uuid_routes=False,
            has_search_post=False,
            has_family_delete=False,
            has_enterprise=False,
            has_cloud=False,
            shows_attribute_type=False,
            shows_metric_symbol=False,
            case_insensitive_options=False,
        )
