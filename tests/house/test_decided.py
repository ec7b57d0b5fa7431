"""Where a forbidden thing would have to show itself there is a closed list: one more is a decision.

Names can be chosen to pass a list of words. A record from the phone, a figure of the overview, a
column that counts, a place where somebody stood, a page with a colour on it cannot hide: whoever
adds one has to write it here, beside norms.md.
"""

import ast
import json
import re
from functools import cache

from django.apps import apps
from django.db import models

from lianhu.desk.drill import FIGURES
from lianhu.kernel.catalogue import read
from tests.house.files import imports_of, ours, text_of
from tests.house.test_absent import FORBIDDEN

SRC = "src/lianhu/"
GRADING = f"{SRC}grading/"
# What a phone can send.
LETTERS = {
    "matter.add/1",
    "matter.rate/1",
    "matter.report/1",
    "person.propose/1",
    "visit.record/1",
}
# What the overview can count of a place; never what its people do with the app.
OVERVIEW = {"open", "late", "households", "people", "gaps"}
# Numbers about people's phones, accounts and letters, each there so that nothing is lost.
NUMBERS = {
    "accounts.Authenticator.last_step",
    "accounts.Device.asked_seq",
    "accounts.Device.first_seq",
    "accounts.Device.newest_seq",
    "accounts.Device.photos_waiting",
    "accounts.Passkey.uses",  # the key's own counter: one that goes back was copied
    "letters.Letter.device_seq",
}
# What has a point on the map. None of it says where a line person was.
POINTS = {"matters.Matter", "people.Household", "territory.Place"}
# The one button that asks the phone where it is, for a matter that lies there.
ASKS_WHERE = {"web/phone/src/parts/PlaceTap.vue"}
# Pages on which a colour may stand: of one household, of who cares for it, of the rules.
COLOURED_PAGES = {
    "board/templates/board/criteria.html",
    "board/templates/board/mine/appeal.html",
    "board/templates/board/mine/held.html",
    "board/templates/board/mine/home.html",
    "desk/templates/desk/grades/appeal.html",
    "desk/templates/desk/grades/household.html",
    "desk/templates/desk/grades/queue.html",
    "desk/templates/desk/rules/list.html",
    "desk/templates/desk/rules/one.html",
    "desk/templates/desk/rules/what_if.html",
    "desk/templates/desk/visits_due.html",
    "desk/templates/desk/visits_often.html",
    "web/templates/web/copy.html",
}
# What of `visits` tells colours, and who asks for it.
TELLS_COLOURS = {"list_overdue", "plan_grid", "Overdue", "Due", "Plan"}
ASKS_COLOURS = {f"{SRC}desk/visits_due.py", f"{SRC}phone/parcels.py", f"{SRC}visits/queries.py"}
# Who touches care episodes outside their own rooms: their page, sealing them anew, the demo;
# and whose rows the database shows to whom.
CARE = re.compile(r"CareEpisode|own_care|get_care|care_words|grading\.(queries|actions)\.care")
TOUCHES_CARE = {
    f"{SRC}desk/care.py",
    f"{SRC}demo/grading.py",
    f"{SRC}keeping/columns.py",
    f"{SRC}keeping/scoped.py",
}
# Who decides or begins to decide about a colour.
DECIDES = re.compile(r"\b(propose_grade|confirm_grade|decide_appeal|end_grade|put_in_force)\b")
DECIDERS = {f"{SRC}desk/grades.py"}


def test_a_phone_sends_these_letters_and_no_other():
    found = {
        json.loads(text)["title"]
        for name, text in ours(".schema.json")
        if name.startswith("contracts/letters/")
    }
    assert found == LETTERS


def test_the_overview_counts_these_things_and_no_other():
    assert set(FIGURES) == OVERVIEW


def test_nothing_counts_how_the_app_is_used():
    counting = (
        models.IntegerField,
        models.FloatField,
        models.DecimalField,
        models.DurationField,
    )
    found = {
        f"{model._meta.label}.{field.name}"
        for wing in ("accounts", "letters")
        for model in apps.get_app_config(wing).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, counting) and not field.primary_key
    }
    assert found == NUMBERS


