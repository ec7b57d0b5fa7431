"""The desk's pages of impact assessments, and that a standard waits for one."""

from lianhu.kernel.catalogue import read
from lianhu.people.models import Assessment

PAGE = "/desk/assessments/"
FORM = {"kind": "provide", "title": "交给民政局", "proceed": "yes"} | dict.fromkeys(
    read("assessments.toml")["questions"], "把影响和措施写清楚，至少十个字"
)


def test_keep_and_read(signed, data_officer, officer_county):
    client = signed(data_officer)
    refused = client.post(PAGE, FORM | {"risks": "无"})
    assert refused.status_code == 422
    assert "把影响和措施写清楚" in refused.content.decode()
    done = client.post(PAGE, FORM)
    row = Assessment.objects.get()
    assert done["Location"] == f"{PAGE}{row.id}/?done=assessed"
    for actor in (data_officer, officer_county):
        page = signed(actor).get(f"{PAGE}{row.id}/").content.decode()
        assert "交给民政局" in page
        assert "可以照做" in page
    assert "存了不能改" not in signed(officer_county).get(PAGE).content.decode()
    assert client.post(PAGE, FORM | {"subject": "no"}).status_code == 404


def test_assessments_refuse_the_next_village(signed, data_officer, secretary_east):
    signed(data_officer).post(PAGE, FORM)
    client = signed(secretary_east)
    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}{Assessment.objects.get().id}/").status_code == 404
    assert client.post(PAGE, FORM).status_code == 403


def test_nothing_changes_or_deletes_one(signed, data_officer):
    client = signed(data_officer)
    client.post(PAGE, FORM)
    row = Assessment.objects.get()
    client.post(f"{PAGE}{row.id}/", FORM | {"title": "改了"})
    assert client.delete(f"{PAGE}{row.id}/").status_code in (200, 405)
    assert Assessment.objects.get().title == "交给民政局"
