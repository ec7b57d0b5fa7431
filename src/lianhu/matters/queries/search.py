"""Find matters by Chinese words, without a search server.

The application makes pairs of neighbouring signs (bigrams) and hands them to the database's own
index: FTS5 on SQLite, a tsvector with GIN on PostgreSQL. Each text also carries a token for the
county, town and village it belongs to and one for its row class, so that the scope narrows
inside the index; reach() still judges every row that comes out.
"""

from uuid import UUID

from django.db import connection
from django.db.models import Q

from lianhu.kernel.actor import Actor
from lianhu.matters.models import Matter
from lianhu.matters.rules import bigrams

MOST = 200  # newest first: four pages of a list, and each id is a parameter of its query
MOST_PAIRS = 60  # a longer search says nothing more, and must not make a query without bound
COUNTY_LENGTH = 6


def tokens(text: str) -> str:
    """The text as tokens for the index: bigrams in order of reading, each once."""
    return " ".join(dict.fromkeys(_in_order(text)))


def _in_order(text: str) -> list[str]:
    found: list[str] = []
    previous = ""
    for sign in text.lower():
        if sign.isalnum():
            if previous:
                found.append(_plain(previous + sign))
            previous = sign
        else:
            previous = ""
    return found


def _plain(pair: str) -> str:
    """A bigram in letters that no tokenizer splits or folds: its code points in hexadecimal."""
    return "b" + "x".join(f"{ord(sign):x}" for sign in pair)


def scope_tokens(place: str, row_class: str) -> str:
    """Tokens for the places above and the row class of a text."""
    codes = [place[:n] for n in (6, 9, 12) if len(place) >= n]
    return " ".join([*(f"p{code}" for code in codes), f"c{row_class.replace('_', '')}"])


def matching(actor: Actor, words: str) -> Q:
    """A filter for matters whose texts hold all pairs of signs of `words`, or whose code is it.

    One sign alone, or none, matches nothing but a code.
    """
    scope = list(actor.scopes.get("matter.read", ()))
    if any(verb.startswith("matter.read+") for verb in actor.scopes):
        scope = []  # reports about officials lie outside any village's scope
    return Q(ref=words.replace("\x00", "").strip().upper()[:12]) | Q(
        id__in=find_ids(words, scope)
    )


def find_ids(words: str, scope: list[str]) -> list[UUID]:
    """Ids of the newest texts that hold all pairs of signs of `words` in one of the places of
    `scope` (none: anywhere); at most `MOST`, nothing without a pair. One query."""
    wanted = [_plain(pair) for pair in sorted(bigrams(words))[:MOST_PAIRS]]
    if not wanted:
        return []
    # A county holds everything: its token would only be carried along.
    places = [] if any(len(code) <= COUNTY_LENGTH for code in scope) else sorted(set(scope))
    near = [f"p{code[:12]}" for code in places]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            match = " AND ".join([*wanted, *([f"({' OR '.join(near)})"] if near else [])])
            cursor.execute(
                "SELECT matter_id FROM matters_search WHERE matters_search MATCH %s"
                " ORDER BY rowid DESC LIMIT %s",
                [match, MOST],
            )
        else:
            match = " & ".join([*wanted, *([f"({' | '.join(near)})"] if near else [])])
            # Within a village few texts match, and walking all of them by number to find two
            # hundred took 150 ms; the whole county's are found soonest by just that walk.
            first = "MATERIALIZED" if near else "NOT MATERIALIZED"
            cursor.execute(
                f"WITH found AS {first} (SELECT number, matter_id FROM matters_search"  # noqa: S608 - one of two words of ours
                " WHERE body @@ %s::tsquery)"
                " SELECT matter_id FROM found ORDER BY number DESC LIMIT %s",
                [match, MOST],
            )
        return [UUID(str(row[0])) for row in cursor.fetchall()]


def index_text(matter: Matter, text: str) -> None:
    """Add a text of a matter to the index, within the transaction that wrote it. One insert."""
    index_texts([(matter.id, matter.place_id, matter.row_class, text)])


def index_texts(rows: list[tuple[UUID, str, str, str]]) -> None:
    """Add many texts (matter id, place, row class, text) to the index."""
    values = [
        (matter_id.hex, f"{tokens(text)} {scope_tokens(place, row_class)}".strip())
        for matter_id, place, row_class, text in rows
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            sql = "INSERT INTO matters_search (matter_id, body) VALUES (%s, %s)"
        else:
            sql = (
                "INSERT INTO matters_search (matter_id, body)"
                " VALUES (%s::uuid, array_to_tsvector(string_to_array(%s, ' ')))"
            )
        if len(values) == 1:
            cursor.execute(sql, values[0])
        else:
            cursor.executemany(sql, values)


def unindex(matter_ids: list[UUID]) -> None:
    """Take all texts of some matters out of the index."""
    marks = ", ".join(["%s"] * len(matter_ids))
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM matters_search WHERE matter_id IN ({marks})",  # noqa: S608 - only marks
            [key if postgresql else key.hex for key in matter_ids],
        )
