"""The set-up runs before anything is installed."""

import subprocess
import sys

from tools.work import ROOT


def test_the_set_up_needs_nothing_but_python():
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import tools.setup"],  # -S: without installed packages
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
