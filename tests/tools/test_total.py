"""The last line of `make test` never says more than the reports do."""

import pytest

from tools.total import Total, of_part, read

REPORT = """<?xml version="1.0"?><testsuites><testsuite tests="4">
<testcase name="a"/><testcase name="b"><failure>no</failure></testcase>
<testcase name="c"><error>broke</error></testcase><testcase name="d"><skipped/></testcase>
</testsuite></testsuites>"""


def test_read_counts_failures_errors_and_skips(tmp_path):
    report = tmp_path / "some.xml"
    report.write_text(REPORT)
    assert read(report) == Total(passed=1, failed=2, skipped=1)


def test_total_is_one_plain_line():
    assert str(Total(passed=123)) == "123 passed, 0 failed"
    assert str(Total(1, 2, 3) + Total(1, 0, 0)) == "2 passed, 2 failed, 3 skipped"


@pytest.mark.parametrize(("code", "total"), [(0, Total(passed=1)), (2, Total(failed=1))])
def test_of_part_without_a_report_counts_as_one(code, total):
    assert of_part(None, code) == total


def test_of_part_fails_when_the_report_is_missing(tmp_path):
    assert of_part(tmp_path / "never.xml", 0) == Total(failed=1)


def test_of_part_fails_on_a_bad_exit_although_every_test_passed(tmp_path):
    report = tmp_path / "some.xml"
    report.write_text("<testsuite><testcase name='a'/></testsuite>")
    assert of_part(report, 3) == Total(passed=1, failed=1)
