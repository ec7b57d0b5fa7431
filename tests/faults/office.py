"""The office beside the served county, as a process of its own that answers JSON lines.

`python -m tests.faults.office` works on the database of its environment, which is that of the
server under attack, and calls the same actions that the desk calls. When its database is gone for
a moment it waits and tries again, as a person would.
"""

import hashlib
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone
from django.utils.timezone import localdate

TRIES = 200


def seed(phones: int) -> dict[str, Any]:
    """Migrate, make the cast and so many line people, each with a household to look after."""
    from django.conf import settings  # noqa: PLC0415 - Django comes first

    from lianhu.kernel.keyring import make_ring  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    make_ring(settings.LIANHU_KEYS)
    call_command("migrate", verbosity=0)
    cast.make_places()
    grids = [cast.EAST_GRID, cast.EAST_GRID_2, cast.EAST_FAR_GRID]
    people, homes = [], {}
    for grid in [*grids, cast.WEST_GRID]:
        homes[grid] = [str(cast.make_household(grid, f"户主{n}").id) for n in range(3)]
    for number in range(phones):
        grid = grids[number % len(grids)]
        people.append((str(cast.make_posted(f"户长{number}", "warden", grid).id), grid))
    secretary = cast.make_actor("李东", ("secretary", cast.EAST, cast.COMMITTEE))
    town = cast.make_actor("赵镇", ("town", cast.EAST_TOWN, f"{cast.EAST_TOWN}:hub"))
    return {
        "people": people, "homes": homes, "grids": grids,
        "secretary": str(secretary.id), "town": str(town.id),
    }  # fmt: skip


def token(user: str) -> str:
    """A one-time token for a new phone of a user."""
    from lianhu.accounts.actions.devices import issue_token  # noqa: PLC0415
    from lianhu.accounts.models import User  # noqa: PLC0415

    found = User.objects.get(id=user)
    return issue_token(found, made_by=found.id, at=timezone.now())


def work(secretary: str, town: str, seed: int) -> str:
    """One step of one open matter, chosen by the seed; "" when there is none."""
    from lianhu.kernel.errors import Refusal  # noqa: PLC0415
    from lianhu.matters.actions import steps  # noqa: PLC0415
    from lianhu.matters.models import Matter  # noqa: PLC0415

    choice = random.Random(seed)
    rows = list(Matter.objects.filter(is_open=True).order_by("id").values_list("id", "stage"))
    if not rows:
        return ""
    one, other, at = _actor(secretary), _actor(town), timezone.now()
    matter, stage = choice.choice(rows)
    try:
        if stage == "reported":
            steps.accept_matter(one, matter, at=at)
        elif stage == "accepted":
            steps.handle_matter(one, matter, "去看了", at=at)
        elif stage == "handling":
            steps.answer_matter(one, matter, "办好了", at=at)
        elif stage == "answered":
            steps.verify_answer(other, matter, "核实了", done=True, at=at)
        else:
            steps.close_matter(other, matter, at=at)
    except Refusal as refusal:
        return refusal.code
    return str(stage)


def reassign(secretary: str, user: str, grids: list[str], seed: int) -> str:
    """Move a line person to another grid, from today on; the new grid."""
    from lianhu.postings.actions import end_posting, post  # noqa: PLC0415
    from lianhu.postings.models import Posting  # noqa: PLC0415

    actor, at, today = _actor(secretary), timezone.now(), localdate()
    mine = list(Posting.objects.filter(user_id=user, ends_on=None))
    others = sorted(set(grids) - {p.place_id for p in mine})
    grid = random.Random(seed).choice(others)
    for posting in mine:
        end_posting(actor, posting.id, last_day=today - timedelta(days=1), at=at)
    post(actor, user, "warden", grid, is_leader=False, starts_on=today, at=at)
    return grid


def revoke(secretary: str, user: str) -> str:
    """Revoke every phone of a user, and give a token for the next one."""
    from lianhu.accounts.actions.devices import revoke_device  # noqa: PLC0415
    from lianhu.accounts.models import Device  # noqa: PLC0415

    for device in Device.objects.filter(user_id=user, revoked_at=None):
        revoke_device(_actor(secretary), device.id, at=timezone.now())
    return token(user)


def settled() -> int:
    """How many letters the office holds, whatever became of them."""
    from lianhu.letters.models import Letter  # noqa: PLC0415

    return Letter.objects.filter(copy_of=None).count()


def truth(people: list[str]) -> dict[str, Any]:
    """All that the checks need to know, read from the tables."""
    from lianhu.audit.models import Entry  # noqa: PLC0415
    from lianhu.audit.queries import epoch  # noqa: PLC0415
    from lianhu.audit.sealing import seal_all  # noqa: PLC0415
    from lianhu.audit.verifying import verify_ledger  # noqa: PLC0415
    from lianhu.letters.models import Letter  # noqa: PLC0415
    from lianhu.matters.models import Matter  # noqa: PLC0415
    from lianhu.media.models import Photo  # noqa: PLC0415
    from lianhu.media.queries import photo_path  # noqa: PLC0415
    from lianhu.phone import parcels as depot  # noqa: PLC0415

    depot.forget()
    seal_all(at=timezone.now())
    verdict = verify_ledger()
    parcels = {}
    for user in people:
        actor = _actor(user)
        grids = depot.own_grids(actor)
        found = depot.parcels(actor, grids, at=timezone.now())
        parcels[user] = {grid: json.loads(content) for grid, content in found.items()}
    reports = Entry.objects.filter(verb="matter.report").values_list("object_id", flat=True)
    return {
        "epoch": str(epoch()),
        "letters": [
            [str(row.id), hashlib.sha256(row.text.encode()).hexdigest(), row.outcome, row.code,
             str(row.device_id), row.device_seq, row.says(row.text), str(row.user_id)]
            for row in Letter.objects.filter(copy_of=None)
        ],
        "copies": Letter.objects.exclude(copy_of=None).count(),
        "matters": [
            [str(m.id), m.words, m.steps.filter(verb="report").count(), m.attachments.count()]
            for m in Matter.objects.all()
        ],
        "reports": list(reports),
        "photos": [
            [p.sha256, photo_path(p.sha256).is_file() and _opens(photo_path(p.sha256))]
            for p in Photo.objects.all()
        ],
        "parcels": parcels,
        "ledger": [str(fault) for fault in verdict.faults],
    }  # fmt: skip


def _opens(path: Any) -> bool:
    from PIL import Image  # noqa: PLC0415

    with Image.open(path) as picture:
        picture.load()
        return picture.width > 0


def _actor(user: str) -> Any:
    from tests import cast  # noqa: PLC0415

    return cast.actor_again(user, on=localdate())  # type: ignore[arg-type]


COMMANDS: dict[str, Callable[..., Any]] = {
    "seed": seed, "token": token, "work": work, "reassign": reassign, "revoke": revoke,
    "settled": settled, "truth": truth,
}  # fmt: skip


def main() -> None:
    """Answer each line with one line."""
    django.setup()
    for line in sys.stdin:
        asked = json.loads(line)
        for _ in range(TRIES):
            try:
                close_old_connections()
                answer = COMMANDS[asked["do"]](*asked["with"])
                break
            except (OperationalError, InterfaceError):
                connection.close()
                time.sleep(0.1)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
