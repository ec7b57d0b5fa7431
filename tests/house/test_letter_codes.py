"""Every code that a letter can wait with says what its writer and its reader do now."""

import ast
from functools import cache

from lianhu.kernel.catalogue import read
from lianhu.letters.meanings import meanings
from tests.house.files import ROOT

# Not on a letter that waits: a letter of a wrong hash stays on its phone; a ring that cannot be
# read stops the server (`lianhu check`), and nothing is answered for.
ELSEWHERE = ("keys.", "letter.bad_hash", "letter.not_found")
# The steps that a letter can ask for, of `matter.cannot_{step}`.
STEPS = ("add",)
Known = tuple[dict[str, ast.AST], dict[str, tuple[str, str]]]


@cache
def _module(name: str) -> Known:
    """What a module of ours defines, and what it imports from others of ours."""
    stem = ROOT / "src" / name.replace(".", "/")
    file = next(
        (f for f in (stem.with_suffix(".py"), stem / "__init__.py") if f.is_file()), None
    )
    defined: dict[str, ast.AST] = {}
    imported: dict[str, tuple[str, str]] = {}
    tree = ast.parse(file.read_text(encoding="utf-8") if file else "")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lianhu"):
            imported |= {a.asname or a.name: (str(node.module), a.name) for a in node.names}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined |= {t.id: node for t in targets if isinstance(t, ast.Name)}
    return defined, imported


def _codes_below(module: str, name: str, seen: set[tuple[str, str]]) -> set[str]:
    """The codes refused with in a function and in all that it names, as far as it goes."""
    if (module, name) in seen:
        return set()
    seen.add((module, name))
    defined, imported = _module(module)
    if name not in defined:
        return _codes_below(*imported[name], seen) if name in imported else set()
    found: set[str] = set()
    for node in ast.walk(defined[name]):
        if isinstance(node, ast.Call):
            found |= _refused(node)
        elif isinstance(node, ast.Name) and (node.id in defined or node.id in imported):
            found |= _codes_below(module, node.id, seen)
    return found


def _refused(call: ast.Call) -> set[str]:
    called = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if called == "require":
        given = [k.value for k in call.keywords if k.arg == "code"]
        return {str(ast.literal_eval(given[0]))} if given else {"account.not_permitted"}
    if called not in {"Refusal", "NotPermitted"} or not call.args:
        return set()
    said = call.args[0]
    if isinstance(said, ast.JoinedStr):  # matter.cannot_{step}
        stem = str(ast.literal_eval(said.values[0]))
        return {f"{stem}{step}" for step in STEPS}
    return {
        n.value
        for n in ast.walk(said)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }


def _letter_codes() -> set[str]:
    from lianhu.letters.actions.receiving import MALFORMED  # noqa: PLC0415 - needs the settings

    receiving, seen = "lianhu.letters.actions.receiving", set[tuple[str, str]]()
    found = _codes_below(receiving, "judge", seen) | {"letter.id_taken"} | MALFORMED
    return {code for code in found if not code.startswith(ELSEWHERE)}


def test_every_code_of_a_letter_says_what_to_do_and_no_other_does():
    assert set(meanings()) == _letter_codes()


def test_what_stands_on_a_card_names_no_blank():
    """A letter keeps its code, not the numbers that belong into the words."""
    words = read("refusals.toml")["words"]
    said = [
        text
        for code, found in meanings().items()
        for text in (found.why or words[code], found.sender, found.desk)
    ]
    assert [text for text in said if not text.endswith("。") or "{" in text] == []


def test_the_walk_finds_what_lies_deep():
    """Codes of four wings, each some calls below the handlers."""
    deep = {"letter.bad_body", "place.not_found", "household.not_found", "visit.unknown_duty",
            "matter.cannot_add", "matter.words_too_long", "person.not_found"}  # fmt: skip
    assert deep - _letter_codes() == set()
