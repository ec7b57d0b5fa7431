"""Reports and figures: what would tell on people."""

from django.db import models

from lianhu.desk import proposals
from lianhu.grading.queries import whatif
from lianhu.kernel import masking, suppression
from lianhu.matters.actions import accused, report, steps
from lianhu.matters.queries import public
from lianhu.people.actions import exports, register
from lianhu.people.queries import exports as taking
from lianhu.territory import actions as territory
from lianhu.territory import queries as gate
from tests.never.hand import Hand, never

NAMED = "tests/house/test_absent.py::test_no_table_or_column_is_named_for_a_forbidden_thing"
KEYS = (
    "tests/house/test_decided.py::test_no_key_of_the_catalogue_is_named_for_a_forbidden_thing"
)
SPOKEN = "tests/house/test_never.py::test_no_screen_speaks_of_checking_in_points_or_ranks"
BLIND = "tests/matters/test_confidential.py::test_no_query_shows_it_to"
STEPS = "tests/matters/test_steps.py::"
NEXT = "tests/matters/test_accused.py::test_name_accused_refuses_his_village_and_every_other"
TIERS = "tests/people/test_export_tiers.py::"
RESOURCES = "tests/territory/test_resources.py::"
HIDDEN = "tests/kernel/test_suppression.py::test_no_hidden_figure_is_known_closely"
SMALL = "tests/kernel/test_suppression.py::test_small_figures_take_others_with_them"
WHATIF = "tests/grading/test_whatif.py::"
SEEN = "tests/board/test_following.py::test_follow_names_nobody_and_repeats_no_words"
LOG = "tests/web/test_attack.py::test_no_log_line_of_a_journey_holds_anything_personal"

OFFICIAL = "a report against an official shown to him, or routed through his village"
TAKEN = "points taken for petitions, speech or for not taking part"
NUMBER = "a private person's number among the contacts without consent, or kept after it ended"
PUBLIC = "a name, number or small figure in public"
LIST = "a list of 25 residents or more as a file by one person alone, at once or in slices"
CLEAR = "an ID number or phone in clear without a purpose, or in a log"


@never(OFFICIAL, BLIND)
def shown_to_the_accused(hand: Hand) -> None:
    """The gate forgets whom a report is about."""
    hand.code(gate.reach, ".exclude(accused_id=actor.id)", "")


@never(OFFICIAL, BLIND)
def an_ordinary_row(hand: Hand) -> None:
    """The gate opens reports about officials like ordinary ones."""
    hand.code(
        gate._narrow, "Q(row_class=RowClass.ORDINARY) |",
        "Q(row_class__in=[RowClass.ORDINARY, RowClass.ABOUT_OFFICIAL]) |",
    )  # fmt: skip


@never(
    OFFICIAL,
    "tests/board/test_reporting.py::test_a_report_about_an_official_passes_by_village_and_town",
)
def through_the_village(hand: Hand) -> None:
    """A report about an official lies in the village that it is about."""
    hand.code(
        report.report_matter,
        "place[:COUNTY_LENGTH] if row_class == RowClass.ABOUT_OFFICIAL else place", "place",
    )  # fmt: skip


@never(OFFICIAL, f"{STEPS}test_a_report_about_an_official_never_leaves_the_county")
def dispatched_anywhere(hand: Hand) -> None:
    """A report about an official may be given to any office."""
    hand.code(steps.dispatch_matter, "office not in offices_for(matter.place_id)", "False")


@never(OFFICIAL, f"{STEPS}test_the_accused_is_never_made_the_handler")
def handled_by_the_accused(hand: Hand) -> None:
    """The person accused may be made the handler."""
    hand.code(steps._handler, "holder.id == matter.accused_id", "False")


@never(OFFICIAL, NEXT)
def named_by_his_village(hand: Hand) -> None:
    """Whoever reads the village's matters says whom a report is about, and so reads it."""
    hand.code(accused.name_accused, 'verb="matter.dispatch", lock=True', 'verb="matter.report"')
    hand.code(
        gate._narrow, "Q(row_class=RowClass.ORDINARY) |",
        "Q(row_class__in=[RowClass.ORDINARY, RowClass.ABOUT_OFFICIAL]) |",
    )  # fmt: skip


@never(TAKEN, NAMED)
def points_off_for_petitions(hand: Hand) -> None:
    """A table of deductions with a column `petition`."""
    hand.table("people", "Deduction", petition=models.IntegerField())


@never(TAKEN, KEYS)
def points_off_by_rule(hand: Hand) -> None:
    """A key `petition` in the catalogue, with what it costs."""
    hand.file("catalogue/points.toml", "[minus]\npetition = 5\n")


@never(TAKEN, SPOKEN)
def points_off_in_words(hand: Hand) -> None:
    """The household's own page says 本年积分 95（上访扣 5 分）."""
    hand.edit(
        "src/lianhu/board/templates/board/mine/home.html",
        "<h1",
        "<p>本年积分 95（上访扣 5 分）</p><h1",
    )


