"""Changes of the register that might let help end unseen: households split, merged and ended,
persons registered twice, members who leave.

Each is the register's own action with what grading has to say, in one transaction; doors call
these (tests/grading/test_walls.py). Nobody decides here that help ends: it goes with the people, or the
change waits until somebody has decided (norms.md, "People come first", 2).
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.grading.actions.carry import (
    check_settled,
    copy_facts,
    drop_copies,
    follow_care,
    gather,
    in_force,
    revive,
    share,
)
from lianhu.grading.actions.decide import note
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.seal import blinds
from lianhu.kernel.transactions import one_transaction
from lianhu.people.actions import duplicates, homes, members, proposals
from lianhu.people.models import Change, Household, Person, Proposal
from lianhu.territory.queries import reach

LEFT = "moved_out"
VERB, CHANGES = "grade.carry", "household.change"


@one_transaction
def split_household(
    actor: Actor, household_id: UUID, person_ids: Sequence[UUID], head_id: UUID, *,
    code: str = "", address: str = "", words: str = "", at: datetime,
) -> Household:  # fmt: skip
    """Some members make a household of their own; it keeps the colour of the old one for the rest
    of its term, as the old one does.

    Refuses as the register's `split_household`, and ``grading.under_way``.
    """
    new = homes.split_household(
        actor, household_id, person_ids, head_id, code=code, address=address, words=words, at=at
    )
    home = Household.objects.get(id=household_id)  # scoped by the register's action above
    check_settled([home.id])
    if share(home, new, person_ids, localdate(at)):
        note(actor, VERB, new, at=at)
    return new


@one_transaction
def merge_households(
    actor: Actor, household_id: UUID, other_id: UUID, *, words: str = "", at: datetime
) -> Household:
    """The members of `other_id` join `household_id`, with what they were owed: the higher colour
    holds, with its term, its reason and who decided it.

    Refuses as the register's `merge_households`, and ``grading.under_way``.
    """
    home = homes.merge_households(actor, household_id, other_id, words=words, at=at)
    other = Household.objects.get(id=other_id)  # scoped by the register's action above
    _join(actor, home, other, at)
    return home


def _join(actor: Actor, home: Household, gone: Household, at: datetime) -> None:
    check_settled([home.id, gone.id])
    graded = gather(actor, home, gone, at=at)
    follow_care(actor, gone, home, at=at)
    if graded:
        note(actor, VERB, gone, at=at)
        note(actor, VERB, home, at=at)


@one_transaction
def end_household(
    actor: Actor, household_id: UUID, *, on: date, words: str, at: datetime
) -> Household:
    """A household that moved away for good, or never was.

    Refuses as the register's `end_household`, ``grading.under_way`` and, while help goes on,
    ``grading.help_goes_on``: its end is decided and told first.
    """
    home = homes.end_household(actor, household_id, on=on, words=words, at=at)
    _check_no_help(home, at)
    return home


def _check_no_help(home: Household, at: datetime) -> None:
    check_settled([home.id])
    if in_force(home.id, localdate(at)):
        raise Refusal("grading.help_goes_on")


@one_transaction
def end_member(
    actor: Actor, person_id: UUID, how: str, *, on: date, words: str = "",
    head_id: UUID | None = None, at: datetime,
) -> Person:  # fmt: skip
    """A member died or moved out for good. The last one does not move out of a household that is
    helped: refuses as the register's `end_member` and as `end_household`."""
    person = members.end_member(
        actor, person_id, how, on=on, words=words, head_id=head_id, at=at
    )
    _check_left(person.household_id, how, at)
    return person


def _check_left(household_id: UUID, how: str, at: datetime) -> None:
    home = Household.objects.get(id=household_id)  # scoped by the register's action before
    if how == LEFT and home.ended_on is not None:
        _check_no_help(home, at)


@one_transaction
def add_member(
    actor: Actor, household_id: UUID, new: members.NewMember, how: str, *, on: date,
    words: str = "", at: datetime,
) -> Person:  # fmt: skip
    """A person who joins a household; what was recorded of them where they moved out of, within
    the actor's reach, holds here too: nobody is asked for it again.

    Refuses as the register's `add_member`.
    """
    person = members.add_member(actor, household_id, new, how, on=on, words=words, at=at)
    known = reach(Person.objects, actor, CHANGES).filter(
        id_index__in=blinds(person.id_number, "person.id"), ended_how=LEFT
    )
    for before in known.order_by("-ended_on", "id")[:1]:
        came = copy_facts(
            before.household_id, person.household_id, on=localdate(at),
            person=before.id, whose=person.id,
        )  # fmt: skip
        if came:
            note(actor, "grade.fact", person.household, at=at, tell=False)
    return person


@one_transaction
def accept_proposal(
    actor: Actor, proposal_id: UUID, *, seen_version: int = 0, head_id: UUID | None = None,
    words: str = "", at: datetime,
) -> Proposal:  # fmt: skip
    """Change the register as a phone said; refuses as the register's `accept_proposal` and, for
    who moved out, as `end_member`."""
    row = proposals.accept_proposal(
        actor, proposal_id, seen_version=seen_version, head_id=head_id, words=words, at=at
    )
    _check_left(row.household_id, row.what, at)
    return row


@one_transaction
def merge_persons(
    actor: Actor, keep_id: UUID, drop_id: UUID, take: Collection[str] = (), *,
    words: str = "", at: datetime,
) -> Person:  # fmt: skip
    """Two registrations of one person become one: what was recorded of either holds. A household
    of which nobody is left joins that of the one that stays, as by `merge_households`.

    Refuses as the register's `merge_persons`, and ``grading.under_way``.
    """
    keep = duplicates.merge_persons(actor, keep_id, drop_id, take, words=words, at=at)
    home, drop = _home(keep.id), _person(drop_id)
    theirs = {"person": drop.id, "whose": keep.id}
    copy_facts(drop.household_id, home.id, on=localdate(at), **theirs)
    if drop.household_id != home.id and drop.household.ended_on is not None:
        _join(actor, home, drop.household, at)
    return keep


@one_transaction
def unmerge_persons(actor: Actor, change_id: UUID, *, words: str, at: datetime) -> Person:
    """Take a merge back. A household that lives again by it is helped as before, and so is the
    other one: nobody decided that either is helped less.

    Refuses as the register's `unmerge_persons`.
    """
    back = duplicates.unmerge_persons(actor, change_id, words=words, at=at)
    change = Change.objects.get(id=change_id)  # scoped by the register's action above
    if change.person_id is not None:
        drop_copies(change.person_id, back.id)
    other = _home(back.id)
    # Nobody but the one who came back: it had ended by the merge.
    if other.size == 1 and revive(other, localdate(at)):
        note(actor, VERB, other, at=at)
    return back


def _person(person_id: UUID) -> Person:
    # scoped by the register's action before
    return Person.objects.select_related("household").get(id=person_id)


def _home(person_id: UUID) -> Household:
    return _person(person_id).household
