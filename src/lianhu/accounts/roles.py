"""Who may do what: the whole permission matrix on one page.

A role is a set of verbs; a grant is a role over a place for a term. To add a role, add a line
here and a row to `tests/accounts/test_roles.py`. "+official" extends a verb to reports about
officials (county only: norms.md, rule 7); "+office" limits it to what the actor's own office
holds, so that a department sees its own work and not the whole county's.
"""

from typing import NamedTuple


class Role(NamedTuple):
    """A role's name on screen, the levels on which it may be granted, and its verbs."""

    label: str
    levels: tuple[str, ...]
    verbs: frozenset[str]


_LINE = frozenset(
    {
        "phone.use", "place.read", "household.read", "person.names", "person.call",
        "matter.read", "matter.report", "matter.add", "matter.rate",
        "visit.read", "visit.record", "posting.read", "household.propose",
        "grade.read", "resource.read",
    }
)  # fmt: skip
_VILLAGE = _LINE | {
    "desk.use", "matter.accept", "matter.dispatch", "matter.handle", "matter.verify",
    "matter.close", "matter.escalate", "matter.merge", "person.read", "person.reveal",
    "posting.change", "device.manage", "ledger.read", "letter.settle", "export", "export.agree",
    "household.change", "device.ask",
    "grade.propose", "grade.confirm", "grade.fact", "care.open", "care.supervise",
    "grid.propose",
    "rights.receive", "resource.keep", "emergency.open", "minor.agree",
}  # fmt: skip
_OFFICE = frozenset(
    {
        "desk.use", "place.read", "matter.read+office", "matter.add+office",
        "matter.handle+office", "matter.escalate+office", "emergency.open",
    }
)  # fmt: skip
_TOWN = frozenset(
    {
        "desk.use", "place.read", "household.read", "person.read", "person.reveal",
        "matter.read", "matter.report", "matter.add", "matter.accept", "matter.dispatch",
        "matter.handle", "matter.verify", "matter.close", "matter.escalate", "matter.merge",
        "visit.read", "posting.read", "posting.change", "device.manage", "ledger.read",
        "letter.settle", "export", "export.agree", "export.agree_many", "household.change",
        "grade.confirm", "grade.appeal", "grade.fact", "care.open", "care.supervise",
        "grid.propose", "grid.apply",
        "rights.receive", "rights.answer", "emergency.open", "emergency.review",
        "minor.agree",
    }
)  # fmt: skip
# The county decides appeals and rules; it neither cares for a household nor reads of its care.
_COUNTY = (
    _TOWN
    - {"grade.confirm", "grade.fact", "care.open", "care.supervise", "emergency.open"}
) | {
    f"matter.{verb}+official"
    for verb in ("read", "add", "accept", "dispatch", "handle", "verify", "close", "escalate")
} | {"ledger.read+official", "letter.settle+official", "grade.rules", "grade.publish", "visit.rules",
       "account.second", "export.agree_all", "assess.read"}  # fmt: skip

ROLES: dict[str, Role] = {
    "warden": Role("中心户长", ("grid",), _LINE),
    "member": Role("党员", ("grid",), _LINE),
    "deputy": Role("人大代表", ("grid", "village"), _LINE),
    "secretary": Role("村支书", ("village",), _VILLAGE),
    "committee": Role(
        "村委会成员",
        ("village",),
        _VILLAGE - {"posting.change", "device.manage", "device.ask", "grid.propose"},
    ),
    "supervisor": Role(
        "村监委会成员",
        ("village",),
        frozenset(
            {"desk.use", "place.read", "matter.read", "matter.add", "matter.verify",
             "posting.read", "ledger.read"}
        ),
    ),
    "representative": Role(
        "村民代表",
        ("village",),
        frozenset({"desk.use", "place.read", "matter.report", "posting.read"}),
    ),
    "office": Role("经办人员", ("town", "county"), _OFFICE),
    "town": Role("镇干部", ("town",), _TOWN),
    "county": Role("县干部", ("county",), _COUNTY),
    "leader": Role(
        "县领导",
        ("county",),
        frozenset(
            {"desk.use", "place.read", "matter.read", "matter.escalate", "posting.read",
             "emergency.open"}
        ),
    ),
    "data": Role(
        "县数据员",
        ("county",),
        frozenset(
            {"desk.use", "place.read", "place.change", "household.read", "person.read",
             "household.load", "household.change", "register.export",
             "posting.read", "posting.change",
             "account.manage", "account.second", "backup.read", "device.manage",
             "ledger.read", "letter.settle", "export",
             "export.agree", "export.agree_many", "export.agree_all",
             "grade.rules", "rights.receive", "rights.answer", "emergency.review",
             "assess.keep", "assess.read"}
        ),
    ),
    "resident": Role("村民", ("grid", "village"), frozenset({"matter.report"})),
}  # fmt: skip

LINE_ROLES = ("member", "deputy", "warden")
# Given to people at the desk; the lines are posted to grids, residents need no account.
STAFF_ROLES = tuple(role for role in ROLES if role not in {*LINE_ROLES, "resident"})
# Those that may sit in an office of their place (catalogue/offices.toml).
SEATED = ("secretary", "committee", "supervisor", "office", "town", "county")


def all_verbs() -> list[str]:
    """Every verb that any role holds, sorted."""
    return sorted({verb for role in ROLES.values() for verb in role.verbs})
