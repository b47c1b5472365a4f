"""Pictures: uploaded when their content is new, by nobody else's name, and never in the way of an item."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.errors import ConfigurationError, Forbidden, PimBroken
from akeneo_erp_bridge.mapping import MediaSource, blob, fetched, file_in
from akeneo_erp_bridge.rules import Owner, Put
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import Behaviour, Fault, PimSimulator
from bench_erp import COLOUR, killed, run
from link_bench import NAMED, PICTURE, Tool, by_sku, made_by_hand, tool, tool_mapping, tools, with_links
from world import fill


@pytest.fixture
def simulator() -> PimSimulator:
    return with_links(fill(PimSimulator()))


class Shelf:
    """Photos by name; counts how often it is asked."""

    def __init__(self, **photos: bytes) -> None:
        self.photos = {f"{name}.jpg": content for name, content in photos.items()}
        self.asked: list[str] = []

    def fetch(self, name: str) -> bytes:
        self.asked.append(name)
        return self.photos[name]


def content(pim: AkeneoClient, number: str) -> bytes | None:
    """The picture of a product."""
    code = by_sku(pim)[number].values.text("picture")
    if code is None:
        return None
    file = BytesIO()
    pim.media_files.download(code, file)
    return file.getvalue()


def uploads(simulator: PimSimulator) -> int:
    """How many files were sent."""
    return sum(one.method == "POST" and one.path.endswith("media-files") for one in simulator.mutating_calls)


def by_hand(pim: AkeneoClient, number: str, photo: bytes) -> None:
    """A PIM user uploads a picture."""
    pim.media_files.upload(photo, attribute="picture", product=number, filename="by hand.jpg")


# ---- when it is sent ----
def test_a_picture_is_sent_once_and_again_when_its_content_changes(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    shelf = Shelf(a=b"red", b=b"blue", c=b"red")
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE), NAMED)
    erp = tools(tool("A", photo="a.jpg", name="one"), tool("B", photo="b.jpg", name="one"))
    report = run(erp, mapping, pim, state)
    assert (report.created, report.exit_code, report.skipped) == (2, 0, 0)
    assert (content(pim, "A"), content(pim, "B")) == (b"red", b"blue")

    simulator.forget_calls()
    shelf.asked.clear()
    assert run(erp, mapping, pim, state).unchanged == 2
    assert (simulator.mutating_calls, shelf.asked) == ([], []), "what did not change in the ERP is not fetched"

    erp.rows[0] |= {"photo": "c.jpg"}  # another file of the same content
    assert run(erp, mapping, pim, state).unchanged == 2
    assert simulator.mutating_calls == []

    erp.rows[0] |= {"name": "two"}
    run(erp, mapping, pim, state)
    assert uploads(simulator) == 0, "another cell changed"

    erp.rows[0] |= {"photo": "b.jpg"}
    report = run(erp, mapping, pim, state)
    assert (report.updated, report.cells, uploads(simulator)) == (1, 1, 1)
    assert content(pim, "A") == b"blue"


def test_a_picture_is_taken_away_when_it_is_ours(pim: AkeneoClient, state: SqliteState) -> None:
    shelf = Shelf(a=b"red")
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE))
    made_by_hand(pim, "U")
    by_hand(pim, "U", b"Julia's")
    erp = tools(tool("A", photo="a.jpg"), tool("U", photo=None))
    run(erp, mapping, pim, state)
    erp.rows[0] |= {"photo": ""}
    run(erp, mapping, pim, state)
    assert (content(pim, "A"), content(pim, "U")) == (None, b"Julia's")


def test_a_picture_that_is_in_the_pim_already_is_known_by_its_content(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    shelf = Shelf(a=b"red", b=b"blue")
    made_by_hand(pim, "A", "B")
    by_hand(pim, "A", b"red")
    by_hand(pim, "B", b"green")
    simulator.forget_calls()
    erp = tools(tool("A", photo="a.jpg"), tool("B", photo="b.jpg"))
    run(erp, tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE)), pim, state)
    assert uploads(simulator) == 1
    assert (content(pim, "A"), content(pim, "B")) == (b"red", b"blue")


def test_a_seed_picture_is_sown_once(pim: AkeneoClient, state: SqliteState) -> None:
    shelf = Shelf(a=b"red", b=b"blue")
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE, owner=Owner.SEED))
    erp = tools(tool("A", photo="a.jpg"))
    run(erp, mapping, pim, state)
    shelf.asked.clear()
    erp.rows[0] |= {"photo": "b.jpg"}
    run(erp, mapping, pim, state)
    assert (content(pim, "A"), shelf.asked) == (b"red", [])


def test_an_edit_of_a_pim_user_stays_until_the_erp_has_another(pim: AkeneoClient, state: SqliteState) -> None:
    shelf = Shelf(a=b"red", b=b"blue")
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE), NAMED)
    erp = tools(tool("A", photo="a.jpg", name="one"))
    run(erp, mapping, pim, state)
    by_hand(pim, "A", b"Julia's")
    erp.rows[0] |= {"name": "two"}
    run(erp, mapping, pim, state)
    assert content(pim, "A") == b"Julia's"
    erp.rows[0] |= {"photo": "b.jpg"}
    run(erp, mapping, pim, state)
    assert content(pim, "A") == b"blue"


# ---- what goes wrong stays in the cell ----
@pytest.mark.parametrize(
    ("name", "photo", "words"),
    [
        ("none.jpg", b"", "cannot be read: KeyError"),
        ("a.gif", b"x", "is none of jpg, png"),
        ("a.jpg", b"", "is empty"),
    ],
)
def test_a_file_that_cannot_be_sent_gives_up_the_cell_and_is_tried_again(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, name: str, photo: bytes, words: str
) -> None:
    shelf = Shelf()
    if name != "none.jpg":
        shelf.photos[name] = photo
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch, name=lambda one: one)).to(PICTURE), NAMED)
    erp = tools(tool("A", photo=name, name="one"))
    report = run(erp, mapping, pim, state)
    assert (report.created, report.parked, report.skipped) == (1, 0, 1)
    assert words in report.skipped_cells[0].detail
    assert by_sku(pim)["A"].values.text("name", locale="en_US") == "one"
    simulator.forget_calls()
    assert run(erp, mapping, pim, state).skipped == 1
    assert simulator.mutating_calls == []
    if name == "none.jpg":
        shelf.photos[name] = b"red"
        assert run(erp, mapping, pim, state).skipped == 0
        assert content(pim, "A") == b"red"


def test_a_file_that_is_too_large_gives_up_the_cell(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    attribute = {"code": "picture", "type": "pim_catalog_image", "group": "erp", "max_file_size": "0.01"}
    simulator.load("/api/rest/v1/attributes", [attribute])
    shelf = Shelf(a=b"x" * 11_000)
    report = run(
        tools(tool("A", photo="a.jpg")), tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE)), pim, state
    )
    assert "has 11000 bytes; 'picture' takes at most 0.01 megabytes" in report.skipped_cells[0].detail


def test_a_file_that_the_pim_refuses_is_told_by_each_run_and_sent_by_one(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    shelf = Shelf(a=b"red", b=b"blue")
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE), NAMED)
    erp = tools(tool("A", photo="a.jpg", name="one"), tool("B", photo="b.jpg", name="one"))
    refusal = b'{"code": 422, "message": "The file is not an image."}'
    simulator.fail_next(Fault(method="POST", path="media-files", status=422, body=refusal, times=1))
    report = run(erp, mapping, pim, state)
    assert (report.created, report.skipped, report.cells) == (2, 1, 5)
    assert "The file is not an image." in report.skipped_cells[0].detail
    assert (content(pim, "A"), content(pim, "B")) == (None, b"blue")
    simulator.forget_calls()
    again = run(erp, mapping, pim, state)
    assert (again.skipped, again.unchanged) == (1, 2)
    assert "The file is not an image." in again.skipped_cells[0].detail
    assert simulator.mutating_calls == []
    shelf.photos["a.jpg"] = b"a true image"
    assert run(erp, mapping, pim, state).skipped == 0
    assert content(pim, "A") == b"a true image"


FORBIDDEN = b'{"code": 403, "message": "You can neither view nor update this product."}'


def test_a_file_that_may_not_be_uploaded_keeps_nothing_behind_it_from_its_turn(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    shelf = Shelf(a=b"red", b=b"blue", c=b"green", d=b"black")
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE), NAMED)
    erp = tools(*(tool(one.upper(), photo=f"{one}.jpg", name=one) for one in "abcd"))
    for times in (1, 2):  # as long as the right is lacking
        simulator.fail_next(Fault(method="POST", path="media-files", status=403, body=FORBIDDEN, times=1))
        report = run(erp, mapping, pim, state)
        assert (report.read, report.parked, report.skipped) == (4, 0, 1), times
        assert "the PIM does not let us upload the file 'a.jpg'" in report.skipped_cells[0].detail
        assert "You can neither view nor update this product." in report.skipped_cells[0].detail
        assert [content(pim, one) for one in "ABCD"] == [None, b"blue", b"green", b"black"]
    report = run(erp, mapping, pim, state)
    assert (report.skipped, report.updated, content(pim, "A")) == (0, 1, b"red"), "the right was given"


def test_a_connection_that_may_upload_nothing_ends_the_run(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    names = [f"T{number}" for number in range(8)]
    shelf = Shelf(**{one: one.encode() for one in names})
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE), NAMED)
    erp = tools(*(tool(one, photo=f"{one}.jpg", name=one) for one in names))
    simulator.fail_next(Fault(method="POST", path="media-files", status=403, body=FORBIDDEN, times=99))
    simulator.forget_calls()
    with pytest.raises(Forbidden, match="You can neither view nor update"):
        run(erp, mapping, pim, state)
    assert list(state.parked("products")) == [], "no item is at fault"
    simulator._faults.clear()
    assert run(erp, mapping, pim, state).skipped == 0
    assert [content(pim, one) for one in names] == [one.encode() for one in names]


def test_a_file_that_changes_between_plan_and_upload_is_not_sent(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    answers = iter([b"one", b"two", b"two", b"two"])
    mapping = tool_mapping((Tool.photo >> fetched(lambda _: next(answers))).to(PICTURE))
    erp = tools(tool("A", photo="a.jpg"))
    report = run(erp, mapping, pim, state)
    assert "changed while the run went on" in report.skipped_cells[0].detail
    assert run(erp, mapping, pim, state).skipped == 0
    assert content(pim, "A") == b"two"


def test_an_outage_stops_the_run_and_the_next_one_finishes(simulator: PimSimulator, state: SqliteState) -> None:
    shelf = Shelf(a=b"red", b=b"blue")
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE))
    erp = tools(tool("A", photo="a.jpg"), tool("B", photo="b.jpg"))
    options = Options(retry=RetryPolicy(attempts=1, first_pause=timedelta(0)))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport(), options=options) as pim:
        simulator.fail_next(Fault(method="POST", path="media-files", status=500, times=1))
        with pytest.raises(PimBroken):
            run(erp, mapping, pim, state)
        report = run(erp, mapping, pim, state)
        assert (report.parked, report.skipped) == (0, 0)
        assert (content(pim, "A"), content(pim, "B")) == (b"red", b"blue")


# ---- after a stop ----
@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent"])
@pytest.mark.parametrize("wanted", ["b.jpg", None])
def test_the_end_is_the_same_as_without_the_stop(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, boundary: str, wanted: str | None
) -> None:
    """What the dying run made is ours: it is replaced, or taken away, and not sent twice."""
    shelf = Shelf(a=b"red", b=b"blue")
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE))
    erp = tools(tool("A", photo="a.jpg"))
    killed(erp, mapping, pim, state, at=boundary)
    simulator.forget_calls()
    if boundary == "pim.sent":
        run(erp, mapping, pim, state)
        assert uploads(simulator) == 0, "it is there, which its content tells"
        erp.rows[0] |= {"photo": "b.jpg"}
        killed(erp, mapping, pim, state, at=boundary)
    erp.rows[0] |= {"photo": wanted}
    run(erp, mapping, pim, state)
    assert content(pim, "A") == (b"blue" if wanted else None) if by_sku(pim) else wanted is None


def test_a_picture_made_by_a_dying_run_is_taken_away(pim: AkeneoClient, state: SqliteState) -> None:
    shelf = Shelf(a=b"red")
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE))
    erp = tools(tool("A", photo="a.jpg"))
    killed(erp, mapping, pim, state)
    erp.rows[0] |= {"photo": None}
    run(erp, mapping, pim, state)
    assert content(pim, "A") is None


def test_a_product_that_was_lost_gets_its_picture_back(pim: AkeneoClient, state: SqliteState) -> None:
    shelf = Shelf(a=b"red", b=b"blue")
    mapping = tool_mapping((Tool.photo >> fetched(shelf.fetch)).to(PICTURE), NAMED)
    erp = tools(tool("A", photo="a.jpg", name="one"))
    run(erp, mapping, pim, state)
    pim.products.delete(by_sku(pim)["A"].uuid or "")
    erp.rows[0] |= {"name": "two"}
    run(erp, mapping, pim, state)
    assert content(pim, "A") == b"red"


# ---- where files come from ----
def test_a_folder_gives_its_own_files_alone(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.jpg").write_bytes(b"red")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    rule = file_in(folder)
    outcome = rule.run("sub/a.jpg")
    assert isinstance(outcome, Put)
    assert (outcome.value.name, outcome.value.read()) == ("a.jpg", b"red")
    for name in ("../secret.jpg", str(tmp_path / "secret.jpg"), "link.jpg", "sub/../../secret.jpg"):
        assert getattr(rule.run(name), "code", None) == "wrong_place", name
    for name in ("none.jpg", "sub", "x" * 5000, "nul\0byte.jpg"):
        assert getattr(rule.run(name), "code", None) == "no_file", name


def test_a_reference_without_a_fetcher_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="needs a fetcher"):
        MediaSource("a.jpg", "https://example.com/a.jpg")


def test_a_pim_before_version_7_takes_pictures_too(tmp_path: Path) -> None:
    simulator = with_links(fill(PimSimulator(behaviour=Behaviour.version_6())))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(tmp_path / "state.db") as state,
    ):
        mapping = tool_mapping((Tool.photo.map(str.encode) >> blob("a.jpg")).to(PICTURE))
        erp = tools(tool("A", photo="red"))
        run(erp, mapping, pim, state)
        code = pim.products_by_identifier.get("A").values.text("picture")
        assert code is not None
        assert code.endswith("_a.jpg")
        simulator.forget_calls()
        run(erp, mapping, pim, state)
        assert simulator.mutating_calls == []


def test_an_item_that_the_pim_refuses_is_not_sent_again_for_its_missing_picture(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    """The ledger's fingerprint is left out to have the picture looked at again; the parked item keeps its own."""
    mapping = tool_mapping((Tool.photo >> fetched(Shelf().fetch)).to(PICTURE), Tool.colour.to(COLOUR))
    erp = tools(tool("A", photo="none.jpg", colour="no such"))
    assert run(erp, mapping, pim, state).parked == 1
    simulator.forget_calls()
    assert run(erp, mapping, pim, state).parked == 1
    assert simulator.mutating_calls == []