@never(NUMBER, f"{RESOURCES}test_the_database_too_wants_consent")
def a_table_of_numbers(hand: Hand) -> None:
    """The table takes a private number without consent."""
    hand.no_checks()


@never(NUMBER, f"{RESOURCES}test_add_resource_refuses_what_cannot_stand")
def a_number_without_consent(hand: Hand) -> None:
    """Nobody asks whether the person agreed."""
    hand.code(
        territory._judged,
        "wished.is_private and not (said and on and on <= today)",
        "False",
    )


@never(NUMBER, f"{RESOURCES}test_a_private_number_goes_when_it_ends")
def a_number_kept(hand: Hand) -> None:
    """The number stays when the entry ends."""
    hand.code(territory._end, "if row.is_private:", "if False:")


@never(PUBLIC, SEEN)
def the_reporter_in_public(hand: Hand) -> None:
    """The answer that a code's holder reads begins with the name of who reported."""
    named = 'answer=f"{matter.reporter_name}：{matter.answer}"'
    hand.code(public.read_public, "answer=matter.answer", named)


@never(PUBLIC, HIDDEN, f"{WHATIF}test_no_few_households_are_known_closely")
def small_figures_alone(hand: Hand) -> None:
    """Only small figures are hidden, and not what gives them away."""
    hand.code(suppression.hidden_places, "if below.get(place)]", "if False]")


@never(PUBLIC, HIDDEN)
def one_level_only(hand: Hand) -> None:
    """What is hidden in a village and in another town is not added up."""
    hand.code(suppression._beneath, "if part in hidden:", "if False:")


@never(PUBLIC, SMALL)
def one_more_is_enough(hand: Hand) -> None:
    """A second figure is hidden, though both together are small."""
    hand.code(suppression._tells, "min(left) < least", "len(last) < 2")


@never(PUBLIC, f"{WHATIF}test_no_rules_share_is_known_by_the_others")
def the_one_rule_left(hand: Hand) -> None:
    """What a draft changes by one rule is hidden, and the figures of all others shown."""
    hand.code(whatif._told, "told.count(False) == 1", "False")


@never(PUBLIC, f"{WHATIF}test_a_figure_that_no_rule_reaches_is_hidden")
def rules_of_a_few(hand: Hand) -> None:
    """A village's figure is shown although each rule made it for a few only."""
    hand.code(whatif._shown, "also=mixed", "also=()")


@never(LIST, f"{TIERS}test_nobody_takes_what_waits")
def taken_while_it_waits(hand: Hand) -> None:
    """A list may be taken before the second person agreed."""
    hand.code(
        exports.take_export, 'raise Refusal("export.waiting")', "row.state = State.AGREED"
    )


@never(LIST, f"{TIERS}test_slices_within_a_day_are_one_list")
def slices_apart(hand: Hand) -> None:
    """Each slice of a list is judged for itself."""
    hand.code(taking.taking_of, "tier_of(before + persons,", "tier_of(persons,")


@never(LIST, f"{TIERS}test_the_table_too_wants_two_people")
def a_table_for_one(hand: Hand) -> None:
    """The table of exports loses its checks."""
    hand.no_checks()


@never(CLEAR, "tests/kernel/test_masking.py::test_mask_phone_never_shows_the_middle")
def one_digit_more(hand: Hand) -> None:
    """The mask of a phone leaves one digit more."""
    hand.code(masking.mask_phone, "number[:3]}****{number[-4:]", "number[:4]}***{number[-4:]")


@never(
    CLEAR,
    "tests/people/test_register.py::test_reveal_field_refuses_without_purpose_or_for_another_field",
)
def shown_without_a_purpose(hand: Hand) -> None:
    """A number is revealed for no purpose."""
    hand.code(register.reveal_field, 'raise Refusal("reveal.no_purpose")', "pass")


@never(
    CLEAR, "tests/people/test_register.py::test_reveal_field_gives_one_and_writes_who_asked_why"
)
def shown_without_a_trace(hand: Hand) -> None:
    """A reveal leaves no entry in the ledger."""
    hand.value(register, "record", lambda *args, **more: None)


@never(
    CLEAR,
    "tests/desk/test_proposals.py::test_a_new_phone_number_is_masked_and_shown_for_a_purpose",
)
def a_number_that_a_phone_says(hand: Hand) -> None:
    """The new number that a phone reports stands in clear in the queue."""
    hand.value(proposals, "mask_phone", lambda number: number)


@never(CLEAR, LOG)
def numbers_in_the_log(hand: Hand) -> None:
    """A line about a mistake in our code quotes what it stumbled over."""
    from lianhu.web import logs  # noqa: PLC0415

    hand.code(
        logs.JsonFormatter.format, "record.exc_info[0].__name__", "repr(record.exc_info[1])"
    )
