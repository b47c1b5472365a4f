"""Laws 27 to 29: the adapter as a program."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import io
import logging
import subprocess
import sys
import traceback
import warnings
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import zip_longest
from pathlib import Path
from threading import Barrier

from akeneo_erp_bridge.erp import ItemWriter
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.testing.conformance._bench import Bench, ItemT, Read, differences
from akeneo_erp_bridge.testing.conformance._http_faults import Faults
from akeneo_erp_bridge.testing.conformance._secrets import found_in
from akeneo_erp_bridge.testing.conformance._verdicts import Absent, broken
from akeneo_erp_bridge.testing.conformance._worlds import Locks

_MYPY_SAYS = 5
"""Lines of mypy that a message repeats."""


def apart(bench: Bench[ItemT]) -> None:
    """Law 27."""
    limit = max(1, len(bench.keys()) // 4)
    some = tuple(sorted({bench.key_path, bench.cold_paths[0]}))
    shapes = ((limit, bench.cold_paths), (limit + 1, some))
    alone = [bench.read(bench.adapter(), limit=size, paths=paths) for size, paths in shapes]
    one, other = (bench.pages(bench.adapter(), None, limit=size, paths=paths) for size, paths in shapes)
    turns = [Read[ItemT](paths) for _, paths in shapes]
    for page, beside in zip_longest(one, other):
        if page is not None:
            turns[0].take(page)
        if beside is not None:
            turns[1].take(beside)
    _same(alone, turns, "page by page in turns")
    start = Barrier(len(shapes))

    def read(shape: tuple[int, tuple[str, ...]]) -> Read[ItemT]:
        adapter = bench.adapter()  # in its own thread, to which some drivers bind what they make
        start.wait(timeout=60)
        return bench.read(adapter, limit=shape[0], paths=shape[1])

    bench.world  # noqa: B018 - made here, where only one thread asks for it
    with ThreadPoolExecutor(len(shapes)) as threads:
        _same(alone, list(threads.map(read, shapes)), "in two threads")


def _same(alone: list[Read[ItemT]], together: list[Read[ItemT]], how: str) -> None:
    for one, other in zip(alone, together, strict=True):
        if one.prints != other.prints:
            raise broken(
                f"two adapters read {how}, and one shows something else than alone "
                f"({differences(one.prints, other.prints)})",
                "Keep what a read needs in the read, not in the class or the module",
            )


def secrecy(bench: Bench[ItemT]) -> None:
    """Law 28."""
    secrets = bench.subject.secrets
    if not secrets:
        raise Absent("the class lists no `secrets`")
    limit = max(1, len(bench.keys()) // 3)
    faults = Faults()
    said = _said(bench, faults, limit)
    _check(said, secrets, "while all went well")
    # what fails on one line of code is told by one piece of code, at whichever page of a read
    ends, offered = faults.ends, faults.offered
    for at in ends:
        for name in offered:
            faults.fail(name, at=at)
            _check(_said(bench, faults, limit), secrets, f"when call {at} failed ({name})")
    for name in offered:
        faults.fail(name, at=1, always=True)
        _check(_said(bench, faults, limit), secrets, f"when all calls failed ({name})")
    world = bench.world
    if isinstance(world, Locks):
        with world.locked():
            _check(_said(bench, Faults(), limit), secrets, "while the ERP refused the credential")


def _check(said: dict[str, str], secrets: tuple[str, ...], when: str) -> None:
    for where, text in said.items():
        shown = found_in(text, secrets)
        if shown:
            raise broken(
                f"{where} shows {shown} of the listed ones {when}",
                "Keep secrets in fields with repr=False and in headers, out of addresses and messages, and raise errors "
                "of your own `from None`",
            )


def _said(bench: Bench[ItemT], faults: Faults, limit: int) -> dict[str, str]:
    """Everything that can be read of an adapter at work: its logs, its prints, its repr, its errors, its answers."""
    texts: list[tuple[str, str]] = []
    with _overheard() as heard:
        adapter = None
        try:
            adapter = bench.adapter(faults)
            texts.append(("the health", repr(adapter.check())))
            texts.append(("the schema", repr(adapter.describe())))
            texts.extend(("a cursor", repr(page.resume)) for page in bench.pages(adapter, None, limit=limit))
            if isinstance(adapter, ItemWriter):
                texts.append(("an answer of find_by_key", repr(adapter.find_by_key("kit-secrecy"))))
        except Exception as error:  # noqa: BLE001 - whatever it raises, its text is looked at
            texts.append(("an exception", "".join(traceback.format_exception(error)) + repr(error)))
            if not isinstance(error, BridgeError):
                texts.append(("an exception", "".join(map(repr, _chain(error)))))
        if adapter is not None:
            texts.append(("the adapter's repr", f"{adapter!r} {adapter}"))
    texts += [("the log", heard[0].getvalue()), ("what is printed", heard[1].getvalue())]
    said: dict[str, str] = {}
    for where, text in texts:
        said[where] = said.get(where, "") + text
    return said


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@contextlib.contextmanager
def _overheard() -> Generator[tuple[io.StringIO, io.StringIO]]:
    """All logs, at their most talkative, and what is printed or warned of."""
    log, printed = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(1)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            warnings.simplefilter("always")
            yield log, printed
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def typed(bench: Bench[ItemT]) -> None:
    """Law 29."""
    if importlib.util.find_spec("mypy") is None:
        raise Absent("mypy is not installed")
    source = bench.subject.source
    if source is None:
        found = inspect.getsourcefile(type(bench.adapter()))
        if found is None:
            raise Absent("the adapter's class is in no file; name it as `source`")
        source = Path(found)
    if not source.exists():
        raise broken(f"source is {source}, which is not there", "Name the file or folder of the adapter")
    code, said = _mypy(source, source.stat().st_mtime_ns)
    if code:
        lines = said.strip().splitlines()
        more = f" (and {len(lines) - _MYPY_SAYS} more lines)" if len(lines) > _MYPY_SAYS else ""
        raise broken(
            f"mypy --strict finds in {source.name}: {' | '.join(lines[:_MYPY_SAYS])}{more}",
            "Mend the types; a `type: ignore` with its reason beside it is allowed",
        )


@cache
def _mypy(source: Path, _stamp: int) -> tuple[int, str]:
    """What mypy says of a source as it is now; asked once, for a file may hold several adapters."""
    # no configuration file, for one of the vendor's own might ask for less
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--follow-imports=silent",
        "--config-file=",
        "--no-error-summary",
    ]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)  # noqa: S603 - mypy itself
    return done.returncode, done.stdout + done.stderr
