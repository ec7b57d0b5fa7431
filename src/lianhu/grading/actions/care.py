"""Open, write, renew and close a care episode."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.audit.actions import record
from lianhu.grading.models import CARE, CareEpisode
from lianhu.grading.queries.care import get_care, parted_homes, supervisors_for
from lianhu.grading.rules.colours import clocks
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.transactions import one_transaction
from lianhu.people.queries import get_household

MOST = 2000
BASES = ("consent", "safety")
COUNTY = 6


@one_transaction
def open_care(
    actor: Actor,
    household_id: UUID,
    supervisor_id: UUID,
    basis: str,
    basis_words: str,
    wish: str,
    need: str,
    agreed: str,
    *,
    at: datetime,
) -> CareEpisode:
    """Begin to care for a household in its own words, with consent or a written safety reason.

    Refuses ``household.not_found``, ``care.bad_supervisor``, ``care.no_basis``,
    ``care.no_words``, ``care.too_long``.
    """
    household = get_household(actor, household_id, verb="care.open")
    today = localdate(at)
    fit = supervisors_for(household.place_id, on=today, but=actor.id)
    if supervisor_id not in {user for user, _, _ in fit}:
        raise Refusal("care.bad_supervisor")
    if basis not in BASES or not basis_words.strip():
        raise Refusal("care.no_basis")
    episode = CareEpisode(
        household=household, worker_id=actor.id, supervisor_id=supervisor_id, basis=basis,
        opened_on=today, ends_on=today + timedelta(days=clocks(today)["care_days"]),
    )  # fmt: skip
    _write(episode, basis_words, wish, need, agreed)
    episode.save(force_insert=True)
    note_care(actor, episode, at)
    return episode


def _write(episode: CareEpisode, basis: str, wish: str, need: str, agreed: str) -> None:
    words = {"basis": basis, "wish": wish, "need": need, "help": agreed}
    words = {key: text.replace("\x00", "").strip() for key, text in words.items()}
    if not words["need"]:
        raise Refusal("care.no_words")
    if any(len(text) > MOST for text in words.values()):
        raise Refusal("care.too_long", most=MOST)
    episode.set_words(json.dumps(words, ensure_ascii=False))


@one_transaction
def write_care(
    actor: Actor, episode_id: UUID, wish: str, need: str, agreed: str, *, at: datetime
) -> CareEpisode:
    """The worker writes the wish, the need and the agreed help anew.

    Refuses ``care.not_found``, ``care.closed``, ``care.not_worker``, ``care.no_words``,
    ``care.too_long``.
    """
    episode = _mine(actor, episode_id)
    _write(episode, json.loads(episode.words)["basis"], wish, need, agreed)
    episode.save(update_fields=["words_sealed"])
    note_care(actor, episode, at)
    return episode


@one_transaction
def renew_care(actor: Actor, episode_id: UUID, *, at: datetime) -> CareEpisode:
    """The worker goes on for another term from today. Refuses ``care.not_found``,
    ``care.closed``, ``care.not_worker``."""
    episode = _mine(actor, episode_id)
    today = localdate(at)
    episode.ends_on = today + timedelta(days=clocks(today)["care_days"])
    episode.save(update_fields=["ends_on"])
    note_care(actor, episode, at)
    return episode


@one_transaction
def move_care(
    actor: Actor, episode_id: UUID, household_id: UUID, *, at: datetime
) -> CareEpisode:
    """The worker says that it is about people who are in another household since a split: nobody
    else can know. Refuses ``care.not_found``, ``care.closed``, ``care.not_worker``,
    ``household.not_found``."""
    episode = _mine(actor, episode_id)
    home = parted_homes(actor, episode).filter(id=household_id).first()
    if home is None:
        raise NotPermitted("household.not_found")
    episode.household = home
    episode.save(update_fields=["household"])
    note_care(actor, episode, at)
    return episode


@one_transaction
def close_care(actor: Actor, episode_id: UUID, *, at: datetime) -> CareEpisode:
    """Worker or supervisor ends it. Refuses ``care.not_found``, ``care.closed``."""
    episode = _open(actor, episode_id, at)
    episode.closed_on = localdate(at)
    episode.save(update_fields=["closed_on"])
    note_care(actor, episode, at)
    return episode


def _open(actor: Actor, episode_id: UUID, at: datetime | None = None) -> CareEpisode:
    episode = get_care(actor, episode_id)
    if episode.closed_on is not None:
        raise Refusal("care.closed")
    return episode


def _mine(actor: Actor, episode_id: UUID) -> CareEpisode:
    episode = _open(actor, episode_id)
    if episode.worker_id != actor.id:
        raise Refusal("care.not_worker")
    return episode


def note_care(actor: Actor, episode: CareEpisode, at: datetime) -> None:
    """That something was done, and nothing else: neither household nor village."""
    place = episode.household.place_id[:COUNTY]
    record(actor, "care.change", "care", episode.id, place, at=at, row_class=CARE, quiet=True)
