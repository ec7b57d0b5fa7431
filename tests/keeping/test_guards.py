"""Row-level security as a county has it: which tables, who may serve, and through a pooler."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import deepcopy

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.utils import load_backend

from lianhu.keeping.guards import find_guard_faults, raise_guards
from lianhu.keeping.sealed import find_key_faults
from lianhu.kernel.ids import uuid7
from lianhu.kernel.scope import (
    Whole,
    narrow_to,
    one_request,
    stand_on_nothing,
    stand_on_whole,
)
from lianhu.people.actions.erase import erase_fields
from lianhu.people.actions.homes import merge_households
from lianhu.people.actions.members import correct_person
from lianhu.people.actions.undo import undo_import
from lianhu.people.keys import destroy_keys, lock_key, read_key, replace_key
from lianhu.people.models import Change, PersonKey
from lianhu.people.queries.history import timeline
from tests import cast
from tests.api.served import LIANHU, ROOT, Served, serve
from tests.people.test_imports import county as divisions  # noqa: F401 - a fixture
from tests.people.test_imports import load
from tests.pooler import Pooler
from tests.postgres import by_owner
from tools.debian import pgbouncer
from tools.pg_cluster import free_port
from tools.pg_roles import guarded as make_guarded

guarded = pytest.mark.skipif(
    not settings.LIANHU_GUARDED, reason="only in the guarded part, on PostgreSQL"
)
pooled = pytest.mark.skipif(
    pgbouncer() is None, reason="PgBouncer is not installed (Debian's package pgbouncer)"
)


@guarded
def test_whoever_serves_in_the_tests_may_serve_a_county(db):
    assert find_guard_faults() == []


@guarded
def test_a_superuser_is_refused_in_words(db):
    with by_owner():
        assert "超级用户" in "".join(find_guard_faults())


@guarded
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER ROLE {app} BYPASSRLS", "BYPASSRLS"),
        ("ALTER TABLE matters_matter OWNER TO {app}", "所有者"),
        ("ALTER TABLE matters_matter NO FORCE ROW LEVEL SECURITY", "matters_matter"),
        ("ALTER TABLE people_person DISABLE ROW LEVEL SECURITY", "people_person"),
        ("CREATE POLICY lianhu_scope_more ON visits_visit USING (true)", "visits_visit"),
    ],
)
def test_what_would_open_a_table_is_refused_and_mended(db, statement, told):
    with by_owner(), connection.cursor() as cursor:
        cursor.execute(statement.format(app=settings.LIANHU_SERVES_AS))
    assert told in "".join(find_guard_faults())
    if "ROLE" not in statement and "OWNER" not in statement:
        with by_owner():
            raise_guards()
        assert find_guard_faults() == []


def _wrapper(url):
    """A connection of the product's own kind to another database."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    known = deepcopy(connection.settings_dict) | {
        "NAME": parts["dbname"], "USER": parts["user"], "PASSWORD": parts["password"],
        "HOST": parts["host"], "PORT": parts["port"], "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": None},
    }  # fmt: skip
    return load_backend("lianhu.kernel.postgres").DatabaseWrapper(known, "pooled")


HOME = (
    "INSERT INTO people_household (id, place_id, code, head_name, head_initials, address, size)"
    " VALUES (gen_random_uuid(), %s, '9', '马', 'm', '', 0)"
)


@pytest.fixture(scope="module")
def county(tmp_path_factory, django_db_setup):
    """A served county whose server comes by a pooler with one connection."""
    folder = tmp_path_factory.mktemp("pooled")
    _, app = make_guarded(os.environ["LIANHU_TEST_DATABASE_URL"], f"spare_{os.getpid()}")
    with Pooler(app) as pooler:
        by_pooler = pooler.url.rpartition("/")[0] + f"/served_{os.getpid()}"
        served = serve(folder, DATABASE_URL=by_pooler, LIANHU_POOLED="1")
        with psycopg.connect(served.environment["LIANHU_OWNER_URL"]) as owner:
            owner.execute("SET LOCAL lianhu.scope = '*'")
            owner.execute(HOME, [cast.WEST_GRID])
        try:
            yield served, by_pooler
        finally:
            served.stop()


