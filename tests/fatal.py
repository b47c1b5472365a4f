"""A process that kills itself at an effect boundary; what the programs of kill tests share."""

from __future__ import annotations

import os
import signal


class FatalAt:
    """A hook that notes each boundary; at number `fatal` the process is gone, as by `kill -9`. 0 is never."""

    def __init__(self, fatal: int) -> None:
        self.fatal = fatal
        self.passed: list[str] = []

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
