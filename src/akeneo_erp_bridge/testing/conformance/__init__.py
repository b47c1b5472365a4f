"""For vendors of adapters: the laws that an adapter keeps, as one class of tests, and a certificate of them.

::

    class TestAcme(ErpConformance[Article]):
        item = Article

        def world(self) -> AcmeSandbox: ...
        def make_adapter(self, faults: Faults) -> AcmeErp: ...

Nothing here needs pytest, or mypy but for the law of types: the extra `testing` brings both.
"""

from akeneo_erp_bridge.testing.conformance._certificate import Certificate, examine
from akeneo_erp_bridge.testing.conformance._http_faults import Faults
from akeneo_erp_bridge.testing.conformance._kit import ErpConformance
from akeneo_erp_bridge.testing.conformance._laws import LAWS, Law, Ruling, Verdict
from akeneo_erp_bridge.testing.conformance._verdicts import Absent, CannotHold, LawBroken
from akeneo_erp_bridge.testing.conformance._worlds import (
    Breaks,
    Creates,
    Deletes,
    Drafts,
    EditsAhead,
    EditsAtOnce,
    EditsHot,
    EditsLate,
    ErpWorld,
    Grows,
    Locks,
)

__all__ = [
    "LAWS",
    "Absent",
    "Breaks",
    "CannotHold",
    "Certificate",
    "Creates",
    "Deletes",
    "Drafts",
    "EditsAhead",
    "EditsAtOnce",
    "EditsHot",
    "EditsLate",
    "ErpConformance",
    "ErpWorld",
    "Faults",
    "Grows",
    "Law",
    "LawBroken",
    "Locks",
    "Ruling",
    "Verdict",
    "examine",
]
