"""What a person chose: groups of fields, and how often each direction runs. Kept as JSON, for its owner alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync import Daily, Every, Periodicity
from erp_app.fields import USUAL
from erp_app.files import read_json, write_json
from erp_app.wanted import Direction

Rhythm = Literal["hand", "night", "minutes"]
RHYTHMS: Final[tuple[Rhythm, ...]] = get_args(Rhythm)
FEWEST_MINUTES: Final = 5
MOST_MINUTES: Final = 24 * 60
SENDING: Final = "send-"
"""How the names of the other direction's fields begin."""


@frozen
class Timing:
    """How often one direction runs.

    >>> Timing("minutes", minutes=15).periodicity(ZoneInfo("Europe/Berlin")).delta
    Every(period=datetime.timedelta(seconds=900))
    """

    rhythm: Rhythm = "hand"
    at: time = time(2, 30)
    minutes: int = 15

    def periodicity(self, zone: ZoneInfo) -> Periodicity | None:
        """When runs are due; `None`: a person starts each. What runs often looks at everything each night as well."""
        if self.rhythm == "hand":
            return None
        delta = Every(timedelta(minutes=self.minutes)) if self.rhythm == "minutes" else None
        return Periodicity(full=Daily(self.at), delta=delta, zone=zone)


@frozen
class Choices:
    """All that can be chosen."""

    ticked: frozenset[str] = USUAL
    importing: Timing = Timing()
    sends: bool = False
    """Whether products of the PIM go to the ERP at all."""
    sending: Timing = Timing()

    def timing(self, direction: Direction) -> Timing:
        """How often one direction runs."""
        if direction == "import":
            return self.importing
        return self.sending if self.sends else Timing("hand")


def chosen(form: Mapping[str, list[str]], known: frozenset[str]) -> tuple[Choices, dict[str, str]]:
    """The choices of a form, and what is wrong with it: a sentence for each field."""
    ticked = frozenset(form.get("group", [])) & known
    importing, wrong = _timing(form, "", "import")
    sends = "on" in form.get("sends", [])
    sending, also_wrong = _timing(form, SENDING, "send")
    if not sends and also_wrong:  # of what is switched off, nobody has to mend anything
        return Choices(ticked, importing), wrong
    return Choices(ticked, importing, sends, sending), {**wrong, **also_wrong}


def _timing(form: Mapping[str, list[str]], before: str, what: str) -> tuple[Timing, dict[str, str]]:
    """Of the fields whose names begin so."""
    found, wrong = Timing(), dict[str, str]()
    rhythm = next((one for one in RHYTHMS if one in form.get(f"{before}rhythm", [])), None)
    if rhythm is None:
        wrong[f"{before}rhythm"] = f"Choose how often to {what}."
    else:
        found = evolve(found, rhythm=rhythm)
    at, minutes = _first(form, f"{before}at"), _first(form, f"{before}minutes")
    try:
        found = evolve(found, at=time.fromisoformat(at).replace(second=0, microsecond=0, tzinfo=None))
    except ValueError:
        wrong[f"{before}at"] = "Give a time such as 02:30."
    if minutes.isascii() and minutes.isdigit() and FEWEST_MINUTES <= int(minutes[:6]) <= MOST_MINUTES:
        found = evolve(found, minutes=int(minutes))
    else:
        wrong[f"{before}minutes"] = f"Give a number of minutes from {FEWEST_MINUTES} to {MOST_MINUTES}."
    return found, wrong


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
        sending = {"on": choices.sends, **_timing_as_json(choices.sending)}
        write_json(
            self._path,
            {"ticked": sorted(choices.ticked), **_timing_as_json(choices.importing), "sending": sending},
        )


def _timing_as_json(timing: Timing) -> dict[str, JsonValue]:
    return {"rhythm": timing.rhythm, "at": timing.at.isoformat("minutes"), "minutes": timing.minutes}


def _choices(found: Mapping[str, JsonValue]) -> Choices:
    ticked = found["ticked"]
    if not isinstance(ticked, list):
        raise TypeError("ticked is of another kind")
    # a file from before there were two directions has none
    sending = found.get("sending", {"on": False, **_timing_as_json(Timing())})
    if not isinstance(sending, Mapping) or not isinstance(sending["on"], bool):
        raise TypeError("sending is of another kind")
    return Choices(frozenset(map(str, ticked)), _timing_of(found), sending["on"], _timing_of(sending))


def _timing_of(found: Mapping[str, JsonValue]) -> Timing:
    minutes = found["minutes"]
    rhythm = next((one for one in RHYTHMS if one == found["rhythm"]), None)
    if not isinstance(minutes, int) or rhythm is None:
        raise TypeError("rhythm or minutes are of another kind")
    if not FEWEST_MINUTES <= minutes <= MOST_MINUTES:
        raise ValueError(f"minutes are {minutes}")
    return Timing(rhythm, time.fromisoformat(str(found["at"])), minutes)
