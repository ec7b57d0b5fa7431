"""Days in words, as board and desk say them."""

from datetime import date

from lianhu.web.templatetags.words import due


def test_a_last_day_in_a_year_without_published_holidays_says_that_it_may_move():
    assert due(date(2026, 12, 31)).endswith("12月31日")
    assert due(date(2099, 1, 5)) == "2099年1月5日（2099 年放假安排还没有公布，暂按周一到周五推算）"
    assert due(None) == ""
