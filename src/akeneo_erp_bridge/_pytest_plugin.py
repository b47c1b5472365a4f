"""The part of the conformance kit that pytest loads: ``--erp-certificate=FOLDER``, and "absent" for what was not tried.

pytest loads it in each run where the package is installed, so it imports the kit only when a law of it ran.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict

import pytest

if TYPE_CHECKING:
    from akeneo_erp_bridge.testing.conformance import Ruling

__all__: list[str] = []

_WIRE: Final = "erp_law"
"""The attribute of a report under which the facts travel, also from the workers of pytest-xdist."""


class _Facts(TypedDict):
    """What a report says of a law, as JSON."""

    kit: str
    law: int
    is_replaced: bool
    reason: str
    remarks: list[str]
    adapter: str
    version: str


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option."""
    parser.getgroup("akeneo_erp_bridge").addoption(
        "--erp-certificate",
        metavar="FOLDER",
        default=None,
        help="write a certificate (JSON and HTML) for each class of ErpConformance that ran",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Watch in the process that sees all reports: with pytest-xdist, the one without a `workerinput`."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Certificates(config.getoption("erp_certificate")), "erp_certificates")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the facts of a law on its report."""
    report = yield
    facts = _facts(item, call)
    if facts is not None:
        setattr(report, _WIRE, facts)
    return report


def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
    """A law that was not tried is neither passed nor skipped."""
    is_absent = report.skipped and getattr(report, _WIRE, None) is not None and not hasattr(report, "wasxfail")
    return ("absent", "a", "ABSENT") if is_absent else None


def _facts(item: pytest.Item, call: pytest.CallInfo[None]) -> _Facts | None:
    if not isinstance(item, pytest.Function) or "akeneo_erp_bridge.testing.conformance" not in sys.modules:
        return None
    from akeneo_erp_bridge.testing.conformance import LAWS, ErpConformance, LawBroken
    from akeneo_erp_bridge.testing.conformance._laws import is_replaced
    from akeneo_erp_bridge.testing.conformance._subject import kept_of

    law = next((one for one in LAWS if one.test == item.originalname), None)
    kit: type[object] | None = item.cls
    if law is None or kit is None or ErpConformance not in kit.__mro__:
        return None
    error = None if call.excinfo is None else call.excinfo.value
    plain = error is None or isinstance(error, LawBroken | pytest.skip.Exception)
    kept = kept_of(kit)
    return _Facts(
        kit=item.nodeid.rpartition("::")[0],
        law=law.number,
        is_replaced=is_replaced(kit, law),
        reason="" if error is None else str(error) if plain else f"{type(error).__name__}: {error}",
        remarks=list(kept.remarks.get(law.number, ())),
        adapter=kept.adapter,
        version=kept.version,
    )


class _Certificates:
    """Gathers what the reports say, class by class."""

    def __init__(self, folder: str | None) -> None:
        self._folder = folder
        self._found: dict[str, dict[int, tuple[str, _Facts, float]]] = {}
        self._written: list[Path] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        facts: _Facts | None = getattr(report, _WIRE, None)
        if facts is None or (report.when != "call" and report.passed):
            return
        verdict = "failed" if report.failed else "passed" if report.passed else "absent"
        if facts["is_replaced"] and verdict != "failed":
            verdict = "replaced"
        if hasattr(report, "wasxfail") and report.skipped:  # a failure that somebody expects is a failure
            verdict = "failed"
        laws = self._found.setdefault(facts["kit"], {})
        before = laws.get(facts["law"])
        if before is None or before[0] != "failed":
            laws[facts["law"]] = (verdict, facts, report.duration)

    def pytest_sessionfinish(self) -> None:
        if self._folder is None:
            return
        from akeneo_erp_bridge.errors import ConfigurationError
        from akeneo_erp_bridge.testing.conformance._certificate import certify

        short = [kit.rpartition("::")[2] for kit in self._found]
        for kit, laws in self._found.items():
            name = kit.rpartition("::")[2]
            if short.count(name) > 1:
                name = kit.replace("::", ".").replace("/", ".")
            told = [facts for _, facts, _ in laws.values() if facts["adapter"]]
            rulings = {number: _ruling(*one) for number, one in laws.items()}
            adapter, version = (told[0]["adapter"], told[0]["version"]) if told else ("", "")
            try:
                self._written += certify(name, adapter, version, rulings).save(self._folder)
            except ConfigurationError as error:
                pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        absent = [
            f"{kit.rpartition('::')[2]}, law {number}: {facts['reason']}"
            for kit, laws in self._found.items()
            for number, (verdict, facts, _) in sorted(laws.items())
            if verdict == "absent"
        ]
        if absent:
            terminalreporter.section("laws that were not tried")
            for line in absent:
                terminalreporter.write_line(line)
        for path in self._written:
            terminalreporter.write_line(f"certificate: {path}")


def _ruling(verdict: str, facts: _Facts, seconds: float) -> Ruling:
    from akeneo_erp_bridge.testing.conformance._laws import REPLACED, Ruling

    remarks = tuple(facts["remarks"])
    match verdict:
        case "passed":
            return Ruling("passed", "", remarks, round(seconds, 3))
        case "failed":
            return Ruling("failed", facts["reason"] or "it was expected to fail", remarks, round(seconds, 3))
        case "replaced":
            return Ruling("absent", REPLACED)
        case _:
            return Ruling("absent", facts["reason"] or "not run", remarks, round(seconds, 3))
