"""`ODataAdapter` where services differ or fail: answers written after the documentation, over real HTTP.

Each group names the section that its answers are written after.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from akeneo.wire import Asked, Reply, Wire, said
from akeneo_erp_bridge.erp import (
    BasicAuth,
    BearerToken,
    Choice,
    ClientCredentials,
    Cursor,
    ErpItem,
    HeaderAuth,
    HttpAuth,
    ODataAdapter,
    ODataDialect,
    ODataService,
    ODataWriter,
    Page,
    business_central,
    cold,
    dynamics_365_finance,
    hot,
    s4hana,
)
from akeneo_erp_bridge.errors import ConfigurationError, CursorExpired, ErpConflict, ErpRefused, ErpUnreachable
from erp.odata_script import EDMX, ScriptedService, entities, item, options_of, wrong

FIELDS = frozenset({"number", "name"})


class Small(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name").nullable()


class Rich(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name").nullable()
    group = cold(str, "group.code").nullable()
    eans = cold(str, "codes[*].ean").many()


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    with ScriptedService() as one:
        yield one


def adapter(service: ScriptedService, **options: object) -> ODataAdapter[Small]:
    return ODataAdapter(service.service(), Small, entity_set="Items", **options)  # type: ignore[arg-type]  # of several types


def read(erp: ODataAdapter[Small], since: Cursor | None = None, limit: int = 100) -> list[Page[Small]]:
    return list(erp.read_items(since, fields=FIELDS, limit=limit))


def keys(pages: list[Page[Small]]) -> list[str]:
    return [one.key for page in pages for one in page.items]


# ---- delta links: OASIS "OData Protocol" 11.3 "Requesting Changes"; "OData JSON Format" 15 "Delta Payload" ----
def test_changes_and_deletions_of_4_01(service: ScriptedService) -> None:
    service.script += [
        entities(item("A"), item("B"), next="Items?$skiptoken=2"),
        entities(item("C"), delta="Items?$deltatoken=1"),
        entities(
            item("B", name="Changed"),
            {"@removed": {"reason": "deleted"}, "number": "C"},
            {"@removed": {"reason": "changed"}, "@id": "Items('A%2F''x')"},
            delta="Items?$deltatoken=2",
        ),
    ]
    erp = adapter(service, track_changes=True)
    first = read(erp)
    assert keys(first) == ["A", "B", "C"]
    assert first[-1].resume.kind == "token"
    delta = read(erp, first[-1].resume)
    assert [(one.key, one.name) for one in delta[0].items] == [("B", "Changed")]
    assert list(delta[0].tombstones) == ["C", "A/'x"]
    assert [one.target.partition("?")[2] for one in service.asked[1:]] == ["$skiptoken=2", "$deltatoken=1"]
    assert service.asked[0].headers["prefer"] == "odata.track-changes,odata.maxpagesize=100"
    assert service.wire.url not in delta[-1].resume.blob


def test_deletions_and_links_of_4_0_and_partial_entities_are_read_again(service: ScriptedService) -> None:
    service.script += [
        entities(delta="Items?$deltatoken=1"),
        entities(
            {"number": "PART"},
            {"@odata.context": "#Items/$deletedEntity", "id": "Items('GONE')", "reason": "deleted"},
            {
                "@odata.context": "#Items/$link",
                "source": "Items('NEW GROUP')",
                "relationship": "group",
                "target": "Groups('g')",
            },
            {
                "@odata.context": "#Items/$deletedLink",
                "source": "Items('NO GROUP')",
                "relationship": "group",
                "target": "x",
            },
            delta="Items?$deltatoken=2",
        ),
        entities(item("PART"), item("NEW GROUP"), item("NO GROUP")),
    ]
    erp = adapter(service, track_changes=True)
    delta = read(erp, read(erp)[-1].resume)
    assert keys(delta) == ["PART", "NEW GROUP", "NO GROUP"]
    assert [one.name for one in delta[0].items] == ["Name of PART", "Name of NEW GROUP", "Name of NO GROUP"]
    assert list(delta[0].tombstones) == ["GONE"]
    assert service.queries()[-1]["$filter"] == "number eq 'PART' or number eq 'NEW GROUP' or number eq 'NO GROUP'"


def test_what_is_expanded_is_read_whole_after_a_delta(service: ScriptedService) -> None:
    service.script += [
        entities(delta="Items?$deltatoken=1"),
        entities(item("A", **{"codes@delta": [{"ean": "2"}]}), delta="Items?$deltatoken=2"),
        entities(item("A", group=None, codes=[{"ean": "1"}, {"ean": "2"}])),
    ]
    erp = ODataAdapter(service.service(), Rich, entity_set="Items", track_changes=True)
    fields = frozenset({"name", "group.code", "codes[*].ean"})
    first = list(erp.read_items(None, fields=fields, limit=10))
    (page,) = erp.read_items(first[-1].resume, fields=fields, limit=10)
    assert [(one.eans, one.group) for one in page.items] == [(("1", "2"), None)]
    assert service.queries()[0]["$expand"] == "codes($select=ean),group($select=code)"


def test_the_last_word_on_an_entity_counts(service: ScriptedService) -> None:
    service.script += [
        entities(delta="Items?1"),
        entities(
            item("A", name="old"), item("A", name="new"), item("B"), {"@removed": {}, "number": "B"},
            {"@removed": {}, "number": "C"}, item("C"), delta="Items?2",
        ),
    ]  # fmt: skip
    erp = adapter(service, track_changes=True)
    (page,) = read(erp, read(erp)[-1].resume)
    assert [(one.key, one.name) for one in page.items] == [("A", "new"), ("C", "Name of C")]
    assert list(page.tombstones) == ["B"]


def test_a_number_in_an_address_is_the_number_in_an_entity(service: ScriptedService) -> None:
    class Counted(ErpItem):
        count = cold(str, "count", key=True)

    service.edmx = EDMX.replace(
        '<PropertyRef Name="number"/></Key>\n    <Property Name="number"',
        '<PropertyRef Name="count"/></Key>\n    <Property Name="number"',
    )
    service.script += [
        entities(delta="Items?1"),
        entities({"count": 7}, {"@removed": {}, "@id": "Items(7)"}, delta="Items?2"),
    ]
    erp = ODataAdapter(service.service(), Counted, entity_set="Items", track_changes=True)
    fields = frozenset({"count"})
    first = list(erp.read_items(None, fields=fields, limit=5))
    (page,) = erp.read_items(first[-1].resume, fields=fields, limit=5)
    assert (list(page.items), list(page.tombstones)) == ([], ["7"])


def test_a_large_delta_page_is_cut_and_comes_again_as_a_whole_after_a_stop(service: ScriptedService) -> None:
    big = entities(*(item(one) for one in "ABCDE"), {"@removed": {}, "number": "Z"}, delta="Items?2")
    service.script += [entities(delta="Items?1"), big, big]
    erp = adapter(service, track_changes=True)
    start = read(erp)[-1].resume
    pages = read(erp, start, limit=2)
    assert [[one.key for one in page.items] for page in pages] == [["A", "B"], ["C", "D"], ["E"]]
    assert [list(page.tombstones) for page in pages] == [[], [], ["Z"]], "not before all of the page is settled"
    again = read(erp, pages[1].resume, limit=2)
    assert keys(again) == list("ABCDE")
    assert service.asked[-1].target.endswith("?1"), "the link of the page itself"


def test_a_link_that_is_too_old_means_to_read_all_again(service: ScriptedService) -> None:
    # "OData Protocol" 11.3: 410 Gone, with a Location for the new baseline
    gone = wrong(410, "DeltaLinkExpired", "The delta link is no longer valid")
    service.script += [entities(item("A"), delta="Items?1"), gone]
    erp = adapter(service, track_changes=True)
    since = read(erp)[-1].resume
    with pytest.raises(CursorExpired, match="The delta link is no longer valid"):
        read(erp, since)
    for cursor in (
        Cursor("timestamp", since.blob, since.schema_hash),
        Cursor("token", "{", since.schema_hash),
        Cursor("token", '{"acme": "2001-01-01"}', since.schema_hash),
    ):
        with pytest.raises(CursorExpired, match="other fields or another adapter"):
            read(erp, cursor)
    with pytest.raises(CursorExpired):
        list(erp.read_items(since, fields=frozenset({"text"}), limit=5))


def test_a_place_that_another_system_wrote_is_no_beginning(service: ScriptedService) -> None:
    service.script += [entities(item("A"), item("B")), entities(item("C"))]
    erp = adapter(service)
    since = read(erp, limit=2)[0].resume
    assert json.loads(since.blob).keys() == {"after"}
    for blob in ('{"acme": "2001-01-01"}', '{"link": "Items?1"}', '{"after": null}'):
        with pytest.raises(CursorExpired, match="other fields or another adapter"):
            read(erp, Cursor(since.kind, blob, since.schema_hash))


def test_a_deletion_without_a_key_means_to_read_all_again(service: ScriptedService) -> None:
    service.script += [entities(delta="Items?1"), entities({"@removed": {}, "@id": "opaque(7"}, delta="Items?2")]
    erp = adapter(service, track_changes=True)
    since = read(erp)[-1].resume
    with pytest.raises(CursorExpired, match="in which is no key"):
        read(erp, since)


def test_a_delta_must_name_what_is_gone_by_the_item_s_key(service: ScriptedService) -> None:
    class ByName(ErpItem):
        name = cold(str, "name", key=True)

    with pytest.raises(ErpRefused, match=r"names what is gone by number, and the key of ByName is 'name'"):
        list(
            ODataAdapter(service.service(), ByName, entity_set="Items", track_changes=True).read_items(
                None, fields=FIELDS, limit=5
            )
        )
    service.script += [entities({"@removed": {}, "number": "A"}, item("B"), delta="Items?1")]
    erp = ODataAdapter(service.service(), ByName, entity_set="Items", track_changes=True, tells_deletions=False)
    (page,) = erp.read_items(None, fields=FIELDS, limit=5)
    assert ([one.key for one in page.items], list(page.tombstones)) == (["Name of B"], [])
    with pytest.raises(ConfigurationError, match="choose one"):
        ODataAdapter(service.service(), Small, entity_set="Items", track_changes=True, changed_at="changed")


# ---- server-driven paging: "OData Protocol" 11.2.6.7; "OData JSON Format" 4.6.5 ----
@pytest.mark.parametrize(
    "link", ["http://127.0.0.1:1/odata/Items?2", "//evil.example/odata", "https://{here}/odata/Items"]
)
def test_a_link_to_another_host_is_not_followed(service: ScriptedService, link: str) -> None:
    link = link.replace("{here}", service.wire.url.removeprefix("http://"))
    service.script += [entities(item("A"), next=link)]
    erp = ODataAdapter(service.service(auth=BasicAuth("u", "pw")), Small, entity_set="Items", track_changes=True)
    with pytest.raises(ErpRefused, match="the credentials stay with their host"):
        read(erp)
    assert len(service.asked) == 1


def test_the_credentials_stay_where_they_belong(service: ScriptedService) -> None:
    with Wire(otherwise=said({"value": []})) as elsewhere:
        for answer in (
            entities(next=f"{elsewhere.url}/odata/Items"),
            Reply(302, headers={"Location": f"{elsewhere.url}/login"}),
            Reply(307, headers={"Location": f"{elsewhere.url}/odata/Items"}),
        ):
            service.script = type(service.script)([answer])
            erp = ODataAdapter(service.service(auth=BearerToken("t0p")), Small, entity_set="Items", track_changes=True)
            with pytest.raises(ErpRefused) as caught:
                read(erp)
            assert "t0p" not in str(caught.value)
        assert elsewhere.asked == []


def test_links_are_relative_to_the_context(service: ScriptedService) -> None:
    deep = {
        "@odata.context": "../$metadata#Items",
        "value": [item("A")],
        "@odata.nextLink": "shops('1')/Items?$skiptoken=1",
    }
    service.script += [said(deep), entities(item("B"), delta="x")]
    shop = service.service(below="shops('1')")
    erp = ODataAdapter(shop, Small, entity_set="Items", track_changes=True)
    assert keys(read(erp)) == ["A", "B"]
    assert service.paths() == ["/odata/shops('1')/Items"] * 2


def test_expanded_lists_that_come_in_pages_are_completed(service: ScriptedService) -> None:
    # "OData JSON Format" 8.5: codes@odata.nextLink
    service.script += [
        entities(item("A", codes=[{"ean": "1"}], **{"codes@odata.nextLink": "Items('A')/codes?$skiptoken=1"})),
        said({"value": [{"ean": "2"}], "@odata.nextLink": "Items('A')/codes?$skiptoken=2"}),
        said({"value": [{"ean": "3"}]}),
    ]
    service.script[1] = said({"@odata.context": "../$metadata#Codes", "value": [{"ean": "2"}],
                              "@odata.nextLink": "Items('A')/codes?$skiptoken=2"})  # fmt: skip
    erp = ODataAdapter(service.service(), Rich, entity_set="Items")
    page = next(iter(erp.read_items(None, fields=frozenset({"codes[*].ean"}), limit=5)))
    assert page.items[0].eans == ("1", "2", "3")
    assert service.paths()[1:] == ["/odata/Items('A')/codes"] * 2


# ---- ties, and pages that are smaller than asked ----
class Table:
    """A service over some rows, that sorts and compares, and gives at most `most` at once, with a link or without."""

    def __init__(self, rows: list[dict[str, object]], *, most: int, links: bool) -> None:
        self.rows, self.most, self.links = rows, most, links
        self.largest = 0

    def __call__(self, asked: Asked) -> Reply:
        query = options_of(asked)
        name = query["$orderby"].partition(",")[0]
        rows = sorted(self.rows, key=lambda one: (str(one[name]), str(one["number"])))
        if "$filter" in query:
            _, operator, bound = query["$filter"].split(" ", 2)
            bound = bound.strip("'")
            rows = [one for one in rows if (str(one[name]) >= bound if operator == "ge" else str(one[name]) > bound)]
        top = int(query["$top"])
        self.largest = max(self.largest, top)
        skip = int(query.get("$skiptoken", "0"))
        size = min(top - skip, self.most) if self.links else top
        part = rows[skip : skip + size]
        more = self.links and skip + size < min(top, len(rows))
        target = asked.target.partition("&$skiptoken")[0]
        return entities(*part, **({"next": f"{target}&$skiptoken={skip + size}"} if more else {}))


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_equal_stamps_that_fill_pages_are_all_read(service: ScriptedService, limit: int, links: bool) -> None:
    stamps = ["2026-01-01T00:00:00Z"] * 2 + ["2026-01-02T00:00:00.1234567Z"] * 25 + ["2026-01-03T00:00:00Z"] * 2
    rows = [item(f"{place:03}", changed=stamp) for place, stamp in enumerate(stamps)]
    service.otherwise = Table(rows, most=4, links=links)
    pages = read(adapter(service, changed_at="changed", overlap=timedelta(0)), limit=limit)
    assert sorted(keys(pages)) == [one["number"] for one in rows]


def test_what_is_changed_between_two_pages_comes_again(service: ScriptedService) -> None:
    service.script += [
        entities(item("A", changed="2026-01-01T00:00:00Z"), item("B", changed="2026-01-02T00:00:00Z")),
        entities(item("A", name="new", changed="2026-01-03T00:00:00Z")),
    ]
    pages = read(adapter(service, changed_at="changed"), limit=2)
    assert [(one.key, one.name) for page in pages for one in page.items][2:] == [("A", "new")]


def test_a_null_stamp_is_named(service: ScriptedService) -> None:
    service.script += [entities(item("A", changed=None))]
    with pytest.raises(ErpRefused, match=r"Items\(A\): changed holds null, which is no moment with a zone"):
        read(adapter(service, changed_at="changed"))


def test_the_bound_of_a_delta_is_the_greatest_stamp_less_the_overlap(service: ScriptedService) -> None:
    service.script += [entities(item("A", changed="2026-01-02T03:04:05.678+01:00")), entities()]
    erp = adapter(service, changed_at="changed", overlap=timedelta(minutes=5), where="state eq 'New'")
    read(erp, read(erp)[-1].resume)
    assert service.queries()[0]["$filter"] == "state eq 'New'"
    assert service.queries()[1]["$filter"] == "(state eq 'New') and (changed ge 2026-01-02T01:59:05.678000Z)"
    assert service.queries()[1]["$orderby"] == "changed,number"


def test_keys_are_compared_by_the_service_as_it_likes(service: ScriptedService) -> None:
    """In a database that minds no case, a and A are equal, and may come in any order."""
    rows = [item(one) for one in ("a", "A", "b", "B", "c")]

    def answer(asked: Asked) -> Reply:
        query = options_of(asked)
        bound = query["$filter"].split("'")[1].lower() if "$filter" in query else ""
        return entities(*[one for one in rows if str(one["number"]).lower() >= bound][: int(query["$top"])])

    class ByText(ErpItem):
        number = cold(str, "number", key=True)

    service.otherwise = answer
    erp = ODataAdapter(service.service(), ByText, entity_set="Items")
    found = [one.key for page in erp.read_items(None, fields=FIELDS, limit=1) for one in page.items]
    assert found == ["a", "A", "b", "B", "c"]


# ---- trouble on the way: RFC 9110, 10.2.3 Retry-After ----
def test_a_busy_service_is_waited_for(service: ScriptedService) -> None:
    service.script += [
        Reply(429, headers={"Retry-After": "7"}),
        Reply(503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        Reply(200, entities(item("A")).body, cut="inside"),
        entities(item("A")),
    ]
    assert keys(read(adapter(service))) == ["A"]
    assert service.slept == [7.0, 0.0, 5.0]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_patience_ends(service: ScriptedService, status: int) -> None:
    service.otherwise = Reply(status)
    with pytest.raises(ErpUnreachable, match=rf"HTTP {status}, tried 4 times"):
        read(adapter(service))
    assert len(service.asked) == 4


def test_an_hour_is_too_long_to_wait(service: ScriptedService) -> None:
    service.otherwise = Reply(429, headers={"Retry-After": "3600"})
    with pytest.raises(ErpUnreachable, match="HTTP 429, tried 1 time"):
        read(adapter(service))
    assert service.slept == []


def test_resets_before_the_answer_are_tried_again(service: ScriptedService) -> None:
    service.wire.is_rude = True
    service.script += [Reply(cut="before"), entities(item("A"))]
    assert keys(read(adapter(service))) == ["A"]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            wrong(400, "BadRequest", "Wrong", target="$filter", details=[{"code": "1", "target": "name", "message": "Long"}]),
            ErpRefused,
            r"HTTP 400: BadRequest: Wrong \[\$filter\] \(name: Long\)",
        ),
        (said({"error": {"code": "X/1", "message": {"lang": "en", "value": "Old form"}}}, 400), ErpRefused, "X/1: Old form"),
        (wrong(401, "Unauthorized", "No"), ErpRefused, "check the user, the password or the token"),
        (wrong(403, "Forbidden", "No right to Items"), ErpRefused, "No right to Items; give the user that right"),
        (wrong(404, "NotFound", "No"), ErpRefused, "check the address"),
        (wrong(500, "Internal", "Oops"), ErpUnreachable, "Oops; try again later"),
        (said({"value": [], "error": {"code": "", "message": "Broke off"}}), ErpRefused, "Broke off"),
        (said([1]), ErpRefused, "something else than an object"),
        (said({"values": []}), ErpRefused, "without entities"),
        (Reply(200, b"<html>Log on</html>", "text/html"), ErpRefused, "with text/html instead of JSON"),
        (Reply(200, b'{"value": [' + b"[" * 100_000, "application/json"), ErpRefused, "instead of JSON"),
    ],
)  # fmt: skip
def test_refusals_in_words(service: ScriptedService, answer: Reply, error: type[Exception], words: str) -> None:
    service.script += [answer]
    with pytest.raises(error, match=words):
        read(adapter(service))


# ---- values: "OData JSON Format" 7.1 "Primitive Value"; "OData Protocol" on IEEE754Compatible ----
def test_values_as_numbers_and_as_texts(service: ScriptedService) -> None:
    class Typed(ErpItem):
        number = cold(str, "number", key=True)
        price = hot(Decimal, "price")
        count = cold(int, "count")
        launched = cold(date, "launched")
        changed = cold(datetime, "changed")
        width = cold(Decimal, "size.width")
        tags = cold(frozenset[str], "tags")

    more: dict[str, object] = {"launched": "2026-02-03", "size": {"width": 0.1}, "tags": ["x", "y"]}
    service.script += [
        entities(
            item("A", price="12345678901234567.89", count="9007199254740993", changed="2026-01-01T00:00:00.1234567+02:00", **more),
            item("B", price=0.10, count=7, changed="2026-01-01T00:00:00Z", **more),
            item("C", price="much", count="7.5", changed="yesterday", launched="0000-00-00"),
        )
    ]  # fmt: skip
    erp = ODataAdapter(service.service(), Typed, entity_set="Items")
    fields = frozenset(spec.path for spec in Typed.specs.values())
    page = next(iter(erp.read_items(None, fields=fields, limit=5)))
    a, b, c = page.items
    assert (a.price, a.count, b.price, b.count) == (
        Decimal("12345678901234567.89"),
        9007199254740993,
        Decimal("0.1"),
        7,
    )
    assert a.changed == datetime(2025, 12, 31, 22, 0, 0, 123456, tzinfo=UTC)
    assert (a.launched, a.width, a.tags) == (date(2026, 2, 3), Decimal("0.1"), frozenset({"x", "y"}))
    assert c.row["price"] == "much", "the field that reads it says what is wrong, and the others go on"
    assert "IEEE754Compatible=true" in service.asked[0].headers["accept"]
    assert service.queries()[0]["$select"] == "changed,count,launched,number,price,size,tags"


def test_a_choice_by_what_cannot_be_filtered_reads_all(service: ScriptedService) -> None:
    # "OData Vocabularies" Capabilities.FilterRestrictions, NonFilterableProperties
    service.script += [entities(item("A"), item("B"))]
    erp = adapter(service)
    pages = list(erp.read_some(Choice("name", ("Name of A",)), fields=FIELDS, limit=5))
    assert keys(pages) == ["A", "B"]
    assert "$filter" not in service.queries()[0]


# ---- $metadata: OASIS "CSDL XML Representation" and "CSDL JSON Representation" ----
def test_types_inherit_and_annotations_count(service: ScriptedService) -> None:
    fields = {one.name: one for one in adapter(service).describe().fields}
    assert fields["changed"].kind == "Edm.DateTimeOffset", "of the base type"
    assert (fields["number"].max_length, fields["text"].max_length) == (20, None)
    assert {name for name, one in fields.items() if one.kind.startswith("Edm") and not one.writable} == {
        "made",
        "origin",
    }
    assert (fields["tags"].kind, fields["state"].kind) == ("Collection(Edm.String)", "Shop.Model.State")
    groups = ODataAdapter(service.service(), Small, entity_set="Groups").describe().fields
    assert [one.writable for one in groups if one.name == "code"] == [False]


CSDL = {
    "$Version": "4.01",
    "$EntityContainer": "M.C",
    "M": {
        "$Alias": "Self",
        "Item": {
            "$Kind": "EntityType",
            "$Key": ["number"],
            "number": {"$MaxLength": 20},
            "name": {"$Nullable": True},
            "price": {"$Type": "Edm.Decimal", "@Org.OData.Core.V1.Computed": True},
            "group": {"$Kind": "NavigationProperty", "$Type": "Self.Item", "$Nullable": True},
        },
        "C": {"$Kind": "EntityContainer", "Items": {"$Collection": True, "$Type": "Self.Item"}},
        "$Annotations": {"Self.Item/name": {"@Core.Immutable": True}},
    },
}


def test_metadata_in_json() -> None:
    with ScriptedService(edmx=json.dumps(CSDL)) as service:
        fields = {one.name: one for one in adapter(service).describe().fields}
    assert (fields["number"].kind, fields["number"].max_length, fields["number"].writable) == ("Edm.String", 20, True)
    assert (fields["price"].writable, fields["name"].writable) == (False, False)
    assert fields["group"].kind == "M.Item"


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    '<Edmx Version="4.0">&c;</Edmx>'
)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (BOMB, "has a DOCTYPE"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><Edmx/>', "has a DOCTYPE"),
        ('<!DOCTYPE Edmx [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]><Edmx/>', "has a DOCTYPE"),
        ("<a>" * 100_000, "nested more than 60 deep"),
        ("<Edmx", "is no XML"),
        ("", "is no XML"),
        ("<html><body>Log on</body></html>", "no EDMX document"),
        (EDMX.replace('Version="4.0"', 'Version="1.0"'), "speaks OData 1.0"),
        ('{"$Version": "3.0"}', "says version '3.0'"),
        ('{"$Version": "4.0", "M": {"$Annotations": 5}}', "is no JSON object"),
    ],
)
def test_metadata_that_is_none_or_is_an_attack(document: str, words: str) -> None:
    with ScriptedService(edmx=document) as service, pytest.raises(ErpRefused, match=words):
        adapter(service).describe()


# ---- $batch: "OData Protocol" 11.7; "OData JSON Format" 19 ----
def test_a_batch_in_json_with_answers_out_of_order_and_some_missing(service: ScriptedService) -> None:
    def answer(asked: Asked) -> Reply:
        requests = json.loads(asked.body)["requests"]
        assert [one["method"] for one in requests] == ["GET"] * 3
        bodies = {"id": "2", "status": 200, "body": {"value": [item("100")]}}
        return said({"responses": [bodies, {"id": "0", "status": 429}, {"id": "99", "status": 200}]})

    service.script += [answer, entities(item("000")), entities(item("050"))]
    erp = ODataAdapter(service.service(dialect=ODataDialect(batch="json")), Small, entity_set="Items")
    wanted = [f"{place:03}" for place in range(101)]
    found = keys(list(erp.read_hot(None, keys=wanted)))
    assert found == ["000", "050", "100"]
    assert [one.method for one in service.asked] == ["POST", "GET", "GET"]


def test_a_refusal_inside_of_a_batch_is_one(service: ScriptedService) -> None:
    part = {"status": 403, "body": {"error": {"code": "E", "message": "No right"}}}
    service.script += [said({"responses": [{"id": "0", **part}, {"id": "1", **part}]}), said({"value": []})]
    erp = ODataAdapter(service.service(dialect=ODataDialect(batch="json")), Small, entity_set="Items")
    with pytest.raises(ErpRefused, match="403: E: No right"):
        list(erp.read_hot(None, keys=[str(one) for one in range(60)]))
    with pytest.raises(ErpRefused, match="without responses"):
        list(erp.read_hot(None, keys=[str(one) for one in range(60)]))


# ---- SAP: "Cross-Site Request Forgery Protection", "Batch Processing" of SAP Gateway Foundation ----
def sap_batch(*parts: tuple[int, object]) -> Reply:
    blocks = [
        f"--B0\r\nContent-Type: application/http\r\nContent-Length: 99\r\ncontent-transfer-encoding: binary\r\n\r\n"
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json;charset=utf-8\r\n\r\n{json.dumps(body, ensure_ascii=False)}\r\n"
        for status, body in parts
    ]
    return Reply(202, ("".join(blocks) + "--B0--\r\n").encode(), "multipart/mixed; boundary=B0")


def test_s4hana_batches_with_a_token_and_its_cookies(service: ScriptedService) -> None:
    token = Reply(200, b"{}", headers={"x-csrf-token": "T1", "Set-Cookie": "SAP_SESSIONID_S4=abc; path=/"})
    renewed = Reply(200, b"{}", headers={"x-csrf-token": "T2", "Set-Cookie": "SAP_SESSIONID_S4=def; path=/"})
    service.script += [
        token,
        Reply(403, b"CSRF token validation failed", "text/plain", {"x-csrf-token": "Required"}),
        renewed,
        sap_batch((200, {"value": [item("Größe")]}), (200, {"value": [item("B")]})),
    ]
    own = s4hana(service.url, auth=BasicAuth("BRIDGE", "secret"), client="100", language="de")
    service.services.append(own)
    erp = ODataAdapter(own, Small, entity_set="Items")
    found = keys(list(erp.read_hot(None, keys=["Größe", "B", *(str(one) for one in range(60))])))
    assert found == ["Größe", "B"]
    fetch, first, _, second = service.asked
    assert fetch.headers["x-csrf-token"] == "fetch"
    assert (first.headers["x-csrf-token"], second.headers["x-csrf-token"]) == ("T1", "T2")
    assert (first.headers["cookie"], second.headers["cookie"]) == ("SAP_SESSIONID_S4=abc", "SAP_SESSIONID_S4=def")
    assert b"GET Items?$select=name,number&$filter=" in second.body
    assert all("sap-client=100" in one.target for one in service.asked)
    assert second.headers["accept-language"] == "de"


def test_a_token_that_never_works_is_a_refusal(service: ScriptedService) -> None:
    service.otherwise = Reply(403, headers={"x-csrf-token": "Required"})
    erp = ODataWriter(
        service.service(dialect=ODataDialect(csrf=True)), Small, entity_set="Items", idempotency_field="outsideKey"
    )
    service.script += [entities(item("A", outsideKey="k"))]
    with pytest.raises(ErpRefused, match="HTTP 403"):
        erp.write_item(Small({"name": "x"}), idempotency_key="k", if_version=None)
    assert [one.method for one in service.asked] == ["GET", "GET", "PATCH", "GET", "PATCH"]


# ---- writing: "OData Protocol" 11.4.2, 11.4.3, 8.2.4 ----
def writer(service: ScriptedService) -> ODataWriter[Small]:
    return ODataWriter(service.service(), Small, entity_set="Items", idempotency_field="outsideKey")


def test_a_lost_answer_to_a_new_item_is_found_out_and_not_repeated(service: ScriptedService) -> None:
    service.wire.is_rude = True
    made = entities({**item("A", outsideKey="k"), "@odata.etag": 'W/"1"'})
    service.script += [entities(), Reply(201, cut="before"), made]
    result = writer(service).write_item(Small({"number": "A"}), idempotency_key="k", if_version=None)
    assert (result.created, result.ref.key, result.ref.version) == (True, "A", 'W/"1"')
    assert [one.method for one in service.asked] == ["GET", "POST", "GET"]
    assert json.loads(service.asked[1].body) == {"number": "A", "outsideKey": "k"}


def test_a_lost_answer_to_an_item_that_was_not_made_says_so(service: ScriptedService) -> None:
    service.script += [entities(), Reply(503), entities()]
    with pytest.raises(ErpUnreachable, match="HTTP 503, tried 1 time"):
        writer(service).write_item(Small({"number": "A"}), idempotency_key="k", if_version=None)


def test_an_update_carries_the_version_that_was_found_and_says_what_it_became(service: ScriptedService) -> None:
    found = entities({**item("A/1'", outsideKey="k"), "@odata.etag": 'W/"1"'})
    service.script += [
        found,
        Reply(204, headers={"ETag": 'W/"2"'}),
        found,
        Reply(412),
        entities(item("X", outsideKey="K")),
    ]
    erp = writer(service)
    result = erp.write_item(Small({"number": "A/1'", "name": "New"}), idempotency_key="k", if_version=None)
    assert (result.created, result.ref.version) == (False, 'W/"2"')
    assert service.asked[1].path.endswith("/Items('A%2F1''')")
    assert service.asked[1].headers["if-match"] == 'W/"1"'
    assert json.loads(service.asked[1].body) == {"name": "New"}, "a key is not written again"
    with pytest.raises(ErpConflict, match="412"):
        erp.write_item(Small({"name": "New"}), idempotency_key="k", if_version='W/"0"')
    assert service.asked[3].headers["if-match"] == 'W/"0"'
    assert erp.find_by_key("k") is None, "a service that minds no case found another"


def test_amounts_are_written_as_texts_and_announced(service: ScriptedService) -> None:
    class Draft(ErpItem):
        number = cold(str, "number", key=True)

    row = {
        "number": "A", "price": Decimal("1E+2"), "count": 9007199254740993, "launched": date(2026, 1, 2),
        "size": {"width": 3}, "tags": ["x"], "text": None, "origin": "ES",
    }  # fmt: skip
    service.script += [entities(), said(item("A"), 201)]
    erp = ODataWriter(service.service(), Draft, entity_set="Items", idempotency_field="outsideKey")
    erp.write_item(Draft(row), idempotency_key="k", if_version=None)
    assert json.loads(service.asked[1].body) == {
        "number": "A", "price": "100", "count": "9007199254740993", "launched": "2026-01-02", "size": {"width": 3},
        "tags": ["x"], "text": None, "origin": "ES", "outsideKey": "k",
    }  # fmt: skip
    assert service.asked[1].headers["content-type"] == "application/json;IEEE754Compatible=true"


# ---- signing in: RFC 6749, 4.4; "The OAuth 2.0 client credentials flow on the Microsoft identity platform" ----
def test_a_token_is_fetched_once_for_all_threads_and_renewed_once(service: ScriptedService) -> None:
    numbers = count(1)
    valid = {"T1"}

    def answer(asked: Asked) -> Reply:
        good = asked.headers["authorization"].removeprefix("Bearer ") in valid
        return entities(item("A")) if good else wrong(401, "Authentication_InvalidCredentials", "expired")

    with Wire(otherwise=lambda _: said({"access_token": f"T{next(numbers)}", "expires_in": 3599})) as entra:
        auth = ClientCredentials(f"{entra.url}/tenant/oauth2/v2.0/token", "app", "s3cret", scope="https://x/.default")
        erp = ODataAdapter(service.service(auth=auth), Small, entity_set="Items")
        erp.service.model()
        service.otherwise = answer

        def all_at_once() -> list[str]:
            found: list[str] = []
            barrier = threading.Barrier(8)

            def work() -> None:
                barrier.wait()
                found.extend(keys(read(erp)))

            threads = [threading.Thread(target=work) for _ in range(8)]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
            return found

        assert all_at_once() == ["A"] * 8
        assert len(entra.asked) == 1
        valid.clear()
        valid.add("T2")
        assert all_at_once() == ["A"] * 8
        assert len(entra.asked) == 2
        body = entra.asked[0].body.decode()
        assert "grant_type=client_credentials" in body
        assert "scope=https%3A%2F%2Fx%2F.default" in body
        assert "s3cret" not in repr(erp) + repr(auth) + repr(erp.service.session)
        valid.clear()
        with pytest.raises(ErpRefused, match="expired; check the user"):
            read(erp)
        assert len(entra.asked) == 3, "once anew, and then it is a refusal"


def test_a_token_is_renewed_before_it_ends(service: ScriptedService) -> None:
    numbers = count(1)
    with Wire(otherwise=lambda _: said({"access_token": f"T{next(numbers)}", "expires_in": "600"})) as entra:
        one = service.service(auth=ClientCredentials(f"{entra.url}/token", "app", "s3cret"))
        moment = [0.0]
        one.session.signer.clock = lambda: moment[0]
        service.otherwise = entities()
        erp = ODataAdapter(one, Small, entity_set="Items")
        for moment[0] in (0.0, 539.0, 541.0):
            read(erp)
        assert [asked.headers["authorization"] for asked in service.asked] == ["Bearer T1", "Bearer T1", "Bearer T2"]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            said(
                {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret.\r\nTrace: 1"},
                401,
            ),
            ErpRefused,
            "gave no token for 'app': invalid_client: AADSTS7000215: Invalid client secret.; check the client id",
        ),
        (Reply(503), ErpUnreachable, "HTTP 503"),
        (Reply(200, b"<html>", "text/html"), ErpRefused, "is it a token endpoint"),
        (Reply(cut="before"), ErpUnreachable, "no token from"),
    ],
)
def test_no_token_in_words(service: ScriptedService, answer: Reply, error: type[Exception], words: str) -> None:
    with Wire(otherwise=answer) as entra:
        auth = ClientCredentials(f"{entra.url}/token", "app", "s3cret")
        with pytest.raises(error, match=words) as caught:
            service.service(auth=auth).model()
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        (BasicAuth("us er", "pä:ss"), "authorization", "Basic dXMgZXI6cMOkOnNz"),
        (BearerToken("abc"), "authorization", "Bearer abc"),
        (HeaderAuth("APIKey", "abc"), "apikey", "abc"),
    ],
)
def test_ways_to_sign_in(service: ScriptedService, auth: HttpAuth, name: str, value: str) -> None:
    service.script += [entities()]
    read(ODataAdapter(service.service(auth=auth), Small, entity_set="Items"))
    assert service.asked[0].headers[name] == value


def test_what_is_no_address() -> None:
    for url in ("erp.example.com/odata", "ftp://erp.example.com", "https://user:hidden@erp.example.com/odata"):
        with pytest.raises(ErpRefused, match="is no address") as caught:
            ODataService(url)
        assert "hidden" not in str(caught.value)


# ---- Business Central: "item resource type", "Using delta links with APIs", Microsoft Learn ----
BC_ITEMS = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
 <EntityType Name="item"><Key><PropertyRef Name="id"/></Key>
  <Property Name="id" Type="Edm.Guid" Nullable="false"/><Property Name="number" Type="Edm.String" MaxLength="20"/>
  <Property Name="displayName" Type="Edm.String" MaxLength="100"/><Property Name="inventory" Type="Edm.Decimal"/>
  <Property Name="unitPrice" Type="Edm.Decimal"/><Property Name="lastModifiedDateTime" Type="Edm.DateTimeOffset"/>
  <Property Name="lastDateAdjusted" Type="Edm.Date"/>
  <NavigationProperty Name="picture" Type="Microsoft.NAV.picture"/></EntityType>
 <EntityType Name="picture"><Key><PropertyRef Name="id"/></Key><Property Name="id" Type="Edm.Guid"/>
  <Property Name="contentType" Type="Edm.String"/><Property Name="pictureContent" Type="Edm.Stream"/></EntityType>
 <EntityContainer Name="NAV"><EntitySet Name="items" EntityType="Microsoft.NAV.item"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""
ID = "5d115c9c-44e3-ea11-bb43-000d3a2feca1"


class BcItem(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "displayName")
    adjusted = cold(date, "lastDateAdjusted").nullable()
    picture = cold(str, "picture.contentType").nullable()
    content = cold(str, "picture.pictureContent").nullable()
    price = hot(Decimal, "unitPrice")
    stock = hot(Decimal, "inventory")


class BcById(ErpItem):
    id = cold(str, "id", key=True)
    name = cold(str, "displayName")


@pytest.fixture
def central() -> Iterator[tuple[ScriptedService, ODataService]]:
    with ScriptedService(edmx=BC_ITEMS, root="/") as scripted:
        own = business_central(
            tenant="contoso.com", environment="Sandbox", company="C-1", auth=BearerToken("t"), url=scripted.wire.url
        )
        own.session.sleep = scripted.slept.append
        scripted.services.append(own)
        yield scripted, own


def test_business_central_by_its_stamp(central: tuple[ScriptedService, ODataService]) -> None:
    scripted, own = central
    row = {
        "@odata.etag": 'W/"JzE5;"', "id": ID, "number": "1896-S", "displayName": "ATHENS Desk", "inventory": 4,
        "unitPrice": 1000.8, "lastModifiedDateTime": "2026-03-07T00:35:30.073Z", "lastDateAdjusted": "0001-01-01",
        "picture": {"id": ID, "contentType": "image/jpeg", "pictureContent@odata.mediaReadLink": "picture/pictureContent?v=1"},
    }  # fmt: skip
    scripted.script += [Reply(429, headers={"Retry-After": "2"}), entities(row), entities(row)]
    erp = ODataAdapter(own, BcItem, entity_set="items", changed_at="lastModifiedDateTime", overlap=timedelta(0))
    fields = frozenset({"displayName", "lastDateAdjusted", "picture.contentType", "picture.pictureContent"})
    pages = list(erp.read_items(None, fields=fields, limit=20))
    (found,) = pages[0].items
    assert (found.number, found.name, found.adjusted, found.picture) == ("1896-S", "ATHENS Desk", None, "image/jpeg")
    assert scripted.slept == [2.0]
    assert found.content == "picture/pictureContent?v=1"
    scripted.script.appendleft(Reply(200, b"PNG", "image/png"))
    assert own.read_file(found.content) == b"PNG"
    assert scripted.asked.pop().target == "/v2.0/contoso.com/Sandbox/api/v2.0/picture/pictureContent?v=1"
    (hot_page,) = [page for page in erp.read_hot(None, keys=["1896-S"]) if page.items]
    assert (hot_page.items[0].price, hot_page.items[0].stock) == (Decimal("1000.8"), Decimal(4))
    assert set(scripted.paths()) == {"/v2.0/contoso.com/Sandbox/api/v2.0/companies(C-1)/items"}
    query = scripted.queries()[1]
    assert "unitPrice" not in query["$select"], "hot fields stay out of a cold read"
    assert query["$orderby"] == "lastModifiedDateTime,id"


def test_business_central_by_delta_links(central: tuple[ScriptedService, ODataService]) -> None:
    scripted, own = central
    base = f"{scripted.wire.url}/v2.0/contoso.com/Sandbox/api/v2.0/companies(C-1)/items"
    scripted.script += [
        entities({"id": ID, "displayName": "Desk"}, delta=f"{base}?$deltaToken=1"),
        entities({"@odata.context": f"{base}/$metadata#items/$deletedEntity", "id": ID}, delta=f"{base}?$deltaToken=2"),
        wrong(410, "BadRequest_MethodNotAllowed", "Gone"),
        wrong(500, "Internal_ServerError", "Entity does not support delta requests."),
    ]
    erp = ODataAdapter(own, BcById, entity_set="items", track_changes=True)
    fields = frozenset({"displayName"})
    first = list(erp.read_items(None, fields=fields, limit=20))
    second = list(erp.read_items(first[-1].resume, fields=fields, limit=20))
    assert [list(page.tombstones) for page in second] == [[ID]]
    with pytest.raises(CursorExpired):  # each link works once
        list(erp.read_items(first[-1].resume, fields=fields, limit=20))
    with pytest.raises(ErpRefused, match="tracks no changes of this set; use changed_at="):
        list(erp.read_items(None, fields=fields, limit=20))


# ---- Dynamics 365 Finance: "Open Data Protocol (OData)", Microsoft Learn ----
def test_finance_pages_by_links_and_a_stop_goes_on_at_one(service: ScriptedService) -> None:
    class Stocked(ErpItem):
        item = cold(str, "item", key=True)
        quantity = hot(Decimal, "quantity")

    rows = [{"plant": "1", "item": one, "quantity": 1} for one in "ABC"]
    service.root = "/"
    service.script += [
        entities(rows[0], rows[1], next="Stock?cross-company=true&$skiptoken=2"),
        entities(rows[2]),
        entities(rows[2]),
    ]
    own = dynamics_365_finance(service.wire.url, auth=BearerToken("t"))
    service.services.append(own)
    erp = ODataAdapter(own, Stocked, entity_set="Stock")
    pages = list(erp.read_items(None, fields=frozenset({"quantity"}), limit=2))
    assert [one.key for page in pages for one in page.items] == ["A", "B", "C"]
    again = list(erp.read_items(pages[0].resume, fields=frozenset({"quantity"}), limit=2))
    assert [one.key for page in again for one in page.items] == ["C"]
    assert service.paths() == ["/data/Stock"] * 3
    assert service.queries()[0]["cross-company"] == "true"
    assert service.queries()[0]["$orderby"] == "plant,item"
