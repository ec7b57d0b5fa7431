"""A little of everything that is sealed, and how each value is read by the product itself."""

import json
from typing import Any

from lianhu.accounts.actions.second import start_authenticator
from lianhu.accounts.models import Authenticator, User
from lianhu.grading.models import CareEpisode
from lianhu.kernel.seal import seal_bytes, unseal_bytes
from lianhu.letters.actions.receiving import receive
from lianhu.letters.models import Letter
from lianhu.matters.models import Matter
from lianhu.people.actions import drafts
from lianhu.people.actions.exports import ask_export
from lianhu.people.actions.members import correct_person
from lianhu.people.actions.proposals import Proposed, propose_change
from lianhu.people.models import Change, Export, ImportDraft, Person, Proposal, RegisterImport
from lianhu.people.register.findings import Correction
from lianhu.rights.actions.emergencies import open_emergency
from lianhu.rights.models import Opening
from lianhu.territory.actions import Wished, add_resource
from lianhu.territory.models import Resource
from tests import cast
from tests.letters.helpers import REPORT, incoming, text_of

AT = {"at": cast.NOON}


def fill(warden: Any, secretary: Any, officer: Any) -> None:
    """At least one value in every sealed column."""
    homes = [cast.make_household(head=f"刘{n}林") for n in range(3)]
    born = {"name": "刘小山", "relation": "20", "more_phones": "13900000001 13900000002"}
    home = cast.make_household(head="陈大山", members=[born])
    head = cast.head_of(homes[0])
    correct_person(secretary, head.id, "phone", "13811112222", words="换了号码", **AT)
    ask_export(secretary, "households", cast.EAST, 1, "check", asked="words=刘", **AT)
    open_emergency(secretary, cast.WEST, "马有田", "涨水了，要马上联系转移", **AT)
    propose_change(
        warden, home.id, Proposed("phone", cast.head_of(home).id, 1, phone="13833334444"), **AT
    )
    cast.make_matter(secretary, contact_phone="13855556666")
    receive(warden, cast.make_device(warden)[0].id, [incoming(text_of(**REPORT))], **AT)
    add_resource(secretary, cast.EAST, Wished("doctor", "村医", phone="09155550101"), **AT)
    start_authenticator(User.objects.get(id=secretary.id), **AT)
    episode = CareEpisode(
        household=homes[1], worker=User.objects.get(id=warden.id),
        supervisor=User.objects.get(id=secretary.id), basis="consent",
        opened_on=cast.TODAY, ends_on=cast.TODAY,
    )  # fmt: skip
    episode.set_words(json.dumps({"wish": "想有人说说话"}))
    episode.save(force_insert=True)
    mended = [Correction("表", 3, "id_number", cast.make_id_number(77), "x", "张", "今天")]
    draft = drafts.open_draft(officer, cast.COUNTY, "表.csv", "姓名,身份证号\n".encode(), **AT)
    drafts._keep(draft, mended)
    draft.found_sealed = seal_bytes(b"found", f"draft.found.{draft.id}")
    draft.save()
    entry = RegisterImport(
        place_id=cast.COUNTY, at=cast.NOON, actor_id=officer.id, file_name="表.csv",
        file_sha256="", households=0, persons=0, problems=0, household_ids=b"", person_ids=b"",
        digest="",
    )  # fmt: skip
    drafts._keep(entry, mended)
    entry.save(force_insert=True)


def read_all() -> dict[str, Any]:  # noqa: C901 - a line for each table
    """Every sealed value in clear, read as the product reads it."""
    found: dict[str, Any] = {}
    for person in Person.objects.all():
        found[f"{person.id}"] = (person.id_number, person.phone, person.more_phones)
    for export in Export.objects.all():
        found[f"{export.id}"] = export.asked
    for opening in Opening.objects.all():
        found[f"{opening.id}"] = opening.words
    for matter in Matter.objects.all():
        found[f"{matter.id}"] = matter.reporter_phone
    for letter in Letter.objects.all():
        found[f"{letter.id}"] = (letter.text, letter.says(letter.text))
    for app in Authenticator.objects.all():
        found[f"{app.id}"] = start_authenticator(app.user, **AT)
    for resource in Resource.objects.all():
        found[f"{resource.id}"] = resource.phone
    for episode in CareEpisode.objects.all():
        found[f"{episode.id}"] = episode.words
    for model in (Change, Proposal):
        found |= {f"{row.id}": row.values for row in model.objects.all()}
    for draft in ImportDraft.objects.all():
        content = unseal_bytes(draft.content_sealed, f"draft.content.{draft.id}")
        inside = unseal_bytes(draft.found_sealed, f"draft.found.{draft.id}")
        found[f"{draft.id}"] = (content, inside, drafts.corrections_of(draft))
    for entry in RegisterImport.objects.all():
        found[f"{entry.id}"] = drafts.corrections_of(entry)
    return found
