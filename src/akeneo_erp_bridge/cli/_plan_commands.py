"""`akeneo-erp-bridge plan`: make a plan by a job of a user's program, show it to people and programs, apply it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

from akeneo_erp_bridge.cli._loading import AnyJob, job_named
from akeneo_erp_bridge.cli._output import check_writable, store
from akeneo_erp_bridge.cli._show import show_plan, show_report
from akeneo_erp_bridge.errors import MissingExtra
from akeneo_erp_bridge.sync import (
    Moved,
    Plan,
    SyncReport,
    VariantPlan,
    VariantReport,
    VariantsToPim,
    Waves,
    WavesPlan,
    WavesReport,
)
from akeneo_erp_bridge.sync._plans._sealed import kind_of, read_plan_file

try:
    import typer
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("the program akeneo-erp-bridge", "cli") from error

AnyPlan: TypeAlias = Plan | VariantPlan | WavesPlan

STOPPED = 5  # what a pipeline sees: a brake would stop the run, and `apply` refuses the plan

plan_commands = typer.Typer(no_args_is_help=True, help="Plans of what a run would do: make, show, apply.")

_JOB = typer.Argument(
    metavar="MODULE:NAME",
    help="A job, such as connector.py:job: an ErpToPim, VariantsToPim or Waves, or a function without arguments that "
    "gives one; @contextmanager may close what it needs.",
)


@plan_commands.command()
def make(
    job: Annotated[str, _JOB],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="A file for review, and for apply.")],
    html: Annotated[Path | None, typer.Option(help="Write a page for people to this file, too.")] = None,
    most: Annotated[int, typer.Option(min=0, help="How many items of each kind to print.")] = 8,
) -> None:
    """Plan all that is new in the ERP, show it, and write it to a file. Writes nothing to the PIM.

    Ends with 5 where a brake would stop the run: such a plan can be looked at, and is not applied.
    """
    check_writable(output, html)
    with job_named(job) as one:
        plan: AnyPlan = one.plan()
    store(output, plan.save)
    if html is not None:
        store(html, plan.save_html)
    _show(plan, most)
    print(f"written to {output}; write it to the PIM with: akeneo-erp-bridge plan apply {job} {output}")
    raise typer.Exit(STOPPED if any(part.report.stopped_by for part in _parts(plan)) else 0)


@plan_commands.command()
def show(
    stored: Annotated[Path, typer.Argument(metavar="PLAN", help="A file that `plan make` or `Plan.save` wrote.")],
    *,
    html: Annotated[Path | None, typer.Option(help="Write a page for people to this file.")] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Print one JSON object an item, for programs.")] = False,
    most: Annotated[int, typer.Option(min=0, help="How many items of each kind to print.")] = 8,
) -> None:
    """Show what a plan would change. Asks neither the ERP nor the PIM."""
    check_writable(html)
    plan = _load(stored)
    if html is not None:
        store(html, plan.save_html)
        print(f"written to {html}; open it in a browser")
    elif lines:
        for line in plan.lines():
            print(line)
    else:
        _show(plan, most)


@plan_commands.command(name="apply")
def apply_plan(
    job: Annotated[str, _JOB],
    stored: Annotated[Path, typer.Argument(metavar="PLAN", help="A file that `plan make` or `save` of a plan wrote.")],
    *,
    replan: Annotated[
        bool, typer.Option("--replan", help="Draw up anew what moved in the PIM since; without, it is refused.")
    ] = False,
    most: Annotated[int, typer.Option(min=0, help="How many parked items to print.")] = 8,
) -> None:
    """Write a reviewed plan to the PIM, and nothing else, by the job that made it. The ERP is not read.

    Ends with 1 where something moved and was left as it is, with 2 where the file was altered or is for another job.
    """
    with job_named(job) as one:
        report = _apply(one, stored, "replan" if replan else "refuse")
    for part in [report] if isinstance(report, SyncReport) else report.parts:
        show_report(part, most=most)
    raise typer.Exit(report.exit_code)


# ---- inside ----
def _load(stored: Path) -> AnyPlan:
    kind = kind_of(read_plan_file(stored))
    if kind == "waves":
        return WavesPlan.load(stored)
    return VariantPlan.load(stored) if kind == "parts" else Plan.load(stored)


def _parts(plan: AnyPlan) -> list[Plan]:
    return [plan] if isinstance(plan, Plan) else [*plan.parts]


def _show(plan: AnyPlan, most: int) -> None:
    for part in _parts(plan):
        show_plan(part, most=most)


def _apply(job: AnyJob, stored: Path, moved: Moved) -> SyncReport | VariantReport | WavesReport:
    if isinstance(job, Waves):
        return job.apply(WavesPlan.load(stored), moved=moved)
    if isinstance(job, VariantsToPim):
        return job.apply(VariantPlan.load(stored), moved=moved)
    return job.apply(Plan.load(stored), moved=moved)
