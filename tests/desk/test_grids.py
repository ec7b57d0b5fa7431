"""A village is divided at the desk: seen, changed by hand, applied, refused when stale."""

from lianhu.people.models import Household
from lianhu.territory.models import Place
from tests import cast

PATH = f"/desk/places/{cast.EAST_GROUP}/grids/"


def _street():
    return [
        cast.make_household(cast.EAST_GRID, f"户{n}", [{"name": "甲"}] * 3) for n in range(50)
    ]


def test_the_town_applies_what_it_sees(signed, officer_town):
    _street()
    client = signed(officer_town)
    page = client.get(PATH)
    assert "应用这个方案" in page.content.decode()
    stamp = page.context["proposal"].stamp
    done = client.post(f"{PATH}apply/", {"stamp": stamp})
    assert done["Location"] == f"/desk/places/{cast.EAST_GROUP}/?done=grids"
    again = client.post(f"{PATH}apply/", {"stamp": stamp})
    assert again.status_code == 422
    assert "没有应用" in again.content.decode()


def test_households_are_moved_by_hand_and_grids_locked(signed, secretary_east):
    home = _street()[0]
    client = signed(secretary_east)
    page = client.get(PATH, {"pick": str(home.id), "to": cast.EAST_GRID_2})
    proposal = page.context["proposal"]
    assert next(h for h in proposal.homes if h.id == home.id).after == cast.EAST_GRID_2
    assert "由镇里应用" in page.content.decode()
    page = client.get(PATH, {"lock": cast.EAST_GRID})
    assert page.context["proposal"].changed == 0
    bad = client.get(PATH, {"pick": str(home.id), "to": cast.EAST_FAR_GRID})
    assert bad.status_code == 422
    assert client.post(f"{PATH}apply/", {"stamp": proposal.stamp}).status_code == 404
    assert Place.objects.get(code=cast.EAST_GRID).ended_on is None


def test_the_next_village_finds_no_page(signed, secretary_west):
    assert signed(secretary_west).get(PATH).status_code == 404


def test_the_page_tells_who_has_no_group_or_no_point(signed, officer_town, places):
    lost, pointless = cast.make_household(cast.EAST_GRID), cast.make_household(cast.EAST_GRID)
    Household.objects.filter(id=lost.id).update(place_id=cast.EAST)
    Household.objects.filter(id=pointless.id).update(lon=None, lat=None)
    page = signed(officer_town).get(f"/desk/places/{cast.EAST}/grids/").content.decode()
    assert "有 1 户没有登记在任何小组" in page
    assert "有 1 户没有位置" in page


def test_the_pictures_show_now_and_then_and_lead_to_the_household(signed, secretary_east):
    homes = _street()
    for number, home in enumerate(homes):
        Household.objects.filter(id=home.id).update(lon=108.5 + number / 10_000, lat=32.9)
    moved = homes[0]
    client = signed(secretary_east)
    page = client.get(PATH, {"lock": cast.EAST_GRID})  # nothing changes: one picture
    [group] = [g for g in page.context["groups"] if g["pictures"]]
    assert [name for name, _ in group["pictures"]] == ["方案"]
    page = client.get(PATH, {"pick": str(moved.id), "to": cast.EAST_GRID_2})
    [group] = [g for g in page.context["groups"] if g["pictures"]]
    (first, now), (second, then) = group["pictures"]
    assert (first, second) == ("现在", "方案")
    numbers = [{d.code: d.name for d in picture.dots} for picture in (now, then)]
    assert [of[str(moved.id)] for of in numbers] == [
        str(int(grid[-3:])) for grid in (cast.EAST_GRID, cast.EAST_GRID_2)
    ]
    said = {d.code: d.words for d in then.dots}
    assert said[str(moved.id)] == "换网格"
    assert list(said.values()).count("走到这一户") >= 1
    text = page.content.decode()
    assert f'href="#h-{moved.id}"' in text
    assert text.count('class="moved"') == list(said.values()).count("换网格")
    assert f'id="h-{moved.id}"' in text
    assert moved.code in text