def test_no_table_says_where_somebody_was():
    found = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("lianhu.")
        and {f.name for f in model._meta.concrete_fields}
        & {"lon", "lat", "longitude", "latitude", "position", "location", "coordinates"}
    }
    assert found == POINTS


def test_the_phone_asks_where_it_is_by_one_button_only():
    found = {
        name
        for name, text in ours(".ts", ".vue", ".js", ".html")
        if name.startswith(("web/", SRC)) and "geolocation" in text.replace("Geolocation", "")
    }
    assert found - {name for name in found if ".test." in name} == ASKS_WHERE


def people_columns() -> frozenset[str]:
    """Names of columns that say which of the staff did something."""
    names = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields if model.__module__[:6] == "lianhu" else ():
            if field.related_model is not None and field.related_model.__name__ == "User":
                names |= {field.name, field.attname}
            elif re.search(r"_by(_name)?$|^actor_(id|name)$", field.name):
                names.add(field.name)
    return frozenset(names) | {
        f"{name}_name" for name in names if not name.endswith(("_id", "_name"))
    }


AGGREGATES = {"Count", "Sum", "Avg", "Max", "Min"}


def _called(node: ast.AST) -> str:
    return getattr(node, "attr", getattr(node, "id", "")) if isinstance(node, ast.AST) else ""


@cache
def counts_people(text: str, people: frozenset[str]) -> list[int]:
    """Lines in which rows are counted, summed or numbered for each of the staff."""

    def names(nodes: list[ast.expr]) -> set[str]:
        said = {
            n.value if isinstance(n, ast.Constant) else _called(n)
            for node in nodes
            for n in ast.walk(node)
            if isinstance(n, ast.Constant | ast.Attribute)
        }
        return {str(s).removeprefix("-").split("__")[0] for s in said} & people

    found = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        links = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
        grouped = any(
            _called(n.func) in {"values", "values_list"} and names(n.args) for n in links
        )
        counted = any(
            _called(n.func) in {"annotate", "aggregate", "alias"}
            and any(
                _called(a.func) in AGGREGATES
                for k in (*n.args, *(k.value for k in n.keywords))
                for a in ast.walk(k)
                if isinstance(a, ast.Call)
            )
            for n in links
        )
        numbered = any(k.arg == "partition_by" and names([k.value]) for k in node.keywords)
        tallied = _called(node.func) == "Counter" and names(node.args)
        if (grouped and counted) or numbered or tallied:
            found.append(node.lineno)
    return found


def test_nothing_is_counted_for_each_of_the_staff():
    people = people_columns()
    assert {"visitor", "visitor_id", "handler_id", "actor_name", "user"} <= people
    found = {
        f"{name}:{line}"
        for name, text in ours(".py")
        if name.startswith(SRC)
        for line in counts_people(text, people)
    }
    assert found == set()


def test_a_colour_stands_on_these_pages_only():
    found = {
        name.removeprefix(SRC)
        for name, text in ours(".html")
        if re.search(r"\{% load [^%]*\bgrading\b|grade_mark|放心户|关心户|连心户", text)
    }
    assert found == COLOURED_PAGES


# Headings that no file may have: colours, care, who went where how often, what is never asked.
NO_HEADING = re.compile(
    r"颜色|放心|关心|连心|怎样帮|关怀|谁去|走访人|走访员|排名|名次|次数|几次|率|得分|民族|宗教|信访"
)


def headings() -> dict[str, list[str]]:
    """The columns of every file that the desk gives out, by the name of their constant."""
    found = {}
    for name, text in ours(".py"):
        for node in ast.walk(ast.parse(text)) if name.startswith(f"{SRC}desk/") else ():
            if isinstance(node, ast.AnnAssign) and _called(node.annotation) == "Heads":
                constants = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
                found[_called(node.target)] = [c for c in constants if isinstance(c, str)]
    return found


def test_no_file_has_a_column_of_colours_or_of_who_went():
    found = headings()
    assert {"HOUSEHOLDS", "VISITS", "MATTERS", "LEDGER", "GROUPS"} <= set(found)
    assert [(n, h) for n, heads in found.items() for h in heads if NO_HEADING.search(h)] == []
    kept = [part for part in read("register/headings.toml").values() if isinstance(part, dict)]
    read_in = {field for part in kept for field in part} - {"words"}
    assert {"town", "name", "id_number"} <= read_in
    assert [field for field in read_in if FORBIDDEN.search(field)] == []


