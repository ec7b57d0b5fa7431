"""Every list filters, sorts, pages and exports in the one way; colours and care never export."""

import io
from datetime import timedelta

from python_calamine import CalamineWorkbook

from lianhu.desk.urls import urlpatterns
from lianhu.people.models import RegisterImport
from lianhu.people.rules import PROPOSAL_WORDS
from lianhu.postings.models import Posting
from lianhu.rights.actions.requests import receive_request
from tests import cast
from tests.matters.helpers import AT
from tests.people.test_proposals import back_home

CHECK = {"purpose": "check"}


def _rows(response):
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    return book.get_sheet_by_index(0).to_python()[1:]


def _shown(client, path, **asked):
    return client.get(path, asked).context["sheet"].rows


def test_postings_that_ended_are_a_list(signed, secretary_east, secretary_west, warden, member):
    old = Posting.objects.get(user_id=warden.id)
    Posting.objects.filter(id=old.id).update(ends_on=cast.TODAY - timedelta(days=400))
    client = signed(secretary_east)
    assert [p.id for p in _shown(client, "/desk/staff/", line="past")] == [old.id]
    assert [p.id for p in _shown(client, "/desk/staff/", line="past", was="warden")] == [old.id]
    assert _shown(client, "/desk/staff/", line="past", was="member") == []
    assert _shown(client, "/desk/staff/", line="past", words="杨") == []
    assert _shown(signed(secretary_west), "/desk/staff/", line="past") == []
    [row] = _rows(client.post("/desk/staff/export/?line=past"))
    assert row[0] == "陈户长"
    assert row[5] == (cast.TODAY - timedelta(days=400)).isoformat()


def test_gaps_and_offices_are_found_and_sorted(signed, secretary_east):
    client = signed(secretary_east)
    gaps = [g.code for g in _shown(client, "/desk/staff/", line="gaps", order="-code")]
    assert gaps == sorted(gaps, reverse=True)
    assert len(gaps) == 3
    named = _shown(client, "/desk/staff/", line="gaps", words="三组二")
    assert [g.code for g in named] == [cast.EAST_GRID]
    assert len(_shown(client, "/desk/staff/", line="office", order="name")) == 1


def test_proposals_are_filtered_and_sent_without_what_they_say(
    signed, secretary_east, secretary_west, warden, household
):
    row = back_home(warden, household)
    client = signed(secretary_east)
    assert [p.id for p in _shown(client, "/desk/proposals/", what=row.what)] == [row.id]
    other = next(code for code in PROPOSAL_WORDS if code != row.what)
    assert _shown(client, "/desk/proposals/", what=other, order="-at") == []
    [line] = _rows(client.post("/desk/proposals/export/", CHECK))
    assert line[0] == PROPOSAL_WORDS[row.what]
    assert "刘小军" not in str(line)
    assert _rows(signed(secretary_west).post("/desk/proposals/export/", CHECK)) == []


def test_requests_are_filtered_and_sent_without_what_was_asked(
    signed, officer_town, secretary_west, household
):
    receive_request(
        officer_town, household.id, "see", "想看看药费", person_id=cast.head_of(household).id,
        identity="card", **AT,
    )  # fmt: skip
    client = signed(officer_town)
    assert len(_shown(client, "/desk/requests/", kind="see", order="at")) == 1
    assert _shown(client, "/desk/requests/", kind="delete") == []
    [line] = _rows(client.post("/desk/requests/export/?kind=see", CHECK))
    assert line[1] == "刘*林"
    assert "药费" not in str(line)
    assert _rows(client.post("/desk/requests/export/?view=done", CHECK)) == []
    assert _rows(signed(secretary_west).post("/desk/requests/export/", CHECK)) == []


def test_imports_are_filtered_sorted_and_sent(signed, data_officer, secretary_east, places):
    for number, name in enumerate(("一村.xlsx", "=二村.xlsx")):
        RegisterImport.objects.create(
            place_id=cast.EAST, at=cast.NOON + timedelta(days=number), actor_id=data_officer.id,
            file_name=name, file_sha256="0" * 64, households=1, persons=9 - number, problems=0,
            household_ids=b"", person_ids=b"", digest="0" * 32,
            undone_at=cast.NOON if number else None,
        )  # fmt: skip
    client, path = signed(data_officer), "/desk/register/imports/"
    assert [r.file_name for r in _shown(client, path)] == ["=二村.xlsx", "一村.xlsx"]
    assert [r.persons for r in _shown(client, path, order="-persons")] == [9, 8]
    assert [r.file_name for r in _shown(client, path, state="undone")] == ["=二村.xlsx"]
    assert [r.file_name for r in _shown(client, path, words="一")] == ["一村.xlsx"]
    assert [r[0] for r in _rows(client.post(f"{path}export/"))] == ["=二村.xlsx", "一村.xlsx"]
    assert signed(secretary_east).get(path).status_code == 403
    assert signed(secretary_east).post(f"{path}export/").status_code == 403


def test_an_unknown_choice_asks_for_nothing(signed, secretary_east):
    client = signed(secretary_east)
    odd = {
        "order": "; drop",
        "page": "x",
        "line": "nobody",
        "what": "1",
        "kind": "?",
        "why": "-",
    }
    for path in ("staff", "proposals", "grades", "requests", "duplicates"):
        page = client.get(f"/desk/{path}/", odd)
        assert page.status_code == 200
        assert not page.context["asked"].filtered


def test_the_form_keeps_what_it_does_not_ask(signed, secretary_east, warden):
    asked = {"place": cast.EAST, "words": "陈"}
    text = signed(secretary_east).get("/desk/staff/", asked).content.decode()
    assert f'<input type="hidden" name="place" value="{cast.EAST}">' in text
    assert f'href="?place={cast.EAST}">去掉筛选' in text
    assert f"/desk/staff/export/?place={cast.EAST}&amp;words=" in text


def test_no_list_of_colours_or_care_is_ever_a_file():
    paths = [str(p.pattern) for p in urlpatterns if "export" in str(p.pattern)]
    assert len(paths) > 8
    assert not [p for p in paths if p.startswith(("grades", "care", "visits/due"))]
