"""Every table is under a rule or stands with its reason, and what hangs on another is seen with it."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from lianhu.grading.models import Appeal, CareEpisode, Fact, Grade
from lianhu.keeping.scoped import HANGS, OPEN, guards
from lianhu.kernel.ids import uuid7
from lianhu.kernel.scope import narrow_to, one_request
from lianhu.matters.models import Attachment, Step
from lianhu.rights.models import Request
from tests import cast

guarded = pytest.mark.skipif(
    not settings.LIANHU_GUARDED, reason="only in the guarded part, on PostgreSQL"
)


def test_every_table_is_guarded_or_open_for_a_reason(db):
    tables = {
        name
        for name in connection.introspection.table_names()
        if not name.startswith("matters_search_")  # SQLite's own, of the index
    }
    ruled = {guard.table for guard in guards()}
    assert ruled & set(OPEN) == set()
    assert tables == ruled | set(OPEN)
    assert all(OPEN.values())


@guarded
def test_the_database_has_rules_on_these_tables_and_no_others(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE schemaname = current_schema()")
        ruled = {row[0] for row in cursor.fetchall()}
    assert ruled == {guard.table for guard in guards()}


def test_what_belongs_to_a_household_a_person_or_a_matter_is_under_a_rule():
    """A new table of that kind is to hang on it, not to be listed as open."""
    sources = {"people.Household", "people.Person", "matters.Matter", "rights.Request"}
    for model in apps.get_models():
        named = {f.related_model._meta.label for f in model._meta.fields if f.is_relation}
        assert not named & sources or model._meta.db_table not in OPEN, model


def _facts(home, who, **_):
    return Fact(
        household=home, kind="income", since=cast.TODAY, source="看过", recorded_by=who.id,
        recorded_by_name="无", recorded_at=cast.NOON,
    )  # fmt: skip


def _grades(home, who, **_):
    return Grade(
        household=home, colour="yellow", state="ended", reason="看过", proposed_by=who.id,
        proposed_by_name="无", proposed_at=cast.NOON,
    )  # fmt: skip


def _appeals(home, who, **_):
    return Appeal(
        household=home, words="不同意", made_by_name="无", made_at=cast.NOON, due_on=cast.TODAY
    )


def _care(home, who, **_):
    month = timedelta(days=30)
    return CareEpisode(
        household=home, worker_id=who.id, supervisor_id=who.other, basis="consent",
        opened_on=cast.TODAY, ends_on=cast.TODAY + month,
    )  # fmt: skip


def _requests(home, who, **_):
    return Request(
        household=home, kind="copy", ref=uuid7().hex[-10:].upper(), channel="board",
        made_at=cast.NOON, due_on=cast.TODAY,
    )  # fmt: skip


def _steps(home, who, matter):
    return Step(
        matter=matter, number=90, verb="note", at=cast.NOON, actor_id=who.id, actor_name="无"
    )


def _attachments(home, who, matter):
    return Attachment(matter=matter, step=matter.steps.first(), sha256=uuid7().hex * 2)


MADE = {
    "grading.Fact": _facts, "grading.Grade": _grades, "grading.Appeal": _appeals,
    "grading.CareEpisode": _care, "rights.Request": _requests, "matters.Step": _steps,
    "matters.Attachment": _attachments,
}  # fmt: skip


def test_every_hanging_table_is_tried():
    assert MADE.keys() == HANGS.keys()


class _Who:
    """The worker of an episode and its supervisor, as identifiers."""

    def __init__(self, actor, other):
        self.id, self.other = actor.id, other.id


@guarded
@pytest.mark.parametrize("label", HANGS)
def test_a_forgotten_reach_shows_what_hangs_on_ones_own_only(
    label, warden, warden_west, secretary_east, secretary_west
):
    model, rows = apps.get_model(label), {}
    for actor, other, grid in (
        (warden, secretary_east, cast.EAST_GRID),
        (warden_west, secretary_west, cast.WEST_GRID),
    ):
        home, matter = cast.make_household(grid), cast.make_matter(actor, place=grid)
        rows[grid] = MADE[label](home, _Who(actor, other), matter=matter)
        rows[grid].save(force_insert=True)
    there = rows[cast.WEST_GRID]
    with one_request():
        assert not model.objects.exists()
        narrow_to(warden)
        seen = set(model.objects.values_list("pk", flat=True))
        assert rows[cast.EAST_GRID].pk in seen
        assert there.pk not in seen
        assert model.objects.filter(pk=there.pk).delete()[0] == 0
        there.pk, there._state.adding = None if label == "matters.Attachment" else uuid7(), True
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            there.save(force_insert=True)


@guarded
def test_a_care_episode_is_shown_to_its_two_people_and_to_nobody_else(
    warden, secretary_east, leader_county
):
    home = cast.make_household()
    _care(home, _Who(warden, secretary_east)).save(force_insert=True)
    for actor, count in ((warden, 1), (secretary_east, 1), (leader_county, 0)):
        with one_request():
            narrow_to(actor)
            assert CareEpisode.objects.count() == count
