"""Laws 24 to 26: values come as the ERP has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final
from uuid import uuid4

from akeneo_erp_bridge.erp._paths import ABSENT, look_up
from akeneo_erp_bridge.rules import Outcome, Problem, Put
from akeneo_erp_bridge.testing.conformance._bench import Bench, ItemT
from akeneo_erp_bridge.testing.conformance._probes import Probe, created, nothing_shown, settable
from akeneo_erp_bridge.testing.conformance._verdicts import Absent, broken, lacks
from akeneo_erp_bridge.testing.conformance._worlds import Creates

_DECIMALS: Final = (
    Decimal("12345678901234567.8912"),  # beyond what a float holds
    Decimal("123456789012345.67"),
    Decimal("1234567.89"),
    Decimal("1234.567"),
    Decimal("1234.56"),
    Decimal("12.5"),
)
_ZERO: Final[Mapping[str, tuple[object, ...]]] = {
    "Decimal": (Decimal(0),),
    "int": (0,),
    "bool": (False,),
    "str": ("",),
}
_NOTHING: Final[Mapping[str, tuple[object, ...]]] = dict.fromkeys(_ZERO, (None,))
_EAST: Final = timezone(timedelta(hours=5, minutes=45))
_MOMENTS: Final = (
    datetime(2024, 7, 1, 23, 30, 15, 250_000, tzinfo=_EAST),
    datetime(2024, 7, 1, 23, 30, 15, tzinfo=_EAST),
    datetime(2024, 7, 1, 17, 45, 15, tzinfo=UTC),
)
_WINTER: Final = tuple(one.replace(month=1) for one in _MOMENTS)


def exact(bench: Bench[ItemT]) -> None:
    """Law 24."""
    kinds = settable(bench, *_ZERO)
    if not kinds:
        raise nothing_shown(bench, "field of a number, a boolean or a text")
    shown: set[str] = set()
    with bench.passing() as made:
        for what, ladders in (
            ("the number", dict.fromkeys((path for path, kind in kinds.items() if kind == "Decimal"), _DECIMALS)),
            ("zero, false and empty", {path: _ZERO[kind] for path, kind in kinds.items()}),
            ("no value", {path: _NOTHING[kind] for path, kind in kinds.items()}),
        ):
            probe = created(bench, [_key()], ladders)
            if probe is None:
                continue
            made.append(probe.key)
            shown |= probe.held.keys()
            for path, seen in _outcomes(bench, probe).items():
                _check(probe, path, seen, what)
    if not shown:
        raise nothing_shown(bench, "number, boolean or text")
    missing = sorted({"Decimal", "bool"} - {kinds[path] for path in shown})
    if missing:
        bench.remark(f"no field tried is of type {' or '.join(missing)}")


def _check(probe: Probe, path: str, seen: Outcome[object], what: str) -> None:
    wanted = probe.held[path]
    if wanted is None:
        if isinstance(seen, Put) and seen.value is not None:
            raise broken(
                f"'{path}' of item {probe.key!r} has no value in the ERP, and comes as {seen.value!r}",
                "Deliver None, or leave the field out: zero, false and an empty text are values",
            )
        if isinstance(seen, Problem):
            raise broken(
                f"'{path}' of item {probe.key!r} has no value in the ERP, and is a problem: {seen}", "Deliver None"
            )
    elif not isinstance(seen, Put) or seen.value != wanted or type(seen.value) is not type(wanted):
        raise broken(
            f"{what} {wanted!r} in '{path}' of item {probe.key!r} comes as {_told(seen)}",
            "Take numbers as Decimal from the driver's text, never through a float; and test for None, not for truth. "
            + _held_otherwise(path, "rounds it or fills it in"),
        )


def moments(bench: Bench[ItemT]) -> None:
    """Law 25."""
    if not any(one.kind == "datetime" for one in bench.cold):
        raise nothing_shown(bench, "field of a date and time")
    shown = _zones_named(bench)
    if not isinstance(bench.world, Creates):
        so_far = "each date and time that was read names its zone, but " if shown else ""
        raise Absent(f"{so_far}{lacks('world', Creates)}, so that no moment was compared")
    with bench.passing() as made:
        for ladder in (_MOMENTS, _WINTER):
            probe = created(bench, [_key()], dict.fromkeys(settable(bench, "datetime"), ladder))
            if probe is None:
                continue
            made.append(probe.key)
            shown |= probe.held.keys()
            for path, seen in _outcomes(bench, probe).items():
                if not isinstance(seen, Put) or seen.value != probe.held[path]:
                    raise broken(
                        f"the moment {probe.held[path]} in '{path}' of item {probe.key!r} comes as {_told(seen)}",
                        "Take the zone in which the ERP writes, summer time included. "
                        + _held_otherwise(path, "rounds it or sets it by itself"),
                    )
    if not shown:
        raise nothing_shown(bench, "date and time")


def _held_otherwise(path: str, what: str) -> str:
    """The other cause: the ERP does not hold what was asked for, and no adapter can read what is not there."""
    return f"If the ERP itself {what}, let the world's `create` say so: raise CannotHold({path!r}, why)"


def _zones_named(bench: Bench[ItemT]) -> set[str]:
    """The paths at which some item has a date and time, all of which must name a zone."""
    shown: set[str] = set()
    paths = [one.path for one in bench.cold if one.kind == "datetime" and not one.is_many]
    for items in bench.read(bench.adapter()).items.values():
        for path in paths:
            raw = look_up(items[0].row, path)
            if raw in (ABSENT, None, ""):
                continue
            shown.add(path)
            if _zone_of(raw) is None:
                raise broken(
                    f"'{path}' of item {items[0].key!r} is {raw!r}, which names no time zone",
                    "Give the ERP's zone to each date and time: value.replace(tzinfo=ZoneInfo(...))",
                )
    return shown


def _zone_of(raw: object) -> object:
    if isinstance(raw, str):
        try:
            raw = datetime.fromisoformat(raw)
        except ValueError:
            return None
    return raw.tzinfo if isinstance(raw, datetime) else None


def texts(bench: Bench[ItemT]) -> None:
    """Law 26."""
    number = str(uuid4().int)
    keys = {
        "leading zeros": [f"000{number[:9]}", f"0{number[:5]}"],
        "letters of all scripts": [f"Größe-ß/部品-{number[:6]}", f"GRÖSSE-{number[:6]}"],
    }
    texts_tried = [
        (f"Ø 12 “×” {'n' * 238} 部品 😀", f"Ø 12 {'n' * 247} é", "n" * 255, "Größe é"),
        ("""5" O'Neill & <b>Søn</b>; 100% \\ {x} $1""", "O'Neill & Søn"),
    ]
    paths = settable(bench, "str")
    with bench.passing() as made:
        for (what, ladder), tried in zip(keys.items(), texts_tried, strict=True):
            probe = created(bench, ladder, dict.fromkeys(paths, tried))
            if probe is None:
                continue
            made.append(probe.key)
            if not probe.has_own_key:
                bench.remark(f"the ERP gives keys itself, so {what} in a key were not tried")
            for path, seen in _outcomes(bench, probe).items():
                if not isinstance(seen, Put) or seen.value != probe.held[path]:
                    raise broken(
                        f"the text {probe.held[path]!r} in '{path}' of item {probe.key!r} comes as {_told(seen)}",
                        "Read and send UTF-8, cut nothing, and quote by the driver's own means",
                    )
        if not made:
            raise nothing_shown(bench, "key or text")


def _outcomes(bench: Bench[ItemT], probe: Probe) -> dict[str, Outcome[object]]:
    """What the adapter delivers for a probe, by path."""
    found = bench.read(bench.adapter()).items.get(probe.key)
    if found is None:
        raise broken(
            f"item {probe.key!r} is in the ERP, and a read of everything does not show it", "Leave keys as they are"
        )
    outcomes = {one.path: bench.outcome(found[0], one) for one in bench.cold if one.path in probe.held}
    return {path: one for path, one in outcomes.items() if one is not None}


def _told(seen: Outcome[object]) -> str:
    if isinstance(seen, Put):
        return repr(seen.value)
    return f"a problem ({seen})" if isinstance(seen, Problem) else "no value"


def _key() -> str:
    return f"KIT-{uuid4().hex[:10]}"
