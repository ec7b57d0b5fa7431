"""Many phones at once, and what became of their letters; runs with the county's environment.

`python -m bench.fleet enrol 5000` writes devices straight into their table, for enrolling is not
what is measured: several phones to a leader when the county has fewer leaders. It prints JSON.
`python -m bench.fleet stored FILE` holds the letters of the database against a file of those sent.
"""

import hashlib
import itertools
import json
import secrets
import sys
from collections import Counter
from pathlib import Path
from uuid import uuid4

import click
import django

from bench.phones import leaders


def enrol(count: int) -> list[dict[str, object]]:
    """Credential, grid and households of so many new phones."""
    from django.utils import timezone  # noqa: PLC0415 - needs the settings

    from lianhu.accounts.models import Device  # noqa: PLC0415 - needs the settings
    from lianhu.accounts.queries.actors import digest  # noqa: PLC0415 - needs the settings

    at = timezone.now()
    owners = list(itertools.islice(leaders(), count))
    phones, devices = [], []
    for posting, homes in itertools.islice(itertools.cycle(owners), count):
        credential, key = secrets.token_urlsafe(32), uuid4()
        devices.append(
            Device(
                id=key, handset=key, user_id=posting.user_id, name="bench",
                credential=digest(credential), public_key="", enrolled_at=at, seen_at=at,
            )
        )  # fmt: skip
        phones.append({"credential": credential, "grid": posting.place_id, "households": homes})
    Device.objects.bulk_create(devices, batch_size=1000)
    return phones


def stored(sent: dict[str, str]) -> dict[str, object]:
    """How many of the letters sent (hash by id) are kept as they were sent, and in what state;
    each stored one must have made one matter, and no other letter may be there."""
    from lianhu.accounts.models import Device  # noqa: PLC0415 - needs the settings
    from lianhu.letters.models import Letter  # noqa: PLC0415 - needs the settings
    from lianhu.matters.models import Matter  # noqa: PLC0415 - needs the settings

    ours = Device.objects.filter(name="bench")
    kept = Letter.objects.filter(device__in=ours).only("id", "text_sealed", "outcome")
    matters = set(map(str, Matter.objects.values_list("id", flat=True)))
    outcomes: Counter[str] = Counter()
    right = strange = effects = 0
    for letter in kept.iterator(chunk_size=10_000):
        ident = str(letter.id)
        outcomes[letter.outcome] += 1
        right += sent.get(ident) == hashlib.sha256(letter.text.encode()).hexdigest()
        strange += ident not in sent
        effects += ident in matters
    return {
        "sent": len(sent), "kept_as_sent": right, "missing_or_changed": len(sent) - right,
        "never_sent": strange, "outcomes": dict(outcomes), "matters": effects,
    }  # fmt: skip


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "enrol":
        click.echo(json.dumps(enrol(int(sys.argv[2]))))
    else:
        click.echo(json.dumps(stored(json.loads(Path(sys.argv[2]).read_text()))))
