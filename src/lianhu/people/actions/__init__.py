"""Change the register: single changes, a whole register at once, imports of workbooks."""

from lianhu.people.actions.homes import move_household
from lianhu.people.actions.load import HouseholdRow, PersonRow, load_households
from lianhu.people.actions.register import (
    change_residence,
    look_up_id_number,
    reveal_field,
)

__all__ = [
    "HouseholdRow",
    "PersonRow",
    "change_residence",
    "load_households",
    "look_up_id_number",
    "move_household",
    "reveal_field",
]
