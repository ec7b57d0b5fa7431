"""The app and those who use it: what would count, rank, follow or press them."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.shortcuts import redirect

from lianhu.board import reporting
from lianhu.desk import visits_made
from lianhu.desk.drill import FIGURES, Figure
from lianhu.kernel.errors import Refusal
from lianhu.letters.actions import receiving
from lianhu.matters.actions.report import report_matter
from lianhu.postings import queries
from lianhu.territory.queries.ledger import list_entries
from lianhu.visits import actions as visiting
from lianhu.visits.actions import record_visit
from lianhu.visits.queries import list_overdue
from tests.never.hand import Hand, never

ABSENT = "tests/house/test_absent.py::"
NEVER = "tests/house/test_never.py::"
DECIDED = "tests/house/test_decided.py::"
NAMED = f"{ABSENT}test_no_table_or_column_is_named_for_a_forbidden_thing"
ROUTED = f"{ABSENT}test_no_route_is_named_for_a_forbidden_thing"
LETTER = f"{ABSENT}test_no_letter_asks_for_a_photo_or_for_a_forbidden_thing"
FOLLOWS = f"{ABSENT}test_the_phone_neither_follows_nor_counts_its_owner"
SPOKEN = f"{NEVER}test_no_screen_speaks_of_checking_in_points_or_ranks"
FORM = f"{NEVER}test_no_form_forces_a_photo_or_asks_for_video_or_sound"
KEYS = f"{DECIDED}test_no_key_of_the_catalogue_is_named_for_a_forbidden_thing"
COUNTED = f"{DECIDED}test_nothing_is_counted_for_each_of_the_staff"
HEADINGS = f"{DECIDED}test_no_file_has_a_column_of_colours_or_of_who_went"
WAYS = "tests/desk/test_visits_made.py::test_no_list_and_no_file_follows_one_persons_ways"
DUE = "tests/desk/test_visits_due.py::"
RECEIVE = "tests/letters/test_receive.py::"
SAME = "tests/visits/test_visits.py::test_evening_and_offline_count_the_same"
VISIT = "contracts/letters/visit.record-1.schema.json"

IN = "checking in, clocking in, roll calls"
USE = "points, ranks or lists for using the app, time online, rates of installation or use"
QUOTA = "minimum quotas of reports or visits"
FORCED = "a photo, video or place that must be given"
TRAIL = "trails of where staff went; anything that counts the phone's owner"
LOGIN = "an installation or a login forced on residents"
AGAIN = "asking again for a fact that is held"
LATE = "a record that counts less because it came late, at night or without signal"
COMPARED = "line people compared by their visits"


@never(IN, NAMED)
def a_column_of_arrival(hand: Hand) -> None:
    """A column `checked_in_at` on a visit."""
    hand.column("visits.Visit", "checked_in_at", models.DateTimeField(null=True))


@never(IN, NAMED)
def a_table_of_attendance(hand: Hand) -> None:
    """A table `Attendance`, one row a person and day."""
    hand.table("postings", "Attendance", on=models.DateField())


@never(IN, ROUTED)
def an_address_to_clock_in(hand: Hand) -> None:
    """An address `api/phone/clock-in/`."""
    hand.route("api/phone/clock-in/")


@never(IN, SPOKEN)
def a_button_to_sign_in_for_the_day(hand: Hand) -> None:
    """A button 签到 on the phone's first page."""
    hand.edit("web/phone/src/pages/TodayPage.vue", "<template>", "<template><b>签到</b>")


@never(IN, f"{DECIDED}test_a_phone_sends_these_letters_and_no_other")
def a_letter_by_another_name(hand: Hand) -> None:
    """A letter `day.begin/1`: whatever it is called, it says that somebody is on duty."""
    text = '{"title": "day.begin/1", "properties": {"body": {"properties": {}}}}'
    hand.file("contracts/letters/day.begin-1.schema.json", text)


@never(IN, KEYS)
def hours_of_presence(hand: Hand) -> None:
    """A key `clock_in` in catalogue/phones.toml."""
    hand.data("phones.toml", "[", 'clock_in = "08:30"\n[')


