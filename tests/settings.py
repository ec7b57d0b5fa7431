"""The product's settings with quick passwords, throw-away files, either database."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.postgres import shared_url

FOLDER = "LIANHU_TEST_VAR"
if FOLDER not in os.environ:
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="lianhu-tests-")
    atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)

# Each xdist worker writes into its own folder; nothing of the caller's own settings leaks in.
_var = Path(os.environ[FOLDER], os.environ.get("PYTEST_XDIST_WORKER", "main"))
(_var / "static").mkdir(parents=True, exist_ok=True)  # where collected files would be
for _name in [name for name in os.environ if name.startswith("LIANHU_")]:
    if not _name.startswith("LIANHU_TEST_"):
        del os.environ[_name]
os.environ["LIANHU_VAR"] = str(_var)
os.environ["LIANHU_SECRET_KEY"] = "for-tests-only"
_kind = os.environ.get("LIANHU_TEST_DB", "sqlite")
if _kind not in {"sqlite", "postgres"}:
    raise ValueError(f"LIANHU_TEST_DB is sqlite or postgres, not {_kind}")
os.environ["DATABASE_URL"] = shared_url() if _kind == "postgres" else ""
os.environ["LIANHU_UNGUARDED"] = "1"

from lianhu.kernel.keyring import make_ring  # noqa: E402 - the environment comes first
from lianhu.settings import *  # noqa: E402, F403
from lianhu.settings import LIANHU_KEYS, LOGGING  # noqa: E402

make_ring(LIANHU_KEYS)
# The part "guarded": everything runs as the role that serves a county, under row-level security.
# Else, as in a county that goes without, as whoever owns the tables.
LIANHU_GUARDED = _kind == "postgres" and os.environ.get("LIANHU_TEST_GUARDED") == "1"
if LIANHU_GUARDED:
    LIANHU_SERVES_AS = "lianhu_app"
    DATABASES["default"]["ENGINE"] = "lianhu.kernel.postgres"  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING = {**LOGGING, "root": {"handlers": [], "level": "WARNING"}}
