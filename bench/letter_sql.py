"""The statements that one letter causes, as a pgbench script: `python -m bench.letter_sql`.

A letter is really received, in a transaction that is rolled back, and its statements are noted.
Identifiers that must differ each time are replaced by ones made from pgbench's own random number.
"""

import hashlib
import json
import re
from typing import Any

import click
import django

CLIENTS = 8
SKIPPED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def _noted() -> tuple[list[str], list[str]]:
    """The statements with their values written in, and the identifiers to replace."""
    from django.db import connection, transaction  # noqa: PLC0415 - needs the settings
    from django.utils import timezone  # noqa: PLC0415 - needs the settings
    from psycopg import sql  # noqa: PLC0415 - only with PostgreSQL

    from bench.phones import invite  # noqa: PLC0415 - needs the settings
    from lianhu.accounts.actions.devices import enrol_device  # noqa: PLC0415 - needs the settings
    from lianhu.accounts.queries.actors import actor_for  # noqa: PLC0415 - needs the settings
    from lianhu.kernel.ids import uuid7  # noqa: PLC0415 - needs the settings
    from lianhu.letters.actions.receiving import Incoming, receive  # noqa: PLC0415 - needs the settings

    at = timezone.now()
    phone: dict[str, Any] = invite(1)[0]
    noted: list[str] = []

    def note(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        if not statement.startswith(SKIPPED):
            for values in params if many else [params]:
                parts = statement.split("%s")
                written = [
                    sql.Literal(v).as_string(connection.connection) for v in values or ()
                ]
                noted.append("".join(a + b for a, b in zip(parts, [*written, ""], strict=True)))
        return execute(statement, params, many, context)

    def send() -> str:
        letter = uuid7()
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        receive(
            actor_for(device.user, on=at.date()),
            device.id,
            [Incoming(letter, sha256, text)],
            at=at,
        )
        return str(letter)

    text = json.dumps(
        {
            "kind": "matter.report/1", "device_seq": 1, "captured_at": at.isoformat(),
            "place": phone["grid"],
            "body": {"category": "environment.garbage", "words": "桥头的垃圾堆了三天，请派人清运",
                     "household_id": phone["households"][0], "visibility": "ordinary"},
        },
        ensure_ascii=False,
    )  # fmt: skip
    with transaction.atomic():
        device, _ = enrol_device(phone["token"], "bench", "", at=at)
        send()  # the first gives the person a version of their own; later ones only raise it
        with connection.execute_wrapper(note):
            letter = send()
        transaction.set_rollback(True)
    # The device exists only in the rolled back transaction; any other phone's will do.
    return noted, [letter, str(device.id)]


def script() -> str:
    """The pgbench script: one transaction per letter."""
    noted, (letter, device) = _noted()
    body = ";\n".join(_apart(noted))
    matter_ref = re.search(r"'([0-9A-HJKMNP-TV-Z]{10})'", body)
    fresh = {letter.replace("-", ""), *_inserted_ids(noted)}
    for number, known in enumerate(sorted(fresh)):
        made = f"('{number:08x}-0000-7000-8000-' || lpad(:n::bigint::text, 12, '0'))::uuid"
        hyphened = f"{known[:8]}-{known[8:12]}-{known[12:16]}-{known[16:20]}-{known[20:]}"
        body = re.sub(rf"'(?:{known}|{hyphened})'(::uuid)?", made, body)
    if matter_ref:
        body = body.replace(f"'{matter_ref[1]}'", "lpad(:n::bigint::text, 12, '0')")
    body = re.sub(
        rf"'(?:{device}|{device.replace('-', '')})'(::uuid)?",
        "(SELECT id FROM accounts_device LIMIT 1)",
        body,
    )
    # pgbench takes a colon before a letter or digit for a variable of its own, in quotes too.
    body = re.sub(r"'([^']*)'", _without_colons, body)
    return f"\\set n random(1, 999999999999)\nBEGIN;\n{body};\nCOMMIT;\n"


def _without_colons(literal: re.Match[str]) -> str:
    parts = [f"'{part}'" for part in re.split(r":(?=\w)", literal[1])]
    return literal[0] if len(parts) == 1 else f"({' || chr(58) || '.join(parts)})"


def _apart(statements: list[str]) -> list[str]:
    """The statements with versions of their own for each of pgbench's clients: phones of
    different grids do not wait for each other, so neither may the baseline's clients."""
    from lianhu.audit.actions import load_versions  # noqa: PLC0415 - needs the settings

    load_versions(f"bench-{kind}{n}" for kind in ("grid", "user") for n in range(CLIENTS))
    own = "IN ('bench-grid' || :client_id::int, 'bench-user' || :client_id::int)"
    return [
        re.sub(r"IN \([^)]*\)$", own, s) if s.startswith('UPDATE "audit_version"') else s
        for s in statements
    ]


def _inserted_ids(statements: list[str]) -> set[str]:
    """The identifiers of rows that the statements insert: the first value of each INSERT."""
    found = set()
    for statement in statements:
        if statement.startswith("INSERT"):
            match = re.search(r"VALUES \('([0-9a-f-]{32,36})'", statement)
            if match:
                found.add(match[1].replace("-", ""))
    return found


if __name__ == "__main__":
    django.setup()
    click.echo(script())
