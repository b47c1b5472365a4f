"""A PIM that does not answer is tried again for some seconds: the terminal says so, once."""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager

from akeneo_erp_bridge.akeneo._session import AGAIN


class _FirstTry(logging.Filter):
    """Tells of the first try that failed, and lets pass what passed before."""

    def __init__(self, level: int) -> None:
        super().__init__()
        self._level = level
        self._is_told = False

    def filter(self, record: logging.LogRecord) -> bool:
        if record.msg == AGAIN and not self._is_told:
            self._is_told = True
            call = record.args[0] if isinstance(record.args, tuple) else ""
            print(f"{call}: the PIM does not answer; trying again ...", file=sys.stderr)
        return record.levelno >= self._level or _wants(record)


def _wants(record: logging.LogRecord) -> bool:
    """Whether a program has asked for such records since, as `logging.basicConfig` does."""
    above = logging.getLogger(record.name).parent
    return above is not None and above.isEnabledFor(record.levelno)


@contextmanager
def first_try_told() -> Generator[None]:
    """While it lasts, the first try that failed is one line on standard error."""
    log = logging.getLogger("akeneo_erp_bridge")
    before, told = log.level, _FirstTry(log.level or logging.CRITICAL)
    log.addFilter(told)
    log.setLevel(min(before or logging.INFO, logging.INFO))
    try:
        yield
    finally:
        log.removeFilter(told)
        log.setLevel(before)