@never(USE, NAMED)
def minutes_online(hand: Hand) -> None:
    """A column `online_minutes` on a phone."""
    hand.column("accounts.Device", "online_minutes", models.IntegerField(default=0))


@never(USE, f"{DECIDED}test_nothing_counts_how_the_app_is_used")
def how_often_it_was_opened(hand: Hand) -> None:
    """A column `openings` on a phone, a name that no list of words knows."""
    hand.column("accounts.Device", "openings", models.PositiveIntegerField(default=0))


@never(USE, f"{DECIDED}test_the_overview_counts_these_things_and_no_other")
def phones_by_village(hand: Hand) -> None:
    """A figure of the overview: how many have the app, village beside village."""
    figure = Figure("phones", "已装手机", "台", "device.manage", "登记了手机的人")
    hand.patch.setitem(FIGURES, "phones", figure)


@never(USE, SPOKEN)
def a_board_of_honour(hand: Hand) -> None:
    """A heading 本月排行 at the desk."""
    hand.edit("src/lianhu/desk/templates/desk/staff.html", "<h1>", "<h2>本月排行</h2><h1>")


@never(USE, COUNTED)
def letters_of_each(hand: Hand) -> None:
    """A query that counts the letters of each user, the busiest first."""
    hand.file(
        "src/lianhu/letters/queries/busy.py",
        "def busy(rows):\n"
        '    return rows.values("user_id").annotate(n=Count("id")).order_by("-n")\n',
    )


@never(USE, FOLLOWS)
def a_beacon(hand: Hand) -> None:
    """The phone tells a server when it is put away (`sendBeacon`)."""
    hand.file("web/phone/src/use.ts", 'navigator.sendBeacon("/api/phone/use", "closed");')


@never(QUOTA, NAMED)
def visits_wanted(hand: Hand) -> None:
    """A column `visits_required` on a posting."""
    hand.column("postings.Posting", "visits_required", models.IntegerField(default=20))


@never(QUOTA, KEYS)
def a_quota_in_the_catalogue(hand: Hand) -> None:
    """A key `minimum_visits` in catalogue/visits.toml."""
    hand.data("visits.toml", "per_day = 3", "per_day = 3\nminimum_visits = 20")


@never(QUOTA, SPOKEN)
def a_quota_in_words(hand: Hand) -> None:
    """A line 本月至少走访 20 户 on the phone."""
    hand.edit("web/phone/src/pages/TodayPage.vue", "<template>", "<template>本月至少走访 20 户")


@never(QUOTA, COUNTED)
def who_went_too_seldom(hand: Hand) -> None:
    """A list of visitors with fewer than twenty visits."""
    hand.file(
        "src/lianhu/visits/few.py",
        "def few(rows):\n    made = Counter(row.visitor_id for row in rows)\n"
        "    return [who for who, n in made.items() if n < 20]\n",
    )


@never(FORCED, LETTER)
def a_visit_with_its_place(hand: Hand) -> None:
    """The letter of a visit requires `point`."""
    hand.edit(VISIT, '"household_id",\n', '"household_id",\n    "point",\n')


@never(FORCED, LETTER)
def a_need_with_its_photo(hand: Hand) -> None:
    """A need said on a visit requires a `photo`, two levels down."""
    hand.edit(VISIT, '"category",\n      "words"', '"category",\n      "photo",\n      "words"')


@never(FORCED, FORM)
def an_input_that_must_be_filled(hand: Hand) -> None:
    """The phone's input for photos becomes `required`."""
    hand.edit("web/phone/src/parts/PhotoStrip.vue", 'type="file"', 'type="file" required')


@never(FORCED, FORM)
def a_video_is_asked_for(hand: Hand) -> None:
    """The board's form takes videos."""
    field = '<input type="file" name="clip" accept="video/*"><h1>'
    hand.edit("src/lianhu/board/templates/board/report.html", "<h1>", field)


@never(FORCED, f"{DECIDED}test_no_button_waits_for_a_photo_or_a_place")
def a_button_that_waits(hand: Hand) -> None:
    """存下来 on the phone stays grey until there is a photo."""
    hand.edit(
        "web/phone/src/pages/VisitPage.vue", ':disabled="busy || !door"',
        ':disabled="busy || !door || form.photos.length === 0"',
    )  # fmt: skip


