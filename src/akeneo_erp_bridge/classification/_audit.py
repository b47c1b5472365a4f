"""`Audit`: what was declared of each field, beside what was observed of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.classification._temperatures import Cold, Hot, Temperature
from akeneo_erp_bridge.classification._volatility import Volatility

Concern: TypeAlias = Literal["too_warm", "at_rest", "hidden_price"]

_DAY: Final = timedelta(days=1)


@frozen(kw_only=True)
class Yardstick:
    """When an audit speaks up.

    Fewer than `runs` runs say nothing. A cold field is too warm when it changed in the share `warm_runs` of the runs
    *and* a value lasts less than `warm_lasts`; a hot field is at rest after `rest` without a change in any item. A
    cold field hides a price when the share `prices` of its values look like one, with a currency, or like amounts
    that moved to another amount at least `moves` times while a value lasted less than `amount_lasts`.

    Shares are from 0 to 1.

    >>> strict = Yardstick(runs=2, warm_runs=0.05)
    >>> strict.warm_lasts.days, strict.rest.days
    (60, 365)
    """

    runs: int = 5
    warm_runs: float = 0.20
    warm_lasts: timedelta = 60 * _DAY
    rest: timedelta = 365 * _DAY
    prices: float = 0.5
    moves: int = 5
    amount_lasts: timedelta = 180 * _DAY


@frozen
class Declared:
    """One field of an item class: its name, its place in the row, and its temperature.

    >>> from akeneo_erp_bridge.erp import ErpItem, hot
    >>> class Drill(ErpItem):
    ...     stock = hot(int, "bins[0].pieces")
    >>> [Declared(one.name, one.path, one.temperature).path for one in Drill.specs.values()]
    ['bins[0].pieces']
    """

    name: str
    path: str
    temperature: Temperature


@frozen
class Finding:
    """A field whose behaviour does not fit what was declared: what was seen, what to do.

    `concern` is one of ``too_warm``, ``at_rest`` and ``hidden_price``, for programs; `str` is for people.

    >>> str(Finding("note", "hidden_price", "declared cold, and 80 % of its values read like a price with its currency"))
    'note: declared cold, and 80 % of its values read like a price with its currency'
    """

    field: str
    concern: Concern
    detail: str

    def __str__(self) -> str:
        return f"{self.field}: {self.detail}"


@frozen
class AuditedField:
    """One row of an audit; without a `volatility` no run has read the field twice.

    >>> AuditedField(Declared("name", "text", Cold), None).verdict
    'not read'
    """

    declared: Declared
    volatility: Volatility | None
    findings: Sequence[Finding] = field(factory=tuple)

    @property
    def verdict(self) -> str:
        """The row's last column."""
        if self.volatility is None:
            return "not read"
        return ", ".join(one.concern.replace("_", " ") for one in self.findings) or "as declared"


@frozen
class Audit:
    """The fields of an item class, the warmest first, with what was declared and what was observed.

    `str` gives a table for a terminal, `to_html` a page with a picture, `to_svg` the picture.

    >>> from akeneo_erp_bridge.classification import Cold
    >>> audit = judge("Drill", [Declared("name", "text", Cold)], {}, Yardstick())
    >>> print(audit)
    temperature audit of Drill
    field  declared  changed in  a value lasts  items changed  verdict
    name   cold      -           -              -              not read
      every field behaves as declared, as far as it was seen
    """

    name: str
    fields: Sequence[AuditedField]

    @property
    def findings(self) -> Sequence[Finding]:
        """All that does not fit; empty where all does."""
        return [finding for one in self.fields for finding in one.findings]

    def to_html(self) -> str:
        """A page that needs nothing beside it: the picture, the findings, and the numbers."""
        from akeneo_erp_bridge.classification._picture import page

        return page(self)

    def to_svg(self) -> str:
        """The picture alone."""
        from akeneo_erp_bridge.classification._picture import picture

        return picture(self)

    def __str__(self) -> str:
        head = ("field", "declared", "changed in", "a value lasts", "items changed", "verdict")
        rows = [head, *(_row(one) for one in self.fields)]
        widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        told = [f"  {one}" for one in self.findings] or ["  every field behaves as declared, as far as it was seen"]
        return "\n".join([f"temperature audit of {self.name}", *lines, *told])


