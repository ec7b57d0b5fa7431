"""The steps of a matter as forms: what each asks for, says, and calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.matters.actions.report import add_to_matter
from lianhu.matters.actions.steps import (
    accept_matter,
    answer_matter,
    ask_for_more,
    close_matter,
    dispatch_matter,
    handle_matter,
    reopen_matter,
    verify_answer,
)
from lianhu.matters.actions.supervise import escalate_matter, extend_matter, merge_matter
from lianhu.matters.queries.one import get_matter
from lianhu.media.actions import keep_photo

NONE, OPTIONAL, REQUIRED = "", "optional", "required"


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step on the page: its button, what the words are for, and what else it asks."""

    code: str
    button: str
    help: str
    words: str = NONE
    label: str = "说明"
    photos: bool = False


FORMS = {
    f.code: f
    for f in (
        StepForm("accept", "受理", "收下这件事，由您这里负责到有答复为止。"),
        StepForm("dispatch", "分派", "交给能办的单位，时限照走。", OPTIONAL, "交代几句（可不写）"),
        StepForm("handle", "记办理情况", "做了什么、看到什么；您成为经办人。", REQUIRED,
                 "办理情况", photos=True),
        StepForm("ask", "请反映人补充", "反映人补充之前，时限暂停。", REQUIRED, "要补充什么"),
        StepForm("answer", "答复", "反映人会看到这段话，请用平常话写清结果。", REQUIRED,
                 "答复", photos=True),
        StepForm("verify", "核实", "确实办好了，就核实；没办好，用“退回重办”。", OPTIONAL,
                 "怎么核实的（可不写）"),
        StepForm("return", "退回重办", "说明哪里没办好，经办人会看到。", REQUIRED, "退回的原因"),
        StepForm("close", "办结", "这件事到此结束；反映人可以评价，30 天内可以要求重办。",
                 OPTIONAL, "补一句（可不写）"),
        StepForm("add", "补充情况", "补充的话和照片都会留在经过里。", REQUIRED, "补充什么",
                 photos=True),
        StepForm("escalate", "督办", "提醒手上有这件事的单位和经办人。", OPTIONAL,
                 "说几句（可不写）"),
        StepForm("extend", "批准延期", "延到规定的最长期限，只能延一次。", REQUIRED, "为什么延"),
        StepForm("merge", "并案", "和另一件是同一件事：这件并过去，两位反映人都收到答复。"),
        StepForm("reopen", "重新办理", "时限从今天重新算。", REQUIRED, "为什么重办"),
    )
}  # fmt: skip

Doing = Callable[[Actor, UUID, HttpRequest, str, tuple[str, ...], datetime], Any]


def _dispatch(
    actor: Actor, id_: UUID, request: HttpRequest, words: str, photos: Any, at: datetime
) -> Any:
    office, _, person = request.POST.get("to", "").partition("/")
    handler = UUID(person) if _is_uuid(person) else None
    return dispatch_matter(actor, id_, office, words, at=at, handler_id=handler)


def _merge(
    actor: Actor, id_: UUID, request: HttpRequest, words: str, photos: Any, at: datetime
) -> Any:
    into = request.POST.get("into", "")
    if not _is_uuid(into):
        raise Refusal("matter.not_alike")
    return merge_matter(actor, id_, UUID(into), at=at)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


DOING: dict[str, Doing] = {
    "accept": lambda a, m, r, w, p, at: accept_matter(a, m, at=at),
    "dispatch": _dispatch,
    "handle": lambda a, m, r, w, p, at: handle_matter(a, m, w, at=at, photos=p),
    "ask": lambda a, m, r, w, p, at: ask_for_more(a, m, w, at=at),
    "answer": lambda a, m, r, w, p, at: answer_matter(a, m, w, at=at, photos=p),
    "verify": lambda a, m, r, w, p, at: verify_answer(a, m, w, at=at, done=True),
    "return": lambda a, m, r, w, p, at: verify_answer(a, m, w, at=at, done=False),
    "close": lambda a, m, r, w, p, at: close_matter(a, m, w, at=at),
    "add": lambda a, m, r, w, p, at: add_to_matter(a, m, w, at=at, photos=p),
    "escalate": lambda a, m, r, w, p, at: escalate_matter(a, m, w, at=at),
    "extend": lambda a, m, r, w, p, at: extend_matter(a, m, w, at=at),
    "merge": _merge,
    "reopen": lambda a, m, r, w, p, at: reopen_matter(a, get_matter(a, m), w, at=at),
}


def photos_of(actor: Actor, request: HttpRequest, *, at: datetime) -> tuple[str, ...]:
    """The photos of a form, kept and named by their hash; refuses as `keep_photo` does."""
    files = [f for f in request.FILES.getlist("photos") if isinstance(f, UploadedFile)]
    return tuple(keep_photo(actor, file.read(), at=at) for file in files[:9] if file.size)


def do_step(
    actor: Actor, matter_id: UUID, step: str, request: HttpRequest, *, at: datetime
) -> Any:
    """Take a step as the form asks. Refuses what its action refuses."""
    photos = photos_of(actor, request, at=at) if FORMS[step].photos else ()
    words = request.POST.get("words", "")
    return DOING[step](actor, matter_id, request, words, photos, at)
