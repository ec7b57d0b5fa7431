"""The cast: the same people in every test (after healthchecks' alice, bob, charlie).

Places and functions that make rows are in `tests/cast.py`. Every fixture is an `Actor`, as doors
build it: change a grant, then read `cast.actor_again(actor.id)`.
"""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from lianhu.kernel.actor import Actor
from lianhu.kernel.scope import Whole, stand_on_whole
from lianhu.people.models import Household
from lianhu.phone import parcels
from tests import cast
from tests.postgres import serve_as_app, serve_as_owner

# A busy machine is slow; only `lianhu bench` measures time.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


DAY = date(2026, 11, 24)
# Other processes have the machine's own clock, and the crawl reckons from it.
REAL = ("api", "browser", "crawl", "faults", "keeping")


# Whoever calls an action or a query by hand sees the whole county; a request begins with nothing.
stand_on_whole(Whole.COMMAND)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What a test recorded of itself (calls, inputs, leaks) is told, not only that it passed."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in report.user_properties:
                terminalreporter.write_line(f"{report.nodeid}: {name}: {value}")


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """In the guarded part everything runs as the role that serves, under row-level security."""
    if not settings.LIANHU_GUARDED:
        yield
        return
    with django_db_blocker.unblock():
        serve_as_app()
        yield
        serve_as_owner()


@pytest.fixture(autouse=True)
def on_one_day(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test lives on the same day of the cast's week, at the hour it is: what is due in some
    days must not be late because the test is run next month."""
    if request.path.relative_to(Path(__file__).parent).parts[0] in REAL:
        return
    apart, now = DAY - timezone.localdate(), timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + apart)


@pytest.fixture
def places(db: None) -> dict[str, str]:
    """Every place of the cast by code."""
    parcels.forget()
    cast.make_places()
    return cast.PLACES


@pytest.fixture
def secretary_east(places: dict[str, str]) -> Actor:
    return cast.make_actor("李东", ("secretary", cast.EAST, cast.COMMITTEE))


@pytest.fixture
def secretary_west(places: dict[str, str]) -> Actor:
    """Whatever he can see or do in East is a defect."""
    return cast.make_actor("王西", ("secretary", cast.WEST, f"{cast.WEST}:committee"))


@pytest.fixture
def secretary_neighbour(places: dict[str, str]) -> Actor:
    """Of the next village in East's own town."""
    return cast.make_actor("何邻", ("secretary", cast.NEIGHBOUR, f"{cast.NEIGHBOUR}:committee"))


@pytest.fixture
def officer_town(places: dict[str, str]) -> Actor:
    return cast.make_actor("赵镇", ("town", cast.EAST_TOWN, f"{cast.EAST_TOWN}:hub"))


@pytest.fixture
def leader_county(places: dict[str, str]) -> Actor:
    """Sees everything ordinary in the county and changes nothing but to urge."""
    return cast.make_actor("周县", ("leader", cast.COUNTY))


@pytest.fixture
def officer_county(places: dict[str, str]) -> Actor:
    """Of the discipline office, to which reports about officials go."""
    return cast.make_actor("吴纪", ("county", cast.COUNTY, cast.DISCIPLINE))


@pytest.fixture
def warden(places: dict[str, str]) -> Actor:
    """Leader of EAST_GRID."""
    return cast.make_posted("陈户长", "warden", cast.EAST_GRID, leader=True)


@pytest.fixture
def warden_west(places: dict[str, str]) -> Actor:
    return cast.make_posted("马西", "warden", cast.WEST_GRID, leader=True)


@pytest.fixture
def member(places: dict[str, str]) -> Actor:
    return cast.make_posted("杨党员", "member", cast.EAST_GRID, cast.EAST_GRID_2)


@pytest.fixture
def deputy(places: dict[str, str]) -> Actor:
    return cast.make_actor("孙代表", ("deputy", cast.EAST))


@pytest.fixture
def supervisor(places: dict[str, str]) -> Actor:
    return cast.make_actor("钱监督", ("supervisor", cast.EAST, f"{cast.EAST}:supervision"))


@pytest.fixture
def representative(places: dict[str, str]) -> Actor:
    return cast.make_actor("郑村代", ("representative", cast.EAST))


@pytest.fixture
def handler(places: dict[str, str]) -> Actor:
    """Handles for the town's housing office and sees only what it holds."""
    return cast.make_actor("冯经办", ("office", cast.EAST_TOWN, cast.HOUSING))


@pytest.fixture
def data_officer(places: dict[str, str]) -> Actor:
    return cast.make_actor("褚数据", ("data", cast.COUNTY))


@pytest.fixture
def resident(places: dict[str, str]) -> Actor:
    return cast.make_actor("刘武林", ("resident", cast.EAST_GRID))


@pytest.fixture
def household(places: dict[str, str]) -> Household:
    """Of EAST_GRID, with a wife at home and a son away; the one that `contracts/` names."""
    return cast.make_household(
        members=[
            {"name": "张桂花", "relation": "10", "sex": "2"},
            {"name": "刘小军", "relation": "20", "residence": "away", "away_to": "西安"},
        ],
        household_id=cast.EXAMPLE_HOUSEHOLD,
    )


@pytest.fixture
def household_west(places: dict[str, str]) -> Household:
    return cast.make_household(cast.WEST_GRID, "马有田")


@pytest.fixture
def media_folder() -> Path:
    """An empty folder of photos."""
    folder = Path(settings.LIANHU_MEDIA)
    shutil.rmtree(folder, ignore_errors=True)
    return folder
