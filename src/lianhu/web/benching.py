"""Find and run the measurements of `bench/`."""

import importlib
import pkgutil
import sys
from pathlib import Path

from lianhu.kernel.errors import Refusal

BENCH = Path(__file__).parents[3]


def run_bench(name: str, *, as_json: bool) -> None:
    """Run `bench/<name>.py`'s `main(as_json=…)`; refuses ``bench.unknown``."""
    sys.path.insert(0, str(BENCH))
    names = {m.name for m in pkgutil.iter_modules([str(BENCH / "bench")])}
    if name not in names:
        raise Refusal("bench.unknown", names=", ".join(sorted(names)))
    importlib.import_module(f"bench.{name}").main(as_json=as_json)
