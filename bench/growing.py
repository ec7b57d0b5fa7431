"""A county at 1x, 3x and 10x its own matters, served side by side."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.serving import County

COPIES = {"3x": 2, "10x": 9}


@contextmanager
def three_sizes(kind: str) -> Iterator[dict[str, County]]:
    """The whole demo county on one kind of database, at each size, served. Figures are compared by
    asking the three in turn, so that a busy moment of the machine slows all of them."""
    with (
        County(kind, scale=1.0) as one,
        County(kind, like=one) as three,
        County(kind, like=one) as ten,
    ):
        counties = {"1x": one, "3x": three, "10x": ten}
        for size, copies in COPIES.items():
            subprocess.run(  # noqa: S603 - our own module
                [sys.executable, "-m", "bench.multiply", str(copies)],
                env=counties[size].environment, cwd=Path(__file__).parents[1], check=True,
            )  # fmt: skip
        for county in counties.values():
            county.serve()
        yield counties
