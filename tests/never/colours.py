"""Colours and care: what would turn help into a mark."""

from typing import Any

from django.db import models

from lianhu import daily
from lianhu.grading.actions import appeals, clocks, decide, facts, homes
from lianhu.grading.queries import colours as shown
from lianhu.grading.queries import evidence, suggest, waiting
from lianhu.grading.rules import colours, columns, table
from tests.never.hand import Hand, never

ABSENT = "tests/house/test_absent.py::"
DECIDED = "tests/house/test_decided.py::"
NAMED = f"{ABSENT}test_no_table_or_column_is_named_for_a_forbidden_thing"
WALLS = "tests/grading/test_walls.py::"
RULES = "tests/grading/test_rules.py::"
SUGGEST = "tests/grading/test_suggest.py::"
DECIDE = "tests/grading/test_decide.py::"
APPEALS = "tests/grading/test_appeals.py::"
READS = "tests/grading/test_reads.py::"
HOMES = "tests/grading/test_homes.py::"
READS_COLOUR = f"{WALLS}test_no_export_list_map_or_figure_reads_a_colour"
NO_ADDRESS = f"{WALLS}test_no_address_gives_a_list_map_plate_or_file_of_colours"

LESS = "less help suggested than there is"
MACHINE = "a colour decided by the machine, or red by one person"
ENDED = "help ended without a decision, a notice and a way to appeal"
JUDGE = "an appeal decided by who decided before"
EVER = "a colour for ever"
FIELDS = "religion, ethnicity, petitions, debts, opinions, chats or neighbours' votes"
READ = "a rule that reads any other field of a person, when it runs"
SAID = "a judgement from what somebody said, reported or asked for"
PLATE = "a door plate, public list, map or file of colours"
SEEN = "a colour seen by who does not care for the household"
WHY = "a colour without the criterion, its evidence and who decided, told to the household"


@never(
    LESS,
    f"{RULES}test_the_columns_say_what_the_plain_rules_say_and_never_less_help",
    f"{RULES}test_one_more_need_never_brings_less_help",
)
def rules_alone(hand: Hand) -> None:
    """A household is suggested what the rules owe it, whatever it has now."""
    hand.code(table.suggested, "max((present, *(", "max((Colour.GREEN, *(")


@never(LESS, f"{RULES}test_the_columns_say_what_the_plain_rules_say_and_never_less_help")
def the_last_rule_wins(hand: Hand) -> None:
    """Judging a county at once, the last rule that holds decides."""
    hand.code(
        columns.evaluate, "np.maximum(owed[hit], ORDER[rule.colour])", "ORDER[rule.colour]"
    )


@never(LESS, f"{SUGGEST}test_only_more_help_is_ever_suggested")
def any_change_is_suggested(hand: Hand) -> None:
    """The queue of suggestions takes every difference, less help too."""
    now = property(lambda row: row.present != colours.Colour.GREEN)
    hand.value(suggest.Suggestion, "more", now)


@never(LESS, f"{RULES}test_make_table_refuses")
def a_rule_for_less(hand: Hand) -> None:
    """A rule may owe green."""
    hand.code(table._rule, "{Colour.YELLOW, Colour.RED}", "set(Colour)")


@never(LESS, f"{DECIDE}test_less_help_is_never_a_proposal")
def less_by_a_proposal(hand: Hand) -> None:
    """A proposal may owe less than there is."""
    hand.code(decide.propose_grade, "ORDER[Colour(now.colour)] > ORDER[wish]", "False")


@never(MACHINE, f"{SUGGEST}test_the_daily_run_decides_nothing")
def decided_overnight(hand: Hand) -> None:
    """The daily run takes up what the rules suggest."""

    def run(actor: Any, *, at: Any) -> dict[str, int]:
        from lianhu.kernel.actor import Actor  # noqa: PLC0415

        may = Actor(
            actor.id, "系统", dict.fromkeys(("grade.propose", "grade.read"), ("610921",))
        )
        for row in waiting.open_suggestions(may, under="610921", on=at.date())[1]:
            decide.propose_grade(may, row.household_id, row.colour, row.reason, at=at)
        return right(actor, at=at)

    right = daily.run_clocks
    hand.value(daily, "run_clocks", run)


@never(MACHINE, f"{DECIDED}test_a_colour_is_decided_where_a_person_does_it_only")
def decided_at_import(hand: Hand) -> None:
    """An import proposes colours for the households it brings."""
    hand.edit(
        "src/lianhu/desk/imports.py", "\nfrom lianhu.kernel.actor",
        "\nfrom lianhu.grading.actions.decide import propose_grade\nfrom lianhu.kernel.actor",
    )  # fmt: skip


