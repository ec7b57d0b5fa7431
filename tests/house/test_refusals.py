"""Every refusal has words, and every words has a refusal."""

import ast
import re
import tomllib

from tests.house.files import ROOT, ours

RAISED = {"Refusal", "NotPermitted"}


def _constants(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _constants(node.body) + _constants(node.orelse)
    return []


def _codes(text: str) -> set[str]:
    """The codes that a source text refuses with."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in RAISED:
                found.update(_constants(node.args[0]))
            for keyword in node.keywords:
                if name == "require" and keyword.arg == "code":
                    found.update(_constants(keyword.value))
    return found


def _words() -> dict[str, str]:
    file = ROOT / "catalogue" / "refusals.toml"
    words: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8"))["words"]
    return words


def test_every_refusal_has_words():
    used = {
        code for name, text in ours(".py") if name.startswith("src/") for code in _codes(text)
    }
    assert used - set(_words()) == set()


def test_every_words_belongs_to_a_refusal():
    sources = "\n".join(text for name, text in ours(".py") if name.startswith("src/"))
    literals = set(re.findall(r'"([a-z][a-z0-9_.]+)"', sources))
    stems = tuple(re.findall(r'Refusal\(f"([a-z.]+_)\{', sources))  # matter.cannot_{step}
    assert {code for code in set(_words()) - literals if not code.startswith(stems)} == set()


def test_words_are_chinese_sentences():
    plain = [c for c, words in _words().items() if not re.search(r"[\u4e00-\u9fff]{2}", words)]
    assert plain == []


def test_the_rule_can_fail():
    text = 'raise Refusal("a.b" if x else "c.d", n=1)\nraise NotPermitted("e.f")'
    assert _codes(text) == {"a.b", "c.d", "e.f"}
