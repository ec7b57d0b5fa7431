"""What a draft would change is shown without telling of any few households."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lianhu.grading.queries.whatif import _shown, _told
from tests.kernel.attacker import narrow

VILLAGE = st.tuples(st.integers(0, 60), st.integers(0, 40)).map(lambda p: (p[0] + p[1], p[0]))
COUNTY = st.lists(st.lists(VILLAGE, min_size=1, max_size=4), min_size=1, max_size=4)


def _places(county):
    """Households and changed ones of every place by code, and what lies below each."""
    cells: dict[str, list[int]] = {}
    for t, town in enumerate(county):
        for v, (households, changed) in enumerate(town):
            code = f"610921{100 + t}{200 + v}"
            for place in (code, code[:9], code[:6]):
                found = cells.setdefault(place, [0, 0])
                found[0] += households
                found[1] += changed
    below = {p: [c for c in cells if len(c) == len(p) + 3 and c.startswith(p)] for p in cells}
    return cells, {p: parts for p, parts in below.items() if parts}


@settings(max_examples=60)
@given(COUNTY)
def test_no_few_households_are_known_closely(county):
    """How many households there are is shown; who solves for how many changed, or did not, knows
    of a small number that it is small."""
    places, below = _places(county)
    changed = {p: n for p, (_, n) in places.items()}
    sizes = {p: n for p, (n, _) in places.items()}
    shown = _shown(changed, {"A": changed}, sizes, 10)
    cells = {(p, "all"): n for p, n in sizes.items()}
    cells |= {(p, "changed"): n for p, n in changed.items()}
    cells |= {(p, "same"): sizes[p] - n for p, n in changed.items()}
    sums = [((p, "all"), [(p, "changed"), (p, "same")]) for p in places]
    sums += [((p, c), [(b, c) for b in parts]) for p, parts in below.items()
             for c in ("changed", "same")]  # fmt: skip
    told = [(p, "all") for p in places]
    told += [(p, "changed") for p, n in shown.items() if n is not None]
    most = {(p, c): sizes[p] for p in places for c in ("changed", "same")}
    assert narrow(cells, told, sums, most=most) == {}


@given(st.lists(st.integers(0, 30), min_size=1, max_size=5), st.integers(0, 30))
@example([4, 11], 15)
@example([4, 11, 20], 35)
def test_no_rules_share_is_known_by_the_others(hit, more):
    """Every change has a rule: what the shown ones do not account for is the hidden ones'."""
    changed = max(max(hit), min(sum(hit), more))
    told = _told(hit, changed, 10)
    assert all(n >= 10 for n, t in zip(hit, told, strict=True) if t)
    left = changed - sum(n for n, t in zip(hit, told, strict=True) if t)
    for number, (n, t) in enumerate(zip(hit, told, strict=True)):
        if not t and n < 10 and changed >= 10:
            others = sum(changed for m, u in enumerate(told) if not u and m != number)
            assert left - others <= 0 or told == [False] * len(hit)


def test_a_figure_that_no_rule_reaches_is_hidden():
    """Twelve by two rules of six: that neither is named would tell three of each at least."""
    cells = {"610921": 12, "610921100": 12, "610921100200": 12}
    did = {"A": dict.fromkeys(cells, 6), "B": dict.fromkeys(cells, 6)}
    assert set(_shown(cells, did, dict.fromkeys(cells, 90), 10).values()) == {None}
    one = {"A": dict.fromkeys(cells, 12), "B": dict.fromkeys(cells, 3)}
    assert set(_shown(cells, one, dict.fromkeys(cells, 90), 10).values()) == {12}
