"""What a household may ask for, the terms for it, and numbers as they are typed. Pure."""

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import Any

from lianhu.kernel.catalogue import in_force, read

MOBILE = re.compile(r"1\d{10}")
CODE_DIGITS = 6


class Kind(StrEnum):
    """What is asked. Source: 个人信息保护法 44-50; the last one is norms.md's own appeal."""

    SEE = "see"
    COPY = "copy"
    CORRECT = "correct"
    DELETE = "delete"
    RESTRICT = "restrict"
    EXPLAIN = "explain"
    APPEAL = "appeal"


class Outcome(StrEnum):
    """What was decided."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


def terms(on: date) -> dict[str, Any]:
    """The numbers, times and limits in force on a day (catalogue/rights.toml)."""
    return in_force(read("rights.toml")["versions"], on)


def emergency_terms(on: date) -> dict[str, Any]:
    """How long and how often a household is opened in an emergency (catalogue/emergencies.toml)."""
    return in_force(read("emergencies.toml")["versions"], on)


def plain_mobile(text: str) -> str:
    """The eleven digits of a mobile number as typed, full-width signs and spaces allowed; "" for
    anything else."""
    digits = re.sub(r"[\s\-()（）－—]", "", unicodedata.normalize("NFKC", text))
    digits = digits.removeprefix("+86")
    return digits if digits.isascii() and MOBILE.fullmatch(digits) else ""


def plain_code(text: str) -> str:
    """The digits of a code as typed; "" for anything else."""
    digits = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    right = len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit()
    return digits if right else ""
