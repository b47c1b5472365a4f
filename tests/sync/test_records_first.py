"""Records of reference entities and assets, made before the products that name them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import EntityValue, RecordPatch
from akeneo_erp_bridge.codes import AttributeCode, LocaleCode, RecordCode
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.errors import MappingError, PreflightFailed
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    CODE,
    AssetMapping,
    MediaSource,
    RecordMapping,
    association,
    clean,
    decimal,
    fetched,
)
from akeneo_erp_bridge.rules import Binding, Cell
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import Behaviour, Fault, PimSimulator
from bench_erp import Rows, killed, run
from link_bench import API, Tool, by_sku, tool, tool_mapping, tools, with_links
from world import fill

PHOTOS = {"red.jpg": b"red", "blue.jpg": b"blue"}


class Brand(ErpItem):
    code = cold(str, "code", key=True)
    name = cold(str, "name")
    founded = cold(str, "founded")
    country = cold(str, "country")
    friends = cold(frozenset[str], "friends")
    logo = cold(str, "logo")


LABEL: Cell[str] = Cell("label", locale="en_US")
LOGO: Cell[MediaSource] = Cell("image")
CODED = (Brand.code >> clean()).to(CODE)
NAMED = (Brand.name >> clean()).to(LABEL)
FULL = (
    CODED,
    NAMED,
    (Brand.founded >> decimal("de_DE")).to(Cell("founded")),
    (Brand.country >> clean()).to(Cell[str]("country")),
    Brand.friends.to(Cell[frozenset[str]]("friends")),
    (Brand.logo >> fetched(PHOTOS.__getitem__)).to(LOGO),
)


def brands(*bindings: Binding[Brand]) -> RecordMapping[Brand]:
    return RecordMapping("brands", Brand, *(bindings or FULL))


def erp(*rows: dict[object, object]) -> Rows[Brand]:
    return Rows(Brand, *rows)


def row(code: str, **columns: object) -> dict[object, object]:
    plain = {"name": code.title(), "founded": "1921", "country": "de", "friends": [], "logo": "red.jpg"}
    return {"code": code, **plain, **columns}


def load(simulator: PimSimulator) -> PimSimulator:
    simulator.load(f"{API}/reference-entities", [{"code": "brands"}])
    simulator.load(
        f"{API}/reference-entities/brands/attributes",
        [
            {"code": "founded", "type": "number"},
            {"code": "country", "type": "single_option"},
            {"code": "friends", "type": "reference_entity_multiple_links", "reference_entity_code": "brands"},
        ],
    )
    simulator.load(f"{API}/reference-entities/brands/attributes/country/options", [{"code": "de"}, {"code": "it"}])
    simulator.load(f"{API}/asset-families", [{"code": "packshots"}])
    simulator.load(
        f"{API}/attributes",
        [
            {"code": "brand", "type": "akeneo_reference_entity", "group": "erp", "reference_data_name": "brands"},
            {
                "code": "shots",
                "type": "pim_catalog_asset_collection",
                "group": "erp",
                "reference_data_name": "packshots",
            },
        ],
    )
    return simulator


@pytest.fixture
def simulator() -> PimSimulator:
    return load(with_links(fill(PimSimulator())))


def file_of(pim: AkeneoClient, code: str | None) -> bytes:
    file = BytesIO()
    pim.reference_entity_media.download(code or "", file)
    return file.getvalue()


def test_records_arrive_with_their_files_and_a_second_run_makes_no_call(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    source = erp(row("kartell", founded="1.949"), row("forte", logo=None, country="it"))
    report = run(source, brands(), pim, state)
    assert (report.stream, report.created, report.parked) == ("records of brands", 2, 0), report
    found = pim.reference_entities.records("brands").get("kartell")
    assert found.text("label", locale="en_US") == "Kartell"
    assert (found.text("founded"), found.text("country")) == ("1949", "de")
    assert file_of(pim, found.text("image")) == b"red"

    simulator.forget_calls()
    assert run(source, brands(), pim, state).unchanged == 2
    source.rows[0] |= {"founded": "1949,0", "country": "DE"}
    assert run(source, brands(), pim, state).unchanged == 2
    assert simulator.mutating_calls == []

    source.rows[0] |= {"logo": "blue.jpg", "founded": None}
    report = run(source, brands(), pim, state)
    assert (report.updated, report.cells) == (1, 2)
    found = pim.reference_entities.records("brands").get("kartell")
    assert (file_of(pim, found.text("image")), found.text("founded")) == (b"blue", None)


def test_values_of_pim_users_stay(pim: AkeneoClient, state: SqliteState) -> None:
    records = pim.reference_entities.records("brands")
    for code in ("friend", "users"):
        records.upsert(RecordPatch(code=RecordCode(code)))
    source = erp(row("kartell", friends=["friend"]))
    run(source, brands(), pim, state)
    german = EntityValue(data="Kartell!", locale=LocaleCode("de_DE"))
    both = EntityValue(data=["users", "friend"])
    records.upsert(
        RecordPatch(
            code=RecordCode("kartell"), values={AttributeCode("label"): [german], AttributeCode("friends"): [both]}
        )
    )
    source.rows[0] |= {"name": "Kartell SpA", "friends": []}
    run(source, brands(), pim, state)
    found = records.get("kartell")
    assert (found.text("label", locale="de_DE"), found.text("label", locale="en_US")) == ("Kartell!", "Kartell SpA")
    assert [one.data for one in found.values[AttributeCode("friends")]] == [["users"]]


@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent"])
def test_after_a_stop_the_end_is_the_same(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, boundary: str
) -> None:
    source = erp(row("kartell"))
    killed(source, brands(), pim, state, at=boundary)
    simulator.forget_calls()
    run(source, brands(), pim, state)
    assert bool(simulator.mutating_calls) is (boundary == "state.intended")
    source.rows[0] |= {"logo": None, "country": None}
    killed(source, brands(), pim, state, at=boundary)
    run(source, brands(), pim, state)
    found = pim.reference_entities.records("brands").get("kartell")
    assert (found.text("image"), found.text("country")) == (None, None)


def test_a_file_that_is_refused_gives_up_the_cell(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    refusal = b'{"code": 422, "message": "No image."}'
    simulator.fail_next(Fault(method="POST", path="media-files", status=422, body=refusal, times=1))
    report = run(erp(row("kartell"), row("forte")), brands(), pim, state)
    assert (report.created, report.skipped, report.parked) == (2, 1, 0)
    assert "No image." in report.skipped_cells[0].detail


def test_what_does_not_fit_the_entity_is_found_before_anything_is_written(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    text: Cell[str] = Cell("none")
    nowhere: Cell[str] = Cell("label")
    mapping = brands(
        Brand.name.to(text),
        Brand.country.to(nowhere),
        Brand.friends.to(CATEGORIES),
        Brand.logo.map(_ones).to(association("UPSELL")),
    )
    simulator.forget_calls()
    with pytest.raises(PreflightFailed) as caught:
        run(erp(row("kartell")), mapping, pim, state)
    assert [one.code for one in caught.value.problems] == [
        "no_attribute", "locale_missing", "no_attribute", "no_field", "no_code",
    ]  # fmt: skip
    assert simulator.mutating_calls == []


def _ones(name: str) -> frozenset[str]:
    return frozenset({name})


def test_an_unknown_option_is_parked_with_the_pims_reason(pim: AkeneoClient, state: SqliteState) -> None:
    report = run(erp(row("kartell", country="xx"), row("forte")), brands(), pim, state)
    assert (report.created, report.parked) == (1, 1)
    assert "'xx'" in report.parked_items[0].detail or '"xx"' in report.parked_items[0].detail


def test_a_mapping_names_its_entity() -> None:
    with pytest.raises(MappingError, match="name the entity"):
        RecordMapping(" ", Brand, CODED)


def test_records_and_assets_first_then_the_products(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    class Shot(ErpItem):
        code = cold(str, "code", key=True)
        photo = cold(str, "photo")

    media: Cell[MediaSource] = Cell("media")
    shots = AssetMapping("packshots", Shot, Shot.code.to(CODE), (Shot.photo >> fetched(PHOTOS.__getitem__)).to(media))
    products = tool_mapping(Tool.photo.to(Cell[str]("brand")), Tool.upsell.to(Cell[frozenset[str]]("shots")))
    source = tools(tool("A", photo="Kartell", upsell=["front", "side"]))
    assert run(source, products, pim, state).parked == 1, "neither is there yet"

    run(erp(row("kartell")), brands(), pim, state)
    pictures = Rows(Shot, {"code": "front", "photo": "red.jpg"}, {"code": "side", "photo": "blue.jpg"})
    report = run(pictures, shots, pim, state)
    assert (report.stream, report.created) == ("assets of packshots", 2)
    assert run(source, products, pim, state, retry_parked=True).created == 1
    found = by_sku(pim)["A"].values
    assert (found.option("brand"), found.options("shots")) == ("kartell", ("front", "side"))
    simulator.forget_calls()
    run(pictures, shots, pim, state)
    run(source, products, pim, state)
    assert simulator.mutating_calls == []


def test_a_pim_before_version_7_is_asked_record_by_record(tmp_path: Path) -> None:
    simulator = load(with_links(fill(PimSimulator(behaviour=evolve(Behaviour.version_6(), has_enterprise=True)))))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(tmp_path / "state.db") as state,
    ):
        pim.reference_entities.records("brands").upsert(RecordPatch(code=RecordCode("forte")))
        report = run(erp(row("kartell"), row("forte")), brands(), pim, state)
        assert (report.created, report.updated) == (1, 1)
