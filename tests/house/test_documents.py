"""Documents that cannot lie: settings, verbs, routes and links are what the code says."""

import re

from django.conf import settings

from lianhu.accounts.roles import all_verbs
from lianhu.kernel import catalogue
from tests.house.files import ROOT, ours
from tools.docs import routes_listed

READ = re.compile(
    r"""(?:environ(?:\.get|\.setdefault)?[\[(]|_flag\(|envvar=|getenv\()\s*"([A-Z][A-Z_]+)\""""
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _settings_read() -> set[str]:
    return {
        name
        for path, text in ours(".py")
        if path.startswith("src/")
        for name in READ.findall(text)
        if name != "DJANGO_SETTINGS_MODULE"
    }


def _settings_told() -> set[str]:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    return set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.M))


def test_settings_page_lists_exactly_what_the_environment_is_asked_for():
    assert _settings_told() == _settings_read()


def test_every_verb_has_a_meaning_and_every_meaning_a_verb():
    assert set(catalogue.read("verbs.toml")["verbs"]) == set(all_verbs())


def test_every_route_says_what_it_gives():
    assert settings.ROOT_URLCONF == "lianhu.urls"
    silent = [path for path, said in routes_listed() if not said]
    assert silent == []


def test_links_between_documents_lead_somewhere():
    broken = []
    for name, text in ours(".md"):
        for target in LINK.findall(text):
            if "://" not in target and not (ROOT / name).parent.joinpath(target).exists():
                broken.append(f"{name}: {target}")
    assert broken == []
