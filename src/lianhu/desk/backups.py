"""Backups for the data officer: when the last rehearsal was, what it checked, what to do."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from lianhu.desk.page import show, staff
from lianhu.keeping.queries import Overview, overview
from lianhu.kernel.actor import Actor

LATE_DAYS = 2
FOUND = (
    ("rows", "行数据"), ("ledger", "条台账"), ("unsealed", "人的证件号和电话抽查打开"),
    ("letters", "封来信"), ("photos", "张照片"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """How things stand, in one word and one sentence."""

    tone: str
    words: str
    todo: tuple[str, ...] = ()


@staff
def backups(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The last rehearsal, those before it, and the ledger's head to copy on paper."""
    found = overview(actor)
    runs = [(run, _checked(run.found)) for run in found.runs]
    return show(
        request, actor, "desk/backups.html", tab="backups", state=_state(found), runs=runs,
        last=found.verified, checked=_checked(found.verified.found) if found.verified else [],
        folder=found.folder, head=found.head,
    )  # fmt: skip


def _checked(found: dict[str, int]) -> list[str]:
    return [f"{found[name]:,} {words}" for name, words in FOUND if found.get(name)]


def _state(found: Overview) -> State:
    """Worst first: a rehearsal that failed, none at all, one too long ago."""
    last = found.verified
    if last is not None and not last.good:
        return State(
            "bad",
            "最近一次演练没有通过：这份备份不能依靠。",
            ("看下面“查出的问题”，多半是磁盘或照片文件坏了，或者钥匙文件换过。",
             "修好以后运行 lianhu backup，再运行 lianhu verify。",
             "在通过之前，不要删除更早的备份。"),
        )  # fmt: skip
    if last is None:
        where = (
            () if found.folder
            else ("请系统管理员把 LIANHU_BACKUPS 设成另一块硬盘上的文件夹。",)
        )  # fmt: skip
        return State(
            "warn", "还没有演练过备份。", (*where, "每天的 lianhu daily 会自动备份并演练。")
        )
    if (timezone.now() - last.started_at).days >= LATE_DAYS:
        return State(
            "warn",
            "已经两天以上没有演练了。",
            ("请看 lianhu daily 是不是每天在运行，LIANHU_BACKUPS 有没有设。",),
        )
    return State("good", "备份能恢复：最近一次演练通过了。")
