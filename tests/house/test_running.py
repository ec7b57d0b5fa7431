"""Nothing that comes from outside is run, unpacked into objects, set as markup or as a file's name."""

import ast
import re
from collections.abc import Iterator

from tests.house.files import imports_of, ours

# Each runs, or builds objects of, what it is given.
RUNS = re.compile(
    r"^(eval|exec|compile|__import__|os\.system|os\.popen|os\.exec\w*|os\.spawn\w*|pickle\..+|marshal\..+"
    r"|shelve\..+|yaml\.load|yaml\.unsafe_load|Template|Engine|from_string|import_string|ModelForm"
    r"|subprocess\.getoutput|subprocess\.getstatusoutput|asyncio\.create_subprocess_shell)$"
)
MODULES = {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle", "xml", "lxml"}
MAY = {
    ("src/lianhu/people/register/parts.py", "xml"),  # the strict parser of workbooks
}
PATTERNS = {
    f"re.{how}"
    for how in ("compile", "match", "search", "fullmatch", "sub", "findall", "split")
}
# Pictures that segno draws of our own addresses.
MAY_MARK = {
    "src/lianhu/board/page.py", "src/lianhu/desk/proving.py", "src/lianhu/desk/devices.py",
    "src/lianhu/demo/views.py",
}  # fmt: skip
# Texts with holes are of the code or the catalogue here; elsewhere they stand where they are filled.
MAY_FILL = {
    "src/lianhu/board/telling.py", "src/lianhu/rights/actions/telling.py",
    "src/lianhu/rights/actions/codes.py", "src/lianhu/grids/rules.py",
    "src/lianhu/demo/resources.py", "src/lianhu/matters/actions/counting.py",
    "src/lianhu/keeping/store/postgres.py",
}  # fmt: skip
# Patterns made of the catalogue's words.
MAY_BUILD = {"src/lianhu/people/register/rows.py"}
MAY_CHANCE = {
    "src/lianhu/web/crowd.py",  # when a phone that was asked to come back should
    "src/lianhu/grids/machine_code.py",  # made-up households to compile by
    "src/lianhu/keeping/actions/prove.py",  # whose values a rehearsal opens
}
MARKUP = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|srcdoc|v-html|createContextualFragment|DOMParser)\b"
    r"|document\.write|\beval\(|new Function|dangerouslySet"
)
NAMES = {
    "name",
    "localdate().isoformat()",
    "row.name",
    "row.place_id",
    "row.number",
    "table.since",
}


def _sources() -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in ours(".py") if name.startswith("src/lianhu/"))


