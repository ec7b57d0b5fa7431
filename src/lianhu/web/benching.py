"""Find and run the measurements of `bench/`."""

import importlib
import pkgutil
import sys
from pathlib import Path

from lianhu.kernel.errors import Refusal

BENCH = Path(__file__).parents[3]


def run_bench(name: str, *, as_json: bool) -> None:
    """Run `bench/<name>.py`'s `main(as_json=…)`; refuses ``bench.unknown``.

    A name that is a word of Python's own has `_` behind it in its file: `return`.
    """
    sys.path.insert(0, str(BENCH))
    files = {m.name for m in pkgutil.iter_modules([str(BENCH / "bench")])}
    names = {file.removesuffix("_"): file for file in files}
    if name not in names:
        raise Refusal("bench.unknown", names=", ".join(sorted(names)))
    importlib.import_module(f"bench.{names[name]}").main(as_json=as_json)