@pytest.fixture
def as_served():
    """As in the server, where nobody stands on the whole county."""
    stand_on_nothing()
    yield
    stand_on_whole(Whole.COMMAND)


PLACES = "SELECT DISTINCT place_id FROM people_household ORDER BY 1"


def _looks(url, code, times):
    """What somebody of one place is shown again and again, in and out of transactions."""
    from lianhu.kernel.actor import Actor  # noqa: PLC0415 - a thread's own
    from lianhu.kernel.ids import uuid7  # noqa: PLC0415
    from lianhu.kernel.scope import narrow_to  # noqa: PLC0415

    seen = set()
    wrapper = _wrapper(url)
    with one_request(), closing(wrapper):
        wrapper.inc_thread_sharing()
        narrow_to(Actor(uuid7(), "", {"household.read": (code,)} if code else {}))
        for turn in range(times):
            wrapper.set_autocommit(turn % 2 == 0)
            with wrapper.cursor() as cursor:
                cursor.execute(PLACES)
                seen.update(row[0] for row in cursor.fetchall())
            if turn % 2:
                wrapper.commit()
    return seen


@guarded
@pooled
def test_clients_of_one_pooled_connection_never_see_each_others_scope(county, as_served):
    _, url = county
    codes = [cast.EAST, cast.WEST, "", cast.COUNTY, cast.EAST_GRID, cast.WEST_GRID]
    with ThreadPoolExecutor(len(codes)) as pool:
        seen = list(pool.map(lambda code: _looks(url, code, 100), codes))
    everywhere = seen[3]
    assert len(everywhere) > 1
    for code, found in zip(codes, seen, strict=True):
        assert found == {place for place in everywhere if code and place.startswith(code)}


@guarded
@pooled
def test_nothing_of_a_scope_stays_on_the_pooled_connection(county, as_served):
    _, url = county
    assert _looks(url, cast.COUNTY, 2)
    with psycopg.connect(url, autocommit=True) as plain:
        assert plain.execute(PLACES).fetchall() == []
        told = plain.execute("SELECT current_setting('lianhu.scope', true)").fetchone()
        assert told in ((None,), ("",))


@guarded
@pooled
def test_phones_and_desk_are_served_by_way_of_the_pooler(county):
    served, _ = county
    for name in ("warden", "west"):
        answer = served.call("GET", "/api/phone/me", credential=served.enrol(name))
        assert answer.status == 200, served.log()
    assert served.call("GET", "/").status == 200


@guarded
@pooled
def test_a_service_that_does_not_know_the_owner_serves_under_the_rules(county, tmp_path):
    served, _ = county
    known = {k: v for k, v in served.environment.items() if k != "LIANHU_OWNER_URL"}
    apart = Served(tmp_path, known, free_port(), seeds=served.seeds)
    try:
        apart.start()
        answer = apart.call("GET", "/api/phone/me", credential=apart.enrol("spare"))
        assert answer.status == 200, apart.log()
    finally:
        apart.stop()