@never(FORCED, f"{DECIDED}test_nothing_is_refused_for_want_of_a_photo_or_a_place")
def a_refusal_for_want_of_a_photo(hand: Hand) -> None:
    """A refusal `visit.no_photo`, 请拍照以后再存."""
    hand.data("refusals.toml", "[words]", '[words]\n"visit.no_photo" = "请拍照以后再存。"')


@never(FORCED, f"{RECEIVE}test_a_letter_without_photo_and_place_is_stored")
def a_server_that_insists(hand: Hand) -> None:
    """The server takes a report from a phone only with a photo."""

    def report(*args: Any) -> str:
        if not args[4]:
            raise Refusal("letter.bad_body", field="media")
        return str(right(*args))

    right = receiving.HANDLERS["matter.report/1"]
    hand.patch.setitem(receiving.HANDLERS, "matter.report/1", report)


@never(TRAIL, FOLLOWS)
def the_phone_is_watched(hand: Hand) -> None:
    """The phone reports where it is as it moves (`watchPosition`)."""
    hand.file("web/phone/src/ways.ts", "navigator.geolocation.watchPosition(send);")


@never(TRAIL, f"{DECIDED}test_the_phone_asks_where_it_is_by_one_button_only")
def where_every_letter_was_written(hand: Hand) -> None:
    """The sending loop adds to each letter where the phone is."""
    hand.edit("web/phone/src/sync/loop.ts", "import", "navigator.geolocation;\nimport")


@never(TRAIL, f"{DECIDED}test_no_table_says_where_somebody_was")
def where_a_visitor_stood(hand: Hand) -> None:
    """Columns `lon` and `lat` on a visit, optional."""
    hand.column("visits.Visit", "lon", models.FloatField(null=True))
    hand.column("visits.Visit", "lat", models.FloatField(null=True))


@never(TRAIL, WAYS)
def visits_of_one_visitor(hand: Hand) -> None:
    """The list of visits can be asked for one visitor (`?who=`)."""

    def wanted(request: Any, actor: Any) -> Any:
        rows, under, asked = right(request, actor)
        return rows.filter(visitor_name__startswith=request.GET.get("who", "")), under, asked

    right = visits_made.wanted_visits
    hand.instead(right, wanted)


@never(TRAIL, "tests/desk/test_ledger.py::test_the_ledger_follows_nobodys_visits")
def visits_in_the_ledger(hand: Hand) -> None:
    """The ledger's list and file hold visits, each with the minute, the person and the grid."""
    hand.code(list_entries, '.exclude(verb__startswith="visit.")', "")


@never(TRAIL, HEADINGS)
def who_went_in_a_file(hand: Hand) -> None:
    """A column 谁去的 in the file of visits."""
    hand.edit("src/lianhu/desk/export.py", '(("哪天", 12)', '(("哪天", 12), ("谁去的", 9)')


@never(
    LOGIN, "tests/board/test_places.py::test_nothing_on_the_board_asks_for_a_login_or_an_app"
)
def a_board_behind_a_login(hand: Hand) -> None:
    """The form for a report sends whoever is not signed in to the sign-in."""

    def villages(request: Any, *args: Any) -> Any:
        if not request.user.is_authenticated:
            return redirect("/desk/sign-in/")
        return right(request, *args)

    right = reporting.render
    hand.value(reporting, "render", villages)


@never(
    LOGIN, "tests/board/test_places.py::test_nothing_on_the_board_asks_for_a_login_or_an_app"
)
def a_board_that_wants_the_app(hand: Hand) -> None:
    """The board's pages tell residents to install the app first."""

    def rendered(request: Any, *args: Any) -> Any:
        answer = right(request, *args)
        answer.content += "请先安装联户".encode()
        return answer

    right = reporting.render
    hand.value(reporting, "render", rendered)


