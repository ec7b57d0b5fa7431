"""`python -m tests.never`: write what was added, and what failed, into docs/reference/never.md."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.house.files import ROOT  # noqa: E402 - the settings come first
from tests.never.page import PAGE, written  # noqa: E402

file = ROOT / PAGE
file.write_text(written(file.read_text(encoding="utf-8")), encoding="utf-8")
