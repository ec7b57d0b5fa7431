"""People of the county's own code in a served database: `python -m tests.keeping.dumped`.

Prints what an attacker looks for: every ID number and every phone, in clear.
"""

import json
from datetime import date, timedelta

import django

DAY = date(1958, 3, 1)
PEOPLE = 40


def numbers(first: date, days: int, county: str = "610921") -> list[str]:
    """Every ID number of a county that was given to somebody born on one of some days."""
    from lianhu.people.rules import check_digit  # noqa: PLC0415 - Django comes first

    return [
        start + check_digit(start)
        for day in range(days)
        for start in (
            f"{county}{first + timedelta(day):%Y%m%d}{order:03d}" for order in range(1000)
        )
    ]


def main() -> None:
    """Register people whose birth is within a month, and print their numbers."""
    from tests import cast  # noqa: PLC0415
    from tests.keeping.filled import fill  # noqa: PLC0415

    chosen = numbers(DAY, 30)[7 :: 30_000 // PEOPLE][:PEOPLE]
    phones = [f"139{n:08d}" for n in range(51_234_567, 51_234_567 + PEOPLE)]
    for number, phone in zip(chosen, phones, strict=True):
        member = {"name": "刘小山", "relation": "20", "id_number": number, "phone": phone}
        cast.make_household(members=[member])
    fill(
        cast.make_posted("丁户长", "warden", cast.EAST_GRID),
        cast.make_actor("丁东", ("secretary", cast.EAST, cast.COMMITTEE)),
        cast.make_actor("丁数据", ("data", cast.COUNTY)),
    )
    said = ["13811112222", "13833334444", "13855556666", "13900000001", "想有人说说话"]
    print(json.dumps({"numbers": chosen, "words": phones + said}))  # noqa: T201


if __name__ == "__main__":
    django.setup()
    main()
