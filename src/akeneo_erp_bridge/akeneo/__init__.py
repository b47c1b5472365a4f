"""The client: sign-in, reading, writing, limits and errors of one PIM."""

from akeneo_erp_bridge.akeneo._async_client import AsyncAkeneoClient
from akeneo_erp_bridge.akeneo._async_resource import (
    AsyncDeletableResource,
    AsyncListing,
    AsyncMeasurementFamilies,
    AsyncProductResource,
    AsyncReadResource,
    AsyncResource,
    AsyncSystem,
)
from akeneo_erp_bridge.akeneo._auth import AppAuth, Auth, PasswordAuth
from akeneo_erp_bridge.akeneo._client import AkeneoClient
from akeneo_erp_bridge.akeneo._lines import UpsertResult
from akeneo_erp_bridge.akeneo._measurements import MeasurementFamilies
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._pages import Listing, ResourcePage
from akeneo_erp_bridge.akeneo._products import ProductResource
from akeneo_erp_bridge.akeneo._resource import DeletableResource, ReadResource, Resource
from akeneo_erp_bridge.akeneo._retry import Outcome, RetryPolicy
from akeneo_erp_bridge.akeneo._system import Features, Route, System

__all__ = [
    "AkeneoClient",
    "AppAuth",
    "AsyncAkeneoClient",
    "AsyncDeletableResource",
    "AsyncListing",
    "AsyncMeasurementFamilies",
    "AsyncProductResource",
    "AsyncReadResource",
    "AsyncResource",
    "AsyncSystem",
    "Auth",
    "DeletableResource",
    "Features",
    "Listing",
    "MeasurementFamilies",
    "Options",
    "Outcome",
    "PasswordAuth",
    "ProductResource",
    "ReadResource",
    "Resource",
    "ResourcePage",
    "RetryPolicy",
    "Route",
    "System",
    "UpsertResult",
]
