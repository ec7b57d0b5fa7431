"""By which criteria households are helped more: public, whoever asks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from lianhu.grading.queries.tables import published_tables, table_in_force
from lianhu.grading.rules.colours import clocks
from lianhu.grading.rules.table import fact_kinds
from lianhu.territory.queries import list_places


def criteria(request: HttpRequest) -> HttpResponse:
    """The table in force in words, what it may never read, and its former versions."""
    today = localdate()
    county = next((place.code for place in list_places("county")), "")
    page = {
        "table": table_in_force(county, today),
        "facts": fact_kinds().values(),
        "clocks": clocks(today),
        "former": published_tables(county),
    }
    return render(request, "board/criteria.html", page)
