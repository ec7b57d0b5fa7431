"""Whose phone has something that has not arrived: for help, seen by her secretary only."""

from datetime import timedelta

from django.utils import timezone

from lianhu.accounts.actions.devices import touch_device
from lianhu.accounts.models import Device
from lianhu.accounts.rules import Told
from tests import cast


def _told(warden, last=3, photos=0):
    device, _ = cast.make_device(warden)
    at = timezone.now() - timedelta(days=4)
    touch_device(device.id, device.seen_at, Told(), Told(last, photos), at=at)
    return device


def test_asking_says_who_what_and_how_to_help(signed, secretary_east, warden):
    device = _told(warden, photos=2)
    client = signed(secretary_east)
    assert "有 1 部手机上写好的还没送到" in client.get("/desk/letters/").content.decode()
    text = client.get("/desk/asking/").content.decode()
    for words in ("陈户长", "第 1到3 条，一共 3 条", "照片 2 张", "有信号的地方"):
        assert words in text
    answer = client.post(f"/desk/asking/{device.id}/")
    assert answer["Location"] == "/desk/asking/?done=asked"
    assert "没有要找的人" in client.get("/desk/asking/").content.decode()


def test_asking_refuses_the_next_village_and_everybody_else(
    signed, secretary_west, supervisor, officer_town, data_officer, warden
):
    device = _told(warden)
    client = signed(secretary_west)
    assert client.get("/desk/asking/").context["rows"] == []
    assert client.post(f"/desk/asking/{device.id}/").status_code == 404
    for actor in (supervisor, officer_town, data_officer):
        assert signed(actor).get("/desk/asking/").status_code == 403
        assert signed(actor).post(f"/desk/asking/{device.id}/").status_code == 404
    assert Device.objects.get().asked_at is None
