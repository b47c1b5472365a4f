"""The kit against itself: a right adapter keeps every law, and for each law there is one that breaks it and no other."""

from __future__ import annotations

import pytest

from akeneo_erp_bridge.testing.conformance import LAWS, Certificate, examine
from kit_broken import BROKEN, kit_of
from kit_erp import Adapter
from kit_untyped import Untyped


def told(certificate: Certificate) -> dict[int, str]:
    """What did not pass, and why."""
    return {number: one.reason for number, one in certificate.rulings.items() if one.verdict != "passed"}


def test_the_right_adapter_keeps_every_law() -> None:
    certificate = examine(kit_of(Adapter))
    assert told(certificate) == {}
    assert len(certificate.passed) == len(LAWS) == 29


@pytest.mark.parametrize(
    ("number", "adapter"),
    [pytest.param(number, one, id=f"{number:02d}-{one.__name__}") for number, one in {**BROKEN, 29: Untyped}.items()],
)
def test_a_broken_adapter_fails_its_law_and_no_other(number: int, adapter: type[Adapter]) -> None:
    certificate = examine(kit_of(adapter))
    assert list(told(certificate)) == [number], told(certificate)
    assert certificate.failed == [number]
    # what the adapter did, and what to do about it; an error of the kit's own would tell neither
    did, _, todo = certificate.rulings[number].reason.rpartition(". ")
    assert did
    assert todo


def test_each_law_has_an_adapter_that_breaks_it() -> None:
    assert [law.number for law in LAWS] == [*BROKEN, 29]
