"""The inbox: queues, clocks, filters, and the same number of questions for any length."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lianhu.matters.models import Matter
from lianhu.matters.queries.one import get_matter
from tests import cast

QUERIES = 14


def _ids(page):
    return [row.matter.id for row in page.context["rows"]]


def test_inbox_shows_queues_and_one_step_each(signed, secretary_east, officer_town, warden):
    matter = cast.make_matter(warden, at=timezone.now())
    page = signed(secretary_east).get("/desk/matters/")
    assert [(code, count) for code, _, count in page.context["queues"]] == [
        ("mine", "1"), ("office", "1"), ("under", "1"),
    ]  # fmt: skip
    assert page.context["rows"][0].steps.first == "accept"
    assert _ids(signed(officer_town).get("/desk/matters/?queue=under")) == [matter.id]
    assert _ids(signed(officer_town).get("/desk/matters/")) == []


def test_inbox_filters_by_everything_in_the_address(signed, secretary_east, warden):
    rubbish = cast.make_matter(warden)
    dispute = cast.make_matter(warden, category="dispute.boundary", words="两家宅基地边界不清")
    Matter.objects.filter(id=dispute.id).update(due_on="2020-01-01")
    client = signed(secretary_east)
    for query, expected in (
        ({"top": "dispute"}, [dispute.id]),
        ({"late": "late"}, [dispute.id]),
        ({"words": "垃圾"}, [rubbish.id]),
        ({"words": rubbish.ref}, [rubbish.id]),
        ({"stage": "accepted"}, []),
        ({"state": "ended"}, []),
        ({"order": "-due"}, [rubbish.id, dispute.id]),
        ({"top": "nonsense", "order": "x", "page": "x"}, [dispute.id, rubbish.id]),
        ({"place": cast.EAST_GRID_2}, []),
    ):
        page = client.get("/desk/matters/", {"queue": "under"} | query)
        assert _ids(page) == expected, query


def test_inbox_refuses_other_places_and_who_reads_no_matters(
    signed, secretary_west, representative, warden
):
    cast.make_matter(warden)
    client = signed(secretary_west)
    assert _ids(client.get("/desk/matters/?queue=under&state=all")) == []
    assert client.get("/desk/matters/", {"place": cast.EAST}).status_code == 404
    assert signed(representative).get("/desk/matters/").status_code == 403


def test_inbox_pages_without_counting_the_table(signed, secretary_east, warden):
    first = cast.make_matter(warden)
    rows = []
    for n in range(50):
        copy = Matter.objects.get(id=first.id)
        copy.id, copy.ref = None, f"T{n:09d}"
        copy.id = type(first)._meta.pk.get_default()
        rows.append(copy)
    Matter.objects.bulk_create(rows)
    client = signed(secretary_east)
    page = client.get("/desk/matters/?queue=under")
    assert (len(_ids(page)), page.context["sheet"].more) == (50, True)
    page = client.get("/desk/matters/?queue=under&page=2")
    assert (len(_ids(page)), page.context["sheet"].more) == (1, False)


def test_inbox_asks_the_same_number_of_questions(
    signed, secretary_east, warden, django_assert_num_queries
):
    client = signed(secretary_east)
    for more in (1, 2):
        for _ in range(more):
            cast.make_matter(warden)
        with django_assert_num_queries(QUERIES):
            client.get("/desk/matters/?queue=under")


def test_a_search_looks_its_words_up_once(signed, secretary_east, warden):
    cast.make_matter(warden, words="桥头的垃圾堆了三天")
    client = signed(secretary_east)
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/desk/matters/", {"words": "垃圾", "queue": "under"})
    assert len(page.context["rows"]) == 1
    assert sum("matters_search" in query["sql"] for query in asked.captured_queries) == 1


def test_dispatch_from_the_list_swaps_one_row(signed, secretary_east, warden):
    matter = cast.make_matter(warden)
    client, path = signed(secretary_east), f"/desk/matters/{matter.id}/dispatch/"
    form = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert form.startswith("<form")
    assert "<html" not in form
    answer = client.post(path, {"to": cast.HOUSING}, headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith(f'<tr id="m-{matter.id}"')
    assert get_matter(secretary_east, matter.id).office == cast.HOUSING


def test_dispatch_from_the_list_works_without_script(signed, secretary_east, warden):
    matter = cast.make_matter(warden)
    client, back = signed(secretary_east), "/desk/matters/?queue=under&page=1"
    path = f"/desk/matters/{matter.id}/dispatch/"
    assert "<html" in client.get(path).content.decode()
    answer = client.post(path, {"to": cast.HOUSING, "back": back})
    assert answer["Location"] == f"{back}&done=dispatch"
    away = client.post(
        f"/desk/matters/{matter.id}/escalate/", {"back": "https://evil.example/desk/"}
    )
    assert away["Location"] == f"/desk/matters/{matter.id}/?done=escalate"


def test_dispatch_refused_in_the_list_says_so_in_its_row(signed, secretary_east, warden):
    matter = cast.make_matter(warden)
    answer = signed(secretary_east).post(
        f"/desk/matters/{matter.id}/dispatch/", {"to": f"{cast.WEST}:committee"},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert answer.status_code == 200
    assert answer["HX-Retarget"] == f"#m-{matter.id} td:last-child"
    assert "这个单位不管这个地方" in answer.content.decode()
