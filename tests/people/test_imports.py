"""A register goes in as a whole, once, and comes out as a whole."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lianhu.audit.models import Entry, Version
from lianhu.cli import main
from lianhu.grading.actions.decide import propose_grade
from lianhu.grading.actions.facts import record_fact
from lianhu.kernel.catalogue import ROOT
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.actions.homes import end_household
from lianhu.people.actions.imports import import_register, preview_import
from lianhu.people.actions.register import change_residence
from lianhu.people.actions.undo import undo_import
from lianhu.people.models import Household, Person, RegisterImport
from lianhu.people.queries import find_by_id_number
from lianhu.people.register.read import read_register
from lianhu.territory.actions import load_places, make_place
from lianhu.territory.models import Place
from tests import cast
from tests.cast import NOON, TODAY

WORKBOOKS = Path(__file__).parent / "register" / "workbooks"
FLAT, MIXED, OLD = (
    WORKBOOKS / name for name in ("r01_flat.xlsx", "r06_mixed.xlsx", "r04_old.xls")
)
VILLAGE = "610921103200"


@pytest.fixture
def county(places):
    """Every village of the county, one group with one grid and one with two."""
    with (ROOT / "territory/610921/divisions.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["code"] not in cast.PLACES]
    named = [(r["code"], r["name"]) for r in rows]
    named += [(f"{VILLAGE}01", "一组"), (f"{VILLAGE}02", "二组")]
    named += [(f"{VILLAGE}{end}", end) for end in ("01001", "02001", "02002")]
    load_places(make_place(code, name) for code, name in named)


def load(actor, path=FLAT, place=cast.COUNTY, *, at=NOON):
    preview = preview_import(actor, read_register(path, today=TODAY), place)
    return preview, import_register(actor, preview, "0" * 64, at=at)


def test_everything_that_was_taken_is_there(county, data_officer):
    _, entry = load(data_officer)
    assert (entry.households, entry.persons) == (34, 132)
    assert Household.objects.count() == 34
    (person,) = find_by_id_number(data_officer, "999321196302274983")
    assert (person.name, person.relation, person.phone) == ("廖霞莲", "10", "10003849967")
    assert person.more_phones == ["10059145169", "10021492044"]
    assert (person.household.head_name, person.household.head_initials) == ("邱世林", "qsl")


def test_one_grid_takes_its_group_and_several_leave_the_choice(county, data_officer):
    load(data_officer)
    placed = set(Household.objects.values_list("place_id", flat=True))
    assert f"{VILLAGE}01001" in placed
    assert f"{VILLAGE}02" in placed
    assert not placed & {f"{VILLAGE}02001", f"{VILLAGE}02002", f"{VILLAGE}01"}
    # 河对岸组 has no number: the household stays with the village; 大槐树 is no village here.
    assert VILLAGE in placed
    assert cast.COUNTY in placed


def test_a_group_that_the_register_names_first_is_made(county, data_officer):
    preview, entry = load(data_officer)
    assert f"{VILLAGE}03" in preview.placing.new_groups
    assert Place.objects.get(code=f"{VILLAGE}03").name == "三组"
    undo_import(data_officer, entry.id, at=NOON)
    assert not Place.objects.filter(code=f"{VILLAGE}03").exists()


@pytest.mark.parametrize("path", [FLAT, MIXED, OLD], ids=lambda path: path.stem)
def test_repeating_changes_nothing_and_says_so(county, data_officer, path):
    first, entry = load(data_officer, path)
    assert entry is not None
    entries, persons = Entry.objects.count(), Person.objects.count()
    again, nothing = load(data_officer, path)
    assert nothing is None
    assert again.said["already"] == {
        "households": first.register.households,
        "persons": len(first.register.rows),
    }
    assert again.said["new"]["households"] == 0
    assert again.said["elsewhere"] == []
    assert (Entry.objects.count(), Person.objects.count()) == (entries, persons)


def test_one_ledger_entry_and_only_touched_grids_are_raised(county, data_officer):
    before = dict(Version.objects.values_list("key", "number"))
    load(data_officer)
    (entry,) = Entry.objects.filter(verb="household.load")
    assert entry.place_id == cast.COUNTY
    after = dict(Version.objects.values_list("key", "number"))
    raised = {key for key in after if after[key] != before.get(key)}
    assert raised == {f"{VILLAGE}01001"}


def test_an_import_is_undone_as_a_whole(county, data_officer, household):
    groups = Place.objects.count()
    _, entry = load(data_officer, MIXED)
    undo_import(data_officer, entry.id, at=NOON)
    assert list(Household.objects.all()) == [household]
    assert Person.objects.count() == 3
    assert Place.objects.count() == groups
    assert Entry.objects.filter(verb="household.unload").count() == 1
    with pytest.raises(Refusal, match=r"register\.undone"):
        undo_import(data_officer, entry.id, at=NOON)
    assert load(data_officer, MIXED)[1].persons == entry.persons


def test_a_change_since_forbids_the_undo(county, data_officer):
    _, entry = load(data_officer)
    person = Person.objects.filter(residence="home").first()
    change_residence(data_officer, person.id, "away", "西安", at=NOON)
    with pytest.raises(Refusal, match=r"register\.changed"):
        undo_import(data_officer, entry.id, at=NOON)
    assert Person.objects.count() == 132


def test_a_further_member_joins_the_household_that_is_there(county, data_officer):
    load(data_officer)
    gone = Person.objects.get(name="邱宝永")
    home = gone.household
    gone.delete()
    Household.objects.filter(id=home.id).update(size=6)
    preview, entry = load(data_officer)
    assert (entry.households, entry.persons) == (0, 1)
    assert preview.said["already"]["persons"] == 131
    home.refresh_from_db()
    assert home.size == 7
    undo_import(data_officer, entry.id, at=NOON)
    home.refresh_from_db()
    assert home.size == 6


def test_who_is_registered_in_another_household_is_left_there_and_told(county, data_officer):
    load(data_officer)
    person = Person.objects.get(name="廖霞莲")
    other = Household.objects.exclude(id=person.household_id).first()
    Person.objects.filter(id=person.id).update(household=other)
    preview, entry = load(data_officer)
    assert entry is None
    assert preview.said["elsewhere"] == [["人口台账", 5]]


def test_an_import_brings_nobody_back(county, data_officer):
    first, _ = load(data_officer)
    home = Household.objects.get(head_name="邱世林")
    end_household(data_officer, home.id, on=TODAY, words="迁到西安", at=NOON)
    again, nothing = load(data_officer)
    assert nothing is None
    gone = Person.objects.filter(household=home, ended_on=TODAY)
    assert again.said["already"]["persons"] == len(first.register.rows) - gone.count()
    assert len(again.said["elsewhere"]) == gone.count()
    assert again.said["new"]["persons"] == 0


def test_of_two_registrations_the_living_one_counts(county, data_officer):
    load(data_officer)
    person = Person.objects.get(name="廖霞莲")
    other = Household.objects.exclude(id=person.household_id).first()
    number = person.id_number
    for ended in (TODAY, None):
        Person.objects.filter(id=person.id).update(ended_on=TODAY if ended is None else None)
        copy = Person(
            household=other, name="廖霞莲", relation="", sex="2", place=other.place,
            ended_on=ended,
        )  # fmt: skip
        copy.set_id_number(number)
        copy.save()
        preview, _ = load(data_officer)
        assert preview.said["elsewhere"] == ([] if ended else [["人口台账", 5]])
        copy.delete()


def test_rows_of_another_place_are_refused_whole(county, data_officer):
    with pytest.raises(Refusal, match=r"register\.elsewhere"):
        load(data_officer, FLAT, "610921103200")
    assert Household.objects.count() == 0


def test_only_who_may_load_loads(county, officer_town, secretary_east):
    for actor in (officer_town, secretary_east):
        with pytest.raises(NotPermitted, match=r"account\.not_permitted"):
            load(actor, FLAT, cast.EAST_TOWN)


def test_a_file_that_cannot_be_read_is_refused(county, data_officer):
    with pytest.raises(Refusal, match=r"register\.unreadable"):
        load(data_officer, WORKBOOKS / "r08_cut.xlsx")


def test_another_place_may_not_undo(county, data_officer, secretary_west):
    _, entry = load(data_officer)
    with pytest.raises(NotPermitted, match=r"register\.not_found"):
        undo_import(secretary_west, entry.id, at=NOON)
    assert RegisterImport.objects.get().undone_at is None


def command(*words):
    done = CliRunner().invoke(main, ["register", *map(str, words)])
    return done.exit_code, done.output


def test_the_command_gives_the_truth_and_then_imports(county, tmp_path):
    words = ("import", MIXED, "--place", cast.COUNTY, "--json")
    code, said = command(*words, "--dry-run", "--findings", tmp_path / "found.xlsx")
    answer = json.loads(said)
    truth = json.loads(MIXED.with_name(f"{MIXED.name}.truth.json").read_text("utf-8"))
    assert code == 0
    assert answer["rows"] == truth["accepted"]
    assert answer["problems"] == truth["problems"]
    assert (answer["households"], answer["persons"]) == (105, 357)
    assert Household.objects.count() == 0
    assert (tmp_path / "found.xlsx").stat().st_size > 10_000
    code, said = command(*words)
    number = json.loads(said)["import"]
    assert (code, Person.objects.count()) == (0, 357)
    again = json.loads(command(*words)[1])
    assert (again["import"], again["already"]) == (None, {"households": 105, "persons": 357})
    assert command("undo", number)[0] == 0
    assert Person.objects.count() == 0


def test_the_command_says_why_a_file_cannot_be_read(county):
    path = WORKBOOKS / "r08_cut.xlsx"
    code, said = command("import", path, "--place", cast.COUNTY, "--json")
    assert (code, json.loads(said)["problems"][0]["kind"]) == (1, "broken_file")
    assert command("import", path, "--place", cast.COUNTY, "--dry-run")[0] == 0


def test_a_dry_run_says_what_would_be_refused(county):
    code, said = command("import", FLAT, "--place", VILLAGE, "--json", "--dry-run")
    answer = json.loads(said)
    assert (code, answer["refusal"]["code"]) == (0, "register.elsewhere")
    assert len(answer["rows"]) == 132
    code, said = command("import", FLAT, "--place", VILLAGE, "--json")
    assert (code, json.loads(said)["code"]) == (1, "register.elsewhere")


@pytest.mark.parametrize("place", ["110101", "x", "6109"])
def test_the_command_knows_only_places_of_the_catalogue(county, place):
    code, said = command("import", FLAT, "--place", place, "--json")
    assert (code, json.loads(said)["code"]) == (1, "place.not_found")


def test_what_was_decided_or_recorded_of_a_household_keeps_its_import(county, data_officer):
    _, entry = load(data_officer)
    home = Household.objects.filter(place_id=f"{VILLAGE}01001").first()
    village = cast.make_actor("李支书", ("secretary", VILLAGE))
    source = {"since": TODAY, "source": "低保证 3 号", "at": NOON}
    found = record_fact(village, home.id, "minimum_living", **source)
    with pytest.raises(Refusal) as refused:
        undo_import(data_officer, entry.id, at=NOON)
    assert refused.value.code == "register.changed"
    found.delete()
    propose_grade(village, home.id, "yellow", "独居", at=NOON)
    with pytest.raises(Refusal) as refused:
        undo_import(data_officer, entry.id, at=NOON)
    assert refused.value.code == "register.changed"
    assert Household.objects.count() == 34
