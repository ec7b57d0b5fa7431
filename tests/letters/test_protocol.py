"""The letter protocol as a machine: lost answers, repeats, reorderings, swapped texts, lost posts.

Whatever happens in between, each letter that was acknowledged is kept exactly once under its own
hash, took effect exactly once, and gets the same answer for ever.
"""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from lianhu.accounts.models import Grant
from lianhu.audit.queries import versions
from lianhu.letters.actions import receiving as actions
from lianhu.letters.actions.receiving import Answer, Incoming
from lianhu.letters.models import Letter
from lianhu.matters.models import Matter, Step
from tests import cast
from tests.letters.helpers import REPORT, incoming, send, sha, text_of

TEXTS = st.sampled_from(
    [
        text_of(**(REPORT | {"words": "一"})),
        text_of(**(REPORT | {"words": "二", "visibility": "about_official"})),
        text_of(place=cast.WEST_GRID, **REPORT),
        text_of("nonsense/1"),
        "{",
        text_of(
            "visit.record/1", household_id=str(cast.EXAMPLE_HOUSEHOLD), on="2026-11-23",
            duties=[], need=REPORT,
        ),
    ]
)  # fmt: skip
DURABLE = {"stored", "held", "quarantined"}


class Protocol(RuleBasedStateMachine):
    """One phone and one office; `known` is what the phone was told about each id and hash."""

    written = Bundle("written")
    _savepoints: Iterator[int] = itertools.count()

    @initialize()
    def begin(self) -> None:
        """A fresh office with one warden's phone."""
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        cast.make_places()
        self.warden = cast.make_posted("陈户长", "warden", cast.EAST_GRID, leader=True)
        cast.make_household(household_id=cast.EXAMPLE_HOUSEHOLD)
        self.device, _ = cast.make_device(self.warden)
        self.known: dict[tuple[Any, str], Answer] = {}
        self.version = 0

    def teardown(self) -> None:
        """Undo all of it."""
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @rule(target=written, text=TEXTS)
    def write(self, text: str) -> Incoming:
        """The phone seals a letter."""
        return incoming(text)

    @rule(target=written, one=written, text=TEXTS)
    def write_again_under_the_same_id(self, one: Incoming, text: str) -> Incoming:
        """A broken phone gives an id to a second letter."""
        return incoming(text, one.id)

    @rule(batch=st.lists(written, min_size=1, max_size=4), lost=st.booleans())
    def post(self, batch: list[Incoming], lost: bool) -> None:
        """The phone sends a batch in any order; the answer may be lost on the way."""
        answers = send(self.device, *batch)
        assert [(a.id, a.sha256) for a in answers] == [(i.id, i.sha256) for i in batch]
        for answer in answers:
            assert answer.outcome in DURABLE
            before = self.known.get((answer.id, answer.sha256))
            assert before is None or before == answer
            if not lost:
                self.known[answer.id, answer.sha256] = answer

    @rule(one=written, text=TEXTS)
    def post_two_under_one_id(self, one: Incoming, text: str) -> None:
        """A broken phone sends both at once."""
        self.post([one, incoming(text, one.id)], lost=False)

    @rule(one=written)
    def damage(self, one: Incoming) -> None:
        """A letter is damaged on the way: try again, and nothing of it is kept."""
        count = Letter.objects.count()
        (answer,) = send(self.device, Incoming(one.id, one.sha256, one.text + " "))
        assert answer.outcome == "retry"
        assert Letter.objects.count() == count

    @rule(batch=st.lists(written, min_size=1, max_size=3))
    def crash_before_the_commit(self, batch: list[Incoming]) -> None:
        """The office dies before it commits: as if nothing had come."""
        with transaction.atomic():
            send(self.device, *batch)
            transaction.set_rollback(True)

    @rule(held=st.booleans())
    def change_the_post(self, held: bool) -> None:
        """The warden loses her post, or gets it back."""
        ends = None if held else cast.TODAY - timedelta(days=1)
        Grant.objects.filter(user_id=self.warden.id).update(ends_on=ends)

    @invariant()
    def every_acknowledged_letter_is_kept_once_under_its_hash(self) -> None:
        """I1: stored, held or quarantined, with the very text."""
        for (letter_id, told), answer in getattr(self, "known", {}).items():
            if answer.code == "letter.id_taken":
                copies = Letter.objects.filter(copy_of_id=letter_id)
                assert [sha(copy.text) for copy in copies].count(told) == 1
            else:
                kept = Letter.objects.get(id=letter_id)
                assert (sha(kept.text), kept.outcome) == (told, answer.outcome)

    @invariant()
    def every_stored_letter_has_its_effect_once(self) -> None:
        """I2: as many reports as stored letters that make one, each with one first step."""
        stored = Letter.objects.filter(outcome="stored").count()
        assert Matter.objects.count() == stored
        assert Step.objects.filter(verb="report").count() == stored
        assert not Letter.objects.filter(outcome="pending").exists()

    @invariant()
    def versions_never_go_back(self) -> None:
        """I5."""
        now = versions([cast.EAST_GRID])[cast.EAST_GRID]
        assert now >= getattr(self, "version", 0)
        self.version = now


@pytest.mark.django_db
def test_the_letter_protocol_keeps_its_promises():
    run_state_machine_as_test(
        Protocol,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def _without_the_hash(actor: Any, item: Incoming, known: dict[Any, Letter]) -> Answer:
    """The answer of an office that never compares what it holds with what was sent."""
    letter = known.get(item.id)
    if letter is None:
        return Answer(item.id, item.sha256, "retry")
    return Answer(item.id, item.sha256, letter.outcome, letter.code, letter.ref)


def _twice(actor: Any, device: Any, known: dict[Any, Letter], letters: Any, at: Any) -> None:
    """An office that judges whatever comes, known or not."""
    for item in letters:
        known[item.id].outcome = "pending"
    _judge_all(actor, device, known, letters, at)


_judge_all = actions._judge_all


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "mutant"), [("_answer", _without_the_hash), ("_judge_all", _twice)]
)
def test_the_machine_catches_an_office_that_breaks_its_promise(monkeypatch, name, mutant):
    """A check that cannot fail is worthless."""
    monkeypatch.setattr(actions, name, mutant)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Protocol,
            settings=settings(
                max_examples=300, stateful_step_count=14, deadline=None, print_blob=False,
                derandomize=True,  # a mutant is caught every time or never
                phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
