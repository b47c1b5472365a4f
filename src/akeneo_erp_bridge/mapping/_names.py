"""A Python name for each code of the PIM: always the same for the same code, never the same for two."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import Final, TypeVar

K = TypeVar("K", bound=str)

_PREFIX: Final = "code__"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_]+")
_RESERVED: Final = frozenset({"Channel", "Literal", "Locale", "Never", "Place", "mro", "tuple"})
"""Names that mean something else in the generated module, or to Python's classes."""


def name_of(code: str) -> str:
    """The name of one code, whatever the other codes are.

    A code that is a name stays as it is. ``class`` becomes ``class_``, ``18v`` becomes ``code__18v``, and a code
    that looks like one of these makes room; other characters than letters, digits and the underscore are told
    apart by a hash.

    >>> name_of("weight"), name_of("class"), name_of("class_"), name_of("18v"), name_of("_x")
    ('weight', 'class_', 'class__', 'code__18v', 'code___x')
    """
    if not _PLAIN.fullmatch(code):
        return f"{_PREFIX}{re.sub(r'[^A-Za-z0-9_]', '_', code)}__{_hash(code)}_"
    if code[0].isdigit() or code.startswith(("_", _PREFIX)):
        code = _PREFIX + code
    is_taken = keyword.iskeyword(code) or code in _RESERVED or code.endswith("_")
    return f"{code}_" if is_taken else code


def constant_of(code: str) -> str:
    """As `name_of`, in upper case.

    >>> constant_of("power_tools"), constant_of("18v"), constant_of("none")
    ('POWER_TOOLS', 'CODE__18V', 'NONE')
    """
    return code.upper() if keyword.iskeyword(code) else name_of(code).upper()


def named(codes: Iterable[K], make: Callable[[str], str] = name_of) -> Iterator[tuple[str, K]]:
    """Names with their codes, in order of the codes.

    The PIM does not tell upper case from lower in codes; should two of them meet in one constant all the same, the
    one that is written so has it, and the other gets a hash.
    """
    taken: dict[str, K] = {}
    for code in sorted(codes, key=lambda one: (make(one) != one, one)):
        name = make(code)
        taken[name if name not in taken else f"{name}__{_hash(code).upper()}"] = code
    yield from sorted(taken.items(), key=lambda pair: pair[1])


def _hash(code: str) -> str:
    return blake2b(code.encode("utf-8", "backslashreplace"), digest_size=4).hexdigest()
