"""What every page of the desk does alike: who may enter, the tabs, the place, the paging."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from lianhu.accounts.queries.second import owes_second
from lianhu.accounts.roles import ROLES
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.territory.queries import get_place, place_names
from lianhu.web.actor import actor_of
from lianhu.web.entering import has_shown_second
from lianhu.web.planning import planned_for_values
from lianhu.web.words import words_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
PAGE = 50
OWN_PASSWORD = "/desk/password/"  # noqa: S105 - an address
REFUSED = 422

# Tab, path, and any one of the verbs for which it is shown.
TABS = (
    ("home", "今日", "/desk/", ("desk.use",)),
    ("matters", "事项", "/desk/matters/", ("matter.read",)),
    ("places", "网格与户", "/desk/places/", ("place.read",)),
    ("grades", "帮扶", "/desk/grades/", ("grade.propose", "grade.confirm", "grade.appeal")),
    ("visits", "走访", "/desk/visits/", ("visit.read",)),
    ("rules", "标准", "/desk/rules/", ("grade.rules",)),
    ("assessments", "影响评估", "/desk/assessments/", ("assess.read",)),
    ("proposals", "变更", "/desk/proposals/", ("household.change",)),
    ("requests", "信息申请", "/desk/requests/", ("rights.receive", "rights.answer")),
    ("register", "导入户籍", "/desk/register/", ("household.load",)),
    ("staff", "人员", "/desk/staff/", ("posting.read",)),
    ("letters", "来信", "/desk/letters/", ("letter.settle",)),
    ("exports", "导出", "/desk/exports/", ("export",)),
    ("emergencies", "紧急查看", "/desk/emergencies/", ("emergency.open", "emergency.review")),
    ("ledger", "台账", "/desk/ledger/", ("ledger.read",)),
    ("sign_ins", "登录", "/desk/sign-ins/", ("account.manage", "account.second")),
    ("backups", "备份", "/desk/backups/", ("backup.read",)),
)


def may(actor: Actor, verb: str) -> bool:
    """Whether the actor holds a verb anywhere, be it only for an office or about officials."""
    return any(actor.holds(verb + ending) for ending in ("", "+office", "+official"))


def staff(view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]) -> View[P]:
    """A page for whoever may use the desk; never kept by a browser (no personal data there).

    Who came in with a one-time password sets their own before anything else.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = actor_of(request)
        actor.require("desk.use", "")
        if owes_second(actor) and not has_shown_second(request):
            # A role came since: the door asks for the second factor.
            logout(request)
            raise NotPermitted("account.signed_out")
        lent = getattr(request.user, "password_is_lent", False)
        if lent and request.path != OWN_PASSWORD:
            return HttpResponseRedirect(OWN_PASSWORD)
        with planned_for_values():
            response = view(request, actor, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def show(
    request: HttpRequest,
    actor: Actor,
    template: str,
    *,
    tab: str,
    status: int = 200,
    **page: Any,
) -> HttpResponse:
    """Render a page with its frame: tabs, role, and what was just done (`?done=`)."""
    frame = {
        "tabs": [t for t in TABS if any(may(actor, verb) for verb in t[3])],
        "tab": tab,
        "office_words": _who(actor),
        "may_report": actor.holds("matter.report"),
        "done": DONE.get(request.GET.get("done", ""), ""),
    }
    return render(request, template, frame | page, status=status)


def _who(actor: Actor) -> str:
    """The role with its place: 双乳村支书, 汉阴县干部."""
    place = place_names([actor.home]).get(actor.home, "")
    role = ROLES[actor.roles[0]].label if actor.roles else ""
    return place + (role[1:] if place and role[:1] == place[-1] else role)


# What was done, said once at the top of the next page.
DONE = {
    "export_asked": "已提出。有人点头以后，在这一页取文件。",
    "export_agree": "您同意了，对方现在可以取文件。",
    "export_decline": "您没有同意，对方会看到您写的话。",
    "export_drop": "已撤回。",
    "emergency_closed": "已结束。这次查看有人会核对，那一户也看得到。",
    "emergency_reviewed": "已记下您的核对。",
    "minor_asked": "已提出。另一位干部同意以后，在那一户的页面上看。",
    "minor_agree": "您同意了，对方现在可以看。",
    "minor_decline": "您没有同意，对方会看到您写的话。",
    "assessed": "存好了，不能再改。",
    "gone": "已办好。这件事只有经办的人看得到，您这里不再显示。",
    "report": "已登记，时限从现在算起。",
    "accept": "已受理。",
    "dispatch": "已分派。",
    "handle": "已记下办理情况。",
    "ask": "已请反映人补充，时限暂停。",
    "add": "已补充。",
    "answer": "已答复，等办理人以外的人核实。",
    "verify": "已核实，可以办结。",
    "return": "已退回重办，原因对方看得到。",
    "close": "已办结。",
    "accused": "已记下，他本人看不到这件事。",
    "unnamed": "已改成没有指明是哪一位。",
    "escalate": "已督办，对方会看到。",
    "extend": "已延期。",
    "merge": "已并案，两位反映人都会收到答复。",
    "reopen": "已重新办理，时限重新计算。",
    "password": "密码已改好。",
    "grade_propose": "已决定。连心户要等第二个人确认，其他的今天起算，手机上会更新。",
    "grade_confirm": "已确认，今天起按连心户帮。",
    "grade_refuse": "已记下，这一户照旧。",
    "grade_decline": "已记下，先不变。",
    "grade_end": "已通知。期满以前照样帮，这一户可以申诉。",
    "grade_fact": "已登记。",
    "grade_end-fact": "已记下到哪天为止，颜色不因此改变。",
    "grade_appeal": "已定，答复这一户看得到。",
    "often": "定好了，从那天起照这样算；手机下次收到。",
    "rules_saved": "草案存好了，还没有起作用。",
    "rules_published": "已发布，从写明的那天起作用；没有一户的颜色因此改变。",
    "rules_dropped": "草案收起来了。",
    "care_saved": "存好了，只有您和督导人看得到。",
    "care_closed": "这份记录结束了。",
    "residence": "已改好在家或外出。",
    "change": "已办好，原来的留着可查。",
    "request_received": "已收下，回执在下面。",
    "request_answer": "已答复，这一户看得到。",
    "request_lift": "已解除限制。",
    "accepted": "登记已照手机报的改好，报的人看得到。",
    "declined": "登记没有改，原因报的人看得到。",
    "move": "这一户已移到新的网格，两个网格的手机都会更新。",
    "post": "已安排任职。",
    "end": "任职已结束，履历留着。",
    "grant": "已授予身份，从起始那天起有效。",
    "replace": "已交接，没办完的事一并转给接手人。",
    "revoke": "这部手机已停用，下次联网即失效。",
    "phone_in": "核对好了，这部手机马上就能用。",
    "phone_out": "没有准这部手机用。请重新出二维码，看着本人扫。",
    "session": "已结束，那边下一次点开就要重新登录。",
    "factor": "第二道验证已添加。",
    "factor_end": "已取消。",
    "reset_asked": "已提出。请另一位有权的人到“登录”页确认，确认前先和本人当面或电话核对。",
    "reset_done": "已清除，本人下次登录时重新设。",
    "linked": "已对上，本人可以用统一身份登录了。",
    "unlinked": "已分开，本人在别处的登录也结束了。",
    "letter": "这封信已处理。",
    "asked": "记下了，这些不再提醒。",
    "place": "地方的变更已记下。",
    "register": "已导入。要撤销，在这一页整批撤销。",
    "nothing": "这份表里的人登记里都有了，没有写入什么。",
    "correct": "已按您写的重新核对。",
    "drop": "这份表格已删掉，登记没有动。",
    "undo": "已整批撤销。",
    "resource": "记下了，这里各网格的手机会更新。",
    "resource_change": "改好了，原来的写法留着可查。",
    "resource_end": "已结束，手机上不再列出。",
    "looked": "已按现在的登记重新算过。",
    "grids": "网格方案已应用：户、任职和手机上的名单都跟着更新。",
}


def chosen_place(request: HttpRequest, actor: Actor, verb: str = "place.read") -> str:
    """The living place that `?place=` names, or the widest that the actor holds the verb on.

    Refuses ``place.not_found``.
    """
    asked = request.GET.get("place", "").strip()
    if not asked:
        return min(actor.scopes.get(verb, ()), key=len, default=actor.home)
    code = get_place(asked).code
    actor.require(verb, code, code="place.not_found")
    return code


class Rows(Protocol):
    """What can be read a page at a time."""

    def __getitem__(self, wanted: slice, /) -> Iterable[Any]:
        """The rows of a slice, start and end given."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a list."""

    rows: list[Any]
    number: int
    more: bool

    @property
    def next(self) -> int:
        """The number of the next page."""
        return self.number + 1

    @property
    def previous(self) -> int:
        """The number of the page before."""
        return self.number - 1


def sheet_of(rows: Rows, request: HttpRequest, size: int = PAGE) -> Sheet:
    """The page that `?page=` asks for; one row more is read to know whether it goes on."""
    asked = request.GET.get("page", "1")
    number = min(max(int(asked), 1), 2000) if asked.isdecimal() and len(asked) < 6 else 1
    start = (number - 1) * size
    found = list(rows[start : start + size + 1])
    return Sheet(found[:size], number, len(found) > size)


def go(path: str, **query: str) -> HttpResponseRedirect:
    """Send the browser on after something was done."""
    mark = "&" if "?" in path else "?"
    return HttpResponseRedirect(f"{path}{mark}{urlencode(query)}" if query else path)


def back_path(request: HttpRequest, otherwise: str) -> str:
    """The page of this desk that `back` names, if it is one."""
    path = request.POST.get("back") or request.GET.get("back") or ""
    own = path.startswith("/desk/") and url_has_allowed_host_and_scheme(path, None)
    return path if own else otherwise


def said(refusal: Refusal) -> str:
    """A refusal in words for the form it came from; what is out of reach is no form's matter."""
    if isinstance(refusal, NotPermitted):
        raise refusal
    return words_of(refusal)
