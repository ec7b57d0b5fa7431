"""The data officer's page of backups: what was proven, and what to do when it was not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lianhu.audit.sealing import latest_head, seal_all
from lianhu.keeping.models import Run
from tests import cast


def _run(kind="verify", good=True, ago=timedelta(hours=3), **fields):
    return Run.objects.create(
        kind=kind, good=good, started_at=timezone.now() - ago, seconds=4.2,
        backup="/backups/2026-11-25T020000Z", **fields,
    )  # fmt: skip


def test_backups_are_for_the_data_officer_only(
    signed, secretary_east, officer_county, data_officer
):
    for actor in (secretary_east, officer_county):
        assert signed(actor).get("/desk/backups/").status_code == 403
        assert "/desk/backups/" not in signed(actor).get("/desk/").content.decode()
    assert signed(data_officer).get("/desk/backups/").status_code == 200
    assert "/desk/backups/" in signed(data_officer).get("/desk/").content.decode()


def test_backups_say_what_was_checked_and_show_the_head(signed, data_officer, secretary_east):
    cast.make_matter(secretary_east)
    seal_all(at=cast.NOON)
    _run(found={"rows": 1234567, "ledger": 7, "photos": 0})
    page = signed(data_officer).get("/desk/backups/").content.decode()
    assert "备份能恢复" in page
    assert "1,234,567 行数据，7 条台账" in page
    assert latest_head().hash[:4] + " " + latest_head().hash[4:8] in page


def test_backups_say_what_to_do_after_a_failed_rehearsal(signed, data_officer):
    _run()
    _run(good=False, ago=timedelta(), problems=["照片缺了或变了：ab"])
    page = signed(data_officer).get("/desk/backups/").content.decode()
    assert "没有通过" in page
    assert "照片缺了或变了：ab" in page
    assert "不要删除更早的备份" in page


def test_backups_warn_when_nobody_rehearsed(signed, data_officer):
    assert "还没有演练过" in signed(data_officer).get("/desk/backups/").content.decode()
    _run(ago=timedelta(days=3))
    assert "两天以上没有演练" in signed(data_officer).get("/desk/backups/").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_backups_cost_the_same_for_one_run_as_for_three(
    signed, data_officer, rows, django_assert_num_queries
):
    for _ in range(rows):
        _run()
        _run("backup")
    client = signed(data_officer)
    client.get("/desk/backups/")
    with django_assert_num_queries(7):
        client.get("/desk/backups/")
