"""What may happen in a county, by dice: in both worlds, or only in the one with the reports."""

import hashlib
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.accounts.models import Grant
from lianhu.accounts.queries.actors import system_actor
from lianhu.matters.actions.supervise import escalate_late
from lianhu.matters.models import Matter
from lianhu.matters.rules import MOVES, Stage
from lianhu.postings.models import Posting
from lianhu.territory.models import Place
from tests.crawl.calls import Call
from tests.crawl.county import COUNTY, DISCIPLINE, HOME, HOME_GRID, NEAR_TOWN, VILLAGES
from tests.crawl.door import Answer
from tests.crawl.twins import Told, World

Asked = tuple[Call, Answer] | None
Doing = Callable[[World, random.Random, int], Asked]
SOMEWHERE = f"{HOME}01010"
WORK = ("accept", "dispatch", "handle", "ask", "answer", "verify", "return", "close", "add",
        "escalate", "extend", "reopen")  # fmt: skip


@dataclass(frozen=True)
class Step:
    """Something that happens; `hidden` what only happens where the reports are made."""

    name: str
    do: Doing
    hidden: bool
    weight: int
    instead: Doing | None = None


STEPS: dict[str, Step] = {}


def step(
    *, hidden: bool, weight: int = 2, instead: Doing | None = None
) -> Callable[[Doing], Doing]:
    """One more thing that may happen."""

    def noted(do: Doing) -> Doing:
        STEPS[do.__name__] = Step(do.__name__, do, hidden, weight, instead)
        return do

    return noted


def words_of(index: int, what: str) -> str:
    """Words that no other step says; both reports and plain ones speak of the same."""
    return f"修路的钱没有公开，账上少了第{index}笔（{what}）"


# --- the reports ---------------------------------------------------------------------------------


def _note(world: World, words: str, by: str, *, named: bool) -> None:
    for row in Matter.objects.filter(words=words):
        world.told.append(Told(str(row.id), row.ref, words, by, named))


@step(hidden=True, weight=4)
def told_at_the_board(world: World, dice: random.Random, index: int) -> Asked:
    """A villager without a name, on the board of the village."""
    if world.twins.at_once:
        return None  # before he is named he is an officer as the others
    words = words_of(index, "板")
    name = world.twins.county.people[world.twins.accused].name
    form = {
        "top": "official", "category": dice.choice(["official.money", "official.conduct"]),
        "words": words, "about": name, "phone": f"1380000{index:04d}", "name": "某人",
    }  # fmt: skip
    asked = world.ask("stranger", "POST", "/report/", form, query=f"village={HOME}",
                      REMOTE_ADDR=f"10.9.0.{index}")  # fmt: skip
    _note(world, words, "stranger", named=False)
    return asked


def _contact(world: World, dice: random.Random, index: int) -> Asked:
    """The phone speaks with the office as it does every day; nothing is in its letter box."""
    return world.ask("sender", "GET", "/api/phone/me")


@step(hidden=True, weight=4, instead=_contact)
def told_by_a_phone(world: World, dice: random.Random, index: int) -> Asked:
    """A warden of the accused's own village; now and then of a place that is not hers."""
    if world.twins.at_once:
        return _contact(world, dice, index)
    place = dice.choice([SOMEWHERE, SOMEWHERE, f"{VILLAGES[3]}01001"])
    words = words_of(index, "机")
    body = {"category": "official.money", "words": words, "visibility": "about_official"}
    asked = _letter(world, "sender", "matter.report/1", place, body)
    world.hidden.add(json.loads(asked[0].body)["letters"][0]["id"])
    _note(world, words, "sender", named=False)
    return asked


@step(hidden=True, weight=4)
def told_at_the_desk(world: World, dice: random.Random, index: int) -> Asked:
    """At the counter of his own village, or of the county, with his name chosen."""
    # Nobody of a village finds the officers of town and county in the list of its staff.
    by = dice.choice(["clerk", "officer"]) if world.twins.of_village else "officer"
    words = words_of(index, "台")
    form = {"place": HOME, "category": "official.money", "words": words,
            "accused": world.twins.official, "name": "某人", "phone": "13900000000"}  # fmt: skip
    asked = world.ask(by, "POST", "/desk/report/", form)
    _note(world, words, by, named=True)
    return asked


@step(hidden=True, weight=2)
def named(world: World, dice: random.Random, index: int) -> Asked:
    """The county says who it is about."""
    waiting = [told for told in world.told if not told.named]
    if not waiting:
        return None
    told = dice.choice(waiting)
    path = f"/desk/matters/{told.id}/accused/"
    asked = world.ask("officer", "POST", path, {"accused": world.twins.official})
    told.named = asked[1].status == 302
    return asked


