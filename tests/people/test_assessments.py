"""Impact assessments: kept by the data officer, whole, for good."""

import pytest

from lianhu.audit.models import Entry
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted
from lianhu.people.actions.assessments import keep_assessment
from lianhu.people.models import Assessment
from lianhu.people.queries.assessments import get_assessment, list_assessments
from tests import cast
from tests.matters.helpers import AT, code_of

ANSWERS = dict.fromkeys(read("assessments.toml")["questions"], "把影响和措施写清楚，至少十个字")


def keep(actor, answers=ANSWERS, kind="provide", title="交给民政局", **more):
    return keep_assessment(
        actor, cast.COUNTY, kind, title, answers, proceed=True, **(AT | more)
    )


def test_the_questions_are_those_of_article_56():
    assert list(read("assessments.toml")["questions"]) == [
        "purpose", "necessity", "risks", "measures",
    ]  # fmt: skip
    assert read("assessments.toml")["versions"][0]["kept_years"] >= 3


def test_kept_and_read_by_the_county(data_officer, officer_county):
    row = keep(data_officer)
    assert list(list_assessments(officer_county)) == [row]
    assert get_assessment(data_officer, row.id).risks == ANSWERS["risks"]
    (entry,) = Entry.objects.all()
    assert (entry.verb, entry.actor_name, entry.place_id) == (
        "assessment.keep",
        "褚数据",
        cast.COUNTY,
    )
    assert entry.facts == {"kind": "provide", "proceed": True, "subject": ""}


@pytest.mark.parametrize("name", list(ANSWERS))
def test_every_question_is_answered(data_officer, name):
    call = (keep_assessment, data_officer, cast.COUNTY, "provide", "交给民政局")
    for wrong, code in (
        ("短", "no_answer"),
        (" " * 20, "no_answer"),
        ("长" * 2001, "too_long"),
    ):
        answers = ANSWERS | {name: wrong}
        assert code_of(*call, answers, proceed=True) == f"assessment.{code}"
    assert code_of(*call, {}, proceed=True) == "assessment.no_answer"
    assert not Assessment.objects.exists()


def test_kind_and_title_are_said(data_officer):
    assert code_of(keep, data_officer, kind="whatever") == "assessment.bad_kind"
    for title in (" ", "长" * 101):
        assert code_of(keep, data_officer, title=title) == "assessment.no_title"


def test_assessments_refuse_the_next_county_and_who_may_not(
    data_officer, officer_county, officer_town, secretary_east
):
    for actor in (officer_county, officer_town, secretary_east):
        assert code_of(keep, actor) == "account.not_permitted"
    row = keep(data_officer)
    next_county = Actor(officer_county.id, "邻县", {"assess.read": ("610922",)})
    for actor in (officer_town, secretary_east, next_county):
        assert list(list_assessments(actor)) == []
        with pytest.raises(NotPermitted, match=r"assessment\.not_found"):
            get_assessment(actor, row.id)
