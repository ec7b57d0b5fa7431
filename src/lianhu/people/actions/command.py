"""What `lianhu register` does: read, preview, import, in one answer for people or machines."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction

from lianhu.accounts.queries.actors import system_actor
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.actions.imports import import_register, preview_import
from lianhu.people.actions.placing import is_loaded, wait_for_turn
from lianhu.people.register.findings import Register
from lianhu.people.register.read import read_register

COUNTY = 6
CHUNK = 5_000
VERB = "household.load"


@dataclass(slots=True)
class Answer:
    """The findings, and what was or would be written; `refusal` says why it would not."""

    register: Register
    extra: dict[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None

    def json(self) -> Iterator[str]:
        """For machines, piece by piece: `households`, `persons`, `rows`, `problems` and more."""
        found = self.register
        about = {
            "file": found.file,
            "readable": found.readable,
            "header_rows": found.header_rows,
            "households": found.households,
            "persons": len(found.rows),
            **self.extra,
            "problems": found.problems,
        }
        yield msgspec.json.encode(about)[:-1].decode() + ',"rows":['
        for start in range(0, len(found.rows), CHUNK):
            rows = msgspec.json.encode(found.rows[start : start + CHUNK])[1:-1].decode()
            yield f",{rows}" if start else rows
        yield "]}\n"

    def words(self) -> str:
        """For people: sums, then how often each kind of problem."""
        found = self.register
        lines = [
            f"{found.households} 户，{len(found.rows)} 人，{len(found.problems)} 处要核对。"
        ]
        said = read("register/kinds.toml")["words"]
        for kind, count in Counter(p.kind for p in found.problems).most_common():
            lines.append(f"  {count:6}  {said[kind]}")
        if "already" in self.extra:
            old, new = self.extra["already"], self.extra["new"]
            lines.append(f"已有 {old['households']} 户 {old['persons']} 人，不再写入。")
            lines.append(f"新增 {new['households']} 户 {new['persons']} 人。")
        if self.extra.get("import"):
            lines.append(f"已导入；要整批撤销：lianhu register undo {self.extra['import']}")
        return "\n".join(lines)


def import_file(path: Path, place: str, *, dry_run: bool, at: datetime) -> Answer:
    """Read a workbook and, unless it is a dry run, import it as the county's data officer.

    A dry run works without a database too, and says what would be refused instead of refusing.
    Refuses as `preview_import` does, but not for a file that cannot be read: the findings say it.
    """
    if not place.isdigit() or len(place) < COUNTY:
        raise NotPermitted("place.not_found")
    try:
        register = read_register(path, place)
    except FileNotFoundError as fault:  # no such county in the catalogue
        raise NotPermitted("place.not_found") from fault
    answer = Answer(register)
    if not register.header_rows or (dry_run and not is_loaded(place)):
        return answer
    actor = system_actor(place[:COUNTY], VERB)
    if not dry_run:
        _import(actor, answer, place, path, at)
        return answer
    try:
        answer.extra = preview_import(actor, register, place).said
    except Refusal as refusal:
        answer.refusal = refusal
    return answer


@transaction.atomic
def _import(actor: Actor, answer: Answer, place: str, path: Path, at: datetime) -> None:
    """Look at what is there and write what is not, in one turn."""
    wait_for_turn(place)
    preview = preview_import(actor, answer.register, place)
    answer.extra = preview.said
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    entry = import_register(actor, preview, digest, at=at)
    answer.extra["import"] = str(entry.id) if entry else None
