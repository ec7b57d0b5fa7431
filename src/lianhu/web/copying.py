"""The copy of what is held of a household: one file that any phone opens and any printer prints."""

from datetime import datetime

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.timezone import localdate

from lianhu.rights.queries.held import held
from lianhu.rights.queries.looked import who_looked
from lianhu.rights.queries.own import Resident


def copy_of(resident: Resident, *, at: datetime) -> HttpResponse:
    """The file, to be saved; it loads nothing and is kept by no cache."""
    page = {
        "resident": resident,
        "held": held(resident, today=localdate(at)),
        "looks": who_looked(resident.household),
        "at": at,
    }
    answer = HttpResponse(render_to_string("web/copy.html", page))
    answer["Content-Disposition"] = 'attachment; filename="my-household.html"'
    answer["Cache-Control"] = "no-store"
    return answer
