"""One full row of each table that catalogue/retention.toml covers, all of which ended on one day."""

from datetime import date, datetime
from typing import Any

from lianhu.accounts.actions.devices import issue_token
from lianhu.accounts.models import (
    Authenticator,
    FactorReset,
    Identity,
    Passkey,
    RecoveryCode,
    User,
)
from lianhu.grading.models import Appeal, CareEpisode, Fact, Grade
from lianhu.kernel.actor import Actor
from lianhu.kernel.ids import uuid7
from lianhu.letters.models import Letter
from lianhu.matters.models import Attachment, Matter, Step
from lianhu.media.models import Photo
from lianhu.media.queries import photo_path
from lianhu.people.models import (
    Change,
    Export,
    MinorLook,
    Person,
    Proposal,
    RegisterImport,
)
from lianhu.postings.models import Posting
from lianhu.rights.models import Opening, Request
from lianhu.territory.models import Resource
from lianhu.visits.models import Visit
from tests import cast

SHA = "ab" * 32


def end_everything(warden: Actor, officer: Actor, at: datetime) -> dict[str, Any]:
    """The rows, by their table; whose term begins at `at`."""
    day = at.date()
    people = _people(officer, at, day)
    staff = _staff(warden, officer, at, day)
    home, head = people["people.Household"], people["people.Person"]
    user = staff["accounts.User"]
    return people | staff | _said(home, head, user, staff["accounts.Device"], at, day)


def _people(officer: Actor, at: datetime, day: date) -> dict[str, Any]:
    home = cast.make_household(members=[{"name": "刘小山", "relation": "20"}])
    head = cast.head_of(home)
    Person.objects.filter(id=head.id).update(
        ended_on=day, ended_how="died", away_to="西安", born_month="1950-05", restricted_on=day,
        more_phones_sealed=b"x",
    )  # fmt: skip
    home.ended_on, home.lon, home.lat = day, 108.5, 32.9
    home.save()
    who = {"actor_id": officer.id, "actor_name": officer.name}
    change = Change.objects.create(
        place_id=home.place_id, household=home, person=head, kind="person.died", on=day,
        words="病故", values_sealed=b"x", at=at, **who,
    )  # fmt: skip
    said = Proposal.objects.create(
        place_id=home.place_id, household=home, person=head, what="phone", values_sealed=b"x",
        words="换号", proposer_id=officer.id, proposer_name="陈", at=at, decided_at=at,
        state=Proposal.State.ACCEPTED, reply="好", decided_by="李",
    )  # fmt: skip
    book = RegisterImport.objects.create(
        place_id=cast.EAST, at=at, actor_id=officer.id, file_name="双乳村.xlsx", file_sha256="",
        households=0, persons=0, problems=0, household_ids=b"", person_ids=b"", digest="",
        corrections_sealed=b"x",
    )  # fmt: skip
    export = Export.objects.create(
        place_id=cast.EAST, name="households", number="E1", asked_sealed=b"x", purpose="check",
        words="报镇里", persons=30, tier=1, asker_id=officer.id, asked_at=at, ends_at=at,
        state="agreed", second=cast.make_user("说"), second_words="好",
    )  # fmt: skip
    look = MinorLook.objects.create(
        place_id=home.place_id, person=head, field="phone", purpose="contact", consent="present",
        words="奶奶同意", asker_id=officer.id, asked_at=at, ends_at=at, state="declined",
        second=cast.make_user("说"), second_words="不",
    )  # fmt: skip
    return {
        "people.MinorLook": look,
        "people.Export": export, "people.Household": home, "people.Person": head,
        "people.Change": change, "people.Proposal": said, "people.RegisterImport": book,
    }  # fmt: skip


def _staff(warden: Actor, officer: Actor, at: datetime, day: date) -> dict[str, Any]:
    User.objects.filter(id=warden.id).update(person_id=uuid7(), last_login=at)
    user = User.objects.get(id=warden.id)
    posting = Posting.objects.get(user=user)
    Posting.objects.filter(id=posting.id).update(ends_on=day)
    user.grants.update(ends_on=day)
    device = cast.make_device(warden, at=at)[0]
    type(device).objects.filter(id=device.id).update(
        revoked_at=at, public_key="k", newest_at=at, photos_waiting=1, asked_seq=1, asked_at=at
    )
    issue_token(user, made_by=officer.id, at=at)
    clerk = cast.make_user("前任")
    cast.make_grant(clerk, "town", cast.EAST_TOWN, ends_on=day)
    User.objects.filter(id=officer.id).update(last_login=at)
    own = {"user": user}
    return {
        "accounts.User": user, "accounts.Grant": posting.grant, "postings.Posting": posting,
        "accounts.Device": device,
        "accounts.Authenticator": Authenticator.objects.create(
            secret_sealed=b"x", made_at=at, confirmed_at=at, **own
        ),
        "accounts.Passkey": Passkey.objects.create(
            name="指纹", credential=b"c", attested=b"a", made_at=at, **own
        ),
        "accounts.RecoveryCode": RecoveryCode.objects.create(code=b"c", used_at=at, **own),
        "accounts.Identity": Identity.objects.create(
            issuer="i", subject="s", linked_by_id=officer.id, linked_at=at, **own
        ),
        "accounts.FactorReset": FactorReset.objects.create(
            asked_by_id=officer.id, asked_at=at, done_by_id=officer.id, done_at=at, **own
        ),
    }  # fmt: skip


