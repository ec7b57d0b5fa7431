"""What a phone wrote is nowhere in the database in clear."""

import hashlib
import json

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lianhu.letters.actions.receiving import receive
from lianhu.letters.models import Letter, indexes_of
from tests import cast
from tests.letters.helpers import REPORT, incoming, text_of
from tests.postgres import by_owner

NUMBER = "99932119600101002X"
WORDS = f"我的身份证号是 {NUMBER}，电话 10012345678"


def _raw() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM letters_letter")
        return b" ".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for row in cursor.fetchall()
            for value in row
        )


def test_a_letter_is_kept_sealed_and_found_by_a_keyed_index(warden, household):
    text = text_of("nonsense/1", words=WORDS)
    letter = incoming(text)
    receive(warden, cast.make_device(warden)[0].id, [letter], at=cast.NOON)
    kept = Letter.objects.get(id=letter.id)
    assert kept.text == text
    assert kept.says(text)
    assert not kept.says(text + " ")
    assert bytes(kept.text_index) in indexes_of(text)
    raw, plain = _raw(), hashlib.sha256(text.encode())
    escaped = json.dumps(WORDS)[1:-1]
    for clear in (NUMBER, WORDS, escaped, plain.hexdigest()):
        assert clear.encode() not in raw
    assert plain.digest() not in raw


@pytest.mark.django_db(transaction=True)
def test_letters_of_before_are_sealed_by_the_migration(warden):
    device, _ = cast.make_device(warden)
    before, text = incoming(), text_of(**REPORT)
    with by_owner():
        _sent_before(before, text, warden, device)
    kept = Letter.objects.get(id=before.id)
    assert (kept.text, kept.says(text)) == (text, True)
    assert text.encode() not in _raw()


def _sent_before(before, text, warden, device):
    """A letter as it was kept before letters were sealed, and the migration over it."""
    executor = MigrationExecutor(connection)
    executor.migrate([("letters", "0001_start")])
    try:
        old = executor.loader.project_state([("letters", "0001_start")]).apps
        old.get_model("letters", "Letter").objects.create(
            id=before.id, sha256=hashlib.sha256(text.encode()).hexdigest(), text=text.encode(),
            user_id=warden.id, device_id=device.id, place_id=cast.EAST_GRID,
            row_class="ordinary", received_at=cast.NOON, outcome="held",
        )  # fmt: skip
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
