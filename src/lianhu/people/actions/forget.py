"""Delete what the register held of who died or left, once the term is over.

Rows stay, empty, because other records hang on them; what says who it was goes.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import localdate

from lianhu.kernel.erasing import GONE
from lianhu.people.models import (
    Change,
    Export,
    Household,
    MinorLook,
    Person,
    PersonKey,
    Proposal,
    RegisterImport,
)


def forget_persons(before: datetime, most: int) -> int:
    """Persons who ended before a moment; how many."""
    # open to all: by the daily run, and nothing of it is shown.
    rows = Person.objects.filter(ended_on__lt=localdate(before)).exclude(name=GONE)
    ids = list(rows.order_by("ended_on", "id").values_list("id", flat=True)[:most])
    # open to all: as above.
    rows = Person.objects.filter(id__in=ids)
    gone = rows.update(
        name=GONE, sex="", born_on=None, born_month="", away_to="", id_sealed=b"",
        id_index=b"", phone_sealed=b"", phone_index=b"", more_phones_sealed=b"",
        restricted_on=None,
    )  # fmt: skip
    destroy_unused(ids)
    return gone


def destroy_unused(persons: Sequence[UUID]) -> int:
    """Destroy the keys of those persons of whom nothing sealed is left; how many."""
    # scoped by the caller: identifiers of rows that it has emptied. Locked first, so that whoever
    # seals with one of them is done and seen.
    keys = PersonKey.objects.filter(person__in=persons)
    list(keys.order_by("person").select_for_update().values_list("person"))
    mine = {"person_id": OuterRef("person_id")}
    # scoped by the caller: as above.
    here = Person.objects.filter(id=OuterRef("person_id")).exclude(
        id_sealed=b"", phone_sealed=b"", more_phones_sealed=b""
    )
    # scoped by the caller: as above.
    left = [t.objects.filter(**mine).exclude(values_sealed=b"") for t in (Change, Proposal)]
    return keys.exclude(Exists(here) | Exists(left[0]) | Exists(left[1])).delete()[0]


def forget_households(before: datetime, most: int) -> int:
    """Households that ended before a moment; how many."""
    # open to all: by the daily run, and nothing of it is shown.
    rows = Household.objects.filter(ended_on__lt=localdate(before)).exclude(head_name=GONE)
    ids = list(rows.order_by("ended_on", "id").values_list("id", flat=True)[:most])
    # open to all: as above.
    return Household.objects.filter(id__in=ids).update(
        code="", head_name=GONE, head_initials="", address="", lon=None, lat=None
    )


def forget_changes(before: datetime, most: int) -> int:
    """The timeline of persons and households that ended before a moment, and what phones said of
    them; how many rows. Receipts hang on what phones said, so those rows stay, empty."""
    day = localdate(before)
    over = Q(person__ended_on__lt=day) | Q(household__ended_on__lt=day)
    # open to all: by the daily run, and nothing of it is shown.
    old = list(Change.objects.filter(over).order_by("id").values_list("id", "person_id")[:most])
    changes = [key for key, _ in old]
    # open to all: as above.
    Change.objects.filter(id__in=changes).delete()
    # open to all: as above.
    said = Proposal.objects.filter(over).exclude(state=Proposal.State.OPEN)
    full = ~Q(values_sealed=b"") | ~Q(words="") | ~Q(proposer_name="")
    told = list(said.filter(full).order_by("id").values_list("id", "person_id")[:most])
    ids = [key for key, _ in told]
    # open to all: as above.
    Proposal.objects.filter(id__in=ids).update(
        values_sealed=b"", words="", proposer_name="", reply="", decided_by=""
    )
    destroy_unused([person for _, person in (*old, *told) if person])
    return len(changes) + len(ids)


def forget_imports(before: datetime, most: int) -> int:
    """What imports of before a moment were called and which cells were mended; how many."""
    # open to all: by the daily run, and nothing of it is shown.
    rows = RegisterImport.objects.filter(at__lt=before).exclude(file_name="")
    ids = list(rows.order_by("at").values_list("id", flat=True)[:most])
    # open to all: as above.
    return RegisterImport.objects.filter(id__in=ids).update(
        file_name="", corrections_sealed=b""
    )


def forget_exports(before: datetime, most: int) -> int:
    """What lists were carried out and for what, asked for before a moment; how many."""
    # open to all: by the daily run, and nothing of it is shown.
    rows = Export.objects.filter(asked_at__lt=before).order_by("asked_at", "id")
    ids = list(rows.values_list("id", flat=True)[:most])
    # open to all: as above.
    return Export.objects.filter(id__in=ids).delete()[0]


def forget_looks(before: datetime, most: int) -> int:
    """Who asked to look at what of somebody under age before a moment; how many."""
    # open to all: by the daily run, and nothing of it is shown.
    rows = MinorLook.objects.filter(asked_at__lt=before).order_by("asked_at", "id")
    ids = list(rows.values_list("id", flat=True)[:most])
    # open to all: as above.
    return MinorLook.objects.filter(id__in=ids).delete()[0]
