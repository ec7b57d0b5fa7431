"""The ledger at the desk: who did what, within one's reach."""

from lianhu.audit.models import Entry
from lianhu.desk.ledger import WINGS
from lianhu.kernel.catalogue import read
from lianhu.visits.actions import record_visit
from tests import cast
from tests.desk.test_export import CHECK, _rows
from tests.matters.helpers import accepted


def _verbs(page):
    return [entry.verb for entry in page.context["rows"]]


def test_ledger_filters_by_verb_place_person_and_day(signed, secretary_east, warden, household):
    accepted(secretary_east, cast.make_matter(warden))
    client = signed(secretary_east)
    assert _verbs(client.get("/desk/ledger/")) == ["matter.accept", "matter.report"]
    for query, expected in (
        ({"words": "陈户长"}, ["matter.report"]),
        ({"verb": "matter"}, ["matter.accept", "matter.report"]),
        ({"verb": "person"}, []),
        ({"day": "2026-11-23"}, ["matter.accept", "matter.report"]),
        ({"day": "2026-11-22"}, []),
        ({"order": "oldest"}, ["matter.report", "matter.accept"]),
        ({"place": cast.EAST_GRID_2}, []),
        ({"day": "nonsense", "verb": "x", "beyond": "x"}, ["matter.accept", "matter.report"]),
    ):
        assert _verbs(client.get("/desk/ledger/", query)) == expected, query


def test_ledger_refuses_the_next_village_and_who_may_not_read_it(
    signed, secretary_west, handler, warden
):
    cast.make_matter(warden)
    client = signed(secretary_west)
    assert _verbs(client.get("/desk/ledger/")) == []
    assert client.get("/desk/ledger/", {"place": cast.EAST}).status_code == 404
    assert signed(handler).get("/desk/ledger/").status_code == 403


def test_ledger_of_confidential_matters_is_the_countys(
    signed, secretary_east, officer_county, officer_town, warden
):
    cast.make_matter(warden, category="official.money")
    assert _verbs(signed(secretary_east).get("/desk/ledger/")) == []
    assert _verbs(signed(officer_town).get("/desk/ledger/")) == []
    assert _verbs(signed(officer_county).get("/desk/ledger/")) == ["matter.report"]


def test_ledger_goes_on_by_id(signed, secretary_east, places):
    Entry.objects.bulk_create(
        Entry(at=cast.NOON, actor_id=secretary_east.id, actor_name="李东", verb="matter.add",
              object_kind="matter", object_id=str(n), place_id=cast.EAST_GRID)
        for n in range(53)
    )  # fmt: skip
    client = signed(secretary_east)
    first = client.get("/desk/ledger/")
    assert len(first.context["rows"]) == 50
    second = client.get("/desk/ledger/", {"beyond": first.context["further"]})
    assert [entry.object_id for entry in second.context["rows"]] == ["2", "1", "0"]
    assert second.context["further"] == 0
    oldest = client.get("/desk/ledger/", {"order": "oldest"})
    assert [entry.object_id for entry in oldest.context["rows"]][:2] == ["0", "1"]
    last = client.get("/desk/ledger/", {"order": "oldest", "beyond": oldest.context["further"]})
    assert [entry.object_id for entry in last.context["rows"]] == ["50", "51", "52"]


def test_the_ledger_follows_nobodys_visits(signed, secretary_east, warden, household):
    """norms.md: no location trails of staff. A visit stands with its household only."""
    record_visit(warden, household.id, cast.TODAY, at=cast.NOON)
    client = signed(secretary_east)
    for query in ({}, {"words": "陈户长"}, {"verb": "visit"}, {"day": "2026-11-23"}):
        assert _verbs(client.get("/desk/ledger/", query)) == []
    head, *rows = _rows(client.post("/desk/ledger/export/?words=陈户长", CHECK))
    assert (head[:2], rows) == (["何时", "谁"], [])
    page = client.get(f"/desk/households/{household.id}/")
    assert [visit.on for visit in page.context["visits"]] == [cast.TODAY]


def test_every_entry_has_words(signed, secretary_east, household, warden):
    accepted(secretary_east, cast.make_matter(warden))
    text = signed(secretary_east).get("/desk/ledger/").content.decode()
    assert "受理了事项" in text
    assert "matter.accept" not in text


def test_every_kind_of_entry_can_be_asked_for():
    assert {verb.partition(".")[0] for verb in read("ledger.toml")["words"]} == {
        *WINGS, "care", "sign_in", "visit",  # in nobody's list
    }  # fmt: skip


def test_ledger_links_only_what_its_reader_may_open(
    signed, secretary_east, supervisor, data_officer, household
):
    matter = cast.make_matter(secretary_east, household_id=household.id)
    link = f"/desk/matters/{matter.id}/"
    for reader, opens in ((secretary_east, True), (supervisor, True), (data_officer, False)):
        client = signed(reader)
        assert (link in client.get("/desk/ledger/").content.decode()) is opens
        assert client.get(link).status_code == (200 if opens else 404)
