"""Set-up makes the machine code of every function with every kind of argument."""

import importlib
import pkgutil

from bench.counties import county
from lianhu.grids import engine
from lianhu.grids.engine.divide import divide_groups
from lianhu.grids.engine.redivide import redivide
from lianhu.grids.machine_code import make
from lianhu.grids.proving import prove_division
from lianhu.grids.rules import Bounds


def _made() -> dict[str, int]:
    """How many kinds of arguments each compiled function has met in this process."""
    modules = [
        importlib.import_module(f"{engine.__name__}.{module.name}")
        for module in pkgutil.iter_modules(engine.__path__)
    ]
    return {
        f"{function.__module__}.{name}": len(function.signatures)
        for module in modules
        for name, function in vars(module).items()
        if hasattr(function, "signatures")
    }


def test_nothing_is_left_to_compile_for_whoever_divides_and_proves():
    make()
    before = _made()
    assert sum(before.values()) >= 5  # what Python calls; the rest is called by these
    whole = county(1)
    some = whole.group < 20
    columns = [column[some] for column in whole]
    division = divide_groups(*columns, Bounds(), seed=7)
    redivide(*columns, Bounds(), before=division.grid, seed=7, drift=0.05)
    prove_division(columns, division, Bounds(), seconds=20, processes=1)
    assert _made() == before
