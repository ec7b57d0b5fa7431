"""`look_again`: keep how the groups of a place stand, so that a whole county can be listed."""

from datetime import date, datetime

from django.utils.timezone import localdate

from lianhu.grids.models import Standing
from lianhu.grids.plan import GroupPlan, Proposal, Wish
from lianhu.grids.queries import propose, stamp_of
from lianhu.grids.rules import choices, reason_now, violations
from lianhu.kernel.actor import Actor
from lianhu.kernel.transactions import one_transaction
from lianhu.territory.models import Level
from lianhu.territory.queries import (
    VILLAGE_LENGTH,
    covering,
    get_place,
    list_places,
    reach,
    within,
)

VERB = "grid.propose"
VERBS = (VERB, "posting.read")  # for the daily run
KEPT = (
    "village_id", "looked_on", "households", "people", "grids", "by_rule", "outside", "reason",
    "waiting", "walk_m", "drift", "offers_fresh", "stamp",
)  # fmt: skip


def look_again(actor: Actor, code: str, *, at: datetime) -> int:
    """Compare the grids of every group at or below a place with what a proposal would give, and
    keep the answer; how many villages were looked at.

    A village whose register, grids and bounds are those of the last look is passed over, so a
    quiet county costs one digest a village. A transaction a village. Refuses ``place.not_found``.
    """
    place = get_place(code).code
    actor.require(VERB, place, code="place.not_found")
    kept = reach(Standing.objects, actor, VERB).filter(within(covering(place)))
    kept.filter(place__ended_on__isnull=False).delete()
    if len(place) >= VILLAGE_LENGTH:
        return int(_look(actor, place[:VILLAGE_LENGTH], on=localdate(at)))
    villages = list_places(Level.VILLAGE, place).values_list("code", flat=True)
    return sum(_look(actor, village, on=localdate(at)) for village in list(villages))


@one_transaction
def _look(actor: Actor, village: str, *, on: date) -> bool:
    """One village; whether anything had changed since the last look."""
    rows = reach(Standing.objects, actor, VERB).filter(village_id=village)
    before = {row.place_id: row for row in rows}
    stamp = stamp_of(actor, village, on=on)
    if before and all(row.stamp == stamp for row in before.values()):
        return False
    proposal = propose(actor, village, Wish(), on=on)
    found = [_standing(group, proposal, village, on) for group in proposal.groups]
    # scoped by propose(): these are that village's groups, whichever village kept them before.
    Standing.objects.bulk_create(
        found, update_conflicts=True, unique_fields=["place"], update_fields=KEPT
    )
    gone = set(before) - {row.place_id for row in found}
    rows.filter(place_id__in=gone).delete()
    return True


def _standing(group: GroupPlan, proposal: Proposal, village: str, on: date) -> Standing:
    """What is kept of one group."""
    bounds = proposal.bounds
    living = [grid for grid in group.grids if not grid.is_new]
    now = [(g.households_before, g.people_before) for g in living]
    planned = [(g.households, g.people) for g in group.kept]
    homes, heads = sum(h for h, _ in planned), sum(p for _, p in planned)
    rule = choices(homes, heads, bounds)
    broken = {v.grid for v in violations(now, bounds)} if homes else set()
    return Standing(
        place_id=group.code, village_id=village, looked_on=on, households=homes, people=heads,
        grids=len(living), by_rule=rule[0] if rule else 0, outside=len(broken),
        reason=reason_now(now, planned, bounds) if homes else group.reason,
        waiting=group.changed + group.newcomers, walk_m=round(group.walk_m, 1),
        drift=round(group.drift, 4), offers_fresh=group.offer_fresh, stamp=proposal.stamp,
    )  # fmt: skip
