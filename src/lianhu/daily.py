"""The daily run: clocks, expiries, seals and the rehearsal. Safe to run again the same day."""

from collections import Counter
from datetime import datetime, timedelta

from lianhu.accounts.actions.attempts import forget_attempts
from lianhu.accounts.actions.sessions import forget_sessions
from lianhu.accounts.queries.actors import system_actor
from lianhu.audit.sealing import seal_all
from lianhu.grading.actions.clocks import VERBS as GRADING
from lianhu.grading.actions.clocks import run_clocks
from lianhu.keeping.actions.rehearse import rehearse
from lianhu.matters.actions.supervise import escalate_late
from lianhu.media.actions import forget_parts
from lianhu.people.actions.drafts import forget_drafts
from lianhu.rights.actions.codes import forget_codes
from lianhu.rights.actions.telling import tell_answers
from lianhu.territory.queries import list_places


def run_daily(at: datetime) -> dict[str, int]:
    """What was done, by name: matters urged, notes of tries and
    workbooks whose time is over dropped."""
    urged, graded = 0, Counter[str]()
    for county in list_places("county"):
        verbs = ("matter.escalate", "matter.escalate+official", "matter.read")
        actor = system_actor(county.code, *verbs)
        urged += escalate_late(actor, at=at)
        graded.update(run_clocks(system_actor(county.code, *GRADING), at=at))
    sealed = seal_all(at=at)
    run = rehearse(at=at)
    return {
        "urged": urged,
        "grades_ended": graded["grades_ended"],
        "grades_lapsed": graded["grades_lapsed"],
        "grades_to_renew": graded["grades_to_renew"],
        "sealed": sealed,
        "rehearsed": int(run is not None),
        "rehearsal_problems": len(run.problems) if run else 0,
        "drafts_forgotten": forget_drafts(at=at),
        "answers_told": tell_answers(at=at),
        "codes_forgotten": forget_codes(before=at),
        "sessions_forgotten": forget_sessions(at=at),
        "parts_forgotten": forget_parts(at=at),
        "attempts_forgotten": forget_attempts(before=at - timedelta(days=1)),
    }
