"""An import of shirts with all there is, into a served PIM, that kills itself at an effect boundary.

Run by test_killed_shirts.py and the soak: `killed_shirts.py URL FOLDER SHIRTS STEP FATAL [KIND]`. It dies at boundary number
FATAL, of this KIND where one is said; 0 lets it live. With `requests` as KIND each request that writes is a boundary too.
Prints the boundaries it has passed.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.sync import SqliteState, SyncOptions, VariantsToPim
from fatal import FatalAt, FatalRequests
from rich_shirts import MAPPING, RichShirts, put

AUTH = PasswordAuth(client_id="client", secret="secret", username="erp", password="password")


def main(url: str, folder: Path, shirts: int, step: int, fatal: int, kind: str = "") -> None:
    hook = FatalAt(fatal, "" if kind == "requests" else kind)
    transport = FatalRequests(hook) if kind == "requests" else None
    erp = RichShirts([])
    for earlier in range(0, step + 1, 3):
        put(erp, earlier, shirts)
    with AkeneoClient(url, AUTH, transport=transport) as pim, SqliteState(folder / "state.db") as state:
        options = SyncOptions(page_size=100)
        job = VariantsToPim(erp, MAPPING, pim, state, rows=folder / "rows.db", options=options, hook=hook)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # its rows are rich
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        report = job.run()
        assert report.accounts_for_everything()
        assert report.exit_code == 0, report
    sys.stdout.write(" ".join(hook.passed))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:6]), *sys.argv[6:])
