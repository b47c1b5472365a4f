"""`python -m akeneo_erp_bridge.testing serve` where something is wrong: one line, exit code 2, nothing damaged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from akeneo_erp_bridge.testing import PimSimulator
from akeneo_erp_bridge.testing._serve import main
from pim_process import served

NO_DATABASE = "file is not a database; name one that `serve --data` made, or a new one"


def refused(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["serve", "--port", "0", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.db").write_text("This is no database, and it should stay as it is.")
    for name, words in {
        "nowhere/pim.db": "unable to open database file; check the folder and your rights",
        "text.db": NO_DATABASE,
    }.items():
        file = tmp_path / name
        assert refused("--data", str(file), capsys=capsys) == f"error: the PIM cannot be kept in {file}: {words}"
    assert (tmp_path / "text.db").read_text().startswith("This is no database")


def test_a_file_that_is_served_is_not_served_again(tmp_path: Path) -> None:
    file = tmp_path / "pim.db"
    first, _ = served(file)
    try:
        command = [sys.executable, "-m", "akeneo_erp_bridge.testing", "serve", "--port", "0", "--data", str(file)]
        second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        words = "another process serves it; stop that one, or name another file"
        assert (second.returncode, second.stderr) == (2, f"error: the PIM cannot be kept in {file}: {words}\n")
    finally:
        first.kill()
        first.communicate()
    again, url = served(file)  # nothing is left behind by one that was killed
    assert httpx.get(f"{url}/api/rest/v1").status_code == 200
    again.terminate()
    again.communicate()
    assert again.returncode == 0


def test_a_port_that_is_none_or_taken_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--port", "99999"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith("argument --port: 99999 is no port; ports are 0 to 65535\n")
    with pytest.raises(SystemExit):
        main(["serve", "--port", "abc"])
    assert capsys.readouterr().err.endswith("argument --port: abc is no port; ports are 0 to 65535\n")
    with PimSimulator().serve() as server:
        port = server.url.rpartition(":")[2]
        assert main(["serve", "--port", port]) == 2
    assert f"cannot be served on port {port}; --port names another: " in capsys.readouterr().err
