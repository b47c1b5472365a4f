"""The three shapes of the guide, as a newcomer runs them, and their pictures in the docs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("families", ["• 5003 [saws], name Jigsaw 650 W", "'Diverses' is not in the table 'families'"]),
        ("models", ["▾ OXF name Oxford shirt, care wash at 40 °C", "• 100 size m", "4 read = 0 unchanged + 4 written"]),
        (
            "variants",
            [
                "▾ OXF name Oxford shirt",
                "▾ OXF_rot care wash with red, colour red",
                "• 900 [clothing], name Tie, colour blue, size l",
                "102: its parent -> parent: rows 102, 103 are the same variant (colour=blue, size=m)",
            ],
        ),
    ],
)
def test_a_shape_runs_and_is_as_its_picture(name: str, told: list[str], tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "examples" / "shapes" / f"{name}.py"), "--picture", str(tmp_path / "a.svg")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    out = " ".join(answer.stdout.split())
    for words in told:
        assert words in out
    committed = ROOT / "docs" / "_static" / f"shape-{name}.svg"
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == committed.read_text(encoding="utf-8")
