"""A random walk through both worlds, and whether anybody could tell them apart."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.crawl.calls import Call
from tests.crawl.steps import STEPS, Step
from tests.crawl.twins import BEGIN, IN_THE_KNOW, Seen, Twins, World, apart, seen

Look = tuple[list[Call], list[Seen]]
AFTER, LATER = timedelta(minutes=3), timedelta(minutes=30)


@dataclass
class Found:
    """What a walk did and found."""

    steps: Counter[str] = field(default_factory=Counter)
    hidden: int = 0  # steps about a report that were taken, not refused
    reports: int = 0
    calls: int = 0
    leaks: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The figures in one line."""
        return (
            f"{sum(self.steps.values())} steps, {self.hidden} of them about {self.reports} reports,"
            f" {self.calls} looks, {len(self.leaks)} leaks; {dict(sorted(self.steps.items()))}"
        )


def plan_of(seed: str, length: int) -> list[Step]:
    """Steps by dice, with a plain matter and a report among the first."""
    dice = random.Random(repr((seed, "plan")))
    every = list(STEPS.values())
    more = dice.choices(every, [one.weight for one in every], k=max(0, length - 3))
    return [STEPS["plain_report"], STEPS["told_at_the_desk"], STEPS["worked_on"], *more]


class Walk:
    """Lives a plan in the world with the reports, then in the one without."""

    def __init__(self, twins: Twins, plan: Sequence[Step], *, watchers: int) -> None:
        self.twins, self.plan, self.watchers = twins, plan, watchers
        self.found = Found()
        self.memory: dict[str, Look] = {}
        self.told: set[str] = set()  # steps whose caller may know more

    def go(self, *, first: bool = False, still: bool = False, stare: bool = True) -> Found:
        """Both lives; `first` stops at the first leak, `still` looks after each step of the reports
        too, `stare` at every route at the end."""
        for whole in (True, False):
            with self.twins.world(whole=whole) as world:
                self._live(world, first=first, still=still, stare=stare)
            if first and self.found.leaks:
                break
        return self.found

    def _live(self, world: World, *, first: bool, still: bool, stare: bool) -> None:
        moment, last = BEGIN, None
        for index, step in enumerate(self.plan):
            dice = random.Random(repr((self.twins.seed, index, step.name)))
            if step.hidden:
                self.twins.step(moment + AFTER, index)
                self._hide(world, step, dice, index)
                if still and last:
                    last = last[0], self._stand_still(world, step, last, index, moment)
                self._pry(world, step, dice, index, moment)
            else:
                self.twins.step(moment + timedelta(hours=1), index)
                moment, last = self._happen(world, step, dice, index)
            if first and self.found.leaks:
                return
        if stare:
            if world.whole:
                dice = random.Random(repr((self.twins.seed, "stare")))
                self.memory["stare"] = self.twins.stare(dice, self.watchers), []
            calls = self.memory["stare"][0]
            self._tell("stare", world, calls, self._look(calls, moment + LATER))
        if world.whole:
            self.found.reports = len(world.told)

    def _happen(
        self, world: World, step: Step, dice: random.Random, index: int
    ) -> tuple[datetime, Look]:
        """A step of both worlds; when it is over, and what was seen then."""
        asked = step.do(world, dice, index)
        moment = self.twins.clock.now
        self.twins.step(moment, index, "over")  # days may have gone by
        key = f"{index} {step.name}"
        if asked is not None and not self._in_the_know(world, asked[0], key):
            self._tell(key, world, [asked[0]], [seen(*asked)])
        if world.whole:
            self.found.steps[step.name] += 1
            words = f"修路的钱没有公开，账上少了第{max(index - 1, 0)}笔"
            calls = self.twins.glance(dice, words, self.watchers)
        else:
            calls = self.memory[f"after {index} {step.name}"][0]
        last = calls, self._look(calls, moment + LATER)
        self._tell(f"after {index} {step.name}", world, *last)
        return moment, last

    def _in_the_know(self, world: World, call: Call, key: str) -> bool:
        """Whether the county may tell this caller that there is a report: an officer who works on
        them, and a phone that has brought one by now. What holds in the one world, for both."""
        name = call.caller.name
        if world.whole and name in IN_THE_KNOW and (name != "sender" or world.hidden):
            self.told.add(key)
        return key in self.told

    def _stand_still(
        self, world: World, step: Step, last: Look, index: int, moment: datetime
    ) -> list[Seen]:
        """For everybody else nothing has happened: the same looks see the same. What they see."""
        key = f"{index} {step.name}"
        if step.instead:
            # A phone speaks with the county in the other world too: that shows, and may, in both.
            again = self._look(last[0], moment + LATER)
            self._tell(f"still {key}", world, last[0], again)
            return again
        if world.whole:
            self._compare(key, last[0], self._look(last[0], moment + LATER), last[1])
        return last[1]

    def _pry(
        self, world: World, step: Step, dice: random.Random, index: int, moment: datetime
    ) -> None:
        """Somebody has the number of the latest report, or words of it."""
        key = f"pry {index} {step.name}"
        if world.whole:
            calls = self.twins.pry(dice, world.told[-1]) if world.told else []
        else:
            calls = self.memory[key][0]
        self._tell(key, world, calls, self._look(calls, moment + LATER))

    def _hide(self, world: World, step: Step, dice: random.Random, index: int) -> None:
        """A step of the reports, or what happens in its place."""
        if not world.whole:
            if step.instead:
                step.instead(world, dice, index)
            return
        asked = step.do(world, dice, index)
        self.found.steps[step.name] += 1
        self.found.hidden += asked is not None and asked[1].status < 400

    def _look(self, calls: list[Call], at: datetime) -> list[Seen]:
        self.found.calls += len(calls)
        return self.twins.look(calls, at)

    def _tell(self, key: str, world: World, calls: list[Call], got: list[Seen]) -> None:
        """Keep what the first world showed; compare the second with it."""
        if world.whole:
            self.memory[key] = calls, got
        else:
            before = self.memory[key]
            self._compare(key, before[0], before[1], got)

    def _compare(
        self, when: str, calls: list[Call], one: Sequence[Seen], other: Sequence[Seen]
    ) -> None:
        for call, with_it, without in zip(calls, one, other, strict=True):
            if leak := apart(call, with_it, without):
                self.found.leaks.append(f"{when}: {leak}")
