"""Product models of the PIM as templates of the ERP, and their variants as its items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.codes import ErpKey, ProductModelCode
from akeneo_erp_bridge.erp import ErpSchema, two_way
from akeneo_erp_bridge.errors import ErpUnreachable, MappingError, PreflightFailed
from akeneo_erp_bridge.mapping import FAMILY_VARIANT, ProductMapping, ProductModelMapping
from akeneo_erp_bridge.rules import Cell, Owner, same
from akeneo_erp_bridge.sync.pim_first import (
    CategoryTag,
    FamilyPrefix,
    MemoryQueue,
    Models,
    NewSkus,
    PimFirst,
    PimFirstReport,
    Sequence,
    SkuPattern,
    SqliteQueue,
    SqliteSkuBook,
    Tag,
    _poll,
    _way,
)
from akeneo_erp_bridge.testing import PimSimulator
from akeneo_erp_bridge.testing.pim import Behaviour
from born_bench import SENT, STATE, A, B, C
from born_erp import FABRIC, MESSAGE, NAME, SKU, STATUS, Article, Style, both_ways, variant
from born_models import ModelBench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ModelBench]:
    one = ModelBench(tmp_path)
    with one.state:
        yield one


def writes(bench: ModelBench) -> list[str]:
    return [f"{call.method} {call.path}" for call in bench.simulator.mutating_calls]


def is_idle(bench: ModelBench) -> None:
    """Two runs more do nothing, in either direction: the first may see what the one before it wrote."""
    bench.run()
    bench.simulator.forget_calls()
    calls: list[str] = []
    bench.erp.called = bench.styles.called = calls.append
    report = bench.run()
    assert writes(bench) == []
    assert set(calls) <= {"read"}
    assert report.models is not None
    assert (report.out.written, report.models.out.written) == (0, 0)


# ---- the circle ----
def test_a_model_with_variants_becomes_a_template_with_variants(bench: ModelBench) -> None:
    bench.make_model("shirt")
    bench.make_variant(A, "S-1", "shirt", "s", pieces=2)
    bench.make_variant(B, "S-2", "shirt", "m")
    bench.make_variant(C, "S-3", "shirt", "l", is_tagged=False)
    report = bench.run()
    assert report.models is not None
    assert (report.models.out.created, report.out.created, report.out.passed_over, report.exit_code) == (1, 2, 0, 0)
    assert bench.styles.rows() == {"shirt": {"code": "shirt", "name": "Style shirt", "unit": "pc"}}
    assert bench.erp.rows() == {
        "S-1": {"number": "S-1", "name": "", "style": "shirt", "unit": "pc", "pieces": 2, "is_sold": True,
                "status": "new", "price": "1.00"},
        "S-2": {"number": "S-2", "name": "", "style": "shirt", "unit": "pc", "is_sold": True, "status": "new",
                "price": "1.00"},
    }  # fmt: skip
    assert bench.product(A).values.boolean("send_to_erp") is False
    assert bench.value(A, Cell("erp_status")) == "new"
    is_idle(bench)

    # afterwards both levels travel by owner
    bench.edit_model("shirt", name="A better shirt")
    bench.edit(B, pieces=7)
    bench.styles.edit("shirt", fabric="linen")
    bench.erp.edit("S-1", status="listed")
    report = bench.run()
    assert report.models is not None
    assert (report.models.out.updated, report.models.back.updated, report.out.updated, report.back.updated) == (
        1,
        1,
        1,
        1,
    )
    assert bench.styles.rows()["shirt"]["name"] == "A better shirt"
    assert bench.erp.rows()["S-2"]["pieces"] == 7
    assert (bench.model_value("shirt", "fabric"), bench.value(A, Cell("erp_status"))) == ("linen", "listed")
    assert bench.erp.rows()["S-1"]["name"] == "", "what the template is told, its variants are not"
    is_idle(bench)


def test_of_two_levels_of_models_the_root_is_the_template(bench: ModelBench) -> None:
    bench.make_model("coat", variant="by_colour_and_size")
    bench.make_sub("coat-red", "coat", "red", pieces=3)
    bench.make_sub("coat-blue", "coat", "blue", pieces=4)
    bench.make_variant(A, "C-1", "coat-red", "s")
    bench.make_variant(B, "C-2", "coat-blue", "s")
    bench.run()
    assert list(bench.styles.rows()) == ["coat"]
    assert {key: (row["style"], row["pieces"]) for key, row in bench.erp.rows().items()} == {
        "C-1": ("coat", 3), "C-2": ("coat", 4),
    }  # fmt: skip
    bench.edit_model("coat-red", pieces=5)
    report = bench.run()
    assert (report.out.updated, bench.erp.rows()["C-1"]["pieces"]) == (1, 5)
    is_idle(bench)


def test_a_template_that_the_erp_refuses_parks_its_variants_and_the_run_goes_on(bench: ModelBench) -> None:
    bench.make_model("shirt", name="A name that is far too long for this little ERP of ours")
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.make_model("hat")
    bench.make_variant(B, "H-1", "hat", "s")
    bench.make(C, "T-1")
    report = bench.run()
    assert report.models is not None
    assert (report.models.out.parked, report.out.parked, report.out.created, report.exit_code) == (1, 1, 2, 1)
    words = "its model 'shirt' was refused: style 'shirt': a name has at most 40 letters, seen 55"
    assert [one.detail for one in report.out.parked_items] == [words]
    assert bench.value(A, MESSAGE) == words
    assert sorted(bench.erp.rows()) == ["H-1", "T-1"]
    # again: the same account, and no try
    bench.simulator.forget_calls()
    calls: list[str] = []
    bench.styles.called = calls.append
    report = bench.run()
    assert (report.out.parked, "write" in calls, writes(bench)) == (1, False, [])
    bench.edit_model("shirt", name="Short")
    report = bench.run()
    assert (report.out.created, report.exit_code) == (1, 0)
    assert bench.product(A).values.text("erp_message") is None
    assert list(bench.state.parked("exports")) == list(bench.state.parked("exports models")) == []


def test_a_bound_template_that_refuses_a_change_lets_its_variants_through(bench: ModelBench) -> None:
    bench.make_model("shirt")
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.run()
    bench.edit_model("shirt", name="A name that is far too long for this little ERP of ours")
    bench.edit(A, pieces=9)
    report = bench.run()
    assert report.models is not None
    assert (report.models.out.parked, report.out.parked, report.out.updated) == (1, 0, 1)
    assert bench.erp.rows()["S-1"]["pieces"] == 9


# ---- tags ----
def test_a_tag_that_stands_on_a_model_means_all_its_variants(bench: ModelBench) -> None:
    bench.make_model("shirt", tag="to_export")
    bench.make_variant(A, "S-1", "shirt", "s", is_tagged=False)
    bench.make_variant(B, "S-2", "shirt", "m", is_tagged=False)
    bench.make_model("hat")
    bench.make_variant(C, "H-1", "hat", "s", is_tagged=False)
    bench.run(STATE)
    assert sorted(bench.erp.rows()) == ["S-1", "S-2"]
    assert bench.model_value("shirt", "erp_state") == "exported"
    assert bench.value(A, Cell("erp_state")) == "exported"
    bench.simulator.forget_calls()
    bench.run(STATE)
    assert writes(bench) == []


@pytest.mark.parametrize(
    ("tag", "model"),
    [(STATE, {"tag": "to_export"}), (CategoryTag("to_erp", exported="in_erp"), {"categories": ["drills", "to_erp"]})],
    ids=["select", "category"],
)
def test_without_models_a_tag_that_stands_on_one_is_told_and_not_written_again_and_again(
    bench: ModelBench, tag: Tag, model: dict[str, Any]
) -> None:
    bench.make_model("shirt", **model)
    bench.make_variant(A, "S-1", "shirt", "s", is_tagged=False)
    report = bench.run(tag, models=None)
    assert (report.out.created, report.out.waiting, report.exit_code) == (1, 1, 1)
    (waiting,) = bench.state.parked("exports")
    told = "it stands on the model 'shirt'; take it away there, or give PimFirst `models`"
    assert waiting.detail == f"the PIM does not take the tag away: {told}"
    bench.simulator.forget_calls()
    assert bench.run(tag, models=None).out.written == 0
    assert writes(bench) == []
    bench.edit_model("shirt", erp_state=None)
    bench.simulator.load("/api/rest/v1/product-models", [{"code": "shirt", "categories": ["drills"]}])
    assert bench.run(tag, models=None).exit_code == 0
    assert list(bench.state.parked("exports")) == []


def test_a_models_tag_fails_where_one_variant_does(bench: ModelBench) -> None:
    bench.erp.put("S-2")
    bench.make_model("shirt", tag="to_export")
    bench.make_variant(A, "S-1", "shirt", "s", is_tagged=False)
    bench.make_variant(B, "S-2", "shirt", "m", is_tagged=False)
    report = bench.run(STATE)
    assert (report.out.created, report.out.parked) == (1, 1)
    assert bench.model_value("shirt", "erp_state") == "failed"
    assert "given to another article" in str(bench.value(B, MESSAGE))
    bench.edit(B, sku="S-3")
    bench.edit_model("shirt", erp_state="to_export")
    report = bench.run(STATE)
    assert (report.out.created, report.out.parked, report.exit_code) == (1, 0, 0)
    assert bench.model_value("shirt", "erp_state") == "exported"


def test_a_models_tag_moves_only_when_the_last_page_of_variants_is_done(
    bench: ModelBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.make_model("coat", variant="by_colour_and_size", tag="to_export")
    for colour in ("red", "blue"):
        bench.make_sub(f"coat-{colour}", "coat", colour)
        for number, size in enumerate(("s", "m", "l")):
            uuid = f"00000000-0000-4000-8000-{colour == 'red':06d}{number:06d}"
            bench.make_variant(uuid, f"{colour}-{size}", f"coat-{colour}", size, is_tagged=False)
    seen: list[int] = []

    def hook(name: str) -> None:
        if name == "template.untagged":
            seen.append(len(bench.erp.rows()))

    monkeypatch.setattr(_way, "_PAGE", 2)
    monkeypatch.setattr(_poll, "_SLICE", 2)  # so that the queue is empty before all variants were in it
    bench.run(STATE, hook=hook)
    assert seen == [6]
    assert bench.model_value("coat", "erp_state") == "exported"


def test_a_category_of_a_model_is_a_tag_too(bench: ModelBench) -> None:
    bench.make_model("shirt", categories=["drills", "to_erp"])
    bench.make_variant(A, "S-1", "shirt", "s", is_tagged=False)
    bench.run(CategoryTag("to_erp", exported="in_erp"))
    assert set(bench.pim.product_models.get(ProductModelCode("shirt")).categories) == {"drills", "in_erp"}
    assert list(bench.erp.rows()) == ["S-1"]


# ---- places ----
def test_a_product_that_becomes_a_variant_keeps_its_item(bench: ModelBench) -> None:
    bench.make(A, "T-1", values=[{"size": [{"locale": None, "scope": None, "data": "s"}]}], family="clothes")
    bench.run()
    assert bench.erp.rows()["T-1"]["name"] == "Tool T-1"
    bench.make_model("shirt")
    bench.simulator.load("/api/rest/v1/products-uuid", [{"uuid": A, "parent": "shirt"}])
    report = bench.run()
    assert report.models is not None
    assert (report.models.out.created, report.out.created, report.out.updated) == (1, 0, 1)
    (row,) = bench.erp.rows().values()
    assert (row["number"], row["style"], row["name"]) == ("T-1", "shirt", "Tool T-1"), "its old name is left to it"
    is_idle(bench)
    bench.edit_model("shirt", name="Other")
    bench.erp.edit("T-1", name="Theirs")  # is none of ours now
    report = bench.run()
    assert (bench.erp.rows()["T-1"]["name"], report.edited) == ("Theirs", 0)

    # and back: the PIM keeps the values of a variant that becomes a simple product
    bench.simulator.load("/api/rest/v1/products-uuid", [{"uuid": A, "parent": None}])
    report = bench.run()
    (row,) = bench.erp.rows().values()
    assert (report.out.updated, row["style"], row["name"]) == (1, None, "Other")
    assert list(bench.styles.rows()) == ["shirt"]
    is_idle(bench)
    bench.edit_model("shirt", name="Third")  # which no variant tells of
    bench.run()
    assert bench.styles.rows()["shirt"]["name"] == "Third"


def test_a_move_that_the_erp_refuses_is_told_and_makes_nothing_twice(bench: ModelBench) -> None:
    for code in ("shirt", "blouse"):
        bench.make_model(code)
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.make_variant(B, "B-1", "blouse", "m")
    bench.run()
    bench.styles.db.execute("DELETE FROM style WHERE number = 'blouse'")  # so that it takes no article
    bench.simulator.load("/api/rest/v1/products-uuid", [{"uuid": A, "parent": "blouse"}])
    report = bench.run()
    assert [one.detail for one in report.out.parked_items] == ["article 'S-1': there is no style 'blouse'"]
    assert bench.value(A, MESSAGE) == "article 'S-1': there is no style 'blouse'"
    assert (sorted(bench.erp.rows()), bench.erp.rows()["S-1"]["style"]) == (["B-1", "S-1"], "shirt")


def test_a_variant_moves_to_another_template(bench: ModelBench) -> None:
    for code in ("shirt", "blouse"):
        bench.make_model(code)
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.run()
    bench.simulator.load("/api/rest/v1/products-uuid", [{"uuid": A, "parent": "blouse"}])
    bench.run()
    assert bench.erp.rows()["S-1"]["style"] == "blouse"
    assert sorted(bench.styles.rows()) == ["blouse", "shirt"]
    is_idle(bench)


# ---- what else happens ----
def test_an_edit_of_the_template_in_the_erp_is_held_and_decided_by_the_models_code(bench: ModelBench) -> None:
    bench.make_model("shirt")
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.run(edits="hold")
    bench.run(edits="hold")
    bench.styles.edit("shirt", name="Theirs")
    report = bench.run(edits="hold")
    assert report.models is not None
    assert (report.edited, report.models.edited) == (0, 1)
    assert [(one.key, one.cell) for one in bench.state.held("exports models")] == [("shirt", "name[en_US]")]
    bench.job(edits="hold").resolve("shirt", "name[en_US]", take="pim")
    bench.run(edits="hold")
    assert bench.styles.rows()["shirt"]["name"] == "Style shirt"


def test_an_edit_of_the_template_in_the_erp_is_overwritten(bench: ModelBench) -> None:
    bench.make_model("shirt")
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.run()
    bench.run()
    bench.styles.edit("shirt", name="Theirs")
    bench.run()
    bench.run()
    assert bench.styles.rows()["shirt"]["name"] == "Style shirt"
    is_idle(bench)


def test_a_template_that_was_deleted_in_the_erp_is_made_anew_for_a_tagged_variant_alone(bench: ModelBench) -> None:
    bench.make_model("shirt")
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.make_variant(B, "S-2", "shirt", "m", is_tagged=False)
    bench.run()
    bench.styles.remove("shirt")
    bench.run()
    bench.edit(A, pieces=3)
    report = bench.run()
    assert bench.styles.rows() == {}
    assert [one.detail for one in report.out.parked_items] == [
        "the ERP has no template of its model 'shirt' any more; tag the product again to have it made anew"
    ]
    bench.edit(B, send_to_erp=True)
    bench.run()
    assert list(bench.styles.rows()) == ["shirt"]
    bench.job().run(reads="all")
    assert bench.erp.rows()["S-1"]["pieces"] == 3


def test_a_model_that_is_deleted_in_the_pim_leaves_its_template_alone(bench: ModelBench) -> None:
    bench.make_model("shirt")
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.run()
    bench.pim.product_models.delete(ProductModelCode("shirt"))
    bench.styles.edit("shirt", fabric="linen")
    bench.erp.edit("S-1", status="listed")
    report = bench.run()
    assert report.models is not None
    assert (report.models.back.read, report.back.read) == (0, 0)
    assert list(bench.pim.product_models.list()) == []
    assert list(bench.styles.rows()) == ["shirt"]


def test_an_event_of_a_model_brings_its_template_and_its_variants(bench: ModelBench) -> None:
    """No event tells of variants that inherit what changed; nothing is searched for but them."""
    bench.make_model("coat", variant="by_colour_and_size")
    bench.make_sub("coat-red", "coat", "red", pieces=3)
    bench.make_variant(A, "C-1", "coat-red", "s")
    bench.run()
    queue = MemoryQueue()
    job = bench.job(queue=queue)
    bench.edit_model("coat", name="Other")
    bench.edit_model("coat-red", pieces=8)
    queue.put([("product_model", "coat"), ("product_model", "coat-red"), ("product_model", "lost")])
    report = job.export_queued()
    assert (report.updated, report.accounts_for_everything(), len(queue)) == (1, True, 0)
    assert (bench.styles.rows()["coat"]["name"], bench.erp.rows()["C-1"]["pieces"]) == ("Other", 8)


def test_in_pims_before_7_variants_are_known_by_their_identifiers(tmp_path: Path) -> None:
    bench = ModelBench(tmp_path, PimSimulator(behaviour=Behaviour.version_6()))
    with bench.state:
        bench.make_model("shirt", tag="to_export")
        for number, size in (("shirt", "s"), ("S-2", "m")):  # one has the name of its model
            made = {"identifier": number, **variant(number, "shirt", size, is_tagged=False)}
            values = made["values"]
            assert isinstance(values, dict)
            del values["sku"]
            bench.simulator.load("/api/rest/v1/products", [made])
        report = bench.run(STATE)
        assert report.models is not None
        assert (report.models.out.created, report.out.created, report.out.parked) == (1, 2, 0), report
        assert {number: row["style"] for number, row in bench.erp.rows().items()} == {"shirt": "shirt", "S-2": "shirt"}
        assert bench.model_value("shirt", "erp_state") == "exported"
        bench.edit_model("shirt", name="Other")
        bench.styles.edit("shirt", fabric="linen")
        bench.erp.edit("S-2", status="listed")
        report = bench.run(STATE)
        assert report.models is not None
        assert (report.models.out.updated, report.models.back.updated, report.back.updated) == (1, 1, 1)
        bench.run(STATE)
        bench.simulator.forget_calls()
        bench.run(STATE)
        assert writes(bench) == []


def test_what_waits_in_a_file_is_dealt_with_by_the_next_process(bench: ModelBench, tmp_path: Path) -> None:
    bench.make_model("shirt")
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.run()
    bench.edit_model("shirt", name="Other")
    bench.make_variant(B, "S-2", "shirt", "m")
    with SqliteQueue(tmp_path / "queue.db") as queue:
        queue.put([("product_model", "shirt"), ("product", B)])

    def dies(name: str) -> None:
        if name == "template.written":
            raise KeyboardInterrupt

    with SqliteQueue(tmp_path / "queue.db") as queue, pytest.raises(KeyboardInterrupt):
        bench.job(queue=queue, hook=dies).export_queued()
    with SqliteQueue(tmp_path / "queue.db") as queue:
        assert len(queue) > 0
        assert bench.job(queue=queue).export_queued().created == 1
        assert len(queue) == 0
    assert bench.styles.rows()["shirt"]["name"] == "Other"
    assert sorted(bench.erp.rows()) == ["S-1", "S-2"]
    is_idle(bench)


def test_variants_without_a_number_get_one(bench: ModelBench, tmp_path: Path) -> None:
    bench.make_model("shirt", tag="to_export")
    given = variant("", "shirt", "s", is_tagged=False)
    values = given["values"]
    assert isinstance(values, dict)
    del values["sku"]
    bench.simulator.load("/api/rest/v1/products-uuid", [{"uuid": A, **given}])
    with SqliteSkuBook(tmp_path / "skus.db") as book:
        skus = NewSkus(SkuPattern(FamilyPrefix({"clothes": "CL"}), "-", Sequence(4)), book)
        report = bench.run(STATE, skus=skus)
    assert (report.out.created, list(bench.erp.rows())) == (1, ["CL-0001"])
    assert bench.erp.rows()["CL-0001"]["style"] == "shirt"


def test_a_product_with_the_name_of_a_model_is_none_of_its_business(bench: ModelBench) -> None:
    bench.make_model(A, name="Shirt")
    bench.make_variant(A, "S-1", A, "s")
    bench.run()
    assert (list(bench.styles.rows()), list(bench.erp.rows())) == ([A], ["S-1"])
    marks = [mark for (mark,) in bench.erp.db.execute("SELECT born_by FROM style UNION SELECT born_by FROM article")]
    assert sorted(marks) == [A, f"product_model:{A}"]


def test_models_that_come_later_move_what_is_there(bench: ModelBench) -> None:
    """A job that had no `models` told variants all they inherit."""
    bench.make_model("shirt")
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.run(models=None)
    assert (bench.erp.rows()["S-1"]["name"], bench.styles.rows()) == ("Style shirt", {})
    bench.run()
    assert (bench.erp.rows()["S-1"]["style"], len(bench.erp.rows()), len(bench.styles.rows())) == ("shirt", 1, 1)
    is_idle(bench)


def test_new_variants_may_be_given_something_else(bench: ModelBench) -> None:
    bench.make_model("shirt")
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.make(B, "T-1")
    both = bench.models().out
    bench.run(models=Models(bench.styles, both, both, parent=Article.style, variants_at_creation=()))
    assert ("unit" in bench.erp.rows()["S-1"], bench.erp.rows()["T-1"]["unit"]) == (False, "pc")


# ---- what does not fit ----
def test_a_message_that_models_hold_stops_all(bench: ModelBench) -> None:
    with pytest.raises(
        PreflightFailed, match="attribute 'story' of the message is held by models in family variant 'by_size'"
    ):
        bench.run(message=Cell[str]("story"))
    assert writes(bench) == []


def test_the_family_variant_does_not_go_out(bench: ModelBench) -> None:
    name = two_way(Style.name, same(str), NAME, owner=Owner.PIM)
    fixed = ProductModelMapping(Style, name, two_way(Style.unit, same(str), FAMILY_VARIANT, owner=Owner.PIM))
    with pytest.raises(MappingError, match="never changes"):
        Models(bench.styles, fixed, fixed, parent=Article.style)


def test_a_place_that_the_erp_does_not_take_stops_all(bench: ModelBench) -> None:
    describe = bench.erp.describe
    fields = tuple(one for one in describe().fields if one.name != "style")
    bench.erp.describe = lambda: ErpSchema("the articles", fields)  # type: ignore[method-assign]  # for this test alone
    with pytest.raises(PreflightFailed, match="field 'style' of the articles, .* is not there"):
        bench.run()


def test_the_code_of_a_model_need_not_be_in_the_erp(bench: ModelBench) -> None:
    """As in an ERP that numbers its templates itself."""
    number = two_way(Style.code, same(str), NAME, owner=Owner.PIM)
    both = ProductModelMapping(Style, number, Style.fabric.to(FABRIC))
    models = Models(bench.styles, both, both, parent=Article.style)
    bench.make_model("shirt", name="seventeen")
    bench.make_variant(A, "S-1", "shirt", "s")
    bench.styles.at_first = {"name": "x"}
    bench.run(models=models)
    assert (list(bench.styles.rows()), bench.erp.rows()["S-1"]["style"]) == (["seventeen"], "seventeen")
    bench.styles.edit("seventeen", fabric="linen")
    bench.run(models=models)
    assert bench.model_value("shirt", "fabric") == "linen"


def test_values_come_back_to_the_level_that_holds_them(bench: ModelBench) -> None:
    """The PIM drops a value on any other level without a word."""
    out = both_ways()
    number = two_way(Article.number, same(str), SKU, owner=Owner.PIM)
    back = ProductMapping(Article, number, Article.status.to(STATUS), Article.unit.to(FABRIC))
    bench.make(A, "T-1", values=[{"size": [{"locale": None, "scope": None, "data": "s"}]}], family="clothes")
    bench.make_model("shirt")
    bench.make_variant(B, "S-1", "shirt", "m")

    def run() -> PimFirstReport:
        job = PimFirst(bench.erp, out, back, bench.pim, bench.state, tag=SENT, models=bench.models())
        report = job.run()
        assert report.accounts_for_everything(), report
        return report

    run()
    for number in ("T-1", "S-1"):
        bench.erp.edit(number, unit="wool")
    bench.styles.edit("shirt", fabric="linen")
    report = run()
    assert (bench.value(A, FABRIC), bench.value(B, FABRIC)) == ("wool", "linen")
    assert (report.back.updated, report.back.unchanged) == (1, 1), "nothing is sent to be dropped"
    # nothing of it changes in the ERP, and it is the product's own now
    bench.simulator.load("/api/rest/v1/products-uuid", [{"uuid": B, "parent": None}])
    run()
    assert bench.value(B, FABRIC) == "wool"


def test_what_hangs_below_is_told_by_both_accounts(bench: ModelBench) -> None:
    bench.make_model("shirt")
    bench.make_variant(A, "S-1", "shirt", "s")
    report = bench.run(SENT)
    lines = str(report).splitlines()
    assert [line.partition(":")[0] for line in lines if not line.startswith(" ")] == [
        "exports models", "exports models back", "exports", "exports back",
    ]  # fmt: skip
    runs = [one.stream for one in bench.state.runs("exports models")]
    assert runs == ["exports models"]
    assert bench.state.entries("exports models", [ErpKey("shirt")])[ErpKey("shirt")].ref == "shirt"


def test_a_models_tag_waits_for_a_variant_that_the_erp_gives_no_answer_for(
    bench: ModelBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("akeneo_erp_bridge.sync.pim_first._export._PAUSES", (timedelta(0),) * 4)
    bench.make_model("shirt", tag="to_export")
    bench.make_variant(A, "S-1", "shirt", "s", is_tagged=False)
    bench.make_variant(B, "S-2", "shirt", "m", is_tagged=False)
    find = bench.erp.find_by_key

    def sulks(key: str) -> Any:
        if key == B:
            raise ErpUnreachable("timed out")
        return find(key)

    bench.erp.find_by_key = sulks  # type: ignore[method-assign]  # an ERP that sulks
    assert bench.run(STATE).out.created == 1
    assert bench.model_value("shirt", "erp_state") == "to_export"
    bench.erp.find_by_key = find  # type: ignore[method-assign]  # and is itself again
    assert bench.run(STATE).out.created == 1
    assert bench.model_value("shirt", "erp_state") == "exported"


def test_a_models_tag_fails_where_a_variant_gets_no_number(bench: ModelBench, tmp_path: Path) -> None:
    bench.make_model("shirt", tag="to_export")
    size = {"size": [{"locale": None, "scope": None, "data": "s"}]}
    made = {"uuid": A, "family": "clothes", "parent": "shirt", "values": size}
    bench.simulator.load("/api/rest/v1/products-uuid", [made])
    with SqliteSkuBook(tmp_path / "skus.db") as book:
        skus = NewSkus(SkuPattern(FamilyPrefix({"tools": "TO"}), Sequence(4)), book)
        assert bench.run(STATE, skus=skus).out.parked == 1
    assert bench.model_value("shirt", "erp_state") == "failed"
