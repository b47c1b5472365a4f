"""Files, over real HTTP: in pieces, with progress, begun again where a try broke off; never a part for the whole."""

from __future__ import annotations

import asyncio
import email.parser
import email.policy
import io
import json
import re
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, AppAuth, AsyncAkeneoClient, Options, RetryPolicy
from akeneo_erp_bridge.akeneo._streams import multipart, opened_aside
from akeneo_erp_bridge.errors import ConfigurationError, NotFound, PimRefused, PimUnreachable
from blocking import BlockingClient, in_the_loop, watched

CODE = "7/5/8/e/758e39d4_a drill?.jpg"
MB = 1024 * 1024


class Shelf:
    """A server of files; `cut` is where it hangs up, once for each number in it."""

    def __init__(self) -> None:
        self.content = b"\x00picture\xff" * 30_000
        self.cut: list[int] = []
        self.takes_ranges = True
        self.refuse: tuple[int, dict[str, Any]] | None = None
        self.ranges: list[str | None] = []
        self.forms: list[dict[str, bytes]] = []
        self.names: list[str | None] = []
        self.paths: list[str] = []
        self.sink: Callable[[BaseHTTPRequestHandler], None] | None = None

    def pieces(self, start: int) -> Iterator[bytes]:
        yield self.content[start:]

    def length(self) -> int:
        return len(self.content)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shelf: ClassVar[Shelf]

    def do_GET(self) -> None:
        self.shelf.paths.append(self.path)
        self.shelf.ranges.append(self.headers.get("Range"))
        if self.shelf.refuse is not None:
            self._answer(*self.shelf.refuse)
            return
        start = int(self.headers["Range"][6:-1]) if self.headers.get("Range") and self.shelf.takes_ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(self.shelf.length() - start))
        self.end_headers()
        cut = self.shelf.cut.pop(0) if self.shelf.cut else None
        if cut is not None:
            self.wfile.write(self.shelf.content[start : start + cut])
            self.close_connection = True
            return
        for piece in self.shelf.pieces(start):
            self.wfile.write(piece)

    def do_POST(self) -> None:
        self.shelf.paths.append(self.path)
        if self.shelf.sink is not None:
            self.shelf.sink(self)
        else:
            self._read_form()
        if self.shelf.refuse is not None:
            self._answer(*self.shelf.refuse)
            return
        self.send_response(201)
        place = self.path.replace("product/", "")
        self.send_header("Location", f"http://pim.example.com{place}/{CODE.replace(' ', '%20').replace('?', '%3F')}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _read_form(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
        self.shelf.forms.append({str(name): part.get_payload(decode=True) for name, part in parts.items()})  # type: ignore[misc]  # leaves are bytes
        self.shelf.names.append(parts["file"].get_filename())

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(shelf: Shelf) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneShelf", (Handler,), {"shelf": shelf}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(params=["blocking", "asynchronous"])
def pim(request: pytest.FixtureRequest, shelf: Shelf) -> Iterator[AkeneoClient]:
    options = Options(retry=RetryPolicy(attempts=3, first_pause=timedelta(milliseconds=1)))
    auth = AppAuth(access_token="t")
    with served(shelf) as url:
        if request.param == "blocking":
            with AkeneoClient(url, auth, options=options) as client:
                yield client
        else:
            with BlockingClient(lambda: AsyncAkeneoClient(url, auth, options=options)) as twin:
                yield cast("AkeneoClient", twin)


# ---- down ----
def test_a_file_comes_down_with_its_progress(pim: AkeneoClient, shelf: Shelf, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    size = pim.media_files.download(CODE, tmp_path / "drill.jpg", progress=lambda *done: told.append(done))
    assert (tmp_path / "drill.jpg").read_bytes() == shelf.content
    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert shelf.paths == ["/api/rest/v1/media-files/7/5/8/e/758e39d4_a%20drill%3F.jpg/download"]
    assert [one.name for one in tmp_path.iterdir()] == ["drill.jpg"]


@pytest.mark.parametrize("takes_ranges", [True, False])
def test_a_download_that_breaks_off_goes_on(pim: AkeneoClient, shelf: Shelf, *, takes_ranges: bool) -> None:
    shelf.cut, shelf.takes_ranges = [100_000, 50_000], takes_ranges
    file = io.BytesIO(b"before")
    file.seek(6)
    assert pim.media_files.download(CODE, file) == len(shelf.content)
    assert file.getvalue() == b"before" + shelf.content
    assert shelf.ranges == [None, "bytes=100000-", f"bytes={150_000 if takes_ranges else 50_000}-"]


def test_a_download_that_never_ends_well_leaves_nothing(pim: AkeneoClient, shelf: Shelf, tmp_path: Path) -> None:
    shelf.cut = [10, 10, 10]
    (tmp_path / "drill.jpg").write_bytes(b"the old one")
    with pytest.raises(PimUnreachable):
        pim.media_files.download(CODE, tmp_path / "drill.jpg")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"drill.jpg": b"the old one"}


def test_a_refused_download_says_why(pim: AkeneoClient, shelf: Shelf, tmp_path: Path) -> None:
    shelf.refuse = (404, {"code": 404, "message": "Media file does not exist"})
    with pytest.raises(NotFound, match="does not exist"):
        pim.asset_media.download("0/a/x.jpg", tmp_path / "x.jpg")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", ["", "a//b", "../../oauth", "a/.."])
def test_a_code_that_would_lead_elsewhere_is_refused(pim: AkeneoClient, shelf: Shelf, code: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be a key"):
        pim.media_files.download(code, io.BytesIO())
    assert shelf.paths == []


# ---- up ----
def test_a_file_goes_up_to_a_value(pim: AkeneoClient, shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / 'a "drill".jpg').write_bytes(shelf.content)
    told: list[tuple[int, int | None]] = []
    code = pim.media_files.upload(
        tmp_path / 'a "drill".jpg',
        attribute="picture",
        product="DR-18",
        channel="shop",
        progress=lambda *n: told.append(n),
    )
    assert code == CODE
    (form,) = shelf.forms
    assert form["file"] == shelf.content
    assert shelf.names == ["a %22drill%22.jpg"]
    assert json.loads(form["product"]) == {
        "identifier": "DR-18", "attribute": "picture", "scope": "shop", "locale": None,
    }  # fmt: skip
    assert told[-1] == (len(shelf.content), len(shelf.content))


def test_each_kind_of_owner_has_its_form(pim: AkeneoClient, shelf: Shelf) -> None:
    pim.media_files.upload(b"x", attribute="a", product_uuid="u", filename="x.jpg")
    pim.media_files.upload(b"x", attribute="a", product_model="m", locale="de_DE", filename="x.jpg")
    pim.category_media.upload(b"x", category="tools", attribute="a", filename="x.jpg")
    pim.reference_entity_media.upload(io.BytesIO(b"x"), filename="x.jpg")
    owners = [{name: json.loads(text) for name, text in form.items() if name != "file"} for form in shelf.forms]
    assert owners == [
        {"product": {"uuid": "u", "attribute": "a", "scope": None, "locale": None}},
        {"product_model": {"code": "m", "attribute": "a", "scope": None, "locale": "de_DE"}},
        {"category": {"code": "tools", "attribute_code": "a", "channel": None, "locale": None}},
        {},
    ]


def test_an_open_file_is_sent_from_where_it_is_and_left_there(pim: AkeneoClient, shelf: Shelf) -> None:
    file = io.BytesIO(b"headerpicture")
    file.seek(6)
    pim.asset_media.upload(file, filename="x.jpg")
    assert shelf.forms[0]["file"] == b"picture"
    assert file.tell() == 6


def test_a_refused_upload_says_why(pim: AkeneoClient, shelf: Shelf) -> None:
    shelf.refuse = (422, {"code": 422, "message": "The file extension is not allowed."})
    with pytest.raises(PimRefused, match="extension is not allowed"):
        pim.asset_media.upload(b"x", filename="x.exe")
    assert len(shelf.forms) == 1, "an upload is never repeated blindly"


@pytest.mark.parametrize(
    ("file", "reason"), [(b"x", "no name of its own"), (Path("/nowhere/x.jpg"), "cannot be read: No such file")]
)
def test_a_file_that_cannot_be_sent_is_refused(pim: AkeneoClient, shelf: Shelf, file: object, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        pim.asset_media.upload(file)  # type: ignore[arg-type]  # one of the two kinds above
    assert shelf.paths == []


def test_a_file_has_one_owner(pim: AkeneoClient) -> None:
    with pytest.raises(ConfigurationError, match="one of product=, product_uuid= and product_model="):
        pim.media_files.upload(b"x", attribute="a", product="p", product_model="m", filename="x.jpg")


# ---- and the event loop ----
class Slow(io.BytesIO):
    """A file on a slow disk: whoever touches it in the thread of the event loop holds up everything else."""

    def __getattribute__(self, name: str) -> Any:
        assert name not in {"read", "write", "seek", "tell", "truncate"} or not in_the_loop(), name
        return super().__getattribute__(name)


def test_a_slow_file_does_not_hold_up_the_loop(pim: AkeneoClient, shelf: Shelf) -> None:
    shelf.cut, shelf.takes_ranges = [10], False
    target = Slow()
    assert pim.media_files.download(CODE, target) == len(shelf.content)
    assert target.getvalue() == shelf.content
    pim.media_files.upload(Slow(b"x"), attribute="a", product="p", filename="x.jpg")
    pim.category_media.upload(Slow(b"x"), category="tools", attribute="a", filename="x.jpg")
    pim.asset_media.upload(Slow(b"x"), filename="x.jpg")
    assert [form["file"] for form in shelf.forms] == [b"x"] * 3


def test_the_watch_sees_a_file_that_is_opened_in_the_loop(tmp_path: Path) -> None:
    with watched(), pytest.raises(AssertionError, match="in the thread of the event loop"):
        (tmp_path / "x").open("wb")
    (tmp_path / "x").write_bytes(b"nobody waits")


def test_a_download_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    async def given_up() -> None:
        begun = asyncio.Event()

        async def download() -> None:
            async with opened_aside(tmp_path / "x.jpg") as file:
                file.write(b"a part")
                begun.set()
                await asyncio.sleep(60)

        task = asyncio.create_task(download())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(given_up())
    assert list(tmp_path.iterdir()) == []


# ---- size ----
class Endless(Shelf):
    """Serves 64 MB it does not have."""

    size = 64 * MB

    def pieces(self, start: int) -> Iterator[bytes]:
        for _ in range(self.size // MB):
            yield bytes(MB)

    def length(self) -> int:
        return self.size


class Counter(io.RawIOBase):
    """A file that counts, and keeps nothing."""

    def __init__(self) -> None:
        self.received = 0

    def write(self, piece: Any) -> int:
        self.received += len(piece)
        return len(piece)

    def tell(self) -> int:
        return 0

    def seek(self, *_: int) -> int:
        return 0

    def truncate(self, _: int | None = None) -> int:
        return 0


class TestBig:
    """Memory stays flat; what the server holds is not counted, it streams as well."""

    @pytest.fixture
    def shelf(self) -> Shelf:
        return Endless()

    def test_down(self, pim: AkeneoClient) -> None:
        counter = Counter()
        tracemalloc.start()
        try:
            assert pim.media_files.download(CODE, cast("Any", counter)) == 64 * MB
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert counter.received == 64 * MB
        assert peak < 8 * MB

    def test_up(self, pim: AkeneoClient, shelf: Shelf, tmp_path: Path) -> None:
        big = tmp_path / "big.bin"
        with big.open("wb") as file:
            file.truncate(64 * MB)
        received: list[int] = []

        def swallow(request: BaseHTTPRequestHandler) -> None:
            left = int(request.headers["Content-Length"])
            while left:
                left -= len(request.rfile.read(min(left, MB)))
            received.append(int(request.headers["Content-Length"]))

        shelf.sink = swallow
        tracemalloc.start()
        try:
            pim.asset_media.upload(big)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert received[0] > 64 * MB
        assert peak < 8 * MB


def test_boundaries_do_not_repeat() -> None:
    kinds = {multipart(b"", filename="x", fields={}, progress=None)[1] for _ in range(10)}
    assert len(kinds) == 10
    assert all(re.fullmatch("multipart/form-data; boundary=[0-9a-f]{32}", kind) for kind in kinds)
