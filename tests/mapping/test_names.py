"""Names for codes: Python takes them, no two codes share one, and other codes do not change them."""

from __future__ import annotations

import keyword
import string

from hypothesis import example, given
from hypothesis import strategies as st

from akeneo_erp_bridge.mapping._names import _RESERVED, constant_of, name_of, named

CODES = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=6) | st.sampled_from(
    [*keyword.kwlist, "class_", "code__class", "18v", "code__18v", "Locale", "Locale_", "__init__", "None"]
)
ANYTHING = CODES | st.text(min_size=1, max_size=5)


@given(ANYTHING)
def test_a_name_is_one_to_python(code: str) -> None:
    for name in (name_of(code), constant_of(code)):
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert not name.startswith("_"), "Python hides and mangles such names"


@given(st.sets(ANYTHING, max_size=8))
@example({"class", "class_", "class__"})
@example({"18v", "code__18v", "code__code__18v"})
@example({"a-b", "a_b", "a b", "a.b"})
def test_no_two_codes_share_a_name(codes: set[str]) -> None:
    assert len({name_of(code) for code in codes}) == len(codes)
    assert [code for _, code in named(codes)] == sorted(codes)
    constants = dict(named(codes, constant_of))
    assert sorted(constants.values()) == sorted(codes)


PLAIN = st.from_regex(r"[a-zA-Z][a-z0-9]{0,5}", fullmatch=True)


@given(PLAIN.filter(lambda code: not keyword.iskeyword(code) and code not in _RESERVED))
def test_a_plain_code_is_its_own_name_whatever_stands_beside_it(code: str) -> None:
    assert name_of(code) == code
    assert dict(named([f"{code}_", "class", "18v", code]))[code] == code


def test_codes_that_differ_by_case_alone_keep_apart() -> None:
    names = dict(named(["Red", "red", "RED"], constant_of))
    assert names["RED"] == "RED"
    assert len(names) == 3
