"""A download that goes on: never the head of one file with the tail of another, and never a failure behind the end."""

from __future__ import annotations

import io

import pytest

from akeneo.stub import client_of
from akeneo.wire import Asked, Reply, Wire
from akeneo_erp_bridge.errors import PimRefused, PimUnreachable

OLD, NEW = b"OLD" * 2000, b"newer" * 2000
KIND = "image/gif"


def broken(validators: dict[str, str], body: bytes = OLD) -> Reply:
    """A file that breaks off in the middle."""
    return Reply(200, body, KIND, validators, cut="inside")


def chunked(body: bytes) -> Reply:
    """All of a file without its end: nobody knows that it was all."""
    piece = b"%x\r\n%b\r\n" % (len(body), body)
    return Reply(200, piece, KIND, {"Content-Length": "", "Transfer-Encoding": "chunked"}, cut="after")


def rest(body: bytes, start: int, validators: dict[str, str]) -> Reply:
    headers = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}", **validators}
    return Reply(206, body[start:], KIND, headers)


def downloaded(wire: Wire) -> bytes:
    file = io.BytesIO()
    size = client_of(wire).media_files.download("a/b.gif", file)
    assert size == len(file.getvalue())
    return file.getvalue()


@pytest.mark.parametrize(
    ("validators", "asked_if"),
    [
        ({"ETag": '"1"'}, '"1"'),
        ({"Last-Modified": "Sat, 01 Aug 2026 09:00:00 GMT"}, "Sat, 01 Aug 2026 09:00:00 GMT"),
        ({"ETag": 'W/"1"', "Last-Modified": "Sat, 01 Aug 2026 09:00:00 GMT"}, "Sat, 01 Aug 2026 09:00:00 GMT"),
        ({"ETag": 'W/"1"'}, None),
        ({}, None),
    ],
)
def test_the_rest_is_asked_for_by_version(validators: dict[str, str], asked_if: str | None) -> None:
    half = len(OLD) // 2
    with Wire(broken(validators), rest(OLD, half, validators)) as wire:
        assert downloaded(wire) == OLD
    again = wire.asked[1].headers
    assert (again["range"], again.get("if-range")) == (f"bytes={half}-", asked_if)


def test_a_file_that_was_changed_comes_whole() -> None:
    def by_the_book(asked: Asked) -> Reply:
        assert asked.headers["if-range"] == '"1"'
        return Reply(200, NEW, KIND, {"ETag": '"2"'})

    with Wire(broken({"ETag": '"1"'}), by_the_book) as wire:
        assert downloaded(wire) == NEW


@pytest.mark.parametrize(
    "wrong",
    [
        rest(NEW, len(OLD) // 2, {"ETag": '"2"'}),
        Reply(206, NEW[10:], KIND, {"Content-Range": f"bytes 10-{len(NEW) - 1}/{len(NEW)}"}),
    ],
    ids=["another version", "another place"],
)
def test_a_rest_that_does_not_fit_is_not_taken(wrong: Reply) -> None:
    with Wire(broken({"ETag": '"1"'}), wrong, Reply(200, NEW, KIND, {"ETag": '"2"'})) as wire:
        assert downloaded(wire) == NEW
    assert "range" not in wire.asked[2].headers


def test_a_file_that_changes_all_the_time_is_told() -> None:
    half = len(OLD) // 2
    steps = [broken({"ETag": '"1"'}), rest(NEW, half, {"ETag": '"2"'})] * 3
    with Wire(*steps) as wire, pytest.raises(PimUnreachable, match="the file was changed while it came"):
        downloaded(wire)


def test_a_break_behind_the_last_byte_loses_nothing() -> None:
    nothing_left = Reply(416, b"", "", {"Content-Range": f"bytes */{len(OLD)}"})
    with Wire(chunked(OLD), nothing_left) as wire:
        assert downloaded(wire) == OLD
    assert len(wire.asked) == 2


@pytest.mark.parametrize("said", [{}, {"Content-Range": "bytes */7"}], ids=["no size", "another size"])
def test_a_range_that_is_refused_without_the_size_is_no_end(said: dict[str, str]) -> None:
    with Wire(chunked(OLD), Reply(416, b"", "", said), Reply(200, NEW, KIND)) as wire:
        assert downloaded(wire) == NEW
    assert "range" not in wire.asked[2].headers


def test_a_server_that_refuses_every_range_is_told() -> None:
    with Wire(otherwise=Reply(416)) as wire, pytest.raises(PimRefused, match="416"):
        downloaded(wire)
