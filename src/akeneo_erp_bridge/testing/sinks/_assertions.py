"""pytest rewrites the assertions of the laws, so that a broken one shows both sides."""

from __future__ import annotations

from akeneo_erp_bridge.errors import MissingExtra

try:
    import pytest
except ImportError as error:
    raise MissingExtra("SinkConformance", "testing") from error

pytest.register_assert_rewrite("akeneo_erp_bridge.testing.sinks._laws")
