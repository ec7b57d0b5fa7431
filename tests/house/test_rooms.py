"""Rooms are short, say what they are, and name tables only where they may."""

import ast
import re
import tomllib

from tests.house.files import ROOT, SRC, ours, wings

LONGEST = 400  # lines; split by subject before reaching it
TABLE = re.compile(r"\.objects\b")
# Rooms that own tables, and the tests, which make their own rows.
OWNERS = re.compile(r"/(models|actions)(/|\.py$)|^tests/|^tools/|^bench/")
REASON = re.compile(r"# (?:open to all:|scoped by) \w")
GATE = re.compile(r"\breach\(")


def _named_outside_reach(text: str) -> list[int]:
    """First lines of statements that name a table with neither reach() nor a reason.

    The reason, `# open to all: …` or `# scoped by …`, stands in the statement
    or on the line before it.
    """
    lines = text.splitlines()
    found = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)  # of a compound statement, judge only the head
        last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno
        whole = "\n".join(lines[max(0, node.lineno - 2) : last])
        here = "\n".join(lines[node.lineno - 1 : last])
        if TABLE.search(here) and not GATE.search(here) and not REASON.search(whole):
            found.append(node.lineno)
    return sorted(found)


def test_rooms_are_short():
    long = {
        name: count
        for name, text in ours(".py", ".ts", ".vue", ".html", ".css", ".js")
        if (count := len(text.splitlines())) > LONGEST
    }
    assert long == {}


def test_every_module_says_what_it_is():
    silent = [
        name
        for name, text in ours(".py")
        if text.strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


def test_tables_are_named_only_in_their_rooms_or_inside_reach():
    found = [
        f"{name}:{number}"
        for name, text in ours(".py")
        if name.startswith("src/") and not OWNERS.search(name)
        for number in _named_outside_reach(text)
    ]
    assert found == []


def test_the_table_rule_can_fail():
    assert _named_outside_reach("rows = Matter.objects.all()") == [1]
    assert _named_outside_reach("rows = reach(Matter.objects, actor, verb)") == []
    assert _named_outside_reach("Place.objects.all()  # open to all: names of places") == []
    assert _named_outside_reach("# open to all: names\nrows = (\n  Place.objects\n)") == []
    assert _named_outside_reach("if Place.objects.exists():\n    pass") == [1]


def test_every_wing_has_its_rooms_in_a_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    rooms = next(c for c in contracts["contracts"] if c["name"].startswith("Rooms"))
    walled = {container.removeprefix("lianhu.") for container in rooms["containers"]}
    # The kernel's models.py is only the base of every table.
    assert walled == set(wings()) - {"kernel"}


def test_every_folder_is_a_layer_without_parentheses():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    order = next(c for c in contracts["contracts"] if c["type"] == "layers")
    layers = {part.strip() for layer in order["layers"] for part in layer.split("|")}
    folders = {folder.parent.name for folder in SRC.glob("*/__init__.py")}
    assert folders - layers - set(order["exhaustive_ignores"]) == set()
