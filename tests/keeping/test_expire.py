"""What is over is deleted by the daily run on its day, not before, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from lianhu.accounts.models import EnrolToken, User
from lianhu.audit.models import Entry, Version
from lianhu.daily import AGAIN, FORGET, run_daily
from lianhu.grading.models import CareEpisode
from lianhu.keeping.actions.expire import expire
from lianhu.keeping.actions.prove import _letters
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.erasing import GONE
from lianhu.letters.models import Letter
from lianhu.matters.actions.supervise import merge_matter
from lianhu.matters.models import Matter
from lianhu.matters.queries.search import find_ids
from lianhu.media.queries import photo_path
from lianhu.people.models import Household, Person, PersonKey
from tests import cast
from tests.keeping.over import SHA, end_everything

ENDED = cast.NOON
TABLES = {
    table for rule in read("retention.toml")["rules"].values() for table in rule["covers"]
}
LOST = {GONE, "", b"", None, 0}


@pytest.fixture
def ended(warden: Actor, officer_county: Actor, settings: Any, tmp_path: Any) -> dict[str, Any]:
    settings.LIANHU_MEDIA = tmp_path
    return end_everything(warden, officer_county, ENDED)


def _expire(days: int) -> dict[str, int]:
    return {
        n: rows for n, rows in expire(FORGET, at=ENDED + timedelta(days=days)).items() if rows
    }


def _still_held() -> dict[str, Any]:
    """Personal columns of ended rows, by name, that still say something and are not `left`."""
    terms = read("retention.toml")["rules"].values()
    left = {field for rule in terms for field in rule.get("left", {})} - {
        "accounts.User.last_login"
    }
    found = {}
    for name, field in read("fields.toml")["fields"].items():
        table, _, column = name.rpartition(".")
        if table in TABLES and field["kept_days"] and name not in left:
            found |= _held_in(table, column)
    return found


def _held_in(table: str, column: str) -> dict[str, Any]:
    values = _ended_rows(apps.get_model(table)).values_list(column, flat=True)
    said = [bytes(v) if isinstance(v, memoryview) else v for v in values]
    return {f"{table}.{column}": v for v in said if not _is_lost(table, column, v)}


def _is_lost(table: str, column: str, value: Any) -> bool:
    if isinstance(value, list):
        return not value
    if (table, column) in {("accounts.User", "username"), ("accounts.User", "password")}:
        return str(value).startswith(("gone-", "!"))
    return value in LOST


def _ended_rows(model: type[models.Model]) -> Any:
    """All rows but those of people who are still there."""
    if model is User:
        return User.objects.filter(grants=None).exclude(name="说")
    if model in (Person, Household):
        return model.objects.exclude(ended_on=None)
    if model._meta.label == "accounts.Grant":
        return model.objects.exclude(ends_on=None)
    return model.objects.all()


def test_expire_leaves_everything_until_its_day(ended):
    before = _still_held()
    assert _expire(180) == {}
    assert _still_held() == before
    # The measure of the next test sees what is to go: it would fail if nothing were deleted.
    assert {name.rpartition(".")[0] for name in before} >= {
        table for table in TABLES if table.count(".") == 1 and table != "accounts.User"
    }


def test_expire_deletes_what_is_over_and_only_that(ended):
    living = cast.make_household(head="周在家")
    done = _expire(1096)
    assert set(done) == set(FORGET)
    assert _still_held() == {}
    assert Household.objects.get(id=living.id).head_name == "周在家"
    assert cast.head_of(living).id_number
    assert not EnrolToken.objects.exists()
    assert not User.objects.filter(name="前任").exists()
    assert _expire(1097) == {}


def test_a_restore_does_each_rule_again_but_deletes_no_file(ended):
    """It is not yet the living database, which may need the file."""
    episode = CareEpisode.objects.get()
    episode.set_words("想有人说说话")
    episode.save()
    keep = cast.head_of(cast.make_household(head="周在家"))
    keys = PersonKey.objects.exclude(person=keep.id)
    assert keys.count() > 1
    expire(AGAIN, at=ENDED + timedelta(days=1096))
    assert not keys.exists()
    assert PersonKey.objects.filter(person=keep.id).exists()
    assert photo_path(SHA).is_file()
    assert set(FORGET) - set(AGAIN) == {"photos"}


def test_expire_of_a_phone_and_of_the_last_login_is_sooner(ended):
    assert set(_expire(182)) == {"devices", "invitations", "logins"}


def test_expire_notes_how_many_in_the_ledger_and_nothing_of_what(ended):
    _expire(1096)
    entries = Entry.objects.filter(verb="keeping.expired")
    assert set(entries.values_list("object_id", flat=True)) == set(FORGET)
    for entry in entries:
        assert set(entry.facts) == {"rows", "before"}
        assert entry.actor_name == "系统"
    # There is no count of care: fact, appeal and decision, not the episode.
    assert entries.get(object_id="grading").facts["rows"] == 3


def test_expire_goes_by_batches(ended, monkeypatch):
    for number in range(3):
        home = cast.make_household(head=f"刘{number}")
        Household.objects.filter(id=home.id).update(ended_on=ENDED.date())
    monkeypatch.setitem(read("retention.toml"), "batch", 2)
    assert _expire(1096)["households"] == 4
    counts = Entry.objects.filter(verb="keeping.expired", object_id="households")
    assert [entry.facts["rows"] for entry in counts.order_by("id")] == [2, 2]


def test_expire_takes_the_words_out_of_the_search(warden, secretary_east):
    matter = cast.make_matter(warden)
    assert find_ids("垃圾", []) == [matter.id]
    Matter.objects.update(is_open=False, stage="closed", closed_at=ENDED)
    assert _expire(1096) == {"matters": 1}
    assert find_ids("垃圾", []) == []


def test_expire_raises_the_grids_whose_last_visit_phones_show(ended):
    def number() -> int:
        found = Version.objects.filter(key=cast.EAST_GRID).values_list("number", flat=True)
        return sum(found)

    before = number()
    _expire(182)
    assert number() == before
    _expire(1096)
    assert number() == before + 1


def test_a_letter_whose_term_is_over_is_known_again_and_needs_nothing_to_open(ended):
    _expire(1096)
    letter = Letter.objects.get()
    assert (letter.text, letter.says("桥头的垃圾")) == ("", True)
    assert _letters() == (1, [])


def test_a_letter_that_waits_for_a_person_is_kept_with_its_photo(ended):
    Letter.objects.update(outcome="held", settled_at=None)
    done = _expire(1096)
    assert "letters" not in done
    assert "photos" not in done
    assert Letter.objects.get().text == "桥头的垃圾"


@pytest.mark.django_db(transaction=True)
def test_the_file_of_a_photo_goes_too(ended):
    assert photo_path(SHA).exists()
    _expire(1096)
    assert not photo_path(SHA).exists()


def test_run_daily_reports_what_was_deleted(ended):
    done = run_daily(ENDED + timedelta(days=1096))
    assert done["persons_expired"] == 1
    assert done["visits_expired"] == 1


def test_a_matter_that_was_merged_late_keeps_its_words_for_its_term(warden, secretary_east):
    """Merging does not close: the term begins with the last step."""
    old, other = cast.make_matter(warden), cast.make_matter(warden)
    late = ENDED + timedelta(days=1090)
    merge_matter(secretary_east, old.id, other.id, at=late)
    assert _expire(1096) == {}
    assert Matter.objects.get(id=old.id).words != GONE
    assert _expire(1090 + 1096) == {"matters": 1}
    assert Matter.objects.get(id=old.id).words == GONE


def test_a_letter_that_was_settled_late_keeps_its_text_for_its_term(ended):
    Letter.objects.update(outcome="stored", settled_at=ENDED + timedelta(days=1090))
    assert "letters" not in _expire(1096)
    assert Letter.objects.get().text == "桥头的垃圾"