def test_who_is_due_a_visit_is_asked_by_these_only():
    found = {
        name
        for name, text in ours(".py")
        if name.startswith(SRC) and _imported(text, "lianhu.visits.queries") & TELLS_COLOURS
    }
    assert found | {f"{SRC}visits/queries.py"} == ASKS_COLOURS


def _imported(text: str, module: str) -> set[str]:
    """The names that a module imports from another; all of it counts as everything."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module == module:
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Import) and any(a.name == module for a in node.names):
            found |= TELLS_COLOURS
    return found


def test_care_is_touched_by_these_only():
    found = {
        name
        for name, text in ours(".py")
        if name.startswith(SRC) and not name.startswith(GRADING) and CARE.search(text)
    }
    assert found == TOUCHES_CARE


def test_a_colour_is_decided_where_a_person_does_it_only():
    found = {
        name
        for name, text in ours(".py")
        if name.startswith(SRC) and not name.startswith(GRADING) and DECIDES.search(text)
    }
    assert found == DECIDERS


WANTS = re.compile(r"no_|missing|without|want|need|require|empty")
GIVEN = re.compile(r"photo|picture|image|video|sound|audio|spot|point|position|location|where")


def test_nothing_is_refused_for_want_of_a_photo_or_a_place():
    words = read("refusals.toml")["words"]
    forced = [code for code in words if WANTS.search(code) and GIVEN.search(code)]
    forced += [
        code
        for code, said in words.items()
        if re.search(r"(请|必须|还没有?|没有)(先)?(拍照?|传照片|照片|录像|视频|定位)", said)
    ]
    assert forced == []


def test_no_button_waits_for_a_photo_or_a_place():
    found = [
        f"{name}: {said}"
        for name, text in ours(".vue", ".html")
        for said in re.findall(r":?(?:aria-)?disabled=\"([^\"]*)\"", text)
        if re.search(r"!\s*[\w.]*(photos|point|media)|(photos|media)\.length\s*[<=]", said)
    ]
    assert found == []


# The clocks of the law on petitions, and the office that receives them.
PETITIONS = {
    "catalogue/clocks.toml: petition_sort_days",
    "catalogue/clocks.toml: petition_days",
    "catalogue/clocks.toml: petition_extended_days",
    "catalogue/offices.toml: petition",
}


def test_no_key_of_the_catalogue_is_named_for_a_forbidden_thing():
    found = [
        f"{name}: {key}"
        for name, text in ours(".toml")
        if name.startswith("catalogue/") and name != "catalogue/grading/forbidden.toml"
        for key in re.findall(r"(?:^|[{,\s])([A-Za-z_]+)\s*=", text, re.MULTILINE)
        if FORBIDDEN.search(key)
    ]
    assert set(found) == PETITIONS


def test_the_phone_and_the_pages_ask_no_other_machine():
    outside = re.compile(
        r"(?:fetch|open|import|src|href|action|EventSource|WebSocket)\W+(?:https?:|wss?:)?//(?!\s)"
    )
    found = [
        f"{name}:{number}"
        for name, text in ours(".ts", ".vue", ".js", ".html")
        if name.startswith(("web/", SRC)) and ".test." not in name
        for number, line in enumerate(text.splitlines(), 1)
        if outside.search(line)
    ]
    assert found == []


def test_no_lower_wing_knows_colours():
    """The contract in pyproject.toml, asked of the imports themselves."""
    below = (
        "accounts",
        "audit",
        "people",
        "matters",
        "letters",
        "keeping",
        "postings",
        "grids",
    )
    found = [
        name
        for name, text in ours(".py")
        if name.startswith(tuple(f"{SRC}{wing}/" for wing in below))
        and any(m.startswith("lianhu.grading") for m in imports_of(text))
        and name not in TOUCHES_CARE
    ]
    assert found == []
    assert "lianhu.grading" in text_of("pyproject.toml")
