"""The one command of the README: a PIM, an ERP and the App, and the buttons that play the others."""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.testing._serve import parser as serving_parser
from app_bench import ROOT, csrf, finished, post, sign_in
from chromium import chromium
from erp_app.__main__ import main, parser
from erp_app.demo import build_erp
from erp_app.erp import Erp

FOLDER = ROOT / "examples" / "erp_app"


def test_the_demonstration_runs_and_the_others_work_in_it(tmp_path: Path) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    command = re.search(r"^cd examples && python (-m erp_app)$", readme, re.MULTILINE)
    assert command is not None
    line = [
        sys.executable,
        *command[1].split(),
        "--port",
        "0",
        "--pim-port",
        "0",
        "--pace",
        "0",
        "--data",
        str(tmp_path / "data"),
    ]
    process = subprocess.Popen(line, cwd=ROOT / "examples", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        assert told.startswith("Open http://127.0.0.1:")
        place: Any = type("Place", (), {"url": told.split()[1]})
        with httpx.Client(base_url=place.url) as julia:
            sign_in(julia, place)
            assert post(julia, "/demo", who="pim").headers["location"] == "/?said=nothing", "there is no product yet"
            post(julia, "/import", kind="full")
            finished(julia)
            assert post(julia, "/demo", who="pim").headers["location"] == "/?said=edited"
            assert post(julia, "/demo", who="erp").headers["location"] == "/?said=renamed"
            post(julia, "/import", kind="full")
            finished(julia)
            assert julia.get("/decide").text.count("Take the ERP") == 3

            # the other direction
            assert post(julia, "/demo", who="weigh").headers["location"] == "/?said=unweighed", (
                "nothing came from the PIM"
            )
            choices = {"rhythm": "hand", "at": "02:30", "minutes": "15"}
            sending = {f"send-{name}": value for name, value in choices.items()}
            answer = julia.post("/choose", data={"csrf": csrf(julia), "sends": "on", **choices, **sending})
            assert "The PIM has a place for all of it." in answer.text
            assert post(julia, "/demo", who="new").headers["location"] == "/?said=created"
            post(julia, "/send", kind="tagged")
            finished(julia)
            assert re.search(r'data-sent="created">2<', julia.get("/").text)
            assert post(julia, "/demo", who="weigh").headers["location"] == "/?said=weighed"
            post(julia, "/send", kind="tagged")
            finished(julia)
            assert re.search(r'data-back="updated">2<', julia.get("/").text)
            assert post(julia, "/demo", who="new").headers["location"] == "/?said=created", "two others"
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_the_data_of_an_older_demonstration_is_made_ready(tmp_path: Path) -> None:
    database = tmp_path / "erp.db"
    build_erp(tmp_path, articles=400)
    with closing(sqlite3.connect(database)) as erp, erp:
        erp.execute("DROP INDEX articles_pim_key")
        erp.execute("ALTER TABLE articles DROP COLUMN pim_key")
    url, _ = build_erp(tmp_path)
    assert Erp(url).count() == 400


def test_a_port_that_is_taken_is_named_with_what_names_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        told = {
            ("--port", taken): "the App cannot be on 127.0.0.1, port",
            ("--pim-port", taken): "the simulated PIM cannot be on port",
        }
        for (option, port), words in told.items():
            arguments = {"--port": "0", "--pim-port": "0", "--data": str(tmp_path / "data"), option: port}
            assert main([part for pair in arguments.items() for part in pair]) == 2
            line = capsys.readouterr().err
            assert line.startswith(f"error: {words} {port} ("), line
            assert line.endswith(f"{option} names another\n")
    with pytest.raises(SystemExit):
        main(["--port", "99999"])


def test_no_port_is_that_of_the_simulator_which_is_served_alone() -> None:
    ports = {
        serving_parser().parse_args(["serve"]).port,
        parser().parse_args([]).port,
        parser().parse_args([]).pim_port,
    }
    assert len(ports) == 3


def test_the_readme_tells_each_file_and_each_setting() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    files = {file.name for file in FOLDER.glob("*.py")} - {"__init__.py"}
    assert files == set(re.findall(r"^\| `(\w+\.py)`", readme, re.MULTILINE))
    settings = set(re.findall(r'"(?:ERP_APP_)?([A-Z]{2,}(?:_[A-Z]+)*)"', (FOLDER / "config.py").read_text()))
    assert {f"ERP_APP_{one}" for one in settings if one != "UTC"} == set(re.findall(r"`(ERP_APP_[A-Z_]+)`", readme))


def test_no_file_is_long() -> None:
    assert [file.name for file in FOLDER.glob("*.py") if len(file.read_text().splitlines()) > 250] == []


def test_its_pictures_are_pictures(tmp_path: Path) -> None:
    build_erp(tmp_path)
    picture = next((tmp_path / "pictures").iterdir())
    with chromium(tmp_path / "browser") as tab:
        tab.open(picture)
        assert tab.find("document.images[0].naturalWidth") == 64
