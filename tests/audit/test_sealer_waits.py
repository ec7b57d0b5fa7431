"""A server may come up before its database is migrated: the sealer waits without a word."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
START = """
import logging, time, django
django.setup()
logging.basicConfig(level="WARNING")
from django.core.management import call_command
from lianhu.audit.sealing import start_sealer
from lianhu.kernel.keyring import make_ring
from django.conf import settings
make_ring(settings.LIANHU_KEYS)
stop = start_sealer(0.02)
time.sleep(0.5)
print("up", flush=True)
call_command("migrate", verbosity=0)
time.sleep(0.5)
stop.set()
"""


def test_the_sealer_says_nothing_before_there_is_a_ledger(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lianhu.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
        "LIANHU_VAR": str(tmp_path),
        "LIANHU_SECRET_KEY": "of a process that this test starts and ends",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", START],
        env=environment, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout == "up\n"
    assert "not_sealed" not in done.stderr
