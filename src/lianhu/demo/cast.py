"""The demo accounts as the page shows them: who they are and what to try as each."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.accounts.queries.actors import actor_for
from lianhu.accounts.queries.staff import find_user, get_user
from lianhu.accounts.roles import ROLES
from lianhu.demo.county import ACCOUNTS
from lianhu.demo.marks import is_made_up
from lianhu.kernel.errors import NotPermitted
from lianhu.territory.queries import path_of

# What a visitor can do as each; the role's name comes from accounts.roles.
TRY = {
    "warden": "看自己联系的二十来户，记走访，报事情；没有信号也能用。",
    "member": "党员联系的网格：走访、四到户、报事情。",
    "deputy": "人大代表联系的网格：听选民说的事，看办得怎样。",
    "secretary": "受理、分派、办结本村的事；看谁的户、哪格没有人。",
    "supervisor": "核实办没办好；看本村的事项和台账。",
    "representative": "以村民代表的身份看本村、报事情。",
    "warden-2": "另一个镇的中心户长：看不到双乳村的任何一户。",
    "secretary-2": "另一个镇的村支书：只看得到自己的村。",
    "town": "镇里办理和答复；看全镇到期和超期的事。",
    "county": "信访局：全县的事项；反映干部的信只到这里。",
    "leader": "县领导：从全县看到网格，可以督办。",
    "data": "数据员：行政区划、任职、手机和台账。",
    "resident": "村民：看自己家的登记、为什么是这个颜色、谁看过；报事情，凭编号查进展、评价。",
}

TOP_SECTION = "镇和县"
GRID_DEPTH = 4  # county, town, village, group come before a grid


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the page; `phone` and `desk` tell where its role works."""

    key: str
    name: str
    role: str
    section: str
    place: str
    tries: str
    phone: bool
    desk: bool


def demo_user(account: str) -> UUID:
    """The made-up person behind an account; refuses ``account.not_found``.

    Only accounts that `lianhu demo` made, so that a real person's name is never a way in.
    """
    user = find_user(account) if account in ACCOUNTS else None
    if user is None or not is_made_up(user.id):
        raise NotPermitted("account.not_found")
    return user.id


def list_accounts() -> list[Account]:
    """All accounts in the order of the page; empty before the county is built."""
    found: list[Account] = []
    for key, (role, _) in ACCOUNTS.items():
        user = find_user(key)
        if user is None or not is_made_up(user.id):
            continue
        home = actor_for(user, on=localdate()).home
        names = [place.name for place in path_of(home)]
        if len(names) > GRID_DEPTH:
            names.pop(3)  # a grid's own name tells its group
        found.append(
            Account(
                key=key,
                name=user.name,
                role=ROLES[role].label,
                section="".join(names[1:3]) if len(names) > 2 else TOP_SECTION,
                place="".join(names[1:] or names),
                tries=TRY[key],
                phone="phone.use" in ROLES[role].verbs,
                desk="desk.use" in ROLES[role].verbs,
            )
        )
    return found


def landing(user: UUID) -> str:
    """Where somebody comes in: the desk, or their village's board."""
    actor = actor_for(get_user(user), on=localdate())
    if actor.holds("desk.use"):
        return "/desk/"
    return f"/v/{actor.home[:12]}/" if len(actor.home) >= 12 else "/"
