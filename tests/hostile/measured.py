"""One hostile file in a process of its own, bounded by the kernel: what it cost and what was said.

`python -m tests.hostile.measured KIND FILE` is the child. Memory is bounded by RLIMIT_AS, so a
reader that takes more than it may dies, and the test with it.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MB = 1 << 20
LONGEST = 300  # seconds: a machine may be busy; what hangs is longer
TODAY = "2026-11-23"


@dataclass(frozen=True)
class Cost:
    """What the child answered, and the most memory that it held (MB) above an idle one's."""

    answer: Any
    grown: float
    seconds: float


def measured(kind: str, path: Path, most: int) -> Cost:
    """Run a file through a reader that may take `most` MB of address space."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (most * MB, most * MB))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.measured", kind, str(path)],
        cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, preexec_fn=bound,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stderr[-600:])
    return Cost(**json.loads(done.stdout))


def _register(path: Path) -> Any:
    from datetime import date  # noqa: PLC0415

    from lianhu.people.register.read import read_register  # noqa: PLC0415

    found = read_register(path, today=date.fromisoformat(TODAY))
    return {
        "readable": found.readable, "persons": len(found.rows),
        "kinds": sorted({problem.kind for problem in found.problems}),
    }  # fmt: skip


def _photo(path: Path) -> Any:
    import django  # noqa: PLC0415

    django.setup()
    from lianhu.kernel.errors import Refusal  # noqa: PLC0415
    from lianhu.media.actions import _reencode  # noqa: PLC0415

    try:
        picture = _reencode(path.read_bytes())
    except Refusal as refusal:
        return refusal.code
    return f"{picture.width}x{picture.height}"


def _main() -> None:
    kind, path = sys.argv[1], Path(sys.argv[2])
    run = {"register": _register, "photo": _photo}[kind]
    began = time.monotonic()
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = run(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cost = {
        "answer": answer,
        "grown": (peak - idle) / 1024,
        "seconds": time.monotonic() - began,
    }
    sys.stdout.write(json.dumps(cost))


if __name__ == "__main__":
    _main()
