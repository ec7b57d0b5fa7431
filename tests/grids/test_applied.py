"""Whatever is divided and applied, the tables read back are a division, and all that hangs on it
follows: borders, locks, moves by hand, postings, parcels, histories."""

import json
from collections import Counter
from uuid import UUID

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lianhu.grids.actions import apply_division
from lianhu.grids.plan import Wish
from lianhu.grids.queries import bounds_for, propose
from lianhu.grids.queries.register import GROUP
from lianhu.kernel.ids import uuid7
from lianhu.people.actions import HouseholdRow, PersonRow, load_households
from lianhu.people.models import Change, Household, Person
from lianhu.phone import parcels as depot
from lianhu.postings.models import Posting
from lianhu.territory.models import Level, Place
from tests import cast

ON, AT = cast.TODAY, cast.NOON
GROUPS = {
    cast.EAST_GROUP: (cast.EAST_GRID, cast.EAST_GRID_2),
    cast.EAST_FAR_GRID[:GROUP]: (cast.EAST_FAR_GRID,),
}
HOMES = st.tuples(  # metres east and north, members, which of the group's grids, has it a point?
    st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 7), st.integers(0, 1),
    st.integers(0, 9).map(bool),
)  # fmt: skip
VILLAGES = st.fixed_dictionaries(
    {group: st.lists(HOMES, min_size=2, max_size=45) for group in GROUPS}
)
Rows = list[tuple[UUID, str]]


def settle(village):
    """Write the households and their members as they are before anything is divided."""
    homes, persons, points = [], [], {}
    for group, many in village.items():
        for n, (x, y, size, which, known) in enumerate(many):
            grid, home = GROUPS[group][which % len(GROUPS[group])], uuid7()
            homes.append(
                HouseholdRow(
                    id=home, place=grid, code=f"{group[-2:]}{n:05d}", head_name="王甲",
                    head_initials="wj", address="", size=size,
                )
            )  # fmt: skip
            persons += [
                PersonRow(
                    id=uuid7(), household_id=home, place=grid, sex="1", name="王甲",
                    relation="97" if member else "02", born_on=None,
                )
                for member in range(size)
            ]  # fmt: skip
            points[home] = (108.5 + x / 93_000, 32.9 + y / 111_000) if known else (None, None)
    load_households(homes, persons)
    for home in Household.objects.all():
        home.lon, home.lat = points[home.id]
        home.save(update_fields=["lon", "lat"])


def wished(data, homes: Rows, living: set[str]) -> Wish:
    """Some grids locked, some households put by hand into a grid of their group that is not."""
    locked = frozenset(data.draw(st.sets(st.sampled_from(sorted(living)), max_size=1)))
    chosen = data.draw(st.lists(st.sampled_from(homes), max_size=3, unique=True))
    moves = []
    for home, grid in chosen:
        free = sorted(g for g in living - locked if g[:GROUP] == grid[:GROUP])
        if free and grid not in locked:
            moves.append((home, data.draw(st.sampled_from(free))))
    return Wish(fresh=data.draw(st.booleans()), locked=locked, moves=tuple(moves))


def living_grids() -> set[str]:
    rows = Place.objects.filter(level=Level.GRID, ended_on=None, code__startswith=cast.EAST)
    return {code for code in rows.values_list("code", flat=True) if code[:GROUP] in GROUPS}


def now() -> dict[UUID, str]:
    return dict(Household.objects.filter(ended_on=None).values_list("id", "place_id"))


def is_divided(before: dict[UUID, str], wish: Wish) -> None:
    """Every household in one living grid of its own group; locks and hands respected."""
    after, living = now(), living_grids()
    assert after.keys() == before.keys()
    assert set(after.values()) <= living
    assert all(after[home][:GROUP] == grid[:GROUP] for home, grid in before.items())
    for grid in wish.locked:
        assert {h for h, at in after.items() if at == grid} == {
            h for h, at in before.items() if at == grid
        }
    assert all(after[home] == grid for home, grid in wish.moves)
    for person in Person.objects.all():
        assert person.place_id == after[person.household_id]


def is_told(proposal) -> None:
    """Every bound that the tables break has its reason in words, and none that they keep."""
    bounds, _ = bounds_for(cast.COUNTY, on=ON)
    after = now()
    size = dict(Household.objects.values_list("id", "size"))
    homes, people = Counter(after.values()), Counter[str]()
    for home, grid in after.items():
        people[grid] += size[home]
    for group in proposal.groups:
        if group.code not in GROUPS:
            continue
        broken = [
            grid
            for grid in homes
            if grid[:GROUP] == group.code
            and not (
                bounds.households[0] <= homes[grid] <= bounds.households[1]
                and bounds.people[0] <= people[grid] <= bounds.people[1]
            )
        ]
        assert bool(broken) == bool(group.reason), (broken, group.reason)
        for grid in group.kept:
            assert (grid.households, grid.people) == (homes[grid.code], people[grid.code])


def has_history(before: dict[UUID, str], since: set[UUID]) -> None:
    """A household that changed has one line that tells both grids; no other has any."""
    after = now()
    lines = {
        change.household_id: change.values["place"]
        for change in Change.objects.exclude(id__in=since)
    }
    moved = {home for home, grid in before.items() if after[home] != grid}
    assert lines.keys() == moved
    for home, place in lines.items():
        assert (place["old"], place["new"]) == (before[home], after[home])


def is_answered_for(people: set[UUID]) -> None:
    """Nobody lost her post; she stands in a living grid, and her phone holds its households."""
    posts = list(Posting.objects.filter(ends_on=None))
    assert {post.user_id for post in posts} == people
    assert {post.place_id for post in posts} <= living_grids()
    leaders = Counter(post.place_id for post in posts if post.is_leader)
    assert all(many == 1 for many in leaders.values())
    after = now()
    for user in people:
        actor = cast.actor_again(user)
        grids = depot.own_grids(actor)
        assert set(grids) == {post.place_id for post in posts if post.user_id == user}
        for grid, content in depot.parcels(actor, grids, at=AT).items():
            held = {UUID(home["id"]) for home in json.loads(content)["households"]}
            assert held == {home for home, at in after.items() if at == grid}


@given(VILLAGES, st.data())
@settings(  # a village as found is enough: making it smaller takes minutes
    max_examples=6,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
def test_an_applied_division_is_one_in_the_tables_and_all_follows(
    places, officer_town, village, data
):
    with transaction.atomic():
        depot.forget()
        people = {
            cast.make_posted(f"人{grid[-3:]}", "warden", grid, leader=True).id
            for grids in GROUPS.values()
            for grid in grids
        }
        settle(village)
        for _ in range(2):
            homes = sorted(now().items())
            wish = wished(data, homes, living_grids())
            since = set(Change.objects.values_list("id", flat=True))
            proposal = propose(officer_town, cast.EAST, wish, on=ON)
            if not proposal.is_change:
                continue
            apply_division(officer_town, cast.EAST, wish, proposal.stamp, on=ON, at=AT)
            is_divided(dict(homes), wish)
            is_told(proposal)
            has_history(dict(homes), since)
            is_answered_for(people)
            again = propose(officer_town, cast.EAST, Wish(), on=ON)
            assert {h.id: h.before for h in again.homes} == {
                h.id: h.after for h in proposal.homes
            }
        depot.forget()
        transaction.set_rollback(True)
