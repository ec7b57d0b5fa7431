"""Whether a loaded backup is what its manifest says, and can be read with the keys at hand."""

import random
import sqlite3
from typing import Any

from cryptography.exceptions import InvalidTag
from django.db import connection

from lianhu.audit.queries import epoch
from lianhu.audit.rules import Head
from lianhu.audit.signing import fingerprints
from lianhu.audit.verifying import verify_ledger
from lianhu.keeping.sealed import find_key_faults
from lianhu.keeping.store import postgres, sqlite
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import ring
from lianhu.letters.models import Letter
from lianhu.people.models import Person
from lianhu.web.words import words_of

SAMPLE = 300
Manifest = dict[str, Any]


def prove(manifest: Manifest) -> dict[str, Any]:
    """What was checked in numbers, and every problem in words. Reads only."""
    problems: list[str] = []
    rows = _count()
    for table, told in manifest["tables"].items():
        if rows.get(table) != told:
            problems.append(f"表 {table} 应有 {told} 行，恢复后 {rows.get(table, 0)} 行")
    if str(epoch()) != manifest["epoch"]:
        problems.append("数据库的世代号与清单不符")
    ledger, faults = _ledger(manifest)
    unsealed, closed = _unseal(manifest)
    letters, spoilt = _letters()
    return {
        "tables": len(rows), "rows": sum(rows.values()), "ledger": ledger,
        "unsealed": unsealed, "letters": letters, "problems": problems + faults + closed + spoilt,
    }  # fmt: skip


def _count() -> dict[str, int]:
    if connection.vendor == "postgresql":
        return postgres.count_rows()
    connection.ensure_connection()
    raw: sqlite3.Connection = connection.connection
    return sqlite.count_rows(raw)


def _ledger(manifest: Manifest) -> tuple[int, list[str]]:
    heads = [Head(**manifest["ledger"])] if manifest["ledger"] else []
    verdict = verify_ledger(heads=heads)
    words = [words_of(Refusal(f.code, seal=f.seal, detail=f.detail)) for f in verdict.faults]
    return verdict.entries, words


def other_keys(manifest: Manifest) -> list[str]:
    """Keys of the backup that the ring at hand lacks: without them its fields stay closed."""
    here = fingerprints(ring().versions)
    return [
        name
        for name, told in manifest["keys"].items()
        if here.get(name) != told and name != "ledger"
    ]


def _unseal(manifest: Manifest) -> tuple[int, list[str]]:
    """Open the sealed fields of people chosen at random."""
    if missing := other_keys(manifest):
        return 0, [f"手上的钥匙与备份时的不同（{'、'.join(missing)}），身份证号和电话打不开"]
    # open to all: read by a rehearsal that shows nothing of what it reads.
    ids = list(Person.objects.exclude(id_sealed=b"").values_list("id", flat=True))
    chosen = random.sample(ids, min(SAMPLE, len(ids)))
    closed = 0
    # open to all: as above.
    for person in Person.objects.filter(id__in=chosen):
        try:
            closed += not (person.id_number and person.phone is not None)
        except (InvalidTag, Refusal):
            closed += 1
    words = find_key_faults()
    words += [f"抽查 {len(chosen)} 人，{closed} 人的身份证号或电话打不开"] if closed else []
    return len(chosen), words


def _letters() -> tuple[int, list[str]]:
    """Every letter opens, is that of its row, and says what it said when it came."""
    count = spoilt = 0
    # open to all: opened and held against its index, not read.
    rows = Letter.objects.only("id", "text_sealed", "text_index", "outcome", "settled_at")
    for letter in rows.iterator(2000):
        count += 1
        try:
            spoilt += not letter.says(letter.text)
        except (InvalidTag, Refusal, UnicodeDecodeError):
            spoilt += 1
    return count, [f"{spoilt} 封来信打不开，或者不是收到时的内容"] if spoilt else []