@step(hidden=True, weight=14)
def worked_on(world: World, dice: random.Random, index: int) -> Asked:
    """One of the steps of an office, at the county."""
    if not world.told:
        return None
    told = dice.choice(world.told[-3:])
    stage = Stage(Matter.objects.get(id=told.id).stage)
    may = [one for one in WORK if stage in MOVES[one][0]]
    verb = dice.choice(may or ["add"])
    who = {"verify": "checker", "return": "checker", "extend": "checker"}.get(verb, "officer")
    form = {"words": words_of(index, verb)}
    if verb == "dispatch":
        form["to"] = dice.choice([
            DISCIPLINE, f"{COUNTY}:petition", f"{DISCIPLINE}/{world.twins.people['officer'].user}",
        ])  # fmt: skip
    return world.ask(who, "POST", f"/desk/matters/{told.id}/{verb}/", form)


@step(hidden=True, weight=3)
def brought_to_an_end(world: World, dice: random.Random, index: int) -> Asked:
    """All steps of an office to the last."""
    if not world.told:
        return None
    told, asked = dice.choice(world.told), None
    for verb in ("accept", "handle", "answer", "verify", "close"):
        who = "checker" if verb == "verify" else "officer"
        form = {"words": words_of(index, verb)}
        asked = world.ask(who, "POST", f"/desk/matters/{told.id}/{verb}/", form)
    return asked


@step(hidden=True, weight=3)
def followed(world: World, dice: random.Random, index: int) -> Asked:
    """Whoever holds the code asks, adds, rates, wants it done again."""
    if not world.told:
        return None
    told = dice.choice(world.told)
    how = dice.choice(["add", "rate", "reopen", ""])
    path = f"/follow/{told.ref}/" + (f"{how}/" if how else "")
    form = {"words": words_of(index, "补"), "score": "2"}
    return world.ask("stranger", "POST" if how else "GET", path, form,
                     REMOTE_ADDR=f"10.9.1.{index}")  # fmt: skip


@step(hidden=True, weight=2)
def made_one(world: World, dice: random.Random, index: int) -> Asked:
    """A clerk takes two reports that he took down for the same one, which is not his to say."""
    own = [told for told in world.told if told.by == "clerk"]
    if len(own) < 2:
        return told_at_the_desk(world, dice, index)
    one, other = dice.sample(own, 2)
    return world.ask("clerk", "POST", f"/desk/matters/{one.id}/merge/", {"into": other.id})


@step(hidden=True, weight=1)
def called_back(world: World, dice: random.Random, index: int) -> Asked:
    """The office looks up the number that the reporter left."""
    if not world.told:
        return None
    path = f"/desk/matters/{dice.choice(world.told).id}/phone/"
    return world.ask("officer", "POST", path, {"purpose": "contact"})


@step(hidden=True, weight=2)
def settled(world: World, dice: random.Random, index: int) -> Asked:
    """The county settles a report that waited there as a letter."""
    _, answer = world.ask("officer", "GET", "/desk/letters/")
    held = re.findall(r"/desk/letters/([0-9a-f-]{36})/", answer.body.decode())
    held = [key for key in held if key in world.hidden]
    if not held:
        return None
    how = dice.choice(["again", "enter", "decline"])
    words = words_of(index, "信")
    form = {"place": HOME, "category": "official.money", "words": words, "reason": words}
    asked = world.ask("officer", "POST", f"/desk/letters/{held[-1]}/{how}/", form)
    _note(world, words, "officer", named=False)
    return asked


# --- what happens anyhow -------------------------------------------------------------------------


def _letter(
    world: World, who: str, kind: str, place: str, body: dict[str, Any]
) -> tuple[Call, Answer]:
    number = world.number(who)
    text = json.dumps({
        "kind": kind, "device_seq": number, "place": place, "body": body,
        "captured_at": world.twins.clock.now.isoformat(),
    })  # fmt: skip
    key = str(UUID(int=world.twins.clock.dice.getrandbits(128) & ~(0xF << 76) | 0x7 << 76))
    letters = [{"id": key, "sha256": hashlib.sha256(text.encode()).hexdigest(), "text": text,
                "media": []}]  # fmt: skip
    return world.ask(
        who, "POST", "/api/phone/letters", body=json.dumps({"letters": letters}).encode(),
        kind="application/json", HTTP_LIANHU_OUTBOX=f"last={number}; photos=0",
    )  # fmt: skip


@step(hidden=False, weight=4)
def plain_report(world: World, dice: random.Random, index: int) -> Asked:
    """Somebody of the village reports a road, a lamp, a drain."""
    who = dice.choice(["warden", "sender", "secretary", "stranger", "committee"])
    words = words_of(index, "平")
    if who in ("warden", "sender"):
        place = HOME_GRID if who == "warden" else SOMEWHERE
        body = {"category": "environment", "words": words, "visibility": "ordinary"}
        asked = _letter(world, who, "matter.report/1", place, body)
    elif who == "stranger":
        form = {"top": "environment", "words": words, "phone": f"1370000{index:04d}"}
        asked = world.ask(who, "POST", "/report/", form, query=f"village={HOME}",
                          REMOTE_ADDR=f"10.8.0.{index}")  # fmt: skip
    else:
        form = {"place": HOME_GRID, "category": "environment", "words": words, "sure": "1"}
        asked = world.ask(who, "POST", "/desk/report/", form)
    world.plain += [str(row.id) for row in Matter.objects.filter(words=words)]
    return asked


