"""Which figures of places must be hidden so that no small one can be told, or told closely. Pure.

Source: norms.md, "Personal data": cells under 10 hidden with secondary suppression. A place has one
or more numbers that together make up something known of it (answered in time and not; changed and
not), and each number of a place is the sum of those of the places below it.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

Place = TypeVar("Place", bound=Hashable)


def hidden_places(
    numbers: Mapping[Place, Sequence[int]],
    below: Mapping[Place, Sequence[Place]],
    *,
    least: int,
    also: Iterable[Place] = (),
) -> set[Place]:
    """The places whose numbers not to publish: those with one under `least`, those in `also`, and
    those that would give them away.

    Whoever subtracts what is shown below a shown place learns the sum of what is hidden there, at
    whatever depth. So for each shown place the hidden ones below reach `least` in each number, and
    each small number could as well be none: the others there could have taken it. The smallest
    shown place goes first, the sum last: wider figures stay as long as they can.
    """
    hidden = {place for place, given in numbers.items() if min(given) < least} | set(also)
    sums = [place for place in numbers if below.get(place)]
    while True:
        for place in sums:
            if place not in hidden and _tells(numbers, below, place, hidden, least):
                shown = [part for part in _beneath(below, place, hidden) if part not in hidden]
                hidden.add(min(shown, key=lambda p: sum(numbers[p])) if shown else place)
                break
        else:
            return hidden


def _beneath(
    below: Mapping[Place, Sequence[Place]], place: Place, hidden: set[Place]
) -> Iterator[Place]:
    """The places below one, down to the first shown one on each way."""
    for part in below.get(place, ()):
        yield part
        if part in hidden:
            yield from _beneath(below, part, hidden)


def _tells(
    numbers: Mapping[Place, Sequence[int]],
    below: Mapping[Place, Sequence[Place]],
    place: Place,
    hidden: set[Place],
    least: int,
) -> bool:
    """Whether a shown place, less what is shown below it, tells a small number."""
    beneath = [part for part in _beneath(below, place, hidden) if part in hidden]
    last = [part for part in beneath if not below.get(part)]
    left = [sum(column) for column in zip(*(numbers[part] for part in last), strict=True)]
    if last and min(left) < least:
        return True
    return any(
        left[other] - numbers[part][other] < number
        for part in beneath
        for column, number in enumerate(numbers[part])
        if number < least
        for other in range(len(left))
        if other != column
    )
