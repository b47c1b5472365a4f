"""How a program ends: one clear line and an exit code, never a traceback for what a user can mend."""

from __future__ import annotations

import errno
import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from akeneo_erp_bridge.errors import BridgeError, ConfigurationError
from akeneo_erp_bridge.errors._root import DEFECT
from akeneo_erp_bridge.sync._pages._plain import plain

UNWRITTEN: Final = 74  # EX_IOERR of sysexits.h
INTERRUPTED: Final = 130  # as a shell tells of SIGINT
UNREAD: Final = 141  # as a shell tells of SIGPIPE

_NO_ROOM: Final = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_STOPPED: Final = "stopped by Ctrl-C; what is settled stays, and the next run goes on there"


def run_and_exit(program: Callable[[], int]) -> None:
    """Run a program and end the process with the exit code that it returns, such as `report.exit_code`.

    A `BridgeError` is printed to standard error in its own words, and ends with its `exit_code`. Ctrl-C and a full disk
    are a line, and end with 130 and 74; where nobody reads standard output any more, it ends with 141 and says nothing.
    Any other exception is a defect: it keeps its traceback, and ends with 70. Needs no extra.

    >>> from akeneo_erp_bridge import AkeneoClient
    >>> def main() -> int:
    ...     with AkeneoClient.from_env({"AKENEO_URL": "https://pim.example.com"}) as pim:
    ...         return 0
    >>> run_and_exit(main)
    Traceback (most recent call last):
    SystemExit: 2
    """
    try:
        code = program()
    except SystemExit as asked:
        code = _asked(asked)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the process ends here
        code = _told(error)
    sys.exit(_flushed(code))


# ---- inside ----
def _told(error: BaseException) -> int:
    if isinstance(error, BridgeError):
        _tell(f"error: {plain(str(error))}")
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        _tell(_STOPPED)
        return INTERRUPTED
    if isinstance(error, BrokenPipeError) and _is_output_gone():
        return UNREAD
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return _unwritten(error, str(error.filename or "standard output, or a file of the program,"))
    sys.excepthook(type(error), error, error.__traceback__)
    return DEFECT


def _asked(end: SystemExit) -> int:
    """The code of a program that ends by itself. Typer and rich do so for what they catch, with codes of their own."""
    if end.code == 1 and any(isinstance(one, BrokenPipeError) for one in _behind(end)):
        return UNREAD
    if end.code == INTERRUPTED and any(isinstance(one, KeyboardInterrupt) for one in _behind(end)):
        _tell(_STOPPED)
        return INTERRUPTED
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    _tell(plain(str(end.code)))  # Python would end with 1, which says that the run came to its end
    return ConfigurationError.exit_code


def _behind(error: BaseException) -> Iterator[BaseException]:
    behind = error.__context__
    while behind is not None:
        yield behind
        behind = behind.__context__


def _flushed(code: int) -> int:
    """The code, unless what was printed does not arrive; a code that tells of a failure stays."""
    try:
        if sys.stdout is not None:  # a program without a terminal has none
            sys.stdout.flush()
    except BrokenPipeError:
        lost = UNREAD
    except OSError as error:
        lost = _unwritten(error, "standard output")
    except ValueError:  # the program has closed it
        return code
    else:
        return code
    _silence()
    return lost if code in (0, 1) else code


def _unwritten(error: OSError, what: str) -> int:
    _tell(
        f"error: {plain(what)} cannot be written ({error.strerror or error}); make room and run it again, "
        "what is settled stays"
    )
    _silence()
    return UNWRITTEN


def _silence() -> None:
    """What still waits to be printed goes nowhere: Python would try again as it ends, and tell of that."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _is_output_gone() -> bool:
    """Whether nobody reads what is printed any more; about another broken pipe nobody is to be silent."""
    if sys.platform == "win32":  # it cannot be asked there
        return True
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            asked = select.poll()
            asked.register(stream.fileno(), 0)
            if asked.poll(0):
                return True
    return False


def _tell(line: str) -> None:
    with suppress(OSError, ValueError):  # nobody hears it
        print(line, file=sys.stderr, flush=True)