def judge(name: str, declared: Sequence[Declared], observed: Mapping[str, Volatility], yardstick: Yardstick) -> Audit:
    """Compare what is declared with what was observed, by path; pure. `sync.audit` feeds it from a state.

    >>> from datetime import UTC, datetime
    >>> from akeneo_erp_bridge.classification import Runs, Trace, sum_up
    >>> monday = datetime(2026, 5, 4, 6, tzinfo=UTC)
    >>> trace = Trace.of("in stock", monday).then("sold out", monday + timedelta(days=3))
    >>> seen = sum_up([trace], Runs(runs=10, changed=4, looked=monday + timedelta(days=10)))
    >>> for one in judge("Drill", [Declared("note", "memo", Cold)], {"memo": seen}, Yardstick()).findings:
    ...     print(one)
    note: declared cold, changed in 40 % of 10 runs, and a value lasts 10 days; declare it hot, or find out what changes it
    """
    rows = [_judged(one, observed.get(one.path), yardstick) for one in declared]
    return Audit(name, sorted(rows, key=_warmest_first))


def _judged(one: Declared, seen: Volatility | None, yardstick: Yardstick) -> AuditedField:
    if seen is None or not seen.runs:
        return AuditedField(one, None)
    return AuditedField(one, seen, tuple(_findings(one, seen, yardstick)))


def _warmest_first(one: AuditedField) -> tuple[int, timedelta]:
    if one.volatility is None:
        return 2, timedelta(0)
    lasts = one.volatility.lasts
    return (0, lasts) if lasts is not None else (1, timedelta(0))


def _findings(one: Declared, seen: Volatility, yardstick: Yardstick) -> Iterator[Finding]:
    if one.temperature is Cold:
        yield from _hidden_price(one, seen, yardstick)
        if (
            seen.runs >= yardstick.runs
            and seen.share_of_runs >= yardstick.warm_runs
            and _lasts_less(seen, yardstick.warm_lasts)
        ):
            yield Finding(
                one.name,
                "too_warm",
                f"declared cold, changed in {percent(seen.share_of_runs)} of {seen.runs} runs, and a value lasts "
                f"{lasting(seen.lasts)}; declare it hot, or find out what changes it",
            )
    elif one.temperature is Hot and seen.runs >= yardstick.runs and seen.rested >= yardstick.rest:
        yield Finding(
            one.name,
            "at_rest",
            f"declared hot, unchanged for {lasting(seen.rested)} in {seen.items} items; if it is descriptive, declare it cold",
        )


def _hidden_price(one: Declared, seen: Volatility, yardstick: Yardstick) -> Iterator[Finding]:
    if seen.items and seen.prices >= yardstick.prices * seen.items:
        share = percent(seen.prices / seen.items)
        detail = f"declared cold, and {share} of its values read like a price with its currency"
    elif (
        seen.items
        and seen.prices + seen.amounts >= yardstick.prices * seen.items
        and seen.moves >= yardstick.moves
        and _lasts_less(seen, yardstick.amount_lasts)
    ):
        detail = f"declared cold, and it holds amounts with cents that moved {seen.moves} times, as prices do"
    else:
        return
    yield Finding(one.name, "hidden_price", f"{detail}; declare it hot, and a price for PIM users by reference(...)")


def _lasts_less(seen: Volatility, than: timedelta) -> bool:
    return seen.lasts is not None and seen.lasts < than


# ---- in words ----
def _row(one: AuditedField) -> tuple[str, ...]:
    temperature, seen = one.declared.temperature.__name__.lower(), one.volatility
    if seen is None:
        return (one.declared.name, temperature, "-", "-", "-", one.verdict)
    return (
        one.declared.name,
        temperature,
        f"{percent(seen.share_of_runs)} of {seen.runs} runs",
        lasting(seen.lasts),
        f"{seen.changed_items} of {seen.items}",
        one.verdict,
    )


def percent(share: float) -> str:
    """A share in whole percent; what is little is not nothing, and what is much is not all."""
    if 0 < share < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < share < 1 else f"{share * 100:.0f} %"


def lasting(span: timedelta | None) -> str:
    """A duration with one unit, as a person would say it."""
    if span is None:
        return "no change seen"
    for name, length in (
        ("year", 365 * _DAY),
        ("day", _DAY),
        ("hour", timedelta(hours=1)),
        ("minute", timedelta(minutes=1)),
    ):
        count = span / length
        if count >= 2 or (count >= 1 and name != "year"):
            return f"{count:.0f} {name}{'' if round(count) == 1 else 's'}"
    return "less than a minute"
