"""The rows of the year's matters: who reported, handled, answered, checked."""

from collections.abc import Iterable, Iterator

from lianhu.demo.county import County
from lianhu.demo.courses import ANSWER, NEVER, STEPS
from lianhu.demo.divisions import COUNTY, PILOT
from lianhu.demo.marks import Sort
from lianhu.demo.names import FAMILY
from lianhu.demo.phrases import Speaker, Story
from lianhu.demo.telling import VILLAGER, Telling, Who
from lianhu.demo.year import Year
from lianhu.matters.actions.load import MatterRow
from lianhu.matters.kinds import Kind, office_at, receiving_office
from lianhu.matters.rules import UNANSWERED, Stage

SOURCES = ("phone", "desk", "board")
NUMBERS = "零一二三四五六七八九十"
SCORES = (0.03, 0.08, 0.2, 0.45)  # up to these: 1, 2, 3, 4; above: 5
# How the lucky numbers of a matter are used.
TAPPED, SPOT, KEPT_QUIET, ADDED, EXTENDED, ACCUSED, SCORED, URGED, FINDS, OTHERWISE = range(10)


def group_words(number: int) -> str:
    """A group's number in Chinese: 三, 十二."""
    if number <= 10:
        return NUMBERS[number]
    return (
        ("" if number < 20 else NUMBERS[number // 10]) + "十" + NUMBERS[number % 10].strip("零")
    )


def _same_here(words: str) -> str:
    return f"{words.rstrip('。')}，我们这边也是一样。"


class Teller:
    """Makes the rows of matters of one county and year."""

    def __init__(self, county: County, year: Year) -> None:
        self._county, self._year = county, year
        self._who = [Who(county.user_id(w.number), w.name) for w in county.staff.workers]

    def rows(self, numbers: Iterable[int]) -> Iterator[MatterRow]:
        """The matters of these numbers, each followed by its copy if somebody made one."""
        for number in numbers:
            row = self._row(number)
            yield row
            if self._year.copied[number]:
                yield self._copy(number, row)

    def _holder(self, office: str, pick: int, *, but: Who | None = None) -> Who:
        """One holder of an office, another than `but` where there is one."""
        found = [self._who[w] for w in self._county.staff.holders.get(office, ())]
        others = [w for w in found if but is None or w.id != but.id]
        if others:
            return others[pick % len(others)]
        # An office that nobody holds yet: the secretary, the town or the county in its stead.
        place = office.partition(":")[0]
        role = {6: "county", 9: "town"}.get(len(place), "secretary")
        stand_in = [self._who[w] for w in self._county.staff.roles.get((role, place), ())]
        others = [w for w in stand_in if but is None or w.id != but.id]
        if others:
            return others[pick % len(others)]
        return self._holder(f"{place[:9] if len(place) > 9 else COUNTY}:hub", pick, but=but)

    def _row(self, number: int) -> MatterRow:
        year, county = self._year, self._county
        kind = year.kinds[year.kind[number]]
        luck, lot = year.luck[number], int(year.lot[number])
        grid, house = int(year.grid[number]), int(year.house[number])
        place = county.codes[grid]
        row_class = kind.visibility
        if row_class == "ordinary" and luck[KEPT_QUIET] < 0.006:
            row_class = "sensitive"
        head = int(county.people.first[house])
        family = FAMILY[county.people.surname[head]]
        speaker = Speaker(lot, family, group_words(int(place[12:14])))
        story = speaker.tell(kind.code)
        telling = Telling(
            number, year.start, kind.clock, receiving_office(kind, row_class, place),
            county.marks, speaker,
        )  # fmt: skip
        reporter = self._reporter(number, place, head, telling)
        self._where(number, kind, place, house, telling)
        self._tell(number, kind, place, story, reporter, telling)
        handler = telling.handler
        telling.fields |= {
            "handler_id": handler.id if handler else None,
            "waiting_since": telling.waiting_since,
        }
        official = row_class == "about_official"
        return MatterRow(
            id=county.marks.uuid(Sort.MATTER, number),
            place=COUNTY if official else place,
            row_class=row_class,
            office=telling.office,
            ref=county.marks.follow_code(number),
            category=kind.code,
            top=kind.top,
            words=story.report,
            reporter_id=None if reporter.id.int == 0 else reporter.id,
            reporter_name=reporter.name,
            source=SOURCES[year.source[number]],
            stage=telling.stage,
            captured_at=telling.moment(int(year.courses.captured[number])),
            received_at=telling.steps[0].at,
            due_on=telling.due,
            steps=tuple(telling.steps),
            fields=telling.fields,
        )

    def _reporter(self, number: int, place: str, head: int, telling: Telling) -> Who:
        """The grid's leader by phone, an official at the desk, a resident on the board."""
        source = int(self._year.source[number])
        if source == 0:
            return self._who[int(self._county.staff.leader[self._year.grid[number]])]
        if source == 1:
            return self._holder(f"{place[:12]}:committee", number)
        people = self._county.people
        phone = int(people.phone[head]) or 10_000_000_000 + number
        telling.fields["reporter_phone"] = str(phone)
        return Who(VILLAGER.id, people.name(head))

    def _where(self, number: int, kind: Kind, place: str, house: int, telling: Telling) -> None:
        """The household, the tapped point, or whom it is about."""
        luck, county, fields = self._year.luck[number], self._county, telling.fields
        if kind.visibility == "about_official":
            village = place[:12]
            fields["subject_place"] = village
            roles = county.staff.roles
            accused = [*roles["secretary", village], *roles["committee", village]]
            if accused and (village == PILOT or luck[ACCUSED] < 0.7):
                which = 0 if village == PILOT else number % len(accused)
                fields["accused_id"] = self._who[accused[which]].id
                fields["about"] = f"{self._who[accused[which]].name}，村干部"
            return
        if kind.top not in {"environment", "safety"} or luck[SPOT] < 0.3:
            fields["household_id"] = county.household_id(house)
        if kind.top in {"environment", "safety"} and luck[SPOT] < 0.6:
            fields["spot"] = telling.speaker.say("地")
        if luck[TAPPED] < 0.3:
            lon, lat = county.people.points[house]
            fields["lon"], fields["lat"] = round(float(lon), 5), round(float(lat), 5)

    def _tell(
        self, number: int, kind: Kind, place: str, story: Story, reporter: Who, telling: Telling
    ) -> None:
        """All steps that were taken before the year's end."""
        year = self._year
        target = office_at(place, kind.handled_by[year.office[number]])
        first = telling.office
        pick = int(year.lot[number]) % 9973
        taker = self._holder(first, pick)
        handler = self._holder(target if year.dispatched[number] else first, pick + 1)
        verifier = self._verifier(kind, telling.office, place, pick, handler)
        second = number % 2 == 0
        people = {
            "report": reporter, "accept": taker, "dispatch": taker, "handle": handler,
            "ask": handler, "answer": handler, "verify": verifier, "return": verifier,
            "close": taker, "rate": VILLAGER, "reopen": VILLAGER if second else reporter,
            "resume": reporter,
        }  # fmt: skip
        say = telling.speaker.say
        for column, verb in enumerate(STEPS):
            minutes = int(year.courses.times[number, column])
            if minutes == NEVER:
                continue
            self._merge_before(number, minutes, story, telling)
            telling.urge_before(minutes)
            words = story.report if verb == "report" else ""
            if verb in {"handle", "answer"}:
                words = getattr(story, verb)
            elif verb == "rate":
                words = self._rate(number, telling)
            elif verb not in {"report", "accept"}:
                words = say(verb)
            if verb == "dispatch":
                telling.office = target
            telling.take(verb, minutes, people[verb], words)
            self._besides(number, column, minutes, place, reporter, telling)
        telling.urge_before(year.end)

    def _verifier(self, kind: Kind, office: str, place: str, pick: int, handler: Who) -> Who:
        """Somebody other than the handler who may see it: the supervision committee for what
        everybody in the village may see, else a colleague in the office."""
        if kind.visibility == "ordinary":
            return self._holder(f"{place[:12]}:supervision", pick, but=handler)
        return self._holder(office, pick + 2, but=handler)

    def _rate(self, number: int, telling: Telling) -> str:
        """A mark from 1 to 5 and its words; late answers are liked less."""
        luck = float(self._year.luck[number, SCORED])
        if telling.fields.get("escalations"):
            luck *= 0.5
        score = 1 + sum(luck >= edge for edge in SCORES)
        words = telling.speaker.say(
            "good" if score > 3 else "middling" if score == 3 else "bad"
        )
        telling.fields |= {"score": score, "score_words": words}
        return words

    def _besides(
        self,
        number: int,
        column: int,
        minutes: int,
        place: str,
        reporter: Who,
        telling: Telling,
    ) -> None:
        """What now and then happens between: more words, a longer time, a leader who urges."""
        year = self._year
        luck, soon = year.luck[number], minutes + 1
        if telling.stage not in UNANSWERED or soon >= self._next(number, column):
            return
        if STEPS[column] == "accept" and luck[ADDED] < 0.02 and reporter.id.int:
            telling.take("add", soon, reporter, telling.speaker.say("add"))
        elif STEPS[column] == "handle" and luck[EXTENDED] < 0.03 and telling.clock == "hard":
            town = self._holder(f"{place[:9]}:hub", number, but=telling.handler)
            telling.take("extend", soon, town, telling.speaker.say("extend"))
        elif STEPS[column] == "handle" and luck[URGED] < 0.01:
            leaders = self._county.staff.roles["leader", COUNTY]
            leader = self._who[leaders[number % len(leaders)]]
            telling.take("escalate", soon, leader, telling.speaker.say("escalate"))

    def _next(self, number: int, column: int) -> int:
        """When the step after a column was taken, or the year's end."""
        times = self._year.courses.times[number, column + 1 :]
        return min(int(times.min(initial=NEVER)), self._year.end)

    def _copy_times(self, number: int) -> tuple[int, int]:
        """When the copy of a matter came and when it was merged: before the answer."""
        times = self._year.courses.times[number]
        came, answered = int(times[0]), int(times[ANSWER])
        received = came + int((answered - came) * (0.2 + 0.3 * self._year.luck[number, FINDS]))
        return received, received + (answered - received) // 2

    def _merge_before(self, number: int, minutes: int, story: Story, telling: Telling) -> None:
        """Add the words of a copy that was merged before that moment, once."""
        if not self._year.copied[number] or telling.stage not in UNANSWERED:
            return
        merged = self._copy_times(number)[1]
        if (
            merged <= minutes
            and telling.steps
            and telling.steps[-1].at < telling.moment(merged)
        ):
            telling.urge_before(merged)
            who = self._holder(telling.office, number)
            telling.take("add", merged, who, _same_here(story.report))

    def _copy(self, number: int, original: MatterRow) -> MatterRow:
        """The same thing reported by somebody else and merged by the village."""
        year, county = self._year, self._county
        mark = len(year) + int(year.copied[:number].sum())
        kind = year.kinds[year.kind[number]]
        telling = Telling(
            mark, year.start, kind.clock,
            receiving_office(kind, original.row_class, original.place), county.marks,
            Speaker(int(year.lot[number]) ^ mark, "王", "一"),
        )  # fmt: skip
        received, merged = self._copy_times(number)
        other = int(year.house[number]) - 1 if year.house[number] else 1
        head = int(county.people.first[other])
        name = county.people.name(head)
        words = _same_here(original.words)
        telling.take("report", received, Who(VILLAGER.id, name), words)
        telling.take("merge", merged, self._holder(telling.office, number))
        telling.fields |= {
            "duplicate_of_id": original.id,
            "reporter_phone": str(int(county.people.phone[head]) or 10_000_000_000 + mark),
        }
        return MatterRow(
            id=county.marks.uuid(Sort.MATTER, mark),
            place=original.place,
            row_class=original.row_class,
            office=telling.office,
            ref=county.marks.follow_code(mark),
            category=original.category,
            top=original.top,
            words=words,
            reporter_id=None,
            reporter_name=name,
            source="board",
            stage=Stage.MERGED,
            captured_at=telling.steps[0].at,
            received_at=telling.steps[0].at,
            due_on=telling.due,
            steps=tuple(telling.steps),
            fields=telling.fields,
        )
