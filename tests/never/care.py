"""Colours and care: what would turn help into a mark."""

from django.db import models

from lianhu.grading.actions import care, clocks
from lianhu.grading.queries import care as reading
from tests.never.hand import Hand, never

ABSENT = "tests/house/test_absent.py::"
NEVER = "tests/house/test_never.py::"
DECIDED = "tests/house/test_decided.py::"
NAMED = f"{ABSENT}test_no_table_or_column_is_named_for_a_forbidden_thing"
WALLS = "tests/grading/test_walls.py::"
CARE = "tests/grading/test_care.py::"
CALLS = f"{NEVER}test_the_server_calls_no_other_system"

POINTS = "a colour that reaches points, work or credit"
LABEL = "a label, list, score or count of people in distress"
TWO = "care read by others than its worker and one supervisor, or kept open without end"
POLICE = "a line to the police, a petition office or any other system"
CONSENT = "care opened without consent or a written reason of safety"


@never(POINTS, f"{WALLS}test_points_and_reports_of_persons_may_never_import_grading")
def points_for_colours(hand: Hand) -> None:
    """The year's points of a line person (`lines`) read colours."""
    hand.file(
        "src/lianhu/lines/points.py", "from lianhu.grading.queries import grades_of_grids\n"
    )


@never(POINTS, f"{DECIDED}test_no_lower_wing_knows_colours")
def accounts_that_know_colours(hand: Hand) -> None:
    """Accounts read colours."""
    hand.file("src/lianhu/accounts/merit.py", "from lianhu.grading.models import Grade\n")


@never(LABEL, NAMED)
def a_label_of_distress(hand: Hand) -> None:
    """A column `distress` on a person."""
    hand.column("people.Person", "distress", models.BooleanField(default=False))


@never(LABEL, f"{CARE}test_there_is_no_label_score_or_count_of_care")
def a_score_of_care(hand: Hand) -> None:
    """A column `level` on a care episode."""
    hand.column("grading.CareEpisode", "level", models.IntegerField(default=0))


@never(LABEL, f"{CARE}test_there_is_no_label_score_or_count_of_care")
def a_count_of_care(hand: Hand) -> None:
    """A query `count_care`."""
    hand.patch.setattr(reading, "count_care", len, raising=False)


@never(LABEL, f"{DECIDED}test_care_is_touched_by_these_only")
def care_on_the_first_page(hand: Hand) -> None:
    """The desk's first page counts care episodes."""
    hand.edit(
        "src/lianhu/desk/home.py", "\nfrom lianhu.kernel.actor",
        "\nfrom lianhu.grading.queries.care import own_care\nfrom lianhu.kernel.actor",
    )  # fmt: skip


@never(LABEL, f"{DECIDED}test_the_overview_counts_these_things_and_no_other")
def distress_by_village(hand: Hand) -> None:
    """A figure of the overview: people in distress."""
    from lianhu.desk.drill import FIGURES, Figure  # noqa: PLC0415

    hand.patch.setitem(FIGURES, "lost", Figure("lost", "五失", "人", "matter.read", ""))


@never(TWO, f"{CARE}test_only_the_worker_and_the_supervisor_read_it")
def care_of_the_village(hand: Hand) -> None:
    """Who may open care in a village reads all of it there."""
    hand.code(
        reading.own_care, "worker_id=actor.id, household__in=working", "household__in=working"
    )


@never(TWO, f"{CARE}test_only_the_worker_and_the_supervisor_read_it")
def words_for_anybody(hand: Hand) -> None:
    """The words of an episode are given to whoever holds it in hand."""
    hand.code(
        reading.care_words,
        "actor.id not in {episode.worker_id, episode.supervisor_id}",
        "False",
    )


@never(TWO, f"{CARE}test_the_general_gate_opens_it_to_nobody")
def care_as_ordinary_rows(hand: Hand) -> None:
    """The table takes other row classes for care."""
    hand.no_checks()


@never(TWO, f"{CARE}test_it_ends_after_ninety_days_unless_renewed")
def care_without_end(hand: Hand) -> None:
    """The daily run closes no episode."""
    hand.code(clocks.run_clocks, "closed_on=None, ends_on__lte=today", "closed_on=today")


@never(POLICE, CALLS)
def a_line_to_another_system(hand: Hand) -> None:
    """A module that sends what is reported to another system (`requests`)."""
    hand.file("src/lianhu/matters/forward.py", "import requests\n")


@never(POLICE, CALLS)
def a_bare_socket(hand: Hand) -> None:
    """The same by a bare socket."""
    hand.file("src/lianhu/matters/forward.py", "from socket import create_connection\n")


@never(POLICE, f"{DECIDED}test_the_phone_and_the_pages_ask_no_other_machine")
def the_phone_tells_another(hand: Hand) -> None:
    """The phone sends a copy of each letter elsewhere."""
    hand.file("web/phone/src/sync/copy.ts", 'void fetch("https://petition.example.cn/in", {});')


@never(CONSENT, f"{CARE}test_it_takes_consent_or_a_written_safety_reason")
def care_without_a_basis(hand: Hand) -> None:
    """Care is opened with nothing written."""
    hand.code(care.open_care, "or not basis_words.strip()", "")
