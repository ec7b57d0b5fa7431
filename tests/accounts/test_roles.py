"""The permission matrix, written down a second time on purpose: a changed right changes a test."""

import pytest

from lianhu.accounts.roles import LINE_ROLES, ROLES, all_verbs
from tests import cast

ORDER = (
    "warden", "member", "deputy", "secretary", "committee", "supervisor", "representative",
    "office", "town", "county", "leader", "data", "resident",
)  # fmt: skip
# One sign for each role in the order above: x holds the verb.
#                           wmdscsrotclde   warden member deputy secretary committee supervisor
MATRIX = {  # representative office town county leader data resident
    "account.manage":          "...........x.",
    "account.second":          ".........x.x.",
    "assess.keep":             "...........x.",
    "assess.read":             ".........x.x.",
    "backup.read":             "...........x.",
    "desk.use":                "...xxxxxxxxx.",
    "device.ask":              "...x.........",
    "device.manage":           "...x....xx.x.",
    "emergency.open":          "...xx..xx.x..",
    "emergency.review":        "........xx.x.",
    "export":                  "...xx...xx.x.",
    "export.agree":            "...xx...xx.x.",
    "export.agree_all":        ".........x.x.",
    "export.agree_many":       "........xx.x.",
    "household.change":        "...xx...xx.x.",
    "care.open":               "...xx...x....",
    "care.supervise":          "...xx...x....",
    "grade.appeal":            "........xx...",
    "grade.confirm":           "...xx...x....",
    "grade.fact":              "...xx...x....",
    "grade.propose":           "...xx........",
    "grade.publish":           ".........x...",
    "grade.read":              "xxxxx........",
    "grade.rules":             ".........x.x.",
    "visit.rules":             ".........x...",
    "grid.apply":              "........xx...",
    "grid.propose":            "...x....xx...",
    "household.load":          "...........x.",
    "household.propose":       "xxxxx........",
    "household.read":          "xxxxx...xx.x.",
    "ledger.read":             "...xxx..xx.x.",
    "ledger.read+official":    ".........x...",
    "letter.settle":           "...xx...xx.x.",
    "letter.settle+official":  ".........x...",
    "matter.accept":           "...xx...xx...",
    "matter.accept+official":  ".........x...",
    "matter.add":              "xxxxxx..xx...",
    "matter.add+office":       ".......x.....",
    "matter.add+official":     ".........x...",
    "matter.close":            "...xx...xx...",
    "matter.close+official":   ".........x...",
    "matter.dispatch":         "...xx...xx...",
    "matter.dispatch+official": ".........x...",
    "matter.escalate":         "...xx...xxx..",
    "matter.escalate+office":  ".......x.....",
    "matter.escalate+official": ".........x...",
    "matter.handle":           "...xx...xx...",
    "matter.handle+office":    ".......x.....",
    "matter.handle+official":  ".........x...",
    "matter.merge":            "...xx...xx...",
    "matter.rate":             "xxxxx........",
    "matter.read":             "xxxxxx..xxx..",
    "matter.read+office":      ".......x.....",
    "matter.read+official":    ".........x...",
    "matter.report":           "xxxxx.x.xx..x",
    "matter.verify":           "...xxx..xx...",
    "matter.verify+official":  ".........x...",
    "minor.agree":             "...xx...xx...",
    "person.call":             "xxxxx........",
    "person.names":            "xxxxx........",
    "person.read":             "...xx...xx.x.",
    "person.reveal":           "...xx...xx...",
    "phone.use":               "xxxxx........",
    "place.change":            "...........x.",
    "place.read":              "xxxxxxxxxxxx.",
    "posting.change":          "...x....xx.x.",
    "posting.read":            "xxxxxxx.xxxx.",
    "register.export":         "...........x.",
    "resource.keep":           "...xx........",
    "resource.read":           "xxxxx........",
    "rights.answer":           "........xx.x.",
    "rights.receive":          "...xx...xx.x.",
    "visit.read":              "xxxxx...xx...",
    "visit.record":            "xxxxx........",
}  # fmt: skip
LEVELS = {
    "warden": ("grid",), "member": ("grid",), "deputy": ("grid", "village"),
    "secretary": ("village",), "committee": ("village",), "supervisor": ("village",),
    "representative": ("village",), "office": ("town", "county"), "town": ("town",),
    "county": ("county",), "leader": ("county",), "data": ("county",),
    "resident": ("grid", "village"),
}  # fmt: skip
PLACE_OF = {"county": cast.COUNTY, "town": cast.EAST_TOWN, "village": cast.EAST,
            "group": cast.EAST_GROUP, "grid": cast.EAST_GRID}  # fmt: skip
FOREIGN = {"town": cast.WEST_TOWN, "village": cast.WEST, "grid": cast.WEST_GRID,
           "county": "610922"}  # fmt: skip


def test_every_role_and_verb_is_in_the_matrix():
    assert tuple(ROLES) == ORDER
    assert all_verbs() == sorted(MATRIX)


@pytest.mark.parametrize("verb", sorted(MATRIX))
def test_the_matrix_of_verbs_is_as_agreed(verb):
    holders = "".join("x" if verb in ROLES[role].verbs else "." for role in ORDER)
    assert holders == MATRIX[verb]


def test_roles_are_granted_only_on_their_levels():
    assert {name: role.levels for name, role in ROLES.items()} == LEVELS
    assert LINE_ROLES == ("member", "deputy", "warden")


@pytest.mark.parametrize(
    ("role", "level"), [(role, level) for role in ORDER for level in LEVELS[role]]
)
def test_a_grant_holds_exactly_its_verbs_at_and_below_its_place(places, role, level):
    place = PLACE_OF[level]
    actor = cast.make_actor("某", (role, place))
    held = {
        verb
        for verb in MATRIX
        if actor.holds(verb, cast.EAST_GRID if level == "grid" else place)
    }
    assert held == {verb for verb, row in MATRIX.items() if row[ORDER.index(role)] == "x"}
    assert not any(actor.holds(verb, FOREIGN[level]) for verb in MATRIX)
    above = [code for code in PLACE_OF.values() if len(code) < len(place)]
    assert not any(actor.holds(verb, code) for verb in MATRIX for code in above)


def test_only_the_county_may_see_reports_about_officials():
    assert {
        role for role in ORDER if any(v.endswith("+official") for v in ROLES[role].verbs)
    } == {"county"}


def test_the_county_and_the_data_officer_neither_see_colours_nor_care():
    for role in ("county", "leader", "data", "supervisor", "representative", "office"):
        assert not ROLES[role].verbs & {"grade.read", "care.open", "care.supervise"}, role


def test_nobody_who_grants_accounts_reads_matters():
    assert "matter.read" not in ROLES["data"].verbs
    assert "person.reveal" not in ROLES["data"].verbs
