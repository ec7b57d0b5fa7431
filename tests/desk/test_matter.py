"""A matter on one page, and every step taken from it."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from lianhu.audit.models import Entry
from lianhu.matters.models import Attachment, Matter
from tests import cast
from tests.matters.helpers import answered, closed

QUERIES = 11


def _path(matter, step=""):
    return f"/desk/matters/{matter.id}/" + (f"{step}/" if step else "")


def _photo():
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "#1d5c63").save(content, "PNG")
    return SimpleUploadedFile("a.png", content.getvalue(), "image/png")


def test_page_says_what_where_who_and_the_next_step(signed, secretary_east, warden, household):
    matter = cast.make_matter(warden, household_id=household.id, source="phone")
    page = signed(secretary_east).get(_path(matter))
    text = page.content.decode()
    for words in ("桥头的垃圾堆了三天", "三组二网格", "刘武林家", "陈户长", "下一步：受理",
                  "本村干部和经办单位看得到"):  # fmt: skip
        assert words in text, words


def test_page_tells_the_follow_code_to_nobody_whose_work_it_rates(
    signed, secretary_east, officer_town, warden
):
    matter = cast.make_matter(warden)  # in the village office's hands

    def tells(who):
        return matter.ref in signed(who).get(_path(matter)).content.decode()

    assert (tells(secretary_east), tells(officer_town)) == (False, True)
    dispatched = Matter.objects.filter(id=matter.id)
    dispatched.update(office=cast.HOUSING, handler=officer_town.id)
    assert (tells(secretary_east), tells(officer_town)) == (True, False)
    dispatched.update(handler=None, answerer=secretary_east.id)
    assert tells(secretary_east) is False
    own = cast.make_matter(secretary_east)
    assert own.ref in signed(secretary_east).get(_path(own)).content.decode()


def test_page_masks_names_for_the_town(signed, officer_town, secretary_east, household):
    matter = cast.make_matter(
        secretary_east,
        household_id=household.id,
        contact_name="刘大有",
        contact_phone="13800001234",
    )
    text = signed(officer_town).get(_path(matter)).content.decode()
    assert "刘*有" in text
    assert "刘*林家" in text
    assert "刘大有" not in text
    assert "13800001234" not in text


def test_page_links_a_household_only_for_who_may_open_it(
    signed, secretary_east, supervisor, household
):
    matter = cast.make_matter(secretary_east, household_id=household.id)
    link = f"/desk/households/{household.id}/"
    assert link in signed(secretary_east).get(_path(matter)).content.decode()
    text = signed(supervisor).get(_path(matter)).content.decode()
    assert "家</dd>" in text
    assert link not in text
    assert signed(supervisor).get(link).status_code == 404


@pytest.mark.parametrize("step", ["", "accept", "dispatch", "photos/" + "0" * 64])
def test_page_refuses_the_next_village(signed, secretary_west, warden, step):
    matter = cast.make_matter(warden)
    client = signed(secretary_west)
    assert client.get(_path(matter, step)).status_code == 404
    assert client.post(_path(matter, "accept")).status_code == 404
    matter.refresh_from_db()
    assert matter.stage == "reported"


def test_confidential_classes_are_said_and_kept(
    signed, secretary_east, officer_county, officer_town, warden
):
    matter = cast.make_matter(warden, category="official.money")
    for actor in (secretary_east, officer_town):
        assert signed(actor).get(_path(matter)).status_code == 404
    text = signed(officer_county).get(_path(matter)).content.decode()
    assert "直接送县里，不经过村镇" in text


def test_a_sensitive_matter_that_was_given_away_is_gone_without_alarm(
    signed, secretary_east, warden
):
    for headers in ({}, {"HX-Request": "true"}):
        matter = cast.make_matter(warden, visibility="sensitive", category="environment")
        Matter.objects.filter(id=matter.id).update(office=cast.COMMITTEE)
        client = signed(secretary_east)
        answer = client.post(_path(matter, "dispatch"), {"to": cast.HOUSING}, headers=headers)
        if headers:
            assert "只有经办的人看得到" in answer.content.decode()
        else:
            assert answer["Location"] == "/desk/matters/?done=gone"
        assert client.get(_path(matter)).status_code == 404


def test_the_whole_course_by_plain_forms(signed, secretary_east, officer_town, handler, warden):
    matter = cast.make_matter(warden, category="livelihood.housing", words="屋顶漏雨接了三个盆")
    village, office = signed(secretary_east), signed(handler)
    for client, step, typed in (
        (village, "accept", {}),
        (village, "dispatch", {"to": f"{cast.HOUSING}/{handler.id}", "words": "请尽快"}),
        (office, "handle", {"words": "看了现场", "photos": _photo()}),
        (office, "answer", {"words": "换好了瓦"}),
        (village, "verify", {"words": "去看了，不漏了"}),
        (village, "close", {}),
    ):
        answer = client.post(_path(matter, step), typed)
        assert (answer.status_code, answer["Location"]) == (
            302, f"{_path(matter)}?done={step}",
        ), step  # fmt: skip
    matter.refresh_from_db()
    assert (matter.stage, matter.answer, matter.handler_id) == (
        "closed",
        "换好了瓦",
        handler.id,
    )
    photo = Attachment.objects.get(matter=matter)
    picture = village.get(_path(matter, f"photos/{photo.sha256}"))
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert picture["Cache-Control"] == "no-store"
    text = village.get(_path(matter)).content.decode()
    steps = [step.verb for step, _ in village.get(_path(matter)).context["steps"]]
    assert steps == ["close", "verify", "answer", "handle", "dispatch", "accept", "report"]
    assert "请尽快" in text
    again = village.post(_path(matter, "reopen"), {"words": "又漏了"})
    assert again.status_code == 302


def test_a_refused_form_keeps_every_word(signed, secretary_east, warden):
    matter = answered(secretary_east, cast.make_matter(warden))
    typed = {"words": "我自己看过了，写了很长一段话"}
    answer = signed(secretary_east).post(_path(matter, "verify"), typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert typed["words"] in text
    assert "要由办理人以外的人来核实" in text


def test_a_form_without_words_says_what_is_missing(signed, secretary_east, warden):
    matter = cast.make_matter(warden)
    answer = signed(secretary_east).post(_path(matter, "dispatch"), {"to": ""})
    assert answer.status_code == 422
    answer = signed(secretary_east).post(_path(matter, "add"), {"words": " "})
    assert "请写几个字说明" in answer.content.decode()


def test_merge_suggests_what_reads_alike(signed, secretary_east, warden, member):
    one = cast.make_matter(warden)
    other = cast.make_matter(member, words="桥头垃圾堆了好几天没人收")
    Matter.objects.update(received_at="2026-11-23T04:00:00Z")
    client = signed(secretary_east)
    page = client.get(_path(other))
    assert one.id in [m.id for m in page.context["similar"]]
    assert client.post(_path(other, "merge"), {"into": "x"}).status_code == 422
    client.post(_path(other, "merge"), {"into": str(one.id)})
    other.refresh_from_db()
    assert (other.stage, other.duplicate_of_id) == ("merged", one.id)


def test_the_reporters_phone_is_revealed_with_a_purpose(signed, secretary_east, supervisor):
    matter = cast.make_matter(secretary_east, contact_phone="13800001234")
    client = signed(secretary_east)
    shown = client.post(_path(matter, "phone"), {"purpose": "contact"})
    assert "13800001234" in shown.content.decode()
    part = client.post(
        _path(matter, "phone"), {"purpose": "contact"}, headers={"HX-Request": "1"}
    )
    assert 'data-hide="30"' in part.content.decode()
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.facts) == (
        "person.reveal", {"field": "reporter_phone", "purpose": "contact"},
    )  # fmt: skip
    assert client.post(_path(matter, "phone"), {"purpose": ""}).status_code == 422
    assert signed(supervisor).post(_path(matter, "phone")).status_code == 403


def test_an_unknown_step_is_no_page(signed, secretary_east, warden):
    matter = cast.make_matter(warden)
    assert signed(secretary_east).get(_path(matter, "sing")).status_code == 404
    assert signed(secretary_east).post(_path(matter, "sing")).status_code == 404


def test_page_asks_the_same_number_of_questions(
    signed, secretary_east, officer_town, warden, django_assert_num_queries
):
    client = signed(secretary_east)
    short = cast.make_matter(warden, words="路面塌了一块")
    long = closed(secretary_east, officer_town, cast.make_matter(warden, words="水管漏了"))
    Matter.objects.filter(id=long.id).update(stage="reported", is_open=True)
    for matter in (short, long):
        with django_assert_num_queries(QUERIES):
            client.get(_path(matter))


def test_page_lets_the_county_name_the_official(
    signed, warden, officer_county, secretary_east, secretary_west, officer_town
):
    matter = cast.make_matter(warden, category="official.money", about="村里的干部")
    client = signed(officer_county)
    asked = client.get(_path(matter), {"official": "李东 村支书"})
    assert [person.id for person, _ in asked.context["officials"]] == [secretary_east.id]
    named = client.post(f"{_path(matter)}accused/", {"accused": str(secretary_east.id)})
    assert named["Location"] == f"{_path(matter)}?done=accused"
    assert "李东" in client.get(_path(matter)).content.decode()
    for who in (secretary_east, secretary_west, officer_town):
        assert signed(who).get(_path(matter)).status_code == 404
        refused = signed(who).post(f"{_path(matter)}accused/", {"accused": ""})
        assert refused.status_code == 404
    matter.refresh_from_db()
    assert matter.accused_id == secretary_east.id


def test_page_says_why_an_official_cannot_be_named(signed, warden, officer_county):
    matter = cast.make_matter(warden, category="official.money")
    client = signed(officer_county)
    own = client.post(f"{_path(matter)}accused/", {"accused": str(officer_county.id)})
    assert own.status_code == 422
    assert "您自己" in own.content.decode()
    assert client.post(f"{_path(matter)}accused/", {"accused": "x"}).status_code == 404


def test_page_names_no_official_in_an_ordinary_matter(signed, warden, officer_county):
    page = signed(officer_county).get(_path(cast.make_matter(warden)), {"official": "李"})
    assert page.context["officials"] is None
    assert "/accused/" not in page.content.decode()
