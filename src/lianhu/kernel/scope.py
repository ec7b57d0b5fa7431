"""What a connection to PostgreSQL may see: the second lock behind `reach()`.

The database's row-level security (`keeping.guards`) compares the place of every row with the
scope that each transaction is told (`kernel.postgres`). It begins as NOTHING: a request that
never said who is asking gets no rows. SQLite has no such thing and never asks.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from lianhu.kernel.actor import Actor

log = logging.getLogger("lianhu.scope")


@dataclass(frozen=True, slots=True)
class Scope:
    """Codes of places, each with all below it, and whose own rows are seen wherever they lie."""

    codes: tuple[str, ...] = ()
    person: str = ""

    @property
    def told(self) -> str:
        """The codes as the database's policies read them."""
        return ",".join(self.codes)


NOTHING = Scope()
WHOLE = Scope(("*",))


class Whole(StrEnum):
    """Everybody who may see the whole county without an actor's grants, and why. A closed list:
    tests/house/test_scope.py counts the places where each is used."""

    COMMAND = "a command of whoever holds the machine"
    SEALER = "the ledger is sealed whole, whoever wrote it"
    BOARD = "the board's own pages: figures, and what a receipt or a code opens"
    SAME_LETTER = "whether a letter's id is taken, by whomever"
    ROW_CLASS = "whether a letter speaks of something confidential, to keep it from the village"
    NUMBERS_CAME = "which numbers of a phone's letters came, wherever the letters wait"
    RESCUE = "a file of letters is taken in under the phone that wrote them"
    COPIES = "whom the step of a matter tells: also who reported the same elsewhere"
    REGISTERED = "whether an ID number is registered anywhere in the county"
    DELETION = "what a person had deleted goes from her history, wherever she lived"
    EMERGENCY = "which household an emergency is about: its identifier and its place"


_ground: list[Scope] = [NOTHING]
_now: ContextVar[Scope | None] = ContextVar("scope", default=None)
_used: ContextVar[set[str] | None] = ContextVar("whole", default=None)


def current() -> Scope:
    """The scope that the next statement is to have."""
    scope = _now.get()
    return _ground[0] if scope is None else scope


def ground() -> Scope:
    """What this process sees when nobody narrows it."""
    return _ground[0]


def stand_on_whole(why: Whole) -> None:
    """Let this process see the whole county: for commands, which have no request and no actor.
    The server never does."""
    log.debug("scope.whole", extra={"why": why.name})
    _ground[0] = WHOLE


def stand_on_nothing() -> None:
    """See nothing again, as every process begins."""
    _ground[0] = NOTHING


@contextmanager
def whole_county(why: Whole) -> Iterator[None]:
    """See the whole county inside this block, for a reason of the closed list; logged."""
    used = _used.get()
    if used is None:  # no request, whose one line in the log says it
        log.info("scope.whole", extra={"why": why.name})
    else:
        used.add(why.name)
    token = _now.set(WHOLE)
    try:
        yield
    finally:
        _now.reset(token)


@contextmanager
def see_also(place: str) -> Iterator[None]:
    """See one more place inside this block: what an emergency has opened, for one request."""
    now = current()
    codes = now.codes if WHOLE.codes[0] in now.codes else widest((*now.codes, place))
    token = _now.set(Scope(codes, now.person))
    try:
        yield
    finally:
        _now.reset(token)


@contextmanager
def one_request() -> Iterator[set[str]]:
    """Forget whoever was served by this thread before: nothing is seen until somebody is known.
    Gives the names of the reasons for which the whole county is seen meanwhile."""
    used: set[str] = set()
    scope, names = _now.set(NOTHING), _used.set(used)
    try:
        yield used
    finally:
        _now.reset(scope)
        _used.reset(names)


def narrow_to(actor: Actor) -> None:
    """Let the rest of a request see what any verb of the actor's reaches, and their own rows.

    Only from NOTHING: inside `whole_county` and in commands everything is seen already.
    """
    if _now.get() != NOTHING:
        return
    codes = widest(code for codes in actor.scopes.values() for code in codes)
    _now.set(Scope(codes, str(actor.id)))


def widest(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes without those that lie below another of them."""
    found: list[str] = []
    for code in sorted(set(codes)):
        if not found or not code.startswith(found[-1]):
            found.append(code)
    return tuple(found)
