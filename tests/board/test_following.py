"""Following by code: what its holder sees and may do, and what nobody learns."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lianhu.accounts.models import User
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.actions import steps
from lianhu.matters.actions.report import add_by_code
from lianhu.matters.actions.supervise import merge_matter
from lianhu.matters.models import Matter
from tests import cast
from tests.board.conftest import close


def _text(browser: Client, matter: Matter) -> str:
    return browser.get(f"/follow/{matter.ref}/").content.decode()


def test_follow_tells_the_stage_the_office_and_the_clock(browser: Client, resident: Actor):
    matter = cast.make_matter(resident, at=timezone.now())
    text = _text(browser, matter)
    assert "已经收到，等双乳村村民委员会受理" in text
    assert "个工作日" in text or "今天到期" in text
    assert "双乳村" in text


def test_follow_says_when_a_day_may_still_move(browser: Client, resident: Actor):
    matter = cast.make_matter(resident, at=timezone.now())
    year = max(state_calendar().years)
    assert "可能变动" not in _text(browser, matter) or matter.due_on.year > year
    Matter.objects.filter(id=matter.id).update(due_on=f"{year + 1}-01-15")
    assert f"{year + 1} 年的放假安排还没有公布" in _text(browser, matter)


def test_follow_names_nobody_and_repeats_no_words(
    browser: Client, answered: Matter, secretary_east: Actor
):
    Matter.objects.filter(id=answered.id).update(reporter_name="刘武林", spot="桥头")
    text = _text(browser, answered)
    assert "瓦已经换好" in text
    assert "双乳镇村镇建设办公室" in text
    for secret in ("屋顶漏雨", "刘武林", "冯经办", "李东", "桥头", cast.EAST_GRID, "三组"):
        assert secret not in text


@pytest.mark.parametrize("kind", ["official.money", "safety.harm"])
def test_follow_of_a_confidential_matter_does_not_say_what_it_is(
    browser: Client, resident: Actor, kind: str
):
    text = _text(browser, cast.make_matter(resident, category=kind, about="李东"))
    assert "一件保密的事" in text
    for secret in ("钱物", "干部", "纪委", "欺负", "社会事务", "双乳", "李东"):
        assert secret not in text.replace("三线人员手机应用", "")


def test_follow_pages_are_kept_by_nobody(browser: Client, answered: Matter):
    for path in (f"/follow/{answered.ref}/", "/follow/", "/follow/WRONG/"):
        page = browser.get(path)
        assert page["Cache-Control"] == "no-store"
        assert "noindex" in page["X-Robots-Tag"]
        # The browser tells other pages at most our name, never the code in the address.
        assert page["Referrer-Policy"] == "strict-origin"


def test_a_code_may_be_typed_loosely(browser: Client, answered: Matter):
    loose = f"{answered.ref[:5].lower()} - {answered.ref[5:]}"
    answer = browser.get("/follow/", {"ref": loose}, follow=True)
    assert "给您的答复" in answer.content.decode()


def test_a_bad_code_and_an_absent_code_look_alike(browser: Client, answered: Matter):
    pages = {}
    for code in ("0000000000", "nonsense", "双鱼", "9" * 300):
        answer = browser.get(f"/follow/{code}/")
        assert answer.status_code == 404
        pages[code] = answer.content.decode().replace(code[:40], "")
    assert len(set(pages.values())) == 1


def test_wrong_codes_are_throttled_by_address_and_right_ones_are_not(
    browser: Client, answered: Matter
):
    most = read("throttles.toml")["follow"]["tries"]
    for _ in range(most + 5):
        assert browser.get(f"/follow/{answered.ref}/").status_code == 200
    for _ in range(most):
        assert browser.get("/follow/WRONG/").status_code == 404
    assert browser.get("/follow/WRONG/").status_code == 429
    assert browser.get(f"/follow/{answered.ref}/").status_code == 429
    other = Client(REMOTE_ADDR="10.9.8.7")
    assert other.get(f"/follow/{answered.ref}/").status_code == 200


def test_wrong_codes_count_on_forms_too(browser: Client, places: dict[str, str]):
    most = read("throttles.toml")["follow"]["tries"]
    codes = [
        browser.post("/follow/WRONG/rate/", {"score": "5"}).status_code for _ in range(most + 1)
    ]
    assert codes == [404] * most + [429]


def test_a_question_is_answered_with_the_code_and_the_clock_goes_on(
    browser: Client, resident: Actor, secretary_east: Actor
):
    matter = cast.make_matter(resident, at=timezone.now())
    steps.accept_matter(secretary_east, matter.id, at=timezone.now())
    steps.ask_for_more(secretary_east, matter.id, "桥的哪一头？", at=timezone.now())
    text = _text(browser, matter)
    assert "桥的哪一头？" in text
    assert "您的回答" in text
    answer = browser.post(f"/follow/{matter.ref}/add/", {"words": "上游那一头"}, follow=True)
    assert "您的话已经送到" in answer.content.decode()
    matter.refresh_from_db()
    assert (matter.stage, matter.waiting_since) == ("handling", None)
    step = matter.steps.get(verb="resume")
    assert (step.words, step.actor_name) == ("上游那一头", "村民")


def test_more_may_be_added_until_it_is_answered(
    browser: Client, resident: Actor, answered: Matter
):
    matter = cast.make_matter(resident)
    browser.post(f"/follow/{matter.ref}/add/", {"words": "又多了一堆"})
    assert matter.steps.get(verb="add").words == "又多了一堆"
    assert "再补充几句" not in _text(browser, answered)


def test_an_empty_reply_is_refused_in_words(browser: Client, resident: Actor):
    matter = cast.make_matter(resident)
    answer = browser.post(f"/follow/{matter.ref}/add/", {"words": " "})
    assert answer.status_code == 422
    assert "请写几个字" in answer.content.decode()


def test_adding_is_throttled_by_address_and_keeps_the_words(browser: Client, resident: Actor):
    matter = cast.make_matter(resident)
    most = read("throttles.toml")["board_report_address"]["tries"]
    for _ in range(most):
        browser.post(f"/follow/{matter.ref}/add/", {"words": " "})
    answer = browser.post(f"/follow/{matter.ref}/add/", {"words": "还有一句"})
    assert answer.status_code == 429
    assert "还有一句" in answer.content.decode()


def test_an_answer_is_rated_once(browser: Client, answered: Matter):
    path = f"/follow/{answered.ref}/rate/"
    first = browser.post(path, {"score": "4", "words": "还行"}, follow=True)
    assert "谢谢您的评价" in first.content.decode()
    assert "4 分，满意" in first.content.decode()
    second = browser.post(path, {"score": "1"})
    assert second.status_code == 422
    answered.refresh_from_db()
    assert (answered.score, answered.score_words) == (4, "还行")


def test_nobody_signed_in_rates_their_own_work(
    browser: Client, answered: Matter, secretary_east: Actor
):
    path = f"/follow/{answered.ref}/rate/"
    worker = answered.steps.get(verb="answer").actor_id
    browser.force_login(User.objects.get(id=worker))
    refused = browser.post(path, {"score": "5", "words": "办得真好"})
    assert refused.status_code == 422
    assert "您不能评" in refused.content.decode()
    assert "办得真好" in refused.content.decode()
    answered.refresh_from_db()
    assert answered.score is None
    browser.force_login(User.objects.get(id=secretary_east.id))
    assert browser.post(path, {"score": "3"}).status_code == 302


@pytest.mark.parametrize("score", ["0", "6", "", "x", "٣"])
def test_a_score_outside_one_to_five_is_refused(browser: Client, answered: Matter, score: str):
    answer = browser.post(
        f"/follow/{answered.ref}/rate/", {"score": score, "words": "想说的话"}
    )
    assert answer.status_code == 422
    assert "想说的话" in answer.content.decode()


def test_nothing_is_rated_before_it_is_answered(browser: Client, resident: Actor):
    matter = cast.make_matter(resident)
    assert browser.post(f"/follow/{matter.ref}/rate/", {"score": "5"}).status_code == 422
    assert "您满意吗" not in _text(browser, matter)


def test_a_closed_matter_is_reopened_within_the_window(
    browser: Client, answered: Matter, secretary_east: Actor
):
    close(answered, secretary_east, timezone.now() - timedelta(days=3))
    assert "没办好，要求重新办" in _text(browser, answered)
    path = f"/follow/{answered.ref}/reopen/"
    assert browser.post(path, {"words": ""}).status_code == 422
    browser.post(path, {"words": "又漏了"})
    answered.refresh_from_db()
    assert (answered.stage, answered.reopenings) == ("accepted", 1)


def test_nobody_signed_in_reopens_their_own_work(
    browser: Client, answered: Matter, secretary_east: Actor, warden: Actor
):
    close(answered, secretary_east, timezone.now() - timedelta(days=3))
    path = f"/follow/{answered.ref}/reopen/"
    worker = answered.steps.get(verb="answer").actor_id
    browser.force_login(User.objects.get(id=worker))
    refused = browser.post(path, {"words": "再办一次"})
    assert refused.status_code == 422
    assert "您经办过" in refused.content.decode()
    assert "再办一次" in refused.content.decode()
    browser.force_login(User.objects.get(id=warden.id))
    assert browser.post(path, {"words": "又漏了"}).status_code == 302


def test_a_matter_closed_long_ago_is_not_reopened(
    browser: Client, answered: Matter, secretary_east: Actor
):
    close(answered, secretary_east, timezone.now() - timedelta(days=31))
    assert "没办好，要求重新办" not in _text(browser, answered)
    answer = browser.post(f"/follow/{answered.ref}/reopen/", {"words": "又漏了"})
    assert answer.status_code == 422
    assert "请重新上报" in answer.content.decode()
    assert "又漏了" in answer.content.decode()


def test_a_copy_follows_its_original_and_hears_nothing_of_it(
    browser: Client, answered: Matter, resident: Actor, secretary_east: Actor, warden: Actor
):
    original = cast.make_matter(warden, words="桥头垃圾，陈家门口", at=timezone.now())
    copy = cast.make_matter(resident, words="桥头有垃圾", at=timezone.now())
    steps.accept_matter(secretary_east, original.id, at=timezone.now())
    merge_matter(secretary_east, copy.id, original.id, at=timezone.now())
    steps.ask_for_more(secretary_east, original.id, "陈家大哥在不在？", at=timezone.now())
    text = _text(browser, copy)
    assert "别人也反映了这件事" in text
    for secret in (original.ref, "陈家", "您的回答", "您满意吗"):
        assert secret not in text
    steps.answer_matter(secretary_east, original.id, "运走了", at=timezone.now())
    assert "运走了" in _text(browser, copy)
    assert browser.post(f"/follow/{copy.ref}/rate/", {"score": "1"}).status_code == 422
    assert browser.post(f"/follow/{copy.ref}/add/", {"words": "x"}).status_code == 422


def test_steps_are_taken_by_sending_a_form_only(browser: Client, answered: Matter):
    for step in ("add", "rate", "reopen"):
        assert browser.get(f"/follow/{answered.ref}/{step}/").status_code == 405


def test_the_person_accused_cannot_add_even_with_the_code(
    places: dict[str, str], secretary_east: Actor, resident: Actor
):
    matter = cast.make_matter(resident, category="official.money", accused_id=secretary_east.id)
    with pytest.raises(NotPermitted):
        add_by_code(secretary_east, matter, "没有的事", at=timezone.now())
    assert matter.steps.count() == 1
