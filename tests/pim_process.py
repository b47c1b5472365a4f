"""A PIM in a process of its own, which may be killed and started again."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from akeneo_erp_bridge.akeneo import RetryPolicy

QUICK = RetryPolicy(attempts=3, first_pause=timedelta(milliseconds=1), longest_pause=timedelta(milliseconds=5))


def served(data: Path, port: int = 0) -> tuple[subprocess.Popen[str], str]:
    """A PIM in a process of its own, and where it is."""
    line = [sys.executable, "-m", "akeneo_erp_bridge.testing", "serve", "--data", str(data), "--port", str(port)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1]
