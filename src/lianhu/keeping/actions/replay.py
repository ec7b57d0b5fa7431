"""How each verb of the lasting list is done again after a restore. To add one: its verb in
catalogue/keeping.toml, a function and a line here, a test."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password

from lianhu.accounts.actions.resets import clear_factors
from lianhu.accounts.models import (
    Authenticator,
    Device,
    Grant,
    Identity,
    Passkey,
    RecoveryCode,
    User,
)
from lianhu.people.actions.erase import blank_fields
from lianhu.people.models import Person
from lianhu.rights.actions.visits import blank_visits

Item = dict[str, Any]


def _revoke_device(item: Item) -> bool:
    rows = Device.objects.filter(id=item["object_id"], revoked_at=None)
    return bool(rows.update(revoked_at=datetime.fromisoformat(item["at"])))


def _cut_device(item: Item) -> bool:
    at = datetime.fromisoformat(item["at"])
    rows = Device.objects.filter(id=item["object_id"], revoked_at=None)
    return bool(rows.update(revoked_at=at, cut_at=at))


def _end_grant(item: Item) -> bool:
    last_day = date.fromisoformat(item["facts"]["last_day"])
    return bool(Grant.objects.filter(id=item["object_id"]).update(ends_on=last_day))


def _close_password(item: Item) -> bool:
    """The password of the backup was replaced since, perhaps because somebody knew it: nobody
    gets in with it again. The data officer gives a new one."""
    rows = User.objects.filter(id=item["object_id"])
    return bool(rows.update(password=make_password(None)))


def _clear_factors(item: Item) -> bool:
    """Factors that were taken away let nobody in again; the owner sets up new ones."""
    return bool(clear_factors(UUID(item["object_id"])))


def _end_factor(item: Item) -> bool:
    key = UUID(item["object_id"])
    app, passkey = Authenticator.objects.filter(id=key), Passkey.objects.filter(id=key)
    return bool(app.delete()[0] + passkey.delete()[0])


def _void_codes(item: Item) -> bool:
    """The codes on paper of the backup were used or replaced since."""
    return bool(RecoveryCode.objects.filter(user_id=item["object_id"]).delete()[0])


def _unlink(item: Item) -> bool:
    return bool(Identity.objects.filter(user_id=item["object_id"]).delete()[0])


def _erase_fields(item: Item) -> bool:
    """What a person had deleted is not back because a backup is older."""
    person = Person.objects.select_related("household").filter(id=item["object_id"]).first()
    if person is None:
        return False
    blank_fields(person, item["facts"]["fields"])
    return True


def _erase_visits(item: Item) -> bool:
    return bool(blank_visits(UUID(item["object_id"]), item["facts"]["until"]))


HANDLERS: dict[str, Callable[[Item], bool]] = {
    "device.revoke": _revoke_device,
    "device.refuse": _revoke_device,
    "device.cut": _cut_device,
    "grant.end": _end_grant,
    "account.reset": _close_password,
    "account.password": _close_password,
    "account.unlink": _unlink,
    "second.reset": _clear_factors,
    "second.end": _end_factor,
    "second.recovery": _void_codes,
    "second.codes": _void_codes,
    "person.erased": _erase_fields,
    "rights.erase_visits": _erase_visits,
}
