"""norms.md, "People come first": each forbidden thing fails a test when somebody adds it."""

import ast
import re
import tomllib

from django.apps import apps
from django.urls import get_resolver

from lianhu.grading.rules.table import fact_kinds, is_forbidden
from tests.house.files import ROOT, imports_of, ours, text_of
from tests.house.test_absent import _routes

GRADING = re.compile(r"lianhu\.grading(\.|$)")
# Who may know colours at all: its own pages, the phone of who cares, visits (visits_often names
# them and reads no household's), the first page (how many wait for whoever opens it, below), and
# building.
MAY = re.compile(
    r"^(src/lianhu/(grading|demo|visits|rights)/|src/lianhu/phone/(parcels|shapes)\.py|"
    r"src/lianhu/desk/(grades|rule_tables|care|visits_due|visits_often|home)\.py|src/lianhu/board/(criteria|own|asking)\.py|"
    r"src/lianhu/web/templatetags/grading\.py|src/lianhu/cli/grades\.py|src/lianhu/daily\.py|tests/|bench/)"
)


# The desk's changes of the register: by actions that read a colour and tell none.
REGISTER = re.compile(r"^src/lianhu/desk/(changes|duplicates|proposals)\.py")
CARRIES = re.compile(r"lianhu\.grading\.actions(\.homes.*)?$")
# What might let help end unseen; in the register it knows nothing of help.
UNSEEN = {
    "split_household", "merge_households", "end_household", "end_member", "accept_proposal",
    "merge_persons", "unmerge_persons", "add_member",
}  # fmt: skip


def _outside(name: str, text: str) -> bool:
    told = [m for m in imports_of(text) if GRADING.match(m)]
    if REGISTER.search(name):
        told = [m for m in told if not CARRIES.match(m)]
    return not MAY.search(name) and told != []


def _unseen(text: str) -> set[str]:
    """What a module takes of `UNSEEN` from the register's own actions."""
    tree = ast.parse(text)
    found, rooms = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "lianhu.people.actions"
        ):
            found |= {alias.name for alias in node.names} & UNSEEN
            rooms |= {alias.asname or alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {node.attr} & UNSEEN if node.value.id in rooms else set()
    return found


def test_no_door_changes_households_without_letting_help_go_along():
    found = {
        name: _unseen(text)
        for name, text in ours(".py")
        if name.startswith("src/lianhu/") and not name.startswith("src/lianhu/people/")
    }
    found = {name: taken for name, taken in found.items() if taken}
    assert found == {"src/lianhu/grading/actions/homes.py": UNSEEN}


def test_no_export_list_map_or_figure_reads_a_colour():
    assert [name for name, text in ours(".py") if _outside(name, text)] == []


def test_that_rule_can_fail():
    for name in ("desk/export.py", "desk/drill.py", "desk/sketch.py", "board/figures.py"):
        assert _outside(f"src/lianhu/{name}", "from lianhu.grading.queries import x")
    assert _outside("src/lianhu/desk/changes.py", "from lianhu.grading.queries import x")
    assert _outside("src/lianhu/desk/changes.py", "from lianhu.grading.actions import decide")
    assert _outside("src/lianhu/desk/export.py", "from lianhu.grading.actions import homes")


def test_the_first_page_counts_what_waits_and_reads_no_colour():
    """Of grading it knows these two counts, which name no household."""
    names = re.findall(
        r"from lianhu\.grading\S* import ([^\n]+)", text_of("src/lianhu/desk/home.py")
    )
    assert names == ["count_appeals, count_confirmations"]


def test_points_and_reports_of_persons_may_never_import_grading():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    walls = [c for c in contracts["contracts"] if c["name"].startswith("Colour never reaches")]
    # Both wings are named beforehand: whoever builds one has the wall already.
    written = (ROOT / "pyproject.toml").read_text()
    assert walls or "Colour never reaches points" in written
    for name, text in ours(".py"):
        if name.startswith(
            ("src/lianhu/lines/", "src/lianhu/insight/", "src/lianhu/oversight/")
        ):
            assert not any(GRADING.match(m) for m in imports_of(text)), name


def test_grading_never_imports_what_people_said_or_asked():
    banned = re.compile(r"lianhu\.(matters|letters|visits|media|phone|board|desk)(\.|$)")
    found = [
        name
        for name, text in ours(".py")
        if name.startswith("src/lianhu/grading/")
        and any(banned.match(m) for m in imports_of(text))
    ]
    assert found == []


def test_every_column_and_fact_is_free_of_forbidden_names():
    for model in apps.get_app_config("grading").get_models():
        # A complaint against a decision is an appeal; "rules" names the table.
        names = [f.name for f in model._meta.get_fields()]
        assert [n for n in names if is_forbidden(n) or "point" in n or "plate" in n] == []
    assert [name for name in fact_kinds() if is_forbidden(name)] == []


def test_no_address_gives_a_list_map_plate_or_file_of_colours():
    paths = list(_routes(get_resolver()))
    graded = [p for p in paths if "grade" in p or "care" in p or "colour" in p]
    assert graded != []
    bad = re.compile(r"export|xlsx|csv|map|plate|print|poster|rank|count|list|api")
    assert [p for p in graded if bad.search(p)] == []
    files = [p for p in paths if p.endswith(".toml")]
    assert all("/rules/" in p for p in files)


def test_only_an_end_that_was_decided_and_told_lowers_a_colour():
    text = text_of("src/lianhu/grading/actions/clocks.py")
    assert "colour" not in {
        n.attr for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Attribute)
    }
    states = set(re.findall(r"grade\.state = State\.(\w+)", text))
    assert states == {"ENDED", "LAPSED"}
