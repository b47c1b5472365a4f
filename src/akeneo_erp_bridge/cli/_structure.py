"""`akeneo-erp-bridge structure`: pull a PIM's structure, compare, check mappings against it, name it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import AttributeType, Drift, PimStructure, drift
from akeneo_erp_bridge.cli._loading import mapping_named, reader_named
from akeneo_erp_bridge.cli._output import check_writable, store
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpSchema
from akeneo_erp_bridge.errors import ConfigurationError, MissingExtra, PreflightFailed
from akeneo_erp_bridge.mapping import estimate
from akeneo_erp_bridge.mapping.typed import typed_pim
from akeneo_erp_bridge.sync._pages._plain import plain
from akeneo_erp_bridge.sync._words import counted

try:
    import typer
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("the program akeneo-erp-bridge", "cli") from error

DIFFERENT = 1  # what a pipeline sees: something changed, or is out of date

structure_commands = typer.Typer(no_args_is_help=True, help="The PIM's structure: pull, diff, check, types.")

Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write.")]
Stored = Annotated[Path, typer.Argument(help="A file that `structure pull` wrote.")]
OptionsOf = Annotated[
    str,
    typer.Option(
        "--options-of",
        help="Selects whose options, and attributes whose records, to read: codes with commas, or 'all'.",
    ),
]


@structure_commands.command()
def pull(
    output: Output = Path("structure.json"),
    options_of: OptionsOf = "",
    categories: Annotated[bool, typer.Option(help="Read the categories too.")] = True,  # noqa: FBT002 - typer makes an option of it
) -> None:
    """Read the structure of the PIM that the environment names, and store it.

    AKENEO_URL, AKENEO_CLIENT_ID, AKENEO_CLIENT_SECRET, AKENEO_USERNAME and AKENEO_PASSWORD name a connection;
    AKENEO_URL and AKENEO_TOKEN an App.
    """
    check_writable(output)
    with AkeneoClient.from_env() as pim:
        found = _read(pim, options_of, categories=categories)
    store(output, found.save)
    print(f"{output}: {_summary(found, with_options=bool(options_of))}")


@structure_commands.command()
def diff(
    before: Stored,
    after: Annotated[Path | None, typer.Argument(help="A later file; the PIM itself where it is left out.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Show labels, orders and the like too.")] = False,
) -> None:
    """Tell what changed, a line each. Ends with 1 where something did that a value may depend on."""
    old = PimStructure.load(before)
    changes = drift(old, PimStructure.load(after) if after is not None else _like(old))
    grave = [one for one in changes if not one.is_cosmetic]
    for change in changes if everything else grave:
        print(plain(str(change)))
    print(_verdict(grave, len(changes) - len(grave)))
    raise typer.Exit(DIFFERENT if grave else 0)


@structure_commands.command()
def check(
    stored: Stored,
    mappings: Annotated[list[str], typer.Argument(help="Mappings, such as my_connector:MAPPING.")],
    *,
    erp: Annotated[
        str,
        typer.Option(
            metavar="MODULE:NAME",
            help="An adapter whose fields to compare with, such as my_connector:ERP, or a function that gives one.",
        ),
    ] = "",
    items: Annotated[int, typer.Option(min=0, help="Estimate a first run of so many items.")] = 0,
    seconds: Annotated[float, typer.Option(min=0, help="What the PIM needs for a request, in seconds.")] = 1.0,
) -> None:
    """Check mappings against a stored structure, without a PIM. Ends with 2 where one does not fit."""
    structure = PimStructure.load(stored)
    schema = _schema(erp) if erp else None
    misfits: list[object] = []
    for name in mappings:
        mapping = mapping_named(name)
        found = mapping.preflight(structure, schema)
        misfits += [f"{name}: {one}" for one in found]
        verdict = f"preflight found {counted(len(found), 'problem')}" if found else "all fit"
        print(f"{name}: {counted(len(mapping.bindings), 'binding')}, {verdict}")
        if items:
            print(estimate(mapping, structure, items=items, per_request=timedelta(seconds=seconds)))
    if misfits:
        raise PreflightFailed(misfits)


@structure_commands.command()
def types(
    stored: Stored,
    output: Output = Path("pim.py"),
    *,
    is_check: Annotated[bool, typer.Option("--check", help="Write nothing; end with 1 if the file is old.")] = False,
) -> None:
    """Write a Python module that names attributes, options, families and units, for type checkers."""
    text = typed_pim(PimStructure.load(stored))
    if not is_check:
        check_writable(output)
        store(output, lambda path: path.write_text(text, encoding="utf-8"))
    elif not output.exists() or output.read_text(encoding="utf-8") != text:
        print(f"{output} is not what {stored} gives; run: akeneo-erp-bridge structure types {stored} -o {output}")
        raise typer.Exit(DIFFERENT)


# ---- inside ----
def _schema(erp: str) -> ErpSchema:
    with reader_named(erp) as reader:
        return reader.describe()


def _read(pim: AkeneoClient, options_of: str, *, categories: bool) -> PimStructure:
    wanted = [AttributeCode(code.strip()) for code in options_of.split(",") if code.strip()]
    if wanted:
        selects = _selects(pim)
        wanted = selects if wanted == ["all"] else wanted
        _refuse_others(wanted, selects)
    return pim.structure(with_options_of=wanted, with_categories=categories)


def _like(old: PimStructure) -> PimStructure:
    """The PIM as it is now, asked for what the older structure holds."""
    with AkeneoClient.from_env() as pim:
        selects = {*_selects(pim)} if old.options else set[AttributeCode]()
        return pim.structure(
            with_options_of=[code for code in old.options if code in selects],
            with_categories=old.categories is not None,
        )


def _selects(pim: AkeneoClient) -> list[AttributeCode]:
    kinds = {
        AttributeType.SIMPLE_SELECT, AttributeType.MULTI_SELECT,
        AttributeType.REFERENCE_ENTITY, AttributeType.REFERENCE_ENTITY_COLLECTION,
    }  # fmt: skip
    return [one.code for one in pim.attributes.list() if one.type in kinds]


def _refuse_others(wanted: Iterable[AttributeCode], selects: Iterable[AttributeCode]) -> None:
    others = sorted({*wanted} - {*selects})
    if others:
        raise ConfigurationError(f"--options-of: no select attribute of the PIM: {', '.join(others)}")


def _summary(found: PimStructure, *, with_options: bool) -> str:
    options = "options not read (--options-of reads them)"
    if with_options:
        several = f"{sum(len(codes) for codes in found.options.values())} options"
        options = f"{several} of {counted(len(found.options), 'attribute')}"
    categories = "categories not read" if found.categories is None else f"{len(found.categories)} categories"
    return (
        f"{len(found.attributes)} attributes, {len(found.families)} families, {options}, {categories}; "
        f"hash {found.hash[:12]}"
    )


def _verdict(grave: list[Drift], cosmetic: int) -> str:
    told = counted(len(grave), "change") if grave else "nothing changed that a value depends on"
    return f"{told}; {cosmetic} of labels, orders and the like" if cosmetic else told
