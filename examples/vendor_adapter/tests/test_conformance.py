"""The laws of akeneo_erp_bridge for adapters, on the sandbox."""

from __future__ import annotations

from acme_erp import AcmeErp, Article
from acme_erp.sandbox import AcmeSandbox
from akeneo_erp_bridge.testing.conformance import ErpConformance, Faults


class TestAcme(ErpConformance[Article]):
    item = Article
    secrets = ("acme-sandbox-token",)
    many = 6_000

    def world(self) -> AcmeSandbox:
        return AcmeSandbox()

    def make_adapter(self, faults: Faults) -> AcmeErp[Article]:
        sandbox = self.world()
        return AcmeErp(sandbox.url, sandbox.token, Article, transport=faults.transport())
