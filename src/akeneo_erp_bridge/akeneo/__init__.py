"""The client: sign-in, reading, writing, limits and errors of one PIM."""

from akeneo_erp_bridge.akeneo._async_client import AsyncAkeneoClient
from akeneo_erp_bridge.akeneo._async_products import AsyncProductResource, AsyncProducts
from akeneo_erp_bridge.akeneo._async_resource import (
    AsyncBatchResource,
    AsyncDeletableResource,
    AsyncEditableResource,
    AsyncErasableResource,
    AsyncListing,
    AsyncListResource,
    AsyncMeasurementFamilies,
    AsyncReadResource,
    AsyncResource,
    AsyncSystem,
)
from akeneo_erp_bridge.akeneo._async_upload import AnyIterable
from akeneo_erp_bridge.akeneo._auth import AppAuth, Auth, PasswordAuth
from akeneo_erp_bridge.akeneo._catalogs import AsyncCatalogs, Catalogs
from akeneo_erp_bridge.akeneo._client import AkeneoClient
from akeneo_erp_bridge.akeneo._cloud import (
    AsyncDataModel,
    AsyncJobs,
    AsyncPermissions,
    AsyncRules,
    DataModel,
    ImportMode,
    Jobs,
    Permissions,
    Rules,
)
from akeneo_erp_bridge.akeneo._entities import (
    AssetFamilies,
    AsyncAssetFamilies,
    AsyncReferenceEntities,
    ReferenceEntities,
)
from akeneo_erp_bridge.akeneo._extensions import AsyncUiExtensions, UiExtensions
from akeneo_erp_bridge.akeneo._legacy import NO_LOCALE, AsyncLegacy, Legacy
from akeneo_erp_bridge.akeneo._lines import UpsertResult
from akeneo_erp_bridge.akeneo._measurements import AnyMeasurementFamily, MeasurementFamilies
from akeneo_erp_bridge.akeneo._media import (
    AsyncCategoryMedia,
    AsyncEntityMedia,
    AsyncMediaFiles,
    CategoryMedia,
    EntityMedia,
    MediaFiles,
)
from akeneo_erp_bridge.akeneo._operations import Edition, Operation, operations
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._pages import Listing, Parameter, ResourcePage
from akeneo_erp_bridge.akeneo._products import ProductResource, Products
from akeneo_erp_bridge.akeneo._resource import (
    BatchResource,
    DeletableResource,
    EditableResource,
    ErasableResource,
    ListResource,
    ReadResource,
    Resource,
)
from akeneo_erp_bridge.akeneo._retry import Outcome, RetryPolicy
from akeneo_erp_bridge.akeneo._streams import FileSource, Progress
from akeneo_erp_bridge.akeneo._system import Features, Route, System
from akeneo_erp_bridge.akeneo._tokens import FileTokens, MemoryTokens, StoredToken, TokenStore
from akeneo_erp_bridge.akeneo._verbs import Where
from akeneo_erp_bridge.akeneo._workflows import AsyncWorkflows, TaskStatus, Workflows, WorkflowStart

__all__ = [
    "NO_LOCALE",
    "AkeneoClient",
    "AnyIterable",
    "AnyMeasurementFamily",
    "AppAuth",
    "AssetFamilies",
    "AsyncAkeneoClient",
    "AsyncAssetFamilies",
    "AsyncBatchResource",
    "AsyncCatalogs",
    "AsyncCategoryMedia",
    "AsyncDataModel",
    "AsyncDeletableResource",
    "AsyncEditableResource",
    "AsyncEntityMedia",
    "AsyncErasableResource",
    "AsyncJobs",
    "AsyncLegacy",
    "AsyncListResource",
    "AsyncListing",
    "AsyncMeasurementFamilies",
    "AsyncMediaFiles",
    "AsyncPermissions",
    "AsyncProductResource",
    "AsyncProducts",
    "AsyncReadResource",
    "AsyncReferenceEntities",
    "AsyncResource",
    "AsyncRules",
    "AsyncSystem",
    "AsyncUiExtensions",
    "AsyncWorkflows",
    "Auth",
    "BatchResource",
    "Catalogs",
    "CategoryMedia",
    "DataModel",
    "DeletableResource",
    "EditableResource",
    "Edition",
    "EntityMedia",
    "ErasableResource",
    "Features",
    "FileSource",
    "FileTokens",
    "ImportMode",
    "Jobs",
    "Legacy",
    "ListResource",
    "Listing",
    "MeasurementFamilies",
    "MediaFiles",
    "MemoryTokens",
    "Operation",
    "Options",
    "Outcome",
    "Parameter",
    "PasswordAuth",
    "Permissions",
    "ProductResource",
    "Products",
    "Progress",
    "ReadResource",
    "ReferenceEntities",
    "Resource",
    "ResourcePage",
    "RetryPolicy",
    "Route",
    "Rules",
    "StoredToken",
    "System",
    "TaskStatus",
    "TokenStore",
    "UiExtensions",
    "UpsertResult",
    "Where",
    "WorkflowStart",
    "Workflows",
    "operations",
]