@never(MACHINE, f"{SUGGEST}test_the_queue_leaves_out_what_a_person_decided")
def asked_again_and_again(hand: Hand) -> None:
    """What a person decided against is suggested again at once, until they give in."""
    hand.code(waiting.open_suggestions, "settled.get(r.household_id, 0)", "0")


@never(MACHINE, f"{DECIDE}test_red_waits_for_another_person")
def red_by_one(hand: Hand) -> None:
    """Red holds as soon as one person proposes it, and the table takes it."""
    hand.no_checks()
    hand.instead(colours.needs_two, lambda colour: False)


@never(MACHINE, f"{DECIDE}test_red_waits_for_another_person")
def twice_the_same(hand: Hand) -> None:
    """Who proposed red may confirm it, and the table takes it."""
    hand.no_checks()
    hand.code(decide.confirm_grade, "grade.proposed_by in accounts_of(actor.id)", "False")


@never(MACHINE, f"{DECIDE}test_two_accounts_of_one_person_are_one_person")
def twice_by_two_accounts(hand: Hand) -> None:
    """Who proposed red may confirm it from a second account."""
    hand.code(decide.confirm_grade, "in accounts_of(actor.id)", "in {actor.id}")


@never(MACHINE, f"{DECIDE}test_not_even_the_table_takes_a_red_by_one")
def a_table_without_its_check(hand: Hand) -> None:
    """The table of decisions loses its check for two."""
    hand.no_checks()


@never(ENDED, f"{APPEALS}test_an_ended_fact_ends_no_help")
def facts_end_help(hand: Hand) -> None:
    """Help ends by itself when the last fact for it ends."""

    def run(actor: Any, *, at: Any) -> dict[str, int]:
        gone = shown.Grade.objects.exclude(household__facts__until=None)
        gone.update(state="ended")
        return right(actor, at=at)

    right = daily.run_clocks
    hand.value(daily, "run_clocks", run)


@never(ENDED, f"{WALLS}test_only_an_end_that_was_decided_and_told_lowers_a_colour")
def the_clock_lowers(hand: Hand) -> None:
    """The daily clocks put a colour down a step instead of asking for renewal."""
    hand.edit(
        "src/lianhu/grading/actions/clocks.py", "grade.state = State.LAPSED",
        'grade.colour = "green"\n        grade.state = State.REPLACED',
    )  # fmt: skip


@never(ENDED, f"{DECIDE}test_help_goes_on_until_the_notice_is_over")
def ended_at_once(hand: Hand) -> None:
    """Help ends on the day it is decided."""
    hand.code(decide.end_grade, "State.NOTICE", "State.ENDED")


@never(ENDED, f"{DECIDE}test_help_goes_on_until_the_notice_is_over")
def ended_without_a_reason(hand: Hand) -> None:
    """Nobody says why help ends."""
    hand.code(decide.end_grade, "words_wanted(reason)", "reason")


@never(ENDED, f"{APPEALS}test_help_goes_on_while_an_appeal_is_open")
def ended_in_spite_of_an_appeal(hand: Hand) -> None:
    """An appeal stops no notice."""
    hand.code(
        appeals.appeal_grade, "grade.state = State.APPEALED", "grade.state = State.NOTICE"
    )


@never(ENDED, f"{HOMES}test_the_higher_colour_holds_when_households_merge")
def ended_by_merging(hand: Hand) -> None:
    """Help ends when a household joins another one."""
    hand.code(homes.merge_households, "_join(actor, home, other, at)", "pass")


@never(ENDED, f"{HOMES}test_both_keep_the_colour_when_a_household_splits")
def ended_by_splitting(hand: Hand) -> None:
    """Who makes a household of their own is helped no more."""
    hand.code(homes.split_household, "share(home, new, person_ids, localdate(at))", "False")


@never(ENDED, f"{HOMES}test_a_household_that_is_helped_is_not_ended")
def ended_by_striking_off(hand: Hand) -> None:
    """A household that is helped is struck off the register."""
    hand.code(homes.end_household, "_check_no_help(home, at)", "pass")


@never(ENDED, f"{WALLS}test_no_door_changes_households_without_letting_help_go_along")
def merged_by_the_register_alone(hand: Hand) -> None:
    """The desk merges households by the register's own action, which knows nothing of help."""
    hand.edit(
        "src/lianhu/desk/changes.py", "carrying.merge_households", "homes.merge_households"
    )


