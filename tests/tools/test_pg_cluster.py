"""The private PostgreSQL starts, answers, survives a crash and leaves nothing behind."""

import signal

import psycopg

from tools.pg_cluster import Cluster


def _one(url: str, question: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    return str(row[0]) if row else ""


def test_cluster_waits_for_the_disk_unless_told_not_to():
    with Cluster() as cluster:
        assert _one(cluster.url, "show fsync") == "on"


def test_cluster_keeps_committed_rows_through_a_crash_and_is_gone_at_the_end():
    with Cluster() as cluster:
        with psycopg.connect(cluster.url) as connection:
            connection.execute("create table kept as select 7 as number")
        cluster.stop(signal.SIGQUIT)
        cluster.start()
        assert _one(cluster.url, "select number from kept") == "7"
        folder = cluster.folder
    assert not folder.exists()
