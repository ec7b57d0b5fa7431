"""Every wall of a care episode, one test each."""

import json
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from lianhu.accounts.models import Grant
from lianhu.accounts.queries.actors import system_actor
from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.grading.actions.care import close_care, open_care, renew_care, write_care
from lianhu.grading.actions.clocks import VERBS, run_clocks
from lianhu.grading.actions.forget import forget_grading
from lianhu.grading.models import CareEpisode
from lianhu.grading.queries import care as care_queries
from lianhu.grading.queries.care import care_words, get_care, own_care, supervisors_for
from lianhu.kernel.errors import Refusal
from lianhu.kernel.seal import unseal_bytes
from lianhu.people.keys import read_key
from lianhu.territory.queries import reach
from lianhu.territory.queries.ledger import entries_about, list_entries
from tests import cast
from tests.matters.helpers import AT, GRIDS, code_of, later, raised

WORDS = ("本人点头了", "想有人说说话", "一个人住，夜里睡不着", "每周二去坐一坐")


@pytest.fixture
def episode(secretary_east, officer_town, household):
    return open_care(secretary_east, household.id, officer_town.id, "consent", *WORDS, **AT)


def others(*given):
    """People who see much, but are not named in the episode."""
    extra = (
        cast.make_actor("李委员", ("committee", cast.EAST)),
        cast.make_actor("另一位镇干部", ("town", cast.EAST_TOWN)),
        cast.make_actor("县干部", ("county", cast.COUNTY, cast.PETITION)),
    )
    return (*given, *extra)


def read(actor, episode):
    return get_care(actor, episode.id)


def test_only_the_worker_and_the_supervisor_read_it(
    episode, secretary_east, officer_town, warden, member, deputy, supervisor, data_officer,
    leader_county, officer_county, secretary_west, resident,
):  # fmt: skip
    for actor in (secretary_east, officer_town):
        words = care_words(actor, read(actor, episode))
        assert (words.basis, words.wish, words.need, words.help) == WORDS
        assert list(own_care(actor)) == [episode]
    everybody = others(
        warden, member, deputy, supervisor, data_officer, leader_county, officer_county,
        secretary_west, resident,
    )  # fmt: skip
    for actor in everybody:
        assert not own_care(actor).exists(), actor.name
        assert code_of(lambda *a, at: read(*a), actor, episode) == "care.not_found"
        assert code_of(lambda *a, at: care_words(*a), actor, episode) == "care.not_found"
        for action in (renew_care, close_care):
            assert code_of(action, actor, episode.id) == "care.not_found"


def test_who_lost_the_post_reads_no_more(episode, secretary_east):
    Grant.objects.filter(user_id=secretary_east.id).update(
        ends_on=cast.TODAY - timedelta(days=1)
    )
    again = cast.actor_again(secretary_east.id)
    assert code_of(lambda *a, at: read(*a), again, episode) == "care.not_found"


def test_the_general_gate_opens_it_to_nobody(episode, officer_county, data_officer):
    class Placed(CareEpisode):
        class Meta:
            proxy = True
            app_label = "grading"

    # reach() knows rows with a row class; "care" is none of the classes that it opens.
    assert episode.row_class == "care"
    for actor in (officer_county, data_officer):
        assert not reach(Entry.objects, actor, "ledger.read").filter(row_class="care").exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        CareEpisode.objects.filter(id=episode.id).update(row_class="x")
    del apps.all_models["grading"]["placed"]


def test_the_words_are_sealed_in_the_table(episode):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM grading_careepisode")
        (row,) = cursor.fetchall()
    stored = b"".join(
        bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row
    )
    assert all(word.encode() not in stored for word in WORDS)
    assert all(json.dumps(word).strip('"').encode() not in stored for word in WORDS)


