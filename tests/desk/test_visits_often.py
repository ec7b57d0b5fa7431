"""How often households are visited, at the desk: read by all who see visits, set by the county."""

import re

import pytest

from lianhu.visits.models import Cadence
from tests import cast

PATH = "/desk/visits/often/"
FORM = {
    "red": "3", "yellow": "14", "green": "60", "first": "2", "per_day": "4",
    "since": "2026-11-24", "source": "县联席会议 3 号纪要",
}  # fmt: skip


def test_the_county_sets_it_and_every_version_is_shown(signed, officer_county, secretary_east):
    client = signed(officer_county)
    text = client.get(PATH).content.decode()
    assert "现在：我们的默认" in text
    assert 'name="red"' in text
    assert client.post(PATH, FORM)["Location"] == f"{PATH}?done=often"
    later = FORM | {"since": "2026-12-24", "red": "1", "source": "4 号纪要"}
    assert client.post(PATH, later).status_code == 302
    text = signed(secretary_east).get(PATH).content.decode()
    assert 'name="red"' not in text
    now, versions = text.split("县里定过的")
    assert "现在：县里定的" in now
    assert [re.findall("每天|每 3 天", part) for part in (now, versions)] == [
        ["每 3 天"], ["每天", "每 3 天"],
    ]  # fmt: skip
    assert versions.index("还没到") < versions.index("正在用")
    assert "4 号纪要" in versions
    assert versions.count("吴纪") == 2


def test_whoever_decides_a_colour_reads_what_it_brings(
    signed, officer_county, secretary_east, household
):
    page = f"/desk/households/{household.id}/grade/"
    client = signed(secretary_east)
    text = client.get(page).content.decode()
    assert "一个人决定，每月走访" in text
    assert "要两个人决定，每周走访" in text
    signed(officer_county).post(PATH, FORM)
    text = client.get(page).content.decode()
    assert "一个人决定，每两周走访" in text
    assert "要两个人决定，每 3 天走访" in text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"red": "31"}, "天数不对"),
        ({"red": "-1"}, "天数不对"),
        ({"green": "99999"}, "天数不对"),
        ({"per_day": "x"}, "天数不对"),
        ({"since": "2026-11-23"}, "只能从今天或以后起"),
        ({"since": "2026-13-01"}, "只能从今天或以后起"),
        ({"source": " "}, "请写凭什么定的"),
    ],
)
def test_a_refusal_keeps_what_was_typed(signed, officer_county, typed, words):
    page = signed(officer_county).post(PATH, FORM | typed)
    assert page.status_code == 422
    text = page.content.decode()
    assert words in text
    assert all(f'value="{value}"' in text for value in (FORM | typed).values())
    assert not Cadence.objects.exists()


def test_the_next_village_the_town_and_who_sees_no_visits(
    signed, secretary_west, officer_town, handler
):
    for actor in (secretary_west, officer_town):
        assert signed(actor).get(PATH).status_code == 200
        assert signed(actor).post(PATH, FORM).status_code == 403
    assert signed(handler).get(PATH).status_code == 403
    assert not Cadence.objects.exists()
    assert cast.COUNTY == "610921"