@never(JUDGE, f"{APPEALS}test_another_person_decides")
def judge_in_their_own_case(hand: Hand) -> None:
    """Who decided about the household decides its appeal."""
    hand.code(
        appeals.decide_appeal,
        "not appeals_to_decide(actor).filter(id=appeal.id).exists()",
        "False",
    )


@never(JUDGE, f"{APPEALS}test_who_took_part_decides_from_no_other_account")
def judge_from_another_account(hand: Hand) -> None:
    """Who decided about the household decides its appeal from a second account."""
    hand.code(waiting._took_part, "accounts_of(actor.id)", "{actor.id}")


@never(EVER, f"{APPEALS}test_a_colour_nobody_renews_lapses_after_a_reminder")
def never_lapses(hand: Hand) -> None:
    """The daily run lets no decision lapse."""
    hand.code(clocks.run_clocks, "lapses_on__lte=today)", "lapses_on=None)")


@never(EVER, f"{DECIDE}test_yellow_takes_one_person_and_lasts_twelve_months")
def twenty_years(hand: Hand) -> None:
    """A decision holds for twenty years."""
    hand.data("grading/clocks.toml", "lapse_months = 12", "lapse_months = 240")


@never(FIELDS, NAMED)
def ethnicity_in_the_register(hand: Hand) -> None:
    """A column `ethnicity` on a person."""
    hand.column("people.Person", "ethnicity", models.CharField(max_length=9, default=""))


@never(FIELDS, NAMED)
def petitions_of_a_household(hand: Hand) -> None:
    """A column `petition_count` on a household."""
    hand.column("people.Household", "petition_count", models.IntegerField(default=0))


@never(FIELDS, "tests/house/test_fields.py::test_every_column_is_registered_once")
def a_field_by_another_name(hand: Hand) -> None:
    """A column `group_code` on a person, for an ethnic group."""
    hand.column("people.Person", "group_code", models.CharField(max_length=2, default=""))


@never(FIELDS, f"{DECIDED}test_no_file_has_a_column_of_colours_or_of_who_went")
def religion_read_from_workbooks(hand: Hand) -> None:
    """The import reads the column 宗教信仰 into a field `religion`."""
    hand.data("register/headings.toml", "\n[person]\n", '\n[person]\nreligion = ["宗教信仰"]\n')


@never(
    FIELDS, f"{WALLS}test_every_column_and_fact_is_free_of_forbidden_names",
    f"{RULES}test_no_fact_that_exists_is_forbidden",
)  # fmt: skip
def petitions_as_a_fact(hand: Hand) -> None:
    """A fact `petitioner` that rules may read."""
    hand.data(
        "grading/facts.toml", "[facts]",
        '[facts]\npetitioner = { name = "上访人员", kind = "yes", from = "record", of = "person" }',
    )  # fmt: skip


@never(FIELDS, f"{RULES}test_make_table_refuses")
def any_reason_will_do(hand: Hand) -> None:
    """A rule may be called 经常上访."""
    hand.data("grading/forbidden.toml", '"上访", ', "")


@never(FIELDS, f"{SUGGEST}test_record_fact_refuses")
def any_source_will_do(hand: Hand) -> None:
    """A fact may rest on 经常上访."""
    hand.code(facts.record_fact, "or is_forbidden(source)", "")


@never(READ, f"{READS}test_judging_a_village_reads_no_other_column")
def judged_by_sex(hand: Hand) -> None:
    """Judging a village reads whether people are men or women."""
    hand.code(evidence._counts, "ended_on=None)", 'ended_on=None, sex="2")')


@never(READ, f"{READS}test_judging_a_village_reads_no_other_column")
def judged_by_name(hand: Hand) -> None:
    """Judging a village reads the heads' names."""
    hand.code(evidence.read_homes, '"place_id", "code"))', '"place_id", "head_name"))')


@never(READ, f"{READS}test_rules_read_only_facts_that_are_allowed")
def judged_by_what_else_is_there(hand: Hand) -> None:
    """A rule looks at all that is known of a household."""
    hand.code(table.matching, "name in facts and", "name in facts and list(facts) and")


@never(READ, f"{READS}test_the_columns_are_asked_for_allowed_facts_alone")
def columns_of_petitions(hand: Hand) -> None:
    """Judging a county asks for the petitions of each household."""
    hand.code(columns.match, "found &= ", 'columns.get("petitions")\n        found &= ')


