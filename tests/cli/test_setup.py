"""`akeneo-erp-bridge setup`, as a shell sees it: nothing is written by a plan, and by apply what was shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from akeneo_erp_bridge.sync.setup import SetupPlan
from akeneo_erp_bridge.testing import PimSimulator
from shell import SECRET, Shell

CONNECTOR = """
from decimal import Decimal

from akeneo_erp_bridge.catalog import AttributeType
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.mapping import ProductMapping, lookup, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import setup

class Article(ErpItem):
    number = cold(str, "number", key=True)
    colour = cold(str, "colour")
    depth = cold(Decimal, "depth")

BLUEPRINT = setup.Blueprint.of(
    setup.attribute_group("erp_data", labels={"en_US": "From the ERP"}),
    setup.attribute("flammable", AttributeType.BOOLEAN, labels={"en_US": "Flammable"}),
    setup.select("grip", {"soft": {"en_US": "Soft"}, "hard": {"en_US": "Hard"}}),
    group="erp_data",
)
OTHERWISE = setup.Blueprint.of(setup.attribute("name", AttributeType.NUMBER), group="erp_data")
NAME_OF_A_GROUP = "erp_data"
MAPPING = ProductMapping(
    Article,
    (Article.number >> sku()).to(Cell("sku")),
    (Article.colour >> lookup({"rot": "red", "lila": "purple"})).to(Cell("colour")),
    Article.depth.to(Cell("depth")),
)
"""
BLUEPRINT = "connector.py:BLUEPRINT"


@pytest.fixture
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("setup")
    (folder / "connector.py").write_text(CONNECTOR)
    simulator = PimSimulator(sample=True, secret=SECRET)
    with simulator.serve() as server:
        yield Shell(simulator, server, folder, "setup")


def test_a_plan_is_shown_and_stored_and_nothing_is_written(shell: Shell) -> None:
    answer = shell.run("plan", BLUEPRINT, "-o", "plan.json")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "setup plan: 5 to create" in answer.stdout
    for words in ("attribute flammable", "boolean; group erp_data", "2 options", "From the ERP", "by hand: "):
        assert words in answer.stdout
    assert "create it with: akeneo-erp-bridge setup apply plan.json" in answer.stdout
    assert shell.simulator.mutating_calls == []
    stored = SetupPlan.load(shell.folder / "plan.json")
    assert [one.action for one in stored.steps] == ["create"] * len(stored.steps)
    assert SECRET not in (shell.folder / "plan.json").read_text() + answer.stdout


def test_apply_creates_what_the_plan_shows_and_a_second_time_nothing(shell: Shell) -> None:
    assert shell.run("plan", BLUEPRINT, "-o", "plan.json").returncode == 0
    answer = shell.run("apply", "plan.json")
    assert (answer.returncode, answer.stderr) == (0, "")
    lines = answer.stdout.splitlines()
    assert [line for line in lines if line.startswith("created")] == [
        "created  attribute group 'erp_data'",
        "created  attribute 'flammable'",
        "created  attribute 'grip'",
        "created  option 'soft' of 'grip'",
        "created  option 'hard' of 'grip'",
    ]
    assert "setup: 5 created, 0 changed, 0 there already, 0 refused, 0 skipped, 0 conflicts" in lines
    shell.simulator.forget_calls()
    again = shell.run("apply", "plan.json")
    assert (again.returncode, shell.simulator.mutating_calls) == (0, [])
    assert "setup: 0 created, 0 changed, 5 there already" in again.stdout
    assert "created  " not in again.stdout


def test_a_pipeline_sees_whether_the_pim_has_all_of_it(shell: Shell) -> None:
    assert shell.run("plan", BLUEPRINT, "--check").returncode == 1
    shell.run("plan", BLUEPRINT, "-o", "plan.json")
    shell.run("apply", "plan.json")
    assert shell.run("plan", BLUEPRINT, "--check").returncode == 0


def test_a_mapping_is_joined_with_what_is_written(shell: Shell) -> None:
    answer = shell.run("plan", "connector:MAPPING", BLUEPRINT)
    assert answer.returncode == 0
    assert "attribute depth" in answer.stdout
    assert "purple" in answer.stdout
    assert "attribute flammable" in answer.stdout


def test_what_stands_against_a_plan_ends_with_1_and_the_rest_is_created(shell: Shell) -> None:
    answer = shell.run("plan", BLUEPRINT, "connector.py:OTHERWISE", "-o", "plan.json")
    assert answer.returncode == 1
    assert "conflict" in answer.stdout
    applied = shell.run("apply", "plan.json")
    assert applied.returncode == 1
    assert "conflict  attribute 'name': " in applied.stdout
    assert "created  attribute 'flammable'" in applied.stdout


def test_a_plan_of_yesterday_writes_nothing_that_nobody_saw(shell: Shell) -> None:
    shell.run("plan", BLUEPRINT, "-o", "plan.json")
    shell.simulator.load("/api/rest/v1/attributes", [{"code": "grip", "type": "pim_catalog_text", "group": "erp"}])
    shell.simulator.forget_calls()
    answer = shell.run("apply", "plan.json")
    assert answer.returncode == 2
    assert "attribute 'grip' was to be created" in answer.stderr
    assert shell.simulator.mutating_calls == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("connector.py", "write it as module:NAME"),
        ("nowhere.py:BLUEPRINT", "No module named 'nowhere'"),
        ("connector.py:NOTHING", "has no attribute 'NOTHING'"),
        ("connector.py:NAME_OF_A_GROUP", "is a str, not a Blueprint, ProductMapping or CategoryMapping"),
    ],
)
def test_a_name_that_is_no_blueprint_is_one_line(shell: Shell, name: str, words: str) -> None:
    answer = shell.run("plan", name)
    assert answer.returncode == 2
    assert words in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read (No such file or directory); check the path and your rights"),
        ("{", "it is no setup plan file; name one that `setup plan -o` or `save` wrote"),
        ("number;name", "it is no setup plan file"),
        ('{"format": 1, "changes": []}', "it is no setup plan file"),
        ("[]", "it is no setup plan file"),
        (json.dumps({"format": 2, "steps": []}), "it was altered after it was made"),
    ],
)
def test_a_file_that_is_no_plan_is_one_line(shell: Shell, text: str | None, words: str) -> None:
    if text is not None:
        (shell.folder / "broken.json").write_text(text)
    answer = shell.run("apply", "broken.json")
    assert answer.returncode == 2
    assert answer.stderr.startswith("error: setup plan file 'broken.json'")
    assert words in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"AKENEO_PASSWORD": ""}, "error: set AKENEO_PASSWORD in the environment"),
        ({"AKENEO_CLIENT_SECRET": "other"}, "error: "),
    ],
)
@pytest.mark.parametrize("command", [("plan", BLUEPRINT), ("apply", "plan.json")])
def test_secrets_come_from_the_environment_and_are_never_told(
    shell: Shell, command: tuple[str, ...], changes: dict[str, str], words: str
) -> None:
    shell.run("plan", BLUEPRINT, "-o", "plan.json")
    answer = shell.run(*command, **changes)
    assert answer.returncode == 2
    assert answer.stderr.startswith(words)
    assert SECRET not in answer.stderr + answer.stdout


def test_a_file_below_the_folder_and_a_process_of_its_own(shell: Shell) -> None:
    (shell.folder / "erp").mkdir()
    (shell.folder / "erp" / "needs.py").write_text(CONNECTOR)
    command = [sys.executable, "-m", "akeneo_erp_bridge", "setup", "plan", "erp/needs.py:BLUEPRINT", "-o", "plan.json"]
    told = {**os.environ, **shell.environment()}
    ended = subprocess.run(command, cwd=shell.folder, env=told, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    command = [sys.executable, "-m", "akeneo_erp_bridge", "setup", "apply", "plan.json"]
    ended = subprocess.run(command, cwd=shell.folder, env=told, capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert "created  attribute 'flammable'" in ended.stdout