@never(
    LOGIN,
    "tests/board/test_reporting.py::test_a_report_leads_to_its_code",
    "tests/matters/test_report.py::test_a_resident_without_login_reports_and_follows_by_code",
)
def a_report_by_users_only(hand: Hand) -> None:
    """A matter is taken from somebody with an account only."""
    hand.code(
        report_matter, "    kind = get_kind(report.category)\n",
        "    assert actor.id != NOBODY, 'an account first'\n"
        "    kind = get_kind(report.category)\n",
    )  # fmt: skip


@never(AGAIN, f"{NEVER}test_no_letter_asks_for_what_the_register_holds")
def a_visit_that_asks_the_number(hand: Hand) -> None:
    """The letter of a visit has a field for the household's phone."""
    hand.edit(VISIT, '"words": {', '"phone": {},\n    "words": {')


@never(
    LATE,
    f"{RECEIVE}test_a_devices_clock_is_evidence_and_never_a_reason_to_reject",
)
def a_clock_that_decides(hand: Hand) -> None:
    """A letter whose clock is a day off is held."""

    def check(content: dict[str, Any]) -> None:
        right(content)
        if not content["captured_at"].startswith("2026-11-23T"):
            raise Refusal("letter.bad_body", field="captured_at")

    right = receiving.check
    hand.instead(right, check)


@never(LATE, SAME)
def the_day_it_came(hand: Hand) -> None:
    """A visit counts from the day it was heard of."""
    hand.code(record_visit, "on=min(on, localdate(at))", "on=localdate(at)")


@never(LATE, SAME)
def nights_count_for_tomorrow(hand: Hand) -> None:
    """A visit heard of after ten in the evening counts for the next day."""
    hand.code(
        record_visit, "on=min(on, localdate(at))", "on=on + timedelta(days=at.hour >= 22)"
    )
    hand.patch.setattr(visiting, "timedelta", timedelta, raising=False)


@never(LATE, SAME)
def visits_of_the_past_are_refused(hand: Hand) -> None:
    """A visit of more than three days ago is refused."""

    def late(on: Any, heard: Any) -> Any:
        if heard - on > timedelta(days=3):
            raise AssertionError("too late")
        return on

    hand.patch.setattr(visiting, "min", late, raising=False)


@never(COMPARED, f"{DUE}test_those_owed_most_come_first_then_those_longest_due")
def a_figure_beside_a_name(hand: Hand) -> None:
    """The list of households that are due says how many each line person leaves waiting."""

    def posts(*args: Any, **more: Any) -> Any:
        found = list(queries_right(*args, **more))
        for post in found:
            post.user.name = f"{post.user.name}（{len(found)} 户）"
        return found

    queries_right = queries.list_postings
    hand.instead(queries_right, posts)


@never(COMPARED, f"{DUE}test_those_owed_most_come_first_then_those_longest_due")
def by_person_before_need(hand: Hand) -> None:
    """That list goes by line person, not by what the households are owed."""
    hand.code(
        list_overdue, "key=lambda o: (-ORDER[o.colour], o.due_on)",
        "key=lambda o: str(o.people[0].user_id if o.people else '') + o.household.head_name",
    )  # fmt: skip


@never(COMPARED, COUNTED)
def visits_of_each(hand: Hand) -> None:
    """Visits numbered for each visitor (`RowNumber` over `visitor_id`)."""
    hand.file(
        "src/lianhu/visits/each.py",
        'each = Window(RowNumber(), partition_by=F("visitor_id"))\n',
    )


@never(COMPARED, f"{DUE}test_what_is_due_has_no_file")
def a_file_of_what_is_due(hand: Hand) -> None:
    """An address that gives what is due, by whom, as a file."""
    hand.route("desk/visits/due/export/")


@never(COMPARED, HEADINGS)
def visits_counted_in_a_file(hand: Hand) -> None:
    """A column 走访次数 in the file of staff."""
    hand.edit(
        "src/lianhu/desk/staff_list.py",
        '("从何时起", 13))',
        '("从何时起", 13), ("走访次数", 9))',
    )


@never(COMPARED, SPOKEN)
def a_rate_of_completion(hand: Hand) -> None:
    """A column 走访完成率 in the list of villages."""
    hand.edit(
        "src/lianhu/desk/templates/desk/place.html", '<th scope="col">地方',
        '<th scope="col">走访完成率</th><th scope="col">地方',
    )  # fmt: skip
