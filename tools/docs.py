"""Writes the pages of docs/reference that say what the code already says; `--check` compares.

Generated: commands, routes, refusals, verbs, fields. What people write by hand (settings,
performance) is checked by tests/house instead.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import django
from django.urls import URLPattern, URLResolver, get_resolver

from tools.work import ROOT, say

FOLDER = ROOT / "docs" / "reference"
NOTE = "<!-- Written by `make docs` from the code; change it there. -->"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", NOTE, *parts]) + "\n"


def commands() -> str:
    """Every `lianhu` command with its help and options."""
    import click  # noqa: PLC0415 - after django.setup, like all of lianhu

    from lianhu.cli import main as root  # noqa: PLC0415 - needs django.setup

    def walk(command: click.Command, path: list[str]) -> Iterator[str]:
        with click.Context(command, info_name=" ".join(path)) as context:
            if not isinstance(command, click.Group):
                help_text = command.get_help(context)
                yield f"## {' '.join(path)}\n\n```\n{help_text}\n```"
                return
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                if found is not None:
                    yield from walk(found, [*path, name])

    intro = "Exit codes: 0 done, 1 refused, 2 wrong usage."
    return _page("Commands", intro, *walk(root, ["lianhu"]))


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, path)
        else:
            yield path, entry


def _operations() -> dict[str, str]:
    """Path and what its operations say, for everything in the OpenAPI document."""
    from lianhu.phone.api import api  # noqa: PLC0415 - needs django.setup

    found = {}
    for path, methods in api.get_openapi_schema()["paths"].items():
        said = [
            f"{method.upper()}: {_sentence(does.get('description') or does['summary'])}"
            for method, does in methods.items()
        ]
        found[re.sub(r"{(\w+)}", r"<\1>", path)] = " ".join(said)
    return found


def _said_by(view: object) -> str:
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return _sentence(view.__doc__ or "")


def _sentence(text: str) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.!?]) ", paragraph)[0]


def routes_listed() -> list[tuple[str, str]]:
    """Path and one line about it, for every route that Django knows, sorted."""
    found = {
        "/api/docs": "The API's page for people.",
        "/api/openapi.json": "The API's description for programs, OpenAPI 3.1.",
    } | _operations()
    for path, entry in _patterns(get_resolver()):
        plain = "/" + re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", path).replace("^", "").strip("/$")
        plain += "/" if path.endswith("/") and plain != "/" else ""
        if path != "api/" and plain not in found:
            found[plain] = _said_by(getattr(entry.callback, "view_class", entry.callback))
    return sorted(found.items())


def routes() -> str:
    """Every route; what stands under /api/ is described by /api/openapi.json."""
    rows = [[f"`{path}`", said] for path, said in routes_listed()]
    intro = (
        "`/demo/…` exists only with `LIANHU_DEMO=1`. Methods, bodies and answers under `/api/` "
        "are in `/api/openapi.json`; a page for people is at `/api/docs`."
    )
    return _page("Routes", intro, _table(["path", "what"], rows))


def refusals() -> str:
    """Every refusal code with the words a person reads."""
    from lianhu.kernel import catalogue  # noqa: PLC0415 - needs django.setup

    words: dict[str, str] = catalogue.read("refusals.toml")["words"]
    rows = [[f"`{code}`", text] for code, text in sorted(words.items())]
    intro = (
        "Stable, public codes: the `code` of a problem document, and in words at the desk. The "
        "words are in `catalogue/refusals.toml`."
    )
    return _page("Refusals", intro, _table(["code", "words"], rows))


def verbs() -> str:
    """The permission matrix: each verb, what it lets one do, and the roles that hold it."""
    from lianhu.accounts.roles import ROLES, all_verbs  # noqa: PLC0415 - needs django.setup
    from lianhu.kernel import catalogue  # noqa: PLC0415 - needs django.setup

    meanings = catalogue.read("verbs.toml")["verbs"]
    rows = [
        [
            f"`{verb}`",
            meanings.get(verb, ""),
            ", ".join(name for name, role in ROLES.items() if verb in role.verbs),
        ]
        for verb in all_verbs()
    ]
    names = [[f"`{name}`", role.label, ", ".join(role.levels)] for name, role in ROLES.items()]
    return _page(
        "Verbs and roles",
        "A grant is a role over a place for a term. Source: `src/lianhu/accounts/roles.py`.",
        "## Verbs",
        _table(["verb", "lets one", "held by"], rows),
        "## Roles",
        _table(["role", "on screen", "granted over a"], names),
    )


def fields() -> str:
    """The register of personal fields."""
    from lianhu.kernel import catalogue  # noqa: PLC0415 - needs django.setup

    register = catalogue.read("fields.toml")
    rows = [
        [
            f"`{name}`",
            str(f["purpose"]),
            str(f["citation"]),
            str(f["who"]),
            _kept(f["kept_days"]),
        ]
        for name, f in register["fields"].items()
    ]
    head = ["field", "purpose", "basis", "who sees it", "kept"]
    return _page(
        "Personal fields",
        register["about"].strip(),
        _table(head, rows),
        "## What the daily run deletes",
        "Source: `catalogue/retention.toml`. Each batch is one entry of the ledger: how many "
        "rows of which rule, never which.",
        *_retention(catalogue.read("retention.toml")),
    )


def _retention(kept: dict[str, Any]) -> list[str]:
    """The rules of retention, what they leave and what is never emptied."""
    rules = [
        [
            name,
            ", ".join(f"`{table}`" for table in rule["covers"]),
            str(rule["days"]),
            rule["begins"],
        ]
        for name, rule in kept["rules"].items()
    ]
    left = [
        [f"`{field}`", why]
        for rule in kept["rules"].values()
        for field, why in rule.get("left", {}).items()
    ]
    left += [[f"`{table}`", why] for table, why in kept["never"].items()]
    return [
        _table(["rule", "tables", "days", "counted from"], rules),
        "## What stays, and why",
        _table(["field or table", "why"], left),
    ]


def _kept(days: int) -> str:
    return f"{days} days" if days else "with its row"


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "routes.md": routes,
    "refusals.md": refusals,
    "verbs.md": verbs,
    "fields.md": fields,
}


def prepare() -> None:
    """Django with the product's settings and every optional route switched on."""
    os.environ.setdefault("LIANHU_SECRET_KEY", "reference-pages")
    os.environ["LIANHU_DEMO"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "lianhu.settings"
    os.environ["COLUMNS"] = "96"
    django.setup()


def main() -> None:
    """Writes the pages, or with `--check` names those that are out of date."""
    prepare()
    stale = []
    for name, make in PAGES.items():
        page = FOLDER / name
        text = make()
        if page.is_file() and page.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv[1:]:
            FOLDER.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
            say(f"docs/reference/{name} written")
    if stale and "--check" in sys.argv[1:]:
        print(f"out of date: {', '.join(stale)} (make docs writes them)")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
