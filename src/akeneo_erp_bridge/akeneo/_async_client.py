"""`AsyncAkeneoClient`: `AkeneoClient` for programs that `await`, with the same methods."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Self

import attrs
import httpx
from attrs import evolve

from akeneo_erp_bridge.akeneo import _kinds as kinds
from akeneo_erp_bridge.akeneo._async_products import AsyncProductResource, AsyncProducts
from akeneo_erp_bridge.akeneo._async_resource import (
    AsyncDeletableResource,
    AsyncMeasurementFamilies,
    AsyncReadResource,
    AsyncResource,
    AsyncSystem,
)
from akeneo_erp_bridge.akeneo._async_session import AsyncSession
from akeneo_erp_bridge.akeneo._auth import Auth
from akeneo_erp_bridge.akeneo._catalogs import AsyncCatalogs
from akeneo_erp_bridge.akeneo._cloud import AsyncDataModel, AsyncJobs, AsyncPermissions, AsyncRules
from akeneo_erp_bridge.akeneo._entities import (
    ASSET_FAMILIES,
    REFERENCE_ENTITIES,
    AsyncAssetFamilies,
    AsyncReferenceEntities,
)
from akeneo_erp_bridge.akeneo._environment import pim_of
from akeneo_erp_bridge.akeneo._extensions import AsyncUiExtensions
from akeneo_erp_bridge.akeneo._legacy import AsyncLegacy
from akeneo_erp_bridge.akeneo._media import (
    ASSET_MEDIA,
    ENTITY_MEDIA,
    AsyncCategoryMedia,
    AsyncEntityMedia,
    AsyncMediaFiles,
)
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._retry import RetryPolicy
from akeneo_erp_bridge.akeneo._structure import read_structure_async
from akeneo_erp_bridge.akeneo._system import Features
from akeneo_erp_bridge.akeneo._tokens import TokenStore
from akeneo_erp_bridge.akeneo._workflows import AsyncWorkflows
from akeneo_erp_bridge.catalog import (
    AssociationType,
    AssociationTypePatch,
    Attribute,
    AttributeGroup,
    AttributeGroupPatch,
    AttributeOption,
    AttributeOptionPatch,
    AttributePatch,
    Category,
    CategoryPatch,
    Channel,
    ChannelPatch,
    Currency,
    Family,
    FamilyPatch,
    FamilyVariant,
    FamilyVariantPatch,
    Locale,
    PimStructure,
    Product,
    ProductModel,
    ProductModelPatch,
    ProductPatch,
)
from akeneo_erp_bridge.codes import AttributeCode

__all__ = ["AsyncAkeneoClient"]


class AsyncAkeneoClient:
    """A connection to one PIM for programs that `await`: `AkeneoClient`, method by method. Tasks may share it.

    Use it within one event loop. Nothing blocks that loop, and nothing is sent before the first call.

    >>> import asyncio
    >>> from akeneo_erp_bridge.akeneo import PasswordAuth
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> sim = PimSimulator(sample=True)
    >>> async def main() -> None:
    ...     auth, transport = PasswordAuth(**sim.auth_kwargs), sim.async_transport()
    ...     async with AsyncAkeneoClient(sim.url, auth, transport=transport) as pim:
    ...         async for family in pim.families.list({"code": [{"operator": "IN", "value": ["clothing", "hand_tools"]}]}):
    ...             print(family.code, family.labels["de_DE"])
    >>> asyncio.run(main())
    clothing Kleidung
    hand_tools Handwerkzeug
    """

    products: AsyncProducts
    """Products by UUID, the way for PIMs of 7.0 and newer."""
    products_by_identifier: AsyncProductResource[Product, ProductPatch]
    """Products by SKU; the only way before 7.0."""
    product_models: AsyncProductResource[ProductModel, ProductModelPatch]
    """Product models, roots and sub-models."""
    families: AsyncDeletableResource[Family, FamilyPatch]
    """Families; their variants are in `family_variants`."""
    attributes: AsyncResource[Attribute, AttributePatch]
    """Attributes; the options of a select are in `attribute_options`."""
    attribute_groups: AsyncResource[AttributeGroup, AttributeGroupPatch]
    """Attribute groups."""
    association_types: AsyncResource[AssociationType, AssociationTypePatch]
    """Association types."""
    categories: AsyncResource[Category, CategoryPatch]
    """Categories of all trees."""
    channels: AsyncResource[Channel, ChannelPatch]
    """Channels."""
    locales: AsyncReadResource[Locale]
    """All locales; those that a channel uses are enabled."""
    currencies: AsyncReadResource[Currency]
    """All currencies; those that a channel uses are enabled."""
    measurement_families: AsyncMeasurementFamilies
    """Measurement families and their units."""
    published_products: AsyncReadResource[Product]
    """Frozen versions of products; deprecated by Akeneo. Enterprise Edition."""
    media_files: AsyncMediaFiles
    """The files of products and product models."""
    category_media: AsyncCategoryMedia
    """The files of enriched categories; cloud PIMs."""
    reference_entities: AsyncReferenceEntities
    """Reference entities with attributes, options and records. Enterprise Edition."""
    reference_entity_media: AsyncEntityMedia
    """The files of records."""
    asset_families: AsyncAssetFamilies
    """Asset families with attributes, options and assets. Enterprise Edition."""
    asset_media: AsyncEntityMedia
    """The files of assets."""
    catalogs: AsyncCatalogs
    """Catalogs for Apps; cloud PIMs."""
    workflows: AsyncWorkflows
    """Workflows and tasks; cloud PIMs."""
    jobs: AsyncJobs
    """Import and export profiles; cloud PIMs."""
    permissions: AsyncPermissions
    """What users may see and change; cloud PIMs."""
    ui_extensions: AsyncUiExtensions
    """Buttons and frames that Apps add to the PIM; cloud PIMs."""
    rules: AsyncRules
    """The rules engine's rules; experimental."""
    data_model: AsyncDataModel
    """Suggestions for the PIM's structure; experimental."""
    legacy: AsyncLegacy
    """What Akeneo has given up and old PIMs still have."""
    system: AsyncSystem
    """Version, edition and routes."""

    def __init__(
        self,
        url: str,
        auth: Auth,
        *,
        options: Options | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        tokens: TokenStore | None = None,
    ) -> None:
        chosen = Options() if options is None else options
        self._attach(AsyncSession(url, auth, chosen, transport=transport, tokens=tokens), chosen)

    @classmethod
    def from_env(
        cls,
        environment: Mapping[str, str] | None = None,
        *,
        options: Options | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        tokens: TokenStore | None = None,
    ) -> Self:
        """A client of the PIM that the environment names, so that no secret stands in a program.

        See `AkeneoClient.from_env` for its names, and for what it raises.

        >>> AsyncAkeneoClient.from_env({"AKENEO_URL": "https://pim.example.com", "AKENEO_TOKEN": "of an App"})
        AsyncAkeneoClient('https://pim.example.com')
        """
        url, auth, is_plain = pim_of(environment)
        chosen = options or Options()
        if is_plain:
            chosen = evolve(chosen, plain_http=True)
        return cls(url, auth, options=chosen, transport=transport, tokens=tokens)

    def _attach(self, session: AsyncSession, options: Options) -> None:
        self._session = session
        self._options = options
        self._features: Features | None = None
        self.products = AsyncProducts(kinds.PRODUCTS, session, options)
        self.products_by_identifier = AsyncProductResource(kinds.PRODUCTS_BY_IDENTIFIER, session, options)
        self.product_models = AsyncProductResource(kinds.PRODUCT_MODELS, session, options)
        self.families = AsyncDeletableResource(kinds.FAMILIES, session, options)
        self.attributes = AsyncResource(kinds.ATTRIBUTES, session, options)
        self.attribute_groups = AsyncResource(kinds.ATTRIBUTE_GROUPS, session, options)
        self.association_types = AsyncResource(kinds.ASSOCIATION_TYPES, session, options)
        self.categories = AsyncResource(kinds.CATEGORIES, session, options)
        self.channels = AsyncResource(kinds.CHANNELS, session, options)
        self.locales = AsyncReadResource(kinds.LOCALES, session, options)
        self.currencies = AsyncReadResource(kinds.CURRENCIES, session, options)
        self.measurement_families = AsyncMeasurementFamilies(session, options)
        self.published_products = AsyncReadResource(kinds.PUBLISHED_PRODUCTS, session, options)
        self.media_files = AsyncMediaFiles(session, options)
        self.category_media = AsyncCategoryMedia(session, options)
        self.reference_entities = AsyncReferenceEntities(REFERENCE_ENTITIES, session, options)
        self.reference_entity_media = AsyncEntityMedia(session, options, ENTITY_MEDIA)
        self.asset_families = AsyncAssetFamilies(ASSET_FAMILIES, session, options)
        self.asset_media = AsyncEntityMedia(session, options, ASSET_MEDIA)
        self.catalogs = AsyncCatalogs(session, options)
        self.workflows = AsyncWorkflows(session, options)
        self.jobs = AsyncJobs(session, options)
        self.permissions = AsyncPermissions(session, options)
        self.ui_extensions = AsyncUiExtensions(session, options)
        self.rules = AsyncRules(session, options)
        self.data_model = AsyncDataModel(session, options)
        self.legacy = AsyncLegacy(session, options)
        self.system = AsyncSystem(session, options)

    @property
    def url(self) -> str:
        """The PIM's address, without what belongs to the API."""
        return self._session.url

    @property
    def options(self) -> Options:
        """The options in force."""
        return self._options

    @property
    def features(self) -> Awaitable[Features]:
        """What this PIM can do; asked once, then remembered: `features = await pim.features`."""
        return self._known_features()

    async def _known_features(self) -> Features:
        if self._features is None:
            self._features = await self.system.features()
        return self._features

    async def sign_in(self) -> None:
        """Sign in now, to learn whether the credentials are right; every call does so by itself.

        Raises `SignInRefused` where they are not, `PimUnreachable` where nobody answers.
        """
        await self._session.run(self._session.keeper.sign_in(self._options.retry), self._options)

    def family_variants(self, family: str) -> AsyncResource[FamilyVariant, FamilyVariantPatch]:
        """Return the variants of *family*."""
        return AsyncResource(kinds.family_variants_of(family), self._session, self._options)

    def attribute_options(self, attribute: str) -> AsyncResource[AttributeOption, AttributeOptionPatch]:
        """Return the options of a select attribute; the PIM takes 3 writes a second for all of them."""
        return AsyncResource(kinds.options_of(attribute), self._session, self._options)

    async def structure(
        self, *, with_options_of: Iterable[AttributeCode] = (), with_categories: bool = True
    ) -> PimStructure:
        """Read what products may look like: attributes, families, variants, channels, units and more.

        Takes some twenty requests, plus one for each family and each attribute in *with_options_of*; of one
        that holds records of a reference entity, their codes are read.
        Store it with `to_json`, and read it again when the PIM's settings change.
        """
        return await read_structure_async(self, with_options_of=with_options_of, with_categories=with_categories)

    def with_options(
        self,
        *,
        timeout: timedelta | None = None,
        retry: RetryPolicy | None = None,
        page_size: int | None = None,
        batch_lines: int | None = None,
        batch_bytes: int | None = None,
        read_ahead: bool | None = None,
        line_tries: int | None = None,
        user_agent: str | None = None,
    ) -> AsyncAkeneoClient:
        """Return a client with other options that shares connections, token and pace with this one."""
        now = self._options
        changed = attrs.evolve(
            now,
            timeout=now.timeout if timeout is None else timeout,
            retry=now.retry if retry is None else retry,
            page_size=now.page_size if page_size is None else page_size,
            batch_lines=now.batch_lines if batch_lines is None else batch_lines,
            batch_bytes=now.batch_bytes if batch_bytes is None else batch_bytes,
            read_ahead=now.read_ahead if read_ahead is None else read_ahead,
            line_tries=now.line_tries if line_tries is None else line_tries,
            user_agent=now.user_agent if user_agent is None else user_agent,
        )
        twin = object.__new__(AsyncAkeneoClient)
        twin._attach(self._session, changed)
        return twin

    async def close(self) -> None:
        """Close the connections, also those of clients made by `with_options`."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncAkeneoClient({self.url!r})"