@never(
    SAID, f"{WALLS}test_grading_never_imports_what_people_said_or_asked",
)  # fmt: skip
def judged_by_matters(hand: Hand) -> None:
    """The rules count what a household reported."""
    hand.edit(
        "src/lianhu/grading/queries/evidence.py", "\nfrom lianhu.people.models",
        "\nfrom lianhu.matters.models import Matter\nfrom lianhu.people.models",
    )  # fmt: skip


@never(SAID, f"{RULES}test_make_table_refuses")
def matters_as_a_fact(hand: Hand) -> None:
    """A fact `open_matters` that rules may read."""
    hand.data(
        "grading/facts.toml", "[facts]",
        '[facts]\nopen_matters = { name = "没办完的事", kind = "number", from = "register" }',
    )  # fmt: skip
    hand.data("grading/forbidden.toml", '"matter", "matters",', "")


@never(PLATE, NO_ADDRESS)
def a_map_of_colours(hand: Hand) -> None:
    """An address `desk/grades/map/`."""
    hand.route("desk/grades/map/")


@never(PLATE, READS_COLOUR)
def a_file_of_colours(hand: Hand) -> None:
    """The file of households reads colours."""
    hand.edit(
        "src/lianhu/desk/export.py", "\nfrom lianhu.kernel.actor",
        "\nfrom lianhu.grading.queries import grades_of_grids\nfrom lianhu.kernel.actor",
    )  # fmt: skip


@never(PLATE, f"{DECIDED}test_who_is_due_a_visit_is_asked_by_these_only")
def colours_by_a_detour(hand: Hand) -> None:
    """The file of households reads colours through the plan of visits."""
    hand.edit(
        "src/lianhu/desk/export.py", "\nfrom lianhu.kernel.actor",
        "\nfrom lianhu.visits.queries import list_overdue\nfrom lianhu.kernel.actor",
    )  # fmt: skip


@never(PLATE, f"{DECIDED}test_no_file_has_a_column_of_colours_or_of_who_went")
def a_column_of_colours(hand: Hand) -> None:
    """A column 怎样帮 in the file of households."""
    hand.edit("src/lianhu/desk/export.py", '(("户号", 12)', '(("怎样帮", 9), ("户号", 12)')


@never(PLATE, f"{DECIDED}test_a_colour_stands_on_these_pages_only")
def a_plate_for_the_door(hand: Hand) -> None:
    """The board's poster of a village shows a colour."""
    hand.edit("src/lianhu/board/templates/board/poster.html", "<h1", "<b>连心户</b><h1")


@never(PLATE, "tests/desk/test_grades.py::test_no_list_of_the_desk_tells_a_colour_or_care")
def colours_in_a_list(hand: Hand) -> None:
    """Lists of the desk put the colour behind the name of a household."""
    from lianhu.web import middleware  # noqa: PLC0415

    del middleware
    from django.http import HttpResponse  # noqa: PLC0415

    right = HttpResponse.make_bytes

    def written(self: Any, value: Any) -> bytes:
        return right(self, value).replace(b"</main>", "▲ 关心户</main>".encode())

    hand.value(HttpResponse, "make_bytes", written)


@never(SEEN, f"{DECIDE}test_a_colour_is_seen_only_by_who_cares_for_the_household")
def seen_by_whoever_sees_the_household(hand: Hand) -> None:
    """Who may see a household sees its colour."""
    hand.code(shown.grade_of, '"grade.read"', '"household.read"')


@never(SEEN, f"{DECIDE}test_a_colour_is_seen_only_by_who_cares_for_the_household")
def lists_for_whoever_sees_households(hand: Hand) -> None:
    """Colours of whole grids for who may see their households."""
    hand.code(shown._of_grids, '"grade.read"', '"household.read"')


@never(SEEN, f"{DECIDE}test_the_ledger_shows_nobody_that_a_household_has_a_colour")
def colours_in_the_ledger(hand: Hand) -> None:
    """Decisions stand in the ledger as ordinary entries."""
    hand.value(decide, "ROW_CLASS", "ordinary")


@never(WHY, "tests/board/test_household.py::test_the_household_reads_why_it_has_its_colour")
def no_reason_for_the_household(hand: Hand) -> None:
    """The household's own page leaves out which criterion applied."""
    hand.code(shown.own_grade, "now=shown(now) if now else GREEN", "now=GREEN")
