"""Who may see the whole county without an actor's grants: a closed list, each where it is said."""

import re

from lianhu.kernel.scope import Whole
from tests.house.files import SRC

USED = re.compile(r"(?:whole_county|stand_on_whole)\(Whole\.(\w+)\)")
# Room by reason. A new room is a decision: does the database still repeat reach() there?
ROOMS = {
    "COMMAND": ["kernel/postgres/owner.py"],
    "SEALER": ["audit/sealing.py"],
    "BOARD": ["board/page.py"],
    "SAME_LETTER": ["letters/actions/receiving.py"],
    "ROW_CLASS": ["letters/queries/waiting.py"],
    "NUMBERS_CAME": ["letters/queries/unheard.py"],
    "RESCUE": ["letters/actions/rescue.py"],
    "COPIES": ["matters/actions/writing.py"],
    "REGISTERED": ["people/actions/members.py"],
    "DELETION": ["people/actions/erase.py"],
    "EMERGENCY": ["rights/actions/emergencies.py"],
}


def test_the_whole_county_is_seen_in_these_rooms_only():
    found: dict[str, set[str]] = {reason.name: set() for reason in Whole}
    for path in SRC.rglob("*.py"):
        for name in USED.findall(path.read_text()):
            found[name].add(path.relative_to(SRC).as_posix())
    assert {name: sorted(rooms) for name, rooms in found.items()} == ROOMS


def test_one_more_place_is_seen_by_an_emergency_only():
    rooms = [p for p in SRC.rglob("*.py") if "see_also(" in p.read_text()]
    found = sorted(path.relative_to(SRC).as_posix() for path in rooms)
    assert found == ["kernel/scope.py", "rights/queries/emergencies.py"]
