"""The page about security says what is so: ways in, lengths, bounds, cryptography, log lines."""

import ast
import re

from django.conf import settings

from lianhu.grading.rules.table import MOST_BYTES as MOST_RULES
from lianhu.kernel.catalogue import read
from lianhu.letters.actions.rescue import MOST_FILE
from lianhu.letters.rules import MOST_BYTES, MOST_LETTERS
from tests.house.files import ROOT, imports_of, ours

PAGE = (ROOT / "docs" / "reference" / "security.md").read_text()
ENTRANCES = {"login", "begin", "begin_half", "enter_desk", "enter_household", "enrol_device"}
DOORS = tuple(f"src/lianhu/{door}/" for door in ("desk", "board", "phone", "demo", "web"))
CRYPTOGRAPHY = re.compile(
    r"^(cryptography|hashlib|hmac|secrets|jwt|fido2|ssl|django\.core\.signing|django\.contrib\.auth\.hashers)(\.|$)"
)
OLD = re.compile(
    r"md5|sha1\b|\bSHA1\b|\bRC4\b|ARC4|TripleDES|Blowfish|\bECB\b|\bCBC\b|PKCS1v15|\bDSA\b",
    re.I,
)


def _sources():
    return [(name, text) for name, text in ours(".py") if name.startswith("src/lianhu/")]


def _rows():
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("| ")
    ]


def test_every_throttle_stands_on_the_page():
    told = {row[0].strip("`"): row[1] for row in _rows() if len(row) == 3}
    kinds = {k: v for k, v in read("throttles.toml").items() if isinstance(v, dict)}
    assert len(kinds) > 10
    for kind, rule in kinds.items():
        assert told.get(kind) == f"{rule['tries']} in {rule['minutes']} minutes", kind


def test_every_way_in_stands_on_the_page():
    found = set()
    for name, text in _sources():
        if not name.startswith(DOORS):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ENTRANCES:
                found.add(name)
    assert len(found) > 5
    assert [name for name in sorted(found) if f"`{name}`" not in PAGE] == []


def test_lengths_of_sessions_are_those_of_the_catalogue():
    told = {row[1].strip("`"): row[2] for row in _rows() if len(row) == 4 and row[1]}
    rule = read("signing_in.toml")["versions"][-1] | read("rights.toml")["versions"][-1]
    for name in (
        "session_hours", "half_minutes", "provider_minutes", "fresh_minutes",
        "session_idle_minutes", "session_most_minutes", "code_minutes",
    ):  # fmt: skip
        assert told[name] == f"{rule[name]} {name.rpartition('_')[2]}", name


def test_the_bounds_of_files_are_those_of_the_code():
    media = read("media.toml")["limits"]
    register = read("register/words.toml")["limits"]
    upload = read("register/imports.toml")["drafts"]
    for number in (
        media["bytes"], media["pixels"], media["side"], register["largest_part"],
        register["largest_whole"], register["apart_bytes"], MOST_FILE, MOST_BYTES, MOST_RULES,
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
    ):  # fmt: skip
        assert f"{number:,}" in PAGE, number
    assert f"{media['scans']} scans" in PAGE
    assert f"{upload['largest_mb']} MB" in PAGE
    assert f"{MOST_LETTERS} letters" in PAGE


def test_every_module_that_uses_cryptography_stands_on_the_page():
    found = {
        name
        for name, text in _sources()
        if any(CRYPTOGRAPHY.match(module) for module in imports_of(text))
        or "from django.core import signing" in text
    } | {
        name
        for name, text in ours(".ts")
        if name.startswith("web/phone/src/") and "crypto.subtle" in text
    }
    assert len(found) > 25
    assert [name for name in sorted(found) if f"`{name}`" not in PAGE] == []


def test_no_old_cipher_hash_or_padding_is_used():
    found = {
        (name, word.lower())
        for name, text in _sources()
        for word in OLD.findall("\n".join(ast.unparse(ast.parse(text)).splitlines()))
        if name.startswith("src/lianhu/")
    }
    assert found == {("src/lianhu/accounts/rules.py", "sha1")}
    assert OLD.search("hashlib.md5(x)")


def logged(text: str) -> set[str]:
    """The events that a module logs by name."""
    return {
        leaf.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")
        for leaf in ast.walk(node.args[0])
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
    }


def test_every_log_line_stands_on_the_page():
    found = {event for _, text in _sources() for event in logged(text)}
    told = {
        word for row in _rows() if len(row) == 2 for word in re.findall(r"`([^`]+)`", row[0])
    }
    assert {event for event in found if event not in told} == set()
    assert len(found) > 5
    printed = [name for name, text in _sources() if re.search(r"\bprint\(", text)]
    assert printed == []
    assert settings.LOGGING["root"]["handlers"] in ([], ["out"])


def test_the_page_says_how_soon_packages_are_renewed():
    days = [int(n) for n in re.findall(r"within (\d+) days", PAGE.rpartition("## ")[2])]
    assert days == sorted(days)
    assert len(days) >= 3
