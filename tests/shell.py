"""The program as a shell sees it: arguments and environment in, exit code and what is printed out."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from attrs import define, frozen

from akeneo_erp_bridge.__main__ import main
from akeneo_erp_bridge.testing import PimSimulator, SimulatorServer

SECRET = "s3cr3t-of-the-connection"


@frozen
class Ended:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


@define
class Shell:
    """A folder, a PIM over HTTP, and the environment that names it."""

    simulator: PimSimulator
    server: SimulatorServer
    folder: Path
    group: str
    """The commands that are run, such as `structure`."""

    def environment(self, **changes: str) -> dict[str, str]:
        pim = {"AKENEO_URL": self.server.url, "AKENEO_CLIENT_ID": "client", "AKENEO_CLIENT_SECRET": SECRET,
               "AKENEO_USERNAME": "erp", "AKENEO_PASSWORD": "password"}  # fmt: skip
        return {"NO_COLOR": "1", "COLUMNS": "160", **pim, **changes}

    def run(self, *arguments: str, **changes: str) -> Ended:
        """The command in this process, which is twenty times as fast as in one of its own."""
        out, err = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["akeneo-erp-bridge", self.group, *arguments])
            patch.setattr(sys, "path", [*sys.path])
            for program in ("my_connector", "connector"):
                patch.delitem(sys.modules, program, raising=False)
            patch.delenv("AKENEO_TOKEN", raising=False)
            for name, value in self.environment(**changes).items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, out.getvalue(), err.getvalue())
