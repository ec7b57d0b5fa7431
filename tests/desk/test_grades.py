"""The desk's pages of colours, criteria and care: the way through, and who may not in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from lianhu.accounts.queries.actors import public_actor
from lianhu.audit.models import Entry
from lianhu.grading.actions.appeals import appeal_grade
from lianhu.grading.actions.care import open_care
from lianhu.grading.actions.decide import propose_grade
from lianhu.grading.models import CareEpisode, Fact, Grade, RuleTable
from lianhu.grading.queries.colours import own_grade
from lianhu.rights.queries.looked import who_looked
from tests import cast
from tests.grading.helpers import fact, left_behind


def colour(home):
    return own_grade(home.id, on=timezone.localdate()).now.colour


def test_from_a_suggestion_to_a_red_household(
    signed, secretary_east, officer_town, data_officer
):
    home = left_behind()
    fact(secretary_east, home, "minimum_living")
    desk = signed(secretary_east)
    assert "留守儿童，家里低保" in desk.get("/desk/grades/").content.decode()
    page = f"/desk/households/{home.id}/grade/"
    assert "R07" in desk.get(page).content.decode()
    assert (
        desk.post(f"{page}propose/", {"colour": "red", "reason": "留守低保"}).status_code == 302
    )
    waiting = Grade.objects.get()
    assert waiting.evidence[0]["rule"] == "R07"
    assert desk.post(f"{page}confirm/", {"grade": waiting.id}).status_code == 422
    town = signed(officer_town)
    assert "留守低保" in town.get("/desk/grades/?view=confirm").content.decode()
    assert town.post(f"{page}confirm/", {"grade": waiting.id}).status_code == 302
    assert colour(home) == "red"
    assert town.get(page).status_code == 404
    assert signed(data_officer).get(page).status_code == 404
    assert signed(data_officer).get("/desk/grades/").status_code == 403


def test_facts_end_and_appeals_at_the_desk(signed, secretary_east, officer_town):
    home = left_behind()
    desk, page = signed(secretary_east), f"/desk/households/{home.id}/grade/"
    bad = {"kind": "minimum_living", "since": "", "source": "证"}
    assert desk.post(f"{page}fact/", bad).status_code == 422
    assert desk.post(f"{page}fact/", bad | {"since": "2026-01-01"}).status_code == 302
    row = Fact.objects.get()
    assert "低保户" in desk.get(page).content.decode()
    end = {"fact": row.id, "last_day": "2026-05-01"}
    assert desk.post(f"{page}end-fact/", end).status_code == 302
    desk.post(f"{page}propose/", {"colour": "yellow", "reason": "留守"})
    assert desk.post(f"{page}end/", {"reason": "父母回来了"}).status_code == 302
    appeal = appeal_grade(public_actor(cast.EAST_GRID), home.id, "又走了", at=timezone.now())
    town = signed(officer_town)
    assert "又走了" in town.get("/desk/grades/?view=appeals").content.decode()
    path = f"/desk/grades/appeals/{appeal.id}/"
    assert "又走了" in town.get(path).content.decode()
    assert town.post(path, {"upheld": "1", "answer": ""}).status_code == 422
    assert town.post(path, {"upheld": "1", "answer": "接着帮"}).status_code == 302
    assert Grade.objects.get().state == "held"


def test_whoever_looks_at_a_households_facts_is_shown_to_it(
    signed, secretary_east, officer_town, secretary_west
):
    home, other = left_behind(), left_behind()
    fact(secretary_east, home, "severe_disability")
    page = f"/desk/households/{home.id}/grade/"
    assert who_looked(home) == []
    text = signed(secretary_east).get(page).content.decode()
    assert "重度残疾" in text
    assert "这一户看得到谁看过" in text
    assert signed(secretary_west).get(page).status_code == 404
    told = [(k.by, k.post, k.what, k.purpose) for k in who_looked(home)]
    seen = ("家庭情况和怎样帮的理由", "决定怎样帮这一户，登记有出处的情况")
    assert told == [("李东", "双乳村支书", *seen)]
    entry = Entry.objects.get(verb="grade.look")
    assert (entry.object_id, entry.place_id, entry.facts) == (str(home.id), home.place_id, {})
    # Whoever opens a form again after a refusal looks again.
    signed(secretary_east).post(f"{page}fact/", {"kind": "minimum_living"})
    propose_grade(secretary_east, home.id, "red", "残疾", at=timezone.now())
    signed(officer_town).get(page)
    assert [k.by for k in who_looked(home)] == ["赵镇", "李东", "李东"]
    assert who_looked(other) == []


def test_whoever_reads_an_appeal_is_shown_to_the_household(
    signed, secretary_east, officer_town
):
    home = left_behind()
    propose_grade(secretary_east, home.id, "yellow", "留守", at=timezone.now())
    appeal = appeal_grade(public_actor(cast.EAST_GRID), home.id, "难", at=timezone.now())
    signed(officer_town).get(f"/desk/grades/appeals/{appeal.id}/")
    assert [(k.by, k.what) for k in who_looked(home)] == [("赵镇", "家庭情况和怎样帮的理由")]


def test_the_queue_names_the_criterion_and_not_what_stands_behind_it(signed, secretary_east):
    home = left_behind()
    fact(secretary_east, home, "minimum_living", source="民政 7 号文")
    desk = signed(secretary_east)
    queue = desk.get("/desk/grades/").content.decode()
    assert ("留守儿童，家里低保" in queue, "民政 7 号文" in queue) == (True, False)
    page = desk.get(f"/desk/households/{home.id}/grade/").content.decode()
    assert "民政 7 号文" in page


def test_a_look_at_facts_is_in_nobodys_list(signed, secretary_east):
    home = left_behind()
    desk = signed(secretary_east)
    desk.get(f"/desk/households/{home.id}/grade/")
    for path in ("/desk/ledger/", f"/desk/households/{home.id}/"):
        assert "看了家庭情况" not in desk.get(path).content.decode()


def test_the_table_is_drafted_edited_tried_and_published(
    signed, client, data_officer, officer_county, secretary_east
):
    left_behind()
    desk = signed(data_officer)
    assert "Lianhu 默认值" in desk.get("/desk/rules/").content.decode()
    file = desk.get("/desk/rules/in-force.toml").content
    path = desk.post("/desk/rules/new/").headers["Location"].partition("?")[0]
    assert "独居老人" in desk.get(path).content.decode()
    form = {"title": "县标准", "source": "县民政局", "from": "2999-01-01", "rows": "2"}
    row = {"code0": "A", "colour0": "yellow", "reason0": "娃多", "when0": ["孩子人数 2 人以上"]}
    assert desk.post(path, form | row | {"when0": "信访"}).status_code == 422
    assert desk.post(path, form | row).status_code == 302
    assert RuleTable.objects.get().content["rules"] == [
        {"code": "A", "colour": "yellow", "reason": "娃多", "when": {"children": 2}}
    ]
    assert "双乳" in desk.get(f"{path}what-if/").content.decode()
    upload = {"file": SimpleUploadedFile("r.toml", file)}
    assert desk.post(f"{path}upload/", upload).status_code == 302
    assert len(RuleTable.objects.get().content["rules"]) == 26
    assert desk.post(f"{path}publish/").status_code == 404
    desk.post(path, form | row)
    county = signed(officer_county)
    assert "还没有个人信息保护影响评估" in county.get(path).content.decode()
    assert county.post(f"{path}publish/").status_code == 422
    told = {
        "kind": "rule_table",
        "subject": path.split("/")[3],
        "title": "标准",
        "proceed": "yes",
    }
    questions = ("purpose", "necessity", "risks", "measures")
    desk.post(
        "/desk/assessments/", told | dict.fromkeys(questions, "只提醒多帮，由人决定，不外传")
    )
    assert "可以照做" in county.get(path).content.decode()
    assert county.post(f"{path}publish/").status_code == 302
    assert signed(secretary_east).get("/desk/rules/").status_code == 403
    assert "县标准" in client.get("/criteria/").content.decode()


def test_care_is_written_by_one_and_read_by_two(
    signed, secretary_east, officer_town, officer_county, household
):
    desk, path = signed(secretary_east), f"/desk/care/new/?household={household.id}"
    first = desk.get(path).content.decode()
    assert all(number in first for number in ("tel:120", "tel:110", "tel:119"))
    form = {"basis": "consent", "basis_words": "点头", "supervisor": officer_town.id,
            "wish": "", "need": "夜里睡不着", "help": "每周去"}  # fmt: skip
    assert desk.post(path, form | {"basis": ""}).status_code == 422
    assert desk.post(path, form).status_code == 302
    page = f"/desk/care/{CareEpisode.objects.get().id}/"
    for actor in (secretary_east, officer_town):
        assert "夜里睡不着" in signed(actor).get(page).content.decode()
        assert page in signed(actor).get("/desk/care/").content.decode()
    assert signed(secretary_east).post(f"{page}renew/").status_code == 302
    for actor in (officer_county, cast.make_actor("李委员", ("committee", cast.EAST))):
        assert signed(actor).get(page).status_code == 404


@pytest.mark.parametrize("path", ["/desk/", "/desk/places/", "/desk/ledger/", "/desk/matters/"])
def test_no_list_of_the_desk_tells_a_colour_or_care(path, signed, secretary_east, officer_town):
    home = left_behind()
    desk = signed(secretary_east)
    desk.post(
        f"/desk/households/{home.id}/grade/propose/", {"colour": "yellow", "reason": "留守"}
    )
    open_care(
        secretary_east,
        home.id,
        officer_town.id,
        "consent",
        "a",
        "b",
        "苦",
        "d",
        at=timezone.now(),
    )
    text = desk.get(path).content.decode()
    assert "关心户" not in text
    assert "关怀" not in text
