"""The article's numbers of line people and officials, each one a person of the county."""

from collections import Counter

import numpy as np

from lianhu.demo.county import ACCOUNTS, County
from lianhu.demo.divisions import PILOT
from lianhu.demo.staff import LINES


def test_make_staff_has_the_numbers_of_the_article(county: County) -> None:
    roles = Counter(w.jobs[0].role for w in county.staff.workers)
    assert (roles["member"], roles["deputy"], roles["warden"]) == (2_123, 629, 2_354)
    officials = len(county.staff.workers) - sum(roles[line] for line in LINES)
    assert officials - roles["resident"] == 1_300


def test_every_grid_has_one_leader_but_for_twelve_gaps(county: County) -> None:
    leader = county.staff.leader
    assert int((leader < 0).sum()) == 12
    led = leader[leader >= 0]
    assert len(set(led.tolist())) == len(led)


def test_leaders_live_in_their_grid_and_are_mostly_over_fifty(county: County) -> None:
    people, ages = county.people, []
    for grid, worker in enumerate(county.staff.leader.tolist()):
        if worker >= 0:
            person = county.staff.workers[worker].person
            assert county.grids.of_house[people.house[person]] == grid
            assert people.away[person] == 0
            ages.append(int(people.age[person]))
    assert min(ages) >= 28
    assert np.mean(np.array(ages) > 50) > 0.8


def test_nobody_of_the_staff_is_taken_twice(county: County) -> None:
    persons = [w.person for w in county.staff.workers if w.person >= 0]
    assert len(set(persons)) == len(persons)
    names = [w.username for w in county.staff.workers]
    assert len(set(names)) == len(names)


def test_demo_accounts_have_their_places_and_a_usual_grid(county: County) -> None:
    found = {w.username: w for w in county.staff.workers if w.username in ACCOUNTS}
    assert set(found) == set(ACCOUNTS)
    for account, (role, place) in ACCOUNTS.items():
        job = found[account].jobs[0]
        assert job.role == role
        assert job.place.startswith(place)
    grid = county.codes.index(found["warden"].jobs[0].place)
    assert abs(int(county.grids.households[grid]) - 21) <= 1
    assert found["secretary"].jobs[0].place == PILOT


def test_a_small_county_keeps_both_demo_villages(small: County) -> None:
    assert {w.username for w in small.staff.workers} >= set(ACCOUNTS)
    assert len(small.people.house) == 6_260
    assert int((small.staff.leader < 0).sum()) == 1
