"""A county on PostgreSQL without row-level security is one that says so, and is told of it."""

import json
import subprocess

import psycopg
import pytest
from django.conf import settings

from tests.api.served import LIANHU, ROOT, serve

pytestmark = pytest.mark.skipif(
    settings.LIANHU_GUARDED or settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="only on PostgreSQL, as whoever owns the tables",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory, django_db_setup):
    """Says so: or it would not be served."""
    found = serve(tmp_path_factory.mktemp("unguarded"))
    yield found
    found.stop()


def _lianhu(served, *words, **more):
    return subprocess.run(
        [LIANHU, *words],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        env=served.environment | more,
    )  # fmt: skip


def _checked(served, **more):
    done = _lianhu(served, "check", "--json", **more)
    found = json.loads(done.stdout.splitlines()[-1])
    return done.returncode, found["faults"], found["warnings"]


def test_serve_refuses_the_superuser_of_a_county_that_says_nothing(served):
    done = _lianhu(served, "serve", "--no-migrate", "--port", "1", LIANHU_UNGUARDED="")
    said = done.stdout + done.stderr
    assert (done.returncode, "超级用户" in said, "LIANHU_UNGUARDED" in said) == (1, True, True)


def test_check_finds_fault_with_a_county_that_says_nothing(served):
    code, faults, warnings = _checked(served, LIANHU_UNGUARDED="")
    assert (code, ["超级用户" in fault for fault in faults][:1], warnings) == (1, [True], [])


def test_check_warns_a_county_that_says_so(served):
    code, faults, warnings = _checked(served)
    assert (code, faults) == (0, [])
    assert ["LIANHU_UNGUARDED" in warning for warning in warnings] == [True]


def test_check_refuses_rules_that_nobody_tells_a_scope(served):
    """Raised once, and then no owner named: whoever they hold for would be shown nothing."""
    url = served.environment["DATABASE_URL"]
    role = "lianhu_told_nothing"
    with psycopg.connect(url, autocommit=True) as office:
        office.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'plain'")
        office.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        office.execute("ALTER TABLE people_person ENABLE ROW LEVEL SECURITY")
        parts = psycopg.conninfo.conninfo_to_dict(url)
        theirs = f"postgres://{role}:plain@{parts['host']}:{parts['port']}/{parts['dbname']}"
        try:
            code, faults, _ = _checked(served, DATABASE_URL=theirs)
        finally:
            office.execute("ALTER TABLE people_person DISABLE ROW LEVEL SECURITY")
            office.execute(f"DROP OWNED BY {role}")
            office.execute(f"DROP ROLE {role}")
    assert (code, ["LIANHU_UNGUARDED" in fault for fault in faults]) == (1, [True])
