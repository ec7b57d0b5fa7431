"""Lists of residents on their way out: thresholds, a second person, terms, no slices."""

import pytest
from django.db import IntegrityError, transaction

from lianhu.accounts.models import Grant, User
from lianhu.audit.models import Entry
from lianhu.kernel.ids import uuid7
from lianhu.people.actions.exports import (
    agree_export,
    ask_export,
    decline_export,
    drop_export,
    take_export,
)
from lianhu.people.models import Export
from lianhu.people.queries.exports import list_taken, list_waiting, terms
from lianhu.people.rules import tier_of
from tests import cast
from tests.matters.helpers import AT, code_of, later

WHY = "给镇里报汛期转移的名单"


def ask(actor, persons, place=cast.EAST, *, at=cast.NOON, name="households"):
    return ask_export(actor, name, place, persons, "check", WHY, asked="list=1", at=at)


@pytest.fixture
def committee(places):
    return cast.make_actor("田委", ("committee", cast.EAST, cast.COMMITTEE))


@pytest.mark.parametrize(
    ("persons", "tier"),
    [(0, 0), (1, 0), (24, 0), (25, 1), (249, 1), (250, 2), (2499, 2), (2500, 3), (300_000, 3)],
)
def test_tier_of_begins_at_each_threshold(persons, tier):
    assert tier_of(persons, terms(cast.TODAY)["tiers"]) == tier


def test_few_persons_go_at_once_and_only_once(secretary_east):
    row = ask(secretary_east, 24)
    assert (row.state, row.tier) == ("agreed", 0)
    take_export(secretary_east, row.id, 24, **AT)
    assert code_of(take_export, secretary_east, row.id, 24) == "export.over"
    [asked, taken] = Entry.objects.order_by("id")
    assert (asked.verb, taken.verb) == ("export.ask", "export")
    assert taken.facts == {"rows": 24, "purpose": "check", "number": row.number}


def test_a_purpose_is_chosen_and_from_25_on_said_in_words(secretary_east):
    call = (ask_export, secretary_east, "households", cast.EAST)
    assert code_of(*call, 3, "curious", asked="") == "export.no_purpose"
    assert code_of(*call, 25, "check", " ", asked="") == "export.no_words"
    assert code_of(*call, 25, "check", "为" * 201, asked="") == "export.too_long"
    assert not Export.objects.exists()


def test_slices_within_a_day_are_one_list(secretary_east):
    """By whatever list; what was not agreed to and what was taken back no more counts."""
    assert [ask(secretary_east, 12, name=n).tier for n in ("households", "visits")] == [0, 0]
    third = ask(secretary_east, 1, name="matters")
    assert third.tier == 1
    assert ask(secretary_east, 225).tier == 2
    drop_export(secretary_east, Export.objects.latest("asked_at", "id").id, **AT)
    assert ask(secretary_east, 224).tier == 1
    assert ask(secretary_east, 24, at=later(days=1, hours=1)["at"]).tier == 0


def test_what_was_taken_counts_even_when_it_is_dropped_after(secretary_east, committee):
    row = ask(secretary_east, 30)
    agree_export(committee, row.id, "", **AT)
    take_export(secretary_east, row.id, 30, **AT)
    drop_export(secretary_east, row.id, **AT)
    assert ask(secretary_east, 1).tier == 1


def test_nobody_takes_what_waits(secretary_east):
    row = ask(secretary_east, 25)
    assert code_of(take_export, secretary_east, row.id, 25) == "export.waiting"


