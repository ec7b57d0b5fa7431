"""By which criteria households are helped more: public, whoever asks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from lianhu.grading.queries.tables import published_tables, table_in_force
from lianhu.grading.rules.colours import BY_ORDER, clocks
from lianhu.grading.rules.table import fact_kinds
from lianhu.territory.queries import list_places
from lianhu.visits.queries import county_rules
from lianhu.visits.rules import cadence, every_words


def criteria(request: HttpRequest) -> HttpResponse:
    """The table in force in words, what it may never read, its former versions, and how often who
    is visited."""
    today = localdate()
    county = next((place.code for place in list_places("county")), "")
    often = cadence(county_rules(county), today) if county else None
    page = {
        "often": often,
        "visited": [(c, every_words(often.every[c.value])) for c in BY_ORDER] if often else [],
        "table": table_in_force(county, today),
        "facts": fact_kinds().values(),
        "clocks": clocks(today),
        "former": published_tables(county),
    }
    return render(request, "board/criteria.html", page)
