"""Everybody who calls, and what each may read, told without the product's own gate.

What a role may read is said here a second time, by table, so that a slip in `reach()` or in a
verb of a view cannot slip through here too.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings

from lianhu.accounts.models import Device, Grant, User
from lianhu.accounts.queries.actors import digest
from lianhu.accounts.roles import ROLES
from lianhu.kernel.ids import uuid7
from lianhu.people.models import Household, Person
from lianhu.postings.models import Posting
from lianhu.web.resident import KEY
from tests import cast
from tests.crawl.canaries import Canary
from tests.crawl.county import (
    COUNTY,
    DISCIPLINE,
    FORMER,
    HOME,
    HOME_GRID,
    HOUSING,
    NEAR_TOWN,
    VILLAGES,
    County,
)

# By which verbs, any of them, rows of a table are read.
READERS = {
    "Household": ("household.read",),
    "Person": ("household.read", "person.read", "person.names"),
    "Change": ("household.read",),
    "Proposal": ("household.change", "household.read"),
    "Visit": ("visit.read",),
    "Fact": ("grade.read", "grade.fact", "grade.propose", "grade.appeal"),
    "Grade": ("grade.read", "grade.propose", "grade.confirm", "grade.appeal"),
    "Appeal": ("grade.read", "grade.propose", "grade.appeal", "rights.answer"),
    "Request": ("rights.receive", "rights.answer"),
    "Matter": ("matter.read",),
    "Step": ("matter.read",),
    "Attachment": ("matter.read",),
    "Photo": ("matter.read",),
    "Letter": ("letter.settle",),
    "Entry": ("ledger.read",),
    "User": ("posting.read", "device.manage"),
    "Grant": ("posting.read",),
    "Device": ("device.manage", "letter.settle"),
    "RegisterImport": ("household.load",),
    "Export": ("export.agree",),
    "Opening": ("emergency.review",),
    "MinorLook": ("minor.agree",),
    "Assessment": ("assess.read",),
    "ImportDraft": (),  # whoever brought it, and nobody else
    "CareEpisode": (),  # its worker and supervisor
    "Posting": ("posting.read",),
    "RuleTable": ("grade.rules",),
    "Cadence": ("visit.read",),
    "Standing": ("grid.propose",),
    "Resource": ("resource.read", "resource.keep"),
    "Session": ("account.manage",),
    "Passkey": (),  # its owner
    "FactorReset": ("account.manage", "account.second"),
    "Identity": ("account.manage",),
}
LEVELS = (6, 9, 12, 14, 17)


def covers(place: str, code: str) -> bool:
    """Whether a place is above a code or is it: by whole levels, never by signs."""
    if code.startswith(FORMER) and place == HOME:
        return True
    return len(place) in LEVELS and code[: len(place)] == place


@dataclass(frozen=True)
class Caller:
    """Somebody who calls: what the browser and the phone of theirs send, and their grants."""

    name: str
    grants: tuple[tuple[str, str], ...] = ()
    user: str = ""
    offices: frozenset[str] = frozenset()
    household: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def holds(self, verb: str, place: str) -> bool:
        """Whether a grant gives the verb over a place."""
        return any(verb in ROLES[role].verbs and covers(at, place) for role, at in self.grants)

    def may_read(self, canary: Canary) -> bool:
        """Whether the row that a canary stands in is theirs to read."""
        owner, verbs = canary.owner, READERS[canary.table]
        if owner.row_class == "public" or (self.user and self.user in owner.users):
            return True
        if owner.row_class == "about_official":
            mine = owner.accused and owner.accused == self.user
            return not mine and any(self.holds(f"{v}+official", owner.place) for v in verbs)
        if owner.row_class != "ordinary":
            return bool(owner.office) and owner.office in self.offices
        if owner.household and owner.household == self.household:
            return True
        held = owner.office in self.offices and any(
            self.holds(f"{verb}+office", owner.place) for verb in verbs
        )
        return held or any(self.holds(verb, owner.place) for verb in verbs)


# Name, role, place, office, line (posted with a phone), and what is wrong with them.
Cast = tuple[tuple[str, str, str, str, str], ...]
CAST: Cast = (
    ("secretary", "secretary", HOME, f"{HOME}:committee", ""),
    ("committee", "committee", HOME, f"{HOME}:committee", ""),
    ("supervisor", "supervisor", HOME, f"{HOME}:supervision", ""),
    ("representative", "representative", HOME, "", ""),
    ("town", "town", NEAR_TOWN, f"{NEAR_TOWN}:hub", ""),
    ("handler", "office", NEAR_TOWN, HOUSING, ""),
    ("county", "county", COUNTY, DISCIPLINE, ""),
    ("leader", "leader", COUNTY, "", ""),
    ("data", "data", COUNTY, "", ""),
    ("neighbour", "secretary", VILLAGES[1], f"{VILLAGES[1]}:committee", ""),
    ("far", "secretary", VILLAGES[3], f"{VILLAGES[3]}:committee", ""),
    ("warden", "warden", HOME_GRID, "", ""),
    ("member", "member", f"{HOME}10001", "", ""),
    ("deputy", "deputy", VILLAGES[2], "", ""),
    ("revoked", "warden", f"{VILLAGES[4]}01001", "", "revoked"),
    ("ended", "secretary", VILLAGES[4], f"{VILLAGES[4]}:committee", "ended"),
)


def make_users(county: County, cast: Cast = CAST) -> None:
    """The callers' accounts, before any row names them: the accused among them."""
    for name, role, place, *_ in cast:
        user = User.objects.create(username=f"crawl-{name}", name=f"某{name}", password="!")
        county.people[name] = user
        if role == "secretary":
            county.people.setdefault(f"{role} {place}", user)


