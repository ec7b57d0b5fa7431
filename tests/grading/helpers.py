"""Households with facts, for tests of grading."""

from datetime import date
from typing import Any

from lianhu.grading.actions.facts import record_fact
from lianhu.kernel.actor import Actor
from lianhu.people.models import Household
from tests import cast

OLD = {"born_on": date(1950, 1, 1)}


def elder_alone(grid: str = cast.EAST_GRID, head: str = "周老汉") -> Household:
    """A household of one, of 76 years (the cast's heads are born in 1950)."""
    return cast.make_household(grid, head)


def left_behind(grid: str = cast.EAST_GRID) -> Household:
    """A grandmother and a child at home, the father away."""
    return cast.make_household(
        grid,
        "吴婆婆",
        [
            {"name": "吴小宝", "relation": "41", "born_on": date(2018, 3, 1)},
            {
                "name": "吴父",
                "relation": "20",
                "born_on": date(1990, 3, 1),
                "residence": "away",
            },
        ],
    )


def fact(actor: Actor, home: Household, kind: str, value: str = "", **more: Any) -> Any:
    """Record a fact of a household, or of its head."""
    of_person = kind in {"severe_disability", "long_illness", "cannot_care_self"}
    wanted = {"since": date(2026, 1, 1), "source": "残联证 12 号", "at": cast.NOON}
    if of_person:
        wanted["person_id"] = cast.head_of(home).id
    return record_fact(actor, home.id, kind, value=value, **(wanted | more))
