"""What `lianhu grids divide --place` does: propose or apply the grids of a place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from lianhu.accounts.queries.actors import system_actor
from lianhu.grids.actions import apply_division
from lianhu.grids.plan import GroupPlan, Proposal, Wish
from lianhu.grids.points import proof_shape, proofs_shape
from lianhu.grids.proving import Proved
from lianhu.grids.queries import PlaceProofs, propose, prove_place
from lianhu.kernel.errors import Refusal
from lianhu.territory.queries import get_place, list_places

COUNTY, VILLAGE = 6, 12
VERBS = ("grid.propose", "grid.apply", "posting.read", "posting.change")


@dataclass(slots=True)
class Answer:
    """A proposal, and whether it was applied."""

    proposal: Proposal
    applied: bool
    proofs: PlaceProofs | None = None

    def json(self) -> dict[str, Any]:
        """For machines, in the manner of `--points`, with codes."""
        proposal = self.proposal
        told: dict[str, Any] = {
            "place": proposal.place,
            "applied": self.applied,
            "bounds": {
                "households": list(proposal.bounds.households),
                "people": list(proposal.bounds.people),
                "source": proposal.source,
            },
            "without_group": proposal.groupless,
            "groups": [_told(group) for group in proposal.groups],
            "assignments": [[home.code, home.before, home.after] for home in proposal.homes],
        }
        if self.proofs is not None:
            names, proved = self.proofs
            told["proof"] = proofs_shape(names, proved) | {
                "fresh": [
                    {"group": name, "walk_m": round(group.walk_m, 3)} | proof_shape(proof)
                    for name, group, proof in zip(
                        names, proved.division.groups, proved.proofs, strict=True
                    )
                ]
            }
        return told

    def words(self) -> str:
        """For people: sums, and every group that breaks a bound with its reason."""
        groups = self.proposal.groups
        grids = sum(len(group.kept) for group in groups)
        changed, fresh_homes = self.proposal.changed, sum(g.newcomers for g in groups)
        lines = [
            f"{len(groups)} 组 {len(self.proposal.homes)} 户，分为 {grids} 格。",
            f"{changed} 户换网格，{fresh_homes} 户新编入网格。",
        ]
        if self.proposal.groupless:
            lines.append(f"另有 {self.proposal.groupless} 户没有登记在任何小组，没有划进网格。")
        if self.proposal.pointless:
            lines.append(f"{self.proposal.pointless} 户没有位置，按所在网格或小组的中间算。")
        lines += [f"  {group.code}  {group.reason}" for group in groups if group.reason]
        fresh = [group.code for group in groups if group.offer_fresh]
        if fresh:
            lines.append(f"重新划分会更好走的组：{'、'.join(fresh)}")
        if self.proofs is not None:
            lines += _proof_words(*self.proofs)
        lines.append("已应用。" if self.applied else "只是方案，没有改动。")
        return "\n".join(lines)


def _proof_words(names: list[str], proved: Proved) -> list[str]:
    """How many fresh divisions are proved to be the shortest, and how far the others may be."""
    told = proofs_shape(names, proved)
    lines = [f"全新划分：{told['groups']} 组中 {told['proved']} 组证明不能更短。"]
    for name, proof in zip(names, proved.proofs, strict=True):
        if proof is None:
            lines.append(f"  {name}  没有证明：格数或范围上还可能有别的分法。")
        elif not proof.proved:
            lines.append(f"  {name}  没有证明：最多还可能短 {100 * proof.gap:.2f}%。")
    return lines


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


def divide_place(code: str, *, dry_run: bool, at: datetime, prove: bool = False) -> Answer:
    """Propose and, unless it is a dry run, apply: village by village where the place is wider.

    With `prove`, says of a fresh division of every group whether it is the shortest. Refuses
    ``place.not_found`` and as `propose` does.
    """
    place = get_place(code).code
    actor = system_actor(place[:COUNTY], *VERBS)
    on = localdate(at)
    whole = propose(actor, place, Wish(), on=on)
    proofs = prove_place(actor, place, on=on) if prove else None
    if dry_run:
        return Answer(whole, applied=False, proofs=proofs)
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
    return Answer(whole, applied, proofs)