def make_callers(county: County, cast: Cast = CAST) -> list[Caller]:
    """Everybody, each with a session and a phone, so that each tries both doors."""
    callers = [_posted(county, *line) for line in cast]
    return [*callers, make_resident(county), Caller("stranger")]


def _posted(
    county: County, name: str, role: str, place: str, office: str, wrong: str
) -> Caller:
    user = county.people[name]
    ends = county.today - timedelta(days=1) if wrong == "ended" else None
    grant = Grant.objects.create(
        user=user, role=role, place_id=place, office=office, starts_on=date(2020, 1, 1),
        ends_on=ends,
    )  # fmt: skip
    if role in ("warden", "member"):
        Posting.objects.create(
            user=user, line=role, place_id=place, grant=grant, is_leader=role == "warden",
            starts_on=date(2020, 1, 1), ends_on=ends,
        )  # fmt: skip
    credential = f"credential of {name}"
    Device.objects.create(
        user=user, name="手机", handset=uuid7(), credential=digest(credential), enrolled_at=county.now,
        seen_at=county.now, revoked_at=county.now if wrong == "revoked" else None,
    )  # fmt: skip
    headers = {"HTTP_AUTHORIZATION": f"Bearer {credential}"}
    if wrong == "revoked":  # the phone alone is left to him
        return Caller(name, headers=headers, user=str(user.id))
    headers["HTTP_COOKIE"] = f"{settings.SESSION_COOKIE_NAME}={cast.session_of(user)}"
    grants = () if wrong == "ended" else ((role, place),)
    offices = frozenset() if wrong == "ended" else frozenset({office} - {""})
    return Caller(name, grants, str(user.id), offices, "", headers)


def make_resident(county: County) -> Caller:
    """Came in by a code from the first household of the home village."""
    home = Household.objects.get(place_id=HOME_GRID)
    head = Person.objects.get(household=home, relation="02")
    now = int(county.now.timestamp())
    known = {"household": home.id.hex, "person": head.id.hex, "since": now, "seen": now}
    cookie = f"{settings.SESSION_COOKIE_NAME}={cast.session_of(None, **{KEY: known})}"
    return Caller("resident", household=str(home.id), headers={"HTTP_COOKIE": cookie})
