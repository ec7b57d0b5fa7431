"""What phones say has changed: kept as a proposal, decided by a person at the desk.

A proposal never changes the register by itself. It names the version of the person that its
writer saw; when that is no longer the present one, both values are kept and a person chooses.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.transactions import one_transaction
from lianhu.people.actions.changing import VERB, check_words
from lianhu.people.actions.members import NewMember, add_member, correct_person, end_member
from lianhu.people.actions.register import change_residence, note_reveal
from lianhu.people.models import Person, Proposal
from lianhu.people.queries import get_household
from lianhu.people.rules import RELATION_WORDS
from lianhu.territory.queries import reach

JOINING, LEAVING = {"born", "moved_in"}, {"died", "moved_out"}
ABOUT_ONE = {"residence", "phone", "relation"} | LEAVING
RELATIONS = {word: code for code, word in RELATION_WORDS.items()}
State = Proposal.State


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a phone says of a household; "" for what it does not say."""

    what: str
    person_id: UUID | None = None
    base_version: int = 0
    residence: str = ""
    away_to: str = ""
    phone: str = ""
    relation: str = ""
    name: str = ""
    sex: str = ""
    born_on: str = ""
    on: str = ""
    words: str = ""


VALUES = ("residence", "away_to", "phone", "relation", "name", "sex", "born_on", "on")


@one_transaction
def propose_change(
    actor: Actor, household_id: UUID, said: Proposed, *, at: datetime,
    proposal_id: UUID | None = None,
) -> Proposal:  # fmt: skip
    """Keep what a line person says of a household of hers, for the village to decide.

    Refuses ``household.not_found``, ``person.not_found`` (not of this household).
    """
    home = get_household(actor, household_id, verb="household.propose")
    person: Person | None = None
    if said.what in ABOUT_ONE:
        # scoped by the household, which was given through reach().
        rows = Person.objects.filter(household_id=home.id, ended_on=None)
        person = rows.filter(id=said.person_id).first() if said.person_id else None
        if person is None:
            raise NotPermitted("person.not_found")
    row = Proposal(
        place_id=home.place_id, household=home, person=person, what=said.what,
        base_version=said.base_version, words=said.words.strip(), proposer_id=actor.id,
        proposer_name=actor.name[:50], at=at,
    )  # fmt: skip
    if proposal_id is not None:
        row.id = proposal_id
    row.set_values({key: v for key, v in asdict(said).items() if key in VALUES and v})
    row.save(force_insert=True)
    record(
        actor, "household.propose", "proposal", row.id, home.place_id, at=at,
        household=str(home.id), what=said.what,
    )  # fmt: skip
    return row


def _open(actor: Actor, proposal_id: UUID) -> Proposal:
    """An undecided proposal that the actor may decide, locked; refuses ``proposal.not_found``,
    ``proposal.decided``."""
    rows = reach(Proposal.objects, actor, VERB).select_for_update(of=("self",))
    row = rows.filter(id=proposal_id).select_related("household", "person").first()
    if row is None:
        raise NotPermitted("proposal.not_found")
    if row.state != State.OPEN:
        raise Refusal("proposal.decided")
    return row


@transaction.atomic
def accept_proposal(
    actor: Actor, proposal_id: UUID, *, seen_version: int = 0, head_id: UUID | None = None,
    words: str = "", at: datetime,
) -> Proposal:  # fmt: skip
    """Change the register as the phone said, by the same action that the desk calls; the proposer
    hears it.

    `seen_version` is the version of the person that the decider saw beside the proposal; refuses
    ``proposal.changed`` when it is another by now. Refuses ``proposal.not_found``,
    ``proposal.decided``, and what the action refuses.
    """
    row = _open(actor, proposal_id)
    reply = check_words(words)
    if row.person is not None and row.person.version != seen_version:
        raise Refusal("proposal.changed")
    _apply(actor, row, head_id, at)
    return _decide(actor, row, State.ACCEPTED, reply, at)


@one_transaction
def reveal_proposed(actor: Actor, proposal_id: UUID, purpose: str, *, at: datetime) -> str:
    """The number that a phone says is somebody's now, for the page to show for 30 seconds; noted
    like that of the register. Refuses ``proposal.not_found``, ``proposal.decided``,
    ``reveal.bad_field`` (it says no number), and as `reveal_field`."""
    row = _open(actor, proposal_id)
    actor.require("person.reveal", row.place_id, code="proposal.not_found")
    if row.person is None or row.what != "phone":
        raise Refusal("reveal.bad_field")
    note_reveal(actor, row.person, "phone", purpose, at=at)
    return str(row.values.get("phone", ""))


def _apply(actor: Actor, row: Proposal, head_id: UUID | None, at: datetime) -> None:
    values = row.values
    why = f"{row.proposer_name}报来"
    on = _day(values.get("on", ""), row)
    if row.what in JOINING:
        born = values.get("born_on", "")
        new = NewMember(
            values.get("name", ""), RELATIONS.get(values.get("relation", ""), ""),
            values.get("sex", ""), date.fromisoformat(born) if born else None,
            phone=values.get("phone", ""),
        )  # fmt: skip
        joined = add_member(actor, row.household_id, new, row.what, on=on, words=why, at=at)
        # Hers from now on: sealed with her key, and found when she has something deleted.
        row.person = joined
        row.set_values(values)
        row.save(update_fields=["person", "values_sealed"])
        return
    if row.person_id is None:
        return  # something else, in words: the desk does what it asks by its own forms
    if row.what in LEAVING:
        end_member(actor, row.person_id, row.what, on=on, words=why, head_id=head_id, at=at)
    elif row.what == "residence":
        away = values.get("away_to", "")
        residence = values.get("residence", "")
        change_residence(actor, row.person_id, residence, away, words=why, at=at)
    else:
        value = values.get(row.what, "")
        if row.what == "relation":
            value = RELATIONS.get(value, "")
        correct_person(actor, row.person_id, row.what, value, words=why, at=at)


def _day(text: str, row: Proposal) -> date:
    """The day that the phone says, never later than that on which we heard of it."""
    try:
        return min(date.fromisoformat(text), row.at.date())
    except ValueError:
        return row.at.date()


@transaction.atomic
def decline_proposal(actor: Actor, proposal_id: UUID, words: str, *, at: datetime) -> Proposal:
    """Leave the register as it is, with the reason, which the proposer reads.

    Refuses ``proposal.not_found``, ``proposal.decided``, ``household.no_words``.
    """
    row = _open(actor, proposal_id)
    return _decide(actor, row, State.DECLINED, check_words(words, needed=True), at)


def _decide(actor: Actor, row: Proposal, state: str, reply: str, at: datetime) -> Proposal:
    row.state, row.reply = state, reply
    row.decided_at, row.decided_by = at, actor.name[:50]
    row.save(update_fields=["state", "reply", "decided_at", "decided_by"])
    record(
        actor, f"proposal.{state}", "proposal", row.id, row.place_id, at=at,
        users=[row.proposer_id], household=str(row.household_id), what=row.what,
    )  # fmt: skip
    return row