@guarded
@pooled
@pytest.mark.parametrize("said", ["", "1"])
def test_serve_refuses_to_run_as_the_owner(county, said):
    served, _ = county
    owner = served.environment["LIANHU_OWNER_URL"]
    done = subprocess.run(
        [LIANHU, "serve", "--no-migrate", "--port", "1"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        env=served.environment | {"DATABASE_URL": owner, "LIANHU_UNGUARDED": said},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "行级防护" in done.stdout + done.stderr


@guarded
@pooled
def test_check_says_so_of_the_owner_and_nothing_of_who_serves(county):
    served, url = county
    owner = served.environment["LIANHU_OWNER_URL"]
    for address, wanted in ((owner, True), (url, False)):
        done = subprocess.run(
            [LIANHU, "check", "--json"],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
            env=served.environment | {"DATABASE_URL": address},
        )  # fmt: skip
        faults = json.loads(done.stdout.splitlines()[-1])["faults"]
        assert any("行级防护" in fault for fault in faults) == wanted, faults


@pytest.fixture
def both(places):
    """Of two villages of one town."""
    return cast.make_actor(
        "石双", ("secretary", cast.EAST, cast.COMMITTEE),
        ("secretary", cast.NEIGHBOUR, f"{cast.NEIGHBOUR}:committee"),
    )  # fmt: skip


@guarded
@pytest.mark.parametrize("rows", [1, 3])
def test_a_timeline_of_who_left_the_village_asks_for_the_keys_once(
    both, secretary_neighbour, rows, django_assert_num_queries
):
    """Her row is out of reach, and so does not bring her key along."""
    home, other = cast.make_household(), cast.make_household(f"{cast.NEIGHBOUR}")
    moved = cast.head_of(other)
    for n in range(rows):
        correct_person(both, moved.id, "phone", f"1381111000{n}", words="换了", at=cast.NOON)
    merge_households(both, home.id, other.id, words="合并", at=cast.NOON)
    with one_request():
        narrow_to(secretary_neighbour)
        with django_assert_num_queries(2):
            told = timeline(secretary_neighbour, other)
        assert [e.change.kind for e in told] == ["person.correct"] * rows
        assert [e.values[0][2][-1] for e in told[::-1]] == [str(n) for n in range(rows)]


@guarded
def test_a_key_is_destroyed_or_replaced_by_who_sees_the_person_only(
    secretary_west, secretary_east, places
):
    """Read and made by whoever serves: wrapped it opens nothing, and it comes before the person."""
    head = cast.head_of(cast.make_household())
    head.set_phone("13811110001")
    head.save()
    with one_request():
        narrow_to(secretary_west)
        key = lock_key(head.id)
        assert destroy_keys([head.id]) == 0
        with pytest.raises(ProgrammingError), transaction.atomic():
            replace_key(head.id, key)
        assert lock_key(uuid7()).secret != key.secret
    assert read_key(head.id).secret == key.secret
    with one_request():
        narrow_to(secretary_east)
        assert replace_key(head.id, key).secret == read_key(head.id).secret
        assert destroy_keys([head.id]) == 1


@guarded
@pytest.mark.usefixtures("divisions")
def test_an_undone_import_leaves_no_keys(data_officer):
    _, entry = load(data_officer)
    assert PersonKey.objects.count() > 100
    with one_request():
        narrow_to(data_officer)
        undo_import(data_officer, entry.id, at=cast.NOON)
    assert not PersonKey.objects.exists()


@guarded
def test_a_deletion_reaches_what_was_said_where_a_person_lived_before(
    both, secretary_neighbour, secretary_east
):
    """Her history lies in two villages and one key seals it: whoever deletes in one of them sees
    the other's rows only for that."""
    home, other = cast.make_household(), cast.make_household(f"{cast.NEIGHBOUR}")
    moved = cast.head_of(other)
    correct_person(both, moved.id, "phone", "13811110004", words="换了", at=cast.NOON)
    correct_person(both, moved.id, "name", "刘武临", words="写错了", at=cast.NOON)
    merge_households(both, home.id, other.id, words="合并", at=cast.NOON)
    with one_request():
        narrow_to(secretary_east)
        assert not Change.objects.filter(person=moved, kind="person.correct").exists()
        erase_fields(secretary_east, moved.id, ["phone"], words="她要求", at=cast.NOON)
        assert not Change.objects.filter(person=moved, kind="person.correct").exists()
    with one_request():
        narrow_to(secretary_neighbour)
        rows = Change.objects.filter(kind="person.correct").order_by("id")
        assert [row.values for row in rows] == [
            {},
            {"name": {"old": "刘武林", "new": "刘武临"}},
        ]
    assert find_key_faults() == []