def test_agree_is_another_persons_and_opens_the_file_for_a_while(secretary_east, committee):
    row = ask(secretary_east, 25)
    assert code_of(agree_export, secretary_east, row.id, "") == "export.not_found"
    assert list(list_waiting(committee, at=cast.NOON)) == [row]
    agree_export(committee, row.id, "可以", **AT)
    assert not list_waiting(committee, at=cast.NOON)
    assert code_of(agree_export, committee, row.id, "") == "export.not_found"
    for _ in range(2):
        take_export(secretary_east, row.id, 25, **later(hours=23))
    assert code_of(take_export, secretary_east, row.id, 25, **later(hours=23)) == "export.over"
    verbs = list(Entry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["export.ask", "export.agree", "export", "export"]


def test_the_file_is_gone_when_its_time_is_over(secretary_east, committee):
    row = ask(secretary_east, 25)
    agree_export(committee, row.id, "", **AT)
    assert code_of(take_export, secretary_east, row.id, 25, **later(hours=24)) == "export.over"


def test_nobody_agrees_after_three_days(secretary_east, committee):
    row = ask(secretary_east, 25)
    late = later(hours=72)
    assert code_of(agree_export, committee, row.id, "", **late) == "export.not_found"
    assert not list_waiting(committee, **late)


def test_agree_refuses_the_next_village_and_who_has_no_say(
    secretary_east, secretary_west, secretary_neighbour, supervisor, warden, leader_county
):
    row = ask(secretary_east, 25)
    for actor in (secretary_west, secretary_neighbour, supervisor, warden, leader_county):
        assert code_of(agree_export, actor, row.id, "") == "export.not_found"
        assert code_of(decline_export, actor, row.id, WHY) == "export.not_found"
        assert code_of(take_export, actor, row.id, 25) == "export.not_found"
        assert code_of(drop_export, actor, row.id) == "export.not_found"
        assert code_of(agree_export, actor, uuid7(), "") == "export.not_found"
        assert not list_waiting(actor, at=cast.NOON)


def test_ask_refuses_the_next_village(secretary_west, supervisor):
    for actor in (secretary_west, supervisor):
        call = (ask_export, actor, "households", cast.EAST, 1, "check")
        assert code_of(*call, asked="") == "account.not_permitted"


def test_more_persons_take_a_second_of_a_wider_post(
    secretary_east, committee, officer_town, data_officer, officer_county
):
    many = ask(secretary_east, 250)
    assert code_of(agree_export, committee, many.id, "") == "export.not_found"
    agree_export(officer_town, many.id, "", **AT)
    most = ask(officer_town, 2500, cast.EAST_TOWN)
    assert list(list_waiting(officer_county, at=cast.NOON)) == [most]
    assert code_of(agree_export, officer_county, most.id, "") == "export.one_holds"
    assert agree_export(data_officer, most.id, "", **AT).second_id == data_officer.id


def test_the_data_officer_asks_the_county_or_another_data_officer(data_officer, officer_county):
    most = ask(data_officer, 2500, cast.COUNTY, name="register")
    assert code_of(agree_export, data_officer, most.id, "") == "export.not_found"
    agree_export(officer_county, most.id, "", **AT)
    take_export(data_officer, most.id, 2500, whole=True, **AT)
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.object_id, entry.facts["whole"]) == (
        "register.export", cast.COUNTY, True,
    )  # fmt: skip


def test_two_accounts_of_one_person_are_one_person(secretary_east, committee):
    one = uuid7()
    User.objects.filter(id__in=[secretary_east.id, committee.id]).update(person_id=one)
    row = ask(secretary_east, 25)
    assert code_of(agree_export, committee, row.id, "") == "export.same_person"


def test_who_lost_the_post_gets_no_file(secretary_east, committee):
    first, second = ask(secretary_east, 25), ask(secretary_east, 25)
    agree_export(committee, first.id, "", **AT)
    Grant.objects.filter(user_id=secretary_east.id).delete()
    gone = cast.actor_again(secretary_east.id)
    assert code_of(take_export, gone, first.id, 25) == "account.not_permitted"
    assert code_of(agree_export, committee, second.id, "") == "export.asker_gone"


def test_a_list_that_grew_into_the_next_tier_is_asked_anew(secretary_east, committee):
    row = ask(secretary_east, 249)
    agree_export(committee, row.id, "", **AT)
    assert code_of(take_export, secretary_east, row.id, 250) == "export.grown"
    take_export(secretary_east, row.id, 249, **AT)


def test_decline_says_why_and_ends_it(secretary_east, committee):
    row = ask(secretary_east, 25)
    assert code_of(decline_export, committee, row.id, "") == "export.no_words"
    decline_export(committee, row.id, "名单太长，按组分开要", **AT)
    assert code_of(take_export, secretary_east, row.id, 25) == "export.over"
    assert ask(secretary_east, 24).tier == 0


def test_what_went_out_is_seen_by_who_looks_after_it_all(
    secretary_east, officer_town, data_officer, officer_county
):
    row = ask(secretary_east, 3)
    take_export(secretary_east, row.id, 3, **AT)
    seen = [list(list_taken(a, on=cast.TODAY)) for a in (data_officer, officer_county)]
    assert seen == [[row], [row]]
    assert not list_taken(officer_town, on=cast.TODAY)


def test_the_table_too_wants_two_people(secretary_east):
    row = ask(secretary_east, 25)
    for change in ({"state": "agreed"}, {"second_id": secretary_east.id}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Export.objects.filter(id=row.id).update(**change)


def test_filters_lie_sealed(secretary_east):
    row = ask_export(
        secretary_east, "households", cast.EAST, 1, "check", asked="words=liuwulin", **AT
    )
    row.refresh_from_db()
    assert row.asked == "words=liuwulin"
    assert b"liuwulin" not in bytes(row.asked_sealed)


def test_filters_are_kept_no_longer_than_the_file_is_there(secretary_east, committee):
    rows = [ask(secretary_east, n) for n in (1, 25, 25)]
    take_export(secretary_east, rows[0].id, 1, **AT)
    decline_export(committee, rows[1].id, "不用", **AT)
    drop_export(secretary_east, rows[2].id, **AT)
    assert set(Export.objects.values_list("asked_sealed", flat=True)) == {b""}
