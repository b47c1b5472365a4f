"""Calls that took effect and whose answer is lost, empty or partial; and errors that tell what is known. Real sockets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from akeneo.stub import FakeTime, client_of
from akeneo.wire import Asked, Reply, Wire, listed, said
from akeneo_erp_bridge.akeneo import AkeneoClient, RetryPolicy
from akeneo_erp_bridge.catalog import (
    CatalogPatch,
    FamilyPatch,
    MeasurementFamilyPatch,
    ProductPatch,
    UiExtensionPatch,
)
from akeneo_erp_bridge.codes import FamilyCode, MeasurementFamilyCode
from akeneo_erp_bridge.errors import (
    BridgeError,
    ConfigurationError,
    Forbidden,
    NotOffered,
    PimBroken,
    PimRefused,
    PimUnreachable,
    RateLimited,
    TooLarge,
    UnexpectedAnswer,
)

Act = Callable[[AkeneoClient], object]
LOST = Reply(204, cut="before")
UNKNOWN = said({"code": 404, "message": "it does not exist"}, 404)
NO_ROUTE = said({"code": 404, "message": "No route found for DELETE"}, 404)
DONE = Reply(204, kind="")
NAMELESS = FamilyPatch(code=FamilyCode("drills"))

# ---- deletions ----
DELETIONS: dict[str, Act] = {
    "families": lambda pim: pim.families.delete("x"),
    "catalogs": lambda pim: pim.catalogs.delete("x"),
    "mapping schema": lambda pim: pim.catalogs.delete_mapping_schema("x"),
    "UI extensions": lambda pim: pim.ui_extensions.delete("x"),
    "assets": lambda pim: pim.asset_families.assets("f").delete("x"),
}
deletions = pytest.mark.parametrize("delete", DELETIONS.values(), ids=list(DELETIONS))


@deletions
def test_a_deletion_whose_answer_is_lost_is_done(delete: Act) -> None:
    with Wire(LOST, UNKNOWN) as wire:
        assert delete(client_of(wire)) is False
    assert [asked.method for asked in wire.asked] == ["DELETE", "DELETE"]


@deletions
def test_a_deletion_tells_whether_the_thing_was_there(delete: Act) -> None:
    with Wire(DONE, UNKNOWN) as wire:
        assert (delete(client_of(wire)), delete(client_of(wire))) == (True, False)


@deletions
@pytest.mark.parametrize(
    ("answer", "error"),
    [(NO_ROUTE, NotOffered), (Reply(404, b"<h1>Shop</h1>", "text/html"), UnexpectedAnswer), (Reply(422), PimRefused)],
)
def test_a_deletion_that_is_refused_is_told(delete: Act, answer: Reply, error: type[BridgeError]) -> None:
    with Wire(answer) as wire, pytest.raises(error):
        delete(client_of(wire))


# ---- a write of one measurement family is a batch of one ----
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Reply(cut="before"), PimUnreachable),
        (Reply(503), PimBroken),
        (Reply(429), RateLimited),
        (said({"code": 403, "message": "You are not allowed."}, 403), Forbidden),
        (Reply(403, b"<h1>Blocked</h1>", "text/html"), Forbidden),
    ],
)
def test_a_measurement_family_that_was_not_judged_was_not_refused(answer: Reply, error: type[BridgeError]) -> None:
    patch = MeasurementFamilyPatch(code=MeasurementFamilyCode("x"))
    with Wire(otherwise=answer) as wire, pytest.raises(BridgeError) as caught:
        client_of(wire).measurement_families.upsert(patch)
    assert type(caught.value) is error


def test_a_measurement_family_that_was_judged_was() -> None:
    verdict = said([{"code": "x", "status_code": 422, "errors": [{"property": "units", "message": "No units."}]}])
    with Wire(verdict) as wire, pytest.raises(PimRefused, match="PATCH measurement family 'x': units: No units"):
        client_of(wire).measurement_families.upsert(MeasurementFamilyPatch(code=MeasurementFamilyCode("x")))


# ---- changes that name nothing ----
@pytest.mark.parametrize(
    "change",
    [
        lambda pim: pim.catalogs.update(CatalogPatch(name="x")),
        lambda pim: pim.ui_extensions.update(UiExtensionPatch(name="x")),
        lambda pim: pim.ui_extensions.update_with_file(UiExtensionPatch(name="x"), b"code", filename="x.js"),
        lambda pim: pim.products.upsert(ProductPatch(family=FamilyCode("drills"))),
        lambda pim: pim.products_by_identifier.upsert(ProductPatch(family=FamilyCode("drills"))),
    ],
)
def test_a_change_that_names_nothing_is_refused_before_anything_is_sent(change: Act) -> None:
    with Wire() as wire, pytest.raises(ConfigurationError, match=r"which one is to change\? Name it|names products by"):
        change(client_of(wire))
    assert wire.asked == []


# ---- answers without a body ----
EXTENSION = {"uuid": "u", "name": "stock"}
CHANGES: dict[str, tuple[Act, Reply]] = {
    "catalogs": (
        lambda pim: pim.catalogs.update(CatalogPatch(id="u", name="x")).name,
        said({"id": "u", "name": "stock"}),
    ),
    "UI extensions": (
        lambda pim: pim.ui_extensions.update(UiExtensionPatch(uuid="u", name="x")).name,
        said([{"uuid": "t"}, EXTENSION]),
    ),
    "files": (
        lambda pim: pim.ui_extensions.update_with_file(UiExtensionPatch(uuid="u"), b"x", filename="x.js").name,
        said([EXTENSION]),
    ),
}


@pytest.mark.parametrize(("change", "now"), CHANGES.values(), ids=list(CHANGES))
@pytest.mark.parametrize("status", [200, 204])
def test_a_change_answered_by_nothing_is_looked_up(change: Act, now: Reply, status: int) -> None:
    with Wire(Reply(status, kind=""), now) as wire:
        assert change(client_of(wire)) == "stock"
    assert [asked.method for asked in wire.asked][1:] == ["GET"]


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_job_that_starts_without_a_word_has_started(status: int) -> None:
    with Wire(Reply(status, kind="")) as wire:
        assert client_of(wire).jobs.start_export("x").execution_id is None
    assert len(wire.asked) == 1


def test_a_suggestion_without_a_word_is_made() -> None:
    with Wire(Reply(201, kind="")) as wire:
        assert client_of(wire).data_model.suggest_attribute({"code": "voltage"}) == {}


# ---- workflows ----
ONE, TWO = {"workflow": {"uuid": "w"}, "product": {"uuid": "a"}}, {"workflow": {"uuid": "w"}, "product": {"uuid": "b"}}


@pytest.mark.parametrize(
    "answer",
    [
        Reply(201, kind=""),
        said([{"uuid": "e1"}, {"uuid": "e2"}], 201),
        said({"code": 201}, 201),
        said({"errors": []}, 201),
    ],
    ids=["empty", "array", "object", "no errors"],
)
def test_executions_that_all_start(answer: Reply) -> None:
    with Wire(answer) as wire:
        started = client_of(wire).workflows.start([ONE, TWO])
    assert [(one.item, one.ok, one.error) for one in started] == [(ONE, True, None), (TWO, True, None)]


def test_executions_of_which_one_is_refused() -> None:
    answer = said({"code": 207, "processed": 1, "errors": [{"index": 1, "message": "No such product."}]}, 207)
    with Wire(answer) as wire:
        started = client_of(wire).workflows.start([ONE, TWO])
    assert [(one.item, one.ok, one.error) for one in started] == [(ONE, True, None), (TWO, False, "No such product.")]


@pytest.mark.parametrize("body", [{"code": 207}, {"errors": [{"index": 7, "message": "x"}]}, []])
def test_a_partial_start_that_does_not_tell_which_is_no_success(body: object) -> None:
    with Wire(said(body, 207)) as wire, pytest.raises(UnexpectedAnswer, match="does not tell which"):
        client_of(wire).workflows.start([ONE, TWO])


def test_more_executions_than_the_pim_takes_are_not_sent() -> None:
    with Wire() as wire:
        with pytest.raises(ConfigurationError, match="101 executions are too many for one call; start 100 at a time"):
            client_of(wire).workflows.start([ONE] * 101)
        assert client_of(wire).workflows.start([]) == ()
    assert wire.asked == []


# ---- words ----
def upload(pim: AkeneoClient) -> object:
    return pim.media_files.upload(b"GIF89a" * 1000, filename="x.gif", product="HM-500", attribute="picture")


def test_an_upload_too_large_is_told_with_its_size() -> None:
    def refuse(asked: Asked) -> Reply:
        sizes.append(len(asked.body))
        return Reply(413)

    sizes: list[int] = []
    with Wire(refuse) as wire, pytest.raises(TooLarge) as caught:
        upload(client_of(wire))
    assert sizes[0] > 6000
    assert f"{sizes[0]} bytes are too much for the PIM (413)" in str(caught.value)


@pytest.mark.parametrize("act", [upload, lambda pim: pim.families.create(NAMELESS)])
def test_a_creation_is_said_to_be_tried_once(act: Act) -> None:
    with Wire(Reply(503)) as wire, pytest.raises(PimBroken) as caught:
        act(client_of(wire))
    said_ = str(caught.value)
    assert "tries as well" not in said_
    assert said_.endswith("the PIM answers 503; it may be done all the same, so look before you send it again")


def test_what_is_tried_again_is_said_to_be() -> None:
    with (
        Wire(otherwise=Reply(429)) as wire,
        pytest.raises(RateLimited, match="429, too many requests, to the last of 3 tries as well"),
    ):
        client_of(wire, retry=RetryPolicy(attempts=3)).families.create(NAMELESS)
    with Wire(Reply(429)) as wire, pytest.raises(RateLimited, match="429, too many requests$"):
        client_of(wire, retry=RetryPolicy(attempts=1)).families.create(NAMELESS)


# ---- what a PIM can do ----
ROUTES = {"pim_api_family_list": {"route": "/api/rest/v1/families", "methods": ["GET"]}}
INDEX = said({"routes": ROUTES})
TELLING = said({"routes": {**ROUTES, "info": {"route": "/api/rest/v1/system-information", "methods": ["GET"]}}})
INFORMATION = said({"version": "7.0.1", "edition": "EE"})


@pytest.mark.parametrize(
    ("index", "answer", "error"),
    [
        (INDEX, Reply(429), RateLimited),
        (INDEX, Reply(503), PimBroken),
        (TELLING, Reply(200, b"<h1>Back at 10</h1>", "text/html"), UnexpectedAnswer),
    ],
)
def test_a_failure_that_passes_is_not_remembered(index: Reply, answer: Reply, error: type[BridgeError]) -> None:
    with Wire(index, answer, index, INFORMATION) as wire:
        pim = client_of(wire, retry=RetryPolicy(attempts=1), time=FakeTime())
        with pytest.raises(error):
            _ = pim.system.features()
        assert pim.system.features().version == "7.0.1"


@pytest.mark.parametrize(
    "answer", [UNKNOWN, said({"code": 403, "message": "no"}, 403), Reply(404, b"<h1>", "text/html")]
)
def test_a_pim_that_does_not_tell_its_version_has_none(answer: Reply) -> None:
    with Wire(INDEX, answer, listed()) as wire:
        features = client_of(wire).system.features()
    assert (features.version, features.offers("families.list")) == (None, True)
