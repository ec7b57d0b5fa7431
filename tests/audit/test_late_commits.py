"""Entries whose lower ids commit later are sealed all the same: concurrent transactions."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from lianhu.audit.actions import record
from lianhu.audit.models import Entry, Seal
from lianhu.audit.sealing import seal_all
from lianhu.audit.verifying import verify_ledger
from lianhu.kernel.actor import Actor
from lianhu.kernel.ids import uuid7
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
WHO = Actor(id=uuid7(), name="李东")


def _write():
    record(WHO, "matter.accept", "matter", WHO.id, cast.EAST, at=cast.NOON)


class Slow:
    """A transaction that has taken its id and waits to commit, or to be rolled back."""

    def __init__(self, *, gives_up: bool = False) -> None:
        self.taken, self.go, self.gives_up = Event(), Event(), gives_up
        self.thread = Thread(target=self._run)
        self.thread.start()
        assert self.taken.wait(20)

    def _run(self) -> None:
        with transaction.atomic():
            _write()
            self.taken.set()
            self.go.wait(20)
            transaction.set_rollback(self.gives_up)
        connection.close()

    def end(self) -> None:
        self.go.set()
        self.thread.join(20)


@pytest.fixture
def several_writers():
    if connection.vendor == "sqlite":
        pytest.skip("one writer: ids are in the order of commits")


def test_a_lower_id_that_commits_later_is_not_skipped(several_writers):
    slow = Slow()
    _write()
    assert seal_all(at=cast.NOON) == 1
    for _ in range(3):  # later seals do not forget the one under way either
        _write()
        assert seal_all(at=cast.NOON) == 1
    low = Seal.objects.get(number=1).ranges[0][0]
    slow.end()
    assert Entry.objects.order_by("id")[0].id < low
    assert seal_all(at=cast.NOON) == 1
    found = verify_ledger()
    assert (found.faults, found.entries, found.unsealed) == ([], 5, 0)


def test_an_id_that_is_given_up_is_a_gap_and_no_fault(several_writers):
    slow = Slow(gives_up=True)
    _write()
    seal_all(at=cast.NOON)
    slow.end()
    _write()
    seal_all(at=cast.NOON)
    assert (verify_ledger().faults, verify_ledger().unsealed) == ([], 0)


def test_the_floor_rises_once_nobody_is_writing(several_writers):
    slow = Slow()
    _write()
    seal_all(at=cast.NOON)
    assert Seal.objects.latest("number").floor == 0
    slow.end()
    _write()
    seal_all(at=cast.NOON)
    last = Seal.objects.latest("number")
    assert last.floor == last.last_id


def test_many_writers_and_two_sealers_at_once(several_writers):
    def write():
        for number in range(40):
            with transaction.atomic():
                _write()
                transaction.set_rollback(number % 7 == 3)
        connection.close()

    def seal():
        while any(t.is_alive() for t in writers):
            seal_all(at=cast.NOON)
        connection.close()

    writers = [Thread(target=write) for _ in range(4)]
    sealers = [Thread(target=seal) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in (*writers, *sealers):
        thread.join(60)
    seal_all(at=cast.NOON)
    found = verify_ledger()
    assert (found.faults, found.unsealed) == ([], 0)
    assert found.entries == Entry.objects.count() == 4 * 34
    numbers = list(Seal.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