def test_the_ledger_tells_nobody_whom_it_is_about(
    episode, household, secretary_east, officer_town, officer_county, data_officer, supervisor
):
    write_care(secretary_east, episode.id, *WORDS[1:], **AT)
    entries = Entry.objects.filter(row_class="care")
    assert {(e.verb, e.object_id, e.place_id, str(e.facts)) for e in entries} == {
        ("care.change", str(episode.id), cast.COUNTY, "{}")
    }
    for actor in (secretary_east, officer_town, officer_county, data_officer, supervisor):
        assert not list_entries(actor, verb="care").exists()
        assert not entries_about(actor, [str(episode.id), str(household.id)]).exists()


def test_not_even_a_version_tells_that_somebody_is_cared_for(
    secretary_east, officer_town, household
):
    before = versions(GRIDS)
    open_care(secretary_east, household.id, officer_town.id, "consent", *WORDS, **AT)
    assert raised(before) == {}


def test_it_takes_consent_or_a_written_safety_reason(secretary_east, officer_town, household):
    def refused(basis, words):
        args = (household.id, officer_town.id, basis, words, *WORDS[1:])
        return code_of(open_care, secretary_east, *args)

    assert refused("", "x") == refused("consent", " ") == refused("hearsay", "x")
    assert refused("", "x") == "care.no_basis"
    args = (household.id, officer_town.id, "safety", "割腕被送医")
    assert code_of(open_care, secretary_east, *args, "", " ", "") == "care.no_words"
    assert open_care(secretary_east, *args, *WORDS[1:], **AT).basis == "safety"


def test_one_named_supervisor_who_is_somebody_else(
    secretary_east, officer_town, household, officer_county, data_officer, warden
):
    for somebody in (secretary_east, officer_county, data_officer, warden):
        args = (household.id, somebody.id, "consent", *WORDS)
        assert code_of(open_care, secretary_east, *args) == "care.bad_supervisor"
    names = [name for _, name, _ in supervisors_for(
        household.place_id, on=cast.TODAY, but=secretary_east.id)]  # fmt: skip
    assert names == ["赵镇"]


def test_open_care_refuses_the_next_village_and_the_county(
    secretary_west,
    secretary_neighbour,
    officer_county,
    data_officer,
    warden,
    officer_town,
    household,
):
    for actor in (secretary_west, secretary_neighbour, officer_county, data_officer, warden):
        args = (household.id, officer_town.id, "consent", *WORDS)
        assert code_of(open_care, actor, *args) == "household.not_found"


def test_it_ends_after_ninety_days_unless_renewed(
    episode, secretary_east, officer_town, places
):
    system = system_actor(cast.COUNTY, *VERBS)
    assert (episode.ends_on - cast.TODAY).days == 90
    assert code_of(renew_care, officer_town, episode.id) == "care.not_worker"
    renew_care(secretary_east, episode.id, **later(days=80))
    run_clocks(system, **later(days=169))
    assert get_care(secretary_east, episode.id).closed_on is None
    told = run_clocks(system, **later(days=170))
    assert get_care(secretary_east, episode.id).closed_on is not None
    assert not any("care" in key for key in told)
    assert code_of(renew_care, secretary_east, episode.id, **later(days=171)) == "care.closed"


def test_what_a_deleted_episode_said_is_closed_in_every_copy(episode, officer_town):
    where, copy = f"care.words.{episode.id}", bytes(episode.words_sealed)
    assert WORDS[1] in read_key(episode.id).unseal(copy, where).decode()
    close_care(officer_town, episode.id, **AT)
    forget_grading(cast.NOON + timedelta(days=2), 500)
    assert read_key(episode.id) is None
    with pytest.raises((InvalidTag, Refusal)):
        unseal_bytes(copy, where)


def test_the_supervisor_may_close_it(episode, officer_town):
    assert close_care(officer_town, episode.id, **AT).closed_on == cast.TODAY
    assert code_of(close_care, officer_town, episode.id) == "care.closed"


def test_there_is_no_label_score_or_count_of_care():
    columns = {field.name for field in CareEpisode._meta.concrete_fields}
    assert columns == {
        "id", "household", "worker", "supervisor", "row_class", "basis", "words_sealed",
        "opened_on", "ends_on", "closed_on",
    }  # fmt: skip
    public = {n for n in vars(care_queries) if n.endswith("_care") or "count" in n}
    assert public == {"own_care", "get_care"}
