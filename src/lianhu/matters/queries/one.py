"""One matter with its steps and photos, by id or by the code its reporter holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.matters.models import Attachment, Matter, Step
from lianhu.territory.models import RowClass
from lianhu.territory.queries import reach, reaches

WORK = ("handle", "ask", "answer", "verify")  # the steps that a rating is about


def get_matter(
    actor: Actor, matter_id: UUID, *, verb: str = "matter.read", lock: bool = False
) -> Matter:
    """One matter on which the actor holds `verb`; absent and out of reach refuse alike with
    ``matter.not_found``. With `lock` the row is held until the transaction ends."""
    rows = reach(Matter.objects, actor, verb)
    if lock:
        rows = rows.select_for_update(of=("self",))
    matter = rows.filter(id=matter_id).first()
    if matter is None:
        raise NotPermitted("matter.not_found")
    return matter


def read_matter(actor: Actor, matter_id: UUID) -> Matter:
    """As `get_matter`, with place, household and handler at hand. One query."""
    matter = (
        reach(Matter.objects, actor, "matter.read")
        .select_related("place", "household", "handler", "accused", "duplicate_of")
        .filter(id=matter_id)
        .first()
    )
    if matter is None:
        raise NotPermitted("matter.not_found")
    return matter


def list_steps(matter: Matter) -> list[Step]:
    """What happened to a matter already in hand, newest first, with photos. Two queries."""
    return list(matter.steps.prefetch_related("attachments").order_by("-number"))


def find_by_ref(ref: str) -> Matter:
    """The matter behind a follow code: whoever holds the code may follow and rate it.

    Refuses ``matter.not_found``. A copy knows the matter it was merged into: see `original_of`.
    """
    code = "".join(sign for sign in ref.upper() if sign.isalnum())
    code = code.replace("O", "0").replace("I", "1").replace("L", "1")
    # open to all: the code has 50 random bits and is throttled; it is the key.
    matter = Matter.objects.select_related("duplicate_of").filter(ref=code).first()
    if matter is None:
        raise NotPermitted("matter.not_found")
    return matter


def tells_code(actor: Actor, matter: Matter) -> bool:
    """Whether the actor may read a follow code, to tell the resident: who reported, and offices
    that have no hand in it. Never those whose work is rated by it, who verified it included.
    A query unless the steps are at hand."""
    if actor.id in {matter.handler_id, matter.answerer_id}:
        return False
    if actor.id != matter.reporter_id and matter.office in actor.offices:
        return False
    return not any(s.actor_id == actor.id and s.verb in WORK for s in matter.steps.all())


def worked_on(matter: Matter, users: Iterable[UUID]) -> bool:
    """Whether one of some people took a step that a rating is about. One query."""
    return matter.steps.filter(actor_id__in=list(users), verb__in=WORK).exists()


def may_name_accused(actor: Actor, matter: Matter) -> bool:
    """Whether the actor may say who of the staff a matter in hand is about. No query."""
    official = matter.row_class == RowClass.ABOUT_OFFICIAL
    return official and reaches(actor, matter, "matter.dispatch")


def original_of(matter: Matter) -> Matter:
    """The matter itself, or the one it was merged into, however far along."""
    while matter.duplicate_of is not None:
        matter = matter.duplicate_of
    return matter


@dataclass(frozen=True, slots=True)
class PublicStep:
    """A step as the holder of a follow code sees it: no person's name."""

    verb: str
    at: object
    office: str
    words: str


# What the reporter may read of each step; the others are the offices' own notes.
TOLD = {"ask", "answer", "return", "reopen", "close"}


def public_steps(matter: Matter) -> list[PublicStep]:
    """The steps of a matter for its reporter, oldest first. One query."""
    return [
        PublicStep(s.verb, s.at, s.office, s.words if s.verb in TOLD else "")
        for s in matter.steps.order_by("number")
    ]


def photo_of(actor: Actor, matter_id: UUID, sha256: str) -> str:
    """The hash of a photo of a matter in reach; refuses ``matter.not_found``."""
    matter = get_matter(actor, matter_id)
    # scoped by the matter above.
    if not Attachment.objects.filter(matter=matter, sha256=sha256).exists():
        raise NotPermitted("matter.not_found")
    return sha256
