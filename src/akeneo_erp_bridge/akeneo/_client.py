"""`AkeneoClient`: everything a program does with a PIM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Self

import attrs
import httpx
from attrs import evolve

from akeneo_erp_bridge.akeneo import _kinds as kinds
from akeneo_erp_bridge.akeneo._auth import Auth
from akeneo_erp_bridge.akeneo._catalogs import Catalogs
from akeneo_erp_bridge.akeneo._cloud import DataModel, Jobs, Permissions, Rules
from akeneo_erp_bridge.akeneo._entities import ASSET_FAMILIES, REFERENCE_ENTITIES, AssetFamilies, ReferenceEntities
from akeneo_erp_bridge.akeneo._environment import pim_of
from akeneo_erp_bridge.akeneo._extensions import UiExtensions
from akeneo_erp_bridge.akeneo._legacy import Legacy
from akeneo_erp_bridge.akeneo._measurements import MeasurementFamilies
from akeneo_erp_bridge.akeneo._media import ASSET_MEDIA, ENTITY_MEDIA, CategoryMedia, EntityMedia, MediaFiles
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._products import ProductResource, Products
from akeneo_erp_bridge.akeneo._resource import DeletableResource, ReadResource, Resource
from akeneo_erp_bridge.akeneo._retry import RetryPolicy
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._structure import read_structure
from akeneo_erp_bridge.akeneo._system import Features, System
from akeneo_erp_bridge.akeneo._tokens import TokenStore
from akeneo_erp_bridge.akeneo._workflows import Workflows
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

__all__ = ["AkeneoClient"]


class AkeneoClient:
    """A connection to one PIM; close it, or use it in a `with` block. Threads may share it.

    *url* is the PIM's address, with or without `/api/rest/v1`. *transport* replaces the network, for tests. *tokens* keeps
    the sign-in for the next process. Nothing is sent before the first call. Raises `ConfigurationError` for an address no PIM can have,
    and for one without TLS on another machine unless `Options.plain_http` allows it: who listens on the way would have the password.

    >>> from akeneo_erp_bridge.akeneo import PasswordAuth
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> sim = PimSimulator(sample=True)
    >>> with AkeneoClient(sim.url, PasswordAuth(**sim.auth_kwargs), transport=sim.transport()) as pim:
    ...     for family in pim.families.list({"code": [{"operator": "IN", "value": ["clothing", "hand_tools"]}]}):
    ...         print(family.code, family.labels["de_DE"])
    clothing Kleidung
    hand_tools Handwerkzeug
    """

    products: Products
    """Products by UUID, the way for PIMs of 7.0 and newer."""
    products_by_identifier: ProductResource[Product, ProductPatch]
    """Products by SKU; the only way before 7.0."""
    product_models: ProductResource[ProductModel, ProductModelPatch]
    """Product models, roots and sub-models."""
    families: DeletableResource[Family, FamilyPatch]
    """Families; their variants are in `family_variants`."""
    attributes: Resource[Attribute, AttributePatch]
    """Attributes; the options of a select are in `attribute_options`."""
    attribute_groups: Resource[AttributeGroup, AttributeGroupPatch]
    """Attribute groups."""
    association_types: Resource[AssociationType, AssociationTypePatch]
    """Association types."""
    categories: Resource[Category, CategoryPatch]
    """Categories of all trees."""
    channels: Resource[Channel, ChannelPatch]
    """Channels."""
    locales: ReadResource[Locale]
    """All locales; those that a channel uses are enabled."""
    currencies: ReadResource[Currency]
    """All currencies; those that a channel uses are enabled."""
    measurement_families: MeasurementFamilies
    """Measurement families and their units."""
    published_products: ReadResource[Product]
    """Frozen versions of products; deprecated by Akeneo. Enterprise Edition."""
    media_files: MediaFiles
    """The files of products and product models."""
    category_media: CategoryMedia
    """The files of enriched categories; cloud PIMs."""
    reference_entities: ReferenceEntities
    """Reference entities with attributes, options and records. Enterprise Edition."""
    reference_entity_media: EntityMedia
    """The files of records."""
    asset_families: AssetFamilies
    """Asset families with attributes, options and assets. Enterprise Edition."""
    asset_media: EntityMedia
    """The files of assets."""
    catalogs: Catalogs
    """Catalogs for Apps; cloud PIMs."""
    workflows: Workflows
    """Workflows and tasks; cloud PIMs."""
    jobs: Jobs
    """Import and export profiles; cloud PIMs."""
    permissions: Permissions
    """What users may see and change; cloud PIMs."""
    ui_extensions: UiExtensions
    """Buttons and frames that Apps add to the PIM; cloud PIMs."""
    rules: Rules
    """The rules engine's rules; experimental."""
    data_model: DataModel
    """Suggestions for the PIM's structure; experimental."""
    legacy: Legacy
    """What Akeneo has given up and old PIMs still have."""
    system: System
    """Version, edition and routes."""

    def __init__(
        self,
        url: str,
        auth: Auth,
        *,
        options: Options | None = None,
        transport: httpx.BaseTransport | None = None,
        tokens: TokenStore | None = None,
    ) -> None:
        chosen = Options() if options is None else options
        self._attach(Session(url, auth, chosen, transport=transport, tokens=tokens), chosen)

    @classmethod
    def from_env(
        cls,
        environment: Mapping[str, str] | None = None,
        *,
        options: Options | None = None,
        transport: httpx.BaseTransport | None = None,
        tokens: TokenStore | None = None,
    ) -> Self:
        """A client of the PIM that the environment names, so that no secret stands in a program.

        ``AKENEO_URL`` with ``AKENEO_CLIENT_ID``, ``AKENEO_CLIENT_SECRET``, ``AKENEO_USERNAME`` and ``AKENEO_PASSWORD``
        names a connection, ``AKENEO_URL`` with ``AKENEO_TOKEN`` an App. ``AKENEO_PLAIN_HTTP=yes`` allows an address without
        TLS on another machine. *environment* is that of the process, unless another is given. Raises `ConfigurationError` with the names of those that are missing.

        >>> AkeneoClient.from_env({"AKENEO_URL": "https://pim.example.com", "AKENEO_TOKEN": "of an App"})
        AkeneoClient('https://pim.example.com')
        """
        url, auth, is_plain = pim_of(environment)
        chosen = options or Options()
        if is_plain:
            chosen = evolve(chosen, plain_http=True)
        return cls(url, auth, options=chosen, transport=transport, tokens=tokens)

    def _attach(self, session: Session, options: Options) -> None:
        self._session = session
        self._options = options
        self._features: Features | None = None
        self.products = Products(kinds.PRODUCTS, session, options)
        self.products_by_identifier = ProductResource(kinds.PRODUCTS_BY_IDENTIFIER, session, options)
        self.product_models = ProductResource(kinds.PRODUCT_MODELS, session, options)
        self.families = DeletableResource(kinds.FAMILIES, session, options)
        self.attributes = Resource(kinds.ATTRIBUTES, session, options)
        self.attribute_groups = Resource(kinds.ATTRIBUTE_GROUPS, session, options)
        self.association_types = Resource(kinds.ASSOCIATION_TYPES, session, options)
        self.categories = Resource(kinds.CATEGORIES, session, options)
        self.channels = Resource(kinds.CHANNELS, session, options)
        self.locales = ReadResource(kinds.LOCALES, session, options)
        self.currencies = ReadResource(kinds.CURRENCIES, session, options)
        self.measurement_families = MeasurementFamilies(session, options)
        self.published_products = ReadResource(kinds.PUBLISHED_PRODUCTS, session, options)
        self.media_files = MediaFiles(session, options)
        self.category_media = CategoryMedia(session, options)
        self.reference_entities = ReferenceEntities(REFERENCE_ENTITIES, session, options)
        self.reference_entity_media = EntityMedia(session, options, ENTITY_MEDIA)
        self.asset_families = AssetFamilies(ASSET_FAMILIES, session, options)
        self.asset_media = EntityMedia(session, options, ASSET_MEDIA)
        self.catalogs = Catalogs(session, options)
        self.workflows = Workflows(session, options)
        self.jobs = Jobs(session, options)
        self.permissions = Permissions(session, options)
        self.ui_extensions = UiExtensions(session, options)
        self.rules = Rules(session, options)
        self.data_model = DataModel(session, options)
        self.legacy = Legacy(session, options)
        self.system = System(session, options)

    @property
    def url(self) -> str:
        """The PIM's address, without what belongs to the API."""
        return self._session.url

    @property
    def options(self) -> Options:
        """The options in force."""
        return self._options

    @property
    def features(self) -> Features:
        """What this PIM can do; asked once, then remembered."""
        if self._features is None:
            self._features = self.system.features()
        return self._features

    def sign_in(self) -> None:
        """Sign in now, to learn whether the credentials are right; every call does so by itself.

        Raises `SignInRefused` where they are not, `PimUnreachable` where nobody answers.
        """
        self._session.run(self._session.keeper.sign_in(self._options.retry), self._options)

    def family_variants(self, family: str) -> Resource[FamilyVariant, FamilyVariantPatch]:
        """Return the variants of *family*."""
        return Resource(kinds.family_variants_of(family), self._session, self._options)

    def attribute_options(self, attribute: str) -> Resource[AttributeOption, AttributeOptionPatch]:
        """Return the options of a select attribute; the PIM takes 3 writes a second for all of them."""
        return Resource(kinds.options_of(attribute), self._session, self._options)

    def structure(self, *, with_options_of: Iterable[AttributeCode] = (), with_categories: bool = True) -> PimStructure:
        """Read what products may look like: attributes, families, variants, channels, units and more.

        Takes some twenty requests, plus one for each family and each attribute in *with_options_of*; of one
        that holds records of a reference entity, their codes are read.
        Store it with `to_json`, and read it again when the PIM's settings change.
        """
        return read_structure(self, with_options_of=with_options_of, with_categories=with_categories)

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
    ) -> AkeneoClient:
        """Return a client with other options that shares connections, token and pace with this one.

        `concurrency` and the requests a second are of that shared pace, and stay.
        """
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
        twin = object.__new__(AkeneoClient)
        twin._attach(self._session, changed)
        return twin

    def close(self) -> None:
        """Close the connections, also those of clients made by `with_options`."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"AkeneoClient({self.url!r})"
