"""The office beside a served county, as a process of its own: `python -m tests.api.office seed`.

Each command prints one JSON document. It works on the database of its environment, which is that
of the server under test, and calls the same actions that the desk calls.
"""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from lianhu.kernel.postgres.owner import become_owner

THREADS = 8


def seed() -> dict[str, Any]:
    """Migrate, make the cast, and enrol a phone each for a warden here and one in West."""
    from django.conf import settings  # noqa: PLC0415 - Django comes first

    from lianhu.accounts.actions.devices import issue_token  # noqa: PLC0415
    from lianhu.accounts.models import User  # noqa: PLC0415
    from lianhu.keeping.guards import bring_up_to_date  # noqa: PLC0415
    from lianhu.kernel.keyring import make_ring  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    make_ring(settings.LIANHU_KEYS)
    bring_up_to_date()
    cast.make_places()
    people = {
        "warden": cast.make_posted("陈户长", "warden", cast.EAST_GRID, leader=True),
        "west": cast.make_posted("马西", "warden", cast.WEST_GRID, leader=True),
        "secretary": cast.make_actor("李东", ("secretary", cast.EAST, cast.COMMITTEE)),
        "second": cast.make_actor("李二", ("committee", cast.EAST, cast.COMMITTEE)),
        "town": cast.make_actor("赵镇", ("town", cast.EAST_TOWN, f"{cast.EAST_TOWN}:hub")),
    }
    cast.make_household(household_id=cast.EXAMPLE_HOUSEHOLD)
    tokens = {}
    for name in ("warden", "west", "spare"):
        user = User.objects.get(id=people.get(name, people["warden"]).id)
        tokens[name] = issue_token(user, made_by=user.id, at=timezone.now())
    return {"tokens": tokens, "people": {name: str(a.id) for name, a in people.items()}}


def handle(secretary: str, town: str, matter: str) -> dict[str, Any]:
    """Accept, dispatch, handle and answer as the secretary, verify and close as the town."""
    from lianhu.matters.actions import steps  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    one, other = cast.actor_again(secretary), cast.actor_again(town)
    at = timezone.now()
    steps.accept_matter(one, matter, at=at)
    steps.dispatch_matter(one, matter, f"{cast.EAST_TOWN}:hub", at=at)
    steps.handle_matter(other, matter, "派车去了", at=at)
    steps.answer_matter(other, matter, "垃圾已清走", at=at)
    steps.verify_answer(one, matter, "看过了", done=True, at=at)
    steps.close_matter(one, matter, at=at)
    return {}


def race(step: str, one: str, other: str, matter: str) -> dict[str, Any]:
    """Eight threads of two people take the same step at the same moment; how each ended."""
    from lianhu.kernel.errors import Refusal  # noqa: PLC0415
    from lianhu.matters.actions.report import rate_matter  # noqa: PLC0415
    from lianhu.matters.actions.steps import accept_matter  # noqa: PLC0415
    from lianhu.matters.queries.one import get_matter  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    actors = [cast.actor_again(one), cast.actor_again(other)]
    start = Barrier(THREADS)
    calls: dict[str, Callable[[Any], Any]] = {
        "accept": lambda who: accept_matter(who, matter, at=timezone.now()),
        "rate": lambda who: rate_matter(who, get_matter(who, matter), 5, "", at=timezone.now()),
    }

    def go(number: int) -> str:
        start.wait()
        try:
            calls[step](actors[number % 2])
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        return {"ended": sorted(pool.map(go, range(THREADS)))}


def count() -> dict[str, int]:
    """How many rows there are of what a letter makes."""
    from lianhu.accounts.models import Device  # noqa: PLC0415
    from lianhu.audit.models import Entry, Version  # noqa: PLC0415
    from lianhu.letters.models import Letter  # noqa: PLC0415
    from lianhu.matters.models import Matter, Step  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    return {
        "letters": Letter.objects.count(),
        "pending": Letter.objects.filter(outcome="pending").count(),
        "matters": Matter.objects.count(),
        "steps": Step.objects.count(),
        "reports": Entry.objects.filter(verb="matter.report").count(),
        "devices": Device.objects.count(),
        "version": Version.objects.get(key=cast.EAST_GRID).number,
    }


