"""In the demo somebody looked at the resident's household, and two households asked about their
own data: one is answered, one waits."""

from datetime import datetime, time, timedelta

from lianhu.accounts.queries.actors import actor_for
from lianhu.accounts.queries.staff import find_user
from lianhu.demo.county import County
from lianhu.demo.telling import ZONE
from lianhu.people.actions import reveal_field
from lianhu.people.queries import list_households
from lianhu.rights.actions.requests import answer_request, ask_own, receive_request
from lianhu.rights.queries.held import members_of
from lianhu.rights.queries.own import resident_of_person
from lianhu.rights.rules import Kind, Outcome

ANSWER = (
    "留电话是为了有急事能找到您家里人，防汛的时候也用。平时看不到，看一次要写明用途，"
    "您在“谁看过”里都看得到。"
)


def show_requests(county: County) -> None:
    """Looks by secretary and town, an answered question, a deletion asked for in person."""
    today = county.plan.today
    users = [find_user(name) for name in ("resident", "secretary", "town")]
    resident, secretary, town = users
    if resident is None or secretary is None or town is None or resident.person_id is None:
        return
    home = resident_of_person(resident.person_id)
    village, office = actor_for(secretary, on=today), actor_for(town, on=today)
    if home is None:
        return

    def at(days: int, hour: int) -> datetime:
        return datetime.combine(today - timedelta(days=days), time(hour, 20), ZONE)

    reveal_field(village, home.person.id, "phone", "contact", at=at(9, 8))
    reveal_field(office, home.person.id, "id_number", "service", at=at(6, 15))
    words = "村里存我家的电话做什么用？"
    made = ask_own(home, Kind.EXPLAIN, words, at=at(5, 20))
    answer_request(office, made.id, Outcome.GRANTED, ANSWER, at=at(4, 9))
    for other in list_households(village, under=home.household.place_id)[:2]:
        if other.id != home.household.id:
            receive_request(
                village, other.id, Kind.DELETE, "儿子的旧号码不用了，请删掉。",
                person_id=members_of(other.id)[0].id, identity="card", at=at(2, 10),
            )  # fmt: skip
            return
