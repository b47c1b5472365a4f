"""The laws by number, and what may become of one."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.testing.conformance._kit import ErpConformance

Verdict: TypeAlias = Literal["passed", "failed", "absent"]

NOT_RUN: Final = "not run"
REPLACED: Final = "the class replaces the kit's test by one of its own"


@frozen
class Law:
    """A law of the kit: its number, the name of its test, and what it says.

    >>> law = LAWS[9]
    >>> law.number, law.words
    (10, 'a deletion comes as a tombstone')
    """

    number: int
    test: str
    text: str

    @property
    def words(self) -> str:
        """The name for people.

        >>> LAWS[4].words
        'a cold edit brings back exactly that key'
        """
        return " ".join(self.test.split("_")[2:])


def _laws() -> tuple[Law, ...]:
    tests = sorted(name for name in vars(ErpConformance) if name.startswith("test_"))
    return tuple(
        Law(int(name.split("_")[1]), name, " ".join((getattr(ErpConformance, name).__doc__ or "").split()))
        for name in tests
    )


LAWS: Final = _laws()
"""All laws, by number."""


@frozen
class Ruling:
    """What became of one law. `reason` says why it failed or is absent, `remarks` what was left out of one that passed.

    >>> ruling = Ruling("passed", remarks=("keys of 255 characters: this ERP cannot hold them",), seconds=0.8)
    >>> f"{ruling.verdict}, without {ruling.remarks[0]}"
    'passed, without keys of 255 characters: this ERP cannot hold them'
    """

    verdict: Verdict
    reason: str = ""
    remarks: tuple[str, ...] = ()
    seconds: float = 0.0


def is_replaced(kit: type[object], law: Law) -> bool:
    """Whether a class has a test of its own under the name of a law, which then says nothing about the law."""
    return getattr(kit, law.test) is not getattr(ErpConformance, law.test)