@step(hidden=False, weight=6)
def plain_work(world: World, dice: random.Random, index: int) -> Asked:
    """One of the steps of an office on an ordinary matter."""
    keys = [thing.value for thing in world.twins.county.things["Matter"]
            if thing.owner.place.startswith(HOME) and thing.owner.row_class == "ordinary"]  # fmt: skip
    key = dice.choice([*keys, *world.plain, *world.plain])
    stage = Stage(Matter.objects.get(id=key).stage)
    may = [one for one in WORK if stage in MOVES[one][0]]
    verb = dice.choice(may or ["add"])
    who = "town" if verb in ("verify", "return", "extend") else "secretary"
    form = {"words": words_of(index, verb), "to": f"{NEAR_TOWN}:housing"}
    return world.ask(who, "POST", f"/desk/matters/{key}/{verb}/", form)


@step(hidden=False)
def plain_merge(world: World, dice: random.Random, index: int) -> Asked:
    """Two ordinary matters are the same one."""
    if len(world.plain) < 2:
        return plain_report(world, dice, index)
    one, other = dice.sample(world.plain, 2)
    return world.ask("secretary", "POST", f"/desk/matters/{one}/merge/", {"into": other})


@step(hidden=False)
def another_official(world: World, dice: random.Random, index: int) -> Asked:
    """A report about an official of another town: of that the county's officers know."""
    form = {"place": VILLAGES[3], "category": "official.money", "words": words_of(index, "外"),
            "accused": world.twins.people["far"].user}  # fmt: skip
    return world.ask("officer", "POST", "/desk/report/", form)


@step(hidden=False, weight=3)
def handed_over(world: World, dice: random.Random, index: int) -> Asked:
    """Somebody else answers for a grid, the accused's own among them, with all open work."""
    users = [
        world.twins.people[name].user for name in ("warden", "member", world.twins.accused)
    ]
    rows = Posting.objects.filter(user_id__in=users, ends_on=None).order_by("place_id")
    if not rows:
        return None
    row = dice.choice(list(rows))
    heir = dice.choice([world.twins.people["heir"].user, world.twins.official])
    form = {"posting": str(row.id), "who": f"user:{heir}"}
    return world.ask(
        dice.choice(["secretary", "town", "data"]), "POST", "/desk/staff/post/", form
    )


@step(hidden=False, weight=3)
def transferred(world: World, dice: random.Random, index: int) -> Asked:
    """The accused gets another post: of the village, the town, the county, even of the office
    that has the reports, where each of them says from the start that it is about him."""
    posts = [("secretary", HOME, "village:committee"), ("supervisor", HOME, "village:supervision"),
             ("town", NEAR_TOWN, "town:hub"), ("leader", COUNTY, ""), ("data", COUNTY, "")]  # fmt: skip
    if world.twins.at_once:
        posts += [("county", COUNTY, "county:discipline")] * 3
    role, place, office = dice.choice(posts)
    form = {"role": role, "place": place, "office": office,
            "starts_on": localdate().isoformat()}  # fmt: skip
    if world.twins.accused == "data":
        return None  # nobody gives himself a post
    return world.ask("data", "POST", f"/desk/staff/{world.twins.official}/grant/", form)


@step(hidden=False, weight=1)
def lost_a_post(world: World, dice: random.Random, index: int) -> Asked:
    """One of the accused's posts ends today."""
    rows = Grant.objects.filter(user_id=world.twins.official, ends_on=None).order_by("id")
    if len(rows) < 2 or world.twins.accused == "data":
        return None
    row = dice.choice(list(rows))
    form = {"last_day": localdate().isoformat()}
    return world.ask("data", "POST", f"/desk/grants/{row.id}/end/", form)


@step(hidden=False, weight=1)
def villages_merged(world: World, dice: random.Random, index: int) -> Asked:
    """The accused's village is merged into the next one."""
    if Place.objects.get(code=HOME).ended_on:
        return None
    form = {"what": "merge", "into": VILLAGES[1], "on": localdate().isoformat()}
    return world.ask("data", "POST", f"/desk/places/{HOME}/change/", form)


@step(hidden=False, weight=2)
def visited(world: World, dice: random.Random, index: int) -> Asked:
    """A warden's visit."""
    home = next(thing.value for thing in world.twins.county.things["Household"]
                if thing.owner.place == HOME_GRID)  # fmt: skip
    body = {"household_id": home, "on": localdate().isoformat(), "duties": ["policy"],
            "words": words_of(index, "访")}  # fmt: skip
    return _letter(world, "warden", "visit.record/1", HOME_GRID, body)


@step(hidden=False, weight=2)
def days_went_by(world: World, dice: random.Random, index: int) -> Asked:
    """Time passes, and the daily run urges what is late, the reports too."""
    world.twins.clock.now += timedelta(days=dice.choice([1, 16, 61]))
    actor = system_actor(COUNTY, "matter.escalate", "matter.escalate+official", "matter.read")
    escalate_late(actor, at=world.twins.clock.now)
    return None
