"""Counts what the runs' junit files say: `123 passed, 0 failed`."""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Xml


@dataclass(frozen=True)
class Total:
    """How many tests ended how; `skipped` ones neither passed nor failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Total") -> "Total":
        return Total(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def read(report: Path) -> Total:
    """The total of one junit file; nothing at all when it was not written."""
    if not report.is_file():
        return Total()
    total = Total()
    # Our own test programs wrote the file a moment ago: it is not untrusted XML.
    for case in Xml.parse(report).iter("testcase"):  # noqa: S314
        if case.find("failure") is not None or case.find("error") is not None:
            total += Total(failed=1)
        elif case.find("skipped") is not None:
            total += Total(skipped=1)
        else:
            total += Total(passed=1)
    return total


def of_part(report: Path | None, code: int) -> Total:
    """A part's total: what it reports, or one test when it writes no report.

    A bad exit never counts as good, nor does a report that is missing or empty.
    """
    if report is None:
        return Total(failed=1) if code else Total(passed=1)
    counted = read(report)
    if not counted.failed and (code or counted == Total()):
        return counted + Total(failed=1)
    return counted
