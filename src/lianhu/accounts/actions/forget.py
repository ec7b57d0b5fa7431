"""Delete who had which office, and how they came in, once the term is over.

An account stays as an empty row, because what was done under it hangs on it.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import localdate

from lianhu.accounts.actions.sessions import close_sessions
from lianhu.accounts.models import (
    Authenticator,
    Device,
    EnrolToken,
    FactorReset,
    Grant,
    Identity,
    Passkey,
    RecoveryCode,
    SpentCredential,
    User,
)
from lianhu.kernel.erasing import GONE

WAYS_IN = (Authenticator, Passkey, RecoveryCode, Identity)


def forget_grants(before: datetime, most: int) -> int:
    """Grants whose term ended before a moment, with the account of who has none left; how many.
    Those of postings go with their posting."""
    # open to all: by the daily run, and nothing of it is shown.
    rows = Grant.objects.filter(ends_on__lt=localdate(before), posting=None)
    return drop_grants(list(rows.order_by("ends_on", "id").values_list("id", flat=True)[:most]))


def drop_grants(ids: list[UUID]) -> int:
    """Delete grants, and empty the accounts that have none left; how many grants."""
    # open to all: named by the daily run.
    holders = set(Grant.objects.filter(id__in=ids).values_list("user_id", flat=True))
    Grant.objects.filter(id__in=ids).delete()  # open to all: as above
    # open to all: as above.
    for user in User.objects.filter(id__in=holders, grants=None):
        for table in WAYS_IN:
            table.objects.filter(user=user).delete()
        close_sessions(user.id)
        user.username, user.name, user.person_id = f"gone-{user.id.hex}", GONE, None
        user.is_active, user.last_login = False, None
        user.set_unusable_password()
        user.save()
    return len(ids)


def forget_resets(before: datetime, most: int) -> int:
    """Resets of second factors asked for before a moment; how many."""
    ids = list(
        FactorReset.objects.filter(asked_at__lt=before).values_list("id", flat=True)[:most]
    )
    FactorReset.objects.filter(id__in=ids).delete()
    return len(ids)


def forget_devices(before: datetime, most: int) -> int:
    """What phones revoked before a moment were called and said of themselves; how many. Their
    letters hang on the row. Credentials that were replaced before it go too."""
    # open to all: by the daily run, and nothing of it is shown.
    never = Q(enrolled_at__lt=before) & ~Q(confirm_code="")  # nobody confirmed it
    rows = Device.objects.filter(Q(revoked_at__lt=before) | never).exclude(name="")
    ids = list(rows.order_by("revoked_at").values_list("id", flat=True)[:most])
    spent = SpentCredential.objects.filter(spent_at__lt=before).order_by("spent_at")
    SpentCredential.objects.filter(
        credential__in=[bytes(c) for c in spent.values_list("credential", flat=True)[:most]]
    ).delete()
    # open to all: as above.
    return Device.objects.filter(id__in=ids).update(
        name="", public_key="", key_proven=False, next_credential=None,
        newest_at=None, photos_waiting=0, asked_seq=None, asked_at=None,
    )  # fmt: skip


def forget_invitations(before: datetime, most: int) -> int:
    """Invitations of phones that ran out before a moment; how many."""
    rows = EnrolToken.objects.filter(expires_at__lt=before).order_by("expires_at")
    return EnrolToken.objects.filter(
        token__in=[bytes(t) for t in rows.values_list("token", flat=True)[:most]]
    ).delete()[0]


def forget_logins(before: datetime, most: int) -> int:
    """When people last came in, if before a moment; how many."""
    # open to all: by the daily run, and nothing of it is shown.
    ids = list(User.objects.filter(last_login__lt=before).values_list("id", flat=True)[:most])
    # open to all: as above.
    return User.objects.filter(id__in=ids).update(last_login=None)
