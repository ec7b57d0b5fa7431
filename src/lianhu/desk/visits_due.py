"""Who needs a hand with visiting: households nobody went to in time, by grid and line person."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.timezone import localdate

from lianhu.desk.page import chosen_place, sheet_of, show, staff
from lianhu.desk.where import names_for
from lianhu.grading.rules.colours import BY_ORDER, SHAPES, WORDS
from lianhu.kernel.actor import Actor
from lianhu.postings.queries import list_postings
from lianhu.territory.queries import list_places, path_of
from lianhu.visits.queries import county_rules, list_overdue
from lianhu.visits.rules import cadence, every_words

VERB = "grade.read"
VILLAGE = 12


@staff
def visits_due(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Households overdue for a visit at or below a place, those owed most first.

    Help for planning: no figure beside a person's name, no order of people, nothing to export.
    """
    actor.require(VERB, "")
    under, today = chosen_place(request, actor, VERB), localdate()
    village = under[:VILLAGE]
    asked = request.GET.get("colour", "")
    colour = asked if asked in WORDS else ""
    posts = list(list_postings(actor, under=village, on=today, order="name"))
    people = {str(p.user_id): p.user.name for p in posts}
    who = request.GET.get("who", "")
    who = who if who in people else ""
    sheet = sheet_of(
        list_overdue(actor, under=under, on=today, colour=colour, who=who), request
    )
    grids = [g.code for g in list_places("grid", village)]
    path = path_of(under)
    rule = cadence(county_rules(under), today)
    return show(
        request, actor, "desk/visits_due.html", tab="visits", sheet=sheet, under=under,
        village=village, grids=grids, people=people, who=who, colour=colour, today=today,
        colours=[(c.value, f"{SHAPES[c]} {WORDS[c]}") for c in reversed(BY_ORDER)],
        names=names_for(actor, [*grids, *(r.household.place_id for r in sheet.rows)]),
        path=path, open_codes={p.code for p in path if actor.holds(VERB, p.code)}, rule=rule,
        often=[(c, every_words(rule.every[c.value])) for c in reversed(BY_ORDER)],
        may_post=actor.holds("posting.change", village),
    )  # fmt: skip
