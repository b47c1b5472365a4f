"""An adapter of the Acme ERP for `akeneo_erp_bridge`."""

from acme_erp._adapter import AcmeErp, Article

__all__ = ["AcmeErp", "Article"]
