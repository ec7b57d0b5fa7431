"""The daily run: clocks, expiries, seals and the rehearsal. Safe to run again the same day."""

from collections import Counter
from datetime import datetime, timedelta

from lianhu.accounts.actions.attempts import forget_attempts
from lianhu.accounts.actions.forget import (
    forget_devices,
    forget_grants,
    forget_invitations,
    forget_logins,
    forget_resets,
)
from lianhu.accounts.actions.sessions import forget_sessions
from lianhu.accounts.queries.actors import system_actor
from lianhu.audit.sealing import seal_all
from lianhu.grading.actions.clocks import VERBS as GRADING
from lianhu.grading.actions.clocks import run_clocks
from lianhu.grading.actions.forget import forget_grading
from lianhu.grids.actions.looking import VERBS as LOOKING
from lianhu.grids.actions.looking import look_again
from lianhu.keeping.actions.expire import Forget, expire
from lianhu.keeping.actions.rehearse import rehearse
from lianhu.letters.actions.forget import forget_letters, forget_photos
from lianhu.matters.actions.forget import forget_matters
from lianhu.matters.actions.supervise import escalate_late
from lianhu.media.actions import forget_parts
from lianhu.people.actions.drafts import forget_drafts
from lianhu.people.actions.forget import (
    forget_changes,
    forget_exports,
    forget_households,
    forget_imports,
    forget_looks,
    forget_persons,
)
from lianhu.postings.actions import forget_postings
from lianhu.rights.actions.codes import forget_codes
from lianhu.rights.actions.forget import forget_openings, forget_requests
from lianhu.rights.actions.telling import tell_answers
from lianhu.territory.actions import forget_resources
from lianhu.territory.queries import list_places
from lianhu.visits.actions import forget_visits

# How each rule of catalogue/retention.toml is done, in an order in which nothing hangs on what goes.
FORGET: dict[str, Forget] = {
    "requests": forget_requests,
    "openings": forget_openings,
    "grading": forget_grading,
    "matters": forget_matters,
    "letters": forget_letters,
    "photos": forget_photos,
    "visits": forget_visits,
    "changes": forget_changes,
    "persons": forget_persons,
    "households": forget_households,
    "imports": forget_imports,
    "exports": forget_exports,
    "looks": forget_looks,
    "postings": forget_postings,
    "grants": forget_grants,
    "resets": forget_resets,
    "resources": forget_resources,
    "devices": forget_devices,
    "invitations": forget_invitations,
    "logins": forget_logins,
}

# A restore does them before anybody is let in (cli/loading.py), or what they deleted and the keys
# that they destroyed would be back until the next daily run. Photos' files wait for that: a restore
# that is cut off leaves the living database, which may need them.
AGAIN = {name: forget for name, forget in FORGET.items() if name != "photos"}


def run_daily(at: datetime) -> dict[str, int]:
    """What was done, by name: matters urged, notes of tries and
    workbooks whose time is over dropped, what each rule of catalogue/retention.toml deleted."""
    urged, looked, graded = 0, 0, Counter[str]()
    for county in list_places("county"):
        verbs = ("matter.escalate", "matter.escalate+official", "matter.read")
        actor = system_actor(county.code, *verbs)
        urged += escalate_late(actor, at=at)
        graded.update(run_clocks(system_actor(county.code, *GRADING), at=at))
        looked += look_again(system_actor(county.code, *LOOKING), county.code, at=at)
    expired = expire(FORGET, at=at)
    sealed = seal_all(at=at)
    run = rehearse(at=at)
    return {
        "urged": urged,
        "villages_looked_at": looked,
        "grades_ended": graded["grades_ended"],
        "grades_lapsed": graded["grades_lapsed"],
        "grades_to_renew": graded["grades_to_renew"],
        "grades_waiting_long": graded["grades_waiting_long"],
        "appeals_due_soon": graded["appeals_due_soon"],
        "sealed": sealed,
        "rehearsed": int(run is not None),
        "rehearsal_problems": len(run.problems) if run else 0,
        "drafts_forgotten": forget_drafts(at=at),
        "answers_told": tell_answers(at=at),
        "codes_forgotten": forget_codes(before=at),
        "sessions_forgotten": forget_sessions(at=at),
        "parts_forgotten": forget_parts(at=at),
        "attempts_forgotten": forget_attempts(before=at - timedelta(days=1)),
        **{f"{name}_expired": rows for name, rows in expired.items()},
    }
