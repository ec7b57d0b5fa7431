"""A small demo county in the database, and as each of its accounts sees it."""

import pytest
from django.db import transaction
from django.utils import timezone

from lianhu.accounts.models import Grant, User
from lianhu.accounts.queries.actors import actor_for
from lianhu.accounts.queries.staff import find_user
from lianhu.audit.models import Entry, Version
from lianhu.demo.build import Built, build_county
from lianhu.demo.county import ACCOUNTS
from lianhu.demo.divisions import OTHER, PILOT
from lianhu.demo.marks import is_made_up
from lianhu.grids.models import Standing
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.matters.actions.counting import recount_ended
from lianhu.matters.models import EndedCount, Matter, Step
from lianhu.matters.queries.search import matching
from lianhu.matters.rules import STAGE_WORDS, Stage
from lianhu.people.models import Household, Person
from lianhu.people.rules import check_digit
from lianhu.postings.models import Posting
from lianhu.postings.queries import list_gaps
from lianhu.territory.models import Place
from lianhu.territory.queries import reach
from lianhu.visits.models import Visit


def _actor(account: str) -> Actor:
    user = find_user(account)
    assert user is not None
    return actor_for(user, on=timezone.localdate())


def test_build_county_writes_what_it_says(built: Built) -> None:
    assert built.persons == Person.objects.count() == 3_130
    assert built.households == Household.objects.count() == 1_000
    assert built.matters == Matter.objects.count() == 400
    assert built.visits == Visit.objects.count() == 600
    assert built.workers == User.objects.count()
    assert built.grids == Version.objects.filter(key__startswith="610921").count()
    assert Person.objects.filter(residence="away").count() == 630
    assert Place.objects.filter(level="village").count() == 150
    assert Step.objects.count() == Entry.objects.filter(verb__startswith="matter.").count()


def test_build_county_counts_what_is_closed(built: Built) -> None:
    rows = EndedCount.objects.exclude(ended=0).order_by("place", "received_on")
    kept = list(rows.values_list("place", "received_on", "ended", "in_time"))
    assert kept
    with transaction.atomic():
        recount_ended()
        assert list(rows.all().values_list("place", "received_on", "ended", "in_time")) == kept


def test_build_county_has_looked_at_the_divisions_of_the_pilot_town(built: Built) -> None:
    lived_in = Household.objects.filter(place__code__startswith=PILOT[:9]).values_list(
        "place_id"
    )
    groups = {place[:14] for (place,) in lived_in}
    assert groups
    assert set(Standing.objects.values_list("place_id", flat=True)) >= groups
    assert not Standing.objects.exclude(place__code__startswith=PILOT[:9]).exists()


def test_build_county_refuses_a_second_time(built: Built) -> None:
    with pytest.raises(Refusal) as refused:
        build_county(scale=0.01, silent=True)
    assert refused.value.code == "demo.not_empty"


def test_every_account_has_its_role_and_place(built: Built) -> None:
    for account, (role, place) in ACCOUNTS.items():
        actor = _actor(account)
        assert role in actor.roles, account
        assert actor.home.startswith(place), account
        assert is_made_up(actor.id)
        assert not User.objects.get(username=account).has_usable_password()


def test_numbers_are_sealed_and_open_again(built: Built) -> None:
    person = Person.objects.exclude(phone_sealed=b"").first()
    assert person is not None
    assert person.id_number.startswith("999321")
    assert person.id_number[17] == check_digit(person.id_number[:17])
    assert person.phone.startswith("100")
    assert person.id_number.encode() not in bytes(person.id_sealed)


def test_households_hold_their_persons_in_one_grid(built: Built) -> None:
    for household in Household.objects.all()[:100]:
        persons = list(household.persons.all())
        assert len(persons) == household.size
        assert {p.place_id for p in persons} == {household.place_id}
        assert household.head_name == next(p.name for p in persons if p.relation == "02")


def test_grids_have_one_leader_who_lives_there_or_show_as_a_gap(built: Built) -> None:
    gaps = list_gaps(_actor("data"), under="610921", on=timezone.localdate())
    assert gaps.count() == 1
    assert Posting.objects.filter(is_leader=True).count() == built.grids - 1
    for posting in Posting.objects.select_related("user")[:40]:
        assert Person.objects.get(id=posting.user.person_id).place_id == posting.place_id
        assert Grant.objects.get(id=posting.grant_id).role == posting.line


def test_the_warden_sees_every_stage_and_only_her_grid(built: Built) -> None:
    warden = _actor("warden")
    rows = reach(Matter.objects, warden, "matter.read")
    assert set(rows.values_list("stage", flat=True)) >= set(STAGE_WORDS) - {Stage.MERGED}
    assert set(rows.values_list("place_id", flat=True)) == {warden.home}
    late = rows.filter(is_open=True, due_on__lt=timezone.localdate())
    assert late.count() >= 1
    homes = reach(Household.objects, warden, "household.read")
    assert 15 <= homes.count() <= 26


def test_villages_do_not_see_each_other(built: Built) -> None:
    one = reach(Household.objects, _actor("secretary"), "household.read")
    other = reach(Household.objects, _actor("secretary-2"), "household.read")
    assert {h.place_id[:12] for h in one} == {PILOT}
    assert {h.place_id[:12] for h in other} == {OTHER}


def test_a_report_about_an_official_is_hidden_from_the_village(built: Built) -> None:
    secretary = _actor("secretary")
    about = Matter.objects.filter(row_class="about_official", accused_id=secretary.id)
    assert about.exists()
    for account in ("secretary", "warden", "supervisor", "town", "leader"):
        seen = reach(Matter.objects, _actor(account), "matter.read")
        assert not seen.filter(row_class="about_official").exists(), account
    county = reach(Matter.objects, _actor("county"), "matter.read")
    assert county.filter(row_class="about_official").exists()


def test_matters_can_be_searched(built: Built) -> None:
    found = Matter.objects.filter(matching(_actor("leader"), "垃圾"))
    assert found.exists()
    assert Matter.objects.filter(matching(_actor("leader"), "绝无此词")).count() == 0
