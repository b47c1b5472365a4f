"""The laws of akeneo_erp_bridge for adapters, on the sandbox."""

from __future__ import annotations

from pathlib import Path

from acme_erp import AcmeErp, Article
from acme_erp.sandbox import AcmeSandbox
from akeneo_erp_bridge.testing.conformance import ErpConformance, Faults


class TestAcme(ErpConformance[Article]):
    """One test for each law."""

    item = Article
    secrets = ("acme-sandbox-token",)
    source = Path(__file__).parents[1] / "src" / "acme_erp"
    many = 9_000

    def world(self) -> AcmeSandbox:
        """What the adapter reads, and the laws edit."""
        return AcmeSandbox()

    def make_adapter(self, faults: Faults) -> AcmeErp[Article]:
        """A new adapter, whose calls fail where a law says so."""
        sandbox = self.world()
        return AcmeErp(sandbox.url, sandbox.token, Article, transport=faults.transport())
