"""Apply a proposed division: grids, households, postings and parcels in one action."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from lianhu.audit.actions import gathered, record
from lianhu.grids.actions.looking import look_again
from lianhu.grids.plan import GridPlan, GroupPlan, Proposal, Wish
from lianhu.grids.queries import propose
from lianhu.grids.queries.register import GROUP
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.people.actions.regrid import regrid_households
from lianhu.people.models import Household
from lianhu.postings.actions import end_posting, post
from lianhu.postings.models import Posting
from lianhu.territory.actions import add_place, merge_place
from lianhu.territory.models import Place
from lianhu.territory.queries import covering, get_place, place_names, reach, within

VILLAGE = 12
VERB = "grid.apply"
DIGITS = "〇一二三四五六七八九"


@transaction.atomic
def apply_division(
    actor: Actor, code: str, wish: Wish, stamp: str, *, on: date, at: datetime
) -> Proposal:
    """Make the proposal that `wish` gives the truth from a day on, if the register is still the
    one that `stamp` names.

    New grids begin; grids no longer needed end with an heir, to whom their postings and open
    matters go (no code is reused, no history rewritten); households move; every parcel of the
    group is told. Refuses ``place.not_found``, ``grids.too_wide`` (wider than a village),
    ``grids.stale`` (says what there was and is), ``grids.nothing_to_apply``, and as `propose`.
    """
    place = get_place(code).code
    actor.require(VERB, place, code="place.not_found")
    if len(place) not in (VILLAGE, GROUP):
        raise Refusal("grids.too_wide")
    _hold(actor, place)
    proposal = propose(actor, place, wish, on=on)
    if proposal.stamp != stamp:
        raise Refusal("grids.stale", **_since(stamp, proposal.stamp))
    if not proposal.is_change:
        raise Refusal("grids.nothing_to_apply")
    with gathered():
        for group in proposal.groups:
            _apply(actor, group, proposal, on=on, at=at)
    look_again(actor, place, at=at)
    return proposal


def _hold(actor: Actor, place: str) -> None:
    """Lock the groups and households, so that two appliers wait for each other."""
    inside = covering(place)
    list(Place.objects.select_for_update().filter(within(inside, "code")).order_by("code"))
    homes = reach(Household.objects, actor, VERB).filter(within(inside)).order_by("id")
    list(homes.select_for_update().values_list("id"))


def _since(old: str, new: str) -> dict[str, object]:
    """What the register held when the proposal was made, and what it holds now."""
    was, now = (f"{stamp}--".split("-") for stamp in (old, new))
    return {"homes_then": was[0], "people_then": was[1], "homes": now[0], "people": now[1]}


def _apply(
    actor: Actor, group: GroupPlan, proposal: Proposal, *, on: date, at: datetime
) -> None:
    """One group."""
    into: dict[str, list[UUID]] = defaultdict(list)
    for home in proposal.homes:
        if home.after[:GROUP] == group.code and home.after != home.before:
            into[home.after].append(home.id)
    fresh = [grid for grid in group.grids if grid.is_new]
    ended = [grid for grid in group.grids if grid.heir]
    if not (into or fresh or ended):
        return
    name = place_names([group.code]).get(group.code, "")
    for grid in fresh:
        add_place(actor, grid.code, grid_name(name, grid.code), on=on, at=at, verb=VERB)
    moved = regrid_households(actor, into, verb=VERB, at=at)
    for grid in ended:
        merge_place(actor, grid.code, grid.heir, on=on, at=at, verb=VERB)
        _follow(actor, grid, on=on, at=at)
    record(
        actor, VERB, "place", group.code, group.code, at=at,
        moved=moved, begun=[g.code for g in fresh], ended=[g.code for g in ended],
        walk_m=round(group.walk_m), reason=group.reason,
    )  # fmt: skip


def _follow(actor: Actor, grid: GridPlan, *, on: date, at: datetime) -> None:
    """The postings of an ended grid go on in its heir; one leader to a grid, as ever."""
    rows = reach(Posting.objects, actor, "posting.change").filter(
        place_id=grid.code, ends_on=None
    )
    for old in rows.order_by("-is_leader", "id"):
        last = max(on - timedelta(days=1), old.starts_on)
        end_posting(actor, old.id, last_day=last, at=at)
        # reach( above: the heir is of the same group.
        there = Posting.objects.filter(place_id=grid.heir, ends_on=None)
        if there.filter(user_id=old.user_id).exists():
            continue
        leads = old.is_leader and not there.filter(is_leader=True).exists()
        post(
            actor, old.user_id, old.line, grid.heir, is_leader=leads, starts_on=on, at=at
        )  # fmt: skip


def grid_name(group: str, code: str) -> str:
    """What a new grid is called: 三组第十二网格."""
    number = int(code[GROUP:])
    if number >= 100:
        return f"{group}第{number}网格"
    tens, ones = divmod(number, 10)
    ten = ("" if tens < 2 else DIGITS[tens]) + ("十" if tens else "")
    return f"{group}第{ten}{DIGITS[ones] if ones else ''}网格"