def _said(
    home: Any, head: Any, user: User, device: Any, at: datetime, day: date
) -> dict[str, Any]:
    """Matters, visits, letters and decisions of the household."""
    boss = cast.make_user("说", "somebody")
    matter = Matter.objects.create(
        ref="ABCD23", category="environment", top="environment", words="桥头的垃圾", spot="桥头",
        about="王某", lon=108.5, lat=32.9, subject_place=cast.EAST, place_id=cast.EAST_GRID,
        household=home, reporter=user, reporter_name="刘", reporter_phone_sealed=b"x",
        source="phone", handler=user, accused=boss, stage="closed", is_open=False, captured_at=at,
        received_at=at, due_on=day, answered_at=at, answered_by="李", answerer=user, answer="清了",
        closed_at=at, score=5, score_words="谢谢",
    )  # fmt: skip
    step = Step.objects.create(
        matter=matter, number=1, verb="report", at=at, actor_id=user.id, actor_name="陈", words="桥头"
    )  # fmt: skip
    Attachment.objects.create(matter=matter, step=step, sha256=SHA)
    photo = Photo.objects.create(
        sha256=SHA, uploader=user, received_at=at, width=1, height=1, stored_bytes=1
    )
    photo_path(SHA).parent.mkdir(parents=True, exist_ok=True)
    photo_path(SHA).write_bytes(b"x")
    letter = Letter(
        id=uuid7(), user=user, device=device, place_id=cast.EAST_GRID, row_class="ordinary",
        received_at=at, outcome="stored", media=[SHA], settled_at=at, settled_by="李",
        settled_words="已办",
    )  # fmt: skip
    letter.keep_text("桥头的垃圾")
    letter.save(force_insert=True)
    grade = Grade.objects.create(
        household=home, colour="red", state="ended", reason="病", evidence=["x"], proposed_by=user.id,
        proposed_by_name="陈", proposed_at=at, starts_on=day, ends_on=day, end_reason="好了",
    )  # fmt: skip
    appeal = Appeal.objects.create(
        household=home, grade=grade, words="不服", made_by_name="刘", made_at=at, due_on=day,
        decided_by=user.id, decided_by_name="李", decided_at=at, upheld=True, answer="再帮",
    )  # fmt: skip
    request = Request.objects.create(
        household=home, person=head, asker=head, kind="see", words="看看", ref="R1",
        channel="board", made_at=at, due_on=day, answer="好", answered_at=at, appeal=appeal,
    )  # fmt: skip
    return {
        "matters.Matter": matter, "matters.Step": step, "media.Photo": photo,
        "letters.Letter": letter, "grading.Grade": grade, "grading.Appeal": appeal,
        "rights.Request": request,
        "rights.Opening": Opening.objects.create(
            place_id=cast.EAST_GRID, household=home, matches=1, actor=user, words_sealed=b"x",
            opened_at=at, ends_at=at, reviewer=boss, reviewed_at=at, proper=True,
            review_words="应该",
        ),
        "visits.Visit": Visit.objects.create(
            place_id=cast.EAST_GRID, household=home, visitor=user, visitor_name="陈", on=day,
            received_at=at, duties=["policy"], words="都好",
        ),
        "grading.Fact": Fact.objects.create(
            household=home, person=head, kind="long_illness", since=day, until=day, source="证",
            recorded_by=user.id, recorded_by_name="陈", recorded_at=at,
        ),
        "grading.CareEpisode": CareEpisode.objects.create(
            household=home, worker=user, supervisor=boss, basis="consent", words_sealed=b"x",
            opened_on=day, ends_on=day, closed_on=day,
        ),
        "territory.Resource": Resource.objects.create(
            place_id=cast.EAST, kind="doctor", name="村医", words="村口", consent_on=day,
            starts_on=day, ended_on=day, end_words="走了", made_by_name="李", made_at=at,
        ),
    }  # fmt: skip
