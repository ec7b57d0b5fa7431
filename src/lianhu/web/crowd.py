"""Whether one more phone may wait for its turn, and when else to ask it back.

After a day without signal a county of phones comes back at once. What cannot be served soon is
refused before anything of it is begun: the letters are safe on the phone, which comes again by
itself. Bounds are in `catalogue/crowding.toml`.
"""

import random
import threading
import time
from collections.abc import Callable
from math import ceil, exp
from typing import Any

from lianhu.kernel.catalogue import read

NEWEST = 0.1  # weight of the latest request in the mean


class Crowd:
    """The phones that wait or are served in this process, and how long one takes."""

    def __init__(
        self,
        at_once: int,
        bounds: dict[str, Any] | None = None,
        tick: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.bounds = bounds or read("crowding.toml")["phones"]
        self.at_once, self.tick, self.chance = at_once, tick, chance
        self.here = 0
        self.mean = 0.0  # seconds for which one of them is served
        self.refused, self.counted_at = 0.0, tick()  # lately, fading
        self.lock = threading.Lock()

    def come(self) -> int:
        """0 when a phone may wait here, else the seconds after which it should come again."""
        bounds = self.bounds
        with self.lock:
            wait = self.here * self.mean / self.at_once
            if self.here < bounds["always"] or (
                self.here < bounds["most"] and wait <= bounds["longest_wait_s"]
            ):
                self.here += 1
                return 0
            return self._refuse()

    def go(self, took: float) -> None:
        """A phone was served for so many seconds."""
        with self.lock:
            self.here -= 1
            self.mean += (took - self.mean) * (NEWEST if self.mean else 1)

    def _refuse(self) -> int:
        # Those refused lately all come again: spread them over the time that serving them takes,
        # by chance, so that they do not come together.
        now = self.tick()
        faded = exp((self.counted_at - now) / self.bounds["remembered_s"])
        self.refused, self.counted_at = self.refused * faded + 1, now
        soonest, latest = self.bounds["soonest_s"], self.bounds["latest_s"]
        spread = min(latest - soonest, self.refused * self.mean / self.at_once)
        return int(soonest + ceil(spread * self.chance()))