def verify_together() -> dict[str, Any]:
    """The ledger verified by several processes, before and after somebody changed one entry."""
    from lianhu.audit import sealing, verifying  # noqa: PLC0415
    from lianhu.audit.models import Entry  # noqa: PLC0415

    while sealing.seal_some(at=timezone.now(), most=3):
        pass
    verifying.WORTH_HELP = 1
    told: list[int] = []
    before = verifying.verify_ledger(told=told.append)
    middle = Entry.objects.order_by("id")[before.entries // 2]
    Entry.objects.filter(id=middle.id).update(actor_name="别人")
    after = verifying.verify_ledger()
    return {
        "entries": before.entries, "before": len(before.faults), "told": len(told),
        "after": [fault.code for fault in after.faults],
    }  # fmt: skip


def letters() -> dict[str, Any]:
    """Each letter's outcome by its id."""
    from lianhu.letters.models import Letter  # noqa: PLC0415

    rows = Letter.objects.values_list("id", "outcome")
    return {"letters": {str(name): outcome for name, outcome in rows}}


def session(user: str) -> dict[str, Any]:
    """The cookie of somebody who is signed in at the desk."""
    from lianhu.accounts.models import User  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    return {"cookie": cast.session_of(User.objects.get(id=user))}


def revoke(secretary: str, warden: str) -> dict[str, Any]:
    """Revoke the warden's phone, end his grant, and give him a new password."""
    from lianhu.accounts.actions.devices import revoke_device  # noqa: PLC0415
    from lianhu.accounts.actions.grants import end_grant  # noqa: PLC0415
    from lianhu.accounts.actions.users import reset_password  # noqa: PLC0415
    from lianhu.accounts.models import Device, Grant  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    at = timezone.now()
    chief = cast.actor_again(secretary)
    officer = cast.make_user("褚数据", "data")
    cast.make_grant(officer, "data", cast.COUNTY)
    data = cast.actor_again(officer.id)
    revoke_device(chief, Device.objects.get(user_id=warden).id, at=at)
    reset_password(data, warden, at=at)
    end_grant(chief, Grant.objects.get(user_id=warden).id, last_day=cast.TODAY, at=at)
    return {}


def state(user: str) -> dict[str, Any]:
    """What is left of somebody's rights, and of everybody's sessions."""
    from lianhu.accounts.models import Grant, Session, User  # noqa: PLC0415

    return {
        "grants_ended": Grant.objects.filter(user_id=user).exclude(ends_on=None).count(),
        "usable_password": User.objects.get(id=user).has_usable_password(),
        "sessions": Session.objects.count(),
    }


def persons() -> dict[str, Any]:
    """Two heads of households: number and phone of each in clear, as the tables hold them, and their
    wrapped keys; what the keys do not fit."""
    from lianhu.keeping.sealed import find_key_faults  # noqa: PLC0415
    from lianhu.people.models import Household, Person, PersonKey  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    if Household.objects.count() == 1:
        cast.make_household(head="周大河")
    rows = list(Person.objects.order_by("id"))
    return {
        "clear": [[row.id_number, row.phone] for row in rows],
        "sealed": {
            f"person.{name}.{row.id}": bytes(value).hex()
            for row in rows
            for name, value in (("id", row.id_sealed), ("phone", row.phone_sealed))
        },
        "wrapped": [bytes(key.key_sealed).hex() for key in PersonKey.objects.all()],
        "faults": find_key_faults(),
    }


def opens(dump: str) -> dict[str, int]:
    """How many values of a dump the ring and the keys that are there now open."""
    from uuid import UUID  # noqa: PLC0415

    from cryptography.exceptions import InvalidTag  # noqa: PLC0415

    from lianhu.kernel.errors import Refusal  # noqa: PLC0415
    from lianhu.kernel.seal import unseal_bytes  # noqa: PLC0415
    from lianhu.people.keys import read_key  # noqa: PLC0415

    opened = 0
    for where, text in json.loads(dump).items():
        value, key = bytes.fromhex(text), read_key(UUID(where.rpartition(".")[2]))
        for attempt in (key.unseal if key else unseal_bytes, unseal_bytes):
            try:
                opened += bool(attempt(value, where))
                break
            except (InvalidTag, Refusal):
                continue
    return {"opened": opened}


def erase_phone(secretary: str) -> dict[str, Any]:
    """Delete the phone of the first head, as a request for it was granted."""
    from lianhu.people.actions.erase import erase_fields  # noqa: PLC0415
    from lianhu.people.models import Person  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    person, at = Person.objects.order_by("id").first(), timezone.now()
    assert person is not None
    erase_fields(cast.actor_again(secretary), person.id, ["phone"], words="要求删去", at=at)
    return {}


def end_first() -> dict[str, Any]:
    """The first head died so long ago that the next daily run forgets them."""
    from datetime import timedelta  # noqa: PLC0415

    from lianhu.people.models import Person  # noqa: PLC0415

    person, at = Person.objects.order_by("id").first(), timezone.now()
    assert person is not None
    Person.objects.filter(id=person.id).update(ended_on=(at - timedelta(days=4000)).date())
    return {}


def expire() -> dict[str, Any]:
    """What the daily run forgets by its terms; rows by rule."""
    from lianhu.daily import FORGET  # noqa: PLC0415
    from lianhu.keeping.actions.expire import expire as apply  # noqa: PLC0415

    return dict(apply(FORGET, at=timezone.now()))


def empty() -> dict[str, Any]:
    """Migrated, and nothing in it."""
    call_command("flush", interactive=False, verbosity=0)
    return {}


if __name__ == "__main__":
    django.setup()
    become_owner()
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))  # noqa: T201 - its one answer
