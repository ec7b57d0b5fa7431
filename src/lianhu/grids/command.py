"""What `lianhu grids divide --place` does: propose or apply the grids of a place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from lianhu.accounts.queries import system_actor
from lianhu.grids.actions import apply_division
from lianhu.grids.plan import GroupPlan, Proposal, Wish
from lianhu.grids.queries import propose
from lianhu.kernel.errors import Refusal
from lianhu.territory.queries import get_place, list_places

COUNTY, VILLAGE = 6, 12
VERBS = ("grid.propose", "grid.apply", "posting.read", "posting.change")


@dataclass(slots=True)
class Answer:
    """A proposal, and whether it was applied."""

    proposal: Proposal
    applied: bool

    def json(self) -> dict[str, Any]:
        """For machines, in the manner of `--points`, with codes."""
        proposal = self.proposal
        return {
            "place": proposal.place,
            "applied": self.applied,
            "bounds": {
                "households": list(proposal.bounds.households),
                "people": list(proposal.bounds.people),
                "source": proposal.source,
            },
            "groups": [_told(group) for group in proposal.groups],
            "assignments": [[home.code, home.before, home.after] for home in proposal.homes],
        }

    def words(self) -> str:
        """For people: sums, and every group that breaks a bound with its reason."""
        groups = self.proposal.groups
        grids = sum(len(group.kept) for group in groups)
        changed, fresh_homes = self.proposal.changed, sum(g.newcomers for g in groups)
        lines = [
            f"{len(groups)} 组 {len(self.proposal.homes)} 户，分为 {grids} 格。",
            f"{changed} 户换网格，{fresh_homes} 户新编入网格。",
        ]
        lines += [f"  {group.code}  {group.reason}" for group in groups if group.reason]
        fresh = [group.code for group in groups if group.offer_fresh]
        if fresh:
            lines.append(f"重新划分会更好走的组：{'、'.join(fresh)}")
        lines.append("已应用。" if self.applied else "只是方案，没有改动。")
        return "\n".join(lines)


def _told(group: GroupPlan) -> dict[str, Any]:
    told: dict[str, Any] = {
        "group": group.code,
        "grids": len(group.kept),
        "walk_before_m": round(group.walk_before_m, 3),
        "walk_m": round(group.walk_m, 3),
        "changed": group.changed,
        "newcomers": group.newcomers,
        "without_point": group.pointless,
        "offer_fresh": group.offer_fresh,
    }
    return told | {"reason": group.reason} if group.reason else told


def divide_place(code: str, *, dry_run: bool, at: datetime) -> Answer:
    """Propose and, unless it is a dry run, apply: village by village where the place is wider.

    Refuses ``place.not_found`` and as `propose` does.
    """
    place = get_place(code).code
    actor = system_actor(place[:COUNTY], *VERBS)
    on = localdate(at)
    whole = propose(actor, place, Wish(), on=on)
    if dry_run:
        return Answer(whole, applied=False)
    villages = [place]
    if len(place) < VILLAGE:
        villages = list(list_places("village", place).values_list("code", flat=True))
    applied = False
    for village in villages:
        proposal = propose(actor, village, Wish(), on=on)
        try:
            apply_division(actor, village, Wish(), proposal.stamp, on=on, at=at)
            applied = True
        except Refusal as refusal:
            if refusal.code != "grids.nothing_to_apply":
                raise
    return Answer(whole, applied)
