"""Too many phones are asked back, spread by chance; the door never shuts for good."""

import pytest

from lianhu.kernel.catalogue import read
from lianhu.web.crowd import Crowd
from lianhu.web.serving import RECEIVING

BOUNDS = {
    "longest_wait_s": 2, "always": 2, "most": 10, "soonest_s": 5, "latest_s": 60,
    "remembered_s": 30,
}  # fmt: skip


class _Tick:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def tick():
    return _Tick()


@pytest.fixture
def crowd(tick):
    """Two served at once, one second each; the latest of the returns that chance may choose."""
    made = Crowd(2, BOUNDS, tick, chance=lambda: 1.0)
    assert made.come() == 0
    made.go(1.0)
    return made


def _come(crowd, times):
    return [crowd.come() for _ in range(times)]


def test_come_lets_in_what_is_served_within_the_bound(crowd):
    # The fifth finds four before it: two seconds; the sixth would wait two and a half.
    assert _come(crowd, 6) == [0, 0, 0, 0, 0, 6]
    crowd.go(1.0)
    assert crowd.come() == 0


def test_come_lets_no_more_in_than_threads_are_spared(crowd):
    crowd.mean = 0.001
    assert _come(crowd, 11)[9:] == [0, 6]


def test_come_always_lets_some_in_so_that_one_slow_request_shuts_no_door(crowd):
    crowd.mean = 600.0
    assert _come(crowd, 3) == [0, 0, 60]
    for _ in range(80):
        crowd.go(0.5)
        assert crowd.come() == 0
    assert crowd.mean < 1


def test_returns_are_spread_over_the_time_that_serving_the_refused_takes(crowd, tick):
    waits = _come(crowd, 5 + 100)[5:]
    assert waits[0] == 6
    assert waits[19] == 5 + 20 // 2
    assert waits[-1] == 5 + 100 // 2
    assert _come(crowd, 40)[-1] == 60
    tick.now = 1000.0
    assert crowd.come() == 6


def test_returns_are_drawn_by_chance(crowd):
    drawn = iter([0.0] * 99 + [0.0, 0.5, 1.0])
    crowd.chance = lambda: next(drawn)
    _come(crowd, 5 + 99)
    assert _come(crowd, 3) == [5, 5 + 26, 5 + 51]


def test_phones_leave_threads_for_the_desk():
    bounds = read("crowding.toml")["phones"]
    assert bounds["always"] < bounds["most"] < RECEIVING
    assert bounds["longest_wait_s"] < 2
