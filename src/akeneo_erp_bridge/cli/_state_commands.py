"""`akeneo-erp-bridge state`: look after what a connector remembers."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from akeneo_erp_bridge.cli._show import show_parked
from akeneo_erp_bridge.errors import ConfigurationError, MissingExtra, StateError
from akeneo_erp_bridge.sync import ParkedItem, PostgresState, SqliteState, move_state, parked_items
from akeneo_erp_bridge.sync._pages._plain import plain
from akeneo_erp_bridge.sync._parked import names_of, path_names

try:
    import typer
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("the program akeneo-erp-bridge", "cli") from error

state_commands = typer.Typer(
    no_args_is_help=True, help="What a connector remembers: inspect, parked, backup, compact, move."
)

_SERVERS = ("postgresql://", "postgres://")
_SCHEMA = "akeneo_erp_bridge"
_MOST_NAMES = 20

# by the environment where an address holds a password, since arguments are seen by everybody on the machine
State = Annotated[
    str, typer.Option("--state", envvar="AKENEO_STATE", help="A file, or postgresql://user@host/database.")
]
Target = Annotated[
    str, typer.Option("--to", envvar="AKENEO_STATE_TO", help="A new file, or postgresql://user@host/database.")
]
Schema = Annotated[str, typer.Option(help="The schema of a state in PostgreSQL.")]


@state_commands.command()
def inspect(state: State, schema: Schema = _SCHEMA) -> None:
    """Tell what is in a state: streams, cursors, ledger, parked items, runs. No run may use it meanwhile."""
    with _opened(state, schema) as one:
        print(plain(str(one.inspect())))


@state_commands.command()
def parked(
    state: State,
    schema: Schema = _SCHEMA,
    *,
    stream: Annotated[str, typer.Option(help="A stream; all of them where it is left out.")] = "",
    code: Annotated[list[str] | None, typer.Option(help="A code, such as refused; may be given several times.")] = None,
    key: Annotated[str | None, typer.Option(metavar="PATTERN", help="The ERP's key, such as 'DR-*'.")] = None,
    cell: Annotated[str | None, typer.Option(help="A cell, an attribute or a field that is wrong.")] = None,
    days: Annotated[
        int | None, typer.Option("--older-than", min=0, metavar="DAYS", help="What waits for so long already.")
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Print one JSON object an item, for programs.")] = False,
    most: Annotated[int, typer.Option(min=0, help="How many items of each stream to print.")] = 50,
) -> None:
    """List what is parked, and why. No run may use the state meanwhile.

    Ends with 2 where there is no such stream, and where nothing of what is parked has that code or cell.

    To try some of it again, give your job the same words: job.run(only=by_parked("refused", cell="colour")).
    """
    with _opened(state, schema) as one:
        streams = _streams(one, stream)
        _note_words(one, streams, code or (), cell)
        for name in streams:
            found = parked_items(one, *(code or ()), stream=name, key=key, cell=cell, older_than=_days(days))
            if lines:
                for item in found:
                    print(_json_line(name, item))
            else:
                show_parked(found, most=most, title=f"Parked in {name}")


@state_commands.command()
def backup(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; none is replaced.")],
    state: State,
    schema: Schema = _SCHEMA,
) -> None:
    """Write a state into a new state file. A program that runs all day does it by `state.back_up(path)`."""
    with _opened(state, schema) as one:
        one.back_up(path)
    print(f"written to {path}, {path.stat().st_size / 1e6:.1f} MB")


@state_commands.command()
def compact(
    state: State,
    schema: Schema = _SCHEMA,
    *,
    runs: Annotated[
        int | None, typer.Option("--runs-older-than", min=0, metavar="DAYS", help="Drop older runs.")
    ] = None,
    gone: Annotated[
        int | None,
        typer.Option("--gone-older-than", min=0, metavar="DAYS", help="Drop items that the ERP deleted before that."),
    ] = None,
) -> None:
    """Drop what is too old, and give its room back to the disk."""
    with _opened(state, schema) as one:
        print(one.compact(runs_older_than=_days(runs), gone_older_than=_days(gone)))


@state_commands.command()
def move(state: State, target: Target, schema: Schema = _SCHEMA) -> None:
    """Copy all that a state holds into a new one, all of it or nothing, and count it on both sides."""
    with _opened(state, schema) as source, _state_at(target, schema) as arrived:
        counts = move_state(source, arrived)
    print(", ".join(f"{count} {table}" for table, count in counts.items()))
    print("moved; give the new place to your program, and put the old one aside")


# ---- inside ----
def _json_line(stream: str, one: ParkedItem) -> str:
    told = {"stream": stream, "key": one.key, "code": one.code, "path": one.path, "detail": one.detail}
    since = one.since.isoformat() if one.since is not None else None
    return json.dumps({**told, "since": since, "sample": dict(one.sample)})  # in ASCII: exact, and safe at a terminal


def _streams(state: SqliteState | PostgresState, wanted: str) -> list[str]:
    """The streams to look at; raises `ConfigurationError` where there is none of that name."""
    names = [each.stream for each in state.inspect().streams]
    if not wanted:
        return names
    if wanted not in names:
        there = f"it has: {', '.join(names)}" if names else "no run has written into it"
        raise ConfigurationError(f"--stream: there is no stream {wanted!r} in the state; {there}")
    return [wanted]


def _note_words(
    state: SqliteState | PostgresState, streams: Iterable[str], codes: Collection[str], cell: str | None
) -> None:
    """Say what none of the parked items has: a typing error looks like good news otherwise. Nothing parked is an answer."""
    if not codes and cell is None:
        return
    known: set[str] = set()
    cells: set[str] = set()
    is_named = cell is None
    for one in (each for stream in streams for each in state.parked(stream)):
        known.add(one.code)
        cells |= path_names(one)
        is_named = is_named or cell in names_of(one)
    wrong = sorted({*codes} - known)
    if known and wrong:
        told = ", ".join(map(repr, wrong))
        print(f"note: --code: nothing is parked as {told}; what is parked is: {_listed(known)}", file=sys.stderr)
    if known and not is_named:
        print(f"note: --cell: nothing is parked for {cell!r}; what is parked is for: {_listed(cells)}", file=sys.stderr)


def _listed(names: Iterable[str]) -> str:
    told = sorted(names)
    return ", ".join(told[:_MOST_NAMES]) + (f" and {len(told) - _MOST_NAMES} more" if len(told) > _MOST_NAMES else "")


def _opened(place: str, schema: str) -> SqliteState | PostgresState:
    """A state that is there: a command makes none."""
    if not _is_server(place) and not Path(place).exists():
        raise StateError(f"there is no state file {place}; name the one that your program opens")
    return _state_at(place, schema)


def _state_at(place: str, schema: str) -> SqliteState | PostgresState:
    return PostgresState(place, schema) if _is_server(place) else SqliteState(place)


def _is_server(place: str) -> bool:
    return place.startswith(_SERVERS)


def _days(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(days=count)
