"""Import of a phone's unsent letters at the desk, with the result in words."""

from django.core.files.uploadedfile import SimpleUploadedFile

from lianhu.letters.models import Letter
from tests import cast
from tests.letters.helpers import incoming
from tests.letters.rescue_file import file_of


def _post(client, raw):
    return client.post("/desk/rescue/", {"file": SimpleUploadedFile("a.lianhu", raw)})


def test_rescue_says_what_became_of_each_letter(signed, secretary_east, warden):
    _, credential = cast.make_device(warden)
    client = signed(secretary_east)
    assert client.get("/desk/rescue/").status_code == 200
    text = _post(client, file_of(credential, [incoming(), incoming("{")])).content.decode()
    for words in ("陈户长", "文件里有 2 条：1 条已入库", "1 条收下了", "系统看不懂这条记录"):
        assert words in text


def test_rescue_refuses_the_next_village_and_no_file(
    signed, secretary_west, supervisor, warden
):
    _, credential = cast.make_device(warden)
    refused = _post(signed(secretary_west), file_of(credential, [incoming()]))
    assert (refused.status_code, Letter.objects.count()) == (422, 0)
    assert "不是您管的人的手机" in refused.content.decode()
    assert signed(supervisor).get("/desk/rescue/").status_code == 403
    assert signed(secretary_west).post("/desk/rescue/").status_code == 422
