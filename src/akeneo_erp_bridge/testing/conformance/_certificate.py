"""`examine` and `Certificate`: which laws an adapter keeps, which it breaks, and which were not tried."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar
from unittest import SkipTest

from attrs import asdict, frozen

from akeneo_erp_bridge._private_file import replace_private
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.testing.conformance._certificate_page import page
from akeneo_erp_bridge.testing.conformance._kit import ErpConformance
from akeneo_erp_bridge.testing.conformance._laws import LAWS, NOT_RUN, REPLACED, Law, Ruling, Verdict, is_replaced
from akeneo_erp_bridge.testing.conformance._subject import kept_of
from akeneo_erp_bridge.testing.conformance._verdicts import LawBroken

ItemT = TypeVar("ItemT", bound=ErpItem)


@frozen(kw_only=True)
class Certificate:
    """What `examine`, or pytest with ``--erp-certificate``, found out about an adapter.

    `rulings` has one entry for each law, by its number; a law that nobody ran is absent.

    >>> rulings = {5: Ruling("passed"), 10: Ruling("failed", "item 'DR-18' came again after it was deleted. Give ...")}
    >>> certificate = certify("TestAcme", "AcmeErp", "1.2", rulings, now=datetime(2026, 6, 10, tzinfo=UTC))
    >>> print(certificate)
    TestAcme: 1 passed, 1 failed, 27 absent
    >>> [(number, certificate.rulings[number].reason) for number in certificate.failed]
    [(10, "item 'DR-18' came again after it was deleted. Give ...")]
    """

    name: str
    adapter: str
    version: str
    date: datetime
    kit_version: str
    python: str
    rulings: Mapping[int, Ruling]

    def numbers(self, verdict: Verdict) -> list[int]:
        """The laws with this verdict."""
        return [number for number, ruling in self.rulings.items() if ruling.verdict == verdict]

    @property
    def passed(self) -> list[int]:
        """The numbers of the laws that the adapter keeps."""
        return self.numbers("passed")

    @property
    def failed(self) -> list[int]:
        """The numbers of those that it breaks, or that ended in an error."""
        return self.numbers("failed")

    @property
    def absent(self) -> list[int]:
        """The numbers of those that were not tried; nothing is known of them."""
        return self.numbers("absent")

    def to_json(self) -> str:
        """The certificate for programs: one object with `laws`, a list of 29."""
        laws = [
            {"number": law.number, "law": law.words, "text": law.text, **asdict(self.rulings[law.number])}
            for law in LAWS
        ]
        head = {
            "format": 1,
            "name": self.name,
            "adapter": self.adapter,
            "version": self.version,
            "date": self.date.isoformat(timespec="seconds"),
            "kit": self.kit_version,
            "python": self.python,
            "passed": len(self.passed),
            "failed": len(self.failed),
            "absent": len(self.absent),
        }
        return json.dumps({**head, "laws": laws}, indent=2, ensure_ascii=False) + "\n"

    def to_html(self) -> str:
        """The certificate for people: one page that stands by itself."""
        return page(self)

    def save(self, folder: Path | str) -> tuple[Path, Path]:
        """Write NAME.json and NAME.html into a folder, which is made where it is missing.

        Raises `ConfigurationError` where no file can be written.
        """
        paths = (Path(folder) / f"{self.name}.json", Path(folder) / f"{self.name}.html")
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
            for path, text in zip(paths, (self.to_json(), self.to_html()), strict=True):
                replace_private(path, [text])
        except OSError as error:
            raise ConfigurationError(
                f"the certificate cannot be written to {str(folder)!r} ({error.strerror}); name another folder"
            ) from error
        return paths

    def __str__(self) -> str:
        return f"{self.name}: {len(self.passed)} passed, {len(self.failed)} failed, {len(self.absent)} absent"


def certify(
    name: str, adapter: str, version_: str, rulings: Mapping[int, Ruling], *, now: datetime | None = None
) -> Certificate:
    """A certificate over all laws; those without a ruling were not run."""
    return Certificate(
        name=name,
        adapter=adapter or "unknown",
        version=version_ or "unknown",
        date=now or datetime.now(UTC),
        kit_version=version("akeneo_erp_bridge"),
        python=platform.python_version(),
        rulings={law.number: rulings.get(law.number, Ruling("absent", NOT_RUN)) for law in LAWS},
    )


def examine(kit: type[ErpConformance[ItemT]], *, only: Sequence[int] = ()) -> Certificate:
    r"""Run the laws of a class, all or *only* some, without pytest; fixtures of pytest are not there.

    The world is closed at the end, as it is after pytest's last law.

    >>> from tempfile import TemporaryDirectory
    >>> from akeneo_erp_bridge.erp import CsvAdapter, cold
    >>> class Drill(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     name = cold(str, "name")
    >>> class Sandbox:
    ...     def __init__(self, path):
    ...         self.path, self.names = path, {f"DR-{number}": "Drill" for number in range(4)}
    ...         self.edit_cold("DR-0")
    ...     def keys(self):
    ...         return list(self.names)
    ...     def edit_cold(self, key):
    ...         self.names[key] += "!"
    ...         self.path.write_text("\n".join(["number,name", *map(",".join, self.names.items())]))
    >>> folder = TemporaryDirectory()
    >>> class OnFile(ErpConformance):
    ...     item = Drill
    ...     def world(self):
    ...         return Sandbox(Path(folder.name, "drills.csv"))
    ...     def make_adapter(self, faults):
    ...         return CsvAdapter(self.world().path, Drill)
    >>> certificate = examine(OnFile, only=[3, 5, 10])
    >>> certificate.passed, certificate.rulings[10].reason
    ([3, 5], 'the world has no `delete` (Deletes)')
    >>> folder.cleanup()
    """
    rulings: dict[int, Ruling] = {}
    try:
        for law in LAWS:
            if not only or law.number in only:
                rulings[law.number] = _ruled(kit, law)
        kept = kept_of(kit)
        return certify(kit.__name__, kept.adapter, kept.version, rulings)
    finally:
        kit.teardown_class()


def _ruled(kit: type[ErpConformance[ItemT]], law: Law) -> Ruling:
    if is_replaced(kit, law):
        return Ruling("absent", REPLACED)
    began = time.monotonic()
    try:
        getattr(kit(), law.test)()
    except SkipTest as reason:
        verdict: Verdict = "absent"
        told = str(reason)
    except LawBroken as reason:
        verdict, told = "failed", str(reason)
    except Exception as error:  # noqa: BLE001 - whatever it is, the law was not kept
        verdict, told = "failed", f"{type(error).__name__}: {error}"
    else:
        verdict, told = "passed", ""
    remarks = kept_of(kit).remarks.get(law.number, ())
    return Ruling(verdict, told, remarks, round(time.monotonic() - began, 3))
