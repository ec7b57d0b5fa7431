"""A second restore does not take what came after the first had done a deletion again."""

from datetime import timedelta

import pytest

from lianhu.audit.lasting import append
from lianhu.audit.models import Entry
from lianhu.keeping.actions.prepare import prepare
from lianhu.kernel.keyring import make_ring
from lianhu.people.actions.members import correct_person
from lianhu.people.models import Person
from tests import cast

AT = cast.NOON.isoformat()
TOLD = {"made_at": AT, "epoch": "-"}


@pytest.fixture
def head(settings, tmp_path, places):
    """Somebody whose phone was deleted after the backup, as the list beside the keys says."""
    settings.LIANHU_KEYS = tmp_path / "keys.json"
    make_ring(settings.LIANHU_KEYS)
    head = cast.head_of(cast.make_household())
    item = {"at": AT, "epoch": "-", "entry": 1, "verb": "person.erased"}
    append([item | {"object_id": str(head.id), "facts": {"fields": ["phone"]}}])
    return head


def test_a_deletion_is_done_again_once(head, secretary_east, tmp_path):
    assert prepare(tmp_path / "backup", TOLD)["replayed"] == {"person.erased": 1}
    assert Person.objects.get(id=head.id).phone == ""
    later = {"at": cast.NOON + timedelta(days=2)}
    correct_person(secretary_east, head.id, "phone", "13811119999", words="新号", **later)
    # A backup of after the first restore knows that it was done.
    assert prepare(tmp_path / "backup", TOLD)["replayed"] == {}
    assert Person.objects.get(id=head.id).phone == "13811119999"


def test_in_a_backup_of_before_the_first_restore_it_is_done_too(head, tmp_path):
    prepare(tmp_path / "backup", TOLD)
    Entry.objects.all().delete()
    assert prepare(tmp_path / "backup", TOLD)["replayed"] == {"person.erased": 1}
