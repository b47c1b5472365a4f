"""Errors of this package between processes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from akeneo_erp_bridge import errors
from akeneo_erp_bridge.errors import BridgeError, Violation

ODD: dict[str, Callable[[type[Any]], BridgeError]] = {  # Any: each of them is made of something else
    "MissingExtra": lambda kind: kind("a thing", "excel"),
    "PreflightFailed": lambda kind: kind(["a problem", "another"]),
    "Undeclared": lambda kind: kind("articles", ["price"]),
    "PlanOutdated": lambda kind: kind(["a reason"]),
    "WrongRows": lambda kind: kind("prices.csv", [(3, "no number")]),
    "PimBroken": lambda kind: kind("told", status=503),
    "RateLimited": lambda kind: kind("told", retry_after=timedelta(seconds=30)),
}
REFUSED = ("PimRefused", "SignInRefused", "Forbidden", "NotFound", "NotOffered", "TooLarge")
KINDS = sorted(set(errors.__all__) - {"Violation"})


def made(name: str) -> BridgeError:
    kind: type[Any] = getattr(errors, name)
    if name in REFUSED:
        return kind("told", status=422, violations=[Violation(message="No.", property="values", attribute="name")])  # type: ignore[no-any-return]  # one of ours
    error = ODD[name](kind) if name in ODD else kind("told")
    assert isinstance(error, BridgeError)
    return error


@pytest.mark.parametrize("name", KINDS)
def test_each_error_survives_a_pickle_and_a_copy_with_all_that_it_tells(name: str) -> None:
    error = made(name)
    error.add_note("and more")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert (str(again), again.args, vars(again)) == (str(error), error.args, vars(error))
        assert again.exit_code == error.exit_code
        assert again.__notes__ == ["and more"]


@pytest.mark.parametrize("name", KINDS)
def test_each_error_is_named_where_it_is_public(name: str) -> None:
    """A traceback leads to the name that a program catches."""
    kind: type[object] = getattr(errors, name)
    assert (kind.__module__, kind.__qualname__) == ("akeneo_erp_bridge.errors", name)


@pytest.mark.parametrize("name", KINDS)
def test_no_error_ends_as_a_run_that_came_to_its_end(name: str) -> None:
    """A schedule takes 1 for done: an error that ended with it would not be tried again."""
    assert made(name).exit_code != 1
