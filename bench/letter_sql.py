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

SKIPPED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def _noted() -> tuple[list[str], list[str]]:
    """The statements with their values written in, and the identifiers to replace."""
    from django.db import connection, transaction  # noqa: PLC0415 - needs the settings
    from django.utils import timezone  # noqa: PLC0415 - needs the settings
    from psycopg import sql  # noqa: PLC0415 - only with PostgreSQL

    from bench.phones import invite  # noqa: PLC0415 - needs the settings
    from lianhu.accounts.actions import enrol_device  # noqa: PLC0415 - needs the settings
    from lianhu.accounts.queries import actor_for  # noqa: PLC0415 - needs the settings
    from lianhu.kernel.ids import uuid7  # noqa: PLC0415 - needs the settings
    from lianhu.letters.actions import Incoming, receive  # noqa: PLC0415 - needs the settings

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

    letter = uuid7()
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
        with connection.execute_wrapper(note):
            actor = actor_for(device.user, on=at.date())
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            receive(actor, device, [Incoming(letter, sha256, text)], at=at)
        transaction.set_rollback(True)
    # The device exists only in the rolled back transaction; any other phone's will do.
    return noted, [str(letter), str(device.id)]


def script() -> str:
    """The pgbench script: one transaction per letter."""
    noted, (letter, device) = _noted()
    body = ";\n".join(noted)
    matter_ref = re.search(r"'([0-9A-HJKMNP-TV-Z]{10})'", body)
    fresh = {letter: "aaaaaaaa", **dict.fromkeys(_inserted_ids(noted) - {letter}, "")}
    for number, known in enumerate(fresh):
        made = f"('{number:08x}-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid"
        body = re.sub(rf"'{known}'(::uuid)?", made, body)
        body = body.replace(f"'{known.replace('-', '')}'::uuid", made)
        body = body.replace(f"'{known.replace('-', '')}'", made)
    if matter_ref:
        body = body.replace(f"'{matter_ref[1]}'", "lpad(:n::text, 12, '0')")
    body = re.sub(rf"'{device}'(::uuid)?", "(SELECT id FROM accounts_device LIMIT 1)", body)
    return f"\\set n random(1, 999999999999)\nBEGIN;\n{body};\nCOMMIT;\n"


def _inserted_ids(statements: list[str]) -> set[str]:
    """The identifiers of rows that the statements insert: the first value of each INSERT."""
    found = set()
    for statement in statements:
        if statement.startswith("INSERT"):
            match = re.search(r"VALUES \('([0-9a-f]{8}-[0-9a-f-]{27})'", statement)
            if match:
                found.add(match[1])
    return found


if __name__ == "__main__":
    django.setup()
    click.echo(script())
