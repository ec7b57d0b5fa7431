"""One private PostgreSQL for a whole test run, shared by all its processes."""

import atexit
import os

from tools.pg_cluster import Cluster

SHARED = "LIANHU_TEST_DATABASE_URL"


def shared_url() -> str:
    """The address of the run's cluster, started by whoever asks first, gone at their exit.

    Children (xdist's workers) find the address in their environment. The cluster does not wait
    for the disk, which is right for unit tests and for nothing else.
    """
    if SHARED not in os.environ:
        cluster = Cluster(fast=True)
        cluster.start()
        atexit.register(cluster.remove)
        os.environ[SHARED] = cluster.url
    return os.environ[SHARED]