def _calls(text: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def runs(name: str, text: str) -> list[str]:
    """What in a module would run or build what it is given."""
    found = [
        f"{name}: {module}"
        for module in imports_of(text)
        if (top := module.partition(".")[0]) in MODULES and (name, top) not in MAY
    ]
    for call in _calls(text):
        said = ast.unparse(call.func)
        last = said.rpartition(".")[2]
        may = (name, said.partition(".")[0]) in MAY
        if (RUNS.match(said) and not may) or (last in {"from_string", "ModelForm"}):
            found.append(f"{name}:{call.lineno}: {said}")
        if any(k.arg == "shell" and getattr(k.value, "value", None) for k in call.keywords):
            found.append(f"{name}:{call.lineno}: shell")
        if said in PATTERNS and not _is_ours(call.args[0]) and name not in MAY_BUILD:
            found.append(f"{name}:{call.lineno}: {ast.unparse(call)[:60]}")
        fills = isinstance(call.func, ast.Attribute) and call.func.attr in {
            "format",
            "format_map",
        }
        if fills and not isinstance(call.func.value, ast.Constant) and name not in MAY_FILL:
            found.append(f"{name}:{call.lineno}: {said}")
    return found


def _is_ours(pattern: ast.expr) -> bool:
    """Whether a pattern stands in the code: a text, or one made of constants in capitals."""
    if isinstance(pattern, ast.Constant):
        return True
    if isinstance(pattern, ast.BinOp):
        return _is_ours(pattern.left) and _is_ours(pattern.right)
    if isinstance(pattern, ast.JoinedStr):
        holes = [part.value for part in pattern.values if isinstance(part, ast.FormattedValue)]
        return all(ast.unparse(hole).isupper() for hole in holes)
    return ast.unparse(pattern).isupper()


def test_nothing_runs_what_it_is_given():
    assert [found for name, text in _sources() for found in runs(name, text)] == []


def test_the_rule_about_running_can_fail():
    for bad in (
        "eval(words)", "import pickle", "subprocess.run(line, shell=True)", "os.system(line)",
        "engine.from_string(words)", "re.compile(typed)", "typed.format(user)", "import yaml",
        "re.search(f'{typed}', text)", "from xml.etree import ElementTree",
    ):  # fmt: skip
        assert runs("src/lianhu/x.py", bad), bad
    for good in ("re.compile(rf'[{HAN}]+')", "'{a}'.format(a=1)", "subprocess.run([a, b])"):
        assert runs("src/lianhu/x.py", good) == [], good


def test_only_pictures_of_our_own_are_markup():
    marked = {
        name
        for name, text in _sources()
        for c in _calls(text)
        if ast.unparse(c.func) == "mark_safe"
    }
    assert marked == MAY_MARK
    off = re.compile(r"\|\s*safe\b|autoescape\s+off")
    assert [name for name, text in ours(".html") if off.search(text)] == []


def test_no_script_sets_words_as_markup():
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in ours(".ts", ".vue", ".js")
        if name.startswith(("web/phone/src/", "web/desk/"))
        for number, line in enumerate(text.splitlines(), 1)
        if MARKUP.search(line)
    ]
    assert found == []
    assert MARKUP.search("box.innerHTML = words")


def fills_rows(text: str) -> list[str]:
    """Where a form, or all that was sent, would fill a row."""
    found = re.findall(r"ModelForm|__all__\"\]|\*\*request\.(?:POST|GET)|\*\*body\b", text)
    for call in _calls(text):
        if ast.unparse(call.func) == "setattr" and not isinstance(call.args[1], ast.Constant):
            found.append(ast.unparse(call))
    return found


def test_no_form_fills_a_row_by_itself():
    doors = ("src/lianhu/desk/", "src/lianhu/board/", "src/lianhu/phone/", "src/lianhu/web/")
    found = [(n, fills_rows(t)) for n, t in _sources() if n.startswith(doors)]
    assert [(name, what) for name, what in found if what] == []
    assert fills_rows("Row(**request.POST)")
    assert fills_rows("setattr(row, name, value)")


def test_chance_that_is_no_secret_is_used_in_these_rooms_only():
    found = {
        name
        for name, text in _sources()
        if not name.startswith("src/lianhu/demo/")
        and ("random" in imports_of(text) or re.search(r"\bnp\.random\b", text))
    }
    assert found == MAY_CHANCE


def named(text: str) -> list[str]:
    """What stands in the names of files that a module sends out."""
    tree, found = ast.parse(text), []
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef):
            continue
        for node in ast.walk(scope):
            if not isinstance(node, ast.Assign) or "Content-Disposition" not in ast.unparse(
                node.targets[0]
            ):
                continue
            parts = [node.value]
            parts += [
                a.value
                for a in ast.walk(scope)
                if isinstance(a, ast.Assign) and ast.unparse(a.targets[0]) == "file"
            ]
            found += [
                ast.unparse(hole.value)
                for part in parts
                for hole in ast.walk(part)
                if isinstance(hole, ast.FormattedValue)
            ]
    return found


def test_names_of_files_that_go_out_are_ours():
    told = {hole for _, text in _sources() for hole in named(text)} - {"file"}
    assert told <= NAMES
    assert len(told) > 3
    sent = [text for _, text in _sources() if "Content-Disposition" in text]
    assert all(re.search(r"attachment; filename=", text) for text in sent)
    bad = 'def f(x):\n    r["Content-Disposition"] = f"attachment; filename={x.FILES}"'
    assert named(bad) == ["x.FILES"]
