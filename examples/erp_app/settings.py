"""What a person chose: groups of fields, and how often to import. Kept as JSON, for its owner alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync import Daily, Every, Periodicity
from erp_app.fields import USUAL
from erp_app.files import read_json, write_json

Rhythm = Literal["hand", "night", "minutes"]
RHYTHMS: Final[tuple[Rhythm, ...]] = get_args(Rhythm)
FEWEST_MINUTES: Final = 5
MOST_MINUTES: Final = 24 * 60


@frozen
class Choices:
    """All that can be chosen.

    >>> Choices(rhythm="minutes", minutes=15).periodicity(ZoneInfo("Europe/Berlin")).delta
    Every(period=datetime.timedelta(seconds=900))
    """

    ticked: frozenset[str] = USUAL
    rhythm: Rhythm = "hand"
    at: time = time(2, 30)
    minutes: int = 15

    def periodicity(self, zone: ZoneInfo) -> Periodicity | None:
        """When runs are due; `None`: a person starts each. Who imports often reads everything each night as well."""
        if self.rhythm == "hand":
            return None
        delta = Every(timedelta(minutes=self.minutes)) if self.rhythm == "minutes" else None
        return Periodicity(full=Daily(self.at), delta=delta, zone=zone)


def chosen(form: Mapping[str, list[str]], known: frozenset[str]) -> tuple[Choices, dict[str, str]]:
    """The choices of a form, and what is wrong with it: a sentence for each field."""
    wrong: dict[str, str] = {}
    ticked = frozenset(form.get("group", [])) & known
    rhythm = next((one for one in RHYTHMS if one in form.get("rhythm", [])), None)
    if rhythm is None:
        wrong["rhythm"] = "Choose how often to import."
    at, minutes = _first(form, "at"), _first(form, "minutes")
    choices = Choices(ticked, rhythm or "hand")
    try:
        choices = Choices(ticked, choices.rhythm, time.fromisoformat(at).replace(second=0, microsecond=0, tzinfo=None))
    except ValueError:
        wrong["at"] = "Give a time such as 02:30."
    if not (minutes.isascii() and minutes.isdigit() and FEWEST_MINUTES <= int(minutes[:6]) <= MOST_MINUTES):
        wrong["minutes"] = f"Give a number of minutes from {FEWEST_MINUTES} to {MOST_MINUTES}."
    else:
        choices = Choices(choices.ticked, choices.rhythm, choices.at, int(minutes))
    return choices, wrong


def _first(form: Mapping[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0].strip()


class ChoicesFile:
    """The choices of this App."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Choices:
        """What was saved last, or what is usual. Raises `ConfigurationError` for a file that holds something else."""
        found = read_json(self._path)
        if found is None:
            return Choices()
        try:
            return _choices(found)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{self._path} does not hold choices ({error}); mend or delete it") from error

    def save(self, choices: Choices) -> None:
        """Keep them."""
        write_json(
            self._path,
            {
                "ticked": sorted(choices.ticked),
                "rhythm": choices.rhythm,
                "at": choices.at.isoformat("minutes"),
                "minutes": choices.minutes,
            },
        )


def _choices(found: Mapping[str, JsonValue]) -> Choices:
    ticked, minutes = found["ticked"], found["minutes"]
    rhythm = next((one for one in RHYTHMS if one == found["rhythm"]), None)
    if not isinstance(ticked, list) or not isinstance(minutes, int) or rhythm is None:
        raise TypeError("ticked, rhythm or minutes are of another kind")
    if not FEWEST_MINUTES <= minutes <= MOST_MINUTES:
        raise ValueError(f"minutes are {minutes}")
    return Choices(frozenset(map(str, ticked)), rhythm, time.fromisoformat(str(found["at"])), minutes)
