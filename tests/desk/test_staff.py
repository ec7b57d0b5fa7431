"""Staff: postings, handover, phones and gaps."""

from django.utils import timezone

from lianhu.accounts.models import Device, EnrolToken, User
from lianhu.matters.actions.steps import handle_matter
from lianhu.matters.models import Matter
from lianhu.postings.models import Posting
from tests import cast
from tests.matters.helpers import AT, accepted


def test_staff_lists_lines_offices_and_gaps(signed, secretary_east, warden, member):
    client = signed(secretary_east)
    rows = client.get("/desk/staff/").context["sheet"].rows
    assert {p.user.name for p in rows} == {"陈户长", "杨党员"}
    rows = client.get("/desk/staff/?line=warden").context["sheet"].rows
    assert [p.user.name for p in rows] == ["陈户长"]
    rows = client.get("/desk/staff/?words=杨").context["sheet"].rows
    assert {p.user.name for p in rows} == {"杨党员"}
    rows = client.get("/desk/staff/?line=office").context["sheet"].rows
    assert [g.user.name for g in rows] == ["李东"]
    rows = client.get("/desk/staff/?line=gaps").context["sheet"].rows
    assert [g.code for g in rows] == [cast.EAST_FAR_GRID, cast.EAST_GRID_2]


def test_staff_refuses_the_next_village(signed, secretary_west, warden):
    client = signed(secretary_west)
    posting = Posting.objects.get(user_id=warden.id)
    assert client.get("/desk/staff/").context["sheet"].rows == []
    assert client.get("/desk/staff/", {"place": cast.EAST}).status_code == 404
    assert client.get(f"/desk/staff/{warden.id}/").status_code == 404
    assert client.post(f"/desk/staff/{warden.id}/enrol/").status_code == 404
    assert client.post(f"/desk/postings/{posting.id}/end/").status_code == 404
    assert client.get("/desk/staff/post/", {"posting": str(posting.id)}).status_code == 404
    assert client.get("/desk/staff/post/", {"grid": cast.EAST_GRID}).status_code == 404
    assert EnrolToken.objects.count() == 0


def test_a_registered_person_is_posted_and_gets_an_account(signed, secretary_east, household):
    client = signed(secretary_east)
    asked = client.get("/desk/staff/post/", {"grid": cast.EAST_GRID, "name": "张桂花"})
    [(who, name, _)] = asked.context["found"]
    typed = {"grid": cast.EAST_GRID, "name": name, "who": who, "line": "member", "leader": "1"}
    answer = client.post("/desk/staff/post/", typed)
    assert answer["Location"] == f"/desk/places/{cast.EAST_GRID}/?done=post"
    posting = Posting.objects.get()
    assert (posting.user.name, posting.line, posting.is_leader) == ("张桂花", "member", True)
    assert not posting.user.has_usable_password()
    again = client.post("/desk/staff/post/", typed)
    assert again.status_code == 422
    assert "已经有网格长了" in again.content.decode()
    assert User.objects.filter(name="张桂花").count() == 1


def test_nobody_of_another_village_is_offered_or_taken(
    signed, secretary_east, warden_west, household_west
):
    client = signed(secretary_east)
    for name in ("马西", "马有田"):
        asked = client.get("/desk/staff/post/", {"grid": cast.EAST_GRID, "name": name})
        assert asked.context["found"] == []
    person = cast.head_of(household_west)
    for who in (f"user:{warden_west.id}", f"person:{person.id}"):
        typed = {"grid": cast.EAST_GRID, "who": who, "line": "member"}
        assert client.post("/desk/staff/post/", typed).status_code == 404
    typed = {"grid": cast.EAST_GRID, "who": "nonsense", "line": "member"}
    assert client.post("/desk/staff/post/", typed).status_code == 422
    assert Posting.objects.filter(place_id=cast.EAST_GRID).count() == 0


def test_a_handover_moves_the_open_work(signed, secretary_east, warden, member):
    matter = cast.make_matter(member)
    accepted(secretary_east, matter)
    handle_matter(secretary_east, matter.id, "看过", **AT)
    Matter.objects.filter(id=matter.id).update(handler_id=warden.id)
    old = Posting.objects.get(user_id=warden.id)
    client = signed(secretary_east)
    page = client.get("/desk/staff/post/", {"posting": str(old.id), "name": "杨党员"})
    who = page.context["found"][0][0]
    typed = {"posting": str(old.id), "name": "杨党员", "who": who}
    assert client.post("/desk/staff/post/", typed).status_code == 302
    old.refresh_from_db()
    matter.refresh_from_db()
    assert old.ends_on is not None
    assert matter.handler_id == member.id
    leader = Posting.objects.get(place_id=cast.EAST_GRID, is_leader=True, ends_on=None)
    assert leader.user_id == member.id


def test_a_posting_ends_and_stays_in_the_persons_course(signed, secretary_east, warden):
    client, posting = signed(secretary_east), Posting.objects.get(user_id=warden.id)
    assert client.get(f"/desk/staff/{warden.id}/").status_code == 200
    client.post(f"/desk/postings/{posting.id}/end/")
    text = client.get(f"/desk/staff/{warden.id}/").content.decode()
    assert "止" in text
    assert client.post(f"/desk/postings/{posting.id}/end/").status_code == 422


def test_a_phone_is_enrolled_by_a_code_shown_once(signed, secretary_east, warden):
    client = signed(secretary_east)
    page = client.post(f"/desk/staff/{warden.id}/enrol/")
    text = page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert "<svg" in text
    assert "http://testserver/phone/#enrol=" in text
    assert "10 分钟内有效" in text
    assert "#enrol=" not in client.get(f"/desk/staff/{warden.id}/").content.decode()
    assert EnrolToken.objects.get().expires_at > timezone.now()


def test_a_phone_is_revoked(signed, secretary_east, secretary_west, warden):
    device, _ = cast.make_device(warden)
    path = f"/desk/devices/{device.id}/revoke/"
    assert signed(secretary_west).post(path).status_code == 401
    client = signed(secretary_east)
    assert client.post(path)["Location"] == f"/desk/staff/{warden.id}/?done=revoke"
    assert Device.objects.get().revoked_at is not None
    assert "已停用" in client.get(f"/desk/staff/{warden.id}/").content.decode()
    assert client.post(path).status_code == 401


def test_who_may_not_post_sees_no_buttons(signed, supervisor, warden):
    client = signed(supervisor)
    assert "交接" not in client.get("/desk/staff/").content.decode()
    assert "登记一部手机" not in client.get(f"/desk/staff/{warden.id}/").content.decode()
    assert client.get("/desk/staff/post/", {"grid": cast.EAST_GRID}).status_code == 404


def test_staff_asks_the_same_number_of_questions(
    signed, secretary_east, warden, django_assert_num_queries
):
    client = signed(secretary_east)
    for more in (0, 2):
        for n in range(more):
            cast.make_posted(f"新{n}", "member", cast.EAST_GRID)
        with django_assert_num_queries(QUERIES):
            client.get("/desk/staff/")


QUERIES = 8
